//! How busy each agent is when nobody may wait: hunted in a fixed order, or the longest idle first.

use crate::staff::erlang_b::carried;

/// The load of each agent in erlangs when the first free one in a fixed order takes the call:
/// `a (B(k-1, a) - B(k, a))` for the k-th, written without a difference of nearly equal shares.
#[must_use]
pub fn in_order(agents: u32, erlangs: f64) -> Vec<f64> {
    let mut odds = 0.0;
    let loads = (1..=agents).map(f64::from).map(|k| {
        // What reaches the k-th agent is what the k - 1 before it could not take.
        let blocked = 1.0 / (1.0 + odds);
        let busy_before =
            if f64::is_finite(odds) { erlangs * (odds / (1.0 + odds)) } else { erlangs };
        odds = (1.0 + odds) * k / erlangs;
        let reaches = erlangs * blocked;
        reaches * (k - busy_before) / (k + reaches)
    });
    loads.collect()
}

/// The load of every agent in erlangs when the one idle longest takes the call: all alike.
#[must_use]
pub fn longest_idle(agents: u32, erlangs: f64) -> f64 {
    if agents == 0 { 0.0 } else { carried(agents, erlangs) / f64::from(agents) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_the_order_works_most() {
        let known = [
            0.909_090_91,
            0.894_187_78,
            0.876_077_09,
            0.854_012_04,
            0.827_110_41,
            0.794_372_73,
            0.754_741_21,
            0.707_223_5,
            0.651_104_89,
            0.586_256_01,
            0.513_500_1,
            0.434_931_45,
        ];
        let loads = in_order(12, 10.0);
        for (ours, theirs) in loads.iter().zip(known) {
            assert!((ours - theirs).abs() < 1e-8, "{ours} is not {theirs}");
        }
        assert!((loads.iter().sum::<f64>() - 8.802_608_116).abs() < 1e-9);
    }

    #[test]
    fn the_longest_idle_rule_shares_alike_what_the_order_does_not() {
        assert!((longest_idle(12, 10.0) - 0.733_550_676_3).abs() < 1e-10);
        assert_eq!((longest_idle(0, 1.0), longest_idle(3, 0.0)), (0.0, 0.0));
        assert_eq!(in_order(3, 0.0), [0.0; 3]);
        // Too much work: all are busy always. Hardly any: only the first is, all of it.
        assert!(in_order(4, 1e12).iter().all(|load| (load - 1.0).abs() < 1e-9));
        let idle = in_order(3, 1e-9);
        assert!((idle[0] / 1e-9 - 1.0).abs() < 1e-8 && (idle[1] / 1e-18 - 1.0).abs() < 1e-8);
    }
}
