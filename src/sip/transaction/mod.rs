//! Transactions (RFC 3261 17, with RFC 4320 and RFC 6026): one request and what answers it.
//!
//! ```text
//!              INVITE           any other
//! client   invite_client      other_client        rows: (State, Input) => (State, &[Do])
//! server   invite_server      other_server
//!                     \        /
//!                       table           their bytes, keys and timers
//! ```

pub mod derive;
pub mod invite_client;
pub mod invite_server;
pub mod key;
mod large;
mod one;
pub mod other_client;
pub mod other_server;
pub mod step;
pub mod table;
pub(super) mod user;
