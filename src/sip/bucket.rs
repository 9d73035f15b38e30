//! A bucket that leaks: so much in a second, and what was saved up at once (the generic cell rate
//! algorithm: ITU-T I.371, annex A).

use crate::base::time::{Span, Timestamp};

/// When the bucket would be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket(Timestamp);

impl Bucket {
    /// One that is empty.
    pub(super) fn empty(now: Timestamp) -> Self {
        Self(now)
    }

    /// Takes one drop, if it fits: `per_second` of them leak out, and those of so long fit in.
    pub(super) fn take(&mut self, now: Timestamp, per_second: u32, holds: Span) -> bool {
        let drop = Span(Span::secs(1).0 / u64::from(per_second.max(1)));
        let filled = self.0.max(now) + drop;
        let fits = filled.since(now) <= holds;
        if fits {
            self.0 = filled;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_fits_and_then_so_many_a_second() {
        let mut bucket = Bucket::default();
        let mut fit = |secs| {
            let now = Timestamp::EPOCH + Span::secs(secs);
            (0..1000).filter(|_| bucket.take(now, 10, Span::secs(3))).count()
        };
        assert_eq!([fit(0), fit(1), fit(2), fit(100)], [30, 10, 10, 30]);
    }
}
