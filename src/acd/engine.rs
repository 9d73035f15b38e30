//! The face of the queue engine: told one thing, it says all that follows, at once.
//!
//! ```text
//! Input ──► decide ──► facts ──► apply ──► match until nobody who waits finds anybody idle
//!             │ reads              writes
//!             └──► Refusal: what was asked, and where we stood; nothing changed
//! ```
//!
//! It knows callers, agents and phones by number only, and what time it is by `now`.
//!
//! ```
//! use lotse::acd::{engine::Engine, input::Input};
//! use lotse::base::{numbers::CallNo, time::Timestamp};
//!
//! let mut engine = Engine::new();
//! let mut facts = vec![];
//! let gone = Input::CallerGone { call: CallNo::first(7) };
//! let refusal = engine.handle(Timestamp(0), gone, &mut facts).unwrap_err();
//! assert_eq!(refusal.to_string(), "CallerGone { call: CallNo { turn: 0, slot: 7 } }: there is no such call");
//! assert_eq!((facts.len(), engine.next_wake()), (0, None));
//! ```

use crate::{
    acd::{
        fact::Fact,
        input::{Input, Target},
        plan::{Needs, Overflow, Plan},
        refusal::{Refusal, Stood},
        rules::{
            agent::{self, AgentRequest},
            call::{self, Leaves},
            consult, matching,
            overflow::{self, Caller},
        },
        state::{State, agent::AgentState, line::Change},
    },
    base::{numbers::CallNo, time::Timestamp},
};

/// The queue engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    state: State,
}

impl Engine {
    /// An engine that has heard nothing yet. The first thing to tell it is its plan.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An engine that goes on from a state folded from the journal.
    #[must_use]
    pub fn resume(state: State) -> Self {
        Self { state }
    }

    /// Hears one thing and appends all that follows to `facts`. Time does its part with
    /// [`Input::Tick`] only: what the turn brought is heard before what has lapsed meanwhile.
    pub fn handle(
        &mut self,
        now: Timestamp,
        input: Input,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Refusal> {
        let start = facts.len();
        if let Err(stood) = decide(&self.state, now, &input, facts) {
            facts.truncate(start);
            return Err(Refusal { input, stood });
        }
        self.apply_from(start, now, facts);
        if input == Input::Tick {
            self.let_time_pass(now, facts);
        }
        let fresh = if let Input::Arrived { call, .. } = input { Some(call) } else { None };
        while let Some(offer) = matching::next(&self.state, now, fresh) {
            self.state.apply(now, &offer);
            facts.push(offer);
        }
        Ok(())
    }

    /// When to be told [`Input::Tick`]. May be in the past, which means: at once.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let alarm = self.state.next_alarm().map(|(at, _)| at);
        let change = self.state.next_change().map(|(at, ..)| at);
        let release = matching::next_release(&self.state);
        [alarm, change, release].into_iter().flatten().min()
    }

    /// Everything the engine knows, to read.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whatever is due by `now` happens: first what agents' clocks say, then what waiting brings,
    /// each in the order it was due; agents who are due at one moment, by their numbers.
    fn let_time_pass(&mut self, now: Timestamp, facts: &mut Vec<Fact>) {
        while let Some((_, agent)) = self.state.next_alarm().filter(|&(at, _)| at <= now) {
            let start = facts.len();
            agent::lapsed(&self.state, now, agent, facts);
            assert!(facts.len() > start, "an alarm belongs to a state that ends by itself");
            self.apply_from(start, now, facts);
        }
        while let Some((_, change, call)) = self.state.next_change().filter(|&(at, ..)| at <= now) {
            let fact = match change {
                Change::Relax => relaxed(&self.state, call),
                Change::Late => overflow::too_late(&self.state, now, call),
            };
            let fact = fact.expect("a change names a call that waits");
            self.state.apply(now, &fact);
            facts.push(fact);
        }
    }

    fn apply_from(&mut self, start: usize, now: Timestamp, facts: &[Fact]) {
        for fact in facts.iter().skip(start) {
            self.state.apply(now, fact);
        }
    }
}

