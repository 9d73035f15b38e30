//! `lotse trunk`: whether the carriers' lines can be used, on a running server.

use clap::Subcommand;

use crate::cli::{
    failure::Failure,
    remote::{Column, Remote, field},
};

/// What `lotse trunk` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Lists all trunks.
    Ls,
}

const COLUMNS: [Column; 6] = [
    ("TRUNK", |it| field(it, "id")),
    ("MODE", |it| field(it, "mode")),
    ("UP", |it| field(it, "up")),
    ("SINCE", |it| field(it, "since")),
    ("CHANNELS", |it| field(it, "channels_in_use")),
    ("WHY", |it| field(it, "why")),
];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match args.deed {
        Deed::Ls => args.remote.show(&args.remote.rows("/api/v1/trunks", "trunks")?, &COLUMNS),
    }
    Ok(())
}
