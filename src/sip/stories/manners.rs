//! What is answered without anybody being asked, and what is not answered at all.

use proptest::prelude::*;

use super::ladder::{CARRIER, Ladder, PHONE, STRANGER, settings};
use crate::{
    base::numbers::{DialogNo, PhoneNo},
    sip::{
        endpoint::Input,
        message::header::reason::Reason,
        verb::{Invite, Respond, Target},
    },
};

fn request(method: &str, number: u32, lines: &str) -> String {
    format!(
        "\
{method} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx{number}
From: <sip:c@d>;tag=c{number}
To: <sip:1230@192.0.2.100>
Call-ID: call-{number}
CSeq: {number} {method}
Contact: <sip:c@192.0.2.1>
{lines}"
    )
}

/// What is answered to the carrier, without address and time.
fn answers(requests: &[&str], shown: &[&'static str]) -> String {
    let mut it = Ladder::new().show(shown);
    for request in requests {
        it.hears(CARRIER, request);
    }
    it.told().replace(" 0.0 > 192.0.2.1:5060 ", "")
}

#[test]
fn options_tell_what_we_can_do_and_the_rest_what_we_cannot() {
    let told = answers(
        &[
            &request("OPTIONS", 1, ""),
            &request("MESSAGE", 2, ""),
            &request("SUBSCRIBE", 3, ""),
            &request("REFER", 4, ""),
            &request("PRACK", 5, ""),
            &request("DANCE", 6, ""),
            &request("OPTIONS", 7, "Require: a\nRequire: b, c\n"),
            &request("INVITE", 8, "Require: 100rel, precondition\n"),
            &request("INVITE", 9, "Content-Type: text/plain\n\nhi"),
            &request("INVITE", 10, "Content-Type: application/sdp\nContent-Encoding: gzip\n\nhi"),
            &request("INVITE", 20, "Accept: text/plain\nAccept: application/isup;q=1, image/*\n"),
            &request("INVITE", 21, "Accept:\n"),
            &request("INVITE", 11, "Max-Forwards: 0\n"),
            &request("INVITE", 12, "").replace("Contact: <sip:c@192.0.2.1>\n", ""),
            &request("CANCEL", 13, ""),
            &request("BYE", 14, ""),
            &request("OPTIONS", 15, "").replace("2.100 SIP/2.0", "2.100 SIP/7.0"),
            &request("OPTIONS", 16, "").replace("OPTIONS sip:", "OPTIONS isbn:"),
            &request("OPTIONS", 17, "").replace("17 OPTIONS", "17 BYE"),
            &request("INVITE", 18, "Session-Expires: 1800\nSupported: timer\n"),
            &request("INVITE", 19, "Session-Expires: 60\nRequire: timer\n"),
        ],
        &["Allow", "Accept", "Supported", "Unsupported", "Min-SE"],
    );
    assert_eq!(
        told,
        "
200 OK (OPTIONS) | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER | Accept: application/sdp | Supported: 100rel, norefersub, replaces, timer
405 Method Not Allowed (MESSAGE) | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER
489 Bad Event (SUBSCRIBE) | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER
405 Method Not Allowed (REFER) | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER
481 Call/Transaction Does Not Exist (PRACK)
501 Not Implemented (DANCE) | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER
420 Bad Extension (OPTIONS) | Unsupported: a, b, c
420 Bad Extension (INVITE) | Unsupported: precondition
415 Unsupported Media Type (INVITE) | Accept: application/sdp
415 Unsupported Media Type (INVITE) | Accept: application/sdp
406 Not Acceptable (INVITE) | Accept: application/sdp
406 Not Acceptable (INVITE) | Accept: application/sdp
483 Too Many Hops (INVITE)
400 Missing Contact (INVITE)
481 Call/Transaction Does Not Exist (CANCEL)
481 Call/Transaction Does Not Exist (BYE)
505 Version Not Supported (OPTIONS)
416 Unsupported URI Scheme (OPTIONS)
400 CSeq method is not the request's (BYE)
100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): c calls 1230
422 Session Interval Too Small (INVITE) | Min-SE: 90
"
    );
}

#[test]
fn an_invite_that_comes_by_two_ways_is_taken_once() {
    let invite = request("INVITE", 1, "");
    let told = answers(&[&invite, &invite.replace("bKx1", "bKother"), &invite], &[]);
    assert_eq!(
        told,
        "
100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): c calls 1230
482 Loop Detected (INVITE)
100 Trying (INVITE)
"
    );
}

