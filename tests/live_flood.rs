//! Floods, while carriers' calls go on and two people talk.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use common::{
    PATIENT, SOON, World,
    by_hand::{Peer, sdp},
    free_port, until,
};

/// What speakers say.
const SPEECH: u8 = 0x35;

/// Sound that we send and receive ourselves, 50 packets a second, all of them counted.
struct Speaker {
    socket: UdpSocket,
    sent: Arc<AtomicU64>,
    heard: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Speaker {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let count = || Arc::new(AtomicU64::new(0));
        let ends = Arc::new(AtomicBool::new(false));
        Self { socket, sent: count(), heard: count(), ends, threads: vec![] }
    }

    fn heard(&self) -> u64 {
        self.heard.load(Relaxed)
    }

    fn sdp(&self) -> String {
        sdp(self.socket.local_addr().unwrap(), "8 101")
    }

    /// Speaks to where that description says, and listens.
    fn speaks_to(&mut self, description: &str) {
        let line = description.lines().find_map(|it| it.strip_prefix("m=audio ")).unwrap();
        let port: u16 = line.split(' ').next().unwrap().parse().unwrap();
        let (socket, ends) = (self.socket.try_clone().unwrap(), Arc::clone(&self.ends));
        let sent = Arc::clone(&self.sent);
        self.threads.push(thread::spawn(move || {
            for sequence in 0u16.. {
                if ends.load(Relaxed) {
                    return;
                }
                let mut packet = vec![0x80, 8];
                packet.extend(sequence.to_be_bytes());
                packet.extend((u32::from(sequence) * 160).to_be_bytes());
                packet.extend(u32::from(port).to_be_bytes());
                packet.extend([SPEECH; 160]);
                if socket.send_to(&packet, ("127.0.0.1", port)).is_ok() {
                    sent.fetch_add(1, Relaxed);
                }
                thread::sleep(Duration::from_millis(20));
            }
        }));
        let (socket, ends) = (self.socket.try_clone().unwrap(), Arc::clone(&self.ends));
        let heard = Arc::clone(&self.heard);
        self.threads.push(thread::spawn(move || {
            let mut room = [0; 1500];
            while !ends.load(Relaxed) {
                // What the other one says, and no music.
                let came = socket.recv(&mut room).unwrap_or_default();
                if came == 172 && room[12..172] == [SPEECH; 160] {
                    heard.fetch_add(1, Relaxed);
                }
            }
        }));
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// So many messages a second from an address of its own, each from another user.
struct Flood {
    sent: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    fn of(method: &'static str, world: &World, from: &str, per_second: u64) -> Self {
        let mut peer = Peer::udp(world.sip, from);
        let (sent, ends) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counts, told) = (Arc::clone(&sent), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            while !told.load(Relaxed) {
                for number in 0..per_second / 100 {
                    let mut call = peer.call_from(&format!("{}", 1001 + number % 28), "1230");
                    peer.says(&call.request(method, "Expires: 60\n", ""));
                    counts.fetch_add(1, Relaxed);
                }
                thread::sleep(Duration::from_millis(10));
            }
        });
        Self { sent, ends, thread: Some(thread) }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Agents 2001-2060, whose phones all stand at one address of SIPp's, and one for those who call
/// 1239.
fn crowd(port: u16, talker: u16) -> String {
    format!(
        r#"
[[number]]
digits = "1239"
queue = "talks"

[[queue]]
name = "talks"
skills = ["english"]

[[agent]]
ids = "2001-2060"
phone = "{{id}}"
skills = ["german"]
ready_on_register = true

[[phone]]
users = "2001-2060"
address = "udp://127.0.0.1:{port}"

[[agent]]
id = "talker"
phone = "talker"
skills = ["english"]
ready_on_register = true

[[phone]]
user = "talker"
address = "udp://127.0.0.1:{talker}"
"#
    )
}

/// A setting of this test, for longer and stronger runs by hand.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |it| it.parse().unwrap())
}

/// `LOTSE_FLOOD` messages a second of each kind for `LOTSE_FLOOD_SECONDS`, while twenty calls a
/// second come in by the trunk, and two people talk.
#[test]
fn a_flood_costs_the_carriers_callers_nothing_and_takes_no_sound_from_those_who_talk() {
    let (sip, at) = (free_port(), free_port());
    let mut phone = Peer::udp(sip, "127.0.0.1");
    let world = World::start_at(sip, |text| text + &crowd(at, phone.at().port()));
    let port = at.to_string();
    let args = [&["-t", "u1", "-p", &port, "-d", "1000"][..], &PATIENT].concat();
    let agents = world.sipp("agent.xml", &args);
    until("the agents are ready", || world.agent("2060") == "ready");

    let (mut citizen, mut agent) = (Speaker::new(), Speaker::new());
    let mut line = Peer::udp(sip, "127.0.0.1");
    let mut call = line.call("1239");
    let answer = call.stands(&mut line, &citizen.sdp());
    let invite = phone.hears("INVITE");
    let contact = format!("Contact: <sip:talker@{}>\n", phone.at());
    phone.says(&invite.answer("200 OK", "talker", &contact, &agent.sdp()));
    phone.hears("ACK");
    citizen.speaks_to(answer.body());
    agent.speaks_to(invite.body());
    until("they hear each other", || citizen.heard() > 50 && agent.heard() > 50);
    let quiet = (lost(&citizen, &agent), lost(&agent, &citizen));

    let (strength, seconds) = (setting("LOTSE_FLOOD", 1_000), setting("LOTSE_FLOOD_SECONDS", 8));
    let floods = [
        Flood::of("REGISTER", &world, "127.0.0.66", strength),
        Flood::of("INVITE", &world, "127.0.0.67", strength),
    ];
    let (to, from, count) =
        (format!("127.0.0.1:{sip}"), free_port().to_string(), (seconds * 20).to_string());
    let args = [&to, "-t", "u1", "-s", "1230", "-p", &from, "-m", &count, "-r", "20", "-l", "1000"];
    let mut callers = world.sipp("caller.xml", &[&args[..], &PATIENT].concat());
    assert!(callers.finish(SOON * 4 + Duration::from_secs(seconds)).success(), "calls failed");
    for flood in &floods {
        let sent = flood.sent.load(Relaxed);
        println!("{sent} messages of a flood");
        assert!(sent > strength * seconds / 4, "no flood at all: {sent}");
    }
    drop(floods);
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", seconds * 20);
    assert_eq!(
        world.metric("acd_calls_answered_in_target_total", "target=\"20s\""),
        seconds * 20 + 1
    );

    let flooded = (lost(&citizen, &agent), lost(&agent, &citizen));
    println!(
        "lost of {}: {quiet:?} before, {flooded:?} with the flood",
        citizen.sent.load(Relaxed)
    );
    // What is on its way just now is not lost.
    let borne = 2 + citizen.sent.load(Relaxed) / 500;
    assert!(flooded.0 <= borne && flooded.1 <= borne, "{quiet:?} {flooded:?}");
    line.says(&call.request("BYE", "", ""));
    phone.hears("BYE");
    drop(agents);
}

/// How many packets of one did not reach the other.
fn lost(from: &Speaker, to: &Speaker) -> u64 {
    let sent = from.sent.load(Relaxed);
    let mut heard = 0;
    // Those on the way arrive within a moment.
    for _ in 0..20 {
        heard = to.heard();
        if heard >= sent {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    sent.saturating_sub(heard)
}
