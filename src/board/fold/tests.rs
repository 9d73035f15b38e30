//! Stories of a board, and what holds for any facts at all.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::{
    acd::{
        fact::{Decision, Limit, Outcome, Rule},
        input::{Channel, OfferLost},
        plan::{AgentOrder, Needs, Overflow, Plan},
    },
    base::{masked::Masked, numbers::SkillNo, time::Span},
    media::order::{Codec, Report},
};

const ANNA: AgentNo = AgentNo::first(0);
const BEN: AgentNo = AgentNo::first(1);
const CITY: QueueNo = QueueNo::first(0);
const D115: QueueNo = QueueNo::first(1);
const DECISION: Decision = Decision {
    rule: Rule::Direct,
    age: Span::ZERO,
    head_start: Span::ZERO,
    idle: Span::secs(3),
    waiting: 1,
    idle_agents: 1,
};

fn at(millis: u64) -> Timestamp {
    Timestamp(millis * 1000)
}

fn queue(name: &str) -> acd::plan::Queue {
    acd::plan::Queue {
        name: name.to_owned(),
        needs: Needs(vec![(SkillNo::first(0), 1)]),
        relax: vec![],
        target: Span::secs(20),
        order: AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::secs(30),
        wrap_up_extension: Span::secs(30),
        waiting_max: 100,
        when_full: Overflow::Busy,
        wait_max: None,
        when_late: Overflow::Stay,
        when_closed: Overflow::Announce,
        short_abandon: Span::secs(5),
        retired: false,
    }
}

fn plan() -> AcdFact {
    let agent = |id: &str| acd::plan::Agent {
        id: id.to_owned(),
        skills: vec![(SkillNo::first(0), 5)],
        retired: false,
    };
    AcdFact::Planned(Box::new(Plan {
        skills: vec![acd::plan::Skill {
            name: "german".to_owned(),
            reserve: 0,
            release: Span::secs(16),
        }],
        queues: vec![queue("buergertelefon"), queue("d115")],
        agents: vec![agent("1001"), agent("1002")],
        calls_max: 100,
    }))
}

fn queued(call: CallNo, queue: QueueNo, arrived: u64) -> AcdFact {
    let arrived = at(arrived);
    AcdFact::Queued {
        call,
        queue,
        needs: Needs::default(),
        own: Needs::default(),
        channel: Channel::City,
        arrived,
    }
}

fn offered(call: CallNo, agent: AgentNo) -> AcdFact {
    AcdFact::Offered { call, agent, until: at(99_000), decision: DECISION }
}

fn answered(call: CallNo, agent: AgentNo, wait: u64) -> AcdFact {
    AcdFact::Answered { call, agent, wait: Span::millis(wait) }
}

fn ended(call: CallNo, outcome: Outcome, wait: u64) -> AcdFact {
    AcdFact::Ended {
        call,
        queue: Some(CITY),
        channel: Channel::City,
        outcome,
        wait: Span::millis(wait),
        talk: Span::secs(60),
    }
}

/// Folds `(milliseconds, fact)` pairs and shows the board after each, a line each.
fn story(facts: &[(u64, AcdFact)]) -> String {
    let mut board = Board::new(10);
    let mut shown = String::new();
    for (seq, (millis, fact)) in (1..).zip(facts) {
        board.fold(&Record { seq, at: at(*millis), fact: Fact::Acd(fact.clone()) });
        let agents = board.agents().map(|(_, plan, agent)| {
            let phone = agent.phone.map(|it| format!("@{it}")).unwrap_or_default();
            format!("{}{phone} {}", plan.id, agent.state.word())
        });
        let queues = board.queues().map(|(_, plan, queue)| {
            let oldest = queue.oldest_wait(at(*millis));
            format!("{} {} ({oldest})", plan.name, queue.waiting())
        });
        let line = [agents.collect::<Vec<_>>().join(", "), queues.collect::<Vec<_>>().join(", ")];
        writeln!(shown, "{} {}", at(*millis), line.join(" | ")).unwrap();
    }
    shown
}

