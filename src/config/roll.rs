//! Who has which number: names in the order in which they were first seen, kept over reloads.
//!
//! A name that leaves the file leaves its place behind, so that a call in hand never finds
//! another queue or agent under its number; a name that comes back gets its old place.

use std::collections::BTreeMap;

/// Every name that ever had a number, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roll {
    /// By `SkillNo`.
    pub skills: Names,
    /// By `QueueNo`.
    pub queues: Names,
    /// By `AgentNo`.
    pub agents: Names,
    /// By `PhoneNo`.
    pub phones: Names,
    /// By `TrunkNo`.
    pub trunks: Names,
    /// By `MenuNo`.
    pub menus: Names,
    /// Paths, by `SoundNo` less the builtin sounds.
    pub sounds: Names,
    /// SIP addresses, by the number in `Overflow::Outside`.
    pub outside: Names,
}

/// Names of one kind; the place is the number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    list: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Names {
    /// The place of `name`, given to it now if it has none.
    pub fn place(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.list.push(name.to_owned());
            self.places.insert(name.to_owned(), self.list.len() - 1);
            self.list.len() - 1
        })
    }

    /// The place of `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// How many places were ever given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether no place was ever given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The names by place.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_back_gets_its_old_place() {
        let mut names = Names::default();
        assert_eq!([names.place("a"), names.place("b"), names.place("a")], [0, 1, 0]);
        assert_eq!((names.find("c"), names.len()), (None, 2));
    }
}
