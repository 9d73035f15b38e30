//! The story of one call, as its journal tells it: when it was matched, with whom, and why not
//! before and not with others.
//!
//! ```text
//!  0.0 s  waits: 8 agents idle, none with english >= 2
//! 14.0 s  needs less: german >= 1, english >= 1
//! 14.0 s  waits: 2 of 8 idle agents can, and are kept back for english (reserve 2, released at 16 s)
//! 16.0 s  offered to 1004 (idle 3m 10s, longest of 2; the reserve is released)
//! ```
//!
//! Facts say what became so. Why nothing became so is asked of the routing rule, over the state
//! as it was folded. Agents are named, for it is told to the one who holds the journal; callers'
//! numbers are masked in it.

use std::fmt::{self, Write as _};

use crate::{
    acd::{
        fact::{Decision, Fact as Engine, Limit, Outcome, Rule},
        input::OfferLost,
        plan::{AgentOrder, Needs, Overflow, Plan},
        rules::why::{self, Choice, Engaged, Reason, Waits},
        state::State,
    },
    base::{
        call_ref::CallRef,
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
        ucid::Ucid,
    },
    exchange::fact::Fact,
    journal::replay::Moment,
};

/// One call's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its number in that life.
    pub call: CallNo,
    /// Its id; none in journals of older versions, or if its opening is not in the journal.
    pub id: Option<Ucid>,
    /// Which start of the server, counted from 1.
    pub life: u64,
    /// When it came.
    pub arrived: Timestamp,
    /// Who called, masked.
    pub caller: String,
    /// What was dialled.
    pub dialled: String,
    /// The SIP Call-ID, for the log.
    pub sip_call_id: String,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// One thing that happened, or that kept something from happening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long after the call came.
    pub after: Span,
    /// Of what kind: a word for machines.
    pub kind: Kind,
    /// In words for people.
    pub says: String,
}

/// Of what kind a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It came into a queue.
    Queued,
    /// Why nobody has it.
    Waits,
    /// Its needs softened.
    Relaxed,
    /// A limit moved it, or met it in vain.
    Moved,
    /// A phone rings for it.
    Offered,
    /// That phone did not take it.
    OfferLost,
    /// It speaks with an agent.
    Answered,
    /// It waits again.
    Requeued,
    /// Its agent consults a colleague.
    Consulted,
    /// That consult ends.
    ConsultEnded,
    /// Its agent passed it on.
    Transferred,
    /// It is over.
    Ended,
}

/// Listens to a journal for one call.
#[derive(Debug)]
pub struct Teller {
    wanted: CallRef,
    /// The number of the call in the life that is being read; `None`: it has not come yet.
    call: Option<CallNo>,
    life: u64,
    stories: Vec<Story>,
    /// The last reason told, without its figures, which change all the time.
    reason: Option<Reason>,
    /// What the call needed when that was last said.
    needs: Needs,
    plan: Plan,
}

impl Teller {
    /// Listens for that call.
    #[must_use]
    pub fn new(wanted: CallRef) -> Self {
        Self {
            wanted,
            call: None,
            life: 0,
            stories: vec![],
            reason: None,
            needs: Needs::default(),
            plan: Plan::default(),
        }
    }

    /// Hears one moment.
    pub fn hear(&mut self, moment: &Moment<'_>) {
        let Moment { life, state, before, record } = *moment;
        if life != self.life {
            self.life = life;
            // A number is given out anew in each life; an id never is.
            self.call = match self.wanted {
                CallRef::Number(number) => Some(number),
                CallRef::Id(_) => None,
            };
        }
        if record.is_none_or(|record| record.at > before) {
            self.look(life, state, before);
        }
        let Some(record) = record else { return };
        match &record.fact {
            Fact::CallOpened { call, id, call_id, caller, dialled, .. }
                if self.call == Some(*call) || id.map(CallRef::Id) == Some(self.wanted) =>
            {
                self.call = Some(*call);
                self.stories.push(Story {
                    caller: caller.to_string(),
                    dialled: dialled.clone(),
                    id: *id,
                    sip_call_id: call_id.clone(),
                    ..Story::new(*call, life, record.at)
                });
                self.reason = None;
            }
            Fact::Acd(Engine::Planned(plan)) => self.plan.clone_from(plan),
            // A step that softens what this call never needed.
            Fact::Acd(Engine::Relaxed { call, needs, .. })
                if self.call == Some(*call) && *needs == self.needs => {}
            Fact::Acd(fact) if self.call.is_some() && fact.call() == self.call => {
                if let Engine::Queued { needs, .. }
                | Engine::Relaxed { needs, .. }
                | Engine::Moved { needs, .. }
                | Engine::Transferred { needs, .. } = fact
                {
                    self.needs.clone_from(needs);
                }
                if let Some((kind, says)) = self.say(state, record.at, fact) {
                    self.step(life, record.at, kind, says);
                }
            }
            Fact::Acd(_)
            | Fact::CallOpened { .. }
            | Fact::TrunkUp { .. }
            | Fact::TrunkDown { .. }
            | Fact::DialledOut { .. }
            | Fact::DialRefused { .. }
            | Fact::DialEnded { .. }
            | Fact::Routed { .. }
            | Fact::PhoneAt { .. }
            | Fact::CallRefused { .. }
            | Fact::Held { .. }
            | Fact::Resumed { .. }
            | Fact::Conferenced { .. }
            | Fact::OutsideRung { .. }
            | Fact::OutsideConsulted { .. }
            | Fact::OutsideLost { .. }
            | Fact::TransferredOutside { .. }
            | Fact::Negotiated { .. }
            | Fact::LegClosed { .. }
            | Fact::LegOpened { .. }
            | Fact::Draining => (),
        }
    }