#[test]
fn a_call_from_its_place_in_line_to_the_wrap_up() {
    let call = CallNo::first(0);
    let shown = story(&[
        (0, plan()),
        (1_000, AcdFact::SignedIn { agent: ANNA, phone: PhoneNo::first(7) }),
        (2_000, queued(call, CITY, 1_500)),
        (
            3_000,
            AcdFact::Moved {
                call,
                from: CITY,
                to: D115,
                needs: Needs::default(),
                why: Limit::Full,
            },
        ),
        (4_000, AcdFact::Ready { agent: ANNA }),
        (4_000, offered(call, ANNA)),
        (6_000, answered(call, ANNA, 4_500)),
        (66_000, ended(call, Outcome::Answered(ANNA), 4_500)),
        (66_000, AcdFact::WrappingUp { agent: ANNA, call, until: at(96_000) }),
        (96_000, AcdFact::SignedOut { agent: ANNA }),
    ]);
    assert_eq!(
        shown,
        "\
00:00:00.000 1001 signed-out, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
00:00:01.000 1001@phone-7 away, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
00:00:02.000 1001@phone-7 away, 1002 signed-out | buergertelefon 1 (0.500s), d115 0 (0s)
00:00:03.000 1001@phone-7 away, 1002 signed-out | buergertelefon 0 (0s), d115 1 (1.500s)
00:00:04.000 1001@phone-7 ready, 1002 signed-out | buergertelefon 0 (0s), d115 1 (2.500s)
00:00:04.000 1001@phone-7 ringing, 1002 signed-out | buergertelefon 0 (0s), d115 1 (2.500s)
00:00:06.000 1001@phone-7 talking, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
00:01:06.000 1001@phone-7 talking, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
00:01:06.000 1001@phone-7 wrap-up, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
00:01:36.000 1001 signed-out, 1002 signed-out | buergertelefon 0 (0s), d115 0 (0s)
"
    );
}

/// Folds facts a second apart.
fn board_of(facts: Vec<Fact>) -> Board {
    let mut board = Board::new(10);
    for (seq, fact) in (1..).zip(facts) {
        board.fold(&Record { seq, at: at(seq * 1000), fact });
    }
    board
}

#[test]
fn an_answered_call_is_counted_at_the_answer_and_once() {
    let call = CallNo::first(0);
    let facts = [
        plan(),
        queued(call, CITY, 0),
        offered(call, ANNA),
        answered(call, ANNA, 20_000),
        answered(call, BEN, 40_000),
        ended(call, Outcome::Failed, 20_000),
    ];
    let mut answers = vec![];
    for upto in 1..=facts.len() {
        let board = board_of(facts.iter().take(upto).cloned().map(Fact::Acd).collect());
        let tally = board.levels().of_queue(CITY);
        answers.push((tally.answered, tally.answered_within, tally.failed));
    }
    assert_eq!(answers[3..], [(1, [1, 1], 0); 3]);
    assert_eq!(answers[2], (0, [0, 0], 0));
}

#[test]
fn a_call_whose_agents_phone_failed_waits_in_its_old_place_and_stays_one_answered_call() {
    let (first, second) = (CallNo::first(0), CallNo::first(1));
    let facts = [
        plan(),
        queued(first, CITY, 100),
        offered(first, ANNA),
        answered(first, ANNA, 4_000),
        queued(second, CITY, 200),
        AcdFact::Requeued { call: first, agent: ANNA, talk: Span::secs(9) },
    ];
    let board = board_of(facts.iter().cloned().map(Fact::Acd).collect());
    let line: Vec<_> = board.queue(CITY).unwrap().line().collect();
    assert_eq!(line, [first, second]);
    let call = board.call(first).unwrap();
    assert_eq!((call.state.word(), call.returned, call.again), ("waiting", 1, at(6_000)));

    let more = [offered(first, BEN), answered(first, BEN, 2_000)];
    let more = more.into_iter().chain([ended(first, Outcome::Answered(BEN), 4_000)]);
    let board = board_of(facts.into_iter().chain(more).map(Fact::Acd).collect());
    let tally = board.levels().of_queue(CITY);
    assert_eq!((tally.answered, tally.waited, tally.due()), (1, Span::secs(4), 1));
}

#[test]
fn a_lost_offer_keeps_the_callers_place() {
    let (first, second) = (CallNo::first(0), CallNo::first(1));
    let why = OfferLost::NoAnswer;
    let board = board_of(
        [
            plan(),
            queued(first, CITY, 100),
            queued(second, CITY, 200),
            offered(first, ANNA),
            AcdFact::OfferLost { call: first, agent: ANNA, why },
            AcdFact::WentAway { agent: ANNA, why: Why::Lost(why), until: None },
        ]
        .map(Fact::Acd)
        .into(),
    );
    let line: Vec<_> = board.queue(CITY).unwrap().line().collect();
    assert_eq!(line, [first, second]);
    assert_eq!(board.call(first).unwrap().offers_lost, 1);
    assert_eq!(board.agent(ANNA).unwrap().state.word(), "away");
}

