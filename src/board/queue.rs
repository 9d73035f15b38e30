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
    line: BTreeSet<(Timestamp, CallNo)>,
}

impl Queue {
    /// The call waits here, in the place of its arrival.
    pub fn enter(&mut self, arrived: Timestamp, call: CallNo) {
        self.line.insert((arrived, call));
    }

    /// The call waits here no longer.
    pub fn leave(&mut self, arrived: Timestamp, call: CallNo) {
        self.line.remove(&(arrived, call));
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// How long the first in line has waited by `now`; nothing if nobody waits.
    #[must_use]
    pub fn oldest_wait(&self, now: Timestamp) -> Span {
        self.line.first().map_or(Span::ZERO, |&(arrived, _)| now.since(arrived))
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
        queue.enter(Timestamp(9), CallNo::first(1));
        queue.enter(Timestamp(4), CallNo::first(2));
        assert_eq!(queue.oldest_wait(Timestamp(10)), Span(6));
        queue.leave(Timestamp(4), CallNo::first(2));
        assert_eq!((queue.waiting(), queue.oldest_wait(Timestamp(10))), (1, Span(1)));
        queue.leave(Timestamp(9), CallNo::first(1));
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
}
