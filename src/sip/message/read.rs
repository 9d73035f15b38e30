//! Bytes to messages: careful, and never silent where the RFC wants an answer.
//!
//! ```text
//!  bytes ──► halves ──► start line ──► fields, each checked as it comes ──► body ──► Message
//!               └───────────┴──────────────────┴──────────────────────────────┴──► Unreadable
//! ```
//!
//! A message that is let through has Via, From, To, Call-ID and CSeq, once each where once is
//! the rule, and they mean something; so do its Contact and routes. A request that is not is
//! answered from its raw headers: 400, 416, 505 or 513. Whether its method, its extensions and
//! its Request-URI suit us (405, 501, 420, 404) is for others to say.
//!
//! Nothing here nests, so nothing can be nested too deep; every byte is looked at a fixed
//! number of times.

use std::fmt;

use crate::sip::{
    message::{
        Message, Request, Response,
        class::Class,
        header::{
            address::{Address, Contact},
            cseq::CSeq,
            name::Known,
            via::Via,
        },
        headers::{self, Fault, Headers},
        method::Method,
        raw::{Fields, Halves, without_leading_lines},
        reason,
        scan::Scan,
        uri::Uri,
    },
    wire::Transport,
};

/// What a message may be like at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole message; beyond: 513.
    pub message: usize,
    /// Header lines; beyond: 513.
    pub headers: usize,
    /// Bytes of one header's value; beyond: 513.
    pub header: usize,
}

/// A message that is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What the RFC has us answer: the headers that could be read are copied, To has no tag
    /// yet. If its top Via cannot be read, it goes where the request came from. `None`: there is
    /// no answer, because it is a response, an ACK, or has no Via at all.
    pub answer: Option<Box<Response>>,
}

/// What can be wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is nothing but line ends: a keepalive (RFC 5626 3.5.1).
    Empty,
    /// The empty line after the headers never comes.
    NoEnd,
    /// Larger than the limits.
    TooLarge,
    /// The first line is neither a request's nor a response's.
    StartLine,
    /// Another version than SIP/2.0.
    Version,
    /// The Request-URI is of a scheme that nobody here knows.
    Scheme,
    /// A line in the headers is no header.
    NoHeader,
    /// A header is not as it must be.
    Header(Fault),
    /// CSeq names another method than the request line.
    OtherMethod,
    /// The body is shorter than Content-Length says.
    TooShort,
}

impl Default for Limits {
    /// 64 KB, 256 headers of 8 KB.
    fn default() -> Self {
        Self { message: 65_536, headers: 256, header: 8_192 }
    }
}

/// Reads one datagram, or one message cut from a stream.
///
/// A body longer than Content-Length says is cut; over UDP, one without Content-Length goes to
/// the datagram's end (RFC 3261 18.3).
pub fn read(bytes: &[u8], transport: Transport, limits: &Limits) -> Result<Message, Unreadable> {
    let bytes = without_leading_lines(bytes);
    let halves = Halves::cut(bytes);
    let text = halves.text();
    let (start, fields) = Fields::of(&text);
    parse(start, fields.clone(), bytes.len(), halves.rest, transport, limits).map_err(|flaw| {
        let answer = answer(start, fields, flaw, limits).map(Box::new);
        Unreadable { flaw, answer }
    })
}

fn parse(
    start: &str,
    fields: Fields<'_>,
    length: usize,
    rest: Option<&[u8]>,
    transport: Transport,
    limits: &Limits,
) -> Result<Message, Flaw> {
    if length == 0 {
        return Err(Flaw::Empty);
    }
    if length > limits.message {
        return Err(Flaw::TooLarge);
    }
    let rest = rest.ok_or(Flaw::NoEnd)?;

    if let Some((status, reason)) = status_line(start)? {
        let Head { headers, content_length, .. } = head(fields, limits)?;
        let body = body(rest, content_length, transport, limits)?.to_vec();
        return Ok(Message::Response(Response {
            status,
            reason: reason.to_owned(),
            headers,
            body,
        }));
    }
    let (method, uri) = request_line(start)?;
    let Head { headers, content_length, counted, date } = head(fields, limits)?;
    let body = body(rest, content_length, transport, limits)?.to_vec();
    if counted != method {
        return Err(Flaw::OtherMethod);
    }
    date?;
    if !uri.is_sip() && !matches!(uri.scheme(), rsip::Scheme::Other(it) if it == "tel") {
        return Err(Flaw::Scheme);
    }
    Ok(Message::Request(Request { method, uri, headers, body }))
}

