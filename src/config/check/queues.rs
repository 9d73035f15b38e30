//! Waiting lines: what they need, what they promise, where they overflow to, what is heard in them.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use crate::{
    acd::plan::{AgentOrder, Overflow, Queue, Relax},
    base::{
        numbers::{QueueNo, SkillNo},
        time::Span,
    },
    config::{
        entry::Entry,
        ground::{Ground, slot},
        sections::Sections,
    },
    exchange::{
        numbering::bare,
        plan::{Goal, Outside, Treatment},
    },
    sip::wire::Transport,
};

/// Takes up the names of queues.
pub fn enter(sections: &Sections, ground: &mut Ground<'_>) {
    for entry in sections.many("queue").iter().filter(|it| it.may_text("name").is_some()) {
        ground.enter("queue", entry.text("name"), &entry.place("name"));
        ground.roll.queues.place(entry.text("name"));
    }
}

/// The queue that `key` names.
pub fn named(entry: &Entry, key: &str, ground: &mut Ground<'_>) -> Option<QueueNo> {
    let name = entry.may_text(key)?;
    let known = ground.look_up("queue", name, &entry.place(key));
    known.then(|| QueueNo::first(slot(ground.roll.queues.place(name))))
}

/// Queues and what is heard in them, both by number, and SIP addresses outside by theirs.
#[derive(Debug, Default)]
pub struct Lines {
    /// For the engine.
    pub queues: BTreeMap<usize, Queue>,
    /// For the exchange.
    pub treatments: BTreeMap<usize, Treatment>,
    /// Where calls overflow to.
    pub outside: BTreeMap<usize, Outside>,
}

/// Reads them all.
pub fn lines(sections: &Sections, ground: &mut Ground<'_>) -> Lines {
    let mut lines = Lines::default();
    for entry in sections.many("queue").iter().filter(|it| it.may_text("name").is_some()) {
        let name = entry.text("name").to_owned();
        let place = ground.roll.queues.place(&name);
        let treatment = Treatment {
            greeting: ground.sound(entry, "greeting"),
            music: ground.sound(entry, "music"),
            announcement: ground.sound(entry, "sorry"),
            closed: entry.table("closed").and_then(|it| ground.sound(it, "sound")),
            display: entry.may_text("display").unwrap_or(&name).to_owned(),
        };
        lines.treatments.insert(place, treatment);
        let queue = queue(name, entry, ground, &mut lines.outside);
        lines.queues.insert(place, queue);
    }
    lines
}

fn queue(
    name: String,
    entry: &Entry,
    ground: &mut Ground<'_>,
    outside: &mut BTreeMap<usize, Outside>,
) -> Queue {
    let needs = ground.needs(entry, "skills");
    let relax = relax(entry, &needs.0, ground);
    let full = entry.table("full");
    let late = entry.table("late");
    let closed = entry.table("closed");
    let mut overflow =
        |it: Option<&Entry>| it.map_or(Overflow::Stay, |it| overflow(it, &name, ground, outside));
    let (when_full, when_late) = (overflow(full), overflow(late));
    let when_closed = closed.map_or(Overflow::Announce, |it| overflow(Some(it)));
    Queue {
        needs,
        relax,
        target: entry.time("target"),
        order: match entry.text("order") {
            "fewest-calls" => AgentOrder::FewestCalls,
            "best-skill" => AgentOrder::BestSkill,
            _ => AgentOrder::LongestIdle,
        },
        ring: entry.time("ring"),
        wrap_up: entry.time("wrap_up"),
        wrap_up_extension: entry.time("wrap_up_extension"),
        waiting_max: full.map_or(u32::MAX, |it| it.count("waiting")),
        when_full,
        wait_max: late.and_then(|it| it.may_time("after")),
        when_late,
        when_closed,
        short_abandon: entry.time("short_abandon"),
        retired: false,
        name,
    }
}

