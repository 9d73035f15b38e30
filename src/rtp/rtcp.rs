//! Reports of sender and receiver, names and goodbyes (RFC 3550 6).
//!
//! ```text
//! |V=2|P|  count  |  kind  |  length  |  SSRC  |  …      SR 200, RR 201, SDES 202, BYE 203
//! ```
//!
//! Ours, because a report goes out for every call every five seconds: written into a buffer
//! that is reused, with the cumulative loss signed as the RFC has it. (`rtc-rtcp` builds boxed
//! packets and keeps that number unsigned; it reads ours in the tests.) Reading skips what it
//! does not know and believes no length.

use crate::{base::time::Timestamp, rtp::packet::Ssrc};

/// What a sender says of itself (RFC 3550 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// When the report was written.
    pub at: Ntp,
    /// The same moment in the stream's timestamp.
    pub timestamp: u32,
    /// How many RTP packets it has sent.
    pub packets: u32,
    /// How many bytes of payload were in them.
    pub octets: u32,
}

/// What a receiver says of a sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Whose packets this is about.
    pub about: Ssrc,
    /// Lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Lost since the beginning; negative with duplicates. Travels in 24 bits.
    pub lost: i32,
    /// The highest number seen, with how often it went round above.
    pub highest: u32,
    /// In timestamp units.
    pub jitter: u32,
    /// The middle of the last sender report's [`Ntp`], 0 if none came.
    pub last_report: u32,
    /// How long ago that was, in 1/65536 s.
    pub since_last_report: u32,
}

/// Seconds since 1900 in the high half, their fraction in the low half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ntp(pub u64);

impl Ntp {
    /// Its middle 32 bits: 16 bits of seconds, 16 of fraction.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // The middle is what is meant.
    pub const fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

impl From<Timestamp> for Ntp {
    fn from(at: Timestamp) -> Self {
        const SECONDS_1900_TO_1970: u64 = 2_208_988_800;
        let seconds = (at.0 / 1_000_000 + SECONDS_1900_TO_1970) & 0xFFFF_FFFF;
        let fraction = ((at.0 % 1_000_000) << 32) / 1_000_000;
        Self((seconds << 32) | fraction)
    }
}

/// One compound packet to be written.
#[derive(Clone, Copy, Debug)]
pub struct Compound<'a> {
    /// Our own SSRC.
    pub own: Ssrc,
    /// If we have sent of late.
    pub sender: Option<Sender>,
    /// If we have heard anything.
    pub block: Option<Block>,
    /// Our canonical name (RFC 7022).
    pub cname: &'a str,
    /// Whether these are our last words.
    pub goodbye: bool,
}

/// What a far side tells in RTCP, as far as we listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It sends; this was its clock.
    Sends(Ssrc, Ntp),
    /// It hears someone, so well.
    Hears(Block),
    /// It has gone.
    Goodbye(Ssrc),
}

/// Whether a compound packet begins with a report, as it must (RFC 3550 6.1). A receiver that has
/// heard nothing yet reports on nobody.
#[must_use]
pub fn is_report(bytes: &[u8]) -> bool {
    matches!(bytes, [head, SENDER_REPORT | RECEIVER_REPORT, _, _, _, _, _, _, ..] if head >> 6 == 2)
}

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const BYE: u8 = 203;

impl Compound<'_> {
    /// Appends the packet to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let kind = if self.sender.is_some() { SENDER_REPORT } else { RECEIVER_REPORT };
        packet(out, kind, u8::from(self.block.is_some()), |out| {
            put(out, self.own.0);
            if let Some(sender) = self.sender {
                out.extend_from_slice(&sender.at.0.to_be_bytes());
                put(out, sender.timestamp);
                put(out, sender.packets);
                put(out, sender.octets);
            }
            if let Some(block) = self.block {
                block.write(out);
            }
        });
        packet(out, SOURCE_DESCRIPTION, 1, |out| {
            put(out, self.own.0);
            // CNAME, its length, its text, and the null that ends the list.
            let name = self.cname.as_bytes();
            let name = name.get(..255).unwrap_or(name);
            out.extend_from_slice(&[1, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
            out.extend_from_slice(name);
            out.push(0);
        });
        if self.goodbye {
            packet(out, BYE, 1, |out| put(out, self.own.0));
        }
    }
}

impl Block {
    fn write(&self, out: &mut Vec<u8>) {
        let lost = self.lost.clamp(-0x80_0000, 0x7F_FFFF).cast_unsigned() & 0xFF_FFFF;
        put(out, self.about.0);
        put(out, u32::from(self.fraction_lost) << 24 | lost);
        put(out, self.highest);
        put(out, self.jitter);
        put(out, self.last_report);
        put(out, self.since_last_report);
    }

    fn read(bytes: &[u8; 24]) -> Self {
        let word = |at| word(bytes, at).unwrap_or_default();
        let [fraction_lost, ..] = word(4).to_be_bytes();
        Self {
            about: Ssrc(word(0)),
            fraction_lost,
            // The shifts carry the sign from 24 bits to 32.
            lost: (word(4) << 8).cast_signed() >> 8,
            highest: word(8),
            jitter: word(12),
            last_report: word(16),
            since_last_report: word(20),
        }
    }
}

