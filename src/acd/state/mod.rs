//! Everything the engine knows. [`State::apply`] is the only writer.
//!
//! ```text
//!   calls ──► lines (by queue and needs, first come first)
//!   agents ─► pools (by skills, longest idle first)
//!   phones ─► the one agent who sits there
//! ```
//!
//! Facts in, nothing out: applying the facts of a journal in order gives back the very state
//! that lived through the inputs. A fact that makes no sense here changes nothing; it does not
//! fail, for there would be nobody to tell. So a journal with holes is folded as far as it goes.
//!
//! Nobody else writes, and the compiler holds it (invariant 5):
//!
//! ```compile_fail
//! let mut state = lotse::acd::state::State::default();
//! state.waiting = 7;
//! ```

pub mod agent;
pub mod call;
pub(in crate::acd) mod line;
pub(in crate::acd) mod pool;
pub(in crate::acd) mod waiters;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use crate::{
    acd::{
        consult::{Consult, Stage},
        fact::{Fact, Next, Why},
        plan::{Plan, Queue},
        state::{
            agent::{Agent, AgentState, SIGNED_IN},
            call::{Before, Call, CallState},
            line::{Change, Key, Line, LineNo},
            pool::{Pool, PoolNo},
        },
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo, SkillNo},
        table::Table,
        time::{Span, Timestamp},
    },
};

/// Everything the engine knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    plan: Plan,

    calls: Table<CallNo, Call>,
    lines: Vec<Line>,
    line_of: BTreeMap<Key, LineNo>,
    /// Lines that someone waits in.
    occupied: BTreeSet<LineNo>,
    /// How many wait, by queue.
    waiting_in: Vec<u32>,
    waiting: u32,

    agents: Vec<Agent>,
    pools: Vec<Pool>,
    idle: u32,
    /// How many are idle, by skill.
    idle_with: Vec<u32>,
    /// How long people speak, of late.
    talk: Talk,
    /// When an agent's state ends by itself: it carries that time, so nothing else has to.
    alarms: BTreeSet<(Timestamp, AgentNo)>,

    phones: BTreeMap<PhoneNo, Phone>,
}

/// What is known of a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Phone {
    /// Whether it can be rung. One that nothing was heard of cannot.
    up: bool,
    /// Whether it is in a call outside all queues.
    occupied: bool,
    /// Who sits there.
    agent: Option<AgentNo>,
}

/// How long people speak: a mean in which each call counts a little and older ones less and less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Talk(Span);

impl Default for Talk {
    /// Until it is known better: four minutes.
    fn default() -> Self {
        Self(Span::secs(240))
    }
}

impl Talk {
    /// One in so many calls is what the mean forgets with each.
    const MEMORY: u64 = 64;

    fn note(&mut self, talk: Span) {
        let kept = self.0.0 - self.0.0 / Self::MEMORY;
        self.0 = Span(kept.saturating_add(talk.0 / Self::MEMORY));
    }
}

// What may be asked.
impl State {
    /// The configuration.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A call that is inside: waiting, ringing or talking.
    #[must_use]
    pub fn call(&self, no: CallNo) -> Option<&Call> {
        self.calls.get(no)
    }

    /// All calls that are inside.
    pub fn calls(&self) -> impl Iterator<Item = (CallNo, &Call)> {
        self.calls.iter()
    }

