//! What the sockets count, for the figures.

/// What the sockets have seen, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams that the kernel took for sending.
    pub datagrams_out: u64,
    /// Datagrams that the kernel refused to send: no way there, no room.
    pub datagrams_lost: u64,
    /// Receiving or accepting failed: no memory, no file descriptor.
    pub faults: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections closed unread, for want of room.
    pub turned_away: u64,
    /// Connections opened by us.
    pub opened: u64,
    /// Connections closed for being silent or slow.
    pub timed_out: u64,
    /// TLS handshakes that ended well.
    pub handshakes_done: u64,
    /// TLS handshakes that did not.
    pub handshakes_failed: u64,
    /// Connections now.
    pub connections: u64,
}
