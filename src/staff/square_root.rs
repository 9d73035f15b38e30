//! The square-root rule: agents beyond the load grow as its square root.
//!
//! Halfin and Whitt 1981. A limit for large loads, for insight and for a first guess: for a real
//! number of agents the exact search of [`required`](crate::staff::required) costs nothing.

use crate::staff::special::normal_share_by_density;

/// The limit of the share of callers who wait, for `a + beta * sqrt(a)` agents as the load `a`
/// grows. For `beta <= 0` there are no agents to spare, and everyone waits.
#[must_use]
pub fn delayed(beta: f64) -> f64 {
    if beta <= 0.0 { 1.0 } else { 1.0 / (1.0 + beta * normal_share_by_density(beta)) }
}

/// `a + beta * sqrt(a)` agents, rounded up.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A head count; `as` saturates.
pub fn agents(erlangs: f64, beta: f64) -> u32 {
    (erlangs + beta * erlangs.sqrt()).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_who_wait_falls_from_all_to_none() {
        assert_eq!((delayed(-1.0), delayed(0.0), delayed(60.0)), (1.0, 1.0, 0.0));
        assert!((delayed(0.5) - 0.504_538_641).abs() < 1e-9);
        assert!((delayed(2.0) - 0.026_881_362_43).abs() < 1e-11);
    }

    #[test]
    fn spare_agents_grow_as_the_root_of_the_load() {
        assert_eq!((agents(100.0, 1.0), agents(10_000.0, 1.0), agents(0.0, 2.0)), (110, 10_100, 0));
    }
}
