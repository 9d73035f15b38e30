//! Files that show what others rely on: the API's description and the names of the figures.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use axum::{body::Body, http::Request};
use lotse::api::routes;

use crate::api::Api;

/// Compares with the file, or writes it with `UPDATE_GOLDENS=1`.
pub(crate) fn hold(file: &str, text: &str) {
    if env::var_os("UPDATE_GOLDENS").is_some() {
        if let Some(folder) = Path::new(file).parent() {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(file, text).unwrap();
        return;
    }
    let known = fs::read_to_string(file).unwrap_or_default();
    for (number, (known, now)) in (1..).zip(known.lines().zip(text.lines())) {
        assert_eq!(now, known, "{file}:{number} (UPDATE_GOLDENS=1 writes the file anew)");
    }
    assert_eq!(text.lines().count(), known.lines().count(), "{file} (UPDATE_GOLDENS=1)");
}

#[test]
fn every_type_of_event_stands_in_the_documentation() {
    let page = fs::read_to_string("docs/API.md").unwrap();
    let source = fs::read_to_string("src/api/events.rs").unwrap();
    let rows = source.split("#[cfg(test)]").next().unwrap_or_default();
    let types = rows.split('"').filter(|it| it.starts_with("acd."));
    let missing: Vec<_> = types
        .filter(|kind| {
            let short = kind.splitn(3, '.').nth(2).unwrap_or_default();
            !page.contains(&format!("`{kind}`")) && !page.contains(&format!("`.{short}`"))
        })
        .collect();
    assert!(missing.is_empty(), "not in docs/API.md: {missing:?}");
}

#[test]
fn the_api_is_described_as_it_was() {
    let document = routes::openapi();
    hold("docs/openapi.json", &format!("{}\n", document.to_pretty_json().unwrap()));
}

#[test]
fn the_description_is_openapi_3_1_and_every_path_of_the_api_needs_a_token() {
    let document = serde_json::to_value(routes::openapi()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut open = vec![];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation.get("security").is_none() {
                open.push(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(open, ["get /api/v1", "get /healthz", "get /metrics", "get /readyz"]);
}

/// What the description says needs a token is refused without one, and with a wrong one.
#[tokio::test]
async fn nothing_that_needs_a_token_opens_without() {
    let mut api = Api::new(|_| panic!("nothing may reach the exchange"));
    api.morning();
    let document = serde_json::to_value(routes::openapi()).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation.get("security").is_none() {
                continue;
            }
            for token in
                [None, Some("Bearer wrong"), Some("Basic ZGV2"), Some("Bearer "), Some("dev")]
            {
                let mut request = Request::builder().method(method.to_uppercase().as_str());
                request = request.uri(path.replace("{id}", "1001"));
                if let Some(token) = token {
                    request = request.header("authorization", token);
                }
                let response = api.ask(request.body(Body::empty()).unwrap()).await;
                assert_eq!(response.status(), 401, "{method} {path} {token:?}");
                assert!(response.headers().contains_key("www-authenticate"));
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "{asked}");
}

/// Every figure with its labels and what they may say, as it is there from the start.
#[tokio::test]
async fn the_figures_are_called_as_they_were() {
    let api = Api::new(|_| None);
    let mut shown = String::new();
    for family in families(&api.get("/metrics").await) {
        writeln!(shown, "{} ({})\n    {}", family.name, family.kind, family.help).unwrap();
        for (label, values) in &family.labels {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            let values = match label.as_str() {
                // The build and the file are not the same everywhere.
                "version" | "commit" | "hash" => "…".to_owned(),
                _ => values.join(" "),
            };
            writeln!(shown, "    {label}: {values}").unwrap();
        }
        shown.push('\n');
    }
    hold("docs/metrics.txt", &shown);
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    help: String,
    /// In the order in which they were first seen: for edges, that is rising.
    labels: BTreeMap<String, Vec<String>>,
}

/// Reads Prometheus' text format, as far as needed here: our labels hold no quotes or commas.
fn families(text: &str) -> Vec<Family> {
    let mut families: Vec<Family> = vec![];
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            let (name, help) = (name.to_owned(), help.to_owned());
            families.push(Family { name, help, ..Family::default() });
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            families.last_mut().unwrap().kind = rest.split_once(' ').unwrap().1.into();
        } else if let Some((_, rest)) = line.split_once('{') {
            for label in rest.split_once('}').unwrap().0.split(',') {
                let (name, value) = label.split_once('=').unwrap();
                let values = families.last_mut().unwrap().labels.entry(name.to_owned());
                let (values, value) = (values.or_default(), value.trim_matches('"').to_owned());
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
    }
    families
}

/// What a morning does to the figures; everything else stays at zero.
#[tokio::test]
async fn a_morning_moves_the_figures_it_should_and_no_others() {
    let mut api = Api::new(|_| None);
    let before = api.get("/metrics").await;
    api.morning();
    let after = api.get("/metrics").await;

    let mut moved = String::new();
    let lines = |text: &str| {
        let kept = text.lines().filter(|it| !it.starts_with('#') && !it.starts_with("process_"));
        kept.filter(|it| !it.contains("_bucket{")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = lines(&before);
    for line in lines(&after).iter().filter(|line| !before.contains(line)) {
        moved.push_str(line);
        moved.push('\n');
    }
    hold("tests/scenarios/figures.txt", &moved);
    // Labels alone can name anybody; a hash or a time may hold the same digits by chance.
    let mut labels = after.split('"').skip(1).step_by(2);
    let people = ["1001", "1002", "4567", "cid-0", "call-0", "1M825S93G0000100"];
    let named = labels.find(|it| people.contains(it) || it.ends_with("4567"));
    assert_eq!(named, None, "somebody is in the figures");
}
