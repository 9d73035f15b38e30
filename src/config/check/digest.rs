//! Which digest algorithms phones are offered, in the order in which the file has them.

use crate::{
    config::{entry::Entry, ground::Ground},
    sip::algorithm::Algorithm,
};

/// Those that the entry names; none if it does not speak of them.
pub fn algorithms(entry: &Entry, ground: &mut Ground<'_>) -> Vec<Algorithm> {
    let mut algorithms = vec![];
    for name in entry.texts("digest") {
        let Some(algorithm) = Algorithm::read(name) else { continue };
        if algorithms.contains(&algorithm) {
            let says = format!("{name} is named twice");
            ground.found.error("duplicate", &entry.place("digest"), says);
        } else {
            algorithms.push(algorithm);
        }
    }
    if entry.given("digest").written && entry.list("digest").is_empty() {
        let says = "nobody could register: name \"MD5\", \"SHA-256\" or both".into();
        ground.found.error("missing", &entry.place("digest"), says);
    }
    algorithms
}
