//! What a carrier's address may send that no carrier should: each has its answer, and nothing is
//! left of it.

use super::ladder::{Ladder, invite, sdp};
use crate::{exchange::example, sip::message::Message};

const ONE: &str = "sip:1230@192.0.2.1";

/// The last answer above 100 to an INVITE with that description.
fn answered(description: &str) -> (u16, String) {
    let mut it = Ladder::of(example::plan());
    it.hears(example::carrier(), &invite(1, ONE, "", description));
    let last = it.sent.iter().rev().find_map(|(_, it)| match it {
        Message::Response(it) if it.status > 100 => Some(it.clone()),
        Message::Response(_) | Message::Request(_) => None,
    });
    let last = last.expect("every INVITE of the carrier's is answered");
    (last.status, String::from_utf8(last.body).unwrap())
}

#[test]
fn every_description_has_its_answer() {
    let line = |media: &str| format!("{media}\r\n");
    let with = |from: &str, to: &str| sdp(4000).replace(from, to);
    let mut odd = vec![];
    for (what, description, want) in [
        ("as it should be", sdp(4000), 200),
        ("no time to a packet", sdp(4000) + "a=ptime:0\r\n", 200),
        ("a packet of an hour", sdp(4000) + "a=ptime:3600000\r\n", 200),
        ("ptime of nothing", sdp(4000) + "a=ptime:\r\na=maxptime:-1\r\n", 200),
        ("a map without a clock", with("PCMA/8000", "PCMA"), 200),
        ("a map of another clock", with("PCMA/8000", "PCMA/16000"), 488),
        (
            "a map of no number",
            sdp(4000) + "a=rtpmap:x PCMU/8000\r\na=rtpmap:999 PCMU/8000\r\n",
            200,
        ),
        ("maps of the same number", sdp(4000) + "a=rtpmap:8 PCMU/8000\r\n", 200),
        ("a crowd of maps", sdp(4000) + &line("a=rtpmap:8 PCMA/8000").repeat(400), 200),
        ("the lowest port", sdp(1), 200),
        ("the highest port", sdp(65_535), 200),
        ("no port", sdp(0), 488),
        ("a port beyond", with("4000", "65536"), 488),
        ("a negative port", with("4000", "-1"), 488),
        (
            "a port of ours at our address",
            with("192.0.2.50", "192.0.2.1").replace("4000", "20010"),
            488,
        ),
        ("another port of our address", with("192.0.2.50", "192.0.2.1"), 200),
        ("everyone", with("192.0.2.50", "255.255.255.255"), 488),
        ("a group", with("192.0.2.50", "224.0.0.1/127"), 488),
        ("a group of IPv6", with("IP4 192.0.2.50", "IP6 ff02::1"), 488),
        ("the other family", with("IP4 192.0.2.50", "IP6 2001:db8::1"), 488),
        // It is heard where it comes from.
        ("a name", with("192.0.2.50", "sound.example"), 200),
        ("nowhere: they hold", with("c=IN IP4 192.0.2.50", "c=IN IP4 0.0.0.0"), 200),
        ("no connection line", with("c=IN IP4 192.0.2.50\r\n", ""), 200),
        ("no sound, but a fax", with("m=audio 4000 RTP/AVP 8 101", "m=image 4000 udptl t38"), 488),
        ("nothing that we speak", with("RTP/AVP 8 101", "RTP/AVP 18 3"), 488),
        ("another profile", with("RTP/AVP", "RTP/AVPX"), 488),
        ("nonsense", "nonsense".into(), 488),
        ("zeros", "\0".repeat(3000), 488),
        ("a version of the future", with("v=0", "v=9"), 488),
        ("64 lines of sound", sdp(4000) + &line("m=audio 4002 RTP/AVP 0").repeat(63), 200),
        ("200 lines of sound", sdp(4000) + &line("m=audio 4002 RTP/AVP 0").repeat(199), 488),
        ("2000 attributes", sdp(4000) + &line("a=x").repeat(2000), 200),
    ] {
        let (status, body) = answered(&description);
        let lines = |text: &str| text.matches("m=").count();
        if status != want || (status == 200 && lines(&body) != lines(&description)) {
            odd.push((what, status, want));
        }
    }
    assert_eq!(odd, []);
}

