//! What the engine says: facts, and only facts.
//!
//! `Offered` is at once what rings the phone, what the journal keeps, what the wallboard shows
//! and what the counter counts. Folding the facts in order gives back the engine's state.
//! They are additive: a new version may add variants and fields with a default, never change one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    acd::{
        consult::Stage,
        input::{Channel, OfferLost},
        plan::{Needs, Overflow, Plan},
    },
    base::{
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// What is so from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// The configuration is this.
    Planned(Box<Plan>),

    /// The call waits in `queue`.
    Queued {
        /// Which call.
        call: CallNo,
        /// Where.
        queue: QueueNo,
        /// Everything it needs: the queue's needs and its own.
        needs: Needs,
        /// What it needs by itself, wherever it waits.
        #[serde(default)]
        own: Needs,
        /// Which entry it came by.
        channel: Channel,
        /// Its place in the line, kept whatever happens.
        arrived: Timestamp,
    },
    /// The call has waited long enough that its needs softened.
    Relaxed {
        /// Which call.
        call: CallNo,
        /// How many of the queue's steps are taken now.
        step: u8,
        /// What it needs from now on.
        needs: Needs,
    },
    /// The call waits in another queue, with its old arrival time. If `to` is `from`, it was
    /// late and there was nowhere to go: it waits on and is not asked again.
    Moved {
        /// Which call.
        call: CallNo,
        /// Where it was.
        from: QueueNo,
        /// Where it is.
        to: QueueNo,
        /// What it needs there.
        needs: Needs,
        /// Why it was moved.
        why: Limit,
    },
    /// The call rings at the agent's phone.
    Offered {
        /// Which call.
        call: CallNo,
        /// For whom.
        agent: AgentNo,
        /// When the offer lapses.
        until: Timestamp,
        /// By which rule, and why.
        decision: Decision,
    },
    /// The offer came to nothing; the call waits on in its old place.
    OfferLost {
        /// Which call.
        call: CallNo,
        /// Who was to take it.
        agent: AgentNo,
        /// Why it came to nothing.
        why: OfferLost,
    },
    /// Caller and agent are joined.
    Answered {
        /// Which call.
        call: CallNo,
        /// By whom.
        agent: AgentNo,
        /// From the INVITE until now: what the promise is about. For a call that had
        /// [`Requeued`](Self::Requeued): from then until now.
        wait: Span,
    },
    /// The agent's phone failed while the two spoke. The call waits again, in its old place, and
    /// for no limit; that it was answered, and after which wait, stands.
    #[serde(alias = "Returned")]
    Requeued {
        /// Which call.
        call: CallNo,
        /// Whose phone it was.
        agent: AgentNo,
        /// How long the two had spoken.
        talk: Span,
    },
    /// The agent has passed its caller on. The call waits in `to`, in its old place and for no
    /// limit; or, if a colleague was asked, it rings there on. That it was answered stands.
    #[serde(alias = "Passed")]
    Transferred {
        /// Which call.
        call: CallNo,
        /// Who passed it on.
        agent: AgentNo,
        /// Where to; its own queue, if a colleague was asked.
        to: QueueNo,
        /// What it needs there.
        needs: Needs,
        /// How long the two had spoken.
        talk: Span,
    },
    /// The agent speaks with a colleague whom it consults, while its caller waits or hears both.
    Consulted {
        /// Which call.
        call: CallNo,
        /// Whose caller it is.
        agent: AgentNo,
        /// With whom.
        with: AgentNo,
    },
    /// The consult ends, whether the colleague answered or not. The caller is its agent's.
    ConsultEnded {
        /// Which call.
        call: CallNo,
        /// Whose caller it is.
        agent: AgentNo,
        /// Who was consulted.
        with: AgentNo,
    },
    /// The agent has left its caller, for whom an address outside rings. That it was answered
    /// stands.
    #[serde(alias = "LeftOutside")]
    ExternalTransferStarted {
        /// Which call.
        call: CallNo,
        /// Who has left it.
        agent: AgentNo,
        /// How long the two had spoken.
        talk: Span,
    },
    /// Nobody outside has taken the call. It waits again, in its old place and for no limit.
    #[serde(alias = "CameBack")]
    ExternalTransferFailed {
        /// Which call.
        call: CallNo,
    },
    /// The call is over. Every call has exactly one of these. One that was turned away at the
    /// door has no `Queued` before it.
    Ended {
        /// Which call.
        call: CallNo,
        /// The queue it was last in, or that turned it away at the door; `None` only if the
        /// exchange itself had no room (`Limit::Capacity`).
        queue: Option<QueueNo>,
        /// Which entry it came by.
        channel: Channel,
        /// How it ended.
        outcome: Outcome,
        /// From the INVITE to the first agent or, if there was none, to the end.
        wait: Span,
        /// How long caller and agent spoke; with several, all together.
        talk: Span,
    },

    /// The agent is at work, at that phone.
    SignedIn {
        /// Who.
        agent: AgentNo,
        /// Where.
        phone: PhoneNo,
    },
    /// The agent can be offered calls.
    Ready {
        /// Who.
        agent: AgentNo,
    },
    /// The agent takes no calls for now.
    WentAway {
        /// Who.
        agent: AgentNo,
        /// Why.
        why: Why,
        /// When the engine makes the agent ready by itself, if it does.
        until: Option<Timestamp>,
    },
    /// The agent finishes the work of `call`.
    WrappingUp {
        /// Who.
        agent: AgentNo,
        /// Of which call.
        call: CallNo,
        /// When the agent is ready again.
        until: Timestamp,
    },
    /// The wrap-up lasts longer.
    WrapUpExtended {
        /// Who.
        agent: AgentNo,
        /// When the agent is ready again.
        until: Timestamp,
    },
    /// What the agent will be after this call and its wrap-up.
    NextChosen {
        /// Who.
        agent: AgentNo,
        /// What then.
        next: Next,
    },
    /// The agent is not at work.
    SignedOut {
        /// Who.
        agent: AgentNo,
    },
    /// Whether that phone can be rung.
    PhoneReach {
        /// Which.
        phone: PhoneNo,
        /// Whether it can.
        up: bool,
    },
    /// Whether that phone is in a call outside all queues, however begun.
    PhoneOccupied {
        /// Which.
        phone: PhoneNo,
        /// Whether it is.
        occupied: bool,
    },
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It spoke with an agent; with several: this was the last.
    Answered(AgentNo),
    /// The caller gave up waiting.
    Abandoned,
    /// The caller gave up within the queue's `short_abandon`.
    ShortAbandoned,
    /// It was sent outside; the exchange knows where by this number.
    Overflowed(u32, Limit),
    /// It was turned away: `how` is `Announce` or `Busy`.
    TurnedAway(Overflow, Limit),
    /// It failed: no media, an operator, a fault of ours.
    Failed,
}

