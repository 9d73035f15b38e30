//! The forecast of a day from the days like it.
//!
//! ```text
//! calls ─► root ─► weighted mean over the last eight days alike ─► square ─► events ─► today so far
//! ```
//!
//! Under a square root the chance of counts is alike for many and for few (Brown, Zhang and Zhao
//! 2005); beyond a few days nothing beats such a mean (Taylor 2008). The newest days count most.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Unit, civil::Date};

use crate::staff::forecast::{
    calendar::{self, Kind},
    history::{Counted, History},
};

/// So many days alike are looked at.
const DAYS_ALIKE: usize = 8;
/// Older days tell nothing of today.
const DAYS_MAX: f64 = 400.0;
/// A week's weight by that of the week after it.
const WEEK_WEIGHT: f64 = 0.85;
/// 80 % of a normal distribution lie within so many deviations of its middle.
const DEVIATIONS_OF_80: f64 = 1.281_551_565_544_6;
/// The variance of the root of a Poisson count.
const POISSON: f64 = 0.25;
/// So many callers must have come until what they say of the day counts for more than half.
const CALLERS_TO_BELIEVE: f64 = 50.0;
/// The last days of the history that the forecast is tried on.
const TRIED: usize = 20;

/// By how much more or less people call on some days: entered by hand, 1.3 for three tenths more.
pub type Events = BTreeMap<Date, f64>;

/// What is expected of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Which day.
    pub date: Date,
    /// What kind of day that is.
    pub kind: Kind,
    /// The days it was made from, the last first. None for a holiday without a like: then nobody
    /// is expected to be there for callers.
    pub alike: Vec<Date>,
    /// By the minute after midnight at which the interval begins.
    pub intervals: BTreeMap<u32, Expected>,
}

/// What is expected of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Callers.
    pub calls: f64,
    /// With a chance of 80 % they are not fewer than these,
    pub low: f64,
    /// and not more than these.
    pub high: f64,
    /// The mean handling time in seconds, if the history knows it.
    pub aht_s: Option<f64>,
}

/// How good the forecasts of the last days would have been, each made from the days before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// So many days.
    pub days: usize,
    /// What they missed, absolute, by all that came (weighted absolute percentage error).
    pub wape: f64,
    /// The share of intervals within the limits of 80 %.
    pub coverage: f64,
}

/// What is expected of `date` by the days before it.
#[must_use]
pub fn forecast(history: &History, events: &Events, date: Date) -> Forecast {
    let kind = calendar::kind(date);
    let alike = alike(history, date, |day| calendar::kind(day) == kind);
    // A bridge without a like is a day of its name, with what an event says of it.
    let alike = match kind {
        Kind::Bridge if alike.is_empty() => {
            let plain = Kind::Plain(date.weekday());
            self::alike(history, date, |day| calendar::kind(day) == plain)
        }
        Kind::Bridge | Kind::Holiday | Kind::Plain(_) => alike,
    };
    let slots: BTreeSet<u32> = alike
        .iter()
        .filter_map(|day| history.day(*day))
        .flat_map(BTreeMap::keys)
        .copied()
        .collect();
    let roots: BTreeMap<u32, Roots> =
        slots.iter().map(|from| (*from, Roots::of(history, events, date, &alike, *from))).collect();
    let variance = pooled_variance(roots.values());
    let event = events.get(&date).copied().unwrap_or(1.0);
    let intervals = roots.into_iter().map(|(from, roots)| {
        let reach = DEVIATIONS_OF_80 * (variance * (1.0 + roots.of_mean)).sqrt();
        let square = |root: f64| root.max(0.0).powi(2) * event;
        let expected = Expected {
            calls: square(roots.mean),
            low: square(roots.mean - reach),
            high: square(roots.mean + reach),
            aht_s: handling_time(history, date, from),
        };
        (from, expected)
    });
    Forecast { date, kind, intervals: intervals.collect(), alike }
}

impl Forecast {
    /// The same after a part of the day: what is to come moves with what came, the more so the
    /// more callers have told it: `f (1 + k (came/expected - 1))`, `k = 1 - exp(-came/50)`.
    #[must_use]
    pub fn after(mut self, came: &BTreeMap<u32, f64>) -> Self {
        let Some((&now, _)) = came.last_key_value() else { return self };
        let counted =
            came.iter().filter_map(|(from, calls)| Some((calls, self.intervals.get(from)?)));
        let (calls, expected) = counted.fold((0.0, 0.0), |(calls, expected), (came, interval)| {
            (calls + came, expected + interval.calls)
        });
        if expected > 0.0 {
            let belief = -(-calls / CALLERS_TO_BELIEVE).exp_m1();
            let factor = 1.0 + belief * (calls / expected - 1.0);
            for (_, interval) in self.intervals.range_mut(now + 1..) {
                interval.calls *= factor;
                interval.low *= factor;
                interval.high *= factor;
            }
        }
        self
    }
}

