//! Requests within a call: re-INVITE, UPDATE, OPTIONS, BYE, and what comes in the wrong order.

use super::ladder::{CARRIER, Ladder};
use crate::sip::{message::header::reason::Reason, verb::Refusal};

const OURS: &str = "OURS";

/// A call of the carrier's that stands.
fn standing() -> (Ladder, String) {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, "", "offer"));
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    it.told();
    (it, tag)
}

fn request(method: &str, number: u32, tag: &str, body: &str) -> String {
    let tag = if tag.is_empty() { String::new() } else { format!(";tag={tag}") };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!(
        "\
{method} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{method}{number}
From: <sip:c@d>;tag=c1
To: <sip:1230@192.0.2.100>{tag}
Call-ID: call-1
CSeq: {number} {method}
Contact: <sip:carrier{number}@192.0.2.1:5060>
{kind}
{body}"
    )
}

#[test]
fn they_offer_anew_and_move() {
    let (mut it, tag) = standing();
    it.hears(CARRIER, &request("INVITE", 2, &tag, "hold"));
    // Another before the first is answered has to wait.
    it.hears(CARRIER, &request("INVITE", 3, &tag, "resume"));
    it.responds(0, 200, "held");
    it.until(500);
    it.hears(CARRIER, &request("ACK", 2, &tag, ""));
    it.hears(CARRIER, &request("UPDATE", 4, &tag, "resume"));
    it.responds(0, 488, "");
    // Only the target is new.
    it.hears(CARRIER, &request("UPDATE", 5, &tag, ""));
    // They have us offer, and answer in the ACK.
    it.hears(CARRIER, &request("INVITE", 6, &tag, ""));
    it.responds(0, 200, "our offer");
    it.hears(CARRIER, &request("ACK", 6, &tag, "their answer"));
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Reoffered hold
 0.0 > 192.0.2.1:5060 500 Server Internal Error (INVITE)
 0.0 > 192.0.2.1:5060 200 OK (INVITE) | held
 0.5 > 192.0.2.1:5060 500 Server Internal Error (INVITE)
 0.5 > 192.0.2.1:5060 200 OK (INVITE) | held
 0.5 * Reoffered resume
 0.5 > 192.0.2.1:5060 488 Not Acceptable Here (UPDATE)
 0.5 > 192.0.2.1:5060 200 OK (UPDATE)
 0.5 > 192.0.2.1:5060 100 Trying (INVITE)
 0.5 * Reoffered
 0.5 > 192.0.2.1:5060 200 OK (INVITE) | our offer
 0.5 * Acked their answer
 0.5 > 192.0.2.1:5060 BYE sip:carrier6@192.0.2.1:5060
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn our_offer_meets_theirs_and_is_made_again() {
    let (mut it, tag) = standing();
    let dialog = it.dialogs[0];
    let offer = || Some(b"ours".to_vec());
    it.does(|it, now, out| it.reinvite(now, dialog, offer(), out)).unwrap();
    let again = it.does(|it, now, out| it.reinvite(now, dialog, offer(), out));
    assert_eq!(again, Err(Refusal::WrongState));
    it.hears(CARRIER, &request("INVITE", 2, &tag, "theirs"));
    it.hears(CARRIER, &request("ACK", 2, &tag, "").replace("bKACK", "bKINVITE"));
    it.answers("INVITE", 491, "", "");
    // Who did not make the Call-ID waits up to two seconds.
    it.until(2_000);
    it.answers(
        "INVITE",
        200,
        "",
        "Contact: <sip:new@192.0.2.1>\nContent-Type: application/sdp\n\nyes",
    );
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:carrier1@192.0.2.1:5060 | ours
 0.0 > 192.0.2.1:5060 491 Request Pending (INVITE)
 0.0 > 192.0.2.1:5060 ACK sip:carrier1@192.0.2.1:5060
 0.1 > 192.0.2.1:5060 INVITE sip:carrier1@192.0.2.1:5060 | ours
 0.6 > 192.0.2.1:5060 INVITE sip:carrier1@192.0.2.1:5060 | ours
 1.6 > 192.0.2.1:5060 INVITE sip:carrier1@192.0.2.1:5060 | ours
 2.0 > 192.0.2.1:5060 ACK sip:new@192.0.2.1
 2.0 * Reanswered 200 yes
"
    );
}

