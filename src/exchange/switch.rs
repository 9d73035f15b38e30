//! The face of the exchange: told one thing, it answers with all that follows, at once.
//!
//! ```text
//!   Arrival, Notice, Request, Tick ──► Exchange ──► departures, orders, facts, answers
//! ```
//!
//! It never waits, never reads a clock, never fails for want of a socket. What waits lives
//! in the shell around it ([`server`](crate)).

use crate::{
    base::time::Timestamp,
    exchange::{
        fact::Told,
        plan::Plan,
        request::{Answer, Request},
    },
    media::order::{Notice, Order},
    sip,
};

/// One thing the exchange is told.
#[derive(Debug)]
pub enum Input<'a> {
    /// From the wire: a message, or a connection gone. (Its `Tick` is not used here.)
    Sip(sip::endpoint::Input<'a>),
    /// From the media threads.
    Notice(Notice),
    /// From the API or a person.
    Request(Request),
    /// The configuration is this from now on.
    Plan(Box<Plan>),
    /// Time has passed.
    Tick,
}

/// Everything that follows. The caller's, drained and reused each turn.
#[derive(Debug, Default)]
pub struct Output {
    /// SIP messages to send; its events are the exchange's own business and empty afterwards.
    pub sip: sip::endpoint::Output,
    /// Orders for the media threads.
    pub orders: Vec<Order>,
    /// What became so, in order.
    pub facts: Vec<Told>,
    /// Answers to requests, by ticket.
    pub answers: Vec<(u64, Answer)>,
}

/// How the exchange stands, for `/readyz` and the shutdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Calls inside: waiting, ringing, talking.
    pub calls: usize,
    /// No new calls are taken.
    pub draining: bool,
}

/// The exchange.
#[derive(Debug)]
pub struct Exchange {
    plan: Plan,
}

impl Exchange {
    /// An exchange that has heard nothing yet. The facts of its own making (the plan, fixed
    /// phones' agents) come with the first `handle`.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self { plan }
    }

    /// One thing in, everything that follows out.
    pub fn handle(&mut self, _now: Timestamp, _input: Input<'_>, _out: &mut Output) {
        let _ = &self.plan;
        todo!()
    }

    /// When to be told [`Input::Tick`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        todo!()
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        todo!()
    }

    /// What went over SIP, for the figures.
    #[must_use]
    pub fn sip_counts(&self) -> &sip::endpoint::Counts {
        todo!()
    }
}
