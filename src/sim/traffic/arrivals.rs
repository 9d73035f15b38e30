//! When callers come, and what each of them is like: by chance, from a seed.
//!
//! Every caller has rng of its own, known by its kind and its place among its kind. So the
//! hundredth English caller of a day is the same person whoever answers, and two scenarios that
//! differ in one thing are compared over the very same callers.

use crate::{
    base::{
        rng::Rng,
        time::{Span, Timestamp},
    },
    sim::traffic::scenario::{Arrivals, Callers, Scenario},
};

/// Callers of one kind, one after the other.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    callers: &'a Callers,
    opens: Span,
    closes: Span,
    interval: Span,
    /// For the gaps between callers.
    gaps: Rng,
    /// For what they are like.
    people: Rng,
    /// How many came.
    count: u64,
    /// In which interval we are.
    place: usize,
    /// How many are expected before it.
    before: f64,
    /// The next one comes when so many are expected to have come: unit gaps, so that other rates
    /// stretch the same chance.
    due: f64,
}

/// A caller, before anything happens.
#[derive(Clone, Debug)]
pub struct Person {
    /// When it calls.
    pub at: Timestamp,
    /// How long it waits.
    pub patience: Span,
    /// How long it speaks.
    pub talk: Span,
    /// How long its agent finishes up, if that is not as long as the queue says.
    pub wrap_up: Option<Span>,
    /// For what happens to it on the way.
    pub rng: Rng,
}

impl<'a> Source<'a> {
    /// The callers of kind `place` in `scenario`, on the day that grows from `seed`.
    #[must_use]
    pub fn new(scenario: &'a Scenario, place: usize, callers: &'a Callers, seed: u64) -> Self {
        let kind = Rng::new(seed).nth(place as u64 + 1);
        Self {
            callers,
            opens: scenario.opens,
            closes: scenario.closes,
            interval: scenario.interval,
            gaps: kind.nth(1),
            people: kind.nth(2),
            count: 0,
            place: 0,
            before: 0.0,
            due: 0.0,
        }
    }

    /// When the next one comes, if one does.
    fn next_at(&mut self) -> Option<Timestamp> {
        match &self.callers.arrivals {
            Arrivals::Times(times) => {
                let at = times.get(usize::try_from(self.count).ok()?)?;
                Some(Timestamp(at.0))
            }
            Arrivals::Expected(each) => {
                self.due += self.gaps.exponential(1.0);
                let expected = loop {
                    let here = *each.get(self.place)?;
                    if self.before + here > self.due {
                        break here;
                    }
                    self.before += here;
                    self.place += 1;
                };
                let start = self.interval * self.place as u64;
                let length = self.closes.0.saturating_sub(self.opens.0 + start.0);
                let length = self.interval.0.min(length);
                Some(
                    Timestamp((self.opens + start).0)
                        + part(length, (self.due - self.before) / expected),
                )
            }
        }
    }
}

impl Iterator for Source<'_> {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        let at = self.next_at()?;
        let mut rng = self.people.nth(self.count);
        self.count += 1;
        let Callers { patience, handling, wrap_up, .. } = self.callers;
        let patience = patience.draw(&mut rng);
        let talk = handling.draw(&mut rng);
        let wrap_up = wrap_up.as_ref().map(|law| law.draw(&mut rng));
        Some(Person { at, patience, talk, wrap_up, rng })
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn part(length: u64, share: f64) -> Span {
    Span((length as f64 * share) as u64)
}
