//! One call: who takes part, and how they talk.
//!
//! ```text
//!                Ring            Answered           Consult, Transfer
//!  Waiting ───────────► Ringing ─────────► Two ──────────────────────► Consulting, in its stages
//!   │ ▲ ▲                  │               │ ▲ Hold │ ▲                  │
//!   │ │ └──── StopRinging ─┘               │ └── Holding                │
//!   │ └──────────── Requeued ──────────────┘     ▲ Released ◄───────────┤
//!   │ ExternalTransferFailed ◄── ExternallyTransferring ◄── AgentLeft ───┤
//!   ├─ Forward ──► Outside ◄──────────────────────── OutsideTookOver ────┘
//!   └─ Announce ─► Announcing ─ Queue ─► Waiting
//! ```
//!
//! Each variant of [`Talk`] carries what is true only there. The rows are in
//! [`step`](super::step). A call may stand without its caller: one who has hung up and waits to
//! be called back takes part and has no leg.

use crate::{
    acd::consult::Stage,
    base::{
        masked::Masked,
        numbers::{AgentNo, LegNo, SoundNo},
    },
};

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The caller's leg; `None`: the caller is not on the line.
    pub caller: Option<LegNo>,
    /// What the caller hears while nobody speaks with it, one after another.
    pub treatment: Vec<SoundNo>,
    /// The last of that is repeated for ever.
    pub loops: bool,
    /// What whoever is held hears; `None`: silence.
    pub music: Option<SoundNo>,
    /// How they talk.
    pub talk: Talk,
}

/// How the parties of a call talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Talk {
    /// The caller is spoken to, before it waits or before the end: at a menu, or with the reason
    /// why it cannot be served.
    Announcing {
        /// What is said, one after another; nothing while the caller is to answer.
        sounds: Vec<SoundNo>,
    },
    /// The caller waits, and nobody's phone rings.
    Waiting,
    /// An agent's phone rings for it.
    Ringing {
        /// Whose.
        agent: Agent,
    },
    /// Caller and agent talk.
    Two {
        /// The agent.
        agent: Agent,
    },
    /// The caller is held by a request, whatever the agent's phone says.
    Holding {
        /// The agent.
        agent: Agent,
    },
    /// The agent calls somebody about the caller, or talks with somebody already.
    Consulting {
        /// Whose caller it is.
        agent: Agent,
        /// The leg of the agent's phone to the consultee, if it made a call of its own for that.
        /// If not, the agent has one leg for both.
        second: Option<LegNo>,
        /// With whom.
        with: Consultee,
        /// How far it has come.
        stage: Stage,
        /// The consultee waits, while the agent talks with the caller.
        swapped: bool,
    },
    /// The agent has left, and a number outside rings for the caller.
    ExternallyTransferring {
        /// Whose caller it was.
        by: AgentNo,
        /// The leg to it.
        leg: LegNo,
        /// What was dialled.
        number: Masked,
    },
    /// With somebody outside, ringing or talking there. The engine has released the call.
    Outside {
        /// The leg to it.
        leg: LegNo,
    },
}

/// An agent at its phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub no: AgentNo,
    /// The leg to its phone.
    pub leg: LegNo,
}

/// Whom an agent consults, or wants to transfer its caller to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consultee {
    /// A colleague; `None`: no phone rings yet.
    Colleague(Option<Agent>),
    /// Somebody outside.
    Outside {
        /// The leg to it.
        leg: LegNo,
        /// What was dialled.
        number: Masked,
    },
}

/// Who takes part in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Who called.
    Caller,
    /// Who called, and is not on the line: it is to be called back.
    Absent,
    /// The agent whose caller it is, or is to be.
    Agent(AgentNo),
    /// The same agent on the second line of its phone.
    SecondLine(AgentNo),
    /// A colleague of that agent.
    Colleague(AgentNo),
    /// Somebody outside.
    Outside,
}

impl Call {
    /// A call that waits.
    #[must_use]
    pub fn waiting(caller: Option<LegNo>) -> Self {
        Self { caller, treatment: vec![], loops: false, music: None, talk: Talk::Waiting }
    }