/// Which limit a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The queue was full.
    Full,
    /// The call waited too long.
    Late,
    /// The exchange holds as many calls as it may.
    Capacity,
}

/// By which rule a pair was chosen, and on what grounds (DESIGN.md 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The rule.
    pub rule: Rule,
    /// How old the call was: since its INVITE, whatever agents it had meanwhile.
    #[serde(alias = "waited")]
    pub age: Span,
    /// How much longer than others it would have waited for its next chance, for few can serve it:
    /// that counts as age.
    #[serde(default)]
    pub head_start: Span,
    /// How long the agent had been idle.
    pub idle: Span,
    /// How many calls waited, this one included.
    pub waiting: u32,
    /// How many agents were idle, this one included.
    pub idle_agents: u32,
}

/// The rules, as the counter `acd_routing_decisions_total` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// An agent was free when the call came.
    Direct,
    /// The largest (age + head start) / target among the waiting.
    Hldr,
    /// One of a scarce group, for a call that needs the skill, out of the reserve.
    ReserveHold,
    /// One of a scarce group, for a call that had waited to the release time.
    ReserveRelease,
    /// A colleague asked for just that agent, to transfer a caller.
    #[serde(alias = "asked")]
    Transfer,
    /// A colleague wants to speak with that agent, its caller being on the line.
    #[serde(alias = "consulted")]
    Consult,
}

