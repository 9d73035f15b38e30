//! Header lines in one text: each name and value is a place in it.
//!
//! ```text
//! text   INVITE sip:1230@… SIP/2.0⏎Via: SIP/2.0/UDP a⏎X-Note:  hello⏎ … SIP/2.0/UDP a;received=b
//! lines  (Via, ·······································)         │                ▲
//!          └─────────────────── changed since ───────────────────┼────────────────┘
//!        (X-Note, hello) ◄───────────────────────────────────────┘
//! ```
//!
//! A message that is read is one copy of its head, and a list of places: not a text for each of
//! its headers, as `rsip::Headers` has. What is changed is written behind the rest. What nobody points at any
//! more stays until the message goes, which is soon.

use crate::sip::message::header::name::{Known, long};

/// Names and values, in order.
#[derive(Clone, Debug, Default)]
pub(in crate::sip) struct HeaderLines {
    text: String,
    lines: Vec<HeaderLine>,
}

#[derive(Clone, Copy, Debug)]
struct HeaderLine {
    name: Name,
    value: Place,
}

#[derive(Clone, Copy, Debug)]
enum Name {
    Known(Known),
    Other(Place),
}

/// A part of the text.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    end: u32,
}

/// A name that lines are looked for by.
#[derive(Clone, Copy, Debug)]
pub(in crate::sip) enum Wanted<'a> {
    /// One of the RFC's.
    Known(Known),
    /// Any other, whatever its case.
    Other(&'a str),
}

impl<'a> Wanted<'a> {
    /// Long or compact, in any case.
    pub(in crate::sip) fn by(name: &'a str) -> Self {
        match Known::of(name) {
            Some(known) => Self::Known(known),
            None => Self::Other(long(name).unwrap_or(name)),
        }
    }
}

impl HeaderLines {
    /// None yet, with room for `count` of usual length.
    pub(in crate::sip) fn with_capacity(count: usize) -> Self {
        Self { text: String::with_capacity(count * 32), lines: Vec::with_capacity(count) }
    }

    /// None yet, of a head whose lines will be [`note`](Self::note)d.
    pub(in crate::sip) fn of(head: &str) -> Self {
        Self { text: head.to_owned(), lines: Vec::with_capacity(20) }
    }

    /// One of the head's own lines: `known`, or else the name that stands at `name`, and a value.
    pub(in crate::sip) fn note(
        &mut self,
        known: Option<Known>,
        (name_at, name): (usize, &str),
        (value_at, value): (usize, &str),
    ) {
        let name = match known {
            Some(known) => Name::Known(known),
            None => Name::Other(match long(name) {
                Some(long) => self.write(long),
                None => Place::of(name_at, name.len()),
            }),
        };
        self.lines.push(HeaderLine { name, value: Place::of(value_at, value.len()) });
    }

    /// Names and values, in order.
    pub(in crate::sip) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let name = match line.name {
                Name::Known(known) => known.as_str(),
                Name::Other(place) => self.at(place),
            };
            (name, self.at(line.value))
        })
    }

    /// The value of the first that is called so.
    pub(in crate::sip) fn first(&self, name: Wanted<'_>) -> Option<&str> {
        self.lines.iter().find(|line| self.is_called(line, name)).map(|line| self.at(line.value))
    }

    /// The values of all that are called so.
    pub(in crate::sip) fn all<'a>(&'a self, name: Wanted<'a>) -> impl Iterator<Item = &'a str> {
        let lines = self.lines.iter().filter(move |line| self.is_called(line, name));
        lines.map(|line| self.at(line.value))
    }

    /// One more, at the end.
    pub(in crate::sip) fn push(&mut self, name: Wanted<'_>, value: &str) {
        let line = self.line(name, value);
        self.lines.push(line);
    }

    /// One more, on top.
    pub(in crate::sip) fn prepend(&mut self, name: Wanted<'_>, value: &str) {
        let line = self.line(name, value);
        self.lines.insert(0, line);
    }

    /// Another value for the first that is called so. Says whether there is one.
    pub(in crate::sip) fn change(&mut self, name: Wanted<'_>, value: &str) -> bool {
        let Some(place) = self.lines.iter().position(|line| self.is_called(line, name)) else {
            return false;
        };
        let value = self.write(value);
        if let Some(line) = self.lines.get_mut(place) {
            line.value = value;
        }
        true
    }

    /// Only those that are called otherwise, and the first `few` that are called so.
    pub(in crate::sip) fn keep(&mut self, name: Wanted<'_>, mut few: usize) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.retain(|line| {
            let goes = self.is_called(line, name) && few == 0;
            few = few.saturating_sub(usize::from(self.is_called(line, name)));
            !goes
        });
        self.lines = lines;
    }

    /// Without the first that is called so.
    pub(in crate::sip) fn drop_first(&mut self, name: Wanted<'_>) {
        if let Some(place) = self.lines.iter().position(|line| self.is_called(line, name)) {
            self.lines.remove(place);
        }
    }

    fn line(&mut self, name: Wanted<'_>, value: &str) -> HeaderLine {
        let name = match name {
            Wanted::Known(known) => Name::Known(known),
            Wanted::Other(name) => Name::Other(self.write(name)),
        };
        HeaderLine { name, value: self.write(value) }
    }

    fn write(&mut self, text: &str) -> Place {
        let place = Place::of(self.text.len(), text.len());
        self.text.push_str(text);
        place
    }

    fn is_called(&self, line: &HeaderLine, wanted: Wanted<'_>) -> bool {
        match (line.name, wanted) {
            (Name::Known(name), Wanted::Known(wanted)) => name == wanted,
            (Name::Other(name), Wanted::Other(wanted)) => {
                self.at(name).eq_ignore_ascii_case(wanted)
            }
            (Name::Known(_), Wanted::Other(_)) | (Name::Other(_), Wanted::Known(_)) => false,
        }
    }

    fn at(&self, place: Place) -> &str {
        self.text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }
}

impl Place {
    fn of(start: usize, length: usize) -> Self {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Self { start: number(start), end: number(start + length) }
    }
}

/// Alike are lines that say the same, wherever they stand in their texts.
impl PartialEq for HeaderLines {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for HeaderLines {}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &HeaderLines) -> String {
        lines.iter().fold(String::new(), |told, (name, value)| told + name + ": " + value + "\n")
    }

    #[test]
    fn what_is_changed_keeps_its_place_and_what_is_alike_is_equal() {
        let mut lines = HeaderLines::of("A\nv: a\nX-Note: b");
        lines.note(Known::of("v"), (2, "v"), (5, "a"));
        lines.note(None, (7, "X-Note"), (15, "b"));
        assert_eq!(told(&lines), "Via: a\nX-Note: b\n");

        assert!(lines.change(Wanted::by("Via"), "c"));
        lines.prepend(Wanted::by("via"), "d");
        lines.push(Wanted::by("x"), "90");
        assert_eq!(told(&lines), "Via: d\nVia: c\nX-Note: b\nSession-Expires: 90\n");

        lines.keep(Wanted::by("Via"), 1);
        lines.drop_first(Wanted::by("session-expires"));
        let mut alike = HeaderLines::default();
        alike.push(Wanted::by("VIA"), "d");
        alike.push(Wanted::by("X-Note"), "b");
        assert_eq!(lines, alike);
        assert!(!lines.change(Wanted::by("To"), "e"));
    }
}
