//! The people of the city: simulated citizens and agents with real sockets.
//!
//! ```text
//! Command ──► People ──► Citizen, Clerk ──► UDP on loopback ──► the server, as any phone
//!                     ▲                      │
//!                     └──── SIP, sound ──────┘
//! ```
//!
//! The people are machines of [`sim`](crate::sim); here they get a socket for SIP and one for
//! sound each, and the time of day. What they live through is kept in a [`Experience`].

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket};

use crate::{
    base::{
        rng::Rng,
        time::{Span, Timestamp},
    },
    net::clock::Clock,
    sim::world::{
        citizen::{self, Citizen, Fate, Heard, Sent},
        clerk::{self, Clerk},
        handset::Handset,
        tone::{self, Ear},
    },
};

const HOME: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const WAKER: Token = Token(usize::MAX);
const DATAGRAM_MAX: usize = 65_535;

/// How long people speak: from the first, and up to so much longer.
const TALK: (Span, Span) = (Span::millis(1_000), Span::millis(1_500));
/// The mean time between two citizens of a rush.
const GAP: Span = Span::millis(250);
/// The mean time until an agent picks up.
const REACTION: Span = Span::millis(250);
/// How many citizens are in a hurry, and how long these wait: from, and up to so much longer.
const HURRIED: f64 = 0.1;
const HURRY: (Span, Span) = (Span::secs(2), Span::secs(4));
/// How long all others wait. Who gives up then, gave up on us.
const PATIENCE: Span = Span::secs(90);

/// What the people are to do.
#[derive(Clone, Debug)]
pub(super) enum Command {
    /// An agent comes to work at the phone of that user name and password.
    Clerk { user: String, password: String },
    /// So many citizens call one of these numbers each.
    Citizens { count: usize, numbers: Vec<String> },
    /// Everyone goes home.
    End,
}

/// What the people lived through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Experience {
    /// Citizens who called and whose call is over.
    pub(super) calls: usize,
    /// Of these: spoke with an agent, heard its voice, and hung up.
    pub(super) served: usize,
    /// Of these: gave up because they were in a hurry.
    pub(super) gave_up: usize,
    /// Of these: were refused, sent off, or waited in vain.
    pub(super) failed: usize,
    /// Calls in which an agent heard the citizen's voice.
    pub(super) heard: usize,
    /// Citizens whose call is not over.
    pub(super) inside: usize,
}

/// The way to the people, and back.
pub(super) struct Handle {
    pub(super) commands: Sender<Command>,
    pub(super) experiences: Receiver<Experience>,
    waker: Arc<Waker>,
}

impl Handle {
    pub(super) fn send(&self, command: Command) {
        // Where the thread has ended, whoever waits for what came of it sees that.
        let _ = self.commands.send(command);
        let _ = self.waker.wake();
    }
}

/// People for the exchange at `there`, nobody yet, and the way to them.
pub(super) fn gather(there: SocketAddr, clock: Clock, seed: u64) -> io::Result<(Handle, People)> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    let (sender, commands) = crossbeam_channel::unbounded();
    let (tell, experiences) = crossbeam_channel::unbounded();
    let people = People {
        there,
        clock,
        rng: Rng::new(seed),
        poll,
        commands,
        tell,
        stations: BTreeMap::new(),
        next_station: 0,
        arrivals: BTreeMap::new(),
        experience: Experience::default(),
        sent: Sent::default(),
    };
    Ok((Handle { commands: sender, experiences, waker }, people))
}

/// Everyone with a telephone.
pub(super) struct People {
    there: SocketAddr,
    clock: Clock,
    rng: Rng,
    poll: Poll,
    commands: Receiver<Command>,
    tell: Sender<Experience>,
    stations: BTreeMap<usize, Station>,
    next_station: usize,
    /// Citizens who have yet to call, by when they do.
    arrivals: BTreeMap<Timestamp, (String, citizen::Habits)>,
    experience: Experience,
    sent: Sent,
}

/// One person with its sockets: a telephone, to the server.
struct Station {
    sip: UdpSocket,
    sound: UdpSocket,
    person: Person,
}

enum Person {
    Citizen {
        citizen: Box<Citizen>,
        hurried: bool,
    },
    /// The ear is there until it has heard the citizen of the call in hand.
    Clerk {
        clerk: Box<Clerk>,
        ear: Option<Ear>,
        heard: usize,
    },
}

