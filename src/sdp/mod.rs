//! Sessions by RFC 8866, and offer/answer by RFC 3264 as a pure function.

pub mod crypto;
pub mod keyring;
mod lines;
pub mod negotiate;
pub mod session;
