//! What a byte may stand in: the character classes of RFC 3261 25.1, one look each.
//!
//! A message is mostly runs of such classes, so they are a table of 512 bytes and not a chain of
//! comparisons.

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Class(u16);

impl Class {
    /// token.
    pub(in crate::sip) const TOKEN: Self = Self(1);
    /// The value of a header's parameter if it has no quotes: a token or a host, with or without
    /// port (`received=2001:db8::1`, RFC 5118 4.5).
    pub(in crate::sip) const VALUE: Self = Self(1 << 1);
    /// user, with its escapes. `#` is no RFC's, but phones dial `*10#`.
    pub(in crate::sip) const USER: Self = Self(1 << 2);
    /// password, with its escapes.
    pub(in crate::sip) const PASSWORD: Self = Self(1 << 3);
    /// paramchar, with its escapes.
    pub(in crate::sip) const PARAM: Self = Self(1 << 4);
    /// The headers of a URI, with their escapes.
    pub(in crate::sip) const HEADERS: Self = Self(1 << 5);
    /// A host's name. The underscore is no RFC's, but many a host's.
    pub(in crate::sip) const HOST: Self = Self(1 << 6);
    /// scheme, behind its first letter.
    pub(in crate::sip) const SCHEME: Self = Self(1 << 7);
    /// A digit.
    pub(in crate::sip) const DIGIT: Self = Self(1 << 8);
    /// An IPv6 address, between its brackets.
    pub(in crate::sip) const IPV6: Self = Self(1 << 9);
    /// White space within a line.
    pub(in crate::sip) const SPACE: Self = Self(1 << 10);
    /// A display name without quotes: tokens and spaces. Umlauts without quotes are no RFC's,
    /// but many a phone's, and harm nobody.
    pub(in crate::sip) const DISPLAY: Self = Self(1 << 11);
    /// A URI without brackets: what begins the next thing is out (RFC 3261 20).
    pub(in crate::sip) const BARE_URI: Self = Self(1 << 12);
    /// A URI of another scheme, not looked into.
    pub(in crate::sip) const OPAQUE: Self = Self(1 << 13);

    /// Whether `byte` is one of them.
    #[inline]
    pub(in crate::sip) fn has(self, byte: u8) -> bool {
        TABLE.get(usize::from(byte)).is_some_and(|it| it & self.0 != 0)
    }

    /// Whether `text` is made of them, and of at least one.
    pub(in crate::sip) fn is_all(self, text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|it| self.has(it))
    }
}

static TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    loop {
        #[allow(clippy::indexing_slicing)] // A byte is below 256.
        {
            table[byte as usize] = classes(byte);
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// All classes of a byte.
const fn classes(byte: u8) -> u16 {
    let alphanumeric = byte.is_ascii_alphanumeric();
    let mark = matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')');
    let escapable = alphanumeric || mark || byte == b'%';
    let token = alphanumeric
        || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~');
    let space = matches!(byte, b' ' | b'\t');
    let param = escapable || matches!(byte, b'[' | b']' | b'/' | b':' | b'&' | b'+' | b'$');
    let opaque = byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"');

    let rows = [
        (Class::TOKEN, token),
        (
            Class::VALUE,
            token || matches!(byte, b'[' | b']' | b':' | b'/' | b'@' | b'&' | b'$' | b'=' | b'?'),
        ),
        (
            Class::USER,
            escapable
                || matches!(byte, b'&' | b'=' | b'+' | b'$' | b',' | b';' | b'?' | b'/' | b'#'),
        ),
        (Class::PASSWORD, escapable || matches!(byte, b'&' | b'=' | b'+' | b'$' | b',')),
        (Class::PARAM, param),
        (Class::HEADERS, param || matches!(byte, b'?' | b'=')),
        (Class::HOST, alphanumeric || matches!(byte, b'-' | b'.' | b'_')),
        (Class::SCHEME, alphanumeric || matches!(byte, b'+' | b'-' | b'.')),
        (Class::DIGIT, byte.is_ascii_digit()),
        (Class::IPV6, byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
        (Class::SPACE, space),
        (Class::DISPLAY, token || space || byte >= 0x80),
        (Class::BARE_URI, opaque && !matches!(byte, b';' | b',' | b'?')),
        (Class::OPAQUE, opaque),
    ];
    let mut classes = 0;
    let mut left: &[(Class, bool)] = &rows;
    while let [(class, is_in), rest @ ..] = left {
        if *is_in {
            classes |= class.0;
        }
        left = rest;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each class, by the bytes it has.
    #[test]
    fn the_classes_are_the_rfcs() {
        let has = |class: Class| -> String {
            (0x20..0x7F).filter(|it| class.has(*it)).map(char::from).collect()
        };
        let others = |class: Class| has(class).replace(|it: char| it.is_ascii_alphanumeric(), "");
        assert_eq!(others(Class::TOKEN), "!%'*+-._`~");
        assert_eq!(others(Class::VALUE), "!$%&'*+-./:=?@[]_`~");
        assert_eq!(others(Class::USER), "!#$%&'()*+,-./;=?_~");
        assert_eq!(others(Class::PASSWORD), "!$%&'()*+,-.=_~");
        assert_eq!(others(Class::PARAM), "!$%&'()*+-./:[]_~");
        assert_eq!(others(Class::HEADERS), "!$%&'()*+-./:=?[]_~");
        assert_eq!(others(Class::HOST), "-._");
        assert_eq!(others(Class::SCHEME), "+-.");
        assert_eq!(has(Class::DIGIT), "0123456789");
        assert_eq!(has(Class::IPV6), ".0123456789:ABCDEFabcdef");
        assert_eq!(others(Class::DISPLAY), " !%'*+-._`~");
        assert_eq!(others(Class::BARE_URI), "!#$%&'()*+-./:=@[\\]^_`{|}~");
        assert_eq!(others(Class::OPAQUE), "!#$%&'()*+,-./:;=?@[\\]^_`{|}~");
        assert!(Class::DISPLAY.has(0xFF) && Class::SPACE.has(b'\t'));
        for outside in (0..0x20).chain(0x7F..=0xFF) {
            assert!(!Class::TOKEN.has(outside) && !Class::OPAQUE.has(outside));
        }
    }
}
