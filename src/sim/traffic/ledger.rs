//! What came of a day, folded from the engine's facts: by kind of caller and interval of arrival.
//!
//! ```text
//! arrives(call) ┐
//! facts ────────┴──► cells (kind × interval): offered, answered, in target, waits …
//!                └─► crews (crew × interval): how long ready, how long with calls
//! ```
//!
//! The bare engine and the whole exchange are counted by the same ledger. A call belongs to the
//! interval in which it arrived, an agent's time to those in which it passed (DOMAIN.md 2.4).

use crate::{
    acd::fact::{Fact, Outcome, Rule},
    base::{
        numbers::{AgentNo, CallNo},
        table::Table,
        time::{Span, Timestamp},
    },
    sim::traffic::scenario::Scenario,
};

/// What came of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    /// How many intervals it has.
    pub intervals: usize,
    /// Calls: the intervals of the first kind of caller, then those of the next.
    pub cells: Vec<Cell>,
    /// Agents: the intervals of the first crew, then those of the next.
    pub crews: Vec<Time>,
    /// How long callers waited, added up, by interval in which they did.
    pub waiting: Vec<Span>,
    /// Waits of answered callers who waited at all: the cell, and the wait in milliseconds.
    pub waits: Vec<(u32, u32)>,
    /// How often each rule decided, in the order of [`Rule::ALL`].
    pub rules: [u32; Rule::ALL.len()],
    /// How long each agent spoke.
    pub spoken: Vec<Span>,
    /// When the last call was over.
    pub ended: Timestamp,
    /// What did not hold, where the whole exchange was played. Empty is well.
    pub faults: Vec<String>,
}

/// Calls of one kind that arrived in one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Callers.
    pub offered: u32,
    /// Who spoke with an agent.
    pub answered: u32,
    /// Who did so within the queue's target.
    pub in_target: u32,
    /// Who did so in no time at all.
    pub at_once: u32,
    /// Who gave up, the short ones included.
    pub abandoned: u32,
    /// Who gave up within the target.
    pub abandoned_in_target: u32,
    /// Who gave up within the queue's `short_abandon`.
    pub short_abandoned: u32,
    /// Who gave up while an agent's phone rang for them.
    pub abandoned_ringing: u32,
    /// Who was sent outside or turned away.
    pub turned_away: u32,
    /// Who was ended by the exchange: at closing time, or by a fault.
    pub failed: u32,
    /// Offers that came to nothing.
    pub missed: u32,
    /// Waits of the answered, added up.
    pub waited: Span,
    /// Waits of all, added up.
    pub waited_all: Span,
    /// The longest wait of all.
    pub longest: Span,
}

/// How long the agents of a crew were at what, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Ready for a call.
    pub ready: Span,
    /// With a call: ringing, speaking, wrapping up.
    pub busy: Span,
}

/// Counts while a day goes on.
#[derive(Clone, Debug)]
pub struct Ledger {
    opens: Timestamp,
    closes: Timestamp,
    interval: Span,
    /// The target, by kind of caller.
    targets: Vec<Span>,
    open: Table<CallNo, Open>,
    stints: Vec<Stint>,
    day: Day,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    cell: u32,
    kind: u32,
    arrived: Timestamp,
    is_ringing: bool,
    /// It has spoken with an agent. If that agent's phone fails, it waits again, and is still one
    /// answered call.
    is_answered: bool,
}

#[derive(Clone, Copy, Debug)]
struct Stint {
    crew: Option<usize>,
    doing: Doing,
    since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Off,
    Ready,
    Busy,
}

impl Ledger {
    /// An empty ledger for a day of `scenario`, whose midnight is `midnight`.
    #[must_use]
    pub fn new(scenario: &Scenario, midnight: Timestamp) -> Self {
        let intervals = scenario.intervals();
        let off = Stint { crew: None, doing: Doing::Off, since: midnight };
        let mut stints = vec![off; scenario.plan.agents.len()];
        for (crew, its) in scenario.crews.iter().enumerate() {
            for agent in its.members() {
                if let Some(stint) = stints.get_mut(agent.index()) {
                    stint.crew = Some(crew);
                }
            }
        }
        let target_of = |queue: usize| scenario.plan.queues.get(queue).map(|it| it.target);
        let targets = scenario.callers.iter().map(|it| target_of(it.queue.index()));
        Self {
            opens: midnight + scenario.opens,
            closes: midnight + scenario.closes,
            interval: Span(scenario.interval.0.max(1)),
            targets: targets.map(Option::unwrap_or_default).collect(),
            open: Table::default(),
            stints,
            day: Day {
                intervals,
                cells: vec![Cell::default(); scenario.callers.len() * intervals],
                crews: vec![Time::default(); scenario.crews.len() * intervals],
                waiting: vec![Span::ZERO; intervals],
                spoken: vec![Span::ZERO; scenario.plan.agents.len()],
                ..Day::default()
            },
        }
    }

