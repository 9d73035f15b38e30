//! Crews: who is at work when, and what they are like.

use crate::{
    acd::plan::{Agent, Level},
    base::{
        numbers::{AgentNo, SkillNo},
        time::Span,
    },
    config::{
        entry::Entry,
        ground::{Ground, slot},
    },
    scenario::{hours::Hours, law::law},
    sim::traffic::{
        law::Law,
        scenario::{Crew, Duty, Then},
    },
};

/// A crew, whose members are put into `agents`.
pub(super) fn crew(
    entry: &Entry,
    hours: &Hours,
    agents: &mut Vec<Agent>,
    ground: &mut Ground<'_>,
) -> Crew {
    let name = entry.may_text("name").unwrap_or_default().to_owned();
    if !name.is_empty() {
        ground.enter("agents", &name, &entry.place("name"));
    }
    let skills = ground.skills(entry, "skills");
    let written: Vec<&str> =
        ["count", "staffed", "shifts"].into_iter().filter(|key| entry.given(key).written).collect();
    match written.as_slice() {
        [_] => (),
        [] => {
            let says = "who is at work? One of `count`, `staffed` and `shifts` must be there";
            ground.found.error("missing", &entry.place, says.to_owned());
        }
        [first, others @ ..] => {
            for other in others {
                let says = format!("either `{first}` or `{other}`, not both");
                ground.found.error("conflict", &entry.place(other), says);
            }
        }
    }
    let mut crew = Hiring { name: &name, skills: &skills, agents, duties: vec![] };
    match written.first() {
        Some(&"count") => {
            for _ in 0..entry.count::<u32>("count") {
                let agent = crew.hire();
                crew.works(agent, hours.opens, hours.closes, Then::Home);
            }
        }
        Some(&"staffed") => staffed(entry, hours, &mut crew, ground),
        _ => entry.tables("shifts").for_each(|shift| works(shift, &mut crew, ground)),
    }
    let duties = crew.duties;
    let answers = law(entry, "answers", ground).unwrap_or(Law::NOTHING);
    let repair = law(entry, "phone_repair", ground).unwrap_or(Law::Fixed(30.0));
    Crew {
        name,
        duties,
        answers,
        unanswered: entry.number("unanswered"),
        returns: entry.time("returns"),
        failures: entry.number("phone_failures"),
        repair,
    }
}

/// A crew being put together.
struct Hiring<'a> {
    name: &'a str,
    skills: &'a [(SkillNo, Level)],
    agents: &'a mut Vec<Agent>,
    duties: Vec<Duty>,
}

impl Hiring<'_> {
    fn hire(&mut self) -> AgentNo {
        let slot = slot(self.agents.len());
        let (id, skills) = (format!("{}-{slot}", self.name), self.skills.to_vec());
        self.agents.push(Agent { id, skills, retired: false });
        AgentNo::first(slot)
    }

    fn works(&mut self, agent: AgentNo, from: Span, to: Span, then: Then) {
        if from < to {
            self.duties.push(Duty { agent, from, to, then });
        }
    }
}

/// So many in each interval: agent `n` is at work whenever more than `n` are wanted.
fn staffed(entry: &Entry, hours: &Hours, crew: &mut Hiring<'_>, ground: &mut Ground<'_>) {
    let wanted: Vec<u64> = entry.counts("staffed").collect();
    hours.fits(entry, "staffed", ground);
    let start = |at: usize| (hours.opens + hours.interval * at as u64).min(hours.closes);
    for place in 0..wanted.iter().copied().max().unwrap_or_default() {
        let agent = crew.hire();
        let mut since = None;
        for (at, wanted) in wanted.iter().chain([&0]).enumerate() {
            match since {
                None if *wanted > place => since = Some(start(at)),
                Some(from) if *wanted <= place => {
                    crew.works(agent, from, start(at), Then::Home);
                    since = None;
                }
                Some(_) | None => (),
            }
        }
    }
}

/// Those of one shift, all with the same breaks.
fn works(shift: &Entry, crew: &mut Hiring<'_>, ground: &mut Ground<'_>) {
    let (from, to) = (shift.time("from"), shift.time("to"));
    if to <= from && shift.given("to").written {
        ground.found.error(
            "conflict",
            &shift.place("to"),
            "the shift ends before it begins".into(),
        );
    }
    let mut breaks: Vec<(Span, Span)> = vec![];
    for pause in shift.tables("breaks") {
        let (begins, ends) = (pause.time("from"), pause.time("to"));
        let after = breaks.last().map_or(from, |last| last.1);
        if begins < after || ends <= begins || ends > to {
            let says = "a break lies within its shift and after the break before".to_owned();
            ground.found.error("conflict", &pause.place, says);
        }
        breaks.push((begins, ends));
    }
    for _ in 0..shift.count::<u32>("count") {
        let agent = crew.hire();
        let mut since = from;
        for &(begins, ends) in &breaks {
            crew.works(agent, since, begins, Then::Break);
            since = ends;
        }
        crew.works(agent, since, to, Then::Home);
    }
}
