//! Carriers that fail: by 503, by silence, in their names, and in the middle of a call.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    net::UdpSocket,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use common::{
    World,
    baresip::{Baresip, Who},
    by_hand::{Peer, sdp},
    dns::{CARRIER, NameServer},
    free_port, until,
};

const CITIZEN: Who<'static> = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };
const AGENT: Who<'static> =
    Who { user: "1001", password: Some("dev-1001"), transport: "udp", pitch: 1050 };

/// A carrier's server: it is there when asked (OPTIONS), and says one thing to every INVITE.
struct Server {
    port: u16,
    /// What it was asked: methods, in order.
    asked: Arc<Mutex<Vec<String>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(sip: u16, to_invite: &'static str) -> Self {
        let mut peer = Peer::udp(sip, "127.0.0.1");
        let port = peer.at().port();
        let (asked, ends) = (Arc::new(Mutex::new(vec![])), Arc::new(AtomicBool::new(false)));
        let (heard, told) = (Arc::clone(&asked), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            while !told.load(Relaxed) {
                let Some(request) = peer.next() else { continue };
                let method = request.start().split(' ').next().unwrap_or_default().to_owned();
                let contact = format!("Contact: <sip:carrier@{}>\n", peer.at());
                match method.as_str() {
                    "INVITE" if to_invite.starts_with('2') => {
                        let sdp = sdp(peer.at(), "8 101");
                        peer.says(&request.answer(to_invite, "server", &contact, &sdp));
                    }
                    "INVITE" => peer.says(&request.answer(to_invite, "server", "", "")),
                    "ACK" => (),
                    _ => peer.says(&request.answer("200 OK", "server", "", "")),
                }
                heard.lock().unwrap().push(method);
            }
        });
        Self { port, asked, ends, thread: Some(thread) }
    }

    fn was_asked(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|it| *it == method).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The first name server is dead, the first of the carrier's hosts has no address, its first
/// server has no lines left, its second loses its power: the call is made all the same.
#[test]
fn a_call_out_finds_the_server_that_takes_it_whatever_fails_before() {
    let sip = free_port();
    let full = Server::start(sip, "503 Service Unavailable");
    let takes = Server::start(sip, "200 OK");
    let last = Server::start(sip, "200 OK");
    let names = NameServer::of(&[full.port, takes.port, last.port]);
    // Nobody answers there, and nobody else gets the port meanwhile.
    let dead = UdpSocket::bind("127.0.0.1:0").unwrap();
    let world = World::start_at(sip, |text| {
        let servers = [dead.local_addr().unwrap().port(), names.port];
        let servers = servers.map(|it| format!("\"127.0.0.1:{it}\"")).join(", ");
        text.replace("[sip]\n", &format!("[sip]\nt1 = \"200ms\"\ndns = [{servers}]\n"))
            + &format!(
                "\n[[trunk]]\nname = \"beyond\"\nproxy = [\"sip:{CARRIER}\"]\narea = \"341\"\n\
                 number = \"+493411230\"\n[outgoing]\nallow = [\"+49\"]\ntrunks = [\"beyond\"]\n"
            )
    });
    world.wait_for("acd_trunk_registered", "trunk=\"beyond\"", 1);
    let mut phone = Baresip::start(&world, AGENT);
    until("the agent is ready", || world.agent("1001") == "ready");
    phone.tell("dial", &format!("sip:03415550100@127.0.0.1:{}", world.sip));
    phone.wait_for("CALL_ESTABLISHED");
    assert_eq!((full.was_asked("INVITE"), takes.was_asked("INVITE")), (1, 1));
    phone.tell("hangup", "");
    until("the carrier is told", || takes.was_asked("BYE") == 1);

    drop(takes);
    phone.tell("dial", &format!("sip:03415550100@127.0.0.1:{}", world.sip));
    phone.wait_for("CALL_ESTABLISHED");
    assert_eq!(last.was_asked("INVITE"), 1);
    assert_eq!(full.was_asked("INVITE"), 1, "who failed a moment ago is asked last");
    phone.tell("hangup", "");
    until("the last server is told", || last.was_asked("BYE") == 1);
    until("nothing is left of it", || world.metric("acd_sip_dialogs", "") == 0);
}

/// Its server loses its power: no BYE, no sound any more.
#[test]
fn a_carrier_that_dies_in_mid_call_frees_the_agent_and_its_call_is_counted() {
    let change = |text: String| text.replace("[rtp]\n", "[rtp]\nsilence = \"2s\"\n");
    let world = World::start_with(change);
    let mut phone = Baresip::start(&world, AGENT);
    until("the agent is ready", || world.agent("1001") == "ready");
    let mut caller = Baresip::start(&world, CITIZEN);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    phone.wait_for("CALL_INCOMING");
    phone.tell("accept", "");
    until("the agent hears the citizen", || phone.heard(450).0 > 0.5);
    caller.program.kill();

    phone.wait_for("CALL_CLOSED");
    until("the agent is ready again", || world.agent("1001") == "ready");
    world.wait_for("acd_calls_finished_total", "outcome=\"answered\"", 1);
    assert_eq!(world.metric("acd_calls_finished_total", ""), 1);
    until("no port is in use", || world.metric("acd_trunk_channels_in_use", "") == 0);
}
