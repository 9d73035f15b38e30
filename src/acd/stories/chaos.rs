//! Anything may be told at any time: nothing panics, and what must hold holds.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{acd::state::State, base::arena::Number};

const CALLS: u32 = 12;
const AGENTS: u32 = 6;
const PHONES: u32 = 5;
const QUEUES: u32 = 4;

/// A plan with everything in it: several queues, limits that lead in circles, scarce skills.
fn a_plan() -> impl Strategy<Value = Plan> {
    let needs = (0u8..3, 0u8..2, 0u8..2)
        .prop_map(|(a, b, c)| Needs::new((0..).map(SkillNo::first).zip([a, b, c])));
    let overflow = || {
        prop_oneof![
            Just(Overflow::Stay),
            (0..QUEUES).prop_map(|queue| Overflow::Queue(QueueNo::first(queue))),
            Just(Overflow::Outside(1)),
            Just(Overflow::Announce),
            Just(Overflow::Busy),
        ]
    };
    let relax = prop::collection::vec((0u64..40, 0u32..3, 0u8..2), 0..3).prop_map(|steps| {
        let step =
            |(after, skill, to)| Relax { after: span(after), skill: SkillNo::first(skill), to };
        let mut steps: Vec<Relax> = steps.into_iter().map(step).collect();
        steps.sort_by_key(|step| step.after);
        steps
    });
    let order = prop_oneof![
        Just(AgentOrder::LongestIdle),
        Just(AgentOrder::FewestCalls),
        Just(AgentOrder::BestSkill)
    ];
    let limits = (0u32..6, overflow(), prop::option::of((1u64..90).prop_map(span)), overflow());
    let queue = (needs, relax, 1u64..40, order, 0u64..20, limits, prop::bool::weighted(0.1))
        .prop_map(|(needs, relax, target, order, wrap_up, limits, retired)| {
            let (waiting_max, when_full, wait_max, when_late) = limits;
            Queue {
                needs,
                relax,
                target: span(target),
                order,
                wrap_up: span(wrap_up),
                wrap_up_extension: span(wrap_up / 2),
                waiting_max,
                when_full,
                wait_max,
                when_late,
                retired,
                ..queue()
            }
        });
    let agent =
        ((0u8..5, 0u8..3, 0u8..3), prop::bool::weighted(0.1)).prop_map(|((a, b, c), retired)| {
            let skills = Needs::new((0..).map(SkillNo::first).zip([a, b, c])).0;
            Agent { id: String::new(), skills, retired }
        });
    (
        prop::collection::vec((0u32..3, 0u64..20).prop_map(|(r, release)| skill(r, release)), 3),
        prop::collection::vec(queue, QUEUES as usize),
        prop::collection::vec(agent, AGENTS as usize),
        4..CALLS,
    )
        .prop_map(|(skills, queues, agents, calls_max)| Plan {
            skills,
            queues,
            agents,
            calls_max,
        })
}

/// One input, and how long after the one before it.
fn an_input() -> impl Strategy<Value = (u64, Input)> {
    let why = prop_oneof![
        Just(OfferLost::NoAnswer),
        Just(OfferLost::Refused),
        Just(OfferLost::Busy),
        Just(OfferLost::Unreachable),
        Just(OfferLost::Failed)
    ];
    let call = || 0..CALLS;
    let agent = || 0..AGENTS;
    let phone = || 0..PHONES;
    let own = (0u32..3, 0u8..3).prop_map(|(skill, level)| [(SkillNo::first(skill), level)]);
    let input = prop_oneof![
        8 => (call(), 0..QUEUES, own).prop_map(|(call, queue, own)| arrives_in(call, queue, &own)),
        2 => call().prop_map(gone),
        1 => call().prop_map(|call| Input::CallFailed { call: CallNo::first(call) }),
        60 => (call(), agent()).prop_map(|(call, agent)| answers(call, agent)),
        4 => (call(), agent(), why).prop_map(|(call, agent, why)| lost(call, agent, why)),
        8 => (call(), agent()).prop_map(|(call, agent)| hangs_up(call, agent)),
        3 => (call(), agent()).prop_map(|(call, agent)| loses(call, agent)),
        3 => (call(), agent()).prop_map(|(call, agent)| transfers(call, agent)),
        24 => (call(), agent(), agent()).prop_map(|(call, agent, of)| transfers_to(call, agent, of)),
        60 => (call(), agent(), agent()).prop_map(|(call, agent, of)| consults(call, agent, of)),
        4 => (call(), agent(), 0..QUEUES).prop_map(|(call, agent, queue)| Input::Consult {
            call: CallNo::first(call),
            agent: AgentNo::first(agent),
            with: Target::Queue(QueueNo::first(queue)),
        }),
        3 => (call(), agent()).prop_map(|(call, agent)| completes(call, agent)),
        12 => (call(), agent()).prop_map(|(call, agent)| ends_consult(call, agent)),
        9 => (call(), agent()).prop_map(|(call, agent)| leaves_outside(call, agent)),
        4 => call().prop_map(taken_outside),
        12 => call().prop_map(not_taken_outside),
        4 => (agent(), phone(), any::<bool>()).prop_map(|(agent, phone, ready)| Input::SignIn {
            agent: AgentNo::first(agent),
            phone: PhoneNo::first(phone),
            ready
        }),
        1 => agent().prop_map(signs_out),
        8 => agent().prop_map(ready),
        1 => agent().prop_map(away),
        2 => agent().prop_map(|agent| Input::EndWrapUp { agent: AgentNo::first(agent) }),
        12 => agent().prop_map(|agent| Input::ExtendWrapUp { agent: AgentNo::first(agent) }),
        2 => phone().prop_map(up),
        1 => phone().prop_map(down),
        6 => Just(Input::Tick),
        1 => a_plan().prop_map(|plan| replan(&plan)),
    ];
    let gap = prop_oneof![4 => Just(0), 8 => 0u64..2_000_000, 1 => 0u64..40_000_000];
    (gap, input)
}

