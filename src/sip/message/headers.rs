//! The headers of a message, and what they mean.
//!
//! Two things set this apart from `rsip::Headers`: a header can be put on top or exchanged in
//! place, as Via needs; and the typed looks are our own, borrowed from the text, because `rsip`'s
//! clone it and refuse what RFC 3261 allows (white space, unknown transports, IPv6, several values
//! in one line).
//!
//! No value in here holds a line end, and no name is anything but a token: whatever is put
//! in, a header stays one header on the wire.

use std::{borrow::Cow, fmt, net::SocketAddr};

use crate::sip::message::{
    class::Class,
    header::{
        address::{Address, Contact, seconds},
        cseq::CSeq,
        via::Via,
    },
    header_lines::{HeaderLines, Wanted},
    raw::Field,
    scan::Scan,
};

/// Headers in the order they stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(HeaderLines);

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It must be there and is not.
    Missing(&'static str),
    /// Its value is not what the RFC lets it be.
    Malformed(&'static str),
    /// It may be there once only.
    Repeated(&'static str),
}

impl Headers {
    /// None yet, with room for `count`.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self(HeaderLines::with_capacity(count))
    }

    /// None yet, of a head that the reader goes through.
    pub(in crate::sip) fn of(head: &str) -> Self {
        Self(HeaderLines::of(head))
    }

    /// Names and values, in order.
    #[must_use = "iterating does nothing by itself"]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// The first value under `name`, whatever its case. Compact names are long here.
    #[must_use]
    pub fn get<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.0.first(Wanted::by(name))
    }

    /// Whether there is one called `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All values under `name`, a line each.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.all(Wanted::by(name))
    }

    /// The members of a comma-separated list, over all lines called `name`.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|it| it.split(',')).map(str::trim).filter(|it| !it.is_empty())
    }

    /// Whether the list called `name` has that member: `has_in("Supported", "100rel")`.
    #[must_use]
    pub fn has_in(&self, name: &str, member: &str) -> bool {
        self.list(name).any(|it| it.eq_ignore_ascii_case(member))
    }

    /// One more, at the end.
    pub fn push(&mut self, name: &str, value: impl AsRef<str>) {
        self.0.push(Wanted::by(&token(name)), &one_line(value.as_ref()));
    }

    /// One more, on top: our own Via.
    pub fn prepend(&mut self, name: &str, value: impl AsRef<str>) {
        self.0.prepend(Wanted::by(&token(name)), &one_line(value.as_ref()));
    }

    /// This value instead of the first under that name, and none beside it.
    pub fn replace(&mut self, name: &str, value: impl AsRef<str>) {
        let (name, value) = (token(name), one_line(value.as_ref()));
        let name = Wanted::by(&name);
        if self.0.change(name, &value) {
            self.0.keep(name, 1);
        } else {
            self.0.push(name, &value);
        }
    }

    /// None called `name` any more.
    pub fn remove(&mut self, name: &str) {
        self.0.keep(Wanted::by(name), 0);
    }

    /// All that are called `name` over there, here too, in order.
    pub fn copy(&mut self, name: &str, from: &Self) {
        let name = Wanted::by(name);
        for value in from.0.all(name) {
            self.0.push(name, value);
        }
    }

    /// One that the reader found, whose value is known to hold no line end.
    pub(in crate::sip) fn push_read(&mut self, field: &Field<'_>, value: Cow<'_, str>) {
        let name = (field.name_at, field.name);
        match value {
            Cow::Borrowed(value) => self.0.note(field.known, name, (field.value_at, value)),
            Cow::Owned(value) => self.0.push(Wanted::by(field.name), &value),
        }
    }

    /// The hop that the answer goes to next.
    pub fn top_via(&self) -> Result<Via<'_>, Fault> {
        self.first("Via", Via::read)
    }

    /// All hops, the latest first.
    pub fn vias(&self) -> Result<Vec<Via<'_>>, Fault> {
        self.every("Via", Via::read)
    }

    /// Writes where the request really came from into the top Via (RFC 3261 18.2.1, RFC 3581).
    pub fn set_source(&mut self, source: SocketAddr) {
        let Some(line) = self.get("Via") else { return };
        let mut scan = Scan::new(line);
        let Some(via) = Via::read(&mut scan) else { return };
        let stamped = via.with_source(source.ip(), source.port()) + scan.rest();
        self.0.change(Wanted::by("Via"), &stamped);
    }

    /// Takes the top Via off: an answer has come back to us.
    pub fn take_top_via(&mut self) {
        let Some(line) = self.get("Via") else { return };
        let mut scan = Scan::new(line);
        if Via::read(&mut scan).is_some() && scan.separator(b',') {
            let below = scan.rest().to_owned();
            self.0.change(Wanted::by("Via"), &below);
        } else {
            self.0.drop_first(Wanted::by("Via"));
        }
    }

    /// The number and method of the request.
    pub fn cseq(&self) -> Result<CSeq, Fault> {
        let value = self.get("CSeq").ok_or(Fault::Missing("CSeq"))?;
        CSeq::read(value).ok_or(Fault::Malformed("CSeq"))
    }

    /// The Call-ID.
    pub fn call_id(&self) -> Result<&str, Fault> {
        self.get("Call-ID").ok_or(Fault::Missing("Call-ID"))
    }

    /// Who it is from.
    pub fn from(&self) -> Result<Address<'_>, Fault> {
        self.first("From", Address::read)
    }

    /// Who it is for.
    pub fn to(&self) -> Result<Address<'_>, Fault> {
        self.first("To", Address::read)
    }

    /// Gives To a tag, if it has none yet: every answer above 100 needs one (RFC 3261 8.2.6.2).
    pub fn set_to_tag(&mut self, tag: &str) {
        let Ok(to) = self.to() else { return };
        if to.tag().is_none() {
            let stamped = format!("{};tag={tag}", self.get("To").unwrap_or_default());
            self.replace("To", stamped);
        }
    }

    /// Contacts; none is no fault.
    pub fn contacts(&self) -> Result<Vec<Contact<'_>>, Fault> {
        self.every("Contact", Contact::read)
    }

    /// The one Contact of an INVITE or its answer: where the dialog's requests go.
    pub fn contact(&self) -> Result<Address<'_>, Fault> {
        match self.first("Contact", Contact::read)? {
            Contact::At(address) => Ok(address),
            Contact::All => Err(Fault::Malformed("Contact")),
        }
    }

    /// Proxies that want to stay in the way, the latest first.
    pub fn record_routes(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("Record-Route", Address::read)
    }

    /// Proxies that a registrar wants on the way of our requests (RFC 3608), the next first.
    pub fn service_routes(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("Service-Route", Address::read)
    }

    /// Proxies on the way, the next first.
    pub fn routes(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("Route", Address::read)
    }

    /// How many hops are left; `None`: it does not say (RFC 2543).
    pub fn max_forwards(&self) -> Result<Option<u8>, Fault> {
        self.number("Max-Forwards")
    }

    /// How long this is good, in seconds. Too large is the largest; what is no number is an
    /// hour (RFC 3261 10.2.1.1).
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        self.get("Expires").map(seconds)
    }

    /// The shortest registration that is granted, in seconds, of a 423.
    #[must_use]
    pub fn min_expires(&self) -> Option<u32> {
        self.get("Min-Expires").map(seconds)
    }

    /// After how many seconds to try again; comments and parameters are left aside.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        let value = self.get("Retry-After")?;
        let digits = value.trim_start().split(|it: char| !it.is_ascii_digit()).next()?;
        (!digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
    }

    /// What we must be able to do, or answer 420.
    pub fn require(&self) -> impl Iterator<Item = &str> {
        self.list("Require")
    }

    /// What a proxy must be able to do.
    pub fn proxy_require(&self) -> impl Iterator<Item = &str> {
        self.list("Proxy-Require")
    }

    /// What the far side is able to do.
    pub fn supported(&self) -> impl Iterator<Item = &str> {
        self.list("Supported")
    }

    /// The methods the far side takes.
    pub fn allow(&self) -> impl Iterator<Item = &str> {
        self.list("Allow")
    }

    /// Where a REFER wants a call to go (RFC 3515 2.1).
    pub fn refer_to(&self) -> Result<Address<'_>, Fault> {
        self.first("Refer-To", Address::read)
    }

    /// The number of a reliable provisional response (RFC 3262 7.1).
    #[must_use]
    pub fn rseq(&self) -> Option<u32> {
        self.number("RSeq").ok()?.filter(|it| *it > 0)
    }

    /// The response that a PRACK is for: its `RSeq` and the number of its INVITE (RFC 3262 7.2).
    #[must_use]
    pub fn rack(&self) -> Option<(u32, u32)> {
        let mut words = self.get("RAck")?.split_ascii_whitespace();
        let (rseq, cseq) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        (words.next() == Some("INVITE") && words.next().is_none()).then_some((rseq, cseq))
    }

    /// The body's type without parameters, in lower case: `application/sdp`.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        let value = self.get("Content-Type")?;
        let kind = value.split(';').next().unwrap_or_default();
        Some(kind.split_whitespace().collect::<String>().to_ascii_lowercase())
    }

    /// Who the carrier says is calling (RFC 3325): a SIP address, a telephone number, or both.
    pub fn asserted_identities(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("P-Asserted-Identity", Address::read)
    }

    /// The number that was dialled, where the Request-URI names the line (RFC 7315 4.2).
    #[must_use]
    pub fn called_party(&self) -> Option<Address<'_>> {
        self.first("P-Called-Party-ID", Address::read).ok()
    }

    /// Whom the call was for before, the latest first (RFC 5806).
    pub fn diversions(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("Diversion", Address::read)
    }

    /// Where the call went so far, the first first (RFC 7044).
    pub fn history(&self) -> Result<Vec<Address<'_>>, Fault> {
        self.every("History-Info", Address::read)
    }

    /// What the caller wants hidden (RFC 3323): `id`, `user`, `header`, `none` …
    pub fn privacy(&self) -> impl Iterator<Item = &str> {
        self.all("Privacy").flat_map(|it| it.split([';', ','])).map(str::trim)
    }

    /// Causes of a Reason header (RFC 3326): protocol and number, `("Q.850", 16)`.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, u16)> {
        self.list("Reason").filter_map(|it| {
            let (protocol, params) = it.split_once(';')?;
            let cause = params
                .split(';')
                .filter_map(|it| it.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("cause"))?;
            Some((protocol.trim(), cause.1.trim().parse().ok()?))
        })
    }

    fn number<N: std::str::FromStr>(&self, name: &'static str) -> Result<Option<N>, Fault> {
        let parse = |it: &str| it.trim().parse().map_err(|_| Fault::Malformed(name));
        self.get(name).map(parse).transpose()
    }

    fn first<'a, T>(
        &'a self,
        name: &'static str,
        read: fn(&mut Scan<'a>) -> Option<T>,
    ) -> Result<T, Fault> {
        let value = self.get(name).ok_or(Fault::Missing(name))?;
        read(&mut Scan::new(value)).ok_or(Fault::Malformed(name))
    }

    fn every<'a, T>(
        &'a self,
        name: &'static str,
        read: fn(&mut Scan<'a>) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        let mut found = vec![];
        for value in self.all(name) {
            each(value, read, |it| found.push(it)).ok_or(Fault::Malformed(name))?;
        }
        Ok(found)
    }
}

