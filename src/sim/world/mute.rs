//! Media threads that carry no sound: they do as ordered, and say so after a while.
//!
//! They hold the exchange to the order of things: what is not open cannot play or join, and a
//! port is not lent twice.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    base::{
        numbers::LegNo,
        time::{Span, Timestamp},
    },
    media::order::{Notice, Order, Report, Stream},
};

/// How long a closed port drains.
const DRAIN: Span = Span::secs(3);
/// How long orders and notices are under way.
const DELAY: Span = Span::millis(1);
/// How long an announcement lasts: what a built-in greeting takes at most.
const SOUND: Span = Span::secs(4);
/// Sounds from this number on there are none of: they cannot be played.
pub const NO_SUCH_SOUND: u32 = 90;

/// The media of a world without sound.
#[derive(Debug, Default)]
pub struct Mute {
    legs: BTreeMap<LegNo, Open>,
    notices: BTreeMap<(Timestamp, u64), Notice>,
    count: u64,
    lent: u16,
}

#[derive(Debug)]
struct Open {
    port: u16,
    stream: Stream,
    /// The notice of the sounds' end, if they end.
    played: Option<(Timestamp, u64)>,
    /// The notice of its silence, if its far side has fallen silent.
    silent: Option<(Timestamp, u64)>,
}

impl Mute {
    /// Media with that many ports.
    #[must_use]
    pub fn new(now: Timestamp, ports: u16) -> Self {
        let mut mute = Self { lent: ports, ..Self::default() };
        let ports = (0..ports).map(|place| 20_000 + 2 * place).collect();
        mute.say(now, Notice::Ports { ports });
        mute
    }

    /// Carries out an order. Both sides of a join are told where they send their sound.
    pub fn obey(
        &mut self,
        now: Timestamp,
        order: Order,
        faults: &mut Vec<String>,
    ) -> Option<[SocketAddr; 2]> {
        let leg = match order {
            Order::Open { leg, port, stream } => {
                if self.legs.values().any(|open| open.port == port) {
                    faults.push(format!("{leg} is opened on port {port}, which is in use"));
                }
                if self
                    .legs
                    .insert(leg, Open { port, stream, played: None, silent: None })
                    .is_some()
                {
                    faults.push(format!("{leg} is opened twice"));
                }
                return None;
            }
            Order::Change { leg, .. }
            | Order::Play { leg, .. }
            | Order::Stop { leg }
            | Order::Part { leg }
            | Order::Press { leg, .. }
            | Order::Close { leg }
            | Order::Join { a: leg, .. }
            | Order::Mix { legs: [leg, ..] } => leg,
        };
        let Some(open) = self.legs.get_mut(&leg) else {
            faults.push(format!("{order:?} for a leg that is not open"));
            return None;
        };
        let plays_on = matches!(order, Order::Change { .. } | Order::Press { .. });
        if let (Some(played), false) = (open.played, plays_on) {
            self.notices.remove(&played);
            open.played = None;
        }
        match order {
            Order::Change { stream, .. } => {
                open.stream = stream;
                if let Some(told) = open.silent {
                    self.notices.remove(&told);
                    self.listen(now, leg);
                }
            }
            Order::Play { sounds, .. }
                if sounds.iter().any(|it| it.index() >= NO_SUCH_SOUND as usize) =>
            {
                self.say(now, Notice::NotPlayed { leg, why: "no such sound".into() });
            }
            Order::Play { loop_last: false, .. } => {
                let played = self.say(now + SOUND, Notice::Played { leg });
                self.legs.get_mut(&leg)?.played = Some(played);
            }
            Order::Join { a, b } => {
                let Some(other) = self.legs.get_mut(&b) else {
                    faults.push(format!("{a} is joined to {b}, which is not open"));
                    return None;
                };
                if let Some(played) = other.played.take() {
                    self.notices.remove(&played);
                }
                let remote = |leg| self.legs.get(&leg)?.stream.remote;
                return Some([remote(a)?, remote(b)?]);
            }
            Order::Mix { legs } => {
                for leg in legs {
                    let Some(open) = self.legs.get_mut(&leg) else {
                        faults.push(format!("{leg} is in a conference, and is not open"));
                        continue;
                    };
                    if let Some(played) = open.played.take() {
                        self.notices.remove(&played);
                    }
                }
            }
            Order::Close { .. } => {
                let port = open.port;
                self.legs.remove(&leg);
                self.say(now, Notice::Closed { leg, report: Report::default() });
                self.say(now + DRAIN, Notice::Ports { ports: vec![port] });
            }
            Order::Open { .. }
            | Order::Play { .. }
            | Order::Stop { .. }
            | Order::Part { .. }
            | Order::Press { .. } => (),
        }
        None
    }

    /// The next notice that is due.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<Notice> {
        let entry = self.notices.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When a notice is due.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.notices.first_key_value().map(|((at, _), _)| *at)
    }

    /// The far side of the leg that sounds at that address falls silent, for good.
    pub fn fall_silent(&mut self, now: Timestamp, far: SocketAddr) {
        let silent = self.legs.iter().find(|(_, open)| open.stream.remote == Some(far));
        if let Some((&leg, _)) = silent {
            self.listen(now, leg);
        }
    }

    /// A silent far side is told when its limit is over, if it is expected to speak.
    fn listen(&mut self, now: Timestamp, leg: LegNo) {
        let Some(open) = self.legs.get(&leg) else { return };
        let limit = open.stream.silence.filter(|_| open.stream.receive);
        let told = limit.map(|limit| self.say(now + limit, Notice::Silent { leg }));
        if let Some(open) = self.legs.get_mut(&leg) {
            // On hold nobody speaks. That it is silent is known all the same.
            open.silent = told.or(Some((now, 0)));
        }
    }

    /// What is still open when nothing should be.
    #[must_use]
    pub fn left_over(&self) -> Vec<String> {
        self.legs.keys().map(|leg| format!("the media still hold {leg}")).collect()
    }

    /// How many ports there are.
    #[must_use]
    pub fn ports(&self) -> usize {
        self.lent.into()
    }

    fn say(&mut self, now: Timestamp, notice: Notice) -> (Timestamp, u64) {
        self.count += 1;
        let key = (now + DELAY, self.count);
        self.notices.insert(key, notice);
        key
    }
}
