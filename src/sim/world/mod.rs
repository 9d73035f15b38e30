//! A virtual world: citizens' and agents' telephones and a bad network around the whole exchange, from a seed.
//!
//! It does not know whose day it is: who calls when, and what is counted, is `traffic`'s.

pub mod citizen;
pub mod city;
pub mod clerk;
pub mod handset;
pub mod mute;
pub mod second;
pub mod simulation;
pub mod story;
pub mod tone;
pub mod transactions;
pub mod wire;

#[cfg(test)]
mod stories;
