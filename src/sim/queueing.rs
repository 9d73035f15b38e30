//! Callers by chance, talks by chance, and between them the bare queue engine.
//!
//! ```text
//! Poisson callers ──► Engine ──► Offered: answered at once ──► exponential talk ──► hung up
//!      └─ patience runs out ──► gone
//! ```
//!
//! Here phones ring for no time and the network loses nothing, so that the figures can be held
//! against the mathematics of [`staff`](crate::staff): whatever differs is the
//! engine's fault. SIP and sound are the business of its neighbours.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::{
    acd::{
        engine::Engine,
        fact::{Fact, Outcome},
        input::{Channel, Input},
        invariants::{Broken, Watch},
        plan::{Needs, Plan},
        state::agent::{Agent, AgentState},
    },
    base::{
        arena::Arena,
        rng::Rng,
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo},
        time::{Span, Timestamp},
    },
    sim::tally::{BATCHES, Figures, Tally},
};

/// What is played.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Queues, skills and agents. Every agent signs in at a phone of the same number.
    pub plan: Plan,
    /// Who calls.
    pub streams: Vec<Stream>,
    /// How long a caller waits before giving up, in seconds on average; `None`: for ever.
    pub patience: Option<f64>,
    /// How long they speak.
    pub talk: Talk,
    /// How many callers there are in all.
    pub callers: u32,
    /// How many agents are at work, from so many seconds on. Empty: all of them, always.
    pub roster: Vec<(u64, u32)>,
    /// What goes wrong.
    pub trouble: Trouble,
    /// The same seed gives the same play.
    pub seed: u64,
}

/// Callers of one kind.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Where they want to be.
    pub queue: QueueNo,
    /// What they need by themselves.
    pub own: Needs,
    /// How many call in an hour, for each `interval` in turn, and then again from the start.
    pub per_hour: Vec<f64>,
    /// How long each of these rates lasts.
    pub interval: Span,
}

/// How long caller and agent speak.
#[derive(Clone, Copy, Debug)]
pub enum Talk {
    /// Exponentially, with this mean in seconds.
    Exponential(f64),
    /// Always so many seconds.
    Fixed(f64),
}

/// What goes wrong at the agents' side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// The share of offers that nobody answers. The agent comes back after a minute.
    pub rings_out: f64,
    /// How often in an hour some phone vanishes, to come back after half a minute.
    pub vanishings: f64,
}

/// The promise, for `in_target`.
const TARGET: Span = Span::secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    GivesUp(CallNo),
    HangsUp(CallNo, AgentNo),
    Roster(usize),
    Vanishes,
    Back(PhoneNo),
    WantsCalls(AgentNo),
}

struct Caller {
    stream: usize,
    batch: usize,
    is_answered: bool,
}

struct Play<'a> {
    scene: &'a Scene,
    rng: Rng,
    engine: Engine,
    watch: Option<Watch>,
    now: Timestamp,
    agenda: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    planned: u64,
    callers: Arena<CallNo, Caller>,
    came: u32,
    figures: Figures,
    facts: Vec<Fact>,
}

/// Plays `scene` to the end of its last call.
#[must_use]
pub fn play(scene: &Scene) -> Figures {
    let mut play = Play::new(scene, None);
    play.run().expect("nobody watches");
    play.figures
}

/// Plays `scene`, and after every step holds what must always hold. Slow.
pub fn play_watched(scene: &Scene) -> Result<Figures, Broken> {
    let mut play = Play::new(scene, Some(Watch::default()));
    play.run()?;
    Ok(play.figures)
}

impl<'a> Play<'a> {
    fn new(scene: &'a Scene, watch: Option<Watch>) -> Self {
        let batches = vec![Tally::default(); BATCHES as usize];
        Self {
            scene,
            rng: Rng::new(scene.seed),
            engine: Engine::new(),
            watch,
            now: Timestamp::EPOCH,
            agenda: BinaryHeap::new(),
            planned: 0,
            callers: Arena::new(usize::MAX),
            came: 0,
            figures: Figures {
                tallies: vec![batches; scene.streams.len()],
                spoken: vec![0.0; scene.plan.agents.len()],
                length: 0.0,
                longest_wait: 0.0,
            },
            facts: vec![],
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        self.tell(Input::Plan(Box::new(self.scene.plan.clone())))?;
        for phone in (0..).map(PhoneNo::first).take(self.scene.plan.agents.len()) {
            self.tell(Input::PhoneUp { phone })?;
        }
        if self.scene.roster.is_empty() {
            for slot in (0..).take(self.scene.plan.agents.len()) {
                self.tell(signs_in(slot))?;
            }
        }
        for (change, &(from, _)) in self.scene.roster.iter().enumerate() {
            self.plan_at(Timestamp(from * 1_000_000), Event::Roster(change));
        }
        for stream in 0..self.scene.streams.len() {
            self.plan_next_caller(stream);
        }
        if self.scene.trouble.vanishings > 0.0 {
            self.plan_in(0.0, Event::Vanishes);
        }
        while self.came < self.scene.callers || !self.callers.is_empty() {
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
                (_, None) => break,
            }
        }
        self.figures.length = self.now.since(Timestamp::EPOCH).as_secs_f64();
        assert!(self.watch.as_ref().is_none_or(|watch| watch.open() == 0), "every call ends");
        Ok(())
    }

