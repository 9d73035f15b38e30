//! Consults and transfers to a colleague: who may be called for a caller, and who has it then.
//!
//! ```text
//!        Transfer         Offered: rings ─┬─ answers ─► Transferred, Answered
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
        fact::{Decision, Fact, Rule},
        input::Target,
        refusal::Stood,
        rules::{agent, call, matching},
        state::{
            State,
            agent::AgentState,
            call::Call,
            line::{Key, Line},
        },
    },
    base::{
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// The agent wants a colleague to take the call.
pub(in crate::acd) fn transfer(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    to: AgentNo,
) -> Result<Fact, Stood> {
    ring(state, now, no, by, to, Rule::Transfer)
}

/// The agent wants to speak with a colleague.
pub(in crate::acd) fn consult(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    with: Target,
) -> Result<Fact, Stood> {
    let with = match with {
        Target::Agent(agent) => agent,
        Target::Queue(queue) => {
            let call = alone_with(by, state, no)?;
            whom_it_gives(state, call, queue)?
        }
    };
    ring(state, now, no, by, with, Rule::Consult)
}

/// Whom that queue would give the caller now. Nobody stands in line for that: an agent whose
/// caller waits must not wait as well.
fn whom_it_gives(state: &State, call: &Call, queue: QueueNo) -> Result<AgentNo, Stood> {
    let plan = state.plan();
    // A queue that is retired serves whoever is in it.
    let is_own = state.queue_no_of(call) == Some(queue);
    if plan.queues.get(queue.index()).is_none_or(|queue| queue.retired && !is_own) {
        return Err(Stood::NoSuchQueue);
    }
    let own = state.line(call.line).map(|line| line.key.own.clone()).unwrap_or_default();
    let line = Line::new(Key { queue, own, step: 0, stays: true }, plan, state.pools());
    matching::first_free(state, &line).ok_or(Stood::NobodyFree(queue))
}

fn ring(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    with: AgentNo,
    rule: Rule,
) -> Result<Fact, Stood> {
    let call = alone_with(by, state, no)?;
    let colleague = state.agent(with).ok_or(Stood::NoSuchAgent)?.state();
    let AgentState::Idle { since, .. } = colleague else {
        return Err(Stood::Agent(colleague.clone()));
    };
    let ring = state.line(call.line).map_or(Span::ZERO, |line| line.ring);
    let decision = Decision {
        rule,
        age: now.since(call.arrived),
        idle: now.since(*since),
        waiting: state.waiting(),
        idle_agents: state.idle(),
        head_start: Span::ZERO,
    };
    Ok(Fact::Offered { call: no, agent: with, until: now + ring, decision })
}

/// The call that the agent has, with no consult open.
fn alone_with(agent: AgentNo, state: &State, no: CallNo) -> Result<&Call, Stood> {
    let (call, _) = call::talking_with(agent, state, no)?;
    if call.consult.is_some() { Err(Stood::Call(call.state)) } else { Ok(call) }
}

/// The agent leaves the call to the colleague.
pub(in crate::acd) fn complete_transfer(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let (call, since) = call::talking_with(by, state, no)?;
    let Some(consult) = call.consult else { return Err(Stood::Call(call.state)) };
    call::hand_over(state, now, no, (call, since), by, consult, facts);
    Ok(())
}

/// The agent keeps the call, and lets the colleague go.
pub(in crate::acd) fn end_consult(
    state: &State,
    no: CallNo,
    by: AgentNo,
) -> Result<[Fact; 2], Stood> {
    let (call, _) = call::talking_with(by, state, no)?;
    let Some(consult) = call.consult else { return Err(Stood::Call(call.state)) };
    let ended = Fact::ConsultEnded { call: no, agent: by, with: consult.with };
    Ok([ended, agent::release(state, consult.with)])
}
