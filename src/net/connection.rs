//! One connection that carries SIP: bytes in, messages out, and back.
//!
//! ```text
//! connecting ──► handshake (TLS) ──► asking (WebSocket) ──► standing ──► closed, broken,
//!      └── refused   └── untrusted      └── not SIP                     silent or slow: gone
//!
//! socket ◄──► Wire: plain or TLS ◄──► Talk: one message after the other, or one a frame
//! ```
//!
//! Knows where one message ends and the next begins; not what they mean.

use mio::net::TcpStream;

use crate::{
    base::time::{Span, Timestamp},
    net::{
        web::Web,
        wire::{Came, Wire},
    },
    sip::{
        message::stream::{Framer, Piece},
        wire::{Peer, Transport},
    },
};

/// How long the rest of a message that has begun may take; one that comes by drops holds a place
/// that others need. Timer B (RFC 3261 17.1.1.2) is as long.
pub(super) const PATIENCE: Span = Span::secs(32);

/// How long opening may take: the first SYN may be lost, and the second (RFC 6298 2.1) answered.
/// Whoever wanted it has other places to try.
const OPENING: Span = Span::secs(3);

/// How long proving who one is, and asking for a WebSocket, may take. From a timeout of 1 s, doubled at each loss (RFC
/// 6298 5.5), a packet lost three times over arrives after 7 s; from 3 s, as after a lost SYN (5.7), one lost twice
/// after 9 s. Longer would keep the place for those who never say who they are.
const HANDSHAKE: Span = Span::secs(10);

/// How long the answer to a message without an end may take.
const LAST_ANSWER: Span = Span::secs(1);

/// How long a pong may take (RFC 5626 4.4.1).
const PONG: Span = Span::secs(10);

/// A connection, opened by either side.
pub(super) struct Connection {
    pub(super) socket: TcpStream,
    /// Which way its messages come and go.
    pub(super) peer: Peer,
    /// Whether we opened it.
    pub(super) ours: bool,
    wire: Wire,
    talk: Talk,
    /// Whether the socket is connected.
    standing: bool,
    began: Timestamp,
    /// When the last whole message came; at first, when the connection began.
    heard: Timestamp,
    mood: Mood,
    pulse: Pulse,
}

/// How messages follow one another.
enum Talk {
    /// Each says how long it is.
    Stream(Framer),
    /// Each is a frame.
    Web(Box<Web>),
}

/// What is known of the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// It has sent no whole message yet.
    Silent,
    /// It speaks SIP.
    Fluent,
    /// Nobody knows where its next message begins: one more answer, and it is closed.
    Lost,
}

/// Whether the far side is still there, as far as pings tell (RFC 5626 4.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pulse {
    /// When anything was sent or received last.
    last: Option<Timestamp>,
    /// When it was asked, if it has said nothing since.
    asked: Option<Timestamp>,
    /// It has answered before. One that never did may not know how, and is no worse for that.
    answers: bool,
}

/// What reading once led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// There may be more.
    More,
    /// There is nothing more for now.
    Drained,
    /// The connection is of no more use.
    Gone,
}

impl Connection {
    pub(super) fn new(
        now: Timestamp,
        socket: TcpStream,
        wire: Wire,
        peer: Peer,
        ours: bool,
        message_max: usize,
    ) -> Self {
        let talk = match peer.transport {
            Transport::Ws | Transport::Wss => Talk::Web(Box::new(Web::new(message_max))),
            Transport::Udp | Transport::Tcp | Transport::Tls => {
                Talk::Stream(Framer::new(message_max))
            }
        };
        let (began, heard) = (now, now);
        let (mood, pulse) = (Mood::Silent, Pulse::default());
        Self { socket, peer, ours, wire, talk, standing: !ours, began, heard, mood, pulse }
    }

    /// Whether both sides still prove who they are, which costs more than anything after it.
    pub(super) fn in_handshake(&self) -> bool {
        self.wire.in_handshake()
    }

    /// Reads once, and hands every message that is whole now to `tell`.
    pub(super) fn read(
        &mut self,
        now: Timestamp,
        buffer: &mut [u8],
        tell: &mut dyn FnMut(Peer, &[u8]),
    ) -> Pace {
        if self.mood == Mood::Lost {
            return Pace::Drained;
        }
        let was_in_handshake = self.in_handshake();
        let (talk, mut is_ping, mut is_pong) = (&mut self.talk, !self.ours, false);
        let came = self.wire.receive(&mut self.socket, buffer, &mut |bytes| {
            // On one of ours, a single line end is the answer to our own ping.
            is_pong |= bytes == b"\r\n";
            is_ping |= bytes.windows(4).any(|it| it == b"\r\n\r\n");
            talk.push(bytes);
        });
        match &came {
            // A browser's WebSocket always answers, and by what is no message.
            Came::Some | Came::End => self.pulse.heard(now, is_pong || self.talk.is_web()),
            Came::Nothing => return self.flush(),
            Came::Broken(why) => {
                if self.ours && was_in_handshake {
                    let Peer { remote, transport, .. } = self.peer;
                    tracing::warn!(%remote, transport = transport.name(), why, "no connection");
                }
                return Pace::Gone;
            }
        }
        let (mut pings, is_web) = (0, self.talk.is_web());
        let mut is_over = matches!(came, Came::End);
        loop {
            match self.talk.next() {
                Piece::Message(bytes) => {
                    tell(self.peer, bytes);
                    self.mood = Mood::Fluent;
                    self.heard = now;
                }
                Piece::KeepAlive => {
                    pings += u32::from(is_ping);
                    self.heard = now;
                }
                Piece::More => break,
                // What was told last may yet be answered, by a refusal; over a WebSocket that has
                // been closed it cannot.
                Piece::Broken if self.heard == now && self.mood == Mood::Fluent && !is_web => {
                    self.mood = Mood::Lost;
                    break;
                }
                Piece::Broken => {
                    is_over = true;
                    break;
                }
            }
        }
        // The pongs of RFC 5626 4.4.1.
        for _ in 0..pings {
            if self.write(now, b"\r\n") == Pace::Gone {
                return Pace::Gone;
            }
        }
        match self.flush() {
            Pace::Gone => Pace::Gone,
            Pace::More | Pace::Drained if is_over => Pace::Gone,
            Pace::More | Pace::Drained if self.mood == Mood::Lost => Pace::Drained,
            Pace::More | Pace::Drained => Pace::More,
        }
    }

