//! How an answer is printed.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::failure::Failure;

/// One JSON object on a line of its own.
pub(super) fn say_json(what: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(what)
        .map_err(|why| Failure::Failed(format!("the answer cannot be written: {why}")))?;
    say(&format!("{line}\n"));
    Ok(())
}

/// Text as it is.
pub(super) fn say(text: &str) {
    // A reader who has gone away has read enough.
    drop(io::stdout().write_all(text.as_bytes()));
}
