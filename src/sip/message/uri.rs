//! Where a request goes: SIP, SIPS, tel and other URIs (RFC 3261 19.1, RFC 3966).
//!
//! ```text
//! sip:alice:secret@[2001:db8::9]:5070;transport=tcp?subject=hi
//! └┬┘ └─┬─┘ └──┬─┘ └──────┬────┘ └┬─┘└──────┬─────┘└────┬────┘
//! scheme user  password   host  port      params      headers
//! ```
//!
//! `rsip::Uri` cannot hold headers, empty users or unknown transports, and prints IPv6 without
//! brackets and `tel:` with slashes. So this type stands beside it: the text as it came, which
//! is what is sent on unharmed, and where its parts stand in it.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use rsip::Scheme;
use serde::{Deserialize, Serialize};

use crate::sip::{
    message::{class::Class, header::params::Params, scan::Scan},
    wire::Transport,
};

/// A URI that has been read, or made, and is well formed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uri {
    text: String,
    parts: Parts,
}

/// Where the parts stand: each ends there, and the next begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) struct Parts {
    /// After the scheme, before its colon.
    scheme: u32,
    /// After the user; same as `password` when there is none.
    user: u32,
    /// After user and password, before the `@`. Zero: no user part.
    password: u32,
    /// The host's start and end.
    host: (u32, u32),
    /// After the port.
    port: u32,
    /// After the parameters.
    params: u32,
    /// What a SIP or SIPS URI says; another scheme's content is not looked into.
    is_sip: bool,
}

/// A host: an address, or a name to look up.
///
/// `rsip::Host` owns its name and prints IPv6 without the brackets that RFC 3261 asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// An address, however it was written.
    Address(IpAddr),
    /// A name, as it was written.
    Name(&'a str),
}

/// A text that is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoUri;

impl Uri {
    /// `sip:user@host:port`; what the user may not hold is escaped. An empty `user` is left out.
    #[must_use]
    pub fn sip(user: &str, address: SocketAddr) -> Self {
        Self::sip_at(user, &address.to_string())
    }

    /// As [`sip`](Self::sip), at a host (and port) given as text. Characters that no host may
    /// hold are left out.
    #[must_use]
    pub fn sip_at(user: &str, host: &str) -> Self {
        let mut text = String::with_capacity(5 + user.len() + host.len());
        text.push_str("sip:");
        if !user.is_empty() {
            escape(user, Class::USER, &mut text);
            text.push('@');
        }
        text.extend(host.chars().filter(|it| matches!(it, '[' | ']' | ':') || is_host(*it)));
        Self::from_str(&text).unwrap_or_else(|NoUri| Self::nowhere())
    }

    /// A URI that leads nowhere, for a From that hides the caller (RFC 3323 4.1.1.3).
    #[must_use]
    pub fn nowhere() -> Self {
        Self::from_str("sip:anonymous@anonymous.invalid").expect("this is a URI")
    }

