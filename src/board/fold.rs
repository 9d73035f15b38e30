//! The board: told one fact after another, it shows what is so.
//!
//! ```text
//!   Record ──► fold ──► agents   by number
//!                     queues   by number, each with its line
//!                     calls    that go on, and the last that ended
//!                     levels   who was served in time
//! ```
//!
//! Folding is total: a fact about something unknown changes what it can and no more, so a
//! board that missed facts heals as things come and go. What it missed it counts. A number
//! taken by a new call or leg drops whatever was left of the one before, so no table grows
//! beyond the arenas that give the numbers out.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    acd::{
        self,
        consult::{Consult, Consultee, Stage},
        fact::{Fact as AcdFact, Next, Why},
    },
    base::{
        arena::Number,
        call_ref::CallRef,
        masked::Masked,
        numbers::{AgentNo, CallNo, LegNo, PhoneNo, QueueNo, TrunkNo},
        time::Timestamp,
        ucid::Ucid,
    },
    board::{
        agent::{self, Agent, Hours},
        call::{self, Call, Ended, From},
        ids::Ids,
        queue::Queue,
        service::{Levels, Verdict},
    },
    exchange::fact::{Fact, Record},
};

/// Legs of one call whose Call-IDs are kept. A call that rang at more phones has other troubles.
const CALL_IDS_MAX: usize = 64;

/// What is so, as far as told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    seq: u64,
    at: Timestamp,
    missed: u64,
    planned: bool,
    draining: bool,
    plan: acd::plan::Plan,
    agents: Vec<Agent>,
    queues: Vec<Queue>,
    /// Calls that go on, by slot.
    calls: BTreeMap<u32, Call>,
    ended: VecDeque<Ended>,
    ids: Ids,
    ended_max: usize,
    /// Callers' legs and those to the outside, by slot.
    legs: BTreeMap<u32, Leg>,
    /// Phones that were ever heard of, and whether they can be rung.
    phones: BTreeMap<PhoneNo, bool>,
    /// Trunks that were ever heard of.
    trunks: BTreeMap<TrunkNo, Trunk>,
    hours: Hours,
    levels: Levels,
    refused: u64,
}

/// Whether a trunk can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trunk {
    /// Whether its carrier knows us, or answers.
    pub up: bool,
    /// Since when.
    pub since: Timestamp,
    /// Why not, for people; empty if it can be.
    pub why: String,
}

/// A leg to the outside, from the INVITE until its port is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Leg {
    no: LegNo,
    call: CallNo,
    trunk: Option<TrunkNo>,
}

impl Board {
    /// A board that was told nothing yet, and will keep so many ended calls.
    #[must_use]
    pub fn new(ended_max: usize) -> Self {
        Self {
            seq: 0,
            at: Timestamp::EPOCH,
            missed: 0,
            planned: false,
            draining: false,
            plan: acd::plan::Plan::default(),
            agents: vec![],
            queues: vec![],
            calls: BTreeMap::new(),
            ended: VecDeque::new(),
            ids: Ids::default(),
            ended_max,
            legs: BTreeMap::new(),
            phones: BTreeMap::new(),
            trunks: BTreeMap::new(),
            hours: Hours::default(),
            levels: Levels::default(),
            refused: 0,
        }
    }

