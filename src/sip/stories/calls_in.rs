//! Calls to us: INVITE, its answers, CANCEL, ACK and BYE.

use super::ladder::{CARRIER, Ladder, PHONE, STRANGER};
use crate::sip::message::header::reason::Reason;

/// A request of the carrier's call, in its nth transaction.
fn of_call(method: &str, number: u32, our_tag: &str, body: &str) -> String {
    let tag = if our_tag.is_empty() { String::new() } else { format!(";tag={our_tag}") };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    // A CANCEL has the branch of its INVITE, as has the ACK to a refusal.
    let branch = if method == "CANCEL" { "INVITE" } else { method };
    format!(
        "\
{method} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{branch}{number}
Max-Forwards: 70
From: \"A\" <sip:+49341555@192.0.2.1>;tag=c1
To: <sip:1230@192.0.2.100>{tag}
Call-ID: call-1
CSeq: {number} {method}
Contact: <sip:carrier@192.0.2.1:5060>
{kind}
{body}"
    )
}

#[test]
fn a_call_is_answered_and_the_caller_hangs_up() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &of_call("INVITE", 1, "", "offer"));
    it.responds(0, 180, "");
    it.until(2000);
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.until(2600);
    it.hears(CARRIER, &of_call("ACK", 1, &tag, ""));
    it.until(5000);
    it.hears(CARRIER, &of_call("BYE", 2, &tag, ""));
    it.hears(CARRIER, &of_call("BYE", 2, &tag, ""));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): +49341555 calls 1230
 0.0 > 192.0.2.1:5060 180 Ringing (INVITE)
 2.0 > 192.0.2.1:5060 200 OK (INVITE) | answer
 2.5 > 192.0.2.1:5060 200 OK (INVITE) | answer
 2.6 * Acked
 5.0 > 192.0.2.1:5060 200 OK (BYE)
 5.0 * HungUp
 5.0 > 192.0.2.1:5060 200 OK (BYE)
"
    );
    it.until(60_000);
    assert_eq!(it.told(), "\n");
    assert!(it.is_quiet());
}

#[test]
fn a_caller_gives_up_while_it_rings() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &of_call("INVITE", 1, "", "offer"));
    it.responds(0, 180, "");
    it.hears(CARRIER, &of_call("CANCEL", 1, "", ""));
    let tag = it.our_tag();
    it.hears(CARRIER, &of_call("ACK", 1, &tag, "").replace("bKACK", "bKINVITE"));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): +49341555 calls 1230
 0.0 > 192.0.2.1:5060 180 Ringing (INVITE)
 0.0 > 192.0.2.1:5060 200 OK (CANCEL)
 0.0 > 192.0.2.1:5060 487 Request Terminated (INVITE)
 0.0 * Cancelled
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn strangers_hear_nothing() {
    let mut it = Ladder::new();
    it.hears(STRANGER, &of_call("INVITE", 1, "", "offer"));
    it.hears(STRANGER, &of_call("OPTIONS", 1, "", ""));
    it.hears(STRANGER, &of_call("BYE", 1, "0000000000000000", ""));
    it.hears(STRANGER, &of_call("ACK", 1, "0000000000000000", ""));
    it.hears(PHONE, "garbage");
    assert_eq!(it.told(), "\n");
    let rejected = &it.endpoint.counts().rejected;
    assert_eq!(format!("{rejected:?}"), r#"{"acl": 3, "malformed": 1}"#);
    assert!(it.is_quiet());
}

#[test]
fn we_hang_up_and_say_why() {
    let mut it = Ladder::new().show(&["Reason", "CSeq", "To"]);
    it.hears(CARRIER, &of_call("INVITE", 1, "", "offer"));
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.told();
    // The BYE waits for the ACK that is owed.
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert_eq!(it.told(), "\n");
    it.hears(CARRIER, &of_call("ACK", 1, &tag, ""));
    it.answers("BYE", 200, "", "");
    assert_eq!(
        it.told().replace(&tag, "OURS"),
        "
 0.0 > 192.0.2.1:5060 BYE sip:carrier@192.0.2.1:5060 | Reason: Q.850;cause=16;text=\"Normal call clearing\" | CSeq: 1 BYE | To: \"A\" <sip:+49341555@192.0.2.1>;tag=c1
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}