    /// Sends `bytes`, or keeps them until the far side takes them.
    pub(super) fn write(&mut self, now: Timestamp, bytes: &[u8]) -> Pace {
        self.pulse.last = Some(now);
        let taken = match &mut self.talk {
            Talk::Stream(_) => self.wire.put(bytes),
            Talk::Web(web) => web.write(bytes),
        };
        if !taken {
            return Pace::Gone;
        }
        let pace = self.flush();
        if self.mood == Mood::Lost && self.wire.is_flushed() { Pace::Gone } else { pace }
    }

    /// Sends what is unsent, as far as the far side takes it.
    fn flush(&mut self) -> Pace {
        if let Talk::Web(web) = &mut self.talk
            && !self.wire.put(&web.take())
        {
            return Pace::Gone;
        }
        if !self.standing {
            return Pace::Drained;
        }
        match self.wire.flush(&mut self.socket) {
            Ok(()) => Pace::Drained,
            Err(_) => Pace::Gone,
        }
    }

    /// The socket can be written to: a connection of ours stands now, or was refused.
    pub(super) fn writable(&mut self, now: Timestamp) -> Pace {
        if !self.standing {
            match (self.socket.take_error(), self.socket.peer_addr()) {
                (Ok(None), Ok(_)) => {
                    self.standing = true;
                    self.began = now;
                    self.pulse.last = Some(now);
                }
                (Ok(None), Err(why)) if why.kind() == std::io::ErrorKind::NotConnected => {
                    return Pace::Drained;
                }
                _ => return Pace::Gone,
            }
        }
        self.flush()
    }

    /// Whether one more answer is all that it is kept for.
    pub(super) fn is_lost(&self) -> bool {
        self.mood == Mood::Lost
    }

    /// Until when this connection may be as it is: `idle` for one that has spoken and owes
    /// nothing, much less for any other.
    pub(super) fn until(&self, idle: Span) -> Timestamp {
        if !self.standing {
            return self.began + OPENING.min(idle);
        }
        if self.in_handshake() || self.talk.is_asking() {
            return self.began + HANDSHAKE.min(idle);
        }
        let owes = self.talk.has_begun() || !self.wire.is_flushed();
        let patience = match self.mood {
            Mood::Lost => LAST_ANSWER,
            // Whoever was called may be silent until it is called again.
            Mood::Silent if self.ours && !owes => idle,
            Mood::Silent => PATIENCE,
            Mood::Fluent if owes => PATIENCE,
            Mood::Fluent => idle,
        };
        self.heard + patience.min(idle)
    }

    /// When the far side wants to be asked whether it is still there, if it does.
    pub(super) fn next_ping(&self, every: Option<Span>) -> Option<Timestamp> {
        let last = self.pulse.asked.map(|it| it + PONG).or(Some(self.pulse.last? + every?));
        last.filter(|_| self.asks())
    }

    /// Asks whether the far side is still there, or finds that it is not.
    pub(super) fn ping(&mut self, now: Timestamp) -> Pace {
        match self.pulse.asked {
            Some(_) if self.pulse.answers => return Pace::Gone,
            Some(_) => {
                self.pulse.asked = None;
                self.pulse.last = Some(now);
                return Pace::Drained;
            }
            None => self.pulse.asked = Some(now),
        }
        match &mut self.talk {
            Talk::Stream(_) if !self.wire.put(b"\r\n\r\n") => return Pace::Gone,
            Talk::Stream(_) => (),
            Talk::Web(web) => web.ping(),
        }
        self.flush()
    }

    /// Those we opened are kept open by us; a browser cannot ping by itself (RFC 6455 has no way
    /// for a script to do so), so we do.
    fn asks(&self) -> bool {
        self.standing
            && match &self.talk {
                Talk::Stream(_) => self.ours && !self.in_handshake(),
                Talk::Web(web) => web.is_open(),
            }
    }

    /// Says goodbye, as far as that can be done without waiting.
    pub(super) fn take_leave(&mut self) {
        self.wire.take_leave(&mut self.socket);
    }
}

impl Talk {
    fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Stream(framer) => framer.push(bytes),
            Self::Web(web) => web.push(bytes),
        }
    }

    fn next(&mut self) -> Piece<'_> {
        match self {
            Self::Stream(framer) => framer.next(),
            Self::Web(web) => web.next(),
        }
    }

    fn is_web(&self) -> bool {
        matches!(self, Self::Web(_))
    }

    fn has_begun(&self) -> bool {
        match self {
            Self::Stream(framer) => framer.has_begun(),
            Self::Web(web) => web.has_begun(),
        }
    }

    /// Whether a WebSocket is still asked for.
    fn is_asking(&self) -> bool {
        match self {
            Self::Stream(_) => false,
            Self::Web(web) => !web.is_open(),
        }
    }
}

impl Pulse {
    fn heard(&mut self, now: Timestamp, is_pong: bool) {
        self.answers |= self.asked.take().is_some() && is_pong;
        self.last = Some(now);
    }
}
