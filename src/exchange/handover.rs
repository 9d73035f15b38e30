//! What one life of the process hands over to the next: who is at work, and where phones are.
//!
//! ```text
//!   facts ──► Shift ──► Handover ── a file ──► takeover
//!             numbers   names                  signs in, binds phones again
//! ```
//!
//! Numbers mean something within one life only, so a handover speaks in names; what the next
//! life's configuration does not name is left out. It knows no calls: they end with the process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    acd::{
        fact::{Fact as Engine, Next, OWN_CALL, Why},
        input::OfferLost,
    },
    base::{
        numbers::{AgentNo, PhoneNo},
        time::Timestamp,
    },
    exchange::fact::{Fact, Record},
    sip::binding::Binding,
};

/// Who is at work and where phones are, in names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// When it was written.
    pub at: Timestamp,
    /// Agents who were at work, and those who went home.
    pub(super) agents: Vec<Seat>,
    /// Phones by their users, with the bindings that need no connection.
    pub(super) phones: BTreeMap<String, Vec<Binding>>,
}

/// An agent, and where it sat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) agent: String,
    /// The phone's user; `None`: the agent's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<String>,
    pub(super) stands: Stands,
}

/// What an agent wants to be, whatever its phone does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stands {
    Ready,
    Away(String),
    SignedOut,
}

/// Who is at work and where phones are, folded from the facts of one life.
#[derive(Clone, Debug, Default)]
pub struct Shift {
    ids: Vec<String>,
    users: BTreeMap<PhoneNo, String>,
    seats: BTreeMap<AgentNo, Stint>,
    bindings: BTreeMap<PhoneNo, Vec<Binding>>,
}

#[derive(Clone, Debug)]
struct Stint {
    phone: PhoneNo,
    stands: Stands,
}

impl Shift {
    /// Takes note of a fact. Says whether a handover would be another one now.
    pub fn fold(&mut self, told: &Record) -> bool {
        if let Fact::Acd(fact) = &told.fact {
            return self.fold_engine(fact);
        }
        let Fact::PhoneAt { phone, user, bindings } = &told.fact else { return false };
        self.users.insert(*phone, user.clone());
        let keep = bindings.iter().filter(|it| it.outlives_us()).cloned().collect();
        self.bindings.insert(*phone, keep);
        true
    }

    fn fold_engine(&mut self, fact: &Engine) -> bool {
        match fact {
            Engine::Planned(plan) => {
                self.ids = plan.agents.iter().map(|it| it.id.clone()).collect();
            }
            Engine::SignedIn { agent, phone } => {
                self.seats.insert(*agent, Stint { phone: *phone, stands: Stands::Ready });
            }
            Engine::Ready { agent } => self.stands(*agent, Stands::Ready),
            Engine::WentAway { agent, why, .. } => {
                // Otherwise it is ready again by itself.
                let Some(stands) = stands(why) else { return false };
                self.stands(*agent, stands);
            }
            // In the middle of a call nothing else tells what its agent will be.
            Engine::NextChosen { agent, next } => {
                let stands = match next {
                    Next::Ready => Stands::Ready,
                    Next::Away(reason) => Stands::Away(reason.clone()),
                    Next::SignedOut => Stands::SignedOut,
                };
                self.stands(*agent, stands);
            }
            Engine::SignedOut { agent } => self.stands(*agent, Stands::SignedOut),
            // With a call in hand an agent is still what it chose to be.
            Engine::Offered { .. }
            | Engine::OfferLost { .. }
            | Engine::Answered { .. }
            | Engine::Requeued { .. }
            | Engine::Transferred { .. }
            | Engine::Consulted { .. }
            | Engine::ConsultEnded { .. }
            | Engine::ExternalTransferStarted { .. }
            | Engine::WrappingUp { .. }
            | Engine::WrapUpExtended { .. } => return false,
            Engine::Queued { .. }
            | Engine::Relaxed { .. }
            | Engine::Moved { .. }
            | Engine::ExternalTransferFailed { .. }
            | Engine::Ended { .. }
            | Engine::PhoneReach { .. }
            | Engine::PhoneOccupied { .. }
            | Engine::QueueOpen { .. } => return false,
        }
        true
    }

    fn stands(&mut self, agent: AgentNo, stands: Stands) {
        if let Some(stint) = self.seats.get_mut(&agent) {
            stint.stands = stands;
        }
    }

    /// What is handed over at `at`.
    #[must_use]
    pub fn handover(&self, at: Timestamp) -> Handover {
        let agents = self.seats.iter().filter_map(|(agent, stint)| {
            Some(Seat {
                agent: self.ids.get(agent.index())?.clone(),
                phone: self.users.get(&stint.phone).cloned(),
                stands: stint.stands.clone(),
            })
        });
        let phones = self.bindings.iter().filter(|(_, bindings)| !bindings.is_empty());
        let phones = phones.filter_map(|(phone, bindings)| {
            Some((self.users.get(phone)?.clone(), bindings.clone()))
        });
        Handover { at, agents: agents.collect(), phones: phones.collect() }
    }
}

/// What an agent who is away for that reason wants to be; `None`: it is away for its phone's
/// sake alone.
fn stands(why: &Why) -> Option<Stands> {
    match why {
        // As a journal of before says it.
        Why::Asked(reason) if reason == OWN_CALL => None,
        Why::Asked(reason) => Some(Stands::Away(reason.clone())),
        // Nobody is there, as far as we know.
        Why::Lost(lost @ (OfferLost::NoAnswer | OfferLost::Refused)) => {
            Some(Stands::Away(lost.word().to_owned()))
        }
        Why::Lost(OfferLost::Busy | OfferLost::Failed | OfferLost::Unreachable)
        | Why::NoPhone
        | Why::PhoneFailed
        | Why::OwnCall => None,
    }
}