    fn happens(&mut self, event: Event) -> Result<(), Broken> {
        match event {
            Event::Arrives(stream) => self.arrives(stream),
            Event::GivesUp(call) => match self.callers.get(call) {
                Some(caller) if !caller.is_answered => self.tell(Input::CallerGone { call }),
                Some(_) | None => Ok(()),
            },
            Event::HangsUp(call, agent) => self.tell(Input::AgentHungUp { call, agent }),
            Event::Roster(change) => {
                let at_work = self.scene.roster.get(change).map_or(0, |&(_, agents)| agents);
                for slot in (0..).take(self.scene.plan.agents.len()) {
                    let agent = AgentNo::first(slot);
                    let is_out = matches!(self.stands(agent), Some(AgentState::SignedOut));
                    match (slot < at_work, is_out) {
                        (true, true) => self.tell(signs_in(slot))?,
                        (false, false) => self.tell(Input::SignOut { agent })?,
                        // Perhaps on the way out: stays after all.
                        (true, false) => self.tell(Input::Ready { agent })?,
                        (false, true) => (),
                    }
                }
                Ok(())
            }
            Event::Vanishes => {
                let phones = self.scene.plan.agents.len() as u64;
                let slot = u32::try_from(self.rng.below(phones)).unwrap_or_default();
                let phone = PhoneNo::first(slot);
                self.plan_in(30.0, Event::Back(phone));
                let gap = self.rng.exponential(3600.0 / self.scene.trouble.vanishings);
                self.plan_in(gap, Event::Vanishes);
                self.tell(Input::PhoneDown { phone })
            }
            Event::Back(phone) => self.tell(Input::PhoneUp { phone }),
            Event::WantsCalls(agent) => match self.stands(agent) {
                Some(AgentState::Away { .. }) => self.tell(Input::Ready { agent }),
                Some(_) | None => Ok(()),
            },
        }
    }

    fn arrives(&mut self, stream: usize) -> Result<(), Broken> {
        if self.came >= self.scene.callers {
            return Ok(());
        }
        let Some(kind) = self.scene.streams.get(stream) else { return Ok(()) };
        let batch = self.came as usize * BATCHES as usize / self.scene.callers as usize;
        self.came += 1;
        let caller = Caller { stream, batch, is_answered: false };
        let Ok(call) = self.callers.insert(caller) else { return Ok(()) };
        self.count(call, |tally| tally.offered += 1.0);
        if let Some(patience) = self.scene.patience {
            let patience = self.rng.exponential(patience);
            self.plan_in(patience, Event::GivesUp(call));
        }
        self.plan_next_caller(stream);
        let (queue, needs, arrived) = (kind.queue, kind.own.clone(), self.now);
        self.tell(Input::Arrived { call, queue, needs, channel: Channel::City, arrived })?;
        if self.callers.get(call).is_some_and(|caller| !caller.is_answered) {
            self.count(call, |tally| tally.delayed += 1.0);
        }
        Ok(())
    }

