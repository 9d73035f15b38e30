//! What live tests share: the real server on free ports, and other programs beside it.

// Each test takes what it needs.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

pub mod baresip;
pub mod by_hand;
pub mod dns;
pub mod lossy;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread,
    time::Duration,
};

/// How long anything may take that should happen soon. Other programs share the machine.
pub const SOON: Duration = Duration::from_secs(20);

/// For SIPp where messages are lost or late: it asks often, and bears what it does not expect, as
/// what was on its way already.
pub const PATIENT: [&str; 6] = [
    "-max_invite_retrans",
    "9",
    "-max_non_invite_retrans",
    "12",
    "-default_behaviors",
    "all,-abortunexp",
];

/// RTP ports of one server, below those that the system hands out by itself.
const RTP_PORTS: u16 = 400;

/// The server under test, by a file of its own in a folder of its own.
pub struct World {
    pub sip: u16,
    /// SIP by TLS.
    pub tls: u16,
    /// SIP by WebSocket.
    pub ws: u16,
    pub http: u16,
    pub folder: PathBuf,
    pub server: Program,
}

/// A program that ends with us.
pub struct Program {
    name: String,
    child: Child,
}

impl World {
    /// The city of `config/dev.toml` on free ports, with `more` behind it.
    pub fn start(more: &str) -> Self {
        Self::start_with(|text| text + more)
    }

    /// The city of `config/dev.toml` on free ports, its file changed by `change`.
    pub fn start_with(change: impl FnOnce(String) -> String) -> Self {
        Self::start_at(free_port(), change)
    }

    /// The same, where others know its SIP port already.
    pub fn start_at(sip: u16, change: impl FnOnce(String) -> String) -> Self {
        let (http, first) = (free_port(), free_range());
        let (tls, ws) = (free_port(), free_port());
        let city = fs::read_to_string(root().join("config/dev.toml")).unwrap();
        let text = city
            .replace("5060", &sip.to_string())
            .replace("8080", &http.to_string())
            .replace("20000-29999", &format!("{first}-{}", first + RTP_PORTS - 1));
        let name = format!("lotse-test-{}-{first}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        certify(&folder);
        let text = change(text) + &listeners(tls, ws);
        fs::write(folder.join("lotse.toml"), text).unwrap();
        let server = serve(&folder);
        Self { sip, tls, ws, http, folder, server }
    }

    /// Kills the server, and starts it anew.
    pub fn start_again(&mut self) {
        self.server.kill();
        self.server = serve(&self.folder);
    }

    /// The body at `path`, whatever its status.
    pub fn get(&self, path: &str) -> String {
        self.try_get(path).unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    fn try_get(&self, path: &str) -> Result<String, ureq::Error> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let url = format!("http://127.0.0.1:{}{path}", self.http);
        let request = ureq::Agent::from(config).get(&url).header("Authorization", "Bearer dev");
        request.call()?.body_mut().read_to_string()
    }

    /// The sum of a metric over all label sets that contain `label`.
    pub fn metric(&self, name: &str, label: &str) -> u64 {
        let is_it = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && line.contains(label)
        };
        let text = self.get("/metrics");
        let values = text.lines().filter(is_it).filter_map(|line| line.rsplit(' ').next());
        values.map(|value| value.parse::<u64>().unwrap()).sum()
    }

    /// The state of an agent, in the API's word.
    pub fn agent(&self, id: &str) -> String {
        let agent: serde_json::Value =
            serde_json::from_str(&self.get(&format!("/api/v1/agents/{id}"))).unwrap();
        agent["state"].as_str().unwrap().to_owned()
    }

    /// Waits until a metric is at least so large.
    pub fn wait_for(&self, name: &str, label: &str, at_least: u64) {
        until(&format!("{name} {label} ≥ {at_least}"), || self.metric(name, label) >= at_least);
    }

