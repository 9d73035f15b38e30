//! From what was written to what is meant. Reads all, reports all, and only then says no.
//!
//! ```text
//! sections ──► names taken up ──► people, queues, ways, process ──► the whole against itself
//! ```

pub mod carrier;
pub mod certificate;
pub mod digest;
pub mod menus;
pub mod outgoing;
pub mod people;
pub mod process;
pub mod queues;
pub mod srtp;
pub mod ways;
pub mod whole;

use std::path::Path;

use crate::{
    acd,
    base::time::Timestamp,
    config::{
        change,
        fault::{Faults, Found},
        file,
        ground::Ground,
        hide,
        keys::SECTIONS,
        meant::{Checked, Config},
        sections::Sections,
    },
    exchange::plan::{Plan, Trunk},
    sip, treatment,
};

/// Checks `text`, which people know as `name`; `before` is what holds now, if anything does.
pub fn check(name: &str, text: &str, before: Option<&Config>) -> Result<Checked, Faults> {
    check_at(name, text, before, None)
}

/// The same at a certain time, at which certificates may have expired.
pub fn check_at(
    name: &str,
    text: &str,
    before: Option<&Config>,
    now: Option<Timestamp>,
) -> Result<Checked, Faults> {
    let file = match file::parse(text) {
        Ok(file) => file,
        Err(error) => {
            let mut found = Found::default();
            let place = error.span().unwrap_or_default();
            found.error("syntax", &place, error.message().replace('\n', ", "));
            return Err(found.sorted(name, &hide::secrets_of_any(text)).0);
        }
    };
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let roll = before.map(|it| it.roll.clone()).unwrap_or_default();
    let mut ground = Ground::new(text, folder, roll);
    ground.now = now;
    let sections = Sections::read(&file, SECTIONS, &mut ground.found);
    let config = config(&sections, before, &mut ground);
    let shown = hide::secrets(&file, text);
    let (errors, warnings) = ground.found.sorted(name, &shown);
    // Beside errors, warnings would often only be their echo.
    if errors.list.is_empty() { Ok(Checked { config, warnings }) } else { Err(errors) }
}

fn config(sections: &Sections, before: Option<&Config>, ground: &mut Ground<'_>) -> Config {
    people::enter(sections, ground);
    queues::enter(sections, ground);
    ways::enter(sections, ground);
    menus::enter(sections, ground);

    let skills = people::skills(sections, ground);
    let phones = people::phones(sections, ground);
    let agents = people::agents(sections, ground);
    let mut lines = queues::lines(sections, ground);
    let menus = menus::menus(sections, ground, &mut lines.outside);
    let trunks = ways::trunks(sections, ground);
    let numbers = ways::numbers(sections, ground);
    let codes = ways::codes(sections, ground);
    let outgoing = outgoing::rules(sections, &trunks, ground);
    let sip = process::sip(sections, ground);
    let (media, sound) = process::rtp(sections, &sip, ground);
    let (calls_max, legs_max) = process::limits(sections, media.ports, ground);
    let http = process::http(sections, &sip, ground);
    let trace = process::trace(sections, ground);
    let tls = process::tls(sections, &sip, ground);
    let log = process::log(sections, ground);

    let old = before.map(|it| &it.exchange);
    let desks = people::desks(&phones, &agents);
    let acd = acd::plan::Plan {
        skills: change::skills(skills, old, ground),
        queues: change::queues(lines.queues, old, ground),
        agents: change::agents(&agents, old, ground),
        calls_max,
    };
    let ways_in: Vec<&Trunk> = trunks.values().map(|(trunk, _)| trunk).collect();
    whole::served(sections, &acd, ground);
    whole::led(sections, &acd, (&numbers, &menus), &ways_in, ground);
    srtp::in_the_clear(sections, &sip, ground);
    whole::roomy(sections, agents.len(), legs_max, sip.dialogs_max, ground);
    let loopback = http.listen.ip().is_loopback()
        && sip.listen.iter().all(|(_, address)| address.ip().is_loopback());
    whole::literals(loopback, ground);

    let phone = |it: &people::Phone| sip::settings::Phone {
        user: it.user.clone(),
        password: it.password.clone(),
        digest: it.digest.clone(),
        address: it.fixed,
    };
    let places = |count: usize| 0..count;
    let roll = ground.roll.clone();
    let sip = sip::settings::Settings {
        phones: places(roll.phones.len()).map(|it| phones.get(&it).map(phone)).collect(),
        trunks: places(roll.trunks.len())
            .map(|it| trunks.get(&it).map(|(_, trunk)| trunk.clone()))
            .collect(),
        ..sip
    };
    let exchange = Plan {
        node: process::node(sections),
        acd,
        sip,
        trunks: places(roll.trunks.len())
            .map(|it| trunks.get(&it).map(|(trunk, _)| trunk.clone()))
            .collect(),
        phones: places(roll.phones.len()).map(|it| desks.get(&it).cloned()).collect(),
        agents: places(roll.agents.len())
            .map(|it| agents.get(&it).map(|agent| agent.desk.clone()))
            .collect(),
        treatments: change::treatments(lines.treatments, old, ground),
        menus: treatment::plan::Plan {
            menus: places(roll.menus.len()).map(|it| menus.get(&it).cloned()).collect(),
            ..treatment::plan::Plan::default()
        },
        numbers,
        codes,
        outside: change::outside(lines.outside, old, ground),
        outgoing,
        media: sound,
        legs_max,
        drain: process::drain(sections),
    };
    whole::overflowing(sections, &exchange, ground);
    let data_dir = sections.one("server").may_path("data_dir").map(|it| ground.folder.join(it));
    let remember = process::remember(sections);
    let sounds = roll.sounds.iter().map(Into::into).collect();
    let net = process::net(sections);
    Config { exchange, media, sounds, net, tls, http, trace, log, data_dir, remember, roll }
}

#[cfg(test)]
mod tests;
