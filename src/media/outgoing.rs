//! What a leg's far side hears: one clean stream, whoever is speaking.
//!
//! ```text
//! sound    ████████                 own numbers, 20 ms apart
//! relayed          ┆██████ █████    theirs, shifted; a gap stays a gap, disorder stays disorder
//! out      ████████┆██████ █████    one SSRC, numbers without a break, timestamps that keep time
//! ```
//!
//! Phones size their jitter buffers by SSRC, number and timestamp: a stream that changes
//! speaker, from music to the agent, must not look like a new one. So ours keeps its SSRC for
//! the leg's whole life. Whoever begins to speak gets the next number, a timestamp moved on by
//! the time that has passed, and the marker; from then on a relayed packet costs two additions.

use crate::{
    base::time::{Span, Timestamp},
    rtp::{
        packet::{Head, Ssrc},
        rtcp::Sender,
    },
};

/// Timestamp units in 20 ms, for every codec we know.
pub const FRAME_TICKS: u32 = 160;
/// Sound that pauses for longer than this begins anew.
const PAUSE: Span = Span::millis(120);
/// A jump of numbers beyond this is a new stream (as in `rtp::reception`; RFC 3550 A.1, `MAX_DROPOUT`).
const JUMP: u16 = 3_000;

/// A stream on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ssrc: Ssrc,
    next: u16,
    /// The timestamp of the newest packet, and when it went.
    timestamp: u32,
    at: Option<Timestamp>,
    packets: u32,
    octets: u32,
    speaker: Speaker,
}

/// Whose sound went out last.
#[derive(Clone, Copy, Debug)]
enum Speaker {
    /// Nobody's: whoever comes begins anew.
    Nobody,
    /// A sound of ours.
    Sound,
    /// The other side of a call.
    Relayed(Renumbering),
}

/// How one relayed stream's numbers are shifted into ours.
#[derive(Clone, Copy, Debug)]
struct Renumbering {
    ssrc: Ssrc,
    /// The first number relayed; what is older belongs before our time.
    first: u16,
    highest: u16,
    by_sequence: u16,
    by_timestamp: u32,
}

impl Outgoing {
    /// A stream that has sent nothing yet; first number and timestamp are best drawn at random
    /// (RFC 3550 5.1).
    #[must_use]
    pub fn new(ssrc: Ssrc, first: u16, timestamp: u32) -> Self {
        let speaker = Speaker::Nobody;
        Self { ssrc, next: first, timestamp, at: None, packets: 0, octets: 0, speaker }
    }

    /// Whoever speaks next begins anew.
    pub fn pause(&mut self) {
        self.speaker = Speaker::Nobody;
    }

    /// The header of the next 20 ms of a sound of ours.
    pub fn frame(&mut self, now: Timestamp, payload_type: u8) -> Head {
        let paused = self.at.is_none_or(|at| now.since(at) > PAUSE);
        let marker = paused || !matches!(self.speaker, Speaker::Sound);
        self.timestamp =
            if marker { self.onwards(now) } else { self.timestamp.wrapping_add(FRAME_TICKS) };
        self.speaker = Speaker::Sound;
        self.at = Some(now);
        let sequence = self.next;
        self.next = sequence.wrapping_add(1);
        Head { marker, payload_type, sequence, timestamp: self.timestamp, ssrc: self.ssrc }
    }

    /// The header of the first packet of a key that we press (RFC 4733 2.5.1.2).
    pub fn press(&mut self, now: Timestamp, payload_type: u8) -> Head {
        self.timestamp = self.onwards(now);
        self.at = Some(now);
        Head { marker: true, ..self.pressed(payload_type) }
    }

    /// The header of another packet of it: the time is that of its beginning.
    pub fn pressed(&mut self, payload_type: u8) -> Head {
        self.speaker = Speaker::Nobody;
        let sequence = self.next;
        self.next = sequence.wrapping_add(1);
        Head { marker: false, payload_type, sequence, timestamp: self.timestamp, ssrc: self.ssrc }
    }

