//! Who sits at which phone, and who could be offered a call: folded from the engine's facts.
//!
//! The engine is never asked; it has said all this already.

use crate::{
    acd::fact::Fact,
    base::numbers::{AgentNo, CallNo, PhoneNo},
};

/// Who sits where.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    agents: Vec<Option<Seat>>,
    phones: Vec<Option<AgentNo>>,
    taken: usize,
}

/// An agent at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seat {
    phone: PhoneNo,
    stands: Stands,
}

/// As much of an agent's state as matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Could be offered a call at any moment.
    Idle,
    /// Speaking with a caller.
    InCall(CallNo),
    /// Anything else.
    Other,
}

impl Seats {
    /// Takes note of what the engine said.
    pub(super) fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::SignedIn { agent, phone } => self.sit(*agent, *phone),
            Fact::SignedOut { agent } => self.leave(*agent),
            Fact::Ready { agent } => self.stand(*agent, Stands::Idle),
            Fact::WentAway { agent, .. }
            | Fact::Offered { agent, .. }
            | Fact::Requeued { agent, .. }
            | Fact::Transferred { agent, .. }
            | Fact::ExternalTransferStarted { agent, .. }
            | Fact::WrappingUp { agent, .. } => self.stand(*agent, Stands::Other),
            Fact::Answered { agent, call, .. } | Fact::Consulted { with: agent, call, .. } => {
                self.stand(*agent, Stands::InCall(*call));
            }
            Fact::Planned(_)
            | Fact::Queued { .. }
            | Fact::Relaxed { .. }
            | Fact::Moved { .. }
            | Fact::OfferLost { .. }
            | Fact::ConsultEnded { .. }
            | Fact::ExternalTransferFailed { .. }
            | Fact::Ended { .. }
            | Fact::WrapUpExtended { .. }
            | Fact::NextChosen { .. }
            | Fact::PhoneReach { .. }
            | Fact::PhoneOccupied { .. }
            | Fact::QueueOpen { .. } => (),
        }
    }

    /// Where the agent sits, if at work.
    pub(super) fn phone(&self, agent: AgentNo) -> Option<PhoneNo> {
        Some(self.agents.get(agent.index())?.as_ref()?.phone)
    }

    /// Who sits at the phone.
    pub(super) fn agent(&self, phone: PhoneNo) -> Option<AgentNo> {
        *self.phones.get(phone.index())?
    }

    /// How the agent stands, if at work.
    pub(super) fn stands(&self, agent: AgentNo) -> Option<Stands> {
        Some(self.agents.get(agent.index())?.as_ref()?.stands)
    }

    /// How many are at work.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    fn sit(&mut self, agent: AgentNo, phone: PhoneNo) {
        self.leave(agent);
        *place(&mut self.agents, agent.index()) = Some(Seat { phone, stands: Stands::Other });
        *place(&mut self.phones, phone.index()) = Some(agent);
        self.taken += 1;
    }

    fn leave(&mut self, agent: AgentNo) {
        let Some(seat) = self.agents.get_mut(agent.index()).and_then(Option::take) else { return };
        self.taken -= 1;
        let phone = place(&mut self.phones, seat.phone.index());
        if *phone == Some(agent) {
            *phone = None;
        }
    }

    fn stand(&mut self, agent: AgentNo, stands: Stands) {
        if let Some(Some(seat)) = self.agents.get_mut(agent.index()) {
            seat.stands = stands;
        }
    }
}

/// The place at `index`, making room for it. Indexes are those of the plan, so few.
fn place<T: Clone>(places: &mut Vec<Option<T>>, index: usize) -> &mut Option<T> {
    if places.len() <= index {
        places.resize(index + 1, None);
    }
    places.get_mut(index).expect("resize just made it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_who_moves_leaves_the_old_phone_empty() {
        let (agent, other) = (AgentNo::first(3), AgentNo::first(4));
        let (desk, kitchen) = (PhoneNo::first(1), PhoneNo::first(7));
        let mut seats = Seats::default();
        seats.note(&Fact::SignedIn { agent, phone: desk });
        seats.note(&Fact::SignedIn { agent, phone: kitchen });
        assert_eq!((seats.phone(agent), seats.agent(desk)), (Some(kitchen), None));

        seats.note(&Fact::SignedIn { agent: other, phone: desk });
        seats.note(&Fact::SignedOut { agent });
        assert_eq!((seats.agent(kitchen), seats.agent(desk)), (None, Some(other)));
        assert_eq!(seats.taken(), 1);
    }
}
