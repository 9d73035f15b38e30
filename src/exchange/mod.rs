//! Calls and legs: the one room that knows that a dialog, a waiting person and a stream are one call.

pub mod fact;
pub mod plan;
pub mod request;
pub mod switch;