    /// The header under which a packet of the other side goes out; `None` if it comes too late
    /// to be told from what went before.
    pub fn relay(&mut self, now: Timestamp, head: Head, payload_type: u8) -> Option<Head> {
        let (mut shift, begins) = self.shift(now, head);
        if before(head.sequence, shift.first) {
            return None;
        }
        let sequence = head.sequence.wrapping_add(shift.by_sequence);
        let timestamp = head.timestamp.wrapping_add(shift.by_timestamp);
        if begins || before(shift.highest, head.sequence) {
            shift.highest = head.sequence;
            self.next = sequence.wrapping_add(1);
            self.at = Some(now);
            // An event keeps the time of its beginning; ours must not run backwards for it.
            if timestamp.wrapping_sub(self.timestamp).cast_signed() > 0 {
                self.timestamp = timestamp;
            }
        }
        self.speaker = Speaker::Relayed(shift);
        let marker = head.marker || begins;
        Some(Head { marker, payload_type, sequence, timestamp, ssrc: self.ssrc })
    }

    /// A packet of the other side is kept back on purpose. The numbers close over it, so that
    /// the far side does not count it as lost.
    pub fn keep_back(&mut self, head: Head) {
        if let Speaker::Relayed(shift) = &mut self.speaker
            && head.ssrc == shift.ssrc
            && head.sequence == shift.highest.wrapping_add(1)
        {
            shift.highest = head.sequence;
            shift.by_sequence = shift.by_sequence.wrapping_sub(1);
        }
    }

