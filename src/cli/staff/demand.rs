//! What a day asks for: how many call in each interval and how long they take, from a table or from
//! a scenario of `lotse simulate`.

use std::path::{Path, PathBuf};

use crate::{
    cli::{
        failure::Failure,
        simulate::load,
        staff::{
            sheet::{self, Sheet},
            values,
        },
    },
    sim::traffic::scenario::{Arrivals, Callers, Scenario},
};

/// Where a day stands written.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    #[command(flatten)]
    file: File,
    /// The column to plan for: `high` of a forecast is cautious.
    #[arg(long, value_name = "NAME", default_value = "calls", conflicts_with = "scenario")]
    column: String,
    /// Mean handling time where the table has none.
    #[arg(long, value_name = "SPAN", value_parser = values::length, allow_hyphen_values = true)]
    #[arg(conflicts_with = "scenario")]
    aht: Option<f64>,
    /// How long the table's last interval is; the others last until the next begins.
    #[arg(long, value_name = "SPAN", default_value = "30m", value_parser = values::length)]
    #[arg(conflicts_with = "scenario", allow_hyphen_values = true)]
    interval: f64,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct File {
    /// A CSV file, - for the input: a row for each interval, with the columns `from` (7:30), `calls`
    /// in that interval and, if it is known, `aht` in seconds.
    #[arg(long, value_name = "FILE")]
    calls: Option<String>,
    /// A scenario, as `lotse simulate` plays it: all its callers in one line, before agents who can
    /// do everything.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

/// A day, by intervals of one length.
#[derive(Debug, PartialEq)]
pub(super) struct Demand {
    pub(super) intervals: Vec<Interval>,
    pub(super) length_s: f64,
}

/// What an interval asks for.
#[derive(Debug, PartialEq)]
pub(super) struct Interval {
    /// Minutes after midnight.
    pub(super) from: u32,
    pub(super) calls: f64,
    pub(super) aht_s: f64,
}

/// Reads the file that was named.
pub(super) fn read(source: &Source) -> Result<Demand, Failure> {
    match (&source.file.scenario, &source.file.calls) {
        (Some(path), _) => of_scenario(path),
        (None, Some(path)) => of_table(&Sheet::read(path)?, source),
        (None, None) => Err(Failure::Usage("name a day: --calls FILE or --scenario FILE".into())),
    }
}

fn of_table(sheet: &Sheet, source: &Source) -> Result<Demand, Failure> {
    let from = sheet.needed("the beginnings", &["from", "time", "start", "interval"], 0)?;
    let calls = sheet.needed("the calls", &[&source.column.to_lowercase()], 1)?;
    let aht = sheet.column(&["aht", "aht_seconds", "aht_s"]);
    let one = |row: &sheet::Row| {
        let aht_s = match (aht, source.aht) {
            (Some(column), _) if row.cells().get(column).is_some_and(|cell| !cell.is_empty()) => {
                sheet.number(row, column)?
            }
            (_, Some(aht_s)) => aht_s,
            (_, None) => {
                let what = "no handling time: write it into a column aht, or say --aht 4m";
                return Err(sheet.fault(row, what));
            }
        };
        if !(0.001..=86_400.0).contains(&aht_s) {
            return Err(sheet.fault(row, &format!("a handling time of {aht_s} s is none")));
        }
        Ok(Interval { from: sheet.time(row, from)?, calls: sheet.number(row, calls)?, aht_s })
    };
    let intervals = sheet.rows().iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let length_s = match intervals.as_slice() {
        [first, second, ..] if second.from > first.from => {
            f64::from(second.from - first.from) * 60.0
        }
        _ => source.interval,
    };
    Ok(Demand { intervals, length_s })
}

fn of_scenario(path: &Path) -> Result<Demand, Failure> {
    let demand = planned(&load(path)?);
    if demand.intervals.iter().all(|it| it.calls == 0.0) {
        let path = path.display();
        return Err(Failure::Usage(format!("{path}: nobody calls on that day")));
    }
    Ok(demand)
}

/// What a scenario asks for. Handling is speaking and wrapping up, by how many call of each kind;
/// where nobody calls it is the day's.
fn planned(day: &Scenario) -> Demand {
    let works: Vec<f64> = day.callers.iter().map(|callers| work(day, callers)).collect();
    let totals = |place: Option<usize>| {
        let kinds = day.callers.iter().zip(&works);
        kinds.fold((0.0, 0.0), |(calls, work), (callers, each)| {
            let came = expected(day, callers, place);
            (calls + came, work + came * each)
        })
    };
    let mean = |(calls, work): (f64, f64)| if calls > 0.0 { Some(work / calls) } else { None };
    let of_day = mean(totals(None)).unwrap_or(1.0);
    let intervals = (0..day.intervals()).map(|place| {
        let total = totals(Some(place));
        let begins = day.opens + day.interval * place as u64;
        Interval {
            from: u32::try_from(begins.0 / 60_000_000).unwrap_or(u32::MAX),
            calls: total.0,
            aht_s: mean(total).unwrap_or(of_day).max(0.001),
        }
    });
    Demand { intervals: intervals.collect(), length_s: day.interval.as_secs_f64() }
}

/// How long an agent is busy with a caller of that kind, in seconds.
fn work(day: &Scenario, callers: &Callers) -> f64 {
    let queue = day.plan.queues.get(callers.queue.index());
    let limit = queue.map_or(0.0, |queue| queue.wrap_up.as_secs_f64());
    callers.handling.mean() + callers.wrap_up.as_ref().map_or(limit, |law| law.mean().min(limit))
}

/// How many of that kind call in an interval, or all day.
fn expected(day: &Scenario, callers: &Callers, place: Option<usize>) -> f64 {
    match (&callers.arrivals, place) {
        (Arrivals::Expected(each), Some(place)) => each.get(place).copied().unwrap_or_default(),
        (Arrivals::Expected(each), None) => each.iter().sum(),
        (Arrivals::Times(times), place) => {
            let is_in = |at: u64| at.saturating_sub(day.opens.0) / day.interval.0.max(1);
            let here = |at: u64| place.is_none_or(|place| is_in(at) == place as u64);
            times.iter().filter(|at| here(at.0)).map(|_| 1.0).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read;

    #[test]
    fn a_scenario_asks_for_all_who_call_and_for_the_mean_of_what_they_take() {
        let text = "[day]\nname = \"d\"\nopens = \"08:00\"\ncloses = \"09:00\"\n\
            [[skill]]\nname = \"s\"\n[[queue]]\nname = \"q\"\nskills = [\"s\"]\nwrap_up = \"20s\"\n\
            [[callers]]\nname = \"many\"\nqueue = \"q\"\nper_day = 60\nshape = [1, 2]\n\
            handling = { mean = \"100s\" }\n\
            [[callers]]\nname = \"few\"\nqueue = \"q\"\narrivals = [\"08:10\", \"08:20\"]\n\
            handling = { law = \"fixed\", mean = \"210s\" }\n\
            wrap_up = { law = \"fixed\", mean = \"10s\" }\n\
            [[agents]]\nname = \"a\"\nskills = [\"s\"]\ncount = 9\n";
        let (day, _) = read::read("day.toml", text).unwrap();
        let demand = planned(&day);
        assert_eq!(demand.length_s.to_string(), "1800");
        let told: Vec<_> = demand.intervals.iter().map(|it| (it.from, it.calls.round())).collect();
        assert_eq!(told, [(480, 22.0), (510, 40.0)]);
        let aht = demand.intervals.iter().map(|it| it.aht_s.round()).collect::<Vec<_>>();
        assert_eq!(aht, [129.0, 120.0]);
    }
}
