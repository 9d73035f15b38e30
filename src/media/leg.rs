//! One leg: what its far side says, what it hears, and how well both arrive.
//!
//! ```text
//! far side ──► source ──► reception, keys ──► Received ──► the other leg's `say`
//! far side ◄── outgoing ◄── transcoder ◄── a sound's frames, or the other leg's Received
//! ```
//!
//! Knows no ports and no other leg: `machine` brings the two together.

use std::{fmt::Write as _, net::SocketAddr, ops::Range};

use crate::{
    base::{
        numbers::LegNo,
        rng::Rng,
        time::{Span, Timestamp},
    },
    media::{
        keys::Keys,
        order::{Codec, Report, Stream},
        outgoing::{Outgoing, ticks},
        player::Player,
        press::{Presses, Step},
        shield::Shield,
        source::Source,
        transcode::Transcoder,
    },
    rtp::{
        dtmf::Event,
        packet::{self, Head, Ssrc},
        reception::{self, Reception},
        rtcp::{self, Compound, Told},
        srtp::{sender::Sender, suite::Suite},
    },
};

/// Comfort noise (RFC 3389), whose payload type is fixed for a clock of 8 kHz.
const COMFORT_NOISE: u8 = 13;
/// Between two reports on average (RFC 3550 6.2).
const REPORT_EVERY: Span = Span::secs(5);

/// One side of a call, as the media see it.
#[derive(Debug)]
pub struct Leg {
    /// Which leg.
    pub number: LegNo,
    /// What its far side hears.
    pub hearing: Hearing,
    stream: Stream,
    source: Source,
    shield: Option<Box<Shield>>,
    reception: Reception,
    outgoing: Outgoing,
    transcoder: Option<Box<Transcoder>>,
    keys: Keys,
    presses: Presses,
    cname: String,
    /// The far side's last sender report: the middle of its clock, and when it came.
    told_clock: Option<(u32, Timestamp)>,
    round_trip: Option<f64>,
    packets_at_report: u32,
    /// When its silence began: the last packet of sound or report, or when it was first expected
    /// to speak.
    heard: Timestamp,
    /// Whether its silence is watched. Not before it has spoken or been joined: until it is
    /// answered a phone has no need to send. And not again once it has been told.
    watched: bool,
    refused: u64,
}

/// How many times the limit a far side may be silent that has never been heard. A phone that
/// falls silent is dead; one that never spoke may be muted, or have nothing to send. Ten times the
/// usual half minute is five minutes: less would end the calls of those who only listen, more
/// would keep the ports of those who are gone.
const NEVER_HEARD: u64 = 10;

/// What a far side hears.
#[derive(Debug)]
pub enum Hearing {
    /// Nothing.
    Nothing,
    /// Sounds, by a ticket that tells this playing from the ones before.
    Sound(Player, u32),
    /// The leg at that place.
    Other(u16),
    /// All others of the conference with that ticket.
    Mixed(u32),
}

/// A packet that was believed.
#[derive(Clone, Debug)]
pub struct Received {
    kind: Kind,
    /// What sound on the leg it came by is.
    codec: Codec,
    head: Head,
    payload: Range<usize>,
    /// How long the packet is, now that it is open.
    len: usize,
}

/// Whether a report is followed by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// It is.
    More,
    /// The leg closes: it says goodbye.
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sound,
    Event,
    ComfortNoise,
}

impl Received {
    /// The sound in a packet, for a conference: its timestamp, as what it is, and the bytes.
    #[must_use]
    pub fn sound<'a>(&self, bytes: &'a [u8]) -> Option<(u32, Codec, &'a [u8])> {
        let payload = bytes.get(self.payload.clone())?;
        (self.kind == Kind::Sound).then_some((self.head.timestamp, self.codec, payload))
    }
}

