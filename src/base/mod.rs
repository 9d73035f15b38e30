//! The common ground: time, typed numbers, deadlines, secrets and seeded chance. Values, nothing else.

pub mod arena;
pub mod call_ref;
pub mod deadlines;
pub mod key;
pub mod masked;
pub mod numbers;
pub mod rng;
pub mod secret_rng;
pub mod table;
pub mod time;
pub mod ucid;
