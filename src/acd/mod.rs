//! The part that decides who speaks with whom. Knows no SIP, no sound, no clock.
//!
//! ```text
//! engine                    the face: told one thing, it says all that follows
//!   invariants              what must always hold, said a second time
//! rules/                    read the state and say what follows
//! refusal                   or why nothing does
//! state/                    calls, agents, lines, pools; `apply` is the only writer
//! fact, input, plan, consult, skill       the words
//! ```

pub mod consult;
pub mod engine;
pub mod fact;
pub mod input;
pub mod invariants;
pub mod plan;
pub mod refusal;
pub mod rules;
mod skill;
pub mod state;

#[cfg(test)]
pub(crate) mod stories;
