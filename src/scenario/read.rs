//! A scenario as written to a scenario as meant. Reads all, reports all, and only then says no.

use std::path::Path;

use crate::{
    acd::{
        input::Channel,
        plan::{Agent, Overflow, Plan},
    },
    base::{numbers::QueueNo, time::Span},
    config::{
        check::{people, queues},
        entry::Entry,
        fault::{Faults, Subject},
        file,
        ground::{Ground, slot},
        roll::Roll,
        sections::Sections,
    },
    scenario::{
        hours::{Hours, hours},
        keys::SECTIONS,
        law::law,
        people as crews,
    },
    sim::{
        traffic::{
            law::Law,
            scenario::{Arrivals, Callers, Closing, Scenario},
        },
        world::wire::Weather,
    },
};

/// Reads `text`, which people know as `name`. Warnings come along with the scenario.
pub fn read(name: &str, text: &str) -> Result<(Scenario, Faults), Faults> {
    let mut ground =
        Ground::new(text, Path::new(name).parent().unwrap_or(Path::new("")), Roll::default());
    let scenario = match file::parse(text) {
        Ok(file) => {
            Some(scenario(&Sections::read(&file, SECTIONS, &mut ground.found), &mut ground))
        }
        Err(error) => {
            let place = error.span().unwrap_or_default();
            ground.found.error("syntax", &place, error.message().replace('\n', ", "));
            None
        }
    };
    let (errors, warnings) = ground.found.sorted(name, text);
    let of = Subject::Scenario;
    match scenario {
        Some(scenario) if errors.list.is_empty() => Ok((scenario, Faults { of, ..warnings })),
        Some(_) | None => Err(Faults { of, ..errors }),
    }
}

fn scenario(sections: &Sections, ground: &mut Ground<'_>) -> Scenario {
    people::enter_skills(sections, ground);
    queues::enter(sections, ground);
    let day = sections.one("day");
    let hours = hours(day, ground);
    let skills = people::skills(sections, ground).into_values().collect();
    let queues: Vec<_> = queues::lines(sections, ground).queues.into_values().collect();
    let callers: Vec<Callers> = sections
        .many("callers")
        .iter()
        .filter_map(|entry| callers(entry, &hours, ground))
        .collect();
    let mut agents: Vec<Agent> = vec![];
    let crews =
        sections.many("agents").iter().map(|it| crews::crew(it, &hours, &mut agents, ground));
    let crews = crews.collect();
    let plan = Plan { skills, queues, agents, calls_max: u32::MAX };
    for (section, is_empty) in [("queue", plan.queues.is_empty()), ("callers", callers.is_empty())]
    {
        if is_empty && sections.many(section).is_empty() {
            let says = format!("nobody calls: there is no [[{section}]]");
            ground.found.error("missing", &(0..0), says);
        }
    }
    served(sections, &plan, &callers, ground);
    let network = sections.one("network");
    Scenario {
        name: day.text("name").to_owned(),
        plan,
        opens: hours.opens,
        closes: hours.closes,
        at_closing: if day.text("at_closing") == "end" { Closing::End } else { Closing::Serve },
        interval: hours.interval,
        callers,
        crews,
        weather: Weather {
            loss: network.number("loss"),
            twice: network.number("twice"),
            garbled: 0.0,
            delay: network.time("delay"),
            jitter: network.time("jitter"),
        },
    }
}

fn callers(entry: &Entry, hours: &Hours, ground: &mut Ground<'_>) -> Option<Callers> {
    let name = entry.may_text("name").unwrap_or_default().to_owned();
    if !name.is_empty() {
        ground.enter("callers", &name, &entry.place("name"));
    }
    let own = ground.needs(entry, "skills");
    let arrivals = arrivals(entry, hours, ground);
    let [handling, wrap_up, patience] =
        ["handling", "wrap_up", "patience"].map(|key| law(entry, key, ground));
    let queue = entry.text("queue");
    let is_known = ground.look_up("queue", queue, &entry.place("queue"));
    let channel = Channel::ALL.into_iter().find(|it| it.word() == entry.text("channel"));
    is_known.then(|| Callers {
        queue: QueueNo::first(slot(ground.roll.queues.place(queue))),
        name,
        own,
        channel: channel.unwrap_or_default(),
        arrivals,
        patience: patience.unwrap_or(Law::Never),
        handling: handling.unwrap_or(Law::NOTHING),
        wrap_up,
    })
}

