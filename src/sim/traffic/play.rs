//! One day of a scenario, played with the engine that runs in production.
//!
//! ```text
//! callers ──► Engine ──► Offered ──► the phone rings ──► picked up ──► talk ──► wrap-up
//!   └─ patience runs out ──► gone         └─ or nobody is there, or the phone is dead
//! ```
//!
//! Chance comes from the seed alone, time jumps to whatever happens next. There is no SIP here
//! and no network, so a day takes a millisecond, and whatever differs from the mathematics of
//! waiting lines is the engine's fault.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::{
    acd::{
        engine::Engine,
        fact::Fact,
        input::Input,
        invariants::{Broken, Watch},
        state::{
            agent::{Agent, AgentState},
            call::CallState,
        },
    },
    base::{
        arena::Arena,
        numbers::{AgentNo, CallNo, PhoneNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    sim::traffic::{
        arrivals::{Person, Source},
        law::seconds_of,
        ledger::{Day, Ledger},
        scenario::{Closing, Crew, Scenario, Then},
    },
};

/// The seed of run number `run` of those that grow from `seed`.
#[must_use]
pub fn seed_of(seed: u64, run: u64) -> u64 {
    Rng::new(seed).nth(run).bits()
}

/// Plays the day that grows from `seed`.
#[must_use]
pub fn day(scenario: &Scenario, seed: u64) -> Day {
    let mut play = Play::new(scenario, seed, None);
    play.run().expect("nobody watches");
    play.ledger.close(play.now)
}

/// Plays the same day, and after every step holds what must always hold. Slow.
pub fn watched(scenario: &Scenario, seed: u64) -> Result<Day, Broken> {
    let mut play = Play::new(scenario, seed, Some(Watch::default()));
    play.run()?;
    assert!(play.watch.as_ref().is_none_or(|watch| watch.open() == 0), "every call ends");
    Ok(play.ledger.close(play.now))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The next caller of that kind calls.
    Arrives(u32),
    /// A caller's patience is at its end, since it waits for that time.
    GivesUp(CallNo, u32),
    /// An agent picks up what rings since that offer of the call.
    PicksUp(CallNo, AgentNo, u32),
    /// They have said all, since that offer.
    HangsUp(CallNo, AgentNo, u32),
    /// An agent has finished the work of that call.
    Finishes(CallNo, AgentNo),
    /// Someone's time at work begins or ends.
    Roster(u32),
    /// An agent who missed a call is back.
    Returns(AgentNo),
    /// A phone fails.
    Fails(PhoneNo),
    /// And is repaired.
    IsBack(PhoneNo),
    /// No more callers are let in.
    Closes,
}

/// A change of who is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Begins(AgentNo),
    Ends(AgentNo, Then),
}

/// A caller who is inside.
struct Caller {
    kind: u32,
    talk: Span,
    wrap_up: Option<Span>,
    /// For what happens to it on the way.
    rng: Rng,
    /// How often it was offered to someone.
    offers: u32,
    is_answered: bool,
    /// How often an agent's phone failed in the middle of it.
    waits: u32,
}

/// What an agent is about, besides what the engine knows.
#[derive(Clone, Copy, Default)]
struct Worker {
    crew: usize,
    /// How long the work of the call in hand will take, if not as long as the queue says.
    wrap_up: Option<Span>,
    /// A phone rang when it was time to leave: the call comes first.
    leaves: Option<Then>,
}

struct Play<'a> {
    scenario: &'a Scenario,
    sources: Vec<Source<'a>>,
    /// The next caller of each kind.
    next: Vec<Option<Person>>,
    roster: Vec<(Timestamp, Change)>,
    phones: Rng,
    engine: Engine,
    watch: Option<Watch>,
    now: Timestamp,
    agenda: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    planned: u64,
    callers: Arena<CallNo, Caller>,
    /// Kinds of whom someone will still call.
    to_come: usize,
    workers: Vec<Worker>,
    inputs: VecDeque<Input>,
    facts: Vec<Fact>,
    ledger: Ledger,
}