/// `SIP/2.0 200 OK`; `Ok(None)` if it is a request's line. A missing reason phrase, even
/// without its space, is no fault.
fn status_line(line: &str) -> Result<Option<(u16, &str)>, Flaw> {
    let Some((version, rest)) = line.split_once(' ') else { return Err(Flaw::StartLine) };
    if !version.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("SIP/")) {
        return Ok(None);
    }
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Flaw::Version);
    }
    let (digits, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let status = digits.parse().ok().filter(|it| (100..700).contains(it) && digits.len() == 3);
    Ok(Some((status.ok_or(Flaw::StartLine)?, reason)))
}

/// `INVITE sip:1230@example.org SIP/2.0`, with one space each (RFC 3261 7.1).
fn request_line(line: &str) -> Result<(Method, Uri), Flaw> {
    let (method, rest) = line.split_once(' ').ok_or(Flaw::StartLine)?;
    let (uri, version) = rest.rsplit_once(' ').ok_or(Flaw::StartLine)?;
    let method = Method::read(method).ok_or(Flaw::StartLine)?;
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        let is_version = version.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("SIP/"));
        return Err(if is_version { Flaw::Version } else { Flaw::StartLine });
    }
    let uri: Uri = uri.parse().map_err(|_| Flaw::StartLine)?;
    // Headers are not allowed in a Request-URI (RFC 3261 19.1.1).
    if uri.headers().is_empty() { Ok((method, uri)) } else { Err(Flaw::StartLine) }
}

/// The headers, and what was learnt while checking them.
struct Head {
    headers: Headers,
    content_length: Option<usize>,
    /// The method in CSeq.
    counted: Method,
    /// A Date that is none matters in a request only.
    date: Result<(), Flaw>,
}

fn head(mut fields: Fields<'_>, limits: &Limits) -> Result<Head, Flaw> {
    let malformed = |name| Flaw::Header(Fault::Malformed(name));
    let mut headers = Headers::of(fields.head());
    let mut content_length = None;
    let mut counted = None;
    let mut date = Ok(());
    let (mut via, mut from, mut to, mut call_id, mut max_forwards) = Default::default();

    let mut lines = 0;
    for field in fields.by_ref() {
        lines += 1;
        if field.name.is_empty() {
            return Err(Flaw::NoHeader);
        }
        if field.value.len() > limits.header || lines > limits.headers {
            return Err(Flaw::TooLarge);
        }
        let unfolded = field.unfolded();
        let value = &*unfolded;
        match field.known {
            Some(Known::Via) => {
                let mut is_ours = true;
                headers::each(value, Via::read, |it| is_ours &= it.version == "2.0")
                    .filter(|()| is_ours)
                    .ok_or(malformed("Via"))?;
                via = true;
            }
            Some(Known::From) => {
                once("From", &mut from)?;
                one(value, Address::read).ok_or(malformed("From"))?;
            }
            Some(Known::To) => {
                once("To", &mut to)?;
                one(value, Address::read).ok_or(malformed("To"))?;
            }
            Some(Known::CallId) => {
                once("Call-ID", &mut call_id)?;
                if value.is_empty() || !value.bytes().all(|it| it.is_ascii_graphic()) {
                    return Err(malformed("Call-ID"));
                }
            }
            Some(Known::CSeq) => {
                if counted.is_some() {
                    return Err(Flaw::Header(Fault::Repeated("CSeq")));
                }
                counted = Some(CSeq::read(value).ok_or(malformed("CSeq"))?.method);
            }
            Some(Known::MaxForwards) => {
                once("Max-Forwards", &mut max_forwards)?;
                if !Class::DIGIT.is_all(value) || value.parse::<u8>().is_err() {
                    return Err(malformed("Max-Forwards"));
                }
            }
            Some(Known::Contact) => {
                headers::each(value, Contact::read, |_| ()).ok_or(malformed("Contact"))?;
            }
            Some(Known::Route) => {
                headers::each(value, Address::read, |_| ()).ok_or(malformed("Route"))?;
            }
            Some(Known::RecordRoute) => {
                headers::each(value, Address::read, |_| ()).ok_or(malformed("Record-Route"))?;
            }
            Some(Known::Date) if !value.ends_with("GMT") => date = Err(malformed("Date")),
            Some(Known::ContentLength) => {
                let length = value.parse().ok().filter(|_| Class::DIGIT.is_all(value));
                let length: usize = length.ok_or(malformed("Content-Length"))?;
                // Twice the same is harmless; two lengths are two messages (RFC 4475 3.3.9).
                if content_length.replace(length).is_some_and(|before| before != length) {
                    return Err(Flaw::Header(Fault::Repeated("Content-Length")));
                }
                continue;
            }
            Some(_) | None => (),
        }
        headers.push_read(&field, unfolded);
    }

    if fields.has_stray_cr() {
        return Err(Flaw::NoHeader);
    }
    let needed = [(via, "Via"), (from, "From"), (to, "To"), (call_id, "Call-ID")];
    if let Some((_, name)) = needed.into_iter().find(|(is_there, _)| !is_there) {
        return Err(Flaw::Header(Fault::Missing(name)));
    }
    let counted = counted.ok_or(Flaw::Header(Fault::Missing("CSeq")))?;
    Ok(Head { headers, content_length, counted, date })
}

