//! A log line for each SIP message that was refused or dropped, for fail2ban and its like.
//!
//! ```text
//! WARN lotse::rejected: SIP refused source=203.0.113.7 reason="auth"
//! ```
//!
//! A thread of its own writes them: in a flood the log may be slow, and a decision never waits
//! for it. What it cannot keep up with is not logged; all are counted in the figures.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv6Addr},
    thread,
};

use crossbeam_channel::{Receiver, Sender};

use crate::{base::time::Span, net::clock::Clock, sip::output::Rejected};

/// Rejections that may wait to be written.
const WAITING_MAX: usize = 256;

/// Lines in a second for one address; fail2ban needs a handful.
const LINES_MAX: u32 = 10;

/// Addresses told apart within a second; the rest shares the lines of one.
const ADDRESSES_MAX: usize = 1_024;

/// The way to the log.
#[derive(Debug)]
pub(super) struct Rejections(Sender<Rejected>);

impl Rejections {
    /// Starts the thread that writes. It ends when this is dropped.
    pub(super) fn start(clock: Clock) -> io::Result<Self> {
        let (sender, rejected) = crossbeam_channel::bounded(WAITING_MAX);
        thread::Builder::new().name("rejections".into()).spawn(move || write(&rejected, clock))?;
        Ok(Self(sender))
    }

    /// Passes on a turn's rejections, as far as there is room.
    pub(super) fn pass_on(&self, rejected: &mut Vec<Rejected>) {
        for one in rejected.drain(..) {
            let _ = self.0.try_send(one);
        }
    }
}

fn write(rejected: &Receiver<Rejected>, clock: Clock) {
    let mut lines: BTreeMap<IpAddr, u32> = BTreeMap::new();
    let mut since = clock.now();
    for Rejected { why, from } in rejected {
        let now = clock.now();
        if now.since(since) >= Span::secs(1) {
            lines.clear();
            since = now;
        }
        let source = from.ip().to_canonical();
        let is_known = lines.len() < ADDRESSES_MAX || lines.contains_key(&source);
        let place = if is_known { source } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let count = lines.entry(place).or_default();
        *count += 1;
        if *count <= LINES_MAX {
            tracing::warn!(target: "lotse::rejected", %source, reason = why, "SIP refused");
        }
    }
}