impl<'a> Play<'a> {
    fn new(scenario: &'a Scenario, seed: u64, watch: Option<Watch>) -> Self {
        let kinds = scenario.callers.iter().enumerate();
        let mut workers = vec![Worker::default(); scenario.plan.agents.len()];
        for (crew, its) in scenario.crews.iter().enumerate() {
            for agent in its.members() {
                if let Some(worker) = workers.get_mut(agent.index()) {
                    worker.crew = crew;
                }
            }
        }
        Self {
            scenario,
            sources: kinds.map(|(kind, it)| Source::new(scenario, kind, it, seed)).collect(),
            next: vec![None; scenario.callers.len()],
            roster: roster(scenario),
            phones: Rng::new(seed).nth(0),
            engine: Engine::new(),
            watch,
            now: Timestamp::EPOCH,
            agenda: BinaryHeap::new(),
            planned: 0,
            callers: Arena::new(usize::MAX),
            to_come: 0,
            workers,
            inputs: VecDeque::new(),
            facts: vec![],
            ledger: Ledger::new(scenario, Timestamp::EPOCH),
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        self.tell(Input::Plan(Box::new(self.scenario.plan.clone())))?;
        for phone in (0..).map(PhoneNo::first).take(self.scenario.plan.agents.len()) {
            self.tell(Input::PhoneUp { phone })?;
        }
        self.plan_at(Timestamp(self.scenario.closes.0), Event::Closes);
        for place in (0..).take(self.roster.len().min(1)) {
            self.plan_roster(place);
        }
        for kind in (0..).take(self.sources.len()) {
            self.plan_next_caller(kind);
        }
        for (crew, slot) in self.members() {
            let gap = self.next_failure(crew);
            self.plan_in(gap, Event::Fails(PhoneNo::first(slot)));
        }
        while self.to_come > 0 || !self.callers.is_empty() {
            let event = self.agenda.peek().map(|Reverse((at, ..))| *at);
            let wake = self.engine.next_wake();
            match (event, wake) {
                // What happens is heard before what lapses at the same moment.
                (Some(at), wake) if wake.is_none_or(|wake| at <= wake) => {
                    let Some(Reverse((_, _, event))) = self.agenda.pop() else { break };
                    self.now = at;
                    self.happens(event)?;
                }
                (_, Some(at)) => {
                    self.now = at.max(self.now);
                    self.tell(Input::Tick)?;
                }
                // Nobody is left who could serve those who wait for ever.
                (_, None) => return self.send_home(),
            }
        }
        Ok(())
    }

    fn happens(&mut self, event: Event) -> Result<(), Broken> {
        match event {
            Event::Arrives(kind) => self.arrives(kind),
            Event::GivesUp(call, waits) => match self.callers.get(call) {
                Some(caller) if caller.waits == waits && !caller.is_answered => {
                    self.tell(Input::CallerGone { call })
                }
                Some(_) | None => Ok(()),
            },
            Event::PicksUp(call, agent, offer) => match self.callers.get(call) {
                Some(caller) if caller.offers == offer && !caller.is_answered => {
                    self.tell(Input::PhoneAnswered { call, agent })
                }
                Some(_) | None => Ok(()),
            },
            Event::HangsUp(call, agent, offer) => match self.callers.get(call) {
                Some(caller) if caller.offers == offer => {
                    self.tell(Input::AgentHungUp { call, agent })
                }
                Some(_) | None => Ok(()),
            },
            Event::Finishes(call, agent) => match self.stands(agent) {
                Some(AgentState::WrapUp { call: work, .. }) if *work == call => {
                    self.tell(Input::EndWrapUp { agent })
                }
                Some(_) | None => Ok(()),
            },
            Event::Roster(place) => {
                self.plan_roster(place + 1);
                match self.roster.get(place as usize) {
                    Some(&(_, Change::Begins(agent))) => self.begins(agent),
                    Some(&(_, Change::Ends(agent, then))) => self.ends(agent, then),
                    None => Ok(()),
                }
            }
            Event::Returns(agent) => match self.stands(agent) {
                Some(AgentState::Away { until: None, .. }) if self.is_on_duty(agent) => {
                    self.tell(Input::Ready { agent })
                }
                Some(_) | None => Ok(()),
            },
            Event::Fails(phone) => {
                let Some(crew) = self.crew_of(phone.index()) else { return Ok(()) };
                let repair = crew.repair.draw(&mut self.phones);
                self.plan_in(repair, Event::IsBack(phone));
                if self.now < Timestamp(self.scenario.closes.0) {
                    let gap = self.next_failure(crew);
                    self.plan_in(repair + gap, Event::Fails(phone));
                }
                let agent = AgentNo::first(phone.index().try_into().unwrap_or(u32::MAX));
                let in_hand = match self.stands(agent) {
                    Some(AgentState::Talking { call, .. }) => Some(*call),
                    Some(_) | None => None,
                };
                self.tell(Input::PhoneDown { phone })?;
                in_hand.map_or(Ok(()), |call| self.tell(Input::AgentLost { call, agent }))
            }
            Event::IsBack(phone) => self.tell(Input::PhoneUp { phone }),
            Event::Closes => match self.scenario.at_closing {
                Closing::Serve => Ok(()),
                Closing::End => self.send_home(),
            },
        }
    }

    fn arrives(&mut self, kind: u32) -> Result<(), Broken> {
        let person = self.next.get_mut(kind as usize).and_then(Option::take);
        let scenario = self.scenario;
        let (Some(person), Some(callers)) = (person, scenario.callers.get(kind as usize)) else {
            return Ok(());
        };
        self.to_come -= 1;
        self.plan_next_caller(kind);
        let Person { talk, wrap_up, rng, patience, .. } = person;
        let caller = Caller { kind, talk, wrap_up, rng, offers: 0, is_answered: false, waits: 0 };
        let Ok(call) = self.callers.insert(caller) else { return Ok(()) };
        self.ledger.arrives(self.now, call, kind as usize);
        let (queue, needs, channel) = (callers.queue, callers.own.clone(), callers.channel);
        let arrived = self.now;
        self.tell(Input::Arrived { call, queue, needs, channel, arrived })?;
        if self.callers.get(call).is_some_and(|caller| !caller.is_answered) {
            self.plan_in(patience, Event::GivesUp(call, 0));
        }
        Ok(())
    }

    fn begins(&mut self, agent: AgentNo) -> Result<(), Broken> {
        if let Some(worker) = self.workers.get_mut(agent.index()) {
            worker.leaves = None;
        }
        match self.stands(agent) {
            Some(AgentState::SignedOut) => {
                let phone = PhoneNo::first(agent.index().try_into().unwrap_or(u32::MAX));
                self.tell(Input::SignIn { agent, phone, ready: true })
            }
            // Back from a break, or perhaps still on the way out: stays after all.
            Some(_) => self.tell(Input::Ready { agent }),
            None => Ok(()),
        }
    }

    fn ends(&mut self, agent: AgentNo, then: Then) -> Result<(), Broken> {
        if let Some(AgentState::Reserved { .. }) = self.stands(agent) {
            if let Some(worker) = self.workers.get_mut(agent.index()) {
                worker.leaves = Some(then);
            }
            return Ok(());
        }
        self.tell(leaves(agent, then))
    }

    /// Ends the calls of all who wait.
    fn send_home(&mut self) -> Result<(), Broken> {
        let waits = |(call, _): (CallNo, &Caller)| {
            let state = self.engine.state().call(call)?.state();
            matches!(state, CallState::Waiting | CallState::Ringing { .. }).then_some(call)
        };
        let waiting: Vec<CallNo> = self.callers.iter().filter_map(waits).collect();
        waiting.into_iter().try_for_each(|call| self.tell(Input::CallFailed { call }))
    }

    /// Tells the engine, and plays the part of phones and people in what follows.
    fn tell(&mut self, input: Input) -> Result<(), Broken> {
        let mut facts = std::mem::take(&mut self.facts);
        let mut next = Some(input);
        while let Some(input) = next {
            // Hanging up may cross with giving up: then it is refused, as in life.
            let refused = self.engine.handle(self.now, input, &mut facts).is_err();
            assert!(!refused || facts.is_empty(), "a refusal changes nothing");
            if let Some(watch) = &mut self.watch {
                watch.hear(self.now, &facts, &self.engine)?;
            }
            for fact in facts.drain(..) {
                self.ledger.hear(self.now, &fact);
                self.follows(&fact);
            }
            next = self.inputs.pop_front();
        }
        self.facts = facts;
        Ok(())
    }

    fn follows(&mut self, fact: &Fact) {
        match *fact {
            Fact::Offered { call, agent, .. } => self.rings(call, agent),
            Fact::OfferLost { agent, .. } => {
                if let Some(crew) = self.crew_of(agent.index()) {
                    self.plan_in(crew.returns, Event::Returns(agent));
                }
            }
            Fact::Answered { call, agent, .. } => {
                let Some(caller) = self.callers.get_mut(call) else { return };
                caller.is_answered = true;
                let (talk, offer) = (caller.talk, caller.offers);
                if let Some(worker) = self.workers.get_mut(agent.index()) {
                    worker.wrap_up = caller.wrap_up;
                }
                self.plan_in(talk, Event::HangsUp(call, agent, offer));
                self.leaves_after_all(agent);
            }
            Fact::Requeued { call, talk, .. } | Fact::Transferred { call, talk, .. } => {
                let Some(caller) = self.callers.get_mut(call) else { return };
                caller.is_answered = false;
                // What was said need not be said again.
                caller.talk = Span(caller.talk.0.saturating_sub(talk.0));
                let patience = self.scenario.callers.get(caller.kind as usize);
                caller.waits += 1;
                let waits = caller.waits;
                if let Some(patience) = patience.map(|it| it.patience.draw(&mut caller.rng)) {
                    self.plan_in(patience, Event::GivesUp(call, waits));
                }
            }
            Fact::Ended { call, .. } => drop(self.callers.remove(call)),
            Fact::WrappingUp { agent, call, .. } => {
                let worker = self.workers.get(agent.index());
                if let Some(work) = worker.and_then(|worker| worker.wrap_up) {
                    self.plan_in(work, Event::Finishes(call, agent));
                }
            }
            Fact::Ready { agent } | Fact::WentAway { agent, .. } => self.leaves_after_all(agent),
            // The rest is nothing to callers and phones, and nobody asks a colleague here.
            Fact::Planned(_)
            | Fact::Consulted { .. }
            | Fact::ConsultEnded { .. }
            | Fact::ExternalTransferStarted { .. }
            | Fact::ExternalTransferFailed { .. }
            | Fact::Queued { .. }
            | Fact::Relaxed { .. }
            | Fact::Moved { .. }
            | Fact::SignedIn { .. }
            | Fact::WrapUpExtended { .. }
            | Fact::NextChosen { .. }
            | Fact::SignedOut { .. }
            | Fact::PhoneReach { .. }
            | Fact::PhoneOccupied { .. }
            | Fact::QueueOpen { .. } => (),
        }
    }

    /// The phone rings, and someone picks it up, at once or soon or not.
    fn rings(&mut self, call: CallNo, agent: AgentNo) {
        let Some(crew) = self.crew_of(agent.index()) else { return };
        let Some(caller) = self.callers.get_mut(call) else { return };
        caller.offers += 1;
        let offer = caller.offers;
        if crew.unanswered > 0.0 && caller.rng.chance(crew.unanswered) {
            return;
        }
        match crew.answers.draw(&mut caller.rng) {
            Span::ZERO => self.inputs.push_back(Input::PhoneAnswered { call, agent }),
            rings => self.plan_in(rings, Event::PicksUp(call, agent, offer)),
        }
    }

    fn leaves_after_all(&mut self, agent: AgentNo) {
        let worker = self.workers.get_mut(agent.index());
        if let Some(then) = worker.and_then(|worker| worker.leaves.take()) {
            self.inputs.push_back(leaves(agent, then));
        }
    }

    fn stands(&self, agent: AgentNo) -> Option<&AgentState> {
        self.engine.state().agent(agent).map(Agent::state)
    }

    fn crew_of(&self, place: usize) -> Option<&'a Crew> {
        self.scenario.crews.get(self.workers.get(place)?.crew)
    }