    /// How many calls are inside.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.calls.len()
    }

    /// Whether a call of that number could be let in.
    #[must_use]
    pub fn has_room_for(&self, no: CallNo) -> bool {
        self.calls.has_room_for(no)
    }

    /// How many calls wait in all queues.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting
    }

    /// How many calls wait in that queue.
    #[must_use]
    pub fn waiting_in(&self, queue: QueueNo) -> u32 {
        self.waiting_in.get(queue.index()).copied().unwrap_or_default()
    }

    /// The queue that a call is in.
    #[must_use]
    pub fn queue_no_of(&self, call: &Call) -> Option<QueueNo> {
        self.line(call.line).map(|line| line.key.queue)
    }

    /// What the plan says of the queue that a call is in.
    #[must_use]
    pub fn queue_of(&self, call: &Call) -> Option<&Queue> {
        self.plan.queues.get(self.queue_no_of(call)?.index())
    }

    /// An agent of the configuration.
    #[must_use]
    pub fn agent(&self, no: AgentNo) -> Option<&Agent> {
        self.agents.get(no.index())
    }

    /// All agents of the configuration.
    pub fn agents(&self) -> impl Iterator<Item = (AgentNo, &Agent)> {
        (0..).map(AgentNo::first).zip(&self.agents)
    }

    /// How many agents are idle.
    #[must_use]
    pub fn idle(&self) -> u32 {
        self.idle
    }

    /// Who sits at that phone.
    #[must_use]
    pub fn agent_at(&self, phone: PhoneNo) -> Option<AgentNo> {
        self.phones.get(&phone).and_then(|phone| phone.agent)
    }

    /// Every phone that someone sits at, and who.
    pub fn seats(&self) -> impl Iterator<Item = (PhoneNo, AgentNo)> {
        self.phones.iter().filter_map(|(&no, phone)| Some((no, phone.agent?)))
    }

    /// Whether that phone can be rung.
    #[must_use]
    pub fn is_reachable(&self, phone: PhoneNo) -> bool {
        self.phones.get(&phone).is_some_and(|phone| phone.up)
    }

    /// Whether that phone is in a call outside all queues: one that it dialled itself, say.
    #[must_use]
    pub fn is_occupied(&self, phone: PhoneNo) -> bool {
        self.phones.get(&phone).is_some_and(|phone| phone.occupied)
    }
}

// What the matching asks.
impl State {
    pub(in crate::acd) fn line(&self, no: LineNo) -> Option<&Line> {
        self.lines.get(no.0 as usize)
    }

    /// Lines that someone waits in.
    pub(in crate::acd) fn occupied(&self) -> impl Iterator<Item = (LineNo, &Line)> {
        self.occupied.iter().filter_map(|&no| Some((no, self.line(no)?)))
    }

    pub(in crate::acd) fn pool(&self, no: PoolNo) -> Option<&Pool> {
        self.pools.get(no.0 as usize)
    }

    pub(in crate::acd) fn pools(&self) -> &[Pool] {
        &self.pools
    }

    pub(in crate::acd) fn idle_with(&self, skill: SkillNo) -> u32 {
        self.idle_with.get(skill.index()).copied().unwrap_or_default()
    }

    /// How long people speak, of late.
    pub(in crate::acd) fn talk(&self) -> Span {
        self.talk.0
    }

    /// The next agent whose state ends by itself.
    pub(in crate::acd) fn next_alarm(&self) -> Option<(Timestamp, AgentNo)> {
        self.alarms.first().copied()
    }

    /// What waiting brings next, and to whom.
    pub(in crate::acd) fn next_change(&self) -> Option<(Timestamp, Change, CallNo)> {
        self.occupied().filter_map(|(_, line)| line.next_change()).min()
    }
}

