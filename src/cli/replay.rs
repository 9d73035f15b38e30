//! `lotse replay`: reads a journal again, and says what is in it and what is wrong with it.

use std::{fs::File, io::BufReader, path::PathBuf};

use crate::{cli::Failure, journal::replay};

/// What `lotse replay` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The journal: `journal.ndjson` of the data directory.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Fails if anything is wrong: a gap, a torn line, a state that must never be.
    #[arg(long)]
    verify: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let name = args.file.display();
    let file = File::open(&args.file)
        .map_err(|why| Failure::Failed(format!("cannot read {name}: {why}")))?;
    let found = replay::fold(BufReader::new(file));
    for flaw in &found.flaws {
        eprintln!("{name}:{flaw}");
    }
    println!(
        "{} facts of {} starts: {} calls over, {} inside at the end",
        found.facts, found.lives, found.calls_over, found.calls_inside
    );
    match found.flaws.len() {
        flaws if args.verify && flaws > 0 => {
            Err(Failure::Failed(format!("{name}: {flaws} things are wrong")))
        }
        _ => Ok(()),
    }
}
