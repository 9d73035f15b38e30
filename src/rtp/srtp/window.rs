//! Which packets of a stream were seen: the rollover guessed, a repetition known (RFC 3711 3.3).
//!
//! ```text
//! index = 2^16 * rollovers + sequence number
//!
//!        highest-127 …………………… highest
//! too old │ seen? seen? seen? … │ new
//! ```
//!
//! A sender asks as well: no index may be used twice, or two payloads share one keystream, and
//! with GCM the key of the tags is lost.

/// The indexes of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    highest: Option<u64>,
    /// Bit n: `highest - n` was seen.
    seen: u128,
}

/// An index is 48 bits long; after that a key is used up (RFC 3711 9.2).
const INDEX_MAX: u64 = (1 << 48) - 1;

impl Window {
    /// The index that a sequence number most likely stands for (RFC 3711 3.3.1): the one
    /// nearest to the highest seen. `None` if that was never, or is no more.
    #[must_use]
    pub fn index_of(&self, sequence: u16) -> Option<u64> {
        let Some(highest) = self.highest else { return Some(sequence.into()) };
        let (rollovers, last) = (highest >> 16, highest & 0xFFFF);
        let rollovers = match i32::from(sequence) - i32::try_from(last).unwrap_or_default() {
            0x8001.. => rollovers.checked_sub(1)?,
            ..=-0x8001 => rollovers + 1,
            _ => rollovers,
        };
        Some(rollovers << 16 | u64::from(sequence)).filter(|&index| index <= INDEX_MAX)
    }

    /// Whether that index has not been seen, and is not too old to tell.
    #[must_use]
    pub fn is_fresh(&self, index: u64) -> bool {
        let Some(highest) = self.highest else { return true };
        match highest.checked_sub(index) {
            None => true,
            Some(age) => age < 128 && self.seen >> age & 1 == 0,
        }
    }

    /// That index has been seen. Only to be said of what is authentic.
    pub fn mark(&mut self, index: u64) {
        match self.highest {
            Some(highest) if index <= highest => {
                self.seen |= 1_u128.checked_shl(age(highest, index)).unwrap_or(0);
            }
            highest => {
                let step = highest.map_or(128, |highest| age(index, highest));
                self.seen = self.seen.checked_shl(step).unwrap_or(0) | 1;
                self.highest = Some(index);
            }
        }
    }
}

fn age(newer: u64, older: u64) -> u32 {
    u32::try_from(newer - older).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds sequence numbers and tells each one's index, or why it is refused.
    fn story(sequences: impl IntoIterator<Item = u16>) -> String {
        let mut window = Window::default();
        let mut told = vec![];
        for sequence in sequences {
            told.push(match window.index_of(sequence) {
                None => "never".to_owned(),
                Some(index) if window.is_fresh(index) => {
                    window.mark(index);
                    format!("{}:{}", index >> 16, index & 0xFFFF)
                }
                Some(_) => "again".to_owned(),
            });
        }
        told.join(" ")
    }

    #[test]
    fn a_number_that_goes_round_counts_a_rollover_and_stragglers_count_it_back() {
        assert_eq!(
            story([65_533, 65_535, 1, 65_534, 0, 2, 65_534, 1]),
            "0:65533 0:65535 1:1 0:65534 1:0 1:2 again again"
        );
    }

    #[test]
    fn before_the_first_rollover_there_is_nothing_to_go_back_to() {
        assert_eq!(story([5, 40_000, 3, 5]), "0:5 never 0:3 again");
        // Loss over half the circle is taken for a rollover: the sender starts below 2^15.
        assert_eq!(story([40_000, 3]), "0:40000 1:3");
    }

    #[test]
    fn a_window_is_128_packets_wide() {
        assert_eq!(
            story([1_000, 873, 872, 873, 1_001, 1_128, 1_000]),
            "0:1000 0:873 again again 0:1001 0:1128 again"
        );
        assert_eq!(story([0, 300, 173, 172]), "0:0 0:300 0:173 again");
    }

    #[test]
    fn a_key_is_used_up_after_2_to_the_48() {
        let mut window = Window::default();
        window.mark(INDEX_MAX);
        assert_eq!(window.index_of(0), None);
        assert_eq!(window.index_of(0xFFFE), Some(INDEX_MAX - 1));
    }
}
