//! The figures of many runs of one scenario: for the day and each interval, queue, kind of caller
//! and crew.
//!
//! The service level at the head is F3 on the interval of arrival, the wait counted from the
//! INVITE: of all who called, so many spoke with someone in time (DOMAIN.md K-1). The other
//! published formulas stand beside it by their names.

use serde::Serialize;

use crate::{
    acd::fact::Rule,
    base::time::Span,
    sim::traffic::{
        estimate::{self, Estimate, Ratio},
        ledger::{Cell, Day, Time},
        scenario::Scenario,
    },
};

/// All figures.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What people call the scenario.
    pub scenario: String,
    /// What the runs grew from.
    pub seed: u64,
    /// How many there were.
    pub runs: usize,
    /// The formula of the service level at the head.
    pub sl_formula: &'static str,
    /// How sure the lows and highs are.
    pub confidence: f64,
    /// The whole day.
    pub day: CallFigures,
    /// Its intervals.
    pub intervals: Vec<Interval>,
    /// By queue.
    pub queues: Vec<Queue>,
    /// By kind of caller.
    pub callers: Vec<Kind>,
    /// By crew.
    pub crews: Vec<Crew>,
    /// How often each rule decided, on an average day.
    pub rules: Vec<(&'static str, f64)>,
}

/// The figures of some calls. Numbers of calls are means over the runs.
#[derive(Clone, Debug, Serialize)]
pub struct CallFigures {
    /// Who called.
    pub offered: f64,
    /// Who spoke with an agent.
    pub answered: f64,
    /// Who did so within the target.
    pub in_target: f64,
    /// Who gave up.
    pub abandoned: f64,
    /// Of these, within the queue's `short_abandon`.
    pub abandoned_short: f64,
    /// Of these, while a phone rang for them.
    pub abandoned_ringing: f64,
    /// Who was sent outside or turned away.
    pub turned_away: f64,
    /// Who was ended at closing time, or by a fault.
    pub failed: f64,
    /// Offers that nobody took.
    pub offers_lost: f64,
    /// How many in time.
    pub service_level: Levels,
    /// The share who gave up.
    pub abandoned_share: Estimate,
    /// The mean wait of the answered (ASA).
    pub asa_seconds: Estimate,
    /// The wait that half of the answered did not exceed.
    pub wait_p50_seconds: f64,
    /// Nine in ten.
    pub wait_p90_seconds: f64,
    /// All but one in a hundred.
    pub wait_p99_seconds: f64,
    /// None of the answered.
    pub wait_max_seconds: f64,
    /// None at all, those who gave up included, in any run.
    pub longest_wait_seconds: f64,
}

/// The published formulas (DOMAIN.md 2.2): `T` the target, `Lost` whoever was turned away.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Levels {
    /// `AnsT / (Ans + Ab + Lost)`: the headline.
    pub f3: Estimate,
    /// `(AnsT + AbT) / (Ans + Ab + Lost)`.
    pub f1: Estimate,
    /// `AnsT / Ans`.
    pub f2: Estimate,
    /// `AnsT / (Ans + Ab after T + Lost)`.
    pub f4: Estimate,
}

/// An interval of the day.
#[derive(Clone, Debug, Serialize)]
pub struct Interval {
    /// `07:30`.
    pub from: String,
    /// `08:00`.
    pub to: String,
    /// Agents at work, on average.
    pub at_work: f64,
    /// Callers waiting, on average.
    pub waiting: f64,
    /// Its calls.
    #[serde(flatten)]
    pub calls: CallFigures,
}

/// A queue.
#[derive(Clone, Debug, Serialize)]
pub struct Queue {
    /// As the file names it.
    pub name: String,
    /// Its promise.
    pub target_seconds: f64,
    /// The whole day.
    pub day: CallFigures,
    /// By interval.
    pub intervals: Vec<CallFigures>,
}

/// A kind of caller.
#[derive(Clone, Debug, Serialize)]
pub struct Kind {
    /// As the file names it.
    pub name: String,
    /// The queue's name.
    pub queue: String,
    /// The whole day.
    pub day: CallFigures,
}

/// A crew.
#[derive(Clone, Debug, Serialize)]
pub struct Crew {
    /// As the file names it.
    pub name: String,
    /// How many people it has.
    pub agents: usize,
    /// The share of their time at work, breaks apart, that they are with a call: ringing, speaking
    /// or wrapping up.
    pub occupancy: Estimate,
    /// By interval: people at work on average, and their occupancy.
    pub intervals: Vec<(f64, Estimate)>,
}

/// Some cells of every run: what a [`CallFigures`] is made of.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Added up, run by run.
    pub runs: Vec<Cell>,
    /// Waits of the answered who waited, of all runs, in milliseconds, rising.
    waits: Vec<u32>,
}

