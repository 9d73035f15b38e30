//! Those who are not expected: they learn nothing, and keep nobody else from calling.

use super::ladder::{CARRIER, Ladder, PHONE, STRANGER, settings};
use crate::sip::{
    algorithm::Algorithm,
    auth::digest::Challenge,
    message::{Message, method::Method},
};

/// A request that says it is from `user`; `number` makes it another one.
fn from(method: &str, user: &str, number: u32, more: &str) -> String {
    format!(
        "\
{method} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 203.0.113.6:5060;branch=z9hG4bK{method}{number}
Max-Forwards: 70
From: <sip:{user}@lotse.example>;tag=s
To: <sip:{user}@lotse.example>
Call-ID: of-a-stranger
CSeq: {number} {method}
Contact: <sip:{user}@203.0.113.6:5060>
{more}"
    )
}

/// The last answer, as far as it could tell one name from another.
fn answer(it: &Ladder) -> Vec<(String, String)> {
    let Some((_, Message::Response(response))) = it.sent.last() else { return vec![] };
    let told = |name: &str| !["From", "To", "WWW-Authenticate"].contains(&name);
    let headers = response.headers.iter().filter(|(name, _)| told(name));
    let mut told: Vec<_> = headers.map(|(name, value)| (name.into(), value.into())).collect();
    told.push(("status".to_owned(), response.status.to_string()));
    told
}

#[test]
fn nobody_learns_which_phones_there_are() {
    for user in ["1001", "9999", "1002' OR 1=1"] {
        let mut it = Ladder::new();
        it.hears(STRANGER, &from("INVITE", user, 1, ""));
        assert_eq!(it.told(), "\n", "{user}");
        assert!(it.is_quiet());
    }
    // Who shows a password, even a wrong one, is answered alike, be there such a phone or not.
    let mut answers = vec![];
    for user in ["1001", "9999"] {
        let mut it = Ladder::new();
        it.hears(STRANGER, &from("REGISTER", user, 1, ""));
        answers.push(answer(&it));
        let Some((_, Message::Response(response))) = it.sent.last() else { panic!() };
        let challenges = response.headers.all("WWW-Authenticate");
        let known = Challenge::read(challenges.last().unwrap()).unwrap();
        assert_eq!(known.algorithm, Algorithm::Sha256);
        for method in [Method::REGISTER, Method::INVITE] {
            let shown = known.credentials(user, "guess", &method, "sip:lotse.example", 1, "c");
            let name = if method == Method::INVITE { "INVITE" } else { "REGISTER" };
            it.hears(STRANGER, &from(name, user, 2, &format!("Authorization: {shown}\n")));
            answers.push(answer(&it));
        }
    }
    let (known, unknown) = answers.split_at(3);
    assert_eq!(known, unknown);
    assert!(known.iter().all(|it| it.contains(&("status".into(), "401".into()))), "{known:?}");
}

#[test]
fn a_flood_of_registers_fills_no_table_and_a_carrier_calls_on() {
    let mut settings = settings();
    (settings.transactions_max, settings.challenges_max) = (10, 5);
    let mut it = Ladder::with(settings);
    for number in 0..1_000 {
        it.hears(STRANGER, &from("REGISTER", "1001", number, ""));
    }
    assert!(it.is_quiet());
    assert_eq!(it.sent.len(), 50);
    assert_eq!(it.endpoint.counts().rejected.get("rate"), Some(&950));
    it.told();
    it.hears(CARRIER, &from("INVITE", "+49341555", 1, "Content-Type: application/sdp\n\noffer"));
    assert!(it.told().contains("100 Trying (INVITE)"));
    // And a phone elsewhere comes in as ever.
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    assert!(it.told().contains("200 OK (REGISTER)"));
}

#[test]
fn a_request_that_comes_again_gets_the_very_same_answer() {
    let mut it = Ladder::new();
    it.hears(STRANGER, &from("REGISTER", "1001", 1, ""));
    it.hears(STRANGER, &from("REGISTER", "1001", 1, ""));
    it.hears(STRANGER, &from("REGISTER", "1001", 2, ""));
    let tags: Vec<_> = it
        .sent
        .iter()
        .map(|(_, message)| message.headers().to().unwrap().tag().unwrap().to_owned())
        .collect();
    assert_eq!(tags[0], tags[1]);
    assert_ne!(tags[0], tags[2]);
}

#[test]
fn whoever_calls_beside_registered_phones_is_asked_for_a_password() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    it.told();
    // From another port of the same address, so another socket of it or another phone.
    let beside = "198.51.100.7:40001";
    it.hears(beside, &from("INVITE", "1001", 1, ""));
    assert!(it.told().contains("401 Unauthorized (INVITE)"));
    let known = answer(&it);
    // And hears the same for a phone that is none of ours.
    it.hears(beside, &from("INVITE", "9999", 2, ""));
    assert!(it.told().contains("401 Unauthorized (INVITE)"));
    let same = |it: &(String, String)| it.0 != "Via" && it.0 != "CSeq";
    assert!(answer(&it).iter().filter(|it| same(it)).eq(known.iter().filter(|it| same(it))));
}

/// Guesses at `user`'s password from the `n`th of many addresses. Says whether it was answered.
fn guesses(it: &mut Ladder, user: &str, n: u32) -> bool {
    let place = format!("203.0.{}.{}:5060", n / 200, 1 + n % 200);
    guesses_from(it, &place, user, n)
}

/// Guesses once at `user`'s password, from there.
fn guesses_from(it: &mut Ladder, place: &str, user: &str, n: u32) -> bool {
    it.told();
    it.sent.clear();
    it.hears(place, &from("REGISTER", user, 2 * n, ""));
    let Some((_, Message::Response(response))) = it.sent.last() else { return false };
    let Some(known) = response.headers.all("WWW-Authenticate").find_map(Challenge::read) else {
        return false;
    };
    let shown = known.credentials(user, "guess", &Method::REGISTER, "sip:lotse.example", 1, "c");
    it.told();
    it.hears(place, &from("REGISTER", user, 2 * n + 1, &format!("Authorization: {shown}\n")));
    it.told() != "\n"
}

#[test]
fn one_password_is_not_guessed_from_many_addresses_and_its_phone_goes_on() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    let mut answered = |user| (0..100).filter(|n| guesses(&mut it, user, *n)).count();
    // Alike, be there such a phone or not.
    assert_eq!((answered("1001"), answered("4711")), (25, 25));
    // The phone comes back from where it was, on another port, and is let in.
    it.flow_gone(PHONE);
    it.told();
    it.registers("198.51.100.7:40077", 50, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    assert!(it.told().contains("200 OK (REGISTER)"));
    // Its neighbours hear as ever, and nobody who meets the silence is taken for a guesser.
    assert!(guesses(&mut it, "1002", 7));
    assert!(!guesses(&mut it, "1001", 199));
    let rejected = &it.endpoint.counts().rejected;
    assert_eq!((rejected.get("rate"), rejected.contains_key("user")), (None, true));
}

#[test]
fn a_phone_that_is_registered_guesses_no_other_phones_password() {
    let mut it = Ladder::new();
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    let answered = (10..60).filter(|n| guesses_from(&mut it, PHONE, "1002", *n)).count();
    assert_eq!(answered, 5);
    // It is itself as before.
    it.told();
    it.registers(PHONE, 900, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    assert!(it.told().contains("200 OK (REGISTER)"));
}
