//! Parameters behind a header's value: `;tag=88;q="0.5";lr`.
//!
//! A borrowed view: nothing is copied, and each look-up walks the text, which is short.

use crate::sip::message::{
    class::Class,
    scan::{Scan, unquoted},
};

/// The parameters of one header value, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// Reads `*( SEMI generic-param )`; stops before what is none. `None` if one of them has
    /// no name, as in `;;`, or a quote that never ends.
    pub(in crate::sip) fn read(scan: &mut Scan<'a>) -> Option<Self> {
        let start = scan.at();
        while scan.separator(b';') {
            one(scan)?;
        }
        Some(Self(scan.since(start)))
    }

    /// Names and values, in order; values as written, quotes and all.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let mut scan = Scan::new(self.0);
        std::iter::from_fn(move || if scan.separator(b';') { one(&mut scan) } else { None })
    }

    /// The value of the parameter called `name`, whatever its case.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?.1
    }

    /// As [`get`](Self::get), without quotes.
    #[must_use]
    pub fn plain(self, name: &str) -> Option<String> {
        self.get(name).map(unquoted)
    }

    /// Whether there is a parameter called `name`, with or without a value.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|(it, _)| it.eq_ignore_ascii_case(name))
    }

    /// As written, with the leading semicolon; empty if there is none.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// `name [ EQUAL value ]`, where the value is a quoted string or anything that ends before a
/// separator.
fn one<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, Option<&'a str>)> {
    let name = scan.token()?;
    if !scan.separator(b'=') {
        return Some((name, None));
    }
    let value = if scan.peek() == Some(b'"') { scan.quoted()? } else { scan.run(Class::VALUE) };
    (!value.is_empty()).then_some((name, Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_with_space_and_quotes_around() {
        let mut scan = Scan::new(r#" ; newparam = "a;b\"" ; lr;Q = 0.33 , next"#);
        let params = Params::read(&mut scan).unwrap();
        assert_eq!(scan.rest(), " , next");
        assert_eq!(params.plain("newparam").as_deref(), Some("a;b\""));
        assert_eq!(params.get("q"), Some("0.33"));
        assert!(params.has("LR"));
        assert_eq!(params.get("lr"), None);
        assert_eq!(params.iter().count(), 3);
    }

    #[test]
    fn a_parameter_without_a_name_is_malformed() {
        for text in [";;", ";", ";a;;b", ";=b", ";a=", ";a=\"b"] {
            assert_eq!(Params::read(&mut Scan::new(text)), None, "{text}");
        }
    }
}
