//! Offer and answer (RFC 3264) about one audio stream.
//!
//! ```text
//!                  ┌── offer() ──────────► far side ── answered(theirs) ──► Agreed
//!   Ours (a leg) ──┤
//!                  └── answer(their offer) ──► our answer and Agreed, or Refused (488)
//! ```
//!
//! Where SRTP is wanted ([`Policy`]), keys go along with it (RFC 4568); the codec and the keys
//! are agreed on for the same line or not at all.
//!
//! One codec and telephone-event are agreed on, never two codecs (DOMAIN.md T-7), so that
//! nobody changes horses in mid-stream. Of their codecs we take the one *we* like best. Every
//! media line of an offer is answered; what is not our audio is refused with port 0, which
//! refuses the stream and never the call.
//!
//! ```
//! use lotse::sdp::{negotiate::{Format, Ours}, session::Session};
//!
//! const PCMA: Format = Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 };
//! let offer = Session::read(
//!     b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
//!     m=audio 5004 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
//! ).unwrap();
//!
//! let mut ours = Ours::new(77, "192.0.2.1:20000".parse().unwrap(), vec![PCMA]);
//! let (answer, agreed) = ours.answer(&offer).unwrap();
//! assert_eq!((agreed.format, agreed.dtmf), (PCMA, Some(101)));
//! assert_eq!(agreed.remote, "192.0.2.7:5004".parse().ok());
//! assert!(String::from_utf8(answer).unwrap().contains("m=audio 20000 RTP/AVP 8 101\r\n"));
//! ```

use std::{
    fmt::{self, Write as _},
    net::{IpAddr, SocketAddr},
};

use crate::{
    base::masked::Masked,
    sdp::{
        crypto::{Crypto, Policy},
        keyring::{Keyring, Keys},
        session::{Direction, Media, Payload, Session},
    },
};

/// A codec, as far as SDP must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The encoding name.
    pub name: &'static str,
    /// The RTP clock in Hz.
    pub clock: u32,
    /// How many channels.
    pub channels: u8,
    /// The payload type it has in our offers; below 96 also without `rtpmap` in theirs.
    pub payload_type: u8,
}

/// Our side of a stream, and what it last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Where we receive RTP; RTCP is one port up.
    pub address: SocketAddr,
    /// Where it comes as well, in the other version of IP.
    other: Option<IpAddr>,
    /// What we can do, best first.
    pub formats: Vec<Format>,
    /// Whom we let speak: not `SendRecv` when we put the far side on hold.
    pub direction: Direction,
    /// The session's number in `o=`, ours for as long as the dialog stands.
    id: u64,
    /// Its version in `o=`: one more each time that something changes (RFC 3264 8).
    version: u64,
    /// What was said last, without the `o=` line. It may hold keys.
    said: Masked,
    /// The far side's media lines as last seen or answered to: kind, protocol and formats of
    /// those that we do not carry, and `None` where ours stands.
    lines: Vec<Option<(String, String, String)>>,
    /// Payload types in use, so that an offer within the dialog names the same ones.
    dtmf: u8,
    /// Whether sound is protected, and by what.
    security: Option<Security>,
    /// The ports at our address that are all ours, first and last.
    home: Option<(u16, u16)>,
}

/// How one side wants its sound protected.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Security {
    policy: Policy,
    keyring: Keyring,
    /// The line stands as `RTP/SAVP`: so it is offered again.
    is_savp: bool,
    /// What a carrier's *mediasec* wants to see beside the keys (3GPP TS 33.328).
    is_requested_to_edge: bool,
}