/// What a datagram of RTCP tells. What is damaged or unknown tells nothing.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = Told> + '_ {
    packets(bytes).flat_map(|(kind, count, body)| {
        let ssrc = word(body, 0).map(Ssrc);
        let (first, blocks) = match (kind, ssrc) {
            (SENDER_REPORT, Some(ssrc)) => {
                let at = body.get(4..12).and_then(|it| it.try_into().ok()).map(u64::from_be_bytes);
                (at.map(|at| Told::Sends(ssrc, Ntp(at))), body.get(24..))
            }
            (RECEIVER_REPORT, Some(_)) => (None, body.get(4..)),
            (BYE, Some(ssrc)) if count > 0 => (Some(Told::Goodbye(ssrc)), None),
            _ => (None, None),
        };
        let blocks = blocks.unwrap_or_default().as_chunks().0.iter().take(count);
        first.into_iter().chain(blocks.map(|it| Told::Hears(Block::read(it))))
    })
}

/// The packets of a compound: kind, count, and what follows the first word.
fn packets(bytes: &[u8]) -> impl Iterator<Item = (u8, usize, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (&[first, kind, l0, l1], after) = rest.split_first_chunk()?;
        if first >> 6 != 2 {
            return None;
        }
        let len = 4 * usize::from(u16::from_be_bytes([l0, l1]));
        let body = after.get(..len)?;
        rest = after.get(len..).unwrap_or_default();
        Some((kind, usize::from(first & 0x1F), body))
    })
}

/// Appends one packet whose body `write` writes, filled up to whole words.
fn packet(out: &mut Vec<u8>, kind: u8, count: u8, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0x80 | count, kind, 0, 0]);
    write(out);
    let end = start + (out.len() - start).next_multiple_of(4);
    out.resize(end, 0);
    let words = u16::try_from((end - start) / 4 - 1).expect("our packets are short");
    if let Some(length) = out.get_mut(start + 2..start + 4) {
        length.copy_from_slice(&words.to_be_bytes());
    }
}

fn put(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_be_bytes());
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtc_rtcp::{
        goodbye::Goodbye, sender_report::SenderReport, source_description::SourceDescription,
    };

    use super::*;

    const BLOCK: Block = Block {
        about: Ssrc(0xFEED),
        fraction_lost: 64,
        lost: -5,
        highest: 65_540,
        jitter: 17,
        last_report: 0x1122_3344,
        since_last_report: 65_536,
    };

    fn farewell(out: &mut Vec<u8>) {
        let sender = Sender { at: Ntp(1 << 32 | 7), timestamp: 160, packets: 2, octets: 320 };
        Compound {
            own: Ssrc(0xBEEF),
            sender: Some(sender),
            block: Some(BLOCK),
            cname: "c0ffee",
            goodbye: true,
        }
        .write(out);
    }

    #[test]
    fn what_we_write_we_read() {
        let mut bytes = vec![];
        farewell(&mut bytes);
        let told: Vec<Told> = read(&bytes).collect();
        let (beef, at) = (Ssrc(0xBEEF), Ntp(1 << 32 | 7));
        assert_eq!(told, [Told::Sends(beef, at), Told::Hears(BLOCK), Told::Goodbye(beef)]);
    }

    #[test]
    fn another_reader_understands_us() {
        let mut bytes = vec![];
        farewell(&mut bytes);
        let packets = rtc_rtcp::packet::unmarshal(&mut &bytes[..]).unwrap();
        let report = packets[0].as_any().downcast_ref::<SenderReport>().unwrap();
        assert_eq!((report.ssrc, report.packet_count, report.octet_count), (0xBEEF, 2, 320));
        let block = &report.reports[0];
        assert_eq!((block.ssrc, block.fraction_lost, block.jitter), (0xFEED, 64, 17));
        assert_eq!(block.total_lost, 0xFF_FFFB, "-5 in 24 bits");
        let names = packets[1].as_any().downcast_ref::<SourceDescription>().unwrap();
        assert_eq!(names.chunks[0].items[0].text, "c0ffee");
        assert!(packets[2].as_any().downcast_ref::<Goodbye>().is_some());
    }

    #[test]
    fn the_time_of_1970_is_2208988800_seconds_after_1900() {
        assert_eq!(Ntp::from(Timestamp(1_500_000)), Ntp(2_208_988_801 << 32 | 1 << 31));
        assert_eq!(Ntp(0x0001_2345_6789_ABCD).middle(), 0x2345_6789);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), cut in 0..120_usize) {
            let _ = read(&bytes).count();
            let mut honest = vec![];
            farewell(&mut honest);
            for (byte, garbage) in honest.iter_mut().zip(&bytes).step_by(7) {
                *byte ^= garbage;
            }
            let _ = read(honest.get(..cut).unwrap_or(&honest)).count();
        }
    }
}
