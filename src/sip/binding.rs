//! One place where a phone can be reached (RFC 3261 10), as the registrar knows it.
//!
//! A binding to an address that takes datagrams outlives the process: whoever starts anew may
//! [go on with it](crate::sip::endpoint::Endpoint::rebind). One over a connection ends with that.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::{
    base::time::Timestamp,
    sip::{
        message::uri::Uri,
        wire::{Peer, Transport},
    },
};

/// One place where a phone can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Its Contact.
    pub(super) uri: Uri,
    /// Which device it is (RFC 5626 4.1): one that comes back replaces what it left behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instance: Option<Box<str>>,
    /// The Call-ID of the REGISTER it is from.
    pub(super) call_id: Box<str>,
    /// The CSeq of that.
    pub(super) cseq: u32,
    /// When it ends, unless it is refreshed.
    pub(super) lapses: Timestamp,
    /// The way its REGISTER came by.
    pub(super) peer: Peer,
}

impl Binding {
    /// The far end it is from.
    pub(super) fn source(&self) -> (Transport, SocketAddr) {
        (self.peer.transport, self.peer.remote)
    }

    /// Whether it is of the device that has that Contact, or says that it is that one.
    pub(super) fn is_of(&self, uri: &Uri, instance: Option<&str>) -> bool {
        match (self.instance.as_deref(), instance) {
            (Some(one), Some(other)) if one == other => true,
            _ => self.uri.is_same(uri),
        }
    }

    /// Whether it holds without a connection.
    #[must_use]
    pub fn outlives_us(&self) -> bool {
        !self.peer.transport.is_stream()
    }

    /// As a 200 to REGISTER tells it.
    pub(super) fn as_contact(&self, now: Timestamp) -> String {
        let left = self.lapses.since(now).as_millis().div_ceil(1000);
        let instance = match &self.instance {
            Some(instance) => format!(";+sip.instance=\"<{instance}>\""),
            None => String::new(),
        };
        format!("<{}>;expires={left}{instance}", self.uri)
    }
}
