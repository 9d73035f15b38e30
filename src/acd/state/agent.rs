//! One agent, from signing in to wrapping up.
//!
//! ```text
//!            SignIn          Offered          Answered
//! SignedOut ────────► Idle ──────────► Reserved ──────────► Talking
//!                      ▲ ▲                │ lost               │ hung up
//!                      │ └──── Ready ── Away                   ▼
//!                      └────────────── Tick ──────────────── WrapUp
//! ```
//!
//! An agent and a phone are two things: where the agent sits is part of its state, and a phone
//! that cannot be reached, or is in a call of its own, keeps its agent
//! [`Away`](AgentState::Away) until it can be, or is not.
//!
//! What follows for an agent from what it asks for, and from its phone, is in `rules::agent`; which
//! calls it may get, in `rules::matching`.

use crate::{
    acd::{
        fact::{Next, Why},
        state::pool::PoolNo,
    },
    base::{
        numbers::{CallNo, PhoneNo, QueueNo},
        time::Timestamp,
    },
};

/// The reason of an agent who signed in without wanting calls yet.
pub const SIGNED_IN: &str = "signed-in";

/// An agent as the matching sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// With whom it shares its skills.
    pub(in crate::acd) pool: PoolNo,
    /// How many calls it answered since signing in.
    pub(in crate::acd) calls: u32,
    pub(in crate::acd) state: AgentState,
}

/// Where an agent stands. Every variant carries what is true only there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AgentState {
    /// Not at work.
    #[default]
    SignedOut,
    /// Ready for a call.
    Idle {
        /// Where the agent sits.
        phone: PhoneNo,
        /// Since when; a call that was taken back while it rang does not count.
        since: Timestamp,
    },
    /// One call is ringing at the agent's phone.
    Reserved {
        /// Where the agent sits.
        phone: PhoneNo,
        /// The call on offer.
        call: CallNo,
        /// When the offer lapses.
        until: Timestamp,
        /// Since when the agent had been idle.
        idle: Timestamp,
    },
    /// Speaking with a caller.
    Talking {
        /// Where the agent sits.
        phone: PhoneNo,
        /// The call in hand.
        call: CallNo,
        /// The queue it came from.
        queue: QueueNo,
        /// What the agent will be afterwards.
        next: Next,
    },
    /// Finishing the work that a call left behind.
    WrapUp {
        /// Where the agent sits.
        phone: PhoneNo,
        /// The call that left it.
        call: CallNo,
        /// The queue that call came from.
        queue: QueueNo,
        /// When the agent is ready again.
        until: Timestamp,
        /// Whether it was made longer already: once a call is enough.
        extended: bool,
        /// What the agent will be afterwards.
        next: Next,
    },
    /// At work, but not to be offered calls.
    Away {
        /// Where the agent sits.
        phone: PhoneNo,
        /// Why.
        why: Why,
        /// When the engine makes the agent ready by itself, if it does.
        until: Option<Timestamp>,
    },
}

impl Agent {
    /// Where the agent stands.
    #[must_use]
    pub fn state(&self) -> &AgentState {
        &self.state
    }

    /// How many calls the agent answered since signing in.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.calls
    }
}

impl AgentState {
    /// Where the agent sits, if it is at work.
    #[must_use]
    pub fn phone(&self) -> Option<PhoneNo> {
        match *self {
            Self::SignedOut => None,
            Self::Idle { phone, .. }
            | Self::Reserved { phone, .. }
            | Self::Talking { phone, .. }
            | Self::WrapUp { phone, .. }
            | Self::Away { phone, .. } => Some(phone),
        }
    }

    /// Whether the agent has calls or waits for one.
    #[must_use]
    pub const fn is_at_work(&self) -> bool {
        match self {
            Self::SignedOut | Self::Away { .. } => false,
            Self::Idle { .. }
            | Self::Reserved { .. }
            | Self::Talking { .. }
            | Self::WrapUp { .. } => true,
        }
    }

    /// The call that rings, is spoken with or is wrapped up.
    #[must_use]
    pub fn call(&self) -> Option<CallNo> {
        match *self {
            Self::Reserved { call, .. }
            | Self::Talking { call, .. }
            | Self::WrapUp { call, .. } => Some(call),
            Self::SignedOut | Self::Idle { .. } | Self::Away { .. } => None,
        }
    }

    /// When this state ends by itself, if it does.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match *self {
            Self::Reserved { until, .. } | Self::WrapUp { until, .. } => Some(until),
            Self::Away { until, .. } => until,
            Self::SignedOut | Self::Idle { .. } | Self::Talking { .. } => None,
        }
    }

    /// The word used in refusals, API and figures.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Idle { .. } => "ready",
            Self::Reserved { .. } => "reserved",
            Self::Talking { .. } => "talking",
            Self::WrapUp { .. } => "wrap-up",
            Self::Away { .. } => "away",
        }
    }
}
