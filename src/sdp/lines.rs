//! The lines of a session description (RFC 8866 5) that say something about sound: `c=`, `m=`, `a=`.
//!
//! ```text
//! v= o= s= t= b= …  passed over: what sound does not need cannot refuse it
//! c= a=             of the session
//! m= ─┬─ c=         of that media line
//!     └─ a=
//! ```
//!
//! Real phones write spaces in user names, numbers beyond 64 bits, Latin-1 and a NUL at the end.
//! A media line that cannot be read keeps its place, as one that is refused: an answer must name
//! every line of its offer (RFC 3264 6).

use std::borrow::Cow;

/// A description, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines<'a> {
    /// The first connection line of the session: `IN IP4 192.0.2.1`.
    pub(super) connection: Option<Cow<'a, str>>,
    /// The session's attributes.
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Its media lines, in order.
    pub(super) media: Vec<MediaLines<'a>>,
}

/// A media line, and those that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MediaLines<'a> {
    /// `audio`; empty if the line says nothing.
    pub(super) kind: Cow<'a, str>,
    /// Where it goes; 0 also if that is no port.
    pub(super) port: u16,
    /// `RTP/AVP`
    pub(super) proto: Cow<'a, str>,
    /// `8 0 101`
    pub(super) formats: String,
    /// Its first connection line.
    pub(super) connection: Option<Cow<'a, str>>,
    /// Its attributes.
    pub(super) attributes: Vec<Attribute<'a>>,
}

/// `a=name:value`, or without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    /// The name, as written.
    pub(super) name: Cow<'a, str>,
    /// What stands behind the colon.
    pub(super) value: Option<Cow<'a, str>>,
}

impl<'a> Lines<'a> {
    /// Reads them. `None`: this is nothing like a description, which begins with a version.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r' | 0));
        // Some write an empty line first.
        let first = lines.find(|line| !line.trim_ascii().is_empty())?;
        if first.trim_ascii() != b"v=0" {
            return None;
        }
        let mut read = Self::default();
        for line in lines {
            let Some((kind, value)) = typed(line) else { continue };
            let value = String::from_utf8_lossy(value);
            match (kind, read.media.last_mut()) {
                (b'm', _) => read.media.push(MediaLines::read(&value)),
                (b'c', None) => read.connection = read.connection.or(Some(value)),
                (b'c', Some(media)) => {
                    media.connection.get_or_insert(value);
                }
                (b'a', None) => read.attributes.push(Attribute::read(value)),
                (b'a', Some(media)) => media.attributes.push(Attribute::read(value)),
                _ => (),
            }
        }
        Some(read)
    }
}

/// `x=value`
fn typed(line: &[u8]) -> Option<(u8, &[u8])> {
    match line.trim_ascii_start() {
        [kind, b'=', value @ ..] => Some((*kind, value.trim_ascii())),
        _ => None,
    }
}

impl MediaLines<'_> {
    /// `audio 5004/2 RTP/AVP 0 8`
    fn read(value: &str) -> Self {
        let mut words = value.split_ascii_whitespace();
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (kind, port, proto) = (word(), word(), word());
        let port = port.split('/').next().and_then(|it| it.parse().ok()).unwrap_or_default();
        Self {
            kind: kind.into(),
            port,
            proto: proto.into(),
            formats: words.collect::<Vec<_>>().join(" "),
            connection: None,
            attributes: vec![],
        }
    }
}

impl<'a> Attribute<'a> {
    fn read(text: Cow<'a, str>) -> Self {
        let colon = text.find(':');
        match (colon, text) {
            (None, name) => Self { name, value: None },
            (Some(at), Cow::Borrowed(text)) => {
                let (name, value) = text.split_at(at);
                Self { name: name.into(), value: Some(value.trim_start_matches(':').into()) }
            }
            (Some(at), Cow::Owned(text)) => {
                let (name, value) = text.split_at(at);
                let value = value.trim_start_matches(':').to_owned();
                Self { name: name.to_owned().into(), value: Some(value.into()) }
            }
        }
    }
}
