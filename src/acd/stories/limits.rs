//! Stories of limits: full lines, long waits, and where a call goes then.

use super::*;

/// Two queues; the second as the first, but for what `change` makes of them.
fn two(change: impl FnOnce(&mut Queue, &mut Queue)) -> Plan {
    let mut plan = plan(1);
    plan.queues.push(queue());
    if let [one, other] = plan.queues.as_mut_slice() {
        change(one, other);
    }
    plan
}

fn to(queue: u32) -> Overflow {
    Overflow::Queue(QueueNo::first(queue))
}

#[test]
fn a_full_exchange_is_busy() {
    let mut plan = plan(1);
    plan.calls_max = 1;
    story(
        &plan,
        &[(1, arrives(1)), (2, arrives(2)), (3, gone(1)), (4, arrives(3))],
        "
        00:00:01.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-2 ends turned away, Busy: Capacity, waited 0s, spoke 0s
        00:00:03.000 call-1 ends abandoned soon, waited 2s, spoke 0s
        00:00:04.000 call-3 waits in queue-0, needs skill-0:1
        ",
    );
}

#[test]
fn a_full_line_does_what_it_was_told() {
    for (rule, told) in [
        (Overflow::Busy, "ends turned away, Busy: Full, waited 0s, spoke 0s"),
        (Overflow::Announce, "ends turned away, Announce: Full, waited 0s, spoke 0s"),
        (Overflow::Outside(3), "ends sent to outside-3: Full, waited 0s, spoke 0s"),
        (Overflow::Stay, "waits in queue-0, needs skill-0:1"),
        (to(0), "ends turned away, Busy: Full, waited 0s, spoke 0s"),
    ] {
        let plan = two(|one, _| (one.waiting_max, one.when_full) = (1, rule));
        story(
            &plan,
            &[(1, arrives(1)), (2, arrives(2))],
            &format!(
                "00:00:01.000 call-1 waits in queue-0, needs skill-0:1\n00:00:02.000 call-2 {told}"
            ),
        );
    }
}

#[test]
fn a_full_line_leads_to_another_and_that_one_out() {
    let plan = two(|one, other| {
        (one.waiting_max, one.when_full) = (0, to(1));
        (other.waiting_max, other.when_full) = (1, Overflow::Announce);
    });
    story(
        &plan,
        &[(1, arrives(1)), (2, arrives(2))],
        "
        00:00:01.000 call-1 waits in queue-0, needs skill-0:1
        00:00:01.000 call-1 moves from queue-0 to queue-1: Full; needs skill-0:1
        00:00:02.000 call-2 ends turned away, Announce: Full, waited 0s, spoke 0s
        ",
    );
}

#[test]
fn full_lines_that_lead_to_one_another_end_busy() {
    let plan = two(|one, other| {
        (one.waiting_max, one.when_full) = (0, to(1));
        (other.waiting_max, other.when_full) = (0, to(0));
    });
    story(
        &plan,
        &[(1, arrives(1))],
        "
        00:00:01.000 call-1 ends turned away, Busy: Full, waited 0s, spoke 0s
        ",
    );
}

