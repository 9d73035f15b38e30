//! Erlang B (M/M/n/n): callers who find no agent, or no line, free are turned away.
//!
//! Erlang 1917. Holds whatever the distribution of the handling time. The other models stand on it:
//! they differ in what becomes of a caller who finds everyone busy, not in how that comes about.

/// How much more likely a state with someone free is than one with nobody, if nobody waits:
/// `(1 - B) / B`. From 0 for nobody at work to infinity for no load.
///
/// The recurrence `odds(n) = (1 + odds(n-1)) * n / a` only adds and multiplies, so it keeps all
/// digits where `1 - B` would lose them. For so many agents that it is no longer a number, `B` is
/// below 10^-308.
#[must_use]
pub fn odds_of_someone_free(agents: u32, erlangs: f64) -> f64 {
    (1..=agents).fold(0.0, |odds, n| (1.0 + odds) * f64::from(n) / erlangs)
}

/// The share of callers who find all `agents` busy: Erlang's loss formula `B(n, a)`.
/// Agents may be lines of a trunk, or whatever is held for the length of a call.
#[must_use]
pub fn blocking(agents: u32, erlangs: f64) -> f64 {
    1.0 / (1.0 + odds_of_someone_free(agents, erlangs))
}

/// How many agents are busy on average: the load without what is turned away.
#[must_use]
pub fn carried(agents: u32, erlangs: f64) -> f64 {
    let odds = odds_of_someone_free(agents, erlangs);
    // Without a load the odds are infinite, and nobody is busy.
    if odds.is_infinite() { erlangs } else { erlangs * (odds / (1.0 + odds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_erlang_is_busy_half_the_time() {
        assert_eq!(blocking(1, 1.0), 0.5);
        assert_eq!(carried(1, 1.0), 0.5);
    }

    #[test]
    fn at_the_edges_it_is_what_it_must_be() {
        assert_eq!(blocking(0, 3.0), 1.0);
        assert_eq!(blocking(0, 0.0), 1.0);
        assert_eq!(blocking(5, 0.0), 0.0);
        assert_eq!(carried(5, 0.0), 0.0);
        assert_eq!(blocking(10_000, 1e-9), 0.0);
        assert!((blocking(10_000, 1e12) - (1.0 - 1e-8)).abs() < 1e-15);
        assert!((carried(10_000, 1e15) / 10_000.0 - 1.0).abs() < 1e-9);
        // The share that gets through such a load has all its digits.
        assert!((odds_of_someone_free(3, 1e12) / 3e-12 - 1.0).abs() < 1e-9);
    }
}
