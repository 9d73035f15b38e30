//! Two endpoints talk over a wire that loses, doubles and reorders, as the seed has it.
//!
//! Whatever happens, each side tells a story that makes sense, both sides come to the same end,
//! and when all is said nothing is left in any table.

use std::collections::BTreeMap;

use super::ladder::settings;
use crate::{
    base::{
        numbers::{DialogNo, FlowNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    sip::{
        endpoint::{Endpoint, Input},
        event::Event,
        message::header::reason::Reason,
        output::Output,
        settings::{Settings, Trunk},
        verb::{Invite, Refusal, Respond, Target},
        wire::{Peer, Transport},
    },
};

/// Where a call stands, as its side has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Calling,
    /// We gave up, and wait to be told so.
    GivenUp,
    Invited,
    Standing,
    Ended,
}

struct Side {
    endpoint: Endpoint,
    address: Peer,
    out: Output,
    calls: BTreeMap<DialogNo, Told>,
    /// Open offers of theirs.
    offers: Vec<DialogNo>,
}

struct World {
    sides: [Side; 2],
    now: Timestamp,
    /// What is on the way, by when it arrives: to whom, and what.
    wire: BTreeMap<(Timestamp, u64), (usize, Vec<u8>)>,
    packets: u64,
    rng: Rng,
    loss: f64,
    seed: u64,
    told: Vec<String>,
}

impl World {
    fn new(seed: u64, transport: Transport) -> Self {
        let side = |place: u8| {
            let local = format!("192.0.2.{}:5060", place + 1).parse().unwrap();
            let remote = format!("192.0.2.{}:5060", 2 - place).parse().unwrap();
            let trunk = Trunk {
                name: "x".into(),
                allow: vec![("192.0.2.0".parse().unwrap(), 24)],
                carrier: None,
            };
            let endpoint = Endpoint::new(Settings {
                listen: vec![(transport, local)],
                trunks: vec![Some(trunk)],
                seed: [u8::try_from(seed % 256).unwrap() ^ place; 32],
                session_expires: 90,
                ..settings()
            });
            let address = Peer { transport, local, remote, flow: FlowNo::first(0) };
            let (calls, offers, out) = (BTreeMap::new(), vec![], Output::default());
            Side { endpoint, address, out, calls, offers }
        };
        let mut rng = Rng::new(seed);
        let loss = if transport == Transport::Udp { rng.fraction() * 0.5 } else { 0.0 };
        Self {
            sides: [side(0), side(1)],
            now: Timestamp::EPOCH,
            wire: BTreeMap::new(),
            packets: 0,
            rng,
            loss,
            seed,
            told: vec![],
        }
    }

    /// What one side sent goes on its way, and what it was told is checked.
    fn drain(&mut self, place: usize) {
        let side = &mut self.sides[place];
        let out = std::mem::take(&mut side.out);
        for departure in &out.departures {
            assert_eq!(departure.peer.remote, side.address.remote);
            let bytes = &out.bytes[departure.start..departure.end];
            let line = String::from_utf8_lossy(bytes).lines().next().unwrap().to_owned();
            let is_stream = departure.peer.transport == Transport::Tcp;
            let copies = match self.rng.fraction() {
                _ if is_stream => 1,
                it if it < self.loss => 0,
                it if it > 0.95 => 2,
                _ => 1,
            };
            self.told.push(format!("{} {place} > {line} x{copies}", self.now));
            for _ in 0..copies {
                // A stream keeps the order, a datagram may overtake another.
                let delay = if is_stream { 20 } else { 1 + self.rng.below(200) };
                self.packets += 1;
                let at = (self.now + Span::millis(delay), self.packets);
                self.wire.insert(at, (1 - place, bytes.to_vec()));
            }
        }
        for event in out.events {
            self.told.push(format!("{} {place} * {event:?}", self.now));
            self.hear(place, &event);
        }
    }

    fn hear(&mut self, place: usize, event: &Event) {
        use Told as T;
        let side = &mut self.sides[place];
        let (dialog, next) = match *event {
            Event::Invited(ref invited) => {
                let before = side.calls.insert(invited.dialog, T::Invited);
                assert_eq!(before, None, "{}", self.story());
                return;
            }
            // Our 2xx may still wait for a PRACK.
            Event::Cancelled { dialog, .. } => {
                (dialog, vec![(T::Invited, T::Ended), (T::Standing, T::Ended)])
            }
            Event::Acked { dialog, .. } | Event::RefreshDue { dialog } => {
                (dialog, vec![(T::Standing, T::Standing)])
            }
            Event::NeverAcked { dialog }
            | Event::HungUp { dialog, .. }
            | Event::Lost { dialog } => (dialog, vec![(T::Standing, T::Ended)]),
            Event::Progressed { dialog, .. } => (dialog, vec![(T::Calling, T::Calling)]),
            Event::Answered { dialog, .. } => (dialog, vec![(T::Calling, T::Standing)]),
            Event::Rejected { dialog, status, .. } => {
                let given_up = side.calls.get(&dialog) == Some(&T::GivenUp);
                assert!(!given_up || status == 487, "{}", self.story());
                (dialog, vec![(T::Calling, T::Ended), (T::GivenUp, T::Ended)])
            }
            Event::Reoffered { dialog, .. } => {
                side.offers.push(dialog);
                (dialog, [T::Standing, T::Invited, T::Calling].map(|it| (it, it)).to_vec())
            }
            Event::Reanswered { dialog, .. } => {
                (dialog, [T::Standing, T::Invited].map(|it| (it, it)).to_vec())
            }
            Event::Pressed { .. }
            | Event::Referred(_)
            | Event::Bound { .. }
            | Event::PhoneUp { .. }
            | Event::PhoneDown { .. }
            | Event::Routed { .. }
            | Event::TrunkUp { .. }
            | Event::TrunkDown { .. } => return,
        };
        let call = side.calls.get_mut(&dialog);
        let now = call.as_deref().copied();
        match (next.iter().find(|row| Some(row.0) == now), call) {
            (Some(&(_, next)), Some(call)) => *call = next,
            _ => panic!("{event:?} while {now:?}{}", self.story()),
        }
    }

    fn story(&self) -> String {
        format!("\nseed {}\n{}", self.seed, self.told.join("\n"))
    }

    /// One side does something, as the rng have it.
    fn act(&mut self, place: usize) {
        let now = self.now;
        let face = self.rng.below(10);
        let sdp = || Some(b"offer".to_vec());
        let side = &mut self.sides[place];
        let (endpoint, out) = (&mut side.endpoint, &mut side.out);
        if face == 0 && side.calls.len() < 8 {
            let address = side.address;
            let invite = Invite {
                target: Target::Uri {
                    uri: format!("sip:5@{}", address.remote),
                    transport: address.transport,
                    remote: address.remote,
                },
                from_user: "6".into(),
                from_display: String::new(),
                sdp: sdp(),
                headers: vec![],
                hops: None,
            };
            let dialog = endpoint.invite(now, invite, out).unwrap();
            side.calls.insert(dialog, Told::Calling);
            self.told.push(format!("{now} {place} invite"));
            return self.drain(place);
        }
        let calls: Vec<_> = side.calls.iter().filter(|it| *it.1 != Told::Ended).collect();
        let Some(&(&dialog, &told)) = self.rng.pick(&calls) else { return };
        let is_offered = side.offers.contains(&dialog);
        let respond = |status| Respond { status, sdp: sdp(), ..Respond::default() };
        let (verb, done, next) = match (told, face) {
            (_, 1..=4) if is_offered => {
                side.offers.retain(|it| *it != dialog);
                let status = if face < 4 { 200 } else { 488 };
                let done = endpoint.respond_within(now, dialog, respond(status), out);
                // It may have been withdrawn meanwhile.
                assert!(matches!(done, Ok(()) | Err(Refusal::WrongState | Refusal::NoDialog)));
                ("200 (again)", Ok(()), told)
            }
            (Told::Invited, 1..=4) => {
                ("180", endpoint.respond(now, dialog, respond(180), out), told)
            }
            (Told::Invited, 5..=7) => {
                ("200", endpoint.respond(now, dialog, respond(200), out), Told::Standing)
            }
            (Told::Invited, 8) => {
                ("486", endpoint.respond(now, dialog, respond(486), out), Told::Ended)
            }
            (Told::Standing, 6..=7) | (Told::Invited, 0) => {
                let done = endpoint.reinvite(now, dialog, sdp(), out);
                assert!(matches!(done, Ok(()) | Err(Refusal::WrongState)), "{done:?}");
                ("reinvite", Ok(()), told)
            }
            (_, 9) => {
                let next = match told {
                    Told::Calling | Told::GivenUp => Told::GivenUp,
                    Told::Invited | Told::Standing | Told::Ended => Told::Ended,
                };
                let done = endpoint.end(now, dialog, Reason::Q850(16), out);
                let again = told == Told::GivenUp && done == Err(Refusal::WrongState);
                ("end", if again { Ok(()) } else { done }, next)
            }
            _ => return,
        };
        self.told.push(format!("{now} {place} {verb} {dialog} {done:?}"));
        assert_eq!(done, Ok(()), "{}", self.story());
        self.sides[place].calls.insert(dialog, next);
        self.drain(place);
    }

    /// Lives until `end`, with actions about every second or none at all.
    fn live(&mut self, end: Timestamp, acts: bool) {
        let mut next_act = self.now;
        loop {
            let arrival = self.wire.first_key_value().map(|(&(at, _), _)| at);
            let wakes = [0, 1].map(|place| self.sides[place].endpoint.next_wake());
            let act = acts.then_some(next_act);
            let all = [arrival, wakes[0], wakes[1], act];
            let Some(next) = all.into_iter().flatten().min().filter(|it| *it < end) else { break };
            self.now = self.now.max(next);
            let now = self.now;
            if arrival == Some(next) {
                let (_, (place, bytes)) = self.wire.pop_first().unwrap();
                let side = &mut self.sides[place];
                let input = Input::Arrival { peer: side.address, bytes: &bytes };
                side.endpoint.handle(now, input, &mut side.out);
                self.drain(place);
            } else if act == Some(next) {
                let place = usize::try_from(self.rng.below(2)).unwrap();
                self.act(place);
                next_act = now + Span::millis(self.rng.below(1500));
            } else {
                let place = usize::from(wakes[0] != Some(next));
                let side = &mut self.sides[place];
                side.endpoint.handle(now, Input::Tick, &mut side.out);
                // Who is woken has something to do, and does it.
                assert!(
                    side.endpoint.next_wake() > Some(next) || side.endpoint.next_wake().is_none()
                );
                self.drain(place);
            }
        }
        self.now = end;
    }

    /// Everybody hangs up, and the wire heals.
    fn finish(&mut self) {
        self.loss = 0.0;
        for place in [0, 1] {
            let side = &mut self.sides[place];
            for (dialog, told) in &mut side.calls {
                let next = match told {
                    Told::Calling => Told::GivenUp,
                    Told::Invited | Told::Standing => Told::Ended,
                    Told::GivenUp | Told::Ended => continue,
                };
                *told = next;
                side.endpoint.end(self.now, *dialog, Reason::Q850(16), &mut side.out).unwrap();
            }
            self.drain(place);
        }
        self.live(self.now + Span::secs(300), false);
        for side in &self.sides {
            let ended = side.calls.values().all(|it| *it == Told::Ended);
            assert!(ended, "{:?}{}", side.calls, self.story());
            assert!(side.endpoint.is_empty(), "{}{}", side.endpoint.left(), self.story());
            assert_eq!(side.endpoint.next_wake(), None, "{}", self.story());
            let counts = side.endpoint.counts();
            assert_eq!((counts.dialogs, counts.transactions), (0, 0));
        }
    }
}

#[test]
fn calls_end_cleanly_over_a_wire_that_loses_doubles_and_reorders() {
    for seed in 0..200 {
        let mut world = World::new(seed, Transport::Udp);
        world.live(Timestamp::EPOCH + Span::secs(120), true);
        world.finish();
    }
}

#[test]
fn calls_end_cleanly_over_a_stream() {
    for seed in 0..50 {
        let mut world = World::new(seed, Transport::Tcp);
        world.live(Timestamp::EPOCH + Span::secs(120), true);
        world.finish();
    }
}
