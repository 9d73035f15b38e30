//! The `a=crypto` line: keys for SRTP, carried in the session description (RFC 4568).
//!
//! ```text
//! a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20
//!          │ └ suite                        └ master key and salt, base64        └ lifetime
//!          └ tag: the answer names the line it takes by it
//! ```
//!
//! Lines we cannot use are passed over, each for a reason; the next one may do. We never agree
//! to less protection than a suite has (`UNENCRYPTED_SRTP` and its like), nor to key identifiers
//! (MKI) and rederived keys (KDR), which nobody needs who can offer anew.

use std::fmt::{self, Write as _};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

use crate::{
    base::{key::Key, masked::Masked},
    sdp::lines::Attribute,
};

/// Whether a leg's sound is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Never: who offers SRTP only is refused.
    #[default]
    Off,
    /// If the far side can. We offer it as phones do that leave the choice: `RTP/AVP` with keys
    /// beside (no RFC has that; RFC 5939 would be the way, and no phone speaks it).
    Offered,
    /// Always: who cannot is refused.
    Required,
}

/// A suite, as far as SDP must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: &'static str,
    /// How many octets its master key and salt are together.
    pub octets: usize,
}

/// One line, as far as we use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crypto {
    /// By which an answer names it.
    pub tag: u32,
    /// How packets are protected.
    pub suite: Suite,
    /// The key that the writer of the line sends with.
    pub key: Key,
}

/// Why a line is of no use to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Useless {
    /// It is not written as the RFC has it.
    Malformed,
    /// A suite that we do not speak.
    Suite,
    /// A key of the wrong length, or that has no octets.
    Key,
    /// Several keys, or one with an identifier: its packets would bear the MKI.
    Mki,
    /// A session parameter that changes the packets, or that we do not know.
    Parameter,
}

impl Crypto {
    /// Reads what stands behind `a=crypto:`, which must be of one of these suites.
    pub fn read(value: &str, suites: &[Suite]) -> Result<Self, Useless> {
        let mut words = value.split_ascii_whitespace();
        let mut word = || words.next().ok_or(Useless::Malformed);
        let (tag, suite, keys) = (word()?, word()?, word()?);
        let is_tag = (1..=9).contains(&tag.len()) && tag.bytes().all(|it| it.is_ascii_digit());
        let tag = tag.parse().ok().filter(|_| is_tag).ok_or(Useless::Malformed)?;
        let suite = suites.iter().find(|it| it.name.eq_ignore_ascii_case(suite));
        let suite = *suite.ok_or(Useless::Suite)?;
        if !words.all(changes_nothing) {
            return Err(Useless::Parameter);
        }
        Ok(Self { tag, suite, key: key(keys, suite.octets)? })
    }

    /// Appends the line, with its end.
    pub(super) fn write(&self, text: &mut String) {
        let Self { tag, suite, key } = self;
        let key = STANDARD.encode(key.unmask());
        let _ = write!(text, "a=crypto:{tag} {} inline:{key}\r\n", suite.name);
    }
}

/// Whether a session parameter leaves the packets as the suite has them (RFC 4568 6.3). What
/// begins with a dash may be ignored by who does not know it; the window is only a hint.
fn changes_nothing(parameter: &str) -> bool {
    parameter.starts_with('-') || parameter == "KDR=0" || parameter.starts_with("WSH=")
}

/// Base64 with or without its padding, which is discarded (RFC 4568 6.1).
const KEYS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `inline:…|lifetime`. A lifetime is believed to be longer than a call: 2^20 packets are
/// almost six hours of sound.
fn key(text: &str, octets: usize) -> Result<Key, Useless> {
    let inline = text.get(..7).filter(|it| it.eq_ignore_ascii_case("inline:"));
    let text = inline.and(text.get(7..)).ok_or(Useless::Malformed)?;
    if text.contains(';') {
        return Err(Useless::Mki);
    }
    let mut parts = text.split('|');
    let key = parts.next().unwrap_or_default();
    for part in parts {
        if part.contains(':') {
            return Err(Useless::Mki);
        }
        if !is_lifetime(part) {
            return Err(Useless::Malformed);
        }
    }
    let key = KEYS.decode(key).ok().filter(|it| it.len() == octets);
    key.and_then(|it| Key::new(&it)).ok_or(Useless::Key)
}

