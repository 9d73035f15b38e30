//! What is due, and when. Equal times come in the order of arming.
//!
//! A deadline is armed under a key and disarmed by that key, so nobody holds handles that
//! can go stale. Arming a key again moves it. Every step costs the logarithm of how many
//! are armed.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::time::Timestamp;

/// Deadlines by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlines<K> {
    due: BTreeSet<(Timestamp, u64, K)>,
    armed: BTreeMap<K, (Timestamp, u64)>,
    arming: u64,
}

impl<K: Ord + Copy> Default for Deadlines<K> {
    fn default() -> Self {
        Self { due: BTreeSet::new(), armed: BTreeMap::new(), arming: 0 }
    }
}

impl<K: Ord + Copy> Deadlines<K> {
    /// Lets `key` be due at `at`. If it was armed, it moves.
    pub fn arm(&mut self, key: K, at: Timestamp) {
        self.disarm(key);
        self.arming += 1;
        self.due.insert((at, self.arming, key));
        self.armed.insert(key, (at, self.arming));
    }

    /// Forgets `key`. Says whether it was armed.
    pub fn disarm(&mut self, key: K) -> bool {
        match self.armed.remove(&key) {
            Some((at, arming)) => self.due.remove(&(at, arming, key)),
            None => false,
        }
    }

    /// Takes the earliest key that is due by `now`.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        let &(at, _, key) = self.due.first()?;
        if at > now {
            return None;
        }
        self.disarm(key);
        Some(key)
    }

    /// The earliest key and when it is due, for those who decide first and disarm after.
    #[must_use]
    pub fn first(&self) -> Option<(Timestamp, K)> {
        self.due.first().map(|&(at, _, key)| (at, key))
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|&(at, _, _)| at)
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
