//! Several classes of callers before the same agents, none of whom is interrupted.
//!
//! All calls are equally long on average; nobody gives up.

use crate::staff::{erlang_c::ErlangC, load::Load};

/// The mean wait of each class in seconds, the first always before the second, and so on
/// (Cobham 1954). `calls_per_hour` has a figure for each class. A class that the agents cannot
/// serve beside those before it waits for ever; those before it do not.
#[must_use]
pub fn strict(agents: u32, calls_per_hour: &[f64], aht_s: f64) -> Vec<f64> {
    let n = f64::from(agents);
    let all = ErlangC::new(agents, Load::new(calls_per_hour.iter().sum(), aht_s));
    // Until the first agent frees, for whom nobody waits yet.
    let until_free = all.delayed() * aht_s / n;
    let mut left = 1.0;
    let waits = calls_per_hour.iter().map(|&calls| {
        let before = left;
        left -= Load::new(calls, aht_s).erlangs() / n;
        match until_free {
            // Nobody is there, or all callers find someone.
            it if it.is_nan() || it <= 0.0 => 0.0,
            _ if left <= 0.0 => f64::INFINITY,
            it => it / before / left,
        }
    });
    waits.collect()
}

/// The mean waits of two classes in seconds when the largest wait by target goes first, `ratio`
/// being the first target by the second, at most 1 (Kleinrock 1964, accumulating priority). The
/// ratio of the waits comes near that of the targets as the load grows.
#[must_use]
pub fn by_ratio(agents: u32, calls_per_hour: [f64; 2], aht_s: f64, ratio: f64) -> [f64; 2] {
    let [first, second] = calls_per_hour;
    let all = ErlangC::new(agents, Load::new(first + second, aht_s)).mean_wait();
    let share = Load::new(first, aht_s).erlangs() / f64::from(agents);
    let low = all / (1.0 - share * (1.0 - ratio));
    // What one class gains the other pays (conservation, Kleinrock 1965).
    [(all * (first + second) - low * second) / first, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(ours: &[f64], theirs: &[f64]) {
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} is not {theirs}");
        }
    }

    #[test]
    fn the_first_class_waits_least_and_the_mean_is_as_without_classes() {
        near(&strict(18, &[40.0, 157.0], 240.0), &[2.329_912_519, 8.617_484_66]);
        let waits = strict(10, &[10.0, 30.0, 60.0], 240.0);
        let mean = (waits[0] * 10.0 + waits[1] * 30.0 + waits[2] * 60.0) / 100.0;
        near(&[mean], &[ErlangC::new(10, Load::new(100.0, 240.0)).mean_wait()]);
        near(&strict(10, &[100.0], 240.0), &[12.569_898_509_136_9]);
    }

    #[test]
    fn an_overload_of_the_last_leaves_the_first_served() {
        let waits = strict(10, &[75.0, 100.0], 240.0);
        near(&waits[..1], &[48.0]);
        assert!(waits[1].is_infinite());
        assert_eq!(strict(10, &[0.0, 0.0], 240.0), [0.0, 0.0]);
        assert!(strict(0, &[1.0, 1.0], 240.0).iter().all(|wait| wait.is_infinite()));
    }

    #[test]
    fn waits_by_ratio_lie_between_one_line_and_priority() {
        let alike = ErlangC::new(10, Load::new(100.0, 240.0)).mean_wait();
        near(&by_ratio(10, [30.0, 70.0], 240.0, 1.0), &[alike, alike]);
        near(&by_ratio(10, [30.0, 70.0], 240.0, 0.0), &strict(10, &[30.0, 70.0], 240.0));
    }
}
