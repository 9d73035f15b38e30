//! The API over its router, without a socket: conversations, the event stream, bad input.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod api;
mod conversation;
mod garbage;
mod goldens;
mod stream;
