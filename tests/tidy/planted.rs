//! Violations planted one by one: each rule complains about each, at its line, and about nothing else.

use std::fs;

use crate::{
    HOUSE, circles, floors,
    house::{Complaint, House},
    pure, reading, words,
};

/// What it is, where it is planted, what is planted below a first line that is in order, and the complaints.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

const IMPORTS: &[Row] = &[
    (
        "an order to the media from outside the bridge",
        "src/exchange/x.rs",
        "use crate::media::order::Order;\nfn x() { y(Order::Stop { leg }) }",
        &["src/exchange/x.rs:3: exchange gives the media orders"],
    ),
    (
        "one name",
        "src/acd/x.rs",
        "use crate::sip::uri::Uri;",
        &["src/acd/x.rs:2: acd takes from sip"],
    ),
    (
        "a group",
        "src/acd/x.rs",
        "use crate::{\n    base::time::Span,\n    sip::uri::Uri,\n};",
        &["src/acd/x.rs:4: acd takes from sip"],
    ),
    (
        "a group in a group",
        "src/media/x.rs",
        "use crate::{acd::{self, call::Call}, base::time::Span};",
        &["src/media/x.rs:2: media takes from acd"],
    ),
    (
        "an alias",
        "src/sip/x.rs",
        "use crate::media as sound;",
        &["src/sip/x.rs:2: sip takes from media"],
    ),
    (
        "a name behind an alias of the crate",
        "src/sip/x.rs",
        "use crate as lotse;\nfn x() { lotse::acd::engine::new() }",
        &["src/sip/x.rs:3: sip takes from acd"],
    ),
    (
        "the crate by its own name",
        "src/sip/x.rs",
        "extern crate self as lotse;\nfn x() -> lotse::acd::Engine { x() }",
        &["src/sip/x.rs:3: sip takes from acd"],
    ),
    (
        "everything of a room",
        "src/base/x.rs",
        "use crate::rtp::*;",
        &["src/base/x.rs:2: base takes from rtp"],
    ),
    (
        "everything there is",
        "src/api/x.rs",
        "use crate::*;",
        &["src/api/x.rs:2: api takes from every room"],
    ),
    (
        "steps upwards",
        "src/acd/x.rs",
        "use super::super::sip;",
        &["src/acd/x.rs:2: acd takes from sip"],
    ),
    (
        "steps out of an inline module",
        "src/acd/x.rs",
        "mod inner {\n    use super::super::super::sip;\n}",
        &["src/acd/x.rs:3: acd takes from sip"],
    ),
    (
        "a path in an expression",
        "src/board/x.rs",
        "fn x() {\n    crate::config::read();\n}",
        &["src/board/x.rs:3: board takes from config"],
    ),
    (
        "a path in a type",
        "src/net/x.rs",
        "struct X(Vec<crate::relay::Relay>);",
        &["src/net/x.rs:2: net takes from relay"],
    ),
    (
        "a path in a pattern",
        "src/net/x.rs",
        "fn x() {\n    let crate::api::X(_) = x();\n}",
        &["src/net/x.rs:3: net takes from api"],
    ),
    (
        "a path among a macro's tokens",
        "src/rtp/x.rs",
        "fn x() {\n    assert!(y == { crate::sip::x() }, \"{}\", 1);\n}",
        &["src/rtp/x.rs:3: rtp takes from sip"],
    ),
    (
        "an import among a macro's tokens",
        "src/rtp/x.rs",
        "macro_rules! x {\n    () => { use crate::{base::time, sip::{uri, via}}; };\n}",
        &["src/rtp/x.rs:3: rtp takes from sip"],
    ),
    (
        "a path in the text of an attribute",
        "src/acd/x.rs",
        "#[serde(with = \"crate::api::time\")]\nstruct X;",
        &["src/acd/x.rs:2: acd takes from api"],
    ),
    (
        "an import inside a function",
        "src/acd/x.rs",
        "fn x() {\n    use crate::sip;\n}",
        &["src/acd/x.rs:3: acd takes from sip"],
    ),
    (
        "code that ships behind the tests",
        "src/acd/x.rs",
        "#[cfg(test)]\nmod tests {\n    use crate::api;\n}\nuse crate::sip;",
        &["src/acd/x.rs:6: acd takes from sip"],
    ),
    (
        "what a test imports is no name outside it",
        "src/acd/x.rs",
        "fn x() -> Uri {}\n#[cfg(test)]\nmod tests {\n    use crate::sip::Uri;\n    use crate::api::*;\n}",
        &[],
    ),
    (
        "what ships unless it is a test",
        "src/acd/x.rs",
        "#[cfg(not(test))]\nuse crate::sip;\n#[cfg(any(test, unix))]\nuse crate::media;",
        &["src/acd/x.rs:3: acd takes from sip", "src/acd/x.rs:5: acd takes from media"],
    ),
    (
        "a method that only tests have",
        "src/acd/x.rs",
        "impl X {\n    #[cfg(test)]\n    fn x() { crate::sip::x() }\n    fn y() { crate::sip::y() }\n}",
        &["src/acd/x.rs:5: acd takes from sip"],
    ),
    (
        "words about a room",
        "src/acd/x.rs",
        "// See crate::sip.\nconst X: &str = \"crate::sip\";",
        &[],
    ),
    ("the roof from below", "src/cli/x.rs", "use crate::net::clock::Clock;", &[]),
    (
        "a room without a floor",
        "src/cellar/x.rs",
        "",
        &["src/cellar/x.rs: cellar stands on no floor"],
    ),
    (
        "the bridge, who knows no SIP",
        "src/bridge/x.rs",
        "use crate::{acd, media, sdp, sip};",
        &["src/bridge/x.rs:2: bridge takes from sdp", "src/bridge/x.rs:2: bridge takes from sip"],
    ),
    (
        "the world that counts",
        "src/sim/world/x.rs",
        "use crate::sim::traffic::day::Day;",
        &["src/sim/world/x.rs:2: sim::world takes from traffic"],
    ),
    ("who counts in the world", "src/sim/traffic/x.rs", "use crate::sim::world::wire;", &[]),
    (
        "a message that knows what is settled",
        "src/sip/message/x.rs",
        "use crate::sip::{settings::Settings, transaction::table::Transactions};",
        &[
            "src/sip/message/x.rs:2: sip::message takes from settings",
            "src/sip/message/x.rs:2: sip::message takes from transaction",
        ],
    ),
    (
        "a dialog that acts",
        "src/sip/ua/dialog.rs",
        "use crate::sip::{core::Core, ua::{caller::x, reliable::Reliable}};",
        &[
            "src/sip/ua/dialog.rs:2: sip::ua takes from core",
            "src/sip/ua/dialog.rs:2: sip::ua takes from ua::caller",
        ],
    ),
    (
        "who acts on a dialog",
        "src/sip/ua/callee.rs",
        "use crate::sip::{core::Core, dispatch::x, ua::dialog::Dialog};",
        &["src/sip/ua/callee.rs:2: sip::ua::callee takes from dispatch"],
    ),
];

