//! The SIP that went over the wire, kept for a while and shown a call at a time.
//!
//! ```text
//!   every message ──► tape, a fixed number of bytes ──► one call's messages, secrets masked
//!                 └─► hep, to a collector                    ├──► ladder, for eyes
//!                                                            └──► pcap, for Wireshark
//! ```
//!
//! Knows no calls: whoever asks names the Call-IDs.

pub mod hep;
pub mod ladder;
pub mod mask;
pub mod pcap;
pub mod shown;
pub mod tape;
