//! What a session description says, as far as two sides must agree on it.
//!
//! Its lines are read leniently; here their meaning is drawn out: for each `m=` line
//! what kind of media, where it goes, in which direction and in which formats. What a media line does
//! not say itself, it has from the session. What we do not understand stays text, so that an
//! answer can still name every line of its offer (RFC 3264 6).

use std::{fmt, net::IpAddr, net::SocketAddr};

use crate::{
    base::masked::Masked,
    sdp::{
        crypto,
        lines::{Attribute, Lines, MediaLines},
    },
};

/// The largest description that is looked at, in bytes; that of a video phone has 3,000.
const BYTES_MAX: usize = 16_384;
/// The most media lines and formats in one of them that are looked at.
const COUNT_MAX: usize = 64;

/// A session description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its media lines, in order.
    pub media: Vec<Media>,
}

/// One `m=` line and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, `text` …
    pub kind: String,
    /// Where it goes; 0: refused, or no longer wanted.
    pub port: u16,
    /// `RTP/AVP`, `RTP/SAVP`, `udptl` …
    pub proto: String,
    /// Everything behind the protocol, as written: `8 0 101`.
    pub formats: String,
    /// The address it goes to; `None` if that is a name, which nobody here looks up.
    pub address: Option<IpAddr>,
    /// Where RTCP goes, if not to the port above (RFC 3605).
    pub rtcp: Option<SocketAddr>,
    /// Whether RTP and RTCP may share a port (RFC 5761).
    pub rtcp_mux: bool,
    /// Its `a=crypto` lines as written, for [`Crypto`](crypto::Crypto) to read. They hold keys.
    pub crypto: Vec<Masked>,
    /// Who speaks, as the writer of this description sees it.
    pub direction: Direction,
    /// Milliseconds of sound in a packet, if it says.
    pub ptime: Option<u8>,
    /// The payload types of an RTP line, in order of liking.
    pub payloads: Vec<Payload>,
}

/// What a payload type stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The number on the wire, below 128.
    pub number: u8,
    /// The encoding name, clock rate and channels; `None` for a static number that is not
    /// explained (RFC 3551 6).
    pub encoding: Option<Encoding>,
    /// Format parameters, as written: `0-16`.
    pub parameters: Option<String>,
}

/// `PCMA/8000/1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The name, in any case.
    pub name: String,
    /// The RTP clock in Hz.
    pub clock: u32,
    /// 1 unless it says otherwise.
    pub channels: u8,
}

/// Who speaks on a media line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both sides.
    #[default]
    SendRecv,
    /// The writer only.
    SendOnly,
    /// The reader only.
    RecvOnly,
    /// Nobody.
    Inactive,
}

/// A text that is no session description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSession {
    /// What is wrong with it.
    pub why: String,
}

impl Session {
    /// Reads a description. Lines that say nothing to us are passed over.
    pub fn read(bytes: &[u8]) -> Result<Self, NoSession> {
        let no = |why: &str| NoSession { why: why.to_owned() };
        if bytes.len() > BYTES_MAX {
            return Err(no("it is too large"));
        }
        let whole = Lines::read(bytes).ok_or_else(|| no("it does not begin with v=0"))?;
        if whole.media.len() > COUNT_MAX {
            return Err(no("it has too many media lines"));
        }
        let media = whole.media.iter().map(|it| Media::of(it, &whole)).collect();
        Ok(Self { media })
    }
}

impl Media {
    fn of(media: &MediaLines<'_>, session: &Lines<'_>) -> Self {
        let connection = media.connection.as_ref().or(session.connection.as_ref());
        // IN IP4 192.0.2.1
        let address = connection.and_then(|it| address(it.split_ascii_whitespace().nth(2)?));
        let value = |name| value(&media.attributes, name);
        let is_rtp = media.proto.to_ascii_uppercase().starts_with("RTP/");
        Self {
            kind: media.kind.to_string(),
            port: media.port,
            proto: media.proto.to_string(),
            formats: media.formats.clone(),
            address,
            rtcp: value("rtcp").and_then(|it| rtcp(it, address)),
            rtcp_mux: media.attributes.iter().any(|it| it.name == "rtcp-mux"),
            crypto: crypto::values(&media.attributes),
            direction: Direction::of(&media.attributes)
                .or_else(|| Direction::of(&session.attributes))
                .unwrap_or_default(),
            ptime: value("ptime").and_then(|it| it.trim().parse().ok()),
            payloads: if is_rtp { payloads(media) } else { vec![] },
        }
    }
}