    /// A caller of that kind arrives.
    pub fn arrives(&mut self, at: Timestamp, call: CallNo, kind: usize) {
        let cell = kind * self.day.intervals + self.interval_of(at);
        if let Some(cell) = self.day.cells.get_mut(cell) {
            cell.offered += 1;
        }
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let (cell, kind) = (number(cell), number(kind));
        self.open
            .insert(call, Open { cell, kind, arrived: at, is_ringing: false, is_answered: false });
    }

    /// Something became so.
    pub fn hear(&mut self, now: Timestamp, fact: &Fact) {
        match *fact {
            Fact::Offered { call, agent, decision, .. } => {
                if let Some(open) = self.open.get_mut(call) {
                    open.is_ringing = true;
                }
                if let Some(count) = self.day.rules.get_mut(decision.rule as usize) {
                    *count += 1;
                }
                self.turn(now, agent, Doing::Busy);
            }
            Fact::OfferLost { call, .. } => {
                let Some(open) = self.open.get_mut(call) else { return };
                open.is_ringing = false;
                if let Some(cell) = self.day.cells.get_mut(open.cell as usize) {
                    cell.missed += 1;
                }
            }
            Fact::Answered { call, wait, .. } => self.answered(now, call, wait),
            Fact::Ended { call, ref outcome, wait, talk, .. } => {
                self.ended(now, call, outcome, wait, talk);
            }
            Fact::Ready { agent } => self.turn(now, agent, Doing::Ready),
            Fact::WentAway { agent, .. }
            | Fact::SignedIn { agent, .. }
            | Fact::SignedOut { agent } => self.turn(now, agent, Doing::Off),
            // Who wraps up is still busy; the rest is nothing to figures.
            Fact::Planned(_)
            | Fact::Queued { .. }
            | Fact::Relaxed { .. }
            | Fact::Moved { .. }
            | Fact::Requeued { .. }
            | Fact::Transferred { .. }
            | Fact::Consulted { .. }
            | Fact::ConsultEnded { .. }
            | Fact::ExternalTransferStarted { .. }
            | Fact::ExternalTransferFailed { .. }
            | Fact::WrappingUp { .. }
            | Fact::WrapUpExtended { .. }
            | Fact::NextChosen { .. }
            | Fact::PhoneReach { .. }
            | Fact::PhoneOccupied { .. }
            | Fact::QueueOpen { .. } => (),
        }
    }

    /// What came of the day, which is over.
    #[must_use]
    pub fn close(mut self, now: Timestamp) -> Day {
        for agent in (0..).map(AgentNo::first).take(self.stints.len()) {
            self.turn(now, agent, Doing::Off);
        }
        self.day.ended = now;
        self.day
    }

    fn answered(&mut self, now: Timestamp, call: CallNo, wait: Span) {
        let Some(open) = self.open.get_mut(call).filter(|open| !open.is_answered) else { return };
        open.is_answered = true;
        let Open { cell: place, kind, arrived, .. } = *open;
        let target = self.targets.get(kind as usize).copied().unwrap_or_default();
        let Some(cell) = self.day.cells.get_mut(place as usize) else { return };
        cell.answered += 1;
        cell.in_target += u32::from(wait <= target);
        cell.at_once += u32::from(wait == Span::ZERO);
        cell.waited = cell.waited + wait;
        if wait > Span::ZERO {
            let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
            self.day.waits.push((place, wait));
            self.waited(arrived, now);
        }
    }

