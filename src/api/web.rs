//! What the web thread owns, and the seam to the signal thread.
//!
//! ```text
//!   signal thread                              web thread
//!   ─────────────                              ──────────
//!   Output.facts, Output.answers ──► News ──►  Web::tell      (a bounded channel, in order)
//!   Input::Request               ◄── Door ◄──  a handler      (a bounded channel, try_send)
//! ```
//!
//! The shell sends a turn's facts first and its answers behind them, by one channel: whoever
//! is told `Done` and asks the board then finds it done. Tickets are given out here, from 1;
//! zero is the shell's own, and answers to it are dropped.
//!
//! ```ignore
//! let web = Web::new(settings, door, clock);
//! let router = web.router();                       // for axum::serve
//! while let Some(news) = news.recv().await { web.tell(news); }
//! web.close();                                     // ends event streams, so that serve can end
//! ```

use std::sync::Arc;

use crate::{
    base::{masked::Masked, time::Timestamp},
    exchange::{
        fact::Told,
        plan::Plan,
        request::{Answer, Request},
    },
    sip::endpoint::Counts,
};

/// One thing the web thread is told.
#[derive(Debug)]
pub enum News {
    /// Something became so. In the order of `seq`; a gap is noticed and counted.
    Fact(Box<Told>),
    /// The answer to the request of that ticket, behind the facts that it caused.
    Answer(u64, Answer),
    /// What went over SIP so far. About once a second.
    Sip(Box<Counts>),
    /// The configuration: at the start and after each reload. Gives trunks and phones their
    /// names; queues and agents come by facts.
    Configured(Arc<Plan>),
    /// Why this process should get no traffic now, one short sentence a reason; none: it
    /// should. Before this is first told, `/readyz` says that the process is starting.
    /// (That it drains is known from the facts.)
    Unready(Vec<String>),
}

/// The way to the signal thread: takes the request, or gives it back when the way is full.
pub type Door = Arc<dyn Fn(Request) -> Result<(), Request> + Send + Sync>;

/// The time, from whoever may read a clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the web thread needs to know from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bearer tokens that open `/api/v1`. With none, nothing opens it.
    pub tokens: Vec<Masked>,
    /// The longest request body, in bytes; beyond: 413.
    pub body_max: usize,
    /// Event streams open at once; beyond: 503.
    pub streams_max: usize,
    /// Events kept for readers that were away; beyond: a fresh snapshot.
    pub events_kept: usize,
    /// Ended calls kept for readers.
    pub ended_kept: usize,
    /// How long the exchange may take to answer a wish, in milliseconds; beyond: 504.
    pub patience_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tokens: vec![],
            body_max: 16 * 1024,
            streams_max: 64,
            events_kept: 4096,
            ended_kept: 1000,
            patience_ms: 2000,
        }
    }
}

/// The web thread's belongings. Clones share them.
#[derive(Clone)]
pub struct Web(Arc<Desk>);

struct Desk {
    settings: Settings,
    door: Door,
    clock: Clock,
}

impl Web {
    /// A desk that has heard nothing yet.
    #[must_use]
    pub fn new(settings: Settings, door: Door, clock: Clock) -> Self {
        Self(Arc::new(Desk { settings, door, clock }))
    }

    /// Takes one piece of news. Costs microseconds and never waits.
    pub fn tell(&self, _news: News) {
        let _ = (&self.0.settings, &self.0.door, &self.0.clock);
    }

    /// Everything that is served, for `axum::serve`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new()
    }

    /// Ends the event streams, so that a graceful shutdown is not held up by their readers.
    pub fn close(&self) {}
}
