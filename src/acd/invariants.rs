//! What must always hold, said a second time and in the simplest way that comes to mind.
//!
//! [`check`] looks at a state and compares everyone with everyone, which the matching must
//! never do. [`Watch`] listens to the facts and holds what only a story can break: one
//! outcome a call, the place in the line, first come first served, and that the facts alone
//! give back the state. Tests and simulations call both after every step.

use std::{collections::BTreeMap, fmt};

use crate::{
    acd::{
        consult::Stage,
        engine::Engine,
        fact::Fact,
        skill,
        state::{
            State,
            agent::{Agent, AgentState},
            call::{Call, CallState},
            line::Line,
        },
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo, SkillNo},
        time::Timestamp,
    },
};

/// Something that must hold does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A call and an agent do not say the same of one another.
    Torn(Option<CallNo>, Option<AgentNo>),
    /// A call is not in its line exactly when it waits.
    Line(CallNo),
    /// An agent is not in its pool exactly when it is idle.
    Pool(AgentNo),
    /// An agent and a phone do not say the same of one another.
    Seat(AgentNo, PhoneNo),
    /// The plan no longer names the agent, who has nothing in hand and yet is at work.
    Retired(AgentNo),
    /// A count is not what counting gives.
    Count(&'static str),
    /// The call waits while the agent idles, and nothing forbids them one another.
    Idle(CallNo, AgentNo),
    /// The call did not keep its place.
    Place(CallNo),
    /// An agent was taken for a newer call (the second) of the queue and needs of an older one, who
    /// could have served that too.
    Overtaken(CallNo, CallNo),
    /// The call ended twice, began twice, or went without an end.
    Outcome(CallNo),
    /// The agent is to be offered calls at a phone that cannot be rung, or is in another call.
    Unready(AgentNo, PhoneNo),
    /// The facts alone do not give back the state.
    Replay,
    /// It is earlier than it was.
    Time(Timestamp),
}

/// Whether everything that must hold of a state does.
pub fn check(state: &State, now: Timestamp) -> Result<(), Broken> {
    pairs_agree(state)?;
    nobody_retired_lingers(state)?;
    seats_agree(state)?;
    lines_and_pools_agree(state)?;
    nobody_waits_in_vain(state, now)
}

/// No agent is reserved twice, no call rings two agents.
fn pairs_agree(state: &State) -> Result<(), Broken> {
    for (no, call) in state.calls() {
        let Some(agent) = call.agent() else { continue };
        let theirs = state.agent(agent).map(Agent::state);
        let agrees = match call.state() {
            CallState::Waiting | CallState::Outside => true,
            CallState::Ringing { .. } => {
                matches!(theirs, Some(AgentState::Reserved { call, .. }) if *call == no)
            }
            CallState::Talking { .. } => {
                matches!(theirs, Some(AgentState::Talking { call, .. }) if *call == no)
            }
        };
        let consult_agrees = call.consult.is_none_or(|consult| {
            let theirs = state.agent(consult.with).map(Agent::state);
            let agrees = match consult.stage {
                Stage::Transferring | Stage::Ringing => {
                    matches!(theirs, Some(AgentState::Reserved { call, .. }) if *call == no)
                }
                Stage::Talking | Stage::Conference => {
                    matches!(theirs, Some(AgentState::Talking { call, .. }) if *call == no)
                }
            };
            agrees && consult.with != agent && matches!(call.state(), CallState::Talking { .. })
        });
        if !agrees || !consult_agrees {
            return Err(Broken::Torn(Some(no), Some(agent)));
        }
    }
    for (no, agent) in state.agents() {
        let (AgentState::Reserved { call, .. } | AgentState::Talking { call, .. }) = agent.state()
        else {
            continue;
        };
        let is_theirs =
            |call: &Call| call.agent() == Some(no) || call.consult.is_some_and(|it| it.with == no);
        if !state.call(*call).is_some_and(is_theirs) {
            return Err(Broken::Torn(Some(*call), Some(no)));
        }
    }
    Ok(())
}

/// Whom the plan no longer names is at work only for what is in hand.
fn nobody_retired_lingers(state: &State) -> Result<(), Broken> {
    for ((no, agent), planned) in state.agents().zip(&state.plan().agents) {
        let has_nothing_in_hand =
            matches!(agent.state(), AgentState::Idle { .. } | AgentState::Away { .. });
        if planned.retired && has_nothing_in_hand {
            return Err(Broken::Retired(no));
        }
    }
    Ok(())
}

