//! What went over the wire, counted for the figures.

use std::collections::BTreeMap;

use crate::sip::message::method::Method;

/// What went over the wire, for the figures. All counted from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests by method, direction (`in`, `out`) and kind of peer (`trunk`, `phone`, `other`).
    pub requests: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    /// Final and provisional responses by status, direction and kind of peer.
    pub responses: BTreeMap<(u16, &'static str, &'static str), u64>,
    /// Messages answered with a refusal or dropped, by reason: `acl`, `rate`, `auth`,
    /// `malformed`, `scanner`, `size`, `capacity`, `overload`,
    /// `user`: others guess at its password.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Transactions that timed out (timers B and F).
    pub timeouts: u64,
    /// Requests and responses sent again.
    pub retransmissions: u64,
    /// Bindings now.
    pub bindings: u64,
    /// Dialogs now.
    pub dialogs: u64,
    /// Transactions now.
    pub transactions: u64,
}

/// Who is at the other end, as far as the figures care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Kind {
    /// A carrier.
    Trunk,
    /// A phone of ours.
    Phone,
    /// Anyone else.
    Other,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::Phone => "phone",
            Self::Other => "other",
        }
    }
}

impl Counts {
    /// A request, for the first time.
    pub(in crate::sip) fn request(&mut self, method: &'static str, way: &'static str, kind: Kind) {
        *self.requests.entry((method, way, kind.as_str())).or_default() += 1;
    }

    /// A response.
    pub(in crate::sip) fn response(&mut self, status: u16, way: &'static str, kind: Kind) {
        *self.responses.entry((status, way, kind.as_str())).or_default() += 1;
    }

    /// A message that was refused or dropped.
    pub(in crate::sip) fn rejected(&mut self, why: &'static str) {
        *self.rejected.entry(why).or_default() += 1;
    }
}

/// The method as the figures know it: a stranger's inventions are all one.
pub(in crate::sip) fn label(method: &Method) -> &'static str {
    match method {
        Method::Extension(_) => "other",
        Method::Known(known) => match known {
            rsip::Method::Invite => "INVITE",
            rsip::Method::Ack => "ACK",
            rsip::Method::Bye => "BYE",
            rsip::Method::Cancel => "CANCEL",
            rsip::Method::Register => "REGISTER",
            rsip::Method::Options => "OPTIONS",
            rsip::Method::Info => "INFO",
            rsip::Method::Update => "UPDATE",
            rsip::Method::PRack => "PRACK",
            rsip::Method::Refer => "REFER",
            rsip::Method::Notify => "NOTIFY",
            rsip::Method::Subscribe => "SUBSCRIBE",
            rsip::Method::Message => "MESSAGE",
            rsip::Method::Publish => "PUBLISH",
        },
    }
}