/// RFC 3261 14.1: whoever made the Call-ID waits longer, so that the two do not meet again.
#[test]
fn whoever_made_the_call_waits_longer_after_a_glare() {
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers(
        "INVITE",
        200,
        "y",
        "Contact: <sip:y@192.0.2.1>\nContent-Type: application/sdp\n\nhi",
    );
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, Some(b"ours".to_vec()), out)).unwrap();
    it.told();
    it.answers("INVITE", 491, "y", "");
    it.told();
    it.until(2_090);
    assert_eq!(it.told(), "\n", "not before 2.1 s");
    it.until(4_010);
    assert!(it.told().contains("INVITE sip:y@192.0.2.1 | ours"), "and not after 4 s");
    // It meets theirs again and again: five times, and no more.
    let mut tries = 2;
    for _ in 0..10 {
        it.answers("INVITE", 491, "y", "");
        let told = it.told();
        if told.contains("Reanswered 491") {
            break;
        }
        let end = it.now.as_millis() + 4_010;
        it.until(end);
        tries += it.told().matches("> 192.0.2.1:5060 INVITE").count().min(1);
    }
    assert_eq!(tries, 5);
}

#[test]
fn an_update_with_an_offer_meets_ours_and_one_without_does_not() {
    let (mut it, tag) = standing();
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, Some(b"ours".to_vec()), out)).unwrap();
    it.hears(CARRIER, &request("UPDATE", 2, &tag, "theirs"));
    it.hears(CARRIER, &request("UPDATE", 3, &tag, ""));
    let told = it.told();
    assert!(told.contains("491 Request Pending (UPDATE)\n"), "{told}");
    assert!(told.ends_with("200 OK (UPDATE)\n"), "{told}");
}

#[test]
fn a_dialog_that_they_do_not_know_any_more_is_lost() {
    for status in [481, 408] {
        let (mut it, _) = standing();
        let dialog = it.dialogs[0];
        it.does(|it, now, out| it.reinvite(now, dialog, None, out)).unwrap();
        it.answers("INVITE", status, "", "");
        assert!(it.told().ends_with("BYE sip:carrier1@192.0.2.1:5060\n 0.0 * Lost\n"));
        it.until(70_000);
        assert!(it.is_quiet());
    }
    let (mut it, _) = standing();
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, None, out)).unwrap();
    it.answers("INVITE", 488, "", "");
    assert!(it.told().ends_with("0.0 * Reanswered 488\n"));
}

#[test]
fn our_bye_crosses_theirs() {
    let (mut it, tag) = standing();
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    it.hears(CARRIER, &request("BYE", 2, &tag, ""));
    it.answers("BYE", 481, "", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 BYE sip:carrier1@192.0.2.1:5060
 0.0 > 192.0.2.1:5060 200 OK (BYE)
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
    let gone = it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out));
    assert_eq!(gone, Err(Refusal::NoDialog));
}

