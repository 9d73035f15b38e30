//! Calls and legs: the one room that knows that a dialog, a waiting person and a stream are one call.

mod call;
mod caller;
mod cause;
pub mod check;
mod codes;
mod consult;
pub mod dial;
mod dialled;
mod elsewhere;
mod enact;
#[cfg(test)]
mod example;
pub mod fact;
pub mod handover;
mod hear;
mod hold;
pub mod hours;
mod identity;
mod leg;
pub mod numbering;
mod outside;
mod phone;
pub mod plan;
mod ports;
mod replace;
pub mod request;
mod route;
mod seats;
mod sound;
#[cfg(test)]
mod stories;
pub mod switch;
mod transfer;
mod treatment;
mod whom;
