//! The work that callers bring: how many call, and how long each keeps an agent.

/// Calls, and how long one keeps an agent: talk, hold and wrap-up (AHT).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Callers in an hour; none is a load too.
    pub calls_per_hour: f64,
    /// Mean handling time in seconds, more than 0.
    pub aht_s: f64,
}

impl Load {
    /// So many callers in an hour, of so many seconds each.
    #[must_use]
    pub const fn new(calls_per_hour: f64, aht_s: f64) -> Self {
        Self { calls_per_hour, aht_s }
    }

    /// Callers in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.calls_per_hour / 3600.0
    }

    /// Agents it would keep busy without a pause: erlangs.
    #[must_use]
    pub fn erlangs(&self) -> f64 {
        self.rate() * self.aht_s
    }

    /// The same calls and those of `other`, which are as long.
    #[must_use]
    pub fn and(&self, other: f64) -> Self {
        Self { calls_per_hour: self.calls_per_hour + other, ..*self }
    }
}
