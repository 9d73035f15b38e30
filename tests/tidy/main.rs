//! The house rules that the compiler does not know.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

/// From the ground up. A room takes from rooms of lower floors, and from no other.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["sdp", "rtp"],
    &["sip", "acd", "media"],
    &["exchange"],
    &["board", "staff", "trace"],
    &["net", "journal", "sim", "config"],
    &["relay", "metrics", "scenario"],
    &["api"],
    &["server"],
    &["cli"],
];

/// Rooms with no IO, no clock, no async, no lock (invariant 3).
const PURE: &[&str] =
    &["base", "sdp", "rtp", "sip", "acd", "media", "exchange", "board", "staff", "trace", "sim"];

/// What a pure room may not say.
const BANNED: &[&str] = &[
    "async ",
    ".await",
    "tokio::",
    "std::thread",
    "std::net::UdpSocket",
    "std::net::Tcp",
    "std::fs",
    "Mutex",
    "RwLock",
    "Atomic",
    "Instant::now",
    "SystemTime",
    "println!",
];

/// What says that something is not done.
const LATER: &[&str] = &["todo!", "unimplemented!", "dbg!", "TODO", "FIXME", "XXX"];

/// A file longer than this wants a neighbour.
const LINES_MAX: usize = 700;

/// The roof: takes from anyone, is taken from by nobody.
const ROOF: &[&str] = &["lib", "main"];

#[test]
fn a_pure_room_neither_waits_nor_locks_nor_reads_a_clock() {
    let mut faults = vec![];
    visit(Path::new("src"), &mut |path, text| {
        if !PURE.contains(&room_of(path).as_str()) {
            return;
        }
        // Tests may read golden files.
        let told = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in told.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in BANNED.iter().filter(|word| code.contains(**word)) {
                faults.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn nobody_imports_from_above() {
    let mut faults = vec![];
    visit(Path::new("src"), &mut |path, text| {
        let room = room_of(path);
        if ROOF.contains(&room.as_str()) {
            return;
        }
        let Some(floor) = floor_of(&room) else {
            faults.push(format!("{}: {room} stands on no floor", path.display()));
            return;
        };
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for taken in code.split("crate::").skip(1) {
                let other: String =
                    taken.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if floor_of(&other).is_some_and(|above| other != room && floor <= above) {
                    let place = format!("{}:{}", path.display(), number + 1);
                    faults.push(format!("{place}: {room} takes from {other}"));
                }
            }
        }
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_holds_one_noun() {
    let mut faults = vec![];
    for folder in ["src", "tests", "benches"] {
        visit(Path::new(folder), &mut |path, text| {
            if !text.starts_with("//! ") {
                faults.push(format!("{}:1: opens with //! and a sentence", path.display()));
            }
            let length = text.lines().count();
            if length > LINES_MAX {
                faults.push(format!("{}: {length} lines are two files", path.display()));
            }
        });
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_test_is_a_sentence_and_nothing_is_left_for_later() {
    let mut faults = vec![];
    visit(Path::new("src"), &mut |path, text| {
        let mut is_test = false;
        for (number, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            let code = line.split("//").next().unwrap_or_default().trim_start();
            for word in LATER.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{place}: {word}"));
            }
            if let Some(name) = code.strip_prefix("fn ").filter(|_| is_test) {
                let name = name.split('(').next().unwrap_or_default();
                if name.matches('_').count() < 2 {
                    faults.push(format!("{place}: {name} is not a sentence"));
                }
            }
            is_test = code.starts_with("#[test]") || is_test && code.starts_with("#[");
        }
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn room_of(path: &Path) -> String {
    let first = path.components().nth(1).unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

fn visit(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, see);
        } else if path.extension().is_some_and(|it| it == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
