//! Two softphones that someone else wrote: they register, call, speak, and sometimes die.

#![allow(clippy::unwrap_used)]

mod common;

use common::{
    World,
    baresip::{Baresip, Who},
    until,
};

/// Speaks at 450 Hz, and does not register: a citizen, by the trunk.
const CITIZEN: Who<'static> = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };

/// Speaks at 1050 Hz.
const AGENT: Who<'static> =
    Who { user: "1001", password: Some("dev-1001"), transport: "udp", pitch: 1050 };

/// A city with its agent at work, whose phone rings for a citizen who hears music.
fn a_call_that_rings(agent: Who<'_>) -> (World, Baresip, Baresip) {
    let world = World::start("");
    let phone = Baresip::start(&world, agent);
    until("the agent is ready", || world.agent("1001") == "ready");
    let (caller, phone) = call(&world, phone);
    (world, caller, phone)
}

fn call(world: &World, mut phone: Baresip) -> (Baresip, Baresip) {
    let mut caller = Baresip::start(world, CITIZEN);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    caller.wait_for("CALL_ESTABLISHED");
    phone.wait_for("CALL_INCOMING");
    (caller, phone)
}

fn they_hear_each_other(agent: Who<'_>) {
    let (world, mut caller, mut phone) = a_call_that_rings(agent);
    phone.tell("accept", "");
    phone.wait_for("CALL_ESTABLISHED");
    until("the citizen hears the agent", || caller.heard(1050).0 > 2.0);
    until("the agent hears the citizen", || phone.heard(450).0 > 2.0);
    assert!(phone.heard(1050).0 < 0.1, "the agent hears itself");
    assert!(caller.heard(450).0 < 0.1, "the citizen hears itself");

    caller.tell("hangup", "");
    phone.wait_for("CALL_CLOSED");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
    until("the agent is ready again", || world.agent("1001") == "ready");
}

#[test]
fn a_citizen_and_an_agent_hear_each_other_over_udp() {
    they_hear_each_other(AGENT);
}

#[test]
fn a_citizen_and_an_agent_whose_phone_registered_over_tcp_hear_each_other() {
    they_hear_each_other(Who { transport: "tcp", ..AGENT });
}

/// It has no listening port of use: the INVITE comes over the connection that it registered by.
#[test]
fn a_citizen_and_an_agent_whose_phone_registered_over_tls_hear_each_other() {
    they_hear_each_other(Who { transport: "tls", ..AGENT });
}

#[test]
fn a_citizen_who_gives_up_while_it_rings_leaves_the_agent_ready() {
    let (world, mut caller, mut phone) = a_call_that_rings(AGENT);
    caller.tell("hangup", "");
    phone.wait_for("CALL_CLOSED");
    until("the agent is ready again", || world.agent("1001") == "ready");
    world.wait_for("acd_calls_finished_total", "outcome=\"short_abandoned\"", 1);
}

/// The phone says nothing more: its ringing runs out, and the next agent has the caller.
#[test]
fn a_phone_that_dies_while_ringing_costs_the_citizen_only_time() {
    let (world, mut caller, mut phone) = a_call_that_rings(AGENT);
    phone.program.kill();
    let second = Who { user: "1002", password: Some("dev-1002"), ..AGENT };
    let mut second = Baresip::start(&world, second);
    second.wait_for("CALL_INCOMING");
    second.tell("accept", "");
    until("the citizen hears the second agent", || caller.heard(1050).0 > 1.0);
    until("the agent of the dead phone is away", || world.agent("1001") == "away");
    caller.tell("hangup", "");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
}

/// Nobody hangs up for a phone that lost its power: its silence does, or its connection that
/// breaks. The citizen speaks with the next agent, and the figures know of one call.
fn a_phone_that_dies_while_talking_costs_the_citizen_only_time(agent: Who<'_>, silence: &str) {
    let silence = format!("[rtp]\nsilence = \"{silence}\"\n");
    let change = |text: String| text.replace("[rtp]\n", &silence);
    let world = World::start_with(change);
    let phone = Baresip::start(&world, agent);
    until("the agent is ready", || world.agent("1001") == "ready");
    let (mut caller, mut phone) = call(&world, phone);
    phone.tell("accept", "");
    until("the citizen hears the agent", || caller.heard(1050).0 > 0.5);
    phone.program.kill();

    let second = Who { user: "1002", password: Some("dev-1002"), pitch: 1850, ..AGENT };
    let mut second = Baresip::start(&world, second);
    second.wait_for("CALL_INCOMING");
    until("the agent of the dead phone is away", || world.agent("1001") == "away");
    second.tell("accept", "");
    until("the citizen hears the second agent", || caller.heard(1850).0 > 1.0);
    caller.tell("hangup", "");
    second.wait_for("CALL_CLOSED");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
    world.wait_for("acd_calls_returned_total", "", 1);
}

#[test]
fn a_phone_on_udp_that_dies_while_talking_costs_the_citizen_only_time() {
    a_phone_that_dies_while_talking_costs_the_citizen_only_time(AGENT, "3s");
}

#[test]
fn a_phone_on_tcp_that_dies_while_talking_costs_the_citizen_only_time() {
    let agent = Who { transport: "tcp", ..AGENT };
    a_phone_that_dies_while_talking_costs_the_citizen_only_time(agent, "60s");
}