// What becomes so.
impl State {
    /// Makes `fact` so.
    #[allow(clippy::too_many_lines)] // A row a fact.
    pub fn apply(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::Planned(plan) => self.replan(plan),

            Fact::Queued { call, queue, own, channel, arrived, .. } => {
                let key = Key { queue: *queue, own: own.clone(), step: 0, stays: false };
                let line = self.line_for(key);
                let new = Call {
                    line,
                    channel: *channel,
                    arrived: *arrived,
                    missed_by: None,
                    consult: None,
                    before: None,
                    state: CallState::Waiting,
                };
                if self.calls.has_room_for(*call) {
                    self.calls.insert(*call, new);
                    self.join_line(*call);
                }
            }
            Fact::Relaxed { call, step, .. } => {
                self.change_line(*call, |key| Key { step: *step, ..key });
            }
            Fact::Moved { call, from, to, .. } if from == to => {
                self.change_line(*call, |key| Key { stays: true, ..key });
            }
            Fact::Moved { call, to, .. } => {
                self.change_line(*call, |key| Key { queue: *to, step: 0, stays: false, ..key });
            }
            &Fact::Offered { call, agent, until, decision } => {
                self.leave_line(call);
                match self.calls.get_mut(call) {
                    // Whoever speaks with it wants a colleague.
                    Some(known) if matches!(known.state, CallState::Talking { .. }) => {
                        let stage = decision.rule.asks_for().unwrap_or(Stage::Transferring);
                        known.consult = Some(Consult { with: agent, stage });
                    }
                    Some(known) => known.state = CallState::Ringing { agent },
                    None => (),
                }
                self.turn_agent(agent, |state| {
                    if let AgentState::Idle { phone, since: idle } = *state {
                        *state = AgentState::Reserved { phone, call, until, idle };
                    }
                });
            }
            Fact::OfferLost { call, agent, .. } => {
                let Some(known) = self.calls.get_mut(*call) else { return };
                if known.consult.is_some_and(|it| it.with == *agent) {
                    known.consult = None;
                    return;
                }
                known.state = CallState::Waiting;
                known.missed_by = Some(*agent);
                self.join_line(*call);
            }
            Fact::Answered { call, agent, .. } => self.answered(at, *call, *agent),
            Fact::Requeued { call, agent, .. } => {
                self.returned(at, *call, *agent, CallState::Waiting, None);
            }
            Fact::Transferred { call, agent, to, .. } => {
                self.returned(at, *call, *agent, CallState::Waiting, Some(*to));
            }
            Fact::ExternalTransferStarted { call, agent, .. } => {
                self.returned(at, *call, *agent, CallState::Outside, None);
            }
            Fact::ExternalTransferFailed { call } => {
                if let Some(before) = self.calls.get_mut(*call).and_then(|it| it.before.as_mut()) {
                    before.since = at;
                }
                self.set_call(*call, CallState::Waiting);
                self.join_line(*call);
            }
            Fact::Consulted { call, with, .. } => self.consulted(*call, *with),
            Fact::ConsultEnded { call, .. } => {
                if let Some(known) = self.calls.get_mut(*call) {
                    known.consult = None;
                }
            }
            Fact::Ended { call, talk, .. } => {
                if *talk > Span::ZERO {
                    self.talk.note(*talk);
                }
                self.leave_line(*call);
                self.calls.remove(*call);
            }

            Fact::SignedIn { agent, phone } => self.sign_in(*agent, *phone),
            Fact::Ready { agent } => self.turn_agent(*agent, |state| match *state {
                AgentState::SignedOut => (),
                // The call was taken back: the agent keeps its turn.
                AgentState::Reserved { phone, idle: since, .. } => {
                    *state = AgentState::Idle { phone, since };
                }
                AgentState::Idle { phone, .. }
                | AgentState::Talking { phone, .. }
                | AgentState::WrapUp { phone, .. }
                | AgentState::Away { phone, .. } => *state = AgentState::Idle { phone, since: at },
            }),
            Fact::WentAway { agent, why, until } => self.turn_agent(*agent, |state| {
                if let Some(phone) = state.phone() {
                    *state = AgentState::Away { phone, why: why.clone(), until: *until };
                }
            }),
            &Fact::WrappingUp { agent, call, until } => self.turn_agent(agent, |state| {
                if let AgentState::Talking { phone, queue, ref mut next, .. } = *state {
                    let (next, extended) = (mem::take(next), false);
                    *state = AgentState::WrapUp { phone, call, queue, until, extended, next };
                }
            }),
            Fact::WrapUpExtended { agent, until: later } => self.turn_agent(*agent, |state| {
                if let AgentState::WrapUp { until, extended, .. } = state {
                    (*until, *extended) = (*later, true);
                }
            }),
            Fact::NextChosen { agent, next: chosen } => self.turn_agent(*agent, |state| {
                if let AgentState::Talking { next, .. } | AgentState::WrapUp { next, .. } = state {
                    next.clone_from(chosen);
                }
            }),
            Fact::SignedOut { agent } => {
                self.leave_phone(*agent);
                self.turn_agent(*agent, |state| *state = AgentState::SignedOut);
            }
            Fact::PhoneReach { phone, up } => {
                self.phones.entry(*phone).or_default().up = *up;
            }
            Fact::PhoneOccupied { phone, occupied } => {
                self.phones.entry(*phone).or_default().occupied = *occupied;
            }
        }
    }

    /// Brings everything under a new plan. Calls keep their places, agents what they do.
    fn replan(&mut self, plan: &Plan) {
        self.plan = plan.clone();
        self.waiting_in.resize(plan.queues.len(), 0);
        self.agents.resize_with(plan.agents.len(), Agent::default);

        let mut pool_of = BTreeMap::new();
        self.pools.clear();
        for (agent, planned) in self.agents.iter_mut().zip(&plan.agents) {
            agent.pool = *pool_of.entry(&planned.skills).or_insert_with(|| {
                self.pools.push(Pool::new(planned.skills.clone(), plan));
                PoolNo(u32::try_from(self.pools.len() - 1).unwrap_or(u32::MAX))
            });
        }
        self.idle = 0;
        self.idle_with = vec![0; plan.skills.len()];
        for no in (0..).map(AgentNo::first).take(self.agents.len()) {
            self.enter_pool(no);
        }
        for line in &mut self.lines {
            line.replan(plan, &self.pools);
        }
    }

    fn answered(&mut self, at: Timestamp, no: CallNo, agent: AgentNo) {
        let Some(queue) = self.calls.get(no).and_then(|call| self.queue_no_of(call)) else {
            return;
        };
        self.set_call(no, CallState::Talking { agent, since: at });
        self.takes(agent, queue);
        if let Some(agent) = self.agents.get_mut(agent.index()) {
            agent.calls = agent.calls.saturating_add(1);
        }
    }

    /// The colleague speaks, though the caller is another's.
    fn consulted(&mut self, no: CallNo, with: AgentNo) {
        let Some(queue) = self.calls.get(no).and_then(|call| self.queue_no_of(call)) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(no) {
            call.consult = Some(Consult { with, stage: Stage::Talking });
        }
        self.takes(with, queue);
    }

    /// The agent has the call that is on offer to it.
    fn takes(&mut self, agent: AgentNo, queue: QueueNo) {
        self.turn_agent(agent, |state| {
            if let AgentState::Reserved { phone, call, .. } = *state {
                *state = AgentState::Talking { phone, call, queue, next: Next::Ready };
            }
        });
    }

    /// The call is without its agent, and stands `then`, unless a colleague's phone rings for it.
    /// If it waits, it is of an age that would meet any limit at once, and was served already, so
    /// none is applied to it.
    fn returned(
        &mut self,
        at: Timestamp,
        no: CallNo,
        agent: AgentNo,
        then: CallState,
        to: Option<QueueNo>,
    ) {
        let Some(call) = self.calls.get_mut(no) else { return };
        let CallState::Talking { since, .. } = call.state else { return };
        let (wait, talk) = call.spoken(since, at);
        call.before = Some(Box::new(Before { agent, wait, talk, since: at }));
        call.missed_by = Some(agent);
        call.state = match call.consult.take() {
            Some(Consult { with: agent, .. }) => CallState::Ringing { agent },
            None => then,
        };
        self.change_line(no, |key| match to {
            Some(queue) if queue != key.queue => Key { queue, step: 0, stays: true, ..key },
            Some(_) | None => Key { stays: true, ..key },
        });
    }

    fn sign_in(&mut self, no: AgentNo, phone: PhoneNo) {
        let was_out = match self.agents.get(no.index()) {
            Some(agent) => agent.state == AgentState::SignedOut,
            None => return,
        };
        self.leave_phone(no);
        self.phones.entry(phone).or_default().agent = Some(no);
        let why = Why::Asked(SIGNED_IN.to_owned());
        self.turn_agent(no, |state| *state = AgentState::Away { phone, why, until: None });
        if let (true, Some(agent)) = (was_out, self.agents.get_mut(no.index())) {
            agent.calls = 0;
        }
    }

    fn leave_phone(&mut self, no: AgentNo) {
        let phone = self.agents.get(no.index()).and_then(|agent| agent.state.phone());
        if let Some(phone) = phone.and_then(|phone| self.phones.get_mut(&phone)) {
            phone.agent = None;
        }
    }

    /// Gives an agent another state, and keeps pools and alarms in step with it.
    fn turn_agent(&mut self, no: AgentNo, turn: impl FnOnce(&mut AgentState)) {
        self.leave_pool(no);
        if let Some(agent) = self.agents.get_mut(no.index()) {
            let had = agent.state.until();
            turn(&mut agent.state);
            let has = agent.state.until();
            if has != had {
                if let Some(until) = had {
                    self.alarms.remove(&(until, no));
                }
                self.alarms.extend(has.map(|until| (until, no)));
            }
        }
        self.enter_pool(no);
    }

    fn enter_pool(&mut self, no: AgentNo) {
        let Some(agent) = self.agents.get(no.index()) else { return };
        let Some(pool) = self.pools.get_mut(agent.pool.0 as usize) else { return };
        pool.at_work += u32::from(agent.state.is_at_work());
        let AgentState::Idle { since, .. } = &agent.state else { return };
        pool.enter(no, *since, agent.calls);
        self.idle += 1;
        for skill in &pool.scarce {
            if let Some(idle) = self.idle_with.get_mut(skill.index()) {
                *idle += 1;
            }
        }
    }

    fn leave_pool(&mut self, no: AgentNo) {
        let Some(agent) = self.agents.get(no.index()) else { return };
        let Some(pool) = self.pools.get_mut(agent.pool.0 as usize) else { return };
        pool.at_work -= u32::from(agent.state.is_at_work());
        let AgentState::Idle { since, .. } = &agent.state else { return };
        pool.leave(no, *since, agent.calls);
        self.idle = self.idle.saturating_sub(1);
        for skill in &pool.scarce {
            if let Some(idle) = self.idle_with.get_mut(skill.index()) {
                *idle = idle.saturating_sub(1);
            }
        }
    }

    fn set_call(&mut self, no: CallNo, state: CallState) {
        if let Some(call) = self.calls.get_mut(no) {
            call.state = state;
        }
    }

    /// The number of the line under `key`, which is made if it is the first of its kind.
    fn line_for(&mut self, key: Key) -> LineNo {
        if let Some(&no) = self.line_of.get(&key) {
            return no;
        }
        let no = LineNo(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
        self.lines.push(Line::new(key.clone(), &self.plan, &self.pools));
        self.line_of.insert(key, no);
        no
    }

    fn change_line(&mut self, no: CallNo, change: impl FnOnce(Key) -> Key) {
        let Some(key) = self.calls.get(no).and_then(|call| Some(self.line(call.line)?.key.clone()))
        else {
            return;
        };
        let line = self.line_for(change(key));
        self.leave_line(no);
        if let Some(call) = self.calls.get_mut(no) {
            call.line = line;
        }
        self.join_line(no);
    }

    /// Puts a waiting call where its arrival says.
    fn join_line(&mut self, no: CallNo) {
        let Some(call) = self.calls.get(no) else { return };
        let Some(line) = self.lines.get_mut(call.line.0 as usize) else { return };
        if call.state == CallState::Waiting && line.enter(call.place(), no) {
            self.occupied.insert(call.line);
            self.waiting += 1;
            if let Some(waiting) = self.waiting_in.get_mut(line.key.queue.index()) {
                *waiting += 1;
            }
        }
    }

    fn leave_line(&mut self, no: CallNo) {
        let Some(call) = self.calls.get(no) else { return };
        let Some(line) = self.lines.get_mut(call.line.0 as usize) else { return };
        if call.state == CallState::Waiting && line.leave(call.place(), no) {
            if line.waiters().head().is_none() {
                self.occupied.remove(&call.line);
            }
            self.waiting = self.waiting.saturating_sub(1);
            if let Some(waiting) = self.waiting_in.get_mut(line.key.queue.index()) {
                *waiting = waiting.saturating_sub(1);
            }
        }
    }
}

