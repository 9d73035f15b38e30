//! The part that decides who speaks with whom. Knows no SIP, no sound, no clock.

pub mod agent;
pub mod call;
pub mod consult;
pub mod engine;
pub mod fact;
pub mod input;
pub mod invariants;
mod line;
pub mod plan;
mod pool;
pub mod rules;
mod skill;
pub mod state;

#[cfg(test)]
pub(crate) mod stories;
