//! Callers and agents by SIPp, which someone else wrote, over UDP and TCP, against the real server.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, path::Path, process::Output};

use common::{SOON, World, free_port, lotse, until};

/// Agents 2001-2010, whose phones all stand at one address of SIPp's.
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