#[test]
fn answers_go_where_the_rfc_sends_them() {
    let mut it = Ladder::new().show(&["Via"]);
    let from = "192.0.2.1:7777";
    it.hears(from, &request("OPTIONS", 1, "").replace("1:5060;branch", "1:5062;branch"));
    it.hears(from, &request("OPTIONS", 2, "").replace(";branch", ";rport;branch"));
    it.hears(from, &request("OPTIONS", 3, "").replace("192.0.2.1:5060;", "proxy.example;"));
    it.hears(
        "[2001:db8::1]:5060",
        &request("OPTIONS", 4, "").replace("192.0.2.1:5060", "[2001:db8::1]"),
    );
    // A client of RFC 2543 has no branch that means anything.
    it.hears(from, &request("OPTIONS", 5, "").replace("z9hG4bKx5", "5"));
    it.hears(from, &request("OPTIONS", 5, "").replace("z9hG4bKx5", "5"));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5062 200 OK (OPTIONS) | Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKx1;received=192.0.2.1
 0.0 > 192.0.2.1:7777 200 OK (OPTIONS) | Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx2;received=192.0.2.1;rport=7777
 0.0 > 192.0.2.1:5060 200 OK (OPTIONS) | Via: SIP/2.0/UDP proxy.example;branch=z9hG4bKx3;received=192.0.2.1
 0.0 > [2001:db8::1]:5060 200 OK (OPTIONS) | Via: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bKx4;received=2001:db8::1
 0.0 > 192.0.2.1:5060 200 OK (OPTIONS) | Via: SIP/2.0/UDP 192.0.2.1:5060;branch=5;received=192.0.2.1
 0.0 > 192.0.2.1:5060 200 OK (OPTIONS) | Via: SIP/2.0/UDP 192.0.2.1:5060;branch=5;received=192.0.2.1
"
    );
}

#[test]
fn limits_have_answers() {
    let mut settings = settings();
    settings.dialogs_max = 1;
    settings.transactions_max = 3;
    settings.message_max = 1000;
    let mut it = Ladder::with(settings);
    it.hears(CARRIER, &request("INVITE", 1, ""));
    it.hears(CARRIER, &request("INVITE", 2, ""));
    it.hears(CARRIER, &request("OPTIONS", 3, ""));
    it.hears(CARRIER, &request("OPTIONS", 4, ""));
    it.hears(STRANGER, &request("OPTIONS", 5, ""));
    it.hears(CARRIER, &request("OPTIONS", 6, &format!("Subject: {}\n", "x".repeat(1000))));
    assert_eq!(
        it.told().replace(" 0.0 > 192.0.2.1:5060 ", ""),
        "
100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): c calls 1230
503 Service Unavailable (INVITE)
200 OK (OPTIONS)
503 Service Unavailable (OPTIONS)
513 Message Too Large (OPTIONS)
"
    );
    let rejected = &it.endpoint.counts().rejected;
    assert_eq!(format!("{rejected:?}"), r#"{"capacity": 3, "size": 1}"#);
}

#[test]
fn a_flood_of_new_requests_leaves_room_for_calls_that_stand() {
    let mut settings = settings();
    settings.transactions_max = 16;
    let mut it = Ladder::with(settings).show(&["Retry-After"]);
    it.hears(CARRIER, &request("INVITE", 1, "").replace("CSeq: 1 ", "CSeq: 100 "));
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    let within = |method: &str, number: u32| {
        let text = request(method, number, "");
        text.replace("To: <sip:1230@192.0.2.100>", &format!("To: <sip:1230@192.0.2.100>;tag={tag}"))
            .replace(&format!("Call-ID: call-{number}"), "Call-ID: call-1")
            .replace(&format!("tag=c{number}"), "tag=c1")
    };
    it.hears(CARRIER, &within("ACK", 100));
    for number in 200..300 {
        it.hears(CARRIER, &request("OPTIONS", number, ""));
        it.hears(CARRIER, &request("INVITE", 1000 + number, ""));
    }
    let told = it.told();
    assert_eq!(told.matches("200 OK (OPTIONS)").count(), 6, "{told}");
    assert!(told.contains("503 Service Unavailable (INVITE) | Retry-After: "), "{told}");
    it.hears(CARRIER, &within("UPDATE", 301));
    assert!(it.told().contains("200 OK (UPDATE)"));
    for number in 302..310 {
        it.hears(CARRIER, &within("INFO", number));
    }
    assert!(it.told().contains("503 Service Unavailable (INFO)"), "the table is full");
    it.hears(CARRIER, &within("BYE", 311));
    assert!(it.told().contains("200 OK (BYE)"), "what ends something is always heard");
}

#[test]
fn more_calls_in_a_second_than_can_be_carried_are_told_to_come_back_later() {
    let mut settings = settings();
    settings.calls_per_second = 10;
    let mut it = Ladder::with(settings).show(&["Retry-After"]);
    let mut taken = vec![];
    for second in 0..4u32 {
        it.until(u64::from(second) * 1_000);
        for number in 0..20 {
            it.hears(CARRIER, &request("INVITE", second * 100 + number + 1, ""));
        }
        let told = it.told();
        let later = told.lines().filter(|it| it.contains("503") && it.contains("Retry-After: "));
        taken.push((told.matches("100 Trying").count(), later.count() > 0));
    }
    assert_eq!(taken, [(20, false), (20, false), (10, true), (10, true)]);
    assert_eq!(it.endpoint.counts().rejected.get("overload"), Some(&20));
}

