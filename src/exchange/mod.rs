//! Calls and legs: the one room that knows that a dialog, a waiting person and a stream are one call.

mod admission;
mod agreement;
mod call;
mod caller;
mod calling;
mod cause;
pub mod check;
mod codes;
mod consult;
mod control;
pub mod dial;
mod dialled;
mod enact;
mod ending;
#[cfg(test)]
mod example;
mod external;
pub mod fact;
pub mod handover;
mod hear;
pub mod hours;
mod identity;
mod leg;
mod menu;
mod nat;
pub mod numbering;
mod outside;
mod phone;
pub mod plan;
mod ports;
mod refusal;
mod replace;
mod reply;
pub mod request;
mod route;
mod seats;
#[cfg(test)]
mod stories;
pub mod switch;
mod takeover;
mod talk;
mod transfer;
mod treatment;
mod turn;
mod whom;
