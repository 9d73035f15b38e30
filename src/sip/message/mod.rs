//! A SIP message: a request or a response, its headers and its body.
//!
//! Like `rsip`'s, with three differences that the RFC asks for: the method may be an extension,
//! the URI keeps its text, and the reason phrase is kept beside the status.
//!
//! ```
//! use lotse::sip::message::{Request, method::Method};
//!
//! let invite = Request::new(Method::INVITE, "sip:1230@example.org".parse().unwrap())
//!     .with("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK74bf9")
//!     .with("From", "<sip:alice@example.org>;tag=9fxced76sl")
//!     .with("To", "<sip:1230@example.org>")
//!     .with("Call-ID", "3848276298220188511@192.0.2.1")
//!     .with("CSeq", "1 INVITE");
//! let ringing = invite.answer(180).with_to_tag("8321234356");
//!
//! let mut bytes = vec![];
//! ringing.write(&mut bytes);
//! assert!(bytes.starts_with(b"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 192.0.2.1;"));
//! ```

pub(super) mod ability;
pub mod class;
pub mod header;
mod header_lines;
pub mod headers;
pub mod identity;
pub mod info;
pub mod method;
mod raw;
pub mod read;
pub(super) mod replaces;
pub(super) mod scan;
pub mod stream;
pub mod uri;
mod write;

use crate::sip::message::{headers::Headers, method::Method, uri::Uri};

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Someone asks for something.
    Request(Request),
    /// What came of it.
    Response(Response),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// Of whom.
    pub uri: Uri,
    /// All headers but Content-Length, which is the body's length.
    pub headers: Headers,
    /// The body, any bytes.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 … 699.
    pub status: u16,
    /// What the status means, for people.
    pub reason: String,
    /// All headers but Content-Length, which is the body's length.
    pub headers: Headers,
    /// The body, any bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers.
    #[must_use]
    pub fn new(method: Method, uri: Uri) -> Self {
        Self { method, uri, headers: Headers::with_capacity(16), body: vec![] }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// With a body of that type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.headers.replace("Content-Type", content_type);
        self.body = body;
        self
    }

    /// The response with that status and the RFC's reason phrase: Via, From, To, Call-ID and
    /// CSeq copied (RFC 3261 8.2.6.2), Record-Route where the answer can make a dialog (12.1.1),
    /// Timestamp in a 100 (8.2.6.1). To gets no tag yet.
    #[must_use]
    pub fn answer(&self, status: u16) -> Response {
        let mut response = Response::new(status);
        let headers = &mut response.headers;
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            headers.copy(name, &self.headers);
        }
        if (101..300).contains(&status) {
            headers.copy("Record-Route", &self.headers);
        }
        if status == 100 {
            headers.copy("Timestamp", &self.headers);
        }
        response
    }
}

impl Response {
    /// A response without headers, with the RFC's reason phrase.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let reason = reason(status).to_owned();
        Self { status, reason, headers: Headers::with_capacity(12), body: vec![] }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// With a tag in To, if there is none yet.
    #[must_use]
    pub fn with_to_tag(mut self, tag: &str) -> Self {
        self.headers.set_to_tag(tag);
        self
    }

    /// With another reason phrase; an empty one changes nothing.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        if !reason.is_empty() {
            reason.clone_into(&mut self.reason);
        }
        self
    }

    /// With a body of that type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.headers.replace("Content-Type", content_type);
        self.body = body;
        self
    }

    /// Whether this is no final response.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.status < 200
    }

    /// Whether it says yes.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Message {
    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        match self {
            Self::Request(request) => &request.body,
            Self::Response(response) => &response.body,
        }
    }
}

/// The reason phrase that the RFCs give a status (IANA, SIP Response Codes); for a number that
/// none names, its class's. `rsip::StatusCode` has the numbers, but prints `BusyHere`.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        199 => "Early Dialog Terminated",
        200 => "OK",
        202 => "Accepted",
        204 => "No Notification",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        380 => "Alternative Service",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        412 => "Conditional Request Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        428 => "Use Identity Header",
        433 => "Anonymity Disallowed",
        439 => "First Hop Lacks Outbound Support",
        469 => "Bad Info Package",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        494 => "Security Agreement Required",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        580 => "Precondition Failure",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        607 => "Unwanted",
        608 => "Rejected",
        other => match other / 100 {
            0 | 1 => "Session Progress",
            2 => "OK",
            3 => "Multiple Choices",
            4 => "Bad Request",
            5 => "Server Internal Error",
            _ => "Busy Everywhere",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_carries_what_the_rfc_has_it_carry() {
        let invite = Request::new(Method::INVITE, "sip:1230@example.org".parse().unwrap())
            .with("Via", "SIP/2.0/UDP a;branch=z9hG4bK1")
            .with("Via", "SIP/2.0/UDP b;branch=z9hG4bK2")
            .with("Max-Forwards", "70")
            .with("Timestamp", "54")
            .with("Record-Route", "<sip:p1;lr>")
            .with("From", "<sip:a@b>;tag=1")
            .with("To", "<sip:1230@example.org>")
            .with("Call-ID", "c")
            .with("CSeq", "1 INVITE");
        let names = |status| {
            let answer = invite.answer(status);
            answer.headers.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(100), "Via Via From To Call-ID CSeq Timestamp");
        assert_eq!(names(180), "Via Via From To Call-ID CSeq Record-Route");
        assert_eq!(names(486), "Via Via From To Call-ID CSeq");
        assert_eq!(invite.answer(486).reason, "Busy Here");
        assert_eq!(invite.answer(499).reason, "Bad Request");
    }
}
