//! What the API, a feature code or the command line may ask of the exchange, and the answers.
//!
//! Reads are not here: whoever wants to know folds a board.

use std::fmt;

use crate::{
    acd::{
        fact::{Fact, Next},
        input::Input,
        refusal::Stood,
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo},
        time::Span,
    },
    exchange::{
        call::Call,
        caller,
        codes::Code,
        consult, dial, fact, hold,
        leg::Role,
        switch::{Exchange, Timer, Turn},
        transfer,
    },
    sip::endpoint::{Invited, Reason, Respond},
};

/// How long a feature code stays answered: long enough for a phone to show it.
const SHOWN: Span = Span::millis(700);

/// A request by someone who waits for the [`Answer`] under its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Comes back with the answer.
    pub number: u64,
    /// What is asked.
    pub request: Request,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Sign in at `phone` (or the agent's usual one), ready or away.
    SignIn {
        /// Who.
        agent: AgentNo,
        /// Where.
        phone: Option<PhoneNo>,
        /// Ready for calls at once.
        ready: bool,
    },
    /// Be ready; while talking: afterwards.
    Ready(AgentNo),
    /// Be away; while talking: afterwards.
    Away {
        /// Who.
        agent: AgentNo,
        /// What for.
        reason: String,
    },
    /// Sign out; while talking: afterwards.
    SignOut(AgentNo),
    /// End the wrap-up.
    EndWrapUp(AgentNo),
    /// Extend the wrap-up.
    ExtendWrapUp(AgentNo),
    /// End a call, by an operator's hand.
    HangUp(CallNo),
    /// Let the caller hear music, and the agent nothing.
    Hold(CallNo),
    /// Join the two again.
    Resume(CallNo),
    /// Pass the caller on.
    Transfer {
        /// Which call.
        call: CallNo,
        /// To whom: a queue, an agent, a phone or a number.
        to: String,
    },
    /// Let the agent speak with somebody on the side.
    Consult {
        /// Which call.
        call: CallNo,
        /// With whom: a queue, an agent, a phone or a number.
        to: String,
    },
    /// Leave the caller to whoever is on the side.
    Complete(CallNo),
    /// Let whoever is on the side, or is being called, go.
    Cancel(CallNo),
    /// Let the agent speak with its caller, and whoever is on the side wait; or the other way round.
    Toggle(CallNo),
    /// Let caller, agent and whoever is on the side hear one another.
    Conference(CallNo),
    /// Take no new calls; finish those inside.
    Drain,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so.
    Done,
    /// It will be so after the call in hand.
    Later(Next),
    /// It cannot be, and nothing changed.
    Refused(Refused),
}

/// Why a request was refused: 404 or 409 over HTTP, an announcement-free 4xx to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such agent, phone or call (any more).
    Unknown(String),
    /// It makes no sense where the agent or call stands.
    Impossible {
        /// Where it stood, in the API's word: `talking`.
        state: String,
        /// What was asked, in the API's word.
        asked: String,
    },
    /// The phone is another agent's, or the agent has no phone.
    NoPhone(String),
    /// Whom an agent wants for its caller cannot be had now.
    NotFree {
        /// Whom, for people.
        who: String,
        /// Where the call stands, in the API's word.
        state: String,
        /// What was asked, in the API's word.
        asked: String,
    },
    /// That number may not be called for a caller.
    NotAllowed(dial::Refusal),
}

/// Does what is asked, or says why not.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, wish: Request) -> Answer {
    let (asked, input) = match wish {
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
        Request::Hold(call) => return hold::keep(x, turn, call),
        Request::Resume(call) => return hold::take_back(x, turn, call),
        Request::Transfer { call, to } => return transfer::asked(x, turn, call, &to),
        Request::Consult { call, to } => return consult::asked(x, turn, call, &to),
        Request::Complete(call) => return consult::complete(x, turn, call),
        Request::Cancel(call) => return consult::cancel(x, turn, call),
        Request::Toggle(call) => return consult::toggle(x, turn, call),
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
        Err(refusal) => Answer::Refused(refused(x, asked, refusal.stood)),
    }
}

