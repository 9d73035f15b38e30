//! Who may take from whom (invariant 1).

use std::collections::BTreeSet;

use crate::{
    house::{Complaint, House, room_of},
    reading::{Taken, module_of},
};

/// From the ground up. A room takes from rooms of lower floors, and from no other.
pub(crate) const FLOORS: &[&[&str]] = &[
    &["base"],
    &["sdp", "rtp"],
    &["sip", "acd", "media"],
    &["bridge"],
    &["exchange"],
    &["board", "staff", "trace"],
    &["net", "journal", "sim", "config"],
    &["relay", "metrics", "scenario"],
    &["api"],
    &["server"],
    &["cli"],
];

/// Lower rooms that stay unknown all the same: the bridge knows people and sound, not how they came here.
const UNKNOWN: &[(&str, &[&str])] = &[("bridge", &["sip", "sdp"])];

/// Floors inside a room: the world is a world whoever counts what happens in it.
const INNER_FLOORS: &[(&str, &[&str])] = &[("sim", &["world", "traffic"])];

/// Who knows what orders there are: the one who gives them, and those who carry them out.
const ORDERS: &[&str] = &["bridge", "media", "relay", "sim"];

/// The roof: takes from anyone, is taken from by nobody.
const ROOF: &[&str] = &["lib", "main"];

pub(crate) fn complaints(house: &House) -> Vec<Complaint> {
    let mut faults = BTreeSet::new();
    for (path, _) in house.shipped() {
        let room = room_of(path);
        if floor_of(room).is_none() && !ROOF.contains(&room) {
            faults.insert(format!("{path}: {room} stands on no floor"));
        }
    }
    for (path, taken) in house.taken() {
        let room = room_of(path);
        if ROOF.contains(&room) {
            continue;
        }
        if let Some(other) = refused(room, taken) {
            faults.insert(format!("{path}:{}: {room} takes from {other}", taken.line));
        }
        if is_order(taken) && !ORDERS.contains(&room) {
            faults.insert(format!("{path}:{}: {room} gives the media orders", taken.line));
        }
        if let Some((lower, upper)) = refused_inside(path, taken) {
            faults.insert(format!("{path}:{}: {room}::{lower} takes from {upper}", taken.line));
        }
    }
    faults.into_iter().collect()
}

/// Whether it is one of the orders, and not only their kind.
fn is_order(taken: &Taken) -> bool {
    let names: Vec<_> = taken.path.iter().map(String::as_str).collect();
    matches!(names[..], ["crate", "media", "order", "Order", _, ..])
}

/// Whom of those it takes from it may not.
fn refused<'a>(room: &str, taken: &'a Taken) -> Option<&'a str> {
    let [root, other, ..] = taken.path.as_slice() else { return None };
    if root != "crate" {
        return None;
    }
    if other == "*" {
        return Some("every room");
    }
    let unknown = UNKNOWN.iter().any(|(it, others)| *it == room && others.contains(&&**other));
    let above = floor_of(other).is_some_and(|above| other != room && floor_of(room) <= Some(above));
    (unknown || above).then_some(other)
}

fn refused_inside<'a>(path: &str, taken: &'a Taken) -> Option<(String, &'a str)> {
    let (_, floors) = INNER_FLOORS.iter().find(|(room, _)| *room == room_of(path))?;
    let module = module_of(path);
    let here = module.get(2)?;
    let [_, room, other, ..] = taken.path.as_slice() else { return None };
    let of_room = taken.path.first().is_some_and(|it| it == "crate") && room == room_of(path);
    let floor = |name: &str| floors.iter().position(|it| *it == name);
    let above = floor(here)? < floor(other)?;
    (of_room && above).then_some((here.clone(), other))
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}
