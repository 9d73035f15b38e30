//! HTTP: reads from a board, requests to the exchange, an event stream, and the figures.
//!
//! ```text
//!   facts, answers ──► web ──► board ──► queues  agents  calls   (GET)
//!                       │  └──► figures ──► /metrics
//!                       │  └──► events ──► Server-Sent Events
//!   requests ◄──────────┘                                        (POST, DELETE)
//! ```
//!
//! Lives on the web thread. Reads never touch the deciding thread; only a request does, through
//! a bounded channel, and its answer comes back behind the facts that it caused.

pub mod agents;
pub mod calls;
mod control;
mod decision;
pub mod events;
pub mod health;
pub mod list;
pub mod names;
pub mod problem;
pub mod queues;
pub mod routes;
pub mod state_change;
pub mod stream;
pub mod time;
pub mod token;
pub mod trace;
pub mod trunks;
pub mod web;
mod words;
