//! The talk of a call in stories, as a whole table, at random, and against the media themselves.

mod conversation;
mod media;
mod table;
mod walk;
