//! The scene of the stories: a machine, the time, and what leaves and is told, a line each.

use std::{fmt::Write as _, net::SocketAddr};

use crate::{
    base::{
        key::Key,
        numbers::LegNo,
        rng::Rng,
        time::{Span, Timestamp},
    },
    media::{
        machine::{Input, Load, Machine, Output},
        order::{Codec, Notice, Order, Protection, Report, Settings, Stream},
        sound::{Catalogue, Sound},
    },
    rtp::{
        packet::{self, Head, Ssrc},
        rtcp::{self, Told},
        srtp::suite::Suite,
    },
};

pub(super) const CALLER: LegNo = LegNo::first(0);
pub(super) const AGENT: LegNo = LegNo::first(1);
pub(super) const CALLER_PORT: u16 = 20_000;
pub(super) const AGENT_PORT: u16 = 20_002;
pub(super) const CALLER_ADDRESS: &str = "192.0.2.1:4000";
pub(super) const AGENT_ADDRESS: &str = "192.0.2.2:5000";

/// A machine, the time, and what has been told since last asked.
pub(super) struct Story {
    pub(super) machine: Machine,
    pub(super) now: Timestamp,
    pub(super) told: String,
    /// The first number and timestamp that left each port, so that stories count from 0.
    pub(super) firsts: Vec<(u16, Head)>,
    /// Whether packets of sound and reports are told of.
    pub(super) packets: bool,
    /// The last packet that left, as it was.
    pub(super) last: Vec<u8>,
}

pub(super) fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

pub(super) fn stream(address: &str) -> Stream {
    Stream {
        remote: Some(at(address)),
        second: None,
        remote_rtcp: None,
        rtcp_mux: false,
        protection: None,
        codec: Codec::Pcma,
        payload_type: 8,
        dtmf: Some(101),
        send: true,
        receive: true,
        silence: Some(Span::secs(30)),
    }
}

/// SRTP whose keys follow from `seed`: ours is one more than theirs.
pub(super) fn protection(seed: u8) -> Protection {
    let key = |octet| Key::new(&[octet; 30]).unwrap();
    let suite = Suite::AesCm128HmacSha1_80;
    Protection { suite, send: key(seed + 1), receive: key(seed) }
}

pub(super) fn settings() -> Settings {
    Settings {
        address: at("127.0.0.1:0").ip(),
        ports: (20_000, 20_009),
        prepared: 2,
        drain: Span::secs(2),
        dscp: 46,
    }
}

/// A sound of `frames` frames, all of one byte.
pub(super) fn short(name: &str, frames: usize) -> Sound {
    let samples = vec![1_000_i16; frames * 160];
    let mut file = std::io::Cursor::new(vec![]);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for &sample in &samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    Sound::from_wav(name.to_owned(), file.get_ref()).unwrap()
}

impl Story {
    /// Sounds 5 and 6 last two and three frames.
    pub(super) fn new() -> Self {
        let mut catalogue = Catalogue::built_in();
        catalogue.add(short("two", 2));
        catalogue.add(short("three", 3));
        Self {
            machine: Machine::new(&settings(), catalogue, Rng::new(1)),
            now: Timestamp::EPOCH + Span::secs(1_000),
            told: String::new(),
            firsts: vec![],
            packets: true,
            last: vec![],
        }
    }

