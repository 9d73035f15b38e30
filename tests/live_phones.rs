//! What people do with phones, under SRTP: hold, keys, passing a caller on; each heard by tones.

#![allow(clippy::unwrap_used)]

mod common;

use std::net::UdpSocket;

use common::{
    World,
    baresip::{Baresip, Who},
    by_hand::{Call, Peer, sdp},
    until,
};

const CITIZEN: Who<'static> = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };
const FIRST: Who<'static> =
    Who { user: "1001", password: Some("dev-1001"), transport: "udp", pitch: 1050 };
const SECOND: Who<'static> =
    Who { user: "1002", password: Some("dev-1002"), transport: "udp", pitch: 1850 };

/// The city of `config/dev.toml`, its phones under SRTP.
fn city() -> World {
    let secret = "password = \"dev-{user}\"\nsrtp = \"required\"";
    World::start_with(|text| text.replace("password = \"dev-{user}\"", secret))
}

/// Waits until `ear` has heard half a second more of that pitch than now.
fn goes_on_hearing(ear: &Baresip, pitch: u32) {
    let before = ear.heard(pitch).0;
    until(&format!("{pitch} Hz is heard again"), || ear.heard(pitch).0 > before + 0.5);
}

/// A citizen is answered, put on hold and taken back, dials a digit and is dialled one, and is
/// transferred to a second agent, without a word (blind).
fn a_citizen_is_held_and_passed_on(transport: &'static str) {
    let world = city();
    let secret = ";mediaenc=srtp-mand";
    let mut first = Baresip::start_with(&world, Who { transport, ..FIRST }, secret);
    until("the first agent is ready", || world.agent("1001") == "ready");
    let mut caller = Baresip::start(&world, CITIZEN);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    first.wait_for("CALL_INCOMING");
    first.tell("accept", "");
    goes_on_hearing(&caller, 1050);
    goes_on_hearing(&first, 450);

    first.tell("sndcode", "5");
    caller.wait_for("CALL_DTMF_START");
    caller.tell("sndcode", "7");
    first.wait_for("CALL_DTMF_START");

    first.tell("hold", "");
    until("the call is held", || world.get("/api/v1/calls").contains("\"held\""));
    let (before, sound) = caller.heard(1050);
    until("the citizen hears music", || caller.heard(1050).1 > sound + 1.0);
    assert!(caller.heard(1050).0 < before + 0.3, "the citizen hears the agent who holds");
    first.tell("resume", "");
    goes_on_hearing(&caller, 1050);
    // This softphone plays nothing any more once it has held, but hears keys.
    caller.tell("sndcode", "9");
    first.wait_for("CALL_DTMF_START");

    let mut second = Baresip::start_with(&world, Who { transport, ..SECOND }, secret);
    until("the second agent is ready", || world.agent("1002") == "ready");
    first.tell("transfer", &format!("sip:1002@127.0.0.1:{}", world.sip));
    second.wait_for("CALL_INCOMING");
    second.tell("accept", "");
    goes_on_hearing(&caller, 1850);
    goes_on_hearing(&second, 450);
    until("the first agent is ready again", || world.agent("1001") == "ready");

    second.tell("hangup", "");
    caller.wait_for("CALL_CLOSED");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
    assert_eq!(world.metric("acd_calls_finished_total", ""), 1);
    world.wait_for("acd_calls_passed_total", "", 1);
}

#[test]
fn a_citizen_is_held_and_passed_on_by_phones_on_udp() {
    a_citizen_is_held_and_passed_on("udp");
}

#[test]
fn a_citizen_is_held_and_passed_on_by_phones_on_tcp() {
    a_citizen_is_held_and_passed_on("tcp");
}

#[test]
fn a_citizen_is_held_and_passed_on_by_phones_on_tls() {
    a_citizen_is_held_and_passed_on("tls");
}

/// The first agent asks the second on a second line, and brings citizen and colleague together
/// (REFER with Replaces, RFC 3891). This softphone has no such key, so the first agent's phone
/// speaks by hand; who hear each other then are two softphones.
#[test]
fn a_citizen_is_passed_on_after_a_word_with_the_colleague() {
    let world = World::start("");
    let mut first = Peer::udp(world.sip, "127.0.0.1");
    let contact = format!("<sip:1001@{}>;expires=600", first.at());
    first.registers("1001", &contact);
    until("the first agent is ready", || world.agent("1001") == "ready");
    let mut caller = Baresip::start(&world, CITIZEN);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    let ear = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = format!("Contact: <sip:1001@{}>\n", first.at());
    let invite = first.hears("INVITE");
    first.says(&invite.answer("200 OK", "first", &own, &sdp(ear, "8 101")));
    first.hears("ACK");
    let mut line = Call::answering(&first, &invite, "first");
    until("they talk", || world.agent("1001") == "talking");
    let held = sdp(ear, "8 101") + "a=sendonly\n";
    first.says(&line.request("INVITE", "", &held));
    let answer = first.hears("SIP/2.0 200");
    line.confirms(&mut first, &answer);

    let mut second = Baresip::start(&world, SECOND);
    until("the second agent is ready", || world.agent("1002") == "ready");
    let mut aside = first.call_from("1001", "1002");
    first.says(&aside.request("INVITE", "", &sdp(ear, "8 101")));
    second.wait_for("CALL_INCOMING");
    second.tell("accept", "");
    let answer = first.hears("SIP/2.0 200");
    aside.learn(&answer);
    aside.confirms(&mut first, &answer);

    let tag = |it: &str| it.split(";tag=").nth(1).unwrap().to_owned();
    let replaces =
        format!("{}%3Bto-tag%3D{}%3Bfrom-tag%3D{}", aside.id, tag(&aside.to), tag(&aside.from));
    let more = format!(
        "Refer-To: <sip:1002@127.0.0.1:{}?Replaces={replaces}>\nReferred-By: <sip:1001@lotse>\n",
        world.sip
    );
    first.says(&line.request("REFER", &more, ""));
    first.hears("SIP/2.0 202");
    // Told how it went, and released on both lines, in whatever order.
    let mut ended = 0;
    while ended < 2 {
        let request = first.hears("");
        if request.start().starts_with("BYE ") {
            ended += 1;
        }
        if !request.start().starts_with("SIP/2.0") {
            first.says(&request.answer("200 OK", "first", "", ""));
        }
    }
    goes_on_hearing(&caller, 1850);
    goes_on_hearing(&second, 450);
    until("the first agent is ready again", || world.agent("1001") == "ready");
    second.tell("hangup", "");
    caller.wait_for("CALL_CLOSED");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
    assert_eq!(world.metric("acd_calls_finished_total", ""), 1);
}
