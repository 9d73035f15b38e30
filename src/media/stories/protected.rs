//! Stories of calls under SRTP, of keys that change, of reports that share a port, and of strangers.

use crate::{
    base::time::Span,
    media::{
        order::{Order, Protection, Stream},
        stories::scene::*,
    },
    rtp::{
        packet::{self, Head, Ssrc},
        srtp::{receiver::Receiver, sender::Sender, suite::Suite},
    },
};

/// The agent's phone: it seals what it says and opens what it hears.
struct Phone {
    sender: Sender,
    receiver: Receiver,
}

impl Phone {
    fn with(protection: &Protection) -> Self {
        Self {
            sender: Sender::new(protection.suite, protection.receive.unmask()).unwrap(),
            receiver: Receiver::new(protection.suite, protection.send.unmask()).unwrap(),
        }
    }

    /// A packet as it leaves the phone.
    fn says(&mut self, sequence: u16) -> Vec<u8> {
        let head = Head { payload_type: 8, sequence, ssrc: Ssrc(9), ..Head::default() };
        let mut bytes = vec![];
        packet::write(&mut bytes, head, &[0xD5; 160]);
        bytes.extend([0; Suite::GROWTH_MAX]);
        let len = self.sender.seal_rtp(&mut bytes, 172).unwrap();
        bytes.truncate(len);
        bytes
    }

    /// What a packet holds, if it is for this phone.
    fn hears(&mut self, mut bytes: Vec<u8>) -> Option<(Head, Vec<u8>)> {
        let len = self.receiver.open_rtp(&mut bytes)?;
        let (head, payload) = packet::read(&bytes[..len])?;
        Some((head, bytes[payload].to_vec()))
    }
}

fn protected(seed: u8) -> Stream {
    Stream { protection: Some(protection(seed)), ..stream(AGENT_ADDRESS) }
}

/// A plain caller and an agent under SRTP, joined.
fn joined(seed: u8) -> (Story, Phone) {
    let mut story = Story::new();
    story.order(Order::Open { leg: CALLER, port: CALLER_PORT, stream: stream(CALLER_ADDRESS) });
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: protected(seed) });
    story.order(Order::Join { a: CALLER, b: AGENT });
    (story, Phone::with(&protection(seed)))
}

#[test]
fn a_plain_caller_and_an_agent_under_srtp_hear_each_other() {
    let (mut story, mut phone) = joined(1);
    for number in 0..3 {
        story.datagram(AGENT_PORT, AGENT_ADDRESS, &phone.says(number));
        story.comes(CALLER_PORT, CALLER_ADDRESS, number);
        let (head, payload) = phone.hears(story.last.clone()).unwrap();
        assert_eq!((head.payload_type, payload), (8, vec![0xD5; 160]));
    }
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:5000: 8 #0 @0 170 bytes M
0s 20000 > 192.0.2.1:4000: 8 #1 @0 160 bytes
0s 20002 > 192.0.2.2:5000: 8 #1 @160 170 bytes
0s 20000 > 192.0.2.1:4000: 8 #2 @0 160 bytes
0s 20002 > 192.0.2.2:5000: 8 #2 @320 170 bytes
"
    );
    story.order(Order::Close { leg: AGENT });
    assert!(story.told().ends_with("leg-1 closed: 3 in, 3 out, 0 lost, 0 refused\n"));
    let mut report = story.last.clone();
    assert!(phone.receiver.open_rtcp(&mut report).is_some());
}

/// In the first second, before the phone has said a word, and ever after.
#[test]
fn nobody_without_the_key_is_heard_from_wherever_it_speaks() {
    let (mut story, mut phone) = joined(1);
    let mut stranger = Phone::with(&protection(66));
    for number in 0..50 {
        // With a key of its own, without any, and from the phone's very address.
        for from in [AGENT_ADDRESS, "203.0.113.66:5000", "192.0.2.2:666"] {
            story.datagram(AGENT_PORT, from, &stranger.says(number * 3));
            story.comes(AGENT_PORT, from, number);
            stranger = Phone::with(&protection(66));
        }
        story.pass(Span::millis(20));
    }
    assert_eq!(story.told(), "");
    let first = phone.says(1);
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &first);
    // What was heard once is not heard again, whoever repeats it.
    story.datagram(AGENT_PORT, "203.0.113.66:5000", &first);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    assert_eq!(
        story.told(),
        "\
1s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
1s 20002 > 192.0.2.2:5000: 8 #0 @0 170 bytes M
"
    );
}

