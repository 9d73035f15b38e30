//! RTP and what travels in it: packets, reports, keys pressed, G.711 and G.722. Values and bytes, no state of calls.

pub mod g711;
pub mod g722;
