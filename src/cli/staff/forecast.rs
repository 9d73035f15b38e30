//! `lotse staff forecast`: how many will call on a day, by those who called on days like it.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use crate::{
    cli::{
        failure::Failure,
        staff::{
            say::{say, say_json},
            sheet::{Row, Sheet, clock},
            show::{self, percent},
        },
    },
    staff::forecast::{
        calendar::Kind,
        history::{Counted, History},
        predict::{self, Events, Forecast, Trial},
    },
};

/// A history and a day.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A CSV file, - for the input: a row for each interval of each day, with the columns `date`
    /// (2026-11-23), `from` (7:30), `calls` and, if it is known, `aht` in seconds.
    #[arg(long, value_name = "FILE")]
    history: String,
    /// The day; else the next after the history that has one like it.
    #[arg(long, value_name = "DATE", value_parser = date)]
    date: Option<Date>,
    /// By how much more or less people called, or will call, on a day: 2026-11-30=1.3. May stand
    /// several times.
    #[arg(long, value_name = "DATE=FACTOR", value_parser = event)]
    event: Vec<(Date, f64)>,
    /// What came so far on that day: a CSV file with the columns `from` and `calls`.
    #[arg(long, value_name = "FILE")]
    actual: Option<String>,
    /// One JSON object.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// A CSV file, as `lotse staff day --calls` takes it.
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    date: String,
    day: &'static str,
    calls: f64,
    intervals: Vec<Interval>,
    alike: Vec<String>,
    /// How good the forecasts of the last days would have been.
    wape: Option<f64>,
    coverage_80: Option<f64>,
    tried_days: usize,
}

#[derive(Debug, Serialize)]
struct Interval {
    from: String,
    calls: f64,
    low: f64,
    high: f64,
    aht_seconds: Option<f64>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let history = read_history(&args.history)?;
    let events: Events = args.event.iter().copied().collect();
    let mut forecast = match args.date {
        Some(date) => predict::forecast(&history, &events, date),
        None => next(&history, &events)?,
    };
    if let Some(path) = &args.actual {
        forecast = forecast.after(&read_actual(path)?);
    }
    let trial = predict::trial(&history, &events);
    let answer = answer(&forecast, trial);
    if args.json {
        return say_json(&answer);
    }
    say(&if args.csv { csv(&answer) } else { page(&answer, &forecast) });
    Ok(())
}

/// The first day after the history that has a day like it.
fn next(history: &History, events: &Events) -> Result<Forecast, Failure> {
    let last = history.days().next();
    let days = (1..=7).filter_map(|days| last?.checked_add(days.days()).ok());
    let mut forecasts = days.map(|date| predict::forecast(history, events, date));
    forecasts.find(|it| !it.intervals.is_empty()).ok_or_else(|| {
        Failure::Usage(
            "the week after the history has no day like one in it: say --date".to_owned(),
        )
    })
}

fn read_history(path: &str) -> Result<History, Failure> {
    let sheet = Sheet::read(path)?;
    let day = sheet.needed("the days", &["date", "day", "start", "datetime", "timestamp"], 0)?;
    let from = sheet.needed(
        "the beginnings",
        &["from", "time", "interval", "start", "datetime", "timestamp"],
        1,
    )?;
    let calls = sheet.needed("the calls", &["calls", "offered", "count"], 2)?;
    let aht = sheet.column(&["aht", "aht_seconds", "aht_s"]);
    let mut history = History::default();
    for row in sheet.rows() {
        let date = day_of(&sheet, row, day)?;
        let has_aht =
            |column: &usize| row.cells().get(*column).is_some_and(|cell| !cell.is_empty());
        let aht_s = aht.filter(has_aht).map(|column| sheet.number(row, column)).transpose()?;
        let counted = Counted { calls: sheet.number(row, calls)?, aht_s };
        if history.keep(date, sheet.time(row, from)?, counted).is_some() {
            return Err(sheet.fault(row, "this interval stands in the file twice"));
        }
    }
    Ok(history)
}

fn read_actual(path: &str) -> Result<BTreeMap<u32, f64>, Failure> {
    let sheet = Sheet::read(path)?;
    let from = sheet.needed("the beginnings", &["from", "time", "interval", "start"], 0)?;
    let calls = sheet.needed("the calls", &["calls", "offered", "count"], 1)?;
    sheet.rows().iter().map(|row| Ok((sheet.time(row, from)?, sheet.number(row, calls)?))).collect()
}

