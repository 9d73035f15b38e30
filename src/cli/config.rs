//! `lotse config`: files to start from, and the schema of what may stand in them.

use std::io::{self, Write};

use crate::config::document;

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// What is printed, to the standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
enum What {
    /// The least that answers a call: `lotse config minimal > lotse.toml`.
    Minimal,
    /// Every key with its default and its reason.
    Example,
    /// A developer's machine: loopback, 28 agents, known passwords.
    Dev,
    /// A JSON Schema, for editors that complete and check as one writes.
    Schema,
}

/// Prints what was asked for.
pub fn run(args: &Args) -> io::Result<()> {
    let text = match args.what {
        What::Minimal => include_str!("../../config/minimal.toml").to_owned(),
        What::Example => include_str!("../../config/example.toml").to_owned(),
        What::Dev => include_str!("../../config/dev.toml").to_owned(),
        What::Schema => format!("{:#}\n", document::json_schema()),
    };
    io::stdout().write_all(text.as_bytes())
}
