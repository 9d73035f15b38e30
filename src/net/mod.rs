//! Sockets and the clock: where bytes and time come from.
//!
//! ```text
//! batch ◄── sockets ──► connection ──► wire ──► tls        bind: how sockets are opened
//!                            └───────► web                 clock; slice: the processor's time
//! ```
//!
//! Knows where a SIP message begins and ends, and nothing of what it says.

pub mod batch;
pub mod bind;
pub mod clock;
mod connection;
mod connection_limits;
pub mod counts;
mod datagrams;
pub mod names;
pub mod slice;
pub mod sockets;
#[cfg(test)]
mod stories;
pub mod tls;
mod web;
mod wire;
