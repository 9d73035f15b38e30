//! Scenario files, good and bad, and what changes to them come to.

use std::path::Path;

use crate::{
    acd::plan::Needs,
    base::time::Span,
    config::document::markdown,
    scenario::{keys::SECTIONS, load, read::read, what_if::WhatIf},
    sim::traffic::{
        play,
        scenario::{Arrivals, Scenario},
    },
};

/// A good file, to be spoilt in one place at a time.
const GOOD: &str = r#"
[day]
name = "d"
opens = "08:00"
closes = "10:00"
interval = "30m"
[[skill]]
name = "german"
[[skill]]
name = "english"
[[queue]]
name = "q"
skills = ["german"]
[[callers]]
name = "c"
queue = "q"
per_hour = [60, 80, 80, 60]
handling = { mean = "240s" }
patience = { mean = "180s" }
[[agents]]
name = "a"
skills = ["german"]
staffed = [2, 3, 1, 2]
"#;

fn good(text: &str) -> Scenario {
    match read("f", text) {
        Ok((scenario, warnings)) => {
            assert_eq!(warnings.to_string(), "");
            scenario
        }
        Err(faults) => panic!("{faults}"),
    }
}

/// What is replaced in [`GOOD`], by what, and all that is then said.
const SPOILT: &[(&str, &str, &str)] = &[
    ("[day]", "[day", "2:5: error: unclosed table, expected `]`"),
    (
        "per_hour",
        "per_huor",
        "14:1: error: when do they call? One of `per_hour`, `per_day` and `arrivals` must be there\n\
         17:1: error: unknown key `per_huor`, did you mean `per_hour`?",
    ),
    ("queue = \"q\"", "queue = \"p\"", "16:9: error: no queue is called \"p\" (known: q)"),
    ("[60, 80, 80, 60]", "[60, 80]", "17:12: error: 2 values for 4 intervals of 30m"),
    ("[60, 80, 80, 60]", "[-1]", "17:13: error: -1 is less than the minimum of 0"),
    ("per_hour", "per_day = 7\nper_hour", "17:11: error: either `per_hour` or `per_day`, not both"),
    (
        "\"10:00\"",
        "\"7:00\"",
        "5:10: error: \"7:00\" is not a time of day such as \"07:30\" or \"07:30:15\"",
    ),
    ("\"10:00\"", "\"07:00\"", "5:10: error: the day closes before it opens"),
    (
        "{ mean = \"240s\" }",
        "{ law = \"log\" }",
        "18:12: error: `exponential` needs `mean`\n18:20: error: \"log\" is not \"exponential\", \
         \"log-normal\", \"fixed\" or \"empirical\", did you mean \"log-normal\"?",
    ),
    (
        "{ mean = \"240s\" }",
        "{ law = \"empirical\", values = [\"4m\", 3] }",
        "18:49: error: 3: a time needs its unit, in quotes: \"15s\", \"250ms\", \"2m\", \"1h\"",
    ),
    (
        "staffed = [2, 3, 1, 2]",
        "shifts = [{ from = \"08:00\", to = \"10:00\", breaks = [{ from = \"09:50\", to = \"10:10\" }] }]",
        "23:53: error: a break lies within its shift and after the break before",
    ),
    (
        "skills = [\"german\"]\nstaffed",
        "staffed",
        "16:9: warning: nobody at work has what callers \"c\" need: see agents.skills",
    ),
    ("[[agents]]", "[[agent]]", "20:3: error: unknown section `agent`, did you mean `agents`?"),
];

