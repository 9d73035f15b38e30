//! Points in time and lengths of time, as plain numbers of microseconds.
//!
//! Both are values that anyone may make: there is no clock here. A [`Timestamp`] can be
//! written to the journal and read back on another machine, which `std::time::Instant`
//! cannot. Adding saturates: a deadline beyond the end of time is simply never due.

use std::{fmt, ops, time::Duration};

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A length of time in microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Timestamp {
    /// Before everything. Simulations begin here unless they say otherwise.
    pub const EPOCH: Self = Self(0);

    /// The time from `earlier` until here, or nothing if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The first point from here on that is a whole number of `step`s away from 1970: deadlines
    /// that need not be exact meet there, and share one waking.
    #[must_use]
    pub const fn rounded_up(self, step: Span) -> Self {
        match self.0.checked_next_multiple_of(step.0) {
            Some(rounded) => Self(rounded),
            None => self,
        }
    }

    /// Whole milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of microseconds.
    #[must_use]
    pub const fn micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A span of milliseconds.
    #[must_use]
    pub const fn millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }

    /// Whole milliseconds, the rest cut off.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Seconds with their fraction, for figures and for people.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // 285 years are exact to the microsecond.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_micros(span.0)
    }
}

impl ops::Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl ops::Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl ops::Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::Mul<u64> for Span {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// The UTC time of day to the millisecond, as a journal line shows it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_millis() % 86_400_000;
        let (secs, millis) = (millis / 1000, millis % 1000);
        write!(f, "{:02}:{:02}:{:02}.{millis:03}", secs / 3600, secs / 60 % 60, secs % 60)
    }
}

/// Seconds with three digits, `12.345s`; or as the configuration writes it when whole, `15s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "{}s", millis / 1000)
        } else {
            write!(f, "{}.{:03}s", millis / 1000, millis % 1000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_past_the_end_of_time_is_the_end_of_time() {
        assert_eq!(Timestamp(u64::MAX) + Span::secs(1), Timestamp(u64::MAX));
        assert_eq!(Timestamp(5).since(Timestamp(9)), Span::ZERO);
        assert_eq!(Timestamp(u64::MAX).rounded_up(Span(2)), Timestamp(u64::MAX));
    }

    #[test]
    fn times_read_as_a_log_line_shows_them() {
        assert_eq!(Timestamp(3_723_004_000).to_string(), "01:02:03.004");
        assert_eq!(Span::secs(15).to_string(), "15s");
        assert_eq!(Span::millis(1_250).to_string(), "1.250s");
    }
}