/// What two sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// What is spoken.
    pub format: Format,
    /// The number it has on the wire.
    pub payload_type: u8,
    /// The number of telephone-event (RFC 4733), if the far side takes it.
    pub dtmf: Option<u8>,
    /// Where RTP goes; `None` if nowhere: on hold by `0.0.0.0`, or to a name.
    pub remote: Option<SocketAddr>,
    /// The port that RTP goes to, also where its host is a name; `None` on hold by `0.0.0.0`.
    pub port: Option<u16>,
    /// Where RTCP goes, if not to the port above.
    pub remote_rtcp: Option<SocketAddr>,
    /// Whether the far side wants to hear us.
    pub send: bool,
    /// Whether the far side speaks.
    pub receive: bool,
    /// Milliseconds in the packets that the far side asks for.
    pub ptime: u8,
    /// Whether RTCP goes by the ports of RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// What packets are protected with; `None`: they go unprotected.
    pub keys: Option<Keys>,
}

/// Why two sides could not agree: 488 Not Acceptable Here, with this in a Warning (RFC 3261
/// 20.43).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no audio line, or it is refused.
    NoAudio,
    /// Only protocols that we do not speak, or SRTP where it is off.
    Protocol,
    /// No SRTP where it is required.
    Unprotected,
    /// SRTP without a key or in a suite that we could use.
    NoCommonCrypto,
    /// Audio in formats that we do not have.
    NoCommonCodec,
    /// Audio to an address that we cannot reach: the other family, a multicast group, everyone, or a
    /// port of our own.
    Address,
}

/// telephone-event in our own offers.
const DTMF: u8 = 101;
/// What we send and like to get, in milliseconds.
const PTIME: u8 = 20;

impl Ours {
    /// Our side of a new dialog. `id` is to be unlike that of other dialogs.
    #[must_use]
    pub fn new(id: u64, address: SocketAddr, formats: Vec<Format>) -> Self {
        Self {
            address,
            other: None,
            formats,
            direction: Direction::SendRecv,
            // Phones have been seen that hold it in 32 bits, signed.
            id: id & 0x7FFF_FFFF,
            version: 0,
            said: Masked::default(),
            lines: vec![],
            dtmf: DTMF,
            security: None,
            home: None,
        }
    }

    /// The same, whose sound comes to `other` as well, an address of the other version of IP. Who
    /// offers hears of the one that is of its own version.
    #[must_use]
    pub fn also_at(self, other: Option<IpAddr>) -> Self {
        Self { other, ..self }
    }

    /// Names the address of that version of IP from now on, if there is one.
    #[must_use]
    pub fn by_ipv6(mut self, ipv6: bool) -> Self {
        self.turn_to(ipv6);
        self
    }

    fn turn_to(&mut self, ipv6: bool) {
        if let Some(other) = self.other.filter(|it| it.is_ipv6() == ipv6) {
            self.other = Some(self.address.ip());
            self.address.set_ip(other);
        }
    }

    /// The same, where these ports at our address, first to last, are for our own sound: nobody
    /// else can be there.
    #[must_use]
    pub fn at_home(self, ports: (u16, u16)) -> Self {
        Self { home: Some(ports), ..self }
    }

    /// The same, its sound protected as `policy` has it, by keys of `keyring`.
    #[must_use]
    pub fn protected(self, policy: Policy, keyring: Keyring) -> Self {
        let is_savp = policy == Policy::Required;
        let security = Security { policy, keyring, is_savp, is_requested_to_edge: false };
        Self { security: (policy != Policy::Off).then_some(security), ..self }
    }

    /// The same, saying `a=3ge2ae:requested` beside every key: the carrier's *mediasec*, SRTP
    /// from here to its edge (3GPP TS 33.328, TS 24.229 6.1.1).
    #[must_use]
    pub fn to_edge(mut self) -> Self {
        if let Some(security) = &mut self.security {
            security.is_requested_to_edge = true;
        }
        self
    }

    /// What we offer: all our formats and telephone-event. In a standing dialog, lines that
    /// were there stay there (RFC 3264 8).
    #[must_use]
    pub fn offer(&mut self) -> Vec<u8> {
        if !self.lines.contains(&None) {
            self.lines.push(None);
        }
        let formats: Vec<_> = self.formats.iter().map(|it| (it.payload_type, *it)).collect();
        let crypto = self.security.as_mut().map(|it| it.keyring.offer()).unwrap_or_default();
        let is_savp = self.security.as_ref().is_some_and(|it| it.is_savp);
        let text = self.text(&Line {
            proto: if is_savp { "RTP/SAVP" } else { "RTP/AVP" },
            formats: &formats,
            dtmf: Some(self.dtmf),
            direction: self.direction,
            rtcp_mux: true,
            crypto: &crypto,
        });
        self.say(text)
    }