    /// Tells the engine, and plays the part of phones and people in what follows.
    fn tell(&mut self, input: Input) -> Result<(), Broken> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut facts = std::mem::take(&mut self.facts);
            // Hanging up may cross with giving up: then it is refused, as in life.
            let refused = self.engine.handle(self.now, input, &mut facts).is_err();
            assert!(!refused || facts.is_empty(), "a refusal changes nothing");
            if let Some(watch) = &mut self.watch {
                watch.hear(self.now, &facts, &self.engine)?;
            }
            for fact in facts.drain(..) {
                inputs.extend(self.answer(&fact));
            }
            self.facts = facts;
        }
        Ok(())
    }

    fn answer(&mut self, fact: &Fact) -> Option<Input> {
        match *fact {
            Fact::Offered { call, agent, .. } => {
                let rings_out = self.rng.chance(self.scene.trouble.rings_out);
                return (!rings_out).then_some(Input::PhoneAnswered { call, agent });
            }
            Fact::OfferLost { agent, .. } => self.plan_in(60.0, Event::WantsCalls(agent)),
            Fact::Answered { call, agent, wait } => {
                if let Some(caller) = self.callers.get_mut(call) {
                    caller.is_answered = true;
                }
                self.count(call, |tally| {
                    tally.answered += 1.0;
                    tally.in_target += f64::from(u8::from(wait <= TARGET));
                });
                let talk = match self.scene.talk {
                    Talk::Exponential(mean) => self.rng.exponential(mean),
                    Talk::Fixed(length) => length,
                };
                self.plan_in(talk, Event::HangsUp(call, agent));
            }
            // Telephones do not die here, and nobody passes a caller on.
            Fact::Requeued { .. }
            | Fact::Transferred { .. }
            | Fact::Consulted { .. }
            | Fact::ConsultEnded { .. }
            | Fact::ExternalTransferStarted { .. }
            | Fact::ExternalTransferFailed { .. } => (),
            Fact::Ended { call, ref outcome, wait, talk, .. } => {
                let wait = wait.as_secs_f64();
                self.count(call, |tally| tally.waited += wait);
                self.figures.longest_wait = self.figures.longest_wait.max(wait);
                match outcome {
                    Outcome::Answered(agent) => {
                        if let Some(spoken) = self.figures.spoken.get_mut(agent.index()) {
                            *spoken += talk.as_secs_f64();
                        }
                    }
                    Outcome::Abandoned | Outcome::ShortAbandoned => {
                        self.count(call, |tally| tally.abandoned += 1.0);
                    }
                    Outcome::Overflowed(..) | Outcome::TurnedAway(..) | Outcome::Failed => (),
                }
                self.callers.remove(call);
            }
            // The rest is nothing to callers and phones.
            Fact::Planned(_)
            | Fact::Queued { .. }
            | Fact::Relaxed { .. }
            | Fact::Moved { .. }
            | Fact::SignedIn { .. }
            | Fact::Ready { .. }
            | Fact::WentAway { .. }
            | Fact::WrappingUp { .. }
            | Fact::WrapUpExtended { .. }
            | Fact::NextChosen { .. }
            | Fact::SignedOut { .. }
            | Fact::PhoneReach { .. }
            | Fact::PhoneOccupied { .. } => (),
        }
        None
    }

    fn stands(&self, agent: AgentNo) -> Option<&AgentState> {
        self.engine.state().agent(agent).map(Agent::state)
    }

    fn count(&mut self, call: CallNo, count: impl FnOnce(&mut Tally)) {
        let Some(caller) = self.callers.get(call) else { return };
        let tallies = self.figures.tallies.get_mut(caller.stream);
        if let Some(tally) = tallies.and_then(|batches| batches.get_mut(caller.batch)) {
            count(tally);
        }
    }

    /// The next caller of a stream whose rate changes: as many as at the highest rate, of whom
    /// a share stays at home (thinning, Lewis and Shedler 1979).
    fn plan_next_caller(&mut self, stream: usize) {
        let Some(kind) = self.scene.streams.get(stream) else { return };
        let highest = kind.per_hour.iter().copied().fold(0.0, f64::max);
        let mut at = self.now;
        loop {
            at = at + secs(self.rng.exponential(3600.0 / highest));
            let interval = usize::try_from(at.0 / kind.interval.0.max(1)).unwrap_or_default();
            let rate = kind.per_hour.iter().cycle().nth(interval % kind.per_hour.len().max(1));
            if rate.is_none_or(|rate| self.rng.chance(rate / highest)) {
                break;
            }
        }
        self.plan_at(at, Event::Arrives(stream));
    }

    fn plan_in(&mut self, wait: f64, event: Event) {
        self.plan_at(self.now + secs(wait), event);
    }

    fn plan_at(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.agenda.push(Reverse((at, self.planned, event)));
    }
}

impl Stream {
    /// Callers who need nothing of their own, at a steady rate.
    #[must_use]
    pub fn steady(queue: QueueNo, per_hour: f64) -> Self {
        Self { queue, own: Needs::default(), per_hour: vec![per_hour], interval: Span::secs(3600) }
    }
}

fn signs_in(slot: u32) -> Input {
    Input::SignIn { agent: AgentNo::first(slot), phone: PhoneNo::first(slot), ready: true }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Microseconds of a play.
fn secs(secs: f64) -> Span {
    Span((secs * 1e6).round() as u64)
}
