//! Nonces: made from time and a secret, so that only the used ones need remembering.
//!
//! ```text
//! 0006440f3a1b2c3d 0000002a 5f1d…
//! └─ made at, µs ─┘ serial  └ SHA-256(secret, made at, serial), half of it
//! ```
//!
//! A challenge costs no memory: a nonce of ours is known by its hash, its age by its time.
//! What must be remembered is which counts (`nc`) were used with it, and that only once
//! someone has shown the password with it; a stranger cannot fill this table. When it is full,
//! the oldest nonce goes, and with it all older ones turn stale: their owners are asked again.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    base::time::{Span, Timestamp},
    sip::algorithm::hex,
};

/// All nonces of one secret.
#[derive(Clone, Debug)]
pub struct Nonces {
    secret: [u8; 32],
    life: Span,
    capacity: usize,
    serial: u32,
    /// Counts used, by when the nonce was made, and its serial.
    used: BTreeMap<(Timestamp, u32), Counts>,
    /// Nonces up to here are forgotten, and so not to be trusted any more.
    forgotten: Option<(Timestamp, u32)>,
}

/// Why a nonce is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It was not made here, or by another secret.
    Foreign,
    /// It was ours and is too old: challenge again with `stale=true`.
    Stale,
    /// This count was used with it before: someone repeats what was overheard.
    Replayed,
}

/// The counts used with one nonce: the largest, and which of the 64 up to it. Requests of
/// one phone may overtake each other on the way.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    largest: u32,
    /// Bit n: `largest - n` was used.
    recent: u64,
}

impl Nonces {
    /// Nonces that are good for `life`; counts are remembered for `capacity` of them.
    #[must_use]
    pub fn new(secret: [u8; 32], life: Span, capacity: usize) -> Self {
        Self { secret, life, capacity, serial: 0, used: BTreeMap::new(), forgotten: None }
    }

    /// From now on a nonce is good for `life`.
    pub fn set_life(&mut self, life: Span) {
        self.life = life;
    }

    /// A new nonce.
    #[must_use]
    pub fn make(&mut self, now: Timestamp) -> String {
        self.serial = self.serial.wrapping_add(1);
        format!("{:016x}{:08x}{}", now.0, self.serial, hex(&self.seal(now, self.serial)))
    }

    /// Uses `nonce` for the `count`th time; without a count it is good once. To be asked only
    /// when the password was shown, so that nobody else can fill the table.
    pub fn spend(&mut self, now: Timestamp, nonce: &str, count: Option<u32>) -> Result<(), Doubt> {
        let (made, serial) = self.ours(nonce).ok_or(Doubt::Foreign)?;
        if now.since(made) >= self.life || self.forgotten >= Some((made, serial)) {
            return Err(Doubt::Stale);
        }
        self.forget(now);
        self.used.entry((made, serial)).or_default().spend(count.unwrap_or(1))?;
        if self.used.len() > self.capacity {
            self.forgotten = self.used.pop_first().map(|(oldest, _)| oldest);
        }
        Ok(())
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// When it was made, and its serial, if it is ours.
    fn ours(&self, nonce: &str) -> Option<(Timestamp, u32)> {
        let made = Timestamp(u64::from_str_radix(nonce.get(..16)?, 16).ok()?);
        let serial = u32::from_str_radix(nonce.get(16..24)?, 16).ok()?;
        let seal = hex(&self.seal(made, serial));
        let is_ours: bool = seal.as_bytes().ct_eq(nonce.get(24..)?.as_bytes()).into();
        is_ours.then_some((made, serial))
    }

    /// The hash that only we can make. All parts have fixed lengths and half of it is kept
    /// back, so it cannot be made longer by others.
    fn seal(&self, made: Timestamp, serial: u32) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(made.0.to_be_bytes());
        hash.update(serial.to_be_bytes());
        let mut seal = [0; 16];
        for (kept, byte) in seal.iter_mut().zip(hash.finalize()) {
            *kept = byte;
        }
        seal
    }

    /// Drops those that are stale by age.
    fn forget(&mut self, now: Timestamp) {
        while let Some(oldest) = self.used.first_entry() {
            if now.since(oldest.key().0) < self.life {
                return;
            }
            oldest.remove();
        }
    }
}

impl Counts {
    fn spend(&mut self, count: u32) -> Result<(), Doubt> {
        if let Some(ahead) = count.checked_sub(self.largest).filter(|ahead| *ahead > 0) {
            self.recent = self.recent.checked_shl(ahead).unwrap_or_default() | 1;
            self.largest = count;
            return Ok(());
        }
        let bit = 1u64.checked_shl(self.largest - count).ok_or(Doubt::Replayed)?;
        // Counting begins at one.
        if count == 0 || self.recent & bit != 0 {
            return Err(Doubt::Replayed);
        }
        self.recent |= bit;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Span = Span::secs(60);

    fn at(secs: u64) -> Timestamp {
        Timestamp::EPOCH + Span::secs(secs)
    }

    fn nonces() -> Nonces {
        Nonces::new([7; 32], LIFE, 3)
    }

    #[test]
    fn a_count_is_good_once_and_may_overtake_another() {
        let mut nonces = nonces();
        let nonce = nonces.make(at(0));
        for (count, verdict) in [
            (1, Ok(())),
            (1, Err(Doubt::Replayed)),
            (3, Ok(())),
            (2, Ok(())),
            (2, Err(Doubt::Replayed)),
            (0, Err(Doubt::Replayed)),
            (200, Ok(())),
            (137, Ok(())),
            (136, Err(Doubt::Replayed)),
            (u32::MAX, Ok(())),
            (200, Err(Doubt::Replayed)),
        ] {
            assert_eq!(nonces.spend(at(1), &nonce, Some(count)), verdict, "{count}");
        }
    }

    #[test]
    fn a_nonce_is_good_for_its_life_and_without_a_count_once() {
        let mut nonces = nonces();
        let nonce = nonces.make(at(0));
        assert_eq!(nonces.spend(at(59), &nonce, None), Ok(()));
        assert_eq!(nonces.spend(at(59), &nonce, None), Err(Doubt::Replayed));
        assert_eq!(nonces.spend(at(60), &nonce, Some(2)), Err(Doubt::Stale));
    }

    #[test]
    fn what_others_made_is_foreign() {
        let mut nonces = nonces();
        let nonce = nonces.make(at(0));
        let older = nonce.replacen('0', "1", 1);
        let others = Nonces::new([8; 32], LIFE, 3).make(at(0));
        for foreign in ["", "x", "äöüäöüäöüäöüäöü", older.as_str(), others.as_str(), &nonce[..40]]
        {
            assert_eq!(nonces.spend(at(0), foreign, Some(1)), Err(Doubt::Foreign), "{foreign}");
        }
        assert_ne!(nonces.make(at(0)), nonces.make(at(0)));
    }

    #[test]
    fn the_table_stays_small_and_what_it_forgets_is_stale_not_free() {
        let mut nonces = nonces();
        let made: Vec<_> = (0..10).map(|secs| nonces.make(at(secs))).collect();
        for nonce in &made {
            assert_eq!(nonces.spend(at(10), nonce, Some(1)), Ok(()));
        }
        assert_eq!(nonces.len(), 3);
        assert_eq!(nonces.spend(at(10), &made[0], Some(1)), Err(Doubt::Stale));
        assert_eq!(nonces.spend(at(10), &made[9], Some(1)), Err(Doubt::Replayed));
        let late = nonces.make(at(100));
        assert_eq!(nonces.spend(at(100), &late, Some(1)), Ok(()));
        assert_eq!(nonces.len(), 1);
    }
}
