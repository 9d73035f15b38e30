//! One call on the board, from its INVITE to its end.

use serde::{Deserialize, Serialize};

use crate::{
    acd::{
        consult::{Consult, Consultee},
        fact::{Decision, Outcome},
        input::Channel,
        plan::Needs,
    },
    base::{
        call_ref::CallRef,
        numbers::{AgentNo, CallNo, LegNo, QueueNo, TrunkNo},
        time::{Span, Timestamp},
        ucid::Ucid,
    },
    media::order::{Codec, Report},
};

/// A call that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its number.
    pub no: CallNo,
    /// Its id; `None` if its opening was missed.
    #[serde(default)]
    pub id: Option<Ucid>,
    /// Where it stands.
    pub state: State,
    /// Since when it stands there.
    pub since: Timestamp,
    /// `t0`, the INVITE.
    pub arrived: Timestamp,
    /// Which entry it came by.
    pub channel: Channel,
    /// The queue it is, or was last, in.
    pub queue: Option<QueueNo>,
    /// What it needs now, softened steps included.
    pub needs: Needs,
    /// How many steps of softening are taken.
    pub relaxed: u8,
    /// From the INVITE to the agent, once there is one. A second agent changes nothing here.
    pub wait: Option<Span>,
    /// Offers that came to nothing.
    pub offers_lost: u32,
    /// How often it had to wait again, because its agent's phone failed.
    #[serde(default)]
    pub returned: u32,
    /// How often an agent passed it on.
    #[serde(default)]
    pub passed: u32,
    /// Since when it waits again. Of no meaning before it was requeued or transferred.
    #[serde(default)]
    pub again: Timestamp,
    /// The Call-IDs of our own INVITEs for it: agents' phones, addresses outside.
    #[serde(default)]
    pub call_ids: Vec<String>,
    /// Whom its agent consults.
    #[serde(default, alias = "aside")]
    pub consult: Option<Consult<Consultee>>,
    /// Since when the agent's side holds it, if it does.
    #[serde(default)]
    pub held: Option<Timestamp>,
    /// How long it was held before that, all holds together; `None`: it never was.
    #[serde(default)]
    pub held_for: Option<Span>,
    /// Who calls and how; `None` until told, and for calls whose opening was missed.
    pub from: Option<From>,
    /// How well its legs were heard, as far as they are over.
    #[serde(default)]
    pub sound: Sound,
}

/// How well the legs of a call were heard: told when each is over, so mostly after the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sound {
    /// Over the caller's leg.
    pub caller: Option<Report>,
    /// Over the leg of the agent who came last.
    pub agent: Option<Report>,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// An INVITE is here and nothing is decided.
    Opened,
    /// Waiting for an agent.
    Waiting,
    /// Ringing at an agent's phone; its place in the line is kept.
    Ringing {
        /// Whose.
        agent: AgentNo,
        /// When the offer lapses.
        until: Timestamp,
        /// By which rule and on what grounds.
        decision: Decision,
    },
    /// Speaking with an agent.
    Talking {
        /// With whom.
        agent: AgentNo,
    },
    /// Left by its agent, while a number outside rings for it.
    Outside,
}

/// Who calls, and by which way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct From {
    /// The caller's leg.
    pub leg: LegNo,
    /// The trunk; `None`: from a phone of ours.
    pub trunk: Option<TrunkNo>,
    /// The SIP Call-ID, so that one grep tells one call's story.
    pub call_id: String,
    /// Who calls, as it may be shown: `***1234`. Empty if anonymous.
    pub caller: String,
    /// What was dialled.
    pub dialled: String,
    /// Whom it was for before it was sent on to us, as it may be shown; empty: nobody.
    #[serde(default)]
    pub called_first: String,
    /// The codec of the caller's leg, once negotiated.
    pub codec: Option<Codec>,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// As it was at its end.
    pub call: Call,
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
    /// How long caller and agent spoke.
    pub talk: Span,
}

impl State {
    /// The word of the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Waiting => "waiting",
            Self::Ringing { .. } => "ringing",
            Self::Talking { .. } => "talking",
            Self::Outside => "outside",
        }
    }

    /// The agent who is rung, or who speaks.
    #[must_use]
    pub const fn agent(&self) -> Option<AgentNo> {
        match self {
            Self::Opened | Self::Waiting | Self::Outside => None,
            Self::Ringing { agent, .. } | Self::Talking { agent } => Some(*agent),
        }
    }

    /// Whether the caller still waits for an agent, one being rung or not.
    #[must_use]
    pub const fn waits(&self) -> bool {
        match self {
            Self::Opened | Self::Talking { .. } | Self::Outside => false,
            Self::Waiting | Self::Ringing { .. } => true,
        }
    }
}

impl Call {
    /// A call of which only the number is known.
    #[must_use]
    pub const fn new(no: CallNo, at: Timestamp) -> Self {
        Self {
            no,
            id: None,
            state: State::Opened,
            since: at,
            arrived: at,
            channel: Channel::Other,
            queue: None,
            needs: Needs(vec![]),
            relaxed: 0,
            wait: None,
            offers_lost: 0,
            returned: 0,
            passed: 0,
            again: Timestamp::EPOCH,
            call_ids: vec![],
            consult: None,
            held: None,
            held_for: None,
            from: None,
            sound: Sound { caller: None, agent: None },
        }
    }

    /// What it is shown and asked for by.
    #[must_use]
    pub fn name(&self) -> CallRef {
        CallRef::new(self.no, self.id)
    }

    /// Since when it waits, or waited last: its arrival, unless it had an agent meanwhile.
    #[must_use]
    pub const fn waits_since(&self) -> Timestamp {
        if self.returned + self.passed > 0 { self.again } else { self.arrived }
    }

    /// Where it stands, in the API's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match &self.consult {
            Some(consult) => consult.stage.word(),
            None if self.held.is_some() => "held",
            None => self.state.word(),
        }
    }

    /// The agent's side holds the call.
    pub fn hold(&mut self, at: Timestamp) {
        self.held.get_or_insert(at);
    }

    /// The agent's side holds it no longer.
    pub fn resume(&mut self, at: Timestamp) {
        if let Some(since) = self.held.take() {
            self.held_for = Some(self.held_for.unwrap_or_default() + at.since(since));
        }
    }

    /// How long it was held by `now`, all holds together; `None`: it never was.
    #[must_use]
    pub fn held_by(&self, now: Timestamp) -> Option<Span> {
        let running = self.held.map(|since| now.since(since));
        match (self.held_for, running) {
            (None, None) => None,
            (before, running) => Some(before.unwrap_or_default() + running.unwrap_or_default()),
        }
    }

    /// The call stands there from now on.
    pub fn enter(&mut self, state: State, at: Timestamp) {
        self.resume(at);
        self.consult = None;
        self.state = state;
        self.since = at;
    }
}
