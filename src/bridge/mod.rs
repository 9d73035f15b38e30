//! Who takes part in a call, how they talk, and what each leg should hear.
//!
//! ```text
//!   Step ──► Call { caller, talk } ──► hears: a row a leg ──┐
//!                                                           ├─► the difference ──► Orders
//!                        what the media were last ordered ─────┘
//! ```
//!
//! Sound follows from how a call stands, never from how it came to stand so: nobody outside this
//! room gives orders to the media. It knows no SIP and no SDP.

pub mod call;
pub mod hears;
pub mod ordered;
pub mod sound;
pub mod step;
#[cfg(test)]
mod stories;