impl Direction {
    fn of(attributes: &[Attribute<'_>]) -> Option<Self> {
        attributes.iter().find_map(|it| match &*it.name {
            "sendrecv" => Some(Self::SendRecv),
            "sendonly" => Some(Self::SendOnly),
            "recvonly" => Some(Self::RecvOnly),
            "inactive" => Some(Self::Inactive),
            _ => None,
        })
    }

    /// The same line seen from the other side.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv => Self::SendRecv,
            Self::Inactive => Self::Inactive,
        }
    }

    /// What is left when both must agree.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.sends() && other.sends(), self.receives() && other.receives()) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether the writer sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer receives.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// The payload types of a line, each with what explains it. Walks the attributes once for all
/// of them, so that many lines cost no more than their length.
fn payloads(media: &MediaLines<'_>) -> Vec<Payload> {
    let numbers = media.formats.split_ascii_whitespace().filter_map(|it| it.parse().ok());
    let mut payloads: Vec<Payload> = numbers
        .filter(|number| *number < 128)
        .map(|number| Payload { number, encoding: None, parameters: None })
        .take(COUNT_MAX)
        .collect();
    for attribute in &media.attributes {
        let Some((number, text)) = attribute.value.as_deref().and_then(|it| it.split_once(' '))
        else {
            continue;
        };
        let Ok(number) = number.parse::<u8>() else { continue };
        let Some(payload) = payloads.iter_mut().find(|it| it.number == number) else { continue };
        match &*attribute.name {
            "rtpmap" => payload.encoding = encoding(text.trim()),
            "fmtp" => payload.parameters = Some(text.trim().to_owned()),
            _ => (),
        }
    }
    payloads
}

fn encoding(text: &str) -> Option<Encoding> {
    let mut parts = text.split('/');
    let name = parts.next()?.to_owned();
    let clock = parts.next()?.trim().parse().ok()?;
    let channels = parts.next().and_then(|it| it.trim().parse().ok()).unwrap_or(1);
    Some(Encoding { name, clock, channels })
}

fn value<'a>(attributes: &'a [Attribute<'_>], name: &str) -> Option<&'a str> {
    attributes.iter().find(|it| it.name == name)?.value.as_deref()
}

/// An address without the multicast suffixes; IPv4 in IPv6 clothes (RFC 5118 4.9) is IPv4.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.split('/').next()?.parse().ok()?;
    Some(address.to_canonical())
}

/// `53020` or `53020 IN IP4 126.16.64.4`.
fn rtcp(value: &str, default: Option<IpAddr>) -> Option<SocketAddr> {
    let mut words = value.split_ascii_whitespace();
    let port = words.next()?.parse().ok()?;
    let address = words.nth(2).map_or(default, address)?;
    Some(SocketAddr::new(address, port))
}

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no session description: {}", self.why)
    }
}

impl std::error::Error for NoSession {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_line_has_from_the_session_what_it_does_not_say() {
        let session = Session::read(
            b"v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\n\
            c=IN IP6 ::ffff:192.0.2.2\r\nt=0 0\r\na=sendonly\r\n\
            m=audio 22334 RTP/AVP 0 97 18\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\n\
            a=rtcp:53020\r\na=rtcp-mux\r\na=ptime:30\r\n\
            m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\na=rtpmap:107 H263-1998/90000\r\n\
            a=inactive\r\nm=image 0 udptl t38\r\n",
        )
        .unwrap();
        let [audio, video, image] = session.media.as_slice() else { panic!() };
        assert_eq!(audio.address, "192.0.2.2".parse().ok());
        assert_eq!(audio.direction, Direction::SendOnly);
        assert_eq!(audio.rtcp, "192.0.2.2:53020".parse().ok());
        assert_eq!((audio.rtcp_mux, audio.ptime), (true, Some(30)));
        let named: Vec<_> = audio
            .payloads
            .iter()
            .map(|it| (it.number, it.encoding.as_ref().map(|it| (it.name.as_str(), it.clock))))
            .collect();
        assert_eq!(named, [(0, None), (97, Some(("iLBC", 8000))), (18, None)]);
        assert_eq!(video.address, "2001:db8::1".parse().ok());
        assert_eq!(video.direction, Direction::Inactive);
        assert_eq!((image.kind.as_str(), image.port, image.formats.as_str()), ("image", 0, "t38"));
        assert_eq!(image.payloads, []);
    }

