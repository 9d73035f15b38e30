//! The service level: how many callers were served, and how many of them in time.
//!
//! ```text
//! F3 = answered within T / (answered + abandoned + overflowed + turned away)
//! ```
//!
//! The wait is counted from the INVITE to both sides joined, the edge is exact and inclusive:
//! 20.000000 s is within 20 s. A call belongs to the half hour in which it arrived. Failed
//! calls are counted, and stand outside the formula (DOMAIN.md 2.2, K-1).

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    acd::{
        fact::{Limit, Outcome},
        input::Channel,
    },
    base::{
        numbers::QueueNo,
        time::{Span, Timestamp},
    },
};

/// The id of the formula, printed beside every service level.
pub const FORMULA: &str = "F3";

/// Within how long a caller should speak with an agent: the city's promise, and 115's.
pub const TARGETS: [(Span, &str); 2] = [(Span::secs(20), "20s"), (Span::secs(30), "30s")];

/// The length of a reporting interval (DOMAIN.md 2.4).
pub const INTERVAL: Span = Span::secs(1800);

/// How many intervals are kept: a day.
const INTERVALS_MAX: usize = 48;

/// How the wait of a call ended: each call's has exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// With an agent.
    Answered,
    /// The caller gave up.
    Abandoned,
    /// The caller gave up within the queue's `short_abandon`.
    ShortAbandoned,
    /// It was sent outside.
    Overflowed,
    /// There was no room, or no longer any patience, for it.
    TurnedAway,
    /// It came while the queue was closed.
    Closed,
    /// It was told what there was to tell, and wanted no agent.
    Announced,
    /// No media, an operator, a fault of ours.
    Failed,
    /// Not at all: it went on in another queue, whose call it is from then on.
    Moved,
}

/// Calls whose wait is over, by how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls that spoke with an agent.
    pub answered: u64,
    /// Of these, how many within each of [`TARGETS`].
    pub answered_within: [u64; TARGETS.len()],
    /// Callers that gave up, the short ones not among them.
    pub abandoned: u64,
    /// Callers that gave up at once.
    pub short_abandoned: u64,
    /// Of both kinds, how many gave up within each of [`TARGETS`].
    pub abandoned_within: [u64; TARGETS.len()],
    /// Calls sent outside.
    pub overflowed: u64,
    /// Calls told busy, or ended with an announcement.
    pub turned_away: u64,
    /// Calls that came while the queue was closed, wherever they went.
    #[serde(default)]
    pub closed: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Calls that went on to wait in another queue, which counts them anew.
    #[serde(default)]
    pub moved: u64,
    /// The waits of the answered, added up; over `answered` it is the mean (ASA).
    pub waited: Span,
    /// The longest wait, of those who gave up too.
    pub longest: Span,
}

/// Tallies by entry since the start, and by half hour of arrival for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    /// A list rather than a map: JSON has no pairs for keys.
    entries: Vec<(QueueNo, Channel, Tally)>,
    intervals: VecDeque<Interval>,
}

/// The calls that arrived in one half hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Its beginning, a whole half hour of UTC.
    pub from: Timestamp,
    /// The tallies of the queues that had calls.
    pub queues: BTreeMap<QueueNo, Tally>,
}

impl Verdict {
    /// All of them, in the order of the figures.
    pub const ALL: [Self; 9] = [
        Self::Answered,
        Self::Abandoned,
        Self::ShortAbandoned,
        Self::Overflowed,
        Self::TurnedAway,
        Self::Closed,
        Self::Announced,
        Self::Failed,
        Self::Moved,
    ];

    /// The verdict of a call that ended so.
    #[must_use]
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered(_) => Self::Answered,
            Outcome::Abandoned => Self::Abandoned,
            Outcome::ShortAbandoned => Self::ShortAbandoned,
            Outcome::Overflowed(_, Limit::Closed) | Outcome::TurnedAway(_, Limit::Closed) => {
                Self::Closed
            }
            Outcome::Overflowed(..) => Self::Overflowed,
            Outcome::TurnedAway(..) => Self::TurnedAway,
            Outcome::Announced => Self::Announced,
            Outcome::Failed => Self::Failed,
        }
    }

    /// The word of the label `outcome` (DOMAIN.md 2.5).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::ShortAbandoned => "short_abandoned",
            Self::Overflowed => "overflow",
            Self::TurnedAway => "rejected_capacity",
            Self::Closed => "closed",
            Self::Announced => "announced",
            Self::Failed => "failed",
            Self::Moved => "moved",
        }
    }
}

