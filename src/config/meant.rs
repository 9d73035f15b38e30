//! The configuration as it is meant: numbers, addresses and spans, no names left to look up.
//!
//! What each part is, is told by the room that uses it; this is only where they lie together.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    base::{masked::Masked, time::Span},
    config::{fault::Faults, roll::Roll},
    exchange, media,
};

/// A good configuration, and what is odd about it.
#[derive(Debug)]
pub struct Checked {
    /// What was meant.
    pub config: Config,
    /// What is allowed but probably not wanted. Often empty.
    pub warnings: Faults,
}

/// Everything that a server needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// For the exchange, with the queue engine's and the SIP machine's parts inside. The seed in
    /// it is all zero: whoever starts the server fills it from the operating system.
    pub exchange: exchange::plan::Plan,
    /// For the media threads.
    pub media: media::order::Settings,
    /// WAV files by `SoundNo`, counted on after the builtin sounds.
    pub sounds: Vec<PathBuf>,
    /// For the sockets that carry SIP. Where they listen is in `exchange.sip.listen`.
    pub net: Net,
    /// For those of them that nobody can read along.
    pub tls: Tls,
    /// For REST, events and pages.
    pub http: Http,
    /// Which SIP messages are kept, and who gets a copy.
    pub trace: Trace,
    /// What is logged, and how.
    pub log: Log,
    /// Where the journal is kept; `None`: in memory, until the process ends.
    pub data_dir: Option<PathBuf>,
    /// How long after an end the next start still knows who was at work.
    pub remember: Span,
    /// The names behind the numbers, for the next reload.
    pub roll: Roll,
}

/// For the sockets that carry SIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// Name servers; none: those that the system uses.
    pub dns: Vec<SocketAddr>,
    /// The DSCP of SIP (DOMAIN.md T-11): 24, CS3.
    pub dscp: u8,
    /// Connections at once; beyond, new ones are closed unread.
    pub connections_max: usize,
    /// Those of them that one source may have.
    pub connections_from_one: usize,
    /// TLS handshakes under way at once.
    pub handshakes_max: usize,
    /// How long a connection may be silent before it is closed.
    pub connection_idle: Span,
    /// How often the far side is asked whether it is still there; `None`: never.
    pub keep_alive: Option<Span>,
    /// Bytes that a slow far side may leave untaken.
    pub unsent_max: usize,
}

/// Who we are by TLS, and whom we trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Who we are, to those who connect.
    pub own: Option<Identity>,
    /// Whether TLS 1.2 is spoken besides 1.3.
    pub takes_tls12: bool,
    /// By place in `exchange.sip.listen`: who must have signed the certificates of those who
    /// connect there; `None`: they need none.
    pub clients: Vec<Option<PathBuf>>,
    /// By trunk.
    pub trunks: Vec<Option<Trust>>,
}

/// Whom we trust to be a carrier, and who we are to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// The domain that it must prove to be; `None`: the one it is looked up by.
    pub name: Option<String>,
    /// The authorities that may vouch for it; `None`: those that the system trusts.
    pub roots: Option<PathBuf>,
    /// What we show if it asks who we are.
    pub own: Option<Identity>,
}

/// A certificate with those that vouch for it, and its key; both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Ours first.
    pub certificate: PathBuf,
    /// To be read by us alone.
    pub key: PathBuf,
}

/// For REST, events and pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where.
    pub listen: SocketAddr,
    /// Who may ask. Without any, nobody may but for `/metrics`, `/healthz` and `/readyz`.
    pub tokens: Vec<Token>,
    /// Connections at once; beyond: 503.
    pub connections_max: usize,
    /// Event streams at once; beyond: 503.
    pub streams_max: usize,
    /// The longest request body, in bytes; beyond: 413.
    pub body_max: usize,
}

/// A key to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who holds it, for the log.
    pub name: String,
    /// What it opens.
    pub role: Role,
    /// What stands behind `Authorization: Bearer`.
    pub secret: Masked,
}

/// What a token opens. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads queues, agents, calls and events.
    Viewer,
    /// Changes agents' states, ends calls, drains.
    Operator,
}

/// Which SIP messages are kept, and who gets a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// How many bytes of them are kept.
    pub bytes: usize,
    /// The collector.
    pub hep: Option<SocketAddr>,
    /// Who we are to it.
    pub hep_id: u32,
    /// With what right; empty: none.
    pub hep_key: Masked,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Filter directives, as `tracing-subscriber` reads them: `info,lotse::sip=debug`.
    pub filter: String,
    /// For eyes or for machines.
    pub format: LogFormat,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// For machines: one object a line.
    Json,
}
