//! The RTP header: read, patched in place, written (RFC 3550 5.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! |V=2|P|X|  CC   |M|     PT      |        sequence number        |
//! |                           timestamp                           |
//! |                 synchronization source (SSRC)                 |
//! ```
//!
//! `rtp-rs` reads and checks; what a relay changes are bytes 1 to 11 and nothing else, so
//! contributing sources, extensions and padding pass as they came.

use std::ops::Range;

use rtp_rs::RtpReader;

/// Who speaks in a stream, by a number drawn at random (RFC 3550 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ssrc(pub u32);

/// The fields of a header that mean something to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The first packet after a pause (RFC 3551 4.1), or of an event (RFC 4733 2.5.1.2).
    pub marker: bool,
    /// What the payload is, 0-127, as the SDP says.
    pub payload_type: u8,
    /// One more with every packet, round and round.
    pub sequence: u16,
    /// When its first sample was taken, in 1/8000 s for every codec we know.
    pub timestamp: u32,
    /// Who speaks.
    pub ssrc: Ssrc,
}

/// The length of a header without extras.
pub const HEAD_LEN: usize = 12;

/// The header of `bytes` and where its payload lies; `None` if this is not RTP.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(Head, Range<usize>)> {
    let packet = RtpReader::new(bytes).ok()?;
    let start = packet.payload_offset();
    let head = Head {
        marker: packet.mark(),
        payload_type: packet.payload_type(),
        sequence: packet.sequence_number().into(),
        timestamp: packet.timestamp(),
        ssrc: Ssrc(packet.ssrc()),
    };
    Some((head, start..start + packet.payload().len()))
}

/// How long the header of `bytes` is, sources and extension with it; `None` if this is not RTP.
/// Says nothing of the rest, which may be encrypted.
#[must_use]
pub fn head_len(bytes: &[u8]) -> Option<usize> {
    let (&[first, ..], _) = bytes.split_first_chunk::<HEAD_LEN>()?;
    let sources = HEAD_LEN + 4 * usize::from(first & 0x0F);
    let len = if first & 0x10 == 0 {
        sources
    } else {
        let &[_, _, l0, l1] = bytes.get(sources..)?.first_chunk()?;
        sources + 4 + 4 * usize::from(u16::from_be_bytes([l0, l1]))
    };
    (first >> 6 == 2 && len <= bytes.len()).then_some(len)
}

/// The sequence number of what [`head_len`] has accepted.
#[must_use]
pub fn sequence(bytes: &[u8]) -> Option<u16> {
    bytes.get(2..4)?.try_into().ok().map(u16::from_be_bytes)
}

/// The SSRC of what [`head_len`] has accepted.
#[must_use]
pub fn ssrc(bytes: &[u8]) -> Option<Ssrc> {
    bytes.get(8..12)?.try_into().ok().map(|it| Ssrc(u32::from_be_bytes(it)))
}

/// Whether these bytes, come to an RTP port, are RTCP (RFC 5761 4): a sender that muxes
/// though we did not agree to.
#[must_use]
pub fn is_rtcp(bytes: &[u8]) -> bool {
    matches!(bytes, [_, 192..=223, ..])
}

/// Writes `head` over the header of a packet that [`read`] has accepted.
pub fn patch(bytes: &mut [u8], head: Head) {
    if let Some(fields) = bytes.get_mut(1..HEAD_LEN) {
        fields.copy_from_slice(&fields_of(head));
    }
}

/// Appends a packet to `out` and says where it lies there.
pub fn write(out: &mut Vec<u8>, head: Head, payload: &[u8]) -> Range<usize> {
    let start = out.len();
    out.push(0x80);
    out.extend_from_slice(&fields_of(head));
    out.extend_from_slice(payload);
    start..out.len()
}

fn fields_of(head: Head) -> [u8; HEAD_LEN - 1] {
    let [s0, s1] = head.sequence.to_be_bytes();
    let [t0, t1, t2, t3] = head.timestamp.to_be_bytes();
    let [c0, c1, c2, c3] = head.ssrc.0.to_be_bytes();
    let kind = u8::from(head.marker) << 7 | (head.payload_type & 0x7F);
    [kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: Head = Head {
        marker: true,
        payload_type: 101,
        sequence: 0xFFFE,
        timestamp: 0x0102_0304,
        ssrc: Ssrc(0xA0B0_C0D0),
    };

    #[test]
    fn a_packet_is_written_as_the_rfc_draws_it_and_read_back() {
        let mut bytes = vec![7];
        let range = write(&mut bytes, HEAD, b"sound");
        let expected = b"\x80\xE5\xFF\xFE\x01\x02\x03\x04\xA0\xB0\xC0\xD0sound";
        assert_eq!(&bytes[range], expected);
        assert_eq!(read(expected), Some((HEAD, 12..17)));
    }

    #[test]
    fn a_patch_leaves_sources_extension_payload_and_padding_alone() {
        // Two contributing sources, an extension of one word, two bytes of padding.
        let mut bytes = b"\xB2\x08\0\x01\0\0\0\x02\0\0\0\x03\
            srcAsrcB\xBE\xDE\0\x01ext!sound\0\x02"
            .to_vec();
        let before = bytes.clone();
        let (_, payload) = read(&bytes).unwrap();
        assert_eq!(&bytes[payload.clone()], b"sound");
        patch(&mut bytes, HEAD);
        assert_eq!(read(&bytes), Some((HEAD, payload)));
        assert_eq!((bytes[0], &bytes[12..]), (before[0], &before[12..]));
    }

    #[test]
    fn what_is_no_rtp_is_refused() {
        for bytes in [
            &b""[..],
            b"\x80\0\0\0\0\0\0\0\0\0\0",               // One byte short.
            b"\x40\0\0\0\0\0\0\0\0\0\0\0",             // Version 1.
            b"\x81\0\0\0\0\0\0\0\0\0\0\0",             // A source that is not there.
            b"\xA0\0\0\0\0\0\0\0\0\0\0\0\x09",         // More padding than packet.
            b"\x90\0\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF", // An endless extension.
        ] {
            assert_eq!(read(bytes), None, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_a_payload_lies_inside(
            first in prop_oneof![Just(0x80_u8), any::<u8>()],
            mut bytes in prop::collection::vec(any::<u8>(), 1..80),
        ) {
            bytes[0] = first;
            if let Some((head, payload)) = read(&bytes) {
                prop_assert_eq!(head_len(&bytes), Some(payload.start));
                prop_assert_eq!((sequence(&bytes), ssrc(&bytes)), (Some(head.sequence), Some(head.ssrc)));
                prop_assert!(bytes.get(payload.clone()).is_some());
                patch(&mut bytes, head);
                prop_assert_eq!(read(&bytes), Some((head, payload)));
            }
        }
    }
}
