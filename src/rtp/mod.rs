//! RTP and what travels in it: packets, reports, keys pressed, SRTP, G.711, G.722. Bytes and values, no calls.

pub mod dtmf;
pub mod g711;
pub mod g722;
pub mod packet;
pub mod reception;
pub mod rtcp;
pub mod srtp;