/// D-8, T-12: a stream that we cannot carry costs that stream and never the call.
#[test]
fn pictures_fax_and_text_are_let_go_and_the_call_is_not() {
    let more = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=image 4004 udptl t38\r\n\
                m=text 4006 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\nm=message 4008 TCP/MSRP *\r\n";
    let (status, body) = answered(&(sdp(4000) + more));
    let lines: Vec<_> = body.lines().filter(|it| it.starts_with("m=")).collect();
    assert_eq!(status, 200);
    assert!(lines[0].starts_with("m=audio 20000 RTP/AVP 8 "), "{body}");
    assert_eq!(
        lines[1..],
        [
            "m=video 0 RTP/AVP 96",
            "m=image 0 udptl t38",
            "m=text 0 RTP/AVP 98",
            "m=message 0 TCP/MSRP *"
        ]
    );
    // Wherever the sound stands, and though the carrier's fax comes in mid-call.
    let first = sdp(4000).replace("m=audio", "m=image 4004 udptl t38\r\nm=audio");
    let (status, body) = answered(&first);
    assert_eq!(status, 200);
    assert!(body.contains("m=image 0 udptl t38\r\nm=audio 20000 "), "{body}");
}

/// The answer, without the address; `None`: there is none.
fn answer_to(text: &str) -> Option<String> {
    let mut it = Ladder::of(example::plan());
    it.hears_bytes(example::carrier(), text.replace('\n', "\r\n").as_bytes());
    let told = it.told();
    let first = told.lines().find(|it| it.starts_with("> ") && !it.contains(" 100 "))?;
    Some(first.split(' ').skip(1).collect::<Vec<_>>().join(" ").replace(" (INVITE)", ""))
}

/// An INVITE with these lines, whose lines end there.
fn call(lines: &str) -> String {
    invite(1, ONE, lines, "").trim_end().to_owned() + "\n\n"
}

fn with(from: &str, to: &str) -> String {
    call("").replace(from, to)
}

fn no(status: &str) -> String {
    format!("192.0.2.50:5060 {status}")
}

/// Those that are answered in another way than they should be.
fn odd(rows: Vec<(&str, String, String)>) -> Vec<String> {
    let got = rows.into_iter().map(|(what, text, want)| {
        let got = answer_to(&text).unwrap_or_default();
        (got != want).then(|| format!("{what}: {got}, not {want}"))
    });
    got.flatten().collect()
}