const PURE: &[Row] = &[
    ("a lock", "src/acd/x.rs", "use std::sync::Mutex;", &["src/acd/x.rs:2: std::sync::Mutex"]),
    (
        "a lock by another name",
        "src/acd/x.rs",
        "use std::sync::Mutex as M;",
        &["src/acd/x.rs:2: std::sync::Mutex"],
    ),
    (
        "a lock behind another name of its module",
        "src/acd/x.rs",
        "use std::sync as s;\nfn x(_: s::RwLock<u8>) {}",
        &["src/acd/x.rs:3: std::sync::RwLock"],
    ),
    (
        "a lock behind three names",
        "src/acd/x.rs",
        "use std as s;\nuse s::sync as t;\nfn x(_: t::RwLock<u8>) {}",
        &["src/acd/x.rs:4: std::sync::RwLock"],
    ),
    (
        "a group of std",
        "src/sip/x.rs",
        "use std::{fmt, fs, thread::{self, sleep}};",
        &["src/sip/x.rs:2: std::fs", "src/sip/x.rs:2: std::thread"],
    ),
    (
        "another crate's name for std",
        "src/sip/x.rs",
        "use ::core::sync::atomic::AtomicU8;",
        &["src/sip/x.rs:2: std::sync::atomic"],
    ),
    ("everything of a module", "src/media/x.rs", "use std::fs::*;", &["src/media/x.rs:2: std::fs"]),
    (
        "everything around a thread",
        "src/media/x.rs",
        "use std::sync::atomic::*;",
        &["src/media/x.rs:2: std::sync::atomic"],
    ),
    (
        "a thread, written out",
        "src/exchange/x.rs",
        "fn x() {\n    std::thread::spawn(x);\n}",
        &["src/exchange/x.rs:3: std::thread"],
    ),
    (
        "a socket",
        "src/sim/x.rs",
        "use std::net::{IpAddr, UdpSocket};",
        &["src/sim/x.rs:2: std::net::UdpSocket"],
    ),
    (
        "a socket of the system",
        "src/trace/x.rs",
        "use std::os::unix::net::UnixStream;",
        &["src/trace/x.rs:2: std::os"],
    ),
    (
        "a library that waits",
        "src/bridge/x.rs",
        "use tokio::sync::mpsc;",
        &["src/bridge/x.rs:2: tokio"],
    ),
    ("a function that waits", "src/board/x.rs", "async fn x() {}", &["src/board/x.rs:2: async"]),
    (
        "a block that waits",
        "src/board/x.rs",
        "fn x() {\n    async {\n        y.await\n    };\n}",
        &["src/board/x.rs:3: async", "src/board/x.rs:4: .await"],
    ),
    (
        "waiting inside a macro",
        "src/board/x.rs",
        "fn x() {\n    join!(async { y.await });\n}",
        &["src/board/x.rs:3: .await", "src/board/x.rs:3: async"],
    ),
    (
        "a line for the operator",
        "src/staff/x.rs",
        "fn x() {\n    println!(\"x\");\n}",
        &["src/staff/x.rs:3: println!"],
    ),
    (
        "a line printed by a macro of ours",
        "src/staff/x.rs",
        "macro_rules! x {\n    () => { eprintln!(\"x\") };\n}",
        &["src/staff/x.rs:3: eprintln!"],
    ),
    (
        "a thread behind the tests",
        "src/base/x.rs",
        "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nuse std::thread;",
        &["src/base/x.rs:6: std::thread"],
    ),
    (
        "a shell that waits",
        "src/net/x.rs",
        "use std::{fs, sync::Mutex, thread};\nasync fn x() {}",
        &[],
    ),
];

