//! Messages for a Homer collector: HEP version 3, a datagram a message.
//!
//! ```text
//!   "HEP3" │ length │ chunk │ chunk │ …        chunk: vendor 0 │ type │ length │ value
//! ```
//!
//! (HEP/EEP network protocol specification, revision 32, of the SIPCAPTURE project.) A collector
//! stores what it gets, so secrets are masked before this; numbers are what it is for.

use std::net::IpAddr;

use crate::{
    sip::wire::Transport,
    trace::shown::{Shown, sixteen},
};

/// Who sends, and with what right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Tells several senders of one collector apart.
    pub id: u32,
    /// The collector's password; empty: none.
    pub key: String,
}

/// `message` as a datagram, behind what is in `out`; `call_id` joins a call's messages.
pub fn write(message: &Shown, sender: &Sender, out: &mut Vec<u8>) {
    let (from, to) = message.ends();
    let protocol = if message.transport == Transport::Udp { 17 } else { 6 };
    let micros = message.at.0;
    let seconds = u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX);
    let fraction = u32::try_from(micros % 1_000_000).unwrap_or_default();

    let start = out.len();
    out.extend(b"HEP3\0\0");
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            chunk(out, 0x01, &[2]);
            chunk(out, 0x03, &from.octets());
            chunk(out, 0x04, &to.octets());
        }
        (from, to) => {
            chunk(out, 0x01, &[10]);
            chunk(out, 0x05, &sixteen(from));
            chunk(out, 0x06, &sixteen(to));
        }
    }
    chunk(out, 0x02, &[protocol]);
    chunk(out, 0x07, &from.port().to_be_bytes());
    chunk(out, 0x08, &to.port().to_be_bytes());
    chunk(out, 0x09, &seconds.to_be_bytes());
    chunk(out, 0x0A, &fraction.to_be_bytes());
    // SIP.
    chunk(out, 0x0B, &[1]);
    chunk(out, 0x0C, &sender.id.to_be_bytes());
    if !sender.key.is_empty() {
        chunk(out, 0x0E, sender.key.as_bytes());
    }
    // What does not fit a datagram is cut: its head is what a collector looks at.
    let room = usize::from(u16::MAX) - 28 - (out.len() - start) - 6;
    let text = message.text.as_bytes();
    chunk(out, 0x0F, text.get(..room).unwrap_or(text));
    let len = u16::try_from(out.len() - start).unwrap_or(u16::MAX);
    if let Some(place) = out.get_mut(start + 4..start + 6) {
        place.copy_from_slice(&len.to_be_bytes());
    }
}

fn chunk(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let len = u16::try_from(6 + value.len()).unwrap_or(u16::MAX);
    out.extend([0, 0]);
    out.extend(kind.to_be_bytes());
    out.extend(len.to_be_bytes());
    out.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::time::Timestamp, trace::tape::Way};

    /// The chunks of a datagram, by type.
    fn chunks(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
        let mut chunks = vec![];
        while !bytes.is_empty() {
            let len = usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
            chunks.push((u16::from_be_bytes([bytes[2], bytes[3]]), bytes[6..len].to_vec()));
            bytes = &bytes[len..];
        }
        chunks
    }

    #[test]
    fn a_collector_finds_the_ends_the_time_and_the_text() {
        let message = Shown {
            at: Timestamp(1_500_000),
            way: Way::Sent,
            transport: Transport::Udp,
            local: "192.0.2.10:5060".parse().unwrap(),
            remote: "192.0.2.77:5061".parse().unwrap(),
            text: "x".repeat(70_000),
        };
        let mut out = vec![];
        write(&message, &Sender { id: 7, key: "k".into() }, &mut out);
        assert!(out.len() <= 65_507);
        assert_eq!(&out[..4], b"HEP3");
        assert_eq!(usize::from(u16::from_be_bytes([out[4], out[5]])), out.len());
        let chunks = chunks(&out[6..]);
        let of = |kind| chunks.iter().find(|it| it.0 == kind).unwrap().1.clone();
        assert_eq!(of(0x03), [192, 0, 2, 10]);
        assert_eq!(of(0x08), [0x13, 0xC5]);
        assert_eq!((of(0x09), of(0x0A)), (vec![0, 0, 0, 1], vec![0, 7, 0xA1, 0x20]));
        assert_eq!((of(0x0C), of(0x0E)), (vec![0, 0, 0, 7], b"k".to_vec()));
        assert!(of(0x0F).iter().all(|it| *it == b'x'));
    }
}
