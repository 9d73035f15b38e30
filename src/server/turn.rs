//! The signal thread: one turn after another, each with a single `now`.
//!
//! ```text
//! wait ──► arrivals ──► notices ──► commands ──► tick ──► flush ──► rest ──► wait …
//!          sockets      relay       API,         what      sockets,  under
//!                                   signals      is due    relay,    load
//!                                                          readers
//! ```
//!
//! Nothing here waits but for `wait` and `rest`, and nothing here decides: it carries things to
//! the exchange, and what follows away from it.

use std::{io, sync::Arc, thread};

use crossbeam_channel::Receiver;
use tokio::sync::oneshot;

use crate::{
    api::web::News,
    base::time::{Span, Timestamp},
    config::meant::Token,
    exchange::{
        plan::Plan,
        request::{Request, Ticket},
        switch::{Exchange, Input, Output},
    },
    media::order::Notice,
    net::{clock::Clock, names::Found, slice, sockets::Sockets, tls::Tls},
    relay::Relay,
    server::{readers::Readers, rejections::Rejections, tap::Tap},
    sip::endpoint,
    trace::tape::Taken,
};

/// Notices and commands taken in one turn; more wait for the next, so that SIP is heard between.
const COMMANDS_A_TURN: usize = 1024;

/// How often the figures of SIP are passed on, at most: Prometheus asks every few seconds.
const FIGURES_EVERY: Span = Span::secs(1);

/// After the last call: time for the answers to our last BYEs to come in, a few round trips of a slow way.
const LAST_WORDS: Span = Span::millis(300);

/// Under load a turn ends with a rest of so long: what comes meanwhile shares one wait, one read,
/// one write and one waking of every reader. That is a third of what a call costs, for less of a
/// delay than a wire makes: with a turn of [`SLICE`] before and after, a free agent is still offered the next caller
/// within two milliseconds.
const REST: Span = Span::micros(1_800);

/// Load is more than one message in so long, in the long run: more than seventy calls a second.
const EACH: Span = Span::millis(1);

/// So many messages may come at once; those of a few calls never wait.
const AT_ONCE: u64 = 16;

/// What a turn takes of the processor, about.
const SLICE: Span = Span::micros(100);

/// What the rest of the process may say to the signal thread.
#[derive(Debug)]
pub(super) enum Command {
    /// A request, from the API.
    Request(Ticket),
    /// The configuration is this from now on, these tokens open the API, and these certificates
    /// are shown.
    Config(Box<Plan>, Vec<Token>, Arc<Tls>),
    /// DNS says where a carrier is.
    Found(Found),
    /// Which messages of these Call-IDs were seen?
    Recall(Vec<String>, oneshot::Sender<Vec<Taken>>),
    /// Take no new calls, finish those inside, then end; not later than after this long.
    Drain(Span),
    /// End now.
    Stop,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Calls that were cut off.
    pub cut: usize,
}

/// Everything that the signal thread owns.
pub(super) struct Turns {
    pub(super) clock: Clock,
    pub(super) sockets: Sockets,
    pub(super) exchange: Exchange,
    pub(super) relay: Relay,
    pub(super) notices: Receiver<Notice>,
    pub(super) commands: Receiver<Command>,
    pub(super) readers: Readers,
    pub(super) tap: Tap,
    pub(super) rejections: Rejections,
    pub(super) out: Output,
    pub(super) course: Course,
    pub(super) figures_due: Timestamp,
    pub(super) pace: Pace,
}

/// How fast messages come (the generic cell rate algorithm: ITU-T I.371, annex A).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When the last message would have come, had all come evenly.
    due: Timestamp,
}

impl Pace {
    /// How long to rest after the turn of `now`, in which so many messages came.
    fn rest(&mut self, now: Timestamp, messages: u64) -> Span {
        let most = now + EACH * (2 * AT_ONCE);
        self.due = (self.due.max(now) + EACH * messages).min(most);
        if self.due > now + EACH * AT_ONCE { REST } else { Span::ZERO }
    }
}

/// Where the server stands between start and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Course {
    /// Open for calls.
    #[default]
    Open,
    /// No new calls; ends when the last is over, or at `limit`.
    Draining { limit: Timestamp },
    /// The last call is over; ends at `end`.
    Closing { end: Timestamp },
    /// Ends with this turn.
    Stopped,
}

impl Turns {
    /// Turns until the end. An error is the operating system's, and the end as well.
    pub(super) fn run(mut self) -> io::Result<Ended> {
        // Without it all goes as well, only later where the machine is busy.
        if let Err(error) = slice::ask_for(SLICE) {
            tracing::debug!(%error, "the system gives no shorter turns on the processor");
        }
        // The first turn hears of the plan's own facts: nobody may have to call for them.
        let mut now = self.clock.now();
        self.exchange.handle(now, Input::Tick, &mut self.out);
        // And of its ports: a call may have come before the first of all turns.
        self.heed_notices(now);
        self.flush(now);
        loop {
            self.sockets.wait(self.patience(now))?;
            now = self.clock.now();
            let messages = self.turn(now);
            self.flush(now);
            if self.is_over(now) {
                self.leave(now);
                return Ok(Ended { cut: self.exchange.status().calls });
            }
            let rest = self.pace.rest(now, messages);
            // Nobody rests in a flood: what is not read is lost.
            if rest > Span::ZERO && self.sockets.are_drained() {
                thread::sleep(rest.into());
            }
        }
    }

