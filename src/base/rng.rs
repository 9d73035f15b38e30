//! Chance that can be had again: the same seed throws the same faces, on every machine.
//!
//! The generator is `SplitMix64` (Steele, Lea, Flood 2014): one multiplication chain, no bad
//! seeds. It is for tags, jitter and simulation. It is not for secrets: nonces and keys come
//! from the operating system, handed in as a seed of 256 bits by whoever needs one.

/// A seeded source of chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(u64);

impl Rng {
    /// Rng that always throw the same for the same `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Sixty-four fair bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `limit`; zero for a limit of zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The high half of a product: no division, and a bias below 2^-32 for small limits.
        u64::try_from((u128::from(self.bits()) * u128::from(limit)) >> 64)
            .expect("a product's high half fits")
    }

    /// A fraction from 0 up to, but not including, 1.
    #[allow(clippy::cast_precision_loss)] // 53 bits are what a f64 holds exactly.
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.fraction() < p
    }

    /// An exponential time with that mean: gaps of callers, lengths of talks.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.fraction()).ln()
    }

    /// A normal number, mean 0 and deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = self.exponential(2.0).sqrt();
        radius * (self.fraction() * std::f64::consts::TAU).cos()
    }

    /// One of `menu`, or `None` if it is empty.
    pub fn pick<'a, T>(&mut self, menu: &'a [T]) -> Option<&'a T> {
        let face = self.below(menu.len() as u64);
        menu.get(usize::try_from(face).ok()?)
    }

    /// Rng for the `place`th of many alike, whatever was thrown for the others.
    #[must_use]
    pub fn nth(&self, place: u64) -> Self {
        let odd = 0xD134_2543_DE82_EF95;
        Self(Self(self.0 ^ place.wrapping_mul(odd)).bits())
    }

    /// Rng for a sub-task, independent of these.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_faces_and_they_are_fair() {
        let (mut one, mut other) = (Rng::new(1), Rng::new(1));
        let mut faces = [0u32; 6];
        for _ in 0..60_000 {
            let face = one.below(6);
            assert_eq!(face, other.below(6));
            *faces.get_mut(usize::try_from(face).unwrap()).unwrap() += 1;
        }
        assert!(faces.iter().all(|&n| (9_700..10_300).contains(&n)), "{faces:?}");
    }

    #[test]
    fn an_exponential_has_its_mean() {
        let mut rng = Rng::new(7);
        let sum: f64 = (0..100_000).map(|_| rng.exponential(240.0)).sum();
        assert!((sum / 100_000.0 - 240.0).abs() < 3.0);
    }
}
