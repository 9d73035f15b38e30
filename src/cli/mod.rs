//! Words to deeds: one file a subcommand.
