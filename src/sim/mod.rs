//! A virtual world: callers, agents' telephones and a bad network around the whole exchange, from a seed.

pub mod citizen;
pub mod clerk;
pub mod handset;
pub mod line;
pub mod queueing;
pub mod staffing;
pub mod tally;
pub mod tone;

#[cfg(test)]
mod theory;
