//! From the file as written to the configuration as meant, every fault at once.
//!
//! ```text
//! text ──► file (TOML, with places) ──► sections (against the schema) ──► check ──► Config
//!                                                  │                        │
//!                                                  └────────► Faults ◄──────┘
//!                                      line, value, what is allowed, did-you-mean
//! ```
//!
//! Names end here: what leaves is numbers, kept over reloads by the [`roll`]. Nothing here opens
//! a socket or starts anything.

pub mod change;
pub mod check;
pub mod document;
pub mod entry;
pub mod fault;
pub mod file;
pub mod ground;
pub mod hide;
pub mod keys;
pub mod meant;
pub mod reading;
pub mod roll;
pub mod schema;
pub mod sections;
pub mod show;

use std::path::Path;

use crate::{
    base::time::Timestamp,
    config::{
        fault::Faults,
        meant::{Checked, Config},
    },
};

/// Reads and checks the file at `path`, with the certificates that it names as they stand `now`.
pub fn load(path: &Path, now: Timestamp) -> Result<Checked, Faults> {
    read(path, None, now)
}

/// Reads and checks the file at `path` while a server runs by `before`: names keep their numbers.
pub fn reload(path: &Path, before: &Config, now: Timestamp) -> Result<Checked, Faults> {
    read(path, Some(before), now)
}

fn read(path: &Path, before: Option<&Config>, now: Timestamp) -> Result<Checked, Faults> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => check::check_at(&name, &text, before, Some(now)),
        Err(why) => Err(Faults::unreadable(&name, &why)),
    }
}
