//! Threads, one turn, shutdown.
