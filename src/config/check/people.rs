//! Skills, agents and their phones.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    acd,
    base::{
        masked::Masked,
        numbers::{AgentNo, PhoneNo},
        time::Span,
    },
    config::{
        check::{digest, srtp},
        entry::Entry,
        ground::{Ground, slot},
        sections::Sections,
    },
    exchange,
    sdp::crypto::Policy,
    sip::{algorithm::Algorithm, wire::Transport},
};

/// What the file says of a phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Its user.
    pub user: String,
    /// What it registers with.
    pub password: Option<Masked>,
    /// Where it stands, if it does not register.
    pub fixed: Option<(Transport, SocketAddr)>,
    /// Whether it is asked to answer by itself.
    pub auto_answer: bool,
    /// Within which time it says anything when it is called.
    pub answers_within: Span,
    /// Whether its sound is protected.
    pub srtp: Policy,
    /// Which digest algorithms it is offered; empty: as its listener says.
    pub digest: Vec<Algorithm>,
}

/// What the file says of an agent.
#[derive(Clone, Debug)]
pub struct Agent {
    /// For the engine.
    pub acd: acd::plan::Agent,
    /// For the exchange.
    pub desk: exchange::plan::Agent,
}

/// Takes up the names of skills, agents and phones, so that all may speak of all.
pub fn enter(sections: &Sections, ground: &mut Ground<'_>) {
    enter_skills(sections, ground);
    for (section, one, series) in [("agent", "id", "ids"), ("phone", "user", "users")] {
        for entry in sections.many(section) {
            let place = if entry.given(one).written { one } else { series };
            for name in names(entry, one, series) {
                ground.enter(section, &name, &entry.place(place));
            }
        }
    }
}

/// Takes up the names of skills.
pub fn enter_skills(sections: &Sections, ground: &mut Ground<'_>) {
    for entry in sections.many("skill").iter().filter(|it| it.may_text("name").is_some()) {
        ground.enter("skill", entry.text("name"), &entry.place("name"));
    }
}

/// Skills by number.
pub fn skills(sections: &Sections, ground: &mut Ground<'_>) -> BTreeMap<usize, acd::plan::Skill> {
    let named = sections.many("skill").iter().filter(|it| it.may_text("name").is_some());
    let skill = |entry: &Entry| {
        let name = entry.text("name").to_owned();
        let place = ground.roll.skills.place(&name);
        (
            place,
            acd::plan::Skill {
                name,
                reserve: entry.count("reserve"),
                release: entry.time("release"),
            },
        )
    };
    named.map(skill).collect()
}

/// Phones by number.
pub fn phones(sections: &Sections, ground: &mut Ground<'_>) -> BTreeMap<usize, Phone> {
    let mut phones = BTreeMap::new();
    for entry in sections.many("phone") {
        one_or_series(entry, "user", "users", ground);
        let fixed = entry.may_listen("address");
        let (password, address) = (entry.given("password").written, entry.given("address").written);
        if !password && !address {
            let says =
                "a phone needs a `password`, to register with, or an `address`, to be found at";
            ground.found.error("missing", &entry.place, says.into());
        }
        let digest = digest::algorithms(entry, ground);
        for user in names(entry, "user", "users") {
            let password = ground.secret(entry, "password", ("{user}", &user));
            let auto_answer = entry.flag("auto_answer");
            let answers_within = entry.time("answers_within");
            let place = ground.roll.phones.place(&user);
            let srtp = srtp::policy(entry);
            let digest = digest.clone();
            phones.insert(
                place,
                Phone { user, password, fixed, auto_answer, answers_within, srtp, digest },
            );
        }
    }
    phones
}

/// Agents by number.
pub fn agents(sections: &Sections, ground: &mut Ground<'_>) -> BTreeMap<usize, Agent> {
    let mut agents = BTreeMap::new();
    let mut sits_at: BTreeMap<String, String> = BTreeMap::new();
    for entry in sections.many("agent") {
        one_or_series(entry, "id", "ids", ground);
        let skills = ground.skills(entry, "skills");
        let ready_on_register = entry.flag("ready_on_register");
        if ready_on_register && !entry.given("phone").written {
            let says = "`ready_on_register` needs a `phone` that registers".into();
            ground.found.error("missing", &entry.place("ready_on_register"), says);
        }
        for id in names(entry, "id", "ids") {
            let phone = entry.may_text("phone").map(|it| it.replace("{id}", &id)).and_then(|user| {
                let place = entry.place("phone");
                if !ground.look_up("phone", &user, &place) {
                    return None;
                }
                if let Some(other) = sits_at.insert(user.clone(), id.clone()) {
                    let says = format!(
                        "phone \"{user}\" is agent \"{other}\"'s; who shares a desk signs in there by code"
                    );
                    ground.found.error("conflict", &place, says);
                }
                Some(PhoneNo::first(slot(ground.roll.phones.place(&user))))
            });
            let acd = acd::plan::Agent { id: id.clone(), skills: skills.clone(), retired: false };
            let place = ground.roll.agents.place(&id);
            let desk = exchange::plan::Agent { id, phone, ready_on_register };
            agents.insert(place, Agent { acd, desk });
        }
    }
    agents
}

/// Phones as the exchange sees them: with the agent who usually sits there.
#[must_use]
pub fn desks(
    phones: &BTreeMap<usize, Phone>,
    agents: &BTreeMap<usize, Agent>,
) -> BTreeMap<usize, exchange::plan::Phone> {
    let sits = |(agent, it): (&usize, &Agent)| {
        it.desk.phone.map(|phone| (phone.index(), AgentNo::first(slot(*agent))))
    };
    let sits_at: BTreeMap<usize, AgentNo> = agents.iter().filter_map(sits).collect();
    let desk = |(place, phone): (&usize, &Phone)| {
        let Phone { user, fixed, auto_answer, answers_within, srtp, .. } = phone.clone();
        let agent = sits_at.get(place).copied();
        (*place, exchange::plan::Phone { user, fixed, auto_answer, answers_within, srtp, agent })
    };
    phones.iter().map(desk).collect()
}

fn one_or_series(entry: &Entry, one: &str, series: &str, ground: &mut Ground<'_>) {
    match (entry.given(one).written, entry.given(series).written) {
        (true, true) => {
            let says = format!("either `{one}` or `{series}`, not both");
            ground.found.error("conflict", &entry.place(series), says);
        }
        (false, false) => {
            let says = format!("`{one}` is missing (or `{series}`, for a series)");
            ground.found.error("missing", &entry.place, says);
        }
        (true, false) | (false, true) => {}
    }
}

fn names(entry: &Entry, one: &str, series: &str) -> Vec<String> {
    entry.may_text(one).map_or_else(|| entry.series(series).to_vec(), |name| vec![name.to_owned()])
}