    /// What we answer to their offer, and what is agreed with that.
    pub fn answer(&mut self, offer: &Session) -> Result<(Vec<u8>, Agreed), Refused> {
        let (place, mut agreed, media) = self.choose(offer)?;
        if let Some(theirs) = media.address {
            self.turn_to(theirs.is_ipv6());
        }
        let crypto = self.agree(media, &mut agreed)?;
        let direction = direction(offer, place).reversed().and(self.direction);
        agreed.send &= direction.sends();
        agreed.receive &= direction.receives();
        self.lines = lines(offer, place);
        if let Some(dtmf) = agreed.dtmf {
            self.dtmf = dtmf;
        }
        let text = self.text(&Line {
            proto: &media.proto,
            formats: &[(agreed.payload_type, agreed.format)],
            dtmf: agreed.dtmf,
            direction,
            rtcp_mux: agreed.rtcp_mux,
            crypto: crypto.as_slice(),
        });
        Ok((self.say(text), agreed))
    }

    /// The keys that an offered line is answered with.
    fn agree(&mut self, media: &Media, agreed: &mut Agreed) -> Result<Option<Crypto>, Refused> {
        let Some(security) = &mut self.security else { return Ok(None) };
        let is_savp = is_savp(media);
        let Some((line, keys)) = security.keyring.answer(&media.crypto) else {
            return match (security.policy, is_savp) {
                (_, true) => Err(Refused::NoCommonCrypto),
                (Policy::Required, false) => Err(Refused::Unprotected),
                (Policy::Off | Policy::Offered, false) => Ok(None),
            };
        };
        security.is_savp = is_savp;
        agreed.keys = Some(keys);
        Ok(Some(line))
    }

    /// What is agreed by their answer to our offer.
    pub fn answered(&mut self, answer: &Session) -> Result<Agreed, Refused> {
        let (_, mut agreed, media) = self.choose_first(answer)?;
        if let Some(security) = &mut self.security {
            agreed.keys = security.keyring.answered(&media.crypto);
            let is_savp = is_savp(media);
            match (&agreed.keys, security.policy) {
                (None, _) if is_savp || !media.crypto.is_empty() => {
                    return Err(Refused::NoCommonCrypto);
                }
                (None, Policy::Required) => return Err(Refused::Unprotected),
                (None, Policy::Off | Policy::Offered) => (),
                (Some(_), _) => security.is_savp = is_savp,
            }
        }
        agreed.send &= self.direction.sends();
        agreed.receive &= self.direction.receives();
        Ok(agreed)
    }

