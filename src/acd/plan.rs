//! What the engine is told about the city's queues, skills and agents: the configuration, as numbers.
//!
//! Names are here for people (facts, boards, refusals); the engine compares numbers only.
//! Numbers are positions in these lists and are kept across reloads: what the file no longer
//! names stays in its place with `retired: true`.

use serde::{Deserialize, Serialize};

use crate::base::{
    numbers::{QueueNo, SkillNo},
    time::Span,
};

/// How well an agent must have, or has, a skill: 1 (some) to 10 (expert); 0 means not at all.
pub type Level = u8;

/// Everything that the engine knows by configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Skills by [`SkillNo`].
    pub skills: Vec<Skill>,
    /// Queues by [`QueueNo`].
    pub queues: Vec<Queue>,
    /// Agents by [`AgentNo`](crate::base::numbers::AgentNo).
    pub agents: Vec<Agent>,
    /// The most calls that may be inside (waiting, ringing, talking) at once.
    pub calls_max: u32,
}

/// A skill, and how scarce it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// As the configuration names it: `english`.
    pub name: String,
    /// How many agents with this skill are kept back for calls that need it (DESIGN.md 7, `r`).
    /// Zero for a skill that is not scarce.
    pub reserve: u32,
    /// How long a call that does not need the skill must have waited before it may take one of
    /// the reserve (`θ`): just before its target, about 16 s.
    pub release: Span,
}

/// A waiting line with its promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// As the configuration names it: `buergertelefon`.
    pub name: String,
    /// Which skills, at which level, its calls need. A call may bring more of its own.
    pub needs: Needs,
    /// How these needs soften as a caller waits, by rising `after`.
    pub relax: Vec<Relax>,
    /// `T_k`: callers are chosen by the largest wait / target.
    pub target: Span,
    /// Who among the allowed agents is taken.
    pub order: AgentOrder,
    /// How long a phone may ring before the next agent is tried.
    pub ring: Span,
    /// How long an agent may finish up after a call.
    pub wrap_up: Span,
    /// How much longer one request of the agent makes the wrap-up, at most once a call.
    pub wrap_up_extension: Span,
    /// What becomes of a call that comes while the queue is closed. Who waits is served on.
    pub when_closed: Overflow,
    /// At most so many calls wait here.
    pub waiting_max: u32,
    /// What becomes of a call that finds the line full.
    pub when_full: Overflow,
    /// At most so long a call waits here, counted from its arrival.
    pub wait_max: Option<Span>,
    /// What becomes of a call that has waited so long.
    pub when_late: Overflow,
    /// An abandoned call this short is counted as such (DOMAIN.md K-2).
    pub short_abandon: Span,
    /// No longer in the file; those inside are served to the end.
    pub retired: bool,
}

/// Skills with the least level of each, in the order of skills, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Needs(pub Vec<(SkillNo, Level)>);

/// From `after` on, `skill` is needed only at level `to`; 0 drops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relax {
    /// Counted from the arrival.
    pub after: Span,
    /// Which need softens.
    pub skill: SkillNo,
    /// The level from then on; 0 if the skill is no longer needed.
    pub to: Level,
}

/// Who among the allowed agents is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentOrder {
    /// Whoever has been idle longest: loads stay equal (DOMAIN.md 4.3).
    #[default]
    LongestIdle,
    /// Whoever answered the fewest calls since signing in; then the longest idle.
    FewestCalls,
    /// Whoever has the needed skills at the highest levels; then the longest idle.
    BestSkill,
}

/// What becomes of a call that its queue cannot keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// It waits on where it is; for `when_full` the limit then counts but does not bind.
    Stay,
    /// It moves to another queue and keeps its arrival time.
    Queue(QueueNo),
    /// It is sent to a SIP address outside; the exchange knows which by this number.
    Outside(u32),
    /// It hears an announcement and is ended.
    Announce,
    /// It is told busy: 486 if not answered yet, else an announcement and the end.
    Busy,
}

/// Someone who answers calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// As the configuration names it: `1001`. Never a label of a metric (DOMAIN.md L-3).
    pub id: String,
    /// Skills with the agent's level in each, in the order of skills.
    pub skills: Vec<(SkillNo, Level)>,
    /// No longer in the file: a call in hand is finished, then the agent is signed out.
    pub retired: bool,
}