/// `2^20` or `1048576`, at most 2^48 packets (RFC 4568 6.1).
fn is_lifetime(text: &str) -> bool {
    match text.strip_prefix("2^") {
        Some(power) => power.parse().is_ok_and(|it: u8| it <= 48),
        None => text.parse().is_ok_and(|it: u64| (1..=1 << 48).contains(&it)),
    }
}

/// The values of a line's `a=crypto` attributes, which hold keys.
pub(super) fn values(attributes: &[Attribute<'_>]) -> Vec<Masked> {
    attributes
        .iter()
        .filter(|it| it.name == "crypto")
        .filter_map(|it| it.value.as_deref().map(Masked::new))
        .take(LINES_MAX)
        .collect()
}

/// More lines than this are not looked at.
const LINES_MAX: usize = 16;

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Offered => "offered",
            Self::Required => "required",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CM: Suite = Suite { name: "AES_CM_128_HMAC_SHA1_80", octets: 30 };
    const GCM: Suite = Suite { name: "AEAD_AES_128_GCM", octets: 28 };
    const KEY: &str = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

    fn read(value: &str) -> Result<(u32, &'static str), Useless> {
        Crypto::read(value, &[GCM, CM]).map(|it| (it.tag, it.suite.name))
    }

    #[test]
    fn lines_that_we_can_use_in_all_their_spellings() {
        for (value, tag) in [
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), 1),
            (format!("999999999 aes_cm_128_hmac_sha1_80 INLINE:{KEY}|2^20"), 999_999_999),
            (format!("2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1048576"), 2),
            (format!("3 AES_CM_128_HMAC_SHA1_80 inline:{KEY} WSH=128 KDR=0 -NEW=x"), 3),
        ] {
            assert_eq!(read(&value), Ok((tag, CM.name)), "{value}");
        }
        let gcm = STANDARD.encode([7; 28]);
        for key in [&*gcm, gcm.trim_end_matches('=')] {
            assert_eq!(read(&format!("4 AEAD_AES_128_GCM inline:{key}")), Ok((4, GCM.name)));
        }
    }

    #[test]
    fn lines_that_we_pass_over_and_why() {
        for (value, why) in [
            (String::new(), Useless::Malformed),
            (format!("AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), Useless::Malformed),
            (format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}"), Useless::Malformed),
            (format!("-1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), Useless::Malformed),
            (format!("1234567890 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), Useless::Malformed),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^49"), Useless::Malformed),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|0"), Useless::Malformed),
            (format!("1 F8_128_HMAC_SHA1_80 inline:{KEY}"), Useless::Suite),
            ("1 AES_CM_128_HMAC_SHA1_80 inline:".into(), Useless::Key),
            ("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA".into(), Useless::Key),
            (format!("1 AEAD_AES_128_GCM inline:{KEY}"), Useless::Key),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4"), Useless::Mki),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4"), Useless::Mki),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}"), Useless::Mki),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=1"), Useless::Parameter),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
                Useless::Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTCP"),
                Useless::Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNAUTHENTICATED_SRTP"),
                Useless::Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} FEC_ORDER=SRTP_FEC"),
                Useless::Parameter,
            ),
        ] {
            assert_eq!(read(&value), Err(why), "{value}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_never_shown() {
        let crypto = Crypto { tag: 1, suite: CM, key: Key::new(&[9; 30]).unwrap() };
        let mut line = String::new();
        crypto.write(&mut line);
        let value = line.strip_prefix("a=crypto:").unwrap();
        assert_eq!(Crypto::read(value, &[CM]), Ok(crypto.clone()));
        assert!(!format!("{crypto:?}").contains('9'), "{crypto:?}");
    }
}
