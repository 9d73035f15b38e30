//! A call's messages as a capture file that Wireshark opens.
//!
//! Packets are made anew around what was kept: IP and UDP, whatever the message really went
//! over, so that the reader sees SIP and not the pieces of a stream, and TLS is readable. The
//! format is libpcap's classic one with raw IP packets (`LINKTYPE_RAW`,
//! draft-ietf-opsawg-pcap).

use std::net::{IpAddr, SocketAddr};

use crate::trace::shown::{Shown, sixteen};

const LINKTYPE_RAW: u32 = 101;
/// Protocol number of UDP.
const UDP: u8 = 17;
/// What a packet may hold besides its headers.
const PAYLOAD_MAX: usize = 65_535 - 40 - 8;

/// `messages` as a file.
#[must_use]
pub fn write(messages: &[Shown]) -> Vec<u8> {
    let mut file = vec![];
    // Magic for microseconds, version 2.4, no zone, no accuracy, the longest packet, the link.
    for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, LINKTYPE_RAW] {
        file.extend(word.to_le_bytes());
    }
    for message in messages {
        let packet = packet(message);
        let micros = message.at.0;
        let seconds = u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX);
        let fraction = u32::try_from(micros % 1_000_000).unwrap_or_default();
        let len = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        for word in [seconds, fraction, len, len] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

fn packet(message: &Shown) -> Vec<u8> {
    let (from, to) = message.ends();
    let text = message.text.as_bytes();
    let payload = text.get(..PAYLOAD_MAX).unwrap_or(text);
    let udp = datagram(from, to, payload);
    let len = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![];
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            packet.extend([0x45, 0]);
            packet.extend(len(20 + udp.len()));
            packet.extend([0, 0, 0, 0, 64, UDP, 0, 0]);
            packet.extend(from.octets());
            packet.extend(to.octets());
            let sum = checksum(&[&packet]);
            if let Some(place) = packet.get_mut(10..12) {
                place.copy_from_slice(&sum.to_be_bytes());
            }
        }
        (from, to) => {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend(len(udp.len()));
            packet.extend([UDP, 64]);
            packet.extend(sixteen(from));
            packet.extend(sixteen(to));
        }
    }
    packet.extend(udp);
    packet
}

/// A UDP datagram with its checksum, which IPv6 wants (RFC 8200 8.1).
fn datagram(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap_or(u16::MAX);
    let mut udp = vec![];
    for word in [from.port(), to.port(), len, 0] {
        udp.extend(word.to_be_bytes());
    }
    udp.extend(payload);
    let addresses = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => [from.octets(), to.octets()].concat(),
        (from, to) => [sixteen(from), sixteen(to)].concat(),
    };
    let sum = match checksum(&[&addresses, &[0, UDP], &len.to_be_bytes(), &udp]) {
        0 => 0xFFFF,
        sum => sum,
    };
    if let Some(place) = udp.get_mut(6..8) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    udp
}

/// The Internet checksum (RFC 1071) of parts that each are of even length, but for the last.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum = words.fold(0u32, |sum, word| {
        let high = u32::from(word.first().copied().unwrap_or_default());
        let low = u32::from(word.get(1).copied().unwrap_or_default());
        sum + (high << 8 | low)
    });
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let folded = (folded & 0xFFFF) + (folded >> 16);
    !u16::try_from(folded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::time::Timestamp, sip::wire::Transport, trace::tape::Way};

    fn message(local: &str, remote: &str) -> Shown {
        Shown {
            at: Timestamp(1_500_000),
            way: Way::Received,
            transport: Transport::Tls,
            local: local.parse().unwrap(),
            remote: remote.parse().unwrap(),
            text: "BYE sip:1@2 SIP/2.0\r\n\r\n".to_owned(),
        }
    }

    #[test]
    fn packets_add_up_as_every_receiver_would_check_them() {
        for (local, remote, head) in [
            ("192.0.2.10:5060", "192.0.2.77:5061", 20),
            ("0.0.0.0:5060", "192.0.2.77:5061", 20),
            ("[2001:db8::1]:5060", "[2001:db8::2]:5061", 40),
        ] {
            let file = write(&[message(local, remote)]);
            assert_eq!(file[..4], [0xD4, 0xC3, 0xB2, 0xA1]);
            assert_eq!(file[24..32], [1, 0, 0, 0, 0x20, 0xA1, 7, 0]);
            let packet = &file[40..];
            let (ip, udp) = packet.split_at(head);
            let addresses = if head == 20 { &ip[12..20] } else { &ip[8..40] };
            if head == 20 {
                assert_eq!(checksum(&[ip]), 0);
            }
            let sum = checksum(&[addresses, &[0, UDP], &udp[4..6], udp]);
            assert_eq!(sum, 0, "{local}");
            assert_eq!(udp[..4], [0x13, 0xC5, 0x13, 0xC4]);
            assert_eq!(&udp[8..], b"BYE sip:1@2 SIP/2.0\r\n\r\n");
        }
    }
}
