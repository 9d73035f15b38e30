//! What the exchange asks of the media, and what the media say back.
//!
//! ```text
//! Open ──► Play … Stop ──► Join ──► Part ──► Close ──► Notice::Closed (port drained, report)
//! ```
//!
//! An order never fails in the exchange's face: what cannot be done comes back as a
//! [`Notice::Failed`], a sound that cannot be played as a [`Notice::NotPlayed`]. Orders of one leg are carried out in the order given.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        key::Key,
        numbers::{LegNo, SoundNo},
        time::Span,
    },
    rtp::srtp::suite::Suite,
};

/// What is asked of the media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A leg begins, on a port lent by [`Notice::Ports`].
    Open {
        /// Which leg.
        leg: LegNo,
        /// Our RTP port; RTCP is the next one up.
        port: u16,
        /// How the far side sends and receives, as far as known.
        stream: Stream,
    },
    /// A new offer/answer changed the far side.
    Change {
        /// Which leg.
        leg: LegNo,
        /// From now on.
        stream: Stream,
    },
    /// The leg hears these, one after another; whatever it heard before ends.
    Play {
        /// Which leg.
        leg: LegNo,
        /// What, in order.
        sounds: Vec<SoundNo>,
        /// Whether the last one is repeated until something else is ordered.
        loop_last: bool,
    },
    /// The leg hears nothing.
    Stop {
        /// Which leg.
        leg: LegNo,
    },
    /// The two hear each other; what either was hearing ends.
    Join {
        /// One.
        a: LegNo,
        /// The other.
        b: LegNo,
    },
    /// All of them hear one another; what any was hearing ends. Where one leaves and two are left,
    /// those are joined.
    Mix {
        /// Which legs.
        legs: [LegNo; 3],
    },
    /// The leg no longer hears, nor is heard by, its other side.
    Part {
        /// Which leg.
        leg: LegNo,
    },
    /// The far side of the leg hears a key, as a telephone-event (RFC 4733) instead of what it
    /// hears else. One that never agreed to those hears nothing of it.
    Press {
        /// Which leg.
        leg: LegNo,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        key: char,
        /// For how long.
        length: Span,
    },
    /// The leg is over. Its port drains before it is lent again.
    Close {
        /// Which leg.
        leg: LegNo,
    },
}

impl Order {
    /// Whether sound begins with it that nobody else sets off. All else is in time when the next
    /// packet comes, or the next 20 ms of a sound are due: a leg of which neither can be said is
    /// silent anyway.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        match self {
            Self::Play { .. } | Self::Mix { .. } | Self::Press { .. } => true,
            Self::Open { .. }
            | Self::Change { .. }
            | Self::Stop { .. }
            | Self::Join { .. }
            | Self::Part { .. }
            | Self::Close { .. } => false,
        }
    }
}

/// How the far side of a leg sends and receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Where the SDP says RTP goes; `None` until an answer is here (or `0.0.0.0`).
    pub remote: Option<SocketAddr>,
    /// Where the far side may be as well: it is believed there as at `remote`, and sent to once it
    /// has spoken from there. A phone behind a NAT names an address that only its neighbours know.
    pub second: Option<SocketAddr>,
    /// Where RTCP goes, if not to the port above `remote`'s.
    pub remote_rtcp: Option<SocketAddr>,
    /// Whether RTCP goes by the ports of RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// What packets are protected with, if they are.
    pub protection: Option<Protection>,
    /// What sound is sent and expected as.
    pub codec: Codec,
    /// The payload type that stands for `codec` on this leg.
    pub payload_type: u8,
    /// The payload type of telephone-event (RFC 4733), if agreed.
    pub dtmf: Option<u8>,
    /// Whether the far side wants to hear us (`sendrecv`, `recvonly`).
    pub send: bool,
    /// Whether the far side speaks (`sendrecv`, `sendonly`). If not, its silence is no fault.
    pub receive: bool,
    /// How long the far side may be silent before [`Notice::Silent`]; `None` for ever.
    pub silence: Option<Span>,
}

