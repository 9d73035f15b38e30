//! The names behind the numbers of trunks and phones, which no fact tells.

use crate::{
    base::numbers::{PhoneNo, TrunkNo},
    exchange::plan::Plan,
};

/// Names by number. Of queues, skills and agents the board knows them itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    trunks: Vec<Option<String>>,
    phones: Vec<Option<String>>,
}

impl Names {
    /// The names that the configuration gives.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let trunks = plan.trunks.iter().map(|it| it.as_ref().map(|it| it.name.clone())).collect();
        let phones = plan.phones.iter().map(|it| it.as_ref().map(|it| it.user.clone())).collect();
        Self { trunks, phones }
    }

    /// A trunk's name; its number if it is gone from the configuration.
    #[must_use]
    pub fn trunk(&self, trunk: TrunkNo) -> String {
        let name = self.trunks.get(trunk.index()).cloned().flatten();
        name.unwrap_or_else(|| trunk.to_string())
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
