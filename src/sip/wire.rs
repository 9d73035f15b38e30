//! What passes between the SIP machine and the sockets: bytes, and by which way they came or go.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::base::numbers::FlowNo;

/// What SIP travels over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams; retransmission is ours.
    Udp,
    /// A stream; messages are cut by Content-Length.
    Tcp,
}

/// The way a message came by, or is to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Peer {
    /// Over what.
    pub transport: Transport,
    /// Our end: the socket's bound address.
    pub local: SocketAddr,
    /// Their end.
    pub remote: SocketAddr,
    /// Which UDP socket or TCP connection. For a message to go over a TCP connection that does
    /// not stand yet: [`Peer::NO_FLOW`], and `net` opens one.
    pub flow: FlowNo,
}

impl Peer {
    /// No connection stands yet.
    pub const NO_FLOW: FlowNo = FlowNo::first(u32::MAX);
}

/// A message to send: where to, and where its bytes stand in the output's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Which way.
    pub peer: Peer,
    /// First byte within [`Output::bytes`](crate::sip::endpoint::Output::bytes).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}
