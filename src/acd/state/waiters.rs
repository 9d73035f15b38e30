//! Who waits in a line, in two orders at once: by arrival, which is the place, and by since when.
//!
//! For all who never had an agent the two are one order, so one set holds them. Only those who
//! wait anew stand in both orders apart: a caller of the common kind costs one set, not two.

use std::collections::BTreeSet;

use crate::base::{numbers::CallNo, time::Timestamp};

/// Where a call stands in its line, and since when it waits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) struct Place {
    /// Its INVITE: who came first is served first.
    pub(in crate::acd) arrived: Timestamp,
    /// When it began to wait: later than its arrival, if it had an agent meanwhile.
    pub(in crate::acd) since: Timestamp,
}

type Ordered = BTreeSet<(Timestamp, CallNo)>;

/// The calls of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::acd) struct Waiters {
    /// Who has waited ever since it arrived.
    new: Ordered,
    /// Who waits anew, by arrival.
    anew_by_arrival: Ordered,
    /// The same, by when they began to wait anew.
    anew_by_start: Ordered,
}

impl Waiters {
    /// Whoever arrived first: the first in line.
    pub(in crate::acd) fn head(&self) -> Option<(Timestamp, CallNo)> {
        earlier(&self.new, &self.anew_by_arrival)
    }

    /// Whoever has waited longest, and since when.
    pub(in crate::acd) fn longest(&self) -> Option<(Timestamp, CallNo)> {
        earlier(&self.new, &self.anew_by_start)
    }

    /// All, with their arrivals, in no order.
    pub(in crate::acd) fn iter(&self) -> impl Iterator<Item = (Timestamp, CallNo)> {
        self.new.iter().chain(&self.anew_by_arrival).copied()
    }

    /// How many.
    pub(in crate::acd) fn len(&self) -> usize {
        self.new.len() + self.anew_by_arrival.len()
    }

    /// Whether `call` stands here, at this place in both orders.
    pub(in crate::acd) fn contains(&self, place: Place, call: CallNo) -> bool {
        if place.since == place.arrived {
            return self.new.contains(&(place.arrived, call));
        }
        self.anew_by_arrival.contains(&(place.arrived, call))
            && self.anew_by_start.contains(&(place.since, call))
    }

    /// Whether both orders hold the same number of calls.
    pub(in crate::acd) fn agree(&self) -> bool {
        self.anew_by_arrival.len() == self.anew_by_start.len()
    }

    /// Lets a call take its place. Says whether it had none.
    pub(in crate::acd) fn enter(&mut self, place: Place, call: CallNo) -> bool {
        if place.since == place.arrived {
            return self.new.insert((place.arrived, call));
        }
        self.anew_by_start.insert((place.since, call));
        self.anew_by_arrival.insert((place.arrived, call))
    }

    /// Takes a call out. Says whether it was in.
    pub(in crate::acd) fn leave(&mut self, place: Place, call: CallNo) -> bool {
        if place.since == place.arrived {
            return self.new.remove(&(place.arrived, call));
        }
        self.anew_by_start.remove(&(place.since, call));
        self.anew_by_arrival.remove(&(place.arrived, call))
    }
}

fn earlier(one: &Ordered, other: &Ordered) -> Option<(Timestamp, CallNo)> {
    one.first().into_iter().chain(other.first()).min().copied()
}
