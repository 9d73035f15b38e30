//! What came on earlier days: calls, and how long they took, by interval of the day.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// Days, and in each the intervals that were counted. What was not counted is not there, which is
/// not the same as nobody having called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    days: BTreeMap<Date, BTreeMap<u32, Counted>>,
}

/// What came in an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Callers, 0 or more.
    pub calls: f64,
    /// The mean handling time of those answered, in seconds.
    pub aht_s: Option<f64>,
}

impl History {
    /// Keeps what came on `date` in the interval that begins so many minutes after midnight. What was
    /// kept of it before is handed back.
    pub fn keep(&mut self, date: Date, from: u32, counted: Counted) -> Option<Counted> {
        self.days.entry(date).or_default().insert(from, counted)
    }

    /// The days that were counted, the last first.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.days.keys().rev().copied()
    }

    /// What came on a day, by the minute after midnight at which the interval begins.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<&BTreeMap<u32, Counted>> {
        self.days.get(&date)
    }

    /// What came in one interval of a day.
    #[must_use]
    pub fn at(&self, date: Date, from: u32) -> Option<Counted> {
        self.day(date)?.get(&from).copied()
    }
}