    /// The audio line of theirs, and the format in it that we like best. If there are several
    /// lines, one that protects the sound goes first.
    fn choose<'a>(&self, theirs: &'a Session) -> Result<(usize, Agreed, &'a Media), Refused> {
        let pick = |media: &Media| {
            self.formats.iter().find_map(|format| {
                let payload = media.payloads.iter().find(|it| format.is(it))?;
                Some((payload.number, *format))
            })
        };
        if let Some(security) = &self.security {
            let protects = |media: &Media| security.keyring.usable(&media.crypto).is_some();
            let chosen = self.among(theirs, |media| pick(media).filter(|_| protects(media)));
            if chosen.is_ok() {
                return chosen;
            }
        }
        self.among(theirs, pick)
    }

    /// The audio line of theirs, and the first format in it: in an answer the order is theirs.
    fn choose_first<'a>(&self, theirs: &'a Session) -> Result<(usize, Agreed, &'a Media), Refused> {
        self.among(theirs, |media| {
            media.payloads.iter().find_map(|payload| {
                let format = self.formats.iter().find(|it| it.is(payload))?;
                Some((payload.number, *format))
            })
        })
    }

    fn among<'a>(
        &self,
        theirs: &'a Session,
        pick: impl Fn(&Media) -> Option<(u8, Format)>,
    ) -> Result<(usize, Agreed, &'a Media), Refused> {
        let mut refused = Refused::NoAudio;
        for (place, media) in theirs.media.iter().enumerate() {
            if media.kind != "audio" || media.port == 0 {
                continue;
            }
            // The feedback of AVPF (RFC 4585) is leave to send more RTCP, no duty.
            let proto = media.proto.to_ascii_uppercase();
            let is_plain = ["RTP/AVP", "RTP/AVPF"].contains(&proto.as_str());
            let is_secure = self.security.is_some() && is_savp(media);
            if !is_plain && !is_secure {
                refused = Refused::Protocol;
                continue;
            }
            if !self.reaches(media.address) || self.is_at_home(media) {
                refused = Refused::Address;
                continue;
            }
            let Some((payload_type, format)) = pick(media) else {
                refused = Refused::NoCommonCodec;
                continue;
            };
            let agreed = self.agreed(media, payload_type, format);
            return Ok((place, agreed, media));
        }
        Err(refused)
    }

    fn agreed(&self, media: &Media, payload_type: u8, format: Format) -> Agreed {
        // RFC 2543's way of hold, still on the wire: nothing is to be sent to nowhere.
        let address = media.address.filter(|it| !it.is_unspecified());
        let on_hold = media.address.is_some_and(|it| it.is_unspecified());
        Agreed {
            format,
            payload_type,
            dtmf: media.payloads.iter().find(|it| is_dtmf(it, format)).map(|it| it.number),
            remote: address.map(|it| SocketAddr::new(it, media.port)),
            port: (!on_hold).then_some(media.port),
            remote_rtcp: media.rtcp.filter(|it| self.reaches(Some(it.ip()))),
            send: media.direction.receives() && !on_hold,
            receive: media.direction.sends(),
            ptime: media.ptime.filter(|it| (10..=120).contains(it)).unwrap_or(PTIME),
            rtcp_mux: media.rtcp_mux,
            keys: None,
        }
    }

    /// Whether packets of ours can go there. A name is left to symmetric RTP.
    fn reaches(&self, address: Option<IpAddr>) -> bool {
        address.is_none_or(|it| {
            let is_everyone = matches!(it, IpAddr::V4(it) if it.is_broadcast());
            let is_in_reach = self.here().any(|here| it.is_ipv4() == here.is_ipv4());
            !it.is_multicast() && !is_everyone && is_in_reach
        })
    }

    /// Our addresses.
    fn here(&self) -> impl Iterator<Item = IpAddr> {
        [self.address.ip()].into_iter().chain(self.other).map(|it| it.to_canonical())
    }

    /// Whether that is a port of our own for sound: two legs that speak to each other's port would
    /// never fall silent.
    /// On loopback other programs share our address, and may well be in our range.
    fn is_at_home(&self, media: &Media) -> bool {
        let is_here = self.here().any(|it| media.address == Some(it) && !it.is_loopback());
        is_here && self.home.is_some_and(|(first, last)| (first..=last).contains(&media.port))
    }

    /// All but the `o=` line.
    fn text(&self, ours: &Line<'_>) -> String {
        let Line { proto, formats, dtmf, direction, rtcp_mux, crypto } = *ours;
        let mut text = String::with_capacity(320);
        let _ = write!(text, "s=-\r\nc=IN {}\r\nt=0 0\r\n", Host(self.address.ip()));
        for line in &self.lines {
            if let Some((kind, proto, formats)) = line {
                let _ = write!(text, "m={kind} 0 {proto} {formats}\r\n");
                continue;
            }
            let _ = write!(text, "m=audio {} {proto}", self.address.port());
            for number in formats.iter().map(|(number, _)| *number).chain(dtmf) {
                let _ = write!(text, " {number}");
            }
            text.push_str("\r\n");
            for (number, Format { name, clock, channels, .. }) in formats {
                let _ = write!(text, "a=rtpmap:{number} {name}/{clock}");
                if *channels > 1 {
                    let _ = write!(text, "/{channels}");
                }
                text.push_str("\r\n");
            }
            if let Some(number) = dtmf {
                let _ = write!(
                    text,
                    "a=rtpmap:{number} telephone-event/8000\r\na=fmtp:{number} 0-15\r\n"
                );
            }
            if rtcp_mux {
                text.push_str("a=rtcp-mux\r\n");
            }
            for line in crypto {
                line.write(&mut text);
            }
            if self
                .security
                .as_ref()
                .is_some_and(|it| it.is_requested_to_edge && !crypto.is_empty())
            {
                text.push_str("a=3ge2ae:requested\r\n");
            }
            let _ = write!(text, "a=ptime:{PTIME}\r\na={}\r\n", direction.name());
        }
        text
    }

    /// What we said last, word for word; `None` if that was nothing.
    #[must_use]
    pub fn said_last(&self) -> Option<Vec<u8>> {
        (!self.said.is_empty()).then(|| self.whole())
    }

    /// The whole description; its version is one more if it is not what was said last.
    fn say(&mut self, text: String) -> Vec<u8> {
        if text != self.said.unmask() {
            self.version += 1;
            self.said = Masked::new(text);
        }
        self.whole()
    }

    fn whole(&self) -> Vec<u8> {
        let Self { id, version, address, said, .. } = self;
        let head = format!("v=0\r\no=- {id} {version} IN {}\r\n", Host(address.ip()));
        (head + said.unmask()).into_bytes()
    }
}

