//! Secret chance: keys are drawn from here, and from nowhere else.
//!
//! ```text
//! state ──SHA-256(state, 0)──► next state ──► …
//!   └─────SHA-256(state, 1…)─► what is drawn
//! ```
//!
//! A seed of 256 bits from the operating system, then a ratchet: who sees the state cannot
//! compute what was drawn before. [`Rng`](crate::base::rng::Rng) are for everything that
//! may be guessed. The same seed gives the same keys, so that a call in the simulator can be
//! lived again.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A source of secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretRng {
    state: [u8; 32],
}

impl SecretRng {
    /// A well of its own for `purpose`, so that rooms which share a seed never draw alike.
    #[must_use]
    pub fn new(seed: &[u8; 32], purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed);
        hash.update(purpose.as_bytes());
        Self { state: hash.finalize().into() }
    }

    /// Fills `out` with what nobody can guess.
    pub fn draw(&mut self, out: &mut [u8]) {
        for (number, block) in (1_u32..).zip(out.chunks_mut(32)) {
            for (byte, drawn) in block.iter_mut().zip(self.hash(number)) {
                *byte = drawn;
            }
        }
        self.state = self.hash(0);
    }

    /// A well for someone else, independent of this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        let mut state = [0; 32];
        self.draw(&mut state);
        Self { state }
    }

    fn hash(&self, number: u32) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.state);
        hash.update(number.to_be_bytes());
        hash.finalize().into()
    }
}

impl fmt::Debug for SecretRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretRng(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_drawn_twice_and_all_of_it_comes_again_from_the_same_seed() {
        let draws = |purpose: &str| -> Vec<[u8; 46]> {
            let mut well = SecretRng::new(&[7; 32], purpose);
            let mut own = well.fork();
            let draw = |from: &mut SecretRng| {
                let mut out = [0; 46];
                from.draw(&mut out);
                out
            };
            (0..50).flat_map(|_| [draw(&mut well), draw(&mut own)]).collect()
        };
        let drawn = draws("srtp");
        assert_eq!(drawn, draws("srtp"));
        let all: BTreeSet<_> = drawn.iter().chain(&draws("other")).copied().collect();
        assert_eq!(all.len(), 200);
    }

    #[test]
    fn a_well_shows_nothing_of_its_depth() {
        assert_eq!(format!("{:?}", SecretRng::new(&[7; 32], "srtp")), "SecretRng(***)");
    }
}
