//! SIP over WebSocket (RFC 7118), the server's end: a request that asks for it, then frames.
//!
//! ```text
//! Asking ── GET … Upgrade: websocket, sip ──► 101 ──► Open ── text, binary ──► messages
//!    └── anything else ──► 4xx, and the end            └── close, or nonsense ──► the end
//! ```
//!
//! Bytes in, messages and bytes out: the connection beneath is someone else's. `tungstenite`
//! reads and writes the frames; the request is read here, so that whoever asks wrongly is told.

use std::{
    io::{self, Read, Write},
    mem,
};

use tungstenite::{
    Bytes, Error, Message,
    handshake::derive_accept_key,
    protocol::{Role, WebSocket, WebSocketConfig},
};

use crate::sip::message::stream::Piece;

/// The longest request that asks for a WebSocket; browsers send cookies along.
const REQUEST_MAX: usize = 16_384;

/// Headers in it.
const HEADERS_MAX: usize = 64;

/// What frames are read in.
const READ: usize = 4_096;

/// The server's end of one WebSocket.
pub(super) struct Web {
    stage: Stage,
    message_max: usize,
    /// The message that was told last.
    message: Bytes,
    /// What is to be sent, before a WebSocket stands.
    answer: Vec<u8>,
}

enum Stage {
    /// The request has come so far.
    Asking(Vec<u8>),
    /// Frames go both ways.
    Open(Box<WebSocket<Pipe>>),
    /// Nothing more comes.
    Over,
}

/// Bytes that came and bytes that are to go: what `tungstenite` takes for a socket.
#[derive(Debug, Default)]
struct Pipe {
    come: Vec<u8>,
    go: Vec<u8>,
}

impl Web {
    /// Nobody has asked yet.
    pub(super) fn new(message_max: usize) -> Self {
        let (message, answer) = (Bytes::new(), vec![]);
        Self { stage: Stage::Asking(vec![]), message_max, message, answer }
    }

    /// Whether the WebSocket stands.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open(_))
    }

    /// Whether something has begun whose end has not come yet.
    pub(super) fn has_begun(&self) -> bool {
        match &self.stage {
            Stage::Asking(_) => true,
            Stage::Open(socket) => !socket.get_ref().come.is_empty(),
            Stage::Over => false,
        }
    }

    /// More has come. To be followed by [`next`](Self::next) until that asks for more.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Asking(request) => {
                request.extend_from_slice(bytes);
                self.asked();
            }
            Stage::Open(socket) => socket.get_mut().come.extend_from_slice(bytes),
            Stage::Over => (),
        }
    }

    /// The next thing that is complete.
    #[allow(clippy::should_implement_trait)] // An iterator cannot lend what it yields.
    pub(super) fn next(&mut self) -> Piece<'_> {
        loop {
            let socket = match &mut self.stage {
                Stage::Asking(_) => return Piece::More,
                Stage::Open(socket) => socket,
                Stage::Over => return Piece::Broken,
            };
            match socket.read() {
                Ok(Message::Text(text)) => self.message = text.into(),
                Ok(Message::Binary(bytes)) => self.message = bytes,
                // The pong is on its way; the close is answered when it is read again.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => {
                    continue;
                }
                Err(Error::Io(why)) if why.kind() == io::ErrorKind::WouldBlock => {
                    let _ = socket.flush();
                    return Piece::More;
                }
                Err(_) => {
                    let _ = socket.flush();
                    self.answer = mem::take(&mut socket.get_mut().go);
                    self.stage = Stage::Over;
                    return Piece::Broken;
                }
            }
            // Some clients keep their connections alive as on TCP (RFC 5626 4.4.1).
            if self.message.iter().all(|it| matches!(it, b'\r' | b'\n')) {
                return Piece::KeepAlive;
            }
            return Piece::Message(&self.message);
        }
    }

    /// Makes a frame of `bytes`, or of nothing if no WebSocket stands. `false`: it cannot be sent.
    #[must_use]
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        let Stage::Open(socket) = &mut self.stage else { return false };
        // Text, unless a body is of another kind (RFC 7118 4.2).
        let message = match std::str::from_utf8(bytes) {
            Ok(text) => Message::text(text),
            Err(_) => Message::binary(Bytes::copy_from_slice(bytes)),
        };
        socket.send(message).is_ok()
    }

    /// Asks whether the far side is still there.
    pub(super) fn ping(&mut self) {
        if let Stage::Open(socket) = &mut self.stage {
            let _ = socket.send(Message::Ping(Bytes::new()));
        }
    }

    /// Takes the bytes that are to go.
    pub(super) fn take(&mut self) -> Vec<u8> {
        match &mut self.stage {
            Stage::Open(socket) if self.answer.is_empty() => mem::take(&mut socket.get_mut().go),
            Stage::Asking(_) | Stage::Open(_) | Stage::Over => mem::take(&mut self.answer),
        }
    }

    /// Looks whether the request is whole, and answers it.
    fn asked(&mut self) {
        let Stage::Asking(request) = &self.stage else { return };
        let answer = match read(request) {
            Upgrade::Partial if request.len() <= REQUEST_MAX => return,
            Upgrade::Partial => Err("431 Request Header Fields Too Large"),
            Upgrade::Refused(status) => Err(status),
            Upgrade::Wanted { key, length } => Ok((key, length)),
        };
        match answer {
            Ok((key, length)) => {
                self.answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                     Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\
                     Sec-WebSocket-Protocol: sip\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                )
                .into_bytes();
                let come = request.get(length..).unwrap_or_default().to_vec();
                let config = WebSocketConfig::default()
                    .read_buffer_size(READ)
                    .write_buffer_size(0)
                    .max_message_size(Some(self.message_max))
                    .max_frame_size(Some(self.message_max));
                let pipe = Pipe { come, go: vec![] };
                let socket = WebSocket::from_raw_socket(pipe, Role::Server, Some(config));
                self.stage = Stage::Open(Box::new(socket));
            }
            Err(status) => {
                let more = if status.starts_with("426") { "Upgrade: websocket\r\n" } else { "" };
                self.answer = format!(
                    "HTTP/1.1 {status}\r\n{more}Sec-WebSocket-Version: 13\r\n\
                     Connection: close\r\nContent-Length: 0\r\n\r\n"
                )
                .into_bytes();
                self.stage = Stage::Over;
            }
        }
    }
}

