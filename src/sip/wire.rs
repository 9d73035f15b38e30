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
    /// A stream that nobody else can read.
    Tls,
    /// One message a frame (RFC 7118), as browsers do.
    Ws,
    /// The same, where nobody else can read it.
    Wss,
}

impl Transport {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Udp, Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    /// As Via says it (RFC 3261 20.42, RFC 7118 5.2), and people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// As a URI's `transport` says it, and the configuration. RFC 7118 5.3 has `ws` for both.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The transport that a URI or the configuration means by that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(word))
    }

    /// The port where none is said (RFC 3261 19.1.2, RFC 7118 9).
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }

    /// Whether messages go by a connection, which delivers all or breaks.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// Whether nobody on the way can read along.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// Whether one frame is one message, whose end needs no Content-Length (RFC 7118 4.2).
    #[must_use]
    pub const fn is_framed(self) -> bool {
        matches!(self, Self::Udp | Self::Ws | Self::Wss)
    }
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
    /// Which UDP socket or connection. For a message to go over a connection that does not
    /// stand yet: [`Peer::NO_FLOW`], and `net` opens one.
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
    /// First byte within [`Output::bytes`](crate::sip::output::Output::bytes).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}
