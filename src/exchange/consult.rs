//! An agent holds its caller, or consults somebody before it decides what becomes of it: by a
//! second call of its phone, or by request.
//!
//! ```text
//!  phone: INVITE ────┐                                ┌─ REFER Replaces ─► caller ◄─► colleague
//!                    ├─► Consult, or outside ── 200 ──┤  complete
//!  request: consult ─┘             │                  ├─ caller, agent, colleague: conference
//!                                  └─ lost, cancelled ┴─ BYE ─► caller ◄─► agent
//! ```
//!
//! A phone that calls by itself has a second leg here, and holds its caller by itself; by request
//! the agent talks over the one leg it has, and the caller hears music. What the caller must
//! never be is lost: if the agent hangs up on it while the two confer, the consultee has it; if
//! that one's phone still rings, it rings on for the caller, and if in vain, the caller is first in
//! its line again. If the consultee goes, the agent has its caller back.

use crate::{
    acd::consult::Stage,
    acd::input::{Input, Target},
    base::numbers::{AgentNo, CallNo, LegNo, PhoneNo},
    bridge::{
        call::{Agent, Consultee},
        step::Step,
    },
    exchange::{
        admission::{self, Refusal},
        cause, dial, ending, external,
        fact::Fact,
        leg::Role,
        reply,
        request::{Answer, Refused},
        seats::Stands,
        switch::{Exchange, Turn},
        talk,
        whom::{self, Whom},
    },
    sip::{event::Invited, message::header::reason::Reason},
};

/// Someone asks for the caller to be held.
pub(super) fn hold(x: &mut Exchange, call: CallNo) -> Answer {
    asked_of(x, call, Step::Hold, "hold")
}

/// Someone who asked for the caller to be held wants it back.
pub(super) fn resume(x: &mut Exchange, call: CallNo) -> Answer {
    asked_of(x, call, Step::Resume, "resume")
}

/// The agent talks with its caller while the consultee waits, or the other way round.
pub(super) fn swap(x: &mut Exchange, call: CallNo) -> Answer {
    asked_of(x, call, Step::Swap, "toggle")
}

/// Caller, agent and consultee hear one another.
pub(super) fn conference(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> Answer {
    let answer = asked_of(x, call, Step::Conference, "conference");
    if answer == Answer::Done {
        x.tell(turn, Fact::Conferenced { call });
    }
    answer
}

/// A step that concerns nobody but those who talk.
fn asked_of(x: &mut Exchange, no: CallNo, step: Step, asked: &str) -> Answer {
    let Some(call) = x.calls.get(no) else {
        return Answer::Refused(Refused::Unknown(no.to_string()));
    };
    let refused = Refused::impossible(x.word(call), asked);
    match x.step(no, step) {
        Ok(_) => Answer::Done,
        Err(_) => Answer::Refused(refused),
    }
}

/// The call in which an agent talks at that phone, and the agent: whomever it calls now, it
/// consults.
pub(super) fn caller_of(x: &Exchange, phone: PhoneNo) -> Option<(CallNo, AgentNo)> {
    let agent = x.seats.agent(phone)?;
    let Some(Stands::InCall(call)) = x.seats.stands(agent) else { return None };
    (x.calls.get(call)?.bridge.agent()?.no == agent).then_some((call, agent))
}

/// An agent's phone that has a caller calls somebody.
pub(super) fn dialled(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    (call, agent): (CallNo, AgentNo),
    invited: &Invited,
) -> Result<(), Refusal> {
    let second = admission::admit_second(x, Role::SecondLine(call, agent), invited)?;
    match begin(x, turn, call, &invited.request_user, Some(second)) {
        Ok(()) => reply::progress(x, turn, second, 180, None),
        Err(refused) => {
            let status = refused.status();
            let text = refused.to_string();
            reply::reject(x, turn, second, (status, cause::of_status(status), &text));
            ending::hang_up(x, turn, second, Reason::Q850(16));
        }
    }
    Ok(())
}

/// Someone asks for it by the API.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: &str) -> Answer {
    Answer::of(begin(x, turn, call, to, None))
}

fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    to: &str,
    second: Option<LegNo>,
) -> Result<(), Refused> {
    let agent = talk::holder(x, no, "consult")?;
    let with = match whom::meant(x, turn.now, to, agent.no)? {
        Whom::Queue(queue) => Target::Queue(queue),
        Whom::Colleague(colleague) => Target::Agent(colleague),
        Whom::Outside(_) if second.is_some() && !proves_itself(x, agent.no) => {
            return Err(Refused::NotAllowed(dial::Refusal::NotAllowed));
        }
        Whom::Outside(way) => {
            return external::ring(x, turn, no, (agent, second), Stage::Ringing, &way);
        }
    };
    talk::decide(x, turn, no, "consult", Input::Consult { call: no, agent: agent.no, with })?;
    let (with, stage) = (Consultee::Colleague(None), Stage::Ringing);
    talk::step(x, turn, no, Step::Call { second, with, stage }, Reason::Q850(16));
    Ok(())
}

/// Whether the agent's phone has a password.
fn proves_itself(x: &Exchange, agent: AgentNo) -> bool {
    x.seats.phone(agent).is_some_and(|phone| x.plan.proves_itself(phone))
}

/// The caller goes to the consultee, and the agent leaves.
pub(super) fn complete(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Result<(), Refused> {
    let (Agent { no: agent, .. }, with, stage) = talk::consulting(x, no, "complete")?;
    match (stage, with) {
        (Stage::Transferring, _) => {
            let state = x.calls.get(no).map_or("ended", |call| x.word(call));
            Err(Refused::impossible(state, "complete"))
        }
        (Stage::Talking | Stage::Conference, Consultee::Outside { .. }) => {
            external::take(x, turn, no)
        }
        (Stage::Ringing, Consultee::Outside { .. }) => {
            let left = Input::StartExternalTransfer { call: no, agent };
            talk::decide(x, turn, no, "complete", left)
        }
        (Stage::Ringing | Stage::Talking | Stage::Conference, Consultee::Colleague(_)) => {
            talk::decide(x, turn, no, "complete", Input::CompleteTransfer { call: no, agent })
        }
    }
}

/// The consultee, or whoever is being called, is released: the agent keeps its caller.
pub(super) fn cancel(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    let ended = talk::consulting(x, no, "cancel")
        .map(|(agent, with, _)| (matches!(with, Consultee::Outside { .. }), agent.no));
    Answer::of(ended.and_then(|(is_outside, agent)| {
        if is_outside {
            talk::released(x, turn, no, 487);
            return Ok(());
        }
        talk::decide(x, turn, no, "cancel", Input::EndConsult { call: no, agent })
    }))
}

/// The second leg of the agent's phone is of no use any more: it has hung up there, or it failed.
pub(super) fn second_lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, no: CallNo) {
    let is_current = x.calls.get(no).is_some_and(|it| it.bridge.second() == Some(leg));
    if is_current {
        if let Answer::Refused(_) = cancel(x, turn, no) {
            talk::released(x, turn, no, 487);
        }
    } else {
        ending::hang_up(x, turn, leg, Reason::Q850(16));
    }
}
