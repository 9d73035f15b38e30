//! The house rules that the compiler does not know. `planted.rs` proves that each of them sees what it forbids.

#![allow(clippy::unwrap_used)]

use std::{fs, sync::LazyLock};

use crate::house::{Complaint, House};

mod circles;
mod floors;
mod house;
mod names;
mod planted;
mod pure;
mod reading;
mod words;

/// Everything that we wrote, read once.
static HOUSE: LazyLock<House> =
    LazyLock::new(|| House::of(&["src", "tests", "benches", "fuzz/fuzz_targets"]));

#[test]
fn nobody_takes_from_above() {
    hold(&floors::complaints(&HOUSE));
}

#[test]
fn a_pure_room_neither_waits_nor_locks_nor_reads_a_clock() {
    hold(&pure::complaints(&HOUSE));
}

#[test]
fn one_file_reads_the_clock_and_nothing_comes_in_random_order() {
    let clippy = fs::read_to_string("clippy.toml").unwrap();
    hold(&pure::disallowed(&HOUSE, &clippy));
}

#[test]
fn no_file_of_a_room_takes_from_itself_by_way_of_others() {
    hold(&circles::complaints(&HOUSE, circles::STILL));
}

#[test]
fn every_file_says_what_it_is_holds_one_noun_and_leaves_nothing_for_later() {
    hold(&words::complaints(&HOUSE));
}

fn hold(complaints: &[Complaint]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
