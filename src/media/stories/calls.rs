//! Stories of calls: greeting, joining, holds, keys, codecs, closing.

use crate::{
    base::{
        numbers::{LegNo, SoundNo},
        time::Span,
    },
    media::{
        machine::{Input, Output},
        order::{Codec, Notice, Order, Stream},
        stories::scene::*,
    },
    rtp::{
        dtmf::Event,
        g711, g722,
        packet::{self, Head, Ssrc},
        rtcp::{self, Block, Compound, Sender},
    },
};

#[test]
fn a_call_from_its_greeting_to_its_end() {
    let mut story = Story::new();
    story.order(Order::Open { leg: CALLER, port: CALLER_PORT, stream: stream(CALLER_ADDRESS) });
    let sounds = vec![SoundNo::first(5), SoundNo::first(6)];
    story.order(Order::Play { leg: CALLER, sounds, loop_last: true });
    story.pass(Span::millis(130));
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: stream(AGENT_ADDRESS) });
    story.order(Order::Join { a: CALLER, b: AGENT });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 700);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 100);
    story.pass(Span::millis(20));
    story.comes(AGENT_PORT, AGENT_ADDRESS, 701);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 101);
    story.order(Order::Close { leg: AGENT });
    story.order(Order::Play { leg: CALLER, sounds: vec![SoundNo::first(5)], loop_last: false });
    story.pass(Span::millis(100));
    story.order(Order::Close { leg: CALLER });
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0.020s 20000 > 192.0.2.1:4000: 8 #1 @160 160 bytes
0.040s 20000 > 192.0.2.1:4000: 8 #2 @320 160 bytes
0.060s 20000 > 192.0.2.1:4000: 8 #3 @480 160 bytes
0.080s 20000 > 192.0.2.1:4000: 8 #4 @640 160 bytes
0.100s 20000 > 192.0.2.1:4000: 8 #5 @800 160 bytes
0.120s 20000 > 192.0.2.1:4000: 8 #6 @960 160 bytes
0.130s 20000 > 192.0.2.1:4000: 8 #7 @1120 160 bytes M
0.130s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
0.150s 20000 > 192.0.2.1:4000: 8 #8 @1280 160 bytes
0.150s 20002 > 192.0.2.2:5000: 8 #1 @160 160 bytes
0.150s 20003 > 192.0.2.2:5001: report: sends, hears, goodbye
0.150s leg-1 closed: 2 in, 2 out, 0 lost, 0 refused
0.150s 20000 > 192.0.2.1:4000: 8 #9 @1440 160 bytes M
0.170s 20000 > 192.0.2.1:4000: 8 #10 @1600 160 bytes
0.190s leg-0 played
0.250s 20001 > 192.0.2.1:4001: report: sends, hears, goodbye
0.250s leg-0 closed: 2 in, 11 out, 0 lost, 0 refused
"
    );
}

#[test]
fn loss_disorder_and_duplicates_pass_as_they_come_and_are_counted() {
    let mut story = Story::joined();
    for number in [10, 11, 13, 12, 15, 15] {
        story.comes(AGENT_PORT, AGENT_ADDRESS, number);
    }
    story.order(Order::Close { leg: AGENT });
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0s 20000 > 192.0.2.1:4000: 8 #1 @160 160 bytes
0s 20000 > 192.0.2.1:4000: 8 #3 @480 160 bytes
0s 20000 > 192.0.2.1:4000: 8 #2 @320 160 bytes
0s 20000 > 192.0.2.1:4000: 8 #5 @800 160 bytes
0s 20000 > 192.0.2.1:4000: 8 #5 @800 160 bytes
0s 20003 > 192.0.2.2:5001: report: hears, goodbye
0s leg-1 closed: 6 in, 0 out, 0 lost, 0 refused
"
    );
}

#[test]
fn a_stranger_is_neither_heard_nor_sent_to() {
    let mut story = Story::joined();
    for number in 0..50 {
        story.comes(AGENT_PORT, "203.0.113.66:5000", number);
    }
    // Nor one behind the agent's own NAT, once the agent speaks.
    for number in 0..9 {
        story.comes(AGENT_PORT, "192.0.2.2:666", number);
    }
    assert_eq!(story.told(), "");
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    story.comes(AGENT_PORT, "192.0.2.2:666", 9);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.order(Order::Close { leg: AGENT });
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
0s 20003 > 192.0.2.2:5001: report: sends, hears, goodbye
0s leg-1 closed: 1 in, 1 out, 0 lost, 60 refused
"
    );
}

