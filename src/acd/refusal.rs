//! What the engine answers to an input that makes no sense: what was asked, and where we stood.

use std::fmt;

use crate::{
    acd::{
        input::Input,
        state::{agent::AgentState, call::CallState},
    },
    base::numbers::{AgentNo, QueueNo},
};

/// An input that makes no sense where we stand. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked.
    pub input: Input,
    /// Where we stood.
    pub stood: Stood,
}

/// Where we stood when an input made no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stood {
    /// No call of that number is inside (any more).
    NoSuchCall,
    /// There is no such queue, or it is no longer in the configuration.
    NoSuchQueue,
    /// A need names a skill that is not in the configuration.
    NoSuchSkill,
    /// There is no such agent, or it is no longer in the configuration.
    NoSuchAgent,
    /// The call's number is beyond all bounds.
    NumberOutOfBounds,
    /// The call was elsewhere.
    Call(CallState),
    /// The agent was elsewhere.
    Agent(AgentState),
    /// That queue would give a caller to nobody now.
    NobodyFree(QueueNo),
    /// That queue takes nobody now: it is closed.
    QueueClosed(QueueNo),
    /// Somebody else sits at that phone.
    PhoneOf(AgentNo),
    /// The plan contradicts itself or forgets numbers that are in use; this is where.
    Unfit(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.input, self.stood)
    }
}

impl fmt::Display for Stood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchCall => f.write_str("there is no such call"),
            Self::NoSuchQueue => f.write_str("there is no such queue"),
            Self::NoSuchSkill => f.write_str("there is no such skill"),
            Self::NoSuchAgent => f.write_str("there is no such agent"),
            Self::NumberOutOfBounds => f.write_str("the number is out of bounds"),
            Self::Call(state) => write!(f, "the call is {}", state.word()),
            Self::Agent(state) => write!(f, "the agent is {}", state.word()),
            Self::NobodyFree(queue) => write!(f, "nobody is free in {queue}"),
            Self::QueueClosed(queue) => write!(f, "{queue} is closed"),
            Self::PhoneOf(agent) => write!(f, "{agent} sits at that phone"),
            Self::Unfit(place) => write!(f, "the plan does not fit: {place}"),
        }
    }
}

impl std::error::Error for Refusal {}
