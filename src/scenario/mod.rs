//! From a scenario file to a day that can be simulated, every fault at once.
//!
//! ```text
//! text ──► file ──► sections (against `keys`) ──► read ──► sim::Scenario ──► what_if ──► another
//! ```
//!
//! Queues and skills are written as in a server's configuration, and are read by the same code.

mod hours;
pub mod keys;
mod law;
mod people;
pub mod read;
pub mod what_if;

use std::path::Path;

use crate::{
    config::fault::{Faults, Subject},
    sim::traffic::scenario::Scenario,
};

/// Reads the scenario at `path`, with warnings.
pub fn load(path: &Path) -> Result<(Scenario, Faults), Faults> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => read::read(&name, &text),
        Err(why) => Err(Faults { of: Subject::Scenario, ..Faults::unreadable(&name, &why) }),
    }
}

#[cfg(test)]
mod proof;
#[cfg(test)]
mod tests;