impl Report {
    /// The figures of `days`, all of `scenario`, that grew from `seed`.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, days: &[Day]) -> Self {
        let intervals = scenario.intervals();
        let figures = |pick: &dyn Fn(usize, usize) -> bool| Slice::new(days, pick).figures();
        let queue_of = |kind: usize| scenario.callers.get(kind).map(|it| it.queue.index());
        let queue = |place: usize, queue: &crate::acd::plan::Queue| Queue {
            name: queue.name.clone(),
            target_seconds: queue.target.as_secs_f64(),
            day: figures(&|kind, _| queue_of(kind) == Some(place)),
            intervals: (0..intervals)
                .map(|at| figures(&|kind, it| it == at && queue_of(kind) == Some(place)))
                .collect(),
        };
        let crews: Vec<Crew> = (0..)
            .zip(&scenario.crews)
            .map(|(place, it)| Crew {
                name: it.name.clone(),
                agents: it.members().len(),
                occupancy: occupancy(days, |day| sum(day.crew(place))),
                intervals: (0..intervals)
                    .map(|at| {
                        let time = |day: &Day| day.crew(place).get(at).copied().unwrap_or_default();
                        (at_work(days, time, length(scenario, at)), occupancy(days, time))
                    })
                    .collect(),
            })
            .collect();
        Self {
            scenario: scenario.name.clone(),
            seed,
            runs: days.len(),
            sl_formula: "F3",
            confidence: 0.95,
            day: figures(&|_, _| true),
            intervals: (0..intervals)
                .map(|at| Interval {
                    from: clock(start(scenario, at)),
                    to: clock(start(scenario, at) + length(scenario, at)),
                    at_work: crews
                        .iter()
                        .filter_map(|crew| crew.intervals.get(at))
                        .map(|it| it.0)
                        .sum(),
                    waiting: waiting(days, at, length(scenario, at)),
                    calls: figures(&|_, it| it == at),
                })
                .collect(),
            queues: (0..).zip(&scenario.plan.queues).map(|(place, it)| queue(place, it)).collect(),
            callers: (0..)
                .zip(&scenario.callers)
                .map(|(place, it)| Kind {
                    name: it.name.clone(),
                    queue: scenario
                        .plan
                        .queues
                        .get(it.queue.index())
                        .map(|it| it.name.clone())
                        .unwrap_or_default(),
                    day: figures(&|kind, _| kind == place),
                })
                .collect(),
            crews,
            rules: (0..)
                .zip(Rule::ALL)
                .map(|(place, rule): (usize, _)| {
                    let times = days.iter().filter_map(|day| day.rules.get(place));
                    (rule.word(), times.map(|it| f64::from(*it)).sum::<f64>() / count(days.len()))
                })
                .collect(),
        }
    }
}

impl Slice {
    /// The cells (kind of caller, interval) that `pick` takes.
    pub fn new(days: &[Day], pick: &dyn Fn(usize, usize) -> bool) -> Self {
        let Some(first) = days.first() else { return Self { runs: vec![], waits: vec![] } };
        let wide = first.intervals.max(1);
        let is_in: Vec<bool> =
            (0..first.cells.len()).map(|place| pick(place / wide, place % wide)).collect();
        let takes = |place: usize| is_in.get(place).copied().unwrap_or_default();
        let runs = days.iter().map(|day| {
            let cells = day.cells.iter().enumerate().filter(|(place, _)| takes(*place));
            let mut sum = Cell::default();
            cells.for_each(|(_, cell)| sum.add(cell));
            sum
        });
        let waits = days.iter().flat_map(|day| &day.waits);
        let mut waits: Vec<u32> =
            waits.filter(|(place, _)| takes(*place as usize)).map(|&(_, wait)| wait).collect();
        waits.sort_unstable();
        Self { runs: runs.collect(), waits }
    }

    /// A share, run by run.
    #[must_use]
    pub fn ratio(&self, above: fn(&Cell) -> f64, below: fn(&Cell) -> f64) -> Ratio {
        Ratio::new(self.runs.iter().map(|cell| (above(cell), below(cell))))
    }

    /// F3, run by run.
    #[must_use]
    pub fn level(&self) -> Ratio {
        self.ratio(in_target, wanted)
    }

    /// The share who gave up, run by run.
    #[must_use]
    pub fn abandoned(&self) -> Ratio {
        self.ratio(|cell| f64::from(cell.abandoned), wanted)
    }

    /// The mean wait of the answered, run by run.
    #[must_use]
    pub fn asa(&self) -> Ratio {
        self.ratio(|cell| cell.waited.as_secs_f64(), |cell| f64::from(cell.answered))
    }

