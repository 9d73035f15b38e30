//! The Reason header (RFC 3326): why a call is ended.

use crate::sip::message::{self, headers::Headers};

/// Why we end something: the Reason header (RFC 3326), always sent on BYE and CANCEL (T-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `Q.850;cause=N`: 16 normal, 19 no answer, 31 unspecified …
    Q850(u8),
    /// `SIP;cause=N`: 200 "Call completed elsewhere" keeps phones from showing a missed call.
    Sip(u16),
}

impl Reason {
    /// Why the far side ends something, if it says so. What ITU-T says comes before what SIP says:
    /// it has come from further away.
    pub(in crate::sip) fn of(headers: &Headers) -> Option<Self> {
        let sip = || headers.reasons().find(|(protocol, _)| protocol.eq_ignore_ascii_case("SIP"));
        q850_cause(headers).map(Self::Q850).or_else(|| sip().map(|(_, cause)| Self::Sip(cause)))
    }

    /// The value of the header.
    pub(in crate::sip) fn value(self) -> String {
        let (protocol, cause, text) = match self {
            // The words that keep phones from showing a missed call.
            Self::Sip(200) => ("SIP", 200, "Call completed elsewhere"),
            Self::Sip(status) => ("SIP", status, message::reason(status)),
            Self::Q850(cause) => ("Q.850", cause.into(), q850_text(cause)),
        };
        if text.is_empty() {
            return format!("{protocol};cause={cause}");
        }
        format!("{protocol};cause={cause};text=\"{text}\"")
    }
}

/// The cause of Q.850 that the far side names.
pub(in crate::sip) fn q850_cause(headers: &Headers) -> Option<u8> {
    let is_it = |(protocol, _): &(&str, u16)| protocol.eq_ignore_ascii_case("Q.850");
    headers.reasons().find(is_it).and_then(|(_, cause)| u8::try_from(cause).ok())
}

/// What ITU-T Q.850 calls the causes that we give.
fn q850_text(cause: u8) -> &'static str {
    match cause {
        16 => "Normal call clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "No answer from user",
        20 => "Subscriber absent",
        21 => "Call rejected",
        27 => "Destination out of order",
        31 => "Normal, unspecified",
        34 => "No circuit/channel available",
        38 => "Network out of order",
        41 => "Temporary failure",
        42 => "Switching equipment congestion",
        47 => "Resource unavailable, unspecified",
        102 => "Recovery on timer expiry",
        127 => "Interworking, unspecified",
        _ => "",
    }
}