/// Tries the forecast on the last plain days of the history. `None` if there is none with a like.
#[must_use]
pub fn trial(history: &History, events: &Events) -> Option<Trial> {
    let is_plain = |day: &Date| matches!(calendar::kind(*day), Kind::Plain(_));
    let (mut days, mut missed, mut came, mut within, mut intervals) = (0, 0.0, 0.0, 0.0, 0.0);
    for date in history.days().filter(is_plain).take(TRIED) {
        let forecast = forecast(history, events, date);
        if forecast.alike.len() < 2 {
            continue;
        }
        days += 1;
        for (from, counted) in history.day(date)? {
            let Some(expected) = forecast.intervals.get(from) else { continue };
            came += counted.calls;
            missed += (counted.calls - expected.calls).abs();
            // Counts are whole: one of 3 stands for all from 2.5 to 3.5.
            let is_within = (expected.low - 0.5..=expected.high + 0.5).contains(&counted.calls);
            within += f64::from(u8::from(is_within));
            intervals += 1.0;
        }
    }
    (came > 0.0).then(|| Trial { days, wape: missed / came, coverage: within / intervals })
}

/// The last days before `date` of which `is_like` holds, the last first.
fn alike(history: &History, date: Date, is_like: impl Fn(Date) -> bool) -> Vec<Date> {
    let before = history.days().skip_while(|day| *day >= date);
    let recent = before.take_while(|day| age(*day, date) <= DAYS_MAX);
    recent.filter(|day| is_like(*day)).take(DAYS_ALIKE).collect()
}

/// The roots of what came in an interval on days alike.
struct Roots {
    mean: f64,
    /// The weighted squares of their distances from the mean, and by what to divide them.
    spread: (f64, f64),
    /// The variance of the mean, by that of one.
    of_mean: f64,
}

impl Roots {
    fn of(history: &History, events: &Events, date: Date, alike: &[Date], from: u32) -> Self {
        let root = |day: &Date| {
            let Counted { calls, .. } = history.at(*day, from)?;
            let usual = calls / events.get(day).copied().unwrap_or(1.0);
            Some((WEEK_WEIGHT.powf(age(*day, date) / 7.0), (usual + 0.25).sqrt()))
        };
        let roots: Vec<(f64, f64)> = alike.iter().filter_map(root).collect();
        let weights: f64 = roots.iter().map(|(weight, _)| weight).sum();
        let squares: f64 = roots.iter().map(|(weight, _)| weight * weight).sum();
        let mean = roots.iter().map(|(weight, root)| weight * root).sum::<f64>() / weights;
        let spread = roots.iter().map(|(weight, root)| weight * (root - mean).powi(2)).sum();
        // What was never seen but as nothing stays nothing.
        let mean = if roots.iter().all(|(_, root)| *root <= 0.5) { 0.0 } else { mean };
        let of_mean = squares / (weights * weights);
        Self { mean, spread: (spread, weights * (1.0 - of_mean)), of_mean }
    }
}

/// The variance of a root, by all intervals together: eight days are too few for each by itself.
/// Chance alone gives that of a Poisson count; less would be luck.
fn pooled_variance<'a>(roots: impl Iterator<Item = &'a Roots>) -> f64 {
    let (spread, by) = roots
        .fold((0.0, 0.0), |(spread, by), roots| (spread + roots.spread.0, by + roots.spread.1));
    if by > 1e-9 { (spread / by).max(POISSON) } else { POISSON }
}

/// The mean handling time of an interval of the day, in seconds: the median of the means of the last
/// eight weeks, so that one long call or one odd week moves nothing.
fn handling_time(history: &History, date: Date, from: u32) -> Option<f64> {
    let mut weeks: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for day in history.days().skip_while(|day| *day >= date) {
        let week = (age(day, date) / 7.0).floor();
        if week >= 8.0 {
            break;
        }
        let Some(Counted { calls, aht_s: Some(aht_s) }) = history.at(day, from) else { continue };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 7.
        let (work, all) = weeks.entry(week as u32).or_default();
        *work += calls * aht_s;
        *all += calls;
    }
    let means = weeks.values().filter(|(_, calls)| *calls > 0.0).map(|(work, calls)| work / calls);
    let mut means: Vec<f64> = means.collect();
    means.sort_unstable_by(f64::total_cmp);
    let middle = |at: usize| means.get(at).copied();
    match means.len() {
        0 => None,
        odd if odd % 2 == 1 => middle(odd / 2),
        even => Some(f64::midpoint(middle(even / 2 - 1)?, middle(even / 2)?)),
    }
}

