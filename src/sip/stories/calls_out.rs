//! Calls of ours: to an address, to a phone's bindings, and everything that crosses.

use super::ladder::{CARRIER, Ladder};
use crate::sip::message::header::reason::Reason;

const CONTACT: &str = "Contact: <sip:them@192.0.2.1:5066>\nContent-Type: application/sdp\n\nanswer";

#[test]
fn a_call_out_is_answered_and_they_hang_up() {
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.until(600);
    it.answers("INVITE", 100, "", "");
    it.answers("INVITE", 180, "t1", "");
    it.until(3000);
    it.answers("INVITE", 200, "t1", CONTACT);
    // The ACK got lost.
    it.answers("INVITE", 200, "t1", CONTACT);
    let (_, ack) = it.asked("ACK");
    let (from, to) = (ack.headers.get("To").unwrap(), ack.headers.get("From").unwrap());
    let call_id = ack.headers.call_id().unwrap();
    let bye = format!(
        "\
BYE sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5066;branch=z9hG4bKb
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: 1 BYE
"
    );
    it.hears("192.0.2.1:5066", &bye);
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 0.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 0.6 * Progressed 100
 0.6 * Progressed 180
 3.0 > 192.0.2.1:5066 ACK sip:them@192.0.2.1:5066
 3.0 * Answered answer
 3.0 > 192.0.2.1:5066 ACK sip:them@192.0.2.1:5066
 3.0 > 192.0.2.1:5066 200 OK (BYE)
 3.0 * HungUp
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn a_call_nobody_answers_is_408_and_one_to_nowhere_480() {
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.calls_phone(0);
    it.until(60_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 0.0 * Rejected 480 Temporarily Unavailable
 0.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 1.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 3.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 7.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
15.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
31.5 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
32.0 * Rejected 408 Request Timeout
"
    );
    assert!(it.is_quiet());
}

#[test]
fn a_cancel_waits_for_the_first_word() {
    let mut it = Ladder::new().show(&["Reason"]);
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(19), out)).unwrap();
    it.until(200);
    it.answers("INVITE", 180, "t1", "");
    it.answers("CANCEL", 200, "t1", "");
    it.answers("INVITE", 487, "t1", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | offer
 0.2 > 192.0.2.1:5060 CANCEL sip:5@192.0.2.1 | Reason: Q.850;cause=19;text=\"No answer from user\"
 0.2 > 192.0.2.1:5060 ACK sip:5@192.0.2.1
 0.2 * Rejected 487 Request Terminated
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn a_2xx_that_crosses_our_cancel_is_acknowledged_and_ended() {
    let mut it = Ladder::new().show(&["CSeq"]);
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 180, "t1", "");
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(19), out)).unwrap();
    it.answers("INVITE", 200, "t1", CONTACT);
    it.answers("CANCEL", 200, "t1", "");
    it.answers("BYE", 200, "t1", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | CSeq: 1 INVITE | offer
 0.0 * Progressed 180
 0.0 > 192.0.2.1:5060 CANCEL sip:5@192.0.2.1 | CSeq: 1 CANCEL
 0.0 > 192.0.2.1:5066 ACK sip:them@192.0.2.1:5066 | CSeq: 1 ACK
 0.0 > 192.0.2.1:5066 BYE sip:them@192.0.2.1:5066 | CSeq: 2 BYE
 0.0 * Rejected 487 Request Terminated
"
    );
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn of_two_who_answer_one_invite_the_second_is_ended() {
    let mut it = Ladder::new().show(&["To", "CSeq"]);
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 180, "one", "");
    it.answers("INVITE", 180, "two", "");
    it.told();
    it.answers("INVITE", 200, "one", CONTACT);
    it.answers("INVITE", 200, "two", &CONTACT.replace("5066", "5077"));
    // Both ACKs got lost; the second fork is not ended twice.
    it.answers("INVITE", 200, "two", &CONTACT.replace("5066", "5077"));
    it.answers("INVITE", 200, "one", CONTACT);
    it.answers("BYE", 200, "", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5066 ACK sip:them@192.0.2.1:5066 | To: <sip:5@192.0.2.1>;tag=one | CSeq: 1 ACK
 0.0 * Answered answer
 0.0 > 192.0.2.1:5077 ACK sip:them@192.0.2.1:5077 | To: <sip:5@192.0.2.1>;tag=two | CSeq: 1 ACK
 0.0 > 192.0.2.1:5077 BYE sip:them@192.0.2.1:5077 | To: <sip:5@192.0.2.1>;tag=two | CSeq: 2 BYE
 0.0 > 192.0.2.1:5077 ACK sip:them@192.0.2.1:5077 | To: <sip:5@192.0.2.1>;tag=two | CSeq: 1 ACK
 0.0 > 192.0.2.1:5066 ACK sip:them@192.0.2.1:5066 | To: <sip:5@192.0.2.1>;tag=one | CSeq: 1 ACK
"
    );
    assert_eq!(it.endpoint.counts().dialogs, 1);
}

#[test]
fn who_rings_for_three_minutes_without_a_word_is_given_up() {
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 180, "t", "");
    it.until(150_000);
    it.answers("INVITE", 180, "t", "");
    it.told();
    it.until(331_500);
    it.answers("CANCEL", 200, "t", "");
    it.answers("INVITE", 487, "t", "");
    it.until(400_000);
    let told = it.told();
    assert!(told.starts_with("\n331.0 > 192.0.2.1:5060 CANCEL sip:5@192.0.2.1\n"), "{told}");
    assert!(told.ends_with("331.5 * Rejected 408 Request Timeout\n"), "{told}");
    assert!(it.is_quiet());
}

#[test]
fn a_far_side_is_called_over_ipv6_and_over_a_connection_of_ours() {
    let mut it = Ladder::new().show(&["Via", "Contact"]);
    it.calls_uri("sip:5@[2001:db8::1]", "[2001:db8::1]:5060");
    let told = it.told();
    assert!(told.contains("> [2001:db8::1]:5060 INVITE sip:5@[2001:db8::1] | Via: SIP/2.0/UDP [2001:db8::100]:5060;"), "{told}");
    assert!(told.contains("Contact: <sip:1230@[2001:db8::100]:5060>"), "{told}");

    let mut it = Ladder::new().over_tcp().show(&["Contact"]);
    it.calls_uri("sip:5@192.0.2.1;transport=tcp", CARRIER);
    it.answers("INVITE", 180, "t", "");
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 (new connection) INVITE sip:5@192.0.2.1;transport=tcp | Contact: <sip:1230@192.0.2.100:5060;transport=tcp> | offer
 0.0 * Progressed 180
 0.0 > 192.0.2.1:5060 CANCEL sip:5@192.0.2.1;transport=tcp
"
    );
    it.flow_gone(CARRIER);
    assert_eq!(it.told(), "\n 0.0 * Rejected 487 Request Terminated\n");
    it.until(60_000);
    assert!(it.is_quiet());
}
