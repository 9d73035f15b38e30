//! Callers and agents by SIPp, which someone else wrote, over UDP and TCP, against the real server;
//! and over a wire that loses, doubles and reorders a part of what it carries.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, path::Path, process::Output, sync::atomic::Ordering::Relaxed, time::Duration};

use common::{PATIENT, SOON, World, free_port, lossy::Lossy, lotse, until, until_within};

/// Agents 2001-2060, whose phones all stand at one address of SIPp's.
fn crowd_of_sixty(port: u16) -> String {
    crowd("udp", port).replace("2001-2010", "2001-2060")
}

/// Agents 2001-2010.
fn crowd(transport: &str, port: u16) -> String {
    format!(
        r#"
[[agent]]
ids = "2001-2010"
phone = "{{id}}"
skills = ["german"]
ready_on_register = true

[[phone]]
users = "2001-2010"
address = "{transport}://127.0.0.1:{port}"
"#
    )
}

/// The journal of a server that has ended tells the whole story without a flaw.
fn the_journal_is_whole(mut world: World, directory: &Path) {
    world.server.signal("TERM");
    assert!(world.server.finish(SOON).success());
    let file = directory.join("journal.ndjson");
    let Output { status, stdout, stderr } =
        lotse().args(["replay", "--verify"]).arg(file).output().unwrap();
    let says = String::from_utf8_lossy(&stdout);
    assert!(status.success(), "{says}{}", String::from_utf8_lossy(&stderr));
    assert!(says.contains("100 calls over, 0 inside"), "{says}");
    fs::remove_dir_all(directory).unwrap();
}

/// A hundred callers, fifty a second, ten agents who speak for 300 ms each: some have to wait.
fn a_hundred_calls(transport: &str, mode: &str) {
    let port = free_port();
    let directory = std::env::temp_dir().join(format!("lotse-journal-{port}"));
    let kept = format!("[server]\ndata_dir = \"{}\"\n", directory.display());
    let world = World::start_with(|text| kept + &text + &crowd(transport, port));
    let agents = world.sipp("agent.xml", &["-t", mode, "-p", &port.to_string(), "-d", "300"]);
    until("the agents are ready", || world.agent("2010") == "ready");
    let (to, from) = (format!("127.0.0.1:{}", world.sip), free_port().to_string());
    let mut callers = world.sipp(
        "caller.xml",
        &[&to, "-t", mode, "-s", "1230", "-p", &from, "-m", "100", "-r", "50", "-l", "100"],
    );
    assert!(callers.finish(SOON).success(), "SIPp saw calls fail");

    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 100);
    assert_eq!(world.metric("acd_calls_finished_total", ""), 100);
    assert_eq!(world.metric("acd_calls_answered_in_target_total", "target=\"20s\""), 100);
    assert_eq!(world.metric("acd_queue_calls", ""), 0);
    the_journal_is_whole(world, &directory);
    drop(agents);
}

#[test]
fn a_hundred_callers_speak_with_ten_agents_over_udp() {
    a_hundred_calls("udp", "u1");
}

#[test]
fn a_hundred_callers_speak_with_ten_agents_over_tcp() {
    a_hundred_calls("tcp", "t1");
}

/// As German carriers do it: 183 with PRACK, SDP in the 183 alone, the session refreshed.
#[test]
fn a_carrier_hears_early_sound_for_sure_and_keeps_its_session_alive() {
    let port = free_port();
    let early = "digits = \"1230\"\nanswer = \"early-media\"\n";
    let world =
        World::start_with(|text| text.replace("digits = \"1230\"\n", early) + &crowd("udp", port));
    let agents = world.sipp("agent.xml", &["-t", "u1", "-p", &port.to_string(), "-d", "300"]);
    until("the agents are ready", || world.agent("2010") == "ready");
    let (to, from) = (format!("127.0.0.1:{}", world.sip), free_port().to_string());
    let mut carrier = world.sipp(
        "carrier.xml",
        &[&to, "-t", "u1", "-s", "1230", "-p", &from, "-m", "20", "-r", "10", "-l", "20"],
    );
    assert!(carrier.finish(SOON).success(), "SIPp saw calls fail");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 20);
    drop(agents);
}

