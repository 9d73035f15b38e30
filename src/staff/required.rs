//! How many agents a promise takes.
//!
//! Exact: the fewest who keep it, by search. Service level and occupancy move one way only as
//! agents are added, so the search halves its range at every step.

use crate::staff::{erlang_a::ErlangA, erlang_c::ErlangC, load::Load};

/// More than these are not looked for: Erlang's recurrence takes a step for each.
pub const AGENTS_MAX: u32 = 1_000_000;

/// What callers do who have to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// They wait for ever: Erlang C. For plans.
    Patient,
    /// They give up after so many seconds on average: Erlang A. For what happens really.
    Impatient {
        /// The mean patience in seconds.
        patience_s: f64,
    },
}

/// What is promised to callers, and to agents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    /// The share of callers who are to reach an agent in time, below 1.
    pub share: f64,
    /// In time: within so many seconds.
    pub within_s: f64,
    /// Agents are to be busy no more than this share of their time; 1 for no such promise.
    pub occupancy_max: f64,
}

impl Model {
    /// The share of all callers who reach one of `agents` within so many seconds (F3).
    #[must_use]
    pub fn service_level(self, agents: u32, load: Load, within_s: f64) -> f64 {
        match self {
            Self::Patient => ErlangC::new(agents, load).within(within_s),
            Self::Impatient { patience_s } => {
                ErlangA::new(agents, load, patience_s).within(within_s).answered
            }
        }
    }

    /// The share of their time that `agents` are busy.
    #[must_use]
    pub fn occupancy(self, agents: u32, load: Load) -> f64 {
        match self {
            Self::Patient => ErlangC::new(agents, load).occupancy(),
            Self::Impatient { patience_s } => ErlangA::new(agents, load, patience_s).occupancy(),
        }
    }

    /// The fewest agents who keep `promise` before `load`: none where nobody calls. `None` if
    /// more than [`AGENTS_MAX`] are needed.
    #[must_use]
    pub fn agents_for(self, load: Load, promise: &Promise) -> Option<u32> {
        if load.calls_per_hour <= 0.0 {
            return Some(0);
        }
        fewest(|agents| {
            self.service_level(agents, load, promise.within_s) >= promise.share
                && self.occupancy(agents, load) <= promise.occupancy_max
        })
    }
}

/// How many must be on the roster so that `agents` are at their phones, when the share
/// `shrinkage` of paid time is spent otherwise: breaks, training, illness. Below 1.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A head count; `as` saturates.
pub fn scheduled(agents: u32, shrinkage: f64) -> u32 {
    // 14 / 0.7 is 20 heads, whatever the last digit of the quotient says.
    (f64::from(agents) / (1.0 - shrinkage) - 1e-9).ceil() as u32
}

/// The fewest who keep a promise that more of them keep as well.
fn fewest(keeps: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut too_few, mut enough) = (0, 1);
    while !keeps(enough) {
        too_few = enough;
        enough *= 2;
        if too_few >= AGENTS_MAX {
            return None;
        }
    }
    while enough - too_few > 1 {
        let middle = u32::midpoint(too_few, enough);
        if keeps(middle) { enough = middle } else { too_few = middle }
    }
    (enough <= AGENTS_MAX).then_some(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMISE: Promise = Promise { share: 0.9, within_s: 20.0, occupancy_max: 1.0 };

    #[test]
    fn a_hundred_calls_an_hour_take_eleven_and_with_impatience_ten() {
        let load = Load::new(100.0, 240.0);
        assert_eq!(Model::Patient.agents_for(load, &PROMISE), Some(11));
        let impatient = Model::Impatient { patience_s: 180.0 };
        // The table of Erlang A for a promise of 90 % in 20 s, calls of 240 s.
        for (calls, agents) in [
            (50.0, 6),
            (100.0, 10),
            (150.0, 14),
            (200.0, 18),
            (250.0, 21),
            (300.0, 25),
            (400.0, 32),
        ] {
            assert_eq!(impatient.agents_for(Load::new(calls, 240.0), &PROMISE), Some(agents));
        }
    }

    #[test]
    fn rested_agents_and_time_off_take_more() {
        let load = Load::new(200.0, 180.0);
        let promise = Promise { share: 0.8, within_s: 20.0, occupancy_max: 0.85 };
        let agents = Model::Patient.agents_for(load, &promise);
        assert_eq!((agents, scheduled(14, 0.3)), (Some(14), 20));
        let rested = Promise { occupancy_max: 0.5, ..promise };
        assert_eq!(Model::Patient.agents_for(load, &rested), Some(20));
        assert_eq!((scheduled(10, 0.0), scheduled(0, 0.5), scheduled(11, 0.3)), (10, 0, 16));
    }

    #[test]
    fn nobody_is_needed_where_nobody_calls_and_some_loads_are_too_much() {
        for model in [Model::Patient, Model::Impatient { patience_s: 60.0 }] {
            assert_eq!(model.agents_for(Load::new(0.0, 240.0), &PROMISE), Some(0));
            assert_eq!(model.agents_for(Load::new(1e-6, 240.0), &PROMISE), Some(1));
        }
        assert_eq!(Model::Patient.agents_for(Load::new(1e9, 240.0), &PROMISE), None);
    }

    #[test]
    fn ten_thousand_agents_are_found_soon() {
        let load = Load::new(150_000.0, 240.0);
        let patient = Model::Patient.agents_for(load, &PROMISE).unwrap();
        let impatient = Model::Impatient { patience_s: 180.0 }.agents_for(load, &PROMISE).unwrap();
        assert!(impatient < patient, "{impatient} {patient}");
        let level = |agents| Model::Patient.service_level(agents, load, 20.0);
        assert!(level(patient) >= 0.9 && level(patient - 1) < 0.9);
    }
}