    /// The stories of that call: of a number one a start of the server at most, the last one last.
    #[must_use]
    pub fn stories(self) -> Vec<Story> {
        self.stories
    }

    /// Nothing more happened at `at`: if the call waits, there is a reason.
    fn look(&mut self, life: u64, state: &State, at: Timestamp) {
        let waits = self.call.and_then(|call| why::waits(state, at, call));
        let Some(waits) = waits else { return };
        let told = self.reason.as_ref().is_some_and(|last| is_alike(last, &waits.reason));
        if !told {
            let says = format!("waits: {}", self.because(&waits));
            self.step(life, at, Kind::Waits, says);
            self.reason = Some(waits.reason);
        }
    }

    fn step(&mut self, life: u64, at: Timestamp, kind: Kind, says: String) {
        if kind != Kind::Waits && kind != Kind::Relaxed {
            self.reason = None;
        }
        let known = self.stories.last().is_some_and(|story| story.life == life);
        if !known {
            // Its opening is not in the journal.
            self.stories.extend(self.call.map(|call| Story::new(call, life, at)));
        }
        if let Some(story) = self.stories.last_mut() {
            story.steps.push(Step { after: at.since(story.arrived), kind, says });
        }
    }

    fn because(&self, waits: &Waits) -> String {
        let Waits { reason, ahead, engaged } = waits;
        let mut says = match reason {
            Reason::NobodyIdle => format!("nobody is idle; {}", who_can(*engaged)),
            Reason::NoneCan { idle, lacks } => {
                format!("{}, none with {}", idle_agents(*idle), self.needs(lacks))
            }
            Reason::KeptBack { idle, can, skill, reserve, release } => format!(
                "{can} of {idle} idle can, and are kept back for {} (reserve {reserve}, released at {})",
                self.skill(skill.index()),
                spell(*release)
            ),
        };
        match ahead {
            0 => (),
            1 => says.push_str("; 1 call comes before it"),
            _ => {
                let _ = write!(says, "; {ahead} calls come before it");
            }
        }
        says
    }