    /// Makes one fact so. One that was folded before changes nothing.
    pub fn fold(&mut self, record: &Record) {
        if record.seq <= self.seq {
            return;
        }
        self.missed += record.seq - self.seq - 1;
        self.seq = record.seq;
        self.at = self.at.max(record.at);

        self.ids.fold(&record.fact);
        let at = record.at;
        match &record.fact {
            Fact::Acd(fact) => self.fold_acd(at, fact),
            Fact::CallOpened { .. } => self.fold_opened(at, &record.fact),
            Fact::Held { call } => {
                if let Some(known) = self.call_mut(*call) {
                    known.hold(at);
                }
            }
            Fact::Resumed { call } => {
                if let Some(known) = self.call_mut(*call) {
                    known.resume(at);
                }
            }
            Fact::Conferenced { call } => {
                if let Some(consult) = self.call_mut(*call).and_then(|it| it.consult.as_mut()) {
                    consult.stage = Stage::Conference;
                }
            }
            Fact::OutsideRung { call, to, stage, .. } => {
                if let Some(known) = self.call_mut(*call) {
                    let with = Consultee::Outside(to.to_string());
                    known.consult = Some(Consult { with, stage: *stage });
                }
            }
            Fact::OutsideConsulted { call, to, .. } => {
                if let Some(known) = self.call_mut(*call) {
                    let with = Consultee::Outside(to.to_string());
                    known.consult = Some(Consult { with, stage: Stage::Talking });
                }
            }
            Fact::OutsideLost { call, .. } => {
                if let Some(known) = self.call_mut(*call) {
                    known.consult = None;
                }
            }
            Fact::TransferredOutside { call, .. } => {
                // The engine has ended it just before.
                let ended = self.ended.iter_mut().rev().find(|it| it.call.no == *call);
                if let Some(ended) = ended {
                    ended.call.passed += 1;
                }
            }
            Fact::CallRefused { .. } => self.refused += 1,
            Fact::LegOpened { call, call_id, .. } => {
                if let Some(known) = self.call_mut(*call)
                    && known.call_ids.len() < CALL_IDS_MAX
                {
                    known.call_ids.push(call_id.clone());
                }
            }
            Fact::Negotiated { leg, codec } => {
                let of = self.legs.get(&leg.slot()).filter(|it| it.no == *leg).map(|it| it.call);
                let call = of.and_then(|call| self.call_mut(call));
                if let Some(from) = call.and_then(|call| call.from.as_mut()) {
                    from.codec = Some(*codec);
                }
            }
            Fact::LegClosed { leg, call, agent, report } => {
                if let Some(sound) = call.and_then(|call| self.sound_mut(call)) {
                    let side = if *agent { &mut sound.agent } else { &mut sound.caller };
                    // A phone that never took the call has nothing to tell.
                    if report.received > 0 || report.sent > 0 {
                        *side = Some(*report);
                    }
                }
                if self.legs.get(&leg.slot()).is_some_and(|it| it.no == *leg) {
                    self.legs.remove(&leg.slot());
                }
            }
            Fact::TrunkUp { trunk, .. } => {
                self.trunks.insert(*trunk, Trunk { up: true, since: at, why: String::new() });
            }
            Fact::TrunkDown { trunk, why, .. } => {
                self.trunks.insert(*trunk, Trunk { up: false, since: at, why: why.clone() });
            }
            Fact::Routed { call, leg, trunk } => {
                self.legs.insert(leg.slot(), Leg { no: *leg, call: *call, trunk: Some(*trunk) });
            }
            Fact::DialledOut { .. }
            | Fact::DialRefused { .. }
            | Fact::DialEnded { .. }
            | Fact::PhoneAt { .. } => (),
            Fact::Draining => self.draining = true,
        }
    }

    fn fold_opened(&mut self, at: Timestamp, fact: &Fact) {
        let Fact::CallOpened { call, id, leg, trunk, call_id, caller, dialled, called_first } =
            fact
        else {
            return;
        };
        let shown = |it: &Masked| if it.is_empty() { String::new() } else { it.to_string() };
        self.forget_predecessor(*call);
        self.legs.insert(leg.slot(), Leg { no: *leg, call: *call, trunk: *trunk });
        let known = self.calls.entry(call.slot()).or_insert_with(|| Call::new(*call, at));
        known.id = *id;
        known.from = Some(From {
            leg: *leg,
            trunk: *trunk,
            call_id: call_id.clone(),
            caller: shown(caller),
            dialled: dialled.clone(),
            called_first: shown(called_first),
            codec: None,
        });
    }