fn arrivals(entry: &Entry, hours: &Hours, ground: &mut Ground<'_>) -> Arrivals {
    let written: Vec<&str> = ["per_hour", "per_day", "arrivals"]
        .into_iter()
        .filter(|key| entry.given(key).written)
        .collect();
    match written.as_slice() {
        [] => {
            let says =
                "when do they call? One of `per_hour`, `per_day` and `arrivals` must be there";
            ground.found.error("missing", &entry.place, says.to_owned());
        }
        [_] => (),
        [first, others @ ..] => {
            for other in others {
                let says = format!("either `{first}` or `{other}`, not both");
                ground.found.error("conflict", &entry.place(other), says);
            }
        }
    }
    if entry.given("shape").written && written.first() != Some(&"per_day") {
        let says = "`shape` spreads `per_day`, which is not here".to_owned();
        ground.found.error("conflict", &entry.place("shape"), says);
    }
    if entry.given("arrivals").written {
        let mut times: Vec<Span> = entry.times("arrivals").collect();
        times.sort_unstable();
        if times.iter().any(|at| *at < hours.opens || *at >= hours.closes) {
            let says = "someone calls before the day opens or after it closes".to_owned();
            ground.found.error("conflict", &entry.place("arrivals"), says);
        }
        return Arrivals::Times(times);
    }
    let share = |at: usize| hours.length(at).as_secs_f64();
    if let Some(per_day) = entry.may_number("per_day") {
        let weights = match each(entry, "shape", hours, ground).as_slice() {
            [] => (0..hours.count).map(share).collect(),
            weights => weights.to_vec(),
        };
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 {
            let says = "all weights are 0: when do they call?".to_owned();
            ground.found.error("conflict", &entry.place("shape"), says);
        }
        return Arrivals::Expected(weights.iter().map(|it| per_day * it / sum).collect());
    }
    let per_hour = each(entry, "per_hour", hours, ground);
    let expected = per_hour.iter().enumerate().map(|(at, rate)| rate * share(at) / 3_600.0);
    Arrivals::Expected(expected.collect())
}

/// A list with a value for each interval, or one for all. Empty if it was not written.
fn each(entry: &Entry, key: &str, hours: &Hours, ground: &mut Ground<'_>) -> Vec<f64> {
    let values: Vec<f64> = entry.numbers(key).collect();
    match (entry.list(key).len(), values.as_slice()) {
        (1, values) => vec![values.first().copied().unwrap_or_default(); hours.count],
        (_, values) => {
            hours.fits(entry, key, ground);
            values.to_vec()
        }
    }
}

/// Whether everyone who calls could ever be served.
fn served(sections: &Sections, plan: &Plan, callers: &[Callers], ground: &mut Ground<'_>) {
    for (entry, callers) in sections.many("callers").iter().zip(callers) {
        let Some(queue) = plan.queues.get(callers.queue.index()) else { continue };
        let needs = queue.needs.and(&callers.own).relaxed(&queue.relax);
        let goes_on = |overflow: &Overflow| matches!(overflow, Overflow::Queue(_));
        if plan.agents.iter().any(|agent| needs.met_by(&agent.skills)) || goes_on(&queue.when_late)
        {
            continue;
        }
        let says =
            format!("nobody at work has what callers \"{}\" need: see agents.skills", callers.name);
        match callers.patience {
            Law::Never => ground.found.error("nobody", &entry.place("queue"), says),
            Law::Fixed(_) | Law::Exponential(_) | Law::LogNormal { .. } | Law::Empirical(_) => {
                ground.found.warning("nobody", &entry.place("queue"), says);
            }
        }
    }
}
