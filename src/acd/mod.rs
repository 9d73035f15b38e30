//! The part that decides who speaks with whom. Knows no SIP, no sound, no clock.

pub mod agent;
pub mod call;
mod consult;
pub mod engine;
pub mod fact;
pub mod input;
pub mod invariants;
mod line;
mod matching;
mod overflow;
pub mod plan;
mod pool;
mod skill;
pub mod state;
pub mod why;

#[cfg(test)]
mod stories;
