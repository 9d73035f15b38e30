//! What a caller goes through before it waits: menus, and what is said before an end.
//!
//! ```text
//! Event: Key, Said, Late ──► Course::hear ──► Act: say, listen, route, forward, end
//! ```
//!
//! plan      menus and prompts, as the configuration has them
//! course    one caller's way through them
//!
//! Pure: told keys, ends of prompts and times, it answers with what is to follow. It knows no
//! SIP and no RTP, and what a prompt sounds like is not its business.

pub mod course;
pub mod plan;
#[cfg(test)]
mod stories;