#[test]
fn a_leg_tells_trunk_and_codec_until_it_is_closed_and_the_caller_stays_masked() {
    let (call, leg, trunk) = (CallNo::first(0), LegNo::first(3), TrunkNo::first(0));
    let opened = Fact::CallOpened {
        call,
        id: None,
        leg,
        trunk: Some(trunk),
        call_id: "a84b4c76e66710".to_owned(),
        caller: Masked::new("+493411234567"),
        dialled: "1230".to_owned(),
        called_first: Masked::default(),
    };
    let negotiated = Fact::Negotiated { leg, codec: Codec::Pcma };
    let mut facts = vec![Fact::Acd(plan()), opened, negotiated, Fact::Acd(queued(call, CITY, 0))];
    let board = board_of(facts.clone());
    let from = board.call(call).unwrap().from.clone().unwrap();
    assert_eq!((from.caller.as_str(), from.codec), ("***4567", Some(Codec::Pcma)));
    assert_eq!((board.channels_in_use(trunk), board.call_of(leg)), (1, Some(call)));

    facts.push(Fact::LegClosed {
        leg,
        call: Some(call),
        agent: false,
        report: Report { received: 50, ..Report::default() },
    });
    let board = board_of(facts);
    assert_eq!((board.channels_in_use(trunk), board.call_of(leg)), (0, None));
    let sound = board.call(call).unwrap().sound;
    assert_eq!((sound.caller.map(|it| it.received), sound.agent), (Some(50), None));
    assert!(!format!("{board:?}").contains("1234567"));
}

#[test]
fn a_gap_is_counted_and_a_new_call_heals_what_it_left() {
    let (lost, next) = (CallNo::first(5), CallNo::new(5, 1));
    let mut board = Board::new(10);
    let mut tell = |seq, fact| board.fold(&Record { seq, at: at(seq), fact: Fact::Acd(fact) });
    tell(1, plan());
    tell(2, queued(lost, CITY, 1));
    tell(7, queued(next, CITY, 6));
    tell(7, queued(CallNo::first(6), CITY, 6));
    assert_eq!((board.missed(), board.seq()), (4, 7));
    assert_eq!(board.calls().map(|it| it.no).collect::<Vec<_>>(), [next]);
    assert_eq!(board.queue(CITY).unwrap().line().collect::<Vec<_>>(), [next]);
}

#[test]
fn only_so_many_ended_calls_are_kept_the_last_first() {
    let mut board = Board::new(2);
    for slot in 0..5 {
        let fact = ended(CallNo::first(slot), Outcome::Abandoned, 9_000);
        board.fold(&Record { seq: u64::from(slot) + 1, at: at(9_000), fact: Fact::Acd(fact) });
    }
    let kept: Vec<_> = board.ended().map(|it| it.call.no.slot()).collect();
    assert_eq!(kept, [4, 3]);
}

