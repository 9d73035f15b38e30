//! The exchange: what it is told, what it answers, and everything that it knows.
//!
//! ```text
//!   Arrival, Notice, Request, Tick ──► Exchange ──► departures, orders, facts, answers
//! ```
//!
//! It never waits, never reads a clock, never fails for want of a socket. What waits lives
//! in the shell around it ([`server`](crate)). How it is told one thing: `turn`.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    acd::{self, engine::Engine},
    base::{
        arena::Arena,
        deadlines::Deadlines,
        numbers::{CallNo, DialogNo, LegNo},
        secret_rng::SecretRng,
        time::Timestamp,
        ucid::Ucids,
    },
    bridge::{
        sound::Legs,
        step::{Impossible, Left, Step},
    },
    exchange::{
        call::Call,
        dial::Ledger,
        fact::{Fact, Record},
        handover::Handover,
        leg::Leg,
        plan::Plan,
        ports::Ports,
        request::{Answer, Ticket},
        route::Routes,
        seats::Seats,
    },
    media::order::{Notice, Order},
    sip::{self, endpoint::Endpoint, event::Event},
};

/// One thing the exchange is told.
#[derive(Debug)]
pub enum Input<'a> {
    /// From the wire: a message, or a connection gone. (Its `Tick` is not used here.)
    Sip(sip::endpoint::Input<'a>),
    /// From the media threads.
    Notice(Notice),
    /// From the API or a person.
    Request(Ticket),
    /// The configuration is this from now on.
    Plan(Box<Plan>),
    /// The process is about to end: carriers are told that we are no longer here.
    Leave,
    /// Time has passed.
    Tick,
}

/// Everything that follows. The caller's, drained and reused each turn.
#[derive(Debug, Default)]
pub struct Output {
    /// SIP messages to send; its events are the exchange's own business and empty afterwards.
    pub sip: sip::output::Output,
    /// Orders for the media threads.
    pub orders: Vec<Order>,
    /// What became so, in order.
    pub facts: Vec<Record>,
    /// Answers to requests, by ticket.
    pub answers: Vec<(u64, Answer)>,
    /// What the engine refused of what had happened to calls that it has, in words. It must not:
    /// each is a fault of ours, and is to be told loudly.
    pub refused: Vec<String>,
}

/// How the exchange stands, for `/readyz` and the shutdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Calls inside: waiting, ringing, talking.
    pub calls: usize,
    /// No new calls are taken.
    pub draining: bool,
}

/// The exchange.
#[derive(Debug)]
pub struct Exchange {
    pub(super) plan: Plan,
    pub(super) routes: Routes,
    pub(super) engine: Engine,
    pub(super) endpoint: Endpoint,
    /// Calls, from the INVITE until both sides are gone.
    pub(super) calls: Arena<CallNo, Call>,
    /// Legs, from the INVITE until the media have told what went over them.
    pub(super) legs: Arena<LegNo, Leg>,
    /// The same legs, as the media know them.
    pub(super) sound: Legs,
    /// Whose leg a standing dialog is.
    pub(super) dialogs: BTreeMap<DialogNo, LegNo>,
    pub(super) ports: Ports,
    pub(super) seats: Seats,
    /// Whether each phone can be reached, as far as the engine was told.
    pub(super) reach: Vec<bool>,
    pub(super) timers: Deadlines<Timer>,
    /// What calls outside cost.
    pub(super) ledger: Ledger,
    /// Where keys for SRTP come from.
    pub(super) secrets: SecretRng,
    /// What calls are known by outside of this process.
    pub(super) ids: Ucids,
    /// No new calls are taken.
    pub(super) draining: bool,
    /// The number of the last fact told.
    seq: u64,
    pub(super) started: bool,
    /// What the life before knew, until the first turn.
    pub(super) handover: Option<Handover>,
    pub(super) work: Work,
}

/// What an exchange has yet to do before a turn is over. Empty between turns.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Said by the engine, not enacted yet.
    pub(super) facts: VecDeque<acd::fact::Fact>,
    /// Raised by deeds, not told to the engine yet.
    pub(super) raised: VecDeque<acd::input::Input>,
    /// From the SIP machine, not looked at yet.
    pub(super) events: VecDeque<Event>,
    /// Legs of which something of ours has failed, not looked at yet.
    pub(super) failed: VecDeque<LegNo>,
    /// Calls whose legs may have something else to hear than before.
    pub(super) touched: Vec<CallNo>,
    /// The engine's buffer.
    said: Vec<acd::fact::Fact>,
}

