//! The whole exchange in a virtual world: people with telephones, a network, mute media, and a
//! clock that jumps to whatever happens next.
//!
//! ```text
//! citizens, clerks ◄── wire (loss, doubles, delay) ──► Exchange ◄── orders, notices ──► mute media
//! ```
//!
//! After every step of the exchange its tables and the engine are held against what must always
//! be so, and the folded facts against the state they came from.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
};

use crate::{
    acd::{
        self,
        consult::{Consult, Consultee, Stage},
        engine::Engine,
        fact::Outcome,
        invariants::Watch,
        state::State,
    },
    base::{
        deadlines::Deadlines,
        numbers::{CallNo, FlowNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    board::fold::Board,
    exchange::{
        check,
        fact::{Fact, Record},
        handover::Shift,
        plan::Plan,
        request::{Answer, Request, Ticket},
        switch::{Exchange, Input, Output},
    },
    media::order::Notice,
    sim::world::{
        citizen::{Citizen, Heard, Sent},
        city,
        clerk::Clerk,
        mute::Mute,
        story,
        wire::{Datagram, Weather, Wire},
    },
    sip::{
        self,
        wire::{Peer, Transport},
    },
};

/// When the world begins: a Friday in 2027, at eight in the morning UTC.
pub const START: Timestamp = Timestamp(1_800_000_000_000_000);
/// More than this at one instant is somebody waking somebody for nothing, for ever.
const AT_ONCE: u32 = 10_000;
/// After so long the exchange hears of a connection that broke, or could not be made.
const NOTICED: Span = Span::millis(50);
/// A reader that falls behind misses one fact of so many.
const MISSED: u64 = 61;
/// So many ended calls are kept on a board.
const ENDED_MAX: usize = 50;
/// So many faults are kept; more would say nothing new.
const FAULTS_TOLD: usize = 20;

/// A virtual world.
#[derive(Debug)]
pub struct World {
    now: Timestamp,
    /// The exchange in the middle.
    pub exchange: Exchange,
    wire: Wire,
    /// Connections that stand, by their far end.
    streams: BTreeMap<SocketAddr, FlowNo>,
    /// Connections that stand no longer, or never did, as soon as the exchange hears of it.
    gone: VecDeque<(Timestamp, Peer)>,
    /// How many connections were made.
    pub(in crate::sim) connections: u32,
    mute: Mute,
    people: Vec<Person>,
    /// Who answers at a SIP address.
    at_sip: BTreeMap<SocketAddr, usize>,
    /// Who hears at a sound address.
    at_sound: BTreeMap<SocketAddr, usize>,
    wakes: Deadlines<Wake>,
    out: Output,
    sent: Sent,
    /// Holds the engine against its own invariants, by its facts alone.
    watch: Watch,
    /// The engine's facts of this turn.
    engine_said: Vec<acd::fact::Fact>,
    /// Calls that have no outcome yet.
    open: BTreeSet<CallNo>,
    /// What became of each call that is over.
    pub outcomes: Vec<(Outcome, Span)>,
    /// Waits of answered calls.
    pub waits: Vec<Span>,
    /// What did not hold.
    pub faults: Vec<String>,
    /// Answers to what was asked.
    pub answers: Vec<Answer>,
    /// What the exchange said and when, if someone wants to read it.
    pub diary: Option<Vec<(Timestamp, Fact)>>,
    /// The story so far, if one is to be told: each line with its second.
    pub story: Option<Vec<String>>,
    /// All facts so far, as a journal has them.
    pub(in crate::sim) journal: Vec<u8>,
    /// What the exchange said in it.
    said: BTreeSet<Vec<u8>>,
    /// Folded from all facts: it knows the same calls as the engine.
    board: Board,
    /// Folded by a reader that misses some: it may be wrong, and goes on.
    late_board: Board,
    seq: u64,
    /// How much has happened since time last moved.
    at_once: u32,
    steps: u64,
}

/// Someone with a telephone.
#[derive(Debug)]
pub enum Person {
    /// Who calls.
    Citizen(Box<Citizen>),
    /// Who answers.
    Clerk(Box<Clerk>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Exchange,
    Person(usize),
}

impl World {
    /// A world with nobody in it yet.
    #[must_use]
    pub fn new(plan: Plan, weather: Weather, rng: Rng) -> Self {
        let now = START;
        let ports = u16::try_from(plan.legs_max).unwrap_or(u16::MAX);
        let mut world = Self {
            now,
            exchange: Exchange::new(plan),
            wire: Wire::new(weather, rng),
            streams: BTreeMap::new(),
            gone: VecDeque::new(),
            connections: 0,
            mute: Mute::new(now, ports),
            people: vec![],
            at_sip: BTreeMap::new(),
            at_sound: BTreeMap::new(),
            wakes: Deadlines::default(),
            out: Output::default(),
            sent: Sent::default(),
            watch: Watch::default(),
            engine_said: vec![],
            open: BTreeSet::new(),
            outcomes: vec![],
            waits: vec![],
            faults: vec![],
            answers: vec![],
            diary: None,
            story: None,
            journal: vec![],
            said: BTreeSet::new(),
            board: Board::new(ENDED_MAX),
            late_board: Board::new(ENDED_MAX),
            seq: 0,
            at_once: 0,
            steps: 0,
        };
        world.tell(Input::Tick);
        world
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The network gets better or worse.
    pub fn weather(&mut self, weather: Weather) {
        self.wire.turn(weather);
    }

    /// Brings someone in at these addresses, who begins with what `begin` sends. Whoever was
    /// there before is gone.
    pub fn enter(
        &mut self,
        (sip, sound): (SocketAddr, SocketAddr),
        begin: impl FnOnce(Timestamp, &mut Sent) -> Person,
    ) -> usize {
        self.cut(sip);
        let person = begin(self.now, &mut self.sent);
        let number = self.people.len();
        self.people.push(person);
        self.at_sip.insert(sip, number);
        self.at_sound.insert(sound, number);
        self.after_person(number);
        number
    }

    /// That citizen, if it is one.
    #[must_use]
    pub fn citizen(&self, number: usize) -> Option<&Citizen> {
        match self.people.get(number)? {
            Person::Citizen(citizen) => Some(citizen),
            Person::Clerk(_) => None,
        }
    }

    /// Whether nobody is in the middle of anything.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let done = |person: &Person| match person {
            Person::Citizen(citizen) => citizen.is_done(),
            Person::Clerk(_) => true,
        };
        self.exchange.status().calls == 0 && self.people.iter().all(done)
    }

    /// Lets `act` do something with that clerk, now.
    pub fn with_clerk(
        &mut self,
        number: usize,
        act: impl FnOnce(Timestamp, &mut Clerk, &mut Sent),
    ) {
        if let Some(Person::Clerk(clerk)) = self.people.get_mut(number) {
            act(self.now, clerk, &mut self.sent);
            self.after_person(number);
        }
    }

    /// The exchange starts again in mid-day, as far as its engine goes: from the journal alone.
    pub fn restart(&mut self) {
        let mut state = State::default();
        for record in serde_json::Deserializer::from_slice(&self.journal).into_iter::<Record>() {
            match record {
                Ok(Record { at, fact: Fact::Acd(fact), .. }) => state.apply(at, &fact),
                Ok(_) => (),
                Err(why) => return self.fault(&format!("the journal cannot be read: {why}")),
            }
        }
        if state != *self.exchange.engine().state() {
            self.fault("the journal does not give back the state");
        }
        self.exchange.resume(Engine::resume(state));
        self.tell(Input::Tick);
    }

    /// The process ends, and another begins that knows what the one before handed over. Nobody
    /// may be in a call.
    pub fn begin_anew(&mut self, plan: Plan) {
        let mut shift = Shift::default();
        for record in serde_json::Deserializer::from_slice(&self.journal).into_iter::<Record>() {
            match record {
                Ok(record) => drop(shift.fold(&record)),
                Err(why) => return self.fault(&format!("the journal cannot be read: {why}")),
            }
        }
        let written = serde_json::to_vec(&shift.handover(self.now));
        let handover = written.and_then(|it| serde_json::from_slice(&it));
        let ports = u16::try_from(plan.legs_max).unwrap_or(u16::MAX);
        self.mute = Mute::new(self.now, ports);
        self.exchange = Exchange::new(plan);
        match handover {
            Ok(handover) => self.exchange.take_over(handover),
            Err(why) => self.fault(&format!("the handover cannot be read: {why}")),
        }
        self.streams.clear();
        self.journal.clear();
        self.watch = Watch::default();
        self.board = Board::new(ENDED_MAX);
        self.late_board = Board::new(ENDED_MAX);
        self.seq = 0;
        self.tell(Input::Tick);
    }

    /// The connection to that telephone breaks, if there is one. What was under way is lost.
    pub fn cut(&mut self, far: SocketAddr) {
        if let Some(flow) = self.streams.remove(&far) {
            self.gone.push_back((self.now + NOTICED, over_tcp(far, flow)));
        }
    }

    /// Lets `act` do something with that citizen, now.
    pub fn with_citizen(
        &mut self,
        number: usize,
        act: impl FnOnce(Timestamp, &mut Citizen, &mut Sent),
    ) {
        if let Some(Person::Citizen(citizen)) = self.people.get_mut(number) {
            act(self.now, citizen, &mut self.sent);
            self.after_person(number);
        }
    }

    /// That telephone's sound stops, as when its cable is cut.
    pub fn fall_silent(&mut self, sound: SocketAddr) {
        self.mute.fall_silent(self.now, sound);
    }

    /// Asks the exchange for something.
    pub fn ask(&mut self, request: Request) {
        self.tell(Input::Request(Ticket { number: self.steps, request }));
    }

    /// The configuration is read again.
    pub fn replan(&mut self, plan: Plan) {
        self.tell(Input::Plan(Box::new(plan)));
    }

    /// Goes on until `until`.
    pub fn run_until(&mut self, until: Timestamp) {
        while self.next().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Goes on for `span`.
    pub fn run_for(&mut self, span: Span) {
        self.run_until(self.now + span);
    }

    fn next(&self) -> Option<Timestamp> {
        let gone = self.gone.front().map(|(at, _)| *at);
        [self.wire.next_wake(), self.mute.next_wake(), self.wakes.next_due(), gone]
            .into_iter()
            .flatten()
            .min()
    }

    /// One thing happens.
    fn step(&mut self) {
        let Some(at) = self.next() else { return };
        self.at_once = if at > self.now { 0 } else { self.at_once + 1 };
        assert!(self.at_once <= AT_ONCE, "time stands still: {:?}", self.wakes.next_due());
        self.now = self.now.max(at);
        if let Some(datagram) = self.wire.pop_due(self.now) {
            self.deliver(&datagram);
        } else if let Some(&(_, peer)) = self.gone.front().filter(|(at, _)| *at <= self.now) {
            self.gone.pop_front();
            self.tell(Input::Sip(sip::endpoint::Input::FlowGone { peer }));
        } else if let Some(notice) = self.mute.pop_due(self.now) {
            self.notice(notice);
        } else {
            match self.wakes.pop_due(self.now) {
                Some(Wake::Exchange) => self.tell(Input::Tick),
                Some(Wake::Person(number)) => self.person(number, Heard::Tick),
                None => (),
            }
        }
    }

    /// The media say something. An agent's phone that fell silent must not cost its caller the call.
    fn notice(&mut self, notice: Notice) {
        let spoken = match &notice {
            Notice::Silent { leg } => check::spoken_over(&self.exchange, *leg),
            Notice::Ports { .. }
            | Notice::Played { .. }
            | Notice::Digit { .. }
            | Notice::NotPlayed { .. }
            | Notice::Failed { .. }
            | Notice::Closed { .. } => None,
        };
        self.tell(Input::Notice(notice));
        if let Some(call) = spoken
            && !check::goes_on(&self.exchange, call)
        {
            self.fault(&format!("{call} was lost by its agent's phone"));
        }
    }

    fn deliver(&mut self, datagram: &Datagram) {
        let far = if datagram.to == city::EXCHANGE { datagram.from } else { datagram.to };
        if datagram.flow.is_some() && self.streams.get(&far) != datagram.flow.as_ref() {
            return;
        }
        if datagram.to == city::EXCHANGE {
            let peer = match datagram.flow {
                Some(flow) => over_tcp(far, flow),
                None => Peer {
                    transport: Transport::Udp,
                    local: city::EXCHANGE,
                    remote: far,
                    flow: FlowNo::first(0),
                },
            };
            let bytes = &datagram.bytes;
            self.tell(Input::Sip(sip::endpoint::Input::Arrival { peer, bytes }));
        } else if let Some(&number) = self.at_sip.get(&datagram.to) {
            self.person(number, Heard::Sip(&datagram.bytes));
        }
    }

    fn person(&mut self, number: usize, heard: Heard<'_>) {
        match self.people.get_mut(number) {
            Some(Person::Citizen(citizen)) => citizen.handle(self.now, heard, &mut self.sent),
            Some(Person::Clerk(clerk)) => clerk.handle(self.now, heard, &mut self.sent),
            None => return,
        }
        self.after_person(number);
    }

    /// Sends what the person said, and notes when it wants to be woken.
    fn after_person(&mut self, number: usize) {
        let Some(person) = self.people.get(number) else { return };
        let (handset, wake) = match person {
            Person::Citizen(it) => (it.handset(), it.next_wake()),
            Person::Clerk(it) => (it.handset(), it.next_wake()),
        };
        let here = handset.here();
        for bytes in self.sent.sip.drain(..) {
            // Whoever has something to say connects first.
            let flow = handset.transport().is_stream().then(|| {
                *self.streams.entry(here).or_insert_with(|| {
                    self.connections += 1;
                    FlowNo::first(self.connections)
                })
            });
            self.wire.send(self.now, Datagram { from: here, to: city::EXCHANGE, flow, bytes });
        }
        self.sent.sound.clear();
        match wake {
            Some(at) => self.wakes.arm(Wake::Person(number), at),
            None => {
                self.wakes.disarm(Wake::Person(number));
            }
        }
    }

    /// One turn of the exchange, and all that follows.
    fn tell(&mut self, input: Input<'_>) {
        let mut out = std::mem::take(&mut self.out);
        self.exchange.handle(self.now, input, &mut out);
        self.steps += 1;
        // Facts first: what became so is the reason for what is said and played.
        for record in out.facts.drain(..) {
            self.seq += 1;
            if record.seq != self.seq {
                self.fault(&format!("fact {} came after {}", record.seq, self.seq - 1));
            }
            self.note(|| story::fact(&record.fact));
            serde_json::to_writer(&mut self.journal, &record)
                .expect("facts are strings and numbers");
            self.board.fold(&record);
            // A reader that falls behind misses some facts, now and then.
            if !self.seq.is_multiple_of(MISSED) {
                self.late_board.fold(&record);
            }
            self.lived(record.fact);
        }
        for departure in out.sip.departures.drain(..) {
            let bytes = out.sip.bytes.get(departure.start..departure.end).unwrap_or_default();
            // What is said again is told once.
            if self.story.is_some() && self.said.insert(bytes.to_vec()) {
                let to = departure.peer.remote.ip();
                self.note(|| Some(format!("        {to} <- {}", story::message(bytes)?)));
            }
            let Peer { transport, remote, flow, .. } = departure.peer;
            let flow = transport.is_stream().then_some(flow);
            if flow.is_some() && self.streams.get(&remote) != flow.as_ref() {
                // Telephones connect to us, and cannot be connected to.
                self.gone.push_back((self.now + NOTICED, departure.peer));
                continue;
            }
            let bytes = bytes.to_vec();
            self.wire.send(self.now, Datagram { from: city::EXCHANGE, to: remote, flow, bytes });
        }
        out.sip.bytes.clear();
        out.sip.rejected.clear();
        for order in out.orders.drain(..) {
            self.note(|| Some(format!("        {}", story::order(&order))));
            let joined = self.mute.obey(self.now, order, &mut self.faults);
            for sound in joined.into_iter().flatten() {
                self.spoken_to(sound);
            }
        }
        for refusal in out.refused.drain(..) {
            self.fault(&format!("the engine refused what had happened: {refusal}"));
        }
        self.answers.extend(out.answers.drain(..).map(|(_, answer)| answer));
        self.out = out;
        match self.exchange.next_wake() {
            Some(at) => self.wakes.arm(Wake::Exchange, at),
            None => {
                self.wakes.disarm(Wake::Exchange);
            }
        }
        self.check();
    }

    fn spoken_to(&mut self, sound: SocketAddr) {
        let Some(&number) = self.at_sound.get(&sound) else { return };
        if let Some(Person::Citizen(citizen)) = self.people.get_mut(number) {
            citizen.is_spoken_to(self.now);
            self.after_person(number);
        }
    }

    /// Takes note of what became of calls. That each has one outcome is the watch's affair; that
    /// each opened one has any is seen at the end.
    fn lived(&mut self, fact: Fact) {
        use acd::fact::Fact as Said;
        if let Some(diary) = &mut self.diary {
            diary.push((self.now, fact.clone()));
        }
        if let Fact::CallOpened { call, .. } = fact {
            self.open.insert(call);
        }
        let Fact::Acd(fact) = fact else { return };
        if let Said::Answered { wait, .. } = fact {
            self.waits.push(wait);
        }
        if let Said::Ended { call, outcome, wait, .. } = &fact {
            if !self.open.remove(call) {
                self.fault(&format!("{call} ended without having been opened"));
            }
            self.outcomes.push((outcome.clone(), *wait));
        }
        self.engine_said.push(fact);
    }

    fn check(&mut self) {
        let mut broken = check::broken(&self.exchange);
        let facts = std::mem::take(&mut self.engine_said);
        if let Err(torn) = self.watch.hear(self.now, &facts, self.exchange.engine()) {
            broken.push(format!("the engine: {torn}"));
        }
        let known = self.exchange.engine().state().calls().count();
        let shown = self.board.calls().count();
        if shown != known {
            broken.push(format!("the board shows {shown} calls of {known}"));
        }
        broken.extend(self.consults_differ());
        for fault in broken {
            self.fault(&fault);
        }
    }

    /// The calls whose consult with a colleague stands otherwise on the board than in the engine.
    fn consults_differ(&self) -> Vec<String> {
        let colleague = |shown: &Consult<Consultee>| match shown.with {
            Consultee::Agent(with) => {
                Some((with, shown.stage == Stage::Transferring, shown.stage.has_answered()))
            }
            Consultee::Outside(_) => None,
        };
        let differs = self.exchange.engine().state().calls().filter_map(|(no, call)| {
            let known = call
                .consult()
                .map(|it| (it.with, it.stage == Stage::Transferring, it.stage.has_answered()));
            let shown = self.board.call(no)?.consult.as_ref().and_then(colleague);
            let what = format!("the board shows the consult of {no} as {shown:?}, it is {known:?}");
            (known != shown).then_some(what)
        });
        differs.collect()
    }

    /// What is left over when all is quiet.
    pub fn check_left_over(&mut self) {
        let mut faults = check::left_over(&self.exchange);
        faults.extend(self.mute.left_over());
        faults.extend(self.open.iter().map(|call| format!("{call} never ended")));
        for fault in faults {
            self.fault(&fault);
        }
    }

    fn note(&mut self, line: impl FnOnce() -> Option<String>) {
        let so_far = self.now.since(START).as_secs_f64();
        if let Some(story) = &mut self.story
            && let Some(line) = line()
        {
            story.push(format!("{so_far:.1} {line}"));
        }
    }

    fn fault(&mut self, fault: &str) {
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(format!("{} step {}: {fault}", self.now, self.steps));
        }
    }
}

/// The way over a connection.
fn over_tcp(remote: SocketAddr, flow: FlowNo) -> Peer {
    Peer { transport: Transport::Tcp, local: city::EXCHANGE, remote, flow }
}