    /// Counts a packet that has gone out with `octets` of payload.
    pub fn count(&mut self, octets: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(u32::MAX));
    }

    /// What a report says of us, if we have sent anything.
    #[must_use]
    pub fn report(&self, now: Timestamp) -> Option<Sender> {
        (self.packets > 0).then(|| Sender {
            at: now.into(),
            timestamp: self
                .at
                .map_or(self.timestamp, |at| self.timestamp.wrapping_add(ticks(now.since(at)))),
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// Our SSRC.
    #[must_use]
    pub fn ssrc(&self) -> Ssrc {
        self.ssrc
    }

    /// How many packets have gone out.
    #[must_use]
    pub fn packets(&self) -> u32 {
        self.packets
    }

    /// How the stream that `head` comes by is shifted, and whether it begins with it.
    fn shift(&self, now: Timestamp, head: Head) -> (Renumbering, bool) {
        match self.speaker {
            Speaker::Relayed(shift) if shift.ssrc == head.ssrc && shift.leads_to(head.sequence) => {
                (shift, false)
            }
            Speaker::Nobody | Speaker::Sound | Speaker::Relayed(_) => {
                let shift = Renumbering {
                    ssrc: head.ssrc,
                    first: head.sequence,
                    highest: head.sequence,
                    by_sequence: self.next.wrapping_sub(head.sequence),
                    by_timestamp: self.onwards(now).wrapping_sub(head.timestamp),
                };
                (shift, true)
            }
        }
    }

    /// The timestamp of whoever begins to speak now: moved on by the time that has passed, and
    /// by one frame at least.
    fn onwards(&self, now: Timestamp) -> u32 {
        match self.at {
            Some(at) => self.timestamp.wrapping_add(ticks(now.since(at)).max(FRAME_TICKS)),
            None => self.timestamp,
        }
    }
}

impl Renumbering {
    fn leads_to(&self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        ahead < JUMP || ahead > JUMP.wrapping_neg()
    }
}

/// A span in units of the RTP clock, which is 8 kHz for all we know.
#[must_use]
pub fn ticks(span: Span) -> u32 {
    // Clocks of RTP go round; so may this.
    u32::try_from((span.0 / 125) & 0xFFFF_FFFF).unwrap_or_default()
}

/// Whether number `one` comes before `other` on their circle.
fn before(one: u16, other: u16) -> bool {
    one.wrapping_sub(other).cast_signed() < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Ssrc = Ssrc(1);
    const THEIRS: Ssrc = Ssrc(2);

    fn millis(millis: u64) -> Timestamp {
        Timestamp(millis * 1_000)
    }

    fn theirs(sequence: u16, timestamp: u32) -> Head {
        Head { sequence, timestamp, ssrc: THEIRS, ..Head::default() }
    }

    /// Number, timestamp and marker as one line.
    fn told(head: Option<Head>) -> String {
        head.map_or("-".into(), |it| {
            assert_eq!(it.ssrc, OURS);
            format!("{} {}{}", it.sequence, it.timestamp, if it.marker { " M" } else { "" })
        })
    }

    #[test]
    fn music_then_an_agent_then_music_is_one_stream() {
        let mut out = Outgoing::new(OURS, 65_534, 1_000);
        assert_eq!(told(Some(out.frame(millis(0), 8))), "65534 1000 M");
        assert_eq!(told(Some(out.frame(millis(20), 8))), "65535 1160");
        // The agent's first packet comes 7 ms after the music's last.
        assert_eq!(told(out.relay(millis(27), theirs(500, 9_000), 8)), "0 1320 M");
        assert_eq!(told(out.relay(millis(47), theirs(501, 9_160), 8)), "1 1480");
        // A second later there is music again.
        assert_eq!(told(Some(out.frame(millis(1_047), 8))), "2 9480 M");
    }

    #[test]
    fn gaps_and_disorder_stay_as_they_are() {
        let mut out = Outgoing::new(OURS, 10, 0);
        assert_eq!(told(out.relay(millis(0), theirs(100, 800), 8)), "10 0 M");
        assert_eq!(told(out.relay(millis(40), theirs(102, 1_120), 8)), "12 320");
        assert_eq!(told(out.relay(millis(41), theirs(101, 960), 8)), "11 160");
        assert_eq!(told(out.relay(millis(60), theirs(102, 1_120), 8)), "12 320");
        // From before the first one: its number was another speaker's.
        assert_eq!(told(out.relay(millis(61), theirs(99, 640), 8)), "-");
        assert_eq!(told(Some(out.frame(millis(80), 8))), "13 640 M");
    }

    #[test]
    fn a_packet_kept_back_is_not_missed() {
        let mut out = Outgoing::new(OURS, 10, 0);
        out.relay(millis(0), theirs(100, 0), 8);
        out.keep_back(theirs(101, 160));
        assert_eq!(told(out.relay(millis(40), theirs(102, 320), 8)), "11 320");
        out.keep_back(theirs(110, 9));
        assert_eq!(told(out.relay(millis(60), theirs(103, 480), 8)), "12 480");
    }

    #[test]
    fn another_speaker_or_a_restarted_one_goes_on_with_the_next_number() {
        let mut out = Outgoing::new(OURS, 0, 0);
        out.relay(millis(0), theirs(100, 5_000), 8);
        assert_eq!(told(out.relay(millis(20), theirs(40_000, 77), 8)), "1 160 M");
        let other = Head { ssrc: Ssrc(3), ..theirs(7, 1) };
        assert_eq!(told(out.relay(millis(40), other, 8)), "2 320 M");
    }

    #[test]
    fn an_event_does_not_turn_time_back() {
        let mut out = Outgoing::new(OURS, 0, 0);
        out.relay(millis(0), theirs(1, 0), 8);
        out.relay(millis(20), theirs(2, 160), 8);
        let key = |out: &mut Outgoing, at, n| out.relay(millis(at), theirs(n, 320), 101);
        assert_eq!(told(key(&mut out, 40, 3)), "2 320");
        assert_eq!(told(key(&mut out, 60, 4)), "3 320");
        assert_eq!(told(Some(out.frame(millis(80), 8))), "4 480 M");
    }

    #[test]
    fn a_report_reads_the_streams_clock_now() {
        let mut out = Outgoing::new(OURS, 0, 5_000);
        assert_eq!(out.report(millis(0)), None);
        out.frame(millis(1_000), 8);
        out.count(160);
        let report = out.report(millis(1_500)).unwrap();
        assert_eq!((report.timestamp, report.packets, report.octets), (9_000, 1, 160));
    }
}