    fn members(&self) -> Vec<(&'a Crew, u32)> {
        let fragile = self.scenario.crews.iter().filter(|crew| crew.failures > 0.0);
        let slots = fragile.flat_map(|crew| crew.members().into_iter().map(move |it| (crew, it)));
        slots.map(|(crew, agent)| (crew, agent.index().try_into().unwrap_or(u32::MAX))).collect()
    }

    fn next_failure(&mut self, crew: &Crew) -> Span {
        seconds_of(self.phones.exponential(3_600.0 / crew.failures))
    }

    fn is_on_duty(&self, agent: AgentNo) -> bool {
        let now = Span(self.now.0);
        let duties = self.scenario.crews.iter().flat_map(|crew| &crew.duties);
        let late = |to: Span| to >= self.scenario.closes;
        duties
            .filter(|duty| duty.agent == agent)
            .any(|duty| duty.from <= now && (now < duty.to || late(duty.to)))
    }

    fn plan_next_caller(&mut self, kind: u32) {
        let person = self.sources.get_mut(kind as usize).and_then(Iterator::next);
        let Some(next) = self.next.get_mut(kind as usize) else { return };
        *next = person;
        if let Some(at) = next.as_ref().map(|person| person.at) {
            self.to_come += 1;
            self.plan_at(at, Event::Arrives(kind));
        }
    }

