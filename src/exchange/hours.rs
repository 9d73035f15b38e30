//! Hours of the week by the clock on the wall, and which day it is there.
//!
//! ```text
//! "mon-fri 07:00-19:00", "sat 09:00-12:00"   in Europe/Berlin
//! ```
//!
//! The zone is a value, made when the configuration is read; nothing here looks at a clock.

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;

use crate::base::time::Timestamp;

/// Minutes of a week.
const DAY: u16 = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When something is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// Whose clock is meant.
    pub zone: TimeZone,
    /// When; none: at any time.
    pub windows: Vec<Window>,
}

/// Some days of the week, from one time of day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// By day, Monday first.
    days: [bool; 7],
    /// Minutes since midnight, the first that is in.
    from: u16,
    /// The first that is out.
    until: u16,
}

/// A text that is no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWindow;

impl Default for Hours {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, windows: vec![] }
    }
}

impl Hours {
    /// Whether it is open.
    #[must_use]
    pub fn are_open(&self, now: Timestamp) -> bool {
        let local = self.local(now);
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute()));
        let minute = minute.unwrap_or(0);
        let holds =
            |it: &Window| it.days.get(day) == Some(&true) && (it.from..it.until).contains(&minute);
        self.windows.is_empty() || self.windows.iter().any(holds)
    }

    /// The day it is there, counted on and on.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> i32 {
        let date = self.local(now).date();
        i32::from(date.year()) * 366 + i32::from(date.day_of_year())
    }

    fn local(&self, now: Timestamp) -> jiff::civil::DateTime {
        let micros = i64::try_from(now.0).unwrap_or(i64::MAX);
        let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_datetime(at)
    }
}

impl FromStr for Window {
    type Err = NoWindow;

    /// Reads `mon-fri 07:00-19:00`, `sat 09:00-12:00`, or hours alone for every day.
    fn from_str(text: &str) -> Result<Self, NoWindow> {
        let (days, hours) = text.trim().rsplit_once(' ').unwrap_or(("mon-sun", text.trim()));
        let (from, until) = hours.split_once('-').ok_or(NoWindow)?;
        let (from, until) = (minute(from)?, minute(until)?);
        if from >= until {
            return Err(NoWindow);
        }
        Ok(Self { days: self::days(days.trim())?, from, until })
    }
}

fn days(text: &str) -> Result<[bool; 7], NoWindow> {
    let day = |name: &str| DAYS.iter().position(|it| it.eq_ignore_ascii_case(name)).ok_or(NoWindow);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    let mut days = [false; 7];
    for (number, is_in) in days.iter_mut().enumerate() {
        // `sat-mon` goes over the end of the week.
        *is_in = if first <= last {
            (first..=last).contains(&number)
        } else {
            number >= first || number <= last
        };
    }
    Ok(days)
}

/// `07:00` as minutes since midnight; `24:00` is the end of the day.
fn minute(text: &str) -> Result<u16, NoWindow> {
    let (hour, minute) = text.split_once(':').ok_or(NoWindow)?;
    let number = |text: &str| match text.len() {
        1 | 2 if text.bytes().all(|it| it.is_ascii_digit()) => text.parse().map_err(|_| NoWindow),
        _ => Err(NoWindow),
    };
    let (hour, minute): (u16, u16) = (number(hour)?, number(minute)?);
    let minutes = hour * 60 + minute;
    if minute < 60 && minutes <= DAY { Ok(minutes) } else { Err(NoWindow) }
}

impl fmt::Display for NoWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hours are written \"mon-fri 07:00-19:00\"")
    }
}

impl std::error::Error for NoWindow {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(u64::try_from(at.as_microsecond()).unwrap())
    }

    #[test]
    fn hours_are_those_of_the_clock_on_the_wall_in_summer_and_winter() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let windows = ["mon-fri 07:00-19:00", "sat 9:00-12:00"].map(|it| it.parse().unwrap());
        let hours = Hours { zone, windows: windows.into() };
        let told: String = [
            "2026-07-06T04:59:59Z", // A Monday in summer: 06:59:59.
            "2026-07-06T05:00:00Z",
            "2026-11-23T05:00:00Z", // In winter: 06:00.
            "2026-11-23T17:59:59Z",
            "2026-11-23T18:00:00Z",
            "2026-11-28T09:00:00Z", // Saturday.
            "2026-11-29T09:00:00Z", // Sunday.
        ]
        .map(|it| format!("{it} {}\n", hours.are_open(at(it))))
        .concat();
        assert_eq!(
            told,
            "\
2026-07-06T04:59:59Z false
2026-07-06T05:00:00Z true
2026-11-23T05:00:00Z false
2026-11-23T17:59:59Z true
2026-11-23T18:00:00Z false
2026-11-28T09:00:00Z true
2026-11-29T09:00:00Z false
"
        );
        // Midnight in Leipzig is not midnight in Greenwich.
        let day = |it| hours.day(at(it));
        assert_eq!(day("2026-11-22T22:59:59Z") + 1, day("2026-11-22T23:00:00Z"));
        assert!(day("2026-12-31T12:00:00Z") < day("2027-01-01T12:00:00Z"));
        assert!(Hours::default().are_open(Timestamp::EPOCH), "no hours: any hour");
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for text in [
            "",
            "mon",
            "mon-fri",
            "07:00",
            "mon 19:00-07:00",
            "mon 7-19",
            "mo 07:00-19:00",
            "24:01-24:02",
            "07:60-08:00",
        ] {
            assert_eq!(text.parse::<Window>(), Err(NoWindow), "{text}");
        }
        assert_eq!("00:00-24:00".parse::<Window>().unwrap().days, [true; 7]);
        let weekend: Window = "sat-mon 08:00-09:00".parse().unwrap();
        assert_eq!(weekend.days, [true, false, false, false, false, true, true]);
    }
}
