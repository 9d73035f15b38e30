//! The Reason header (RFC 3326): why a call is ended.

/// Why we end something: the Reason header (RFC 3326), always sent on BYE and CANCEL (T-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `Q.850;cause=N`: 16 normal, 19 no answer, 31 unspecified …
    Q850(u8),
    /// `SIP;cause=N`: 200 "Call completed elsewhere" keeps phones from showing a missed call.
    Sip(u16),
}
