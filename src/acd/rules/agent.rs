//! What follows for an agent: from what it asks for, from its phone, and from the end of a call.
//!
//! Every row says what an agent is next; nothing is so before the state has applied it.

use crate::{
    acd::{
        fact::{Fact, Next, Why},
        input::{OfferLost, UNREACHABLE_REST},
        refusal::Stood,
        state::{
            State,
            agent::{Agent, AgentState, SIGNED_IN},
            call::Call,
        },
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo},
        time::{Span, Timestamp},
    },
};

/// How long an agent whose phone was in another call, or failed, is left alone.
const BUSY_REST: Span = Span::secs(10);

/// What an agent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) enum AgentRequest<'a> {
    SignOut,
    Ready,
    Away(&'a str),
    EndWrapUp,
    ExtendWrapUp,
}

/// What follows from a request. Nothing follows from one that is fulfilled already.
pub(in crate::acd) fn request(
    state: &State,
    no: AgentNo,
    request: AgentRequest<'_>,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    use AgentRequest as R;
    use AgentState as S;

    let agent = state.agent(no).ok_or(Stood::NoSuchAgent)?;
    let out = Fact::SignedOut { agent: no };
    let gone = |reason: &str| away(state, no, Why::Asked(reason.to_owned()), None);
    let then = |next| Fact::NextChosen { agent: no, next };
    // Whoever leaves while the phone rings has refused that call.
    let refused = |call| Fact::OfferLost { call, agent: no, why: OfferLost::Refused };

    match (&agent.state, request) {
        (S::Idle { .. } | S::WrapUp { .. } | S::Away { .. }, R::SignOut) => facts.push(out),
        (&S::Reserved { call, .. }, R::SignOut) => facts.extend([refused(call), out]),
        (S::Talking { .. }, R::SignOut) => facts.push(then(Next::SignedOut)),

        (S::Idle { .. } | S::Reserved { .. }, R::Ready) => (),
        (S::Away { .. }, R::Ready) => facts.push(next_state(state, no)),
        (S::Talking { .. } | S::WrapUp { .. }, R::Ready) => facts.push(then(Next::Ready)),

        (S::Idle { .. } | S::WrapUp { .. } | S::Away { .. }, R::Away(reason)) => {
            facts.push(gone(reason));
        }
        (&S::Reserved { call, .. }, R::Away(reason)) => facts.extend([refused(call), gone(reason)]),
        (S::Talking { .. }, R::Away(reason)) => facts.push(then(Next::Away(reason.to_owned()))),

        (S::WrapUp { next, .. }, R::EndWrapUp) => facts.push(afterwards(state, no, next)),
        (stood @ &S::WrapUp { queue, until, extended: false, .. }, R::ExtendWrapUp) => {
            match state.plan().queues.get(queue.index()).map(|queue| queue.wrap_up_extension) {
                None | Some(Span::ZERO) => return Err(Stood::Agent(stood.clone())),
                Some(extension) => {
                    facts.push(Fact::WrapUpExtended { agent: no, until: until + extension });
                }
            }
        }

        (stood, _) => return Err(Stood::Agent(stood.clone())),
    }
    Ok(())
}

/// The agent starts work, or sits down at another phone.
pub(in crate::acd) fn sign_in(
    state: &State,
    no: AgentNo,
    phone: PhoneNo,
    ready: bool,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let agent = state.agent(no).ok_or(Stood::NoSuchAgent)?;
    if state.plan().agents.get(no.index()).is_none_or(|agent| agent.retired) {
        return Err(Stood::NoSuchAgent);
    }
    if let Some(other) = state.agent_at(phone).filter(|other| *other != no) {
        return Err(Stood::PhoneOf(other));
    }
    match &agent.state {
        // Already so: the agent keeps its turn.
        AgentState::Idle { phone: here, .. } if *here == phone && ready => return Ok(()),
        AgentState::SignedOut | AgentState::Idle { .. } | AgentState::Away { .. } => (),
        stood @ (AgentState::Reserved { .. }
        | AgentState::Talking { .. }
        | AgentState::WrapUp { .. }) => return Err(Stood::Agent(stood.clone())),
    }
    facts.push(Fact::SignedIn { agent: no, phone });
    facts.push(if ready {
        ready_at(state, no, phone)
    } else {
        away(state, no, Why::Asked(SIGNED_IN.to_owned()), None)
    });
    Ok(())
}

