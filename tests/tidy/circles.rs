//! No circles: among the files of a room, none takes from itself by way of others.
//!
//! A file takes from another by a path: an import or a name written out. A `mod.rs` that only lists its modules takes
//! from none. What a method reaches that stands in another file is not seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    house::{Complaint, House, room_of},
    reading::module_of,
};

/// Rooms in which circles still stand. A room leaves this list when its last circle is open, and none comes in.
pub(crate) const STILL: &[&str] = &[];

pub(crate) fn complaints(house: &House, still: &[&str]) -> Vec<Complaint> {
    let takes = takes(house);
    let mut rooms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for circle in circles(&takes) {
        let room = circle.first().map(|it| room_of(it)).unwrap_or_default();
        let names: Vec<&str> = circle.iter().map(|it| it.trim_start_matches("src/")).collect();
        let text = format!("{room}: a circle of {}: {}", circle.len(), names.join(" "));
        rooms.entry(room).or_default().push(text);
    }
    let open = still.iter().filter(|room| !rooms.contains_key(**room));
    let open = open.map(|room| format!("{room}: has no circle any more, strike it from STILL"));
    let stand = rooms.iter().filter(|(room, _)| !still.contains(*room));
    let stand = stand.flat_map(|(_, circles)| circles.clone());
    open.chain(stand).collect()
}

/// Which files of its own room a file takes from.
fn takes(house: &House) -> BTreeMap<&str, BTreeSet<&str>> {
    let files: BTreeMap<Vec<String>, &str> =
        house.shipped().map(|(path, _)| (module_of(path), path)).collect();
    let mut takes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, taken) in house.taken() {
        // The longest part that is a file: `crate::sip::uri::Uri` is in `crate::sip::uri`.
        let mut parts = (2..=taken.path.len()).rev().filter_map(|it| taken.path.get(..it));
        let from = parts.find_map(|part| files.get(part));
        let of_room = from.filter(|from| **from != path && room_of(from) == room_of(path));
        takes.entry(path).or_default().extend(of_room);
    }
    takes
}

/// Files that reach one another: for each, whom it reaches; a circle is a group that all reach all.
fn circles<'a>(takes: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<Vec<&'a str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        takes.keys().map(|file| (*file, reached_from(file, takes))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|it| it.contains(to));
    let around = reached.iter().filter(|(file, reached)| reached.contains(*file));
    around
        .map(|(file, reached)| reached.iter().copied().filter(|it| reaches(it, file)).collect())
        .collect()
}

fn reached_from<'a>(file: &str, takes: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = takes.get(file).into_iter().flatten().copied().collect();
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(takes.get(one).into_iter().flatten());
        }
    }
    reached
}
