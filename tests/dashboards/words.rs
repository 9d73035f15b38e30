//! Dashboards, rules and alerts name only what is: figures, labels, values, and places to read on.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fs,
    process::Command,
};

use promql_parser::{
    label::MatchOp,
    parser::{self, AggregateExpr, Expr, LabelModifier, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

use crate::deployed::{dashboards, expressions, rules};

/// What Prometheus itself adds, or makes.
const ADDED: [&str; 2] = ["job", "instance"];
const UP: &str = "up";

/// Label names, by figure, with the values that are there from the start.
type Figures = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The figures as `docs/metrics.txt` lists them; `tests/api` holds that file to the truth.
fn figures() -> Figures {
    let mut figures = Figures::new();
    for paragraph in fs::read_to_string("docs/metrics.txt").unwrap().split("\n\n") {
        let Some((head, rest)) = paragraph.trim().split_once('\n') else { continue };
        let (name, kind) = head.split_once(" (").unwrap();
        let labels = rest.lines().filter_map(|line| line.trim().split_once(": "));
        let labels: BTreeMap<String, BTreeSet<String>> = labels
            .map(|(label, values)| {
                (label.to_owned(), values.split(' ').map(str::to_owned).collect())
            })
            .collect();
        if kind == "histogram)" {
            let mut others = labels.clone();
            others.remove("le");
            for end in ["_sum", "_count"] {
                figures.insert(format!("{name}{end}"), others.clone());
            }
            figures.insert(format!("{name}_bucket"), labels);
        } else {
            figures.insert(name.to_owned(), labels);
        }
    }
    assert!(figures.len() > 40, "docs/metrics.txt was read wrongly");
    figures
}

struct Check<'a> {
    figures: &'a Figures,
    recorded: &'a BTreeSet<String>,
    faults: Vec<String>,
}

impl Check<'_> {
    fn selector(&mut self, selector: &VectorSelector) {
        let name = selector.name.clone().unwrap_or_default();
        if name == UP || self.recorded.contains(&name) {
            return;
        }
        let Some(labels) = self.figures.get(&name) else {
            self.faults.push(format!("there is no figure {name}"));
            return;
        };
        for matcher in &selector.matchers.matchers {
            if ADDED.contains(&matcher.name.as_str()) {
                continue;
            }
            let Some(values) = labels.get(&matcher.name) else {
                self.faults.push(format!("{name} has no label {}", matcher.name));
                continue;
            };
            let wanted: Vec<&str> = match &matcher.op {
                MatchOp::Equal | MatchOp::NotEqual => vec![&matcher.value],
                MatchOp::Re(_) | MatchOp::NotRe(_) => matcher.value.split('|').collect(),
            };
            for value in wanted {
                // Patterns are taken at their word; words must be known ones.
                let word = value.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
                if word && !values.contains(value) {
                    self.faults.push(format!("{name}: {} is never {value}", matcher.name));
                }
            }
        }
    }

    fn grouping(&mut self, labels: &[String]) {
        for label in labels.iter().filter(|it| !ADDED.contains(&it.as_str())) {
            if !self.figures.values().any(|it| it.contains_key(label)) {
                self.faults.push(format!("no figure has a label {label}"));
            }
        }
    }
}

impl ExprVisitor for Check<'_> {
    type Error = Infallible;

    #[allow(clippy::wildcard_enum_match_arm)] // Of many kinds of expression two name something.
    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Infallible> {
        match expr {
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::Aggregate(AggregateExpr { modifier: Some(modifier), .. }) => match modifier {
                LabelModifier::Include(labels) | LabelModifier::Exclude(labels) => {
                    self.grouping(&labels.labels);
                }
            },
            _ => (),
        }
        Ok(true)
    }
}

