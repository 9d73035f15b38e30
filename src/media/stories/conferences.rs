//! Stories of conferences: who hears whom, and what is left when one leaves.

use crate::{
    base::{numbers::LegNo, time::Span},
    media::{
        machine::{Input, Load, Output},
        order::{Codec, Order, Stream},
        stories::scene::*,
    },
    rtp::{
        g711,
        packet::{self, Head, Ssrc},
    },
};

const COLLEAGUE: LegNo = LegNo::first(2);
const PARTIES: [(LegNo, u16, &str, Codec, i16); 3] = [
    (CALLER, CALLER_PORT, CALLER_ADDRESS, Codec::Pcma, 1_000),
    (AGENT, AGENT_PORT, AGENT_ADDRESS, Codec::Pcmu, 2_000),
    (COLLEAGUE, 20_004, "192.0.2.3:6000", Codec::Pcma, 4_000),
];

fn conference() -> Story {
    let mut story = Story::new();
    for (leg, port, address, codec, _) in PARTIES {
        let stream = Stream { codec, payload_type: codec.payload_type(), ..stream(address) };
        story.order(Order::Open { leg, port, stream });
    }
    story.order(Order::Mix { legs: [CALLER, AGENT, COLLEAGUE] });
    assert_eq!(story.told(), "");
    story
}

/// Everyone says its own loudness for 20 ms, number `number`; what leaves each port.
fn round(story: &mut Story, number: u16) -> Vec<(u16, i16)> {
    let mut heard = vec![];
    let mut hear = |out: &Output, received: &[u8]| {
        for departure in &out.departures {
            let bytes = match &departure.load {
                Load::Received(len) => &received[..*len],
                Load::Written(range) => &out.bytes[range.clone()],
            };
            if departure.port % 2 == 1 {
                continue;
            }
            let (head, payload) = packet::read(bytes).unwrap();
            let sample = bytes[payload.start + 80];
            let loud = match head.payload_type {
                8 => g711::from_pcma(sample),
                _ => g711::from_pcmu(sample),
            };
            heard.push((departure.port, loud));
        }
    };
    for (_, port, address, codec, loud) in PARTIES {
        let sample = if codec == Codec::Pcma { g711::to_pcma(loud) } else { g711::to_pcmu(loud) };
        let head = Head {
            marker: false,
            payload_type: codec.payload_type(),
            sequence: number,
            timestamp: u32::from(number) * 160,
            ssrc: Ssrc(port.into()),
        };
        let mut room = vec![];
        packet::write(&mut room, head, &[sample; 160]);
        let len = room.len();
        room.resize(len + 32, 0);
        let mut out = Output::default();
        let input = Input::Packet { port, from: at(address), room: &mut room, len };
        story.machine.handle(story.now, input, &mut out);
        hear(&out, &room);
    }
    story.now = story.now + Span::millis(20);
    let mut out = Output::default();
    story.machine.handle(story.now, Input::Tick, &mut out);
    hear(&out, &[]);
    heard
}

/// What each heard in the last of so many rounds.
fn heard(story: &mut Story, rounds: std::ops::Range<u16>) -> String {
    let last = rounds.map(|number| round(story, number)).last().unwrap();
    let close = |loud: i16| f64::from(loud) / 1_000.0;
    let tell = |(port, loud): &(u16, i16)| format!("{port}: {:.1}\n", close(*loud));
    last.iter().map(tell).collect::<Vec<_>>().concat()
}

#[test]
fn each_of_three_hears_the_sum_of_the_others_as_its_codec_has_it() {
    let mut story = conference();
    // A-law and µ-law know few steps up there: 6, 5 and 3 thousand.
    assert_eq!(heard(&mut story, 0..10), "20000: 6.0\n20002: 5.1\n20004: 3.0\n");
}

#[test]
fn the_two_who_are_left_hear_each_other_and_one_hears_nothing() {
    let mut story = conference();
    heard(&mut story, 0..10);
    story.order(Order::Close { leg: AGENT });
    assert_eq!(heard(&mut story, 10..12), "20004: 1.0\n20000: 4.0\n");
    story.order(Order::Close { leg: COLLEAGUE });
    assert_eq!(heard(&mut story, 12..14), "");
}

#[test]
fn who_is_joined_or_hears_a_sound_has_left_the_conference() {
    let mut story = conference();
    heard(&mut story, 0..10);
    story.order(Order::Join { a: CALLER, b: COLLEAGUE });
    assert_eq!(heard(&mut story, 10..12), "20004: 1.0\n20000: 4.0\n");

    let mut story = conference();
    story.order(Order::Mix { legs: [CALLER, AGENT, COLLEAGUE] });
    story.order(Order::Stop { leg: CALLER });
    assert_eq!(heard(&mut story, 0..2), "20004: 2.0\n20002: 4.1\n");
}

#[test]
fn who_holds_the_line_is_not_heard_and_hears_nothing() {
    let mut story = conference();
    let held = Stream { send: false, receive: false, ..stream(CALLER_ADDRESS) };
    story.order(Order::Change { leg: CALLER, stream: held });
    assert_eq!(heard(&mut story, 0..10), "20002: 4.1\n20004: 2.0\n");
}

#[test]
fn a_conference_of_who_is_not_there_is_refused() {
    let mut story = Story::joined();
    story.order(Order::Mix { legs: [CALLER, AGENT, COLLEAGUE] });
    story.order(Order::Mix { legs: [CALLER, AGENT, CALLER] });
    assert_eq!(
        story.told(),
        "0s cannot mix leg-2: it is not open\n0s cannot mix leg-0 with itself\n"
    );
}
