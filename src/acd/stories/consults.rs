//! Consults: a colleague is asked first, then takes the caller or is released; and callers left to
//! an address outside.

use super::*;

/// Agent 0 speaks with call 7; agent 1 is ready; after that, `then`.
fn consulting(then: &[(u64, Input)], expected: &str) {
    let mut plan = plan(2);
    plan.queues[0].wrap_up = span(10);
    let mut inputs = vec![(0, signs_in(0)), (0, arrives(7)), (0, answers(7, 0)), (0, signs_in(1))];
    inputs.extend_from_slice(then);
    let before = "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:00.000 call-7 speaks with agent-0 after 0s
        00:00:00.000 agent-1 signs in at phone-1
        00:00:00.000 agent-1 is ready";
    story(&plan, &inputs, &format!("{before}{expected}"));
}

#[test]
fn a_colleague_who_is_asked_first_takes_the_caller_over() {
    consulting(
        &[
            (5, consults(7, 0, 1)),
            (6, answers(7, 1)),
            (9, completes(7, 0)),
            (20, hangs_up(7, 1)),
        ],
        "
        00:00:05.000 call-7 rings agent-1 until 00:00:13.000 (consult: age 5s, idle 5s; 0 waiting, 1 idle)
        00:00:06.000 call-7: agent-0 consults agent-1
        00:00:09.000 call-7 is transferred to queue-0 by agent-0 after 9s
        00:00:09.000 agent-0 wraps up call-7 until 00:00:19.000
        00:00:09.000 call-7 speaks with agent-1 after 0s
        00:00:19.000 agent-0 is ready
        00:00:20.000 call-7 ends answered by agent-1, waited 0s, spoke 20s
        00:00:20.000 agent-1 wraps up call-7 until 00:00:30.000
        ",
    );
}

#[test]
fn whoever_of_the_two_leaves_leaves_the_caller_to_the_other() {
    let begun = "
        00:00:05.000 call-7 rings agent-1 until 00:00:13.000 (consult: age 5s, idle 5s; 0 waiting, 1 idle)
        00:00:06.000 call-7: agent-0 consults agent-1";
    for (leaves, then) in [
        (
            hangs_up(7, 0),
            "
        00:00:09.000 call-7 is transferred to queue-0 by agent-0 after 9s
        00:00:09.000 agent-0 wraps up call-7 until 00:00:19.000
        00:00:09.000 call-7 speaks with agent-1 after 0s",
        ),
        (
            loses(7, 0),
            "
        00:00:09.000 call-7 waits again: the phone of agent-0 failed after 9s
        00:00:09.000 agent-0 is away until 00:00:39.000: phone failed
        00:00:09.000 call-7 speaks with agent-1 after 0s",
        ),
        (
            hangs_up(7, 1),
            "
        00:00:09.000 call-7 stays with agent-0, the consult with agent-1 ends
        00:00:09.000 agent-1 is ready",
        ),
        (
            ends_consult(7, 0),
            "
        00:00:09.000 call-7 stays with agent-0, the consult with agent-1 ends
        00:00:09.000 agent-1 is ready",
        ),
        (
            loses(7, 1),
            "
        00:00:09.000 call-7 stays with agent-0, the consult with agent-1 ends
        00:00:09.000 agent-1 is away until 00:00:39.000: phone failed",
        ),
        (
            gone(7),
            "
        00:00:09.000 call-7 ends answered by agent-0, waited 0s, spoke 9s
        00:00:09.000 agent-0 wraps up call-7 until 00:00:19.000
        00:00:09.000 agent-1 is ready",
        ),
    ] {
        consulting(
            &[(5, consults(7, 0, 1)), (6, answers(7, 1)), (9, leaves)],
            &format!("{begun}{then}"),
        );
    }
}

#[test]
fn a_colleague_whose_phone_still_rings_may_be_left_with_the_caller_or_not_be_asked_after_all() {
    let begun = "
        00:00:05.000 call-7 rings agent-1 until 00:00:13.000 (consult: age 5s, idle 5s; 0 waiting, 1 idle)";
    consulting(
        &[(5, consults(7, 0, 1)), (6, completes(7, 0)), until(14)],
        &format!(
            "{begun}
        00:00:06.000 call-7 is transferred to queue-0 by agent-0 after 6s
        00:00:06.000 agent-0 wraps up call-7 until 00:00:16.000
        00:00:13.000 call-7 is not taken by agent-1: NoAnswer
        00:00:13.000 agent-1 is away: did not take a call, NoAnswer"
        ),
    );
    consulting(
        &[(5, consults(7, 0, 1)), (6, ends_consult(7, 0)), (7, answers(7, 1))],
        &format!(
            "{begun}
        00:00:06.000 call-7 stays with agent-0, the consult with agent-1 ends
        00:00:06.000 agent-1 is ready
        00:00:07.000 refused: the call is talking"
        ),
    );
}

#[test]
fn a_queue_is_asked_for_whom_it_would_give_and_for_nobody_it_would_not() {
    let of = |queue| Input::Consult {
        call: CallNo::first(7),
        agent: AgentNo::first(0),
        with: Target::Queue(QueueNo::first(queue)),
    };
    consulting(
        &[(4, of(3)), (5, of(0)), (6, of(0)), (7, ends_consult(7, 0)), (8, away(1)), (9, of(0))],
        "
        00:00:04.000 refused: there is no such queue
        00:00:05.000 call-7 rings agent-1 until 00:00:13.000 (consult: age 5s, idle 5s; 0 waiting, 1 idle)
        00:00:06.000 refused: the call is talking
        00:00:07.000 call-7 stays with agent-0, the consult with agent-1 ends
        00:00:07.000 agent-1 is ready
        00:00:08.000 agent-1 is away: lunch
        00:00:09.000 refused: nobody is free in queue-0
        ",
    );
}

#[test]
fn a_caller_left_to_an_address_outside_is_over_when_taken_and_first_in_line_when_not() {
    let left = "
        00:00:05.000 call-7 rings outside, left by agent-0 after 5s
        00:00:05.000 agent-0 wraps up call-7 until 00:00:15.000";
    consulting(
        &[(5, leaves_outside(7, 0)), (9, taken_outside(7))],
        &format!("{left}\n00:00:09.000 call-7 ends answered by agent-0, waited 0s, spoke 5s"),
    );
    consulting(
        &[(5, taken_outside(7))],
        "
        00:00:05.000 call-7 ends answered by agent-0, waited 0s, spoke 5s
        00:00:05.000 agent-0 wraps up call-7 until 00:00:15.000",
    );
    consulting(
        &[(5, leaves_outside(7, 0)), (9, not_taken_outside(7))],
        &format!(
            "{left}
        00:00:09.000 call-7 waits again: nobody outside took it
        00:00:09.000 call-7 rings agent-1 until 00:00:17.000 (hldr: age 9s, idle 9s; 1 waiting, 1 idle)"
        ),
    );
}
