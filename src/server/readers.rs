//! Whoever wants to know what became so: the web thread, the scribe, whoever else listens in.
//!
//! Every reader has a channel with a limit. A reader that falls so far behind misses facts,
//! and sees that it did by the gap in their numbers; the deciding thread never waits for it.

use std::time::Duration;

use crossbeam_channel::Sender;
use tokio::sync::mpsc;

use crate::{
    api::web::News,
    exchange::{fact::Record, request::Answer},
};

/// News that a reader may leave unread before it misses some. Each is at most a few hundred
/// bytes, and a reader folds a million a second.
pub(super) const UNREAD_MAX: usize = 1 << 18;

/// How long a reader rests after a burst of news. Waking one costs the deciding thread more
/// than deciding does; a reader that rests finds the next news waiting, and nobody wakes it.
pub(super) const REST: Duration = Duration::from_millis(5);

/// Everyone whom facts are sent to.
pub(super) struct Readers {
    web: mpsc::Sender<News>,
    others: Vec<Sender<Record>>,
    missed: u64,
}

impl Readers {
    pub(super) fn new(web: mpsc::Sender<News>, others: Vec<Sender<Record>>) -> Self {
        Self { web, others, missed: 0 }
    }

    /// Passes on a turn's facts, then its answers, which are only true after them.
    pub(super) fn publish(&mut self, facts: &mut Vec<Record>, answers: &mut Vec<(u64, Answer)>) {
        for record in facts.drain(..) {
            for other in &self.others {
                // A reader that is gone wants no more.
                let full = other.try_send(record.clone()).is_err_and(|why| why.is_full());
                self.missed += u64::from(full);
            }
            self.tell(News::Fact(Box::new(record)));
        }
        for (ticket, answer) in answers.drain(..) {
            self.tell(News::Answer(ticket, answer));
        }
    }

    /// Tells the web thread alone.
    pub(super) fn tell(&mut self, news: News) {
        let full = matches!(self.web.try_send(news), Err(mpsc::error::TrySendError::Full(_)));
        self.missed += u64::from(full);
    }

    /// How many pieces of news found their reader too far behind, since last asked.
    pub(super) fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed)
    }
}
