//! SRTP and SRTCP (RFC 3711, RFC 7714): packets that nobody reads, changes or repeats on the way.
//!
//! ```text
//! master key, salt ──derive──► session keys ──► Cipher       one packet, in place
//!                                                 ▲
//!                        Sender ──────────────────┤  numbers rolled over, none used twice
//!                        Receiver ────────────────┘  numbers guessed, none heard twice
//! ```
//!
//! The primitives are those of `aes`, `hmac`, `sha1` and `ring`; what is written here is how RTP uses them. The
//! crates that do the whole allocate for every packet, and keep a state for every SSRC that a
//! stranger makes up; here nothing is allocated after the keys are made, and nothing is
//! remembered of a packet before it has proved itself. `rtc-srtp` checks us in the tests.

pub mod cipher;
pub mod derive;
pub mod receiver;
pub mod sender;
pub mod suite;
pub mod window;

#[cfg(test)]
mod tests;