/// One agent a phone, one phone an agent.
fn seats_agree(state: &State) -> Result<(), Broken> {
    for (no, agent) in state.agents() {
        if let Some(phone) = agent.state().phone()
            && state.agent_at(phone) != Some(no)
        {
            return Err(Broken::Seat(no, phone));
        }
    }
    for (no, agent) in state.agents() {
        if let AgentState::Idle { phone, .. } = *agent.state()
            && (!state.is_reachable(phone) || state.is_occupied(phone))
        {
            return Err(Broken::Unready(no, phone));
        }
    }
    for (phone, no) in state.seats() {
        if state.agent(no).and_then(|agent| agent.state().phone()) != Some(phone) {
            return Err(Broken::Seat(no, phone));
        }
    }
    Ok(())
}

/// Who waits stands in line, who idles stands in a pool, nobody else does, and all are counted.
fn lines_and_pools_agree(state: &State) -> Result<(), Broken> {
    let mut waiting = 0;
    for (no, call) in state.calls() {
        let line = state.line(call.line).ok_or(Broken::Line(no))?;
        let waits = call.state() == CallState::Waiting;
        if line.waiters().contains(call.place(), no) != waits {
            return Err(Broken::Line(no));
        }
        waiting += u32::from(waits);
    }
    let in_line: usize = state.occupied().map(|(_, line)| line.waiters().len()).sum();
    if state.occupied().any(|(_, line)| !line.waiters().agree()) {
        return Err(Broken::Count("waits"));
    }
    let queues = (0..).map(QueueNo::first).take(state.plan().queues.len());
    let by_queue: u32 = queues.map(|queue| state.waiting_in(queue)).sum();
    if [state.waiting(), by_queue] != [waiting; 2] || in_line != waiting as usize {
        return Err(Broken::Count("waiting"));
    }

    for (pool_no, pool) in state.pools().iter().enumerate() {
        let own = state.agents().filter(|(_, agent)| agent.pool.0 as usize == pool_no);
        if own.filter(|(_, agent)| agent.state().is_at_work()).count() != pool.at_work as usize {
            return Err(Broken::Count("agents at work"));
        }
    }
    let mut idle = 0;
    for (no, agent) in state.agents() {
        let since = idle_since(agent);
        let mut pools = state.pools().iter().enumerate();
        let agrees = pools.all(|(pool_no, pool)| {
            let inside = pool.idle().iter().find(|(_, other)| *other == no).map(|(at, _)| *at);
            inside == since.filter(|_| agent.pool.0 as usize == pool_no)
        });
        if !agrees {
            return Err(Broken::Pool(no));
        }
        idle += u32::from(since.is_some());
    }
    if state.idle() != idle {
        return Err(Broken::Count("idle"));
    }
    Ok(())
}

fn idle_since(agent: &Agent) -> Option<Timestamp> {
    if let AgentState::Idle { since, .. } = agent.state() { Some(*since) } else { None }
}

/// No caller waits while an allowed agent idles: the rule's own words, for everyone.
fn nobody_waits_in_vain(state: &State, now: Timestamp) -> Result<(), Broken> {
    if state.idle() == 0 || state.waiting() == 0 {
        return Ok(());
    }
    let idle = idlers(state);
    for (no, call) in waiting(state) {
        let Some(line) = state.line(call.line) else { continue };
        if let Some(&agent) = idle.iter().find(|&&agent| is_allowed(state, now, &idle, line, agent))
        {
            return Err(Broken::Idle(no, agent));
        }
    }
    Ok(())
}

/// Whether the rule lets an idle agent take a call of that line.
fn is_allowed(
    state: &State,
    now: Timestamp,
    idle: &[AgentNo],
    line: &Line,
    agent: AgentNo,
) -> bool {
    let plan = state.plan();
    let skills_of = |no: AgentNo| plan.agents.get(no.index()).map_or(&[][..], |it| &it.skills);
    let is_held_back = plan.skills.iter().zip(0..).any(|(scarce, slot)| {
        let skill = SkillNo::first(slot);
        let has_it = |agent| skill::level(skills_of(agent), skill) > 0;
        let others = idle.iter().filter(|&&other| has_it(other)).count();
        scarce.reserve > 0
            && has_it(agent)
            && !line.claim.name(skill)
            && others <= scarce.reserve as usize
            && line.longest(now) < scarce.release
    });
    line.needs.met_by(skills_of(agent)) && !is_held_back
}

fn idlers(state: &State) -> Vec<AgentNo> {
    state.agents().filter(|(_, agent)| idle_since(agent).is_some()).map(|(no, _)| no).collect()
}

