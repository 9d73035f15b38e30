//! `lotse staff roster`: who works when, so that enough are there.

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    cli::{
        failure::Failure,
        staff::{
            say::{say, say_json},
            sheet::{self, Sheet, clock},
            show, values,
        },
    },
    staff::roster::{
        kind::{Kind, PAID_MAX},
        plan::{self, Roster, Shift, Task},
    },
};

/// A day of more slots than these is planned in coarser ones.
const SLOTS_MAX: usize = 288;
/// More agents at once are a slip of the keyboard.
const REQUIRED_MAX: f64 = 100_000.0;
/// How long the solver may look for a better roster, for each of its few questions.
const SECONDS_MAX: f64 = 15.0;

/// What is required, and what shifts there are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A CSV file, - for the input: a row for each interval, with the columns `from` (7:30) and
    /// `required`; without headings the last column counts.
    #[arg(long, value_name = "FILE")]
    required: String,
    /// The paid hours of a shift; beyond six there is an unpaid break in its middle.
    #[arg(long, value_name = "SPANS", value_delimiter = ',', default_value = "4h,6h,8h")]
    #[arg(value_parser = values::length, allow_hyphen_values = true)]
    shifts: Vec<f64>,
    /// Not more people than these; where they are too few, it says when.
    #[arg(long, value_name = "PEOPLE", value_parser = values::agents)]
    heads: Option<u32>,
    /// What is to be least in the first place.
    #[arg(long, value_name = "WHAT", default_value = "heads")]
    fewest: Fewest,
    /// How long an interval is, if the file has no times.
    #[arg(long, value_name = "SPAN", default_value = "30m", value_parser = values::length, allow_hyphen_values = true)]
    interval: f64,
    /// When the first interval begins, if the file has no times.
    #[arg(long, value_name = "TIME", default_value = "7:30", value_parser = time)]
    from: u32,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// What is to be least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fewest {
    /// People who must come.
    Heads,
    /// Hours that are paid.
    Hours,
}

/// What is required, from when on, and in steps of how many minutes.
struct Need {
    from: u32,
    slot: u32,
    required: Vec<u32>,
}

