//! The simulator: a virtual world around the whole exchange, and the traffic that lives in it. `traffic` takes from
//! `world`, never the other way.

pub mod traffic;
pub mod world;