const DISALLOWED: &[Row] = &[
    (
        "the clock",
        "src/server/x.rs",
        "use std::time::Instant;\nfn x() {\n    Instant::now();\n}",
        &["src/server/x.rs:4: std::time::Instant::now reads a clock"],
    ),
    (
        "the clock though clippy is told to look away",
        "src/api/x.rs",
        "#[allow(clippy::disallowed_methods)]\nfn x() {\n    std::time::SystemTime::now();\n}",
        &["src/api/x.rs:4: std::time::SystemTime::now reads a clock"],
    ),
    (
        "the clock as a function handed on",
        "src/api/x.rs",
        "use std::time::Instant as I;\nfn x() {\n    y.unwrap_or_else(<I>::now);\n}",
        &["src/api/x.rs:4: std::time::Instant::now reads a clock"],
    ),
    (
        "the clock by another name of its type",
        "src/api/x.rs",
        "type Watch = std::time::Instant;\nfn x() {\n    Watch::now();\n}",
        &["src/api/x.rs:4: std::time::Instant::now reads a clock"],
    ),
    (
        "the clock by what has passed",
        "src/relay/x.rs",
        "fn x() {\n    started.elapsed();\n}",
        &["src/relay/x.rs:3: .elapsed reads a clock"],
    ),
    (
        "the clock of a library",
        "src/config/x.rs",
        "use jiff::Zoned;\nfn x() {\n    Zoned::now();\n}",
        &["src/config/x.rs:4: jiff::Zoned::now reads a clock"],
    ),
    ("who reads the clock", "src/net/clock.rs", "fn x() {\n    std::time::Instant::now();\n}", &[]),
    (
        "a map without an order",
        "src/acd/x.rs",
        "use std::collections::{BTreeMap, HashMap as Map};",
        &["src/acd/x.rs:2: std::collections::HashMap has no order"],
    ),
    (
        "all containers",
        "src/acd/x.rs",
        "use std::collections::*;",
        &[
            "src/acd/x.rs:2: std::collections::HashMap has no order",
            "src/acd/x.rs:2: std::collections::HashSet has no order",
        ],
    ),
    (
        "a set without an order, written out",
        "src/cli/x.rs",
        "fn x(_: std::collections::HashSet<u8>) {}",
        &["src/cli/x.rs:2: std::collections::HashSet has no order"],
    ),
];

