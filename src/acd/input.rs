//! What the engine hears.

use serde::{Deserialize, Serialize};

use crate::{
    acd::plan::{Needs, Plan},
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// One thing the engine is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// The configuration is this from now on.
    Plan(Box<Plan>),
    /// A caller is here and wants to be in `queue`.
    Arrived {
        /// The call's number, given by the exchange.
        call: CallNo,
        /// Where it wants to wait.
        queue: QueueNo,
        /// What it needs beyond the queue's own needs: a language, say.
        needs: Needs,
        /// Which entry it came by, for the figures.
        channel: Channel,
        /// `t0`, the INVITE (DOMAIN.md 2.1). The place in the line is kept by this time.
        arrived: Timestamp,
    },
    /// The caller hung up, whatever the call was doing.
    CallerGone {
        /// Which call.
        call: CallNo,
    },
    /// The call ended for want of media, by an operator, or by a fault of ours.
    CallFailed {
        /// Which call.
        call: CallNo,
    },
    /// The phone rung for `call` was answered, and both sides are joined.
    PhoneAnswered {
        /// Which call.
        call: CallNo,
        /// By whom.
        agent: AgentNo,
    },
    /// The phone rung for `call` will not be answered.
    PhoneLost {
        /// Which call.
        call: CallNo,
        /// Whose phone.
        agent: AgentNo,
        /// What the phone, or its silence, said.
        why: OfferLost,
    },
    /// The agent's side of a joined call hung up.
    AgentHungUp {
        /// Which call.
        call: CallNo,
        /// Who.
        agent: AgentNo,
    },
    /// The agent transfers its caller: to a queue, where the call waits, or to a colleague, whose
    /// phone is to ring.
    Transfer {
        /// Which call.
        call: CallNo,
        /// Who transfers it.
        agent: AgentNo,
        /// Where to.
        to: Target,
    },
    /// The agent wants to speak with a colleague, whose phone is to ring, before it decides what
    /// becomes of its caller.
    Consult {
        /// Which call.
        call: CallNo,
        /// Who wants to.
        agent: AgentNo,
        /// With whom.
        with: Target,
    },
    /// The agent leaves its caller to the colleague who consults it, or whose phone
    /// still rings.
    CompleteTransfer {
        /// Which call.
        call: CallNo,
        /// Who leaves it.
        agent: AgentNo,
    },
    /// The agent is done with the colleague, and keeps its caller.
    EndConsult {
        /// Which call.
        call: CallNo,
        /// Who keeps it.
        agent: AgentNo,
    },
    /// The agent has left its caller, for whom an address outside rings.
    StartExternalTransfer {
        /// Which call.
        call: CallNo,
        /// Who has left it.
        agent: AgentNo,
    },
    /// Someone outside, to whom its agent passed it on, has taken the call.
    ExternalTransferAnswered {
        /// Which call.
        call: CallNo,
    },
    /// Nobody outside has taken the call, and its agent is gone: it waits again.
    ExternalTransferFailed {
        /// Which call.
        call: CallNo,
    },
    /// The agent's phone failed in the middle of a joined call: it fell silent, or is not
    /// there any more. The caller is, and waits again.
    AgentLost {
        /// Which call.
        call: CallNo,
        /// Whose phone.
        agent: AgentNo,
    },
    /// The agent starts work at `phone`.
    SignIn {
        /// Who.
        agent: AgentNo,
        /// Where. One agent a phone, one phone an agent.
        phone: PhoneNo,
        /// Ready at once, or away until the agent says so.
        ready: bool,
    },
    /// The agent stops work; while talking: after this call.
    SignOut {
        /// Who.
        agent: AgentNo,
    },
    /// The agent wants calls; while talking or wrapping up: afterwards.
    Ready {
        /// Who.
        agent: AgentNo,
    },
    /// The agent wants no calls; while talking: afterwards.
    Away {
        /// Who.
        agent: AgentNo,
        /// What for.
        reason: String,
    },
    /// The agent has finished wrapping up.
    EndWrapUp {
        /// Who.
        agent: AgentNo,
    },
    /// The agent needs longer to wrap up.
    ExtendWrapUp {
        /// Who.
        agent: AgentNo,
    },
    /// The phone can be reached (again): it registered, or answered an OPTIONS.
    PhoneUp {
        /// Which.
        phone: PhoneNo,
    },
    /// The phone cannot be reached: its last registration lapsed or was withdrawn.
    PhoneDown {
        /// Which.
        phone: PhoneNo,
    },
    /// The phone is in a call outside all queues, whoever began it. Told at the start of each;
    /// that it is so already may be told again.
    PhoneBusy {
        /// Which.
        phone: PhoneNo,
    },
    /// The last call of that kind is over.
    PhoneFree {
        /// Which.
        phone: PhoneNo,
    },
    /// It is now so late; whatever is due by now happens.
    Tick,
}

/// To whom an agent transfers its caller, or with whom it wants to speak first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// That colleague.
    Agent(AgentNo),
    /// That queue; to speak with first: whomever it would give the caller now.
    Queue(QueueNo),
}

/// By which entry a call came (DOMAIN.md D-2): a label of the figures, so there are few.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Channel {
    /// The city's own number.
    #[serde(rename = "123-0")]
    City,
    /// The federal number 115.
    #[serde(rename = "115")]
    Federal,
    /// A reservation's PIN.
    #[serde(rename = "pin")]
    Pin,
    /// A call back.
    #[serde(rename = "callback")]
    CallBack,
    /// Anything else.
    #[default]
    #[serde(rename = "other")]
    Other,
}

/// Why an offer came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferLost {
    /// It rang until the limit.
    NoAnswer,
    /// The agent or the phone said no (603, or a decline key).
    Refused,
    /// The phone is in another call (486, 600).
    Busy,
    /// Nothing answers there (408, 480, no registration, no route).
    Unreachable,
    /// The phone and the caller share no codec (488), or the phone failed otherwise.
    Failed,
}

impl OfferLost {
    /// The word used in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
        }
    }
}

impl Channel {
    /// All of them, for figures that start at zero.
    pub const ALL: [Self; 5] = [Self::City, Self::Federal, Self::Pin, Self::CallBack, Self::Other];

    /// The word used in configuration, API and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::City => "123-0",
            Self::Federal => "115",
            Self::Pin => "pin",
            Self::CallBack => "callback",
            Self::Other => "other",
        }
    }
}

/// How long an agent whose phone could not be reached is left alone, if nothing is heard of
/// the phone before.
pub const UNREACHABLE_REST: Span = Span::secs(30);
