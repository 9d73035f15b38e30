//! Invariant of the media room: once a call talks, or hears music, no packet allocates.

#![allow(unsafe_code, clippy::unwrap_used, clippy::indexing_slicing)] // An allocator that counts is unsafe by its trait.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use lotse::{
    base::{
        key::Key,
        numbers::{LegNo, SoundNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    media::{
        machine::{Input, Machine, Output},
        order::{Codec, Order, Protection, Settings, Stream},
        sound::Catalogue,
    },
    rtp::{
        packet::{self, Head, Ssrc},
        srtp::{sender::Sender, suite::Suite},
    },
};

struct Counting;

thread_local! {
    /// Per thread, so that tests beside one another do not count each other's.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|it| it.set(it.get() + 1));
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const CALLER: LegNo = LegNo::first(0);
const AGENT: LegNo = LegNo::first(1);
const COLLEAGUE: LegNo = LegNo::first(2);

/// SRTP with the same key both ways, so that what is sealed for us is sealed as by us.
fn protection(suite: Suite) -> Protection {
    let key = Key::new(&[7; 46][..suite.key_len() + suite.salt_len()]).unwrap();
    Protection { suite, send: key.clone(), receive: key }
}

fn stream(address: &str, codec: Codec, srtp: Option<Suite>) -> Stream {
    Stream {
        remote: Some(address.parse().unwrap()),
        second: None,
        remote_rtcp: None,
        rtcp_mux: false,
        protection: srtp.map(protection),
        codec,
        payload_type: codec.payload_type(),
        dtmf: Some(101),
        send: true,
        receive: true,
        silence: Some(Span::secs(30)),
    }
}

/// A machine with a caller in A-law and an agent in `codec`, not joined yet.
fn machine(codec: Codec, srtp: Option<Suite>) -> (Machine, Output) {
    let settings = Settings {
        address: "127.0.0.1".parse().unwrap(),
        ports: (20_000, 20_005),
        prepared: 2,
        drain: Span::secs(2),
        dscp: 46,
    };
    let mut machine = Machine::new(&settings, Catalogue::built_in(), Rng::new(1));
    let mut out = Output::default();
    for (leg, port, stream) in [
        (CALLER, 20_000, stream("192.0.2.1:4000", Codec::Pcma, srtp)),
        (AGENT, 20_002, stream("192.0.2.2:5000", codec, srtp)),
    ] {
        machine.handle(Timestamp(0), Input::Order(Order::Open { leg, port, stream }), &mut out);
    }
    (machine, out)
}

/// How often `step` allocates in rounds 100 to 200: by then every buffer has its size.
fn allocations(mut step: impl FnMut(u16)) -> usize {
    (0..100).for_each(&mut step);
    let before = ALLOCATIONS.get();
    (100..200).for_each(&mut step);
    ALLOCATIONS.get() - before
}

fn relayed(codec: Codec, srtp: Option<Suite>) -> usize {
    let (mut machine, mut out) = machine(codec, srtp);
    machine.handle(Timestamp(0), Input::Order(Order::Join { a: CALLER, b: AGENT }), &mut out);
    let mut room = vec![0; 172 + Suite::GROWTH_MAX];
    let key = [7; 46];
    let phone =
        |suite: Suite| Sender::new(suite, &key[..suite.key_len() + suite.salt_len()]).unwrap();
    let mut phones = [srtp.map(phone), srtp.map(phone)];
    let mut packets = 0;
    let allocated = allocations(|sequence| {
        for ((port, from, codec), phone) in
            [(20_000, "192.0.2.1:4000", Codec::Pcma), (20_002, "192.0.2.2:5000", codec)]
                .into_iter()
                .zip(&mut phones)
        {
            let timestamp = u32::from(sequence) * 160;
            let payload_type = codec.payload_type();
            let head = Head { payload_type, sequence, timestamp, ssrc: Ssrc(7), marker: false };
            packet::patch(&mut room, head);
            room[0] = 0x80;
            let len = match phone.as_mut() {
                Some(phone) => phone.seal_rtp(&mut room, 172).unwrap(),
                None => 172,
            };
            let now = Timestamp(u64::from(sequence) * 20_000);
            let from = from.parse().unwrap();
            machine.handle(now, Input::Packet { port, from, room: &mut room, len }, &mut out);
            packets += out.departures.len();
            out.clear();
        }
    });
    assert_eq!(packets, 400);
    allocated
}

#[test]
fn passing_a_packet_on_allocates_nothing() {
    assert_eq!(relayed(Codec::Pcma, None), 0);
}

#[test]
fn nor_does_making_it_another_codec() {
    assert_eq!(relayed(Codec::Pcmu, None), 0);
    assert_eq!(relayed(Codec::G722, None), 0);
}

#[test]
fn nor_does_opening_and_sealing_it() {
    for suite in Suite::ALL {
        assert_eq!(relayed(Codec::Pcma, Some(suite)), 0, "{suite:?}");
        assert_eq!(relayed(Codec::G722, Some(suite)), 0, "{suite:?}");
    }
}

#[test]
fn nor_does_playing_music() {
    let (mut machine, mut out) = machine(Codec::Pcma, None);
    let sounds = vec![SoundNo::first(0)];
    let play = Order::Play { leg: CALLER, sounds, loop_last: true };
    let start = Timestamp::EPOCH + Span::secs(1);
    machine.handle(start, Input::Order(play), &mut out);
    let mut packets = 0;
    let allocated = allocations(|round| {
        machine.handle(start + Span::millis(20) * u64::from(round), Input::Tick, &mut out);
        // Reports are not of one packet each, and go out every few seconds.
        packets += out.departures.iter().filter(|it| it.port == 20_000).count();
        out.clear();
    });
    assert_eq!(packets, 200);
    // Timers of reports stand in trees, whose nodes come and go: one report a leg in 2 s.
    assert!(allocated <= 8, "{allocated} in 100 packets");
}

#[test]
fn nor_does_a_conference() {
    let (mut machine, mut out) = machine(Codec::G722, None);
    let stream = stream("192.0.2.3:6000", Codec::Pcmu, None);
    let open = Order::Open { leg: COLLEAGUE, port: 20_004, stream };
    let mix = Order::Mix { legs: [CALLER, AGENT, COLLEAGUE] };
    let start = Timestamp::EPOCH + Span::secs(1);
    for order in [open, mix] {
        machine.handle(start, Input::Order(order), &mut out);
    }
    let mut room = vec![0; 172 + Suite::GROWTH_MAX];
    let mut packets = 0;
    let allocated = allocations(|sequence| {
        let now = start + Span::millis(20) * u64::from(sequence);
        for (port, from, codec) in [
            (20_000, "192.0.2.1:4000", Codec::Pcma),
            (20_002, "192.0.2.2:5000", Codec::G722),
            (20_004, "192.0.2.3:6000", Codec::Pcmu),
        ] {
            let timestamp = u32::from(sequence) * 160;
            let payload_type = codec.payload_type();
            let head = Head { payload_type, sequence, timestamp, ssrc: Ssrc(7), marker: false };
            packet::patch(&mut room, head);
            room[0] = 0x80;
            let from = from.parse().unwrap();
            machine.handle(now, Input::Packet { port, from, room: &mut room, len: 172 }, &mut out);
        }
        machine.handle(now, Input::Tick, &mut out);
        packets += out.departures.iter().filter(|it| it.port % 2 == 0).count();
        out.clear();
    });
    assert_eq!(packets, 3 * 200);
    // As above: reports, of three legs.
    assert!(allocated <= 12, "{allocated} in 300 packets");
}
