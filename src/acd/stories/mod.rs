//! Stories of callers and agents: what is told on the left, what became so on the right.
//!
//! One [`story`] is one test. Clocks run as in the house: whatever falls due before the next
//! line is ticked in between, and after every step all that must always hold is checked.

mod agents;
pub(crate) mod chaos;
mod consults;
mod limits;
mod lines;
mod phones;
mod places;
mod planted;
mod refusals;
mod skills;

use std::fmt::Write as _;

use crate::{
    acd::{
        engine::Engine,
        fact::Fact,
        input::{Channel, Input, OfferLost, Target, Unqueued},
        invariants::Watch,
        plan::{Agent, AgentOrder, Level, Needs, Overflow, Plan, Queue, Relax, Skill},
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo, SkillNo},
        time::{Span, Timestamp},
    },
};

pub(super) const GERMAN: SkillNo = SkillNo::first(0);
pub(super) const ENGLISH: SkillNo = SkillNo::first(1);

/// So many phones are there when a story begins.
pub(super) const PHONES_UP: u32 = 10;

pub(super) const fn span(secs: u64) -> Span {
    Span::secs(secs)
}

pub(super) fn skill(reserve: u32, release: u64) -> Skill {
    Skill { name: String::new(), reserve, release: span(release) }
}

/// A queue that needs German at level 1, rings for 8 s and grants no wrap-up.
pub(super) fn queue() -> Queue {
    Queue {
        name: String::new(),
        needs: Needs::new([(GERMAN, 1)]),
        relax: vec![],
        target: span(20),
        order: AgentOrder::LongestIdle,
        ring: span(8),
        wrap_up: Span::ZERO,
        wrap_up_extension: Span::ZERO,
        waiting_max: 100,
        when_full: Overflow::Busy,
        wait_max: None,
        when_late: Overflow::Stay,
        when_closed: Overflow::Announce,
        short_abandon: span(5),
        retired: false,
    }
}

pub(super) fn agent(skills: &[(SkillNo, Level)]) -> Agent {
    Agent { id: String::new(), skills: skills.to_vec(), retired: false }
}

/// Two skills, that queue, and so many agents with German.
pub(super) fn plan(agents: usize) -> Plan {
    Plan {
        skills: vec![skill(0, 0), skill(0, 0)],
        queues: vec![queue()],
        agents: vec![agent(&[(GERMAN, 1)]); agents],
        calls_max: 1000,
    }
}

pub(super) fn arrives(call: u32) -> Input {
    arrives_in(call, 0, &[])
}

pub(super) fn arrives_in(call: u32, queue: u32, own: &[(SkillNo, Level)]) -> Input {
    Input::Arrived {
        call: CallNo::first(call),
        queue: QueueNo::first(queue),
        needs: Needs(own.to_vec()),
        channel: Channel::City,
        arrived: Timestamp::EPOCH,
    }
}

pub(super) fn signs_in(agent: u32) -> Input {
    Input::SignIn { agent: AgentNo::first(agent), phone: PhoneNo::first(agent), ready: true }
}