impl Rule {
    /// What a colleague's agent asks by it for a caller who has an agent; `None`: nobody asks, the
    /// call waits.
    #[must_use]
    pub const fn asks_for(self) -> Option<Stage> {
        match self {
            Self::Transfer => Some(Stage::Transferring),
            Self::Consult => Some(Stage::Ringing),
            Self::Direct | Self::Hldr | Self::ReserveHold | Self::ReserveRelease => None,
        }
    }
}

/// The word of [`Why::OwnCall`].
pub const OWN_CALL: &str = "own-call";

/// Why an agent is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The agent said so, and what for.
    Asked(String),
    /// The agent's phone did not take a call.
    Lost(OfferLost),
    /// The agent's phone is not registered. Ends by itself when it is.
    NoPhone,
    /// The agent's phone failed in the middle of a call.
    PhoneFailed,
    /// The agent's phone is in a call outside all queues. Ends by itself when that does.
    OwnCall,
}

/// What an agent will be after the call in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Next {
    /// Ready for the next call.
    #[default]
    Ready,
    /// Away, and what for.
    Away(String),
    /// Not at work.
    SignedOut,
}

impl Fact {
    /// The call that it is about.
    #[must_use]
    pub const fn call(&self) -> Option<CallNo> {
        match self {
            Self::Queued { call, .. }
            | Self::Relaxed { call, .. }
            | Self::Moved { call, .. }
            | Self::Offered { call, .. }
            | Self::OfferLost { call, .. }
            | Self::Answered { call, .. }
            | Self::Requeued { call, .. }
            | Self::Transferred { call, .. }
            | Self::Consulted { call, .. }
            | Self::ConsultEnded { call, .. }
            | Self::ExternalTransferStarted { call, .. }
            | Self::ExternalTransferFailed { call }
            | Self::Ended { call, .. }
            | Self::WrappingUp { call, .. } => Some(*call),
            Self::Planned(_)
            | Self::SignedIn { .. }
            | Self::Ready { .. }
            | Self::WentAway { .. }
            | Self::WrapUpExtended { .. }
            | Self::NextChosen { .. }
            | Self::SignedOut { .. }
            | Self::PhoneReach { .. }
            | Self::PhoneOccupied { .. } => None,
        }
    }
}

impl Rule {
    /// All of them, for figures that start at zero.
    pub const ALL: [Self; 6] = [
        Self::Direct,
        Self::Hldr,
        Self::ReserveHold,
        Self::ReserveRelease,
        Self::Transfer,
        Self::Consult,
    ];

    /// The word used in facts and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Hldr => "hldr",
            Self::ReserveHold => "reserve_hold",
            Self::ReserveRelease => "reserve_release",
            Self::Transfer => "transfer",
            Self::Consult => "consult",
        }
    }
}

