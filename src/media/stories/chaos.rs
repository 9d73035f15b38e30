//! Whatever is ordered and whatever comes, in any order.

use proptest::prelude::*;

use crate::{
    base::{
        numbers::{LegNo, SoundNo},
        time::Span,
    },
    media::{
        order::{Codec, Order, Stream},
        stories::scene::*,
    },
    rtp::packet::{self, Head},
};

fn any_order() -> impl Strategy<Value = Order> {
    let leg = || (0..4_u32).prop_map(LegNo::first);
    let stream = || {
        (any::<bool>(), any::<bool>(), 0..4_u8, prop::sample::select(&Codec::ALL[..])).prop_map(
            |(send, receive, remote, codec)| Stream {
                remote: (remote > 0).then(|| at(&format!("192.0.2.{remote}:4000"))),
                second: None,
                remote_rtcp: (remote > 2).then(|| at("192.0.2.9:1")),
                rtcp_mux: remote == 1,
                // Garbage never opens; what is said to that far side is sealed all the same.
                protection: (remote == 3).then(|| protection(codec.payload_type())),
                codec,
                payload_type: codec.payload_type(),
                dtmf: (remote > 1).then_some(101),
                send,
                receive,
                silence: Some(Span::millis(u64::from(remote) * 100)),
            },
        )
    };
    let sounds = prop::collection::vec((0..9_u32).prop_map(SoundNo::first), 0..3);
    prop_oneof![
        (leg(), 19_998..20_012_u16, stream()).prop_map(|(leg, port, stream)| Order::Open {
            leg,
            port,
            stream
        }),
        (leg(), stream()).prop_map(|(leg, stream)| Order::Change { leg, stream }),
        (leg(), sounds, any::<bool>()).prop_map(|(leg, sounds, loop_last)| Order::Play {
            leg,
            sounds,
            loop_last
        }),
        (leg(), leg()).prop_map(|(a, b)| Order::Join { a, b }),
        leg().prop_map(|leg| Order::Stop { leg }),
        leg().prop_map(|leg| Order::Part { leg }),
        (leg(), prop::sample::select(vec!['1', '#', 'x'])).prop_map(|(leg, key)| Order::Press {
            leg,
            key,
            length: Span::millis(100)
        }),
        leg().prop_map(|leg| Order::Close { leg }),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Order(Box<Order>),
    Packet(u16, u8, Vec<u8>),
    Pass(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let payload_type = prop::sample::select(&[0_u8, 8, 9, 13, 101, 72, 200][..]);
    let packet = (payload_type, any::<u8>(), prop::collection::vec(any::<u8>(), 0..60)).prop_map(
        |(payload_type, sequence, payload)| {
            let mut bytes = vec![];
            let head = Head { payload_type, sequence: sequence.into(), ..Head::default() };
            packet::write(&mut bytes, head, &payload);
            bytes
        },
    );
    let garbage = prop::collection::vec(any::<u8>(), 0..60);
    let bytes = prop_oneof![3 => packet, 1 => garbage];
    prop_oneof![
        2 => any_order().prop_map(|it| Step::Order(Box::new(it))),
        4 => (19_998..20_012_u16, 1..5_u8, bytes).prop_map(|(port, from, bytes)| Step::Packet(port, from, bytes)),
        1 => (0..3_000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Whatever comes in whatever order: no panic, no wake in a loop, departures only from ports
    /// of open legs and only to places that an SDP named.
    #[test]
    fn nothing_that_comes_upsets_the_machine(steps in prop::collection::vec(any_step(), 1..120)) {
        let mut story = Story::new();
        for step in steps {
            match step {
                Step::Order(order) => story.order(*order),
                Step::Packet(port, from, bytes) => {
                    story.datagram(port, &format!("192.0.2.{from}:4000"), &bytes);
                }
                Step::Pass(millis) => story.pass(Span::millis(millis)),
            }
            prop_assert!(story.machine.next_wake().is_none_or(|due| due + Span::millis(1) > story.now));
            for line in story.told().lines().filter(|line| line.contains(" > ")) {
                prop_assert!(!line.contains("192.0.2.4"), "nobody named this: {line}");
            }
        }
    }
}