const WORDS: &[Row] = &[
    (
        "a test that is no sentence",
        "src/acd/x.rs",
        "#[test]\n#[should_panic]\nfn it_works() {}",
        &["src/acd/x.rs:4: it_works is not a sentence"],
    ),
    (
        "a test that waits and is no sentence",
        "src/api/x.rs",
        "#[tokio::test]\nasync fn works() {}",
        &["src/api/x.rs:3: works is not a sentence"],
    ),
    ("something for later", "src/acd/x.rs", "fn x() {\n    todo!()\n}", &["src/acd/x.rs:3: todo!"]),
    ("a word about later", "benches/x.rs", "// FIXME: soon.", &["benches/x.rs:2: FIXME"]),
    (
        "what is no Rust",
        "src/acd/x.rs",
        "fn fn x() {}",
        &["src/acd/x.rs: cannot be read: expected identifier, found keyword `fn`"],
    ),
];

#[test]
fn each_violation_planted_alone_is_seen_where_it_stands() {
    for (what, path, planted, expected) in [IMPORTS, PURE, DISALLOWED, WORDS].concat() {
        let house = naming(path).with(path, &format!("//! A file.\n{planted}\n"));
        assert_eq!(complaints(&house), expected, "{what}");
    }
}

#[test]
fn a_file_without_a_first_sentence_or_without_an_end_is_seen() {
    let bare = naming("src/acd/x.rs").with("src/acd/x.rs", "use std::fmt;\n");
    assert_eq!(complaints(&bare), ["src/acd/x.rs:1: opens with //! and a sentence"]);
    let long = naming("src/acd/x.rs").with("src/acd/x.rs", &"//! A line.\n".repeat(701));
    assert_eq!(complaints(&long), ["src/acd/x.rs: 701 lines are two files"]);
}

#[test]
fn a_file_that_nobody_builds_is_seen() {
    let stray = naming("src/acd/x.rs").with("src/acd/x.rs", "//! A file.\n");
    let stray = stray.with("src/acd/y.rs", "//! Another.\n");
    assert_eq!(complaints(&stray), ["src/acd/y.rs: no module names it"]);
}

#[test]
fn a_module_declared_for_tests_may_take_from_anywhere_and_so_may_its_files() {
    let takes = "//! A file.\nuse crate::sip;\nuse std::thread;\n";
    let house = |declared: &str| {
        naming("src/acd/mod.rs")
            .with("src/acd/mod.rs", &format!("//! The room.\n{declared}\n"))
            .with("src/acd/stories/mod.rs", "//! Stories.\nmod limits;\n")
            .with("src/acd/stories/limits.rs", takes)
    };
    assert!(complaints(&house("#[cfg(test)]\nmod stories;")).is_empty());
    assert_eq!(
        complaints(&house("mod stories;")),
        [
            "src/acd/stories/limits.rs:2: acd takes from sip",
            "src/acd/stories/limits.rs:3: std::thread",
        ]
    );
}

