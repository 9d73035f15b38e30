//! How long a caller will wait who is told so: from the line as it stands.
//!
//! The queue-length estimator of Ibrahim and Whitt 2009, for callers with patience.

use crate::staff::special::harmonic;

/// The expected wait in seconds of a caller with `ahead` others before it, while all of `agents`
/// are busy: `sum over i = 0..ahead of 1 / (n/h + i/patience)`.
///
/// Those ahead may give up, and the longer the line the more of them do; without a patience
/// everyone ahead is served first, which promises too long a wait. `agents` may be a fraction: for
/// a skill, those who serve it, by the share of their time. Infinite if nobody serves.
#[must_use]
pub fn wait(ahead: u32, agents: f64, aht_s: f64, patience_s: Option<f64>) -> f64 {
    let ahead = f64::from(ahead);
    match patience_s {
        _ if agents <= 0.0 => f64::INFINITY,
        None => (ahead + 1.0) * aht_s / agents,
        Some(patience_s) => patience_s * harmonic(agents * patience_s / aht_s, ahead),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_ahead_who_give_up_shorten_the_wait() {
        let known = [
            (0, 24.0, 24.0),
            (1, 45.2, 48.0),
            (2, 64.1, 72.0),
            (5, 111.3, 144.0),
            (10, 169.9, 264.0),
            (20, 249.4, 504.0),
        ];
        for (ahead, with_patience, without) in known {
            let ours = wait(ahead, 10.0, 240.0, Some(180.0));
            assert!((ours - with_patience).abs() <= 0.05, "{ahead}: {ours}");
            assert!((wait(ahead, 10.0, 240.0, None) - without).abs() < 1e-9);
        }
    }

    #[test]
    fn a_long_line_costs_no_more_than_a_short_one_and_grows_by_its_logarithm() {
        let long = wait(1_000_000, 10.0, 240.0, Some(180.0));
        assert!((long - 180.0 * (1_000_007.5_f64 / 7.0).ln()).abs() < 0.2, "{long}");
        assert!(wait(3, 0.0, 240.0, Some(180.0)).is_infinite());
        assert!(wait(3, 0.0, 240.0, None).is_infinite());
    }
}
