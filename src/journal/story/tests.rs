//! A call's story, told from facts that an engine said.

use super::*;
use crate::{
    acd::{
        engine::Engine as Queueing,
        input::{Channel, Input},
        plan::{Agent, Queue, Relax, Skill},
    },
    base::{
        masked::Masked,
        numbers::{LegNo, PhoneNo, SkillNo},
        ucid::Ucids,
    },
    exchange::fact::Record,
    journal::replay,
};

const GERMAN: SkillNo = SkillNo::first(0);
const ENGLISH: SkillNo = SkillNo::first(1);

/// Two who speak English are kept back for 16 s; a call that needs more English than anybody idle
/// has is content with less after 14 s.
fn plan() -> Plan {
    let skill = |name: &str, reserve| Skill { name: name.into(), reserve, release: Span::secs(16) };
    let agent = |id: &str, english| Agent {
        id: id.into(),
        skills: Needs::new([(GERMAN, 5), (ENGLISH, english)]).0,
        retired: false,
    };
    let queue = |name: &str, needs: &[(SkillNo, u8)]| Queue {
        name: name.into(),
        needs: Needs::new(needs.iter().copied()),
        relax: vec![Relax { after: Span::secs(14), skill: ENGLISH, to: 1 }],
        target: Span::secs(20),
        order: AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::ZERO,
        wrap_up_extension: Span::ZERO,
        waiting_max: 9,
        when_full: Overflow::Busy,
        wait_max: None,
        when_late: Overflow::Stay,
        when_closed: Overflow::Announce,
        short_abandon: Span::secs(5),
        retired: false,
    };
    Plan {
        skills: vec![skill("german", 0), skill("english", 2)],
        queues: vec![queue("city", &[(GERMAN, 1)]), queue("english", &[(ENGLISH, 2)])],
        agents: vec![agent("1001", 0), agent("1002", 1), agent("1003", 1)],
        calls_max: 100,
    }
}

/// Lives through inputs by their second, and tells the story of `call-7` from the journal of it.
fn story(plan: Plan, inputs: &[(u64, Input)]) -> String {
    let mut engine = Queueing::new();
    let (mut journal, mut seq) = (String::new(), 0);
    let mut hear = |at: Timestamp, input: Input| {
        let mut facts = vec![];
        engine.handle(at, input, &mut facts).unwrap();
        for fact in facts {
            seq += 1;
            let record = Record { seq, at, fact: Fact::Acd(fact) };
            journal.push_str(&serde_json::to_string(&record).unwrap());
            journal.push('\n');
        }
        engine.next_wake()
    };
    let mut wake = hear(Timestamp::EPOCH, Input::Plan(Box::new(plan)));
    for phone in (0..10).map(PhoneNo::first) {
        wake = hear(Timestamp::EPOCH, Input::PhoneUp { phone });
    }
    for (secs, input) in inputs {
        let at = Timestamp(secs * 1_000_000);
        while let Some(due) = wake.filter(|due| *due < at) {
            wake = hear(due, Input::Tick);
        }
        wake = hear(at, input.clone());
    }
    let mut teller = Teller::new(CallRef::Number(CallNo::first(7)));
    let found = replay::verify(journal.as_bytes(), |moment| teller.hear(moment));
    assert_eq!(found.flaws, []);
    let stories = teller.stories();
    let [story] = stories.as_slice() else { panic!("one story, not {stories:?}") };
    format!("{story}{}", story.summary())
}

fn arrives(call: u32, queue: u32, secs: u64) -> Input {
    Input::Arrived {
        call: CallNo::first(call),
        queue: QueueNo::first(queue),
        needs: Needs::default(),
        channel: Channel::City,
        arrived: Timestamp(secs * 1_000_000),
    }
}

fn signs_in(agent: u32) -> Input {
    Input::SignIn { agent: AgentNo::first(agent), phone: PhoneNo::first(agent), ready: true }
}

#[track_caller]
fn check(inputs: &[(u64, Input)], expected: &str) {
    check_in(plan(), inputs, expected);
}

#[track_caller]
fn check_in(plan: Plan, inputs: &[(u64, Input)], expected: &str) {
    let told = story(plan, inputs);
    assert!(told.trim() == expected.trim(), "\n{told}\n-- was expected to be --\n{expected}\n");
}

