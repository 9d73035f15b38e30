//! The RTP machine: sound between two legs, or from a sound to a leg. Knows no SIP and no queue.

pub mod order;
pub mod render;
pub mod sound;
pub mod wav;
