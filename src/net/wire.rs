//! Bytes between a socket and us: in the clear, or by TLS.
//!
//! ```text
//! put ──► (session) ──► unsent ──flush──► socket ──receive──► (session) ──► take
//! ```
//!
//! Both ways are bounded: what the far side does not take is kept up to a limit, and what comes is
//! handed on at once. Knows nothing of what the bytes say.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::Arc,
};

use mio::net::TcpStream;
use rustls::{
    ClientConfig, ClientConnection, ServerConfig, ServerConnection, pki_types::ServerName,
};

/// One end of a connection.
pub(super) enum Wire {
    /// Anyone on the way can read it.
    Plain {
        /// What the far side has not taken yet.
        unsent: Vec<u8>,
        /// How much that may be.
        unsent_max: usize,
    },
    /// Nobody can.
    Secret(Box<rustls::Connection>),
}

/// What receiving once led to.
#[derive(Debug)]
pub(super) enum Came {
    /// Bytes, perhaps none that are ours to see; there may be more.
    Some,
    /// There is nothing for now.
    Nothing,
    /// The far side has said all it will.
    End,
    /// It cannot be talked to.
    Broken(String),
}

impl Wire {
    /// In the clear.
    pub(super) fn plain(unsent_max: usize) -> Self {
        Self::Plain { unsent: vec![], unsent_max }
    }

    /// TLS, for one who connected to us.
    pub(super) fn accepted(by: Arc<ServerConfig>, unsent_max: usize) -> Option<Self> {
        Some(Self::secret(ServerConnection::new(by).ok()?.into(), unsent_max))
    }

    /// TLS, towards `name`.
    pub(super) fn towards(
        name: ServerName<'static>,
        by: Arc<ClientConfig>,
        unsent_max: usize,
    ) -> Option<Self> {
        Some(Self::secret(ClientConnection::new(by, name).ok()?.into(), unsent_max))
    }

    fn secret(mut session: rustls::Connection, unsent_max: usize) -> Self {
        session.set_buffer_limit(Some(unsent_max));
        Self::Secret(Box::new(session))
    }

    /// Whether both sides still prove who they are.
    pub(super) fn in_handshake(&self) -> bool {
        match self {
            Self::Plain { .. } => false,
            Self::Secret(session) => session.is_handshaking(),
        }
    }

    /// Whether all that was put has gone.
    pub(super) fn is_flushed(&self) -> bool {
        match self {
            Self::Plain { unsent, .. } => unsent.is_empty(),
            Self::Secret(session) => !session.wants_write() && !session.is_handshaking(),
        }
    }

    /// Takes `bytes` to be sent. Says `false` if that is more than the far side may owe us.
    #[must_use]
    pub(super) fn put(&mut self, bytes: &[u8]) -> bool {
        match self {
            Self::Plain { unsent, unsent_max } => {
                unsent.extend_from_slice(bytes);
                unsent.len() <= *unsent_max
            }
            // Before the handshake is over the session keeps them.
            Self::Secret(session) => {
                session.writer().write(bytes).is_ok_and(|taken| taken == bytes.len())
            }
        }
    }

    /// Sends what is unsent, as far as the far side takes it.
    pub(super) fn flush(&mut self, socket: &mut TcpStream) -> io::Result<()> {
        loop {
            let sent = match self {
                Self::Plain { unsent, .. } if unsent.is_empty() => return Ok(()),
                Self::Plain { unsent, .. } => {
                    socket.write(unsent).inspect(|&taken| drop(unsent.drain(..taken)))
                }
                Self::Secret(session) if !session.wants_write() => return Ok(()),
                Self::Secret(session) => session.write_tls(socket),
            };
            match sent {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => (),
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(why) if why.kind() == ErrorKind::Interrupted => (),
                Err(why) => return Err(why),
            }
        }
    }

    /// Receives once, and hands on what is ours to see. `buffer` is room to do it in.
    pub(super) fn receive(
        &mut self,
        socket: &mut TcpStream,
        buffer: &mut [u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Came {
        match self {
            Self::Plain { .. } => match socket.read(buffer) {
                Ok(0) => Came::End,
                Ok(came) => {
                    take(buffer.get(..came).unwrap_or_default());
                    Came::Some
                }
                Err(why) => Came::of(&why),
            },
            Self::Secret(session) => {
                let came = match session.read_tls(socket) {
                    Ok(0) => Came::End,
                    Ok(_) => Came::Some,
                    Err(why) => return Came::of(&why),
                };
                if let Err(why) = session.process_new_packets() {
                    // The alert that tells them; if it does not go now, it never will.
                    let _ = session.write_tls(socket);
                    return Came::Broken(why.to_string());
                }
                loop {
                    match session.reader().read(buffer) {
                        // They have said that this was all.
                        Ok(0) => return Came::End,
                        Ok(read) => take(buffer.get(..read).unwrap_or_default()),
                        Err(why) if why.kind() == ErrorKind::WouldBlock => return came,
                        // They hung up without saying so.
                        Err(_) => return Came::End,
                    }
                }
            }
        }
    }

    /// Says that this was all, as far as it can be said without waiting.
    pub(super) fn take_leave(&mut self, socket: &mut TcpStream) {
        if let Self::Secret(session) = self {
            session.send_close_notify();
            let _ = session.write_tls(socket);
        }
    }
}

impl Came {
    fn of(why: &io::Error) -> Self {
        let kind = why.kind();
        if kind == ErrorKind::WouldBlock {
            Self::Nothing
        } else if kind == ErrorKind::Interrupted {
            Self::Some
        } else {
            Self::Broken(why.to_string())
        }
    }
}