#[test]
fn a_call_is_told_what_it_waited_for_and_who_was_kept_back() {
    let call = CallNo::first(7);
    check(
        &[
            (1, signs_in(1)),
            (2, signs_in(2)),
            (100, arrives(7, 0, 100)),
            (118, Input::PhoneAnswered { call, agent: AgentNo::first(1) }),
            (200, Input::CallerGone { call }),
        ],
        r"
call-7 came at 00:01:40.000 UTC
       0 s  comes into city, needs german >= 1
       0 s  waits: 2 of 2 idle can, and are kept back for english (reserve 2, released at 16 s)
      16 s  offered to 1002 (idle 1m 55s, longest of 2; the reserve is released)
      18 s  speaks with 1002, waited 18 s
    1m 40s  ends: answered by 1002, spoke 1m 22s
2 of 2 idle can, and are kept back for english (reserve 2, released at 16 s) until 16 s; offered to 1002 (idle 1m 55s, longest of 2; the reserve is released)
",
    );
}

/// The other call is older, and all can serve it: this one goes first by its head start.
#[test]
fn a_call_that_few_can_serve_is_told_how_far_ahead_it_was() {
    let mut plan = plan();
    plan.skills[1].reserve = 0;
    let english = Needs::new([(ENGLISH, 1)]);
    let Input::Arrived { call, queue, channel, arrived, .. } = arrives(7, 0, 51) else { panic!() };
    let in_english = Input::Arrived { call, queue, needs: english, channel, arrived };
    let first = CallNo::first(5);
    check_in(
        plan,
        &[
            (1, signs_in(0)),
            (2, arrives(5, 0, 2)),
            (3, Input::PhoneAnswered { call: first, agent: AgentNo::first(0) }),
            (50, arrives(6, 0, 50)),
            (51, in_english),
            (60, signs_in(1)),
        ],
        r"
call-7 came at 00:00:51.000 UTC
       0 s  comes into city, needs german >= 1 and english >= 1
       0 s  waits: nobody is idle; nobody at work can take it; 1 call comes before it
       9 s  offered to 1002 (idle 0 s, the only one allowed; the oldest for its target, with 2m 0s ahead, for few can serve it)
nobody is idle; nobody at work can take it; 1 call comes before it until 9 s; offered to 1002 (idle 0 s, the only one allowed; the oldest for its target, with 2m 0s ahead, for few can serve it)
",
    );
}

#[test]
fn a_call_that_came_back_is_the_oldest_though_another_waits_longer() {
    let (call, agent) = (CallNo::first(7), AgentNo::first(1));
    check(
        &[
            (1, signs_in(1)),
            (2, signs_in(2)),
            (10, arrives(7, 0, 10)),
            (27, Input::PhoneAnswered { call, agent }),
            (28, Input::Away { agent: AgentNo::first(2), reason: "lunch".into() }),
            (60, arrives(6, 0, 60)),
            (90, Input::AgentLost { call, agent }),
            (92, signs_in(0)),
        ],
        r"
call-7 came at 00:00:10.000 UTC
       0 s  comes into city, needs german >= 1
       0 s  waits: 2 of 2 idle can, and are kept back for english (reserve 2, released at 16 s)
      16 s  offered to 1002 (idle 25 s, longest of 2; the reserve is released)
      17 s  speaks with 1002, waited 17 s
    1m 20s  the phone of 1002 failed after 1m 3s: waits again
    1m 20s  waits: nobody is idle; of those who can: 2 away
    1m 22s  offered to 1001 (idle 0 s, the only one allowed; the oldest for its target)
2 of 2 idle can, and are kept back for english (reserve 2, released at 16 s) until 16 s; offered to 1002 (idle 25 s, longest of 2; the reserve is released); the phone of 1002 failed after 1m 3s: waits again; nobody is idle; of those who can: 2 away until 1m 22s; offered to 1001 (idle 0 s, the only one allowed; the oldest for its target)
",
    );
}

