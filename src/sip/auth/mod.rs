//! Who proves to be a phone of ours: digest authentication (RFC 8760, RFC 3261 22).

pub(super) mod authenticator;
pub mod digest;
pub mod nonce;
mod offer;
