//! `lotse explain call 1M8RQKQG0017QK00`: when a call was matched, with whom, and why not before and not with
//! others; from the journal alone.

use std::path::PathBuf;

use serde_json::json;

use crate::{
    api::time::rfc3339,
    base::call_ref::CallRef,
    cli::{failure::Failure, replay},
    config,
    journal::{
        replay::read,
        story::{Story, Teller},
    },
    net::clock::Clock,
};

/// What `lotse explain` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What can be explained.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Why a call waited as it did, and who was chosen for it.
    Call(Call),
}

#[derive(Debug, clap::Args)]
struct Call {
    /// Its id, as the log and the API have it. Or its number, which each start gives out anew:
    /// 17, call-17, call-3.2.
    #[arg(value_name = "CALL", value_parser = call)]
    wanted: CallRef,
    /// The journal, or the data directory that it is in. If not said: that of the configuration.
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
    /// The configuration file, for its data directory.
    #[arg(short, long, env = "LOTSE_CONFIG", default_value = "/etc/lotse/lotse.toml")]
    #[arg(value_name = "FILE")]
    config: PathBuf,
    /// Which start of the server, counted from 1. If not said: the last that had a call of that
    /// number.
    #[arg(long, value_name = "N")]
    start: Option<u64>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

fn call(text: &str) -> Result<CallRef, String> {
    let either = text.parse().or_else(|_| format!("call-{text}").parse());
    either.map_err(|why| format!("{why}; nor a number, such as 17, call-17 or call-3.2"))
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let What::Call(args) = &args.what;
    let (path, journal) = match &args.journal {
        Some(path) => replay::open(path)?,
        None => replay::open(&data_dir(args)?)?,
    };
    let mut teller = Teller::new(args.wanted);
    let found = read(journal, |moment| teller.hear(moment));
    if let Some(flaw) = found.flaws.first() {
        eprintln!("{}:{flaw}; the story may be wrong from there", path.display());
    }
    let mut stories = teller.stories();
    if let Some(start) = args.start {
        stories.retain(|story| story.life == start);
    }
    let Some(story) = stories.pop() else {
        let (call, path) = (args.wanted, path.display());
        let lives = found.lives;
        return Err(Failure::Failed(format!("{path}: no {call} in {lives} starts of the server")));
    };
    let others: Vec<_> = stories.iter().map(|story| story.life.to_string()).collect();
    if !others.is_empty() {
        eprintln!(
            "this is of start {}; start {} had a {} too: see --start",
            story.life,
            others.join(", "),
            story.call
        );
    }
    replay::say(&if args.json { written(&story) } else { told(&story) });
    Ok(())
}

fn data_dir(args: &Call) -> Result<PathBuf, Failure> {
    let file = args.config.display();
    let loaded = config::load(&args.config, Clock::start().now()).map_err(|_| {
        Failure::Failed(format!("say where the journal is by --journal: {file} cannot be used"))
    })?;
    loaded.config.data_dir.ok_or_else(|| {
        Failure::Failed(format!("{file} names no server.data_dir, so no journal is kept"))
    })
}

fn told(story: &Story) -> String {
    let summary = story.summary();
    if summary.is_empty() { story.to_string() } else { format!("{story}\nIn short: {summary}.") }
}

fn written(story: &Story) -> String {
    let Story { call, id, life, arrived, caller, dialled, sip_call_id, steps } = story;
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            json!({
                "after_seconds": step.after.as_secs_f64(),
                "time": rfc3339(*arrived + step.after),
                "kind": step.kind.word(),
                "says": step.says,
            })
        })
        .collect();
    json!({
        "call": id.map_or_else(|| call.to_string(), |id| id.to_string()),
        "number": call.to_string(),
        "start": life,
        "arrived": rfc3339(*arrived),
        "caller": caller,
        "dialled": dialled,
        "sip_call_id": sip_call_id,
        "summary": story.summary(),
        "steps": steps,
    })
    .to_string()
}
