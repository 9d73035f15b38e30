//! What a packet of sound costs, beside the least that carrying it can cost.
//!
//! ```text
//! traffic thread ── 172 bytes every 20 ms for every leg ──► the thread being measured ──┐
//!       ▲                                                                               │
//!       └───────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The floor is a loop that does nothing but `epoll`, `recvmmsg` and `sendto` between as many
//! sockets, in the same run, alternating with the relay, the better of several turns counting
//! for each. CPU time is that of the one thread, as the kernel keeps it
//! (`/proc/self/task/*/schedstat`); sending on loopback contains the receiver's half of the
//! kernel's work. Asterisk takes 22-28 µs a packet on this kind of machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    missing_docs
)]

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use lotse::{
    base::{
        key::Key,
        numbers::{LegNo, SoundNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    media::{
        machine::{Input, Machine, Output},
        order::{Codec, Notice, Order, Protection, Settings, Stream},
        sound::Catalogue,
    },
    net::{
        batch::{Inbox, send_one},
        clock::Clock,
    },
    relay::Relay,
    rtp::{
        packet::{self, Head, Ssrc},
        srtp::{sender::Sender, suite::Suite},
    },
};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};

const CALLS: u32 = 100;
const LEGS: u32 = 2 * CALLS;
const TURNS: usize = 3;
const TURN: Span = Span::secs(4);
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const FIRST_PORT: u16 = 41_000;

fn main() {
    // First, while the allocator has nothing of others' to give out again.
    let kb_plain = memory(None);
    let kb_protected = memory(Some(Suite::AesCm128HmacSha1_80));
    let mut best: BTreeMap<&str, Cost> = BTreeMap::new();
    let mut note = |name, cost: Cost| {
        let best = best.entry(name).or_insert(cost);
        if cost.per_packet() < best.per_packet() {
            *best = cost;
        }
    };
    for _ in 0..TURNS {
        note("floor", floor());
        note("relayed, one codec", relay(Codec::Pcma, None));
        note("relayed, G.722 to A-law", relay(Codec::G722, None));
        note("relayed, SRTP both sides", relay(Codec::Pcma, Some(Suite::AesCm128HmacSha1_80)));
        note("relayed, SRTP, GCM", relay(Codec::Pcma, Some(Suite::AeadAes128Gcm)));
        note("music", music());
    }
    let floor = best.get("floor").unwrap().per_packet();
    println!("{CALLS} calls, {LEGS} legs, 50 packets a second each; best of {TURNS} turns\n");
    println!("{:<28}{:>12}{:>12}{:>10}{:>9}", "", "packets/s", "µs/packet", "x floor", "lost");
    for (name, cost) in &best {
        println!(
            "{name:<28}{:>12.0}{:>12.2}{:>10.2}{:>9}",
            cost.packets as f64 / TURN.as_secs_f64(),
            cost.per_packet(),
            cost.per_packet() / floor,
            cost.lost,
        );
    }
    println!("\nthe machine alone, microseconds a relayed packet:");
    let plain = machine_alone(None);
    println!("{:<28}{plain:>12.3}", "plain");
    for suite in Suite::ALL {
        let cost = machine_alone(Some(suite));
        println!("{:<28}{cost:>12.3}{:>9.1} x plain", suite.name(), cost / plain);
    }
    println!(
        "memory: {kb_plain:.2} KB a joined leg, {kb_protected:.2} KB under SRTP, the kernel's sockets aside"
    );
}

/// What a turn cost the measured thread.
#[derive(Clone, Copy)]
struct Cost {
    cpu_us: f64,
    packets: u64,
    lost: u64,
}

impl Cost {
    fn per_packet(&self) -> f64 {
        self.cpu_us / self.packets.max(1) as f64
    }
}

/// CPU time of the thread of that name, in microseconds.
fn cpu_us(thread: &str) -> f64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok);
    for task in tasks {
        let read = |file| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if read("comm").trim() == thread {
            let nanos: f64 = read("schedstat").split(' ').next().unwrap().parse().unwrap();
            return nanos / 1_000.0;
        }
    }
    panic!("no thread is called {thread}");
}

/// A port that is spoken to.
struct Goal {
    port: u16,
    payload_type: u8,
    /// Under SRTP, what seals.
    sender: Option<Sender>,
}

impl Goal {
    /// Makes `room` the next packet and says how long it is.
    fn says(&mut self, sequence: u16, room: &mut [u8]) -> usize {
        let head = Head {
            payload_type: self.payload_type,
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc: Ssrc(self.port.into()),
            marker: false,
        };
        packet::patch(room, head);
        self.sender.as_mut().map_or(172, |it| it.seal_rtp(room, 172).unwrap())
    }
}

/// SRTP with the same key both ways.
fn protection(suite: Suite) -> Protection {
    let key = Key::new(&[7; 46][..suite.key_len() + suite.salt_len()]).unwrap();
    Protection { suite, send: key.clone(), receive: key }
}

