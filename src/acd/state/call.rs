//! One call, from its place in a line to its outcome.
//!
//! ```text
//!            Offered            Answered
//!  Waiting ─────────► Ringing ──────────► Talking ─────► Ended(Answered)
//!    │  ▲                │ │
//!    │  └── OfferLost ───┘ └──► Ended(Abandoned)
//!    │  ▲                                   │
//!    │  ├──────── Requeued, Transferred ─────────┤
//!    │  └── ExternalTransferFailed ── Outside ◄─ ExternalTransferStarted ┘
//!    └──► Ended(Abandoned, Overflowed, TurnedAway, Failed)
//! ```
//!
//! Its place is its arrival time, and nothing that happens to phones and agents changes that. A
//! call that once spoke with an agent ends as answered, wherever it stands then.

use crate::{
    acd::{
        consult::Consult,
        input::Channel,
        state::{line::LineNo, waiters::Place},
    },
    base::{
        numbers::AgentNo,
        time::{Span, Timestamp},
    },
};

/// A call as the matching sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which line it stands in, or will stand in again if its offer is lost.
    pub(in crate::acd) line: LineNo,
    pub(in crate::acd) channel: Channel,
    pub(in crate::acd) arrived: Timestamp,
    /// Who was last offered this call and did not take it.
    pub(in crate::acd) missed_by: Option<AgentNo>,
    /// Who is consulted while the call speaks with another.
    pub(in crate::acd) consult: Option<Consult>,
    /// What was before its last agent's phone failed. Rare, and boxed for that.
    pub(in crate::acd) before: Option<Box<Before>>,
    pub(in crate::acd) state: CallState,
}

/// What a call that waits again, or speaks again, has behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) struct Before {
    /// With whom it spoke last.
    pub(in crate::acd) agent: AgentNo,
    /// From its INVITE to its first agent.
    pub(in crate::acd) wait: Span,
    /// How long it spoke, with all of them.
    pub(in crate::acd) talk: Span,
    /// Since when it waits again.
    pub(in crate::acd) since: Timestamp,
}

/// Where a call stands. Every variant carries what is true only there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// In line.
    Waiting,
    /// On offer to an agent.
    Ringing {
        /// To whom.
        agent: AgentNo,
    },
    /// Speaking with an agent.
    Talking {
        /// With whom.
        agent: AgentNo,
        /// Since when.
        since: Timestamp,
    },
    /// Left by its agent, while an address outside rings for it.
    Outside,
}

impl CallState {
    /// The word used in refusals and API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ringing { .. } => "ringing",
            Self::Talking { .. } => "talking",
            Self::Outside => "outside",
        }
    }
}

impl Call {
    /// Where the call stands.
    #[must_use]
    pub fn state(&self) -> CallState {
        self.state
    }

    /// Its place: the time of its INVITE.
    #[must_use]
    pub fn arrived(&self) -> Timestamp {
        self.arrived
    }

    /// Its wait, and how long it spoke in all, if it has spoken `since` then.
    pub(in crate::acd) fn spoken(&self, since: Timestamp, now: Timestamp) -> (Span, Span) {
        let (wait, talk) = match &self.before {
            None => (since.since(self.arrived), Span::ZERO),
            Some(before) => (before.wait, before.talk),
        };
        (wait, talk + now.since(since))
    }

    /// Which entry it came by.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Since when it waits, or waited last: its arrival, unless it had an agent meanwhile.
    #[must_use]
    pub fn waits_since(&self) -> Timestamp {
        self.before.as_ref().map_or(self.arrived, |before| before.since)
    }

    /// Where it stands in its line.
    pub(in crate::acd) fn place(&self) -> Place {
        Place { arrived: self.arrived, since: self.waits_since() }
    }

    /// Whom its agent consults or transfers it to.
    #[must_use]
    pub fn consult(&self) -> Option<Consult> {
        self.consult
    }

    /// The agent it rings or speaks with.
    #[must_use]
    pub fn agent(&self) -> Option<AgentNo> {
        match self.state {
            CallState::Waiting | CallState::Outside => None,
            CallState::Ringing { agent } | CallState::Talking { agent, .. } => Some(agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred thousand may wait: with its place in line (16 bytes and the tree around them)
    /// a call stays well under 200 bytes here.
    #[test]
    fn a_waiting_call_takes_little_room() {
        assert!(size_of::<Option<(u32, Call)>>() <= 96, "{}", size_of::<Option<(u32, Call)>>());
    }
}
