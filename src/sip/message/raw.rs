//! Where the parts of a message stand in the received bytes: start line, header lines, body.
//!
//! ```text
//! INVITE sip:1230@example.org SIP/2.0 ⏎      start
//! Subject: I know you're there, ⏎             a field,
//!   pick up the phone ⏎                          folded
//! l: 4 ⏎                                      another
//! ⏎
//! v=0…                                        body and what follows
//! ```
//!
//! Nothing is copied and nothing is understood here. A message that is of no use is looked at
//! by this alone, to answer it (RFC 3261 8.2.6).

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem::Finder;

use crate::sip::message::{class::Class, header::name::Known};

/// The two halves of a message.
#[derive(Clone, Copy, Debug)]
pub(in crate::sip) struct Halves<'a> {
    /// Start line and fields, without the empty line.
    pub(in crate::sip) head: &'a [u8],
    /// What follows the empty line; `None` if there is no empty line.
    pub(in crate::sip) rest: Option<&'a [u8]>,
}

/// One header line, its folds still in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Field<'a> {
    /// Before the colon, without space; empty if there is no colon, or no token before it.
    pub(in crate::sip) name: &'a str,
    /// Where the name stands in the head.
    pub(in crate::sip) name_at: usize,
    /// Which header of RFC 3261 it is.
    pub(in crate::sip) known: Option<Known>,
    /// Behind the colon, without space around.
    pub(in crate::sip) value: &'a str,
    /// Where the value stands in the head.
    pub(in crate::sip) value_at: usize,
    is_folded: bool,
}

/// Start line and fields as text.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Fields<'a> {
    text: &'a str,
    at: usize,
    /// Carriage returns that ended a line.
    crs: usize,
}

/// `bytes` without the empty lines that may stand before a message (RFC 3261 7.5).
pub(in crate::sip) fn without_leading_lines(bytes: &[u8]) -> &[u8] {
    let is_line_end = |it: &u8| matches!(it, b'\r' | b'\n');
    let start = bytes.iter().position(|it| !is_line_end(it)).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

/// Where the head ends and the body starts, if the empty line between them comes at `from` or
/// later.
pub(in crate::sip) fn head_end(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(from..)?;
    let crlf = CRLF.find(rest);
    // A bare LF may have ended it before.
    let lf = LF.find(rest.get(..crlf.map_or(rest.len(), |place| place + 1))?);
    match (lf, crlf) {
        (Some(place), _) => Some((from + place, from + place + 2)),
        (None, Some(place)) => Some((from + place, from + place + 3)),
        (None, None) => None,
    }
}

/// An empty line, behind the end of another: two searches of the whole head are cheaper than a
/// look at each of its lines.
static CRLF: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\n\r\n"));
/// The same, of a sender that ends lines by LF alone.
static LF: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\n\n"));

impl<'a> Halves<'a> {
    /// Cuts at the first empty line. A sender that ends lines by LF alone is understood.
    pub(in crate::sip) fn cut(bytes: &'a [u8]) -> Self {
        match head_end(bytes, 0) {
            Some((end, start)) => Self {
                head: bytes.get(..end).unwrap_or_default(),
                rest: Some(bytes.get(start..).unwrap_or_default()),
            },
            None => Self { head: bytes, rest: None },
        }
    }

    /// The head as text. UTF-8 as the RFC has it; a head that is none is taken for Latin-1, as
    /// old phones write umlauts.
    pub(in crate::sip) fn text(&self) -> Cow<'a, str> {
        match str::from_utf8(self.head) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(self.head.iter().copied().map(char::from).collect()),
        }
    }
}

impl<'a> Fields<'a> {
    /// The start line, and the fields after it.
    pub(in crate::sip) fn of(head: &'a str) -> (&'a str, Self) {
        let mut lines = Self { text: head, at: 0, crs: 0 };
        let start = lines.line();
        (start, lines)
    }