    fn plan_roster(&mut self, place: u32) {
        if let Some(&(at, _)) = self.roster.get(place as usize) {
            self.plan_at(at, Event::Roster(place));
        }
    }

    fn plan_in(&mut self, wait: Span, event: Event) {
        if wait < Span(u64::MAX) {
            self.plan_at(self.now + wait, event);
        }
    }

    fn plan_at(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.agenda.push(Reverse((at, self.planned, event)));
    }
}

/// Everyone's comings and goings in order. Who would go when the lines close, or later, stays for
/// those who still wait.
fn roster(scenario: &Scenario) -> Vec<(Timestamp, Change)> {
    let duties: Vec<_> = scenario.crews.iter().flat_map(|crew| &crew.duties).collect();
    let goes_on = |agent, to| duties.iter().any(|next| next.agent == agent && next.from == to);
    let mut roster: Vec<_> = duties
        .iter()
        .flat_map(|duty| {
            let ends = (duty.to < scenario.closes && !goes_on(duty.agent, duty.to))
                .then_some((Timestamp(duty.to.0), Change::Ends(duty.agent, duty.then)));
            [Some((Timestamp(duty.from.0), Change::Begins(duty.agent))), ends]
        })
        .flatten()
        .collect();
    // Who leaves and who comes at the same moment: coming first, so that nobody waits between.
    roster.sort_by_key(|&(at, change)| (at, matches!(change, Change::Ends(..))));
    roster
}

fn leaves(agent: AgentNo, then: Then) -> Input {
    match then {
        Then::Home => Input::SignOut { agent },
        Then::Break => Input::Away { agent, reason: "break".to_owned() },
    }
}
