//! The RTP machine: orders and packets in, packets and notices out.
//!
//! ```text
//!            ┌ Order ──────────────────────┐
//! exchange   │                             ▼
//!            │    port ─► place: Free │ Leg │ Draining
//! relay      ├ Packet ───► Leg::listen ──► Received ──► other Leg::say ──► Departure (in place)
//!            │                                └─────► Mixer, of three or more
//!            └ Tick ─────► frames ──► Player, Mixer ──► Leg::play ──► Departure (written)
//! ```
//!
//! A packet finds its leg by its port alone, and the other leg by its place: no search, no
//! allocation. Packets to a port without a leg are thrown away; that is how a closed port
//! drains. Knows no sockets: `relay` carries the bytes.

use std::{collections::BTreeMap, net::SocketAddr, ops::Range};

use crate::{
    base::{
        deadlines::Deadlines,
        numbers::{LegNo, SoundNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    media::{
        frame_clock::FrameClock,
        leg::{Hearing, Leg, Words, next_report},
        mixer::{self, Mixer},
        order::{Notice, Order, Settings, Stream},
        player::Player,
        press,
        sound::Catalogue,
    },
    rtp::packet,
};

/// What happens to the media.
#[derive(Debug)]
pub enum Input<'a> {
    /// The exchange asks.
    Order(Order),
    /// A datagram came to one of our ports: RTP to an even one, RTCP to an odd one.
    Packet {
        /// Our port.
        port: u16,
        /// Who sent it.
        from: SocketAddr,
        /// What was sent, and behind it what room there is: it is changed in place when it is
        /// passed on, and grows under SRTP.
        room: &'a mut [u8],
        /// How much of `room` was sent.
        len: usize,
    },
    /// Time has passed.
    Tick,
}

/// What follows. The caller's, cleared and used again.
#[derive(Debug, Default)]
pub struct Output {
    /// Datagrams to send.
    pub departures: Vec<Departure>,
    /// Where the written ones lie.
    pub bytes: Vec<u8>,
    /// What the exchange is told.
    pub notices: Vec<Notice>,
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// From which of our ports.
    pub port: u16,
    /// To whom.
    pub to: SocketAddr,
    /// What.
    pub load: Load,
}

/// The bytes of a departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    /// So many of the very bytes just handed in, changed in place.
    Received(usize),
    /// These of [`Output::bytes`].
    Written(Range<usize>),
}

/// The media of all calls.
#[derive(Debug)]
pub struct Machine {
    catalogue: Catalogue,
    rng: Rng,
    first_port: u16,
    drain: Span,
    places: Vec<Place>,
    legs: BTreeMap<LegNo, u16>,
    /// Places that are not free.
    taken: usize,
    frames: FrameClock<Due>,
    /// Conferences, by their tickets.
    mixers: BTreeMap<u32, Mixer>,
    tickets: u32,
    deadlines: Deadlines<(u16, Timer)>,
    /// Packets that came to a port without a leg.
    astray: u64,
}

/// Ports that have drained come back together, so often: ten timers a second at most, however many calls end.
const TOGETHER: Span = Span::millis(100);

/// What stands at a pair of ports.
#[derive(Debug)]
enum Place {
    Free,
    Leg(Box<Leg>),
    /// Its leg is closed; what still comes is thrown away.
    Draining,
}

/// Who is due for 20 ms of sound.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// Who plays at that place, by the ticket of that playing.
    Player { place: u16, ticket: u32 },
    /// The conference with that ticket.
    Mixer { ticket: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The next RTCP report.
    Report,
    /// The far side may have fallen silent.
    Silence,
    /// The port may be lent again.
    Drained,
    /// The next 20 ms of a key that we press.
    Key,
}

impl Output {
    /// Makes room for the next turn.
    pub fn clear(&mut self) {
        self.departures.clear();
        self.bytes.clear();
        self.notices.clear();
    }
}

