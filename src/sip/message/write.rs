//! Messages to bytes: one pass, into the caller's buffer.
//!
//! Content-Length is always the body's. No line end can get in: headers hold none by their
//! making, and what stands in the start line is held to one line here.

use crate::sip::message::headers::Headers;
use crate::sip::message::{Message, Request, Response};

impl Message {
    /// Appends the message.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Request(request) => request.write(out),
            Self::Response(response) => response.write(out),
        }
    }
}

impl Request {
    /// Appends the request.
    pub fn write(&self, out: &mut Vec<u8>) {
        one_line(self.method.as_str(), out);
        out.push(b' ');
        out.extend_from_slice(self.uri.as_str().as_bytes());
        out.extend_from_slice(b" SIP/2.0\r\n");
        rest(&self.headers, &self.body, out);
    }
}

impl Response {
    /// Appends the response.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"SIP/2.0 ");
        number(usize::from(self.status), out);
        out.push(b' ');
        one_line(&self.reason, out);
        out.extend_from_slice(b"\r\n");
        rest(&self.headers, &self.body, out);
    }
}

fn rest(headers: &Headers, body: &[u8], out: &mut Vec<u8>) {
    for (name, value) in headers.iter().filter(|(name, _)| *name != "Content-Length") {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"Content-Length: ");
    number(body.len(), out);
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
}

fn one_line(text: &str, out: &mut Vec<u8>) {
    out.extend(text.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }));
}

/// Decimal, without the detour over a formatter.
fn number(number: usize, out: &mut Vec<u8>) {
    let start = out.len();
    let mut left = number;
    loop {
        out.push(b'0' + u8::try_from(left % 10).unwrap_or_default());
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_the_bodys_whatever_a_header_says() {
        let ok = Response::new(200)
            .with("Content-Length", "99")
            .with("l", "98")
            .with("Subject", "x\r\n\r\nBYE")
            .with_reason("Fine\r\nVia: evil")
            .with_body("text/plain", vec![0, 255]);
        let mut out = b"before".to_vec();
        ok.write(&mut out);
        let want = b"beforeSIP/2.0 200 Fine  Via: evil\r\nSubject: x    BYE\r\n\
            Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n\x00\xff";
        assert_eq!(out.escape_ascii().to_string(), want.escape_ascii().to_string());
    }

    #[test]
    fn numbers_are_decimal() {
        for it in [0, 9, 10, 1234, 65_535, usize::MAX] {
            let mut out = vec![];
            number(it, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), it.to_string());
        }
    }
}