fn hang_up(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> Answer {
    if x.calls.get(call).is_none() {
        return Answer::Refused(Refused::Unknown(call.to_string()));
    }
    caller::fail(x, turn, call, Reason::Q850(16));
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

pub(super) fn refused(x: &Exchange, asked: &str, stood: Stood) -> Refused {
    match stood {
        Stood::PhoneOf(agent) => {
            let who = x.plan.agent(agent).map_or_else(|| agent.to_string(), |it| it.id.clone());
            Refused::NoPhone(format!("agent {who} sits at that phone"))
        }
        Stood::Agent(state) => {
            Refused::Impossible { state: state.word().to_owned(), asked: asked.to_owned() }
        }
        Stood::NobodyFree(queue) => Refused::NoPhone(nobody_free(x, queue)),
        Stood::NoSuchAgent => Refused::Unknown("such agent".to_owned()),
        Stood::NoSuchCall
        | Stood::NoSuchQueue
        | Stood::NoSuchSkill
        | Stood::NumberOutOfBounds
        | Stood::Call(_)
        | Stood::Unfit(_) => Refused::Unknown(stood.to_string()),
    }
}

/// As [`refused`], of something that concerns a call and says where that stands.
pub(super) fn refused_of_call(x: &Exchange, no: CallNo, asked: &str, stood: Stood) -> Refused {
    let state = x.calls.get(no).map_or("ended", Call::word).to_owned();
    let asked = asked.to_owned();
    match stood {
        Stood::Agent(stands) => {
            let who = format!("that colleague is {}", stands.word());
            Refused::NotFree { who, state, asked }
        }
        Stood::NobodyFree(queue) => Refused::NotFree { who: nobody_free(x, queue), state, asked },
        Stood::Call(_) => Refused::Impossible { state, asked },
        stood @ (Stood::NoSuchCall
        | Stood::NoSuchQueue
        | Stood::NoSuchSkill
        | Stood::NoSuchAgent
        | Stood::NumberOutOfBounds
        | Stood::PhoneOf(_)
        | Stood::Unfit(_)) => refused(x, &asked, stood),
    }
}

fn nobody_free(x: &Exchange, queue: QueueNo) -> String {
    let queue = x.plan.acd.queues.get(queue.index()).map_or("", |it| it.name.as_str());
    format!("nobody is free in the queue {queue}")
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
        Ok(wish) => asked(x, turn, wish),
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
    match caller::caller_leg(x, Role::Code, invited) {
        Some(leg) => {
            caller::answer(x, turn, leg, None);
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

impl Answer {
    /// What came of something that is done at once.
    pub(super) fn of(done: Result<(), Refused>) -> Self {
        match done {
            Ok(()) => Self::Done,
            Err(refused) => Self::Refused(refused),
        }
    }
}

impl Refused {
    /// What a phone is told that asked for a caller to go elsewhere, or called a colleague.
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::Unknown(_) => 404,
            Self::NoPhone(_) => 480,
            Self::Impossible { .. } | Self::NotFree { .. } => 486,
            Self::NotAllowed(why) => why.status().0,
        }
    }

    /// It makes no sense where the call stands.
    pub(super) fn impossible(call: &Call, asked: &str) -> Self {
        Self::Impossible { state: call.word().to_owned(), asked: asked.to_owned() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(what) => write!(f, "there is no {what}"),
            Self::Impossible { state, asked } => {
                write!(f, "{asked} is not possible while {state}")
            }
            Self::NoPhone(why) => f.write_str(why),
            Self::NotFree { who, asked, .. } => write!(f, "{asked} is not possible: {who}"),
            Self::NotAllowed(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Refused {}