#[test]
fn a_phone_that_has_the_key_is_followed_wherever_it_moves() {
    let (mut story, mut phone) = joined(1);
    story.datagram(AGENT_PORT, "198.51.100.7:61000", &phone.says(1));
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &phone.says(2));
    story.comes(CALLER_PORT, CALLER_ADDRESS, 2);
    let told = story.told();
    let goals: Vec<_> =
        told.lines().filter_map(|it| it.split(" > ").nth(1)?.split(": ").next()).collect();
    assert_eq!(goals, ["192.0.2.1:4000", "198.51.100.7:61000", "192.0.2.1:4000", AGENT_ADDRESS]);
}

#[test]
fn keys_that_stay_go_on_counting_and_new_ones_begin_anew() {
    let (mut story, mut phone) = joined(1);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    assert!(phone.hears(story.last.clone()).is_some());
    // A hold and its end with the same keys: the phone's counters stand, and so must ours.
    story.order(Order::Change { leg: AGENT, stream: Stream { send: false, ..protected(1) } });
    story.order(Order::Change { leg: AGENT, stream: protected(1) });
    let said = phone.says(1);
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &said);
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &said);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 2);
    assert!(phone.hears(story.last.clone()).is_some());
    story.told();

    story.order(Order::Change { leg: AGENT, stream: protected(20) });
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &phone.says(2));
    assert_eq!(story.told(), "", "the old key opens nothing any more");
    let mut phone = Phone::with(&protection(20));
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &phone.says(3));
    story.comes(CALLER_PORT, CALLER_ADDRESS, 3);
    assert!(phone.hears(story.last.clone()).is_some());
    assert_eq!(story.told().lines().count(), 2);
    story.order(Order::Close { leg: AGENT });
    assert!(story.told().ends_with("leg-1 closed: 2 in, 3 out, 1 lost, 2 refused\n"));
}

#[test]
fn a_plain_leg_may_become_protected_and_plain_again() {
    let mut story = Story::joined();
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    story.order(Order::Change { leg: AGENT, stream: protected(1) });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 2);
    let mut phone = Phone::with(&protection(1));
    story.datagram(AGENT_PORT, AGENT_ADDRESS, &phone.says(3));
    story.order(Order::Change { leg: AGENT, stream: stream(AGENT_ADDRESS) });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 4);
    assert_eq!(story.told().lines().count(), 3);
}

#[test]
fn keys_that_do_not_fit_are_told_and_open_nothing() {
    let mut story = Story::new();
    let suite = Suite::AeadAes256Gcm;
    let wrong =
        Stream { protection: Some(Protection { suite, ..protection(1) }), ..stream(AGENT_ADDRESS) };
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: wrong });
    assert_eq!(story.told(), "0s cannot open leg-1: its keys do not fit their suite\n");
    assert_eq!(story.machine.legs(), 0);
}

#[test]
fn reports_share_the_port_of_sound_where_that_was_agreed() {
    let mut story = Story::joined();
    let shared = Stream { rtcp_mux: true, ..stream(CALLER_ADDRESS) };
    story.order(Order::Change { leg: CALLER, stream: shared });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.order(Order::Close { leg: CALLER });
    story.order(Order::Close { leg: AGENT });
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
0s 20000 > 192.0.2.1:4000: report: sends, hears, goodbye
0s leg-0 closed: 1 in, 1 out, 0 lost, 0 refused
0s 20003 > 192.0.2.2:5001: report: sends, hears, goodbye
0s leg-1 closed: 1 in, 1 out, 0 lost, 0 refused
"
    );
}