    fn say(&self, state: &State, at: Timestamp, fact: &Engine) -> Option<(Kind, String)> {
        Some(match fact {
            Engine::Queued { queue, needs, .. } => {
                let says =
                    format!("comes into {}, needs {}", self.queue(*queue), self.needs(needs));
                (Kind::Queued, says)
            }
            Engine::Relaxed { needs, .. } => {
                (Kind::Relaxed, format!("needs less: {}", self.needs(needs)))
            }
            Engine::Moved { from, to, why, .. } if from == to => {
                (Kind::Moved, format!("{}, and nowhere to go: waits on", limit(*why)))
            }
            Engine::Moved { to, why, needs, .. } => {
                let (to, needs) = (self.queue(*to), self.needs(needs));
                (Kind::Moved, format!("{}: moves to {to}, needs {needs}", limit(*why)))
            }
            Engine::Offered { call, agent, decision, .. } => {
                let choice = why::chosen(state, at, *call, *agent);
                (Kind::Offered, self.offered(*agent, decision, choice))
            }
            Engine::OfferLost { agent, why, .. } => {
                let why = match why {
                    OfferLost::NoAnswer => "did not answer",
                    OfferLost::Refused => "refused",
                    OfferLost::Busy => "was busy",
                    OfferLost::Unreachable => "could not be reached",
                    OfferLost::Failed => "has a phone that failed",
                };
                (Kind::OfferLost, format!("{} {why}: keeps its place", self.agent(*agent)))
            }
            Engine::Answered { agent, wait, .. } => {
                let says = format!("speaks with {}, waited {}", self.agent(*agent), spell(*wait));
                (Kind::Answered, says)
            }
            Engine::Transferred { agent, to, talk, .. } => {
                let (agent, to, talk) = (self.agent(*agent), self.queue(*to), spell(*talk));
                (Kind::Transferred, format!("{agent} passes it on to {to} after {talk}"))
            }
            Engine::Consulted { agent, with, .. } => {
                let (agent, with) = (self.agent(*agent), self.agent(*with));
                (Kind::Consulted, format!("{agent} consults {with}"))
            }
            Engine::ConsultEnded { agent, with, .. } => {
                let (agent, with) = (self.agent(*agent), self.agent(*with));
                (Kind::ConsultEnded, format!("stays with {agent}, the consult with {with} ends"))
            }
            Engine::ExternalTransferStarted { agent, talk, .. } => {
                let (agent, talk) = (self.agent(*agent), spell(*talk));
                (Kind::Transferred, format!("{agent} leaves it after {talk}, it rings outside"))
            }
            Engine::ExternalTransferFailed { .. } => {
                (Kind::Requeued, "nobody outside took it: waits again".to_owned())
            }
            Engine::Requeued { agent, talk, .. } => {
                let (agent, talk) = (self.agent(*agent), spell(*talk));
                let says = format!("the phone of {agent} failed after {talk}: waits again");
                (Kind::Requeued, says)
            }
            Engine::Ended { outcome, wait, talk, .. } => {
                let says = match outcome {
                    Outcome::Answered(agent) => {
                        format!("ends: answered by {}, spoke {}", self.agent(*agent), spell(*talk))
                    }
                    Outcome::Abandoned => format!("ends: given up after {}", spell(*wait)),
                    Outcome::ShortAbandoned => format!("ends: given up at once, {}", spell(*wait)),
                    Outcome::Overflowed(_, why) => {
                        format!("ends here: {}, sent outside", limit(*why))
                    }
                    Outcome::TurnedAway(Overflow::Busy, why) => {
                        format!("ends: {}, told busy", limit(*why))
                    }
                    Outcome::TurnedAway(_, why) => format!("ends: {}, turned away", limit(*why)),
                    Outcome::Failed => "ends: failed".to_owned(),
                };
                (Kind::Ended, says)
            }
            // What its agent does afterwards is another story.
            Engine::Planned(_)
            | Engine::SignedIn { .. }
            | Engine::Ready { .. }
            | Engine::WentAway { .. }
            | Engine::WrappingUp { .. }
            | Engine::WrapUpExtended { .. }
            | Engine::NextChosen { .. }
            | Engine::SignedOut { .. }
            | Engine::PhoneReach { .. }
            | Engine::PhoneOccupied { .. } => return None,
        })
    }

    fn offered(&self, agent: AgentNo, decision: &Decision, choice: Option<Choice>) -> String {
        let mut says = format!("offered to {} (idle {}", self.agent(agent), spell(decision.idle));
        if let Some(choice) = choice {
            says.push_str(&first_of(&choice));
            for (count, what) in [(choice.lacking, "cannot"), (choice.kept_back, "are kept back")] {
                if count > 0 {
                    let _ = write!(says, ", {count} {what}");
                }
            }
        }
        says.push_str(match decision.rule {
            Rule::Direct => "; free when it came",
            Rule::Hldr if decision.waiting == 1 => "; nobody else waits",
            Rule::Hldr => "; the oldest for its target",
            Rule::ReserveHold => "; out of the reserve that it needs",
            Rule::ReserveRelease => "; the reserve is released",
            Rule::Transfer => "; a colleague asked for this agent",
            Rule::Consult => "; a colleague wants to speak with this agent",
        });
        if decision.head_start > Span::ZERO && decision.waiting > 1 {
            let _ =
                write!(says, ", with {} ahead, for few can serve it", spell(decision.head_start));
        }
        says.push(')');
        says
    }

    fn queue(&self, queue: QueueNo) -> String {
        let known = self.plan.queues.get(queue.index());
        known.map_or_else(|| queue.to_string(), |it| it.name.clone())
    }

    fn agent(&self, agent: AgentNo) -> String {
        let known = self.plan.agents.get(agent.index());
        known.map_or_else(|| agent.to_string(), |it| it.id.clone())
    }

    fn skill(&self, skill: usize) -> &str {
        self.plan.skills.get(skill).map_or("a skill", |it| it.name.as_str())
    }

    fn needs(&self, needs: &Needs) -> String {
        if needs.0.is_empty() {
            return "nothing".to_owned();
        }
        let each = needs.0.iter();
        let each = each.map(|(skill, least)| format!("{} >= {least}", self.skill(skill.index())));
        each.collect::<Vec<_>>().join(" and ")
    }
}

