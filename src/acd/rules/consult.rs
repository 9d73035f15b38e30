//! A colleague asked for: to take a caller over, or to speak with its agent first.
//!
//! ```text
//!        Ask              Offered: rings ─┬─ answers ─► Transferred, Answered
//!                                         └─ lost ────► back to the agent
//!        Consult          Offered: rings ─┬─ answers ─► Consulted
//!                                         └─ lost ────► back to the agent
//!                                                        │
//!   CompleteTransfer, or the agent hangs up ─► Transferred, Answered ◄┤
//!   EndConsult, or the colleague does ─► ConsultEnded ◄──┘
//! ```
//!
//! A caller is never lost by it: whoever of the two leaves, the other has it. The colleague was
//! asked, and has nothing to wrap up unless the caller became its own.

use crate::{
    acd::{
        agent::{self, AgentState},
        call::{self, Call, CallState},
        engine::Stood,
        fact::{Decision, Fact, Rule},
        input::Whom,
        line::{Key, Line},
        rules::matching,
        state::State,
    },
    base::{
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// A colleague, beside the agent who speaks with the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) struct Asked {
    pub(in crate::acd) agent: AgentNo,
    pub(in crate::acd) side: Side,
}

/// How far it has come with the colleague.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) enum Side {
    /// Its phone rings, and whoever answers there has the caller.
    RingsToTake,
    /// Its phone rings, and whoever answers there speaks with the agent.
    RingsToSpeak,
    /// It speaks with the agent, and perhaps with the caller.
    Speaks,
}

impl Asked {
    /// Whose phone rings by that rule.
    pub(in crate::acd) fn rings(agent: AgentNo, rule: Rule) -> Self {
        let side = if rule == Rule::Consulted { Side::RingsToSpeak } else { Side::RingsToTake };
        Self { agent, side }
    }
}

/// The agent wants a colleague to take the call.
pub(in crate::acd) fn asks(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    of: AgentNo,
) -> Result<Fact, Stood> {
    rings(state, now, no, by, of, Rule::Asked)
}

/// The agent wants to speak with a colleague.
pub(in crate::acd) fn consults(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    with: Whom,
) -> Result<Fact, Stood> {
    let with = match with {
        Whom::Agent(agent) => agent,
        Whom::Queue(queue) => {
            let call = alone_with(by, state, no)?;
            whom_it_gives(state, call, queue)?
        }
    };
    rings(state, now, no, by, with, Rule::Consulted)
}

/// Whom that queue would give the caller now. Nobody stands in line for that: an agent whose
/// caller waits must not wait as well.
fn whom_it_gives(state: &State, call: &Call, queue: QueueNo) -> Result<AgentNo, Stood> {
    let plan = state.plan();
    if plan.queues.get(queue.index()).is_none_or(|queue| queue.retired) {
        return Err(Stood::NoSuchQueue);
    }
    let own = state.line(call.line).map(|line| line.key.own.clone()).unwrap_or_default();
    let line = Line::new(Key { queue, own, step: 0, stays: true }, plan, state.pools());
    matching::first_free(state, &line).ok_or(Stood::NobodyFree(queue))
}

fn rings(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    of: AgentNo,
    rule: Rule,
) -> Result<Fact, Stood> {
    let call = alone_with(by, state, no)?;
    let colleague = state.agent(of).ok_or(Stood::NoSuchAgent)?.state();
    let AgentState::Idle { since, .. } = colleague else {
        return Err(Stood::Agent(colleague.clone()));
    };
    let ring = state.line(call.line).map_or(Span::ZERO, |line| line.ring);
    let decision = Decision {
        rule,
        waited: now.since(call.arrived),
        idle: now.since(*since),
        waiting: state.waiting(),
        idle_agents: state.idle(),
        head_start: Span::ZERO,
    };
    Ok(Fact::Offered { call: no, agent: of, until: now + ring, decision })
}

/// The call that the agent has, with nobody on its side.
fn alone_with(agent: AgentNo, state: &State, no: CallNo) -> Result<&Call, Stood> {
    let (call, _) = call::talking_with(agent, state, no)?;
    if call.asked.is_some() { Err(Stood::Call(call.state)) } else { Ok(call) }
}

/// The agent leaves the call to the colleague.
pub(in crate::acd) fn hands_over(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let (call, since) = call::talking_with(by, state, no)?;
    let Some(asked) = call.asked else { return Err(Stood::Call(call.state)) };
    left_to(state, now, no, (call, since), by, asked, facts)
}

/// The colleague has the call now, or as soon as it answers.
pub(in crate::acd) fn left_to(
    state: &State,
    now: Timestamp,
    no: CallNo,
    (call, since): (&Call, Timestamp),
    by: AgentNo,
    asked: Asked,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let own = state.queue_no_of(call).ok_or(Stood::NoSuchQueue)?;
    call::passed(state, now, no, (call, since), by, own, facts)?;
    if asked.side == Side::Speaks {
        // It has not waited between.
        facts.push(Fact::Answered { call: no, agent: asked.agent, wait: Span::ZERO });
    }
    Ok(())
}

/// The agent keeps the call, and lets the colleague go.
pub(in crate::acd) fn ends(state: &State, no: CallNo, by: AgentNo) -> Result<[Fact; 2], Stood> {
    let (call, _) = call::talking_with(by, state, no)?;
    let Some(asked) = call.asked else { return Err(Stood::Call(call.state)) };
    Ok(over(state, no, by, asked.agent))
}

/// The colleague has hung up, if it is one who speaks on the side of that call.
pub(in crate::acd) fn left(state: &State, no: CallNo, with: AgentNo) -> Option<[Fact; 2]> {
    let by = speaks(state, no, with)?;
    Some(over(state, no, by, with))
}

/// As [`left`]: the colleague's phone has failed.
pub(in crate::acd) fn lost(
    state: &State,
    now: Timestamp,
    no: CallNo,
    with: AgentNo,
) -> Option<[Fact; 2]> {
    let agent = speaks(state, no, with)?;
    let ended = Fact::ConsultEnded { call: no, agent, with };
    Some([ended, agent::after_failed_phone(state, now, with)])
}

/// Whose caller it is, if that colleague speaks on its side.
fn speaks(state: &State, no: CallNo, with: AgentNo) -> Option<AgentNo> {
    let call = state.call(no)?;
    let CallState::Talking { agent, .. } = call.state else { return None };
    (call.asked == Some(Asked { agent: with, side: Side::Speaks })).then_some(agent)
}

fn over(state: &State, no: CallNo, agent: AgentNo, with: AgentNo) -> [Fact; 2] {
    [Fact::ConsultEnded { call: no, agent, with }, agent::let_go(state, with)]
}