fn sender(suite: Suite) -> Sender {
    Sender::new(suite, protection(suite).receive.unmask()).unwrap()
}

/// The one phone that stands for all far sides.
struct Phone {
    socket: UdpSocket,
    inbox: Inbox,
    clock: Clock,
}

impl Phone {
    fn new() -> Self {
        let socket = UdpSocket::bind((LOCAL, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20);
        Self { socket, inbox: Inbox::new(64, 2_048), clock: Clock::start() }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Takes what has come and counts it.
    fn listen(&mut self) -> u64 {
        let mut heard = 0;
        loop {
            let came = self.inbox.receive(self.socket.as_fd()).unwrap();
            heard += came as u64;
            if came < self.inbox.slots() {
                return heard;
            }
        }
    }

    /// For a turn, speaks to all of `goals` every 20 ms, a part of them every millisecond, and
    /// says what the thread of that name spent meanwhile.
    fn turn(&mut self, goals: &mut [Goal], measured: &str) -> Cost {
        // Whatever was begun before is over.
        thread::sleep(Duration::from_millis(200));
        self.listen();
        let mut sequence = 0;
        let mut bytes = vec![0x80; 172 + Suite::GROWTH_MAX];
        let (mut heard, mut spoken) = (0, 0);
        let cpu_before = cpu_us(measured);
        let start = self.clock.now();
        let mut slot = 0_u64;
        while self.clock.now() < start + TURN {
            let part = goals.iter_mut().skip(usize::try_from(slot % 20).unwrap()).step_by(20);
            for goal in part {
                let len = goal.says(sequence, &mut bytes);
                let to = SocketAddr::new(LOCAL, goal.port);
                spoken += u64::from(send_one(self.socket.as_fd(), LOCAL, to, &bytes[..len]));
            }
            heard += self.listen();
            slot += 1;
            if slot.is_multiple_of(20) {
                sequence = sequence.wrapping_add(1);
            }
            thread::sleep((start + Span::millis(slot)).since(self.clock.now()).into());
        }
        thread::sleep(Duration::from_millis(50));
        heard += self.listen();
        let cpu_us = cpu_us(measured) - cpu_before;
        let lost = if goals.is_empty() { 0 } else { spoken.saturating_sub(heard) };
        Cost { cpu_us, packets: heard, lost }
    }
}

/// The least there can be: wait, receive, send, and nothing else.
fn floor() -> Cost {
    let mut phone = Phone::new();
    let to = phone.address();
    let sockets: Vec<UdpSocket> = (0..LEGS)
        .map(|_| {
            let socket = UdpSocket::bind((LOCAL, 0)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        })
        .collect();
    let goal = |it: &UdpSocket| Goal {
        port: it.local_addr().unwrap().port(),
        payload_type: 8,
        sender: None,
    };
    let mut goals: Vec<Goal> = sockets.iter().map(goal).collect();
    let over = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&over);
    let bare = move || {
        let mut poll = Poll::new().unwrap();
        for (token, socket) in sockets.iter().enumerate() {
            let fd = socket.as_raw_fd();
            poll.registry().register(&mut SourceFd(&fd), Token(token), Interest::READABLE).unwrap();
        }
        let mut events = Events::with_capacity(4_096);
        let mut inbox = Inbox::new(8, 2_048);
        let clock = Clock::start();
        while !until.load(Relaxed) {
            poll.poll(&mut events, Some(Duration::from_millis(100))).unwrap();
            let began = clock.now();
            for event in &events {
                let (here, there) = (event.token().0, event.token().0 ^ 1);
                inbox.receive(sockets.get(here).unwrap().as_fd()).unwrap();
                for datagram in inbox.datagrams() {
                    let socket = sockets.get(there).unwrap().as_fd();
                    let _ = send_one(socket, LOCAL, to, datagram.bytes);
                }
            }
            // The same rest as the relay takes under load.
            thread::sleep((began + Span::millis(1)).since(clock.now()).into());
        }
    };
    let thread = thread::Builder::new().name("floor".into()).spawn(bare).unwrap();
    let cost = phone.turn(&mut goals, "floor");
    over.store(true, Relaxed);
    thread.join().unwrap();
    cost
}

fn settings() -> Settings {
    Settings {
        address: LOCAL,
        ports: (FIRST_PORT, FIRST_PORT + 999),
        prepared: u16::try_from(LEGS).unwrap(),
        drain: Span::ZERO,
        dscp: 46,
    }
}

fn stream(remote: SocketAddr, codec: Codec, srtp: Option<Suite>) -> Stream {
    Stream {
        remote: Some(remote),
        second: None,
        remote_rtcp: None,
        rtcp_mux: false,
        protection: srtp.map(protection),
        codec,
        payload_type: codec.payload_type(),
        dtmf: Some(101),
        send: true,
        receive: true,
        silence: Some(Span::secs(30)),
    }
}

/// A relay whose legs are all open towards `remote`; every other one speaks `codec`.
fn open(remote: SocketAddr, codec: Codec, srtp: Option<Suite>) -> (Relay, Vec<Goal>) {
    let (tell, told) = crossbeam_channel::unbounded();
    let tell = Box::new(move |notice| tell.send(notice).unwrap_or_default());
    let mut relay = Relay::start(&settings(), &[], Clock::start(), tell).unwrap();
    let Notice::Ports { ports } = told.recv().unwrap() else { panic!("ports come first") };
    let mut goals = vec![];
    for (leg, &port) in (0..LEGS).zip(&ports) {
        let codec = if leg % 2 == 0 { Codec::Pcma } else { codec };
        let payload_type = codec.payload_type();
        goals.push(Goal { port, payload_type, sender: srtp.map(sender) });
        let (leg, stream) = (LegNo::first(leg), stream(remote, codec, srtp));
        relay.post(&mut vec![Order::Open { leg, port, stream }]);
    }
    assert_eq!(goals.len(), LEGS as usize, "not enough ports");
    (relay, goals)
}

fn relay(codec: Codec, srtp: Option<Suite>) -> Cost {
    let mut phone = Phone::new();
    let (mut relay, mut goals) = open(phone.address(), codec, srtp);
    for call in 0..CALLS {
        let (a, b) = (LegNo::first(2 * call), LegNo::first(2 * call + 1));
        relay.post(&mut vec![Order::Join { a, b }]);
    }
    phone.turn(&mut goals, "media")
}

fn music() -> Cost {
    let mut phone = Phone::new();
    let (mut relay, _) = open(phone.address(), Codec::Pcma, None);
    for leg in (0..LEGS).map(LegNo::first) {
        let sounds = vec![SoundNo::first(0)];
        relay.post(&mut vec![Order::Play { leg, sounds, loop_last: true }]);
        // As callers come: not all in one millisecond.
        thread::sleep(Duration::from_millis(1));
    }
    phone.turn(&mut [], "media")
}

/// A machine with that many pairs of legs joined, without sockets.
fn joined(calls: u32, srtp: Option<Suite>) -> Machine {
    let settings = Settings { ports: (1_024, 65_535), ..settings() };
    let mut machine = Machine::new(&settings, Catalogue::built_in(), Rng::new(1));
    let mut out = Output::default();
    let now = Timestamp::EPOCH + Span::secs(1);
    for leg in 0..2 * calls {
        let port = 1_024 + 2 * u16::try_from(leg).unwrap();
        let stream = stream(SocketAddr::new(LOCAL, port), Codec::Pcma, srtp);
        let leg = LegNo::first(leg);
        machine.handle(now, Input::Order(Order::Open { leg, port, stream }), &mut out);
    }
    for call in 0..calls {
        let (a, b) = (LegNo::first(2 * call), LegNo::first(2 * call + 1));
        machine.handle(now, Input::Order(Order::Join { a, b }), &mut out);
    }
    machine
}

/// Microseconds of the machine a packet, without any system call and without what the phones
/// do: opening, passing on, sealing again.
fn machine_alone(srtp: Option<Suite>) -> f64 {
    const ROUNDS: u16 = 500;
    const ROOM: usize = 172 + Suite::GROWTH_MAX;

    let mut machine = joined(CALLS, srtp);
    let mut out = Output::default();
    let goal = |leg| Goal { port: 1_024 + 2 * leg, payload_type: 8, sender: srtp.map(sender) };
    let mut goals: Vec<Goal> = (0..u16::try_from(LEGS).unwrap()).map(goal).collect();
    let mut packets = vec![([0x80; ROOM], 0); goals.len()];
    let clock = Clock::start();
    let (mut spent, mut sent) = (Span::ZERO, 0);
    for sequence in 0..ROUNDS {
        for (goal, (room, len)) in goals.iter_mut().zip(&mut packets) {
            *len = goal.says(sequence, room);
        }
        let now = Timestamp::EPOCH + Span::secs(1) + Span::millis(20) * u64::from(sequence);
        let start = clock.now();
        for (goal, (room, len)) in goals.iter().zip(&mut packets) {
            let (port, from) = (goal.port, SocketAddr::new(LOCAL, goal.port));
            machine.handle(now, Input::Packet { port, from, room, len: *len }, &mut out);
            sent += out.departures.len();
            out.clear();
        }
        spent = spent + clock.now().since(start);
    }
    assert_eq!(sent, usize::from(ROUNDS) * LEGS as usize);
    spent.as_secs_f64() * 1e6 / sent as f64
}

/// Kilobytes of resident memory a leg, of ten thousand joined.
fn memory(srtp: Option<Suite>) -> f64 {
    let resident_kb = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
    };
    let before = resident_kb();
    let machine = joined(5_000, srtp);
    let after = resident_kb();
    assert_eq!(machine.legs(), 10_000);
    (after - before) / 10_000.0
}
