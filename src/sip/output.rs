//! What comes out of the SIP machine: messages to send, and events that need a person or a plan.

use std::net::SocketAddr;

use crate::sip::{event::Event, wire::Departure};

/// Everything that follows from an input. The caller's, and reused each turn.
#[derive(Debug, Default)]
pub struct Output {
    /// The bytes of all departures, one after another.
    pub bytes: Vec<u8>,
    /// Messages to send, in order.
    pub departures: Vec<Departure>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Messages that were refused or dropped; in a flood, some of them.
    pub rejected: Vec<Rejected>,
}

/// A message that was refused or dropped: for whoever keeps the firewall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Why, as `Counts::rejected` has it.
    pub why: &'static str,
    /// Who sent it.
    pub from: SocketAddr,
}
