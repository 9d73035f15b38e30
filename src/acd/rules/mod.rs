//! The rules of the house, as functions that read the state and say what follows.

pub(in crate::acd) mod agent;
pub(in crate::acd) mod call;
pub(in crate::acd) mod consult;
pub(in crate::acd) mod matching;
pub(in crate::acd) mod overflow;
pub mod why;