pub(super) fn answers(call: u32, agent: u32) -> Input {
    Input::PhoneAnswered { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn lost(call: u32, agent: u32, why: OfferLost) -> Input {
    Input::PhoneLost { call: CallNo::first(call), agent: AgentNo::first(agent), why }
}

pub(super) fn hangs_up(call: u32, agent: u32) -> Input {
    Input::AgentHungUp { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn loses(call: u32, agent: u32) -> Input {
    Input::AgentLost { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn transfers(call: u32, agent: u32) -> Input {
    transfers_to_queue(call, agent, 0)
}

pub(super) fn transfers_to(call: u32, agent: u32, to: u32) -> Input {
    let (call, agent) = (CallNo::first(call), AgentNo::first(agent));
    Input::Transfer { call, agent, to: Target::Agent(AgentNo::first(to)) }
}

pub(super) fn consults(call: u32, agent: u32, with: u32) -> Input {
    let (call, agent) = (CallNo::first(call), AgentNo::first(agent));
    Input::Consult { call, agent, with: Target::Agent(AgentNo::first(with)) }
}

pub(super) fn completes(call: u32, agent: u32) -> Input {
    Input::CompleteTransfer { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn ends_consult(call: u32, agent: u32) -> Input {
    Input::EndConsult { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn leaves_outside(call: u32, agent: u32) -> Input {
    Input::StartExternalTransfer { call: CallNo::first(call), agent: AgentNo::first(agent) }
}

pub(super) fn taken_outside(call: u32) -> Input {
    Input::ExternalTransferAnswered { call: CallNo::first(call) }
}

pub(super) fn not_taken_outside(call: u32) -> Input {
    Input::ExternalTransferFailed { call: CallNo::first(call) }
}

pub(super) fn gone(call: u32) -> Input {
    Input::CallerGone { call: CallNo::first(call) }
}

pub(super) fn away(agent: u32) -> Input {
    Input::Away { agent: AgentNo::first(agent), reason: "lunch".into() }
}

pub(super) fn ready(agent: u32) -> Input {
    Input::Ready { agent: AgentNo::first(agent) }
}

pub(super) fn signs_out(agent: u32) -> Input {
    Input::SignOut { agent: AgentNo::first(agent) }
}

pub(super) fn up(phone: u32) -> Input {
    Input::PhoneUp { phone: PhoneNo::first(phone) }
}

pub(super) fn down(phone: u32) -> Input {
    Input::PhoneDown { phone: PhoneNo::first(phone) }
}

pub(super) fn busy(phone: u32) -> Input {
    Input::PhoneBusy { phone: PhoneNo::first(phone) }
}

pub(super) fn free(phone: u32) -> Input {
    Input::PhoneFree { phone: PhoneNo::first(phone) }
}

pub(super) fn leaves_menu(call: u32, how: Unqueued) -> Input {
    let (call, arrived) = (CallNo::first(call), Timestamp::EPOCH);
    Input::NeverQueued { call, channel: Channel::City, arrived, how }
}

pub(super) fn opens(queue: u32, open: bool) -> Input {
    Input::QueueOpen { queue: QueueNo::first(queue), open }
}

pub(super) fn transfers_to_queue(call: u32, agent: u32, queue: u32) -> Input {
    let (call, agent) = (CallNo::first(call), AgentNo::first(agent));
    Input::Transfer { call, agent, to: Target::Queue(QueueNo::first(queue)) }
}

pub(super) fn replan(plan: &Plan) -> Input {
    Input::Plan(Box::new(plan.clone()))
}

/// Lives through `(seconds, input)` pairs and holds what became so against `expected`.
#[track_caller]
pub(super) fn story(plan: &Plan, inputs: &[(u64, Input)], expected: &str) {
    let mut told = Told { engine: Engine::new(), watch: Watch::default(), text: String::new() };
    told.hear(Timestamp::EPOCH, replan(plan));
    for phone in 0..PHONES_UP {
        told.hear(Timestamp::EPOCH, up(phone));
    }
    told.text.clear();
    for (secs, input) in inputs {
        let at = Timestamp(secs * 1_000_000);
        while let Some(wake) = told.engine.next_wake().filter(|&wake| wake < at) {
            told.hear(wake, Input::Tick);
        }
        let mut input = input.clone();
        if let Input::Arrived { arrived, .. } = &mut input {
            *arrived = at;
        }
        told.hear(at, input);
    }
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (told, expected) = (told.text.trim(), expected.trim());
    assert!(lines(told) == lines(expected), "told:\n{told}\nexpected:\n{expected}");
}

struct Told {
    engine: Engine,
    watch: Watch,
    text: String,
}

impl Told {
    fn hear(&mut self, now: Timestamp, input: Input) {
        let mut facts: Vec<Fact> = vec![];
        if let Err(refusal) = self.engine.handle(now, input, &mut facts) {
            writeln!(self.text, "{now} refused: {}", refusal.stood).unwrap();
        }
        self.watch.hear(now, &facts, &self.engine).unwrap();
        for fact in facts {
            writeln!(self.text, "{now} {fact}").unwrap();
        }
    }
}

/// Time passes, and nothing else happens.
pub(super) fn until(secs: u64) -> (u64, Input) {
    (secs, Input::Tick)
}