    /// A program of SIPp in the folder of this world, by a scenario of `tests/sipp`.
    pub fn sipp(&self, scenario: &str, args: &[&str]) -> Program {
        self.sipp_by(&root().join("tests/sipp").join(scenario), args)
    }

    /// The same, its scenario changed by `change`.
    pub fn sipp_as(
        &self,
        scenario: &str,
        change: impl FnOnce(String) -> String,
        args: &[&str],
    ) -> Program {
        let text = fs::read_to_string(root().join("tests/sipp").join(scenario)).unwrap();
        let changed = self.folder.join(scenario);
        fs::write(&changed, change(text)).unwrap();
        self.sipp_by(&changed, args)
    }

    fn sipp_by(&self, scenario: &Path, args: &[&str]) -> Program {
        let mut command = Command::new("sipp");
        command.arg("-sf").arg(scenario).args(["-i", "127.0.0.1", "-nostdin"]).args(args);
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        Program::start("sipp", &mut command)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Program {
    pub fn start(name: &str, command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|why| panic!("{name} does not start (make setup): {why}"));
        Self { name: name.to_owned(), child }
    }

    /// What it says first, when its output is piped; the rest is read and thrown away.
    pub fn first_line(&mut self) -> String {
        let mut lines = BufReader::new(self.child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        line
    }

    /// Sends a signal by its name: `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Ends it at once, without a word to anyone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ends by itself.
    pub fn finish(&mut self, limit: Duration) -> ExitStatus {
        let mut ended = None;
        until_within(limit, &format!("{} ends", self.name), || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a server by the file in `folder`, and waits until it listens.
fn serve(folder: &Path) -> Program {
    let mut command = lotse();
    command.args(["serve", "-c"]).arg(folder.join("lotse.toml"));
    // Kept for whoever looks into a test that failed.
    let log = fs::OpenOptions::new().append(true).create(true).open(folder.join("server.log"));
    let mut server = Program::start("lotse", command.stdout(Stdio::piped()).stderr(log.unwrap()));
    let line = server.first_line();
    assert!(line.contains("listens"), "the server did not start: {line:?}");
    server
}

/// What the city listens on besides.
fn listeners(tls: u16, ws: u16) -> String {
    format!(
        "\n[[listener]]\naddress = \"tls://127.0.0.1:{tls}\"\n\
         [[listener]]\naddress = \"ws://127.0.0.1:{ws}\"\n\
         [tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\n"
    )
}

/// Writes a new certificate for this machine, which vouches for itself, and its key.
pub fn certify(folder: &Path) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    fs::write(folder.join("own.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("own.key"), made.signing_key.serialize_pem()).unwrap();
}

/// The program under test; for figures by hand another build of it, `LOTSE_BIN`.
pub fn lotse() -> Command {
    let built = || env!("CARGO_BIN_EXE_lotse").into();
    Command::new(std::env::var_os("LOTSE_BIN").unwrap_or_else(built))
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A port that is free for UDP and TCP, another one each time: the system may well hand out again
/// what was just given back.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..64 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        let is_free = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if is_free && GIVEN.lock().unwrap().insert(port) {
            return port;
        }
    }
    panic!("no port is free");
}

/// The first of [`RTP_PORTS`] ports that nobody holds, another one each time. Above those that a
/// city of `lotse dev` beside us takes.
fn free_range() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let is_free = |port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (0..24)
        .map(|_| 22_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 24 * RTP_PORTS)
        .find(|&first| (first..first + RTP_PORTS).all(is_free))
        .expect("a free range of ports")
}

/// Waits until something is so.
pub fn until(what: &str, so: impl FnMut() -> bool) {
    until_within(SOON, what, so);
}

/// Waits until something is so, not longer than that.
pub fn until_within(limit: Duration, what: &str, mut so: impl FnMut() -> bool) {
    let step = Duration::from_millis(25);
    for _ in 0..limit.as_millis() / step.as_millis() {
        if so() {
            return;
        }
        thread::sleep(step);
    }
    panic!("{what}: not within {limit:?}");
}
