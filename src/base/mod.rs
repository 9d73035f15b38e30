//! The common ground: time, typed numbers, deadlines, secrets and seeded chance. Values, nothing else.

pub mod arena;
pub mod deadlines;
pub mod dice;
pub mod key;
pub mod masked;
pub mod numbers;
pub mod table;
pub mod time;
pub mod well;