fn day_of(sheet: &Sheet, row: &Row, column: usize) -> Result<Date, Failure> {
    let text = sheet.text(row, column)?;
    date(text.split(['T', ' ']).next().unwrap_or(text))
        .map_err(|why| sheet.fault(row, &format!("{text:?}: {why}")))
}

/// `2026-11-23`, or `23.11.2026`.
fn date(text: &str) -> Result<Date, String> {
    let german = || {
        let mut parts = text.split('.');
        let day: i8 = parts.next()?.parse().ok()?;
        let month: i8 = parts.next()?.parse().ok()?;
        Date::new(parts.next()?.parse().ok()?, month, day).ok()
    };
    let date = text.parse().ok().or_else(german);
    date.ok_or_else(|| "a date is wanted, as in 2026-11-23".to_owned())
}

fn event(text: &str) -> Result<(Date, f64), String> {
    let wanted = || "a date and a factor above 0 are wanted, as in 2026-11-30=1.3".to_owned();
    let (day, factor) = text.split_once('=').ok_or_else(wanted)?;
    let factor: f64 = factor.parse().map_err(|_| wanted())?;
    if !(0.001..=1000.0).contains(&factor) {
        return Err(wanted());
    }
    Ok((date(day)?, factor))
}

fn answer(forecast: &Forecast, trial: Option<Trial>) -> Answer {
    let intervals = forecast.intervals.iter().map(|(from, it)| Interval {
        from: clock(*from),
        calls: it.calls,
        low: it.low,
        high: it.high,
        aht_seconds: it.aht_s,
    });
    Answer {
        date: forecast.date.to_string(),
        day: match forecast.kind {
            Kind::Plain(_) => "plain",
            Kind::Bridge => "bridge",
            Kind::Holiday => "holiday",
        },
        calls: forecast.intervals.values().fold(0.0, |sum, it| sum + it.calls),
        intervals: intervals.collect(),
        alike: forecast.alike.iter().map(Date::to_string).collect(),
        wape: trial.map(|it| it.wape),
        coverage_80: trial.map(|it| it.coverage),
        tried_days: trial.map_or(0, |it| it.days),
    }
}

fn csv(answer: &Answer) -> String {
    answer.intervals.iter().fold("from,calls,low,high,aht\n".to_owned(), |text, it| {
        let aht = it.aht_seconds.map_or(String::new(), |aht| format!("{aht:.1}"));
        text + &format!("{},{:.2},{:.2},{:.2},{aht}\n", it.from, it.calls, it.low, it.high)
    })
}

fn page(answer: &Answer, forecast: &Forecast) -> String {
    let kind = match forecast.kind {
        Kind::Plain(weekday) => format!("{weekday:?}"),
        Kind::Bridge => "a bridge day".to_owned(),
        Kind::Holiday => "a public holiday of Saxony".to_owned(),
    };
    let heading = format!("{}, {kind}: {:.0} calls", answer.date, answer.calls);
    if answer.intervals.is_empty() {
        return format!("{heading}: the history has no day like it\n");
    }
    let rows = answer.intervals.iter().map(|it| {
        vec![
            it.from.clone(),
            format!("{:.1}", it.calls),
            format!("{:.0}-{:.0}", it.low, it.high),
            it.aht_seconds.map_or("-".to_owned(), |aht| format!("{aht:.0} s")),
        ]
    });
    let tried = match (answer.wape, answer.coverage_80) {
        (Some(wape), Some(coverage)) => format!(
            "On the last {} days it would have missed {} of the calls (WAPE),\nand {} of the intervals would have \
             been within the limits of 80 %.\n",
            answer.tried_days,
            percent(wape),
            percent(coverage)
        ),
        _ => "The history is too short to try it.\n".to_owned(),
    };
    format!(
        "{heading}\nby the weighted mean of the roots of {} days: {}\n\n{}\n{tried}",
        answer.alike.len(),
        answer.alike.join(", "),
        show::table(&["FROM", "CALLS", "80 % WITHIN", "AHT"], &rows.collect::<Vec<_>>())
    )
}
