//! The SIP machine: RFC 3261 from bytes to dialogs and back. Pure: bytes and time in, bytes and events out.

mod ability;
mod admission;
mod callee;
mod caller;
mod class;
mod core;
pub mod counts;
mod dialog;
pub mod digest;
mod due;
pub mod endpoint;
pub mod event;
mod guard;
pub mod header;
pub mod headers;
pub mod locate;
pub mod message;
pub mod method;
pub mod nonce;
mod ours;
mod raw;
pub mod read;
mod registrar;
mod reliable;
mod scan;
mod session;
pub mod settings;
mod standing;
#[cfg(test)]
mod stories;
pub mod stream;
mod token;
pub mod transaction;
mod turn;
pub mod uri;
pub mod wire;
mod write;