#[test]
fn a_phone_behind_a_nat_is_sent_to_where_it_comes_from() {
    let mut story = Story::joined();
    for number in 0..10 {
        story.comes(AGENT_PORT, "192.0.2.2:61000", number);
    }
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:61000: 8 #0 @0 160 bytes M
"
    );
}

#[test]
fn on_hold_nothing_is_sent_and_silence_is_no_fault() {
    let mut story = Story::joined();
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    let held = Stream { send: false, receive: false, ..stream(CALLER_ADDRESS) };
    story.order(Order::Change { leg: CALLER, stream: held });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 2);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.pass(Span::millis(20));
    story.order(Order::Change { leg: CALLER, stream: stream(CALLER_ADDRESS) });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 3);
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 160 bytes M
0.020s 20000 > 192.0.2.1:4000: 8 #1 @160 160 bytes M
"
    );
    story.packets = false;
    let held = Stream { receive: false, ..stream(CALLER_ADDRESS) };
    story.order(Order::Change { leg: CALLER, stream: held });
    story.pass(Span::secs(100));
    assert_eq!(story.told(), "30.020s leg-1 silent\n");
}

#[test]
fn silence_is_told_once_and_again_after_it_was_broken() {
    let mut story = Story::joined();
    story.packets = false;
    for number in 0..100 {
        story.pass(Span::secs(1));
        story.comes(AGENT_PORT, AGENT_ADDRESS, number);
        if number == 0 || number == 50 {
            story.comes(CALLER_PORT, CALLER_ADDRESS, number + 1);
        }
    }
    assert_eq!(story.told(), "31s leg-0 silent\n81s leg-0 silent\n");
}

#[test]
fn whoever_is_muted_and_reports_is_not_silent() {
    let mut story = Story::joined();
    story.packets = false;
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    // Of nobody it has heard it reports nothing.
    let report = Compound { own: Ssrc(7), sender: None, block: None, cname: "a", goodbye: false };
    for sequence in 1..20 {
        story.comes(CALLER_PORT, CALLER_ADDRESS, sequence);
        story.pass(Span::secs(5));
        let mut bytes = vec![];
        report.write(&mut bytes);
        story.datagram(AGENT_PORT + 1, "192.0.2.2:5001", &bytes);
    }
    assert_eq!(story.told(), "");
    // A stranger's reports are nobody's life.
    for sequence in 20..28 {
        story.comes(CALLER_PORT, CALLER_ADDRESS, sequence);
        story.pass(Span::secs(5));
        let mut bytes = vec![];
        report.write(&mut bytes);
        story.datagram(AGENT_PORT + 1, "192.0.2.66:5001", &bytes);
    }
    assert_eq!(story.told(), "125s leg-1 silent\n");
}

#[test]
fn nobody_is_called_silent_before_being_answered() {
    let mut story = Story::new();
    story.packets = false;
    let ringing = Stream { remote: None, ..stream(AGENT_ADDRESS) };
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: ringing });
    // This one hears music before the answer, and has no need to send.
    story.order(Order::Open { leg: CALLER, port: CALLER_PORT, stream: stream(CALLER_ADDRESS) });
    let sounds = vec![SoundNo::first(0)];
    story.order(Order::Play { leg: CALLER, sounds, loop_last: true });
    story.pass(Span::secs(100));
    assert_eq!(story.told(), "");
    story.order(Order::Change { leg: AGENT, stream: stream(AGENT_ADDRESS) });
    story.order(Order::Join { a: CALLER, b: AGENT });
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.pass(Span::secs(31));
    assert_eq!(story.told(), "130s leg-0 silent\n");
    // The other was never heard at all: it may be muted, and is waited for ten times as long.
    story.pass(Span::secs(268));
    assert_eq!(story.told(), "");
    story.pass(Span::secs(2));
    assert_eq!(story.told(), "400s leg-1 silent\n");
}