/// One turn: its time, and where to put what follows.
pub(super) struct Turn<'a> {
    pub(super) now: Timestamp,
    pub(super) out: &'a mut Output,
}

/// Whose deadline it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A call that the engine has released: its announcement should have ended, or its
    /// address outside has rung long enough.
    Call(CallNo),
    /// A feature code has been answered long enough for the phone to show it.
    Code(LegNo),
    /// A phone has said nothing at all to its INVITE.
    Unheard(LegNo),
    /// A phone in the middle of a call has been out of reach for a while.
    Adrift(LegNo),
    /// After a request to drain, calls have gone on long enough.
    Drain,
}

impl Exchange {
    /// An exchange that has heard nothing yet. The facts of its own making (the plan, fixed
    /// phones' agents) come with the first `handle`.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            routes: Routes::new(&plan),
            engine: Engine::new(),
            endpoint: Endpoint::new(plan.sip.clone()),
            calls: Arena::new(plan.legs_max / 2),
            legs: Arena::new(plan.legs_max),
            sound: Legs::default(),
            dialogs: BTreeMap::new(),
            ports: Ports::default(),
            seats: Seats::default(),
            reach: vec![],
            timers: Deadlines::default(),
            ledger: Ledger::default(),
            secrets: SecretRng::new(&plan.sip.seed, "srtp"),
            ids: Ucids::seeded(plan.node, &plan.sip.seed),
            draining: false,
            seq: 0,
            started: false,
            handover: None,
            work: Work::default(),
            plan,
        }
    }

    /// When to be told [`Input::Tick`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        [self.endpoint.next_wake(), self.engine.next_wake(), self.timers.next_due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        Status { calls: self.calls.len(), draining: self.draining }
    }

    /// Goes on with who was at work, and where phones were, before the process began anew. To be
    /// said before anything else.
    pub fn take_over(&mut self, handover: Handover) {
        self.handover = Some(handover);
    }

    /// Goes on with another engine that knows the same: one resumed from the facts told so far.
    pub fn resume(&mut self, engine: Engine) {
        self.engine = engine;
    }

    /// The engine, to look at: simulations hold it against what they know.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What went over SIP, for the figures.
    #[must_use]
    pub fn sip_counts(&self) -> &sip::counts::Counts {
        self.endpoint.counts()
    }

    /// Tells the engine. What it says is enacted in its turn, and lent here to be read.
    pub(super) fn decide(
        &mut self,
        now: Timestamp,
        input: acd::input::Input,
    ) -> Result<&[acd::fact::Fact], acd::refusal::Refusal> {
        let start = self.work.facts.len();
        let heard = self.engine.handle(now, input, &mut self.work.said);
        self.work.facts.extend(self.work.said.drain(..));
        heard.map(|()| self.work.facts.make_contiguous().get(start..).unwrap_or_default())
    }

    /// Has the engine told as soon as what it said before is done.
    pub(super) fn raise(&mut self, input: acd::input::Input) {
        self.work.raised.push_back(input);
    }

    /// Takes a step in the talk of a call. Whoever has left it by that is to be hung up.
    pub(super) fn step(&mut self, call: CallNo, step: Step) -> Result<Left, Impossible> {
        let left = self.calls.get_mut(call).ok_or(Impossible)?.bridge.step(step)?;
        self.touch(call);
        Ok(left)
    }

    /// The call's legs may have something else to hear at the end of this turn.
    pub(super) fn touch(&mut self, call: CallNo) {
        self.work.touched.push(call);
    }

    /// Where the call stands, in the API's word.
    pub(super) fn word(&self, call: &Call) -> &'static str {
        call.bridge.word(|leg| self.sound.ear(leg).holds)
    }

    /// Something of ours has failed on that leg; what follows is seen to as soon as what is being
    /// done is done.
    pub(super) fn fail_leg(&mut self, leg: LegNo) {
        self.work.failed.push_back(leg);
    }

    /// The leg's dialog is over by itself.
    pub(super) fn forget_dialog(&mut self, leg: LegNo) {
        if let Some(dialog) = self.legs.get_mut(leg).and_then(|leg| leg.dialog.take()) {
            self.dialogs.remove(&dialog);
        }
    }

    /// The number of the last fact told.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Says what became so.
    pub(super) fn tell(&mut self, turn: &mut Turn<'_>, fact: Fact) {
        self.seq += 1;
        turn.out.facts.push(Record { seq: self.seq, at: turn.now, fact });
    }
}
