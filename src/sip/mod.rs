//! The SIP machine: RFC 3261 from bytes to dialogs and back. Pure: bytes and time in, bytes and events out.

pub mod endpoint;
pub mod wire;
