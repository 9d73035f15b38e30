//! Sockets and the clock: where bytes and time come from. Knows no SIP.

pub mod batch;
pub mod clock;
