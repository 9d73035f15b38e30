//! What the web thread owns, and the seam to the signal thread.
//!
//! ```text
//!   signal thread                              web thread
//!   ─────────────                              ──────────
//!   Output.facts, Output.answers ──► News ──►  Web::tell      (a bounded channel, in order)
//!   Input::Request               ◄── RequestSender ◄── a handler  (a bounded channel, try_send)
//! ```
//!
//! The shell sends a turn's facts first and its answers behind them, by one channel: whoever
//! is told `Done` and asks the board then finds it done. Tickets are given out here, from 1;
//! zero is the shell's own, and answers to it are dropped.
//!
//! ```ignore
//! let web = Web::new(Settings::of(&config.http), requests, tape, clock);
//! let router = routes::router(&web);             // for axum::serve, in a runtime with time
//! while let Some(news) = news.recv().await { web.tell(news); }
//! web.close();                                     // ends event streams, so that serve can end
//! ```

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, oneshot, watch};

use crate::{
    api::{
        events::{About, Gap, Ring, Written},
        names::Names,
        problem::{Kind, Problem, Text},
    },
    base::time::{Span, Timestamp},
    board::fold::Board,
    config::meant::{Http, Token},
    exchange::{
        fact::Record,
        plan::Plan,
        request::{Answer, Request, Ticket},
    },
    journal,
    media::order::Traffic,
    metrics::figures::Figures,
    net,
    sip::counts::Counts,
    trace::tape::Taken,
};

/// One thing the web thread is told.
#[derive(Debug)]
pub enum News {
    /// Something became so. In the order of `seq`; a gap is noticed and counted.
    Fact(Box<Record>),
    /// The answer to the request of that ticket, behind the facts that it caused.
    Answer(u64, Answer),
    /// What went over SIP so far. About once a second.
    Sip(Box<Counts>),
    /// How the journal fares, whenever that changes.
    Journal(journal::Counts),
    /// What the media threads have carried so far.
    Sound(Traffic),
    /// What the sockets that carry SIP counted so far.
    Sockets(Box<net::counts::Counts>),
    /// The configuration: at the start and after each reload. Gives trunks and phones their
    /// names; queues and agents come by facts.
    Configured(Arc<Plan>),
    /// The tokens of the configuration, after a reload.
    Tokens(Vec<Token>),
    /// Why this process should get no traffic now, one short sentence a reason; none: it
    /// should. Before this is first told, `/readyz` says that the process is starting.
    /// (That it drains is known from the facts.)
    Unready(Vec<String>),
}

/// The way to the signal thread: takes the request, or gives it back when the way is full.
pub type RequestSender = Arc<dyn Fn(Ticket) -> Result<(), Ticket> + Send + Sync>;

/// The way to the tape of SIP messages, which the signal thread holds: asks for those of these
/// Call-IDs, or says `false` when the way is full.
pub type Tape = Arc<dyn Fn(Vec<String>, oneshot::Sender<Vec<Taken>>) -> bool + Send + Sync>;

/// The time, from whoever may read a clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the web thread needs to know from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bearer tokens that open `/api/v1`. With none, nothing opens it.
    pub tokens: Vec<Token>,
    /// The longest request body, in bytes; beyond: 413.
    pub body_max: usize,
    /// Event streams open at once; beyond: 503.
    pub streams_max: usize,
    /// Events kept for readers that were away; beyond: a fresh snapshot.
    pub events_kept: usize,
    /// Ended calls kept for readers.
    pub ended_kept: usize,
    /// How long a request may take to come in and be answered; beyond: 408. A stream is
    /// answered when it begins.
    pub request_max: Span,
    /// How long the exchange may take to answer a request; beyond: 504.
    pub patience: Span,
}

/// The web thread's belongings. Clones share them.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

struct Shared {
    settings: Settings,
    requests: RequestSender,
    tape: Tape,
    clock: Clock,
    state: Mutex<WebState>,
    /// Moves with every fact; streams wait for it. `None` once they are to end.
    pulse: Mutex<Option<watch::Sender<u64>>>,
    streams: Arc<Semaphore>,
}

/// Everything known. Held only between two awaits, by one thread: the lock is never waited for.
pub(super) struct WebState {
    pub(super) board: Board,
    pub(super) names: Names,
    pub(super) events: Ring,
    pub(super) tokens: Vec<Token>,
    figures: Figures,
    unready: Option<Vec<String>>,
    asked: BTreeMap<u64, oneshot::Sender<Answer>>,
    last_ticket: u64,
}

impl Settings {
    /// The settings that the configuration gives, and our own for the rest.
    #[must_use]
    pub fn of(http: &Http) -> Self {
        Self {
            tokens: http.tokens.clone(),
            body_max: http.body_max,
            streams_max: http.streams_max,
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tokens: vec![],
            body_max: 16 * 1024,
            streams_max: 64,
            events_kept: 4096,
            ended_kept: 1000,
            request_max: Span::secs(10),
            patience: Span::secs(2),
        }
    }
}

impl Web {
    /// The state of one that has heard nothing yet.
    #[must_use]
    pub fn new(settings: Settings, requests: RequestSender, tape: Tape, clock: Clock) -> Self {
        let state = WebState {
            board: Board::new(settings.ended_kept),
            names: Names::default(),
            events: Ring::new(settings.events_kept, clock()),
            tokens: settings.tokens.clone(),
            figures: Figures::new(),
            unready: None,
            asked: BTreeMap::new(),
            last_ticket: 0,
        };
        let streams = Arc::new(Semaphore::new(settings.streams_max));
        let pulse = Mutex::new(Some(watch::Sender::new(0)));
        let state = Mutex::new(state);
        Self(Arc::new(Shared { settings, requests, tape, clock, state, pulse, streams }))
    }