impl Machine {
    /// A machine for the ports of `settings`, which plays the sounds of `catalogue`.
    #[must_use]
    pub fn new(settings: &Settings, catalogue: Catalogue, rng: Rng) -> Self {
        let (first, last) = settings.ports;
        let first_port = first.saturating_add(first % 2);
        let pairs = (last.saturating_add(1).saturating_sub(first_port)) / 2;
        Self {
            catalogue,
            rng,
            first_port,
            drain: settings.drain,
            places: (0..pairs).map(|_| Place::Free).collect(),
            legs: BTreeMap::new(),
            taken: 0,
            frames: FrameClock::default(),
            mixers: BTreeMap::new(),
            tickets: 0,
            deadlines: Deadlines::default(),
            astray: 0,
        }
    }

    /// One thing in, everything that follows out.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, out: &mut Output) {
        match input {
            Input::Packet { port, from, room, len } => {
                self.packet(now, (port, from), room, len, out);
            }
            Input::Order(order) => self.order(now, order, out),
            Input::Tick => {
                self.play(now, out);
                while let Some((place, timer)) = self.deadlines.pop_due(now) {
                    self.due(now, place, timer, out);
                }
            }
        }
    }

    /// When to be told [`Input::Tick`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let (sound, timer) = (self.frames.next_due(), self.deadlines.next_due());
        sound.into_iter().chain(timer).min()
    }

    /// How many legs are open.
    #[must_use]
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    /// How many pairs of ports have a leg or still drain.
    #[must_use]
    pub fn places_taken(&self) -> usize {
        self.taken
    }

    /// How many packets have come to a port without a leg.
    #[must_use]
    pub fn astray(&self) -> u64 {
        self.astray
    }

    fn packet(
        &mut self,
        now: Timestamp,
        (port, from): (u16, SocketAddr),
        room: &mut [u8],
        len: usize,
        out: &mut Output,
    ) {
        let Some(bytes) = room.get_mut(..len) else { return };
        let Some(place) = self.place_of(port) else { return };
        let Some(leg) = leg_at(&mut self.places, place) else {
            self.astray += 1;
            return;
        };
        if port % 2 == 1 || packet::is_rtcp(bytes) {
            leg.read_report(now, from, bytes);
            return;
        }
        let Some(heard) = leg.listen(now, from, bytes) else { return };
        for digit in leg.keys(now, &heard, bytes).into_iter().flatten() {
            out.notices.push(Notice::Digit { leg: leg.number, digit });
        }
        if leg.silence_broken() {
            watch(&mut self.deadlines, place, leg);
        }
        if !leg.speaks() {
            return;
        }
        let other = match leg.hearing {
            Hearing::Other(other) => other,
            Hearing::Mixed(ticket) => {
                if let Some(mixer) = self.mixers.get_mut(&ticket)
                    && let Some((timestamp, codec, payload)) = heard.sound(room)
                {
                    mixer.say(place, timestamp, codec, payload);
                }
                return;
            }
            Hearing::Nothing | Hearing::Sound(..) => return,
        };
        let port = self.port_of(other);
        let Some(other) = leg_at(&mut self.places, other) else { return };
        if let Some((to, len)) = other.say(now, &heard, room) {
            out.departures.push(Departure { port, to, load: Load::Received(len) });
        }
    }

    fn order(&mut self, now: Timestamp, order: Order, out: &mut Output) {
        let done = match order {
            Order::Open { leg, port, stream } => self.open(now, leg, port, stream),
            Order::Change { leg, stream } => self.change(now, leg, stream),
            Order::Play { leg, sounds, loop_last } => self.begin(now, leg, sounds, loop_last, out),
            Order::Stop { leg } => self.silence(leg, "stop"),
            Order::Part { leg } => self.silence(leg, "part"),
            Order::Join { a, b } => self.join(now, a, b),
            Order::Mix { legs } => self.mix(now, &legs),
            Order::Press { leg, key, length } => self.press(now, leg, key, length),
            Order::Close { leg } => self.close(now, leg, out),
        };
        if let Err(Refusal { leg, why }) = done {
            out.notices.push(Notice::Failed { leg, why });
        }
    }

    fn open(
        &mut self,
        now: Timestamp,
        number: LegNo,
        port: u16,
        stream: Stream,
    ) -> Result<(), Refusal> {
        let refusal = |why: String| Err(Refusal { leg: number, why });
        if self.legs.contains_key(&number) {
            return refusal(format!("open {number}: it is open already"));
        }
        let Some(place) = self.place_of(port).filter(|_| port.is_multiple_of(2)) else {
            return refusal(format!("open {number}: {port} is no RTP port of ours"));
        };
        match self.places.get_mut(usize::from(place)) {
            Some(free @ Place::Free) => {
                let Some(leg) = Leg::open(now, number, stream, &mut self.rng) else {
                    return refusal(format!("open {number}: its keys do not fit their suite"));
                };
                watch(&mut self.deadlines, place, &leg);
                self.deadlines.arm((place, Timer::Report), next_report(now, &mut self.rng));
                *free = Place::Leg(Box::new(leg));
                self.legs.insert(number, place);
                self.taken += 1;
                Ok(())
            }
            Some(Place::Leg(other)) => {
                refusal(format!("open {number}: port {port} is {}'s", other.number))
            }
            Some(Place::Draining) | None => {
                refusal(format!("open {number}: port {port} still drains"))
            }
        }
    }

    fn change(&mut self, now: Timestamp, number: LegNo, stream: Stream) -> Result<(), Refusal> {
        let place = self.place(number, "change")?;
        if let Some(leg) = leg_at(&mut self.places, place) {
            let why = || format!("change {number}: its keys do not fit their suite");
            leg.change(now, stream).ok_or_else(|| Refusal { leg: number, why: why() })?;
            watch(&mut self.deadlines, place, leg);
        }
        Ok(())
    }

    fn begin(
        &mut self,
        now: Timestamp,
        number: LegNo,
        sounds: Vec<SoundNo>,
        loop_last: bool,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.silence(number, "play")?;
        if let Some(unknown) = sounds.iter().find(|&&it| self.catalogue.get(it).is_none()) {
            let why = format!("play {unknown}: no such sound");
            out.notices.push(Notice::NotPlayed { leg: number, why });
            return Ok(());
        }
        let place = self.place(number, "play")?;
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = self.tickets;
        if let Some(leg) = leg_at(&mut self.places, place) {
            leg.hear(Hearing::Sound(Player::new(sounds, loop_last), ticket));
            self.frames.add(now, Due::Player { place, ticket });
        }
        Ok(())
    }

    /// The leg hears nothing, and its other side, if it had one, no longer hears it.
    fn silence(&mut self, number: LegNo, attempt: &str) -> Result<(), Refusal> {
        let place = self.place(number, attempt)?;
        let Some(leg) = leg_at(&mut self.places, place) else { return Ok(()) };
        let heard = std::mem::replace(&mut leg.hearing, Hearing::Nothing);
        leg.hear(Hearing::Nothing);
        match heard {
            Hearing::Other(other) => {
                if let Some(other) = leg_at(&mut self.places, other) {
                    other.hear(Hearing::Nothing);
                }
            }
            Hearing::Mixed(ticket) => self.leave(place, ticket),
            Hearing::Nothing | Hearing::Sound(..) => (),
        }
        Ok(())
    }

    /// Someone leaves a conference. Two who are left hear each other; one who is, nothing.
    fn leave(&mut self, place: u16, ticket: u32) {
        let Some(mixer) = self.mixers.get_mut(&ticket) else { return };
        mixer.leave(place);
        let (left, more) = {
            let mut places = mixer.places();
            ([places.next(), places.next()], places.next().is_some())
        };
        if more {
            return;
        }
        self.mixers.remove(&ticket);
        for (place, other) in [(left[0], left[1]), (left[1], left[0])] {
            let leg = place.and_then(|place| leg_at(&mut self.places, place));
            if let Some(leg) = leg {
                leg.hear(other.map_or(Hearing::Nothing, Hearing::Other));
            }
        }
    }

    fn mix(&mut self, now: Timestamp, numbers: &[LegNo]) -> Result<(), Refusal> {
        // All must be there before any is touched.
        let mut places = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let place = self.place(number, "mix")?;
            if places.contains(&place) {
                return Err(Refusal { leg: number, why: format!("mix {number} with itself") });
            }
            places.push(place);
        }
        for &number in numbers {
            self.silence(number, "mix")?;
        }
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = self.tickets;
        for &place in &places {
            if let Some(leg) = leg_at(&mut self.places, place) {
                leg.hear(Hearing::Mixed(ticket));
                leg.expect(now);
                watch(&mut self.deadlines, place, leg);
            }
        }
        self.mixers.insert(ticket, Mixer::new(places));
        self.frames.add(now, Due::Mixer { ticket });
        Ok(())
    }

    fn join(&mut self, now: Timestamp, a: LegNo, b: LegNo) -> Result<(), Refusal> {
        if a == b {
            return Err(Refusal { leg: a, why: format!("join {a} with itself") });
        }
        // Both must be there before either is touched.
        let (place_a, place_b) = (self.place(a, "join")?, self.place(b, "join")?);
        self.silence(a, "join")?;
        self.silence(b, "join")?;
        for (place, other) in [(place_a, place_b), (place_b, place_a)] {
            if let Some(leg) = leg_at(&mut self.places, place) {
                leg.hear(Hearing::Other(other));
                leg.expect(now);
                watch(&mut self.deadlines, place, leg);
            }
        }
        Ok(())
    }

    fn press(
        &mut self,
        now: Timestamp,
        number: LegNo,
        key: char,
        length: Span,
    ) -> Result<(), Refusal> {
        let place = self.place(number, "press")?;
        let Some(leg) = leg_at(&mut self.places, place) else { return Ok(()) };
        let pressed_before = leg.presses();
        leg.press(key, length);
        if leg.presses() && !pressed_before {
            self.deadlines.arm((place, Timer::Key), now);
        }
        Ok(())
    }

    fn close(&mut self, now: Timestamp, number: LegNo, out: &mut Output) -> Result<(), Refusal> {
        self.silence(number, "close")?;
        let place = self.place(number, "close")?;
        if let Some(leg) = leg_at(&mut self.places, place) {
            let goodbye = leg.report(now, Words::Last, &mut out.bytes);
            let (report, muxes) = (leg.summary(), leg.muxes());
            self.depart(place, muxes, goodbye, out);
            out.notices.push(Notice::Closed { leg: number, report });
        }
        for timer in [Timer::Report, Timer::Silence, Timer::Key] {
            self.deadlines.disarm((place, timer));
        }
        self.deadlines.arm((place, Timer::Drained), (now + self.drain).rounded_up(TOGETHER));
        self.legs.remove(&number);
        if let Some(it) = self.places.get_mut(usize::from(place)) {
            *it = Place::Draining;
        }
        Ok(())
    }

    /// Gives everyone who is due the next 20 ms of sound.
    fn play(&mut self, now: Timestamp, out: &mut Output) {
        let Self { frames, places, catalogue, first_port, mixers, .. } = self;
        frames.turn(now, |due| {
            let (place, ticket) = match due {
                Due::Player { place, ticket } => (place, ticket),
                Due::Mixer { ticket } => {
                    let Some(mixer) = mixers.get_mut(&ticket) else { return false };
                    turn_mixer(mixer, now, places, *first_port, out);
                    return true;
                }
            };
            let Some(leg) = leg_at(places, place) else { return false };
            let codec = leg.codec();
            let Hearing::Sound(player, current) = &mut leg.hearing else { return false };
            if *current != ticket {
                return false;
            }
            let Some(frame) = player.next(catalogue, codec) else {
                leg.hear(Hearing::Nothing);
                out.notices.push(Notice::Played { leg: leg.number });
                return false;
            };
            if let Some((to, bytes)) = leg.play(now, frame, &mut out.bytes) {
                let port = *first_port + 2 * place;
                out.departures.push(Departure { port, to, load: Load::Written(bytes) });
            }
            true
        });
    }

    fn due(&mut self, now: Timestamp, place: u16, timer: Timer, out: &mut Output) {
        match timer {
            Timer::Drained => {
                if let Some(it) = self.places.get_mut(usize::from(place)) {
                    *it = Place::Free;
                    self.taken -= 1;
                }
                let port = self.port_of(place);
                // One notice for all that are free now.
                match out.notices.last_mut() {
                    Some(Notice::Ports { ports }) => ports.push(port),
                    _ => out.notices.push(Notice::Ports { ports: vec![port] }),
                }
            }
            Timer::Report => {
                let Some(leg) = leg_at(&mut self.places, place) else { return };
                let report = leg.report(now, Words::More, &mut out.bytes);
                let muxes = leg.muxes();
                self.depart(place, muxes, report, out);
                self.deadlines.arm((place, Timer::Report), next_report(now, &mut self.rng));
            }
            Timer::Key => {
                let Some(leg) = leg_at(&mut self.places, place) else { return };
                let packet = leg.press_on(now, &mut out.bytes);
                if leg.presses() {
                    self.deadlines.arm((place, Timer::Key), now + press::STEP);
                }
                if let Some((to, bytes)) = packet {
                    let port = self.port_of(place);
                    out.departures.push(Departure { port, to, load: Load::Written(bytes) });
                }
            }
            Timer::Silence => {
                let Some(leg) = leg_at(&mut self.places, place) else { return };
                if leg.silent_at().is_some_and(|at| at <= now) {
                    leg.tell_silence();
                    out.notices.push(Notice::Silent { leg: leg.number });
                }
                watch(&mut self.deadlines, place, leg);
            }
        }
    }

    /// A report leaves by the RTCP port of that place, or by that of RTP if the two are one.
    fn depart(
        &self,
        place: u16,
        muxes: bool,
        report: Option<(SocketAddr, Range<usize>)>,
        out: &mut Output,
    ) {
        if let Some((to, bytes)) = report {
            let port = self.port_of(place) + u16::from(!muxes);
            out.departures.push(Departure { port, to, load: Load::Written(bytes) });
        }
    }

    fn place(&self, leg: LegNo, attempt: &str) -> Result<u16, Refusal> {
        let refusal = || Refusal { leg, why: format!("{attempt} {leg}: it is not open") };
        self.legs.get(&leg).copied().ok_or_else(refusal)
    }

    fn place_of(&self, port: u16) -> Option<u16> {
        let place = port.checked_sub(self.first_port)? / 2;
        (usize::from(place) < self.places.len()).then_some(place)
    }

    fn port_of(&self, place: u16) -> u16 {
        self.first_port + 2 * place
    }
}

