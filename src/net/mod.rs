//! Sockets and the clock: where bytes and time come from.
//!
//! ```text
//! batch ◄── sockets ──► connection        bind: how sockets are opened        clock
//! ```
//!
//! Knows where a SIP message begins and ends, and nothing of what it says.

pub mod batch;
pub mod bind;
pub mod clock;
mod connection;
pub mod sockets;