    #[test]
    fn what_is_no_description_is_refused_with_a_reason() {
        for bytes in [b"".as_slice(), b"<audio/>", b"v=1\r\n", b"m=audio 1 RTP/AVP 0\r\n"] {
            assert!(Session::read(bytes).is_err(), "{}", bytes.escape_ascii());
        }
        let large = [b"v=0\r\n".as_slice(), &b"a=x\r\n".repeat(4_000)].concat();
        assert_eq!(Session::read(&large).unwrap_err().why, "it is too large");
        let many = [b"v=0\r\n".as_slice(), &b"m=audio 0 RTP/AVP 0\r\n".repeat(65)].concat();
        assert_eq!(Session::read(&many).unwrap_err().why, "it has too many media lines");
    }

    /// An offer as phones make it, damaged in one line at a time: what sound does not need cannot
    /// refuse it.
    #[test]
    fn one_odd_line_refuses_nothing() {
        const WELL: &str = "v=0\r\no=- 77 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n\
            t=0 0\r\nm=audio 5004 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
        let is_well = |bytes: &[u8], why: &str| {
            let session = Session::read(bytes).unwrap_or_else(|it| panic!("{why}: {it}"));
            let audio = session.media.first().unwrap_or_else(|| panic!("{why}: no media"));
            let remote = audio.address.map(|it| SocketAddr::new(it, audio.port));
            assert_eq!(remote, "192.0.2.7:5004".parse().ok(), "{why}");
            let numbers: Vec<_> = audio.payloads.iter().map(|it| it.number).collect();
            assert_eq!(numbers, [8, 101], "{why}");
        };
        is_well(WELL.as_bytes(), "as it is");
        for (well, odd) in [
            ("o=- 77 1", "o=- 19599440071187478912 19599440071187478912"),
            ("o=- 77 1", "o=Full Name -77 -1"),
            ("o=- 77 1 IN IP4 192.0.2.7", "o="),
            ("o=- 77 1 IN IP4 192.0.2.7\r\n", ""),
            ("s=-\r\n", ""),
            ("s=-", "s=x\r\ns=y"),
            ("t=0 0\r\n", ""),
            ("t=0 0", "t=0 0 0"),
            ("t=0 0", "t=now"),
            ("t=0 0", "b=AS:64.5\r\nt=0 0\r\nr=x\r\nz=x"),
            ("t=0 0", "nonsense\r\nt=0 0"),
            ("m=audio ", "m=audio  "),
            ("RTP/AVP 8", "RTP/AVP   8"),
            ("5004 RTP", "5004/1 RTP"),
            ("rtpmap:101", "x:\u{fffd}\r\na=rtpmap:101"),
            ("8000\r\n", "8000\r\nm=video 0 RTP/AVP\r\n"),
            ("8000\r\n", "8000\r\nm=video x y\r\nm=\r\n"),
            ("8000\r\n", "8000\r\n\0"),
            ("8000\r\n", "8000"),
            ("\r\n", "\n"),
            ("v=0", "\r\nv=0"),
        ] {
            let text = WELL.replace(well, odd);
            assert_ne!(text, WELL, "{odd}");
            is_well(text.as_bytes(), odd);
        }
        let latin = [&WELL.as_bytes()[..WELL.len()], b"a=x-name:M\xfcller\r\n"].concat();
        is_well(&latin, "Latin-1 in an attribute");
        let latin = String::from_utf8_lossy(WELL.as_bytes()).replace("s=-", "s=B?rger");
        let latin: Vec<_> = latin.bytes().map(|it| if it == b'?' { 0xfc } else { it }).collect();
        is_well(&latin, "Latin-1 in the session's name");
    }

    #[test]
    fn a_media_line_that_cannot_be_read_keeps_its_place_as_one_that_is_refused() {
        let text = b"v=0\r\nm=audio x RTP/AVP 0\r\nm=\r\nm=audio 70000 RTP/AVP 8\r\n";
        let session = Session::read(text).unwrap();
        assert_eq!(session.media.iter().map(|it| it.port).collect::<Vec<_>>(), [0, 0, 0]);
    }

    #[test]
    fn directions_agree_as_two_people_do() {
        use Direction as D;
        for (mine, theirs, both) in [
            (D::SendRecv, D::SendRecv, D::SendRecv),
            (D::SendRecv, D::SendOnly, D::SendOnly),
            (D::SendOnly, D::RecvOnly, D::Inactive),
            (D::RecvOnly, D::SendRecv, D::RecvOnly),
            (D::SendRecv, D::Inactive, D::Inactive),
        ] {
            assert_eq!(mine.and(theirs), both, "{mine:?} {theirs:?}");
        }
        assert_eq!(D::SendOnly.reversed(), D::RecvOnly);
    }
}
