//! The endpoint's stories: what comes in as text, what goes out and is told as a ladder.

mod calls_in;
mod calls_out;
mod doors;
mod forks;
pub(in crate::sip) mod ladder;
mod large;
mod lossy;
mod manners;
mod moving;
mod refer;
mod registering;
mod reliable;
mod sessions;
mod strangers;
mod trunks;
mod within;
