//! Figures of the journal: whether facts reach the disk.

use prometheus::{IntCounter, IntGauge};

use crate::{
    journal::Counts,
    metrics::make::{Make, whole},
};

/// The figures of the journal. All zero where none is kept.
pub(super) struct Journal {
    faults: IntCounter,
    lost: IntCounter,
    held: IntGauge,
}

impl Journal {
    pub(super) fn new(make: &Make<'_>) -> Self {
        Self {
            faults: make.counter(
                "acd_journal_faults_total",
                "Times that the journal could not be written any more: a full disk, its limit",
            ),
            lost: make.counter(
                "acd_journal_facts_lost_total",
                "Facts that the journal will never have: more than memory could hold meanwhile",
            ),
            held: make.gauge(
                "acd_journal_facts_held",
                "Facts that wait in memory until the journal can be written again",
            ),
        }
    }

    pub(super) fn show(&self, counts: &Counts) {
        self.faults.inc_by(counts.faults.saturating_sub(self.faults.get()));
        self.lost.inc_by(counts.lost.saturating_sub(self.lost.get()));
        self.held.set(whole(usize::try_from(counts.held).unwrap_or(usize::MAX)));
    }
}