#[test]
fn a_caller_that_waits_long_is_told_so_every_minute() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, ""));
    it.responds(0, 183, "early");
    it.until(125_000);
    assert!(it.told().ends_with(
        "
 0.0 > 192.0.2.1:5060 183 Session Progress (INVITE) | early
60.0 > 192.0.2.1:5060 183 Session Progress (INVITE) | early
120.0 > 192.0.2.1:5060 183 Session Progress (INVITE) | early
"
    ));
}

#[test]
fn a_2xx_that_nobody_acknowledges_is_ended() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, ""));
    it.responds(0, 200, "answer");
    it.until(33_000);
    let told = it.told();
    assert_eq!(told.matches("200 OK (INVITE)").count(), 11, "{told}");
    assert!(told.contains("BYE sip:c@192.0.2.1\n32.0 * NeverAcked\n"), "{told}");
    it.until(120_000);
    assert!(it.is_quiet());
}

#[test]
fn a_message_costs_the_figures_little_and_they_add_up() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, ""));
    it.hears(CARRIER, &request("INVITE", 1, ""));
    it.responds(0, 486, "");
    it.hears(STRANGER, &request("OPTIONS", 2, ""));
    let counts = it.endpoint.counts();
    assert_eq!(
        format!("{:?} {:?} {}", counts.requests, counts.responses, counts.retransmissions),
        r#"{("INVITE", "in", "trunk"): 1, ("OPTIONS", "in", "other"): 1} {(100, "out", "trunk"): 1, (486, "out", "trunk"): 1} 1"#
    );
}

/// A verb or a message, by chance.
#[derive(Clone, Debug)]
enum Act {
    Bytes(Vec<u8>),
    Text(usize, u32, u32, usize),
    Invite(bool),
    Respond(u64, u16),
    Reinvite(u64),
    End(u64),
    Tick(u64),
}

const METHODS: [&str; 8] =
    ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "REGISTER", "DANCE"];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Act::Bytes),
        (0..8usize, 0..4u32, 0..4u32, 0..3usize)
            .prop_map(|(method, branch, cseq, tag)| Act::Text(method, branch, cseq, tag)),
        any::<bool>().prop_map(Act::Invite),
        (0..4u64, 90..720u16).prop_map(|(dialog, status)| Act::Respond(dialog, status)),
        (0..4u64).prop_map(Act::Reinvite),
        (0..4u64).prop_map(Act::End),
        (0..40u64).prop_map(Act::Tick),
    ]
}

proptest! {
    /// Whatever comes in whatever order, nothing panics, and in the end nothing is left.
    #[test]
    fn nothing_that_is_said_or_done_breaks_it(acts in prop::collection::vec(act(), 0..60)) {
        let mut it = Ladder::new();
        for act in acts {
            let dialog = |slot| DialogNo::from(slot);
            match act {
                Act::Bytes(bytes) => {
                    let peer = it.peer(CARRIER);
                    it.does(|it, now, out| it.handle(now, Input::Arrival { peer, bytes: &bytes }, out));
                }
                Act::Text(method, branch, cseq, tag) => {
                    let tags = [String::new(), ";tag=x".into(), format!(";tag={}", it.our_tag_or_none())];
                    let kind = METHODS[method];
                    it.hears(CARRIER, &format!("\
{kind} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}
From: <sip:c@d>;tag=c
To: <sip:e@f>{}
Call-ID: c
CSeq: {cseq} {kind}
Contact: <sip:c@192.0.2.1>
", tags[tag]));
                }
                Act::Invite(to_phone) => {
                    let target = if to_phone {
                        Target::Phone(PhoneNo::first(9))
                    } else {
                        let peer = it.peer(PHONE);
                        Target::Uri { uri: "sip:a@b".into(), transport: peer.transport, remote: peer.remote }
                    };
                    let invite = Invite {
                        target,
                        from_user: "a b\r\n".into(),
                        from_display: "\"\r\n".into(),
                        sdp: None,
                        headers: vec![("X\r\n".into(), "\r\nVia: y".into())],
                        hops: None,
                    };
                    it.does(|it, now, out| it.invite(now, invite, out)).unwrap();
                }
                Act::Respond(slot, status) => {
                    let respond = Respond { status, ..Respond::default() };
                    let _ = it.does(|it, now, out| it.respond(now, dialog(slot), respond, out));
                }
                Act::Reinvite(slot) => {
                    let _ = it.does(|it, now, out| it.reinvite(now, dialog(slot), None, out));
                }
                Act::End(slot) => {
                    let _ = it.does(|it, now, out| it.end(now, dialog(slot), Reason::Q850(1), out));
                }
                Act::Tick(seconds) => {
                    let millis = it.now.as_millis() + seconds * 1000;
                    it.until(millis);
                }
            }
        }
        for slot in 0..60 {
            let _ = it.does(|it, now, out| it.end(now, DialogNo::from(slot), Reason::Q850(1), out));
        }
        let end = it.now.as_millis() + 400_000;
        it.until(end);
    }
}
