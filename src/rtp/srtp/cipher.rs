//! One packet protected, or opened, in place (RFC 3711 4.1, 4.2; RFC 7714 8, 9).
//!
//! ```text
//! RTP    header │ payload, encrypted │ tag
//! RTCP   8 octets │ the rest, encrypted │ E, index │ tag        GCM: tag │ E, index
//! ```
//!
//! Knows one key and no streams: which index a packet has is told, and whether it was used
//! before is not asked here.

use std::fmt;

use aes::{
    Aes128,
    cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper},
};
use ctr::{CtrCore, flavors::Ctr128BE};
use hmac::{Hmac, Mac};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::rtp::srtp::{
    derive::{Label, derive},
    suite::Suite,
};

/// The tag of GCM.
const GCM_TAG: usize = 16;
/// The tag of SRTCP under HMAC-SHA1, whatever that of SRTP is (RFC 4568 6.2.2).
const RTCP_TAG: usize = 10;
/// The first octets of RTCP, which stay readable: header and SSRC.
const RTCP_HEAD: usize = 8;
/// Says that the packet is encrypted. All of ours are, and so must theirs be.
const ENCRYPTED: u32 = 1 << 31;

/// The keys of one direction: for RTP, and for RTCP.
pub struct Cipher {
    kind: Kind,
}

/// Boxed: there are two a leg, and a leg without SRTP is to be small.
enum Kind {
    CounterMode { rtp: Box<CounterMode>, rtcp: Box<CounterMode>, rtp_tag: usize },
    Gcm { rtp: Box<Gcm>, rtcp: Box<Gcm> },
}

/// AES in counter mode, and HMAC-SHA1 with its key already taken in.
struct CounterMode {
    aes: Aes128,
    salt: [u8; 14],
    hmac: Hmac<Sha1>,
}

struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Cipher {
    /// The session keys of a master key with its salt behind it; `None` if they are not as long
    /// as the suite has them.
    #[must_use]
    pub fn new(suite: Suite, master: &[u8]) -> Option<Self> {
        let (key, salt) = master.split_at_checked(suite.key_len())?;
        if salt.len() != suite.salt_len() {
            return None;
        }
        let kind = match suite {
            Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => Kind::CounterMode {
                rtp: CounterMode::derive(
                    key,
                    salt,
                    [Label::RtpCipher, Label::RtpTag, Label::RtpSalt],
                )?,
                rtcp: CounterMode::derive(
                    key,
                    salt,
                    [Label::RtcpCipher, Label::RtcpTag, Label::RtcpSalt],
                )?,
                rtp_tag: if suite == Suite::AesCm128HmacSha1_80 { 10 } else { 4 },
            },
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => Kind::Gcm {
                rtp: Gcm::derive(key, salt, [Label::RtpCipher, Label::RtpSalt])?,
                rtcp: Gcm::derive(key, salt, [Label::RtcpCipher, Label::RtcpSalt])?,
            },
        };
        Some(Self { kind })
    }

    /// Protects the RTP packet that is the first `len` of `room`, whose header takes `head`.
    /// Says how long it is then; `None` if there is no room for that.
    pub fn seal_rtp(&self, index: u64, room: &mut [u8], head: usize, len: usize) -> Option<usize> {
        match &self.kind {
            Kind::CounterMode { rtp, rtp_tag, .. } => {
                let (packet, tag) = room.split_at_mut_checked(len)?;
                let tag = tag.get_mut(..*rtp_tag)?;
                rtp.crypt(ssrc(packet, 8)?, index, packet.get_mut(head..)?);
                let whole = rtp.tag(packet, &rollovers(index));
                for (byte, made) in tag.iter_mut().zip(whole) {
                    *byte = made;
                }
                Some(len + rtp_tag)
            }
            Kind::Gcm { rtp, .. } => {
                let nonce = rtp.nonce_rtp(ssrc(room, 8)?, index);
                let (packet, tag) = room.split_at_mut_checked(len)?;
                let (head, payload) = packet.split_at_mut_checked(head)?;
                rtp.seal(nonce, head, payload, tag.get_mut(..GCM_TAG)?)?;
                Some(len + GCM_TAG)
            }
        }
    }

    /// Opens the RTP packet `bytes`, whose header takes `head`, and says how long it is then.
    /// `None`: it is not authentic.
    pub fn open_rtp(&self, index: u64, bytes: &mut [u8], head: usize) -> Option<usize> {
        match &self.kind {
            Kind::CounterMode { rtp, rtp_tag, .. } => {
                let len = bytes.len().checked_sub(*rtp_tag).filter(|len| *len >= head)?;
                let (packet, tag) = bytes.split_at_mut_checked(len)?;
                if !is_same(tag, &rtp.tag(packet, &rollovers(index))) {
                    return None;
                }
                rtp.crypt(ssrc(packet, 8)?, index, packet.get_mut(head..)?);
                Some(len)
            }
            Kind::Gcm { rtp, .. } => {
                let nonce = rtp.nonce_rtp(ssrc(bytes, 8)?, index);
                let (head, sealed) = bytes.split_at_mut_checked(head)?;
                Some(head.len() + rtp.open(nonce, head, sealed)?)
            }
        }
    }

    /// Protects the compound RTCP packet that is the first `len` of `room`.
    pub fn seal_rtcp(&self, index: u32, room: &mut [u8], len: usize) -> Option<usize> {
        let ssrc = ssrc(room, 4)?;
        let word = (ENCRYPTED | index).to_be_bytes();
        match &self.kind {
            Kind::CounterMode { rtcp, .. } => {
                rtcp.crypt(ssrc, index.into(), room.get_mut(RTCP_HEAD..len)?);
                let (packet, tag) = room.split_at_mut_checked(len + word.len())?;
                packet.get_mut(len..)?.copy_from_slice(&word);
                let whole = rtcp.tag(packet, &[]);
                tag.get_mut(..RTCP_TAG)?.copy_from_slice(whole.get(..RTCP_TAG)?);
                Some(len + word.len() + RTCP_TAG)
            }
            Kind::Gcm { rtcp, .. } => {
                let (packet, behind) = room.split_at_mut_checked(len)?;
                let (tag, behind) = behind.split_at_mut_checked(GCM_TAG)?;
                behind.get_mut(..word.len())?.copy_from_slice(&word);
                let (head, body) = packet.split_at_mut_checked(RTCP_HEAD)?;
                rtcp.seal(rtcp.nonce_rtcp(ssrc, index), &Gcm::rtcp_head(head, word), body, tag)?;
                Some(len + GCM_TAG + word.len())
            }
        }
    }

    /// Opens the compound RTCP packet `bytes`, which has the index that [`rtcp_index`](Self::rtcp_index)
    /// read in it.
    pub fn open_rtcp(&self, index: u32, bytes: &mut [u8]) -> Option<usize> {
        let ssrc = ssrc(bytes, 4)?;
        match &self.kind {
            Kind::CounterMode { rtcp, .. } => {
                let (signed, tag) =
                    bytes.split_at_mut_checked(bytes.len().checked_sub(RTCP_TAG)?)?;
                if !is_same(tag, &rtcp.tag(signed, &[])) {
                    return None;
                }
                let len = signed.len().checked_sub(4)?;
                rtcp.crypt(ssrc, index.into(), signed.get_mut(RTCP_HEAD..len)?);
                Some(len)
            }
            Kind::Gcm { rtcp, .. } => {
                let (packet, word) = bytes.split_last_chunk_mut::<4>()?;
                let (head, sealed) = packet.split_at_mut_checked(RTCP_HEAD)?;
                let head = Gcm::rtcp_head(head, *word);
                Some(RTCP_HEAD + rtcp.open(rtcp.nonce_rtcp(ssrc, index), &head, sealed)?)
            }
        }
    }

    /// The index that an SRTCP packet bears. `None` if it bears none, or is not encrypted:
    /// `UNENCRYPTED_SRTCP` we never agree to.
    #[must_use]
    pub fn rtcp_index(&self, bytes: &[u8]) -> Option<u32> {
        let behind = match &self.kind {
            Kind::CounterMode { .. } => RTCP_TAG,
            Kind::Gcm { .. } => 0,
        };
        let end = bytes.len().checked_sub(behind)?;
        let word = u32::from_be_bytes(*bytes.get(..end)?.last_chunk()?);
        (word & ENCRYPTED != 0).then_some(word & !ENCRYPTED)
    }
}

