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
pub(crate) fn a_plan() -> impl Strategy<Value = Plan> {
    let overflow = || {
        prop_oneof![
            Just(Overflow::Stay),
            (0..QUEUES).prop_map(|queue| Overflow::Queue(QueueNo::first(queue))),
            Just(Overflow::Outside(1)),
            Just(Overflow::Announce),
            Just(Overflow::Busy),
        ]
    };
    let order = prop_oneof![
        Just(AgentOrder::LongestIdle),
        Just(AgentOrder::FewestCalls),
        Just(AgentOrder::BestSkill)
    ];
    let wait_max = prop::option::of((1u64..90).prop_map(span));
    let limits = (0u32..6, overflow(), wait_max, overflow(), overflow());
    let queue =
        (some_needs(), some_steps(), 1u64..40, order, 0u64..20, limits, prop::bool::weighted(0.1))
            .prop_map(|(needs, relax, target, order, wrap_up, limits, retired)| {
                let (waiting_max, when_full, wait_max, when_late, when_closed) = limits;
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
                    when_closed,
                    retired,
                    ..queue()
                }
            });
    (
        prop::collection::vec((0u32..3, 0u64..20).prop_map(|(r, release)| skill(r, release)), 3),
        prop::collection::vec(queue, QUEUES as usize),
        prop::collection::vec(an_agent(), AGENTS as usize),
        4..CALLS,
    )
        .prop_map(|(skills, queues, agents, calls_max)| Plan {
            skills,
            queues,
            agents,
            calls_max,
        })
}

/// What comes next: something is told, or the plan in force is changed a little.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Told(Input),
    Changed(Change),
}

/// What a reload changes in the middle of the traffic.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// That queue is in the file no longer, or is again.
    Retired(u32, bool),
    /// That queue needs something else.
    Needs(u32, Needs),
    /// That queue rings, relaxes and holds no longer, or longer, than it did.
    Limits {
        queue: u32,
        waiting_max: u32,
        wait_max: Option<Span>,
        wrap_up: Span,
        relax: Vec<Relax>,
    },
    /// That agent is in the file no longer, or has learned something.
    Agent(u32, Agent),
}

impl Change {
    fn of(self, plan: &Plan) -> Input {
        let mut plan = plan.clone();
        match self {
            Self::Retired(queue, retired) => plan.queues[queue as usize].retired = retired,
            Self::Needs(queue, needs) => plan.queues[queue as usize].needs = needs,
            Self::Limits { queue, waiting_max, wait_max, wrap_up, relax } => {
                let known = &mut plan.queues[queue as usize];
                *known = Queue { relax, wrap_up, waiting_max, wait_max, ..known.clone() };
            }
            Self::Agent(agent, planned) => plan.agents[agent as usize] = planned,
        }
        replan(&plan)
    }
}

fn some_needs() -> impl Strategy<Value = Needs> {
    (0u8..3, 0u8..2, 0u8..2)
        .prop_map(|(a, b, c)| Needs::new((0..).map(SkillNo::first).zip([a, b, c])))
}

fn some_steps() -> impl Strategy<Value = Vec<Relax>> {
    prop::collection::vec((0u64..40, 0u32..3, 0u8..2), 0..3).prop_map(|steps| {
        let step =
            |(after, skill, to)| Relax { after: span(after), skill: SkillNo::first(skill), to };
        let mut steps: Vec<Relax> = steps.into_iter().map(step).collect();
        steps.sort_by_key(|step| step.after);
        steps
    })
}

fn an_agent() -> impl Strategy<Value = Agent> {
    ((0u8..5, 0u8..3, 0u8..3), prop::bool::weighted(0.1)).prop_map(|((a, b, c), retired)| {
        let skills = Needs::new((0..).map(SkillNo::first).zip([a, b, c])).0;
        Agent { id: String::new(), skills, retired }
    })
}

fn a_change() -> impl Strategy<Value = Change> {
    let limits = (0..QUEUES, 0u32..6, prop::option::of((1u64..90).prop_map(span)), 0u64..20);
    prop_oneof![
        2 => (0..QUEUES, any::<bool>()).prop_map(|(queue, retired)| Change::Retired(queue, retired)),
        2 => (0..QUEUES, some_needs()).prop_map(|(queue, needs)| Change::Needs(queue, needs)),
        2 => (limits, some_steps()).prop_map(|((queue, waiting_max, wait_max, wrap_up), relax)| {
            let wrap_up = span(wrap_up);
            Change::Limits { queue, waiting_max, wait_max, wrap_up, relax }
        }),
        1 => (0..AGENTS, an_agent()).prop_map(|(agent, planned)| Change::Agent(agent, planned)),
    ]
}

