//! Stories of places and waits: who had an agent before keeps its place, and waits anew; nobody is
//! overtaken by a newer call of the same queue and needs.

use super::*;

/// Two queues; the second is for English, and softens after a while.
fn two() -> Plan {
    let mut plan = plan(2);
    plan.queues.push(queue());
    plan.queues[1].needs = Needs::new([(GERMAN, 1), (ENGLISH, 5)]);
    plan.queues[1].relax = vec![Relax { after: span(30), skill: ENGLISH, to: 0 }];
    plan
}

#[test]
fn a_transferred_call_softens_after_its_new_wait_and_not_at_once() {
    story(
        &two(),
        &[
            (0, signs_in(0)),
            (0, arrives(7)),
            (1, answers(7, 0)),
            (100, transfers_to_queue(7, 0, 1)),
            until(140),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-7 speaks with agent-0 after 1s
        00:01:40.000 call-7 is transferred to queue-1 by agent-0 after 99s
        00:01:40.000 agent-0 is ready
        00:02:10.000 call-7 softens by step 1, needs skill-0:1
        00:02:10.000 call-7 rings agent-0 until 00:02:18.000 (hldr: age 130s, idle 30s; 1 waiting, 1 idle)
        00:02:18.000 call-7 is not taken by agent-0: NoAnswer
        00:02:18.000 agent-0 is away: did not take a call, NoAnswer
        ",
    );
}

#[test]
fn a_requeued_call_releases_a_reserve_after_its_new_wait() {
    let mut plan = plan(2);
    plan.skills[1] = skill(1, 16);
    plan.agents[1].skills.push((ENGLISH, 5));
    story(
        &plan,
        &[
            (0, signs_in(0)),
            (0, arrives(7)),
            (1, answers(7, 0)),
            (50, signs_in(1)),
            (100, loses(7, 0)),
            until(120),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-7 speaks with agent-0 after 1s
        00:00:50.000 agent-1 signs in at phone-1
        00:00:50.000 agent-1 is ready
        00:01:40.000 call-7 waits again: the phone of agent-0 failed after 99s
        00:01:40.000 agent-0 is away until 00:02:10.000: phone failed
        00:01:56.000 call-7 rings agent-1 until 00:02:04.000 (reserve_release: age 116s, idle 66s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_call_that_nobody_outside_took_waits_anew_from_then() {
    let mut plan = plan(2);
    plan.queues[0].relax = vec![Relax { after: span(10), skill: GERMAN, to: 0 }];
    plan.agents[1].skills = vec![];
    story(
        &plan,
        &[
            (0, signs_in(0)),
            (0, arrives(7)),
            (1, answers(7, 0)),
            (60, away(0)),
            (60, leaves_outside(7, 0)),
            (70, signs_in(1)),
            (90, not_taken_outside(7)),
            until(101),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-7 speaks with agent-0 after 1s
        00:01:00.000 agent-0 will be away: lunch
        00:01:00.000 call-7 rings outside, left by agent-0 after 59s
        00:01:00.000 agent-0 is away: lunch
        00:01:10.000 agent-1 signs in at phone-1
        00:01:10.000 agent-1 is ready
        00:01:30.000 call-7 waits again: nobody outside took it
        00:01:40.000 call-7 softens by step 1, needs nothing
        00:01:40.000 call-7 rings agent-1 until 00:01:48.000 (hldr: age 100s, idle 30s; 1 waiting, 1 idle)
        ",
    );
}

/// The older one came back and has not softened again; the newer one has. Both could have the
/// agent, so the older one does.
#[test]
fn a_softened_call_does_not_overtake_an_older_one_of_its_queue() {
    let mut plan = plan(6);
    plan.queues[0].needs = Needs::new([(GERMAN, 1), (ENGLISH, 5)]);
    plan.queues[0].relax = vec![Relax { after: span(30), skill: ENGLISH, to: 0 }];
    plan.agents[0].skills = vec![(GERMAN, 1), (ENGLISH, 5)];
    plan.agents[1].skills = vec![(GERMAN, 1), (ENGLISH, 5)];
    story(
        &plan,
        &[
            (0, signs_in(0)),
            (0, arrives(1)),
            (1, answers(1, 0)),
            (5, arrives(2)),
            (40, loses(1, 0)),
            (41, signs_in(1)),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1 skill-1:5
        00:00:00.000 call-1 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-1 speaks with agent-0 after 1s
        00:00:05.000 call-2 waits in queue-0, needs skill-0:1 skill-1:5
        00:00:35.000 call-2 softens by step 1, needs skill-0:1
        00:00:40.000 call-1 waits again: the phone of agent-0 failed after 39s
        00:00:40.000 agent-0 is away until 00:01:10.000: phone failed
        00:00:41.000 agent-1 signs in at phone-1
        00:00:41.000 agent-1 is ready
        00:00:41.000 call-1 rings agent-1 until 00:00:49.000 (hldr: age 41s, idle 0s; 2 waiting, 1 idle)
        ",
    );
}

/// Few can serve an unsoftened call, which is a head start: it must not depend on the step, or a
/// newer call that has not softened yet would go before an older one that has.
#[test]
fn a_call_does_not_lose_its_head_start_by_softening() {
    let mut plan = plan(6);
    plan.queues.push(queue());
    plan.queues[1].needs = Needs::new([(GERMAN, 1), (ENGLISH, 5)]);
    plan.queues[1].relax = vec![Relax { after: span(30), skill: ENGLISH, to: 0 }];
    plan.agents[0].skills = vec![(GERMAN, 1), (ENGLISH, 5)];
    let mut told: Vec<_> = (0..6).map(|agent| (0, signs_in(agent))).collect();
    for call in 0..6 {
        told.extend([(0, arrives(call)), (0, answers(call, call))]);
    }
    told.extend([
        (1, arrives_in(10, 1, &[])),
        (2, arrives_in(11, 0, &[])),
        (20, arrives_in(12, 1, &[])),
        (35, hangs_up(0, 0)),
    ]);
    let mut engine = Engine::new();
    let mut watch = Watch::default();
    let mut facts = vec![];
    let mut hear = |at: Timestamp, input: Input| {
        facts.clear();
        engine.handle(at, input, &mut facts).unwrap();
        watch.hear(at, &facts, &engine).unwrap();
        (facts.clone(), engine.next_wake())
    };
    hear(Timestamp::EPOCH, replan(&plan));
    (0..6).for_each(|phone| drop(hear(Timestamp::EPOCH, up(phone))));
    let mut last = vec![];
    for (secs, mut input) in told {
        let now = Timestamp(secs * 1_000_000);
        if let Input::Arrived { arrived, .. } = &mut input {
            *arrived = now;
        }
        if secs == 35 {
            hear(Timestamp(31_000_000), Input::Tick);
        }
        (last, _) = hear(now, input);
    }
    let offered = last
        .iter()
        .find_map(|fact| if let Fact::Offered { call, .. } = fact { Some(*call) } else { None });
    assert_eq!(offered, Some(CallNo::first(10)), "{last:?}");
}

#[test]
fn a_retired_queue_serves_consults_and_takes_back_who_is_in_it_and_nobody_else() {
    let mut retired = plan(3);
    retired.queues.push(queue());
    let before = retired.clone();
    retired.queues[0].retired = true;
    story(
        &before,
        &[
            (0, signs_in(0)),
            (0, arrives(7)),
            (1, answers(7, 0)),
            (1, signs_in(1)),
            (2, replan(&retired)),
            (3, consults(7, 0, 1)),
            (4, answers(7, 1)),
            (5, completes(7, 0)),
            (6, transfers(7, 1)),
            (7, loses(7, 1)),
            (8, answers(7, 0)),
            (8, signs_in(2)),
            (9, transfers_to(7, 0, 2)),
            (10, answers(7, 2)),
            (11, arrives_in(8, 0, &[])),
            (12, transfers_to_queue(7, 2, 1)),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-7 speaks with agent-0 after 1s
        00:00:01.000 agent-1 signs in at phone-1
        00:00:01.000 agent-1 is ready
        00:00:02.000 planned: 2 queues, 3 agents
        00:00:03.000 call-7 rings agent-1 until 00:00:11.000 (consult: age 3s, idle 2s; 0 waiting, 1 idle)
        00:00:04.000 call-7: agent-0 consults agent-1
        00:00:05.000 call-7 is transferred to queue-0 by agent-0 after 4s
        00:00:05.000 agent-0 is ready
        00:00:05.000 call-7 speaks with agent-1 after 0s
        00:00:06.000 refused: there is no such queue
        00:00:07.000 call-7 waits again: the phone of agent-1 failed after 2s
        00:00:07.000 agent-1 is away until 00:00:37.000: phone failed
        00:00:07.000 call-7 rings agent-0 until 00:00:15.000 (hldr: age 7s, idle 2s; 1 waiting, 1 idle)
        00:00:08.000 call-7 speaks with agent-0 after 1s
        00:00:08.000 agent-2 signs in at phone-2
        00:00:08.000 agent-2 is ready
        00:00:09.000 call-7 rings agent-2 until 00:00:17.000 (transfer: age 9s, idle 1s; 0 waiting, 1 idle)
        00:00:10.000 call-7 is transferred to queue-0 by agent-0 after 2s
        00:00:10.000 agent-0 is ready
        00:00:10.000 call-7 speaks with agent-2 after 0s
        00:00:11.000 refused: there is no such queue
        00:00:12.000 call-7 is transferred to queue-1 by agent-2 after 2s
        00:00:12.000 agent-2 is ready
        00:00:12.000 call-7 rings agent-0 until 00:00:20.000 (hldr: age 12s, idle 2s; 1 waiting, 2 idle)
        ",
    );
}
