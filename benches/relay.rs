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

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::print_stdout, missing_docs)]

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
        dice::Dice,
        numbers::{LegNo, SoundNo},
        time::{Span, Timestamp},
    },
    media::{
        machine::{Input, Machine, Output},
        order::{Codec, Notice, Order, Settings, Stream},
        sound::Catalogue,
    },
    net::{
        batch::{Inbox, send_one},
        clock::Clock,
    },
    relay::Relay,
    rtp::packet::{self, Head, Ssrc},
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
    let memory = memory();
    let mut best: BTreeMap<&str, Cost> = BTreeMap::new();
    let mut note = |name, cost: Cost| {
        let best = best.entry(name).or_insert(cost);
        if cost.per_packet() < best.per_packet() {
            *best = cost;
        }
    };
    for _ in 0..TURNS {
        note("floor", floor());
        note("relayed, one codec", relay(Codec::Pcma));
        note("relayed, G.722 to A-law", relay(Codec::G722));
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
    println!("\nthe machine alone: {:.3} µs a relayed packet", machine_alone());
    println!("memory: {memory:.2} KB a joined leg, the kernel's sockets aside");
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
    fn turn(&mut self, goals: &[(u16, u8)], measured: &str) -> Cost {
        // Whatever was begun before is over.
        thread::sleep(Duration::from_millis(200));
        self.listen();
        let mut sequence = 0;
        let mut bytes = vec![0x80; 172];
        let (mut heard, mut spoken) = (0, 0);
        let cpu_before = cpu_us(measured);
        let start = self.clock.now();
        let mut slot = 0_u64;
        while self.clock.now() < start + TURN {
            let part = goals.iter().skip(usize::try_from(slot % 20).unwrap()).step_by(20);
            for &(port, payload_type) in part {
                let head = Head {
                    payload_type,
                    sequence,
                    timestamp: u32::from(sequence) * 160,
                    ssrc: Ssrc(port.into()),
                    marker: false,
                };
                packet::patch(&mut bytes, head);
                let to = SocketAddr::new(LOCAL, port);
                spoken += u64::from(send_one(self.socket.as_fd(), LOCAL, to, &bytes));
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
    let goals: Vec<(u16, u8)> =
        sockets.iter().map(|it| (it.local_addr().unwrap().port(), 8)).collect();
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
    let cost = phone.turn(&goals, "floor");
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

fn stream(remote: SocketAddr, codec: Codec) -> Stream {
    Stream {
        remote: Some(remote),
        remote_rtcp: None,
        rtcp_mux: false,
        protection: None,
        codec,
        payload_type: codec.payload_type(),
        dtmf: Some(101),
        send: true,
        receive: true,
        silence: Some(Span::secs(30)),
    }
}

/// A relay whose legs are all open towards `remote`; every other one speaks `codec`.
fn open(remote: SocketAddr, codec: Codec) -> (Relay, Vec<(u16, u8)>) {
    let (tell, told) = crossbeam_channel::unbounded();
    let tell = Box::new(move |notice| tell.send(notice).unwrap_or_default());
    let mut relay = Relay::start(&settings(), &[], Clock::start(), tell).unwrap();
    let Notice::Ports { ports } = told.recv().unwrap() else { panic!("ports come first") };
    let mut goals = vec![];
    for (leg, &port) in (0..LEGS).zip(&ports) {
        let codec = if leg % 2 == 0 { Codec::Pcma } else { codec };
        goals.push((port, codec.payload_type()));
        let (leg, stream) = (LegNo::first(leg), stream(remote, codec));
        relay.post(&mut vec![Order::Open { leg, port, stream }]);
    }
    assert_eq!(goals.len(), LEGS as usize, "not enough ports");
    (relay, goals)
}

fn relay(codec: Codec) -> Cost {
    let mut phone = Phone::new();
    let (mut relay, goals) = open(phone.address(), codec);
    for call in 0..CALLS {
        let (a, b) = (LegNo::first(2 * call), LegNo::first(2 * call + 1));
        relay.post(&mut vec![Order::Join { a, b }]);
    }
    phone.turn(&goals, "media")
}

fn music() -> Cost {
    let mut phone = Phone::new();
    let (mut relay, _) = open(phone.address(), Codec::Pcma);
    for leg in (0..LEGS).map(LegNo::first) {
        let sounds = vec![SoundNo::first(0)];
        relay.post(&mut vec![Order::Play { leg, sounds, loop_last: true }]);
        // As callers come: not all in one millisecond.
        thread::sleep(Duration::from_millis(1));
    }
    phone.turn(&[], "media")
}

/// A machine with that many pairs of legs joined, without sockets.
fn joined(calls: u32) -> Machine {
    let settings = Settings { ports: (1_024, 65_535), ..settings() };
    let mut machine = Machine::new(&settings, Catalogue::built_in(), Dice::new(1));
    let mut out = Output::default();
    let now = Timestamp::EPOCH + Span::secs(1);
    for leg in 0..2 * calls {
        let port = 1_024 + 2 * u16::try_from(leg).unwrap();
        let stream = stream(SocketAddr::new(LOCAL, port), Codec::Pcma);
        let leg = LegNo::first(leg);
        machine.handle(now, Input::Order(Order::Open { leg, port, stream }), &mut out);
    }
    for call in 0..calls {
        let (a, b) = (LegNo::first(2 * call), LegNo::first(2 * call + 1));
        machine.handle(now, Input::Order(Order::Join { a, b }), &mut out);
    }
    machine
}

/// Microseconds of the machine a packet, without any system call.
fn machine_alone() -> f64 {
    const ROUNDS: u16 = 2_000;

    let mut machine = joined(CALLS);
    let mut out = Output::default();
    let mut bytes = vec![0x80; 172];
    let clock = Clock::start();
    let start = clock.now();
    let mut sent = 0;
    for sequence in 0..ROUNDS {
        let now = start + Span::millis(20) * u64::from(sequence);
        for leg in 0..u16::try_from(LEGS).unwrap() {
            let port = 1_024 + 2 * leg;
            let timestamp = u32::from(sequence) * 160;
            let ssrc = Ssrc(port.into());
            let head = Head { payload_type: 8, sequence, timestamp, ssrc, marker: false };
            packet::patch(&mut bytes, head);
            let from = SocketAddr::new(LOCAL, port);
            let len = bytes.len();
            machine.handle(now, Input::Packet { port, from, room: &mut bytes, len }, &mut out);
            sent += out.departures.len();
            out.clear();
        }
    }
    let spent = clock.now().since(start);
    assert_eq!(sent, usize::from(ROUNDS) * LEGS as usize);
    spent.as_secs_f64() * 1e6 / sent as f64
}

/// Kilobytes of resident memory a leg, of ten thousand joined.
fn memory() -> f64 {
    let resident_kb = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
    };
    let before = resident_kb();
    let machine = joined(5_000);
    let after = resident_kb();
    assert_eq!(machine.legs(), 10_000);
    (after - before) / 10_000.0
}
