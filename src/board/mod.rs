//! What is so now: queues, agents, calls and the service level, folded from facts.
//!
//! Whoever wants to know (pages, REST, figures) folds a board; the deciding thread is never
//! asked. Knows no names of trunks or phones, no HTTP and no clock.

pub mod agent;
pub mod call;
pub mod fold;
pub mod ids;
pub mod queue;
pub mod service;