/// SRTP, with a key for each direction: master key and salt, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// How.
    pub suite: Suite,
    /// What we send with.
    pub send: Key,
    /// What the far side sends with.
    pub receive: Key,
}

/// A codec we can play, join and transcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Codec {
    /// G.711 A-law, 8 kHz, static payload type 8.
    #[serde(rename = "PCMA")]
    Pcma,
    /// G.711 µ-law, 8 kHz, static payload type 0.
    #[serde(rename = "PCMU")]
    Pcmu,
    /// G.722, 16 kHz sound with an 8 kHz RTP clock (RFC 3551 4.5.2), static payload type 9.
    #[serde(rename = "G722")]
    G722,
}

impl Codec {
    /// All of them, best sound first.
    pub const ALL: [Self; 3] = [Self::G722, Self::Pcma, Self::Pcmu];

    /// The encoding name in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
            Self::G722 => "G722",
        }
    }

    /// The payload type of RFC 3551.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
            Self::G722 => 9,
        }
    }
}

/// What the media say back.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// These RTP ports are bound (with the RTCP port above each) and may be lent. Sent at the
    /// start, when more are prepared, and when a closed one has drained.
    Ports {
        /// Even port numbers.
        ports: Vec<u16>,
    },
    /// Nothing has come from the far side for the leg's limit, since it last spoke or, if it
    /// never did, since it was joined. A report (RTCP) is a sign of life
    /// as sound is.
    Silent {
        /// Which leg.
        leg: LegNo,
    },
    /// All that was to be played has been.
    Played {
        /// Which leg.
        leg: LegNo,
    },
    /// What was to be played cannot be: the leg hears nothing, and goes on.
    NotPlayed {
        /// Which leg.
        leg: LegNo,
        /// What and why, for the log.
        why: String,
    },
    /// The far side pressed a key (RFC 4733), told once, when it is released.
    Digit {
        /// Which leg.
        leg: LegNo,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// An order could not be carried out; the leg is of no use.
    Failed {
        /// Which leg.
        leg: LegNo,
        /// What and why, for the log.
        why: String,
    },
    /// The leg is closed.
    Closed {
        /// Which leg.
        leg: LegNo,
        /// What went over it.
        report: Report,
    },
}

/// What went over a leg. Nothing here says who spoke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// RTP packets from the far side.
    pub received: u64,
    /// RTP packets to the far side.
    pub sent: u64,
    /// Packets of the far side that never came (RFC 3550 A.3); negative with duplicates.
    pub lost: i64,
    /// The far side's jitter in seconds (RFC 3550 A.8).
    pub jitter: f64,
    /// Packets refused: wrong source, malformed, unknown payload.
    pub refused: u64,
    /// Round trip by RTCP in seconds, if ever measured.
    pub round_trip: Option<f64>,
}

/// What the media threads have carried so far, all legs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Datagrams that came to RTP and RTCP ports.
    pub received: u64,
    /// Datagrams that were sent.
    pub sent: u64,
    /// Datagrams that the kernel would not send.
    pub unsent: u64,
    /// Datagrams that came to a port without a leg: late ones, or strangers'.
    pub astray: u64,
    /// Datagrams longer than sound ever is.
    pub too_long: u64,
    /// Pairs of ports that are bound.
    pub ports_bound: usize,
    /// Pairs of ports that have a leg, or drain.
    pub ports_in_use: usize,
}

/// What the media need to know from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address RTP sockets bind to.
    pub address: IpAddr,
    /// First and last port of the range, both included; RTP takes even ones.
    pub ports: (u16, u16),
    /// How many port pairs are bound ahead of need.
    pub prepared: u16,
    /// How long a closed port is drained before it is lent again.
    pub drain: Span,
    /// The DSCP of RTP and RTCP (DOMAIN.md T-11): 46, Expedited Forwarding.
    pub dscp: u8,
}
