//! Random bytes, and messages with a few bytes gone wrong: nothing panics, and what is read is
//! written so that it reads the same. (`fuzz/` asks the same for hours.)

#![allow(clippy::unwrap_used)]

use std::fs;

use lotse::{
    sdp::{
        negotiate::{Format, Ours},
        session::Session,
    },
    sip::{
        auth::digest::Credentials,
        message::{
            Message,
            read::{Limits, Unreadable, read},
            stream::{Framer, Piece},
            uri::Uri,
        },
        wire::Transport,
    },
};
use proptest::prelude::*;

/// Reads, writes and reads again.
fn round(bytes: &[u8]) -> Result<Message, Unreadable> {
    let limits = Limits { message: 1 << 20, ..Limits::default() };
    let message = read(bytes, Transport::Udp, &Limits::default())?;
    let mut written = vec![];
    message.write(&mut written);
    let again = read(&written, Transport::Tcp, &limits);
    assert_eq!(again.as_ref(), Ok(&message), "{}", written.escape_ascii());
    Ok(message)
}

/// The messages of the RFCs, which have every trait that messages have.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![];
    for folder in ["rfc4475", "rfc5118"] {
        for entry in fs::read_dir(format!("tests/torture/{folder}")).unwrap() {
            seeds.push(fs::read(entry.unwrap().path()).unwrap());
        }
    }
    seeds.sort();
    seeds
}

