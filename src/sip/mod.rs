//! The SIP machine: RFC 3261 from bytes to dialogs and back. Pure: bytes and time in, bytes and events out.

pub mod digest;
pub mod endpoint;
pub mod header;
pub mod headers;
pub mod message;
pub mod method;
pub mod nonce;
mod raw;
pub mod read;
mod scan;
pub mod stream;
pub mod uri;
pub mod wire;
mod write;
