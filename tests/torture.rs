//! Every message of RFC 4475 (SIP torture tests) and RFC 5118 (its IPv6 sibling), each with our verdict.
//!
//! The files are the RFCs' own bytes. Where an RFC leaves the choice between mercy and 400, we
//! take 400: what two machines read differently is how one of them is deceived.

#![allow(clippy::unwrap_used)]

use std::{fs, net::SocketAddr};

use lotse::{
    sdp::{
        negotiate::{Format, Ours},
        session::Session,
    },
    sip::{
        message::{
            Message,
            read::{Limits, read},
        },
        wire::Transport,
    },
};

/// File, what we make of it, and why.
///
/// What is read is told as start line, tags of From and To (24 characters of them), hops, bytes
/// of body.
#[rustfmt::skip]
const VERDICTS: &[(&str, &str, &str)] = &[
    // RFC 4475 3.1.1: valid, all of them.
    ("rfc4475/wsinv", "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam, 98asjd8 to 1918181833n, 3 Via, 150 bytes",
     "3.1.1.1: folds, space around every separator, compact and unknown names, empty values"),
    ("rfc4475/intmeth", "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com, _token~1'+`*%!-. to -, 1 Via, 0 bytes",
     "3.1.1.2: every character where it may stand; an unknown method is the endpoint's to refuse (501)"),
    ("rfc4475/esc01", "INVITE sip:sips%3Auser%40example.com@example.net, 938 to -, 1 Via, 150 bytes",
     "3.1.1.3: escapes stay as they are and mean what they say"),
    ("rfc4475/escnull", "REGISTER sip:example.com, 839923423 to -, 1 Via, 0 bytes",
     "3.1.1.4: an escaped NUL is a character like another"),
    ("rfc4475/esc02", "RE%47IST%45R sip:registrar.example.com, f232jadfj23 to -, 1 Via, 0 bytes",
     "3.1.1.5: a percent sign in a method or a header name escapes nothing; not a REGISTER"),
    ("rfc4475/lwsdisp", "OPTIONS sip:user@example.com, 323 to -, 1 Via, 0 bytes",
     "3.1.1.6: no space is needed between a name and its bracket"),
    ("rfc4475/longreq", "INVITE sip:user@example.com, 129829829829829829829829 to -, 34 Via, 150 bytes",
     "3.1.1.7: long, but within our limits"),
    ("rfc4475/dblreq", "REGISTER sip:example.com, 43251j3j324 to -, 1 Via, 0 bytes",
     "3.1.1.8: Content-Length ends the message; what follows it in the datagram is left out"),
    ("rfc4475/semiuri", "OPTIONS sip:user;par=u%40example.net@example.com, 33242 to -, 1 Via, 0 bytes",
     "3.1.1.9: semicolon and question mark belong to the user before the @"),
    ("rfc4475/transports", "OPTIONS sip:user@example.com, 323 to -, 5 Via, 0 bytes",
     "3.1.1.10: a hop may have come by a transport that we do not know"),
    ("rfc4475/mpart01", "MESSAGE sip:kumiko@example.org, 2fb0dcc9 to -, 1 Via, 553 bytes",
     "3.1.1.11: the body is bytes, zeros and all"),
    ("rfc4475/unreason", "200 = 2**3 * 5**2 но сто девяносто девять - простое, 11141343 to 2229, 1 Via, 154 bytes",
     "3.1.1.12: a reason phrase may be any text"),
    ("rfc4475/noreason", "100 , 39ansfi3 to 902jndnke3, 1 Via, 0 bytes",
     "3.1.1.13: or none"),

    // RFC 4475 3.1.2: not valid.
    ("rfc4475/badinv01", "answer 400 Malformed Via",
     "3.1.2.1: parameters without names; the answer goes where the request came from"),
    ("rfc4475/clerr", "answer 400 Body shorter than Content-Length",
     "3.1.2.2: over UDP the datagram ends too early (RFC 3261 18.3)"),
    ("rfc4475/ncl", "answer 400 Malformed Content-Length",
     "3.1.2.3: a length below zero"),
    ("rfc4475/scalar02", "answer 400 Malformed CSeq",
     "3.1.2.4: CSeq beyond 32 bits; Expires alone would be forgiven"),
    ("rfc4475/scalarlg", "drop: Malformed CSeq",
     "3.1.2.5: the same in a response, which nobody answers"),
    ("rfc4475/quotbal", "answer 400 Malformed To",
     "3.1.2.6: a quote that never ends"),
    ("rfc4475/ltgtruri", "answer 400 Malformed start line",
     "3.1.2.7: a Request-URI has no brackets"),
    ("rfc4475/lwsruri", "answer 400 Malformed start line",
     "3.1.2.8: nor spaces"),
    ("rfc4475/lwsstart", "answer 400 Malformed start line",
     "3.1.2.9: one space between the parts of the line"),
    ("rfc4475/trws", "answer 400 Malformed start line",
     "3.1.2.10: and none behind it"),
    ("rfc4475/escruri", "answer 400 Malformed start line",
     "3.1.2.11: a Request-URI has no headers"),
    ("rfc4475/baddate", "answer 400 Malformed Date",
     "3.1.2.12: times are in GMT"),
    ("rfc4475/regbadct", "answer 400 Malformed Contact",
     "3.1.2.13: a URI with a question mark needs brackets"),
    ("rfc4475/badaspec", "answer 400 Malformed To",
     "3.1.2.14: no space between the brackets"),
    ("rfc4475/baddn", "answer 400 Headers never end",
     "3.1.2.15: a comma outside quotes; and these bytes also lack their last line"),
    ("rfc4475/badvers", "answer 505 Version Not Supported",
     "3.1.2.16: SIP/7.0"),
    ("rfc4475/mismatch01", "answer 400 CSeq method is not the request's",
     "3.1.2.17: OPTIONS counted as INVITE"),
    ("rfc4475/mismatch02", "answer 400 CSeq method is not the request's",
     "3.1.2.18: an unknown method counted as INVITE; 501 would do as well"),
    ("rfc4475/bigcode", "drop: Malformed start line",
     "3.1.2.19: a status beyond 699"),

    // RFC 4475 3.2 and 3.3: well formed; what they mean is mostly for the endpoint to say.
    ("rfc4475/badbranch", "OPTIONS sip:user@example.com, 33242 to -, 1 Via, 0 bytes",
     "3.2.1: nothing behind the cookie; matched as RFC 2543 had it"),
    ("rfc4475/insuf", "answer 400 Missing From",
     "3.3.1: no Call-ID, From and To"),
    ("rfc4475/unkscm", "answer 416 Unsupported URI Scheme",
     "3.3.2: a scheme that nobody knows"),
    ("rfc4475/novelsc", "answer 416 Unsupported URI Scheme",
     "3.3.3: a scheme that others know"),
    ("rfc4475/unksm2", "REGISTER sip:example.com, 3234233 to -, 1 Via, 0 bytes",
     "3.3.4: other schemes in To, From and Contact can be read; the registrar has no such user"),
    ("rfc4475/bext01", "OPTIONS sip:user@example.com, 242etr to -, 1 Via, 0 bytes",
     "3.3.5: the endpoint answers 420"),
    ("rfc4475/invut", "INVITE sip:user@example.com, 8392034 to -, 1 Via, 40 bytes",
     "3.3.6: the endpoint answers 415"),
    ("rfc4475/regaut01", "REGISTER sip:example.com, 87321hj23128 to -, 1 Via, 0 bytes",
     "3.3.7: credentials of an unknown scheme are none; the registrar challenges"),
    ("rfc4475/multi01", "answer 400 Repeated CSeq",
     "3.3.8: headers twice that may be there once"),
    ("rfc4475/mcl01", "answer 400 Repeated Content-Length",
     "3.3.9: two lengths, and so two messages"),
    ("rfc4475/bcast", "200 OK, 11141343 to 2229, 2 Via, 154 bytes",
     "3.3.10: the transaction layer drops a response with a Via that is not ours"),
    ("rfc4475/zeromf", "OPTIONS sip:user@example.com, 3ghsd41 to -, 1 Via, 0 bytes",
     "3.3.11: who is meant answers whatever Max-Forwards says"),
    ("rfc4475/cparam01", "REGISTER sip:example.com, DkfVgjkrtMwaerKKpe to -, 1 Via, 0 bytes",
     "3.3.12: without brackets the parameter is the Contact's"),
    ("rfc4475/cparam02", "REGISTER sip:example.com, 838293 to -, 1 Via, 0 bytes",
     "3.3.13: with brackets it is the URI's"),
    ("rfc4475/regescrt", "REGISTER sip:example.com, 8 to -, 1 Via, 0 bytes",
     "3.3.14: a URI in a Contact may have headers"),
    ("rfc4475/sdp01", "INVITE sip:user@example.com, 234 to -, 1 Via, 150 bytes",
     "3.3.15: the endpoint answers 406"),
    ("rfc4475/inv2543", "INVITE sip:UserB@example.com, - to -, 1 Via, 105 bytes",
     "3.4.1: an old one: no branch, no tag, no Max-Forwards, no Content-Length"),
    ("rfc4475/test", "drop: Malformed start line",
     "in the RFC's archive but in no section: without Via nobody can be answered"),

    // RFC 5118.
    ("rfc5118/ipv6-good", "REGISTER sip:[2001:db8::10], 81x2 to -, 1 Via, 0 bytes",
     "4.1: an IPv6 reference"),
    ("rfc5118/ipv6-bad", "answer 400 Malformed start line",
     "4.2: an IPv6 address needs brackets"),
    ("rfc5118/port-ambiguous", "REGISTER sip:[2001:db8::10:5070], 81x2 to -, 1 Via, 0 bytes",
     "4.3: within the brackets 5070 is part of the address, whatever was meant"),
    ("rfc5118/port-unambiguous", "REGISTER sip:[2001:db8::10]:5070, 81x2 to -, 1 Via, 0 bytes",
     "4.4: behind them it is the port"),
    ("rfc5118/via-received-param-with-delim", "BYE sip:[2001:db8::10], 81x2 to bd76ya, 1 Via, 0 bytes",
     "4.5: received with brackets, as RFC 3261's grammar has it not"),
    ("rfc5118/via-received-param-no-delim", "OPTIONS sip:[2001:db8::10], 81x2 to -, 1 Via, 0 bytes",
     "4.5: and without, as it has it"),
    ("rfc5118/ipv6-in-sdp", "INVITE sip:user@[2001:db8::10], 81x2 to -, 1 Via, 251 bytes",
     "4.6: see below"),
    ("rfc5118/mult-ip-in-header", "BYE sip:user@host.example.net, 81x2 to 9817--94, 3 Via, 0 bytes",
     "4.7: hops of both families"),
    ("rfc5118/mult-ip-in-sdp", "INVITE sip:user@[2001:db8::10], 81x2 to -, 1 Via, 189 bytes",
     "4.8: see below"),
    ("rfc5118/ipv4-mapped-ipv6", "INVITE sip:user@example.com, 81x2 to -, 2 Via, 245 bytes",
     "4.9: see below"),
    ("rfc5118/ipv6-bug-abnf-3-colons", "OPTIONS sip:user@[2001:db8:::192.0.2.1], 810x2 to -, 1 Via, 0 bytes",
     "4.10: a fault of RFC 3261's grammar, forgiven"),
    ("rfc5118/ipv6-correct-abnf-2-colons", "OPTIONS sip:user@[2001:db8::192.0.2.1], 810x2 to -, 1 Via, 0 bytes",
     "4.10: and as RFC 3986 has it"),
];