/// One byte exchanged, put in or taken out.
#[derive(Clone, Debug)]
enum Slip {
    Exchanged(u8),
    PutIn(&'static [u8]),
    TakenOut(usize),
}

fn slip() -> impl Strategy<Value = Slip> {
    let words: Vec<&'static [u8]> = vec![
        b"\r\n",
        b"\r\n ",
        b"\n\n",
        b"\r",
        b"\0",
        b"%00",
        b"%",
        b"\"",
        b"\\",
        b"<",
        b">",
        b";",
        b";;",
        b",",
        b":",
        b"@",
        b"=",
        b"?",
        b" ",
        b"\t",
        b"[",
        b"]",
        b"[::1]",
        b"(",
        b"\xff",
        b"\xc3\xbc",
        b"sip:",
        b"SIP/2.0 ",
        b"Via: SIP/2.0/UDP a\r\n",
        b"l: 5\r\n",
        b"99999999999999999999",
    ];
    prop_oneof![
        any::<u8>().prop_map(Slip::Exchanged),
        prop::sample::select(words).prop_map(Slip::PutIn),
        (1..30usize).prop_map(Slip::TakenOut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_are_no_message_and_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = round(&bytes);
        let _ = Session::read(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = Credentials::read(&text);
        let _ = text.parse::<Uri>();
    }

    #[test]
    fn a_message_with_slips_is_read_as_itself_or_refused(
        seed in prop::sample::select(seeds()),
        slips in prop::collection::vec((any::<prop::sample::Index>(), slip()), 1..6),
    ) {
        let mut bytes = seed;
        for (place, slip) in slips {
            let place = place.index(bytes.len().max(1)).min(bytes.len());
            match slip {
                Slip::Exchanged(byte) => {
                    if let Some(it) = bytes.get_mut(place) {
                        *it = byte;
                    }
                }
                Slip::PutIn(word) => drop(bytes.splice(place..place, word.iter().copied())),
                Slip::TakenOut(count) => drop(bytes.drain(place..(place + count).min(bytes.len()))),
            }
        }
        if let Ok(message) = round(&bytes) {
            let headers = message.headers();
            prop_assert!(headers.vias().is_ok() && headers.cseq().is_ok());
            prop_assert!(headers.from().is_ok() && headers.to().is_ok() && headers.contacts().is_ok());
            let _ = (headers.asserted_identities(), headers.reasons().count());
        }
    }

    #[test]
    fn any_text_in_a_header_stays_in_that_header(name in ".{0,20}", value in ".{0,60}") {
        let Message::Request(request) = round(
            b"OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP a\r\nf:sip:a\r\nt:sip:b\r\ni:c\r\nCSeq:1 OPTIONS\r\n\r\n",
        ).unwrap() else { panic!() };
        let mut bytes = vec![];
        request.with(&format!("X-{name}"), value.clone()).write(&mut bytes);
        let again = read(&bytes, Transport::Tcp, &Limits::default()).unwrap();
        prop_assert_eq!(again.headers().iter().count(), 6);
        prop_assert!(again.body().is_empty());
    }

    #[test]
    fn any_user_is_called_as_meant(user in "[^\u{0}]{1,40}") {
        let uri = Uri::sip(&user, "[2001:db8::1]:5070".parse().unwrap());
        prop_assert_eq!(uri.user(), Some(user));
        prop_assert_eq!(uri.to_string().parse(), Ok(uri));
    }

    #[test]
    fn a_stream_is_the_same_however_it_comes(
        seeds in prop::collection::vec(prop::sample::select(seeds()), 1..4),
        step in 1..700usize,
    ) {
        let bytes = seeds.concat();
        prop_assert_eq!(pieces(&bytes, step), pieces(&bytes, 1));
    }

    #[test]
    fn an_offer_with_slips_is_answered_line_by_line(
        slips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut bytes = b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
            m=audio 5004 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n\
            m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\na=rtcp:5 IN IP4 192.0.2.9\r\n".to_vec();
        for (place, byte) in slips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let pcma = Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 };
        let mut ours = Ours::new(1, "192.0.2.1:20000".parse().unwrap(), vec![pcma]);
        if let Ok(offer) = Session::read(&bytes)
            && let Ok((answer, _)) = ours.answer(&offer)
        {
            let answer = Session::read(&answer).unwrap();
            prop_assert_eq!(answer.media.len(), offer.media.len());
        }
    }
}

/// Messages and keepalives (`None`), up to where the stream breaks.
fn pieces(bytes: &[u8], step: usize) -> Vec<Option<Vec<u8>>> {
    let mut framer = Framer::new(65_536);
    let mut told = vec![];
    for bytes in bytes.chunks(step) {
        framer.push(bytes);
        loop {
            match framer.next() {
                Piece::Message(message) => told.push(Some(message.to_vec())),
                Piece::KeepAlive => told.push(None),
                Piece::More => break,
                // How much of the last one came depends on when it was given up.
                Piece::Broken => {
                    told.pop();
                    return told;
                }
            }
        }
    }
    told
}

/// Nothing is searched twice over, and nothing nests: each of these takes a few milliseconds
/// even without optimisation, and would take minutes if it cost its length squared.
#[test]
fn huge_and_deep_messages_cost_no_more_than_their_length() {
    let head = "INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: sip:a\r\n\
        To: sip:b\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n";
    for (part, count, wanted) in [
        ("X: y\r\n", 10_000, Some(400)),
        ("X: y\r\n", 11_000, Some(513)),
        ("Via: SIP/2.0/UDP a\r\n", 300, Some(400)),
        ("\r\n\r\n", 1, None),
        ("X: ", 1, Some(400)),
        ("X: ((((((((((((((((((((((((((((((((((((((((((((((((((((((((", 1_000, Some(400)),
        ("X: \"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\r\n ", 1_400, Some(400)),
        ("\r\n ", 20_000, None),
        (" \r\n", 20_000, Some(400)),
        ("\0", 64_000, Some(400)),
    ] {
        let bytes = head.to_owned() + &part.repeat(count);
        let got = match read(bytes.as_bytes(), Transport::Udp, &Limits::default()) {
            Ok(_) => None,
            Err(it) => it.answer.map(|it| it.status),
        };
        assert_eq!(got, wanted, "{part:?} × {count}");
    }
    let long = format!("{head}Contact: <sip:a>{}\r\n\r\n", ";p=1".repeat(1_900));
    assert!(read(long.as_bytes(), Transport::Udp, &Limits::default()).is_ok());
    for lines in
        ["X: y\r\n".repeat(1_000), "X: y\r\n ".repeat(9_000), "Via: SIP/2.0/UDP a\r\n".repeat(300)]
    {
        let bytes = format!("{head}{lines}\r\n\r\n");
        let flaw = read(bytes.as_bytes(), Transport::Udp, &Limits::default()).unwrap_err();
        assert_eq!(flaw.answer.unwrap().status, 513, "{} bytes", bytes.len());
    }
    let longer = format!("{head}Contact: <sip:a>{}\r\n\r\n", ";p=1".repeat(2_100));
    let flaw = read(longer.as_bytes(), Transport::Udp, &Limits::default()).unwrap_err();
    assert_eq!(flaw.answer.unwrap().status, 513);
}
