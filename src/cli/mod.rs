//! Words to deeds: one file a subcommand.

pub mod check;
pub mod config;
