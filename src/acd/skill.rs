//! Skills: what a call needs, what an agent has, and how needs soften with waiting.

use std::{cmp::Reverse, fmt};

use crate::{
    acd::plan::{Level, Needs, Relax},
    base::numbers::SkillNo,
};

impl Needs {
    /// Needs from pairs in any order. Of a skill named twice the higher level counts, and a
    /// level of 0 is no need.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (SkillNo, Level)>) -> Self {
        let mut needs: Vec<_> = pairs.into_iter().filter(|(_, level)| *level > 0).collect();
        // The highest level first, so that it is the one to stay.
        needs.sort_unstable_by_key(|&(skill, level)| (skill, Reverse(level)));
        needs.dedup_by_key(|(skill, _)| *skill);
        Self(needs)
    }

    /// These needs and those together.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        Self::new(self.0.iter().chain(&others.0).copied())
    }

    /// What is left of these needs once the `taken` steps are taken. A step only ever softens.
    #[must_use]
    pub fn relaxed(&self, taken: &[Relax]) -> Self {
        Self::new(self.0.iter().map(|&(skill, level)| {
            let steps = taken.iter().filter(|step| step.skill == skill);
            (skill, steps.fold(level, |level, step| level.min(step.to)))
        }))
    }

    /// Whether `skill` is among them.
    #[must_use]
    pub fn name(&self, skill: SkillNo) -> bool {
        level(&self.0, skill) > 0
    }

    /// Whether someone with `skills` can serve them.
    #[must_use]
    pub fn met_by(&self, skills: &[(SkillNo, Level)]) -> bool {
        self.0.iter().all(|&(skill, least)| level(skills, skill) >= least)
    }

    /// How well someone with `skills` serves them: the sum of the levels in what is needed.
    #[must_use]
    pub fn score(&self, skills: &[(SkillNo, Level)]) -> u32 {
        self.0.iter().map(|&(skill, _)| u32::from(level(skills, skill))).sum()
    }
}

/// `skill-0:3 skill-1:1`, or `nothing`.
impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (place, (skill, level)) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(f, "{gap}{skill}:{level}")?;
        }
        Ok(())
    }
}

/// The level of `skill` among `skills`; 0 if it is not among them.
pub(super) fn level(skills: &[(SkillNo, Level)], skill: SkillNo) -> Level {
    skills.iter().find(|(known, _)| *known == skill).map_or(0, |&(_, level)| level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    const GERMAN: SkillNo = SkillNo::first(0);
    const ENGLISH: SkillNo = SkillNo::first(1);

    #[test]
    fn of_two_needs_the_higher_level_counts() {
        let queue = Needs::new([(GERMAN, 3), (ENGLISH, 0)]);
        let own = Needs::new([(ENGLISH, 2), (GERMAN, 1)]);
        assert_eq!(queue.and(&own), Needs(vec![(GERMAN, 3), (ENGLISH, 2)]));
    }

    #[test]
    fn a_step_softens_and_never_hardens() {
        let needs = Needs::new([(GERMAN, 3), (ENGLISH, 2)]);
        let step = |skill, to| Relax { after: Span::ZERO, skill, to };
        let left = |steps: &[Relax]| needs.relaxed(steps).0;
        assert_eq!(left(&[step(GERMAN, 1)]), [(GERMAN, 1), (ENGLISH, 2)]);
        assert_eq!(left(&[step(GERMAN, 1), step(GERMAN, 5)]), [(GERMAN, 1), (ENGLISH, 2)]);
        assert_eq!(left(&[step(ENGLISH, 0), step(GERMAN, 9)]), [(GERMAN, 3)]);
    }

    #[test]
    fn needs_are_met_at_their_level() {
        let needs = Needs::new([(GERMAN, 3)]);
        let met = |level| needs.met_by(&[(GERMAN, level), (ENGLISH, 9)]);
        assert_eq!((met(2), met(3), met(4)), (false, true, true));
        assert!(!needs.met_by(&[(ENGLISH, 9)]));
        assert!(Needs::default().met_by(&[]));
        assert_eq!(needs.score(&[(GERMAN, 7), (ENGLISH, 9)]), 7);
    }
}