impl Leg {
    /// A leg that begins; `None` if its keys do not fit their suite.
    #[must_use]
    pub fn open(now: Timestamp, number: LegNo, stream: Stream, rng: &mut Rng) -> Option<Self> {
        let [s0, s1, s2, s3, t0, t1, t2, t3] = rng.bits().to_be_bytes();
        let [n0, n1, ..] = rng.bits().to_be_bytes();
        let mut cname = String::with_capacity(24);
        // Ninety-six bits of chance, as RFC 7022 4.2 advises: it links nothing to anyone.
        let _ = write!(cname, "{:016x}{:08x}", rng.bits(), rng.bits() >> 32);
        let mut source = Source::default();
        source.name(stream.remote, stream.second);
        let shield = match &stream.protection {
            Some(protection) => Some(Box::new(Shield::new(protection)?)),
            None => None,
        };
        Some(Self {
            number,
            hearing: Hearing::Nothing,
            stream,
            source,
            shield,
            reception: Reception::default(),
            outgoing: Outgoing::new(
                Ssrc(u32::from_be_bytes([s0, s1, s2, s3])),
                // Below 2^15, so that a loss at the start is not taken for a rollover (RFC 3711
                // 3.3.1).
                u16::from_be_bytes([n0 & 0x7F, n1]),
                u32::from_be_bytes([t0, t1, t2, t3]),
            ),
            transcoder: None,
            keys: Keys::default(),
            presses: Presses::default(),
            cname,
            told_clock: None,
            round_trip: None,
            packets_at_report: 0,
            heard: now,
            watched: false,
            refused: 0,
        })
    }

    /// A new offer/answer changed the far side; `None` if its keys do not fit their suite.
    pub fn change(&mut self, now: Timestamp, stream: Stream) -> Option<()> {
        match (&stream.protection, &mut self.shield) {
            (None, shield) => *shield = None,
            (Some(protection), Some(shield)) => shield.change(protection)?,
            (Some(protection), shield) => *shield = Some(Box::new(Shield::new(protection)?)),
        }
        self.source.name(stream.remote, stream.second);
        if stream.send != self.stream.send || stream.remote != self.stream.remote {
            self.outgoing.pause();
        }
        self.stream = stream;
        // Silence counts from here: before, the far side may have been on hold.
        self.heard = now;
        Some(())
    }

    /// From now on the far side is expected to speak.
    pub fn expect(&mut self, now: Timestamp) {
        self.heard = now;
        self.watched = true;
    }

    /// From now on the far side hears this.
    pub fn hear(&mut self, hearing: Hearing) {
        self.hearing = hearing;
        self.outgoing.pause();
    }

    /// A packet came to the leg's RTP port; it is opened in place. `None` if it is not believed.
    pub fn listen(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        bytes: &mut [u8],
    ) -> Option<Received> {
        let heard = self.believe(now, from, bytes);
        if heard.is_none() {
            self.refused += 1;
        } else {
            self.heard = now;
        }
        heard
    }

    fn believe(&mut self, now: Timestamp, from: SocketAddr, bytes: &mut [u8]) -> Option<Received> {
        let len = match &mut self.shield {
            Some(shield) => shield.receiver.open_rtp(bytes)?,
            None => bytes.len(),
        };
        let (head, payload) = packet::read(bytes.get(..len)?)?;
        let kind = match head.payload_type {
            it if it == self.stream.payload_type => Kind::Sound,
            it if Some(it) == self.stream.dtmf => Kind::Event,
            COMFORT_NOISE => Kind::ComfortNoise,
            _ => return None,
        };
        if self.shield.is_some() {
            self.source.prove(from);
        } else if !self.source.admits(now, from, head) {
            return None;
        }
        if self.reception.count(head.ssrc, head.sequence) == reception::Order::Astray {
            return None;
        }
        if kind == Kind::Sound {
            self.reception.time(head.timestamp, ticks(now.since(Timestamp::EPOCH)));
        }
        Some(Received { kind, codec: self.stream.codec, head, payload, len })
    }

    /// The keys that a packet, just heard, says have been released.
    pub fn keys(&mut self, now: Timestamp, received: &Received, bytes: &[u8]) -> [Option<char>; 2] {
        let event = || Event::read(bytes.get(received.payload.clone())?);
        match received.kind {
            Kind::Sound => [self.keys.sound(now), None],
            Kind::ComfortNoise => [None; 2],
            Kind::Event => {
                event().map_or([None; 2], |it| self.keys.press(now, received.head.timestamp, it))
            }
        }
    }

    /// Whether the far side is to be heard by its other side.
    #[must_use]
    pub fn speaks(&self) -> bool {
        self.stream.receive
    }