#[test]
fn every_expression_is_promql_and_names_only_figures_that_are() {
    let figures = figures();
    let recorded = rules("acd.rules.yml").into_iter().map(|rule| rule.name).collect();
    let expressions = expressions();
    assert!(expressions.len() > 70, "{}", expressions.len());
    let mut faults = vec![];
    for (place, text) in expressions {
        match parser::parse(&text) {
            Err(fault) => faults.push(format!("{place}: {fault}")),
            Ok(expr) => {
                let mut check = Check { figures: &figures, recorded: &recorded, faults: vec![] };
                let Ok(_) = walk_expr(&mut check, &expr);
                faults.extend(check.faults.into_iter().map(|fault| format!("{place}: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_wrong_word_in_an_expression_is_found() {
    let figures = figures();
    for (text, fault) in [
        ("sum(acd_queue_cals)", "there is no figure acd_queue_cals"),
        ("rate(acd_rona_total{skill=\"x\"}[5m])", "acd_rona_total has no label skill"),
        (
            "acd_calls_finished_total{outcome=~\"answered|lost\"}",
            "acd_calls_finished_total: outcome is never lost",
        ),
        ("sum by (colour) (acd_queue_calls)", "no figure has a label colour"),
        ("acd_call_wait_seconds", "there is no figure acd_call_wait_seconds"),
    ] {
        let expr = parser::parse(text).unwrap();
        let recorded = BTreeSet::new();
        let mut check = Check { figures: &figures, recorded: &recorded, faults: vec![] };
        let Ok(_) = walk_expr(&mut check, &expr);
        assert_eq!(check.faults, [fault]);
    }
}

#[test]
fn panels_have_a_unit_and_a_description_and_do_not_overlap() {
    let mut uids = BTreeSet::new();
    for (file, dashboard) in dashboards() {
        assert!(uids.insert(dashboard["uid"].to_string()), "{file}: its uid is another's");
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        assert!(variables.iter().any(|it| it["name"] == "datasource"), "{file}");

        let (mut ids, mut taken) = (BTreeSet::new(), BTreeMap::new());
        for panel in dashboard["panels"].as_array().unwrap() {
            let title = panel["title"].as_str().unwrap();
            assert!(
                ids.insert(panel["id"].as_u64().unwrap()),
                "{file}: {title}: its id is another's"
            );
            let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
            assert!(place("x") + place("w") <= 24, "{file}: {title} is too wide");
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    if let Some(other) = taken.insert((x, y), title) {
                        panic!("{file}: {title} lies over {other}");
                    }
                }
            }
            if panel["type"] == "row" {
                continue;
            }
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
            assert!(unit.is_some_and(|it| !it.is_empty()), "{file}: {title} has no unit");
            let description = panel["description"].as_str().unwrap();
            assert!(description.ends_with('.'), "{file}: {title} is not described");
            if let Some((_, runbook)) = description.split_once("OPERATIONS.md, ") {
                let alert = runbook.trim_end_matches('.');
                assert!(rules("acd.alerts.yml").iter().any(|it| it.name == alert), "{title}");
            }
        }
    }
}

#[test]
fn every_alert_says_where_to_read_what_to_do() {
    let operations = fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let headings: BTreeSet<String> = operations
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .collect();
    let alerts = rules("acd.alerts.yml");
    assert!(alerts.len() > 10);
    for alert in alerts {
        let runbook = alert.runbook.unwrap_or_default();
        let anchor = runbook.strip_prefix("docs/OPERATIONS.md#").unwrap();
        assert_eq!(anchor, alert.name.to_lowercase());
        assert!(headings.contains(anchor), "docs/OPERATIONS.md says nothing of {}", alert.name);
    }
}

#[test]
fn promtool_finds_no_fault_with_the_rules_and_their_tests_pass() {
    for arguments in [
        &["check", "rules", "acd.rules.yml", "acd.alerts.yml"][..],
        &["test", "rules", "acd.tests.yml", "acd.week.tests.yml"],
        &["check", "config", "--syntax-only", "scrape.example.yml"],
    ] {
        let mut promtool = Command::new("promtool");
        let ran = promtool.args(arguments).current_dir("deploy/prometheus").output();
        let ran = ran.expect("promtool is here: `make setup` installs Debian's prometheus");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned()
            + &String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "promtool {}\n{said}", arguments.join(" "));
    }
}