    /// This URI with one more parameter; `value` is escaped.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !self.parts.is_sip || !Class::TOKEN.is_all(name) {
            return self;
        }
        let mut param = format!(";{name}");
        if !value.is_empty() {
            param.push('=');
            escape(value, Class::PARAM, &mut param);
        }
        self.text.insert_str(self.parts.params as usize, &param);
        self.parts = Parts::read(&self.text).expect("an escaped parameter keeps a URI well formed");
        self
    }

    /// As it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `sip`, `sips`, or another.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self.slice(0, self.parts.scheme) {
            sip if sip.eq_ignore_ascii_case("sip") => Scheme::Sip,
            sips if sips.eq_ignore_ascii_case("sips") => Scheme::Sips,
            other => Scheme::Other(other.to_ascii_lowercase()),
        }
    }

    /// Whether it is a SIP or SIPS URI; anything else as a Request-URI is answered 416.
    #[must_use]
    pub fn is_sip(&self) -> bool {
        self.parts.is_sip
    }

    /// The user part, its escapes undone; of a tel URI the number without its parameters.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        if self.parts.is_sip {
            let is_there = self.parts.password > 0;
            return is_there.then(|| unescape(self.slice(self.parts.scheme + 1, self.parts.user)));
        }
        let number = self.text.get(self.parts.scheme as usize + 1..)?;
        let is_tel = self.slice(0, self.parts.scheme).eq_ignore_ascii_case("tel");
        is_tel.then(|| unescape(number.split(';').next().unwrap_or_default()))
    }

    /// The host; `None` for schemes we do not look into.
    #[must_use]
    pub fn host(&self) -> Option<Host<'_>> {
        let (start, end) = self.parts.host;
        self.parts.is_sip.then(|| Host::of(self.slice(start, end)))
    }

    /// The port, if it says one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.slice(self.parts.host.1 + 1, self.parts.port).parse().ok()
    }

    /// The address and port, if the host is an address; its transport's port if it says none.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self.host()? {
            Host::Address(address) => {
                let port = self.port().unwrap_or_else(|| self.transport().port());
                Some(SocketAddr::new(address, port))
            }
            Host::Name(_) => None,
        }
    }

    /// What it is to be reached by, as far as it says (RFC 3263 4.1): UDP if nothing.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let said = self.param("transport").and_then(|it| Transport::of(&it));
        match (self.scheme(), said) {
            (Scheme::Sips, Some(Transport::Ws | Transport::Wss)) => Transport::Wss,
            (Scheme::Sips, _) => Transport::Tls,
            (_, said) => said.unwrap_or(Transport::Udp),
        }
    }

    /// The value of a parameter, its escapes undone.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<String> {
        self.params().find(|(it, _)| it.eq_ignore_ascii_case(name))?.1
    }

    /// Whether it has that parameter, with or without a value: `lr`, `ob`.
    #[must_use]
    pub fn has_param(&self, name: &str) -> bool {
        self.params().any(|(it, _)| it.eq_ignore_ascii_case(name))
    }

    /// The headers behind the question mark, as written; empty if there are none.
    #[must_use]
    pub fn headers(&self) -> &str {
        self.text.get(self.parts.params as usize + 1..).unwrap_or_default()
    }

    /// Names and values of all parameters, their escapes undone.
    pub fn params(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let text = self.slice(self.parts.port, self.parts.params);
        text.split(';').skip(1).map(|param| match param.split_once('=') {
            Some((name, value)) => (unescape(name), Some(unescape(value))),
            None => (unescape(param), None),
        })
    }

    /// Whether both lead to the same place, as far as a registrar or route set asks (RFC 3261
    /// 19.1.4): scheme, user, host and port alike, and `user`, `ttl`, `method`, `maddr` and
    /// `transport` the same in both.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        if !self.parts.is_sip || !other.parts.is_sip {
            return self.text.eq_ignore_ascii_case(&other.text);
        }
        let host_alike = match (self.host(), other.host()) {
            (Some(Host::Name(one)), Some(Host::Name(two))) => one.eq_ignore_ascii_case(two),
            (one, two) => one == two,
        };
        let param_alike = |name| match (self.param(name), other.param(name)) {
            (Some(one), Some(two)) => one.eq_ignore_ascii_case(&two),
            (one, two) => one == two,
        };
        self.scheme() == other.scheme()
            && self.user() == other.user()
            && host_alike
            && self.port() == other.port()
            && ["user", "ttl", "method", "maddr", "transport"].into_iter().all(param_alike)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// A text whose parts are known.
    pub(in crate::sip) fn of(text: &str, parts: Parts) -> Self {
        Self { text: text.to_owned(), parts }
    }
}

impl<'a> Host<'a> {
    /// What a text means that [`host_text`] stepped over.
    pub(in crate::sip) fn of(text: &'a str) -> Self {
        let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let address = match inner {
            Some(inner) => ipv6(inner).map(IpAddr::V6),
            // Looking at the first character first: most hosts are names, and parsing is dear.
            None if text.starts_with(|it: char| it.is_ascii_digit()) => {
                text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
            }
            None => None,
        };
        address.map_or(Self::Name(text), Self::Address)
    }
}

