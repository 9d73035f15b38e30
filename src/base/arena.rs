//! Numbered places for things that come and go: calls, legs, dialogs.
//!
//! ```text
//! number = slot (which place) + turn (how often that place was given out)
//! ```
//!
//! A number outlives the thing it named: whoever still holds it is told `None`, never shown
//! the next tenant. An arena has a fixed capacity; at the limit [`Arena::insert`] gives the
//! value back, so that the caller must have an answer ready (invariant 10).

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Serialize};

/// What every typed number can do. Made by [`number!`](crate::number).
pub trait Number: Copy + Eq + Ord + fmt::Debug {
    /// The number of the thing in `slot`, in that slot's `turn`.
    fn new(slot: u32, turn: u32) -> Self;
    /// Which place.
    fn slot(self) -> u32;
    /// How often the place had been given out before.
    fn turn(self) -> u32;
}

/// Declares a number type: `number!(/// doc CallNo, "call");` prints as `call-7` or `call-7.2`.
#[macro_export]
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(from = "u64", into = "u64")]
        pub struct $name {
            turn: u32,
            slot: u32,
        }

        impl $name {
            /// The number of `slot` in its first turn, for tables that are never reused.
            #[must_use]
            pub const fn first(slot: u32) -> Self {
                Self { turn: 0, slot }
            }

            /// The place as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.slot as usize
            }
        }

        impl $crate::base::arena::Number for $name {
            fn new(slot: u32, turn: u32) -> Self {
                Self { turn, slot }
            }
            fn slot(self) -> u32 {
                self.slot
            }
            fn turn(self) -> u32 {
                self.turn
            }
        }

        impl From<u64> for $name {
            fn from(packed: u64) -> Self {
                #[allow(clippy::cast_possible_truncation)] // The two halves, taken apart.
                Self { turn: (packed >> 32) as u32, slot: packed as u32 }
            }
        }

        impl From<$name> for u64 {
            fn from(number: $name) -> Self {
                u64::from(number.turn) << 32 | u64::from(number.slot)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.turn {
                    0 => write!(f, concat!($word, "-{}"), self.slot),
                    turn => write!(f, concat!($word, "-{}.{}"), self.slot, turn),
                }
            }
        }

        /// Reads what `Display` writes.
        impl std::str::FromStr for $name {
            type Err = $crate::base::arena::NotANumber;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text
                    .strip_prefix(concat!($word, "-"))
                    .ok_or($crate::base::arena::NotANumber)?;
                let (slot, turn) = digits.split_once('.').unwrap_or((digits, "0"));
                match (slot.parse(), turn.parse()) {
                    (Ok(slot), Ok(turn)) => Ok(Self { turn, slot }),
                    _ => Err($crate::base::arena::NotANumber),
                }
            }
        }
    };
}

/// The text is not a number of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number of this kind, such as call-7 or call-7.2")
    }
}

impl std::error::Error for NotANumber {}

/// Places for values of `T`, found by numbers of kind `N`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arena<N, T> {
    places: Vec<Place<T>>,
    /// Empty places, the one emptied last on top: it is warm in the cache.
    free: Vec<u32>,
    capacity: u32,
    #[serde(skip)]
    kind: PhantomData<fn() -> N>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place<T> {
    turn: u32,
    tenant: Option<T>,
}

impl<N: Number, T> Arena<N, T> {
    /// An empty arena for at most `capacity` things.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let capacity = u32::try_from(capacity).unwrap_or(u32::MAX);
        Self { places: vec![], free: vec![], capacity, kind: PhantomData }
    }

    /// Changes the limit. Those already inside stay, even beyond it.
    pub fn set_capacity(&mut self, capacity: usize) {
        self.capacity = u32::try_from(capacity).unwrap_or(u32::MAX);
    }

    /// Gives `value` a place and a number, or gives it back when the arena is full.
    pub fn insert(&mut self, value: T) -> Result<N, T> {
        if self.len() >= self.capacity as usize {
            return Err(value);
        }
        if let Some(slot) = self.free.pop() {
            let place = self.places.get_mut(slot as usize).expect("free names places");
            place.tenant = Some(value);
            return Ok(N::new(slot, place.turn));
        }
        let slot = u32::try_from(self.places.len()).expect("capacity is a u32");
        self.places.push(Place { turn: 0, tenant: Some(value) });
        Ok(N::new(slot, 0))
    }

    /// The number that [`insert`](Self::insert) would give next, if there is room.
    #[must_use]
    pub fn next(&self) -> Option<N> {
        if self.len() >= self.capacity as usize {
            return None;
        }
        match self.free.last() {
            Some(&slot) => self.places.get(slot as usize).map(|place| N::new(slot, place.turn)),
            None => u32::try_from(self.places.len()).ok().map(|slot| N::new(slot, 0)),
        }
    }

    /// Takes the thing out; its number is stale from now on.
    pub fn remove(&mut self, number: N) -> Option<T> {
        let place = self.places.get_mut(number.slot() as usize)?;
        if place.turn != number.turn() {
            return None;
        }
        let tenant = place.tenant.take()?;
        place.turn = place.turn.wrapping_add(1);
        self.free.push(number.slot());
        Some(tenant)
    }

    /// The thing of that number, if it is still here.
    #[must_use]
    pub fn get(&self, number: N) -> Option<&T> {
        let place = self.places.get(number.slot() as usize)?;
        if place.turn == number.turn() { place.tenant.as_ref() } else { None }
    }

    /// As [`get`](Self::get), to change it.
    pub fn get_mut(&mut self, number: N) -> Option<&mut T> {
        let place = self.places.get_mut(number.slot() as usize)?;
        if place.turn == number.turn() { place.tenant.as_mut() } else { None }
    }

    /// How many things are inside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether nothing is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything inside, in the order of places.
    pub fn iter(&self) -> impl Iterator<Item = (N, &T)> {
        (0u32..).zip(&self.places).filter_map(|(slot, place)| {
            place.tenant.as_ref().map(|tenant| (N::new(slot, place.turn), tenant))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    number!(
        /// A number for these tests.
        TestNo,
        "test"
    );

    #[test]
    fn a_stale_number_never_meets_the_next_tenant() {
        let mut arena = Arena::<TestNo, &str>::new(2);
        let first = arena.insert("first").unwrap();
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second").unwrap();

        assert_eq!(arena.get(first), None);
        assert_eq!(arena.remove(first), None);
        assert_eq!(arena.get(second), Some(&"second"));
        assert_eq!((first.to_string(), second.to_string()), ("test-0".into(), "test-0.1".into()));
        assert_eq!("test-0.1".parse(), Ok(second));
    }

    #[test]
    fn a_full_arena_gives_the_value_back() {
        let mut arena = Arena::<TestNo, u8>::new(1);
        assert_eq!(arena.next(), Some(TestNo::first(0)));
        arena.insert(1).unwrap();
        assert_eq!(arena.insert(2), Err(2));
        assert_eq!((arena.next(), arena.len()), (None, 1));
    }

    #[test]
    fn a_number_survives_being_packed() {
        let number = TestNo::new(7, 3);
        assert_eq!(TestNo::from(u64::from(number)), number);
    }
}
