//! The queue engine, told anything in any order: nothing panics, a refusal changes nothing, what
//! must hold holds after every step, and the facts give back the state.

#![no_main]

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use lotse::{
    acd::{
        engine::Engine,
        input::{Channel, Input, OfferLost, Target},
        invariants::Watch,
        plan::{Agent, AgentOrder, Needs, Overflow, Plan, Queue, Relax, Skill},
    },
    base::{
        arena::Number,
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo, SkillNo},
        time::{Span, Timestamp},
    },
};

const CALLS: u32 = 8;
const AGENTS: u32 = 5;
const QUEUES: u32 = 3;
const SKILLS: u32 = 3;

fn needs(u: &mut Unstructured<'_>) -> Result<Needs> {
    let mut needs = vec![];
    for skill in 0..SKILLS {
        needs.push((SkillNo::first(skill), u.int_in_range(0..=2)?));
    }
    Ok(Needs::new(needs))
}

fn overflow(u: &mut Unstructured<'_>) -> Result<Overflow> {
    Ok(match u.int_in_range(0..=4)? {
        0 => Overflow::Stay,
        1 => Overflow::Queue(QueueNo::first(u.int_in_range(0..=QUEUES - 1)?)),
        2 => Overflow::Outside(0),
        3 => Overflow::Announce,
        _ => Overflow::Busy,
    })
}

fn queue(u: &mut Unstructured<'_>) -> Result<Queue> {
    let mut relax = vec![];
    for _ in 0..u.int_in_range(0..=2)? {
        let skill = SkillNo::first(u.int_in_range(0..=SKILLS - 1)?);
        relax.push(Relax { after: secs(u, 30)?, skill, to: u.int_in_range(0..=1)? });
    }
    relax.sort_by_key(|step| step.after);
    Ok(Queue {
        name: String::new(),
        needs: needs(u)?,
        relax,
        target: secs(u, 40)?,
        order: *u.choose(&[
            AgentOrder::LongestIdle,
            AgentOrder::FewestCalls,
            AgentOrder::BestSkill,
        ])?,
        ring: secs(u, 10)?,
        wrap_up: secs(u, 10)?,
        wrap_up_extension: secs(u, 10)?,
        waiting_max: u.int_in_range(0..=4)?,
        when_full: overflow(u)?,
        wait_max: if u.arbitrary()? { Some(secs(u, 90)?) } else { None },
        when_late: overflow(u)?,
        short_abandon: Span::secs(5),
        retired: u.ratio(1, 10)?,
    })
}

fn plan(u: &mut Unstructured<'_>) -> Result<Plan> {
    let mut plan = Plan { calls_max: u.int_in_range(1..=CALLS)?, ..Plan::default() };
    for _ in 0..SKILLS {
        let (reserve, release) = (u.int_in_range(0..=2)?, secs(u, 20)?);
        plan.skills.push(Skill { name: String::new(), reserve, release });
    }
    for _ in 0..QUEUES {
        plan.queues.push(queue(u)?);
    }
    for _ in 0..AGENTS {
        let (skills, retired) = (needs(u)?.0, u.ratio(1, 10)?);
        plan.agents.push(Agent { id: String::new(), skills, retired });
    }
    Ok(plan)
}

fn secs(u: &mut Unstructured<'_>, max: u64) -> Result<Span> {
    Ok(Span::secs(u.int_in_range(0..=max)?))
}

struct World {
    now: Timestamp,
    engine: Engine,
    watch: Watch,
    /// How often each place for a call was taken.
    turns: [u32; CALLS as usize],
}

impl World {
    fn hear(&mut self, input: Input) {
        let before = self.engine.clone();
        let mut facts = vec![];
        if self.engine.handle(self.now, input, &mut facts).is_err() {
            assert!(facts.is_empty() && self.engine == before, "a refusal changed something");
        }
        self.watch.hear(self.now, &facts, &self.engine).expect("what must hold holds");
    }

    fn pass(&mut self, then: Timestamp) {
        for _ in 0..1_000 {
            let Some(due) = self.engine.next_wake().filter(|due| *due <= then) else {
                self.now = then;
                return;
            };
            self.now = self.now.max(due);
            self.hear(Input::Tick);
        }
        panic!("time stands still");
    }