    /// Takes one piece of news. Costs microseconds and never waits.
    pub fn tell(&self, news: News) {
        let mut state = self.state();
        match news {
            News::Fact(record) => {
                let seq = record.seq;
                state.fold(record);
                if let Some(pulse) = self.pulse().as_ref() {
                    pulse.send_replace(seq);
                }
            }
            News::Answer(ticket, answer) => {
                if let Some(asker) = state.asked.remove(&ticket) {
                    // Whoever asked may have gone; the deed is done all the same.
                    let _ = asker.send(answer);
                }
            }
            News::Sip(counts) => state.figures.count_sip(&counts),
            News::Journal(counts) => state.figures.count_journal(&counts),
            News::Sound(traffic) => state.figures.count_sound(&traffic),
            News::Sockets(counts) => state.figures.count_sockets(&counts),
            News::Configured(plan) => {
                state.names = Names::of(&plan);
                state.figures.configure(&plan);
            }
            News::Tokens(tokens) => state.tokens = tokens,
            News::Unready(reasons) => state.unready = Some(reasons),
        }
    }

    /// Ends the event streams, so that a graceful shutdown is not held up by their readers.
    pub fn close(&self) {
        self.pulse().take();
    }

    /// Asks the exchange and waits for what came of it, the facts of it folded.
    pub(super) async fn ask(&self, request: Request) -> Result<Answer, Problem> {
        let (asker, answer) = oneshot::channel();
        let ticket = {
            let mut state = self.state();
            state.last_ticket += 1;
            let ticket = state.last_ticket;
            state.asked.insert(ticket, asker);
            ticket
        };
        // Whatever happens below, nobody waits under this ticket any more afterwards: not even
        // if the client goes away and this future is dropped.
        let _waiting = Waiting { web: self, ticket };
        if (self.0.requests)(Ticket { number: ticket, request }).is_err() {
            return Err(crowded());
        }
        match tokio::time::timeout(Duration::from(self.0.settings.patience), answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(Problem::new(
                Kind::TimedOut,
                Text::new(
                    "The exchange did not answer in time; look whether it did as asked.",
                    "Die Vermittlung hat nicht rechtzeitig geantwortet; bitte nachsehen, ob es geschehen ist.",
                ),
            )),
        }
    }

    /// The messages of these Call-IDs, as far as they are still kept.
    pub(super) async fn recall(&self, call_ids: Vec<String>) -> Result<Vec<Taken>, Problem> {
        let (asker, answer) = oneshot::channel();
        if !(self.0.tape)(call_ids, asker) {
            return Err(crowded());
        }
        match tokio::time::timeout(Duration::from(self.0.settings.patience), answer).await {
            Ok(Ok(taken)) => Ok(taken),
            Ok(Err(_)) | Err(_) => Err(Problem::new(
                Kind::TimedOut,
                Text::new(
                    "The exchange did not answer in time; try again.",
                    "Die Vermittlung hat nicht rechtzeitig geantwortet; bitte erneut versuchen.",
                ),
            )),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, WebState> {
        // A panic while it is locked leaves it as a total fold leaves it: usable.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn streams(&self) -> &Arc<Semaphore> {
        &self.0.streams
    }

    /// Something that moves with every fact; `None` once streams are to end.
    pub(super) fn subscribe(&self) -> Option<watch::Receiver<u64>> {
        self.pulse().as_ref().map(watch::Sender::subscribe)
    }

    fn pulse(&self) -> MutexGuard<'_, Option<watch::Sender<u64>>> {
        self.0.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WebState {
    fn fold(&mut self, record: Box<Record>) {
        // The figures are of the moment before; so is what an event says of its call, and
        // `fold` may forget that call.
        self.figures.fold(&record, &self.board);
        let about = About::of(&record.fact, &self.board);
        self.board.fold(&record);
        self.events.push(record, about);
    }

    /// At most `max` events behind number `seq`.
    pub(super) fn events_after(&self, seq: u64, max: usize) -> Result<Vec<Arc<Written>>, Gap> {
        self.events.after(seq, max, &self.board, &self.names)
    }

    pub(super) fn metrics(&mut self, now: Timestamp) -> String {
        self.figures.render(&self.board, now)
    }

    /// Why no traffic is wanted; nothing if it is.
    pub(super) fn unready(&self) -> Vec<String> {
        let mut reasons = match &self.unready {
            None => vec!["starting: the server is not up yet".to_owned()],
            Some(reasons) => reasons.clone(),
        };
        if !self.board.is_up() {
            reasons.push("starting: the exchange has no configuration yet".to_owned());
        }
        if self.board.is_draining() {
            reasons.push("draining: no new calls are taken".to_owned());
        }
        reasons
    }
}

fn crowded() -> Problem {
    Problem::busy(Text::new(
        "Too many requests wait for the exchange; try again.",
        "Zu viele Anfragen warten auf die Vermittlung; bitte erneut versuchen.",
    ))
}

/// Someone who waits for an answer.
struct Waiting<'a> {
    web: &'a Web,
    ticket: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.web.state().asked.remove(&self.ticket);
    }
}