/// Any fact at all, numbers beyond the plan among them.
fn any_fact() -> impl Strategy<Value = Fact> {
    let call = || (0..4u32, 0..2u32).prop_map(|(slot, turn)| CallNo::new(slot, turn));
    let agent = || (0..3u32).prop_map(AgentNo::first);
    let queue = || (0..3u32).prop_map(QueueNo::first);
    let leg = || (0..3u32, 0..2u32).prop_map(|(slot, turn)| LegNo::new(slot, turn));
    let until = at(1_000_000);
    let outcome = prop_oneof![
        agent().prop_map(Outcome::Answered),
        Just(Outcome::Abandoned),
        Just(Outcome::ShortAbandoned),
        Just(Outcome::Overflowed(0, Limit::Full)),
        Just(Outcome::TurnedAway(Overflow::Busy, Limit::Capacity)),
        Just(Outcome::Failed),
    ];
    let engine = prop_oneof![
        Just(plan()),
        (call(), queue(), 0..90_000u64).prop_map(|(call, q, arrived)| queued(call, q, arrived)),
        (call(), queue()).prop_map(|(call, to)| AcdFact::Moved {
            call,
            from: CITY,
            to,
            needs: Needs::default(),
            why: Limit::Late
        }),
        (call(), 0..9u8).prop_map(|(call, step)| AcdFact::Relaxed {
            call,
            step,
            needs: Needs::default()
        }),
        (call(), agent()).prop_map(|(call, agent)| offered(call, agent)),
        (call(), agent()).prop_map(|(call, agent)| AcdFact::OfferLost {
            call,
            agent,
            why: OfferLost::Busy
        }),
        (call(), agent(), 0..60_000u64).prop_map(|(call, agent, wait)| answered(call, agent, wait)),
        (call(), outcome, 0..60_000u64).prop_map(|(call, how, wait)| ended(call, how, wait)),
        (agent(), 0..3u32)
            .prop_map(|(agent, p)| AcdFact::SignedIn { agent, phone: PhoneNo::first(p) }),
        agent().prop_map(|agent| AcdFact::Ready { agent }),
        agent().prop_map(|agent| AcdFact::WentAway {
            agent,
            why: Why::NoPhone,
            until: Some(at(5))
        }),
        (agent(), call()).prop_map(move |(agent, call)| AcdFact::WrappingUp { agent, call, until }),
        agent().prop_map(move |agent| AcdFact::WrapUpExtended { agent, until }),
        agent().prop_map(|agent| AcdFact::NextChosen { agent, next: Next::SignedOut }),
        agent().prop_map(|agent| AcdFact::SignedOut { agent }),
        (0..3u32, any::<bool>())
            .prop_map(|(p, up)| AcdFact::PhoneReach { phone: PhoneNo::first(p), up }),
    ];
    prop_oneof![
        9 => engine.prop_map(Fact::Acd),
        1 => (call(), leg()).prop_map(|(call, leg)| Fact::CallOpened {
            call,
            id: None,
            leg,
            trunk: Some(TrunkNo::first(0)),
            call_id: "x".to_owned(),
            caller: Masked::new("+493411234567"),
            dialled: "1230".to_owned(),
            called_first: Masked::default(),
        }),
        1 => leg().prop_map(|leg| Fact::Negotiated { leg, codec: Codec::G722 }),
        1 => (leg(), any::<bool>())
            .prop_map(|(leg, agent)| Fact::LegClosed { leg, call: None, agent, report: Report::default() }),
        1 => Just(Fact::CallRefused { id: None, call_id: String::new(), trunk: None, status: 503, why: "capacity".to_owned() }),
    ]
}

fn any_story() -> impl Strategy<Value = Vec<Record>> {
    let step = (any_fact(), 1..3u64, 0..3_000u64);
    proptest::collection::vec(step, 0..200).prop_map(|steps| {
        let (mut seq, mut millis) = (0, 0);
        steps
            .into_iter()
            .map(|(fact, steps, passed)| {
                seq += steps;
                millis += passed;
                Record { seq, at: at(millis), fact }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_snapshot_that_goes_on_is_the_whole_fold(records in any_story(), cut in 0..200usize) {
        let (head, tail) = records.split_at(cut.min(records.len()));
        let mut whole = Board::new(5);
        let mut first = Board::new(5);
        for it in &records {
whole.fold(it);
}
        for it in head {
first.fold(it);
}

        let written = serde_json::to_string(&first).unwrap();
        let mut resumed: Board = serde_json::from_str(&written).unwrap();
        for it in tail {
resumed.fold(it);
}
        prop_assert_eq!(resumed, whole);
    }

    #[test]
    fn the_lines_hold_exactly_the_calls_that_wait(records in any_story()) {
        let mut board = Board::new(5);
        board.fold(&Record { seq: 1, at: at(0), fact: Fact::Acd(plan()) });
        for it in &records {
            board.fold(&Record { seq: it.seq + 1, ..it.clone() });
            let known = board.plan().queues.len();
            let waiting: Vec<_> = board
                .calls()
                .filter(|it| it.state.waits() && it.queue.is_some_and(|q| q.index() < known))
                .map(|it| it.no)
                .collect();
            let mut lines: Vec<_> = board.queues().flat_map(|(_, _, queue)| queue.line()).collect();
            lines.sort_by_key(|it| it.slot());
            prop_assert_eq!(lines, waiting);
            let counted: u64 = board.hours().now().iter().sum();
            let at_work = board.agents().filter(|(_, _, it)| it.state.group().is_some()).count();
            prop_assert_eq!(counted, at_work as u64);
            prop_assert!(board.ended().count() <= 5);
        }
    }
}