/// Notes that a header is there; a second time is a fault.
fn once(name: &'static str, seen: &mut bool) -> Result<(), Flaw> {
    if std::mem::replace(seen, true) { Err(Flaw::Header(Fault::Repeated(name))) } else { Ok(()) }
}

/// A value that is one such thing, and nothing behind it.
fn one<'a, T>(value: &'a str, read: fn(&mut Scan<'a>) -> Option<T>) -> Option<()> {
    let mut scan = Scan::new(value);
    read(&mut scan)?;
    scan.skip_space();
    scan.is_done().then_some(())
}

fn body<'a>(
    rest: &'a [u8],
    length: Option<usize>,
    transport: Transport,
    limits: &Limits,
) -> Result<&'a [u8], Flaw> {
    match (length, transport) {
        // The rest of it was never waited for.
        (Some(length), Transport::Tcp | Transport::Tls) if length > limits.message => {
            Err(Flaw::TooLarge)
        }
        (Some(length), _) => rest.get(..length).ok_or(Flaw::TooShort),
        (None, Transport::Udp | Transport::Ws | Transport::Wss) => Ok(rest),
        (None, Transport::Tcp | Transport::Tls) => {
            Err(Flaw::Header(Fault::Missing("Content-Length")))
        }
    }
}

/// The answer to a request of no use, made from its raw headers.
fn answer(start: &str, fields: Fields<'_>, flaw: Flaw, limits: &Limits) -> Option<Response> {
    let status = flaw.status()?;
    let is_response = start.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("SIP/"));
    if is_response || start.starts_with("ACK ") {
        return None;
    }
    let mut response = Response::new(status);
    if status == 400 {
        response.reason = flaw.to_string();
    }
    let (mut from, mut to, mut call_id, mut cseq) = Default::default();
    for field in fields.take(limits.headers) {
        if field.name.is_empty() || field.value.len() > limits.header {
            continue;
        }
        let is_first = match field.known {
            // Even one that makes no sense goes back to who wrote it.
            Some(Known::Via) => true,
            Some(Known::From) => !std::mem::replace(&mut from, true),
            Some(Known::To) => !std::mem::replace(&mut to, true),
            Some(Known::CallId) => !std::mem::replace(&mut call_id, true),
            Some(Known::CSeq) => !std::mem::replace(&mut cseq, true),
            Some(_) | None => false,
        };
        if is_first {
            response.headers.push(field.name, field.unfolded());
        }
    }
    response.headers.has("Via").then_some(response)
}

impl Flaw {
    /// What a request with this flaw is answered; `None`: nothing.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Empty => None,
            Self::TooLarge => Some(513),
            Self::Version => Some(505),
            Self::Scheme => Some(416),
            Self::NoEnd
            | Self::StartLine
            | Self::NoHeader
            | Self::Header(_)
            | Self::OtherMethod
            | Self::TooShort => Some(400),
        }
    }
}

/// The reason phrase of the answer.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty message"),
            Self::NoEnd => f.write_str("Headers never end"),
            Self::TooLarge => f.write_str(reason(513)),
            Self::StartLine => f.write_str("Malformed start line"),
            Self::Version => f.write_str(reason(505)),
            Self::Scheme => f.write_str(reason(416)),
            Self::NoHeader => f.write_str("Malformed header line"),
            Self::Header(fault) => fault.fmt(f),
            Self::OtherMethod => f.write_str("CSeq method is not the request's"),
            Self::TooShort => f.write_str("Body shorter than Content-Length"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flaw.fmt(f)
    }
}

impl std::error::Error for Unreadable {}
