//! Phones come, prove who they are, are called, and go.

use super::ladder::{DOOR, Ladder, PHONE, settings};
use crate::sip::{
    algorithm::Algorithm,
    auth::digest::Challenge,
    message::{Message, method::Method},
    settings::Settings,
    wire::Transport,
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
    pub(super) fn registers(&mut self, from: &str, number: u32, contact: &str, password: &str) {
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

#[test]
fn the_first_of_a_phones_bindings_to_answer_has_the_call() {
    let mut it = Ladder::new();
    it.registers("198.51.100.7:1", 1, "<sip:1001@10.0.0.7>", "dev-1001");
    it.registers("198.51.100.7:2", 3, "<sip:1001@10.0.0.8>", "dev-1001");
    it.registers("198.51.100.7:3", 5, "<sip:1001@10.0.0.9>", "dev-1001");
    it.told();
    it.calls_phone(0);
    let invites: Vec<_> = it.sent[it.sent.len() - 3..].to_vec();
    let answers = |it: &mut Ladder, place: usize, status, lines: &str| {
        let (peer, Message::Request(request)) = &invites[place] else { panic!() };
        it.answers_to(*peer, request, status, &format!("t{place}"), lines);
    };
    answers(&mut it, 0, 180, "");
    answers(&mut it, 1, 180, "");
    answers(&mut it, 1, 200, "Contact: <sip:1001@10.0.0.8>\n");
    // The first is cancelled, and says yes all the same.
    answers(&mut it, 0, 200, "Contact: <sip:1001@10.0.0.7>\n");
    it.answers("BYE", 200, "", "");
    it.answers("CANCEL", 481, "", "");
    // The third had not said a word, so its CANCEL had to wait.
    answers(&mut it, 2, 180, "");
    it.answers("CANCEL", 200, "", "");
    answers(&mut it, 2, 487, "");
    assert_eq!(
        it.told(),
        "
 0.0 > 198.51.100.7:1 INVITE sip:1001@10.0.0.7 | offer
 0.0 > 198.51.100.7:2 INVITE sip:1001@10.0.0.8 | offer
 0.0 > 198.51.100.7:3 INVITE sip:1001@10.0.0.9 | offer
 0.0 * Progressed 180
 0.0 * Progressed 180
 0.0 > 198.51.100.7:2 ACK sip:1001@10.0.0.8
 0.0 > 198.51.100.7:1 CANCEL sip:1001@10.0.0.7
 0.0 * Answered
 0.0 > 198.51.100.7:1 ACK sip:1001@10.0.0.7
 0.0 > 198.51.100.7:1 BYE sip:1001@10.0.0.7
 0.0 > 198.51.100.7:3 CANCEL sip:1001@10.0.0.9
 0.0 > 198.51.100.7:3 ACK sip:1001@10.0.0.9
"
    );
}

#[test]
fn the_best_of_all_refusals_is_told() {
    for (statuses, best) in [
        ([486, 480, 503], 486),
        ([408, 486, 500], 486),
        ([404, 603, 486], 603),
        ([503, 500, 502], 500),
        ([486, 401, 404], 401),
        ([302, 486, 500], 302),
    ] {
        let mut it = Ladder::new();
        for place in 0..3 {
            let from = format!("198.51.100.7:{}", place + 1);
            let contact = format!("<sip:1001@10.0.0.{place}>");
            it.registers(&from, 2 * place + 1, &contact, "dev-1001");
        }
        it.calls_phone(0);
        let invites: Vec<_> = it.sent[it.sent.len() - 3..].to_vec();
        it.told();
        for ((peer, invite), status) in invites.iter().zip(statuses) {
            let Message::Request(invite) = invite else { panic!() };
            it.answers_to(*peer, invite, status, "t", "");
        }
        let told = it.told();
        assert!(told.contains(&format!("* Rejected {best} ")), "{statuses:?}{told}");
    }
}

#[test]
fn a_device_that_comes_back_replaces_what_it_left_behind() {
    let mut it = Ladder::new().show(&["Contact"]);
    let device = |port| format!("<sip:1001@10.0.0.7:{port}>;+sip.instance=\"<urn:uuid:1>\"");
    it.registers(PHONE, 1, &device(1), "dev-1001");
    it.registers(PHONE, 3, &device(2), "dev-1001");
    it.registers(PHONE, 5, "<sip:1001@10.0.0.9>;expires=100", "dev-1001");
    it.until(10_000);
    it.told();
    // No Contact asks what there is.
    let ask = register(7, "x").replace("Contact: x\n", "");
    it.hears(PHONE, &ask);
    let credentials = it.credentials(Algorithm::Sha256, "dev-1001", &Method::REGISTER);
    let ask = ask.replace("r7", "r8");
    it.hears(PHONE, &format!("{ask}Authorization: {credentials}\n"));
    assert_eq!(
        it.told(),
        "
10.0 > 198.51.100.7:40000 401 Unauthorized (REGISTER)
10.0 > 198.51.100.7:40000 200 OK (REGISTER) | Contact: <sip:1001@10.0.0.7:2>;expires=590;+sip.instance=\"<urn:uuid:1>\" | Contact: <sip:1001@10.0.0.9>;expires=90
"
    );
    assert_eq!(it.endpoint.counts().bindings, 2);
}

#[test]
fn a_registration_is_granted_within_limits() {
    let mut it = Ladder::new().show(&["Contact", "Min-Expires"]);
    it.registers(PHONE, 1, "<sip:a@10.0.0.7>;expires=29", "dev-1001");
    it.registers(PHONE, 3, "<sip:a@10.0.0.7>;expires=99999999999", "dev-1001");
    it.registers(PHONE, 5, "<sip:b@10.0.0.7>", "dev-1001");
    it.registers(PHONE, 7, "<sip:c@10.0.0.7>", "dev-1001");
    // Three are as many as may be: the oldest goes.
    it.registers(PHONE, 9, "<sip:d@10.0.0.7>", "dev-1001");
    // What came before comes again by another way, too late.
    it.hears(PHONE, &register(10, "<sip:d@10.0.0.7>").replace("bKr", "bKlate"));
    let credentials = it.credentials(Algorithm::Md5, "dev-1001", &Method::REGISTER);
    let late = register(10, "<sip:d@10.0.0.7>").replace("bKr", "bKlater");
    it.hears(PHONE, &format!("{late}Authorization: {credentials}\n"));
    it.registers(PHONE, 11, "*", "dev-1001");
    it.registers(PHONE, 13, "*\nExpires: 0", "dev-1001");
    let told = it.told().replace(" > 198.51.100.7:40000", "");
    let told: Vec<_> = told.lines().filter(|it| !it.contains("401")).collect();
    let told = told.join("\n") + "\n";
    assert_eq!(
        told,
        "
 0.0 423 Interval Too Brief (REGISTER) | Min-Expires: 30
 0.0 200 OK (REGISTER) | Contact: <sip:a@10.0.0.7>;expires=3600
 0.0 * PhoneUp { phone: PhoneNo { turn: 0, slot: 0 } }
 0.0 200 OK (REGISTER) | Contact: <sip:a@10.0.0.7>;expires=3600 | Contact: <sip:b@10.0.0.7>;expires=600
 0.0 200 OK (REGISTER) | Contact: <sip:a@10.0.0.7>;expires=3600 | Contact: <sip:b@10.0.0.7>;expires=600 | Contact: <sip:c@10.0.0.7>;expires=600
 0.0 200 OK (REGISTER) | Contact: <sip:b@10.0.0.7>;expires=600 | Contact: <sip:c@10.0.0.7>;expires=600 | Contact: <sip:d@10.0.0.7>;expires=600
 0.0 500 Server Internal Error (REGISTER)
 0.0 400 Bad Contact (REGISTER)
 0.0 200 OK (REGISTER)
 0.0 * PhoneDown { phone: PhoneNo { turn: 0, slot: 0 } }
"
    );
}

#[test]
fn guessing_is_answered_alike_for_all_and_then_not_at_all() {
    let mut it = Ladder::new();
    for number in 0..4 {
        it.registers(PHONE, 2 * number, "<sip:a@b>", "wrong");
    }
    let known = it.told();
    let mut it = Ladder::new();
    for number in 0..4 {
        let register = register(2 * number, "<sip:a@b>").replace("1001", "4711");
        it.hears(PHONE, &register);
        let credentials = it.credentials(Algorithm::Md5, "wrong", &Method::REGISTER);
        let again = register.replace("bKr", "bKs")
            + "Authorization: "
            + &credentials.replace("1001", "4711");
        it.hears(PHONE, &again);
    }
    assert_eq!(it.told(), known);
    assert_eq!(known.matches("401 Unauthorized").count(), 8);

    it.registers(PHONE, 20, "<sip:a@b>", "wrong");
    it.told();
    it.hears(PHONE, &register(30, "<sip:a@b>"));
    it.hears("198.51.100.8:1", &register(30, "<sip:a@b>"));
    // Its neighbours are not ignored for it.
    assert_eq!(it.told(), "\n 0.0 > 198.51.100.8:1 401 Unauthorized (REGISTER)\n");
    assert_eq!(format!("{:?}", it.endpoint.counts().rejected), r#"{"auth": 5, "rate": 1}"#);
    it.until(61_000);
    it.hears(PHONE, &register(31, "<sip:a@b>"));
    assert!(it.told().contains("401"));
}

#[test]
fn what_was_overheard_opens_nothing() {
    let mut it = Ladder::new().show(&["WWW-Authenticate"]);
    it.hears(PHONE, &register(1, "<sip:a@b>"));
    let credentials = it.credentials(Algorithm::Sha256, "dev-1001", &Method::REGISTER);
    it.hears(PHONE, &format!("{}Authorization: {credentials}\n", register(2, "<sip:a@b>")));
    assert!(it.told().contains("200 OK"));
    // Again, by someone else.
    it.hears(
        "203.0.113.6:1",
        &format!("{}Authorization: {credentials}\n", register(3, "<sip:a@evil>")),
    );
    let told = it.told();
    assert!(told.contains("401") && told.contains("stale=true"), "{told}");
    // Too late, with a count of its own.
    it.until(400_000);
    it.hears(PHONE, &register(4, "<sip:a@b>"));
    let credentials = it.credentials(Algorithm::Md5, "dev-1001", &Method::REGISTER);
    it.until(701_000);
    it.told();
    it.hears(PHONE, &format!("{}Authorization: {credentials}\n", register(5, "<sip:a@b>")));
    let told = it.told();
    assert!(told.contains("401") && told.contains("stale=true"), "{told}");
    assert!(told.find("MD5") < told.find("SHA-256"), "{told}");
}

#[test]
fn clients_that_choke_on_a_challenge_they_do_not_know_are_spared_it() {
    let mut it = Ladder::new().show(&["WWW-Authenticate"]);
    it.hears(PHONE, &(register(1, "<sip:a@b>") + "User-Agent: baresip v1.0.0 (x86_64/linux)\n"));
    let told = it.told();
    assert!(told.contains("MD5") && !told.contains("SHA-256"), "{told}");
    it.hears(PHONE, &(register(2, "<sip:a@b>") + "User-Agent: baresip v3.15.0 (x86_64/linux)\n"));
    let told = it.told();
    assert!(told.find("MD5") < told.find("SHA-256"), "{told}");
}

/// Who keeps the last challenge, or the first, and knows MD5 only. Where browsers speak there is
/// nothing else to be misread.
#[test]
fn clients_that_keep_one_challenge_of_several_register_over_websockets() {
    let mut it = Ladder::new().over(Transport::Ws);
    it.hears(PHONE, &register(1, "<sip:x@abc.invalid;transport=ws>"));
    let Some((_, Message::Response(response))) = it.sent.last() else { panic!() };
    let challenges: Vec<_> = response.headers.all("WWW-Authenticate").collect();
    assert_eq!(challenges.len(), 1);
    let last = Challenge::read(challenges[0]).unwrap();
    assert_eq!(last.algorithm, Algorithm::Md5);
    let shown =
        last.credentials("1001", "dev-1001", &Method::REGISTER, "sip:lotse.example", 1, "c");
    let again = register(2, "<sip:x@abc.invalid;transport=ws>");
    it.hears(PHONE, &format!("{again}Authorization: {shown}\n"));
    assert!(it.told().contains("200 OK (REGISTER)"));
}

/// What is not offered is no way in, even with the right password.
#[test]
fn a_listener_for_sha_256_alone_takes_no_answer_by_md5() {
    let digests = vec![vec![Algorithm::Sha256]];
    let mut it = Ladder::with(Settings { digests, ..settings() });
    it.hears(PHONE, &register(1, "<sip:a@b>"));
    let Some((_, Message::Response(response))) = it.sent.last() else { panic!() };
    let challenge = response.headers.all("WWW-Authenticate").find_map(Challenge::read).unwrap();
    assert_eq!(challenge.algorithm, Algorithm::Sha256);
    for (number, algorithm, status) in [(2, Algorithm::Md5, "401"), (3, Algorithm::Sha256, "200")] {
        let challenge = Challenge { algorithm, ..challenge.clone() };
        let (uri, register) = ("sip:lotse.example", register(number, "<sip:a@b>"));
        let shown = challenge.credentials("1001", "dev-1001", &Method::REGISTER, uri, number, "c");
        it.told();
        it.hears(PHONE, &format!("{register}Authorization: {shown}\n"));
        let told = it.told();
        assert!(told.contains(status), "{algorithm:?}: {told}");
    }
}

#[test]
fn a_binding_goes_with_its_connection_and_is_called_over_it() {
    let mut it = Ladder::new().over_tcp();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7;transport=tcp>", "dev-1001");
    it.told();
    it.calls_phone(0);
    let (peer, _) = it.asked("INVITE");
    assert_eq!(peer, it.peer(PHONE));
    it.answers("INVITE", 180, "t", "");
    it.flow_gone(PHONE);
    it.until(40_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 198.51.100.7:40000 INVITE sip:1001@10.0.0.7;transport=tcp | offer
 0.0 * Progressed 180
 0.0 * PhoneDown { phone: PhoneNo { turn: 0, slot: 0 } }
 0.0 * Rejected 503 Service Unavailable
"
    );
    assert!(it.is_quiet());
}

#[test]
fn a_phone_that_calls_is_known_by_its_binding_or_by_its_password() {
    let invite = |number: u32, from: &str| {
        format!(
            "\
INVITE sip:1230@lotse.example SIP/2.0
Via: SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bKi{number}
From: <sip:{from}@lotse.example>;tag=i{number}
To: <sip:1230@lotse.example>
Call-ID: {number}
CSeq: {number} INVITE
Contact: <sip:x@10.0.0.7>
"
        )
    };
    let mut it = Ladder::new();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7>", "dev-1001");
    it.told();
    it.hears(PHONE, &invite(1, "1001"));
    it.hears(PHONE, &invite(2, "whoever"));
    // The other account of that telephone has to show its password.
    it.hears(PHONE, &invite(3, "1002"));
    // So has a phone that stands where a carrier may.
    it.hears("192.0.2.5:5060", &invite(4, "1001"));
    let credentials = it.credentials(Algorithm::Md5, "dev-1001", &Method::INVITE);
    let again = invite(5, "1001");
    it.hears("192.0.2.5:5060", &format!("{again}Authorization: {credentials}\n"));
    it.hears("192.0.2.5:5060", &invite(6, "sipp"));
    // A phone without password is known by where it stands; elsewhere its name is any name.
    it.hears("192.0.2.5:5060", &invite(7, "door"));
    it.hears("203.0.113.6:5060", &invite(8, "door"));
    it.hears(DOOR, &invite(9, "door"));
    it.hears(DOOR, &invite(10, "1003"));
    assert_eq!(
        it.told(),
        "
 0.0 > 198.51.100.7:40000 100 Trying (INVITE)
 0.0 * Invited by Phone(PhoneNo { turn: 0, slot: 0 }): 1001 calls 1230
 0.0 > 198.51.100.7:40000 100 Trying (INVITE)
 0.0 * Invited by Phone(PhoneNo { turn: 0, slot: 0 }): whoever calls 1230
 0.0 > 198.51.100.7:40000 401 Unauthorized (INVITE)
 0.0 > 192.0.2.5:5060 401 Unauthorized (INVITE)
 0.0 > 192.0.2.5:5060 100 Trying (INVITE)
 0.0 * Invited by Phone(PhoneNo { turn: 0, slot: 0 }): 1001 calls 1230
 0.0 > 192.0.2.5:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): sipp calls 1230
 0.0 > 192.0.2.5:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): door calls 1230
 0.0 > 198.51.100.9:5060 100 Trying (INVITE)
 0.0 * Invited by Phone(PhoneNo { turn: 0, slot: 2 }): door calls 1230
"
    );
}

#[test]
fn a_phone_that_is_no_longer_in_the_configuration_is_down() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7>", "dev-1001");
    it.told();
    let mut settings = super::ladder::settings();
    settings.phones[0] = None;
    it.does(|it, now, out| it.reconfigure(now, settings, out));
    assert_eq!(it.told(), "\n 0.0 * PhoneDown { phone: PhoneNo { turn: 0, slot: 0 } }\n");
    assert!(!it.endpoint.is_registered(crate::base::numbers::PhoneNo::first(0)));
}