    fn call(&self, u: &mut Unstructured<'_>) -> Result<CallNo> {
        let slot = u.int_in_range(0..=CALLS - 1)?;
        Ok(CallNo::new(slot, self.turns[slot as usize]))
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let agent = AgentNo::first(u.int_in_range(0..=AGENTS)?);
        let colleague = AgentNo::first(u.int_in_range(0..=AGENTS)?);
        let phone = PhoneNo::first(u.int_in_range(0..=AGENTS)?);
        // Mostly it is about the call that the agent has in hand.
        let in_hand = self.engine.state().agent(agent).and_then(|it| it.state().call());
        let call = match in_hand {
            Some(call) if u.ratio(3, 4)? => call,
            _ => self.call(u)?,
        };
        let why = *u.choose(&[
            OfferLost::NoAnswer,
            OfferLost::Refused,
            OfferLost::Busy,
            OfferLost::Unreachable,
            OfferLost::Failed,
        ])?;
        let input = match u.int_in_range(0..=24)? {
            0..=3 => {
                let mut call = self.call(u)?;
                if self.engine.state().call(call).is_none() {
                    // A number is given once.
                    let turn = &mut self.turns[call.index()];
                    *turn += 1;
                    call = CallNo::new(call.slot(), *turn);
                }
                let queue = QueueNo::first(u.int_in_range(0..=QUEUES)?);
                let (needs, channel) = (needs(u)?, Channel::City);
                Input::Arrived { call, queue, needs, channel, arrived: self.now }
            }
            4..=7 => Input::PhoneAnswered { call, agent },
            8 => Input::PhoneLost { call, agent, why },
            9 => Input::AgentHungUp { call, agent },
            10 => Input::AgentLost { call, agent },
            11 => Input::CallerGone { call },
            12 => Input::CallFailed { call },
            13 | 14 => Input::SignIn { agent, phone, ready: u.arbitrary()? },
            15 => match u.int_in_range(0..=4)? {
                0 => Input::SignOut { agent },
                1 => Input::Away { agent, reason: String::new() },
                2 => Input::EndWrapUp { agent },
                3 => Input::ExtendWrapUp { agent },
                _ => Input::Plan(Box::new(plan(u)?)),
            },
            16 => Input::Ready { agent },
            17 => Input::PhoneUp { phone },
            18 => match u.int_in_range(0..=3)? {
                0 => Input::PhoneBusy { phone },
                1 => Input::PhoneFree { phone },
                _ => Input::PhoneDown { phone },
            },
            19 | 20 => Input::Consult { call, agent, with: Target::Agent(colleague) },
            21 => match u.int_in_range(0..=3)? {
                0 => Input::Transfer { call, agent, to: Target::Agent(colleague) },
                1 => Input::CompleteTransfer { call, agent },
                2 => Input::EndConsult { call, agent },
                _ => {
                    let queue = QueueNo::first(u.int_in_range(0..=QUEUES)?);
                    Input::Consult { call, agent, with: Target::Queue(queue) }
                }
            },
            22 => match u.int_in_range(0..=3)? {
                0 => {
                    let to = Target::Queue(QueueNo::first(u.int_in_range(0..=QUEUES)?));
                    Input::Transfer { call, agent, to }
                }
                1 => Input::StartExternalTransfer { call, agent },
                2 => Input::ExternalTransferAnswered { call },
                _ => Input::ExternalTransferFailed { call },
            },
            _ => {
                let then = self.now + Span::millis(u.int_in_range(0..=40_000)?);
                self.pass(then);
                return Ok(());
            }
        };
        self.hear(input);
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let u = &mut Unstructured::new(bytes);
    let Ok(plan) = plan(u) else { return };
    let mut world = World {
        now: Timestamp(1_000_000),
        engine: Engine::new(),
        watch: Watch::default(),
        turns: [0; CALLS as usize],
    };
    world.hear(Input::Plan(Box::new(plan)));
    for phone in (0..=AGENTS).map(PhoneNo::first) {
        world.hear(Input::PhoneUp { phone });
    }
    while !u.is_empty() && world.step(u).is_ok() {}
});
