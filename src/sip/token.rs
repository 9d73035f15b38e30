//! Tokens nobody can guess: tags, branches, Call-IDs (RFC 3261 19.3).
//!
//! SHA-256 over a secret seed and a counter; each hash gives four tokens. The same seed gives
//! the same tokens, so a night in the simulator can be lived again.

use sha2::{Digest, Sha256};

/// A source of tokens.
pub(super) struct Tokens {
    seed: [u8; 32],
    drawn: u64,
    stock: [u8; 32],
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({} drawn)", self.drawn)
    }
}

impl Tokens {
    /// Tokens that follow from `seed`.
    #[must_use]
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0, stock: [0; 32] }
    }

    /// Sixty-four bits that nobody can guess.
    pub(super) fn draw(&mut self) -> u64 {
        let place = self.drawn % 4;
        if place == 0 {
            let mut hash = Sha256::new();
            hash.update(self.seed);
            hash.update(self.drawn.to_be_bytes());
            self.stock = hash.finalize().into();
        }
        self.drawn += 1;
        let start = usize::try_from(place * 8).unwrap_or(0);
        let bytes = self.stock.get(start..start + 8).and_then(|it| it.try_into().ok());
        u64::from_be_bytes(bytes.expect("four tokens of eight bytes are a hash"))
    }

    /// The token of `what`: the same each time, and as hard to guess as any other.
    pub(super) fn of(&self, what: &str) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(b"of");
        hash.update(what);
        let hash: [u8; 32] = hash.finalize().into();
        hash.iter().take(8).fold(0, |token, &byte| token << 8 | u64::from(byte))
    }

    /// A secret of its own for another room.
    pub(super) fn secret(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(b"secret");
        hash.update(self.draw().to_be_bytes());
        hash.finalize().into()
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.draw()) * u128::from(limit);
        u64::try_from(product >> 64).expect("a product's high half fits")
    }
}

/// A token as it stands in a message: sixteen hexadecimal digits.
#[must_use]
pub(super) fn read(text: &str) -> Option<u64> {
    let ours = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_come_again_from_the_same_seed() {
        let mut one = Tokens::new([7; 32]);
        let drawn: Vec<u64> = (0..100).map(|_| one.draw()).collect();
        let mut sorted = drawn.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 100);

        let mut again = Tokens::new([7; 32]);
        assert!(drawn.iter().all(|&token| token == again.draw()));
        assert!((0..1000).all(|_| again.below(7) < 7));
        assert_eq!(one.of("a"), again.of("a"));
        assert_ne!(one.of("a"), one.of("b"));
    }

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        assert_eq!(read(&format!("{:016x}", 0xabc)), Some(0xabc));
        for text in ["", "abc", "00000000000000000", "+000000000000abc", "0000000000000ABC"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