    #[allow(clippy::too_many_lines)] // A row a fact.
    fn fold_acd(&mut self, at: Timestamp, fact: &AcdFact) {
        match fact {
            AcdFact::Planned(plan) => self.planned(plan),

            AcdFact::Queued { call, queue, needs, own: _, channel, arrived } => {
                self.forget_predecessor(*call);
                self.leave_line(*call);
                let entry = self.calls.entry(call.slot());
                let known = entry.or_insert_with(|| Call::new(*call, *arrived));
                known.enter(call::State::Waiting, at);
                known.arrived = *arrived;
                known.channel = *channel;
                known.queue = Some(*queue);
                known.needs = needs.clone();
                self.enter_line(*queue, *call);
            }
            AcdFact::Relaxed { call, step, needs } => {
                if let Some(known) = self.call_mut(*call) {
                    known.relaxed = *step;
                    known.needs = needs.clone();
                }
            }
            // It met a limit and stays all the same.
            AcdFact::Moved { from, to, .. } if from == to => (),
            AcdFact::Moved { call, from, to, needs, why: _ } => {
                self.leave_line(*call);
                if let Some(known) = self.waiting_mut(*call) {
                    let was_served = known.wait.is_some();
                    known.queue = Some(*to);
                    known.relaxed = 0;
                    known.needs = needs.clone();
                    let (channel, arrived) = (known.channel, known.arrived);
                    self.enter_line(*to, *call);
                    // Who was served has its end already, in the queue that served it.
                    if !was_served {
                        let waited = at.since(arrived);
                        self.levels.count(*from, channel, arrived, Verdict::Moved, waited);
                    }
                }
            }
            AcdFact::Offered { call, agent, until, decision } => {
                if let Some(known) = self.waiting_mut(*call) {
                    let (agent, until, decision) = (*agent, *until, *decision);
                    known.enter(call::State::Ringing { agent, until, decision }, at);
                } else if let (Some(known), Some(stage)) =
                    (self.call_mut(*call), decision.rule.asks_for())
                {
                    known.consult = Some(Consult { with: Consultee::Agent(*agent), stage });
                }
                self.agent_enters(*agent, agent::State::Ringing { call: *call, until: *until }, at);
            }
            AcdFact::OfferLost { call, agent: _, why: _ } => {
                if let Some(known) = self.waiting_mut(*call) {
                    known.offers_lost += 1;
                    known.enter(call::State::Waiting, at);
                } else if let Some(known) = self.call_mut(*call) {
                    known.consult = None;
                }
            }
            AcdFact::Answered { call, agent, wait } => {
                self.leave_line(*call);
                if let Some(known) = self.call_mut(*call) {
                    known.enter(call::State::Talking { agent: *agent }, at);
                    let first = known.wait.is_none();
                    known.wait.get_or_insert(*wait);
                    let (queue, channel, arrived) = (known.queue, known.channel, known.arrived);
                    if let (true, Some(queue)) = (first, queue) {
                        self.levels.count(queue, channel, arrived, Verdict::Answered, *wait);
                    }
                }
                self.agent_enters(*agent, agent::State::Talking { call: *call }, at);
                if let Some(known) = self.agents.get_mut(agent.index()) {
                    known.answered += 1;
                }
            }
            AcdFact::Requeued { call, agent: _, talk: _ } => {
                self.leave_line(*call);
                if let Some(known) = self.call_mut(*call) {
                    known.returned += 1;
                    known.again = at;
                    known.enter(call::State::Waiting, at);
                    if let Some(queue) = known.queue {
                        self.enter_line(queue, *call);
                    }
                }
            }
            AcdFact::Transferred { call, agent: _, to, needs, talk: _ } => {
                self.leave_line(*call);
                if let Some(known) = self.call_mut(*call) {
                    known.passed += 1;
                    known.again = at;
                    known.queue = Some(*to);
                    known.needs = needs.clone();
                    known.enter(call::State::Waiting, at);
                    self.enter_line(*to, *call);
                }
            }
            AcdFact::Consulted { call, agent: _, with } => {
                if let Some(known) = self.call_mut(*call) {
                    let with = Consultee::Agent(*with);
                    known.consult = Some(Consult { with, stage: Stage::Talking });
                }
                self.agent_enters(*with, agent::State::Talking { call: *call }, at);
            }
            AcdFact::ConsultEnded { call, .. } => {
                if let Some(known) = self.call_mut(*call) {
                    known.consult = None;
                }
            }
            AcdFact::ExternalTransferStarted { call, .. } => {
                if let Some(known) = self.call_mut(*call) {
                    known.enter(call::State::Outside, at);
                }
            }
            AcdFact::ExternalTransferFailed { call } => {
                self.leave_line(*call);
                if let Some(known) = self.call_mut(*call) {
                    known.returned += 1;
                    known.again = at;
                    known.enter(call::State::Waiting, at);
                    if let Some(queue) = known.queue {
                        self.enter_line(queue, *call);
                    }
                }
            }
            AcdFact::Ended { call, queue, channel, outcome, wait, talk } => {
                self.leave_line(*call);
                let mut known = self.remove_call(*call).unwrap_or_else(|| {
                    let mut unknown = Call::new(*call, at - *wait);
                    unknown.queue = *queue;
                    unknown.channel = *channel;
                    unknown
                });
                match (queue, known.wait) {
                    (Some(queue), None) => {
                        let verdict = Verdict::of(outcome);
                        self.levels.count(*queue, *channel, known.arrived, verdict, *wait);
                    }
                    (None, None) => self.refused += 1,
                    // Counted when it was answered.
                    (_, Some(_)) => (),
                }
                known.resume(at);
                let ended = Ended { call: known, at, outcome: outcome.clone(), talk: *talk };
                self.ended.push_back(ended);
                while self.ended.len() > self.ended_max {
                    self.ended.pop_front();
                }
            }

            AcdFact::SignedIn { agent, phone } => {
                if let Some(known) = self.agents.get_mut(agent.index()) {
                    known.phone = Some(*phone);
                    if known.state == agent::State::SignedOut {
                        known.answered = 0;
                        // Whether the agent is ready is the next fact.
                        let why = Why::Asked(String::new());
                        let away = agent::State::Away { why, until: None };
                        self.agent_enters(*agent, away, at);
                    }
                }
            }
            AcdFact::Ready { agent } => self.agent_enters(*agent, agent::State::Ready, at),
            AcdFact::WentAway { agent, why, until } => {
                let away = agent::State::Away { why: why.clone(), until: *until };
                self.agent_enters(*agent, away, at);
            }
            AcdFact::WrappingUp { agent, call, until } => {
                let queue = self.queue_of(*call);
                let wrap_up = agent::State::WrapUp { call: *call, queue, until: *until };
                self.agent_enters(*agent, wrap_up, at);
            }
            AcdFact::WrapUpExtended { agent, until } => {
                let state = self.agents.get_mut(agent.index()).map(|known| &mut known.state);
                if let Some(agent::State::WrapUp { until: end, .. }) = state {
                    *end = *until;
                }
            }
            AcdFact::NextChosen { agent, next } => {
                if let Some(known) = self.agents.get_mut(agent.index()) {
                    known.next = next.clone();
                }
            }
            AcdFact::SignedOut { agent } => {
                self.agent_enters(*agent, agent::State::SignedOut, at);
                if let Some(known) = self.agents.get_mut(agent.index()) {
                    known.phone = None;
                }
            }
            AcdFact::PhoneReach { phone, up } => {
                self.phones.insert(*phone, *up);
            }
            // What it means for whoever sits there is a fact of its own.
            AcdFact::PhoneOccupied { .. } => (),
        }
    }