    fn ended(&mut self, now: Timestamp, call: CallNo, outcome: &Outcome, wait: Span, talk: Span) {
        let Some(open) = self.open.remove(call) else { return };
        let target = self.targets.get(open.kind as usize).copied().unwrap_or_default();
        let Some(cell) = self.day.cells.get_mut(open.cell as usize) else { return };
        cell.waited_all = cell.waited_all + wait;
        cell.longest = cell.longest.max(wait);
        match outcome {
            Outcome::Answered(agent) => {
                if let Some(spoken) = self.day.spoken.get_mut(agent.index()) {
                    *spoken = *spoken + talk;
                }
                return;
            }
            Outcome::Abandoned | Outcome::ShortAbandoned => {
                cell.abandoned += 1;
                cell.abandoned_in_target += u32::from(wait <= target);
                cell.abandoned_ringing += u32::from(open.is_ringing);
                cell.short_abandoned += u32::from(*outcome == Outcome::ShortAbandoned);
            }
            Outcome::Overflowed(..) | Outcome::TurnedAway(..) => cell.turned_away += 1,
            // Nobody presses keys here.
            Outcome::Announced => (),
            Outcome::Failed => cell.failed += 1,
        }
        self.waited(open.arrived, now);
    }

    fn turn(&mut self, now: Timestamp, agent: AgentNo, doing: Doing) {
        let Some(stint) = self.stints.get_mut(agent.index()) else { return };
        let before = std::mem::replace(stint, Stint { doing, since: now, ..*stint });
        let Some(first) = before.crew.map(|crew| crew * self.day.intervals) else { return };
        if before.doing == Doing::Off || before.doing == doing {
            stint.since = if before.doing == doing { before.since } else { now };
            return;
        }
        let (from, to) = self.within_hours(before.since, now);
        for (interval, span) in Pieces::new(self.opens, self.interval, from, to) {
            let Some(time) = self.day.crews.get_mut(first + interval) else { return };
            match before.doing {
                Doing::Ready => time.ready = time.ready + span,
                Doing::Busy => time.busy = time.busy + span,
                Doing::Off => (),
            }
        }
    }

    fn waited(&mut self, from: Timestamp, to: Timestamp) {
        let (from, to) = self.within_hours(from, to);
        for (interval, span) in Pieces::new(self.opens, self.interval, from, to) {
            if let Some(waiting) = self.day.waiting.get_mut(interval) {
                *waiting = *waiting + span;
            }
        }
    }

    fn within_hours(&self, from: Timestamp, to: Timestamp) -> (Timestamp, Timestamp) {
        (from.clamp(self.opens, self.closes), to.clamp(self.opens, self.closes))
    }

    fn interval_of(&self, at: Timestamp) -> usize {
        let place = at.since(self.opens).0 / self.interval.0;
        usize::try_from(place).unwrap_or(usize::MAX).min(self.day.intervals.saturating_sub(1))
    }
}

/// A stretch of time, cut where intervals meet.
struct Pieces {
    opens: Timestamp,
    interval: Span,
    from: Timestamp,
    to: Timestamp,
}

impl Pieces {
    fn new(opens: Timestamp, interval: Span, from: Timestamp, to: Timestamp) -> Self {
        Self { opens, interval, from, to }
    }
}

impl Iterator for Pieces {
    type Item = (usize, Span);

    fn next(&mut self) -> Option<(usize, Span)> {
        if self.from >= self.to {
            return None;
        }
        let place = self.from.since(self.opens).0 / self.interval.0;
        let end = (self.opens + self.interval * (place + 1)).min(self.to);
        let span = end.since(self.from);
        self.from = end;
        Some((usize::try_from(place).ok()?, span))
    }
}

impl Cell {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.in_target += other.in_target;
        self.at_once += other.at_once;
        self.abandoned += other.abandoned;
        self.abandoned_in_target += other.abandoned_in_target;
        self.short_abandoned += other.short_abandoned;
        self.abandoned_ringing += other.abandoned_ringing;
        self.turned_away += other.turned_away;
        self.failed += other.failed;
        self.missed += other.missed;
        self.waited = self.waited + other.waited;
        self.waited_all = self.waited_all + other.waited_all;
        self.longest = self.longest.max(other.longest);
    }

    /// Calls that have an outcome. All of them have, once a day is over.
    #[must_use]
    pub fn ended(&self) -> u32 {
        self.answered + self.abandoned + self.turned_away + self.failed
    }
}

impl Day {
    /// The cells of one kind of caller, by interval.
    #[must_use]
    pub fn kind(&self, kind: usize) -> &[Cell] {
        let from = kind * self.intervals;
        self.cells.get(from..from + self.intervals).unwrap_or_default()
    }

    /// The times of one crew, by interval.
    #[must_use]
    pub fn crew(&self, crew: usize) -> &[Time] {
        let from = crew * self.intervals;
        self.crews.get(from..from + self.intervals).unwrap_or_default()
    }
}
