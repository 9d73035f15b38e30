//! One agent on the board, and how long agents have been in each state.

use serde::{Deserialize, Serialize};

use crate::{
    acd::fact::{Next, Why},
    base::{
        numbers::{CallNo, PhoneNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// An agent as the board shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Where the agent stands.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// The phone the agent signed in at.
    pub phone: Option<PhoneNo>,
    /// What the agent will be after the call in hand.
    pub next: Next,
    /// Calls answered since signing in.
    pub answered: u32,
}

/// Where an agent stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Not at work.
    #[default]
    SignedOut,
    /// To be offered calls.
    Ready,
    /// A call rings at the agent's phone.
    Ringing {
        /// Which.
        call: CallNo,
        /// When the offer lapses.
        until: Timestamp,
    },
    /// Speaking with a caller.
    Talking {
        /// In which call.
        call: CallNo,
    },
    /// Finishing the work of a call.
    WrapUp {
        /// Of which call.
        call: CallNo,
        /// The queue it came by.
        queue: Option<QueueNo>,
        /// When the agent is ready again.
        until: Timestamp,
    },
    /// At work, but takes no calls.
    Away {
        /// Why.
        why: Why,
        /// When the engine makes the agent ready by itself, if it does.
        until: Option<Timestamp>,
    },
}

/// The states that the figures tell apart (DOMAIN.md 2.5). Who is signed out is in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Group {
    /// To be offered calls.
    Available,
    /// Being rung.
    Ringing,
    /// Speaking.
    Talking,
    /// Wrapping up.
    WrapUp,
    /// Away.
    NotReady,
}

/// How long agents have been in each [`Group`], added up: what occupancy is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    now: [u64; Group::ALL.len()],
    spent: [Span; Group::ALL.len()],
    at: Timestamp,
}

impl Agent {
    /// The agent stands there from now on.
    pub fn enter(&mut self, state: State, at: Timestamp) {
        self.state = state;
        self.since = at;
    }
}

impl State {
    /// The word of the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Ready => "ready",
            Self::Ringing { .. } => "ringing",
            Self::Talking { .. } => "talking",
            Self::WrapUp { .. } => "wrap-up",
            Self::Away { .. } => "away",
        }
    }

    /// The call in hand, one that is being wrapped up included.
    #[must_use]
    pub const fn call(&self) -> Option<CallNo> {
        match self {
            Self::SignedOut | Self::Ready | Self::Away { .. } => None,
            Self::Ringing { call, .. } | Self::Talking { call } | Self::WrapUp { call, .. } => {
                Some(*call)
            }
        }
    }

    /// When it ends by itself, if it does.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::SignedOut | Self::Ready | Self::Talking { .. } => None,
            Self::Ringing { until, .. } | Self::WrapUp { until, .. } => Some(*until),
            Self::Away { until, .. } => *until,
        }
    }

    /// Where the figures count it.
    #[must_use]
    pub const fn group(&self) -> Option<Group> {
        match self {
            Self::SignedOut => None,
            Self::Ready => Some(Group::Available),
            Self::Ringing { .. } => Some(Group::Ringing),
            Self::Talking { .. } => Some(Group::Talking),
            Self::WrapUp { .. } => Some(Group::WrapUp),
            Self::Away { .. } => Some(Group::NotReady),
        }
    }
}

impl Group {
    /// All of them, in the order of the figures.
    pub const ALL: [Self; 5] =
        [Self::Available, Self::Ringing, Self::Talking, Self::WrapUp, Self::NotReady];

    /// The word of the label `state`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::WrapUp => "wrapup",
            Self::NotReady => "notready",
        }
    }

    /// Its place in [`Group::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl Hours {
    /// An agent goes from one state to another.
    pub fn change(&mut self, from: &State, to: &State, at: Timestamp) {
        self.advance(at);
        if let Some(count) = from.group().and_then(|group| self.now.get_mut(group.index())) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = to.group().and_then(|group| self.now.get_mut(group.index())) {
            *count += 1;
        }
    }

    /// Lets time pass. A time before the last one changes nothing: what was shown once is
    /// never taken back.
    pub fn advance(&mut self, at: Timestamp) {
        let passed = at.since(self.at);
        for (spent, agents) in self.spent.iter_mut().zip(self.now) {
            *spent = *spent + passed * agents;
        }
        self.at = self.at.max(at);
    }

    /// How many agents are in each group now, in the order of [`Group::ALL`].
    #[must_use]
    pub const fn now(&self) -> [u64; Group::ALL.len()] {
        self.now
    }

    /// How long agents have been in each group, up to the last time told.
    #[must_use]
    pub const fn spent(&self) -> [Span; Group::ALL.len()] {
        self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_grow_with_every_agent_and_never_shrink() {
        let mut hours = Hours::default();
        let at = |secs: u64| Timestamp(secs * 1_000_000);
        hours.change(&State::SignedOut, &State::Ready, at(100));
        hours.change(&State::SignedOut, &State::Ready, at(110));
        let call = CallNo::first(0);
        hours.change(&State::Ready, &State::Talking { call }, at(120));
        hours.advance(at(150));
        // A fact that a scrape overtook: its time is before what was shown.
        hours.change(&State::Talking { call }, &State::SignedOut, at(149));
        hours.advance(at(150));
        assert_eq!(hours.spent().map(|it| it.0 / 1_000_000), [10 + 20 + 30, 0, 30, 0, 0]);
        assert_eq!(hours.now(), [1, 0, 0, 0, 0]);
    }

    #[test]
    fn every_group_stands_at_its_index() {
        for (place, group) in Group::ALL.into_iter().enumerate() {
            assert_eq!(group.index(), place);
        }
    }
}
