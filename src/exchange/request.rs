//! What the API, a feature code or the command line may ask of the exchange, and the answers.
//!
//! Reads are not here: whoever wants to know folds a board.

use std::fmt;

use crate::{
    acd::fact::Next,
    base::numbers::{AgentNo, CallNo, PhoneNo},
    exchange::dial,
};

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
    /// Transfer the caller.
    Transfer {
        /// Which call.
        call: CallNo,
        /// To whom: a queue, an agent, a phone or a number.
        to: String,
    },
    /// Let the agent consult somebody.
    Consult {
        /// Which call.
        call: CallNo,
        /// With whom: a queue, an agent, a phone or a number.
        to: String,
    },
    /// Leave the caller to the consultee.
    Complete(CallNo),
    /// Release the consultee, whether it rings or talks.
    Cancel(CallNo),
    /// Let the agent talk with the other one of caller and consultee.
    Toggle(CallNo),
    /// Let caller, agent and consultee hear one another.
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
    pub(super) fn impossible(state: &str, asked: &str) -> Self {
        Self::Impossible { state: state.to_owned(), asked: asked.to_owned() }
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
