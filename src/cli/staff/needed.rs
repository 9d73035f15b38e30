//! `lotse staff required`: the fewest agents who keep a promise.

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    cli::{
        failure::Failure,
        staff::{
            say::{say, say_json},
            show::{self, list, percent, typed_percent},
            values::{self, Traffic},
        },
    },
    staff::{
        load::Load,
        required::{AGENTS_MAX, Model, Promise, scheduled},
    },
};

/// A load and a promise.
#[derive(Debug, clap::Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct Args {
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    promise: Promised,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// What is promised, and by which model it is reckoned.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Promised {
    /// The share of callers who are to reach an agent in time.
    #[arg(long, value_name = "SHARE", default_value = "0.9", value_parser = values::target)]
    pub target: f64,
    /// In time is a wait of at most so much.
    #[arg(long, value_name = "SPAN", default_value = "20s", value_parser = values::span, allow_hyphen_values = true)]
    pub within: f64,
    /// What callers do who have to wait.
    #[arg(long, default_value = "c")]
    pub model: Formula,
    /// With model a: how long callers wait on average before they give up.
    #[arg(long, value_name = "SPAN", default_value = "180s", value_parser = values::length, allow_hyphen_values = true)]
    pub patience: f64,
    /// The share of paid time that is spent otherwise: breaks, training, illness.
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = values::shrinkage)]
    pub shrinkage: f64,
    /// Agents are to be busy no more than this share of their time.
    #[arg(long, value_name = "SHARE", default_value = "1", value_parser = values::ceiling)]
    pub max_occupancy: f64,
}

/// A formula by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Formula {
    /// Erlang A: they give up after a while.
    A,
    /// Erlang C: they wait for ever.
    C,
}

impl Promised {
    pub(super) fn promise(&self) -> Promise {
        let (share, within_s) = (self.target, self.within);
        Promise { share, within_s, occupancy_max: self.max_occupancy }
    }

    pub(super) fn model(&self) -> Model {
        match self.model {
            Formula::A => Model::Impatient { patience_s: self.patience },
            Formula::C => Model::Patient,
        }
    }

    /// The formula and the promise, as a heading has them.
    pub(super) fn words(&self) -> String {
        let model = match self.model {
            Formula::A => format!("Erlang A (callers give up after {})", show::span(self.patience)),
            Formula::C => "Erlang C (callers wait for ever)".to_owned(),
        };
        let busy = if self.max_occupancy < 1.0 {
            format!(", agents busy at most {}", typed_percent(self.max_occupancy))
        } else {
            String::new()
        };
        format!(
            "{model}, {} within {} (F3){busy}",
            typed_percent(self.target),
            show::span(self.within)
        )
    }
}

#[derive(Debug, Serialize)]
struct Answer {
    agents: u32,
    scheduled: u32,
    service_level: f64,
    service_level_one_less: Option<f64>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let (load, promised) = (args.traffic.load(), &args.promise);
    let agents = promised.model().agents_for(load, &promised.promise());
    let agents = agents.ok_or_else(|| too_much(load, "--calls-per-hour, --aht"))?;
    let level = |agents| promised.model().service_level(agents, load, promised.within);
    let answer = Answer {
        agents,
        scheduled: scheduled(agents, promised.shrinkage),
        // Where nobody calls, nobody is late.
        service_level: if agents == 0 { 1.0 } else { level(agents) },
        service_level_one_less: agents.checked_sub(1).map(level),
    };
    if args.json {
        return say_json(&answer);
    }
    let heading = format!(
        "{}\n{} calls an hour of {}, {:.2} erlangs",
        promised.words(),
        load.calls_per_hour,
        show::span(load.aht_s),
        load.erlangs()
    );
    let less = answer.service_level_one_less.map_or("-".to_owned(), percent);
    let paid = format!("with {} of paid time spent otherwise", typed_percent(promised.shrinkage));
    say(&list(
        &heading,
        &[
            ("agents", agents.to_string(), "at their phones".to_owned()),
            ("scheduled", answer.scheduled.to_string(), paid),
            ("in time", percent(answer.service_level), String::new()),
            ("with one less", less, String::new()),
            ("busy", percent(promised.model().occupancy(agents, load)), String::new()),
        ],
    ));
    Ok(())
}

/// Why nobody is found who keeps it before `load`; `whose` load it is.
pub(super) fn too_much(load: Load, whose: &str) -> Failure {
    Failure::Usage(format!(
        "{whose}: {:.0} erlangs take more than {AGENTS_MAX} agents, and so many are not looked for: \
         are the calls those of an hour, and the handling time that of one call?",
        load.erlangs()
    ))
}
