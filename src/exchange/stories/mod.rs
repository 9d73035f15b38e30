//! Stories of the whole exchange, told line by line as the wire had them.

mod identity;
mod ladder;
mod sending_on;
