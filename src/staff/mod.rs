//! Staffing mathematics: how long callers wait, how many agents a promise takes, and who works when.
//!
//! ```text
//! history ──► forecast ──► loads ──► required ──► day ──► roster
//!                                      │
//!                 erlang_b · erlang_c · erlang_a
//!                     └─ hunting, priority, reserve, square_root, estimate
//! ```
//!
//! Loads are in erlangs, times in seconds, shares between 0 and 1. Every recurrence adds and
//! multiplies positive numbers only, so nothing is lost by 10,000 agents, by a load near zero
//! or by one many times too large. It knows no queue, no call and no clock.

// At its edges a formula is exactly 0 or 1, and a test means it.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod day;
pub mod erlang_a;
pub mod erlang_b;
pub mod erlang_c;
pub mod estimate;
pub mod forecast;
pub mod hunting;
pub mod load;
pub mod priority;
pub mod required;
pub mod reserve;
pub mod roster;
pub mod special;
pub mod square_root;

#[cfg(test)]
mod reference;
