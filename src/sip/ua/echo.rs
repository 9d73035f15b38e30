//! What each response to one request repeats of it, as bytes.

use crate::sip::message::{Request, Response};

/// The lines that each response to one request repeats (RFC 3261 8.2.6.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) struct Echo {
    lines: Box<[u8]>,
    /// Where Record-Route begins, which refusals do not repeat.
    plain: usize,
}

impl Echo {
    /// What all answers to `request` repeat, with our `to`.
    pub(in crate::sip) fn of(request: &Request, to: &str) -> Self {
        let mut lines = vec![];
        let mut line = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                lines.extend_from_slice(part.as_bytes());
            }
            lines.len()
        };
        let mut plain = 0;
        for (name, value) in request.headers.iter() {
            if matches!(name, "Via" | "From" | "Call-ID" | "CSeq") {
                plain = line(name, value);
            }
        }
        plain = plain.max(line("To", to));
        for value in request.headers.all("Record-Route") {
            line("Record-Route", value);
        }
        Self { lines: lines.into(), plain }
    }

    /// The response as bytes, with these lines below its first.
    pub(in crate::sip) fn write(&self, response: &Response) -> Vec<u8> {
        let mut own = Vec::with_capacity(512);
        response.write(&mut own);
        let first = own.iter().position(|&it| it == b'\n').map_or(0, |place| place + 1);
        let makes_dialog = (101..300).contains(&response.status);
        let lines = if makes_dialog { Some(&*self.lines) } else { self.lines.get(..self.plain) };
        let mut bytes = Vec::with_capacity(own.len() + self.lines.len());
        bytes.extend_from_slice(own.get(..first).unwrap_or_default());
        bytes.extend_from_slice(lines.unwrap_or_default());
        bytes.extend_from_slice(own.get(first..).unwrap_or_default());
        bytes
    }
}
