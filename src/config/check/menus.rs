//! Menus: what is asked, and where each answer leads.
//!
//! Every choice leads to exactly one place, and whoever presses nothing leaves every menu: what
//! follows `otherwise` never leads in circles.

use std::collections::BTreeMap;

use crate::{
    base::numbers::{MenuNo, SoundNo},
    config::{
        check::queues,
        entry::Entry,
        ground::{Ground, LANGUAGES, slot},
        sections::Sections,
    },
    exchange::plan::Outside,
    treatment::plan::{Choice, Goal, Menu, Prompt},
};

/// The keys of a telephone.
const KEYS: &str = "0123456789*#";

/// What may stand in a choice, of which exactly one does.
const GOALS: [&str; 5] = ["queue", "menu", "to", "end", "again"];

/// Takes up the names of menus.
pub fn enter(sections: &Sections, ground: &mut Ground<'_>) {
    for entry in sections.many("menu").iter().filter(|it| it.may_text("name").is_some()) {
        ground.enter("menu", entry.text("name"), &entry.place("name"));
        ground.roll.menus.place(entry.text("name"));
    }
}

/// The menu that an entry names.
pub fn named(entry: &Entry, ground: &mut Ground<'_>) -> Option<MenuNo> {
    let name = entry.may_text("menu")?;
    let known = ground.look_up("menu", name, &entry.place("menu"));
    known.then(|| MenuNo::first(slot(ground.roll.menus.place(name))))
}

/// Menus by number.
pub fn menus(
    sections: &Sections,
    ground: &mut Ground<'_>,
    outside: &mut BTreeMap<usize, Outside>,
) -> BTreeMap<usize, Menu> {
    let mut menus = BTreeMap::new();
    for entry in sections.many("menu").iter().filter(|it| it.may_text("name").is_some()) {
        let name = entry.text("name").to_owned();
        let say = prompt(ground.sound(entry, "say"));
        let mut choices: Vec<(char, Choice)> = vec![];
        for row in entry.tables("keys") {
            let choice = choice(row, ground, outside);
            let Some(key) = key(row, ground) else { continue };
            if choices.iter().any(|(it, _)| *it == key) {
                let says = format!("key {key} is here twice");
                ground.found.error("duplicate", &row.place("key"), says);
            } else if let Some(choice) = choice {
                choices.push((key, choice));
            }
        }
        let otherwise = entry.table("otherwise").and_then(|it| choice(it, ground, outside));
        let Some(otherwise) = otherwise else { continue };
        if otherwise.goal == Goal::Again {
            let says = "whoever presses nothing would be asked for ever".to_owned();
            ground.found.error("cycle", &entry.place("otherwise"), says);
        }
        let (tries, timeout) = (entry.count("tries"), entry.time("timeout"));
        let place = ground.roll.menus.place(&name);
        menus.insert(place, Menu { name, say, choices, tries, timeout, otherwise });
    }
    for entry in sections.many("menu").iter().filter(|it| it.may_text("name").is_some()) {
        let place = ground.roll.menus.place(entry.text("name"));
        if let Some(chain) = circle(&menus, place) {
            let says = format!("whoever presses nothing is led in circles: {chain}");
            ground.found.error("cycle", &entry.place("otherwise"), says);
        }
    }
    menus
}

/// The names of menus that follow one another by `otherwise` from `first` back to it.
fn circle(menus: &BTreeMap<usize, Menu>, first: usize) -> Option<String> {
    let mut names = vec![];
    let mut place = first;
    for _ in menus {
        let menu = menus.get(&place)?;
        names.push(menu.name.as_str());
        let Goal::Menu(next) = menu.otherwise.goal else { return None };
        place = next.index();
        if place == first {
            names.push(menus.get(&first)?.name.as_str());
            return Some(names.join(" - "));
        }
    }
    None
}

fn key(row: &Entry, ground: &mut Ground<'_>) -> Option<char> {
    let text = row.may_text("key")?;
    let mut keys = text.chars();
    match (keys.next(), keys.next()) {
        (Some(key), None) if KEYS.contains(key) => Some(key),
        _ => {
            let says = format!("\"{text}\" is no key: one of 0-9, * and #");
            ground.found.error("wrong-value", &row.place("key"), says);
            None
        }
    }
}

fn choice(
    row: &Entry,
    ground: &mut Ground<'_>,
    outside: &mut BTreeMap<usize, Outside>,
) -> Option<Choice> {
    let needs = ground.needs(row, "skills");
    let language = ground.language(row);
    let written = |key: &&&str| row.given(key).written && (**key != "again" || row.flag("again"));
    let goals: Vec<_> = GOALS.iter().filter(written).copied().collect();
    let goal = match goals[..] {
        ["queue"] => queues::named(row, "queue", ground).map(Goal::Queue),
        ["menu"] => named(row, ground).map(Goal::Menu),
        ["to"] => {
            let ring = row.time("ring");
            let to = row.may_text("to")?;
            let found = if queues::is_outside(to) {
                queues::place_outside(to, ring, ground, outside)
            } else {
                Err(format!("\"{to}\" is no number outside: as in \"+493415550001\""))
            };
            if let Err(says) = &found {
                ground.found.error("wrong-value", &row.place("to"), says.clone());
            }
            found.ok().map(Goal::Outside)
        }
        ["end"] => Some(Goal::End(prompt(ground.sound(row, "end")))),
        ["again"] => Some(Goal::Again),
        [] => {
            let says = format!("leads nowhere: one of {}", GOALS.join(", "));
            ground.found.error("missing", &row.place("queue"), says);
            None
        }
        _ => {
            let says = format!("leads to {} at once: one of them", goals.join(" and "));
            ground.found.error("conflict", &row.place("queue"), says);
            None
        }
    };
    Some(Choice { language, needs, goal: goal? })
}

/// A recording: the same in every language.
fn prompt(sound: Option<SoundNo>) -> Prompt {
    Prompt(vec![sound; LANGUAGES.len()])
}