impl People {
    /// Plays until the command to end.
    pub(super) fn play(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        let mut buffer = vec![0; DATAGRAM_MAX];
        loop {
            let now = self.clock.now();
            let patience = self.next_wake().map(|due| due.since(now).into());
            match self.poll.poll(&mut events, patience) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            let now = self.clock.now();
            for event in events.iter().filter(|event| event.token() != WAKER) {
                self.listen(now, event.token().0 / 2, &mut buffer);
            }
            while let Ok(command) = self.commands.try_recv() {
                match command {
                    Command::Clerk { user, password } => self.enter_clerk(now, &user, &password)?,
                    Command::Citizens { count, numbers } => self.expect(now, count, &numbers),
                    Command::End => {
                        self.leave(now);
                        return Ok(());
                    }
                }
            }
            self.play_on(now)?;
        }
    }

    fn next_wake(&self) -> Option<Timestamp> {
        let arrival = self.arrivals.keys().next().copied();
        self.stations.values().filter_map(Station::next_wake).chain(arrival).min()
    }

    /// Draws what the next citizens will be like, in one go: so the seed decides, and not the
    /// order in which the network answers.
    fn expect(&mut self, now: Timestamp, count: usize, numbers: &[String]) {
        let mut at = now;
        for _ in 0..count {
            let number = self.rng.pick(numbers).cloned().unwrap_or_default();
            let hurried = self.rng.chance(HURRIED) && count > 1;
            let patience = if hurried { self.about(HURRY) } else { PATIENCE };
            let talk = Some(self.about(TALK));
            let habits = citizen::Habits { patience, talk, sound: true };
            while self.arrivals.contains_key(&at) {
                at = at + Span::micros(1);
            }
            self.arrivals.insert(at, (number, habits));
            at = at + seconds(self.rng.exponential(GAP.as_secs_f64()));
        }
        self.experience.inside += count;
    }

    fn about(&mut self, (least, spread): (Span, Span)) -> Span {
        least + seconds(self.rng.fraction() * spread.as_secs_f64())
    }

    fn play_on(&mut self, now: Timestamp) -> io::Result<()> {
        while let Some(arrival) = self.arrivals.first_entry().filter(|it| *it.key() <= now) {
            let (number, habits) = arrival.remove();
            self.enter_citizen(now, &number, habits)?;
        }
        let mut over = vec![];
        for (&number, station) in &mut self.stations {
            if station.next_wake().is_some_and(|due| due <= now) {
                station.handle(now, Heard::Tick, &mut self.sent);
                station.send(self.there, &mut self.sent);
            }
            if station.is_done() {
                over.push(number);
            }
        }
        let some = !over.is_empty();
        for number in over {
            self.see_off(number);
        }
        if some {
            let _ = self.tell.send(self.experience);
        }
        Ok(())
    }

    fn enter_citizen(
        &mut self,
        now: Timestamp,
        number: &str,
        habits: citizen::Habits,
    ) -> io::Result<()> {
        // Numbers that no one has: the German regulator keeps 0341 99998… for stories.
        let caller = format!("034199998{:03}", self.rng.below(1000));
        let hurried = habits.patience < PATIENCE;
        self.enter(&caller, None, |handset, _, sent| {
            let citizen = Box::new(Citizen::call(now, handset, number, habits, sent));
            Person::Citizen { citizen, hurried }
        })
    }

    fn enter_clerk(&mut self, now: Timestamp, user: &str, password: &str) -> io::Result<()> {
        let habits = clerk::Habits {
            reaction: REACTION,
            talk: None,
            declines: 0.0,
            absent: 0.0,
            returns: Span::secs(1),
            expires: 300,
            sound: true,
        };
        self.enter(user, Some(password), |handset, rng, sent| {
            let clerk = Box::new(Clerk::sit_down(now, handset, habits, rng, sent));
            Person::Clerk { clerk, ear: None, heard: 0 }
        })
    }

