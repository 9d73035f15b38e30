//! The API over its router, without a socket: conversations, the event stream, bad input.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod conversation;
mod desk;
mod garbage;
mod goldens;
mod stream;
