//! Sockets and the clock: where bytes and time come from.