impl Tally {
    /// Counts a call that waited so long and met that end.
    pub fn count(&mut self, verdict: Verdict, wait: Span) {
        match verdict {
            Verdict::Answered => {
                self.answered += 1;
                self.waited = self.waited + wait;
                within(&mut self.answered_within, wait);
            }
            Verdict::Abandoned => {
                self.abandoned += 1;
                within(&mut self.abandoned_within, wait);
            }
            Verdict::ShortAbandoned => {
                self.short_abandoned += 1;
                within(&mut self.abandoned_within, wait);
            }
            Verdict::Overflowed => self.overflowed += 1,
            Verdict::TurnedAway => self.turned_away += 1,
            Verdict::Closed => self.closed += 1,
            // At a menu, in no queue: there is no tally for it.
            Verdict::Announced => (),
            Verdict::Failed => self.failed += 1,
            Verdict::Moved => self.moved += 1,
        }
        self.longest = self.longest.max(wait);
    }

    /// Adds another's calls to these.
    pub fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.short_abandoned += other.short_abandoned;
        self.overflowed += other.overflowed;
        self.turned_away += other.turned_away;
        self.closed += other.closed;
        self.failed += other.failed;
        self.moved += other.moved;
        self.waited = self.waited + other.waited;
        self.longest = self.longest.max(other.longest);
        for (mine, theirs) in [
            (&mut self.answered_within, &other.answered_within),
            (&mut self.abandoned_within, &other.abandoned_within),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    /// Everyone who came into the queue, and whose wait in it is over: each has one end here.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.due() + self.closed + self.failed + self.moved
    }

    /// The denominator of [`FORMULA`]: everyone who wanted an agent while there were any, whatever
    /// became of them.
    #[must_use]
    pub const fn due(&self) -> u64 {
        self.answered + self.abandoned + self.short_abandoned + self.overflowed + self.turned_away
    }

    /// The share of callers who spoke with an agent within the target of that position in
    /// [`TARGETS`], by [`FORMULA`]. `None` before there was anyone.
    #[must_use]
    pub fn level(&self, target: usize) -> Option<f64> {
        let answered = self.answered_within.get(target)?;
        ratio(*answered, self.due())
    }

    /// The mean wait of the answered in seconds (ASA).
    #[must_use]
    pub fn wait_mean(&self) -> Option<f64> {
        ratio(1, self.answered).map(|each| self.waited.as_secs_f64() * each)
    }
}

impl Levels {
    /// Counts a call that arrived then, waited so long and met that end.
    pub fn count(
        &mut self,
        queue: QueueNo,
        channel: Channel,
        arrived: Timestamp,
        verdict: Verdict,
        wait: Span,
    ) {
        self.entry(queue, channel).count(verdict, wait);
        if let Some(interval) = self.interval(arrived) {
            interval.queues.entry(queue).or_default().count(verdict, wait);
        }
    }

    /// Everything of that queue since the start.
    #[must_use]
    pub fn of_queue(&self, queue: QueueNo) -> Tally {
        let mut sum = Tally::default();
        for (_, _, tally) in self.entries.iter().filter(|(of, ..)| *of == queue) {
            sum.add(tally);
        }
        sum
    }

    /// Everything since the start, by queue and entry, in no order that means anything.
    #[must_use]
    pub fn entries(&self) -> &[(QueueNo, Channel, Tally)] {
        &self.entries
    }

    /// The half hours kept, the earliest first.
    #[must_use]
    pub fn intervals(&self) -> impl DoubleEndedIterator<Item = &Interval> {
        self.intervals.iter()
    }

    fn entry(&mut self, queue: QueueNo, channel: Channel) -> &mut Tally {
        let found = self.entries.iter().position(|(q, c, _)| (*q, *c) == (queue, channel));
        let place = found.unwrap_or_else(|| {
            self.entries.push((queue, channel, Tally::default()));
            self.entries.len() - 1
        });
        let (_, _, tally) = self.entries.get_mut(place).expect("found, or just pushed");
        tally
    }

