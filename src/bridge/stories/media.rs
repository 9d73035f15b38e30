//! What the media are said to do is what they do: random orders to the real ones, and packets to
//! see who hears whom.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::conversation::NAMES;
use crate::{
    base::{
        numbers::{LegNo, SoundNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    bridge::{hears::Hears, ordered::Ordered},
    media::{
        machine::{Input, Machine, Output},
        order::{Notice, Order, Settings, Stream},
        sound::Catalogue,
    },
    rtp::packet::{self, Head},
};

fn port(leg: LegNo) -> u16 {
    20_000 + 2 * u16::try_from(leg.index()).unwrap()
}

fn address(leg: LegNo) -> std::net::SocketAddr {
    format!("192.0.2.{}:4000", leg.index() + 1).parse().unwrap()
}

struct Scene {
    machine: Machine,
    now: Timestamp,
    sequence: u16,
}

impl Scene {
    fn new() -> Self {
        let settings = Settings {
            address: "127.0.0.1".parse().unwrap(),
            ports: (20_000, 20_019),
            prepared: 2,
            drain: Span::secs(2),
            dscp: 46,
        };
        let machine = Machine::new(&settings, Catalogue::built_in(), Rng::new(1));
        let mut scene = Self { machine, now: Timestamp::EPOCH + Span::secs(1_000), sequence: 0 };
        for (leg, _) in NAMES {
            let stream = Stream { remote: Some(address(leg)), ..super::conversation::stream(true) };
            scene.tell(Input::Order(Order::Open { leg, port: port(leg), stream }));
        }
        scene
    }

    /// Whose far sides are sent sound, and what is said back.
    fn tell(&mut self, input: Input<'_>) -> (BTreeSet<u16>, Vec<Notice>) {
        let mut out = Output::default();
        self.machine.handle(self.now, input, &mut out);
        // RTCP goes from odd ports.
        let ports = out.departures.iter().map(|it| it.port).filter(|port| port % 2 == 0);
        (ports.collect(), out.notices)
    }

    /// To whom sound goes within 100 ms if this one alone speaks.
    fn heard_from(&mut self, speaker: LegNo) -> BTreeSet<LegNo> {
        let mut ports = BTreeSet::new();
        for _ in 0..5 {
            self.sequence = self.sequence.wrapping_add(1);
            let mut room = vec![];
            let head = Head {
                payload_type: 8,
                sequence: self.sequence,
                timestamp: u32::from(self.sequence) * 160,
                ..Head::default()
            };
            packet::write(&mut room, head, &[0x10; 160]);
            let len = room.len();
            room.resize(2_048, 0);
            let (from, port) = (address(speaker), port(speaker));
            let input = Input::Packet { port, from, room: &mut room, len };
            ports.extend(self.tell(input).0);
            self.now = self.now + Span::millis(20);
            ports.extend(self.tell(Input::Tick).0);
        }
        NAMES.map(|(leg, _)| leg).into_iter().filter(|leg| ports.contains(&port(*leg))).collect()
    }
}

fn any_order() -> impl Strategy<Value = Order> {
    let leg = || prop::sample::select(NAMES.map(|(leg, _)| leg).to_vec());
    let three = Just(NAMES.map(|(leg, _)| leg).to_vec()).prop_shuffle();
    prop_oneof![
        1 => leg().prop_map(|leg| Order::Play { leg, sounds: vec![SoundNo::first(0)], loop_last: true }),
        1 => leg().prop_map(|leg| Order::Stop { leg }),
        1 => leg().prop_map(|leg| Order::Part { leg }),
        3 => three.clone().prop_map(|it| Order::Join { a: it[0], b: it[1] }),
        3 => three.prop_map(|it| Order::Mix { legs: [it[0], it[1], it[2]] }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn who_is_said_to_hear_whom_does(orders in prop::collection::vec(any_order(), 1..12)) {
        let (mut scene, mut ordered) = (Scene::new(), Ordered::default());
        for order in orders {
            ordered.note(&order);
            let (_, notices) = scene.tell(Input::Order(order));
            prop_assert!(notices.is_empty(), "{notices:?}");
        }
        for (speaker, name) in NAMES {
            let hears = |leg: LegNo| match ordered.hears(leg) {
                Hears::Other(other) => *other == speaker,
                // A sound and a mix are heard whoever speaks.
                Hears::Sounds { .. } | Hears::Mix(_) => true,
                Hears::Nothing => false,
            };
            let wanted: BTreeSet<_> =
                NAMES.map(|(leg, _)| leg).into_iter().filter(|leg| hears(*leg)).collect();
            prop_assert_eq!(scene.heard_from(speaker), wanted, "{} speaks: {:?}", name, ordered);
        }
    }
}
