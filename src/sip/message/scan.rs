//! A finger moving along a header's value: the little grammar that all SIP headers share.
//!
//! Every step looks at bytes once and goes forward only, so no text, however hostile, costs
//! more than its length. RFC 3261 25.1 names the rules: LWS, token, quoted-string.

use crate::sip::message::class::Class;

/// A text and how far it has been read.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// Nothing of `text` read yet.
    pub(in crate::sip) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes are read.
    #[inline]
    pub(in crate::sip) fn at(&self) -> usize {
        self.at
    }

    /// Goes back to a place that [`at`](Self::at) told.
    pub(in crate::sip) fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    /// Takes all that is left as read.
    pub(in crate::sip) fn skip_all(&mut self) {
        self.at = self.text.len();
    }

    /// What is not read yet.
    #[inline]
    pub(in crate::sip) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was read since `start`.
    #[inline]
    pub(in crate::sip) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next byte.
    #[inline]
    pub(in crate::sip) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether all is read.
    #[inline]
    pub(in crate::sip) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Steps over spaces and tabs. (Folds are gone: the reader made each a space.)
    #[inline]
    pub(in crate::sip) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it is next.
    #[inline]
    pub(in crate::sip) fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        if next {
            self.at += 1;
        }
        next
    }

    /// Steps over `byte` and the white space around it, if it is next but for space: the
    /// RFC's SLASH, SEMI, EQUAL, COMMA, COLON.
    #[inline]
    pub(in crate::sip) fn separator(&mut self, byte: u8) -> bool {
        let start = self.at;
        self.skip_space();
        if self.eat(byte) {
            self.skip_space();
            return true;
        }
        self.at = start;
        false
    }

    /// The run of bytes of that class, perhaps none. Classes have all bytes above 0x7F or none,
    /// so that a run ends between characters.
    #[inline]
    pub(in crate::sip) fn run(&mut self, class: Class) -> &'a str {
        let start = self.at;
        self.skip(class);
        self.since(start)
    }

    /// Steps over such a run.
    #[inline]
    pub(in crate::sip) fn skip(&mut self, class: Class) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !class.has(*byte)).unwrap_or(rest.len());
    }

    /// All up to `byte`, or to the end; `byte` must be ASCII.
    pub(in crate::sip) fn until(&mut self, byte: u8) -> &'a str {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        self.at += memchr::memchr(byte, rest).unwrap_or(rest.len());
        self.since(start)
    }

    /// A token, at least one character.
    #[inline]
    pub(in crate::sip) fn token(&mut self) -> Option<&'a str> {
        let token = self.run(Class::TOKEN);
        (!token.is_empty()).then_some(token)
    }

    /// A decimal number that fits.
    pub(in crate::sip) fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        self.run(Class::DIGIT).parse().ok()
    }

    /// A quoted string, with its quotes. `None` if it does not start here or never ends.
    pub(in crate::sip) fn quoted(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let mut bytes = rest.bytes().enumerate();
        let Some((_, b'"')) = bytes.next() else { return None };
        while let Some((place, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    self.at += place + 1;
                    return rest.get(..=place);
                }
                b'\\' => {
                    bytes.next()?;
                }
                _ => (),
            }
        }
        None
    }
}

/// What stands between the quotes, its quoted pairs undone; `text` itself if it has no quotes.
pub(in crate::sip) fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        plain.extend(if char == '\\' { chars.next() } else { Some(char) });
    }
    plain
}

/// `text` between quotes, as header values want it. Line ends and other controls become
/// spaces: nobody's name may begin a new header.
pub(in crate::sip) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            char if char.is_control() => quoted.push(' '),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_take_the_space_around_them_or_nothing() {
        let mut scan = Scan::new("SIP  /   2.0 x");
        assert_eq!(scan.token(), Some("SIP"));
        assert!(scan.separator(b'/'));
        assert_eq!(scan.token(), Some("2.0"));
        assert!(!scan.separator(b'/'));
        assert_eq!(scan.rest(), " x");
    }

    #[test]
    fn a_quote_that_never_ends_is_no_quote() {
        assert_eq!(Scan::new(r#""a\"b" c"#).quoted(), Some(r#""a\"b""#));
        assert_eq!(Scan::new(r#""a\""#).quoted(), None);
        assert_eq!(Scan::new("\"a\\").quoted(), None);
    }

    #[test]
    fn quoting_is_undone_by_unquoting_and_hides_no_line_end() {
        let name = r#"J "Rosi" \ Müller"#;
        assert_eq!(unquoted(&quoted(name)), name);
        assert_eq!(quoted("a\r\nVia: b"), "\"a  Via: b\"");
    }
}
