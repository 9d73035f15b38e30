//! What a pure room may not say, and what nobody may: clocks and containers without an order (invariants 2 to 4).

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Value};

use crate::house::{Complaint, House, reaches, room_of};

/// Rooms with no IO, no clock, no async, no lock.
const PURE: &[&str] = &[
    "base", "sdp", "rtp", "sip", "acd", "media", "bridge", "exchange", "board", "staff", "trace",
    "sim",
];

/// What waits, locks, may fail for want of something, or shows. A `LazyLock` is not among them: it is a constant that
/// is made when it is first used.
const BANNED: &[&str] = &[
    "async",
    ".await",
    "std::thread",
    "std::fs",
    "std::process",
    "std::env",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net::UdpSocket",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::ToSocketAddrs",
    "std::os",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::Condvar",
    "std::sync::Barrier",
    "std::sync::Once",
    "std::sync::OnceLock",
    "std::sync::atomic",
    "std::sync::mpsc",
    "std::time::SystemTime",
    "std::thread_local!",
    "thread_local!",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "std::print!",
    "std::println!",
    "std::eprint!",
    "std::eprintln!",
    "axum",
    "crossbeam_channel",
    "getrandom",
    "hickory_resolver",
    "hyper",
    "libc",
    "mio",
    "rustix",
    "rustls",
    "signal_hook",
    "socket2",
    "tokio",
    "tokio_stream",
    "tracing",
    "ureq",
];

/// The one file that reads a clock.
const CLOCK: &str = "src/net/clock.rs";

/// Ways to read a clock that clippy's list does not name.
const CLOCKS: &[&str] = &[
    ".elapsed",
    "std::time::Instant::elapsed",
    "std::time::SystemTime::elapsed",
    "tokio::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "libc::clock_gettime",
    "libc::gettimeofday",
    "libc::time",
];

/// In a pure room nothing waits, locks or reads a clock.
pub(crate) fn complaints(house: &House) -> Vec<Complaint> {
    let mut faults = BTreeSet::new();
    for (path, taken) in house.taken().filter(|(path, _)| PURE.contains(&room_of(path))) {
        for word in BANNED.iter().filter(|word| reaches(&taken.path, word)) {
            faults.insert(format!("{path}:{}: {word}", taken.line));
        }
    }
    faults.into_iter().collect()
}

/// What clippy.toml disallows, and other clocks, stand nowhere; this holds them where clippy is told to look away.
pub(crate) fn disallowed(house: &House, clippy: &str) -> Vec<Complaint> {
    let lists: DocumentMut = clippy.parse().expect("clippy reads the same file");
    let mut faults = BTreeSet::new();
    for (path, taken) in house.taken() {
        let methods = listed(&lists, "disallowed-methods").into_iter();
        let clocks = methods.chain(CLOCKS.iter().map(|it| (*it).to_owned()));
        for word in clocks.filter(|it| path != CLOCK && reaches(&taken.path, it)) {
            faults.insert(format!("{path}:{}: {word} reads a clock", taken.line));
        }
        let types = listed(&lists, "disallowed-types").into_iter();
        for word in types.filter(|it| reaches(&taken.path, it)) {
            faults.insert(format!("{path}:{}: {word} has no order", taken.line));
        }
    }
    faults.into_iter().collect()
}

fn listed(lists: &DocumentMut, key: &str) -> Vec<String> {
    let rows = lists.get(key).and_then(|it| it.as_array()).into_iter().flatten();
    let path = |row: &Value| Some(row.as_inline_table()?.get("path")?.as_str()?.to_owned());
    rows.filter_map(path).collect()
}
