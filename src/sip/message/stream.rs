//! Messages cut from a stream of bytes (RFC 3261 18.3), and keepalives seen (RFC 5626 3.5.1).
//!
//! ```text
//!            ┌── CRLF, skipped; two: KeepAlive ──┐
//!            ▼                                   │
//!         Between ── a letter ──► Head ── empty line ──► Body ── all there ──► Message
//!            └── anything else ──► Broken └── no end in sight ──► Message, then Broken
//! ```
//!
//! However the bytes trickle in, each is looked at a fixed number of times. Knows nothing of
//! connections: who holds one sends the pong and closes it when it is `Broken`.

use crate::sip::message::{
    class::Class,
    header::name::Known,
    raw::{Fields, Halves, head_end},
};

/// One direction of a connection.
#[derive(Clone, Debug)]
pub struct Framer {
    /// The largest message, in bytes.
    message_max: usize,
    buffer: Vec<u8>,
    /// Up to here the buffer is done with.
    done: usize,
    stage: Stage,
}

/// What has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A message. One whose end cannot be told, or lies beyond the limit, comes as far as it
    /// goes: it is unreadable, but the reader may yet have an answer for it.
    Message(&'a [u8]),
    /// A ping: send one CRLF back.
    KeepAlive,
    /// Nothing is whole yet.
    More,
    /// Nobody knows where the next message begins: close the connection.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No message has begun; so many line ends came.
    Between { line_ends: u8 },
    /// The empty line is not among the first `searched` bytes.
    Head { searched: usize },
    /// The message has that many bytes.
    Body { whole: usize },
    /// Nothing more is to be made of this stream.
    Lost,
}

impl Framer {
    /// A stream that nothing came from yet.
    #[must_use]
    pub fn new(message_max: usize) -> Self {
        Self { message_max, buffer: vec![], done: 0, stage: Stage::Between { line_ends: 0 } }
    }

    /// Whether a message has begun whose end has not come yet.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        !matches!(self.stage, Stage::Between { .. })
    }

    /// More has come. To be followed by [`next`](Self::next) until that asks for more.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.stage == Stage::Lost {
            return;
        }
        // Moving what is left costs less than what is done with did, so this adds up to little.
        if self.done * 2 >= self.buffer.len() {
            self.buffer.drain(..self.done);
            self.done = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next thing that is complete.
    #[allow(clippy::should_implement_trait)] // An iterator cannot lend what it yields.
    pub fn next(&mut self) -> Piece<'_> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            match self.stage {
                Stage::Between { line_ends } => match rest {
                    [b'\r', b'\n', ..] => {
                        self.done += 2;
                        self.stage = Stage::Between { line_ends: (line_ends + 1) % 2 };
                        if line_ends == 1 {
                            return Piece::KeepAlive;
                        }
                    }
                    [] | [b'\r'] => return Piece::More,
                    [first, ..] if Class::TOKEN.has(*first) => {
                        self.stage = Stage::Head { searched: 0 }
                    }
                    _ => self.stage = Stage::Lost,
                },
                Stage::Head { searched } => {
                    // The empty line may have begun in what was searched.
                    let Some((end, start)) = head_end(rest, searched.saturating_sub(3)) else {
                        if rest.len() > self.message_max {
                            return self.last();
                        }
                        self.stage = Stage::Head { searched: rest.len() };
                        return Piece::More;
                    };
                    let head = Halves { head: rest.get(..end).unwrap_or_default(), rest: None };
                    let whole = content_length(&head).and_then(|it| start.checked_add(it));
                    match whole {
                        Some(whole) if whole <= self.message_max => {
                            self.stage = Stage::Body { whole };
                        }
                        _ => return self.last(),
                    }
                }
                Stage::Body { whole } => {
                    if rest.len() < whole {
                        return Piece::More;
                    }
                    let start = self.done;
                    self.done += whole;
                    self.stage = Stage::Between { line_ends: 0 };
                    return Piece::Message(self.buffer.get(start..self.done).unwrap_or_default());
                }
                Stage::Lost => return Piece::Broken,
            }
        }
    }

    /// All there is, as a message of which no more will come.
    fn last(&mut self) -> Piece<'_> {
        self.stage = Stage::Lost;
        Piece::Message(self.buffer.get(self.done..).unwrap_or_default())
    }
}

