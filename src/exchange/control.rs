//! Requests by the API, a feature code or the command line: each is done, or refused with where
//! things stood.

use crate::{
    acd::{fact::Fact, input::Input},
    base::{
        numbers::{AgentNo, CallNo, PhoneNo},
        time::Span,
    },
    exchange::{
        admission,
        codes::Code,
        consult, ending, fact,
        leg::Role,
        refusal, reply,
        request::{Answer, Refused, Request},
        switch::{Exchange, Timer, Turn},
        transfer,
    },
    sip::{event::Invited, message::header::reason::Reason, verb::Respond},
};

/// How long a feature code stays answered: long enough for a phone to show it.
const SHOWN: Span = Span::millis(700);

/// Does what is asked, or says why not.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, request: Request) -> Answer {
    let (asked, input) = match request {
        Request::SignIn { agent, phone, ready } => {
            let Some(phone) = phone.or_else(|| x.plan.agent(agent)?.phone) else {
                let why = match x.plan.agent(agent) {
                    Some(known) => Refused::NoPhone(format!("agent {} has no phone", known.id)),
                    None => Refused::Unknown(agent.to_string()),
                };
                return Answer::Refused(why);
            };
            if x.plan.phone(phone).is_none() {
                return Answer::Refused(Refused::Unknown(phone.to_string()));
            }
            ("sign-in", Input::SignIn { agent, phone, ready })
        }
        Request::Ready(agent) => ("ready", Input::Ready { agent }),
        Request::Away { agent, reason } => ("away", Input::Away { agent, reason }),
        Request::SignOut(agent) => ("sign-out", Input::SignOut { agent }),
        Request::EndWrapUp(agent) => ("end-wrap-up", Input::EndWrapUp { agent }),
        Request::ExtendWrapUp(agent) => ("extend-wrap-up", Input::ExtendWrapUp { agent }),
        Request::HangUp(call) => return hang_up(x, turn, call),
        Request::Hold(call) => return consult::hold(x, call),
        Request::Resume(call) => return consult::resume(x, call),
        Request::Transfer { call, to } => return transfer::asked(x, turn, call, &to),
        Request::Consult { call, to } => return consult::asked(x, turn, call, &to),
        Request::Complete(call) => return Answer::of(consult::complete(x, turn, call)),
        Request::Cancel(call) => return consult::cancel(x, turn, call),
        Request::Toggle(call) => return consult::swap(x, call),
        Request::Conference(call) => return consult::conference(x, turn, call),
        Request::Drain => return drain(x, turn),
    };
    match x.decide(turn.now, input) {
        Ok(facts) => {
            let chosen = facts.iter().find_map(|fact| {
                if let Fact::NextChosen { next, .. } = fact { Some(next.clone()) } else { None }
            });
            chosen.map_or(Answer::Done, Answer::Later)
        }
        Err(refusal) => Answer::Refused(refusal::refused(x, asked, refusal.stood)),
    }
}

fn hang_up(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> Answer {
    if x.calls.get(call).is_none() {
        return Answer::Refused(Refused::Unknown(call.to_string()));
    }
    ending::fail(x, turn, call, Reason::Q850(16));
    Answer::Done
}

fn drain(x: &mut Exchange, turn: &mut Turn<'_>) -> Answer {
    if !x.draining {
        x.draining = true;
        x.timers.arm(Timer::Drain, turn.now + x.plan.drain);
        x.tell(turn, fact::Fact::Draining);
    }
    Answer::Done
}

/// A phone dialled a feature code: answered for a moment if it is so now, else refused with
/// the reason on the phone's screen.
pub(super) fn dialled(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    phone: PhoneNo,
    code: Code,
    invited: &Invited,
) {
    let answer = match by_code(x, phone, code) {
        Ok(request) => asked(x, turn, request),
        Err(refused) => Answer::Refused(refused),
    };
    match answer {
        Answer::Done | Answer::Later(_) => confirm(x, turn, invited),
        Answer::Refused(why) => {
            let status = if let Refused::Unknown(_) = why { 404 } else { 403 };
            refuse(x, turn, invited, status, why.to_string());
        }
    }
}

/// Whose code it is: of whoever sits at the phone, else of whose phone it usually is.
fn by_code(x: &Exchange, phone: PhoneNo, code: Code) -> Result<Request, Refused> {
    let here = x.seats.agent(phone);
    let agent = here
        .or_else(|| x.plan.phone(phone)?.agent)
        .ok_or_else(|| Refused::NoPhone("nobody sits at this phone".to_owned()));
    Ok(match code {
        Code::Ready if here.is_some() => Request::Ready(agent?),
        Code::Ready => Request::SignIn { agent: agent?, phone: Some(phone), ready: true },
        Code::ReadyAs(id) => {
            let found = (0..)
                .zip(&x.plan.agents)
                .find(|(_, agent)| agent.as_ref().is_some_and(|agent| agent.id == id));
            let Some((slot, _)) = found else {
                return Err(Refused::Unknown(format!("agent {id}")));
            };
            let agent = AgentNo::first(slot);
            if here == Some(agent) {
                Request::Ready(agent)
            } else {
                Request::SignIn { agent, phone: Some(phone), ready: true }
            }
        }
        Code::Away(reason) => Request::Away { agent: agent?, reason },
        Code::SignOut => Request::SignOut(agent?),
        Code::EndWrapUp => Request::EndWrapUp(agent?),
        Code::ExtendWrapUp => Request::ExtendWrapUp(agent?),
    })
}

/// 200 for a moment.
fn confirm(x: &mut Exchange, turn: &mut Turn<'_>, invited: &Invited) {
    match admission::caller_leg(x, Role::Code, invited) {
        Some(leg) => {
            reply::answer(x, turn, leg, None);
            x.timers.arm(Timer::Code(leg), turn.now + SHOWN);
        }
        // It is done all the same; only the phone cannot be told as it should.
        None => refuse(x, turn, invited, 480, "Done".to_owned()),
    }
}

fn refuse(x: &mut Exchange, turn: &mut Turn<'_>, invited: &Invited, status: u16, reason: String) {
    let respond = Respond { status, reason, ..Respond::default() };
    // It fails only if the phone has gone in this very turn: then it is answered already.
    let _ = x.endpoint.respond(turn.now, invited.dialog, respond, &mut turn.out.sip);
}
