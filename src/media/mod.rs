//! The RTP machine: sound between two legs, or from a sound to a leg. Knows no SIP and no queue.

pub mod order;

pub mod frame_clock;
pub mod keys;
pub mod mixer;
pub mod outgoing;
pub mod player;
pub mod press;
pub mod quality;
pub mod render;
pub mod shield;
pub mod sound;
pub mod source;
pub mod transcode;
pub mod wav;

pub mod leg;
pub mod machine;

#[cfg(test)]
mod stories;
