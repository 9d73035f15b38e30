//! A day in intervals: how many agents each takes, and what the day comes to.
//!
//! Each interval is taken as if it lasted for ever (stationary, independent, period by period:
//! SIPP, Green, Kolesar and Soares 2001), which half hours and calls of a few minutes allow.

use crate::staff::{
    load::Load,
    required::{Model, Promise},
};

/// What an interval takes and gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// What comes in it.
    pub load: Load,
    /// The fewest agents who keep the promise.
    pub agents: u32,
    /// The share of callers in time with these, with one less, and with one more.
    pub level: f64,
    /// None if there is nobody to take away.
    pub level_one_less: Option<f64>,
    /// And with one more.
    pub level_one_more: f64,
    /// The share of their time that agents are busy.
    pub occupancy: f64,
}

impl Interval {
    /// What `load` takes. `None` if it is too much for any number of agents that is looked for.
    #[must_use]
    pub fn new(model: Model, promise: &Promise, load: Load) -> Option<Self> {
        let agents = model.agents_for(load, promise)?;
        // Where nobody calls, nobody is late.
        let level = |agents| match load.calls_per_hour {
            calls if calls > 0.0 => model.service_level(agents, load, promise.within_s),
            _ => 1.0,
        };
        Some(Self {
            load,
            agents,
            level: level(agents),
            level_one_less: agents.checked_sub(1).map(level),
            level_one_more: level(agents + 1),
            occupancy: model.occupancy(agents, load),
        })
    }
}

/// The share of the day's callers in time: of callers, not of intervals, so that a quiet hour cannot
/// hide a bad one. 1 if nobody calls.
#[must_use]
pub fn level(intervals: &[Interval]) -> f64 {
    let calls = |it: &Interval| it.load.calls_per_hour;
    let all: f64 = intervals.iter().map(calls).sum();
    let in_time: f64 = intervals.iter().map(|it| calls(it) * it.level).sum();
    if all > 0.0 { in_time / all } else { 1.0 }
}

/// The same loads as they are felt: a handling time later than they come, since a busy agent is
/// busy with a call that came before (lagged SIPP). `interval_s` is how long an interval lasts.
#[must_use]
pub fn lagged(loads: &[Load], interval_s: f64) -> Vec<Load> {
    let before = loads.first().into_iter().chain(loads);
    let shift = |(earlier, load): (&Load, &Load)| {
        let share = (load.aht_s / interval_s).min(1.0);
        let calls = earlier.calls_per_hour * share + load.calls_per_hour * (1.0 - share);
        Load::new(calls, load.aht_s)
    };
    before.zip(loads).map(shift).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMISE: Promise = Promise { share: 0.9, within_s: 20.0, occupancy_max: 1.0 };
    /// The share in percent of a Monday's 1,314 calls in each half hour from 7:30.
    const SHAPE: [f64; 21] = [
        2.0, 4.2, 5.6, 6.9, 7.4, 7.5, 7.2, 6.5, 5.7, 4.6, 4.1, 4.5, 5.1, 5.5, 5.4, 4.9, 4.2, 3.2,
        2.4, 1.8, 1.3,
    ];

    #[test]
    fn a_monday_takes_what_is_known() {
        let known = [
            (180.0, [6, 9, 12, 14, 14, 15, 14, 13, 12, 10, 9, 10, 11, 11, 11, 10, 9, 8, 6, 5, 4]),
            (
                240.0,
                [7, 12, 15, 17, 18, 18, 18, 16, 15, 13, 12, 12, 14, 14, 14, 13, 12, 10, 8, 6, 5],
            ),
            (
                300.0,
                [8, 14, 18, 21, 22, 22, 22, 20, 18, 15, 14, 15, 16, 17, 17, 16, 14, 11, 9, 8, 6],
            ),
        ];
        for (aht_s, agents) in known {
            let day = SHAPE.map(|percent| {
                let load = Load::new(1051.0 * 1.25 * percent / 100.0 * 2.0, aht_s);
                Interval::new(Model::Patient, &PROMISE, load).unwrap()
            });
            assert_eq!(day.map(|it| it.agents), agents, "{aht_s}");
            assert!(level(&day) > 0.9 && day.iter().all(|it| it.level_one_less < Some(0.9)));
        }
    }

    #[test]
    fn a_day_without_callers_takes_nobody_and_keeps_its_promise() {
        let none = Interval::new(Model::Patient, &PROMISE, Load::new(0.0, 240.0)).unwrap();
        assert_eq!((none.agents, none.level, none.level_one_less), (0, 1.0, None));
        assert_eq!((level(&[none]), level(&[])), (1.0, 1.0));
    }

    #[test]
    fn the_load_follows_the_calls_by_a_handling_time() {
        let loads = [Load::new(100.0, 180.0), Load::new(200.0, 180.0), Load::new(0.0, 7200.0)];
        let calls: Vec<f64> = lagged(&loads, 1800.0).iter().map(|it| it.calls_per_hour).collect();
        assert_eq!(calls, [100.0, 190.0, 200.0]);
    }
}