fn waiting(state: &State) -> impl Iterator<Item = (CallNo, &Call)> {
    state.calls().filter(|(_, call)| call.state() == CallState::Waiting)
}

/// First in, first out within a queue and what a call brings: nobody older, at whatever step of
/// relaxation, could have had that agent.
fn first_come_first_served(
    state: &State,
    now: Timestamp,
    no: CallNo,
    agent: AgentNo,
) -> Result<(), Broken> {
    let call = state.call(no).ok_or(Broken::Outcome(no))?;
    if call.state() != CallState::Waiting {
        return Ok(()); // It is transferred by name, and takes nobody's turn.
    }
    let line = state.line(call.line).ok_or(Broken::Line(no))?;
    let idle = idlers(state);
    for (older, other) in waiting(state) {
        let Some(theirs) = state.line(other.line) else { continue };
        if (other.arrived(), older) < (call.arrived(), no)
            && (theirs.key.queue, &theirs.key.own) == (line.key.queue, &line.key.own)
            && is_allowed(state, now, &idle, theirs, agent)
        {
            return Err(Broken::Overtaken(older, no));
        }
    }
    Ok(())
}

/// Listens to the facts of an engine, from its first.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// What the facts alone give.
    state: State,
    calls: BTreeMap<CallNo, Seen>,
    now: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    arrived: Timestamp,
    is_over: bool,
}

impl Watch {
    /// Hears what followed from one input, and says whether all that must hold still does.
    pub fn hear(&mut self, now: Timestamp, facts: &[Fact], engine: &Engine) -> Result<(), Broken> {
        if now < self.now {
            return Err(Broken::Time(now));
        }
        self.now = now;
        for fact in facts {
            self.note(fact)?;
            if let Fact::Offered { call, agent, .. } = *fact {
                first_come_first_served(&self.state, now, call, agent)?;
            }
            self.state.apply(now, fact);
        }
        if self.state != *engine.state() {
            return Err(Broken::Replay);
        }
        for (no, call) in self.state.calls() {
            match self.calls.get(&no) {
                Some(seen) if seen.is_over => return Err(Broken::Outcome(no)),
                Some(seen) if seen.arrived != call.arrived() => return Err(Broken::Place(no)),
                Some(_) => (),
                None => return Err(Broken::Outcome(no)),
            }
        }
        check(&self.state, now)
    }

    /// Damages what the facts gave, in a test that wants to see it noticed.
    #[cfg(test)]
    pub(in crate::acd) fn damage(&mut self, damage: crate::acd::state::Damage) {
        self.state.damage(damage);
    }

    /// How many calls have not ended. Zero at the end of a day.
    #[must_use]
    pub fn open(&self) -> usize {
        self.calls.values().filter(|seen| !seen.is_over).count()
    }

    fn note(&mut self, fact: &Fact) -> Result<(), Broken> {
        if let Fact::Queued { call, arrived, .. } = *fact
            && self.calls.insert(call, Seen { arrived, is_over: false }).is_some()
        {
            return Err(Broken::Outcome(call));
        }
        if let Fact::Ended { call, .. } = *fact {
            // One that was turned away at the door was never seen before.
            let over = Seen { arrived: Timestamp::EPOCH, is_over: true };
            let before = self.calls.insert(call, over);
            if before.is_some_and(|seen| seen.is_over) {
                return Err(Broken::Outcome(call));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn(call, agent) => write!(f, "{call:?} and {agent:?} disagree"),
            Self::Line(call) => write!(f, "{call} is not in line exactly when it waits"),
            Self::Pool(agent) => write!(f, "{agent} is not in its pool exactly when idle"),
            Self::Seat(agent, phone) => write!(f, "{agent} and {phone} disagree"),
            Self::Retired(agent) => write!(f, "{agent} is retired and lingers"),
            Self::Count(what) => write!(f, "the count of {what} is wrong"),
            Self::Idle(call, agent) => write!(f, "{call} waits while {agent} idles"),
            Self::Place(call) => write!(f, "{call} lost its place"),
            Self::Overtaken(older, call) => write!(f, "{call} overtook {older}"),
            Self::Outcome(call) => write!(f, "{call} has not exactly one outcome"),
            Self::Unready(agent, phone) => {
                write!(f, "{agent} is to be offered calls at {phone}, which can take none")
            }
            Self::Replay => f.write_str("the facts alone do not give back the state"),
            Self::Time(now) => write!(f, "it is {now}, and was later before"),
        }
    }
}

impl std::error::Error for Broken {}
