//! The whole held against itself: who can serve whom, what leads where, what never happens.
//!
//! Most of this is allowed, only hardly wanted, and so a warning.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    acd::plan::{Agent, Needs, Overflow, Plan, Queue},
    base::numbers::QueueNo,
    config::{
        check::queues,
        entry::Entry,
        ground::{Ground, slot},
        sections::Sections,
    },
    exchange::{
        self, dial,
        plan::{Leads, Number, Trunk},
    },
    treatment::plan::Menu,
};

/// Whether every call that can come can be served.
pub fn served(sections: &Sections, plan: &Plan, ground: &mut Ground<'_>) {
    let at_work: Vec<&Agent> = plan.agents.iter().filter(|it| !it.retired).collect();
    if at_work.is_empty() {
        let says = "there are no agents: every caller waits until hanging up".into();
        ground.found.warning("nobody", &(0..0), says);
        return;
    }
    for entry in sections.many("queue") {
        if let Some(queue) = named(plan, ground, entry.text("name")) {
            let needs = queue.needs.clone();
            let what = format!("queue \"{}\"", queue.name);
            unserved(entry, &what, &needs, &at_work, plan, ground);
        }
    }
    for entry in sections.many("number").iter().filter(|it| !it.list("skills").is_empty()) {
        let Some(queue) = named(plan, ground, entry.text("queue")) else { continue };
        let mut needs = queue.needs.clone();
        let more = entry.skills("skills").filter_map(|(name, level, _)| {
            let place = plan.skills.iter().position(|it| it.name == name)?;
            Some((crate::base::numbers::SkillNo::first(slot(place)), level))
        });
        needs.0.extend(more);
        let what = format!("number \"{}\"", entry.text("digits"));
        unserved(entry, &what, &needs, &at_work, plan, ground);
    }
    for entry in sections.many("skill").iter().filter(|it| it.count::<u32>("reserve") > 0) {
        let name = entry.text("name");
        let place = plan.skills.iter().position(|it| it.name == name);
        let has = |agent: &&&Agent| agent.skills.iter().any(|(it, _)| Some(it.index()) == place);
        let (reserve, have) = (entry.count::<usize>("reserve"), at_work.iter().filter(has).count());
        if reserve >= have {
            let says = format!(
                "all {have} agents with skill \"{name}\" are kept back; others reach them only after `release`"
            );
            ground.found.warning("reserve", &entry.place("reserve"), says);
        }
    }
}

fn named<'p>(plan: &'p Plan, ground: &Ground<'_>, name: &str) -> Option<&'p Queue> {
    plan.queues.get(ground.roll.queues.find(name)?)
}

fn unserved(
    entry: &Entry,
    what: &str,
    needs: &Needs,
    agents: &[&Agent],
    plan: &Plan,
    ground: &mut Ground<'_>,
) {
    let has = |agent: &Agent, need: &(_, u8)| {
        agent.skills.iter().any(|(skill, level)| *skill == need.0 && *level >= need.1)
    };
    if agents.iter().any(|agent| needs.0.iter().all(|need| has(agent, need))) {
        return;
    }
    let name = |need: &(crate::base::numbers::SkillNo, u8)| {
        let name = plan.skills.get(need.0.index()).map_or("?", |it| it.name.as_str());
        format!("\"{name}\" at level {} or better", need.1)
    };
    let lacking: Vec<_> =
        needs.0.iter().filter(|need| !agents.iter().any(|it| has(it, need))).map(name).collect();
    let says = if lacking.is_empty() {
        let all: Vec<_> = needs.0.iter().map(name).collect();
        format!("{what}: no agent has all of {} - see agent.skills", all.join(", "))
    } else {
        format!("{what}: no agent has skill {} - see agent.skills", lacking.join(", "))
    };
    ground.found.warning("nobody", &entry.place("skills"), says);
}

