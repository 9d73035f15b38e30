//! Why a call waits, and why it was offered to just that agent: the routing rule asked again, over
//! a state that was folded from facts.
//!
//! ```text
//! waiting ──► nobody is idle ──► or nobody idle can ──► or all who can are kept back
//! offered ──► how many were allowed, and what made this agent the first of them
//! ```
//!
//! For people who ask afterwards: it looks at everyone, which the matching must never do.

use crate::{
    acd::{
        plan::{AgentOrder, Needs},
        rules::matching::{self, ReserveHold},
        state::{
            State,
            agent::{Agent, AgentState},
            call::CallState,
            line::Line,
            pool::Pool,
        },
    },
    base::{
        numbers::{AgentNo, CallNo, SkillNo},
        time::{Span, Timestamp},
    },
};

/// Why a call that waits has nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The reason.
    pub reason: Reason,
    /// How many other calls come before it.
    pub ahead: u32,
    /// Agents at work who can take it, and are not idle.
    pub engaged: Engaged,
}

/// What keeps a call from the agents who are idle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There are none.
    NobodyIdle,
    /// None of them has what it needs.
    NoneCan {
        /// How many are idle.
        idle: u32,
        /// What none of them has; everything it needs, if some have each but none has all.
        lacks: Needs,
    },
    /// Those who can are kept back for others.
    KeptBack {
        /// How many are idle.
        idle: u32,
        /// How many of them can.
        can: u32,
        /// For calls that need this.
        skill: SkillNo,
        /// How many with that skill are kept back.
        reserve: u32,
        /// After which wait the call may take one of them all the same.
        release: Span,
    },
}

/// Agents who can take a call and are busy, by what they are at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Engaged {
    /// Speaking.
    pub talking: u32,
    /// Their phone rings.
    pub ringing: u32,
    /// Wrapping up.
    pub wrapping_up: u32,
    /// Away.
    pub away: u32,
}

/// Why just that agent was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How many idle agents were allowed, the one taken among them.
    pub allowed: u32,
    /// How many idle agents lacked something.
    pub lacking: u32,
    /// How many idle agents could and were kept back.
    pub kept_back: u32,
    /// By what the queue puts agents in order.
    pub order: AgentOrder,
    /// How many calls the one taken had answered.
    pub calls: u32,
    /// Whether the one taken had just missed this very call, and nobody else was there.
    pub again: bool,
}

/// Why `call` waits at `now`. `None` if it does not wait, or is about to be offered.
#[must_use]
pub fn waits(state: &State, now: Timestamp, call: CallNo) -> Option<Waits> {
    let known = state.call(call).filter(|it| it.state() == CallState::Waiting)?;
    let line = state.line(known.line)?;
    let waited = line.longest(now);
    let plan = state.plan();
    let skills = |no: AgentNo| plan.agents.get(no.index()).map_or(&[][..], |it| &it.skills);

    let mut engaged = Engaged::default();
    let can = state.agents().filter(|(no, _)| line.needs.met_by(skills(*no)));
    for (_, agent) in can {
        match agent.state() {
            AgentState::SignedOut | AgentState::Idle { .. } => (),
            AgentState::Reserved { .. } => engaged.ringing += 1,
            AgentState::Talking { .. } => engaged.talking += 1,
            AgentState::WrapUp { .. } => engaged.wrapping_up += 1,
            AgentState::Away { .. } => engaged.away += 1,
        }
    }
    let chances = matching::Chances::of(state);
    let claim = |line: &Line, arrived| matching::Claim {
        age: now.since(arrived),
        head_start: chances.head_start(state, line),
        target: line.target,
        arrived,
        call,
    };
    let own = claim(line, known.arrived());
    let ahead = state.occupied().flat_map(|(_, other)| {
        other.waiters().iter().map(|(at, no)| matching::Claim { call: no, ..claim(other, at) })
    });
    let ahead = ahead.filter(|other| other.comes_before(&own)).count();
    let reason = reason(state, line, waited, &skills)?;
    Some(Waits { reason, ahead: u32::try_from(ahead).unwrap_or(u32::MAX), engaged })
}

fn reason<'a>(
    state: &'a State,
    line: &Line,
    waited: Span,
    skills: &impl Fn(AgentNo) -> &'a [(SkillNo, u8)],
) -> Option<Reason> {
    let idle = state.idle();
    if idle == 0 {
        return Some(Reason::NobodyIdle);
    }
    let able: Vec<&Pool> = matching::idle_pools(state, line).map(|(pool, _)| pool).collect();
    if able.is_empty() {
        let sitting: Vec<_> = idlers(state).map(|(no, _)| skills(no)).collect();
        let nobody_has = |&&need: &&(SkillNo, u8)| {
            let need = Needs(vec![need]);
            !sitting.iter().any(|skills| need.met_by(skills))
        };
        let lacks: Vec<_> = line.needs.0.iter().filter(nobody_has).copied().collect();
        let lacks = if lacks.is_empty() { line.needs.clone() } else { Needs(lacks) };
        return Some(Reason::NoneCan { idle, lacks });
    }
    let can = able.iter().map(|pool| pool.idle().len()).sum::<usize>();
    let kept =
        able.iter().filter_map(|pool| match matching::reserve_hold(state, pool, line, waited) {
            ReserveHold::Held(release) => Some((release, *pool)),
            ReserveHold::Free | ReserveHold::OutOfReserve | ReserveHold::Released => None,
        });
    // The one that is released first.
    let (release, pool) = kept.min_by_key(|(release, _)| *release)?;
    let (skill, reserve) = pool.scarce.iter().find_map(|&skill| {
        let scarce = state.plan().skills.get(skill.index())?;
        let holds = scarce.release == release && !line.claim.name(skill);
        holds.then_some((skill, scarce.reserve))
    })?;
    let can = u32::try_from(can).unwrap_or(u32::MAX);
    Some(Reason::KeptBack { idle, can, skill, reserve, release })
}

/// Why `call`, which waits, is offered to `agent` at `now`.
#[must_use]
pub fn chosen(state: &State, now: Timestamp, call: CallNo, agent: AgentNo) -> Option<Choice> {
    let known = state.call(call).filter(|it| it.state() == CallState::Waiting)?;
    let line = state.line(known.line)?;
    let waited = line.longest(now);
    let (mut allowed, mut kept_back) = (0, 0);
    for (pool, _) in matching::idle_pools(state, line) {
        let here = u32::try_from(pool.idle().len()).unwrap_or(u32::MAX);
        match matching::reserve_hold(state, pool, line, waited) {
            ReserveHold::Held(_) => kept_back += here,
            ReserveHold::Free | ReserveHold::OutOfReserve | ReserveHold::Released => {
                allowed += here;
            }
        }
    }
    Some(Choice {
        allowed,
        lacking: state.idle().saturating_sub(allowed + kept_back),
        kept_back,
        order: line.order,
        calls: state.agent(agent).map_or(0, Agent::calls),
        again: known.missed_by == Some(agent),
    })
}

fn idlers(state: &State) -> impl Iterator<Item = (AgentNo, &Agent)> {
    state.agents().filter(|(_, agent)| matches!(agent.state(), AgentState::Idle { .. }))
}
