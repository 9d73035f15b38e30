//! Anything may be told at any time: nothing panics, and what must hold holds.

use proptest::prelude::*;

use super::*;
use crate::base::arena::Number;

const CALLS: u32 = 12;
const AGENTS: u32 = 6;
const PHONES: u32 = 5;
const QUEUES: u32 = 4;

/// A plan with everything in it: several queues, limits that lead in circles, scarce skills.
fn a_plan() -> impl Strategy<Value = Plan> {
    let levels = || (0u8..3, 0u8..3, 0u8..3);
    let needs = levels().prop_map(|(a, b, c)| Needs::new((0..).map(SkillNo::first).zip([a, b, c])));
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
    let limits = (0u32..4, overflow(), prop::option::of((1u64..60).prop_map(span)), overflow());
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
    let agent = (levels(), prop::bool::weighted(0.1)).prop_map(|((a, b, c), retired)| {
        let skills = Needs::new((0..).map(SkillNo::first).zip([a, b, c])).0;
        Agent { id: String::new(), skills, retired }
    });
    (
        prop::collection::vec((0u32..3, 0u64..20).prop_map(|(r, release)| skill(r, release)), 3),
        prop::collection::vec(queue, QUEUES as usize),
        prop::collection::vec(agent, AGENTS as usize),
        1..CALLS,
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
        8 => (call(), agent()).prop_map(|(call, agent)| answers(call, agent)),
        4 => (call(), agent(), why).prop_map(|(call, agent, why)| lost(call, agent, why)),
        6 => (call(), agent()).prop_map(|(call, agent)| hangs_up(call, agent)),
        4 => (agent(), phone(), any::<bool>()).prop_map(|(agent, phone, ready)| Input::SignIn {
            agent: AgentNo::first(agent),
            phone: PhoneNo::first(phone),
            ready
        }),
        1 => agent().prop_map(signs_out),
        4 => agent().prop_map(ready),
        1 => agent().prop_map(away),
        2 => agent().prop_map(|agent| Input::EndWrapUp { agent: AgentNo::first(agent) }),
        1 => agent().prop_map(|agent| Input::ExtendWrapUp { agent: AgentNo::first(agent) }),
        2 => phone().prop_map(up),
        1 => phone().prop_map(down),
        6 => Just(Input::Tick),
        1 => a_plan().prop_map(|plan| replan(&plan)),
    ];
    (prop_oneof![Just(0), 0u64..3_000_000, 0u64..30_000_000], input)
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
    | Input::AgentHungUp { call, .. } = input
    {
        let turn = &mut turns[call.index()];
        *turn += u32::from(arrives && !is_inside(CallNo::new(call.slot(), *turn)));
        *call = CallNo::new(call.slot(), *turn);
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
    let mut wake = hear(now, replan(plan));
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
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_told_what_must_hold_holds(
        plan in a_plan(),
        inputs in prop::collection::vec(an_input(), 1..150),
    ) {
        let told = live(&plan, &inputs);
        // And the same again says the same.
        prop_assert_eq!(told, live(&plan, &inputs));
    }
}
