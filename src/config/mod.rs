//! From the file as written to the configuration as meant, every fault at once.
//!
//! ```text
//! text ──► file (TOML, with places) ──► check (against the schema, then against itself) ──► Config
//!                                         │
//!                                         └──► Faults: line, value, what is allowed, did-you-mean
//! ```
//!
//! Names end here: what leaves is numbers, kept over reloads by the [`roll`]. Nothing here opens
//! a socket or starts anything.

pub mod fault;
pub mod meant;
pub mod roll;

use std::path::Path;

use crate::config::{fault::Faults, meant::Checked, roll::Roll};

/// Reads and checks the file at `path`.
pub fn load(path: &Path) -> Result<Checked, Faults> {
    reload(path, &Roll::default())
}

/// Reads and checks the file at `path`, while a server runs with `roll`: names keep their numbers.
pub fn reload(path: &Path, roll: &Roll) -> Result<Checked, Faults> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => read(&name, &text, roll),
        Err(why) => Err(Faults::unreadable(&name, &why)),
    }
}

/// Checks `text`, which people know as `name`.
pub fn read(_name: &str, _text: &str, _roll: &Roll) -> Result<Checked, Faults> {
    todo!()
}
