//! A table by number, for things whose numbers someone else gives out.
//!
//! The [`Arena`](crate::base::arena::Arena) of one room numbers a thing; another room keeps its
//! own knowledge of it here, under the same number. Slots are places in a vector, so a look-up
//! is one step however many are inside; a number of an earlier turn finds nothing.

use std::marker::PhantomData;

use crate::base::arena::Number;

/// The highest slot taken: a number beyond it is a fault of whoever gave it out, and would
/// otherwise make the table as large as it says.
pub const SLOT_MAX: u32 = (1 << 22) - 1;

/// Values of `T` under numbers of kind `N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<N, T> {
    places: Vec<Option<(u32, T)>>,
    len: usize,
    kind: PhantomData<fn() -> N>,
}

impl<N, T> Default for Table<N, T> {
    fn default() -> Self {
        Self { places: vec![], len: 0, kind: PhantomData }
    }
}

impl<N: Number, T> Table<N, T> {
    /// Whether `number` could be put in: its slot is neither taken nor out of bounds.
    #[must_use]
    pub fn has_room_for(&self, number: N) -> bool {
        number.slot() <= SLOT_MAX
            && self.places.get(number.slot() as usize).is_none_or(Option::is_none)
    }

    /// Puts `value` under `number`. Where there is no room for it nothing happens.
    pub fn insert(&mut self, number: N, value: T) {
        if !self.has_room_for(number) {
            return;
        }
        let slot = number.slot() as usize;
        if self.places.len() <= slot {
            self.places.resize_with(slot + 1, || None);
        }
        if let Some(place) = self.places.get_mut(slot) {
            *place = Some((number.turn(), value));
            self.len += 1;
        }
    }

    /// Takes the value of that number out.
    pub fn remove(&mut self, number: N) -> Option<T> {
        let place = self.places.get_mut(number.slot() as usize)?;
        let (_, value) = place.take_if(|(turn, _)| *turn == number.turn())?;
        self.len -= 1;
        Some(value)
    }

    /// The value of that number.
    #[must_use]
    pub fn get(&self, number: N) -> Option<&T> {
        match self.places.get(number.slot() as usize)? {
            Some((turn, value)) if *turn == number.turn() => Some(value),
            Some(_) | None => None,
        }
    }

    /// The value of that number, to change.
    pub fn get_mut(&mut self, number: N) -> Option<&mut T> {
        match self.places.get_mut(number.slot() as usize)? {
            Some((turn, value)) if *turn == number.turn() => Some(value),
            Some(_) | None => None,
        }
    }

    /// All of them, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (N, &T)> {
        self.places.iter().enumerate().filter_map(|(slot, place)| {
            let (turn, value) = place.as_ref()?;
            Some((N::new(u32::try_from(slot).ok()?, *turn), value))
        })
    }

    /// How many are inside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::numbers::CallNo;

    #[test]
    fn a_number_of_an_earlier_turn_finds_nothing() {
        let mut table = Table::default();
        table.insert(CallNo::new(3, 1), "now");
        assert_eq!(table.get(CallNo::new(3, 1)), Some(&"now"));
        assert_eq!(table.get(CallNo::new(3, 0)), None);
        assert_eq!(table.remove(CallNo::new(3, 2)), None);
        assert_eq!(table.iter().collect::<Vec<_>>(), [(CallNo::new(3, 1), &"now")]);
        assert_eq!((table.remove(CallNo::new(3, 1)), table.len()), (Some("now"), 0));
    }

    #[test]
    fn a_number_out_of_bounds_is_not_taken() {
        let mut table = Table::default();
        assert!(!table.has_room_for(CallNo::first(u32::MAX)));
        table.insert(CallNo::first(u32::MAX), ());
        assert!(table.is_empty());
    }
}
