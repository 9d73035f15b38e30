//! Every message of RFC 4475 and RFC 5118 as it comes over the wire, and what the server says to it.
//!
//! What each of them means, and why, stands in `torture.rs`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream, UdpSocket},
};

use common::{SOON, World};

/// File; what is said to it over UDP; over TCP, if that is the last that is said there. Else it is
/// the same as over UDP, and the connection goes on.
#[rustfmt::skip]
const VERDICTS: &[(&str, &str, Option<&str>)] = &[
    // RFC 4475 3.1.1: valid. The first one goes on with a call that is none of ours.
    ("rfc4475/wsinv", "481 Call/Transaction Does Not Exist", None),
    ("rfc4475/intmeth", "501 Not Implemented", None),
    ("rfc4475/esc01", "100 Trying, 200 OK", None),
    ("rfc4475/escnull", "401 Unauthorized", None),
    ("rfc4475/esc02", "501 Not Implemented", None),
    ("rfc4475/lwsdisp", "200 OK", None),
    ("rfc4475/longreq", "100 Trying, 200 OK", None),
    // And the second one waits for the rest of its body.
    ("rfc4475/dblreq", "401 Unauthorized", Some("401 Unauthorized")),
    ("rfc4475/semiuri", "200 OK", None),
    ("rfc4475/transports", "200 OK", None),
    ("rfc4475/mpart01", "405 Method Not Allowed", None),
    ("rfc4475/unreason", "", None),
    ("rfc4475/noreason", "", None),
    // 3.1.2: not valid. Where it cannot be told where a message ends, a stream ends with it.
    ("rfc4475/badinv01", "400 Malformed Via", None),
    // It waits for the rest of its body.
    ("rfc4475/clerr", "400 Body shorter than Content-Length", Some("")),
    ("rfc4475/ncl", "400 Malformed Content-Length", Some("400 Malformed Content-Length")),
    ("rfc4475/scalar02", "400 Malformed CSeq", None),
    ("rfc4475/scalarlg", "", None),
    ("rfc4475/quotbal", "400 Malformed To", None),
    ("rfc4475/ltgtruri", "400 Malformed start line", None),
    ("rfc4475/lwsruri", "400 Malformed start line", None),
    ("rfc4475/lwsstart", "400 Malformed start line", None),
    ("rfc4475/trws", "400 Malformed start line", None),
    ("rfc4475/escruri", "400 Malformed start line", None),
    ("rfc4475/baddate", "400 Malformed Date", None),
    ("rfc4475/regbadct", "400 Malformed Contact", None),
    ("rfc4475/badaspec", "400 Malformed To", None),
    // Without its last line it goes on with what follows.
    ("rfc4475/baddn", "400 Headers never end", Some("400 Malformed From")),
    ("rfc4475/badvers", "505 Version Not Supported", None),
    ("rfc4475/mismatch01", "400 CSeq method is not the request's", None),
    ("rfc4475/mismatch02", "400 CSeq method is not the request's", None),
    ("rfc4475/bigcode", "", None),
    // 3.2 and 3.3: well formed, with something to refuse.
    ("rfc4475/badbranch", "200 OK", None),
    ("rfc4475/insuf", "400 Missing From", None),
    ("rfc4475/unkscm", "416 Unsupported URI Scheme", None),
    ("rfc4475/novelsc", "416 Unsupported URI Scheme", None),
    ("rfc4475/unksm2", "401 Unauthorized", None),
    ("rfc4475/bext01", "420 Bad Extension", None),
    ("rfc4475/invut", "415 Unsupported Media Type", None),
    ("rfc4475/regaut01", "401 Unauthorized", None),
    ("rfc4475/multi01", "400 Repeated CSeq", None),
    ("rfc4475/mcl01", "400 Repeated Content-Length", Some("400 Repeated Content-Length")),
    ("rfc4475/bcast", "", None),
    ("rfc4475/zeromf", "200 OK", None),
    ("rfc4475/cparam01", "401 Unauthorized", None),
    ("rfc4475/cparam02", "401 Unauthorized", None),
    ("rfc4475/regescrt", "401 Unauthorized", None),
    ("rfc4475/sdp01", "406 Not Acceptable", None),
    // 3.4: an old one, and one of no section.
    ("rfc4475/inv2543", "100 Trying, 200 OK", Some("400 Missing Content-Length")),
    ("rfc4475/test", "", None),
    // RFC 5118. Sound by IPv6, or by a codec that we lack, is none for someone at an IPv4 address.
    ("rfc5118/ipv6-good", "401 Unauthorized", None),
    ("rfc5118/ipv6-bad", "400 Malformed start line", None),
    ("rfc5118/port-ambiguous", "401 Unauthorized", None),
    ("rfc5118/port-unambiguous", "401 Unauthorized", None),
    ("rfc5118/via-received-param-with-delim", "481 Call/Transaction Does Not Exist", None),
    ("rfc5118/via-received-param-no-delim", "200 OK", None),
    ("rfc5118/ipv6-in-sdp", "100 Trying, 488 No common codec", None),
    ("rfc5118/mult-ip-in-header", "481 Call/Transaction Does Not Exist", None),
    ("rfc5118/mult-ip-in-sdp", "100 Trying, 200 OK", None),
    ("rfc5118/ipv4-mapped-ipv6", "100 Trying, 488 No common codec", None),
    ("rfc5118/ipv6-bug-abnf-3-colons", "200 OK", None),
    ("rfc5118/ipv6-correct-abnf-2-colons", "200 OK", None),
];

