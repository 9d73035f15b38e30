//! An address with a name: From, To, Contact, Route, P-Asserted-Identity (RFC 3261 20.10).
//!
//! ```text
//! "Bürgertelefon" <sip:1230@example.org;lr>;tag=88
//! └── display ──┘  └──────── uri ─────────┘└params┘
//! ```

use crate::sip::message::{
    class::Class,
    header::params::Params,
    scan::{self, Scan},
    uri::{self, Parts, Uri},
};

/// A borrowed view of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    display: &'a str,
    uri: &'a str,
    parts: Parts,
    /// What follows it: `tag`, `expires`, `q`, `+sip.instance`.
    pub params: Params<'a>,
}

/// One value of a Contact header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact<'a> {
    /// `*`: all bindings, in a REGISTER that removes them (RFC 3261 10.2.2).
    All,
    /// One address.
    At(Address<'a>),
}

impl<'a> Address<'a> {
    /// Reads `name-addr / addr-spec` and what parameters follow; stops before a comma.
    pub(in crate::sip) fn read(scan: &mut Scan<'a>) -> Option<Self> {
        scan.skip_space();
        let start = scan.at();
        let display =
            if scan.peek() == Some(b'"') { scan.quoted()? } else { scan.run(Class::DISPLAY) };
        scan.skip_space();
        if scan.eat(b'<') {
            let uri = scan.until(b'>');
            let parts = Parts::read(uri)?;
            if !scan.eat(b'>') {
                return None;
            }
            return Some(Self { display: display.trim(), uri, parts, params: Params::read(scan)? });
        }
        // No brackets: what looked like a name was the scheme, if anything.
        scan.back_to(start);
        let (uri, parts, params) = uri::bare(scan)?;
        Some(Self { display: "", uri, parts, params })
    }

    /// The display name without its quotes; empty if there is none.
    #[must_use]
    pub fn display(&self) -> String {
        scan::unquoted(self.display)
    }

    /// The URI.
    #[must_use]
    pub fn uri(&self) -> Uri {
        Uri::of(self.uri, self.parts)
    }

    /// The URI as written.
    #[must_use]
    pub fn uri_text(&self) -> &'a str {
        self.uri
    }

    /// The user part of the URI, its escapes undone, or the number of a tel URI.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        self.uri().user()
    }

    /// The tag of a From or To.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.params.get("tag")
    }

    /// How long a Contact is good, in seconds. A number too large is the largest; what is no
    /// number is an hour (RFC 3261 10.2.1.1).
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        self.params.get("expires").map(seconds)
    }

    /// How much a Contact is liked, in thousandths.
    #[must_use]
    pub fn q(&self) -> Option<u16> {
        let text = self.params.get("q")?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut thousandths: u16 = if whole == "1" { 1000 } else { 0 };
        for (digit, weight) in fraction.bytes().zip([100, 10, 1]) {
            thousandths += u16::from(digit.wrapping_sub(b'0').min(9)) * weight;
        }
        Some(thousandths.min(1000))
    }

    /// `+sip.instance` without quotes and brackets (RFC 5626 4.1): which device it is.
    #[must_use]
    pub fn instance(&self) -> Option<String> {
        let text = self.params.plain("+sip.instance")?;
        Some(text.trim_start_matches('<').trim_end_matches('>').to_owned())
    }
}

impl<'a> Contact<'a> {
    /// One value of the list; stops before a comma.
    pub(in crate::sip) fn read(scan: &mut Scan<'a>) -> Option<Self> {
        scan.skip_space();
        if scan.peek() == Some(b'*') && scan.rest().trim_ascii() == "*" {
            scan.skip_all();
            return Some(Self::All);
        }
        Address::read(scan).map(Self::At)
    }
}

/// Seconds as Expires and its kin write them, with the RFC's mercy for what is no number.
pub(in crate::sip) fn seconds(text: &str) -> u32 {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit()) {
        return 3600;
    }
    text.parse().unwrap_or(u32::MAX)
}

/// `"display" <uri>;tag=tag` for a From or To of our own; parts that are empty are left out.
#[must_use]
pub fn named(display: &str, uri: &Uri, tag: &str) -> String {
    let mut value = if display.is_empty() { String::new() } else { scan::quoted(display) + " " };
    value.push('<');
    value.push_str(uri.as_str());
    value.push('>');
    if !tag.is_empty() {
        value.push_str(";tag=");
        value.push_str(tag);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Address<'_>> {
        let mut scan = Scan::new(text);
        Address::read(&mut scan).filter(|_| scan.is_done())
    }

    #[test]
    fn an_address_is_read_with_or_without_name_and_brackets() {
        for (text, display, uri, tag) in [
            ("sip:user@example.com;tag=3xfe", "", "sip:user@example.com", Some("3xfe")),
            ("<sip:a@b;lr>;tag=8", "", "sip:a@b;lr", Some("8")),
            ("caller<sip:c@e>;tag=323", "caller", "sip:c@e", Some("323")),
            (r#""J \"R\"" <sip:j@e> ; x = "y" ; tag = 9"#, "J \"R\"", "sip:j@e", Some("9")),
            ("T. Müller <sip:t@e>", "T. Müller", "sip:t@e", None),
            ("isbn:2983792873", "", "isbn:2983792873", None),
            ("<tel:+493411230>", "", "tel:+493411230", None),
        ] {
            let address = read(text).expect(text);
            assert_eq!(address.display(), display, "{text}");
            assert_eq!(address.uri().to_string(), uri, "{text}");
            assert_eq!(address.tag(), tag, "{text}");
        }
    }

    /// RFC 4475 3.1.2.6, 3.1.2.13, 3.1.2.14, 3.1.2.15.
    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            r#""Mr. J. User <sip:j.user@example.com>"#,
            "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
            r#""Watson, Thomas" < sip:t.watson@example.org >"#,
            "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
            "<sip:a@b>;;;;",
            "<sip:a@b",
            "alan@jasomi.com",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_binding_says_how_long_how_much_and_which_device() {
        let text = r#"<sip:a@b>;expires=280297596632815;q=0.33;+sip.instance="<urn:uuid:1>""#;
        let address = read(text).unwrap();
        assert_eq!(address.expires(), Some(u32::MAX));
        assert_eq!(address.q(), Some(330));
        assert_eq!(address.instance().as_deref(), Some("urn:uuid:1"));
        assert_eq!(read("<sip:a@b>;expires=soon").unwrap().expires(), Some(3600));
    }

    #[test]
    fn what_we_write_reads_back_and_a_name_cannot_begin_a_header() {
        let uri = "sip:1230@example.org".parse().unwrap();
        let text = named("Bürger \"Tel\"\r\nX: y", &uri, "88");
        assert_eq!(text, "\"Bürger \\\"Tel\\\"  X: y\" <sip:1230@example.org>;tag=88");
        assert_eq!(read(&text).unwrap().tag(), Some("88"));
        assert_eq!(named("", &uri, ""), "<sip:1230@example.org>");
    }
}