#[test]
fn every_fault_has_its_line_and_says_what_is_allowed() {
    let mut wrong = vec![];
    for (good, bad, expected) in SPOILT {
        let text = GOOD.replacen(good, bad, 1);
        assert_ne!(text, GOOD, "{good}");
        let faults = match read("f", &text) {
            Ok((_, warnings)) => warnings,
            Err(faults) => faults,
        };
        let says = faults.to_string().replace("f:", "");
        if says != *expected {
            wrong.push(format!("{bad}:\n{says}\nis not\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}

#[test]
fn rates_shapes_and_staff_become_callers_and_duties() {
    let scenario = good(GOOD);
    assert_eq!(scenario.callers[0].arrivals, Arrivals::Expected(vec![30.0, 40.0, 40.0, 30.0]));
    assert_eq!(
        scenario.plan.queues[0].needs,
        Needs(vec![(crate::base::numbers::SkillNo::first(0), 1)])
    );
    let minutes = |span: Span| span.as_millis() / 60_000;
    let duties = scenario.crews[0].duties.iter();
    let duties: Vec<_> =
        duties.map(|it| (it.agent.index(), minutes(it.from), minutes(it.to))).collect();
    assert_eq!(duties, [(0, 480, 600), (1, 480, 540), (1, 570, 600), (2, 510, 540)]);

    let shaped = GOOD.replace("per_hour = [60, 80, 80, 60]", "per_day = 60\nshape = [1, 2, 2, 1]");
    let expected = Arrivals::Expected(vec![10.0, 20.0, 20.0, 10.0]);
    assert_eq!(good(&shaped).callers[0].arrivals, expected);
}

#[test]
fn every_example_is_good_and_plays() {
    let mut seen = 0;
    for entry in std::fs::read_dir("config/scenarios").unwrap() {
        let path = entry.unwrap().path();
        let (scenario, warnings) = load(&path).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(warnings.to_string(), "", "{}", path.display());
        let day = play::day(&scenario, 1);
        let callers: u32 = day.cells.iter().map(|cell| cell.offered).sum();
        let off = (f64::from(callers) - scenario.expected()).abs();
        assert!(off < 5.0 * scenario.expected().sqrt(), "{}: {callers}", path.display());
        assert!(day.cells.iter().all(|cell| cell.offered == cell.ended()), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn a_change_is_made_where_it_says_and_nowhere_else() {
    let (monday, _) = load(Path::new("config/scenarios/leipzig-2019-monday.toml")).unwrap();
    let after =
        |text: &str| text.parse::<WhatIf>().unwrap().apply(&monday).map_err(|it| it.to_string());
    let at_noon = |scenario: &Scenario| {
        let duties = scenario.crews.iter().flat_map(|crew| &crew.duties);
        duties.filter(|it| it.from <= Span::secs(43_200) && it.to > Span::secs(43_200)).count()
    };
    assert_eq!(at_noon(&monday), 13);
    assert_eq!(at_noon(&after("agents.english=+2").unwrap()), 15);
    assert_eq!(at_noon(&after("agents.115=-1").unwrap()), 12);
    assert_eq!(after("reserve=0").unwrap().plan.skills[2].reserve, 0);
    assert_eq!(after("theta=12s").unwrap().plan.skills[2].release, Span::secs(12));
    assert_eq!(after("theta=12s").unwrap().plan.skills[0].release, Span::secs(16));
    assert!((after("volume=3x").unwrap().expected() - 3.0 * monday.expected()).abs() < 1e-6);
    assert!((after("aht.115=+10%").unwrap().callers[1].handling.mean() - 264.0).abs() < 1e-9);
    assert_eq!(after("reserve.german=1").unwrap().plan.skills[0].reserve, 1);
    assert_eq!(
        after("agents.englsh=+1").unwrap_err(),
        "agents.englsh=+1: there is no \"englsh\", did you mean `english`?"
    );
}

#[test]
fn the_documentation_holds_every_key_as_it_is() {
    const MARK: &str = "<!-- From here on written by the tests; BLESS=1 writes it anew. -->\n\n";
    const PATH: &str = "docs/SIMULATION.md";
    let own = SECTIONS.iter().filter(|it| !matches!(it.name, "queue" | "skill"));
    let keys = markdown(&own.copied().collect::<Vec<_>>());
    let text = std::fs::read_to_string(PATH).unwrap();
    let (told, _) = text.split_once(MARK).expect("the mark is there");
    let expected = format!("{told}{MARK}{keys}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PATH, &expected).unwrap();
    }
    assert!(text == expected || std::env::var_os("BLESS").is_some(), "BLESS=1 writes it anew");
}
