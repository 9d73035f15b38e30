//! Keys pressed on phones that tell of them by INFO (RFC 6086) rather than in RTP.
//!
//! ```text
//! application/dtmf-relay    Signal=5            application/dtmf    5
//!                           Duration=160
//! ```
//!
//! Nobody ever wrote these down as a standard; they are as phones send them. What a body of
//! another kind says is not for us.

use crate::base::time::Span;

/// How long a key was down if the phone does not say.
const LENGTH: Span = Span::millis(160);

/// What INFO may hold, for `Accept`.
pub(in crate::sip) const ACCEPT: &str = "application/dtmf-relay, application/dtmf";

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// `0`-`9`, `*`, `#`, `A`-`D`.
    pub key: char,
    /// For how long.
    pub length: Span,
}

/// What the body of an INFO says; `content_type` in small letters, without parameters. The
/// outer `None`: it is of a kind that we do not read.
#[must_use]
pub fn read(content_type: &str, body: &[u8]) -> Option<Option<Press>> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    match content_type {
        "application/dtmf-relay" => Some(relay(text)),
        "application/dtmf" => Some(key(text.trim()).map(|key| Press { key, length: LENGTH })),
        _ => None,
    }
}

/// `Signal=` and `Duration=`, in milliseconds, in any case and order, spaces allowed.
fn relay(text: &str) -> Option<Press> {
    let value = |name: &str| {
        text.lines().filter_map(|line| line.split_once('=')).find_map(|(found, value)| {
            found.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    };
    let length = value("Duration").and_then(|it| it.parse::<u16>().ok());
    let length = length.map_or(LENGTH, |millis| Span::millis(millis.into()));
    Some(Press { key: key(value("Signal")?)?, length })
}

/// A key by its sign, or by its number as an event of RFC 4733: 10 is `*`.
fn key(text: &str) -> Option<char> {
    let mut signs = text.chars();
    match (signs.next()?, signs.next()) {
        (key, None) => {
            let key = key.to_ascii_uppercase();
            matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
        }
        _ => ["10", "11", "12", "13", "14", "15"]
            .iter()
            .zip(['*', '#', 'A', 'B', 'C', 'D'])
            .find_map(|(number, key)| (*number == text).then_some(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_phones_tell_of_them() {
        for (kind, body, key, millis) in [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', 160),
            ("application/dtmf-relay", "signal= #\nduration = 250\n", '#', 250),
            ("application/dtmf-relay", "Duration=80\r\nSignal=11\r\n", '#', 80),
            ("application/dtmf-relay", "Signal=d", 'D', 160),
            ("application/dtmf-relay", "Signal=1\r\nDuration=long\r\n", '1', 160),
            ("application/dtmf", "*", '*', 160),
            ("application/dtmf", "10\r\n", '*', 160),
        ] {
            let press = Press { key, length: Span::millis(millis) };
            assert_eq!(read(kind, body.as_bytes()), Some(Some(press)), "{body}");
        }
    }

    #[test]
    fn what_is_no_key_presses_none_and_other_bodies_are_not_ours() {
        for body in ["", "Signal=", "Signal=x", "Signal=55", "Signal=!", "5", "\u{0}\u{ff}"] {
            assert_eq!(read("application/dtmf-relay", body.as_bytes()), Some(None), "{body}");
        }
        for body in ["", "x", "16", "1 2"] {
            assert_eq!(read("application/dtmf", body.as_bytes()), Some(None), "{body}");
        }
        assert_eq!(read("application/media_control+xml", b"<xml/>"), None);
        assert_eq!(read("", b"5"), None);
    }
}
