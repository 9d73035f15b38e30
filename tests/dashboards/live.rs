//! A real Prometheus scrapes a real server that real calls go through, and every query of every
//! dashboard has something to show. Slow, as live tests are: half a minute.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::deployed::expressions;

const CALLS: u64 = 20;

/// How often something is looked at that is being waited for, and how many times.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: u32 = 480;

/// A process that ends with the test, and a folder that goes with it.
struct Running {
    child: Child,
    folder: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// A small city with calls going through it, and where its figures are.
fn city() -> (Running, String) {
    let calls = CALLS.to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lotse"))
        .args(["dev", "--agents", "4", "--seed", "1", "--calls", &calls])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let city = Running { child, folder: None };
    let figures = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.trim().strip_prefix("Figures").map(|it| it.trim().to_owned()))
        .expect("lotse dev says where its figures are");
    // Nobody reads the story, and a full pipe would stop it.
    thread::spawn(move || lines.for_each(drop));
    (city, figures)
}

/// A Prometheus with our rules that looks at `figures` every second, and where it answers.
fn prometheus(figures: &str) -> (Running, String) {
    let folder = env::temp_dir().join(format!("lotse-prometheus-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let rules = fs::canonicalize("deploy/prometheus").unwrap();
    let target = figures.trim_start_matches("http://").trim_end_matches("/metrics");
    let config = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
         rule_files: [\"{0}/acd.rules.yml\", \"{0}/acd.alerts.yml\"]\n\
         scrape_configs:\n  - job_name: lotse\n    static_configs: [{{ targets: [\"{target}\"] }}]\n",
        rules.display()
    );
    let file = folder.join("prometheus.yml");
    fs::write(&file, config).unwrap();

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={free}"))
        .arg("--log.level=error")
        .spawn()
        .expect("prometheus is here: `make setup` installs Debian's");
    (Running { child, folder: Some(folder) }, format!("http://{free}"))
}

fn get(url: &str, query: &str) -> Option<String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    agent.get(url).query("query", query).call().ok()?.body_mut().read_to_string().ok()
}

/// Looks again and again until there is something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        match look() {
            Some(found) => return found,
            None => thread::sleep(LOOK),
        }
    }
    panic!("{what}: not within {:?}", LOOK * LOOKS);
}

/// The sum of all series of a figure that counts, as scraped.
fn sum(text: &str, figure: &str) -> u64 {
    let values = text.lines().filter(|it| it.starts_with(figure));
    values.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

/// The values of an instant query, as written.
fn query(prometheus: &str, expr: &str) -> Vec<String> {
    let Some(text) = get(&format!("{prometheus}/api/v1/query"), expr) else { return vec![] };
    let answer: Value = serde_json::from_str(&text).unwrap();
    let rows = answer["data"]["result"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| Some(row["value"][1].as_str()?.to_owned())).collect()
}

/// Whether there is anything to draw: `NaN` and infinity are not.
fn shows(values: &[String]) -> bool {
    values.iter().any(|it| it.parse().is_ok_and(f64::is_finite))
}

#[test]
fn after_traffic_every_dashboard_has_something_to_show() {
    let (_city, figures) = city();
    let (_prometheus, prometheus) = prometheus(&figures);
    until("Prometheus' first scrape", || {
        (query(&prometheus, "up{job=\"lotse\"}") == ["1"]).then_some(())
    });
    let finished = "acd_calls_finished_total";
    let text = until("the end of all calls", || {
        let text = get(&figures, "")?;
        let quiet = sum(&text, "acd_sip_dialogs") == 0 && sum(&text, "acd_queue_calls{") == 0;
        let talked = sum(&text, "acd_call_talk_seconds_count");
        let answered = sum(&text, "acd_call_wait_seconds_count{outcome=\"answered\"");
        (quiet && sum(&text, finished) >= CALLS && talked >= answered).then_some(text)
    });
    until("a scrape of the end", || {
        let seen = query(&prometheus, &format!("sum({finished})"));
        (seen == [sum(&text, finished).to_string()]).then_some(())
    });

    // What was counted agrees with itself, and names nobody.
    assert_eq!(sum(&text, "acd_calls_offered_total"), sum(&text, finished));
    assert_eq!(sum(&text, "acd_facts_missed_total"), 0);
    assert!(sum(&text, "acd_rtp_packets_total{") > 0, "no leg reported its sound");
    for person in ["1001", "1004", "call-", "@"] {
        assert!(!text.contains(person), "{person} is in the figures");
    }
    check_metrics(&text);

    let mut empty = vec![];
    for (place, expr) in expressions() {
        let dashboard = place.contains(".json") && !place.contains("annotation");
        let recorded = place.starts_with("acd.rules.yml");
        if !dashboard && !recorded {
            continue;
        }
        // A rate needs two scrapes of a change, which the very last ones may not have seen yet.
        let mut values = query(&prometheus, &expr);
        for _ in 0..20 {
            if shows(&values) {
                break;
            }
            thread::sleep(LOOK);
            values = query(&prometheus, &expr);
        }
        if !shows(&values) {
            empty.push(format!("{place}: {expr} shows {values:?}"));
        }
    }
    assert!(empty.is_empty(), "\n{}\n", empty.join("\n"));
    assert_eq!(query(&prometheus, "ALERTS{alertname=\"Watchdog\",alertstate=\"firing\"}"), ["1"]);
}

fn check_metrics(text: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = promtool.wait_with_output().unwrap();
    let said = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!(said, ("".into(), "".into()));
}
