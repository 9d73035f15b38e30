//! Lotse, an automatic call distributor. This file is a table of contents, from the ground up.

pub mod base;

pub mod rtp;
pub mod sdp;

pub mod acd;
pub mod media;
pub mod sip;

pub mod bridge;
pub mod treatment;

pub mod exchange;

pub mod board;
pub mod staff;
pub mod trace;

pub mod config;
pub mod journal;
pub mod net;
pub mod sim;

pub mod metrics;
pub mod relay;
pub mod scenario;

pub mod api;

pub mod server;

pub mod cli;
