//! What kind of day it is: a working day, a public holiday of Saxony, or a day that many take off.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// A day as far as callers are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Like other days of this name.
    Plain(Weekday),
    /// Alone between a holiday and a weekend, or around the turn of the year.
    Bridge,
    /// A public holiday (`SächsSFG` § 1).
    Holiday,
}

/// What kind of day `date` is.
#[must_use]
pub fn kind(date: Date) -> Kind {
    if is_holiday(date) {
        return Kind::Holiday;
    }
    let weekday = date.weekday();
    let is_free = |days: i64| date.checked_add(days.days()).is_ok_and(is_holiday);
    let is_bridge =
        weekday == Weekday::Monday && is_free(1) || weekday == Weekday::Friday && is_free(-1);
    let is_turn_of_year = date.month() == 12 && (date.day() == 24 || date.day() >= 27);
    let is_working = !matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    if is_working && (is_bridge || is_turn_of_year) { Kind::Bridge } else { Kind::Plain(weekday) }
}

/// Whether Saxony has a public holiday, by the rules since 1995.
#[must_use]
pub fn is_holiday(date: Date) -> bool {
    match (date.month(), date.day()) {
        // New Year and Labour Day, German Unity, Reformation, Christmas.
        (1 | 5, 1) | (10, 3 | 31) | (12, 25 | 26) => return true,
        // The Day of Repentance: the Wednesday before 23 November.
        (11, 16..=22) if date.weekday() == Weekday::Wednesday => return true,
        _ => (),
    }
    // Good Friday, Easter Monday, Ascension, Whit Monday.
    let Some(easter) = easter(date.year()) else { return false };
    [-2, 1, 39, 50]
        .into_iter()
        .any(|days| easter.checked_add(days.days()).is_ok_and(|it| it == date))
}

/// Easter Sunday of a year (Butcher 1876, in the Gregorian calendar).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century, rest) = (y % 19, y / 100, y % 100);
    let moon =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let day = moon + sunday - 7 * late + 114;
    Date::new(year, i8::try_from(day / 31).ok()?, i8::try_from(day % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_holidays_of_two_years_are_these() {
        let holidays = |year: i16| -> Vec<(i8, i8)> {
            let days = date(year, 1, 1).series(1.day()).take_while(|it| it.year() == year);
            days.filter(|it| is_holiday(*it)).map(|it| (it.month(), it.day())).collect()
        };
        let known = |fixed: [(i8, i8); 5]| {
            let mut all = [(1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)].to_vec();
            all.extend(fixed);
            all.sort_unstable();
            all
        };
        assert_eq!(holidays(2026), known([(4, 3), (4, 6), (5, 14), (5, 25), (11, 18)]));
        assert_eq!(holidays(2027), known([(3, 26), (3, 29), (5, 6), (5, 17), (11, 17)]));
        // The earliest and the latest Easter of our time.
        assert!(is_holiday(date(2008, 3, 24)) && is_holiday(date(2038, 4, 26)));
    }

    #[test]
    fn a_day_between_a_holiday_and_a_weekend_is_a_bridge() {
        assert_eq!(kind(date(2026, 5, 15)), Kind::Bridge);
        assert_eq!(kind(date(2026, 11, 18)), Kind::Holiday);
        assert_eq!(kind(date(2026, 11, 19)), Kind::Plain(Weekday::Thursday));
        assert_eq!(kind(date(2026, 12, 24)), Kind::Bridge);
        assert_eq!(kind(date(2026, 12, 27)), Kind::Plain(Weekday::Sunday));
        assert_eq!(kind(date(2028, 10, 2)), Kind::Bridge);
    }
}
