//! Erlang C (M/M/n): callers who wait for ever.
//!
//! Erlang 1917; Poisson arrivals, exponential handling times, first come first served. The
//! cautious model: as nobody gives up, it asks for an agent more than life does. Beyond `n`
//! erlangs the line grows without end, and every figure says so instead of failing.

use crate::staff::{erlang_b::odds_of_someone_free, load::Load};

/// So many agents before so much work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    agents: f64,
    load: Load,
    delayed: f64,
}

impl ErlangC {
    /// `agents` who all take the same calls. Takes as many steps as there are agents.
    #[must_use]
    pub fn new(agents: u32, load: Load) -> Self {
        let (n, erlangs) = (f64::from(agents), load.erlangs());
        // Erlang's formula, with the odds of Erlang B for the sum: C = 1 / (1 + (1 - a/n) (1-B)/B).
        let delayed = if erlangs <= 0.0 {
            0.0
        } else if erlangs >= n {
            1.0
        } else {
            1.0 / (1.0 + (n - erlangs) / n * odds_of_someone_free(agents, erlangs))
        };
        Self { agents: n, load, delayed }
    }

    /// Whether more work comes than all agents can do: then the line grows without end.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.load.erlangs() > 0.0 && self.load.erlangs() >= self.agents
    }

    /// The share of callers who wait at all.
    #[must_use]
    pub const fn delayed(&self) -> f64 {
        self.delayed
    }

    /// The share of callers who wait longer than so many seconds.
    #[must_use]
    pub fn beyond(&self, seconds: f64) -> f64 {
        if self.is_overloaded() { 1.0 } else { self.delayed * (-seconds * self.clearing()).exp() }
    }

    /// The share of callers who wait at most so many seconds: the service level, by F1 to F4
    /// alike, since nobody gives up.
    #[must_use]
    pub fn within(&self, seconds: f64) -> f64 {
        1.0 - self.beyond(seconds)
    }

    /// The mean wait in seconds, of those too who do not wait (ASA).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        if self.is_overloaded() { f64::INFINITY } else { self.or_0(self.delayed / self.clearing()) }
    }

    /// How many wait on average (Little 1961).
    #[must_use]
    pub fn mean_queue(&self) -> f64 {
        self.or_0(self.load.rate() * self.mean_wait())
    }

    /// The wait in seconds that a share of callers does not exceed: 0.9 gives the 90th percentile.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        if self.is_overloaded() {
            return f64::INFINITY;
        }
        self.or_0(((self.delayed / (1.0 - share)).ln() / self.clearing()).max(0.0))
    }

    /// The share of their time that agents are busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.or_0((self.load.erlangs() / self.agents).min(1.0))
    }

    /// How fast the line moves beyond what comes in: callers a second, above 0.
    fn clearing(&self) -> f64 {
        (self.agents - self.load.erlangs()) / self.load.aht_s
    }

    /// Nothing by nothing is nothing: where nobody calls, nobody waits, not even before no agent.
    fn or_0(&self, value: f64) -> f64 {
        if self.load.erlangs() > 0.0 { value } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_busy_half_the_time_has_the_exact_figures() {
        let line = ErlangC::new(1, Load::new(10.0, 180.0));
        assert!((line.delayed() - 0.5).abs() < 1e-15);
        assert!((line.mean_wait() - 180.0).abs() < 1e-12);
        assert!((line.mean_queue() - 0.5).abs() < 1e-15);
        assert!((line.quantile(0.75) - 360.0 * 2_f64.ln()).abs() < 1e-10);
    }

    #[test]
    fn a_load_beyond_all_agents_never_ends_its_wait() {
        for agents in [0, 6] {
            let over = ErlangC::new(agents, Load::new(100.0, 240.0));
            assert!(over.is_overloaded());
            assert_eq!((over.delayed(), over.within(20.0), over.occupancy()), (1.0, 0.0, 1.0));
            let without_end = [over.mean_wait(), over.mean_queue(), over.quantile(0.1)];
            assert!(without_end.iter().all(|it| it.is_infinite()), "{without_end:?}");
        }
    }

    #[test]
    fn where_nobody_calls_nobody_waits() {
        for agents in [0, 1, 10_000] {
            let idle = ErlangC::new(agents, Load::new(0.0, 240.0));
            let nothing = [
                idle.delayed(),
                idle.mean_wait(),
                idle.mean_queue(),
                idle.occupancy(),
                idle.quantile(0.9),
            ];
            assert_eq!(nothing, [0.0; 5]);
            assert_eq!(idle.within(0.0), 1.0);
        }
    }

    #[test]
    fn a_full_house_of_ten_thousand_has_its_figures() {
        // 9,900 erlangs; a square root of agents to spare, as Halfin and Whitt have it.
        let line = ErlangC::new(10_000, Load::new(148_500.0, 240.0));
        let limit = crate::staff::square_root::delayed(100.0 / 9_900_f64.sqrt());
        assert!((line.delayed() - limit).abs() < 0.005, "{}", line.delayed());
        assert!(ErlangC::new(10_000, Load::new(1e-6, 240.0)).delayed() == 0.0);
    }
}
