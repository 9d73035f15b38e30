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
    &["bridge", "treatment"],
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

/// Floors inside a room, from the ground up, by module; the longest name that fits counts. Neighbours on a floor may
/// know each other, which the rule against circles holds in bounds.
const INNER_FLOORS: &[(&str, &[&[&str]])] = &[
    // The world is a world whoever counts what happens in it.
    ("sim", &[&["world"], &["traffic"]]),
    // What is remembered of calls, phones and carriers lies below the core that holds it; what is done, above.
    (
        "sip",
        &[
            &["message", "wire", "timer", "token", "bucket", "algorithm"],
            &[
                "turn",
                "event",
                "settings",
                "algorithm",
                "output",
                "verb",
                "due",
                "counts",
                "locate",
                "binding",
                "ours",
            ],
            &["transaction"],
            &["auth"],
            &["ua", "registrar", "trunk"],
            &["core"],
            &[
                "ua::admission",
                "ua::callee",
                "ua::caller",
                "ua::follow",
                "ua::options",
                "ua::prack",
                "ua::refer",
                "ua::refresh",
                "ua::replaces",
                "ua::standing",
                "registrar::register",
                "trunk::asking",
                "trunk::calling",
            ],
            &["dispatch"],
            &["endpoint"],
        ],
    ),
];

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

/// Who inside that room may not take it, and from whom.
fn refused_inside(path: &str, taken: &Taken) -> Option<(&'static str, &'static str)> {
    let (room, floors) = INNER_FLOORS.iter().find(|(room, _)| *room == room_of(path))?;
    let inside = |names: &[String]| match names {
        [root, it, inner @ ..] if root == "crate" && it == room => inner_floor(floors, inner),
        _ => None,
    };
    let (here, lower) = inside(&module_of(path))?;
    let (there, upper) = inside(&taken.path)?;
    (here < there).then_some((lower, upper))
}

/// The floor of a module, and the name under which it stands there.
fn inner_floor(floors: &[&[&'static str]], module: &[String]) -> Option<(usize, &'static str)> {
    let is_in = |name: &str| {
        name.split("::").enumerate().all(|(at, it)| module.get(at).is_some_and(|own| own == it))
    };
    let named = floors
        .iter()
        .enumerate()
        .flat_map(|(floor, names)| names.iter().map(move |name| (floor, *name)));
    named.filter(|(_, name)| is_in(name)).max_by_key(|(_, name)| name.split("::").count())
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}
