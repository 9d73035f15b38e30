//! A browser's SIP, by a WebSocket client that someone else wrote, against the real server.

#![allow(clippy::unwrap_used)]

mod common;

use std::{net::TcpStream, time::Duration};

use common::{
    World,
    baresip::{Baresip, Who},
    until,
};
use lotse::sip::{algorithm::Algorithm, auth::digest::Challenge, message::method::Method};
use tungstenite::{Message, WebSocket, client::IntoClientRequest as _};

/// A phone in a browser: no address of its own, only its WebSocket (RFC 7118 5).
struct Browser(WebSocket<TcpStream>);

impl Browser {
    fn open(world: &World) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", world.ws)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut request = format!("ws://127.0.0.1:{}/", world.ws).into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "sip".parse().unwrap());
        Self(tungstenite::client(request, stream).unwrap().0)
    }

    fn says(&mut self, text: &str) {
        self.0.send(Message::text(text.replace('\n', "\r\n"))).unwrap();
    }

    fn hears(&mut self) -> String {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return text.replace("\r\n", "\n");
            }
        }
    }

    fn registers(&mut self) {
        let request = |number: u32, more: &str| {
            format!(
                "\
REGISTER sip:lotse SIP/2.0
Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKr{number}
From: <sip:1001@lotse>;tag=w
To: <sip:1001@lotse>
Call-ID: web
CSeq: {number} REGISTER
Contact: <sip:1001@df7jal23ls0d.invalid;transport=ws>;expires=600
{more}
"
            )
        };
        self.says(&request(1, ""));
        let refused = self.hears();
        let challenges = refused.lines().filter_map(|it| it.strip_prefix("WWW-Authenticate: "));
        let challenge = challenges
            .filter_map(Challenge::read)
            .find(|it| it.algorithm == Algorithm::Md5)
            .unwrap();
        let proof =
            challenge.credentials("1001", "dev-1001", &Method::REGISTER, "sip:lotse", 1, "c");
        self.says(&request(2, &format!("Authorization: {proof}\n")));
        let accepted = self.hears();
        assert!(accepted.starts_with("SIP/2.0 200 OK\n"), "{accepted}");
    }
}

#[test]
fn a_browser_is_called_over_its_websocket_and_is_gone_with_it() {
    let world = World::start("");
    let mut browser = Browser::open(&world);
    browser.registers();
    until("the agent is ready", || world.agent("1001") == "ready");
    let citizen = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };
    let mut caller = Baresip::start(&world, citizen);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));

    let invite = browser.hears();
    let line = |start: &str| invite.lines().find(|it| it.starts_with(start)).unwrap().to_owned();
    assert_eq!(line("INVITE"), "INVITE sip:1001@df7jal23ls0d.invalid;transport=ws SIP/2.0");
    assert!(line("Via: ").starts_with("Via: SIP/2.0/WS 127.0.0.1:"), "{invite}");
    assert!(line("Contact: ").contains(";transport=ws>"), "{invite}");

    // It reloads its page, and says goodbye to nobody.
    drop(browser);
    until("the agent is not there", || world.agent("1001") != "ringing");
    world.wait_for("acd_sip_rejected_total", "", 0);
    until("nothing is registered", || world.metric("acd_sip_registrations", "") == 0);
}