fn relax(entry: &Entry, needs: &[(SkillNo, u8)], ground: &mut Ground<'_>) -> Vec<Relax> {
    let mut steps: Vec<Relax> = vec![];
    let late = entry.table("late").and_then(|it| it.may_time("after"));
    for step in entry.tables("relax") {
        let (name, place) = (step.text("skill"), step.place("skill"));
        if !ground.look_up("skill", name, &place) {
            continue;
        }
        let skill = SkillNo::first(slot(ground.roll.skills.place(name)));
        let (after, to) = (step.time("after"), step.count("to"));
        let earlier = steps.iter().rev().find(|it| it.skill == skill).map(|it| (it.after, it.to));
        let needed = needs.iter().find(|(it, _)| *it == skill).map(|(_, level)| *level);
        match (needed, earlier) {
            (None, _) => {
                let says =
                    format!("the queue does not need skill \"{name}\", so it cannot be relaxed");
                ground.found.error("conflict", &place, says);
            }
            (Some(_), Some((before, _))) if after <= before => {
                let says = format!("steps of skill \"{name}\" must come later and later");
                ground.found.error("conflict", &step.place("after"), says);
            }
            (Some(level), None) if to >= level => {
                let says =
                    format!("skill \"{name}\" is needed at level {level}; {to} does not relax it");
                ground.found.error("conflict", &step.place("to"), says);
            }
            (Some(_), Some((_, level))) if to >= level => {
                let says =
                    format!("skill \"{name}\" was relaxed to {level} before; {to} is no less");
                ground.found.error("conflict", &step.place("to"), says);
            }
            (Some(_), _) => {
                if late.is_some_and(|late| after >= late) {
                    let says = "never reached: the queue's `late` comes before".to_owned();
                    ground.found.warning("never", &step.place("after"), says);
                }
                steps.push(Relax { after, skill, to });
            }
        }
    }
    steps.sort_by_key(|it| it.after);
    steps
}

fn overflow(
    entry: &Entry,
    queue: &str,
    ground: &mut Ground<'_>,
    outside: &mut BTreeMap<usize, Outside>,
) -> Overflow {
    let (to, place) = (entry.may_text("to"), entry.place("to"));
    match (entry.text("then"), to) {
        ("overflow", None) => {
            let says = "\"overflow\" needs `to`: a queue, a number or a SIP address".into();
            ground.found.error("missing", &entry.place("then"), says);
            Overflow::Announce
        }
        ("overflow", Some(to)) if is_outside(to) => {
            let ring = entry.time("ring");
            match place_outside(to, ring, ground, outside) {
                Ok(no) => Overflow::Outside(no),
                Err(says) => {
                    ground.found.error("wrong-value", &place, says);
                    Overflow::Announce
                }
            }
        }
        ("overflow", Some(to)) if to == queue => {
            ground.found.error("cycle", &place, format!("queue \"{to}\" overflows to itself"));
            Overflow::Announce
        }
        ("overflow", Some(to)) if ground.look_up("queue", to, &place) => {
            Overflow::Queue(QueueNo::first(slot(ground.roll.queues.place(to))))
        }
        ("overflow", Some(_)) => Overflow::Announce,
        (then, Some(_)) => {
            let says =
                format!("`to` means nothing with `then = \"{then}\"`; \"overflow\" takes it");
            ground.found.error("conflict", &place, says);
            Overflow::Announce
        }
        ("stay", None) => Overflow::Stay,
        ("busy", None) => Overflow::Busy,
        (_, None) => Overflow::Announce,
    }
}

/// Whether `to` is written as a place outside: a number, or a SIP address.
#[must_use]
pub fn is_outside(to: &str) -> bool {
    to.starts_with("sip:") || number(to).is_some()
}

/// Takes up a place outside, and says its number; else what is wrong with it.
pub fn place_outside(
    to: &str,
    ring: Span,
    ground: &mut Ground<'_>,
    outside: &mut BTreeMap<usize, Outside>,
) -> Result<u32, String> {
    let (name, goal) = match number(to) {
        Some(number) if number.starts_with('+') => (number.clone(), Goal::Number(number)),
        Some(_) => {
            return Err(format!("\"{to}\": say its country too, as in \"+493415550001\""));
        }
        None => {
            let (transport, remote) = address(to).map_err(|why| format!("\"{to}\": {why}"))?;
            let uri = to.to_owned();
            (uri.clone(), Goal::Address { uri, transport, remote })
        }
    };
    let no = ground.roll.outside.place(&name);
    outside.insert(no, Outside { goal, ring });
    Ok(slot(no))
}

/// The digits of `+49 341 555-0001` and `tel:+493415550001`; `None`: it is no number outside.
#[must_use]
pub fn number(to: &str) -> Option<String> {
    let said = to.strip_prefix("tel:");
    (said.is_some() || to.starts_with('+')).then(|| bare(said.unwrap_or(to)))
}

/// `sip:info@192.0.2.7:5060;transport=tcp`: where that is.
fn address(uri: &str) -> Result<(Transport, SocketAddr), &'static str> {
    let rest = uri.strip_prefix("sip:").ok_or("a SIP address begins with \"sip:\"")?;
    let mut parts = rest.split(';');
    let host = parts.next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let transport = match parts.find_map(|it| it.strip_prefix("transport=")) {
        None | Some("udp") => Transport::Udp,
        Some("tcp") => Transport::Tcp,
        Some(_) => return Err("the transport is udp or tcp"),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let ip = |ip: IpAddr| SocketAddr::new(ip, 5060);
    host.parse()
        .or_else(|_| bare.parse().map(ip))
        .map(|address| (transport, address))
        .map_err(|_| "the host must be an IP address; names are not looked up")
}
