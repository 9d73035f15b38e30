//! Phones come, prove who they are, are called, and go.

use super::ladder::{Ladder, PHONE};
use crate::sip::{
    digest::{Algorithm, Challenge},
    message::Message,
    method::Method,
};

/// A REGISTER of 1001, without credentials.
fn register(number: u32, contact: &str) -> String {
    format!(
        "\
REGISTER sip:lotse.example SIP/2.0
Via: SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bKr{number}
From: <sip:1001@lotse.example>;tag=p
To: <sip:1001@lotse.example>
Call-ID: reg
CSeq: {number} REGISTER
Contact: {contact}
"
    )
}

impl Ladder {
    /// Registers 1001 with that password, answering the challenge.
    fn registers(&mut self, from: &str, number: u32, contact: &str, password: &str) {
        self.hears(from, &register(number, contact));
        let credentials = self.credentials(Algorithm::Md5, password, &Method::REGISTER);
        let again = register(number + 1, contact);
        self.hears(from, &format!("{again}Authorization: {credentials}\n"));
    }

    fn credentials(&self, algorithm: Algorithm, password: &str, method: &Method) -> String {
        let Some((_, Message::Response(response))) = self.sent.last() else { panic!() };
        let challenges = response.headers.all("WWW-Authenticate").filter_map(Challenge::read);
        let challenge = challenges.into_iter().find(|it| it.algorithm == algorithm).unwrap();
        challenge.credentials("1001", password, method, "sip:lotse.example", 1, "c")
    }
}

#[test]
fn a_phone_registers_is_called_where_it_came_from_and_lapses() {
    let mut it = Ladder::new().show(&["Contact"]);
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>;expires=60", "dev-1001");
    it.calls_phone(0);
    it.answers("INVITE", 486, "t", "");
    it.until(61_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 198.51.100.7:40000 401 Unauthorized (REGISTER)
 0.0 > 198.51.100.7:40000 200 OK (REGISTER) | Contact: <sip:1001@10.0.0.7:5060>;expires=60
 0.0 * PhoneUp { phone: PhoneNo { turn: 0, slot: 0 } }
 0.0 > 198.51.100.7:40000 INVITE sip:1001@10.0.0.7:5060 | Contact: <sip:1230@192.0.2.100:5060> | offer
 0.0 > 198.51.100.7:40000 ACK sip:1001@10.0.0.7:5060
 0.0 * Rejected 486 Busy Here
60.0 * PhoneDown { phone: PhoneNo { turn: 0, slot: 0 } }
"
    );
    assert!(it.is_quiet());
}
