//! Calls out over a trunk: what may be dialled, when, by whom and how long.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::{
    base::numbers::TrunkNo,
    config::{
        check::ways::TrunkParts,
        entry::{Entry, Meant},
        ground::{Ground, slot},
        sections::Sections,
    },
    exchange::{hours::Hours, numbering::one_form, plan::Outgoing},
};

/// The rules. Numbers are brought to the form that the first trunk's country and area give them.
pub fn rules(
    sections: &Sections,
    trunks: &BTreeMap<usize, TrunkParts>,
    ground: &mut Ground<'_>,
) -> Outgoing {
    let entry = sections.one("outgoing");
    let first = trunks.values().next().map(|(trunk, _)| trunk);
    let forms = |key: &str| -> Vec<String> {
        let form = |digits: &str| match first {
            // A service's number has no area: 115, 116117.
            Some(trunk) if !digits.starts_with("11") => one_form(trunk, digits),
            Some(_) | None => digits.to_owned(),
        };
        entry.texts(key).map(form).collect()
    };
    let (allow, deny) = (forms("allow"), forms("deny"));
    for rule in allow.iter().filter(|it| ["110", "112"].contains(&it.as_str())) {
        let says = format!("{rule} is always allowed and needs no rule");
        ground.found.warning("never", &entry.place("allow"), says);
    }
    if !allow.is_empty() && trunks.is_empty() {
        let says = "there is no [[trunk]] to call out by".to_owned();
        ground.found.error("missing", &entry.place("allow"), says);
    }
    Outgoing {
        allow,
        deny,
        trunks: named(entry, trunks, ground),
        prefix: entry.may_text("prefix").unwrap_or_default().to_owned(),
        hours: hours(entry, ground),
        calls_max: entry.count("calls"),
        calls_each_max: entry.count("calls_each"),
        day_max: entry.time("day"),
        day_each_max: entry.time("day_each"),
        lasts_max: entry.time("lasts"),
    }
}

fn named(
    entry: &Entry,
    trunks: &BTreeMap<usize, TrunkParts>,
    ground: &mut Ground<'_>,
) -> Vec<TrunkNo> {
    if !entry.given("trunks").written {
        return trunks.keys().map(|place| TrunkNo::first(slot(*place))).collect();
    }
    let mut named = vec![];
    for given in entry.list("trunks") {
        let Meant::Text(name) = &given.value else { continue };
        if !ground.look_up("trunk", name, &given.place) {
            continue;
        }
        let trunk = TrunkNo::first(slot(ground.roll.trunks.place(name)));
        if named.contains(&trunk) {
            let says = format!("trunk \"{name}\" is named twice here");
            ground.found.error("duplicate", &given.place, says);
        } else {
            named.push(trunk);
        }
    }
    named
}

fn hours(entry: &Entry, ground: &mut Ground<'_>) -> Hours {
    let zone = entry.text("zone");
    let zone = TimeZone::get(zone).unwrap_or_else(|_| {
        let says = format!("no time zone is called \"{zone}\"; one is \"Europe/Berlin\"");
        ground.found.error("unknown-name", &entry.place("zone"), says);
        TimeZone::UTC
    });
    let mut windows = vec![];
    for given in entry.list("hours") {
        let Meant::Text(text) = &given.value else { continue };
        match text.parse() {
            Ok(window) => windows.push(window),
            Err(why) => {
                let says = format!("{text:?}: {why}");
                ground.found.error("wrong-value", &given.place, says);
            }
        }
    }
    Hours { zone, windows }
}
