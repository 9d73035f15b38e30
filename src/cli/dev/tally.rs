//! What came of the calls, as a newcomer or a machine wants to read it.

use std::fmt;

use serde::Serialize;

use crate::{
    acd::fact::Fact as Engine,
    base::time::Span,
    board::{
        fold::Board,
        service::{FORMULA, TARGETS, Tally},
    },
    exchange::fact::{Fact, Record},
};

/// The promise that the summary is about: the first of [`TARGETS`], 20 s.
const TARGET: usize = 0;

/// Folds facts to a summary.
pub(super) struct Count {
    board: Board,
    waits: Vec<Span>,
}

/// The summary. Its field names are fixed: programs read them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Summary {
    pub(super) offered: u64,
    pub(super) answered: u64,
    pub(super) abandoned: u64,
    pub(super) answered_in_target: u64,
    pub(super) service_level: f64,
    pub(super) wait_p50_ms: u64,
    pub(super) wait_p99_ms: u64,
}

impl Default for Count {
    fn default() -> Self {
        Self { board: Board::new(0), waits: vec![] }
    }
}

impl Count {
    pub(super) fn fold(&mut self, record: &Record) {
        self.board.fold(record);
        if let Fact::Acd(Engine::Answered { wait, .. }) = &record.fact {
            self.waits.push(*wait);
        }
    }

    pub(super) fn summary(&self) -> Summary {
        let mut sum = Tally::default();
        for (_, _, tally) in self.board.levels().entries() {
            sum.add(tally);
        }
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        Summary {
            offered: sum.due() + sum.failed,
            answered: sum.answered,
            abandoned: sum.abandoned + sum.short_abandoned,
            answered_in_target: sum.answered_within.get(TARGET).copied().unwrap_or(0),
            // Before anyone called, no promise was broken.
            service_level: sum.level(TARGET).unwrap_or(1.0),
            wait_p50_ms: percentile(&waits, 50).as_millis(),
            wait_p99_ms: percentile(&waits, 99).as_millis(),
        }
    }
}

/// The smallest wait that at least so many percent do not exceed (nearest rank).
fn percentile(sorted: &[Span], percent: usize) -> Span {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offered, answered, abandoned, answered_in_target, .. } = self;
        let within = TARGETS.get(TARGET).map_or(Span::ZERO, |(span, _)| *span);
        writeln!(f, "{offered} calls: {answered} answered, {abandoned} gave up")?;
        writeln!(
            f,
            "service level ({FORMULA}): {answered_in_target} answered within {within}, {:.1} %",
            self.service_level * 100.0
        )?;
        write!(
            f,
            "wait: {} ms in the middle, {} ms at the 99th percentile",
            self.wait_p50_ms, self.wait_p99_ms
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_waits_that_someone_had() {
        let waits: Vec<_> = (1..=40).map(Span::millis).collect();
        let at = |percent| percentile(&waits, percent).as_millis();
        assert_eq!((at(50), at(99), at(100)), (20, 40, 40));
        assert_eq!(percentile(&[], 99), Span::ZERO);
    }

    #[test]
    fn the_summary_of_nothing_breaks_no_promise() {
        let json = serde_json::to_string(&Count::default().summary()).unwrap();
        assert_eq!(
            json,
            "{\"offered\":0,\"answered\":0,\"abandoned\":0,\"answered_in_target\":0,\
             \"service_level\":1.0,\"wait_p50_ms\":0,\"wait_p99_ms\":0}"
        );
    }
}
