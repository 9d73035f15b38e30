//! Violations planted in the engine's books and in its facts, each alone: the invariants see them.

use super::*;
use crate::acd::{
    fact::{Decision, Outcome, Rule},
    invariants::{Broken, check},
    state::{Damage, State},
};

const CALL: CallNo = CallNo::first(0);
const NEWER: CallNo = CallNo::first(1);
const AGENT: AgentNo = AgentNo::first(0);
const COLLEAGUE: AgentNo = AgentNo::first(1);
const DESK: PhoneNo = PhoneNo::first(0);

fn at(secs: u64) -> Timestamp {
    Timestamp::EPOCH + span(secs)
}

fn planned() -> Fact {
    Fact::Planned(Box::new(plan(2)))
}

fn queued(call: CallNo, arrived: u64) -> Fact {
    Fact::Queued {
        call,
        queue: QueueNo::first(0),
        needs: queue().needs,
        own: Needs::default(),
        channel: Channel::City,
        arrived: at(arrived),
    }
}

fn offered(call: CallNo, agent: AgentNo) -> Fact {
    let decision = Decision {
        rule: Rule::Hldr,
        age: Span::ZERO,
        head_start: Span::ZERO,
        idle: Span::ZERO,
        waiting: 1,
        idle_agents: 1,
    };
    Fact::Offered { call, agent, until: at(99), decision }
}

fn ended(call: CallNo) -> Fact {
    Fact::Ended {
        call,
        queue: None,
        channel: Channel::City,
        outcome: Outcome::Failed,
        wait: Span::ZERO,
        talk: Span::ZERO,
    }
}

/// An agent who is ready at that phone.
fn at_work(agent: AgentNo, phone: PhoneNo) -> [Fact; 3] {
    [Fact::PhoneReach { phone, up: true }, Fact::SignedIn { agent, phone }, Fact::Ready { agent }]
}

fn folded(facts: impl IntoIterator<Item = Fact>) -> State {
    let mut state = State::default();
    facts.into_iter().for_each(|fact| state.apply(at(1), &fact));
    state
}

#[test]
fn each_state_that_must_not_be_is_seen() {
    let ready = |agent, phone| [vec![planned()], at_work(agent, phone).to_vec()].concat();
    let and = |facts: Vec<Fact>, more: &[Fact]| [&facts[..], more].concat();
    let retired = Plan { agents: vec![Agent { retired: true, ..agent(&[]) }; 2], ..plan(2) };
    for (why, facts, broken) in [
        ("as it should be", ready(AGENT, DESK), None),
        (
            "a caller waits while an agent idles",
            and(ready(AGENT, DESK), &[queued(CALL, 0)]),
            Some(Broken::Idle(CALL, AGENT)),
        ),
        (
            "a call rings at an agent who knows nothing of it",
            vec![planned(), queued(CALL, 0), offered(CALL, AGENT)],
            Some(Broken::Torn(Some(CALL), Some(AGENT))),
        ),
        (
            "an agent has a call that is over",
            and(ready(AGENT, DESK), &[queued(CALL, 0), offered(CALL, AGENT), ended(CALL)]),
            Some(Broken::Torn(Some(CALL), Some(AGENT))),
        ),
        (
            "two agents sit at one phone",
            and(ready(AGENT, DESK), &at_work(COLLEAGUE, DESK)),
            Some(Broken::Seat(AGENT, DESK)),
        ),
        (
            "an agent is ready at a phone that cannot be rung",
            and(ready(AGENT, DESK), &[Fact::PhoneReach { phone: DESK, up: false }]),
            Some(Broken::Unready(AGENT, DESK)),
        ),
        (
            "an agent is ready at a phone in another call",
            and(ready(AGENT, DESK), &[Fact::PhoneOccupied { phone: DESK, occupied: true }]),
            Some(Broken::Unready(AGENT, DESK)),
        ),
        (
            "an agent whom the plan no longer names is at work",
            and(ready(AGENT, DESK), &[Fact::Planned(Box::new(retired))]),
            Some(Broken::Retired(AGENT)),
        ),
    ] {
        assert_eq!(check(&folded(facts), at(1)).err(), broken, "{why}");
    }
}

#[test]
fn each_damage_to_the_books_is_seen() {
    let facts = [vec![planned(), queued(CALL, 0)], at_work(AGENT, DESK).to_vec()].concat();
    let whole = folded(facts);
    for (damage, broken) in [
        (Damage::Line, Broken::Line(CALL)),
        (Damage::Pool, Broken::Pool(AGENT)),
        (Damage::Waiting, Broken::Count("waiting")),
        (Damage::Idle, Broken::Count("idle")),
        (Damage::AtWork, Broken::Count("agents at work")),
    ] {
        let mut state = whole.clone();
        state.damage(damage);
        assert_eq!(check(&state, at(1)).err(), Some(broken), "{damage:?}");
    }
}

#[test]
fn each_story_that_must_not_be_is_seen() {
    let two = || vec![planned(), queued(CALL, 0), queued(NEWER, 1)];
    let and = |facts: Vec<Fact>, more: &[Fact]| [&facts[..], more].concat();
    let ready = at_work(AGENT, DESK);
    for (why, facts, broken) in [
        (
            "the newer of two who need the same is offered first",
            and(and(two(), &ready), &[offered(NEWER, AGENT)]),
            Broken::Overtaken(CALL, NEWER),
        ),
        ("a call begins twice", and(two(), &[queued(CALL, 0)]), Broken::Outcome(CALL)),
        ("a call ends twice", and(two(), &[ended(CALL), ended(CALL)]), Broken::Outcome(CALL)),
        ("the engine lived through something else", two(), Broken::Replay),
    ] {
        let heard = Watch::default().hear(at(2), &facts, &Engine::new());
        assert_eq!(heard, Err(broken), "{why}");
    }

    // The engine and the facts agree, and yet the call has lost its place.
    let mut state = folded(two());
    let mut watch = Watch::default();
    assert_eq!(watch.hear(at(2), &two(), &Engine::resume(state.clone())), Ok(()));
    state.damage(Damage::Place);
    watch.damage(Damage::Place);
    assert_eq!(watch.hear(at(2), &[], &Engine::resume(state)), Err(Broken::Place(CALL)));

    let mut watch = Watch::default();
    assert_eq!(watch.hear(at(2), &[], &Engine::new()), Ok(()));
    assert_eq!(watch.hear(at(1), &[], &Engine::new()), Err(Broken::Time(at(1))));
}