    /// The half hour of `arrived`; `None` if it is older than all that are kept.
    fn interval(&mut self, arrived: Timestamp) -> Option<&mut Interval> {
        let from = Timestamp(arrived.0 - arrived.0 % INTERVAL.0);
        // The half hour is the last one or close to it: a long wait reaches back one or two.
        let place = self.intervals.iter().rposition(|it| it.from <= from);
        let after = place.map_or(0, |place| place + 1);
        let known = place.and_then(|place| self.intervals.get(place)).map(|it| it.from);
        if known == Some(from) {
            return self.intervals.get_mut(after - 1);
        }
        if self.intervals.len() < INTERVALS_MAX {
            self.intervals.insert(after, Interval { from, ..Interval::default() });
            return self.intervals.get_mut(after);
        }
        if after == 0 {
            return None;
        }
        self.intervals.pop_front();
        self.intervals.insert(after - 1, Interval { from, ..Interval::default() });
        self.intervals.get_mut(after - 1)
    }
}

/// `part / whole`, if there is a whole.
#[allow(clippy::cast_precision_loss)] // Exact up to 2^53 calls.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Counts `wait` at every target that it meets. The edge is inclusive.
fn within(counts: &mut [u64; TARGETS.len()], wait: Span) {
    for (count, (target, _)) in counts.iter_mut().zip(TARGETS) {
        *count += u64::from(wait <= target);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: QueueNo = QueueNo::first(0);

    #[test]
    fn twenty_seconds_are_within_twenty_seconds_and_a_microsecond_more_is_not() {
        let mut tally = Tally::default();
        tally.count(Verdict::Answered, Span(20_000_000));
        assert_eq!(tally.answered_within, [1, 1]);
        tally.count(Verdict::Answered, Span(20_000_001));
        assert_eq!(tally.answered_within, [1, 2]);
    }

    /// The published example of DOMAIN.md 2.2: F3 gives 81.13 %.
    #[test]
    fn the_published_example_gives_its_published_figure() {
        let mut tally = Tally::default();
        let waits = [
            (860, Verdict::Answered, 10),
            (140, Verdict::Answered, 60),
            (10, Verdict::ShortAbandoned, 3),
            (10, Verdict::Abandoned, 15),
            (40, Verdict::Abandoned, 40),
        ];
        for (calls, verdict, secs) in waits {
            (0..calls).for_each(|_| tally.count(verdict, Span::secs(secs)));
        }
        let percent = tally.level(0).unwrap() * 100.0;
        assert_eq!(format!("{percent:.2}"), "81.13");
        assert_eq!(tally.abandoned_within, [20, 20]);
    }

    #[test]
    fn who_is_turned_away_or_sent_outside_was_not_served_and_a_failure_counts_apart() {
        let mut tally = Tally::default();
        for verdict in Verdict::ALL {
            tally.count(verdict, Span::secs(1));
        }
        assert_eq!((tally.due(), tally.level(0)), (5, Some(0.2)));
        assert_eq!(Tally::default().level(0), None);
    }

    #[test]
    fn a_call_belongs_to_the_half_hour_it_arrived_in() {
        let mut levels = Levels::default();
        let mut count = |arrived: u64| {
            let arrived = Timestamp(arrived * 1_000_000);
            levels.count(QUEUE, Channel::City, arrived, Verdict::Answered, Span::secs(5));
        };
        count(1799);
        count(1800);
        count(1799);
        let kept: Vec<_> = levels
            .intervals()
            .map(|it| (it.from.0 / 1_000_000, it.queues.get(&QUEUE).unwrap().answered))
            .collect();
        assert_eq!(kept, [(0, 2), (1800, 1)]);
        assert_eq!(levels.of_queue(QUEUE).answered, 3);
    }

    #[test]
    fn a_day_of_half_hours_is_kept_in_order_and_no_more() {
        let mut levels = Levels::default();
        // Every other half hour first, then those between; the very first is forgotten by then.
        for half_hour in (0..96).step_by(2).chain((1..96).step_by(2)) {
            let arrived = Timestamp(half_hour * INTERVAL.0);
            levels.count(QUEUE, Channel::City, arrived, Verdict::Abandoned, Span::ZERO);
            let kept: Vec<_> = levels.intervals().map(|it| it.from).collect();
            assert!(kept.len() <= INTERVALS_MAX && kept.is_sorted());
        }
        assert_eq!(levels.of_queue(QUEUE).abandoned, 96);
        levels.count(QUEUE, Channel::City, Timestamp::EPOCH, Verdict::Abandoned, Span::ZERO);
        assert!(levels.intervals().all(|it| it.from > Timestamp::EPOCH));
    }
}