#[test]
fn a_full_line_lets_in_whoever_finds_an_agent_at_once() {
    let plan = two(|one, _| one.waiting_max = 0);
    story(
        &plan,
        &[(1, signs_in(0)), (2, arrives(1)), (3, arrives(2)), (4, lost(1, 0, OfferLost::Refused))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-2 ends turned away, Busy: Full, waited 0s, spoke 0s
        00:00:04.000 call-1 is not taken by agent-0: Refused
        00:00:04.000 agent-0 is away: did not take a call, Refused
        ",
    );
}

#[test]
fn too_long_a_wait_does_what_it_was_told() {
    for (rule, told) in [
        (Overflow::Busy, "ends turned away, Busy: Late, waited 60s, spoke 0s"),
        (Overflow::Announce, "ends turned away, Announce: Late, waited 60s, spoke 0s"),
        (Overflow::Outside(3), "ends sent to outside-3: Late, waited 60s, spoke 0s"),
        (to(1), "moves from queue-0 to queue-1: Late; needs skill-0:1"),
        (to(0), "stays in queue-0: Late, and nowhere to go"),
    ] {
        let plan = two(|one, _| (one.wait_max, one.when_late) = (Some(span(60)), rule));
        story(
            &plan,
            &[(1, arrives(1)), until(600)],
            &format!(
                "00:00:01.000 call-1 waits in queue-0, needs skill-0:1\n00:01:01.000 call-1 {told}"
            ),
        );
    }
}

#[test]
fn a_late_call_may_stay_where_it_is() {
    let plan = two(|one, _| (one.wait_max, one.when_late) = (Some(span(60)), Overflow::Stay));
    story(
        &plan,
        &[(1, arrives(1)), until(600)],
        "
        00:00:01.000 call-1 waits in queue-0, needs skill-0:1
        ",
    );
}

#[test]
fn a_late_call_is_late_once_in_every_queue() {
    let plan = two(|one, other| {
        (one.wait_max, one.when_late) = (Some(span(60)), to(1));
        (other.wait_max, other.when_late) = (Some(span(90)), to(0));
    });
    story(
        &plan,
        &[(0, arrives(1)), (5, arrives_in(2, 1, &[])), until(600)],
        "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1
        00:00:05.000 call-2 waits in queue-1, needs skill-0:1
        00:01:00.000 call-1 moves from queue-0 to queue-1: Late; needs skill-0:1
        00:01:30.000 call-1 stays in queue-1: Late, and nowhere to go
        00:01:35.000 call-2 stays in queue-1: Late, and nowhere to go
        ",
    );
}

#[test]
fn a_late_call_behind_one_that_stays_is_late_too() {
    let plan = two(|one, other| {
        (one.wait_max, one.when_late) = (Some(span(60)), to(1));
        (other.waiting_max, other.when_full) = (1, to(0));
    });
    story(
        &plan,
        &[(0, arrives(1)), (1, arrives_in(2, 1, &[])), (2, arrives(3)), (61, gone(2)), until(600)],
        "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1
        00:00:01.000 call-2 waits in queue-1, needs skill-0:1
        00:00:02.000 call-3 waits in queue-0, needs skill-0:1
        00:01:00.000 call-1 stays in queue-0: Late, and nowhere to go
        00:01:01.000 call-2 ends abandoned, waited 60s, spoke 0s
        00:01:02.000 call-3 moves from queue-0 to queue-1: Late; needs skill-0:1
        ",
    );
}

#[test]
fn what_a_call_needs_by_itself_it_needs_everywhere() {
    let plan = two(|one, other| {
        one.needs = Needs::new([(GERMAN, 3), (ENGLISH, 2)]);
        (one.wait_max, one.when_late) = (Some(span(60)), to(1));
        other.needs = Needs::new([(GERMAN, 1)]);
    });
    story(
        &plan,
        &[(0, arrives_in(1, 0, &[(ENGLISH, 1)])), until(61)],
        "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:3 skill-1:2
        00:01:00.000 call-1 moves from queue-0 to queue-1: Late; needs skill-0:1 skill-1:1
        ",
    );
}

#[test]
fn a_queue_that_the_plan_forgets_serves_those_inside_and_lets_nobody_in() {
    let old = two(|one, _| (one.waiting_max, one.when_full) = (1, to(1)));
    let mut new = old.clone();
    new.queues[1].retired = true;
    story(
        &old,
        &[
            (1, arrives_in(1, 1, &[])),
            (2, replan(&new)),
            (3, arrives_in(2, 1, &[])),
            (4, arrives(3)),
            (5, arrives(4)),
            (6, signs_in(0)),
        ],
        "
        00:00:01.000 call-1 waits in queue-1, needs skill-0:1
        00:00:02.000 planned: 2 queues, 1 agents
        00:00:03.000 refused: there is no such queue
        00:00:04.000 call-3 waits in queue-0, needs skill-0:1
        00:00:05.000 call-4 ends turned away, Busy: Full, waited 0s, spoke 0s
        00:00:06.000 agent-0 signs in at phone-0
        00:00:06.000 agent-0 is ready
        00:00:06.000 call-1 rings agent-0 until 00:00:14.000 (hldr: age 5s, idle 0s; 2 waiting, 1 idle)
        ",
    );
}

/// What becomes of a second caller, who comes while the queue is closed.
fn expected(told: &str) -> String {
    let gone = if told.starts_with("waits") {
        "00:00:05.000 call-2 ends abandoned soon, waited 1s, spoke 0s"
    } else {
        "00:00:05.000 refused: there is no such call"
    };
    format!(
        "00:00:01.000 call-1 waits in queue-0, needs skill-0:1
         00:00:02.000 queue-0 closes
         00:00:04.000 call-2 {told}
         {gone}
         00:00:06.000 agent-0 signs in at phone-0
         00:00:06.000 agent-0 is ready
         00:00:06.000 call-1 rings agent-0 until 00:00:14.000 (hldr: age 5s, idle 0s; 1 waiting, 1 idle)"
    )
}

#[test]
fn a_closed_queue_does_what_it_was_told_and_serves_who_waits() {
    for (rule, told) in [
        (Overflow::Busy, "ends turned away, Busy: Closed, waited 0s, spoke 0s"),
        (Overflow::Announce, "ends turned away, Announce: Closed, waited 0s, spoke 0s"),
        (Overflow::Outside(3), "ends sent to outside-3: Closed, waited 0s, spoke 0s"),
        (Overflow::Stay, "waits in queue-0, needs skill-0:1"),
        (to(0), "ends turned away, Busy: Closed, waited 0s, spoke 0s"),
    ] {
        let plan = two(|one, _| one.when_closed = rule);
        story(
            &plan,
            &[
                (1, arrives(1)),
                (2, opens(0, false)),
                (3, opens(0, false)),
                (4, arrives(2)),
                (5, gone(2)),
                (6, signs_in(0)),
            ],
            &expected(told),
        );
    }
}

#[test]
fn a_closed_queue_leads_to_one_that_is_open() {
    let plan = two(|one, _| one.when_closed = to(1));
    story(
        &plan,
        &[
            (1, opens(0, false)),
            (2, arrives(1)),
            (3, opens(1, false)),
            (4, arrives(2)),
            (5, opens(0, true)),
            (6, arrives(3)),
        ],
        "
        00:00:01.000 queue-0 closes
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 moves from queue-0 to queue-1: Closed; needs skill-0:1
        00:00:03.000 queue-1 closes
        00:00:04.000 call-2 ends turned away, Announce: Closed, waited 0s, spoke 0s
        00:00:05.000 queue-0 opens
        00:00:06.000 call-3 waits in queue-0, needs skill-0:1
        ",
    );
}

#[test]
fn a_call_that_left_at_a_menu_has_one_outcome_and_one_that_waits_keeps_its_own() {
    story(
        &plan(0),
        &[
            (1, leaves_menu(1, Unqueued::Abandoned)),
            (2, leaves_menu(2, Unqueued::Announced)),
            (3, leaves_menu(3, Unqueued::Outside(4))),
            (4, leaves_menu(4, Unqueued::Failed)),
            (5, arrives(5)),
            (6, leaves_menu(5, Unqueued::Announced)),
        ],
        "
        00:00:01.000 call-1 ends abandoned, waited 1s, spoke 0s
        00:00:02.000 call-2 ends announced, waited 2s, spoke 0s
        00:00:03.000 call-3 ends sent to outside-4: Chosen, waited 3s, spoke 0s
        00:00:04.000 call-4 ends failed, waited 4s, spoke 0s
        00:00:05.000 call-5 waits in queue-0, needs skill-0:1
        00:00:06.000 refused: the call is waiting
        ",
    );
}