/// What follows from `input` by itself, before anyone is matched.
fn decide(
    state: &State,
    now: Timestamp,
    input: &Input,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    use Input as I;

    match *input {
        I::Plan(ref plan) => planned(state, plan, facts)?,

        I::Arrived { call, queue, needs: ref own, channel, arrived } => {
            let caller = Caller { call, queue, own, channel, arrived };
            overflow::at_the_door(state, now, &caller, facts)?;
        }
        I::NeverQueued { call, channel, arrived, how } => {
            call::never_queued(state, now, (call, channel, arrived), how, facts)?;
        }
        I::CallerGone { call } => call::abandoned(state, now, call, facts)?,
        I::CallFailed { call } => call::failed(state, now, call, facts)?,
        I::PhoneAnswered { call, agent } => call::answered(state, now, call, agent, facts)?,
        I::PhoneLost { call, agent, why } => {
            call::agent_leaves(state, now, call, agent, Leaves::Unanswered(why), facts)?;
        }
        I::AgentHungUp { call, agent } => {
            call::agent_leaves(state, now, call, agent, Leaves::HungUp, facts)?;
        }
        I::Transfer { call, agent, to: Target::Queue(to) } => {
            call::transfer_to_queue(state, now, call, agent, to, facts)?;
        }
        I::Transfer { call, agent, to: Target::Agent(to) } => {
            facts.push(consult::transfer(state, now, call, agent, to)?);
        }
        I::Consult { call, agent, with } => {
            facts.push(consult::consult(state, now, call, agent, with)?);
        }
        I::CompleteTransfer { call, agent } => {
            consult::complete_transfer(state, now, call, agent, facts)?;
        }
        I::EndConsult { call, agent } => facts.extend(consult::end_consult(state, call, agent)?),
        I::StartExternalTransfer { call, agent } => {
            facts.extend(call::start_external_transfer(state, now, call, agent)?);
        }
        I::ExternalTransferAnswered { call } => {
            call::external_transfer_answered(state, now, call, facts)?;
        }
        I::ExternalTransferFailed { call } => {
            facts.push(call::external_transfer_failed(state, call)?);
        }
        I::AgentLost { call, agent } => {
            call::agent_leaves(state, now, call, agent, Leaves::Failed, facts)?;
        }

        I::SignIn { agent, phone, ready } => agent::sign_in(state, agent, phone, ready, facts)?,
        I::SignOut { agent } => agent::request(state, agent, AgentRequest::SignOut, facts)?,
        I::Ready { agent } => agent::request(state, agent, AgentRequest::Ready, facts)?,
        I::Away { agent, ref reason } => {
            agent::request(state, agent, AgentRequest::Away(reason), facts)?;
        }
        I::EndWrapUp { agent } => agent::request(state, agent, AgentRequest::EndWrapUp, facts)?,
        I::ExtendWrapUp { agent } => {
            agent::request(state, agent, AgentRequest::ExtendWrapUp, facts)?;
        }

        I::PhoneUp { phone } => agent::phone_up(state, phone, facts),
        I::PhoneDown { phone } => agent::phone_down(state, phone, facts),
        I::PhoneBusy { phone } => agent::phone_busy(state, phone, facts),
        I::PhoneFree { phone } => agent::phone_free(state, phone, facts),
        I::QueueOpen { queue, open } => overflow::queue_open(state, queue, open, facts)?,
        I::Tick => (),
    }
    Ok(())
}

/// A plan is taken whole or not at all. Agents whom it no longer names go home; those with a
/// call in hand, after it.
fn planned(state: &State, plan: &Plan, facts: &mut Vec<Fact>) -> Result<(), Stood> {
    let old = state.plan();
    let fit = |fits, where_not| if fits { Ok(()) } else { Err(Stood::Unfit(where_not)) };
    let is_known = |needs: &Needs| {
        let sorted = needs.0.is_sorted_by(|(one, _), (other, _)| one < other);
        sorted && needs.0.iter().all(|(skill, _)| skill.index() < plan.skills.len())
    };
    let leads_somewhere = |overflow: &Overflow| match overflow {
        Overflow::Queue(to) => to.index() < plan.queues.len(),
        Overflow::Stay | Overflow::Outside(_) | Overflow::Announce | Overflow::Busy => true,
    };

    fit(plan.skills.len() >= old.skills.len(), "skills: fewer than before")?;
    fit(plan.queues.len() >= old.queues.len(), "queues: fewer than before")?;
    fit(plan.agents.len() >= old.agents.len(), "agents: fewer than before")?;
    for queue in &plan.queues {
        fit(is_known(&queue.needs), "queue.needs: unknown, twice, or not in order")?;
        let steps = &queue.relax;
        fit(u8::try_from(steps.len()).is_ok(), "queue.relax: too many steps")?;
        fit(steps.is_sorted_by_key(|step| step.after), "queue.relax: not by rising `after`")?;
        fit(leads_somewhere(&queue.when_full), "queue.when_full: no such queue")?;
        fit(leads_somewhere(&queue.when_late), "queue.when_late: no such queue")?;
        fit(leads_somewhere(&queue.when_closed), "queue.when_closed: no such queue")?;
    }
    for agent in &plan.agents {
        let skills = Needs(agent.skills.clone());
        fit(is_known(&skills), "agent.skills: unknown, twice, or not in order")?;
    }

    facts.push(Fact::Planned(Box::new(plan.clone())));
    let retired = state.agents().zip(&plan.agents).filter(|(_, planned)| planned.retired);
    facts.extend(retired.filter_map(|((agent, stands), _)| {
        let has_nothing_in_hand =
            matches!(stands.state(), AgentState::Idle { .. } | AgentState::Away { .. });
        has_nothing_in_hand.then_some(Fact::SignedOut { agent })
    }));
    Ok(())
}

/// The next step of relaxation of a waiting call.
fn relaxed(state: &State, no: CallNo) -> Option<Fact> {
    let line = state.line(state.call(no)?.line)?;
    let queue = state.plan().queues.get(line.key.queue.index())?;
    let step = line.key.step + 1;
    let needs = line.claim.relaxed(queue.relax.get(..usize::from(step))?);
    Some(Fact::Relaxed { call: no, step, needs })
}
