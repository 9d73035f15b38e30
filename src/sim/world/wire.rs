//! A network that loses, doubles, delays and overtakes, by chance from a seed. What goes over a
//! connection is delayed only, and keeps its order.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::base::{
    numbers::FlowNo,
    rng::Rng,
    time::{Span, Timestamp},
};

/// How bad the network is. Chances are from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// How often a datagram is lost.
    pub loss: f64,
    /// How often it comes twice.
    pub twice: f64,
    /// How often some of its bytes are others on arrival, or its end is missing.
    pub garbled: f64,
    /// The least time it takes.
    pub delay: Span,
    /// How much longer it may take: more than the gap between two, and they overtake.
    pub jitter: Span,
}

impl Weather {
    /// A good day on a local network.
    pub const FAIR: Self =
        Self { loss: 0.0, twice: 0.0, garbled: 0.0, delay: Span::millis(1), jitter: Span::ZERO };
    /// Worse than any line that one would sign a contract for.
    pub const FOUL: Self = Self {
        loss: 0.05,
        twice: 0.03,
        garbled: 0.0,
        delay: Span::millis(5),
        jitter: Span::millis(120),
    };
    /// Nothing arrives: a cable is cut.
    pub const OUTAGE: Self = Self { loss: 1.0, ..Self::FOUL };
    /// As bad, and what arrives is not always what was sent.
    pub const GREMLINS: Self = Self { garbled: 0.05, ..Self::FOUL };
}

/// Datagrams under way.
#[derive(Debug)]
pub struct Wire {
    weather: Weather,
    rng: Rng,
    under_way: BTreeMap<(Timestamp, u64), Datagram>,
    /// When the last message of each connection arrives, by its ends.
    last: BTreeMap<(SocketAddr, SocketAddr), Timestamp>,
    count: u64,
}

/// A datagram.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// The connection, if it is a message over one.
    pub flow: Option<FlowNo>,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Wire {
    /// A network in that weather.
    #[must_use]
    pub fn new(weather: Weather, rng: Rng) -> Self {
        Self { weather, rng, under_way: BTreeMap::new(), last: BTreeMap::new(), count: 0 }
    }

    /// The weather changes; what is under way arrives as it would have.
    pub fn turn(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Sends a datagram: it arrives once, twice or never.
    pub fn send(&mut self, now: Timestamp, datagram: Datagram) {
        if datagram.flow.is_some() {
            return self.put_in_order(now, datagram);
        }
        if self.rng.chance(self.weather.loss) {
            return;
        }
        if self.rng.chance(self.weather.twice) {
            self.put(now, datagram.clone());
        }
        self.put(now, datagram);
    }

    fn put_in_order(&mut self, now: Timestamp, message: Datagram) {
        let jitter = Span::micros(self.rng.below(self.weather.jitter.0 + 1));
        let last = self.last.entry((message.from, message.to)).or_default();
        let at = (now + self.weather.delay + jitter).max(*last);
        *last = at;
        self.count += 1;
        self.under_way.insert((at, self.count), message);
    }

    fn put(&mut self, now: Timestamp, mut datagram: Datagram) {
        if self.rng.chance(self.weather.garbled) {
            garble(&mut datagram.bytes, &mut self.rng);
        }
        self.count += 1;
        let jitter = Span::micros(self.rng.below(self.weather.jitter.0 + 1));
        let at = now + self.weather.delay + jitter;
        self.under_way.insert((at, self.count), datagram);
    }

    /// The next datagram that has arrived.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<Datagram> {
        let entry = self.under_way.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When the next one arrives.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }
}

/// Exchanges a few bytes, mostly for such as mean something in SIP; or cuts the end off.
fn garble(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let mut anywhere = |limit: usize| usize::try_from(rng.below(limit as u64)).unwrap_or(0);
    if anywhere(4) == 0 {
        bytes.truncate(anywhere(bytes.len() + 1));
    }
    for _ in 0..=anywhere(4) {
        let letter = *b"\r\n:;,<>\"@ =/0129azSIP\0\xff".get(anywhere(22)).unwrap_or(&0);
        let place = anywhere(bytes.len());
        if let Some(byte) = bytes.get_mut(place) {
            *byte = letter;
        }
    }
}