impl CounterMode {
    fn derive(master: &[u8], master_salt: &[u8], labels: [Label; 3]) -> Option<Box<Self>> {
        let (mut key, mut tag, mut salt) = ([0; 16], [0; 20], [0; 14]);
        let [for_key, for_tag, for_salt] = labels;
        derive(master, master_salt, for_key, &mut key)?;
        derive(master, master_salt, for_tag, &mut tag)?;
        derive(master, master_salt, for_salt, &mut salt)?;
        let hmac = KeyInit::new_from_slice(&tag).ok()?;
        Some(Box::new(Self { aes: Aes128::new(&key.into()), salt, hmac }))
    }

    /// Encrypts, or decrypts, which is the same (RFC 3711 4.1.1).
    fn crypt(&self, ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut block = [0; 16];
        for (byte, salt) in block.iter_mut().zip(self.salt) {
            *byte = salt;
        }
        let place = u128::from(ssrc) << 64 | u128::from(index) << 16;
        let block = (u128::from_be_bytes(block) ^ place).to_be_bytes();
        let core = CtrCore::<&Aes128, Ctr128BE>::inner_iv_init(&self.aes, &block.into());
        StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
    }

    fn tag(&self, packet: &[u8], more: &[u8]) -> [u8; 20] {
        let mut hmac = self.hmac.clone();
        hmac.update(packet);
        hmac.update(more);
        hmac.finalize().into_bytes().into()
    }
}

impl Gcm {
    fn derive(
        master: &[u8],
        master_salt: &[u8],
        [for_key, for_salt]: [Label; 2],
    ) -> Option<Box<Self>> {
        let (mut key, mut salt) = ([0; 32], [0; 12]);
        let key = key.get_mut(..master.len())?;
        derive(master, master_salt, for_key, key)?;
        derive(master, master_salt, for_salt, &mut salt)?;
        Self::new(key, salt)
    }

    fn new(key: &[u8], salt: [u8; 12]) -> Option<Box<Self>> {
        let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
        Some(Box::new(Self { key, salt }))
    }

    /// Two zeros, the SSRC, the rollovers and the sequence number, under the salt (RFC 7714 8.1).
    fn nonce_rtp(&self, ssrc: u32, index: u64) -> Nonce {
        self.nonce(u128::from(ssrc) << 48 | u128::from(index))
    }

    /// Two zeros, the SSRC, two zeros and the index, under the salt (RFC 7714 9.1).
    fn nonce_rtcp(&self, ssrc: u32, index: u32) -> Nonce {
        self.nonce(u128::from(ssrc) << 48 | u128::from(index))
    }

