//! A virtual world: callers, agents' telephones and a bad network around the whole exchange, from a seed.

pub mod arrivals;
pub mod citizen;
pub mod city;
pub mod clerk;
pub mod day;
pub mod estimate;
pub mod full;
pub mod handset;
pub mod law;
pub mod ledger;
pub mod line;
pub mod mute;
pub mod play;
pub mod report;
pub mod scenario;
pub mod second;
pub mod story;
pub mod tone;
pub mod trouble;
pub mod wire;
pub mod world;

#[cfg(test)]
mod stories;
#[cfg(test)]
mod theory;
