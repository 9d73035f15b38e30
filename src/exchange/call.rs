//! One call, from its INVITE to its end, and where it stands.
//!
//! ```text
//!            Offered            Answered
//! Waiting ───────────► Ringing ───────────► Talking ──► gone
//!    │ ▲                  │                      │
//!    │ ├──── OfferLost ───┘                      │
//!    │ └──── Returned, Passed ───────────────────┘
//!    ├──── Ended: Outside ──► Forwarded ──► gone
//!    └──── Ended: Announce ─► Sorry ──────► gone
//! ```
//!
//! In `Forwarded` and `Sorry` the engine has let go of the call, and the caller is still here.
//! Holds numbers and words; what they lead to is done by [`caller`](super::caller) and its neighbours.

use crate::{
    base::{
        masked::Masked,
        numbers::{AgentNo, DialogNo, LegNo, QueueNo},
    },
    exchange::{identity::Entry, plan::AnswerMode},
    sip::endpoint::Because,
};

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The caller's leg.
    pub(super) caller: LegNo,
    /// Who calls, as the agent's phone shows it; empty if anonymous.
    pub(super) from: Masked,
    /// By which number it came in, and whom it was for before.
    pub(super) entry: Entry,
    /// When the caller is answered.
    pub(super) answer: AnswerMode,
    /// The queue it is in or was last in.
    pub(super) queue: QueueNo,
    /// Where it stands.
    pub(super) stage: Stage,
    /// What the far sides are told when it ends.
    pub(super) because: Because,
    /// Whose own phone it came from: that agent is offered nothing meanwhile.
    pub(super) by: Option<AgentNo>,
    /// What is between the two who are joined.
    pub(super) between: Between,
    /// The caller is held by a wish, whatever the agent's phone says.
    pub(super) kept: bool,
    /// Its agent passes it on.
    pub(super) passing: Option<Passing>,
}

/// A call that is being passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Passing {
    /// The leg of the colleague whose phone rings.
    pub(super) leg: Option<LegNo>,
    /// The dialog of whoever asked for it by REFER, and wants to be told.
    pub(super) referrer: Option<DialogNo>,
}

/// What is between the two who are joined. While nobody is joined, it is `Joined`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Between {
    /// They hear each other.
    #[default]
    Joined,
    /// The caller is held, and hears music.
    CallerWaits,
    /// The caller's side holds, and the agent hears music.
    AgentWaits,
    /// Both hold.
    Apart,
}

impl Between {
    /// Whether the caller is held by the agent's side.
    pub(super) fn is_held(self) -> bool {
        matches!(self, Self::CallerWaits | Self::Apart)
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// In the queue, nobody's phone ringing.
    Waiting,
    /// At an agent's phone.
    Ringing {
        /// The agent's leg.
        leg: LegNo,
    },
    /// With an agent.
    Talking {
        /// The agent's leg.
        leg: LegNo,
    },
    /// Sent to an address outside, ringing or joined there.
    Forwarded {
        /// The leg to the outside.
        leg: LegNo,
    },
    /// Hearing that we are sorry.
    Sorry,
}

impl Call {
    /// Where it stands, in the API's word.
    pub(super) fn word(&self) -> &'static str {
        match self.stage {
            Stage::Waiting => "waiting",
            Stage::Ringing { .. } => "ringing",
            Stage::Talking { .. } if self.passing.is_some() => "transferring",
            Stage::Talking { .. } if self.between.is_held() => "held",
            Stage::Talking { .. } => "talking",
            Stage::Forwarded { .. } => "outside",
            Stage::Sorry => "turned-away",
        }
    }

    /// The leg of the colleague whose phone rings while the call speaks with another.
    pub(super) fn asked(&self) -> Option<LegNo> {
        self.passing.and_then(|it| it.leg)
    }

    /// The side that is not the caller's.
    pub(super) fn other(&self) -> Option<LegNo> {
        match self.stage {
            Stage::Ringing { leg } | Stage::Talking { leg } | Stage::Forwarded { leg } => Some(leg),
            Stage::Waiting | Stage::Sorry => None,
        }
    }
}
