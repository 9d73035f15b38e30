//! `lotse replay`: reads a journal again, and says what is in it and what is wrong with it.

use std::{
    fs::File,
    io::{BufReader, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    cli::failure::Failure,
    journal::{
        self,
        replay::{self, Found},
    },
};

/// What `lotse replay` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The journal, or the data directory that it is in.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Fails if anything is wrong: a gap, a torn line, a state that must never be.
    #[arg(long)]
    verify: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let (path, journal) = open(&args.path)?;
    let name = path.display();
    let found = replay::verify(journal, |_| ());
    for flaw in &found.flaws {
        eprintln!("{name}:{flaw}");
    }
    say(&told(&found, args.json));
    match found.flaws.len() {
        flaws if args.verify && flaws > 0 => {
            Err(Failure::Failed(format!("{name}: {flaws} things are wrong")))
        }
        _ => Ok(()),
    }
}

/// The journal at `path`, or in it.
pub(super) fn open(path: &Path) -> Result<(PathBuf, BufReader<File>), Failure> {
    let path = if path.is_dir() { path.join(journal::FILE) } else { path.to_owned() };
    let file = File::open(&path)
        .map_err(|why| Failure::Failed(format!("cannot read {}: {why}", path.display())))?;
    Ok((path, BufReader::new(file)))
}

/// Says it. A reader who has gone away has read enough.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn told(found: &Found, as_json: bool) -> String {
    let Found { facts, lives, calls_inside, calls_over, flaws } = found;
    if as_json {
        let flaws: Vec<_> =
            flaws.iter().map(|flaw| json!({ "line": flaw.line, "says": flaw.says })).collect();
        return json!({
            "facts": facts,
            "starts": lives,
            "calls_over": calls_over,
            "calls_inside": calls_inside,
            "flaws": flaws,
        })
        .to_string();
    }
    format!(
        "{facts} facts of {lives} starts: {calls_over} calls over, {calls_inside} inside at the end"
    )
}
