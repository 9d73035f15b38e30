//! Agents with the same skills, and who of them is idle.
//!
//! The matching looks at pools, not at agents: among ten thousand agents there are a few
//! dozen different sets of skills, and inside one set only the first in turn matters.

use std::collections::BTreeSet;

use crate::{
    acd::plan::{AgentOrder, Level, Plan},
    base::{
        numbers::{AgentNo, SkillNo},
        time::Timestamp,
    },
};

/// The number of a pool within one plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::acd) struct PoolNo(pub(in crate::acd) u32);

/// Agents with the same skills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::acd) struct Pool {
    pub(in crate::acd) skills: Vec<(SkillNo, Level)>,
    /// Those of the skills that are scarce.
    pub(in crate::acd) scarce: Vec<SkillNo>,
    /// How many are at work, idle or not: neither signed out nor away.
    pub(in crate::acd) at_work: u32,
    by_idle: BTreeSet<(Timestamp, AgentNo)>,
    /// Kept only where a queue's order asks for it.
    by_calls: Option<BTreeSet<(u32, Timestamp, AgentNo)>>,
}

/// Whoever of a pool comes first for a call. The smallest of several pools' is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::acd) struct Candidate {
    /// Whoever just missed this very call comes after everyone else.
    pub(in crate::acd) missed_it: bool,
    /// What the queue's order ranks first: calls so far, or skill (less is better).
    rank: u32,
    pub(in crate::acd) idle_since: Timestamp,
    pub(in crate::acd) agent: AgentNo,
}

impl Pool {
    /// An empty pool under `plan`.
    pub(in crate::acd) fn new(skills: Vec<(SkillNo, Level)>, plan: &Plan) -> Self {
        let is_scarce =
            |skill: SkillNo| plan.skills.get(skill.index()).is_some_and(|it| it.reserve > 0);
        let has = skills.iter().filter(|&&(_, level)| level > 0);
        let scarce = has.map(|&(skill, _)| skill).filter(|&skill| is_scarce(skill)).collect();
        let counts = plan.queues.iter().any(|queue| queue.order == AgentOrder::FewestCalls);
        let by_calls = counts.then(BTreeSet::new);
        Self { skills, scarce, at_work: 0, by_idle: BTreeSet::new(), by_calls }
    }

    pub(in crate::acd) fn enter(&mut self, agent: AgentNo, since: Timestamp, calls: u32) {
        self.by_idle.insert((since, agent));
        if let Some(by_calls) = &mut self.by_calls {
            by_calls.insert((calls, since, agent));
        }
    }

    pub(in crate::acd) fn leave(&mut self, agent: AgentNo, since: Timestamp, calls: u32) {
        self.by_idle.remove(&(since, agent));
        if let Some(by_calls) = &mut self.by_calls {
            by_calls.remove(&(calls, since, agent));
        }
    }

    /// Who is idle, longest first.
    pub(in crate::acd) fn idle(&self) -> &BTreeSet<(Timestamp, AgentNo)> {
        &self.by_idle
    }

    /// The next in turn for a call that `missed_by` just missed. `score` is how well this pool
    /// serves the call.
    pub(in crate::acd) fn next(
        &self,
        order: AgentOrder,
        score: u32,
        missed_by: Option<AgentNo>,
    ) -> Option<Candidate> {
        let candidate = |rank, idle_since, agent| Candidate {
            missed_it: missed_by == Some(agent),
            rank,
            idle_since,
            agent,
        };
        // Of the first two at least one did not just miss the call.
        match order {
            AgentOrder::LongestIdle | AgentOrder::BestSkill => {
                let rank = match order {
                    AgentOrder::BestSkill => u32::MAX - score,
                    AgentOrder::LongestIdle | AgentOrder::FewestCalls => 0,
                };
                self.by_idle.iter().take(2).map(|&(since, no)| candidate(rank, since, no)).min()
            }
            AgentOrder::FewestCalls => {
                let first = self.by_calls.iter().flatten().take(2);
                first.map(|&(calls, since, no)| candidate(calls, since, no)).min()
            }
        }
    }
}
