//! The part that decides who speaks with whom. Knows no SIP, no sound, no clock.

pub mod fact;
pub mod input;
pub mod plan;