/// The length that a head declares; `None` if it declares none, or no number, or two.
fn content_length(head: &Halves<'_>) -> Option<usize> {
    let text = head.text();
    let (_, fields) = Fields::of(&text);
    let mut lengths = fields
        .filter(|it| it.known == Some(Known::ContentLength))
        .map(|it| it.value.parse::<usize>().ok().filter(|_| Class::DIGIT.is_all(it.value)));
    let first = lengths.next()??;
    lengths.all(|it| it == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of a stream that is fed `bytes` in pieces of `step`.
    fn pieces(bytes: &[u8], step: usize) -> Vec<String> {
        let mut framer = Framer::new(200);
        let mut told = vec![];
        for bytes in bytes.chunks(step) {
            framer.push(bytes);
            loop {
                told.push(match framer.next() {
                    Piece::Message(it) => it.escape_ascii().to_string(),
                    Piece::KeepAlive => "ping".to_owned(),
                    Piece::More => break,
                    Piece::Broken => {
                        told.push("broken".to_owned());
                        return told;
                    }
                });
            }
        }
        told
    }

    #[test]
    fn messages_come_out_whole_however_they_trickle_in() {
        let stream = b"\r\nA\r\nl: 4\r\n\r\n\r\n\r\nB\r\nX: y\r\nContent-Length :0\r\n\r\n\r\n\r\n\
            C\nl:1\n\nzD\r\nl:0\r\n\r\n";
        let wanted = [
            r"A\r\nl: 4\r\n\r\n\r\n\r\n",
            r"B\r\nX: y\r\nContent-Length :0\r\n\r\n",
            "ping",
            r"C\nl:1\n\nz",
            r"D\r\nl:0\r\n\r\n",
        ];
        for step in 1..=stream.len() {
            assert_eq!(pieces(stream, step), wanted, "in pieces of {step}");
        }
    }

    #[test]
    fn one_line_end_is_no_ping() {
        assert_eq!(pieces(b"\r\n", 1), [""; 0]);
        assert_eq!(pieces(b"\r\n\r\n\r\n\r\n\r\n", 3), ["ping", "ping"]);
    }

    #[test]
    fn where_no_end_can_be_told_the_stream_is_over() {
        for (bytes, messages) in [
            (b"A\r\nX: y\r\n\r\nB\r\nl:0\r\n\r\n".as_slice(), 1),
            (b"A\r\nl: -1\r\n\r\nB", 1),
            (b"A\r\nl: 1\r\nl: 2\r\n\r\nB", 1),
            (b"A\r\nl: 99999999999999999999999\r\n\r\nB", 1),
            (b"A\r\nl: 201\r\n\r\nB", 1),
            (&[b'A'; 300], 1),
            (b"\x16\x03\x01\x02\x00\x01\x00", 0),
            (b"\0\0\0\0", 0),
        ] {
            let told = pieces(bytes, 7);
            assert_eq!(told.len(), messages + 1, "{}: {told:?}", bytes.escape_ascii());
            assert_eq!(told.last().map(String::as_str), Some("broken"));
        }
    }

    /// A megabyte, one byte at a time: seconds if anything is searched twice over.
    #[test]
    fn a_slow_sender_costs_no_more_than_a_fast_one() {
        let mut framer = Framer::new(2_000_000);
        for _ in 0..1_000_000 {
            framer.push(b"A");
            assert_eq!(framer.next(), Piece::More);
        }
        framer.push(b"\r\nl:0\r\n\r\n");
        assert!(matches!(framer.next(), Piece::Message(it) if it.len() == 1_000_009));
        framer.push(b"");
        assert_eq!(framer.buffer.len(), 0);
    }
}
