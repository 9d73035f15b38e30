//! Days of callers and agents by chance, from a seed: played, counted and held against theory.

pub mod arrivals;
pub mod day;
pub mod estimate;
pub mod full;
pub mod law;
pub mod ledger;
pub mod play;
pub mod report;
pub mod scenario;
pub mod trouble;

#[cfg(test)]
mod theory;