#[test]
fn a_bye_crosses_their_offer_and_ours() {
    // They hang up before their own re-INVITE is answered.
    let (mut it, tag) = standing();
    it.hears(CARRIER, &request("INVITE", 2, &tag, "hold"));
    it.hears(CARRIER, &request("BYE", 3, &tag, ""));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Reoffered hold
 0.0 > 192.0.2.1:5060 200 OK (BYE)
 0.0 > 192.0.2.1:5060 487 Request Terminated (INVITE)
 0.0 * HungUp
"
    );
    // They say yes to our re-INVITE after we hung up.
    let (mut it, _) = standing();
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, None, out)).unwrap();
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    it.answers("INVITE", 200, "", "");
    it.answers("BYE", 200, "", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:carrier1@192.0.2.1:5060
 0.0 > 192.0.2.1:5060 BYE sip:carrier1@192.0.2.1:5060
 0.0 > 192.0.2.1:5060 ACK sip:carrier1@192.0.2.1:5060
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn their_cancel_takes_a_reinvite_back() {
    let (mut it, tag) = standing();
    it.hears(CARRIER, &request("INVITE", 2, &tag, "hold"));
    let cancel = request("CANCEL", 2, &tag, "").replace("bKCANCEL", "bKINVITE");
    it.hears(CARRIER, &cancel);
    assert!(
        it.told()
            .ends_with("200 OK (CANCEL)\n 0.0 > 192.0.2.1:5060 487 Request Terminated (INVITE)\n")
    );
    let respond = crate::sip::verb::Respond { status: 200, ..Default::default() };
    let dialog = it.dialogs[0];
    let late = it.does(|it, now, out| it.respond(now, dialog, respond, out));
    assert_eq!(late, Err(Refusal::WrongState));
}

#[test]
fn what_is_old_or_not_ours_to_do_is_refused_and_the_call_goes_on() {
    let (mut it, tag) = standing();
    it.hears(CARRIER, &request("OPTIONS", 5, &tag, ""));
    it.hears(CARRIER, &request("INFO", 4, &tag, ""));
    it.hears(CARRIER, &request("INFO", 6, &tag, ""));
    it.hears(CARRIER, &request("NOTIFY", 7, &tag, ""));
    it.hears(CARRIER, &request("DANCE", 8, &tag, ""));
    it.hears(CARRIER, &request("UPDATE", 9, &tag, "x").replace("application/sdp", "text/plain"));
    it.hears(CARRIER, &(request("UPDATE", 10, &tag, "").trim_end().to_owned() + "\nRequire: x\n"));
    it.hears(CARRIER, &request("BYE", 11, "0123456789abcdef", ""));
    // The tag alone does not make it of the dialog.
    it.hears(CARRIER, &request("BYE", 12, &tag, "").replace("call-1", "call-2"));
    it.hears(CARRIER, &request("ACK", 12, &tag, ""));
    assert_eq!(
        it.told().replace(&tag, OURS),
        "
 0.0 > 192.0.2.1:5060 200 OK (OPTIONS)
 0.0 > 192.0.2.1:5060 500 Server Internal Error (INFO)
 0.0 > 192.0.2.1:5060 200 OK (INFO)
 0.0 > 192.0.2.1:5060 489 Bad Event (NOTIFY)
 0.0 > 192.0.2.1:5060 501 Not Implemented (DANCE)
 0.0 > 192.0.2.1:5060 415 Unsupported Media Type (UPDATE)
 0.0 > 192.0.2.1:5060 420 Bad Extension (UPDATE)
 0.0 > 192.0.2.1:5060 481 Call/Transaction Does Not Exist (BYE)
 0.0 > 192.0.2.1:5060 481 Call/Transaction Does Not Exist (BYE)
"
    );
    assert_eq!(it.endpoint.counts().dialogs, 1);
}

#[test]
fn requests_follow_the_route_that_the_proxies_asked_for() {
    for (routes, want) in [
        (
            "Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.9;lr>",
            "192.0.2.8:5060 BYE sip:carrier1@192.0.2.1:5060 | Route: <sip:192.0.2.8;lr> | Route: <sip:192.0.2.9;lr>",
        ),
        (
            "Record-Route: <sip:192.0.2.8>\nRecord-Route: <sip:192.0.2.9;lr>",
            "192.0.2.8:5060 BYE sip:192.0.2.8 | Route: <sip:192.0.2.9;lr> | Route: <sip:carrier1@192.0.2.1:5060>",
        ),
    ] {
        let mut it = Ladder::new().show(&["Route", "Record-Route"]);
        let invite =
            request("INVITE", 1, "", "offer").replace("Contact", &format!("{routes}\nContact"));
        it.hears(CARRIER, &invite);
        it.responds(0, 200, "answer");
        assert!(it.told().contains("Record-Route: <sip:192.0.2.8"));
        let tag = it.our_tag();
        it.hears(CARRIER, &request("ACK", 1, &tag, ""));
        it.told();
        let dialog = it.dialogs[0];
        it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
        assert_eq!(it.told(), format!("\n 0.0 > {want}\n"));
    }
}

#[test]
fn a_key_told_by_info_is_told_on_and_other_bodies_are_not_ours() {
    let (mut it, tag) = standing();
    let info = |cseq, kind: &str, body: &str| {
        request("INFO", cseq, &tag, body).replace("application/sdp", kind)
    };
    it.hears(CARRIER, &info(2, "application/dtmf-relay", "Signal=5"));
    it.hears(CARRIER, &info(3, "Application/DTMF", "#"));
    it.hears(CARRIER, &info(4, "application/dtmf", "x"));
    it.hears(CARRIER, &info(5, "application/media_control+xml", "<x/>"));
    let packaged = info(6, "application/dtmf", "1").replace("CSeq:", "Info-Package: x\nCSeq:");
    it.hears(CARRIER, &packaged);
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 200 OK (INFO)
 0.0 * Pressed 5
 0.0 > 192.0.2.1:5060 200 OK (INFO)
 0.0 * Pressed #
 0.0 > 192.0.2.1:5060 200 OK (INFO)
 0.0 > 192.0.2.1:5060 415 Unsupported Media Type (INFO)
 0.0 > 192.0.2.1:5060 469 Bad Info Package (INFO)
"
    );
}
