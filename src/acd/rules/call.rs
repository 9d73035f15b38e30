//! What follows for a call from what its caller, its agents and their phones do.
//!
//! What is heard of phones and callers is never refused while there is such a call: it has happened.
//! What is asked for is, if it makes no sense where the call stands.

use crate::{
    acd::{
        consult::{Consult, Stage},
        fact::{Fact, Limit, Outcome},
        input::{Channel, OfferLost, Unqueued},
        plan::Needs,
        refusal::Stood,
        rules::agent,
        state::{
            State,
            call::{Call, CallState},
        },
    },
    base::{
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// The caller hung up.
pub(in crate::acd) fn abandoned(
    state: &State,
    now: Timestamp,
    no: CallNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    let short = state.queue_of(call).map_or(Span::ZERO, |queue| queue.short_abandon);
    let is_short = now.since(call.arrived) <= short;
    let outcome = if is_short { Outcome::ShortAbandoned } else { Outcome::Abandoned };
    end(state, now, no, call, outcome, facts);
    Ok(())
}

/// The call cannot go on.
pub(in crate::acd) fn failed(
    state: &State,
    now: Timestamp,
    no: CallNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    end(state, now, no, call, Outcome::Failed, facts);
    Ok(())
}

/// How an agent leaves a call: that is heard from phones and media, and is never refused while
/// there is such a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) enum Leaves {
    /// The phone that rang will not be answered.
    Unanswered(OfferLost),
    /// The agent hung up.
    HungUp,
    /// The phone failed.
    Failed,
}

/// What part an agent has in a call.
enum Part {
    /// Its phone rings for it.
    Rings,
    /// It speaks with the caller, since then.
    Talks(Timestamp),
    /// It is the consultee of the agent of that caller.
    Consulted(AgentNo),
    /// None, or none any more.
    None,
}

fn part(agent: AgentNo, call: &Call) -> Part {
    match (call.state, call.consult) {
        (CallState::Ringing { agent: it }, _) if it == agent => Part::Rings,
        (CallState::Talking { agent: it, since }, _) if it == agent => Part::Talks(since),
        (CallState::Talking { agent: it, .. }, Some(consult)) if consult.with == agent => {
            if consult.stage.has_answered() { Part::Consulted(it) } else { Part::Rings }
        }
        _ => Part::None,
    }
}

/// The agent is not in the call any more. Whatever the call is doing, something follows, or
/// nothing has to.
pub(in crate::acd) fn agent_leaves(
    state: &State,
    now: Timestamp,
    no: CallNo,
    agent: AgentNo,
    how: Leaves,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    use Leaves as L;

    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    state.agent(agent).ok_or(Stood::NoSuchAgent)?;
    match (part(agent, call), how) {
        (Part::Rings, L::Unanswered(why)) => lose_offer(state, now, no, agent, why, facts),
        (Part::Rings, L::HungUp) => lose_offer(state, now, no, agent, OfferLost::Refused, facts),
        (Part::Rings, L::Failed) => lose_offer(state, now, no, agent, OfferLost::Failed, facts),

        (Part::Talks(since), L::HungUp) => match call.consult {
            // Who hangs up while there is a colleague has transferred the call.
            Some(with) => hand_over(state, now, no, (call, since), agent, with, facts),
            None => end(state, now, no, call, Outcome::Answered(agent), facts),
        },
        (Part::Talks(since), L::Failed | L::Unanswered(_)) => {
            requeue(state, now, no, (call, since), agent, facts);
        }

        (Part::Consulted(by), L::HungUp) => {
            facts.push(Fact::ConsultEnded { call: no, agent: by, with: agent });
            facts.push(agent::release(state, agent));
        }
        (Part::Consulted(by), L::Failed | L::Unanswered(_)) => {
            facts.push(Fact::ConsultEnded { call: no, agent: by, with: agent });
            facts.push(agent::after_failed_phone(state, now, agent));
        }

        // It has left before, by another way.
        (Part::None, L::Unanswered(_) | L::HungUp | L::Failed) => (),
    }
    Ok(())
}

/// The agent has left the call to whoever answers outside.
pub(in crate::acd) fn start_external_transfer(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
) -> Result<[Fact; 2], Stood> {
    let (call, since) = talking_with(by, state, no)?;
    if call.consult.is_some() {
        return Err(Stood::Call(call.state));
    }
    let left = Fact::ExternalTransferStarted { call: no, agent: by, talk: now.since(since) };
    Ok([left, agent::after_talk(state, now, by, no, call)])
}

/// Someone outside has the call: for the engine it is over, and was answered.
pub(in crate::acd) fn external_transfer_answered(
    state: &State,
    now: Timestamp,
    no: CallNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    match call.state {
        CallState::Talking { .. } | CallState::Outside => {
            end(state, now, no, call, Outcome::Failed, facts);
            Ok(())
        }
        CallState::Waiting | CallState::Ringing { .. } => Err(Stood::Call(call.state)),
    }
}

/// Nobody outside has taken the call.
pub(in crate::acd) fn external_transfer_failed(state: &State, no: CallNo) -> Result<Fact, Stood> {
    let stands = state.call(no).ok_or(Stood::NoSuchCall)?.state;
    if stands == CallState::Outside {
        Ok(Fact::ExternalTransferFailed { call: no })
    } else {
        Err(Stood::Call(stands))
    }
}

/// The agent transfers the call to a queue.
pub(in crate::acd) fn transfer_to_queue(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    to: QueueNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let (call, since) = talking_with(by, state, no)?;
    if call.consult.is_some() {
        return Err(Stood::Call(call.state));
    }
    if state.plan().queues.get(to.index()).is_none_or(|queue| queue.retired) {
        return Err(Stood::NoSuchQueue);
    }
    if !state.is_open(to) && state.queue_no_of(call) != Some(to) {
        return Err(Stood::QueueClosed(to));
    }
    transfer(state, now, no, (call, since), by, to, facts);
    Ok(())
}

/// The agent is done with the call, which goes on: in another queue, or in its own, which may be
/// retired by now and serves it all the same.
pub(in crate::acd) fn transfer(
    state: &State,
    now: Timestamp,
    no: CallNo,
    (call, since): (&Call, Timestamp),
    by: AgentNo,
    to: QueueNo,
    facts: &mut Vec<Fact>,
) {
    let queue = state.plan().queues.get(to.index()).map(|queue| &queue.needs);
    let own = state.line(call.line).map(|line| &line.key.own);
    let needs = match (queue, own) {
        (Some(queue), Some(own)) => queue.and(own),
        (Some(needs), None) | (None, Some(needs)) => needs.clone(),
        (None, None) => Needs::default(),
    };
    facts.push(Fact::Transferred { call: no, agent: by, to, needs, talk: now.since(since) });
    facts.push(agent::after_talk(state, now, by, no, call));
}

/// The colleague has the call now, or as soon as it answers.
pub(in crate::acd) fn hand_over(
    state: &State,
    now: Timestamp,
    no: CallNo,
    (call, since): (&Call, Timestamp),
    by: AgentNo,
    consult: Consult,
    facts: &mut Vec<Fact>,
) {
    let own = state.queue_no_of(call).expect("a call is in a line of a queue");
    transfer(state, now, no, (call, since), by, own, facts);
    if consult.stage.has_answered() {
        // It has not waited between.
        facts.push(Fact::Answered { call: no, agent: consult.with, wait: Span::ZERO });
    }
}

/// The call, and since when it speaks with that agent.
pub(in crate::acd) fn talking_with(
    agent: AgentNo,
    state: &State,
    no: CallNo,
) -> Result<(&Call, Timestamp), Stood> {
    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    if let CallState::Talking { agent: it, since } = call.state
        && it == agent
    {
        return Ok((call, since));
    }
    Err(Stood::Call(call.state))
}

/// The phone was answered.
pub(in crate::acd) fn answered(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let call = ringing_at(by, state, no)?;
    let wait = now.since(call.waits_since());
    match (call.state, call.consult) {
        (CallState::Talking { agent, .. }, Some(Consult { stage: Stage::Ringing, .. })) => {
            facts.push(Fact::Consulted { call: no, agent, with: by });
        }
        // A colleague who was asked to take it: it is as if the two had spoken.
        (CallState::Talking { agent, since }, Some(consult)) => {
            let consult = Consult { stage: Stage::Talking, ..consult };
            hand_over(state, now, no, (call, since), agent, consult, facts);
        }
        _ => facts.push(Fact::Answered { call: no, agent: by, wait }),
    }
    Ok(())
}

/// The agent's phone failed while the two spoke.
fn requeue(
    state: &State,
    now: Timestamp,
    no: CallNo,
    (call, since): (&Call, Timestamp),
    from: AgentNo,
    facts: &mut Vec<Fact>,
) {
    facts.push(Fact::Requeued { call: no, agent: from, talk: now.since(since) });
    facts.push(agent::after_failed_phone(state, now, from));
    // A consultee who speaks already has the caller at once.
    let heir = call.consult.filter(|it| it.stage.has_answered());
    facts.extend(heir.map(|it| Fact::Answered { call: no, agent: it.with, wait: Span::ZERO }));
}

/// The phone will not be answered.
fn lose_offer(
    state: &State,
    now: Timestamp,
    no: CallNo,
    by: AgentNo,
    why: OfferLost,
    facts: &mut Vec<Fact>,
) {
    facts.push(Fact::OfferLost { call: no, agent: by, why });
    facts.push(agent::after_lost_offer(state, now, by, why));
}

fn ringing_at(agent: AgentNo, state: &State, no: CallNo) -> Result<&Call, Stood> {
    let call = state.call(no).ok_or(Stood::NoSuchCall)?;
    let is_consulted = call.consult.is_some_and(|it| it.with == agent && !it.stage.has_answered());
    if call.state == (CallState::Ringing { agent }) || is_consulted {
        Ok(call)
    } else {
        Err(Stood::Call(call.state))
    }
}

/// The end of a call, and what its agent does then. A call that was answered ends as answered,
/// whoever or whatever ends it: an outcome is told once.
fn end(
    state: &State,
    now: Timestamp,
    no: CallNo,
    call: &Call,
    outcome: Outcome,
    facts: &mut Vec<Fact>,
) {
    let queue = state.queue_no_of(call);
    let ended = |outcome, wait, talk| Fact::Ended {
        call: no,
        queue,
        channel: call.channel,
        outcome,
        wait,
        talk,
    };
    let unanswered = || match &call.before {
        None => ended(outcome, now.since(call.arrived), Span::ZERO),
        Some(before) => ended(Outcome::Answered(before.agent), before.wait, before.talk),
    };
    match call.state {
        CallState::Waiting | CallState::Outside => facts.push(unanswered()),
        // No wrap-up for work not done.
        CallState::Ringing { agent } => {
            facts.push(unanswered());
            facts.push(agent::next_state(state, agent));
        }
        CallState::Talking { agent, since } => {
            let (wait, talk) = call.spoken(since, now);
            facts.push(ended(Outcome::Answered(agent), wait, talk));
            facts.push(agent::after_talk(state, now, agent, no, call));
            facts.extend(call.consult.map(|it| agent::release(state, it.with)));
        }
    }
}

/// A call is over that never came in here. It has an outcome as every call has.
pub(in crate::acd) fn never_queued(
    state: &State,
    now: Timestamp,
    (call, channel, arrived): (CallNo, Channel, Timestamp),
    how: Unqueued,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    if let Some(inside) = state.call(call) {
        return Err(Stood::Call(inside.state()));
    }
    let outcome = match how {
        Unqueued::Abandoned => Outcome::Abandoned,
        Unqueued::Announced => Outcome::Announced,
        Unqueued::Outside(to) => Outcome::Overflowed(to, Limit::Chosen),
        Unqueued::Failed => Outcome::Failed,
    };
    facts.push(sent_off(now, call, None, channel, arrived, outcome));
    Ok(())
}

/// The end of a call that never spoke with anyone, at the hand of its queue.
pub(in crate::acd) fn sent_off(
    now: Timestamp,
    call: CallNo,
    queue: Option<QueueNo>,
    channel: Channel,
    arrived: Timestamp,
    outcome: Outcome,
) -> Fact {
    Fact::Ended { call, queue, channel, outcome, wait: now.since(arrived), talk: Span::ZERO }
}