/// As a trunk for a block of numbers does it: the request URI is not the number that was dialled,
/// and the session is ours to refresh.
#[test]
fn a_block_of_numbers_is_told_apart_by_what_was_dialled_and_its_session_refreshed() {
    let port = free_port();
    let world = World::start_with(|text| {
        text.replace("fallback = \"buergertelefon\"\n", "") + &crowd("udp", port)
    });
    let port = port.to_string();
    let agents = world.sipp("agent.xml", &["-t", "u1", "-p", &port, "-d", "120000"]);
    until("the agents are ready", || world.agent("2010") == "ready");
    let (to, from) = (format!("127.0.0.1:{}", world.sip), free_port().to_string());
    let args = [&to, "-t", "u1", "-s", "115", "-p", &from, "-m", "5", "-r", "5"];
    let mut carrier = world.sipp("number-block.xml", &args);
    // The refresh comes after 45 seconds: a session may not be shorter than 90 (RFC 4028 4).
    assert!(carrier.finish(SOON * 5).success(), "SIPp saw calls fail");
    let d115 = "outcome=\"answered\",queue=\"d115\"";
    world.wait_for("acd_calls_finished_total", d115, 5);
    drop(agents);
}

/// How long it may take until the last call, and then the last transaction, is over.
const LONG: Duration = Duration::from_secs(150);

/// So many calls; a thousand by `LOTSE_LOSSY_CALLS=1000`.
fn calls() -> u64 {
    std::env::var("LOTSE_LOSSY_CALLS").map_or(200, |it| it.parse().unwrap())
}

/// SIPp says where it is, and that is at the other end of the wire.
fn beyond(wire: &Lossy) -> impl FnOnce(String) -> String {
    let outer = format!("127.0.0.1:{}", wire.outer);
    move |text| {
        let change = |line: &str| match line.trim_start() {
            it if it.starts_with("Contact:") => line.replace("[local_ip]:[local_port]", &outer),
            it if it.starts_with("Via: SIP") => format!("{line};rport"),
            _ => line.to_owned(),
        };
        text.lines().map(change).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn no_call_is_lost_or_stuck_when_a_tenth_of_all_datagrams_is_lost() {
    let calls = calls();
    let (agents_at, callers_at) = (free_port(), free_port());
    let sip = free_port();
    let agents_wire = Lossy::between(agents_at, sip, 1);
    let callers_wire = Lossy::between(callers_at, sip, 2);
    // What is over is forgotten after half the time that the RFC has (64 * T1).
    let world = World::start_at(sip, |text| {
        text.replace("[sip]\n", "[sip]\nt1 = \"250ms\"\n") + &crowd_of_sixty(agents_wire.outer)
    });
    let port = agents_at.to_string();
    let args = ["-t", "u1", "-p", &port, "-d", "300"];
    let args = [&args[..], &PATIENT].concat();
    let agents = world.sipp_as("agent.xml", beyond(&agents_wire), &args);
    until("the agents are ready", || world.agent("2060") == "ready");

    let (to, port) = (format!("127.0.0.1:{}", callers_wire.inner), callers_at.to_string());
    let count = calls.to_string();
    let args = [
        &to,
        "-t",
        "u1",
        "-s",
        "1230",
        "-p",
        &port,
        "-m",
        &count,
        "-r",
        "25",
        "-l",
        "1000",
        "-trace_err",
    ];
    let args = [&args[..], &PATIENT].concat();
    let mut callers = world.sipp_as("caller.xml", beyond(&callers_wire), &args);
    let ended = callers.finish(LONG);

    let outcome = |of: &str| world.metric("acd_calls_finished_total", &format!("outcome=\"{of}\""));
    let dead = |it: &str| world.metric(it, "") == 0;
    until_within(LONG, "all calls are over", || {
        world.metric("acd_calls_finished_total", "") == calls && dead("acd_queue_calls")
    });
    assert!(ended.success(), "SIPp saw calls fail");
    assert_eq!(outcome("answered"), calls);
    assert_eq!(world.metric("acd_agents", "state=\"talking\""), 0);
    until_within(LONG, "no dialog is left", || dead("acd_sip_dialogs"));
    until_within(LONG, "no transaction is left", || dead("acd_sip_transactions"));
    for wire in [&agents_wire, &callers_wire] {
        let (came, lost) = (wire.counts.came.load(Relaxed), wire.counts.lost.load(Relaxed));
        assert!(came > calls * 6 && lost * 100 > came * 7, "{:?}", wire.counts);
        println!("{:?}", wire.counts);
    }
    drop(agents);
}