/// One line of a story, as logs and `replay` show it.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Planned(plan) => {
                let (queues, agents) = (plan.queues.len(), plan.agents.len());
                write!(f, "planned: {queues} queues, {agents} agents")
            }
            Self::Queued { call, queue, needs, .. } => {
                write!(f, "{call} waits in {queue}, needs {needs}")
            }
            Self::Relaxed { call, step, needs } => {
                write!(f, "{call} softens by step {step}, needs {needs}")
            }
            Self::Moved { call, from, to, why, .. } if from == to => {
                write!(f, "{call} stays in {to}: {why:?}, and nowhere to go")
            }
            Self::Moved { call, from, to, needs, why } => {
                write!(f, "{call} moves from {from} to {to}: {why:?}; needs {needs}")
            }
            Self::Offered { call, agent, until, decision } => {
                write!(f, "{call} rings {agent} until {until} ({decision})")
            }
            Self::OfferLost { call, agent, why } => {
                write!(f, "{call} is not taken by {agent}: {why:?}")
            }
            Self::Answered { call, agent, wait } => {
                write!(f, "{call} speaks with {agent} after {wait}")
            }
            Self::Requeued { call, agent, talk } => {
                write!(f, "{call} waits again: the phone of {agent} failed after {talk}")
            }
            Self::Transferred { call, agent, to, talk, .. } => {
                write!(f, "{call} is transferred to {to} by {agent} after {talk}")
            }
            Self::Consulted { call, agent, with } => {
                write!(f, "{call}: {agent} consults {with}")
            }
            Self::ConsultEnded { call, agent, with } => {
                write!(f, "{call} stays with {agent}, the consult with {with} ends")
            }
            Self::ExternalTransferStarted { call, agent, talk } => {
                write!(f, "{call} rings outside, left by {agent} after {talk}")
            }
            Self::ExternalTransferFailed { call } => {
                write!(f, "{call} waits again: nobody outside took it")
            }
            Self::Ended { call, outcome, wait, talk, .. } => {
                write!(f, "{call} ends {outcome}, waited {wait}, spoke {talk}")
            }
            Self::SignedIn { agent, phone } => write!(f, "{agent} signs in at {phone}"),
            Self::Ready { agent } => write!(f, "{agent} is ready"),
            Self::WentAway { agent, why, until: None } => write!(f, "{agent} is away: {why}"),
            Self::WentAway { agent, why, until: Some(until) } => {
                write!(f, "{agent} is away until {until}: {why}")
            }
            Self::WrappingUp { agent, call, until } => {
                write!(f, "{agent} wraps up {call} until {until}")
            }
            Self::WrapUpExtended { agent, until } => {
                write!(f, "{agent} wraps up longer, until {until}")
            }
            Self::NextChosen { agent, next } => write!(f, "{agent} will be {next}"),
            Self::SignedOut { agent } => write!(f, "{agent} signs out"),
            Self::PhoneReach { phone, up: true } => write!(f, "{phone} can be rung"),
            Self::PhoneReach { phone, up: false } => write!(f, "{phone} cannot be rung"),
            Self::PhoneOccupied { phone, occupied: true } => {
                write!(f, "{phone} is in a call of its own")
            }
            Self::PhoneOccupied { phone, occupied: false } => {
                write!(f, "{phone} is in no call of its own")
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(agent) => write!(f, "answered by {agent}"),
            Self::Abandoned => f.write_str("abandoned"),
            Self::ShortAbandoned => f.write_str("abandoned soon"),
            Self::Overflowed(to, why) => write!(f, "sent to outside-{to}: {why:?}"),
            Self::TurnedAway(how, why) => write!(f, "turned away, {how:?}: {why:?}"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(reason) => f.write_str(reason),
            Self::Lost(why) => write!(f, "did not take a call, {why:?}"),
            Self::NoPhone => f.write_str("no phone"),
            Self::PhoneFailed => f.write_str("phone failed"),
            Self::OwnCall => f.write_str(OWN_CALL),
        }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Away(reason) => write!(f, "away: {reason}"),
            Self::SignedOut => f.write_str("signed out"),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, age, head_start, idle, waiting, idle_agents } = self;
        write!(f, "{}: age {age}", rule.word())?;
        if *head_start > Span::ZERO {
            write!(f, " and {head_start} ahead, for few can serve it")?;
        }
        write!(f, ", idle {idle}; {waiting} waiting, {idle_agents} idle")
    }
}