/// Shows each member of a comma-separated list; `None` if one of them is not one.
pub(in crate::sip) fn each<'a, T>(
    value: &'a str,
    read: fn(&mut Scan<'a>) -> Option<T>,
    mut see: impl FnMut(T),
) -> Option<()> {
    let mut scan = Scan::new(value);
    loop {
        see(read(&mut scan)?);
        if !scan.separator(b',') {
            scan.skip_space();
            return scan.is_done().then_some(());
        }
    }
}

/// A value that begins no new line.
fn one_line(value: &str) -> Cow<'_, str> {
    if value.contains(['\r', '\n']) {
        return Cow::Owned(value.replace(['\r', '\n'], " "));
    }
    Cow::Borrowed(value)
}

/// A name that is a token.
fn token(name: &str) -> Cow<'_, str> {
    if Class::TOKEN.is_all(name) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().filter(|it| it.is_ascii() && Class::TOKEN.has(*it as u8)).collect())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "Missing {name}"),
            Self::Malformed(name) => write!(f, "Malformed {name}"),
            Self::Repeated(name) => write!(f, "Repeated {name}"),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        headers
    }

    #[test]
    fn a_header_stays_one_header_whatever_is_put_in() {
        let mut headers = headers(&[("X-Name\r\nEvil", "a\r\nVia: b\nc")]);
        assert_eq!(headers.iter().next(), Some(("X-NameEvil", "a  Via: b c")));
        headers.replace("x-nameevil", "d\re");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("X-NameEvil", "d e")]);
    }

    #[test]
    fn hops_are_one_list_over_all_lines() {
        let mut headers = headers(&[
            ("v", "SIP/2.0/UDP a;branch=z9hG4bK1;rport, SIP/2.0/TCP b"),
            ("To", "<sip:x@y>"),
            ("Via", "SIP/2.0/UNKNOWN c"),
        ]);
        let hosts = |headers: &Headers| {
            let vias = headers.vias().unwrap();
            vias.iter().map(|it| it.host.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(hosts(&headers), ["a", "b", "c"]);
        headers.set_source("192.0.2.1:99".parse().unwrap());
        assert_eq!(
            headers.get("Via"),
            Some("SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.1;rport=99, SIP/2.0/TCP b")
        );
        headers.take_top_via();
        assert_eq!(hosts(&headers), ["b", "c"]);
        headers.take_top_via();
        headers.take_top_via();
        assert_eq!(headers.top_via(), Err(Fault::Missing("Via")));
    }

    #[test]
    fn lists_are_read_over_commas_and_lines() {
        let headers = headers(&[
            ("Supported", "timer, 100rel"),
            ("k", ""),
            ("Supported", "path"),
            ("P-Asserted-Identity", "\"A, B\" <sip:+49341@x>, <tel:+49341>"),
            ("Privacy", "id;critical"),
            ("Reason", "SIP;cause=200;text=\"Call completed elsewhere\", Q.850 ; cause=16"),
            ("Content-Type", "Application / SDP ; charset=utf-8"),
            ("Retry-After", "18000;duration=3600"),
        ]);
        assert_eq!(headers.supported().collect::<Vec<_>>(), ["timer", "100rel", "path"]);
        assert!(headers.has_in("supported", "PATH"));
        let asserted = headers.asserted_identities().unwrap();
        assert_eq!(
            asserted.iter().map(Address::uri_text).collect::<Vec<_>>(),
            ["sip:+49341@x", "tel:+49341"]
        );
        assert_eq!(headers.privacy().collect::<Vec<_>>(), ["id", "critical"]);
        assert_eq!(headers.reasons().collect::<Vec<_>>(), [("SIP", 200), ("Q.850", 16)]);
        assert_eq!(headers.content_type().as_deref(), Some("application/sdp"));
        assert_eq!(headers.retry_after(), Some(18_000));
    }

    #[test]
    fn an_answer_gets_a_tag_once() {
        let mut headers = headers(&[("To", "sip:a@b")]);
        headers.set_to_tag("1");
        headers.set_to_tag("2");
        assert_eq!(headers.get("To"), Some("sip:a@b;tag=1"));
    }
}