#[derive(Debug, Serialize)]
struct Answer {
    heads: usize,
    paid_hours: f64,
    shifts: Vec<Duty>,
    short: Vec<Short>,
    /// What the best roster by each measure alone would need; they may be two rosters.
    heads_min: u32,
    paid_hours_min: f64,
    /// Whether it is proven that no roster is better.
    proven: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Duty {
    from: String,
    to: String,
    #[serde(rename = "break")]
    rest: Option<Between>,
    paid_hours: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Between {
    from: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct Short {
    from: String,
    to: String,
    required: u32,
    on_duty: u32,
    missing: u32,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let need = need(args)?;
    let kinds =
        args.shifts.iter().map(|shift| kind(*shift, need.slot)).collect::<Result<Vec<_>, _>>()?;
    let task = Task {
        required: &need.required,
        kinds: &kinds,
        heads_max: args.heads,
        fewest: match args.fewest {
            Fewest::Heads => plan::Fewest::Heads,
            Fewest::Hours => plan::Fewest::Hours,
        },
        seconds_max: SECONDS_MAX,
    };
    let roster = plan::plan(&task).map_err(|why| Failure::Failed(why.to_string()))?;
    let answer = need.answer(&roster);
    if args.json {
        return say_json(&answer);
    }
    say(&need.page(&answer, &roster));
    Ok(())
}

/// Reads what is required.
fn need(args: &Args) -> Result<Need, Failure> {
    let sheet = Sheet::read(&args.required)?;
    let rows = sheet.rows();
    // A single row without a time is a list of numbers.
    if let [row] = rows
        && row.cells().iter().all(|cell| sheet::minutes(cell).is_none())
    {
        let cells = 0..row.cells().len();
        let required = cells.map(|column| count(&sheet, row, column)).collect::<Result<_, _>>()?;
        return untimed(args, required);
    }
    let last = rows.first().map_or(0, |row| row.cells().len().saturating_sub(1));
    let column =
        sheet.needed("what is required", &["required", "agents", "need", "needed"], last)?;
    let required =
        rows.iter().map(|row| count(&sheet, row, column)).collect::<Result<Vec<_>, _>>()?;
    if required.len() > SLOTS_MAX {
        return Err(
            sheet.faulty(&format!("{} rows: a day has at most {SLOTS_MAX}", required.len()))
        );
    }
    let times = sheet.column(&["from", "time", "start", "interval", "slot"]).unwrap_or(0);
    let has_times = |row: &sheet::Row| {
        row.cells().get(times).is_some_and(|cell| times != column && sheet::minutes(cell).is_some())
    };
    match rows {
        [first, second, ..] if has_times(first) => {
            let from = sheet.time(first, times)?;
            let slot = sheet.time(second, times)?.saturating_sub(from);
            for (row, expected) in rows.iter().zip((0..).map(|step| from + step * slot)) {
                if slot == 0 || sheet.time(row, times)? != expected % (24 * 60) {
                    return Err(sheet.fault(row, "intervals follow one another, all equally long"));
                }
            }
            Ok(Need { from, slot, required })
        }
        [one] if has_times(one) => {
            Ok(Need { from: sheet.time(one, times)?, ..untimed(args, required)? })
        }
        _ => untimed(args, required),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most a day.
fn untimed(args: &Args, required: Vec<u32>) -> Result<Need, Failure> {
    let slot = (args.interval / 60.0) as u32;
    if slot == 0 || args.interval % 60.0 > 0.0 {
        return Err(Failure::Usage("--interval: whole minutes are wanted, as in 30m".to_owned()));
    }
    Ok(Need { from: args.from, slot, required })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Checked.
fn count(sheet: &Sheet, row: &sheet::Row, column: usize) -> Result<u32, Failure> {
    let number = sheet.number(row, column)?;
    if number > REQUIRED_MAX {
        return Err(sheet.fault(row, &format!("{number} agents are more than {REQUIRED_MAX}")));
    }
    // Half an agent more is one.
    Ok(number.ceil() as u32)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most a day.
fn kind(seconds: f64, slot: u32) -> Result<Kind, Failure> {
    let paid = (seconds / 60.0).round() as u32;
    Kind::new(paid, slot).ok_or_else(|| {
        Failure::Usage(format!(
            "--shifts: {} is no shift: it takes whole intervals of {slot} minutes, and at most {} h (ArbZG § 3)",
            show::span(seconds),
            PAID_MAX / 60
        ))
    })
}

fn time(text: &str) -> Result<u32, String> {
    sheet::minutes(text).ok_or_else(|| "a time of day is wanted, as in 7:30".to_owned())
}

fn hours(minutes: u32) -> f64 {
    f64::from(minutes) / 60.0
}

impl Need {
    #[allow(clippy::cast_possible_truncation)] // At most a day's slots.
    fn at(&self, slot: usize) -> String {
        clock(self.from + slot as u32 * self.slot)
    }

    fn between(&self, (from, to): (usize, usize)) -> Between {
        Between { from: self.at(from), to: self.at(to) }
    }

    fn duty(&self, shift: &Shift) -> Duty {
        Duty {
            from: self.at(shift.from),
            to: self.at(shift.to),
            rest: shift.rest.map(|rest| self.between(rest)),
            paid_hours: hours(shift.paid),
        }
    }

    fn answer(&self, roster: &Roster) -> Answer {
        let slots = self.required.iter().zip(&roster.on_duty).enumerate();
        let short = slots.filter(|(_, (required, on_duty))| on_duty < required);
        Answer {
            heads: roster.heads(),
            paid_hours: hours(roster.paid()),
            shifts: roster.shifts.iter().map(|shift| self.duty(shift)).collect(),
            short: short
                .map(|(slot, (&required, &on_duty))| Short {
                    from: self.at(slot),
                    to: self.at(slot + 1),
                    required,
                    on_duty,
                    missing: required - on_duty,
                })
                .collect(),
            heads_min: roster.heads_min,
            paid_hours_min: hours(roster.paid_min),
            proven: roster.is_best,
        }
    }

    /// For people: the shifts, then the day.
    fn page(&self, answer: &Answer, roster: &Roster) -> String {
        let shifts = answer.shifts.chunk_by(|a, b| a == b).filter_map(|alike| {
            let one = alike.first()?;
            let rest =
                one.rest.as_ref().map_or("-".to_owned(), |it| format!("{}-{}", it.from, it.to));
            Some(vec![
                alike.len().to_string(),
                one.from.clone(),
                one.to.clone(),
                rest,
                format!("{} h", one.paid_hours),
            ])
        });
        let shifts =
            show::table(&["PEOPLE", "FROM", "TO", "BREAK", "PAID"], &shifts.collect::<Vec<_>>());
        let slots = self.required.iter().zip(&roster.on_duty).enumerate();
        let slots = slots.map(|(slot, (required, on_duty))| {
            let word = match required.checked_sub(*on_duty) {
                Some(missing) if missing > 0 => format!("{missing} short"),
                _ => String::new(),
            };
            vec![self.at(slot), required.to_string(), on_duty.to_string(), word]
        });
        let slots = show::table(&["FROM", "REQUIRED", "ON DUTY", ""], &slots.collect::<Vec<_>>());
        let short: u32 = answer.short.iter().map(|it| it.missing * self.slot).sum();
        let sum = match (short, answer.proven) {
            (0, true) => "nobody is missing, and no roster is better".to_owned(),
            (0, false) => {
                "nobody is missing; time ran out before it was proven the best".to_owned()
            }
            (short, _) => format!(
                "{} agent hours are missing; {} people would be enough",
                hours(short),
                answer.heads_min
            ),
        };
        let (heads, paid) = (answer.heads, answer.paid_hours);
        format!("{heads} people, {paid} paid hours: {sum}\n\n{shifts}\n{slots}")
    }
}
