//! The face of the exchange: told one thing, it answers with all that follows, at once.
//!
//! ```text
//!   Arrival, Notice, Request, Tick ──► Exchange ──► departures, orders, facts, answers
//! ```
//!
//! It never waits, never reads a clock, never fails for want of a socket. What waits lives
//! in the shell around it ([`server`](crate)).

use std::collections::{BTreeMap, VecDeque};

use crate::{
    acd::{self, engine::Engine},
    base::{
        arena::Arena,
        deadlines::Deadlines,
        numbers::{CallNo, DialogNo, LegNo},
        secret_rng::SecretRng,
        time::Timestamp,
    },
    exchange::{
        call::{Call, Stage},
        caller,
        dial::Ledger,
        dialled::{self, Dialled},
        elsewhere, enact,
        fact::{Fact, Record},
        handover::{self, Handover},
        hear,
        leg::{self, Leg},
        outside, phone,
        plan::Plan,
        ports::Ports,
        request::{self, Answer, Ticket},
        route::Routes,
        seats::Seats,
        treatment,
    },
    media::order::{Notice, Order},
    sip::{
        self,
        endpoint::{Endpoint, Event, Reason},
    },
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
    pub sip: sip::endpoint::Output,
    /// Orders for the media threads.
    pub orders: Vec<Order>,
    /// What became so, in order.
    pub facts: Vec<Record>,
    /// Answers to requests, by ticket.
    pub answers: Vec<(u64, Answer)>,
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
    /// Whose leg a standing dialog is.
    pub(super) dialogs: BTreeMap<DialogNo, LegNo>,
    pub(super) ports: Ports,
    pub(super) seats: Seats,
    /// Whether each phone can be reached, as far as the engine was told.
    pub(super) reach: Vec<bool>,
    pub(super) timers: Deadlines<Timer>,
    /// Calls that phones of ours make outside.
    pub(super) dialled: BTreeMap<CallNo, Dialled>,
    /// What those cost.
    pub(super) ledger: Ledger,
    /// Where keys for SRTP come from.
    pub(super) well: SecretRng,
    /// No new calls are taken.
    pub(super) draining: bool,
    /// The number of the last fact told.
    seq: u64,
    started: bool,
    /// What the life before knew, until the first turn.
    handover: Option<Handover>,
    work: Work,
}

/// What an exchange has yet to do before a turn is over. Empty between turns.
#[derive(Debug, Default)]
struct Work {
    /// Said by the engine, not enacted yet.
    facts: VecDeque<acd::fact::Fact>,
    /// Raised by deeds, not told to the engine yet.
    raised: VecDeque<acd::input::Input>,
    /// From the SIP machine, not looked at yet.
    events: VecDeque<Event>,
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
    /// A call that the engine has let go of: its announcement should have ended, or its
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
            dialogs: BTreeMap::new(),
            ports: Ports::default(),
            seats: Seats::default(),
            reach: vec![],
            timers: Deadlines::default(),
            dialled: BTreeMap::new(),
            ledger: Ledger::default(),
            well: SecretRng::new(&plan.sip.seed, "srtp"),
            draining: false,
            seq: 0,
            started: false,
            handover: None,
            work: Work::default(),
            plan,
        }
    }

    /// One thing in, everything that follows out.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, out: &mut Output) {
        let turn = &mut Turn { now, out };
        if !self.started {
            self.started = true;
            self.planned(turn);
        }
        match input {
            Input::Sip(input) => self.endpoint.handle(now, input, &mut turn.out.sip),
            Input::Notice(notice) => hear::notice(self, turn, notice),
            Input::Request(Ticket { number: ticket, request: wish }) => {
                let answer = request::asked(self, turn, wish);
                turn.out.answers.push((ticket, answer));
            }
            Input::Plan(plan) => {
                self.plan = *plan;
                self.routes = Routes::new(&self.plan);
                self.calls.set_capacity(self.plan.legs_max / 2);
                self.legs.set_capacity(self.plan.legs_max);
                let settings = self.plan.sip.clone();
                self.endpoint.reconfigure(now, settings, &mut turn.out.sip);
                self.planned(turn);
            }
            Input::Leave => self.endpoint.leave(now, &mut turn.out.sip),
            Input::Tick => self.tick(turn),
        }
        self.settle(turn);
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
    pub fn sip_counts(&self) -> &sip::endpoint::Counts {
        self.endpoint.counts()
    }

    /// The plan is this from now on: the engine is told, then the phones are looked for.
    fn planned(&mut self, turn: &mut Turn<'_>) {
        let plan = Box::new(self.plan.acd.clone());
        self.raise(acd::input::Input::Plan(plan));
        self.settle(turn);
        if let Some(handover) = self.handover.take() {
            handover::take_over(self, turn, handover);
            self.settle(turn);
        }
        phone::look_for_all(self, turn);
    }

    /// Time has passed: first the wire's timers, then ours, then the engine's.
    fn tick(&mut self, turn: &mut Turn<'_>) {
        self.endpoint.handle(turn.now, sip::endpoint::Input::Tick, &mut turn.out.sip);
        self.settle(turn);
        while let Some(timer) = self.timers.pop_due(turn.now) {
            match timer {
                Timer::Call(call) => self.late(turn, call),
                Timer::Code(leg) => leg::hang_up(self, turn, leg, Reason::Q850(16)),
                Timer::Unheard(leg) => phone::unheard(self, leg),
                Timer::Adrift(leg) => phone::adrift(self, turn, leg),
                Timer::Drain => self.end_all(turn),
            }
            self.settle(turn);
        }
        if self.engine.next_wake().is_some_and(|due| due <= turn.now) {
            self.raise(acd::input::Input::Tick);
        }
    }

    fn late(&mut self, turn: &mut Turn<'_>, call: CallNo) {
        match self.calls.get(call).map(|call| call.stage) {
            Some(Stage::Forwarded { .. }) if dialled::is_dialled(self, call) => {
                dialled::late(self, turn, call);
            }
            Some(Stage::Forwarded { leg }) => outside::late(self, turn, leg, call),
            Some(Stage::Talking { .. } | Stage::Sent { .. }) => {
                elsewhere::late(self, turn, call);
            }
            Some(Stage::Sorry) => treatment::said(self, turn, call),
            Some(Stage::Waiting | Stage::Ringing { .. }) | None => (),
        }
    }

    fn end_all(&mut self, turn: &mut Turn<'_>) {
        let calls: Vec<_> = self.calls.iter().map(|(call, _)| call).collect();
        for call in calls {
            caller::fail(self, turn, call, Reason::Q850(41));
        }
    }

    /// Works off what follows from what was heard, until all is quiet.
    fn settle(&mut self, turn: &mut Turn<'_>) {
        // Each deed raises at most a few inputs about its own call or agent, and none of them
        // twice: more steps than these are a loop of our own making.
        let things = self.calls.len() + self.legs.len() + self.plan.agents.len() + self.reach.len();
        let mut left = 1_000 + 50 * things;
        loop {
            self.work.events.extend(turn.out.sip.events.drain(..));
            if let Some(fact) = self.work.facts.pop_front() {
                self.tell(turn, Fact::Acd(fact.clone()));
                enact::fact(self, turn, &fact);
            } else if let Some(input) = self.work.raised.pop_front() {
                if let Err(refusal) = self.decide(turn.now, input) {
                    enact::refused(self, turn, &refusal.input);
                }
            } else if let Some(event) = self.work.events.pop_front() {
                hear::event(self, turn, event);
            } else {
                break;
            }
            left = left.checked_sub(1).expect("a turn comes to an end");
        }
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