    /// Takes in all that is there. Says how many messages came.
    fn turn(&mut self, now: Timestamp) -> u64 {
        let Self { sockets, exchange, out, tap, .. } = self;
        let mut messages = 0;
        sockets.receive(now, &mut |input| {
            messages += 1;
            tap.hear(now, &input);
            exchange.handle(now, Input::Sip(input), out);
        });
        self.heed_notices(now);
        for _ in 0..COMMANDS_A_TURN {
            match self.commands.try_recv() {
                Ok(word) => self.heed(now, word),
                Err(_) => break,
            }
        }
        if self.exchange.next_wake().is_some_and(|due| due <= now) {
            self.exchange.handle(now, Input::Tick, &mut self.out);
        }
        messages
    }

    fn heed_notices(&mut self, now: Timestamp) {
        for notice in self.notices.try_iter().take(COMMANDS_A_TURN) {
            if let Notice::NotPlayed { leg, why } | Notice::Failed { leg, why } = &notice {
                tracing::warn!(%leg, why, "the media cannot do what was ordered");
            }
            self.exchange.handle(now, Input::Notice(notice), &mut self.out);
        }
    }

    fn heed(&mut self, now: Timestamp, word: Command) {
        let input = match word {
            Command::Request(request) => Input::Request(request),
            Command::Config(plan, tokens, tls) => {
                self.sockets.trust(tls);
                self.readers.tell(News::Tokens(tokens));
                self.readers.tell(News::Configured(Arc::new(plan.as_ref().clone())));
                Input::Plan(plan)
            }
            Command::Recall(call_ids, asker) => {
                // Who asked may have gone.
                let _ = asker.send(self.tap.recall(&call_ids));
                return;
            }
            Command::Found(Found { trunk, at }) => {
                self.sockets.aim(trunk, &at);
                let places: Vec<_> = at.into_iter().flat_map(|(_, places)| places).collect();
                let located = endpoint::Input::Located { trunk, places: &places };
                self.exchange.handle(now, Input::Sip(located), &mut self.out);
                return;
            }
            Command::Drain(limit) => {
                if self.course == Course::Open {
                    self.course = Course::Draining { limit: now + limit };
                }
                Input::Request(Ticket { number: 0, request: Request::Drain })
            }
            Command::Stop => {
                self.course = Course::Stopped;
                return;
            }
        };
        self.exchange.handle(now, input, &mut self.out);
    }

    /// Carries away everything that followed.
    fn flush(&mut self, now: Timestamp) {
        self.tap.see_off(now, &self.out.sip);
        self.sockets.send(now, &self.out.sip);
        self.out.sip.departures.clear();
        self.out.sip.bytes.clear();
        self.rejections.pass_on(&mut self.out.sip.rejected);
        self.relay.post(&mut self.out.orders);
        for refusal in self.out.refused.drain(..) {
            // Please report it, with the journal of that call.
            tracing::error!(refusal, "the engine refused what had happened: a fault of ours");
        }
        self.readers.publish(&mut self.out.facts, &mut self.out.answers);
        if self.figures_due <= now {
            self.figures_due = now + FIGURES_EVERY;
            self.readers.tell(News::Sockets(Box::new(self.sockets.counts())));
            self.readers.tell(News::Sip(Box::new(self.exchange.sip_counts().clone())));
            self.readers.tell(News::Sound(self.relay.figures().read()));
            self.relay.nudge();
            let missed = self.readers.take_missed();
            if missed > 0 {
                tracing::warn!(missed, "a reader of facts fell too far behind and missed some");
            }
        }
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self, now: Timestamp) -> Span {
        if !self.commands.is_empty() || !self.notices.is_empty() {
            return Span::ZERO;
        }
        let end = match self.course {
            Course::Open => None,
            Course::Draining { limit } => Some(limit),
            Course::Closing { end } => Some(end),
            Course::Stopped => Some(now),
        };
        let due = [self.exchange.next_wake(), self.sockets.next_wake(), end];
        let first = due.into_iter().flatten().fold(self.figures_due, Timestamp::min);
        first.since(now)
    }

    /// Carriers are told that we are going; the second time there is nothing left to tell.
    fn leave(&mut self, now: Timestamp) {
        self.exchange.handle(now, Input::Leave, &mut self.out);
        self.flush(now);
    }

    fn is_over(&mut self, now: Timestamp) -> bool {
        match self.course {
            Course::Draining { .. } if self.exchange.status().calls == 0 => {
                self.course = Course::Closing { end: now + LAST_WORDS };
                self.leave(now);
                false
            }
            Course::Draining { limit: end } | Course::Closing { end } => end <= now,
            Course::Open => false,
            Course::Stopped => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_rest_only_while_many_messages_come() {
        let mut pace = Pace::default();
        let at = |millis: u64| Timestamp(1_000_000) + Span::millis(millis);
        // A burst goes through at once, and what comes slowly.
        assert_eq!(pace.rest(at(0), 16), Span::ZERO);
        assert!((1..50).all(|millis| pace.rest(at(millis), 1) == Span::ZERO));
        // Twice as much is load.
        let rests = |pace: &mut Pace, range: std::ops::Range<u64>, messages| {
            range.step_by(2).filter(|millis| pace.rest(at(*millis), messages) == REST).count()
        };
        assert_eq!(rests(&mut pace, 50..150, 4), 50);
        // A flood is forgotten as soon as it is over.
        pace.rest(at(150), 1_000_000);
        assert_eq!(rests(&mut pace, 152..252, 1), 15);
    }
}