#[test]
fn a_call_that_needs_more_than_anybody_idle_has_is_told_what() {
    check(
        &[(1, signs_in(1)), (2, signs_in(2)), (100, arrives(7, 1, 100)), (120, Input::Tick)],
        r"
call-7 came at 00:01:40.000 UTC
       0 s  comes into english, needs english >= 2
       0 s  waits: 2 agents idle, none with english >= 2
      14 s  needs less: english >= 1
      14 s  offered to 1002 (idle 1m 53s, longest of 2; out of the reserve that it needs)
2 agents idle, none with english >= 2 until 14 s; offered to 1002 (idle 1m 53s, longest of 2; out of the reserve that it needs)
",
    );
}

#[test]
fn a_call_behind_others_is_told_who_is_at_what_and_how_many_come_first() {
    let call = CallNo::first(7);
    check(
        &[
            (1, signs_in(0)),
            (2, arrives(3, 0, 2)),
            (3, Input::PhoneAnswered { call: CallNo::first(3), agent: AgentNo::first(0) }),
            (4, arrives(4, 0, 4)),
            (5, arrives(7, 0, 5)),
            (6, Input::CallerGone { call: CallNo::first(4) }),
            (7, Input::CallerGone { call: CallNo::first(3) }),
            (16, Input::Ready { agent: AgentNo::first(0) }),
            (17, Input::PhoneAnswered { call, agent: AgentNo::first(0) }),
            (18, Input::AgentLost { call, agent: AgentNo::first(0) }),
        ],
        r"
call-7 came at 00:00:05.000 UTC
       0 s  comes into city, needs german >= 1
       0 s  waits: nobody is idle; of those who can: 1 talking; 1 call comes before it
       2 s  offered to 1001 (idle 0 s, the only one allowed; nobody else waits)
      10 s  1001 did not answer: keeps its place
      10 s  waits: nobody is idle; of those who can: 1 away
      11 s  offered to 1001 (idle 0 s, the only one allowed, had just missed it; nobody else waits)
      12 s  speaks with 1001, waited 12 s
      13 s  the phone of 1001 failed after 1 s: waits again
      13 s  waits: nobody is idle; of those who can: 1 away
nobody is idle; of those who can: 1 talking; 1 call comes before it until 2 s; offered to 1001 (idle 0 s, the only one allowed; nobody else waits); 1001 did not answer: keeps its place; nobody is idle; of those who can: 1 away until 11 s; offered to 1001 (idle 0 s, the only one allowed, had just missed it; nobody else waits); the phone of 1001 failed after 1 s: waits again; nobody is idle; of those who can: 1 away
",
    );
}

#[test]
fn a_call_is_found_by_its_id_in_its_life_and_by_its_number_in_every_life() {
    let call = CallNo::first(7);
    let ids = [1, 2].map(|life| Ucids::new(0, life).next(Timestamp::EPOCH));
    let facts = |id| {
        let opened = Fact::CallOpened {
            call,
            id: Some(id),
            leg: LegNo::first(0),
            trunk: None,
            call_id: id.to_string(),
            caller: Masked::default(),
            dialled: "1230".into(),
            called_first: Masked::default(),
        };
        let queued = Engine::Queued {
            call,
            queue: QueueNo::first(0),
            needs: Needs::default(),
            own: Needs::default(),
            channel: Channel::City,
            arrived: Timestamp::EPOCH,
        };
        [Fact::Acd(Engine::Planned(Box::new(plan()))), opened, Fact::Acd(queued)]
    };
    let journal: String = ids
        .into_iter()
        .flat_map(|id| (1..).zip(facts(id)))
        .map(|(seq, fact)| Record { seq, at: Timestamp::EPOCH, fact })
        .map(|record| serde_json::to_string(&record).unwrap() + "\n")
        .collect();
    let found = |wanted| {
        let mut teller = Teller::new(wanted);
        replay::read(journal.as_bytes(), |moment| teller.hear(moment));
        let stories = teller.stories();
        stories.iter().map(|it| (it.life, it.id, it.steps.len())).collect::<Vec<_>>()
    };
    let [first, second] = [(1, Some(ids[0]), 1), (2, Some(ids[1]), 2)];
    assert_eq!(found(CallRef::Id(ids[0])), [first]);
    assert_eq!(found(CallRef::Id(ids[1])), [second]);
    assert_eq!(found(CallRef::Number(call)), [first, second]);
}
