//! The user agent (RFC 3261 8, 12-15): calls in and out, and the dialogs that they make.
//!
//! ```text
//!  dialog   what both sides remember      reliable   responses that must arrive (RFC 3262)
//!  callee   their INVITE                  session    how long it stands unheard (RFC 4028)
//!  caller   our INVITE                    refer      their REFER, and what came of it (RFC 3515)
//!  standing what is said in a dialog      replaces   a call for another one (RFC 3891)
//! ```

mod admission;
mod callee;
mod caller;
pub(super) mod dialog;
pub(super) mod dialogs;
mod echo;
mod follow;
mod options;
mod prack;
mod refer;
mod referral;
mod refresh;
mod reliable;
mod replaces;
pub(super) mod session;
mod standing;
