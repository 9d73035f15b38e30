//! What the media thread counts, to be read from any other.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use crate::media::order::Traffic;

/// The counters, shared by the thread that counts and those that read.
#[derive(Clone, Debug, Default)]
pub struct Figures(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    received: AtomicU64,
    sent: AtomicU64,
    unsent: AtomicU64,
    astray: AtomicU64,
    too_long: AtomicU64,
    ports_bound: AtomicUsize,
    ports_in_use: AtomicUsize,
}

impl Figures {
    /// What the counters say.
    #[must_use]
    pub fn read(&self) -> Traffic {
        let it = &self.0;
        Traffic {
            received: it.received.load(Relaxed),
            sent: it.sent.load(Relaxed),
            unsent: it.unsent.load(Relaxed),
            astray: it.astray.load(Relaxed),
            too_long: it.too_long.load(Relaxed),
            ports_bound: it.ports_bound.load(Relaxed),
            ports_in_use: it.ports_in_use.load(Relaxed),
        }
    }

    /// This many datagrams came.
    pub fn received(&self, count: usize) {
        self.0.received.fetch_add(count as u64, Relaxed);
    }

    /// A datagram went out, or could not.
    pub fn sent(&self, done: bool) {
        let counter = if done { &self.0.sent } else { &self.0.unsent };
        counter.fetch_add(1, Relaxed);
    }

    /// So many have gone astray, all in all.
    pub fn astray(&self, total: u64) {
        self.0.astray.store(total, Relaxed);
    }

    /// A datagram was longer than sound ever is.
    pub fn too_long(&self) {
        self.0.too_long.fetch_add(1, Relaxed);
    }

    /// So many pairs of ports are bound, and in use.
    pub fn ports(&self, bound: usize, in_use: usize) {
        self.0.ports_bound.store(bound, Relaxed);
        self.0.ports_in_use.store(in_use, Relaxed);
    }
}
