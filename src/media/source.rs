//! Who may speak on a leg: the source that the SDP named, or one that proves itself behind a NAT.
//!
//! ```text
//!           named port speaks ┌──────────────────────────────┐
//!                             ▼                              │
//! Unheard ────────────────► Settled(named)                Settled(other)
//!    │  ten packets in a row from another port                ▲
//!    └────── of the named address, the named port silent ─────┘
//! ```
//!
//! A relay that follows whoever speaks first gives the call to a stranger who is quick (the
//! "RTP bleed"). So: packets from another *address* than the one named are never believed. A
//! phone behind a NAT may come from another *port* of it: such a source is believed once, after
//! [`STEADY`] packets of one SSRC in order, and only while the named port has not spoken. The
//! named port is believed at once and for good, so even a stranger behind the same NAT is
//! dropped with the first packet of the true phone. Where the SDP names a private address, the
//! exchange names the address that the phone's SIP came from as well (see
//! [`Stream::second`](crate::media::order::Stream::second)): both are believed alike. Only a new
//! offer/answer opens the question again.
//!
//! Under SRTP none of this is needed: a packet that is authentic has [proved](Source::prove) its
//! sender, wherever it comes from, and nothing else is believed.

use std::net::SocketAddr;

use crate::{
    base::time::{Span, Timestamp},
    rtp::packet::{Head, Ssrc},
};

/// How many packets in order make a source believable: 200 ms, the most that a phone behind a NAT is
/// not heard for at first. Fewer, and who guesses a port is believed before the phone speaks.
pub const STEADY: u8 = 10;
/// How long a candidate may pause before another may try: as long as proving itself takes.
const PATIENCE: Span = Span::millis(200);

/// Who may speak, and where to send.
#[derive(Clone, Debug, Default)]
pub struct Source {
    named: Option<SocketAddr>,
    /// Where it may be as well: named so by its SIP, or by an SDP that a NAT made untrue.
    second: Option<SocketAddr>,
    state: State,
}

#[derive(Clone, Debug, Default)]
enum State {
    /// Nobody has been believed since the last offer/answer.
    #[default]
    Unheard,
    /// Someone at another port of the named address is proving itself.
    Proving(Candidate),
    /// This one and nobody else, but for the named.
    Settled(SocketAddr),
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    from: SocketAddr,
    ssrc: Ssrc,
    last: u16,
    packets: u8,
    at: Timestamp,
}

impl Source {
    /// A new offer/answer: this is named now. Who was believed stays so if the name stays, but
    /// another port may prove itself again, as a NAT may have changed its mind during a hold.
    pub fn name(&mut self, named: Option<SocketAddr>, second: Option<SocketAddr>) {
        let same = match (self.named, named) {
            (Some(old), Some(new)) => same(old, new),
            _ => false,
        };
        if !same {
            self.state = State::Unheard;
        }
        (self.named, self.second) = (named, second);
    }

    /// Whether a packet from there is to be believed.
    pub fn admits(&mut self, now: Timestamp, from: SocketAddr, head: Head) -> bool {
        if self.names().any(|it| same(from, it)) {
            self.state = State::Settled(from);
            return true;
        }
        if self.names().all(|it| from.ip() != it.ip()) {
            return false;
        }
        match &mut self.state {
            State::Settled(at) => same(from, *at),
            State::Proving(candidate) if candidate.continues(from, head) => {
                candidate.last = head.sequence;
                candidate.packets += 1;
                candidate.at = now;
                let proven = candidate.packets >= STEADY;
                if proven {
                    self.state = State::Settled(from);
                }
                proven
            }
            // One that still speaks is not disturbed by another.
            State::Proving(candidate)
                if !same(candidate.from, from) && now.since(candidate.at) < PATIENCE =>
            {
                false
            }
            State::Unheard | State::Proving(_) => {
                let (ssrc, last) = (head.ssrc, head.sequence);
                self.state = State::Proving(Candidate { from, ssrc, last, packets: 1, at: now });
                false
            }
        }
    }

    fn names(&self) -> impl Iterator<Item = SocketAddr> {
        [self.named, self.named.and(self.second)].into_iter().flatten()
    }

    /// A packet from there was authentic: that is where the far side is now.
    pub fn prove(&mut self, from: SocketAddr) {
        self.state = State::Settled(from);
    }

    /// Whether RTCP from there is to be read: it moves figures, never sound.
    #[must_use]
    pub fn admits_reports(&self, from: SocketAddr, remote_rtcp: Option<SocketAddr>) -> bool {
        let known = |it: Option<SocketAddr>| it.is_some_and(|it| it.ip() == from.ip());
        known(self.named) || known(self.second) || known(remote_rtcp)
    }

    /// Where to send: to the one believed, else to the one named.
    #[must_use]
    pub fn target(&self) -> Option<SocketAddr> {
        match (&self.state, self.named) {
            (State::Settled(at), Some(_)) => Some(*at),
            (_, named) => named,
        }
    }
}

