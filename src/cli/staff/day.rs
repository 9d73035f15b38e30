//! `lotse staff day`: how many agents each interval of a day takes.

use serde::Serialize;

use crate::{
    cli::{
        failure::Failure,
        staff::{
            demand::{self, Demand, Source},
            needed::{Promised, too_much},
            say::{say, say_json},
            sheet::clock,
            show::{self, percent},
        },
    },
    staff::{
        day::{self, Interval},
        load::Load,
        required::scheduled,
    },
};

/// A day's calls and a promise.
#[derive(Debug, clap::Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// Reckon with loads a handling time later than the calls, as agents feel them.
    #[arg(long)]
    lag: bool,
    #[command(flatten)]
    promise: Promised,
    /// One JSON object.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// A CSV file, as `lotse staff roster --required` takes it.
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    intervals: Vec<Row>,
    calls: f64,
    agent_hours: f64,
    service_level: f64,
    sl_formula: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    from: String,
    calls: f64,
    aht_seconds: f64,
    erlangs: f64,
    agents: u32,
    scheduled: u32,
    service_level: f64,
    service_level_one_less: Option<f64>,
    service_level_one_more: f64,
    occupancy: f64,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Demand { intervals: demand, length_s } = demand::read(&args.source)?;
    let mut loads: Vec<Load> =
        demand.iter().map(|it| Load::new(it.calls * 3600.0 / length_s, it.aht_s)).collect();
    if args.lag {
        loads = day::lagged(&loads, length_s);
    }
    let intervals = loads.iter().zip(&demand).map(|(load, asked)| {
        Interval::new(args.promise.model(), &args.promise.promise(), *load)
            .ok_or_else(|| too_much(*load, &clock(asked.from)))
    });
    let intervals = intervals.collect::<Result<Vec<_>, _>>()?;
    let rows = intervals.iter().zip(&demand).map(|(interval, asked)| Row {
        from: clock(asked.from),
        calls: asked.calls,
        aht_seconds: asked.aht_s,
        erlangs: interval.load.erlangs(),
        agents: interval.agents,
        scheduled: scheduled(interval.agents, args.promise.shrinkage),
        service_level: interval.level,
        service_level_one_less: interval.level_one_less,
        service_level_one_more: interval.level_one_more,
        occupancy: interval.occupancy,
    });
    let answer = Answer {
        calls: demand.iter().map(|it| it.calls).sum(),
        agent_hours: intervals.iter().map(|it| f64::from(it.agents)).sum::<f64>() * length_s
            / 3600.0,
        service_level: day::level(&intervals),
        sl_formula: "F3",
        intervals: rows.collect(),
    };
    if args.json {
        return say_json(&answer);
    }
    say(&if args.csv { csv(&answer) } else { page(args, &answer) });
    Ok(())
}

fn csv(answer: &Answer) -> String {
    answer.intervals.iter().fold("from,required,scheduled,calls,aht\n".to_owned(), |text, row| {
        let Row { from, agents, scheduled, calls, aht_seconds, .. } = row;
        text + &format!("{from},{agents},{scheduled},{calls},{aht_seconds}\n")
    })
}

fn page(args: &Args, answer: &Answer) -> String {
    let rows = answer.intervals.iter().map(|row| {
        vec![
            row.from.clone(),
            format!("{:.0}", row.calls),
            format!("{:.0} s", row.aht_seconds),
            format!("{:.2}", row.erlangs),
            row.agents.to_string(),
            row.scheduled.to_string(),
            percent(row.service_level),
            row.service_level_one_less.map_or("-".to_owned(), percent),
            percent(row.occupancy),
        ]
    });
    let headings =
        ["FROM", "CALLS", "AHT", "ERLANGS", "AGENTS", "SCHEDULED", "IN TIME", "ONE LESS", "BUSY"];
    format!(
        "{}\n\n{}\n{:.0} calls, {} agent hours, {} of all callers in time\n",
        args.promise.words(),
        show::table(&headings, &rows.collect::<Vec<_>>()),
        answer.calls,
        answer.agent_hours,
        percent(answer.service_level)
    )
}
