//! The last messages that came and went, on a tape of fixed length.
//!
//! ```text
//!   record ──► [ oldest … … … newest ] ──► of(Call-IDs)
//!                 └ falls off when a new one needs its room
//! ```
//!
//! Recording copies the bytes and notes which Call-ID they name, nothing more: it is done with
//! every message, by the thread that decides. What names no Call-ID is of no call and not kept.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use crate::{base::time::Timestamp, sip::wire::Peer};

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// To us.
    Received,
    /// From us.
    Sent,
}

/// A message as it went over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub way: Way,
    /// Between whom.
    pub peer: Peer,
    /// What.
    pub bytes: Vec<u8>,
}

/// The tape.
#[derive(Debug, Default)]
pub struct Tape {
    /// How many bytes of messages fit.
    length: usize,
    bytes: VecDeque<u8>,
    notes: VecDeque<Note>,
}

/// What is known of a message on the tape.
#[derive(Debug)]
struct Note {
    at: Timestamp,
    way: Way,
    peer: Peer,
    call_id: u64,
    len: usize,
}

impl Tape {
    /// An empty tape for so many bytes; for none, nothing is ever kept.
    ///
    /// Its room is reserved at once, so that no message waits while a longer tape is copied;
    /// the system gives the memory as the tape fills.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { length, bytes: VecDeque::with_capacity(length), notes: VecDeque::new() }
    }

    /// Keeps a message, and lets the oldest go for it if need be.
    pub fn record(&mut self, at: Timestamp, way: Way, peer: Peer, bytes: &[u8]) {
        if bytes.len() > self.length {
            return;
        }
        let Some(call_id) = call_id(bytes) else { return };
        while self.length - self.bytes.len() < bytes.len() {
            let Some(oldest) = self.notes.pop_front() else { break };
            self.bytes.drain(..oldest.len);
        }
        self.bytes.extend(bytes);
        self.notes.push_back(Note { at, way, peer, call_id: digest(call_id), len: bytes.len() });
    }

    /// All messages with one of these Call-IDs, in order.
    #[must_use]
    pub fn of(&self, call_ids: &[String]) -> Vec<Taken> {
        let wanted: Vec<u64> = call_ids.iter().map(|it| digest(it.as_bytes())).collect();
        let mut start = 0;
        let mut taken = vec![];
        for note in &self.notes {
            if wanted.contains(&note.call_id) {
                let bytes = self.bytes.range(start..start + note.len).copied().collect();
                taken.push(Taken { at: note.at, way: note.way, peer: note.peer, bytes });
            }
            start += note.len;
        }
        // Two Call-IDs may have one digest; who asks about one call hears of no other.
        taken.retain(|it: &Taken| {
            call_id(&it.bytes).is_some_and(|id| call_ids.iter().any(|it| it.as_bytes() == id))
        });
        taken
    }
}

/// The value of Call-ID, or of `i`, which is the same (RFC 3261 20.8).
fn call_id(message: &[u8]) -> Option<&[u8]> {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', message) {
        let line = message.get(start..end)?.trim_ascii_end();
        start = end + 1;
        if line.is_empty() {
            return None;
        }
        if !matches!(line.first(), Some(b'C' | b'c' | b'I' | b'i')) {
            continue;
        }
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = line.split_at_checked(colon)?;
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"Call-ID") || name.eq_ignore_ascii_case(b"i") {
            return Some(value.get(1..)?.trim_ascii());
        }
    }
    None
}

fn digest(call_id: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    call_id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::numbers::FlowNo, sip::wire::Transport};

    fn peer() -> Peer {
        Peer {
            transport: Transport::Udp,
            local: "192.0.2.10:5060".parse().unwrap(),
            remote: "192.0.2.77:5060".parse().unwrap(),
            flow: FlowNo::first(0),
        }
    }

    fn tape(length: usize, messages: &[&str]) -> Tape {
        let mut tape = Tape::new(length);
        for (at, message) in (1..).zip(messages) {
            tape.record(Timestamp(at), Way::Received, peer(), message.as_bytes());
        }
        tape
    }

    fn told(tape: &Tape, call_ids: &[&str]) -> Vec<u64> {
        let call_ids: Vec<_> = call_ids.iter().map(|it| (*it).to_owned()).collect();
        tape.of(&call_ids).iter().map(|it| it.at.0).collect()
    }

    #[test]
    fn a_call_is_told_by_its_call_ids_whatever_their_spelling() {
        let tape = tape(
            1_000,
            &[
                "INVITE sip:1 SIP/2.0\r\nVia: x\r\nCall-ID: a\r\n\r\n",
                "INVITE sip:1 SIP/2.0\r\nCSeq: 1 INVITE\r\ni:b\r\n\r\n",
                "SIP/2.0 200 OK\r\nCALL-ID : a  \r\n\r\n",
                "SIP/2.0 200 OK\r\nVia: x\r\n\r\nCall-ID: a\r\n",
            ],
        );
        assert_eq!(told(&tape, &["a"]), [1, 3]);
        assert_eq!(told(&tape, &["a", "b"]), [1, 2, 3]);
        assert_eq!(told(&tape, &["c"]), [0u64; 0]);
    }

    #[test]
    fn the_oldest_falls_off_a_full_tape_and_what_never_fits_pushes_nobody_off() {
        let message = |id: &str| format!("BYE sip:1 SIP/2.0\r\nCall-ID: {id}\r\n\r\n");
        let (a, b, c) = (message("a"), message("b"), message("c"));
        let long = message("d") + &"x".repeat(100);
        let tape = tape(a.len() * 2 + 3, &[&a, &b, &c, &long]);
        assert_eq!(told(&tape, &["a", "b", "c", "d"]), [2, 3]);
        assert_eq!(tape.of(&["c".to_owned()])[0].bytes, c.as_bytes());
    }

    #[test]
    fn a_tape_of_no_length_keeps_nothing() {
        assert_eq!(told(&tape(0, &["BYE x SIP/2.0\r\ni:a\r\n\r\n"]), &["a"]), [0u64; 0]);
    }
}