/// Whether overflowing ends, and whether every queue can be reached.
pub fn led(
    sections: &Sections,
    plan: &Plan,
    (numbers, menus): (&[Number], &BTreeMap<usize, Menu>),
    trunks: &[&Trunk],
    ground: &mut Ground<'_>,
) {
    let targets = |queue: &Queue| {
        let to = |it: &Overflow| match it {
            Overflow::Queue(to) => Some(*to),
            Overflow::Stay | Overflow::Outside(_) | Overflow::Announce | Overflow::Busy => None,
        };
        [to(&queue.when_full), to(&queue.when_late), to(&queue.when_closed)]
    };
    let by_number = numbers.iter().filter_map(|it| match it.leads {
        Leads::Queue(queue) => Some(queue),
        Leads::Menu(_) => None,
    });
    let by_menu = menus.values().flat_map(Menu::queues);
    let mut reached: BTreeSet<QueueNo> = by_number.chain(by_menu).collect();
    reached.extend(trunks.iter().filter_map(|it| it.fallback));
    reached.extend(plan.queues.iter().filter(|it| !it.retired).flat_map(targets).flatten());
    for entry in sections.many("queue") {
        let Some(place) = ground.roll.queues.find(entry.text("name")) else { continue };
        let here = QueueNo::first(slot(place));
        if !reached.contains(&here) {
            let says = format!(
                "nothing leads to queue \"{}\": no number, fallback or overflow",
                entry.text("name")
            );
            ground.found.warning("never", &entry.place("name"), says);
        }
        let first = plan.queues.get(place).map(targets).unwrap_or_default();
        for (key, to) in ["full", "late", "closed"].into_iter().zip(first) {
            let Some(step) = entry.table(key).filter(|it| it.given("to").written) else { continue };
            if let Some(to) = to.filter(|to| leads_back(plan, *to, here, &targets)) {
                let name = plan.queues.get(to.index()).map_or("?", |it| it.name.as_str());
                let says = format!(
                    "overflowing to \"{name}\" leads back here: a call would go in circles"
                );
                ground.found.error("cycle", &step.place("to"), says);
            }
        }
    }
}

fn leads_back(
    plan: &Plan,
    from: QueueNo,
    here: QueueNo,
    targets: &dyn Fn(&Queue) -> [Option<QueueNo>; 3],
) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(queue) = next.pop() {
        if queue == here {
            return true;
        }
        if seen.insert(queue) {
            next.extend(
                plan.queues.get(queue.index()).map(targets).into_iter().flatten().flatten(),
            );
        }
    }
    false
}

/// Whether the numbers that calls overflow to may be called at all, and do not lead back to us.
pub fn overflowing(sections: &Sections, plan: &exchange::plan::Plan, ground: &mut Ground<'_>) {
    for entry in sections.many("queue") {
        for step in ["full", "late"].into_iter().filter_map(|it| entry.table(it)) {
            let Some(number) = step.may_text("to").and_then(queues::number) else { continue };
            let place = step.place("to");
            if let Some(refusal) = dial::never(plan, &number) {
                ground.found.error("not-allowed", &place, format!("{number}: {refusal}"));
            } else if plan.outgoing.trunks.is_empty() {
                let says = format!("{number}: there is no [[trunk]] to call out by");
                ground.found.error("missing", &place, says);
            } else if exchange::check::leads_to_us(plan, &number) {
                let says = format!("{number} is a [[number]] of ours: a call would go in circles");
                ground.found.error("cycle", &place, says);
            }
        }
    }
}

/// Whether sound and signalling have room for everyone at once.
pub fn roomy(
    sections: &Sections,
    agents: usize,
    legs: usize,
    dialogs: usize,
    ground: &mut Ground<'_>,
) {
    let ports = sections.one("rtp").place("ports");
    if legs < agents * 2 {
        let says =
            format!("{agents} agents talking at once take {} legs; there are {legs}", agents * 2);
        ground.found.warning("few", &ports, says);
    }
    if dialogs < legs {
        let says = format!("{legs} legs take as many dialogs; `sip.dialogs_max` is {dialogs}");
        ground.found.warning("few", &sections.one("sip").place("dialogs_max"), says);
    }
}

/// Secrets that stand in the file, where others than this machine can reach us.
pub fn literals(loopback: bool, ground: &mut Ground<'_>) {
    if loopback {
        return;
    }
    for place in std::mem::take(&mut ground.literals) {
        let says = "a secret in the file: whoever reads it has it. Better { file = \"…\" } or { env = \"…\" }";
        ground.found.warning("secret", &place, says.into());
    }
}
