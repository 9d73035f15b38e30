//! A server of our own with its agents and callers, on ports the system hands out.

use std::{
    fmt::Write as _,
    fs,
    net::{TcpListener, UdpSocket},
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

use crate::process::Process;

/// What to start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// How many agents, all behind one address.
    pub(crate) agents: usize,
    /// How long an agent speaks.
    pub(crate) talk: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self { agents: 100, talk: Duration::from_millis(300) }
    }
}

/// The server and its surroundings.
#[derive(Debug)]
pub(crate) struct World {
    /// The server under measurement.
    pub(crate) server: Process,
    /// Where all its agents' phones are.
    pub(crate) agent_port: u16,
    sip: u16,
    http: u16,
    talk: Duration,
    folder: PathBuf,
}

impl World {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(plan: &Plan) -> Self {
        let (sip, http, agent_port) = (free_udp(), free_tcp(), free_udp());
        let folder = std::env::temp_dir().join(format!("lotse-bench-{}-{sip}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("lotse.toml");
        fs::write(&file, config(plan, sip, http, agent_port)).unwrap();
        let server = Process::start(
            Command::new(env!("CARGO_BIN_EXE_lotse")).args(["serve", "-c"]).arg(&file),
        );
        let world = Self { server, agent_port, sip, http, talk: plan.talk, folder };
        until("ready", Duration::from_secs(10), || world.get("/readyz").is_some());
        world
    }

    /// A crowd of phones behind one address.
    pub(crate) fn sipp_agents(&self, most: usize) -> Process {
        let port = self.agent_port.to_string();
        let talk = self.talk.as_millis().to_string();
        self.sipp("agent.xml", &["-p", &port, "-d", &talk, "-l", &(most * 2).to_string()])
    }

    /// Callers: `calls` in all, `rate` a second, at most `most` at once.
    pub(crate) fn sipp_callers(&self, calls: usize, rate: f64, most: usize) -> Process {
        let (target, port) = (format!("127.0.0.1:{}", self.sip), free_udp().to_string());
        let (calls, rate, most) = (calls.max(1).to_string(), rate.to_string(), most.to_string());
        self.sipp(
            "caller.xml",
            &[&target, "-s", "1230", "-p", &port, "-m", &calls, "-r", &rate, "-l", &most],
        )
    }

    fn sipp(&self, scenario: &str, more: &[&str]) -> Process {
        let scenario = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sipp").join(scenario);
        Process::start(
            Command::new("sipp")
                .arg("-sf")
                .arg(scenario)
                .args(["-i", "127.0.0.1", "-nostdin"])
                .args(more)
                .current_dir(&self.folder),
        )
    }

    /// Waits until the sum of a metric over all labels reaches `at_least`.
    pub(crate) fn wait_for(&self, metric: &str, at_least: f64, limit: Duration) {
        until(metric, limit, || self.sum(metric, "").is_some_and(|sum| sum >= at_least));
    }

    /// Waits until so many calls have been answered.
    pub(crate) fn wait_for_talking(&self, at_least: f64, limit: Duration) {
        until("talking", limit, || {
            self.sum("acd_calls_finished_total", "outcome=\"answered\"")
                .is_some_and(|sum| sum >= at_least)
        });
    }

    fn sum(&self, metric: &str, label: &str) -> Option<f64> {
        let text = self.get("/metrics")?;
        let of_metric = |line: &&str| {
            line.strip_prefix(metric).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && line.contains(label)
        };
        let values = text.lines().filter(of_metric);
        Some(values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    fn get(&self, path: &str) -> Option<String> {
        let url = format!("http://127.0.0.1:{}{path}", self.http);
        ureq::get(&url).call().ok()?.body_mut().read_to_string().ok()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn until(what: &str, limit: Duration, mut so: impl FnMut() -> bool) {
    let step = Duration::from_millis(50);
    for _ in 0..limit.as_millis() / step.as_millis() {
        if so() {
            return;
        }
        thread::sleep(step);
    }
    panic!("{what}: not within {limit:?}");
}

/// A configuration of one queue whose agents all stand at one fixed address.
fn config(plan: &Plan, sip: u16, http: u16, agent_port: u16) -> String {
    let mut text = format!(
        r#"
[sip]
listen = ["udp://127.0.0.1:{sip}"]
dialogs_max = 50000
transactions_max = 200000

[rtp]
# Below the ports that the system hands out.
ports = "10000-31999"

[http]
listen = "127.0.0.1:{http}"

[limits]
calls = 10000
calls_per_second = 1000000

[log]
filter = "warn"

[[trunk]]
name = "bench"
allow = ["127.0.0.1"]

[[queue]]
name = "bench"
full = {{ waiting = 10000 }}
wrap_up = "0s"

[[number]]
digits = "1230"
queue = "bench"
"#
    );
    if plan.agents > 0 {
        let last = 10_000 + plan.agents - 1;
        let _ = write!(
            text,
            r#"
[[phone]]
users = "10000-{last}"
address = "udp://127.0.0.1:{agent_port}"

[[agent]]
ids = "10000-{last}"
phone = "{{id}}"
ready_on_register = true
"#
        );
    }
    text
}

/// A UDP port that is free now.
fn free_udp() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A TCP port that is free now.
fn free_tcp() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
