//! The legs of all calls as the media know them, and the one place that gives the media orders.
//!
//! ```text
//!           carry (Order::Open)        close (Order::Close)        Notice::Closed
//! Lent ───────────────────────► Open ───────────────────────► Closing ──────────► gone
//!   └── never opened: the port goes back at once
//! ```
//!
//! A call that was touched is [settled](Legs::settle): what its legs should hear is held against
//! what the media were last ordered, and the difference is ordered.

use std::collections::BTreeMap;

use crate::{
    base::{numbers::LegNo, time::Span},
    bridge::{
        call::Call,
        hears::{self, Ear, Hears},
        ordered::Ordered,
    },
    media::order::{Order, Stream},
};

/// All legs, as the media know them.
#[derive(Clone, Debug, Default)]
pub struct Legs {
    legs: BTreeMap<LegNo, Leg>,
    ordered: Ordered,
}

/// How a leg stands with the media.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Leg {
    /// Our RTP port.
    port: u16,
    state: State,
    /// How its sound goes, as last told.
    stream: Option<Stream>,
    /// Its sound has been agreed on with the far side.
    is_agreed: bool,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A port is lent, and the media know nothing yet.
    Lent,
    /// The media have opened it.
    Open,
    /// The media have been asked to close it.
    Closing,
}

/// What is left to do for a leg that was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It never was open: nothing more will be heard of it, and its port is free.
    AtOnce {
        /// The port that was lent.
        port: u16,
    },
    /// The media have been asked to.
    Soon,
    /// They had been before.
    Already,
}

impl Legs {
    /// A leg begins, with that port of ours.
    pub fn lend(&mut self, leg: LegNo, port: u16) {
        let new = Leg { port, state: State::Lent, stream: None, is_agreed: false };
        let before = self.legs.insert(leg, new);
        assert!(before.is_none(), "a leg's number is not given twice");
    }

    /// The leg's sound goes like that from now on: it is opened, or changed.
    pub fn carry(&mut self, leg: LegNo, stream: Stream, agreed: Agreed, out: &mut Vec<Order>) {
        let Some(known) = self.legs.get_mut(&leg) else { return };
        known.is_agreed |= agreed == Agreed::Yes;
        match known.state {
            State::Lent => {
                known.state = State::Open;
                out.push(Order::Open { leg, port: known.port, stream: stream.clone() });
            }
            State::Open => out.push(Order::Change { leg, stream: stream.clone() }),
            State::Closing => (),
        }
        known.stream = Some(stream);
    }

    /// The leg may be silent no longer than that until its sound changes again. Says whether it
    /// can be told by its sound at all that it is still there: on hold there is none.
    pub fn limit_silence(&self, leg: LegNo, limit: Span, out: &mut Vec<Order>) -> bool {
        let Some(stream) = self.stream(leg).filter(|it| it.receive) else { return false };
        let silence = Some(stream.silence.map_or(limit, |it| it.min(limit)));
        out.push(Order::Change { leg, stream: Stream { silence, ..stream.clone() } });
        true
    }

    /// The leg may be silent as long as was agreed.
    pub fn lift_silence(&self, leg: LegNo, out: &mut Vec<Order>) {
        if let Some(stream) = self.stream(leg) {
            out.push(Order::Change { leg, stream: stream.clone() });
        }
    }

    /// The far side of the leg hears a key.
    pub fn press(&self, leg: LegNo, key: char, length: Span, out: &mut Vec<Order>) {
        if self.ear(leg).is_open {
            out.push(Order::Press { leg, key, length });
        }
    }

    /// The leg is over.
    pub fn close(&mut self, leg: LegNo, out: &mut Vec<Order>) -> Closed {
        let Some(known) = self.legs.get_mut(&leg) else { return Closed::Already };
        match known.state {
            State::Lent => {
                let port = known.port;
                self.legs.remove(&leg);
                Closed::AtOnce { port }
            }
            State::Open => {
                known.state = State::Closing;
                self.order(Order::Close { leg }, out);
                Closed::Soon
            }
            State::Closing => Closed::Already,
        }
    }

    /// The media have closed it. Says whether they had been asked to.
    pub fn closed(&mut self, leg: LegNo) -> bool {
        let is_closing = self.is_closing(leg);
        if is_closing {
            self.legs.remove(&leg);
        }
        is_closing
    }

    /// The media could not play what the leg was to hear: it hears nothing.
    pub fn not_played(&mut self, leg: LegNo) {
        self.ordered.silence(leg);
    }

    /// Whether the media have been asked to close the leg.
    #[must_use]
    pub fn is_closing(&self, leg: LegNo) -> bool {
        self.legs.get(&leg).is_some_and(|it| it.state == State::Closing)
    }

    /// How the far side of the leg listens.
    #[must_use]
    pub fn ear(&self, leg: LegNo) -> Ear {
        let Some(leg) = self.legs.get(&leg) else { return Ear::default() };
        Ear {
            is_open: leg.state == State::Open,
            is_agreed: leg.is_agreed,
            holds: leg.is_agreed && leg.stream.as_ref().is_some_and(|it| !it.send),
        }
    }

    /// The port of a leg that is not closing.
    #[must_use]
    pub fn port(&self, leg: LegNo) -> Option<u16> {
        self.legs.get(&leg).filter(|it| it.state != State::Closing).map(|it| it.port)
    }

    /// The difference between what the call's legs should hear and what they do.
    pub fn settle(&mut self, call: &Call, out: &mut Vec<Order>) {
        let rows = hears::hears(call, &|leg| self.ear(leg));
        // Silence last: mostly it has come about by then.
        let (quiet, loud): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(_, hears)| *hears == Hears::Nothing);
        for (leg, wanted) in loud.into_iter().chain(quiet) {
            let ear = self.ear(leg);
            if !ear.is_open || ear.holds {
                continue;
            }
            if let Some(order) = self.ordered.order_for(leg, &wanted) {
                self.order(order, out);
            }
        }
    }

    fn stream(&self, leg: LegNo) -> Option<&Stream> {
        self.legs.get(&leg).filter(|it| it.state == State::Open)?.stream.as_ref()
    }

    fn order(&mut self, order: Order, out: &mut Vec<Order>) {
        self.ordered.note(&order);
        out.push(order);
    }
}

/// Whether the far side has agreed to how its sound goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// It has.
    Yes,
    /// Its answer is still to come.
    NotYet,
}
