//! The hours of a day as a scenario writes them, and lists that have a value for each interval.

use crate::{
    base::time::Span,
    config::{entry::Entry, ground::Ground, schema::word},
};

/// The hours of a day, cut into intervals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hours {
    pub(super) opens: Span,
    pub(super) closes: Span,
    pub(super) interval: Span,
    pub(super) count: usize,
    /// Whether they were written right, so that lists can be held against them.
    are_known: bool,
}

impl Hours {
    /// A list must have a value for each interval.
    pub(super) fn fits(&self, entry: &Entry, key: &str, ground: &mut Ground<'_>) {
        let len = entry.list(key).len();
        if self.are_known && entry.given(key).written && len != self.count {
            let (count, interval) = (self.count, word(self.interval));
            let says = format!("{len} values for {count} intervals of {interval}");
            ground.found.error("conflict", &entry.place(key), says);
        }
    }

    /// How long an interval is; the last may be shorter.
    pub(super) fn length(&self, at: usize) -> Span {
        let start = self.opens + self.interval * at as u64;
        Span(self.closes.0.saturating_sub(start.0).min(self.interval.0))
    }
}

/// Reads the hours from `day`.
pub(super) fn hours(day: &Entry, ground: &mut Ground<'_>) -> Hours {
    /// More would be figures that nobody reads.
    const MOST: u64 = 1_440;
    let (opens, closes, interval) = (day.time("opens"), day.time("closes"), day.time("interval"));
    if closes <= opens {
        let says = "the day closes before it opens".to_owned();
        ground.found.error("conflict", &day.place("closes"), says);
    }
    let count = closes.0.saturating_sub(opens.0).div_ceil(interval.0.max(1)).clamp(1, MOST);
    let places = ["opens", "closes", "interval"].map(|key| day.place(key));
    let are_known = !ground.found.list.iter().any(|fault| places.contains(&fault.place));
    Hours { opens, closes, interval, count: usize::try_from(count).unwrap_or(1), are_known }
}
