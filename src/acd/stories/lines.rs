//! Stories of waiting: who is next, and who takes the call.

use super::*;

#[test]
fn first_come_first_served() {
    story(
        &plan(1),
        &[
            (1, arrives(3)),
            (2, arrives(1)),
            (3, arrives(2)),
            (4, signs_in(0)),
            (5, answers(3, 0)),
            (6, hangs_up(3, 0)),
            (7, gone(1)),
        ],
        "
        00:00:01.000 call-3 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:03.000 call-2 waits in queue-0, needs skill-0:1
        00:00:04.000 agent-0 signs in at phone-0
        00:00:04.000 agent-0 is ready
        00:00:04.000 call-3 rings agent-0 until 00:00:12.000 (hldr: age 3s, idle 0s; 3 waiting, 1 idle)
        00:00:05.000 call-3 speaks with agent-0 after 4s
        00:00:06.000 call-3 ends answered by agent-0, waited 4s, spoke 1s
        00:00:06.000 agent-0 is ready
        00:00:06.000 call-1 rings agent-0 until 00:00:14.000 (hldr: age 4s, idle 0s; 2 waiting, 1 idle)
        00:00:07.000 call-1 ends abandoned soon, waited 5s, spoke 0s
        00:00:07.000 agent-0 is ready
        00:00:07.000 call-2 rings agent-0 until 00:00:15.000 (hldr: age 4s, idle 1s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn the_larger_wait_for_its_target_goes_first() {
    let mut plan = plan(1);
    plan.queues.push(Queue { target: span(10), ..queue() });
    story(
        &plan,
        &[
            (0, arrives_in(1, 0, &[])),
            (6, arrives_in(2, 1, &[])),
            // 11 of 20 against 5 of 10, then 13 of 20 against 7 of 10.
            (11, signs_in(0)),
            (12, gone(1)),
            (13, signs_out(0)),
            (13, arrives_in(3, 0, &[])),
        ],
        "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1
        00:00:06.000 call-2 waits in queue-1, needs skill-0:1
        00:00:11.000 agent-0 signs in at phone-0
        00:00:11.000 agent-0 is ready
        00:00:11.000 call-1 rings agent-0 until 00:00:19.000 (hldr: age 11s, idle 0s; 2 waiting, 1 idle)
        00:00:12.000 call-1 ends abandoned, waited 12s, spoke 0s
        00:00:12.000 agent-0 is ready
        00:00:12.000 call-2 rings agent-0 until 00:00:20.000 (hldr: age 6s, idle 1s; 1 waiting, 1 idle)
        00:00:13.000 call-2 is not taken by agent-0: Refused
        00:00:13.000 agent-0 signs out
        00:00:13.000 call-3 waits in queue-0, needs skill-0:1
        ",
    );
}

#[test]
fn equal_ratios_go_by_age_then_by_number() {
    let mut plan = plan(1);
    plan.queues.push(Queue { target: span(10), ..queue() });
    story(
        &plan,
        &[
            (0, arrives_in(9, 0, &[])),
            (5, arrives_in(2, 1, &[])),
            (5, arrives_in(1, 1, &[])),
            (10, signs_in(0)),
            (10, gone(9)),
        ],
        "
        00:00:00.000 call-9 waits in queue-0, needs skill-0:1
        00:00:05.000 call-2 waits in queue-1, needs skill-0:1
        00:00:05.000 call-1 waits in queue-1, needs skill-0:1
        00:00:10.000 agent-0 signs in at phone-0
        00:00:10.000 agent-0 is ready
        00:00:10.000 call-9 rings agent-0 until 00:00:18.000 (hldr: age 10s, idle 0s; 3 waiting, 1 idle)
        00:00:10.000 call-9 ends abandoned, waited 10s, spoke 0s
        00:00:10.000 agent-0 is ready
        00:00:10.000 call-1 rings agent-0 until 00:00:18.000 (hldr: age 5s, idle 0s; 2 waiting, 1 idle)
        ",
    );
}

#[test]
fn the_agent_idle_longest_takes_the_call() {
    story(
        &plan(3),
        &[
            (1, signs_in(2)),
            (2, signs_in(0)),
            (2, signs_in(1)),
            (5, arrives(1)),
            (6, arrives(2)),
            (7, arrives(3)),
        ],
        "
        00:00:01.000 agent-2 signs in at phone-2
        00:00:01.000 agent-2 is ready
        00:00:02.000 agent-0 signs in at phone-0
        00:00:02.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:05.000 call-1 waits in queue-0, needs skill-0:1
        00:00:05.000 call-1 rings agent-2 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 3 idle)
        00:00:06.000 call-2 waits in queue-0, needs skill-0:1
        00:00:06.000 call-2 rings agent-0 until 00:00:14.000 (direct: age 0s, idle 4s; 1 waiting, 2 idle)
        00:00:07.000 call-3 waits in queue-0, needs skill-0:1
        00:00:07.000 call-3 rings agent-1 until 00:00:15.000 (direct: age 0s, idle 5s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn the_agent_with_the_fewest_calls_takes_the_call() {
    let mut plan = plan(2);
    plan.queues[0].order = AgentOrder::FewestCalls;
    story(
        &plan,
        &[
            (1, signs_in(0)),
            (2, arrives(1)),
            (3, answers(1, 0)),
            (4, hangs_up(1, 0)),
            (5, signs_in(1)),
            (6, arrives(2)),
            (7, answers(2, 1)),
            (8, hangs_up(2, 1)),
            // One call each now: the longer idle.
            (9, arrives(3)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-1 speaks with agent-0 after 1s
        00:00:04.000 call-1 ends answered by agent-0, waited 1s, spoke 1s
        00:00:04.000 agent-0 is ready
        00:00:05.000 agent-1 signs in at phone-1
        00:00:05.000 agent-1 is ready
        00:00:06.000 call-2 waits in queue-0, needs skill-0:1
        00:00:06.000 call-2 rings agent-1 until 00:00:14.000 (direct: age 0s, idle 1s; 1 waiting, 2 idle)
        00:00:07.000 call-2 speaks with agent-1 after 1s
        00:00:08.000 call-2 ends answered by agent-1, waited 1s, spoke 1s
        00:00:08.000 agent-1 is ready
        00:00:09.000 call-3 waits in queue-0, needs skill-0:1
        00:00:09.000 call-3 rings agent-0 until 00:00:17.000 (direct: age 0s, idle 5s; 1 waiting, 2 idle)
        ",
    );
}

#[test]
fn the_agent_with_the_best_skill_takes_the_call() {
    let mut plan = plan(0);
    plan.queues[0].order = AgentOrder::BestSkill;
    plan.agents = [3, 9, 5].map(|level| agent(&[(GERMAN, level), (ENGLISH, 10 - level)])).to_vec();
    story(
        &plan,
        &[
            (1, signs_in(0)),
            (2, signs_in(1)),
            (3, signs_in(2)),
            (5, arrives(1)),
            (6, arrives_in(2, 0, &[(ENGLISH, 1)])),
            (7, arrives(3)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:03.000 agent-2 signs in at phone-2
        00:00:03.000 agent-2 is ready
        00:00:05.000 call-1 waits in queue-0, needs skill-0:1
        00:00:05.000 call-1 rings agent-1 until 00:00:13.000 (direct: age 0s, idle 3s; 1 waiting, 3 idle)
        00:00:06.000 call-2 waits in queue-0, needs skill-0:1 skill-1:1
        00:00:06.000 call-2 rings agent-0 until 00:00:14.000 (direct: age 0s, idle 5s; 1 waiting, 2 idle)
        00:00:07.000 call-3 waits in queue-0, needs skill-0:1
        00:00:07.000 call-3 rings agent-2 until 00:00:15.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_call_that_moves_between_lines_keeps_its_age() {
    let mut plan = plan(1);
    plan.queues[0].wait_max = Some(span(10));
    plan.queues[0].when_late = Overflow::Queue(QueueNo::first(1));
    plan.queues.push(queue());
    story(&plan, &[(0, arrives(1)), (2, arrives_in(2, 1, &[])), until(11), (12, signs_in(0))], "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-2 waits in queue-1, needs skill-0:1
        00:00:10.000 call-1 moves from queue-0 to queue-1: Late; needs skill-0:1
        00:00:12.000 agent-0 signs in at phone-0
        00:00:12.000 agent-0 is ready
        00:00:12.000 call-1 rings agent-0 until 00:00:20.000 (hldr: age 12s, idle 0s; 2 waiting, 1 idle)
        ");
}

#[test]
fn a_wait_of_exactly_the_target_is_told_exactly() {
    let mut engine = Engine::new();
    let mut facts = vec![];
    let mut tell = |micros, input| engine.handle(Timestamp(micros), input, &mut facts).unwrap();
    tell(0, replan(&plan(1)));
    tell(0, up(0));
    tell(0, signs_in(0));
    tell(1, arrives(1));
    // It arrived at 0 and was told of at 1: what counts is the arrival.
    tell(20_000_001, answers(1, 0));
    let [.., Fact::Answered { wait, .. }] = facts[..] else { panic!("{facts:?}") };
    assert_eq!(wait, Span(20_000_001));
}
