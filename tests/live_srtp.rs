//! Sound that nobody else hears, and that nobody else speaks into: phones under SRTP, and a
//! stranger who sends to every port from before the call.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    f64::consts::TAU,
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use common::{
    World,
    baresip::{Baresip, Who},
    until,
};
use lotse::rtp::{
    g711,
    packet::{self, Head, Ssrc},
};

const CITIZEN: Who<'static> = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };
const AGENT: Who<'static> =
    Who { user: "1001", password: Some("dev-1001"), transport: "udp", pitch: 1050 };
/// What the stranger whistles.
const STRANGER: u32 = 750;

/// Who wants SRTP, and how much.
struct Wish {
    /// The trunk's policy and the citizen's `mediaenc`.
    trunk: (&'static str, &'static str),
    /// The phones' policy and the agent's `mediaenc`.
    phones: (&'static str, &'static str),
}

const PLAIN: Wish = Wish { trunk: ("off", ""), phones: ("off", "") };
const ALL: Wish = Wish {
    trunk: ("required", ";mediaenc=srtp-mand"),
    phones: ("required", ";mediaenc=srtp-mand"),
};

/// The city of `config/dev.toml` with those policies.
fn city(wish: &Wish) -> World {
    World::start_with(|text| {
        let trunk = format!("area = \"341\"\nsrtp = \"{}\"", wish.trunk.0);
        let phone = format!("password = \"dev-{{user}}\"\nsrtp = \"{}\"", wish.phones.0);
        text.replace("area = \"341\"", &trunk).replace("password = \"dev-{user}\"", &phone)
    })
}

/// They call, speak and hear each other and nobody else; then the citizen hangs up.
fn they_hear_each_other(world: &World, wish: &Wish) {
    let mut phone = Baresip::start_with(world, AGENT, wish.phones.1);
    until("the agent is ready", || world.agent("1001") == "ready");
    let mut caller = Baresip::start_with(world, CITIZEN, wish.trunk.1);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    caller.wait_for("CALL_ESTABLISHED");
    phone.wait_for("CALL_INCOMING");
    phone.tell("accept", "");
    phone.wait_for("CALL_ESTABLISHED");
    until("the citizen hears the agent", || caller.heard(1050).0 > 2.0);
    until("the agent hears the citizen", || phone.heard(450).0 > 2.0);
    for (who, ear) in [("citizen", &caller), ("agent", &phone)] {
        let strange = ear.heard(STRANGER).0;
        assert!(strange < 0.1, "the {who} heard a stranger for {strange} s");
    }
    caller.tell("hangup", "");
    phone.wait_for("CALL_CLOSED");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
}

/// Someone who whistles into ports, all the time, from an address of its own.
struct Stranger {
    stops: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stranger {
    /// Into the ports that the first calls will have, fifty times a second each.
    fn whistles(world: &World, from: &str) -> Self {
        let file = std::fs::read_to_string(world.folder.join("lotse.toml")).unwrap();
        let range = file.split("ports = \"").nth(1).unwrap();
        let first: u16 = range.split('-').next().unwrap().parse().unwrap();
        let socket = UdpSocket::bind((from, 0)).unwrap();
        let stops = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stops);
        let whistle = move || {
            for sequence in 0.. {
                let sound = whistle(sequence);
                for port in (first..first + 12).step_by(2) {
                    let timestamp = u32::from(sequence) * 160;
                    let ssrc = Ssrc(port.into());
                    let head = Head { payload_type: 8, sequence, timestamp, ssrc, marker: false };
                    let mut bytes = vec![];
                    packet::write(&mut bytes, head, &sound);
                    let _ = socket.send_to(&bytes, ("127.0.0.1", port));
                    // And says that whoever speaks there has left (RTCP BYE, RFC 3550 6.6), where
                    // RTCP may be muxed, and where it is not.
                    let left = [&[0x81, 203, 0, 1], &u32::from(port).to_be_bytes()[..]].concat();
                    let _ = socket.send_to(&left, ("127.0.0.1", port));
                    let _ = socket.send_to(&left, ("127.0.0.1", port + 1));
                }
                if told.load(Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
        };
        Self { stops, thread: Some(thread::spawn(whistle)) }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.stops.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// 20 ms of the stranger's tone, as A-law.
fn whistle(sequence: u16) -> Vec<u8> {
    let start = u32::from(sequence) * 160;
    (start..start + 160)
        .map(|at| {
            let wave = (TAU * f64::from(STRANGER) * f64::from(at) / 8_000.0).sin();
            #[allow(clippy::cast_possible_truncation)]
            g711::to_pcma((wave * 12_000.0) as i16)
        })
        .collect()
}

#[test]
fn a_citizen_and_an_agent_hear_each_other_under_srtp() {
    they_hear_each_other(&city(&ALL), &ALL);
}

/// The phone offers and takes keys beside plain RTP, as those do that leave the choice.
#[test]
fn a_plain_citizen_and_an_agent_whose_phone_may_use_srtp_hear_each_other() {
    let wish = Wish { trunk: ("offered", ""), phones: ("offered", ";mediaenc=srtp") };
    they_hear_each_other(&city(&wish), &wish);
}

#[test]
fn a_phone_without_srtp_gets_no_call_where_it_is_required() {
    let world = city(&ALL);
    let mut caller = Baresip::start(&world, CITIZEN);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    caller.wait_for("CALL_CLOSED");
    world.wait_for("acd_sip_responses_total", "code=\"488\",direction=\"out\"", 1);
}

/// From an address that no SDP named, from before the first packet of either side.
#[test]
fn a_stranger_who_speaks_first_to_every_port_is_heard_by_nobody() {
    let world = city(&PLAIN);
    let _stranger = Stranger::whistles(&world, "127.0.0.2");
    they_hear_each_other(&world, &PLAIN);
    world.wait_for("acd_rtp_packets_refused_total", "leg=\"trunk\"", 50);
    world.wait_for("acd_rtp_packets_refused_total", "leg=\"agent\"", 50);
}

/// Under SRTP not even the phones' own address helps.
#[test]
fn a_stranger_at_the_phones_own_address_is_heard_by_nobody_under_srtp() {
    let world = city(&ALL);
    let _stranger = Stranger::whistles(&world, "127.0.0.1");
    they_hear_each_other(&world, &ALL);
    world.wait_for("acd_rtp_packets_refused_total", "leg=\"trunk\"", 50);
}