/// One step, and how long after the one before it.
pub(crate) fn a_step() -> impl Strategy<Value = (u64, Step)> {
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
        1 => call().prop_map(|call| leaves_menu(call, Unqueued::Announced)),
        120 => (call(), agent()).prop_map(|(call, agent)| answers(call, agent)),
        4 => (call(), agent(), why).prop_map(|(call, agent, why)| lost(call, agent, why)),
        8 => (call(), agent()).prop_map(|(call, agent)| hangs_up(call, agent)),
        3 => (call(), agent()).prop_map(|(call, agent)| loses(call, agent)),
        3 => (call(), agent(), 0..QUEUES).prop_map(|(call, agent, queue)| {
            transfers_to_queue(call, agent, queue)
        }),
        24 => (call(), agent(), agent()).prop_map(|(call, agent, of)| transfers_to(call, agent, of)),
        60 => (call(), agent(), agent()).prop_map(|(call, agent, of)| consults(call, agent, of)),
        4 => (call(), agent(), 0..QUEUES).prop_map(|(call, agent, queue)| Input::Consult {
            call: CallNo::first(call),
            agent: AgentNo::first(agent),
            with: Target::Queue(QueueNo::first(queue)),
        }),
        3 => (call(), agent()).prop_map(|(call, agent)| completes(call, agent)),
        48 => (call(), agent()).prop_map(|(call, agent)| ends_consult(call, agent)),
        16 => (call(), agent()).prop_map(|(call, agent)| leaves_outside(call, agent)),
        4 => call().prop_map(taken_outside),
        40 => call().prop_map(not_taken_outside),
        4 => (agent(), phone(), any::<bool>()).prop_map(|(agent, phone, ready)| Input::SignIn {
            agent: AgentNo::first(agent),
            phone: PhoneNo::first(phone),
            ready
        }),
        1 => agent().prop_map(signs_out),
        8 => agent().prop_map(ready),
        1 => agent().prop_map(away),
        2 => agent().prop_map(|agent| Input::EndWrapUp { agent: AgentNo::first(agent) }),
        30 => agent().prop_map(|agent| Input::ExtendWrapUp { agent: AgentNo::first(agent) }),
        2 => phone().prop_map(up),
        1 => phone().prop_map(down),
        1 => phone().prop_map(busy),
        8 => phone().prop_map(free),
        6 => (0..QUEUES, prop::bool::weighted(0.6)).prop_map(|(queue, open)| opens(queue, open)),
        6 => Just(Input::Tick),
        1 => a_plan().prop_map(|plan| replan(&plan)),
    ];
    let step = prop_oneof![
        200 => input.prop_map(Step::Told),
        1 => a_change().prop_map(Step::Changed),
    ];
    let gap = prop_oneof![4 => Just(0), 8 => 0u64..2_000_000, 1 => 0u64..40_000_000];
    (gap, step)
}

/// Says which call is meant: the one that has the slot now. Numbers are not given out twice, so
/// whoever arrives in a slot that is empty again has a new one.
fn give_number(input: &mut Input, turns: &mut [u32], is_inside: impl Fn(CallNo) -> bool) {
    let arrives = matches!(input, Input::Arrived { .. } | Input::NeverQueued { .. });
    if let Input::Arrived { call, .. }
    | Input::CallerGone { call }
    | Input::CallFailed { call }
    | Input::NeverQueued { call, .. }
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

/// Tells an engine all of it, as a shell would, and returns everything that became so, and when.
pub(crate) fn live(plan: &Plan, steps: &[(u64, Step)]) -> Vec<(Timestamp, Fact)> {
    let mut engine = Engine::new();
    let mut watch = Watch::default();
    let mut told = vec![];
    let mut now = Timestamp::EPOCH;
    let mut turns = [0; CALLS as usize];
    let mut hear = |now, step: Step| {
        let before = engine.clone();
        let mut input = match step {
            Step::Told(input) => input,
            Step::Changed(change) => change.of(before.state().plan()),
        };
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
        told.extend(facts.into_iter().map(|fact| (now, fact)));
        engine.next_wake()
    };
    hear(now, Step::Told(replan(plan)));
    for agent in 0..PHONES {
        hear(now, Step::Told(up(agent)));
        hear(now, Step::Told(signs_in(agent)));
    }
    let mut wake: Option<Timestamp> = None;
    for (gap, step) in steps {
        let then = now + Span(*gap);
        let mut ticks = 0;
        while let Some(at) = wake.filter(|&at| at < then) {
            now = at.max(now);
            wake = hear(now, Step::Told(Input::Tick));
            assert!(wake.is_none_or(|next| next > now), "a tick at {now} leaves something due");
            ticks += 1;
            assert!(ticks < 1000, "ticks do not end");
        }
        now = then;
        let mut step = step.clone();
        if let Step::Told(Input::Arrived { arrived, .. }) = &mut step {
            *arrived = now - Span(*gap / 2);
        }
        wake = hear(now, step);
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_told_what_must_hold_holds(
        plan in a_plan(),
        inputs in prop::collection::vec(a_step(), 1..200),
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
        inputs in prop::collection::vec(a_step(), 1..200),
        heard in prop::collection::vec(prop::bool::weighted(0.8), 1..60),
    ) {
        let mut state = State::default();
        for ((_, fact), heard) in live(&plan, &inputs).iter().zip(heard.iter().cycle()) {
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
    let days = (a_plan(), prop::collection::vec(a_step(), 200));
    let mut met = BTreeMap::new();
    for _ in 0..400 {
        let (plan, inputs) = days.new_tree(&mut runner).unwrap().current();
        for (_, fact) in live(&plan, &inputs) {
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
    // Twenty-four kinds of fact, six rules, four ways to move.
    assert_eq!(met.len(), 24 + 6 + 4, "{met:#?}");
    assert!(met.values().all(|&times| times >= 4), "{met:#?}");
}