#[test]
fn a_circle_of_files_is_seen_by_whatever_way_it_closes() {
    let ways = [
        ("an import", "use crate::acd::a::A;"),
        ("a group", "use super::{a::{self}, d};"),
        ("a path", "fn x() { super::a::x() }"),
        ("a macro", "fn x() { write!(out, \"{}\", crate::acd::a::X) }"),
        ("a name taken in a function", "fn x() { use super::a as it; it::x() }"),
        ("behind its tests", "#[cfg(test)]\nmod tests {}\nuse super::a;"),
    ];
    for (way, closes) in ways {
        let house = circle(closes);
        let expected = ["acd: a circle of 3: acd/a.rs acd/b.rs acd/c.rs"];
        assert_eq!(circles::complaints(&house, &[]), expected, "{way}");
        assert!(circles::complaints(&house, &["acd"]).is_empty(), "{way} is still allowed");
    }
    for open in ["", "use super::d;", "#[cfg(test)]\nmod tests { use crate::acd::a; }"] {
        assert!(circles::complaints(&circle(open), &[]).is_empty(), "{open}");
        let stale = ["acd: has no circle any more, strike it from STILL"];
        assert_eq!(circles::complaints(&circle(open), &["acd"]), stale);
    }
}

#[test]
fn a_room_that_lists_its_files_takes_from_none_but_one_that_uses_them_does() {
    let child = "//! A file.\nuse super::Face;\n";
    let house =
        |room: &str| House::default().with("src/acd/mod.rs", room).with("src/acd/a.rs", child);
    assert!(circles::complaints(&house("//! A room.\npub mod a;\n"), &[]).is_empty());
    let uses = house("//! A room.\nmod a;\nfn x() { a::x() }\n");
    assert_eq!(circles::complaints(&uses, &[]), ["acd: a circle of 2: acd/a.rs acd/mod.rs"]);
}

#[test]
fn what_stands_on_the_last_line_of_any_file_is_seen() {
    for (path, source) in HOUSE.shipped() {
        let text = format!("{}\nfn planted() {{\n    crate::planted::here()\n}}\n", source.text);
        let code = reading::read(path, &text);
        let seen = code.taken.iter().filter(|it| it.path == ["crate", "planted", "here"]);
        let lines: Vec<_> = seen.map(|it| (it.line, it.in_test)).collect();
        assert_eq!(lines, [(source.text.lines().count() + 3, false)], "{path}");
    }
}

/// A house with nothing in it but the name of the file at `path`.
fn naming(path: &str) -> House {
    let module = reading::module_of(path);
    let outward = module.iter().skip(1).rev();
    let named = outward.fold(";".to_owned(), |within, name| match within.as_str() {
        ";" => format!("mod {name};"),
        _ => format!("mod {name} {{ {within} }}"),
    });
    House::default().with("src/lib.rs", &format!("//! A crate.\n{named}\n"))
}

/// `a` takes from `b`, `b` from `c`, and `c` as told.
fn circle(closes: &str) -> House {
    House::default()
        .with("src/acd/mod.rs", "//! A room.\nmod a;\nmod b;\nmod c;\nmod d;\n")
        .with("src/acd/a.rs", "//! A file.\nuse super::b;\n")
        .with("src/acd/b.rs", "//! A file.\nuse crate::acd::{c::C, d::D};\n")
        .with("src/acd/c.rs", &format!("//! A file.\n{closes}\n"))
        .with("src/acd/d.rs", "//! A file.\n")
}

/// What all rules together have to say.
fn complaints(house: &House) -> Vec<Complaint> {
    let clippy = fs::read_to_string("clippy.toml").unwrap();
    let mut all = floors::complaints(house);
    all.extend(pure::complaints(house));
    all.extend(pure::disallowed(house, &clippy));
    all.extend(circles::complaints(house, &[]));
    all.extend(words::complaints(house));
    all
}