    /// The wait that all but a `share` of the answered did not exceed, in seconds.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let answered: f64 = self.runs.iter().map(|cell| f64::from(cell.answered)).sum();
        quantile(answered, &self.waits, share)
    }

    /// All figures.
    #[must_use]
    pub fn figures(&self) -> CallFigures {
        let mean = |what: fn(&Cell) -> u32| {
            self.runs.iter().map(|cell| f64::from(what(cell))).sum::<f64>() / count(self.runs.len())
        };
        let longest = self.runs.iter().map(|cell| cell.longest).max().unwrap_or_default();
        CallFigures {
            offered: mean(|cell| cell.offered),
            answered: mean(|cell| cell.answered),
            in_target: mean(|cell| cell.in_target),
            abandoned: mean(|cell| cell.abandoned),
            abandoned_short: mean(|cell| cell.short_abandoned),
            abandoned_ringing: mean(|cell| cell.abandoned_ringing),
            turned_away: mean(|cell| cell.turned_away),
            failed: mean(|cell| cell.failed),
            offers_lost: mean(|cell| cell.missed),
            service_level: Levels {
                f3: self.level().estimate(),
                f1: self
                    .ratio(|it| in_target(it) + f64::from(it.abandoned_in_target), wanted)
                    .estimate(),
                f2: self.ratio(in_target, |it| f64::from(it.answered)).estimate(),
                f4: self
                    .ratio(in_target, |it| wanted(it) - f64::from(it.abandoned_in_target))
                    .estimate(),
            },
            abandoned_share: self.abandoned().estimate(),
            asa_seconds: self.asa().estimate(),
            wait_p50_seconds: self.quantile(0.5),
            wait_p90_seconds: self.quantile(0.9),
            wait_p99_seconds: self.quantile(0.99),
            wait_max_seconds: self.waits.last().map_or(0.0, |wait| f64::from(*wait) / 1e3),
            longest_wait_seconds: longest.as_secs_f64(),
        }
    }
}

fn in_target(cell: &Cell) -> f64 {
    f64::from(cell.in_target)
}

/// Who wanted to speak with someone: every formula's denominator but F2's. Calls that were ended
/// by the exchange stand outside, as everywhere (DOMAIN.md 2.2).
fn wanted(cell: &Cell) -> f64 {
    f64::from(cell.answered + cell.abandoned + cell.turned_away)
}

/// Of so many values, all zero but for `rising`, the one that `share` of them do not exceed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A place in a list.
fn quantile(values: f64, rising: &[u32], share: f64) -> f64 {
    let zeros = values - count(rising.len());
    let place = (values * share).ceil() - zeros;
    if place < 1.0 {
        return 0.0;
    }
    rising.get(place as usize - 1).or(rising.last()).map_or(0.0, |wait| f64::from(*wait) / 1e3)
}

fn occupancy(days: &[Day], time: impl Fn(&Day) -> Time) -> Estimate {
    let parts = days.iter().map(|day| {
        let Time { ready, busy } = time(day);
        (busy.as_secs_f64(), busy.as_secs_f64() + ready.as_secs_f64())
    });
    Ratio::new(parts).estimate()
}

fn at_work(days: &[Day], time: impl Fn(&Day) -> Time, length: Span) -> f64 {
    let each: Vec<f64> = days
        .iter()
        .map(|day| {
            let Time { ready, busy } = time(day);
            (ready.as_secs_f64() + busy.as_secs_f64()) / length.as_secs_f64()
        })
        .collect();
    estimate::mean(&each).mean
}

fn waiting(days: &[Day], at: usize, length: Span) -> f64 {
    let spans = days.iter().filter_map(|day| day.waiting.get(at));
    spans.map(|it| it.as_secs_f64()).sum::<f64>() / length.as_secs_f64() / count(days.len())
}

fn sum(times: &[Time]) -> Time {
    times.iter().fold(Time::default(), |sum, it| Time {
        ready: sum.ready + it.ready,
        busy: sum.busy + it.busy,
    })
}

fn start(scenario: &Scenario, interval: usize) -> Span {
    scenario.opens + scenario.interval * interval as u64
}

fn length(scenario: &Scenario, interval: usize) -> Span {
    let left = scenario.closes.0.saturating_sub(start(scenario, interval).0);
    Span(left.min(scenario.interval.0).max(1))
}

/// A time of day: `07:30`.
#[must_use]
pub fn clock(at: Span) -> String {
    let minutes = at.as_millis() / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[allow(clippy::cast_precision_loss)] // Runs and callers.
fn count(things: usize) -> f64 {
    things as f64
}
