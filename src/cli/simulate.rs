//! `lotse simulate`: days at a virtual exchange, from seeds. Shows what a change of ours does to
//! callers, and finds what breaks before they do.

use clap::Args as Arguments;

use crate::{
    base::time::Span,
    cli::Failure,
    sim::{
        day::{self, Config},
        wire::Weather,
    },
};

/// How many days, and what they are like.
#[derive(Debug, Arguments)]
pub(super) struct Args {
    /// How many days to live through.
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// The first seed; a day that went wrong is had again by its own.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Calls a day.
    #[arg(long, default_value_t = 300)]
    calls: u16,
    /// Agents at work.
    #[arg(long, default_value_t = 12)]
    agents: u16,
    /// In how many seconds the calls come.
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    within: u64,
    /// A network that loses nothing, and nothing else that goes wrong.
    #[arg(long)]
    fair: bool,
    /// One JSON object a day.
    #[arg(long)]
    json: bool,
}

/// Lives through the days, a line each. Fails if anything broke.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let config = Config {
        calls: args.calls,
        agents: args.agents,
        span: Span::secs(args.within),
        weather: if args.fair { Weather::FAIR } else { Weather::FOUL },
        trouble: !args.fair,
    };
    let mut broken = vec![];
    for seed in (args.seed..).take(usize::try_from(args.seeds).unwrap_or(usize::MAX)) {
        let summary = day::run(seed, &config);
        if args.json {
            let line = serde_json::to_string(&summary)
                .map_err(|why| Failure::Failed(format!("the summary cannot be written: {why}")))?;
            println!("{line}");
        } else {
            println!("{summary}");
        }
        if !summary.faults.is_empty() {
            broken.push(seed.to_string());
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "something broke on the days of seed {}: see the lines under each",
        broken.join(", ")
    )))
}
