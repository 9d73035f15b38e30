//! What every file owes its reader: a first sentence, a length, tests that are sentences, nothing left for later.

use std::collections::BTreeSet;

use crate::{
    house::{Complaint, House},
    reading::module_of,
};

/// What says that something is not done.
const LATER: &[&str] = &["todo!", "unimplemented!", "dbg!", "TODO", "FIXME", "XXX"];

/// A file longer than this wants a neighbour.
const LINES_MAX: usize = 700;

pub(crate) fn complaints(house: &House) -> Vec<Complaint> {
    let mut faults = vec![];
    for (path, source) in &house.files {
        if let Some(fault) = &source.code.fault {
            faults.push(format!("{path}: cannot be read: {fault}"));
        }
        if !source.text.starts_with("//! ") {
            faults.push(format!("{path}:1: opens with //! and a sentence"));
        }
        let length = source.text.lines().count();
        if length > LINES_MAX {
            faults.push(format!("{path}: {length} lines are two files"));
        }
        for name in source.code.tests.iter().filter(|it| it.text.matches('_').count() < 2) {
            faults.push(format!("{path}:{}: {} is not a sentence", name.line, name.text));
        }
        // This folder has to name what it looks for.
        for (number, line) in source.text.lines().enumerate() {
            let later = LATER.iter().filter(|word| line.contains(**word));
            for word in later.filter(|_| !path.starts_with("tests/tidy/")) {
                faults.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    faults.extend(unread(house));
    faults
}

/// Files of `src` that no module names: nobody builds them.
fn unread(house: &House) -> impl Iterator<Item = Complaint> {
    let modules = house.files.values().flat_map(|it| &it.code.modules);
    let named: BTreeSet<&[String]> = modules.map(|it| it.path.as_slice()).collect();
    let of_src = house.files.keys().filter(|path| path.starts_with("src/"));
    let roof = |path: &&String| matches!(path.as_str(), "src/lib.rs" | "src/main.rs");
    of_src
        .filter(move |path| !roof(path) && !named.contains(module_of(path).as_slice()))
        .map(|path| format!("{path}: no module names it"))
}
