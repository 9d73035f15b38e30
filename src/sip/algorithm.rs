//! The hash functions that passwords are proved by (RFC 8760), by their registered names.

use md5::Md5;
use sha2::Sha256;

/// A hash function by its registered name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Old, and what carriers and many phones still have only.
    Md5,
    /// RFC 8760.
    Sha256,
}

impl Algorithm {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// The hash of `parts` with colons between them, in hexadecimal.
    pub(in crate::sip) fn hash(self, parts: &[&str]) -> String {
        match self {
            Self::Md5 => hex(&joined::<Md5>(parts)),
            Self::Sha256 => hex(&joined::<Sha256>(parts)),
        }
    }
}

fn joined<H: sha2::Digest>(parts: &[&str]) -> Vec<u8> {
    let mut hash = H::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            hash.update(b":");
        }
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

/// Hexadecimal, in lower case.
pub(in crate::sip) fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from_digit(u32::from(it), 16).unwrap_or_default();
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}