/// The phone can be rung again: whoever was away for that alone is ready, or has to finish the
/// phone's own call.
pub(in crate::acd) fn phone_up(state: &State, phone: PhoneNo, facts: &mut Vec<Fact>) {
    if !state.is_reachable(phone) {
        facts.push(Fact::PhoneReach { phone, up: true });
    }
    let Some(no) = state.agent_at(phone) else { return };
    let stood = state.agent(no).map(Agent::state);
    if let Some(AgentState::Away {
        why: Why::NoPhone | Why::PhoneFailed | Why::Lost(OfferLost::Unreachable),
        ..
    }) = stood
    {
        facts.push(if state.is_occupied(phone) {
            away(state, no, Why::OwnCall, None)
        } else {
            Fact::Ready { agent: no }
        });
    }
}

/// The phone is in a call of its own: its agent is offered nothing, and stays what it chose to be
/// otherwise.
pub(in crate::acd) fn phone_busy(state: &State, phone: PhoneNo, facts: &mut Vec<Fact>) {
    if !state.is_occupied(phone) {
        facts.push(Fact::PhoneOccupied { phone, occupied: true });
    }
    let Some(no) = state.agent_at(phone) else { return };
    match state.agent(no).map(Agent::state) {
        Some(AgentState::Idle { .. }) => facts.push(away(state, no, Why::OwnCall, None)),
        // Whoever dials while the phone rings does not take that call.
        Some(&AgentState::Reserved { call, .. }) => facts.extend([
            Fact::OfferLost { call, agent: no, why: OfferLost::Busy },
            away(state, no, Why::OwnCall, None),
        ]),
        Some(
            AgentState::SignedOut
            | AgentState::Talking { .. }
            | AgentState::WrapUp { .. }
            | AgentState::Away { .. },
        )
        | None => (),
    }
}

/// The phone's own call is over: whoever was away for that alone is ready.
pub(in crate::acd) fn phone_free(state: &State, phone: PhoneNo, facts: &mut Vec<Fact>) {
    if !state.is_occupied(phone) {
        return;
    }
    facts.push(Fact::PhoneOccupied { phone, occupied: false });
    let Some(no) = state.agent_at(phone) else { return };
    if let Some(AgentState::Away { why: Why::OwnCall, .. }) = state.agent(no).map(Agent::state) {
        facts.push(if state.is_reachable(phone) {
            Fact::Ready { agent: no }
        } else {
            away(state, no, Why::NoPhone, None)
        });
    }
}

/// The phone cannot be rung. A call in hand is the media room's to judge: it goes on here.
pub(in crate::acd) fn phone_down(state: &State, phone: PhoneNo, facts: &mut Vec<Fact>) {
    if state.is_reachable(phone) {
        facts.push(Fact::PhoneReach { phone, up: false });
    }
    let Some(no) = state.agent_at(phone) else { return };
    match state.agent(no).map(Agent::state) {
        Some(AgentState::Idle { .. }) => facts.push(away(state, no, Why::NoPhone, None)),
        Some(&AgentState::Reserved { call, .. }) => facts.extend([
            Fact::OfferLost { call, agent: no, why: OfferLost::Unreachable },
            away(state, no, Why::NoPhone, None),
        ]),
        // It does not come back by the clock now, but with its phone.
        Some(AgentState::Away { why: Why::Lost(_) | Why::PhoneFailed, until: Some(_), .. }) => {
            facts.push(away(state, no, Why::NoPhone, None));
        }
        Some(_) | None => (),
    }
}

/// The time of the agent's state is up.
pub(in crate::acd) fn lapsed(state: &State, now: Timestamp, no: AgentNo, facts: &mut Vec<Fact>) {
    match state.agent(no).map(Agent::state) {
        Some(&AgentState::Reserved { call, .. }) => facts.extend([
            Fact::OfferLost { call, agent: no, why: OfferLost::NoAnswer },
            after_lost_offer(state, now, no, OfferLost::NoAnswer),
        ]),
        Some(AgentState::WrapUp { next, .. }) => facts.push(afterwards(state, no, next)),
        Some(AgentState::Away { .. }) => facts.push(next_state(state, no)),
        Some(AgentState::SignedOut | AgentState::Idle { .. } | AgentState::Talking { .. })
        | None => (),
    }
}