    fn planned(&mut self, plan: &acd::plan::Plan) {
        self.planned = true;
        self.plan = plan.clone();
        let agents = self.agents.len().max(plan.agents.len());
        self.agents.resize_with(agents, Agent::default);
        let queues = self.queues.len().max(plan.queues.len());
        self.queues.resize_with(queues, Queue::default);
    }

    fn agent_enters(&mut self, agent: AgentNo, state: agent::State, at: Timestamp) {
        let Some(known) = self.agents.get_mut(agent.index()) else { return };
        self.hours.change(&known.state, &state, at);
        // A choice for afterwards is kept through the wrap-up and has served its time then.
        if !matches!(state, agent::State::Talking { .. } | agent::State::WrapUp { .. }) {
            known.next = Next::Ready;
        }
        known.enter(state, at);
    }

    fn enter_line(&mut self, queue: QueueNo, call: CallNo) {
        let Some(known) = self.call(call) else { return };
        let (arrived, since) = (known.arrived, known.waits_since());
        if let Some(queue) = self.queues.get_mut(queue.index()) {
            queue.enter(call, arrived, since);
        }
    }

    fn leave_line(&mut self, call: CallNo) {
        let Some(known) = self.call(call) else { return };
        let (queue, arrived, since) = (known.queue, known.arrived, known.waits_since());
        if let Some(queue) = queue.and_then(|queue| self.queues.get_mut(queue.index())) {
            queue.leave(call, arrived, since);
        }
    }

    /// Drops what a missed end left behind in the call's slot.
    fn forget_predecessor(&mut self, call: CallNo) {
        let predecessor = self.calls.get(&call.slot()).map(|it| it.no).filter(|it| *it != call);
        if let Some(predecessor) = predecessor {
            self.leave_line(predecessor);
            self.calls.remove(&call.slot());
        }
    }

    fn remove_call(&mut self, call: CallNo) -> Option<Call> {
        self.call(call)?;
        self.calls.remove(&call.slot())
    }

    fn call_mut(&mut self, call: CallNo) -> Option<&mut Call> {
        self.calls.get_mut(&call.slot()).filter(|it| it.no == call)
    }

    /// What is known of the sound of a call, which may have ended just now.
    fn sound_mut(&mut self, call: CallNo) -> Option<&mut call::Sound> {
        if self.call(call).is_some() {
            return self.call_mut(call).map(|it| &mut it.sound);
        }
        let ended = self.ended.iter_mut().rev().find(|it| it.call.no == call);
        ended.map(|it| &mut it.call.sound)
    }

    fn waiting_mut(&mut self, call: CallNo) -> Option<&mut Call> {
        self.call_mut(call).filter(|it| it.state.waits())
    }