impl Parts {
    /// Where the parts of `text` stand; `None` if it is no URI.
    pub(in crate::sip) fn read(text: &str) -> Option<Self> {
        let length = u32::try_from(text.len()).ok()?;
        let mut scan = Scan::new(text);
        let scheme = scan.run(Class::SCHEME);
        if !scheme.starts_with(|it: char| it.is_ascii_alphabetic()) || !scan.eat(b':') {
            return None;
        }
        let end = |scan: &Scan<'_>| u32::try_from(scan.at()).ok();
        let mut parts = Self { scheme: end(&scan)? - 1, ..Self::default() };
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            let opaque = scan.run(Class::OPAQUE);
            parts.params = length;
            return (!opaque.is_empty() && scan.is_done()).then_some(parts);
        }
        parts.is_sip = true;

        let start = scan.at();
        scan.skip(Class::USER);
        parts.user = end(&scan)?;
        if scan.eat(b':') {
            scan.skip(Class::PASSWORD);
        }
        parts.password = end(&scan)?;
        if !scan.eat(b'@') {
            // It was the host, or nothing that a host could follow.
            scan.back_to(start);
            (parts.user, parts.password) = (0, 0);
        }
        parts.host.0 = end(&scan)?;
        host_text(&mut scan)?;
        parts.host.1 = end(&scan)?;
        if scan.eat(b':') {
            scan.number::<u16>()?;
        }
        parts.port = end(&scan)?;
        while scan.eat(b';') {
            let name = scan.run(Class::PARAM);
            if name.is_empty() {
                return None;
            }
            if scan.eat(b'=') && scan.run(Class::PARAM).is_empty() {
                return None;
            }
        }
        parts.params = end(&scan)?;
        if scan.eat(b'?') {
            scan.skip(Class::HEADERS);
        }
        (scan.is_done() && escapes_are_whole(text)).then_some(parts)
    }
}

impl FromStr for Uri {
    type Err = NoUri;

    fn from_str(text: &str) -> Result<Self, NoUri> {
        Parts::read(text).map(|parts| Self::of(text, parts)).ok_or(NoUri)
    }
}

impl TryFrom<String> for Uri {
    type Error = NoUri;

    fn try_from(text: String) -> Result<Self, NoUri> {
        text.parse()
    }
}

impl From<Uri> for String {
    fn from(uri: Uri) -> Self {
        uri.text
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for NoUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no URI")
    }
}

impl std::error::Error for NoUri {}

/// Steps over a host. A name is not looked into, so this is cheap where nothing else is wanted.
pub(in crate::sip) fn host_text<'a>(scan: &mut Scan<'a>) -> Option<&'a str> {
    let start = scan.at();
    if scan.eat(b'[') {
        ipv6(scan.run(Class::IPV6))?;
        return scan.eat(b']').then(|| scan.since(start));
    }
    let name = scan.run(Class::HOST);
    (!name.is_empty()).then_some(name)
}

/// An IPv6 reference with three colons is one (RFC 5118 4.10): the grammar of RFC 3261 had a fault
/// that made careful senders write `[2001:db8:::192.0.2.1]`.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok().or_else(|| text.replacen(":::", "::", 1).parse().ok())
}

