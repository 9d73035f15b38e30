//! One call, from its INVITE to its end, and where it stands.
//!
//! ```text
//!            Offered            Answered
//! Waiting ───────────► Ringing ───────────► Talking ──► gone
//!    │ ▲                  │                      │
//!    │ ├──── OfferLost ───┘                      │
//!    │ └──── Requeued, Transferred ───────────────────┘
//!    │ ▲                                         │
//!    │ └──── ExternalTransferFailed ─── Sent ◄── ExternalTransferStarted ──┤
//!    │                      └────────► Forwarded ◄┘ Ended: taken outside
//!    ├──── Ended: Outside ──► Forwarded ──► gone
//!    └──── Ended: Announce ─► Sorry ──────► gone
//! ```
//!
//! In `Forwarded` and `Sorry` the engine has let go of the call, and the caller is still here.
//! Holds numbers and words; what they lead to is done by [`caller`](super::caller) and its neighbours.

use crate::{
    base::{
        masked::Masked,
        numbers::{AgentNo, DialogNo, LegNo, PhoneNo, QueueNo},
    },
    exchange::{identity::Entry, plan::AnswerMode},
    sip::endpoint::Reason,
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
    pub(super) because: Reason,
    /// The phone of ours it came from: whoever sits there is offered nothing meanwhile.
    pub(super) by: Option<PhoneNo>,
    /// What is between the two who are joined.
    pub(super) between: Between,
    /// The caller is held by a wish, whatever the agent's phone says.
    pub(super) kept: bool,
    /// Who is on its side.
    pub(super) aside: Option<Aside>,
}

/// Who is on the side of a call: whoever its agent wants to pass it on to, or speaks with first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    /// Whose caller it is.
    pub(super) by: AgentNo,
    /// How far it has come.
    pub(super) side: Side,
    /// The leg of whoever is on the side, as soon as it is called.
    pub(super) leg: Option<LegNo>,
    /// The agent's leg to it, if its phone made a call of its own for that. If not, the agent
    /// speaks over the one that it has with the caller.
    pub(super) own: Option<LegNo>,
    /// What was dialled, if it is a number outside.
    pub(super) outside: Option<Masked>,
    /// The dialog of whoever asked for it by REFER, and wants to be told.
    pub(super) referrer: Option<DialogNo>,
    /// Who that was, in its own words (RFC 3892).
    pub(super) referred_by: Option<String>,
}

/// How far it has come with whoever is on the side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It rings, and whoever answers has the caller.
    RingsToTake,
    /// It rings, and whoever answers speaks with the agent.
    RingsToSpeak,
    /// The agent speaks with it, while the caller is held.
    Speaks {
        /// What is between the agent and it.
        between: Between,
        /// It waits by a wish, while the agent speaks with the caller.
        waits: bool,
    },
    /// Caller, agent and it hear one another.
    All,
    /// It takes the caller just now.
    Takes,
}

impl Aside {
    /// Someone is about to be called for that agent.
    pub(super) const fn new(by: AgentNo, side: Side) -> Self {
        Self { by, side, leg: None, own: None, outside: None, referrer: None, referred_by: None }
    }
}

impl Side {
    /// The two have begun to speak.
    pub(super) const SPEAKS: Self = Self::Speaks { between: Between::Joined, waits: false };

    /// Whether it has answered.
    pub(super) const fn has_answered(self) -> bool {
        match self {
            Self::RingsToTake | Self::RingsToSpeak => false,
            Self::Speaks { .. } | Self::All | Self::Takes => true,
        }
    }
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
    /// What is between two of whom one, or the other, holds: the far one waits for the near one.
    pub(super) fn of(near_holds: bool, far_holds: bool) -> Self {
        match (near_holds, far_holds) {
            (false, false) => Self::Joined,
            (true, false) => Self::CallerWaits,
            (false, true) => Self::AgentWaits,
            (true, true) => Self::Apart,
        }
    }

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
    /// Left by its agent, and rung for outside; if in vain, it waits again.
    Sent {
        /// The leg to the outside.
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
            Stage::Talking { .. } if self.aside.is_some() => self.word_aside(),
            Stage::Talking { .. } if self.between.is_held() => "held",
            Stage::Talking { .. } => "talking",
            Stage::Sent { .. } => "transferring",
            Stage::Forwarded { .. } => "outside",
            Stage::Sorry => "turned-away",
        }
    }

    fn word_aside(&self) -> &'static str {
        match self.aside.as_ref().map(|it| it.side) {
            Some(Side::RingsToTake | Side::Takes) | None => "transferring",
            Some(Side::RingsToSpeak | Side::Speaks { .. }) => "consulting",
            Some(Side::All) => "conference",
        }
    }

    /// How far it has come with whoever is on the side.
    pub(super) fn side(&self) -> Option<Side> {
        self.aside.as_ref().map(|it| it.side)
    }

    /// The leg of whoever is on the side.
    pub(super) fn aside_leg(&self) -> Option<LegNo> {
        self.aside.as_ref()?.leg
    }

    /// The leg over which its agent called somebody by its own phone.
    pub(super) fn own_leg(&self) -> Option<LegNo> {
        self.aside.as_ref()?.own
    }

    /// The number outside that is on the side.
    pub(super) fn outside(&self) -> Option<&Masked> {
        self.aside.as_ref()?.outside.as_ref()
    }

    /// The side that is not the caller's.
    pub(super) fn other(&self) -> Option<LegNo> {
        match self.stage {
            Stage::Ringing { leg } | Stage::Talking { leg } => Some(leg),
            Stage::Sent { leg } | Stage::Forwarded { leg } => Some(leg),
            Stage::Waiting | Stage::Sorry => None,
        }
    }
}
