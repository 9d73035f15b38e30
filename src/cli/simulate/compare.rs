//! The same days twice, with one thing changed: what that did, and how sure it is.
//!
//! Both scenarios have the same callers, one by one, so their luck falls out of the difference,
//! which is much better known than either figure.

use serde::Serialize;

use crate::sim::traffic::{
    estimate::{self, Estimate, Ratio},
    ledger::Day,
    report::Slice,
    scenario::Scenario,
};

/// A change, and what it did.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    /// As it was asked for.
    pub(super) what_if: String,
    /// Figure by figure.
    pub(super) figures: Vec<Figure>,
}

/// One figure, before and after.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    /// What it says.
    pub(super) name: String,
    /// Whether it is a share, or else seconds.
    pub(super) unit: Unit,
    /// As the file says.
    pub(super) before: f64,
    /// With the change.
    pub(super) after: f64,
    /// The difference, run for run.
    pub(super) change: Estimate,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unit {
    Share,
    Seconds,
}

impl Compared {
    /// What `after` is beside `before`: days of the same seeds, callers and kinds of callers.
    pub(super) fn new(what_if: String, scenario: &Scenario, before: &[Day], after: &[Day]) -> Self {
        let all = |days| Slice::new(days, &|_, _| true);
        let (one, two) = (all(before), all(after));
        let mut figures = vec![share("service level", &one.level(), &two.level())];
        for (place, callers) in scenario.callers.iter().enumerate() {
            let only = |days| Slice::new(days, &|kind, _| kind == place).level();
            let name = format!("service level, {}", callers.name);
            figures.push(share(&name, &only(before), &only(after)));
        }
        figures.push(share("abandoned", &one.abandoned(), &two.abandoned()));
        let (asa, other) = (one.asa(), two.asa());
        figures.push(figure("mean wait (ASA)", Unit::Seconds, &asa, &other));
        for (name, quantile) in [("wait p90", 0.9), ("wait p99", 0.99)] {
            figures.push(waits(name, quantile, before, after));
        }
        for (place, crew) in scenario.crews.iter().enumerate() {
            let time = |days: &[Day]| {
                Ratio::new(days.iter().map(|day| {
                    let times = day.crew(place).iter();
                    times.fold((0.0, 0.0), |(busy, all), it| {
                        let (one, ready) = (it.busy.as_secs_f64(), it.ready.as_secs_f64());
                        (busy + one, all + one + ready)
                    })
                }))
            };
            figures.push(share(&format!("occupancy, {}", crew.name), &time(before), &time(after)));
        }
        Self { what_if, figures }
    }
}

fn share(name: &str, before: &Ratio, after: &Ratio) -> Figure {
    figure(name, Unit::Share, before, after)
}

fn figure(name: &str, unit: Unit, before: &Ratio, after: &Ratio) -> Figure {
    let (name, change) = (name.to_owned(), after.minus(before));
    Figure { name, unit, before: before.estimate().mean, after: after.estimate().mean, change }
}

/// A quantile of all waits; how sure the difference is, from the quantiles of single days.
fn waits(name: &str, share: f64, before: &[Day], after: &[Day]) -> Figure {
    let all = |days: &[Day]| Slice::new(days, &|_, _| true).quantile(share);
    let of_day = |day: &Day| all(std::slice::from_ref(day));
    let each: Vec<f64> =
        before.iter().zip(after).map(|(one, two)| of_day(two) - of_day(one)).collect();
    let (before, after) = (all(before), all(after));
    let change = estimate::of(after - before, &each);
    Figure { name: name.to_owned(), unit: Unit::Seconds, before, after, change }
}