/// What is damaged in a test that wants to see it noticed.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(in crate::acd) enum Damage {
    /// A caller who waits stands in no line.
    Line,
    /// An agent who idles is in no pool.
    Pool,
    /// One more waits than there is.
    Waiting,
    /// One more idles than there is.
    Idle,
    /// One more is at work than there is.
    AtWork,
    /// The first call has come later than it came.
    Place,
}

#[cfg(test)]
impl State {
    /// Damages the books behind the back of [`apply`](Self::apply).
    pub(in crate::acd) fn damage(&mut self, damage: Damage) {
        let (call, agent) = (CallNo::first(0), AgentNo::first(0));
        match damage {
            Damage::Line => self.leave_line(call),
            Damage::Pool => {
                self.leave_pool(agent);
                self.idle += 1;
                self.pools.iter_mut().take(1).for_each(|pool| pool.at_work += 1);
            }
            Damage::Waiting => self.waiting += 1,
            Damage::Idle => self.idle += 1,
            Damage::AtWork => self.pools.iter_mut().for_each(|pool| pool.at_work += 1),
            Damage::Place => {
                self.leave_line(call);
                if let Some(call) = self.calls.get_mut(call) {
                    call.arrived = call.arrived + Span::secs(9);
                }
                self.join_line(call);
            }
        }
    }
}
