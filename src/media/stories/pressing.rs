//! Stories of keys that we press for a far side: how they sound, and what is silent meanwhile.

use crate::{
    base::time::Span,
    media::{
        order::{Order, Stream},
        stories::scene::*,
    },
};

/// Presses `key` at the agent for 80 ms.
fn press(story: &mut Story, key: char) {
    story.order(Order::Press { leg: AGENT, key, length: Span::millis(80) });
}

#[test]
fn a_key_sounds_instead_of_the_speaker_who_then_goes_on() {
    let mut story = Story::joined();
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.pass(Span::millis(20));
    press(&mut story, '5');
    for number in 2..8 {
        story.comes(CALLER_PORT, CALLER_ADDRESS, number);
        story.pass(Span::millis(20));
    }
    story.pass(Span::millis(60));
    story.comes(CALLER_PORT, CALLER_ADDRESS, 9);
    story.comes(CALLER_PORT, CALLER_ADDRESS, 10);
    assert_eq!(
        story.told(),
        "\
0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M
0.020s 20002 > 192.0.2.2:5000: 101 #1 @160 4 bytes M
0.040s 20002 > 192.0.2.2:5000: 101 #2 @160 4 bytes
0.060s 20002 > 192.0.2.2:5000: 101 #3 @160 4 bytes
0.080s 20002 > 192.0.2.2:5000: 101 #4 @160 4 bytes
0.100s 20002 > 192.0.2.2:5000: 101 #5 @160 4 bytes
0.120s 20002 > 192.0.2.2:5000: 101 #6 @160 4 bytes
0.200s 20002 > 192.0.2.2:5000: 8 #7 @1600 160 bytes M
0.200s 20002 > 192.0.2.2:5000: 8 #8 @1760 160 bytes
"
    );
}

#[test]
fn a_far_side_that_knows_no_events_hears_on() {
    let mut story = Story::joined();
    let without = Stream { dtmf: None, ..stream(AGENT_ADDRESS) };
    story.order(Order::Change { leg: AGENT, stream: without });
    press(&mut story, '5');
    story.comes(CALLER_PORT, CALLER_ADDRESS, 1);
    story.pass(Span::secs(1));
    assert_eq!(story.told(), "0s 20002 > 192.0.2.2:5000: 8 #0 @0 160 bytes M\n");
}

#[test]
fn a_key_pressed_at_a_leg_that_closes_or_is_not_there_is_no_loop() {
    let mut story = Story::joined();
    press(&mut story, '1');
    story.order(Order::Close { leg: AGENT });
    story.packets = false;
    story.told();
    press(&mut story, '1');
    assert_eq!(story.told(), "0s cannot press leg-1: it is not open\n");
    story.pass(Span::secs(10));
}