    /// Makes a packet of the other side ours, in place, and says where it goes and how long it
    /// is. `room` is the packet and what it may grow by. `None` if the far side is not to hear it.
    pub fn say(
        &mut self,
        now: Timestamp,
        received: &Received,
        room: &mut [u8],
    ) -> Option<(SocketAddr, usize)> {
        let to = self.target()?;
        let payload_type = match received.kind {
            Kind::Sound => Some(self.stream.payload_type),
            Kind::Event => self.stream.dtmf,
            // Agreed with the other side at most. A pause says the same.
            Kind::ComfortNoise => None,
        };
        let Some(payload_type) = payload_type else {
            self.outgoing.keep_back(received.head);
            return None;
        };
        let head = self.outgoing.relay(now, received.head, payload_type)?;
        if received.kind == Kind::Sound && received.codec != self.stream.codec {
            let payload = room.get_mut(received.payload.clone())?;
            self.transcoder(received.codec).rewrite(payload);
        }
        packet::patch(room, head);
        let len = match &mut self.shield {
            Some(shield) => shield.sender.seal_rtp(room, received.len)?,
            None => received.len,
        };
        self.outgoing.count(received.payload.len());
        Some((to, len))
    }

    /// Where sound goes, if the far side is to hear any now: while a key is down it hears that.
    fn target(&self) -> Option<SocketAddr> {
        self.source.target().filter(|_| self.stream.send && !self.presses.are_there())
    }

    /// A key to be pressed, for the far side to hear.
    pub fn press(&mut self, key: char, length: Span) {
        if self.stream.dtmf.is_some() {
            // One too many is as if it had never been pressed.
            let _ = self.presses.push(key, length);
        }
    }

    /// Whether keys are down, or wait.
    #[must_use]
    pub fn presses(&self) -> bool {
        self.presses.are_there()
    }

    /// 20 ms of a key: appends its packet to `out` and says where it goes.
    pub fn press_on(
        &mut self,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> Option<(SocketAddr, Range<usize>)> {
        let step = self.presses.step();
        let to = self.source.target().filter(|_| self.stream.send)?;
        let payload_type = self.stream.dtmf?;
        let (head, event) = match step {
            Step::Begin(event) => (self.outgoing.press(now, payload_type), event),
            Step::Go(event) => (self.outgoing.pressed(payload_type), event),
            Step::Pause | Step::Over => return None,
        };
        let payload = event.write();
        let written = packet::write(out, head, &payload);
        let written = self.sealed(out, written, Sender::seal_rtp)?;
        self.outgoing.count(payload.len());
        Some((to, written))
    }

    fn transcoder(&mut self, from: Codec) -> &mut Transcoder {
        let to = self.stream.codec;
        if self.transcoder.as_ref().is_some_and(|it| !it.is(from, to)) {
            self.transcoder = None;
        }
        self.transcoder.get_or_insert_with(|| Box::new(Transcoder::new(from, to)))
    }

    /// What the far side's sound is.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.stream.codec
    }