    /// Who takes part, with the leg each has.
    pub fn parties(&self) -> impl Iterator<Item = (Party, Option<LegNo>)> {
        let caller = match self.caller {
            Some(leg) => (Party::Caller, Some(leg)),
            None => (Party::Absent, None),
        };
        let agents = |it: &Agent| (Party::Agent(it.no), Some(it.leg));
        let others = match &self.talk {
            Talk::Announcing { .. } | Talk::Waiting => [None, None, None],
            Talk::Ringing { agent } | Talk::Two { agent } | Talk::Holding { agent } => {
                [Some(agents(agent)), None, None]
            }
            Talk::Consulting { agent, second, with, .. } => [
                Some(agents(agent)),
                match with {
                    Consultee::Colleague(it) => {
                        it.map(|it| (Party::Colleague(it.no), Some(it.leg)))
                    }
                    Consultee::Outside { leg, .. } => Some((Party::Outside, Some(*leg))),
                },
                second.map(|leg| (Party::SecondLine(agent.no), Some(leg))),
            ],
            Talk::ExternallyTransferring { leg, .. } | Talk::Outside { leg } => {
                [Some((Party::Outside, Some(*leg))), None, None]
            }
        };
        [Some(caller)].into_iter().chain(others).flatten()
    }

    /// The legs of all who take part.
    pub fn legs(&self) -> impl Iterator<Item = LegNo> {
        self.parties().filter_map(|(_, leg)| leg)
    }

    /// Where it stands, in the API's word. `holds`: whether that leg's far side holds the line.
    #[must_use]
    pub fn word(&self, holds: impl Fn(LegNo) -> bool) -> &'static str {
        match &self.talk {
            Talk::Announcing { .. } => "turned-away",
            Talk::Waiting => "waiting",
            Talk::Ringing { .. } => "ringing",
            Talk::Two { agent } if holds(agent.leg) => "held",
            Talk::Two { .. } => "talking",
            Talk::Holding { .. } => "held",
            Talk::Consulting { stage, .. } => stage.word(),
            Talk::ExternallyTransferring { .. } => "transferring",
            Talk::Outside { .. } => "outside",
        }
    }

    /// The agent whose caller it is, while the two are joined or could be.
    #[must_use]
    pub fn agent(&self) -> Option<Agent> {
        match &self.talk {
            Talk::Two { agent } | Talk::Holding { agent } | Talk::Consulting { agent, .. } => {
                Some(*agent)
            }
            Talk::Announcing { .. }
            | Talk::Waiting
            | Talk::Ringing { .. }
            | Talk::ExternallyTransferring { .. }
            | Talk::Outside { .. } => None,
        }
    }

    /// The agent who transfers it, or could: its agent, or the one who has left it ringing outside.
    #[must_use]
    pub fn transferor(&self) -> Option<AgentNo> {
        if let Talk::ExternallyTransferring { by, .. } = self.talk {
            return Some(by);
        }
        self.agent().map(|it| it.no)
    }

    /// Whom its agent consults or transfers it to, and whether that one has answered.
    #[must_use]
    pub fn consultee(&self) -> Option<(&Consultee, Stage)> {
        match &self.talk {
            Talk::Consulting { with, stage, .. } => Some((with, *stage)),
            Talk::Announcing { .. }
            | Talk::Waiting
            | Talk::Ringing { .. }
            | Talk::Two { .. }
            | Talk::Holding { .. }
            | Talk::ExternallyTransferring { .. }
            | Talk::Outside { .. } => None,
        }
    }

    /// The leg of the agent's phone to the consultee, if it made a call of its own for that.
    #[must_use]
    pub fn second(&self) -> Option<LegNo> {
        match &self.talk {
            Talk::Consulting { second, .. } => *second,
            Talk::Announcing { .. }
            | Talk::Waiting
            | Talk::Ringing { .. }
            | Talk::Two { .. }
            | Talk::Holding { .. }
            | Talk::ExternallyTransferring { .. }
            | Talk::Outside { .. } => None,
        }
    }

    /// The leg to a number outside, to which its agent transfers it, or which it consults.
    #[must_use]
    pub fn outside(&self) -> Option<(LegNo, &Masked)> {
        match &self.talk {
            Talk::Consulting { with: Consultee::Outside { leg, number }, .. }
            | Talk::ExternallyTransferring { leg, number, .. } => Some((*leg, number)),
            Talk::Consulting { with: Consultee::Colleague(_), .. }
            | Talk::Announcing { .. }
            | Talk::Waiting
            | Talk::Ringing { .. }
            | Talk::Two { .. }
            | Talk::Holding { .. }
            | Talk::Outside { .. } => None,
        }
    }
}

impl Consultee {
    /// Its leg, as soon as it is called.
    #[must_use]
    pub fn leg(&self) -> Option<LegNo> {
        match self {
            Self::Colleague(it) => it.map(|it| it.leg),
            Self::Outside { leg, .. } => Some(*leg),
        }
    }
}