#[test]
fn every_message_of_the_rfcs_has_its_verdict() {
    let mut told = vec![];
    for (file, wanted, why) in VERDICTS {
        let got = verdict(&bytes_of(file));
        if got != *wanted {
            told.push(format!("{file}: {got}\n  wanted {wanted}\n  {why}"));
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

#[test]
fn no_message_is_left_out() {
    let mut there = vec![];
    for folder in ["rfc4475", "rfc5118"] {
        for entry in fs::read_dir(format!("tests/torture/{folder}")).unwrap() {
            let path = entry.unwrap().path();
            there.push(format!("{folder}/{}", path.file_stem().unwrap().to_str().unwrap()));
        }
    }
    let mut judged: Vec<_> = VERDICTS.iter().map(|(file, ..)| (*file).to_owned()).collect();
    there.sort();
    judged.sort();
    assert_eq!(there, judged);
}

#[test]
fn what_is_read_is_written_so_that_it_reads_the_same() {
    for (file, ..) in VERDICTS {
        let Ok(message) = read(&bytes_of(file), Transport::Udp, &Limits::default()) else {
            continue;
        };
        let mut bytes = vec![];
        message.write(&mut bytes);
        for transport in [Transport::Udp, Transport::Tcp] {
            assert_eq!(
                read(&bytes, transport, &Limits::default()).as_ref(),
                Ok(&message),
                "{file}"
            );
        }
    }
}

/// A message cut short anywhere is refused or answered, and never more than that.
#[test]
fn a_message_cut_anywhere_is_no_other_message() {
    for (file, ..) in VERDICTS {
        let bytes = bytes_of(file);
        let whole = read(&bytes, Transport::Tcp, &Limits::default());
        for end in 0..bytes.len() {
            let cut = read(&bytes[..end], Transport::Tcp, &Limits::default());
            assert!(cut.is_err() || cut == whole, "{file} up to {end}");
        }
    }
}

/// The descriptions of RFC 5118, with what someone at that address makes of them.
#[test]
fn sound_goes_where_the_description_says() {
    let g726 = Format { name: "G726-32", clock: 8000, channels: 1, payload_type: 96 };
    let pcmu = Format { name: "PCMU", clock: 8000, channels: 1, payload_type: 0 };
    for (file, ours, wanted) in [
        ("rfc5118/ipv6-in-sdp", "[2001:db8::10]:4000", "[2001:db8::20]:6000"),
        ("rfc5118/ipv6-in-sdp", "192.0.2.10:4000", "the media address cannot be reached from here"),
        ("rfc5118/mult-ip-in-sdp", "192.0.2.10:4000", "192.0.2.1:22334"),
        ("rfc5118/ipv4-mapped-ipv6", "192.0.2.10:4000", "192.0.2.2:6000"),
        ("rfc4475/wsinv", "192.0.2.10:4000", "192.0.2.4:49217"),
        ("rfc4475/dblreq", "192.0.2.10:4000", "no body"),
    ] {
        let message = read(&bytes_of(file), Transport::Udp, &Limits::default()).unwrap();
        let address: SocketAddr = ours.parse().unwrap();
        let mut ours = Ours::new(1, address, vec![g726, pcmu]);
        let got = match Session::read(message.body()).map(|offer| ours.answer(&offer)) {
            Ok(Ok((_, agreed))) => agreed.remote.unwrap().to_string(),
            Ok(Err(refused)) => refused.to_string(),
            Err(_) => "no body".to_owned(),
        };
        assert_eq!(got, wanted, "{file}");
    }
}

fn bytes_of(file: &str) -> Vec<u8> {
    fs::read(format!("tests/torture/{file}.dat")).unwrap()
}

/// What a message means to us, on one line.
fn verdict(bytes: &[u8]) -> String {
    let message = match read(bytes, Transport::Udp, &Limits::default()) {
        Ok(message) => message,
        Err(it) => {
            return match it.answer {
                Some(answer) => format!("answer {} {}", answer.status, answer.reason),
                None => format!("drop: {it}"),
            };
        }
    };
    let start = match &message {
        Message::Request(it) => format!("{} {}", it.method, it.uri),
        Message::Response(it) => format!("{} {}", it.status, it.reason),
    };
    let tag = |it: Option<&str>| it.unwrap_or("-").chars().take(24).collect::<String>();
    let headers = message.headers();
    let (from, to) = (headers.from().unwrap(), headers.to().unwrap());
    format!(
        "{start}, {} to {}, {} Via, {} bytes",
        tag(from.tag()),
        tag(to.tag()),
        headers.vias().unwrap().len(),
        message.body().len()
    )
}