/// Whether every `%` is followed by two hexadecimal digits.
fn escapes_are_whole(text: &str) -> bool {
    memchr::memchr_iter(b'%', text.as_bytes()).all(|place| {
        let digits = text.as_bytes().get(place + 1..place + 3);
        digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Undoes escapes; what is then no UTF-8 is shown as such.
pub(in crate::sip) fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    plain.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&plain).into_owned()
}

/// Appends `text`, with what is not `plain` escaped.
fn escape(text: &str, plain: Class, out: &mut String) {
    use fmt::Write as _;

    for byte in text.bytes() {
        if plain.has(byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn is_host(char: char) -> bool {
    u8::try_from(char).is_ok_and(|it| Class::HOST.has(it))
}

/// The parameters of a URI that stands without angle brackets are the header's (RFC 3261 20).
pub(in crate::sip) fn bare<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, Parts, Params<'a>)> {
    let text = scan.run(Class::BARE_URI);
    let parts = Parts::read(text)?;
    Some((text, parts, Params::read(scan)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn every_part_is_found_and_the_text_stays() {
        let text = "sip:a%6Cice:secret@[2001:db8::9]:5070;transport=tcp;lr?subject=hi";
        let all = uri(text);
        assert_eq!(all.to_string(), text);
        assert_eq!(all.scheme(), Scheme::Sip);
        assert_eq!(all.user().as_deref(), Some("alice"));
        assert_eq!(all.address(), "[2001:db8::9]:5070".parse().ok());
        assert_eq!(all.param("transport").as_deref(), Some("tcp"));
        assert!(all.has_param("lr"));
        assert_eq!(all.headers(), "subject=hi");

        let bare = uri("SIPS:example.com");
        assert_eq!((bare.scheme(), bare.user(), bare.port()), (Scheme::Sips, None, None));
        assert_eq!(bare.host(), Some(Host::Name("example.com")));
        assert_eq!(bare.headers(), "");

        let tel = uri("tel:+49-341-1230;phone-context=+49");
        assert_eq!(tel.user().as_deref(), Some("+49-341-1230"));
        assert!(!tel.is_sip());
    }

    /// The RFC's own curiosities: RFC 4475 3.1.1.2, 3.1.1.3, 3.1.1.9; RFC 5118 4.
    #[test]
    fn odd_users_and_hosts_are_read_as_the_rfc_means_them() {
        for (text, user, host) in [
            ("sip:user;par=u%40example.net@example.com", "user;par=u@example.net", "example.com"),
            ("sip:sips%3Auser%40example.com@example.net", "sips:user@example.com", "example.net"),
            ("sip:null-%00-null@example.com", "null-\0-null", "example.com"),
            ("sip:user@[2001:db8:::192.0.2.1]", "user", "[2001:db8::c000:201]"),
            ("sip:user@[2001:db8::192.0.2.1]", "user", "[2001:db8::c000:201]"),
            ("sip:*10#@192.0.2.1", "*10#", "192.0.2.1"),
        ] {
            let uri = uri(text);
            assert_eq!(uri.user().as_deref(), Some(user), "{text}");
            assert_eq!(uri.host().unwrap().to_string(), host, "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip",
            "sip:",
            "sip:@",
            "sip:a@",
            "sip:a b@c",
            "sip:a@b@c",
            "sip:2001:db8::10",
            "sip:a@b:70000",
            "sip:a@b;",
            "sip:a@b; lr",
            "sip:a%4@b",
            "<sip:a@b>",
            "5sip:a",
            "tel:",
        ] {
            assert_eq!(Uri::from_str(text), Err(NoUri), "{text}");
        }
    }

    #[test]
    fn what_is_made_is_well_formed_whatever_is_put_in() {
        let made = Uri::sip("Zentrale 1;a@b\r\n", "[::1]:5060".parse().unwrap()).with("x y", "no");
        assert_eq!(made.to_string(), "sip:Zentrale%201;a%40b%0D%0A@[::1]:5060");
        let made = Uri::sip_at("", "a.example\r\nx").with("lr", "").with("q", "a;b");
        assert_eq!(made.to_string(), "sip:a.examplex;lr;q=a%3Bb");
        assert_eq!(Uri::sip_at("a", "no:port"), Uri::nowhere());
    }

    #[test]
    fn two_ways_to_write_one_place_are_the_same() {
        for (one, two, same) in [
            ("sip:%61lice@example.com", "sip:alice@EXAMPLE.com", true),
            ("sip:alice@example.com;x=1", "SIP:alice@example.com", true),
            ("sip:Alice@example.com", "sip:alice@example.com", false),
            ("sip:a@b", "sip:a@b:5060", false),
            ("sip:a@b;transport=tcp", "sip:a@b", false),
            ("sip:a@b;transport=tcp", "sip:a@b;transport=TCP", true),
        ] {
            assert_eq!(uri(one).is_same(&uri(two)), same, "{one} {two}");
        }
    }
}