    /// Appends a packet with 20 ms of a sound to `out` and says where it goes, if the far side
    /// wants to hear us.
    pub fn play(
        &mut self,
        now: Timestamp,
        frame: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<(SocketAddr, Range<usize>)> {
        let to = self.target()?;
        let head = self.outgoing.frame(now, self.stream.payload_type);
        let written = packet::write(out, head, frame);
        let written = self.sealed(out, written, Sender::seal_rtp)?;
        self.outgoing.count(frame.len());
        Some((to, written))
    }

    /// Seals what was written at the end of `out`, if the leg is protected.
    fn sealed(
        &mut self,
        out: &mut Vec<u8>,
        Range { start, end }: Range<usize>,
        seal: fn(&mut Sender, &mut [u8], usize) -> Option<usize>,
    ) -> Option<Range<usize>> {
        let Some(shield) = &mut self.shield else { return Some(start..end) };
        out.resize(end + Suite::GROWTH_MAX, 0);
        let len = seal(&mut shield.sender, out.get_mut(start..)?, end - start)?;
        out.truncate(start + len);
        Some(start..start + len)
    }

    /// A packet of RTCP came; it is opened in place.
    pub fn read_report(&mut self, now: Timestamp, from: SocketAddr, bytes: &mut [u8]) {
        let len = match &mut self.shield {
            Some(shield) => shield.receiver.open_rtcp(bytes),
            None => {
                self.source.admits_reports(from, self.stream.remote_rtcp).then_some(bytes.len())
            }
        };
        let Some(report) = len.and_then(|len| bytes.get(..len)) else {
            self.refused += 1;
            return;
        };
        // Who mutes its microphone may stop sending sound, and is there all the same.
        if rtcp::is_report(report) {
            self.heard = now;
        }
        for told in rtcp::read(report) {
            match told {
                Told::Sends(_, clock) => self.told_clock = Some((clock.middle(), now)),
                Told::Hears(block) if block.about == self.outgoing.ssrc() => {
                    self.round_trip = round_trip(now, &block).or(self.round_trip);
                }
                // SIP says when a call is over, not RTCP.
                Told::Hears(_) | Told::Goodbye(_) => (),
            }
        }
    }

    /// Appends a report to `out` and says where it goes, if anywhere.
    pub fn report(
        &mut self,
        now: Timestamp,
        words: Words,
        out: &mut Vec<u8>,
    ) -> Option<(SocketAddr, Range<usize>)> {
        let goodbye = words == Words::Last;
        let next_port =
            |it: SocketAddr| it.port().checked_add(1).map(|port| SocketAddr::new(it.ip(), port));
        let to = if self.stream.rtcp_mux {
            self.source.target()
        } else {
            self.stream.remote_rtcp.or_else(|| self.source.target().and_then(next_port))
        }?;
        let block = self.reception.report().map(|block| match self.told_clock {
            Some((last_report, at)) => {
                rtcp::Block { last_report, since_last_report: units(now.since(at)), ..block }
            }
            None => block,
        });
        let has_sent = self.outgoing.packets() != self.packets_at_report;
        if goodbye && block.is_none() && self.outgoing.packets() == 0 {
            return None;
        }
        self.packets_at_report = self.outgoing.packets();
        let start = out.len();
        let sender = self.outgoing.report(now).filter(|_| has_sent);
        Compound { own: self.outgoing.ssrc(), sender, block, cname: &self.cname, goodbye }
            .write(out);
        let written = start..out.len();
        Some((to, self.sealed(out, written, Sender::seal_rtcp)?))
    }

    /// Whether reports leave by the port of RTP.
    #[must_use]
    pub fn muxes(&self) -> bool {
        self.stream.rtcp_mux
    }

    /// When the far side's silence will have lasted too long, if that is watched.
    #[must_use]
    pub fn silent_at(&self) -> Option<Timestamp> {
        let limit = self.stream.silence?;
        let expected = self.watched && self.stream.receive && self.stream.remote.is_some();
        let patience = if self.reception.received() == 0 { NEVER_HEARD } else { 1 };
        expected.then(|| self.heard + limit * patience)
    }

    /// The silence has been told; it is not told again until something is heard.
    pub fn tell_silence(&mut self) {
        self.watched = false;
    }

    /// The far side has just spoken. Says whether it did so for the first time, or after its
    /// silence had been told.
    pub fn silence_broken(&mut self) -> bool {
        let first = self.reception.received() <= 1;
        !std::mem::replace(&mut self.watched, true) || first
    }

    /// What has gone over the leg.
    #[must_use]
    pub fn summary(&self) -> Report {
        Report {
            received: self.reception.received(),
            sent: u64::from(self.outgoing.packets()),
            lost: self.reception.lost(),
            jitter: f64::from(self.reception.jitter()) / 8_000.0,
            refused: self.refused,
            round_trip: self.round_trip,
        }
    }
}

/// When the next report is due: half to one and a half of the mean, so that reports of many
/// legs do not fall into step (RFC 3550 6.3.1).
#[must_use]
pub fn next_report(now: Timestamp, rng: &mut Rng) -> Timestamp {
    now + Span(REPORT_EVERY.0 / 2 + rng.below(REPORT_EVERY.0))
}

/// Arrival less departure less the time it lay there (RFC 3550 6.4.1), in seconds.
fn round_trip(now: Timestamp, block: &rtcp::Block) -> Option<f64> {
    const TEN_SECONDS: u32 = 10 << 16;

    if block.last_report == 0 {
        return None;
    }
    let units = rtcp::Ntp::from(now)
        .middle()
        .wrapping_sub(block.last_report)
        .wrapping_sub(block.since_last_report);
    // More is a clock gone wrong, less than nothing is a lie.
    (units < TEN_SECONDS).then(|| f64::from(units) / 65_536.0)
}

/// A span in 1/65536 s.
fn units(span: Span) -> u32 {
    u32::try_from((u128::from(span.0) << 16) / 1_000_000).unwrap_or(u32::MAX)
}