/// Days from one date to a later one.
fn age(day: Date, date: Date) -> f64 {
    date.since((Unit::Day, day)).map_or(f64::INFINITY, |span| f64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::base::rng::Rng;

    /// Working days from 2026-08-03 on, with calls by chance around what the interval has.
    fn weeks(weeks: i64, mean: impl Fn(Date, u32) -> f64) -> History {
        let (mut history, mut rng) = (History::default(), Rng::new(7));
        let first = date(2026, 8, 3);
        for day in (0..weeks * 7).map(|days| first.checked_add(days.days()).unwrap()) {
            let Kind::Plain(weekday) = calendar::kind(day) else { continue };
            if weekday.to_monday_zero_offset() > 4 {
                continue;
            }
            for from in (450..1080).step_by(30) {
                // A Poisson count: exponential gaps until the interval is over.
                let (mut calls, mut at) = (0.0, rng.exponential(1.0));
                while at < mean(day, from) {
                    calls += 1.0;
                    at += rng.exponential(1.0);
                }
                history.keep(day, from, Counted { calls, aht_s: Some(240.0) });
            }
        }
        history
    }

    #[test]
    fn a_steady_centre_is_forecast_as_well_as_chance_allows() {
        let history = weeks(14, |_, from| f64::from(from) / 15.0);
        let trial = trial(&history, &Events::new()).unwrap();
        assert_eq!(trial.days, 20);
        // Of 50 callers chance alone takes or gives six; of limits of 80 % a fifth is missed.
        assert!((0.08..0.15).contains(&trial.wape), "{trial:?}");
        assert!((0.76..0.88).contains(&trial.coverage), "{trial:?}");
        let monday = forecast(&history, &Events::new(), date(2026, 11, 9));
        assert_eq!((monday.alike.len(), monday.alike[0]), (8, date(2026, 11, 2)));
        assert_eq!(monday.intervals.len(), 21);
        let noon = monday.intervals[&720];
        assert!((noon.calls - 48.0).abs() < 8.0 && noon.low < noon.calls && noon.high > noon.calls);
        assert_eq!(noon.aht_s, Some(240.0));
    }

    #[test]
    fn days_are_known_by_their_names_and_new_weeks_count_most() {
        let mut history = History::default();
        for (day, calls) in [(2, 100.0), (9, 100.0), (16, 144.0), (17, 9.0)] {
            history.keep(date(2026, 11, day), 600, Counted { calls, aht_s: None });
        }
        let monday = forecast(&history, &Events::new(), date(2026, 11, 23)).intervals[&600];
        // Between the mean and the last.
        assert!((115.0..125.0).contains(&monday.calls), "{monday:?}");
        assert_eq!(monday.aht_s, None);
        let tuesday = forecast(&history, &Events::new(), date(2026, 11, 24)).intervals[&600];
        assert!((tuesday.calls - 9.25).abs() < 1e-9 && tuesday.low < 6.0, "{tuesday:?}");
    }

    #[test]
    fn a_holiday_without_a_like_expects_nobody_and_a_bridge_its_weekday() {
        let history = weeks(14, |_, _| 50.0);
        let holiday = forecast(&history, &Events::new(), date(2026, 11, 18));
        assert_eq!((holiday.kind, holiday.intervals.len()), (Kind::Holiday, 0));
        let mut events = Events::new();
        let bridge = forecast(&history, &events, date(2026, 12, 28));
        assert_eq!((bridge.kind, bridge.intervals.len()), (Kind::Bridge, 21));
        events.insert(date(2026, 12, 28), 0.5);
        let calm = forecast(&history, &events, date(2026, 12, 28));
        assert!((calm.intervals[&600].calls * 2.0 - bridge.intervals[&600].calls).abs() < 1e-9);
    }

    #[test]
    fn an_event_of_the_past_is_taken_out_of_the_mean() {
        let mut history = History::default();
        for (day, calls) in [(2, 100.0), (9, 200.0)] {
            history.keep(date(2026, 11, day), 600, Counted { calls, aht_s: None });
        }
        let events = Events::from([(date(2026, 11, 9), 2.0)]);
        let monday = forecast(&history, &events, date(2026, 11, 16)).intervals[&600];
        assert!((monday.calls - 100.25).abs() < 1e-9, "{monday:?}");
    }

    #[test]
    fn what_came_so_far_moves_what_is_to_come() {
        let history = weeks(10, |_, _| 50.0);
        let monday = forecast(&history, &Events::new(), date(2026, 10, 12));
        let [first, second, third] = [450, 480, 510].map(|from| monday.intervals[&from].calls);
        let came = BTreeMap::from([(450, first * 1.5), (480, second * 1.5)]);
        let now = monday.after(&came);
        assert_eq!(now.intervals[&480].calls, second);
        let belief = 1.0 - (-(first + second) * 1.5 / 50.0).exp();
        assert!((now.intervals[&510].calls / third - (1.0 + belief * 0.5)).abs() < 1e-9);
    }

    #[test]
    fn one_odd_week_does_not_move_the_handling_time() {
        let mut history = History::default();
        for (day, aht_s) in [(2, 240.0), (9, 250.0), (16, 4000.0)] {
            history.keep(date(2026, 11, day), 600, Counted { calls: 10.0, aht_s: Some(aht_s) });
        }
        let monday = forecast(&history, &Events::new(), date(2026, 11, 23)).intervals[&600];
        assert_eq!(monday.aht_s, Some(250.0));
    }

    #[test]
    fn an_empty_history_expects_nothing() {
        let history = History::default();
        let day = forecast(&history, &Events::new(), date(2026, 11, 23));
        assert!(day.alike.is_empty() && day.intervals.is_empty());
        assert_eq!(trial(&history, &Events::new()), None);
    }
}
