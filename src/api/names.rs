//! The names behind numbers: of trunks and phones, which no fact tells, and of queues and agents,
//! which the board knows.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    base::numbers::{AgentNo, PhoneNo, QueueNo, TrunkNo},
    board::fold::Board,
    exchange::plan::Plan,
};

/// How a carrier finds us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TrunkMode)]
pub enum Mode {
    /// We tell it, by REGISTER.
    Register,
    /// It knows where we are, and we can call out by it.
    Static,
    /// It knows where we are; calls only come in.
    In,
}

/// Names by number. Of queues, skills and agents the board knows them itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    trunks: Vec<Option<(String, Mode)>>,
    phones: Vec<Option<String>>,
}

impl Names {
    /// The names that the configuration gives.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let carriers = plan.sip.trunks.iter().map(|it| it.as_ref()?.carrier.as_ref());
        let trunks = plan.trunks.iter().zip(carriers);
        let trunks = trunks
            .map(|(trunk, carrier)| {
                let mode = match carrier {
                    None => Mode::In,
                    Some(carrier) if carrier.registers.is_some() => Mode::Register,
                    Some(_) => Mode::Static,
                };
                Some((trunk.as_ref()?.name.clone(), mode))
            })
            .collect();
        let phones = plan.phones.iter().map(|it| it.as_ref().map(|it| it.user.clone())).collect();
        Self { trunks, phones }
    }

    /// A trunk's name; its number if it is gone from the configuration.
    #[must_use]
    pub fn trunk(&self, trunk: TrunkNo) -> String {
        let known = self.trunks.get(trunk.index()).cloned().flatten();
        known.map_or_else(|| trunk.to_string(), |(name, _)| name)
    }

    /// All trunks, with how their carriers find us.
    pub fn trunks(&self) -> impl Iterator<Item = (TrunkNo, &str, Mode)> {
        (0u32..).zip(&self.trunks).filter_map(|(slot, known)| {
            known.as_ref().map(|(name, mode)| (TrunkNo::first(slot), name.as_str(), *mode))
        })
    }

    /// A phone's user part; its number if it is gone from the configuration.
    #[must_use]
    pub fn phone(&self, phone: PhoneNo) -> String {
        let name = self.phones.get(phone.index()).cloned().flatten();
        name.unwrap_or_else(|| phone.to_string())
    }

    /// The phone of that user part.
    #[must_use]
    pub fn phone_of(&self, user: &str) -> Option<PhoneNo> {
        (0u32..)
            .zip(&self.phones)
            .find(|(_, known)| known.as_deref() == Some(user))
            .map(|(slot, _)| PhoneNo::first(slot))
    }

    /// All phones' user parts.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.phones.iter().flatten().map(String::as_str)
    }
}

/// A queue's name.
pub(super) fn queue_name(board: &Board, queue: QueueNo) -> String {
    let plan = board.plan().queues.get(queue.index());
    plan.map_or_else(|| queue.to_string(), |plan| plan.name.clone())
}

/// An agent's id.
pub(super) fn agent_id(board: &Board, agent: AgentNo) -> String {
    let plan = board.plan().agents.get(agent.index());
    plan.map_or_else(|| agent.to_string(), |plan| plan.id.clone())
}
