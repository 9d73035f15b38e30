//! The headers that the machine must understand, one a file: borrowed views of a header's value.

pub mod address;
pub mod cseq;
pub mod name;
pub mod params;
pub mod reason;
pub mod via;
