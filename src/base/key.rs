//! Key material: a few octets that nobody is to read in a log, whoever prints what holds them.

use std::fmt;

/// The longest key and salt of any suite: AES-256 with a salt of 112 bits.
const OCTETS_MAX: usize = 46;

/// Octets that open something. Prints as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    octets: [u8; OCTETS_MAX],
    len: usize,
}

impl Key {
    /// Wraps `octets`; `None` if there are none, or more than any suite needs.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let mut key = Self { octets: [0; OCTETS_MAX], len: octets.len() };
        key.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        (!octets.is_empty()).then_some(key)
    }

    /// The octets themselves. As with `Masked`, every call of this is a decision that someone
    /// can find.
    #[must_use]
    pub fn unmask(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_what_it_holds_and_shows_nothing() {
        let key = Key::new(&[1, 2, 3]).unwrap();
        assert_eq!((key.unmask(), format!("{key:?}")), ([1, 2, 3].as_slice(), "***".into()));
        assert_eq!((Key::new(&[]), Key::new(&[0; 47])), (None, None));
        assert_eq!(Key::new(&[7; 46]).unwrap().unmask(), [7; 46]);
    }
}