#[test]
fn a_key_is_told_once_and_passed_on_under_the_other_sides_payload_type() {
    let mut story = Story::joined();
    let other = Stream { dtmf: Some(96), ..stream(AGENT_ADDRESS) };
    story.order(Order::Change { leg: AGENT, stream: other });
    let key = |story: &mut Story, sequence, end| {
        let event = Event { code: 5, end, volume: 10, duration: 160 * sequence };
        let head = Head {
            marker: sequence == 1,
            payload_type: 101,
            sequence,
            timestamp: 160,
            ssrc: Ssrc(4000),
        };
        story.comes_with(CALLER_PORT, CALLER_ADDRESS, head, &event.write());
    };
    story.comes(CALLER_PORT, CALLER_ADDRESS, 0);
    key(&mut story, 1, false);
    key(&mut story, 2, true);
    key(&mut story, 3, true);
    assert_eq!(Event::read(&story.last[12..]).unwrap().duration, 480);
    // One who cannot take keys does not miss the packets either.
    let without = Stream { dtmf: None, ..stream(AGENT_ADDRESS) };
    story.order(Order::Change { leg: AGENT, stream: without });
    key(&mut story, 4, true);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 5);
    assert_eq!(
        story.told(),
        "\
0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:5000: 96 #1 @160 4 bytes M
0s 20002 > 192.0.2.2:5000: 96 #2 @160 4 bytes
0s leg-0 digit 5
0s 20002 > 192.0.2.2:5000: 96 #3 @160 4 bytes
0s 20002 > 192.0.2.2:5000: 8 #4 @800 160 bytes
"
    );
}

#[test]
fn other_packet_lengths_pass_as_they_come_and_comfort_noise_stays_behind() {
    let mut story = Story::joined();
    let mut head = Head { payload_type: 8, ssrc: Ssrc(5000), ..Head::default() };
    for millis in [10, 30, 60] {
        story.comes_with(AGENT_PORT, AGENT_ADDRESS, head, &vec![0xD5; 8 * millis]);
        head.sequence += 1;
        head.timestamp += 8 * u32::try_from(millis).unwrap();
    }
    let noise = Head { payload_type: 13, ..head };
    story.comes_with(AGENT_PORT, AGENT_ADDRESS, noise, &[40]);
    head.sequence += 1;
    story.comes_with(AGENT_PORT, AGENT_ADDRESS, head, &[0xD5; 160]);
    assert_eq!(
        story.told(),
        "\
0s 20000 > 192.0.2.1:4000: 8 #0 @0 80 bytes M
0s 20000 > 192.0.2.1:4000: 8 #1 @80 240 bytes
0s 20000 > 192.0.2.1:4000: 8 #2 @320 480 bytes
0s 20000 > 192.0.2.1:4000: 8 #3 @800 160 bytes
"
    );
}

#[test]
fn sides_that_speak_different_codecs_understand_one_another() {
    let mut story = Story::joined();
    let wide = Stream { codec: Codec::G722, payload_type: 9, ..stream(AGENT_ADDRESS) };
    story.order(Order::Change { leg: AGENT, stream: wide });
    let mut encoder = g722::Encoder::default();
    let mut decoder = g722::Decoder::default();
    let loud = 4_000;
    for number in 0..50_u16 {
        let head = Head { sequence: number, ssrc: Ssrc(1), payload_type: 9, ..Head::default() };
        let sound: Vec<u8> = (0..160).map(|_| encoder.narrow(loud)).collect();
        story.comes_with(AGENT_PORT, AGENT_ADDRESS, head, &sound);
        let (back, payload) = packet::read(&story.last).unwrap();
        let heard = g711::from_pcma(*story.last[payload].last().unwrap());
        assert_eq!(back.payload_type, 8);
        assert!(number < 5 || (3_700..4_300).contains(&heard), "{heard}");

        let head = Head { payload_type: 8, ..head };
        story.comes_with(CALLER_PORT, CALLER_ADDRESS, head, &[g711::to_pcma(loud); 160]);
        let (back, payload) = packet::read(&story.last).unwrap();
        let heard = story.last[payload].iter().map(|&it| decoder.narrow(it)).last().unwrap();
        assert_eq!(back.payload_type, 9);
        assert!(number < 5 || (3_700..4_300).contains(&heard), "{heard}");
    }
}

#[test]
fn a_closed_port_drains_before_it_is_lent_again() {
    let mut story = Story::joined();
    story.order(Order::Close { leg: AGENT });
    story.told();
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: stream(AGENT_ADDRESS) });
    story.pass(Span::millis(1_999));
    story.comes(AGENT_PORT, AGENT_ADDRESS, 2);
    story.pass(Span::millis(1));
    story.order(Order::Open { leg: AGENT, port: AGENT_PORT, stream: stream(AGENT_ADDRESS) });
    assert_eq!(
        story.told(),
        "\
0s cannot open leg-1: port 20002 still drains
2s ports [20002]
"
    );
}

