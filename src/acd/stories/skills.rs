//! Stories of skills: what is needed, what softens, and who is kept back for whom.

use super::*;

/// German for all; English for the last `english` of so many agents, scarce with that reserve.
fn bilingual(agents: usize, english: usize, reserve: u32) -> Plan {
    let mut plan = plan(agents);
    plan.skills[1] = skill(reserve, 16);
    for agent in plan.agents.iter_mut().rev().take(english) {
        agent.skills.push((ENGLISH, 5));
    }
    plan
}

#[test]
fn a_call_waits_for_someone_who_can() {
    story(
        &bilingual(2, 1, 0),
        &[
            (1, arrives_in(1, 0, &[(ENGLISH, 5)])),
            (2, signs_in(0)),
            (3, arrives(2)),
            (4, signs_in(1)),
        ],
        "
        00:00:01.000 call-1 waits in queue-0, needs skill-0:1 skill-1:5
        00:00:02.000 agent-0 signs in at phone-0
        00:00:02.000 agent-0 is ready
        00:00:03.000 call-2 waits in queue-0, needs skill-0:1
        00:00:03.000 call-2 rings agent-0 until 00:00:11.000 (direct: age 0s, idle 1s; 2 waiting, 1 idle)
        00:00:04.000 agent-1 signs in at phone-1
        00:00:04.000 agent-1 is ready
        00:00:04.000 call-1 rings agent-1 until 00:00:12.000 (hldr: age 3s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn needs_soften_step_by_step_while_a_caller_waits() {
    let mut plan = bilingual(2, 1, 0);
    let step = |after, to| Relax { after: span(after), skill: ENGLISH, to };
    plan.queues[0].relax = vec![step(30, 5), step(60, 0)];
    story(
        &plan,
        &[
            (0, arrives_in(1, 0, &[(ENGLISH, 9)])),
            (0, arrives_in(2, 0, &[(ENGLISH, 9)])),
            (1, signs_in(0)),
            (2, signs_in(1)),
            until(61),
        ],
        "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1 skill-1:9
        00:00:00.000 call-2 waits in queue-0, needs skill-0:1 skill-1:9
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:30.000 call-1 softens by step 1, needs skill-0:1 skill-1:5
        00:00:30.000 call-2 softens by step 1, needs skill-0:1 skill-1:5
        00:00:30.000 call-1 rings agent-1 until 00:00:38.000 (hldr: age 30s, idle 28s; 2 waiting, 2 idle)
        00:00:38.000 call-1 is not taken by agent-1: NoAnswer
        00:00:38.000 agent-1 is away: did not take a call, NoAnswer
        00:01:00.000 call-1 softens by step 2, needs skill-0:1
        00:01:00.000 call-2 softens by step 2, needs skill-0:1
        00:01:00.000 call-1 rings agent-0 until 00:01:08.000 (hldr: age 60s, idle 59s; 2 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_step_comes_at_its_microsecond() {
    let mut plan = bilingual(1, 0, 0);
    plan.queues[0].relax = vec![Relax { after: Span(30_000_000), skill: ENGLISH, to: 0 }];
    let mut engine = Engine::new();
    let mut facts = vec![];
    engine.handle(Timestamp(0), replan(&plan), &mut facts).unwrap();
    engine.handle(Timestamp(0), up(0), &mut facts).unwrap();
    engine.handle(Timestamp(0), signs_in(0), &mut facts).unwrap();
    engine.handle(Timestamp(7), arrives_in(1, 0, &[(ENGLISH, 9)]), &mut facts).unwrap();
    let before = facts.len();
    // The place was asked for at 0, though it was told at 7.
    assert_eq!(engine.next_wake(), Some(Timestamp(30_000_000)));
    engine.handle(Timestamp(29_999_999), Input::Tick, &mut facts).unwrap();
    assert_eq!(facts.len(), before);
    engine.handle(Timestamp(30_000_000), Input::Tick, &mut facts).unwrap();
    assert!(matches!(facts[before..], [Fact::Relaxed { step: 1, .. }, Fact::Offered { .. }]));
}

#[test]
fn the_last_english_agent_is_kept_for_english_callers_until_the_release() {
    story(
        &bilingual(1, 1, 1),
        &[(1, signs_in(0)), (2, arrives(1)), (10, arrives(2)), until(19)],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:10.000 call-2 waits in queue-0, needs skill-0:1
        00:00:18.000 call-1 rings agent-0 until 00:00:26.000 (reserve_release: age 16s, idle 17s; 2 waiting, 1 idle)
        ",
    );
}

#[test]
fn the_reserve_is_for_whoever_needs_it() {
    story(
        &bilingual(1, 1, 1),
        &[(1, signs_in(0)), (2, arrives(1)), (5, arrives_in(2, 0, &[(ENGLISH, 1)])), until(19)],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:05.000 call-2 waits in queue-0, needs skill-0:1 skill-1:1
        00:00:05.000 call-2 rings agent-0 until 00:00:13.000 (reserve_hold: age 0s, idle 4s; 2 waiting, 1 idle)
        00:00:13.000 call-2 is not taken by agent-0: NoAnswer
        00:00:13.000 agent-0 is away: did not take a call, NoAnswer
        ",
    );
}

#[test]
fn more_than_the_reserve_serve_everyone() {
    story(
        &bilingual(2, 2, 1),
        &[(1, signs_in(0)), (2, signs_in(1)), (3, arrives(1)), (4, arrives(2)), until(21)],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:03.000 call-1 waits in queue-0, needs skill-0:1
        00:00:03.000 call-1 rings agent-0 until 00:00:11.000 (direct: age 0s, idle 2s; 1 waiting, 2 idle)
        00:00:04.000 call-2 waits in queue-0, needs skill-0:1
        00:00:11.000 call-1 is not taken by agent-0: NoAnswer
        00:00:11.000 agent-0 is away: did not take a call, NoAnswer
        00:00:19.000 call-1 rings agent-1 until 00:00:27.000 (reserve_release: age 16s, idle 17s; 2 waiting, 1 idle)
        ",
    );
}

#[test]
fn whoever_is_not_scarce_goes_first_only_by_idleness() {
    story(
        &bilingual(3, 2, 1),
        &[(1, signs_in(2)), (2, signs_in(1)), (3, signs_in(0)), (5, arrives(1)), (6, arrives(2))],
        "
        00:00:01.000 agent-2 signs in at phone-2
        00:00:01.000 agent-2 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:03.000 agent-0 signs in at phone-0
        00:00:03.000 agent-0 is ready
        00:00:05.000 call-1 waits in queue-0, needs skill-0:1
        00:00:05.000 call-1 rings agent-2 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 3 idle)
        00:00:06.000 call-2 waits in queue-0, needs skill-0:1
        00:00:06.000 call-2 rings agent-0 until 00:00:14.000 (direct: age 0s, idle 3s; 1 waiting, 2 idle)
        ",
    );
}

#[test]
fn a_release_comes_at_its_microsecond() {
    let mut engine = Engine::new();
    let mut facts = vec![];
    engine.handle(Timestamp(0), replan(&bilingual(1, 1, 1)), &mut facts).unwrap();
    engine.handle(Timestamp(0), up(0), &mut facts).unwrap();
    engine.handle(Timestamp(0), signs_in(0), &mut facts).unwrap();
    engine.handle(Timestamp(0), arrives(1), &mut facts).unwrap();
    let before = facts.len();
    assert_eq!(engine.next_wake(), Some(Timestamp(16_000_000)));
    engine.handle(Timestamp(15_999_999), Input::Tick, &mut facts).unwrap();
    assert_eq!((facts.len(), engine.next_wake()), (before, Some(Timestamp(16_000_000))));
    engine.handle(Timestamp(16_000_000), Input::Tick, &mut facts).unwrap();
    assert!(matches!(facts[before..], [Fact::Offered { .. }]), "{facts:?}");
}

#[test]
fn a_need_that_was_softened_away_is_still_a_claim_on_the_reserve() {
    let mut plan = bilingual(1, 1, 1);
    plan.queues[0].relax = vec![Relax { after: span(5), skill: ENGLISH, to: 0 }];
    story(&plan, &[(0, arrives_in(1, 0, &[(ENGLISH, 9)])), (1, signs_in(0)), until(6)], "
        00:00:00.000 call-1 waits in queue-0, needs skill-0:1 skill-1:9
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-1 softens by step 1, needs skill-0:1
        00:00:05.000 call-1 rings agent-0 until 00:00:13.000 (reserve_hold: age 5s, idle 4s; 1 waiting, 1 idle)
        ");
}

#[test]
fn an_idle_agent_who_learns_english_is_asked_at_once() {
    let old = bilingual(1, 0, 0);
    let new = bilingual(1, 1, 0);
    story(&old, &[(1, signs_in(0)), (2, arrives_in(1, 0, &[(ENGLISH, 1)])), (9, replan(&new))], "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1 skill-1:1
        00:00:09.000 planned: 1 queues, 1 agents
        00:00:09.000 call-1 rings agent-0 until 00:00:17.000 (hldr: age 7s, idle 8s; 1 waiting, 1 idle)
        ");
}

#[test]
fn a_queue_that_asks_for_less_finds_someone_at_once() {
    let mut old = plan(1);
    old.queues[0].needs = Needs::new([(GERMAN, 7)]);
    story(&old, &[(1, signs_in(0)), (2, arrives(1)), (9, replan(&plan(1)))], "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:7
        00:00:09.000 planned: 1 queues, 1 agents
        00:00:09.000 call-1 rings agent-0 until 00:00:17.000 (hldr: age 7s, idle 8s; 1 waiting, 1 idle)
        ");
}