    /// Gives a person its sockets, and lets it begin.
    fn enter(
        &mut self,
        user: &str,
        password: Option<&str>,
        begin: impl FnOnce(Handset, Rng, &mut Sent) -> Person,
    ) -> io::Result<()> {
        let number = self.next_station;
        self.next_station += 1;
        let mut sip = UdpSocket::bind(HOME)?;
        let mut sound = UdpSocket::bind(HOME)?;
        let registry = self.poll.registry();
        registry.register(&mut sip, Token(2 * number), Interest::READABLE)?;
        registry.register(&mut sound, Token(2 * number + 1), Interest::READABLE)?;
        let addresses = (sip.local_addr()?, sound.local_addr()?);
        let handset = Handset::new(user, password, addresses, self.there, self.rng.fork());
        let person = begin(handset, self.rng.fork(), &mut self.sent);
        let station = Station { sip, sound, person };
        station.send(self.there, &mut self.sent);
        self.stations.insert(number, station);
        Ok(())
    }

    /// Everything that came for that station.
    fn listen(&mut self, now: Timestamp, number: usize, buffer: &mut [u8]) {
        let Some(station) = self.stations.get_mut(&number) else { return };
        while let Ok(length) = station.sip.recv(buffer) {
            let bytes = buffer.get(..length).unwrap_or_default();
            station.handle(now, Heard::Sip(bytes), &mut self.sent);
        }
        while let Ok(length) = station.sound.recv(buffer) {
            let packet = buffer.get(..length).unwrap_or_default();
            station.handle(now, Heard::Sound(packet), &mut self.sent);
        }
        station.send(self.there, &mut self.sent);
    }

    fn see_off(&mut self, number: usize) {
        let Some(Station { person: Person::Citizen { citizen, hurried }, .. }) =
            self.stations.remove(&number)
        else {
            return;
        };
        self.experience.calls += 1;
        self.experience.inside -= 1;
        match citizen.fate() {
            Fate::Served { .. } => self.experience.served += 1,
            Fate::GaveUp if hurried => self.experience.gave_up += 1,
            Fate::GaveUp
            | Fate::Refused(_)
            | Fate::SentOff
            | Fate::Waiting
            | Fate::Speaking { .. } => self.experience.failed += 1,
        }
        let heard = self.stations.values().map(|station| match station.person {
            Person::Clerk { heard, .. } => heard,
            Person::Citizen { .. } => 0,
        });
        self.experience.heard = heard.sum();
    }

    /// Agents withdraw their registrations, so that none is left behind.
    fn leave(&mut self, now: Timestamp) {
        for station in self.stations.values_mut() {
            if let Person::Clerk { clerk, .. } = &mut station.person {
                clerk.go_home(now, &mut self.sent);
                station.send(self.there, &mut self.sent);
            }
        }
    }
}

impl Station {
    fn handle(&mut self, now: Timestamp, heard: Heard<'_>, sent: &mut Sent) {
        match &mut self.person {
            Person::Citizen { citizen, .. } => citizen.handle(now, heard, sent),
            Person::Clerk { clerk, ear, heard: calls } => {
                let served = clerk.served();
                clerk.handle(now, heard, sent);
                if clerk.served() != served {
                    *ear = Some(Ear::new(tone::CITIZEN));
                }
                if let Heard::Sound(packet) = heard
                    && ear.as_mut().is_some_and(|ear| ear.hear(packet))
                {
                    *calls += 1;
                    *ear = None;
                }
            }
        }
    }

    /// Datagrams may be lost, and what is lost is said again by whoever needs it.
    fn send(&self, there: SocketAddr, sent: &mut Sent) {
        for bytes in sent.sip.drain(..) {
            let _ = self.sip.send_to(&bytes, there);
        }
        for (to, packet) in sent.sound.drain(..) {
            let _ = self.sound.send_to(&packet, to);
        }
    }

    fn next_wake(&self) -> Option<Timestamp> {
        match &self.person {
            Person::Citizen { citizen, .. } => citizen.next_wake(),
            Person::Clerk { clerk, .. } => clerk.next_wake(),
        }
    }

    fn is_done(&self) -> bool {
        match &self.person {
            Person::Citizen { citizen, .. } => citizen.is_done(),
            Person::Clerk { .. } => false,
        }
    }
}

/// A span of that many seconds, which rng made.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Minutes at most, never negative.
fn seconds(seconds: f64) -> Span {
    Span::micros((seconds * 1e6) as u64)
}
