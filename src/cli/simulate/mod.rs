//! `lotse simulate`: days of a scenario, played with the engine that runs in production. Shows what
//! becomes of callers, and what one agent more or another rule would change.

mod compare;
mod days;
mod picture;
mod table;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args as Arguments;

use crate::{
    cli::failure::Failure,
    config::{fault::Faults, show},
    scenario::{self, what_if::WhatIf},
    sim::traffic::{full, ledger::Day, play, report::Report, scenario::Scenario},
};

/// Which day, how often, and what to show of it.
#[derive(Debug, Arguments)]
#[command(after_help = "\
A day is played in about a millisecond, so ask for many: the figures then say how sure they are.
  lotse simulate config/scenarios/leipzig-2019-monday.toml --runs 250
  lotse simulate FILE --what-if agents=+1 --what-if reserve=0 --what-if volume=3x
Changes: agents[.CREW]=+1, volume[.CALLERS]=3x, aht=300s, patience=+10%, reserve[.SKILL]=0,
theta[.SKILL]=12s, target[.QUEUE]=30s, wrap_up, ring, unanswered, phone_failures.
docs/SIMULATION.md explains the file and the figures.")]
pub(super) struct Args {
    /// The scenario.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many days to play, each from its own seed.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    runs: u32,
    /// What the days grow from. The same seed gives the same figures, to the byte.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Drive the whole exchange, with SIP and the file's network, and hold it after every step against
    /// what must always be so. A thousand times slower.
    #[arg(long)]
    full: bool,
    /// Draw the day into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Play the same days with one thing changed, and print the difference. May be said several times,
    /// each for itself.
    #[arg(long, value_name = "KEY=AMOUNT")]
    what_if: Vec<WhatIf>,
}

/// Plays the days and shows what came of them.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let scenario = load(&args.file)?;
    if args.full && scenario.expected() * 2.0 > f64::from(full::PEOPLE_MAX) {
        let most = full::PEOPLE_MAX / 2;
        return Err(Failure::Usage(format!("--full plays days of at most {most} callers")));
    }
    let others: Vec<(&WhatIf, Scenario)> = args
        .what_if
        .iter()
        .map(|what_if| Ok((what_if, what_if.apply(&scenario)?)))
        .collect::<Result<_, _>>()
        .map_err(|why: scenario::what_if::Nonsense| Failure::Usage(format!("--what-if {why}")))?;

    let all = u64::from(args.runs) * (others.len() as u64 + 1);
    let progress = days::Progress::new(all);
    let play = if args.full { full::day } else { play::day };
    let days = days::play(&scenario, play, args.seed, args.runs, &progress);
    let report = Report::new(&scenario, args.seed, &days);
    let compared: Vec<compare::Compared> = others
        .iter()
        .map(|(what_if, other)| {
            let played = days::play(other, play, args.seed, args.runs, &progress);
            compare::Compared::new(what_if.to_string(), &scenario, &days, &played)
        })
        .collect();
    drop(progress);

    let text = if args.json {
        json(&report, &compared)?
    } else {
        let mut text = table::report(&report);
        text.push_str(&table::compared(&compared));
        text
    };
    if let Some(path) = &args.svg {
        let failed = |why| Failure::Failed(format!("cannot write {}: {why}", path.display()));
        std::fs::write(path, picture::draw(&report)).map_err(failed)?;
    }
    // A reader who has gone away has read enough.
    drop(io::stdout().write_all(text.as_bytes()));
    faultless(args.seed, &days)
}

/// Fails if anything did not hold, and says on which day.
fn faultless(seed: u64, days: &[Day]) -> Result<(), Failure> {
    let faulty = (0..).zip(days).filter(|(_, day)| !day.faults.is_empty());
    let told = faulty.map(|(run, day): (u64, &Day)| {
        format!("day {run} of seed {seed}:\n  {}", day.faults.join("\n  "))
    });
    match told.collect::<Vec<_>>().join("\n") {
        told if told.is_empty() => Ok(()),
        told => Err(Failure::Failed(format!("something broke: {told}"))),
    }
}

/// Reads the scenario; shows what is wrong with it, or only probably not meant so.
pub(super) fn load(path: &Path) -> Result<Scenario, Failure> {
    let drawn = |faults: &Faults| show::drawn_for_eyes(faults);
    let (scenario, warnings) =
        scenario::load(path).map_err(|faults| Failure::Configuration(drawn(&faults)))?;
    drop(io::stderr().write_all(drawn(&warnings).as_bytes()));
    Ok(scenario)
}

fn json(report: &Report, compared: &[compare::Compared]) -> Result<String, Failure> {
    let failed = |why| Failure::Failed(format!("the figures cannot be written: {why}"));
    let mut value = serde_json::to_value(report).map_err(failed)?;
    if let (Some(object), false) = (value.as_object_mut(), compared.is_empty()) {
        object.insert("what_if".into(), serde_json::to_value(compared).map_err(failed)?);
    }
    let mut text = serde_json::to_string_pretty(&value).map_err(failed)?;
    text.push('\n');
    Ok(text)
}