/// What an agent is after its phone did not take a call. People who do not answer are away
/// until they say otherwise; phones that fail are tried again after a rest.
pub(in crate::acd) fn after_lost_offer(
    state: &State,
    now: Timestamp,
    no: AgentNo,
    why: OfferLost,
) -> Fact {
    let rest = match why {
        OfferLost::NoAnswer | OfferLost::Refused => None,
        OfferLost::Busy | OfferLost::Failed => Some(BUSY_REST),
        OfferLost::Unreachable => Some(UNREACHABLE_REST),
    };
    away(state, no, Why::Lost(why), rest.map(|rest| now + rest))
}

/// What an agent is whose phone failed in the middle of a call: what it chose to be next, but
/// not ready before the phone is heard of, or has had its rest. There is nothing to wrap up with.
pub(in crate::acd) fn after_failed_phone(state: &State, now: Timestamp, no: AgentNo) -> Fact {
    match state.agent(no).map(Agent::state) {
        Some(AgentState::Talking { next: next @ (Next::Away(_) | Next::SignedOut), .. }) => {
            afterwards(state, no, next)
        }
        Some(&AgentState::Talking { phone, .. }) if !state.is_reachable(phone) => {
            away(state, no, Why::NoPhone, None)
        }
        Some(_) | None => away(state, no, Why::PhoneFailed, Some(now + UNREACHABLE_REST)),
    }
}

/// What an agent is after speaking with a caller.
pub(in crate::acd) fn after_talk(
    state: &State,
    now: Timestamp,
    no: AgentNo,
    call_no: CallNo,
    call: &Call,
) -> Fact {
    let wrap_up = state.queue_of(call).map_or(Span::ZERO, |queue| queue.wrap_up);
    if wrap_up > Span::ZERO {
        return Fact::WrappingUp { agent: no, call: call_no, until: now + wrap_up };
    }
    release(state, no)
}

/// What an agent is whose part in a call is over: what it chose to be, with nothing to wrap up.
pub(in crate::acd) fn release(state: &State, no: AgentNo) -> Fact {
    match state.agent(no).map(Agent::state) {
        Some(AgentState::Talking { next, .. }) => afterwards(state, no, next),
        Some(_) | None => next_state(state, no),
    }
}

/// What an agent is who has nothing in hand: ready, unless the phone or the plan say otherwise.
pub(in crate::acd) fn next_state(state: &State, no: AgentNo) -> Fact {
    match state.agent(no).and_then(|agent| agent.state.phone()) {
        Some(phone) => ready_at(state, no, phone),
        None => away(state, no, Why::NoPhone, None),
    }
}

/// Ready at that phone, unless the phone or the plan say otherwise.
fn ready_at(state: &State, no: AgentNo, phone: PhoneNo) -> Fact {
    match (state.is_reachable(phone), state.is_occupied(phone)) {
        _ if is_retired(state, no) => Fact::SignedOut { agent: no },
        (false, _) => away(state, no, Why::NoPhone, None),
        (true, true) => away(state, no, Why::OwnCall, None),
        (true, false) => Fact::Ready { agent: no },
    }
}

/// What an agent chose to be next.
fn afterwards(state: &State, no: AgentNo, next: &Next) -> Fact {
    match next {
        Next::Ready => next_state(state, no),
        Next::Away(reason) => away(state, no, Why::Asked(reason.clone()), None),
        Next::SignedOut => Fact::SignedOut { agent: no },
    }
}

/// Away for now; or home, if the plan no longer names the agent.
fn away(state: &State, agent: AgentNo, why: Why, until: Option<Timestamp>) -> Fact {
    if is_retired(state, agent) {
        return Fact::SignedOut { agent };
    }
    Fact::WentAway { agent, why, until }
}

fn is_retired(state: &State, no: AgentNo) -> bool {
    state.plan().agents.get(no.index()).is_none_or(|agent| agent.retired)
}
