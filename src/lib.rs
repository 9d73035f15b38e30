//! Lotse, an automatic call distributor. This file is a table of contents, from the ground up.

pub mod base;

pub mod acd;
pub mod media;
pub mod sip;

pub mod exchange;