/// What a request for an upgrade came to.
enum Upgrade {
    /// There is more to come.
    Partial,
    /// It is refused with that status.
    Refused(&'static str),
    /// It asks for SIP over WebSocket.
    Wanted { key: String, length: usize },
}

/// Reads a request (RFC 6455 4.2.1, RFC 7118 4.1).
fn read(bytes: &[u8]) -> Upgrade {
    let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut room);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Partial) => return Upgrade::Partial,
        Ok(httparse::Status::Complete(length)) => length,
        Err(_) => return Upgrade::Refused("400 Bad Request"),
    };
    if request.method != Some("GET") {
        return Upgrade::Refused("405 Method Not Allowed");
    }
    let has = |name: &str, token: &str| {
        let values = request.headers.iter().filter(|it| it.name.eq_ignore_ascii_case(name));
        let mut tokens = values.flat_map(|it| it.value.split(|byte| *byte == b','));
        tokens.any(|it| it.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    if !has("Upgrade", "websocket") || !has("Connection", "upgrade") {
        return Upgrade::Refused("426 Upgrade Required");
    }
    if !has("Sec-WebSocket-Version", "13") {
        return Upgrade::Refused("426 Upgrade Required");
    }
    if !has("Sec-WebSocket-Protocol", "sip") {
        return Upgrade::Refused("400 Bad Request");
    }
    let key = request.headers.iter().find(|it| it.name.eq_ignore_ascii_case("Sec-WebSocket-Key"));
    let key = key.and_then(|it| std::str::from_utf8(it.value).ok()).unwrap_or_default();
    // Sixteen bytes in base64.
    if key.len() != 24 {
        return Upgrade::Refused("400 Bad Request");
    }
    Upgrade::Wanted { key: key.to_owned(), length }
}

impl Read for Pipe {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.come.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = room.len().min(self.come.len());
        for (to, from) in room.iter_mut().zip(self.come.drain(..count)) {
            *to = from;
        }
        Ok(count)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.go.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