    /// All of the head, the start line too.
    pub(in crate::sip) fn head(&self) -> &'a str {
        self.text
    }

    /// Whether a CR stands somewhere without its LF. It is no line end, and a reader that takes
    /// it for one sees other headers than we do. To be asked when all fields are read.
    pub(in crate::sip) fn has_stray_cr(&self) -> bool {
        self.crs < memchr::memchr_iter(b'\r', self.text.as_bytes()).count()
    }

    /// Up to the next line end, which is stepped over.
    fn line(&mut self) -> &'a str {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let end = start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at = end + 1;
        let cr =
            usize::from(self.text.as_bytes().get(start..end).is_some_and(|it| it.ends_with(b"\r")));
        self.crs += cr;
        self.text.get(start..end - cr).unwrap_or_default()
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let name_at = self.at;
        if name_at >= self.text.len() {
            return None;
        }
        let mut value = self.line();
        let mut name = "";
        let mut value_at = name_at;
        if let Some(colon) = value.bytes().position(|byte| byte == b':')
            && let Some((before, after)) = value.split_at_checked(colon)
        {
            name = before.trim_end_matches([' ', '\t']);
            value = after.get(1..).unwrap_or_default();
            value_at += colon + 1;
        }
        let known = Known::of(name);
        if known.is_none() && !Class::TOKEN.is_all(name) {
            name = "";
        }
        let mut is_folded = false;
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t')) {
            let end = self.at + self.line().len();
            value = self.text.get(value_at..end).unwrap_or_default();
            is_folded = true;
        }
        let inner = value.trim_ascii_start();
        value_at += value.len() - inner.len();
        Some(Field { name, name_at, known, value: inner.trim_ascii_end(), value_at, is_folded })
    }
}

impl<'a> Field<'a> {
    /// The value on one line: each fold, with the space around it, is one space (RFC 3261
    /// 7.3.1).
    pub(in crate::sip) fn unfolded(&self) -> Cow<'a, str> {
        if !self.is_folded {
            return Cow::Borrowed(self.value);
        }
        let lines = self.value.split(['\r', '\n']).map(str::trim_ascii);
        Cow::Owned(lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_falls_into_start_fields_and_rest() {
        let bytes = b"A b C\r\nTo :\r\n x ;\r\n\ty\r\nnothing\r\nl:0\r\n\r\nrest";
        let halves = Halves::cut(bytes);
        assert_eq!(halves.rest, Some(b"rest".as_slice()));
        let text = halves.text();
        let (start, fields) = Fields::of(&text);
        assert_eq!(start, "A b C");
        let fields: Vec<_> = fields.map(|it| (it.name, it.unfolded().into_owned())).collect();
        assert_eq!(
            fields,
            [("To", "x ; y".to_owned()), ("", "nothing".to_owned()), ("l", "0".to_owned())]
        );
    }

    #[test]
    fn the_first_empty_line_is_the_end_however_lines_end() {
        for (text, end) in [
            ("A\r\n\r\nb", Some((2, 5))),
            ("A\n\nb\r\n\r\n", Some((1, 3))),
            ("A\n\r\n\n", Some((1, 4))),
            ("A\n\n\r\n", Some((1, 3))),
            ("A\r\nb", None),
        ] {
            assert_eq!(head_end(text.as_bytes(), 0), end, "{text:?}");
        }
        assert_eq!(Fields::of("A\nVia\x0C: x").1.next().unwrap().name, "");
        assert_eq!(Fields::of("A\nVia \t: x").1.next().unwrap().name, "Via");
    }

    #[test]
    fn what_has_no_end_has_no_rest_and_latin_umlauts_are_read() {
        let halves = Halves::cut(b"A\r\nFrom: M\xfcller");
        assert_eq!(halves.rest, None);
        assert_eq!(Fields::of(&halves.text()).1.next().unwrap().value, "Müller");
        for (text, stray) in [("A\nX: a\r\nY:b", false), ("A\nX: a\rVia: b\nY: c\r\n", true)] {
            let mut fields = Fields::of(text).1;
            assert_eq!(fields.by_ref().count(), 2);
            assert_eq!(fields.has_stray_cr(), stray);
        }
        assert_eq!(without_leading_lines(b"\r\n\r\nA"), b"A");
        assert_eq!(without_leading_lines(b"\r\n"), b"");
    }
}
