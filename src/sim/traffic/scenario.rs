//! A day to be simulated: who calls, who is at work, and what they are like.
//!
//! Values only. A file is read into them by [`scenario`](crate::scenario), tests write them down.

use crate::{
    acd::{
        input::Channel,
        plan::{Agent, Needs, Plan},
    },
    base::{
        numbers::{AgentNo, QueueNo},
        time::Span,
    },
    sim::{traffic::law::Law, world::wire::Weather},
};

/// A day. Times of day are counted from midnight.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What people call it.
    pub name: String,
    /// Queues, skills and agents, as the engine is told them.
    pub plan: Plan,
    /// The first calls come.
    pub opens: Span,
    /// The last calls come.
    pub closes: Span,
    /// What becomes of those who still wait then.
    pub at_closing: Closing,
    /// Figures are given by intervals of this length.
    pub interval: Span,
    /// Who calls.
    pub callers: Vec<Callers>,
    /// Who is at work.
    pub crews: Vec<Crew>,
    /// The network, where there is one.
    pub weather: Weather,
}

/// What becomes of those who still wait when the lines close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// They are served; who is at work then stays until they are.
    #[default]
    Serve,
    /// They are told so, and their calls end.
    End,
}

/// Callers of one kind.
#[derive(Clone, Debug)]
pub struct Callers {
    /// What people call them.
    pub name: String,
    /// Where they want to be.
    pub queue: QueueNo,
    /// What they need beyond the queue's needs.
    pub own: Needs,
    /// By which entry they come.
    pub channel: Channel,
    /// When they come.
    pub arrivals: Arrivals,
    /// How long they wait before they give up.
    pub patience: Law,
    /// How long they speak.
    pub handling: Law,
    /// How long their agent finishes up, at most as long as the queue's wrap-up; if absent, just as
    /// long.
    pub wrap_up: Option<Law>,
}

/// When callers come.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// By chance (Poisson): how many are expected in each interval from the opening on.
    Expected(Vec<f64>),
    /// At these times of day.
    Times(Vec<Span>),
}

/// Agents of one kind.
#[derive(Clone, Debug)]
pub struct Crew {
    /// What people call them.
    pub name: String,
    /// When its members are at work.
    pub duties: Vec<Duty>,
    /// How long they let the phone ring.
    pub answers: Law,
    /// The share of offers that none of them answers: the phone rings out.
    pub unanswered: f64,
    /// How long after a missed offer they say that they are ready again.
    pub returns: Span,
    /// How often in an hour a phone fails, each.
    pub failures: f64,
    /// How long it takes until it is back.
    pub repair: Law,
}

/// When an agent is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Who.
    pub agent: AgentNo,
    /// From this time of day on.
    pub from: Span,
    /// Until this one. Who is in a call finishes it.
    pub to: Span,
    /// What then.
    pub then: Then,
}

/// What an agent does after a time at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Has a break.
    Break,
    /// Goes home.
    Home,
}

impl Crew {
    /// People who answer at once, always, at working phones.
    #[must_use]
    pub fn perfect(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            duties: vec![],
            answers: Law::NOTHING,
            unanswered: 0.0,
            returns: Span::secs(60),
            failures: 0.0,
            repair: Law::Fixed(30.0),
        }
    }

    /// Those at work, each once, by number.
    #[must_use]
    pub fn members(&self) -> Vec<AgentNo> {
        let mut members: Vec<AgentNo> = self.duties.iter().map(|duty| duty.agent).collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// Brings in one more of the kind, from the crew's first hour to its last. Nobody if there
    /// is nobody to be like.
    pub fn hire(&mut self, plan: &mut Plan) {
        let from = self.duties.iter().map(|duty| duty.from).min();
        let to = self.duties.iter().map(|duty| duty.to).max();
        let like = self.duties.first().and_then(|duty| plan.agents.get(duty.agent.index()));
        let (Some(from), Some(to), Some(like)) = (from, to, like.cloned()) else { return };
        let agent = AgentNo::first(u32::try_from(plan.agents.len()).unwrap_or(u32::MAX));
        plan.agents.push(Agent { id: format!("{}-more-{}", self.name, agent.index()), ..like });
        self.duties.push(Duty { agent, from, to, then: Then::Home });
    }

    /// Does without whoever works longest.
    pub fn dismiss(&mut self) {
        let works = |agent: AgentNo| -> u64 {
            let own = self.duties.iter().filter(|duty| duty.agent == agent);
            own.map(|duty| duty.to.0.saturating_sub(duty.from.0)).sum()
        };
        let longest = self.members().into_iter().rev().max_by_key(|agent| works(*agent));
        self.duties.retain(|duty| Some(duty.agent) != longest);
    }
}

impl Scenario {
    /// How many intervals the day has.
    #[must_use]
    pub fn intervals(&self) -> usize {
        let open = self.closes.0.saturating_sub(self.opens.0);
        usize::try_from(open.div_ceil(self.interval.0.max(1))).unwrap_or(usize::MAX).max(1)
    }

    /// How many callers are expected in all.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // A day's callers.
    pub fn expected(&self) -> f64 {
        let of = |callers: &Callers| match &callers.arrivals {
            Arrivals::Expected(each) => each.iter().sum(),
            Arrivals::Times(times) => times.len() as f64,
        };
        self.callers.iter().map(of).sum()
    }
}