impl Story {
    fn new(call: CallNo, life: u64, arrived: Timestamp) -> Self {
        Self {
            call,
            id: None,
            life,
            arrived,
            caller: String::new(),
            dialled: String::new(),
            sip_call_id: String::new(),
            steps: vec![],
        }
    }

    /// Why it was matched when it was and not before, in one sentence. Empty if it never waited
    /// and was never offered.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts: Vec<String> = vec![];
        for (place, step) in self.steps.iter().enumerate() {
            match step.kind {
                Kind::Waits => {
                    let until = self.steps.get(place + 1).map(|next| spell(next.after));
                    let because = step.says.strip_prefix("waits: ").unwrap_or(&step.says);
                    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
                    parts.push(format!("{because}{until}"));
                }
                Kind::Offered
                | Kind::OfferLost
                | Kind::Requeued
                | Kind::Transferred
                | Kind::Moved => {
                    parts.push(step.says.clone());
                }
                Kind::Queued
                | Kind::Relaxed
                | Kind::Answered
                | Kind::Consulted
                | Kind::ConsultEnded
                | Kind::Ended => (),
            }
        }
        parts.join("; ")
    }
}

impl Kind {
    /// The word for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Waits => "waits",
            Self::Relaxed => "relaxed",
            Self::Moved => "moved",
            Self::Offered => "offered",
            Self::OfferLost => "offer-lost",
            Self::Answered => "answered",
            Self::Requeued => "requeued",
            Self::Consulted => "consulted",
            Self::ConsultEnded => "consult-ended",
            Self::Transferred => "transferred",
            Self::Ended => "ended",
        }
    }
}

/// The story as a person reads it: a line a step.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, id, arrived, dialled, caller, .. } = self;
        write!(f, "{} came at {arrived} UTC", CallRef::new(*call, *id))?;
        if !dialled.is_empty() {
            write!(f, ", dialled {dialled}")?;
        }
        if !caller.is_empty() {
            write!(f, ", from {caller}")?;
        }
        writeln!(f)?;
        for step in &self.steps {
            writeln!(f, "{:>10}  {}", spell(step.after), step.says)?;
        }
        Ok(())
    }
}

/// Whether two reasons are the same but for figures that change all the time.
fn is_alike(one: &Reason, other: &Reason) -> bool {
    match (one, other) {
        (Reason::NobodyIdle, Reason::NobodyIdle) => true,
        (Reason::NoneCan { lacks, .. }, Reason::NoneCan { lacks: others, .. }) => lacks == others,
        (Reason::KeptBack { skill, .. }, Reason::KeptBack { skill: others, .. }) => skill == others,
        (Reason::NobodyIdle | Reason::NoneCan { .. } | Reason::KeptBack { .. }, _) => false,
    }
}

/// What made an agent the first of those allowed.
fn first_of(choice: &Choice) -> String {
    let Choice { allowed, order, calls, again, .. } = choice;
    let mut says = match (order, allowed) {
        (_, 0 | 1) => ", the only one allowed".to_owned(),
        (AgentOrder::LongestIdle, _) => format!(", longest of {allowed}"),
        (AgentOrder::FewestCalls, _) => format!(", fewest calls of {allowed}: {calls}"),
        (AgentOrder::BestSkill, _) => format!(", best skills of {allowed}"),
    };
    if *again {
        says.push_str(", had just missed it");
    }
    says
}

fn who_can(engaged: Engaged) -> String {
    let Engaged { talking, ringing, wrapping_up, away } = engaged;
    let each =
        [(talking, "talking"), (ringing, "ringing"), (wrapping_up, "wrapping up"), (away, "away")];
    let told: Vec<_> = each
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if told.is_empty() {
        return "nobody at work can take it".to_owned();
    }
    format!("of those who can: {}", told.join(", "))
}

fn idle_agents(idle: u32) -> String {
    if idle == 1 { "1 agent idle".to_owned() } else { format!("{idle} agents idle") }
}

const fn limit(limit: Limit) -> &'static str {
    match limit {
        Limit::Full => "the line is full",
        Limit::Late => "it waited too long",
        Limit::Capacity => "the exchange is full",
    }
}

/// A time as people say it: `14.5 s`, `3m 10s`, `1h 2m`.
#[must_use]
pub fn spell(span: Span) -> String {
    let millis = span.as_millis();
    let secs = millis / 1000;
    match secs {
        0..60 if millis.is_multiple_of(1000) => format!("{secs} s"),
        0..60 => format!("{}.{} s", secs, millis % 1000 / 100),
        60..3600 => format!("{}m {}s", secs / 60, secs % 60),
        _ => format!("{}h {}m", secs / 3600, secs / 60 % 60),
    }
}

#[cfg(test)]
mod tests;
