//! A call's id for life: the universal call id, UCID. One string names a call in the log, the
//! API, the journal and on screens, whichever process or node had it, and whenever.
//!
//! ```text
//!   1M8RQKQG0  01  7QK  00       written without the gaps: 1M8RQKQG0017QK00
//!   │          │   │    └─ 10 bits: the how manieth call of this millisecond
//!   │          │   └────── 15 bits: the life, drawn when the process began
//!   │          └────────── 10 bits: the node
//!   └───────────────────── 45 bits: milliseconds since 1970, until the year 3084
//! ```
//!
//! Crockford's base 32: digits, then letters without I, L, O and U, so that it can be read out
//! over the phone. All are of one length, so strings sort as the calls came.
//!
//! Two of one life never collide: time never runs backwards in here, whatever the clock does,
//! and who comes as the 1025th of a millisecond gets the next one. Two lives of a node can only
//! meet if its clock was set back into the time of the life before; then both must have drawn
//! the same of 32,768 lives, and have let in calls in the same millisecond. Two nodes never
//! collide as long as their numbers differ.
//!
//! It is no [`CallNo`](super::numbers::CallNo), which is a place in this process, nor the SIP
//! `Call-ID`, which the other side makes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::{secret_rng::SecretRng, time::Timestamp};

/// The letters of Crockford's base 32, five bits each.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many letters an id has.
const LENGTH: usize = 16;

const MILLIS_BITS: u32 = 45;
const NODE_BITS: u32 = 10;
const LIFE_BITS: u32 = 15;
const COUNT_BITS: u32 = 10;

/// The highest number of a node.
pub const NODE_MAX: u16 = (1 << NODE_BITS) - 1;

/// The id of a call: unique across lives and nodes, and in the order in which calls came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ucid(u128);

/// Gives ids out, for one life of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ucids {
    node: u16,
    life: u16,
    /// The millisecond of the last id, and how many it has given out.
    last: (u64, u64),
}

/// The text is not an id of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnUcid;

impl Ucids {
    /// Ids of that node, in a life that drew that number.
    #[must_use]
    pub const fn new(node: u16, life: u16) -> Self {
        Self { node: node & NODE_MAX, life: life & ((1 << LIFE_BITS) - 1), last: (0, 0) }
    }

    /// Ids of that node, in a life that draws its number from the seed of the process.
    #[must_use]
    pub fn seeded(node: u16, seed: &[u8; 32]) -> Self {
        let mut life = [0; 2];
        SecretRng::new(seed, "ucid").draw(&mut life);
        Self::new(node, u16::from_be_bytes(life))
    }

    /// The id of a call that came at `now`.
    pub fn next(&mut self, now: Timestamp) -> Ucid {
        let (millis, given) = self.last;
        self.last = match now.as_millis() {
            later if later > millis => (later, 1),
            _ if given < 1 << COUNT_BITS => (millis, given + 1),
            _ => (millis + 1, 1),
        };
        let (millis, given) = self.last;
        let parts = [
            (millis, MILLIS_BITS),
            (self.node.into(), NODE_BITS),
            (self.life.into(), LIFE_BITS),
            (given - 1, COUNT_BITS),
        ];
        Ucid(
            parts
                .into_iter()
                .fold(0, |id, (part, bits)| id << bits | (u128::from(part) & ((1 << bits) - 1))),
        )
    }
}

impl fmt::Display for Ucid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..LENGTH).rev().try_for_each(|place| {
            let letter = LETTERS.get((self.0 >> (5 * place) & 31) as usize);
            write!(f, "{}", char::from(*letter.expect("five bits are one of 32 letters")))
        })
    }
}

impl fmt::Debug for Ucid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ucid({self})")
    }
}

/// Reads what `Display` writes, and what people make of it: small letters, O for zero, I and L
/// for one, hyphens and spaces between groups.
impl FromStr for Ucid {
    type Err = NotAnUcid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = text.bytes().filter(|letter| !b"- ".contains(letter));
        let (mut id, mut length) = (0u128, 0);
        for letter in letters {
            let meant = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                letter => letter,
            };
            let bits = LETTERS.iter().position(|it| *it == meant).ok_or(NotAnUcid)?;
            length += 1;
            if length > LENGTH {
                return Err(NotAnUcid);
            }
            id = id << 5 | bits as u128;
        }
        if length == LENGTH { Ok(Self(id)) } else { Err(NotAnUcid) }
    }
}

impl Serialize for Ucid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ucid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for NotAnUcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not the id of a call, which is 16 digits and letters, such as 1M8RQKQG0017QK00",
        )
    }
}

impl std::error::Error for NotAnUcid {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A moment of December 2026.
    const NOON: Timestamp = Timestamp(1_796_126_400_000_000);

    fn after(millis: u64) -> Timestamp {
        Timestamp(NOON.0 + millis * 1_000)
    }

    #[test]
    fn an_id_tells_time_node_life_and_count_in_letters() {
        let mut ids = Ucids::new(1, 0b00111_10111_10011);
        let three = [after(0), after(0), after(1)].map(|now| ids.next(now).to_string());
        assert_eq!(three, ["1M8RQKQG0017QK00", "1M8RQKQG0017QK01", "1M8RQKQG1017QK00"]);
    }

    #[test]
    fn ids_of_one_life_rise_though_the_clock_is_set_back_and_a_millisecond_is_full() {
        let mut ids = Ucids::new(0, 7);
        let mut last = ids.next(after(50)).to_string();
        let times = (0..5_000).map(|step| after(50 - step / 100));
        for now in times {
            let id = ids.next(now).to_string();
            assert!(id > last, "{id} comes after {last}");
            last = id;
        }
    }

    #[test]
    fn two_lives_and_two_nodes_at_the_same_time_give_out_different_ids() {
        let first = Ucids::new(1, 1).next(NOON);
        assert_ne!(first, Ucids::new(1, 2).next(NOON));
        assert_ne!(first, Ucids::new(2, 1).next(NOON));
        assert!(Ucids::new(2, 0).next(NOON) < Ucids::new(1, 0).next(after(1)), "time comes first");
    }

    #[test]
    fn an_id_is_understood_as_people_write_it_down() {
        let id: Ucid = "1M8RQKQG0017QK00".parse().unwrap();
        for heard in ["1m8rqkqg0017qk00", "1M8R-QKQG-0017-QK00", "IM8R QKQG OOL7 QKOO"] {
            assert_eq!(heard.parse(), Ok(id), "{heard}");
        }
        for wrong in ["", "call-7", "1M8RQKQG0017QK0", "1M8RQKQG0017QK000", "1M8RQKQG0017QKU0"] {
            assert_eq!(wrong.parse::<Ucid>(), Err(NotAnUcid), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_and_sorts_alike(one in 0u128..1 << 80, other in 0u128..1 << 80) {
            let (one, other) = (Ucid(one), Ucid(other));
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ucid>(&json).unwrap(), one);
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}") {
            let _ = text.parse::<Ucid>();
        }
    }
}
