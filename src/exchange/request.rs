//! What the API, a feature code or the command line may ask of the exchange, and the answers.
//!
//! Reads are not here: whoever wants to know folds a board.

use std::fmt;

use crate::{
    acd::fact::Next,
    base::numbers::{AgentNo, CallNo, PhoneNo},
};

/// A wish, by someone who waits for the [`Answer`] under `ticket`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back with the answer.
    pub ticket: u64,
    /// What is wished.
    pub wish: Wish,
}

/// What may be wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
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
    /// Take no new calls; finish those inside.
    Drain,
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so.
    Done,
    /// It will be so after the call in hand.
    Later(Next),
    /// It cannot be, and nothing changed.
    Refused(Refused),
}

/// Why a wish was refused: 404 or 409 over HTTP, an announcement-free 4xx to a phone.
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
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(what) => write!(f, "there is no {what}"),
            Self::Impossible { state, asked } => {
                write!(f, "{asked} is not possible while {state}")
            }
            Self::NoPhone(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Refused {}