#[test]
fn every_odd_request_has_its_answer() {
    let ok = "192.0.2.50:5060 200 OK";
    let rows = vec![
        ("as it should be", call(""), ok.to_owned()),
        ("the highest number", with("CSeq: 1", "CSeq: 2147483647"), ok.into()),
        ("a number beyond", with("CSeq: 1", "CSeq: 2147483648"), no("SIP/2.0 400 Malformed CSeq")),
        (
            "a number far beyond",
            with("CSeq: 1", "CSeq: 99999999999999999999"),
            no("SIP/2.0 400 Malformed CSeq"),
        ),
        ("no hop left", with("Max-Forwards: 70", "Max-Forwards: 0"), no("483 Too Many Hops")),
        (
            "too many hops",
            with("Max-Forwards: 70", "Max-Forwards: 999"),
            no("400 Malformed Max-Forwards"),
        ),
        (
            "a body less than nothing",
            call("Content-Length: -7"),
            no("400 Malformed Content-Length"),
        ),
        (
            "a body that never came",
            call("Content-Length: 999"),
            no("400 Body shorter than Content-Length"),
        ),
        (
            "answers to somebody else",
            with("192.0.2.50:5060;", "203.0.113.9:5060;maddr=203.0.113.9;received=203.0.113.9;"),
            ok.into(),
        ),
        (
            "answers to another port of theirs",
            with("192.0.2.50:5060;", "203.0.113.9:53;"),
            "192.0.2.50:53 200 OK".into(),
        ),
        ("no tag", with(";tag=f", ""), ok.into()),
        ("an empty tag", with(";tag=f", ";tag="), no("SIP/2.0 400 Malformed From")),
        ("a hundred contacts", call(&"Contact: <sip:c@192.0.2.50>\n".repeat(100)), ok.into()),
        ("a contact for everything", call("Contact: *"), no("400 Missing Contact")),
        (
            "fifty proxies on the way",
            call(&"Record-Route: <sip:192.0.2.77;lr>\n".repeat(50)),
            ok.into(),
        ),
        (
            "a giant proxy",
            call(&format!("Record-Route: <sip:{}@192.0.2.77;lr>", "x".repeat(8_000))),
            ok.into(),
        ),
        (
            "a proxy larger than may be",
            call(&format!("Record-Route: <sip:{}@192.0.2.77;lr>", "x".repeat(9_000))),
            no("513 Message Too Large"),
        ),
        ("too many headers", call(&"X: y\n".repeat(300)), no("513 Message Too Large")),
        (
            "ten thousand routes in a line",
            call(&format!("Route: {}<sip:a>", "<sip:a>,".repeat(1000))),
            ok.into(),
        ),
    ];
    assert_eq!(odd(rows), Vec::<String>::new());
}

#[test]
fn what_belongs_to_no_call_is_told_so() {
    let request = |method: &str, to: &str| {
        with("INVITE", method).replace("To: <sip:1230@lotse.example>", &format!("To: {to}"))
    };
    let rows = vec![
        (
            "a call that stands nowhere",
            request("BYE", "<sip:1230@lotse.example>;tag=9"),
            no("481 Call/Transaction Does Not Exist (BYE)"),
        ),
        (
            "an end without a beginning",
            request("BYE", "<sip:1230@lotse.example>"),
            no("481 Call/Transaction Does Not Exist (BYE)"),
        ),
        (
            "a cancel of nothing",
            request("CANCEL", "<sip:1230@lotse.example>"),
            no("481 Call/Transaction Does Not Exist (CANCEL)"),
        ),
        (
            "a prack of nothing",
            request("PRACK", "<sip:1230@lotse.example>;tag=9"),
            no("481 Call/Transaction Does Not Exist (PRACK)"),
        ),
        (
            "an offer to nobody",
            request("INVITE", "<sip:1230@lotse.example>;tag=9"),
            no("481 Call/Transaction Does Not Exist"),
        ),
        (
            "news of nothing",
            request("NOTIFY", "<sip:1230@lotse.example>;tag=9"),
            no("481 Call/Transaction Does Not Exist (NOTIFY)"),
        ),
        (
            "a way that nobody has",
            with("SIP/2.0\nVia", "SIP/3.0\nVia"),
            no("505 Version Not Supported"),
        ),
    ];
    assert_eq!(odd(rows), Vec::<String>::new());
    assert_eq!(answer_to(&request("ACK", "<sip:1230@lotse.example>;tag=9")), None);
    assert_eq!(answer_to("\n\n"), None);
}

#[test]
fn calls_of_the_same_call_id_are_as_many_as_their_tags() {
    let mut it = Ladder::of(example::plan());
    for (number, tag) in [(1, "f"), (2, "g"), (3, "f")] {
        let lines = format!("From: <sip:+493415550001@c>;tag={tag}");
        let text = invite(number, ONE, &lines, &sdp(4000));
        it.hears(example::carrier(), &text.replace(&format!("call-{number}"), "call-1"));
    }
    let told = it.told();
    assert_eq!(told.matches("200 OK (INVITE)").count(), 2, "{told}");
    assert!(told.contains("482 Loop Detected (INVITE)"), "the third is the first once more");
    assert_eq!(it.x.status().calls, 2);
}
