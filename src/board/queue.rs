//! One queue on the board: who waits in it, in the order of arrival.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    acd,
    base::{
        numbers::CallNo,
        time::{Span, Timestamp},
    },
};

/// A queue as the board shows it. A call that rings at a phone still waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// By arrival.
    line: BTreeSet<(Timestamp, CallNo)>,
    /// By when they began to wait.
    #[serde(default)]
    waits: BTreeSet<(Timestamp, CallNo)>,
    /// It takes no new calls now.
    #[serde(default)]
    pub is_closed: bool,
}

impl Queue {
    /// The call waits here, in the place of its arrival, and has waited since then.
    pub fn enter(&mut self, call: CallNo, arrived: Timestamp, since: Timestamp) {
        self.line.insert((arrived, call));
        self.waits.insert((since, call));
    }

    /// The call waits here no longer.
    pub fn leave(&mut self, call: CallNo, arrived: Timestamp, since: Timestamp) {
        self.line.remove(&(arrived, call));
        self.waits.remove(&(since, call));
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// How long someone here has waited by `now`, at most; nothing if nobody waits. Whoever had an
    /// agent meanwhile keeps its place, and waits anew.
    #[must_use]
    pub fn oldest_wait(&self, now: Timestamp) -> Span {
        self.waits.first().map_or(Span::ZERO, |&(since, _)| now.since(since))
    }

    /// Who waits, the first in line first.
    pub fn line(&self) -> impl Iterator<Item = CallNo> {
        self.line.iter().map(|&(_, call)| call)
    }
}

/// Whether an agent with `skills` can serve what `needs` say. Both are in the order of skills.
#[must_use]
pub fn can_serve(
    skills: &[(crate::base::numbers::SkillNo, acd::plan::Level)],
    needs: &acd::plan::Needs,
) -> bool {
    needs.0.iter().all(|&(skill, least)| {
        least == 0 || skills.iter().any(|&(has, level)| has == skill && level >= least)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{acd::plan::Needs, base::numbers::SkillNo};

    #[test]
    fn the_first_in_line_is_the_one_who_came_first_not_the_one_entered_first() {
        let mut queue = Queue::default();
        queue.enter(CallNo::first(1), Timestamp(9), Timestamp(9));
        queue.enter(CallNo::first(2), Timestamp(4), Timestamp(4));
        assert_eq!(queue.oldest_wait(Timestamp(10)), Span(6));
        queue.leave(CallNo::first(2), Timestamp(4), Timestamp(4));
        assert_eq!((queue.waiting(), queue.oldest_wait(Timestamp(10))), (1, Span(1)));
        queue.leave(CallNo::first(1), Timestamp(9), Timestamp(9));
        assert_eq!(queue.oldest_wait(Timestamp(10)), Span::ZERO);
    }

    #[test]
    fn who_has_every_needed_skill_at_its_level_can_serve() {
        let (german, english) = (SkillNo::first(0), SkillNo::first(1));
        let needs = Needs(vec![(german, 5), (english, 1)]);
        assert!(can_serve(&[(german, 5), (english, 3)], &needs));
        assert!(!can_serve(&[(german, 4), (english, 3)], &needs));
        assert!(!can_serve(&[(german, 9)], &needs));
        assert!(can_serve(&[], &Needs::default()));
    }

    #[test]
    fn whoever_had_an_agent_is_first_by_its_arrival_and_has_waited_only_since_then() {
        let mut queue = Queue::default();
        queue.enter(CallNo::first(1), Timestamp(4), Timestamp(90));
        queue.enter(CallNo::first(2), Timestamp(60), Timestamp(60));
        assert_eq!(queue.line().collect::<Vec<_>>(), [1, 2].map(CallNo::first));
        assert_eq!(queue.oldest_wait(Timestamp(100)), Span(40));
    }
}
