//! Many days on all cores. Which core plays which day does not matter to any figure.

use std::{
    io::IsTerminal,
    num::NonZero,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::sim::traffic::{ledger::Day, play::seed_of, scenario::Scenario};

/// A bar on the standard error, if someone looks at it.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// For so many days.
    pub(super) fn new(days: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(days);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} days, {eta} to go") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Plays so many days of `scenario`, in the order of their seeds.
pub(super) fn play(
    scenario: &Scenario,
    day: fn(&Scenario, u64) -> Day,
    seed: u64,
    runs: u32,
    progress: &Progress,
) -> Vec<Day> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicU32::new(0);
    let played = Mutex::new(vec![]);
    thread::scope(|threads| {
        for _ in 0..cores {
            threads.spawn(|| {
                let mut own = vec![];
                loop {
                    let run = next.fetch_add(1, Ordering::Relaxed);
                    if run >= runs {
                        break;
                    }
                    own.push((run, day(scenario, seed_of(seed, run.into()))));
                    progress.0.inc(1);
                }
                played.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
            });
        }
    });
    let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    played.sort_by_key(|(run, _)| *run);
    played.into_iter().map(|(_, day)| day).collect()
}
