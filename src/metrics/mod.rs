//! The figures for Prometheus, folded from the same facts as the board.
//!
//! Names and labels are those of DOMAIN.md 2.5, each combination there from the start, at zero,
//! so that `increase()` sees the first event. No label says who: no agent, no caller, no call.

pub mod agents;
pub mod calls;
pub mod figures;
pub mod journal;
mod make;
mod process;
pub mod sip;
mod sockets;
pub mod sound;
pub mod traffic;
pub mod trunks;
