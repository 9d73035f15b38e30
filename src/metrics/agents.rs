//! Figures of agents: how many with a skill are in a state, and how long all were, together.

use prometheus::{CounterVec, IntGaugeVec, Opts};

use crate::{
    base::time::Timestamp,
    board::{agent::Group, fold::Board},
    metrics::make::{Make, whole},
};

/// A skill that fewer agents have is not shown: a count of one or two is a person
/// (DOMAIN.md L-3).
const FEWEST: usize = 3;

/// The figures of agents.
pub(super) struct Agents {
    count: IntGaugeVec,
    seconds: CounterVec,
}

impl Agents {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let seconds = Opts::new(
            "acd_agent_state_seconds_total",
            "Time that agents spent in the state, all together; its rate is how many there are",
        );
        let agents = Self {
            count: make.gauges(
                "acd_agents",
                "Agents with the skill in the state now; skills of fewer than three agents are left out",
                &["skill", "state"],
            ),
            seconds: make.register(CounterVec::new(seconds, &["state"])),
        };
        for group in Group::ALL {
            agents.seconds.with_label_values(&[group.word()]);
        }
        agents
    }

    pub(super) fn show(&self, board: &Board, now: Timestamp) {
        for (group, spent) in Group::ALL.into_iter().zip(board.hours_at(now).spent()) {
            let shown = self.seconds.with_label_values(&[group.word()]);
            let more = spent.as_secs_f64() - shown.get();
            if more > 0.0 {
                shown.inc_by(more);
            }
        }

        // One agent has several skills: a pass over the agents, a count a skill.
        let skills = &board.plan().skills;
        let mut known = vec![0usize; skills.len()];
        let mut counts = vec![[0usize; Group::ALL.len()]; skills.len()];
        for (_, plan, agent) in board.agents().filter(|(_, plan, _)| !plan.retired) {
            for (skill, _) in plan.skills.iter().filter(|(_, level)| *level > 0) {
                if let Some(known) = known.get_mut(skill.index()) {
                    *known += 1;
                }
                let group = agent.state.group().map(Group::index);
                let counts = counts.get_mut(skill.index());
                if let Some(count) = counts.zip(group).and_then(|(it, group)| it.get_mut(group)) {
                    *count += 1;
                }
            }
        }
        self.count.reset();
        for ((skill, known), counts) in skills.iter().zip(known).zip(counts) {
            if known < FEWEST {
                continue;
            }
            for (group, count) in Group::ALL.into_iter().zip(counts) {
                self.count
                    .with_label_values(&[skill.name.as_str(), group.word()])
                    .set(whole(count));
            }
        }
    }
}
