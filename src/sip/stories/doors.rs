//! Listeners kept for trunks or for phones: whom they hear, and from where others are called.

use super::ladder::{CARRIER, Ladder, PHONE, settings};
use crate::sip::{
    settings::{Serves, Settings},
    verb::Target,
    wire::Transport,
};

const INVITE: &str = "\
INVITE sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa
From: <sip:+49341555@192.0.2.1>;tag=c1
To: <sip:1230@192.0.2.100>
Call-ID: call-1
CSeq: 1 INVITE
Contact: <sip:carrier@192.0.2.1:5060>
";

/// All that comes, comes to the first listener, which serves `first`.
fn kept_for(first: Serves) -> Settings {
    Settings { serves: vec![first], ..settings() }
}

#[test]
fn a_carrier_at_the_phones_listener_is_a_stranger() {
    let mut it = Ladder::with(kept_for(Serves::Phones));
    it.hears(CARRIER, INVITE);
    it.hears(CARRIER, &INVITE.replace("INVITE", "OPTIONS"));
    assert_eq!(it.told(), "\n");
    assert_eq!(it.endpoint.counts().rejected.get("acl"), Some(&2));
    it.registers(PHONE, 1, "<sip:1001@10.0.0.7:5060>", "dev-1001");
    assert!(it.told().contains("200 OK (REGISTER)"));
}

#[test]
fn a_phone_at_the_trunks_listener_is_a_stranger() {
    let mut it = Ladder::with(kept_for(Serves::Trunks));
    let register = INVITE.replace("INVITE", "REGISTER").replace("+49341555", "1001");
    it.hears(PHONE, &register);
    it.hears(PHONE, &INVITE.replace("+49341555", "1001"));
    assert_eq!(it.told(), "\n");
    it.hears(CARRIER, INVITE);
    assert!(it.told().contains("Invited by Trunk"));
}

#[test]
fn a_carrier_is_called_from_the_listener_that_is_kept_for_carriers() {
    let kept = (Transport::Udp, "192.0.2.101:5060".parse().unwrap());
    let mut settings = settings();
    settings.listen.push(kept);
    settings.serves = vec![Serves::Everyone, Serves::Everyone, Serves::Everyone, Serves::Trunks];
    let mut it = Ladder::with(settings);
    for (remote, local) in [(CARRIER, "192.0.2.101:5060"), (PHONE, "192.0.2.100:5060")] {
        let remote = remote.parse().unwrap();
        let uri = format!("sip:1@{remote}");
        it.calls(Target::Uri { uri, transport: Transport::Udp, remote });
        assert_eq!(it.sent.last().unwrap().0.local, local.parse().unwrap());
    }
}