/// Says which call is meant: the one that has the slot now. Numbers are not given out twice, so
/// whoever arrives in a slot that is empty again has a new one.
fn give_number(input: &mut Input, turns: &mut [u32], is_inside: impl Fn(CallNo) -> bool) {
    let arrives = matches!(input, Input::Arrived { .. });
    if let Input::Arrived { call, .. }
    | Input::CallerGone { call }
    | Input::CallFailed { call }
    | Input::PhoneAnswered { call, .. }
    | Input::PhoneLost { call, .. }
    | Input::AgentHungUp { call, .. }
    | Input::AgentLost { call, .. }
    | Input::Transfer { call, .. }
    | Input::Consult { call, .. }
    | Input::CompleteTransfer { call, .. }
    | Input::EndConsult { call, .. }
    | Input::StartExternalTransfer { call, .. }
    | Input::ExternalTransferAnswered { call }
    | Input::ExternalTransferFailed { call } = input
    {
        let turn = &mut turns[call.index()];
        *turn += u32::from(arrives && !is_inside(CallNo::new(call.slot(), *turn)));
        *call = CallNo::new(call.slot(), *turn);
    }
}

/// Lets phones speak of the call that the agent has in hand, as they mostly do.
fn take_in_hand(input: &mut Input, engine: &Engine) {
    if let Input::PhoneAnswered { call, agent }
    | Input::PhoneLost { call, agent, .. }
    | Input::AgentHungUp { call, agent }
    | Input::AgentLost { call, agent }
    | Input::Transfer { call, agent, .. }
    | Input::Consult { call, agent, .. }
    | Input::CompleteTransfer { call, agent }
    | Input::EndConsult { call, agent }
    | Input::StartExternalTransfer { call, agent } = input
        && let Some(in_hand) = engine.state().agent(*agent).and_then(|agent| agent.state().call())
        && call.slot() > 1
    {
        *call = in_hand;
    }
}

/// Tells an engine all of it, as a shell would, and returns everything that became so.
fn live(plan: &Plan, inputs: &[(u64, Input)]) -> Vec<Fact> {
    let mut engine = Engine::new();
    let mut watch = Watch::default();
    let mut told = vec![];
    let mut now = Timestamp::EPOCH;
    let mut turns = [0; CALLS as usize];
    let mut hear = |now, mut input: Input| {
        let before = engine.clone();
        give_number(&mut input, &mut turns, |call| before.state().call(call).is_some());
        take_in_hand(&mut input, &before);
        let mut facts = vec![];
        match engine.handle(now, input, &mut facts) {
            Ok(()) => (),
            Err(refusal) => {
                assert!(facts.is_empty() && engine == before, "{refusal} changed something");
            }
        }
        watch.hear(now, &facts, &engine).unwrap();
        told.append(&mut facts);
        engine.next_wake()
    };
    hear(now, replan(plan));
    for agent in 0..PHONES {
        hear(now, signs_in(agent));
    }
    let mut wake: Option<Timestamp> = None;
    for (gap, input) in inputs {
        let then = now + Span(*gap);
        let mut ticks = 0;
        while let Some(at) = wake.filter(|&at| at < then) {
            now = at.max(now);
            wake = hear(now, Input::Tick);
            assert!(wake.is_none_or(|next| next > now), "a tick at {now} leaves something due");
            ticks += 1;
            assert!(ticks < 1000, "ticks do not end");
        }
        now = then;
        let mut input = input.clone();
        if let Input::Arrived { arrived, .. } = &mut input {
            *arrived = now - Span(*gap / 2);
        }
        wake = hear(now, input);
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_told_what_must_hold_holds(
        plan in a_plan(),
        inputs in prop::collection::vec(an_input(), 1..200),
    ) {
        let told = live(&plan, &inputs);
        // And the same again says the same.
        prop_assert_eq!(told, live(&plan, &inputs));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn facts_with_holes_are_folded_as_far_as_they_go(
        plan in a_plan(),
        inputs in prop::collection::vec(an_input(), 1..200),
        heard in prop::collection::vec(prop::bool::weighted(0.8), 1..60),
    ) {
        let mut state = State::default();
        for (fact, heard) in live(&plan, &inputs).iter().zip(heard.iter().cycle()) {
            if *heard {
                state.apply(Timestamp(1), fact);
            }
        }
        prop_assert!(state.calls().count() <= CALLS as usize);
    }
}

/// Random days are worth nothing if they never get anywhere.
#[test]
fn random_days_meet_everything_that_can_happen() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let days = (a_plan(), prop::collection::vec(an_input(), 200));
    let mut met = BTreeMap::new();
    for _ in 0..160 {
        let (plan, inputs) = days.new_tree(&mut runner).unwrap().current();
        for fact in live(&plan, &inputs) {
            let text = format!("{fact:?}");
            let kind = text.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            *met.entry(kind.to_owned()).or_insert(0) += 1;
            if let Fact::Offered { decision, .. } = fact {
                *met.entry(decision.rule.word().to_owned()).or_insert(0) += 1;
            }
            if let Fact::Moved { from, to, why, .. } = fact {
                *met.entry(format!("{why:?}, {}", from == to)).or_insert(0) += 1;
            }
        }
    }
    // Twenty-two kinds of fact, six rules, three ways to move.
    assert_eq!(met.len(), 22 + 6 + 3, "{met:#?}");
    assert!(met.values().all(|&times| times >= 4), "{met:#?}");
}
