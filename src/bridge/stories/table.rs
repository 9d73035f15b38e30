//! The whole table: in every way a call can stand, with everyone who may hold, what each leg
//! should hear.

use std::fmt::Write as _;

use super::conversation::*;
use crate::{
    acd::consult::Stage,
    base::numbers::LegNo,
    bridge::{
        call::{Call, Consultee, Talk},
        hears::{self, Ear},
    },
};

/// Every variant, with a word for it, and the legs in it.
fn all() -> Vec<(&'static str, Talk)> {
    let rung = || Consultee::Colleague(Some(colleague()));
    let agent = agent();
    let consulting =
        |second, stage, swapped| Talk::Consulting { agent, second, with: rung(), stage, swapped };
    vec![
        ("announcing", Talk::Announcing { sounds: vec![FULL] }),
        ("waiting", Talk::Waiting),
        ("ringing", Talk::Ringing { agent }),
        ("two", Talk::Two { agent }),
        ("holding", Talk::Holding { agent }),
        ("transferring", consulting(None, Stage::Transferring, false)),
        ("consult rings", consulting(None, Stage::Ringing, false)),
        ("consult", consulting(None, Stage::Talking, false)),
        ("consult, swapped", consulting(None, Stage::Talking, true)),
        ("2 lines, rings", consulting(Some(SECOND), Stage::Ringing, false)),
        ("2 lines", consulting(Some(SECOND), Stage::Talking, false)),
        ("three", consulting(None, Stage::Conference, false)),
        ("three, 2 lines", consulting(Some(SECOND), Stage::Conference, false)),
        (
            "externally",
            Talk::ExternallyTransferring {
                by: agent.no,
                leg: FAR,
                number: crate::base::masked::Masked::default(),
            },
        ),
        ("outside", Talk::Outside { leg: FAR }),
    ]
}

fn row(call: &Call, holds: &[LegNo]) -> String {
    let ear = |leg| Ear { is_open: true, is_agreed: true, holds: holds.contains(&leg) };
    let rows = hears::hears(call, &ear);
    let mut told = String::new();
    for (leg, name) in NAMES {
        let told_of: Vec<_> = rows.iter().filter(|(it, _)| *it == leg).collect();
        assert!(told_of.len() <= 1, "{name} is told two things: {call:?}");
        assert_eq!(told_of.is_empty(), !call.legs().any(|it| it == leg), "{name}: {call:?}");
        if let [(_, hears)] = told_of[..] {
            // What is said to whoever holds comes to nothing: it is not listening.
            let word = if holds.contains(&leg) { "(holds)".into() } else { heard(hears) };
            write!(told, " {name}:{word}").unwrap();
        }
    }
    let held = if hears::is_held(call, &ear) { "  held" } else { "" };
    format!("{told}{held}")
}

#[test]
fn whoever_stands_in_whatever_way_hears_what_it_should() {
    let mut told = String::from("\n");
    for (word, talk) in all() {
        let (mut call, _) = waiting();
        call.talk = talk;
        let legs: Vec<_> = call.legs().collect();
        for (number, holds) in subsets(&legs).into_iter().enumerate() {
            let word = if number == 0 { word } else { "" };
            writeln!(told, "{word:17}|{}", row(&call, &holds)).unwrap();
        }
        call.caller = None;
        writeln!(told, "{:17}|{}", "  without caller", row(&call, &[])).unwrap();
    }
    let expected = include_str!("table.txt");
    assert!(told == expected, "{told}\n-- was expected to be --\n{expected}");
}

/// Nobody holds, then each alone, then all: what more there is follows by pairs.
fn subsets(legs: &[LegNo]) -> Vec<Vec<LegNo>> {
    let one = legs.iter().map(|leg| vec![*leg]);
    let all = (legs.len() > 1).then(|| legs.to_vec());
    std::iter::once(vec![]).chain(one).chain(all).collect()
}
