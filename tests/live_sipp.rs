//! Callers and agents by SIPp, which someone else wrote, over UDP and TCP, against the real server.

#![allow(clippy::unwrap_used)]

mod common;

use common::{SOON, World, free_port, until};

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

/// A hundred callers, fifty a second, ten agents who speak for 300 ms each: some have to wait.
fn a_hundred_calls(transport: &str, mode: &str) {
    let port = free_port();
    let world = World::start(&crowd(transport, port));
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
