//! One TCP connection that carries SIP: bytes in, messages out, and back.
//!
//! ```text
//! connecting ──writable──► standing ──read──► Framer ──► messages
//!      │                      │ ▲
//!      └── refused            │ └── write ◄── unsent (what the far side has not taken yet)
//!                             └── closed, broken, silent or slow: gone
//! ```
//!
//! Knows where one message ends and the next begins, by [`Framer`]; not what they mean.

use std::io::{ErrorKind, Read, Write};

use mio::net::TcpStream;

use crate::{
    base::time::{Span, Timestamp},
    sip::{
        stream::{Framer, Piece},
        wire::Peer,
    },
};

/// Bytes that a slow far side may leave untaken before we let it go.
const UNSENT_MAX: usize = 1 << 20;

/// How long opening, or the rest of a message that has begun, may take; a message that comes
/// by drops holds a place that others need. Timer B (RFC 3261 17.1.1.2) is as long.
pub(super) const PATIENCE: Span = Span::secs(32);

/// How long the answer to a message without an end may take.
const LAST_ANSWER: Span = Span::secs(1);

/// A connection, opened by either side.
pub(super) struct Connection {
    pub(super) socket: TcpStream,
    /// Which way its messages come and go.
    pub(super) peer: Peer,
    /// Whether we opened it.
    pub(super) ours: bool,
    framer: Framer,
    unsent: Vec<u8>,
    standing: bool,
    /// When the last whole message came; at first, when the connection began.
    heard: Timestamp,
    mood: Mood,
}

/// What is known of the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// It has sent no whole message yet.
    Silent,
    /// It speaks SIP.
    Fluent,
    /// Nobody knows where its next message begins: one more answer, and it is let go.
    Lost,
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
        peer: Peer,
        ours: bool,
        message_max: usize,
    ) -> Self {
        Self {
            socket,
            peer,
            ours,
            framer: Framer::new(message_max),
            unsent: vec![],
            standing: !ours,
            heard: now,
            mood: Mood::Silent,
        }
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
        let came = match self.socket.read(buffer) {
            Ok(0) => return Pace::Gone,
            Ok(came) => came,
            Err(why) if why.kind() == ErrorKind::WouldBlock => return Pace::Drained,
            Err(why) if why.kind() == ErrorKind::Interrupted => return Pace::More,
            Err(_) => return Pace::Gone,
        };
        self.framer.push(buffer.get(..came).unwrap_or_default());
        let mut pings = 0;
        loop {
            match self.framer.next() {
                Piece::Message(bytes) => {
                    tell(self.peer, bytes);
                    self.mood = Mood::Fluent;
                    self.heard = now;
                }
                Piece::KeepAlive => {
                    pings += 1;
                    self.heard = now;
                }
                Piece::More => break,
                // What was told last may yet be answered, by a refusal.
                Piece::Broken if self.heard == now && self.mood == Mood::Fluent => {
                    self.mood = Mood::Lost;
                    return Pace::Drained;
                }
                Piece::Broken => return Pace::Gone,
            }
        }
        // The pongs of RFC 5626 4.4.1.
        for _ in 0..pings {
            if self.write(b"\r\n") == Pace::Gone {
                return Pace::Gone;
            }
        }
        Pace::More
    }

    /// Sends `bytes`, or keeps them until the far side takes them.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Pace {
        if self.unsent.len() + bytes.len() > UNSENT_MAX {
            return Pace::Gone;
        }
        self.unsent.extend_from_slice(bytes);
        let pace = self.flush();
        if self.mood == Mood::Lost && self.unsent.is_empty() { Pace::Gone } else { pace }
    }

    /// Sends what is unsent, as far as the far side takes it.
    pub(super) fn flush(&mut self) -> Pace {
        if !self.standing {
            return Pace::Drained;
        }
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(0) => return Pace::Gone,
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Pace::Drained,
                Err(why) if why.kind() == ErrorKind::Interrupted => (),
                Err(_) => return Pace::Gone,
            }
        }
        Pace::Drained
    }

    /// The socket can be written to: a connection of ours stands now, or was refused.
    pub(super) fn writable(&mut self) -> Pace {
        if !self.standing {
            match (self.socket.take_error(), self.socket.peer_addr()) {
                (Ok(None), Ok(_)) => self.standing = true,
                (Ok(None), Err(why)) if why.kind() == ErrorKind::NotConnected => {
                    return Pace::Drained;
                }
                _ => return Pace::Gone,
            }
        }
        self.flush()
    }

    /// Until when this connection may be as it is: `idle` for one that has spoken and owes
    /// nothing, the shorter [`PATIENCE`] for any other.
    pub(super) fn until(&self, idle: Span) -> Timestamp {
        let owes = !self.standing || self.framer.has_begun() || !self.unsent.is_empty();
        let patience = match self.mood {
            Mood::Lost => LAST_ANSWER,
            Mood::Silent => PATIENCE,
            Mood::Fluent if owes => PATIENCE,
            Mood::Fluent => idle,
        };
        self.heard + patience.min(idle)
    }
}
