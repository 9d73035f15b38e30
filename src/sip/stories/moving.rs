//! Phones that move while they ring or speak: their router gives them another port, or their
//! connection breaks and stands again.

use super::ladder::{Ladder, PHONE};
use crate::sip::message::header::reason::Reason;

/// Where the router has the phone behind it stand from now on.
const MOVED: &str = "198.51.100.7:40077";
const CONTACT: &str = "<sip:1001@10.0.0.7:5060>";
const ANSWER: &str = "Contact: <sip:1001@10.0.0.7:5060>\nContent-Type: application/sdp\n\nanswer";

/// Whether it is quiet, and what was told since the phone moved.
fn ends(mut it: Ladder) -> String {
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    let told = it.told();
    it.answers("BYE", 200, "", "");
    it.until(60_000);
    assert!(it.is_quiet());
    told
}

#[test]
fn a_phone_that_moves_while_it_rings_is_answered_and_ended_where_it_is_now() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, CONTACT, "dev-1001");
    it.calls_phone(0);
    it.answers("INVITE", 180, "t", "");
    let (was, invite) = it.asked("INVITE");
    it.registers(MOVED, 3, CONTACT, "dev-1001");
    it.told();
    it.answers_to(it.peer(MOVED), &invite, 200, "t", ANSWER);
    assert_eq!(was, it.peer(PHONE));
    assert_eq!(
        it.told(),
        "
 0.0 > 198.51.100.7:40077 ACK sip:1001@10.0.0.7:5060
 0.0 * Answered answer
"
    );
    assert_eq!(ends(it), "\n 0.0 > 198.51.100.7:40077 BYE sip:1001@10.0.0.7:5060\n");
}

#[test]
fn a_phone_that_moves_while_it_speaks_hears_that_the_call_is_over() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, CONTACT, "dev-1001");
    it.calls_phone(0);
    it.answers("INVITE", 200, "t", ANSWER);
    it.registers(MOVED, 3, CONTACT, "dev-1001");
    it.told();
    assert_eq!(ends(it), "\n 0.0 > 198.51.100.7:40077 BYE sip:1001@10.0.0.7:5060\n");
}

#[test]
fn another_phone_of_the_same_user_that_registers_takes_no_call_along() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, CONTACT, "dev-1001");
    it.calls_phone(0);
    it.answers("INVITE", 200, "t", ANSWER);
    it.registers(MOVED, 3, "<sip:1001@10.0.0.8:5060>", "dev-1001");
    it.told();
    assert_eq!(ends(it), "\n 0.0 > 198.51.100.7:40000 BYE sip:1001@10.0.0.7:5060\n");
}

#[test]
fn a_phone_whose_connection_breaks_while_it_speaks_is_told_over_the_next_one() {
    let mut it = Ladder::new().over_tcp();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:40000;transport=tcp>", "dev-1001");
    it.calls_phone(0);
    it.answers("INVITE", 200, "t", ANSWER);
    it.flow_gone(PHONE);
    it.registers(MOVED, 3, "<sip:1001@10.0.0.7:40077;transport=tcp>", "dev-1001");
    it.told();
    assert_eq!(ends(it), "\n 0.0 > 198.51.100.7:40077 BYE sip:1001@10.0.0.7:5060\n");
}
