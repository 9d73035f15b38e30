//! What is due, and when. Equal times come in the order of arming.
//!
//! A deadline is armed under a key and disarmed by that key, so nobody holds handles that
//! can go stale. Arming a key again moves it. Every step costs the logarithm of how many
//! are armed.

use std::collections::BTreeMap;

use crate::base::time::Timestamp;

/// Deadlines by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlines<K> {
    due: BTreeMap<(Timestamp, u64), K>,
    armed: BTreeMap<K, (Timestamp, u64)>,
    arming: u64,
}

impl<K: Ord + Copy> Default for Deadlines<K> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), armed: BTreeMap::new(), arming: 0 }
    }
}

impl<K: Ord + Copy> Deadlines<K> {
    /// Lets `key` be due at `at`. If it was armed, it moves.
    pub fn arm(&mut self, key: K, at: Timestamp) {
        self.arming += 1;
        let place = (at, self.arming);
        if let Some(before) = self.armed.insert(key, place) {
            self.due.remove(&before);
        }
        self.due.insert(place, key);
    }

    /// Forgets `key`. Says whether it was armed.
    pub fn disarm(&mut self, key: K) -> bool {
        let place = self.armed.remove(&key);
        place.is_some_and(|place| self.due.remove(&place).is_some())
    }

    /// Takes the earliest key that is due by `now`.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        let first = self.due.first_entry().filter(|it| it.key().0 <= now)?;
        let key = first.remove();
        self.armed.remove(&key);
        Some(key)
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// When `key` is due, if it is armed.
    #[must_use]
    pub fn at(&self, key: K) -> Option<Timestamp> {
        self.armed.get(&key).map(|&(at, _)| at)
    }

    /// How many are armed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.armed.len()
    }

    /// Whether none is armed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_come_in_the_order_of_arming() {
        let mut deadlines = Deadlines::default();
        for key in ['c', 'a', 'b'] {
            deadlines.arm(key, Timestamp(5));
        }
        let mut order = String::new();
        while let Some(key) = deadlines.pop_due(Timestamp(5)) {
            order.push(key);
        }
        assert_eq!(order, "cab");
    }

    #[test]
    fn arming_again_moves_and_disarming_forgets() {
        let mut deadlines = Deadlines::default();
        deadlines.arm(1, Timestamp(5));
        deadlines.arm(1, Timestamp(9));
        deadlines.arm(2, Timestamp(7));
        assert_eq!(deadlines.pop_due(Timestamp(6)), None);
        assert_eq!(deadlines.next_due(), Some(Timestamp(7)));
        assert!(deadlines.disarm(2));
        assert!(!deadlines.disarm(2));
        assert_eq!(deadlines.pop_due(Timestamp(9)), Some(1));
        assert!(deadlines.is_empty());
    }
}