    /// Both legs open and joined.
    pub(super) fn joined() -> Self {
        let mut story = Self::new();
        story.order(Order::Open { leg: CALLER, port: CALLER_PORT, stream: stream(CALLER_ADDRESS) });
        story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: stream(AGENT_ADDRESS) });
        story.order(Order::Join { a: CALLER, b: AGENT });
        assert_eq!(story.told(), "");
        story
    }

    pub(super) fn order(&mut self, order: Order) {
        self.handle(Input::Order(order), &[]);
    }

    /// Lets time pass, with every tick that falls due.
    pub(super) fn pass(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(due) = self.machine.next_wake().filter(|&due| due <= end) {
            self.now = self.now.max(due);
            self.handle(Input::Tick, &[]);
        }
        self.now = end;
    }

    /// A packet comes from `from`: number and timestamp as told, 20 ms of sound.
    pub(super) fn comes(&mut self, port: u16, from: &str, sequence: u16) {
        let timestamp = u32::from(sequence) * 160;
        let ssrc = Ssrc(u32::from(at(from).port()));
        let head = Head { marker: false, payload_type: 8, sequence, timestamp, ssrc };
        self.comes_with(port, from, head, &[0xD5; 160]);
    }

    pub(super) fn comes_with(&mut self, port: u16, from: &str, head: Head, payload: &[u8]) {
        let mut bytes = vec![];
        packet::write(&mut bytes, head, payload);
        self.datagram(port, from, &bytes);
    }

    pub(super) fn datagram(&mut self, port: u16, from: &str, bytes: &[u8]) {
        let mut out = Output::default();
        let mut room = [bytes, &[0; 32]].concat();
        let input = Input::Packet { port, from: at(from), room: &mut room, len: bytes.len() };
        self.machine.handle(self.now, input, &mut out);
        self.tell(&out, &room);
    }

    pub(super) fn handle(&mut self, input: Input<'_>, received: &[u8]) {
        let mut out = Output::default();
        self.machine.handle(self.now, input, &mut out);
        self.tell(&out, received);
    }

    pub(super) fn tell(&mut self, out: &Output, received: &[u8]) {
        let secs = self.now.since(Timestamp::EPOCH + Span::secs(1_000));
        for departure in &out.departures {
            let bytes = match &departure.load {
                Load::Received(len) => &received[..*len],
                Load::Written(range) => &out.bytes[range.clone()],
            };
            self.last = bytes.to_vec();
            if !self.packets {
                continue;
            }
            let what = if packet::is_rtcp(bytes) {
                let told: Vec<&str> = rtcp::read(bytes)
                    .map(|it| match it {
                        Told::Sends(..) => "sends",
                        Told::Hears(_) => "hears",
                        Told::Goodbye(_) => "goodbye",
                    })
                    .collect();
                format!("report: {}", told.join(", "))
            } else {
                self.relative(departure.port, bytes)
            };
            writeln!(self.told, "{secs} {} > {}: {what}", departure.port, departure.to).unwrap();
        }
        for notice in &out.notices {
            let words = match notice {
                Notice::Closed { leg, report } => {
                    let Report { received, sent, lost, refused, .. } = report;
                    format!(
                        "{leg} closed: {received} in, {sent} out, {lost} lost, {refused} refused"
                    )
                }
                Notice::Failed { why, .. } | Notice::NotPlayed { why, .. } => {
                    format!("cannot {why}")
                }
                Notice::Ports { ports } => format!("ports {ports:?}"),
                Notice::Silent { leg } => format!("{leg} silent"),
                Notice::Played { leg } => format!("{leg} played"),
                Notice::Digit { leg, digit } => format!("{leg} digit {digit}"),
            };
            writeln!(self.told, "{secs} {words}").unwrap();
        }
    }

    /// Payload type, number and timestamp since the first packet of that port.
    pub(super) fn relative(&mut self, port: u16, bytes: &[u8]) -> String {
        let (head, payload) = packet::read(bytes).unwrap();
        let known = self.firsts.iter().find(|it| it.0 == port).map(|it| it.1);
        let first = known.unwrap_or(head);
        if known.is_none() {
            self.firsts.push((port, head));
        }
        assert_eq!(head.ssrc, first.ssrc, "a stream keeps its SSRC");
        let number = head.sequence.wrapping_sub(first.sequence);
        let time = head.timestamp.wrapping_sub(first.timestamp);
        let marker = if head.marker { " M" } else { "" };
        format!("{} #{number} @{time} {} bytes{marker}", head.payload_type, payload.len())
    }

    pub(super) fn told(&mut self) -> String {
        std::mem::take(&mut self.told)
    }
}
