//! The registrar (RFC 3261 10.3): bindings are what it knows, REGISTER is how it hears of them.

pub(super) mod bindings;
mod register;