/// An order that could not be carried out.
struct Refusal {
    leg: LegNo,
    why: String,
}

/// The leg that stands at a place. A function of the places alone, so that the rest of the
/// machine stays free to be used beside it.
fn leg_at(places: &mut [Place], place: u16) -> Option<&mut Leg> {
    match places.get_mut(usize::from(place))? {
        Place::Leg(leg) => Some(leg),
        Place::Free | Place::Draining => None,
    }
}

/// Gives everyone in a conference the next 20 ms of the others.
fn turn_mixer(
    mixer: &mut Mixer,
    now: Timestamp,
    places: &mut [Place],
    first_port: u16,
    out: &mut Output,
) {
    mixer.turn(|place, frame| {
        let leg = leg_at(places, place)?;
        let mut bytes = [0; mixer::FRAME];
        frame.write(leg.codec(), &mut bytes);
        if let Some((to, bytes)) = leg.play(now, &bytes, &mut out.bytes) {
            let port = first_port + 2 * place;
            out.departures.push(Departure { port, to, load: Load::Written(bytes) });
        }
        Some(())
    });
}

/// Arms the leg's watch over silence at the moment it would have lasted too long. Packets do
/// not move it; it looks again when it is due, and that is why they cost nothing here.
fn watch(deadlines: &mut Deadlines<(u16, Timer)>, place: u16, leg: &Leg) {
    match leg.silent_at() {
        Some(at) => deadlines.arm((place, Timer::Silence), at),
        None => {
            deadlines.disarm((place, Timer::Silence));
        }
    }
}