#[test]
fn what_cannot_be_done_is_told_and_changes_nothing() {
    let mut story = Story::joined();
    let nobody = LegNo::first(9);
    let open = |leg, port| Order::Open { leg, port, stream: stream(AGENT_ADDRESS) };
    for order in [
        open(CALLER, 20_004),
        open(nobody, CALLER_PORT),
        open(nobody, 20_001),
        open(nobody, 20_010),
        open(nobody, 5),
        Order::Change { leg: nobody, stream: stream(AGENT_ADDRESS) },
        Order::Play { leg: nobody, sounds: vec![], loop_last: false },
        Order::Play { leg: CALLER, sounds: vec![SoundNo::first(99)], loop_last: false },
        Order::Stop { leg: nobody },
        Order::Join { a: CALLER, b: nobody },
        Order::Join { a: CALLER, b: CALLER },
        Order::Part { leg: nobody },
        Order::Close { leg: nobody },
    ] {
        story.order(order);
    }
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    assert_eq!(
        story.told(),
        "\
0s cannot open leg-0: it is open already
0s cannot open leg-9: port 20000 is leg-0's
0s cannot open leg-9: 20001 is no RTP port of ours
0s cannot open leg-9: 20010 is no RTP port of ours
0s cannot open leg-9: 5 is no RTP port of ours
0s cannot change leg-9: it is not open
0s cannot play leg-9: it is not open
0s cannot play sound-99: no such sound
0s cannot stop leg-9: it is not open
0s cannot join leg-9: it is not open
0s cannot join leg-0 with itself
0s cannot part leg-9: it is not open
0s cannot close leg-9: it is not open
"
    );
}

#[test]
fn whoever_parts_is_heard_no_more_and_may_be_joined_to_another() {
    let mut story = Story::joined();
    let third = LegNo::first(2);
    story.order(Order::Open { leg: third, port: 20_004, stream: stream("192.0.2.3:6000") });
    story.order(Order::Part { leg: AGENT });
    story.comes(AGENT_PORT, AGENT_ADDRESS, 1);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    assert_eq!(story.told(), "");
    story.order(Order::Join { a: third, b: CALLER });
    story.comes(CALLER_PORT, CALLER_ADDRESS, 2);
    // Joined elsewhere while still joined here: the one left behind hears nothing.
    story.order(Order::Join { a: CALLER, b: AGENT });
    story.comes(20_004, "192.0.2.3:6000", 1);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 3);
    assert_eq!(
        story.told(),
        "\
0s 20004 > 192.0.2.3:6000: 8 #0 @0 160 bytes M
0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
"
    );
}

#[test]
fn reports_come_every_five_seconds_and_tell_the_round_trip() {
    let mut story = Story::joined();
    let mut reports = 0;
    for number in 0..60 {
        story.pass(Span::secs(1));
        story.comes(AGENT_PORT, AGENT_ADDRESS, number);
        reports += story.told().matches("20001 > 192.0.2.1:4001: report: sends").count();
    }
    assert!((8..=20).contains(&reports), "{reports} in a minute");

    // The caller answers 300 ms after our report, having held it for 250.
    while !story.told().contains("20001 >") {
        story.pass(Span::millis(20));
        story.comes(AGENT_PORT, AGENT_ADDRESS, 60);
    }
    let reported = rtcp::Ntp::from(story.now);
    let (head, _) = packet::read(&story.last).unwrap();
    story.pass(Span::millis(300));
    let block = Block {
        about: head.ssrc,
        last_report: reported.middle(),
        since_last_report: 65_536 / 4,
        ..Block::default()
    };
    let sender = Some(Sender { at: reported, ..Sender::default() });
    let compound =
        Compound { own: Ssrc(4000), sender, block: Some(block), cname: "far", goodbye: false };
    let mut bytes = vec![];
    compound.write(&mut bytes);
    story.datagram(CALLER_PORT + 1, "203.0.113.66:4001", &bytes);
    story.datagram(CALLER_PORT + 1, "192.0.2.1:4001", &bytes);

    let mut out = Output::default();
    story.machine.handle(story.now, Input::Order(Order::Close { leg: CALLER }), &mut out);
    let [Notice::Closed { report, .. }] = &out.notices[..] else { panic!("{out:?}") };
    let round_trip = report.round_trip.unwrap();
    assert!((0.049..0.051).contains(&round_trip), "{round_trip}");
    assert_eq!(report.refused, 1);
}
