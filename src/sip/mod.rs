//! The SIP machine: RFC 3261 from bytes to dialogs and back. Pure: bytes and time in, bytes and events out.
//!
//! From the ground up; who stands lower knows nothing of who stands higher:
//!
//! ```text
//!  endpoint   dispatch            the face; which room an input is for
//!  ua      registrar      trunk   calls, phones, carriers: what is done
//!  core                           what is remembered: the values of these three
//!  auth                           who proves to be a phone of ours
//!  transaction                    one request and what answers it
//!  turn    event    settings      what all of them share
//!  message    wire                bytes read and written; by which way
//! ```

pub mod algorithm;
pub mod auth;
pub mod binding;
mod bucket;
mod core;
pub mod counts;
mod dispatch;
mod due;
pub mod endpoint;
pub mod event;
pub mod locate;
pub mod message;
mod ours;
pub mod output;
mod registrar;
pub mod settings;
#[cfg(test)]
mod stories;
pub mod timer;
mod token;
pub mod transaction;
mod trunk;
mod turn;
mod ua;
pub mod verb;
pub mod wire;