impl Candidate {
    /// Whether a packet continues this candidate's stream. Three lost in a row are forgiven.
    fn continues(&self, from: SocketAddr, head: Head) -> bool {
        let ahead = head.sequence.wrapping_sub(self.last);
        same(from, self.from) && head.ssrc == self.ssrc && (1..=4).contains(&ahead)
    }
}

/// Whether two addresses are one: flow labels and scopes are not part of the name.
fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip() == other.ip()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = "192.0.2.1:4000";
    const NATTED: &str = "192.0.2.1:61000";
    const STRANGER: &str = "192.0.2.1:5";
    const FAR: &str = "198.51.100.9:4000";

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn source() -> Source {
        let mut source = Source::default();
        source.name(Some(at(NAMED)), None);
        source
    }

    /// Sends packets number `numbers` from `from`, 20 ms apart, and says how many were believed.
    fn send(source: &mut Source, from: &str, numbers: std::ops::Range<u16>) -> usize {
        let ssrc = Ssrc(u32::from(at(from).port()));
        numbers
            .filter(|&sequence| {
                let now = Timestamp(u64::from(sequence) * 20_000);
                source.admits(now, at(from), Head { sequence, ssrc, ..Head::default() })
            })
            .count()
    }

    #[test]
    fn the_named_source_is_believed_from_its_first_packet() {
        let mut source = source();
        assert_eq!(send(&mut source, NAMED, 0..3), 3);
        assert_eq!(send(&mut source, STRANGER, 3..100), 0);
        assert_eq!(source.target(), Some(at(NAMED)));
    }

    #[test]
    fn another_address_is_never_believed_however_long_it_speaks() {
        let mut source = source();
        assert_eq!(send(&mut source, FAR, 0..1_000), 0);
        assert_eq!(source.target(), Some(at(NAMED)));
    }

    #[test]
    fn a_phone_behind_a_nat_proves_itself_by_a_steady_stream() {
        let mut source = source();
        assert_eq!(send(&mut source, NATTED, 0..30), 21);
        assert_eq!(source.target(), Some(at(NATTED)));
        // Nobody takes over from one who has proven itself,
        assert_eq!(send(&mut source, STRANGER, 30..500), 0);
        // but for the named one.
        assert_eq!(send(&mut source, NAMED, 500..501), 1);
        assert_eq!(send(&mut source, NATTED, 501..600), 0);
        assert_eq!(source.target(), Some(at(NAMED)));
    }

    /// A private address in its SDP, and where its SIP came from: the phone is at one of them.
    #[test]
    fn a_phone_with_two_names_is_believed_at_either_and_nobody_else_is() {
        let mut source = Source::default();
        source.name(Some(at(NAMED)), Some(at(FAR)));
        assert_eq!(source.target(), Some(at(NAMED)));
        assert_eq!(send(&mut source, "203.0.113.5:4000", 0..100), 0);
        assert_eq!(send(&mut source, FAR, 100..103), 3);
        assert_eq!(source.target(), Some(at(FAR)));
        assert_eq!(send(&mut source, STRANGER, 103..200), 0);
        // By another port of the second: after a while, as at the first.
        let mut source = Source::default();
        source.name(Some(at(NAMED)), Some(at(FAR)));
        assert_eq!(send(&mut source, "198.51.100.9:61000", 0..30), 21);
    }

    #[test]
    fn strangers_behind_the_same_nat_lose_the_call_with_the_phones_first_packet() {
        let mut source = source();
        assert_eq!(send(&mut source, STRANGER, 0..9), 0);
        assert_eq!(send(&mut source, NAMED, 9..10), 1);
        assert_eq!(send(&mut source, STRANGER, 10..100), 0);
    }

    #[test]
    fn a_spray_of_packets_from_many_ports_proves_nothing() {
        let mut source = source();
        for port in 1_000..2_000_u16 {
            assert_eq!(send(&mut source, &format!("192.0.2.1:{port}"), port..port + 1), 0);
        }
        // Nor does it keep the phone from proving itself afterwards.
        assert_eq!(send(&mut source, NATTED, 3_000..3_010), 1);
    }

    #[test]
    fn who_has_proved_itself_is_believed_wherever_it_goes() {
        let mut source = source();
        source.prove(at(FAR));
        assert_eq!(source.target(), Some(at(FAR)));
        source.prove(at(NATTED));
        assert_eq!(source.target(), Some(at(NATTED)));
    }

    #[test]
    fn a_new_name_opens_the_question_again() {
        let mut source = source();
        send(&mut source, NATTED, 0..30);
        source.name(Some(at(NAMED)), None);
        assert_eq!(source.target(), Some(at(NATTED)));
        source.name(Some(at(FAR)), None);
        assert_eq!(source.target(), Some(at(FAR)));
        assert_eq!(send(&mut source, NATTED, 30..60), 0);
        assert_eq!(send(&mut source, FAR, 60..61), 1);
        source.name(None, None);
        assert_eq!((source.target(), send(&mut source, FAR, 61..62)), (None, 0));
    }
}