    fn nonce(&self, place: u128) -> Nonce {
        let [_, _, _, _, place @ ..] = place.to_be_bytes();
        let mut nonce = self.salt;
        for (byte, place) in nonce.iter_mut().zip(place) {
            *byte ^= place;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// What is authenticated of RTCP and not encrypted (RFC 7714 9.2).
    fn rtcp_head(head: &[u8], word: [u8; 4]) -> [u8; RTCP_HEAD + 4] {
        let mut all = [0; RTCP_HEAD + 4];
        for (byte, read) in all.iter_mut().zip(head.iter().chain(&word)) {
            *byte = *read;
        }
        all
    }

    fn seal(&self, nonce: Nonce, head: &[u8], body: &mut [u8], tag: &mut [u8]) -> Option<()> {
        let made = self.key.seal_in_place_separate_tag(nonce, Aad::from(head), body).ok()?;
        tag.copy_from_slice(made.as_ref());
        Some(())
    }

    fn open(&self, nonce: Nonce, head: &[u8], sealed: &mut [u8]) -> Option<usize> {
        Some(self.key.open_in_place(nonce, Aad::from(head), sealed).ok()?.len())
    }
}

/// How often the sequence number has gone round, as the tag counts it.
fn rollovers(index: u64) -> [u8; 4] {
    let [_, _, rollovers @ .., _, _] = index.to_be_bytes();
    rollovers
}

fn ssrc(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// Whether a tag begins that of ours, found out in the same time wherever they differ.
fn is_same(tag: &[u8], whole: &[u8; 20]) -> bool {
    whole.get(..tag.len()).is_some_and(|ours| ours.ct_eq(tag).into())
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// RFC 3711 B.2: the keystream of a session key and salt, for SSRC 0 and index 0.
    #[test]
    fn the_keystream_is_that_of_the_rfc() {
        let key: [u8; 16] = hex("2B7E151628AED2A6ABF7158809CF4F3C").try_into().unwrap();
        let salt = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap();
        let hmac = KeyInit::new_from_slice(&[0; 20]).unwrap();
        let cipher = CounterMode { aes: Aes128::new(&key.into()), salt, hmac };
        let mut stream = vec![0; 16 * 0xFF02];
        cipher.crypt(0, 0, &mut stream);
        assert_eq!(
            stream[..48],
            hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
                 41E95B3BB0A2E8DD477901E4FCA894C0")
        );
        assert_eq!(
            stream[16 * 0xFEFF..],
            hex("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE
                 6A2CC3787889374FBEB4C81B17BA6C44")
        );
    }

    fn session(key: &str) -> Gcm {
        *Gcm::new(&hex(key), *b"Quid pro quo").unwrap()
    }

    const KEY: &str = "000102030405060708090a0b0c0d0e0f";
    const LONG_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    /// RFC 7714 16.1.1 and 16.2.1.
    #[test]
    fn rtp_under_gcm_is_that_of_the_rfc() {
        let plain = hex("8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
                         69736120 696e2070 61727465 73207472 6573");
        for (key, sealed) in [
            (
                KEY,
                "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
                   0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
            ),
            (
                LONG_KEY,
                "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
                   9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
            ),
        ] {
            let gcm = || Box::new(session(key));
            let cipher = Cipher { kind: Kind::Gcm { rtp: gcm(), rtcp: gcm() } };
            let mut room = [plain.clone(), vec![0; 16]].concat();
            assert_eq!(cipher.seal_rtp(0xF17B, &mut room, 12, plain.len()), Some(room.len()));
            assert_eq!(room, hex(sealed));
            assert_eq!(cipher.open_rtp(0xF17B, &mut room, 12), Some(plain.len()));
            assert_eq!(room[..plain.len()], plain);
        }
    }

    /// RFC 7714 17.1 and 17.3.
    #[test]
    fn rtcp_under_gcm_is_that_of_the_rfc() {
        let plain = hex("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                         deadbeef deadbeef deadbeef deadbeef deadbeef");
        let sealed = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
                      c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
                      45d9eade 800005d4";
        let gcm = || Box::new(session(KEY));
        let cipher = Cipher { kind: Kind::Gcm { rtp: gcm(), rtcp: gcm() } };
        let mut room = [plain.clone(), vec![0; 20]].concat();
        assert_eq!(cipher.seal_rtcp(0x5D4, &mut room, plain.len()), Some(room.len()));
        assert_eq!(room, hex(sealed));
        assert_eq!(cipher.rtcp_index(&room), Some(0x5D4));
        assert_eq!(cipher.open_rtcp(0x5D4, &mut room), Some(plain.len()));
        assert_eq!(room[..plain.len()], plain);
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        for suite in Suite::ALL {
            let len = suite.key_len() + suite.salt_len();
            for (octets, is_good) in [(len, true), (len - 1, false), (len + 1, false), (0, false)] {
                assert_eq!(Cipher::new(suite, &vec![7; octets]).is_some(), is_good, "{suite:?}");
            }
        }
    }
}
