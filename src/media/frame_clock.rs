//! Who is due for the next 20 ms of sound: a timing wheel of twenty places, a millisecond apart.
//!
//! ```text
//! ms   0  1  2  3 … 19 │ 20 21 …
//!      a     b         │  a     b      everyone once a round, twenty milliseconds apart
//! ```
//!
//! A timer for every player would cost a search a packet; here a new one costs a push, one
//! that ends nothing at all, and a packet the step to the next one.

use crate::base::time::{Span, Timestamp};

/// A millisecond each: 20 ms is what a packet of ours holds.
const PLACES: u64 = 20;
/// After a longer sleep, the time overslept is lost rather than made up for in a burst. Five packets at once is the
/// trade: a shorter sleep leaves no gap in the sound, a longer one floods no far side.
const CATCH_UP_MS: u64 = 5 * PLACES;

/// Players by the millisecond at which they are due.
#[derive(Clone, Debug)]
pub struct FrameClock<T> {
    places: Vec<Vec<T>>,
    count: usize,
    /// The last millisecond that was served.
    served_ms: u64,
}

impl<T> Default for FrameClock<T> {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| vec![]).collect(), count: 0, served_ms: 0 }
    }
}

impl<T: Copy> FrameClock<T> {
    /// Adds `item`, which is due first within a millisecond, then every 20 ms.
    pub fn add(&mut self, now: Timestamp, item: T) {
        let now_ms = now.as_millis();
        if self.count == 0 {
            self.served_ms = now_ms.saturating_sub(1);
        }
        if let Some(place) = self.place(now_ms.max(self.served_ms + 1)) {
            place.push(item);
            self.count += 1;
        }
    }

    /// Calls `serve` for everyone due by `now`, as often as they are due. For one
    /// that is over `serve` says `false`, and it is dropped.
    pub fn turn(&mut self, now: Timestamp, mut serve: impl FnMut(T) -> bool) {
        let now_ms = now.as_millis();
        if self.count == 0 {
            return;
        }
        self.served_ms = self.served_ms.max(now_ms.saturating_sub(CATCH_UP_MS));
        while self.served_ms < now_ms {
            self.served_ms += 1;
            let Some(place) = self.place(self.served_ms) else { return };
            let before = place.len();
            place.retain(|&item| serve(item));
            let left = before - place.len();
            self.count -= left;
        }
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.count == 0 {
            return None;
        }
        let due = |ms: &u64| {
            let place = self.places.get(usize::try_from(ms % PLACES).unwrap_or_default());
            place.is_some_and(|it| !it.is_empty())
        };
        let ms = (self.served_ms + 1..=self.served_ms + PLACES).find(due)?;
        Some(Timestamp::EPOCH + Span::millis(ms))
    }

    fn place(&mut self, ms: u64) -> Option<&mut Vec<T>> {
        self.places.get_mut(usize::try_from(ms % PLACES).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Timestamp {
        Timestamp(millis * 1_000)
    }

    /// Turns to `now` and tells who was served; `'x'` leaves.
    fn turn(frames: &mut FrameClock<char>, now: u64) -> String {
        let mut served = String::new();
        frames.turn(millis(now), |item| {
            served.push(item);
            item != 'x'
        });
        served
    }

    #[test]
    fn everyone_is_served_once_a_round() {
        let mut frames = FrameClock::default();
        frames.add(millis(1_003), 'a');
        assert_eq!(frames.next_due(), Some(millis(1_003)));
        assert_eq!(turn(&mut frames, 1_003), "a");
        assert_eq!(frames.next_due(), Some(millis(1_023)));
        frames.add(millis(1_010), 'b');
        assert_eq!(frames.next_due(), Some(millis(1_010)));
        assert_eq!(turn(&mut frames, 1_022), "b");
        assert_eq!(turn(&mut frames, 1_050), "abab");
        // This millisecond was served: the next one it is.
        frames.add(millis(1_050), 'c');
        assert_eq!(turn(&mut frames, 1_051), "c");
    }

    #[test]
    fn a_long_sleep_is_not_made_up_for_and_who_leaves_is_gone() {
        let mut frames = FrameClock::default();
        frames.add(millis(0), 'a');
        frames.add(millis(0), 'x');
        assert_eq!(turn(&mut frames, 1), "ax");
        assert_eq!(turn(&mut frames, 60_001), "aaaaa");
        frames.turn(millis(60_021), |_| false);
        assert_eq!(frames.next_due(), None);
        // Boarding an empty frames begins at that moment.
        frames.add(millis(99_000), 'b');
        assert_eq!(frames.next_due(), Some(millis(99_000)));
    }
}
