//! The one reader of the operating system's clock (invariant 2).
//!
//! ```text
//!   wall clock, read once at the start  +  monotonic time since  =  Timestamp
//! ```
//!
//! So a [`Timestamp`] can be shown to people, and yet never runs backwards: when the wall clock
//! is set while we run, waits and deadlines do not notice. Knows no time zone.

use std::time::{Instant, SystemTime};

use crate::base::time::{Span, Timestamp};

/// Tells the time to threads of the shell. Copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that goes by the wall clock as it stands now, for ever after.
    #[must_use]
    #[allow(clippy::disallowed_methods)] // Here, and nowhere else.
    pub fn start() -> Self {
        // A wall clock before 1970 is not worth a refusal: times are then counted from there.
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self { origin: Timestamp::EPOCH + Span::from(since_1970), started: Instant::now() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.origin + Span::from(self.started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_tell_the_same_time_and_it_never_runs_backwards() {
        let clock = Clock::start();
        let copy = clock;
        let (first, second, third) = (clock.now(), copy.now(), clock.now());
        assert!(first <= second && second <= third);
        assert!(first > Timestamp(1_700_000_000_000_000), "later than 2023: {first:?}");
    }
}
