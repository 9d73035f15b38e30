//! Cut-off priority: the last idle agents are kept for the callers of one class.
//!
//! ```text
//! busy:   0 … m-1          m … n-1                n, and some wait
//!         both start       first only             first wait (m = n - reserve)
//!                          └─ second wait ────────────┘
//! ```
//!
//! Two classes of equal handling times, Poisson arrivals, nobody gives up; a caller of the second
//! class starts only if more than `reserve` agents are idle, one of the first whenever one is
//! (Taylor and Templeton 1980; Schaack and Larson 1986). Exact, by first passage: let `T(i)` be the time
//! from `i` agents engaged (waiting callers of the first class counted as such) to `i - 1`,
//! while only the first class comes in. Callers of the second class then queue for a server whose
//! service takes `T(m)`, and the formula of Pollaczek and Khinchine gives their wait.

use crate::staff::{erlang_b::odds_of_someone_free, load::Load};

/// The mean waits of both classes in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    /// Of those for whom agents are kept.
    pub first: f64,
    /// Of the others.
    pub second: f64,
}

/// The mean and the mean square of a time.
#[derive(Clone, Copy, Debug)]
struct Moments {
    mean: f64,
    square: f64,
}

/// `agents`, of whom the last `reserve` idle ones are kept for callers of the first class.
///
/// What cannot be served in the long run waits for ever, and says so by infinity; the first
/// class may be served while the second is not. With no reserve this is strict priority.
#[must_use]
pub fn cut_off(agents: u32, reserve: u32, calls_per_hour: [f64; 2], aht_s: f64) -> Waits {
    let [first, second] = calls_per_hour.map(|calls| Load::new(calls, aht_s).rate());
    let freed_per_second = |engaged: u32| f64::from(engaged) / aht_s;
    let clearing = freed_per_second(agents) - first;
    if clearing <= 0.0 {
        return Waits { first: f64::INFINITY, second: f64::INFINITY };
    }
    // With all engaged, it is the busy period of one server as quick as all of them.
    let mut down =
        Moments { mean: 1.0 / clearing, square: 2.0 * freed_per_second(agents) / clearing.powi(3) };
    // How likely `n` or more, and `i` or more, are engaged: both relative to exactly `i`.
    let mut all_engaged = freed_per_second(agents) / clearing;
    let mut engaged_or_more = all_engaged;
    let open = agents.saturating_sub(reserve);
    for engaged in (open..agents).rev() {
        down = down.with_one_fewer(first, freed_per_second(engaged));
        let rise = first / freed_per_second(engaged + 1);
        all_engaged *= rise;
        engaged_or_more = 1.0 + engaged_or_more * rise;
    }
    let load = second * down.mean;
    let second_waits = if open == 0 || load >= 1.0 {
        1.0
    } else {
        // Fewer than `m` engaged is Erlang's loss system; from `m - 1` a caller of either class
        // begins a time in which the second class waits.
        let everyone = Load::new(calls_per_hour.iter().sum(), aht_s);
        let waiting_time = everyone.rate() * down.mean / (1.0 - load);
        waiting_time / (1.0 + odds_of_someone_free(open - 1, everyone.erlangs()) + waiting_time)
    };
    Waits {
        first: second_waits * all_engaged / engaged_or_more / clearing,
        second: if open == 0 || load >= 1.0 {
            f64::INFINITY
        } else {
            second_waits * down.square / (2.0 * down.mean * (1.0 - load))
        },
    }
}

impl Moments {
    /// The same from one fewer engaged: `rate` calls a second begin the longer way first, `freed`
    /// agents a second end this one.
    fn with_one_fewer(self, rate: f64, freed: f64) -> Self {
        let mean = (1.0 + rate * self.mean) / freed;
        Self { mean, square: 2.0 * mean * mean + rate * self.square / freed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::{erlang_c::ErlangC, priority};

    #[track_caller]
    fn near(ours: f64, theirs: f64) {
        assert!((ours / theirs - 1.0).abs() < 1e-8, "{ours} is not {theirs}");
    }

    #[test]
    fn it_is_the_markov_chain_of_that_model() {
        for (reserve, first, second) in [
            (0, 3.038_977_28, 7.597_443_2),
            (1, 1.116_063_08, 17.089_715_84),
            (2, 0.429_596_38, 43.058_775_8),
        ] {
            let waits = cut_off(10, reserve, [30.0, 60.0], 240.0);
            near(waits.first, first);
            near(waits.second, second);
        }
    }

    #[test]
    fn without_a_reserve_it_is_priority() {
        for (agents, calls) in [(1, [5.0, 5.0]), (18, [40.0, 157.0]), (300, [1000.0, 3000.0])] {
            let waits = cut_off(agents, 0, calls, 240.0);
            let known = priority::strict(agents, &calls, 240.0);
            near(waits.first, known[0]);
            near(waits.second, known[1]);
        }
    }

    #[test]
    fn a_reserve_too_large_leaves_the_second_class_outside() {
        let alone = ErlangC::new(10, Load::new(120.0, 240.0)).mean_wait();
        for reserve in [10, 11, u32::MAX] {
            let waits = cut_off(10, reserve, [120.0, 60.0], 240.0);
            near(waits.first, alone);
            assert!(waits.second.is_infinite());
        }
        // Too few are left for the second class, and they are always busy with it.
        let waits = cut_off(10, 5, [30.0, 120.0], 240.0);
        assert!(waits.second.is_infinite() && waits.first < 0.5, "{waits:?}");
    }

    #[test]
    fn at_the_edges_it_is_what_it_must_be() {
        assert_eq!(cut_off(10, 2, [0.0, 0.0], 240.0), Waits { first: 0.0, second: 0.0 });
        let nobody = cut_off(0, 0, [1.0, 1.0], 240.0);
        assert!(nobody.first.is_infinite() && nobody.second.is_infinite());
        let many = cut_off(10_000, 20, [50_000.0, 98_000.0], 240.0);
        assert!(many.first < many.second && many.second.is_finite(), "{many:?}");
    }
}
