//! Which id belongs to which number: facts tell of calls by number, people ask by id.
//!
//! A pair is kept until the number's slot is taken by another call, so that what comes after a
//! call's end is still known to be of it, and there are never more pairs than slots.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    base::{arena::Number, call_ref::CallRef, numbers::CallNo, ucid::Ucid},
    exchange::fact::Fact,
};

/// Ids by number, and numbers by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// By slot.
    ids: BTreeMap<u32, (CallNo, Ucid)>,
    numbers: BTreeMap<Ucid, CallNo>,
}

impl Ids {
    /// Learns the id that `fact` gives to a call, if it does.
    pub fn fold(&mut self, fact: &Fact) {
        let (Fact::CallOpened { call, id: Some(id), .. }
        | Fact::DialledOut { call, id: Some(id), .. }) = fact
        else {
            return;
        };
        if let Some((_, predecessor)) = self.ids.insert(call.slot(), (*call, *id)) {
            self.numbers.remove(&predecessor);
        }
        self.numbers.insert(*id, *call);
    }

    /// The id of that call.
    #[must_use]
    pub fn of(&self, call: CallNo) -> Option<Ucid> {
        self.ids.get(&call.slot()).filter(|(no, _)| *no == call).map(|(_, id)| *id)
    }

    /// The number of the call of that id.
    #[must_use]
    pub fn number(&self, id: Ucid) -> Option<CallNo> {
        self.numbers.get(&id).copied()
    }

    /// What to call that call: its number if its opening was missed.
    #[must_use]
    pub fn name(&self, call: CallNo) -> CallRef {
        CallRef::new(call, self.of(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{masked::Masked, numbers::PhoneNo, time::Timestamp, ucid::Ucids};

    #[test]
    fn a_pair_is_known_until_another_call_takes_the_slot() {
        let mut given = Ucids::new(0, 0);
        let (first, second) = (given.next(Timestamp::EPOCH), given.next(Timestamp::EPOCH));
        let (old, new) = (CallNo::new(3, 0), CallNo::new(3, 1));
        let dialled = |call, id| Fact::DialledOut {
            call,
            id: Some(id),
            call_id: String::new(),
            phone: PhoneNo::first(0),
            agent: None,
            dialled: Masked::default(),
            emergency: false,
        };
        let mut ids = Ids::default();
        ids.fold(&dialled(old, first));
        assert_eq!((ids.of(old), ids.number(first)), (Some(first), Some(old)));
        assert_eq!(ids.name(new), CallRef::Number(new));

        ids.fold(&dialled(new, second));
        assert_eq!((ids.of(old), ids.number(first)), (None, None));
        assert_eq!((ids.name(new), ids.number(second)), (CallRef::Id(second), Some(new)));
    }
}
