//! A consult: somebody else is called for a caller, beside the agent who has it.
//!
//! ```text
//! Transferring ─── answers ───► the caller is theirs
//! Ringing ─── answers ───► Talking ⇄ Conference ─── CompleteTransfer ───► the caller is theirs
//!    └──────────────────────── EndConsult, lost, hung up ───► the caller is its agent's
//! ```
//!
//! The words for it in every room, so that it exists once. Each room knows people by what it
//! has: the engine by the number of an agent, a board by what it may show. Who may do what is
//! said in `rules::consult`.

use serde::{Deserialize, Serialize};

use crate::base::numbers::AgentNo;

/// A consult: whom the agent of a call asks, and how far it has come with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consult<With = AgentNo> {
    /// With whom.
    pub with: With,
    /// How far it has come.
    #[serde(default)]
    pub stage: Stage,
}

/// A consult, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consultee {
    /// A colleague.
    Agent(AgentNo),
    /// A number outside, as it may be shown.
    Outside(String),
}

/// How far a consult has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Their phone rings, and whoever answers there has the caller: a blind transfer.
    Transferring,
    /// Their phone rings, and whoever answers there speaks with the agent first.
    Ringing,
    /// They speak with the agent, while the caller waits.
    #[default]
    Talking,
    /// Caller, agent and they hear one another. For the engine that is as [`Talking`](Self::Talking).
    Conference,
}

impl Stage {
    /// The word of the API for a call of which this is so.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Transferring => "transferring",
            Self::Ringing | Self::Talking => "consulting",
            Self::Conference => "conference",
        }
    }

    /// Whether they have answered.
    #[must_use]
    pub const fn has_answered(self) -> bool {
        match self {
            Self::Transferring | Self::Ringing => false,
            Self::Talking | Self::Conference => true,
        }
    }
}