/// Our media line, with what belongs to it.
struct Line<'a> {
    proto: &'a str,
    formats: &'a [(u8, Format)],
    dtmf: Option<u8>,
    direction: Direction,
    rtcp_mux: bool,
    crypto: &'a [Crypto],
}

/// Whether a line is one of SRTP (RFC 3711 12, RFC 5124).
fn is_savp(media: &Media) -> bool {
    ["RTP/SAVP", "RTP/SAVPF"].contains(&media.proto.to_ascii_uppercase().as_str())
}

impl Format {
    /// Whether that payload type of theirs stands for this format.
    fn is(&self, payload: &Payload) -> bool {
        match &payload.encoding {
            Some(it) => {
                it.name.eq_ignore_ascii_case(self.name)
                    && it.clock == self.clock
                    && it.channels == self.channels
            }
            None => self.payload_type < 96 && payload.number == self.payload_type,
        }
    }
}

/// Whether it is telephone-event at the codec's clock (RFC 4733 2.1).
fn is_dtmf(payload: &Payload, format: Format) -> bool {
    payload.encoding.as_ref().is_some_and(|it| {
        it.name.eq_ignore_ascii_case("telephone-event") && it.clock == format.clock
    })
}

fn direction(offer: &Session, place: usize) -> Direction {
    offer.media.get(place).map(|it| it.direction).unwrap_or_default()
}

fn lines(offer: &Session, ours: usize) -> Vec<Option<(String, String, String)>> {
    let line = |(place, media): (usize, &Media)| {
        let Media { kind, proto, formats, .. } = media;
        (place != ours).then(|| (kind.clone(), proto.clone(), formats.clone()))
    };
    offer.media.iter().enumerate().map(line).collect()
}

/// `IP4 192.0.2.1`.
struct Host(IpAddr);

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "IP4 {address}"),
            IpAddr::V6(address) => write!(f, "IP6 {address}"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAudio => "no audio is offered",
            Self::Protocol => "the transport protocol is not RTP/AVP",
            Self::Unprotected => "the sound is to be protected by SRTP",
            Self::NoCommonCrypto => "there is no SRTP suite and key in common",
            Self::NoCommonCodec => "there is no codec in common",
            Self::Address => "the media address cannot be reached from here",
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
