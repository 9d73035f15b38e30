//! `lotse queue`, `lotse status`: who waits, and whether the promise is kept, on a running server.

use clap::Subcommand;
use serde_json::Value;

use crate::cli::{
    failure::Failure,
    remote::{Column, Remote, escaped, field, percent, seconds},
};

/// What `lotse queue` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Lists all queues.
    Ls,
    /// Shows one queue.
    Show {
        /// As the configuration names it.
        id: String,
    },
}

/// What `lotse status` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    remote: Remote,
}

const COLUMNS: [Column; 9] = [
    ("QUEUE", |it| field(it, "id")),
    ("WAITING", |it| field(it, "waiting")),
    ("LONGEST", |it| seconds(it, "oldest_wait_seconds")),
    ("FREE", |it| agents(it, "available")),
    ("TALKING", |it| agents(it, "talking")),
    ("ANSWERED", |it| total(it, field, "answered")),
    ("ABANDONED", |it| total(it, field, "abandoned")),
    ("IN 20 S", |it| total(it, percent, "service_level_20s")),
    ("MEAN WAIT", |it| total(it, seconds, "wait_mean_seconds")),
];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.deed {
        Deed::Ls => args.remote.show(&args.remote.rows("/api/v1/queues", "queues")?, &COLUMNS),
        Deed::Show { id } => {
            let queue = args.remote.get(&format!("/api/v1/queues/{}", escaped(id)))?;
            args.remote.show_one(&queue, &COLUMNS);
        }
    }
    Ok(())
}

/// Whether the server takes calls; fails if it does not.
pub(super) fn status(args: &StatusArgs) -> Result<(), Failure> {
    const READY: [Column; 1] = [("ready", |it| field(it, "ready"))];
    args.remote.show_one(&args.remote.get("/readyz")?, &READY);
    Ok(())
}

fn agents(queue: &Value, state: &str) -> String {
    queue.get("agents").map_or(String::new(), |agents| field(agents, state))
}

fn total(queue: &Value, shown: fn(&Value, &str) -> String, name: &str) -> String {
    queue.get("total").map_or(String::new(), |total| shown(total, name))
}
