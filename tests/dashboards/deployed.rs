//! What `deploy/` holds for Grafana and Prometheus, as far as the tests look at it.

use std::fs;

use serde_json::Value;

/// Every expression of the deployed files, with where it stands.
pub(crate) fn expressions() -> Vec<(String, String)> {
    let mut found = vec![];
    for (file, dashboard) in dashboards() {
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let place = format!("{file}: {}", panel["title"]);
                let expr = target["expr"].as_str().unwrap().replace("$queue", ".*");
                found.push((place, expr));
            }
        }
        for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
            let place = format!("{file}: annotation {}", annotation["name"]);
            found.push((place, annotation["expr"].as_str().unwrap().to_owned()));
        }
    }
    for file in ["acd.rules.yml", "acd.alerts.yml"] {
        for rule in rules(file) {
            found.push((format!("{file}: {}", rule.name), rule.expr));
        }
    }
    found
}

/// Every dashboard, by its file's name.
pub(crate) fn dashboards() -> Vec<(String, Value)> {
    let folder = fs::read_dir("deploy/grafana/dashboards").unwrap();
    let mut files: Vec<_> = folder.map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.iter().map(read).collect()
}

/// A recording or an alert.
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) expr: String,
    pub(crate) runbook: Option<String>,
}

/// Reads the little of YAML that our rules use: a name, an expression on its line or below it.
pub(crate) fn rules(file: &str) -> Vec<Rule> {
    let text = fs::read_to_string(format!("deploy/prometheus/{file}")).unwrap();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut rules: Vec<Rule> = vec![];
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let told = line.trim().trim_start_matches("- ");
        if let Some(name) = told.strip_prefix("record: ").or(told.strip_prefix("alert: ")) {
            rules.push(Rule { name: name.to_owned(), expr: String::new(), runbook: None });
        } else if let Some(expr) = told.strip_prefix("expr: ") {
            let mut expr = expr.trim_start_matches('|').to_owned();
            while let Some(more) = lines.next_if(|it| indent(it) > indent(line)) {
                expr.push_str(more);
                expr.push('\n');
            }
            rules.last_mut().unwrap().expr = expr;
        } else if let Some(runbook) = told.strip_prefix("runbook_url: ") {
            rules.last_mut().unwrap().runbook = Some(runbook.to_owned());
        }
    }
    rules
}
