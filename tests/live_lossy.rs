//! Calls over a wire that loses, doubles and reorders a part of what it carries, on both sides of
//! the server.

#![allow(clippy::unwrap_used)]

mod common;

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use common::{PATIENT, World, free_port, lossy::Lossy, until, until_within};

/// How long it may take until the last call, and then the last transaction, is over.
const LONG: Duration = Duration::from_secs(150);

/// Agents 2001-2060, whose phones all stand at one address of SIPp's.
fn crowd(port: u16) -> String {
    format!(
        r#"
[[agent]]
ids = "2001-2060"
phone = "{{id}}"
skills = ["german"]
ready_on_register = true

[[phone]]
users = "2001-2060"
address = "udp://127.0.0.1:{port}"
"#
    )
}

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
        text.replace("[sip]\n", "[sip]\nt1 = \"250ms\"\n") + &crowd(agents_wire.outer)
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