    /// The queue of a call that goes on, or that ended just now.
    fn queue_of(&self, call: CallNo) -> Option<QueueNo> {
        match self.call(call) {
            Some(known) => known.queue,
            None => self.ended_call(call).and_then(|it| it.call.queue),
        }
    }
}

/// What the board shows.
impl Board {
    /// The number of the last fact folded.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The time of the last fact folded.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// How many facts were missed: gaps in their numbers.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether a plan was told: the exchange is up.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.planned
    }

    /// Whether no new calls are taken.
    #[must_use]
    pub const fn is_draining(&self) -> bool {
        self.draining
    }

    /// The names and skills behind the numbers.
    #[must_use]
    pub const fn plan(&self) -> &acd::plan::Plan {
        &self.plan
    }

    /// That agent.
    #[must_use]
    pub fn agent(&self, agent: AgentNo) -> Option<&Agent> {
        self.agents.get(agent.index())
    }

    /// All agents with their plans, by number; those no longer in the file among them.
    pub fn agents(&self) -> impl Iterator<Item = (AgentNo, &acd::plan::Agent, &Agent)> {
        let both = self.plan.agents.iter().zip(&self.agents);
        (0u32..).zip(both).map(|(slot, (plan, agent))| (AgentNo::first(slot), plan, agent))
    }

    /// That queue.
    #[must_use]
    pub fn queue(&self, queue: QueueNo) -> Option<&Queue> {
        self.queues.get(queue.index())
    }

    /// All queues with their plans, by number; those no longer in the file among them.
    pub fn queues(&self) -> impl Iterator<Item = (QueueNo, &acd::plan::Queue, &Queue)> {
        let both = self.plan.queues.iter().zip(&self.queues);
        (0u32..).zip(both).map(|(slot, (plan, queue))| (QueueNo::first(slot), plan, queue))
    }

    /// That call, if it goes on.
    #[must_use]
    pub fn call(&self, call: CallNo) -> Option<&Call> {
        self.calls.get(&call.slot()).filter(|it| it.no == call)
    }

    /// All calls that go on, by slot.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// That call, if it ended and is not forgotten yet.
    #[must_use]
    pub fn ended_call(&self, call: CallNo) -> Option<&Ended> {
        self.ended.iter().rev().find(|it| it.call.no == call)
    }

    /// What a call is shown by, whether it goes on, has ended, or was dialled by a phone of ours.
    #[must_use]
    pub fn name_of(&self, call: CallNo) -> CallRef {
        let ended = || self.ended_call(call).and_then(|it| it.call.id);
        CallRef::new(call, self.ids.of(call).or_else(ended))
    }

    /// The number of a call asked for by its id; a number is itself, known or not.
    #[must_use]
    pub fn number_of(&self, name: CallRef) -> Option<CallNo> {
        let ended = |id: Ucid| self.ended().find(|it| it.call.id == Some(id)).map(|it| it.call.no);
        match name {
            CallRef::Number(number) => Some(number),
            CallRef::Id(id) => self.ids.number(id).or_else(|| ended(id)),
        }
    }

    /// The calls that ended, the last first.
    pub fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.ended.iter().rev()
    }

    /// The call of a caller's leg that is not closed yet.
    #[must_use]
    pub fn call_of(&self, leg: LegNo) -> Option<CallNo> {
        self.legs.get(&leg.slot()).filter(|it| it.no == leg).map(|it| it.call)
    }

    /// How many legs are open on that trunk.
    #[must_use]
    pub fn channels_in_use(&self, trunk: TrunkNo) -> usize {
        self.legs.values().filter(|it| it.trunk == Some(trunk)).count()
    }

    /// Whether that phone can be rung; `None` before it was ever heard of.
    #[must_use]
    pub fn phone_up(&self, phone: PhoneNo) -> Option<bool> {
        self.phones.get(&phone).copied()
    }

    /// Whether that trunk can be used; `None` while nothing was told of it, as of one that is
    /// neither registered nor probed.
    #[must_use]
    pub fn trunk(&self, trunk: TrunkNo) -> Option<&Trunk> {
        self.trunks.get(&trunk)
    }

    /// How many agents are in each state, and how long they have been.
    #[must_use]
    pub const fn hours(&self) -> &Hours {
        &self.hours
    }

    /// As [`hours`](Self::hours), with the time since the last fact in it.
    #[must_use]
    pub fn hours_at(&self, now: Timestamp) -> Hours {
        let mut hours = self.hours.clone();
        hours.advance(now);
        hours
    }

    /// Who was served, and who in time.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Calls that were refused before they came into any queue.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests;