/// Servers enough that no message is taken for another one's retransmission.
#[derive(Default)]
struct Worlds {
    worlds: Vec<World>,
    seen: BTreeMap<String, usize>,
}

impl Worlds {
    /// One that has not heard of this transaction.
    fn fresh(&mut self, bytes: &[u8]) -> &World {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let is_id = |it: &&str| it.starts_with("call-id") || it.starts_with("i:");
        let id = text.lines().find(is_id).unwrap_or_default();
        let method = text.split(' ').next().unwrap_or_default();
        let seen = self.seen.entry(format!("{method} {id}")).or_default();
        let place = *seen;
        *seen += 1;
        if self.worlds.len() <= place {
            let all = |text: String| text.replace("[\"127.0.0.1\"]", "[\"127.0.0.0/8\"]");
            self.worlds.push(World::start_with(all));
        }
        &self.worlds[place]
    }
}

/// A question that is always answered: whatever was asked before it has been by then.
fn question(transport: &str, number: usize) -> String {
    format!(
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1;rport;branch=z9hG4bKlast{number}\r\n\
         From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: last{number}\r\nCSeq: 1 OPTIONS\r\n\
         Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
}

/// What is said to these bytes, which come from an address of their own.
fn said_over_udp(world: &World, bytes: &[u8], number: usize) -> String {
    let process = std::process::id();
    let ip = format!("127.{}.{}.{}", 1 + process % 250, process / 250 % 250, 1 + number);
    // Answers go to the port that Via names (RFC 3261 18.2.2).
    let ports = [5060, 5050, 5070, 6050, 19_823];
    let sockets = ports.map(|port| UdpSocket::bind((ip.as_str(), port)).unwrap());
    let last = UdpSocket::bind((ip.as_str(), 0)).unwrap();
    last.set_read_timeout(Some(SOON)).unwrap();
    let server = ("127.0.0.1", world.sip);
    sockets[0].send_to(bytes, server).unwrap();
    last.send_to(question("UDP", number).as_bytes(), server).unwrap();
    let mut buffer = vec![0; 65_535];
    last.recv(&mut buffer).unwrap();
    let mut said = vec![];
    for socket in sockets {
        socket.set_nonblocking(true).unwrap();
        while let Ok(length) = socket.recv(&mut buffer) {
            said.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    }
    answers(&said.concat())
}

/// What is said to these bytes on a connection of their own, until it is closed.
fn said_over_tcp(world: &World, bytes: &[u8], number: usize) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", world.sip)).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(bytes).unwrap();
    let _ = stream.write_all(question("TCP", number).as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
    let mut said = vec![];
    let _ = stream.read_to_end(&mut said);
    answers(&String::from_utf8_lossy(&said))
}

/// The status lines.
fn answers(text: &str) -> String {
    let lines = text.lines().filter_map(|it| it.strip_prefix("SIP/2.0 "));
    lines.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_message_of_the_rfcs_is_answered_as_they_want_it_over_udp_and_tcp() {
    let (mut udp, mut tcp) = (Worlds::default(), Worlds::default());
    let mut told = vec![];
    for (number, (file, over_udp, over_tcp)) in VERDICTS.iter().enumerate() {
        let bytes = bytes_of(file);
        let got = said_over_udp(udp.fresh(&bytes), &bytes, number);
        if got != *over_udp {
            told.push(format!("{file} over UDP: {got:?}, wanted {over_udp:?}"));
        }
        let got = said_over_tcp(tcp.fresh(&bytes), &bytes, number);
        let went_on = [*over_udp, "200 OK"].join(", ");
        let wanted = over_tcp.unwrap_or_else(|| went_on.trim_start_matches(", "));
        if got != wanted {
            told.push(format!("{file} over TCP: {got:?}, wanted {wanted:?}"));
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    assert_eq!(VERDICTS.len(), 62);
    for world in udp.worlds.iter().chain(&tcp.worlds) {
        assert!(world.get("/readyz").contains("\"ready\":true"));
    }
}

fn bytes_of(file: &str) -> Vec<u8> {
    fs::read(common::root().join(format!("tests/torture/{file}.dat"))).unwrap()
}
