//! An endpoint whose wire is a page of text.
//!
//! Lines of the told ladder begin with the second they happen in; `>` is what we send, `*`
//! what is told. A line sent shows its start line, where it goes, and what a story asked to
//! [show](Ladder::show).

use std::{fmt::Write as _, net::SocketAddr};

use crate::{
    base::{
        masked::Masked,
        numbers::{DialogNo, FlowNo, PhoneNo},
        time::{Span, Timestamp},
    },
    sip::{
        endpoint::{Endpoint, Input},
        event::Event,
        message::{
            Message, Request,
            method::Method,
            read::{Limits, read},
        },
        output::Output,
        settings::{Phone, Settings, Trunk},
        verb::{Invite, Respond, Target},
        wire::{Peer, Transport},
    },
};

/// The trunk of the stories.
pub(in crate::sip) const CARRIER: &str = "192.0.2.1:5060";
/// A phone that stands somewhere.
pub(in crate::sip) const PHONE: &str = "198.51.100.7:40000";
/// Where the phone of the door stands, which has no password.
pub(in crate::sip) const DOOR: &str = "198.51.100.9:5060";
/// Nobody we know.
pub(in crate::sip) const STRANGER: &str = "203.0.113.6:5060";

pub(in crate::sip) fn settings() -> Settings {
    let phone = |user: &str| {
        let password = Some(Masked::new(format!("dev-{user}")));
        Some(Phone { user: user.into(), password, digest: vec![], address: None })
    };
    let door = Some((Transport::Udp, DOOR.parse().unwrap()));
    Settings {
        listen: vec![
            (Transport::Udp, "192.0.2.100:5060".parse().unwrap()),
            (Transport::Tcp, "192.0.2.100:5060".parse().unwrap()),
            (Transport::Udp, "[2001:db8::100]:5060".parse().unwrap()),
        ],
        serves: vec![],
        digests: vec![],
        public_host: None,
        realm: "lotse.example".into(),
        phones: vec![
            phone("1001"),
            phone("1002"),
            Some(Phone { user: "door".into(), password: None, digest: vec![], address: door }),
        ],
        trunks: vec![Some(Trunk {
            name: "city".into(),
            allow: vec![("192.0.2.0".parse().unwrap(), 24), ("2001:db8::".parse().unwrap(), 32)],
            carrier: None,
        })],
        product: "Lotse".into(),
        t1: Span::millis(500),
        t2: Span::secs(4),
        t4: Span::secs(5),
        seed: [7; 32],
        nonce_life: Span::secs(300),
        expires_min: 30,
        expires_max: 3600,
        expires_default: 600,
        session_expires: 1800,
        session_expires_min: 90,
        contacts_max: 3,
        dialogs_max: 100,
        transactions_max: 1000,
        calls_per_second: 1000,
        message_max: 65_536,
        failures_max: 5,
        challenges_max: 100,
    }
}

pub(in crate::sip) struct Ladder {
    pub(in crate::sip) endpoint: Endpoint,
    pub(in crate::sip) now: Timestamp,
    out: Output,
    told: String,
    /// What we sent, and where to, oldest first.
    pub(in crate::sip) sent: Vec<(Peer, Message)>,
    /// Dialogs in the order they were told or made.
    pub(in crate::sip) dialogs: Vec<DialogNo>,
    shown: Vec<&'static str>,
    transport: Transport,
}

impl Ladder {
    pub(in crate::sip) fn new() -> Self {
        Self::with(settings())
    }

    pub(in crate::sip) fn with(settings: Settings) -> Self {
        Self {
            endpoint: Endpoint::new(settings),
            now: Timestamp::EPOCH,
            out: Output::default(),
            told: "\n".into(),
            sent: vec![],
            dialogs: vec![],
            shown: vec![],
            transport: Transport::Udp,
        }
    }

    /// From now on everything comes and goes over TCP.
    pub(in crate::sip) fn over_tcp(self) -> Self {
        self.over(Transport::Tcp)
    }

    /// From now on everything comes and goes over that.
    pub(in crate::sip) fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// These headers are shown behind what we send.
    pub(in crate::sip) fn show(mut self, names: &[&'static str]) -> Self {
        self.shown = names.to_vec();
        self
    }

    /// What happened since this was last asked.
    pub(in crate::sip) fn told(&mut self) -> String {
        std::mem::replace(&mut self.told, "\n".into())
    }

    pub(in crate::sip) fn peer(&self, from: &str) -> Peer {
        let remote: SocketAddr = from.parse().unwrap();
        let local = if remote.is_ipv4() { "192.0.2.100:5060" } else { "[2001:db8::100]:5060" };
        let is_stream = self.transport.is_stream();
        let flow = FlowNo::first(if is_stream { remote.port().into() } else { 0 });
        Peer { transport: self.transport, local: local.parse().unwrap(), remote, flow }
    }

    /// A message comes; its lines are ended as they should be, and its body is measured.
    pub(in crate::sip) fn hears(&mut self, from: &str, text: &str) {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let head = head.trim().replace('\n', "\r\n");
        let bytes = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let peer = self.peer(from);
        let input = Input::Arrival { peer, bytes: bytes.as_bytes() };
        self.endpoint.handle(self.now, input, &mut self.out);
        self.drain();
    }

    /// Time passes, with a tick whenever one is wanted.
    pub(in crate::sip) fn until(&mut self, millis: u64) {
        let end = Timestamp::EPOCH + Span::millis(millis);
        while let Some(wake) = self.endpoint.next_wake().filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.endpoint.handle(self.now, Input::Tick, &mut self.out);
            self.drain();
        }
        self.now = end;
    }

    /// No TCP connection could be had to `remote`.
    pub(in crate::sip) fn no_way(&mut self, remote: &str) {
        let to = self.peer(remote);
        let peer = Peer { transport: Transport::Tcp, flow: Peer::NO_FLOW, ..to };
        self.endpoint.handle(self.now, Input::FlowGone { peer }, &mut self.out);
        self.drain();
    }

    pub(in crate::sip) fn flow_gone(&mut self, from: &str) {
        let peer = self.peer(from);
        let input = Input::FlowGone { peer };
        self.endpoint.handle(self.now, input, &mut self.out);
        self.drain();
    }

    /// A verb.
    pub(in crate::sip) fn does<T>(
        &mut self,
        verb: impl FnOnce(&mut Endpoint, Timestamp, &mut Output) -> T,
    ) -> T {
        let done = verb(&mut self.endpoint, self.now, &mut self.out);
        self.drain();
        done
    }

    pub(in crate::sip) fn responds(&mut self, dialog: usize, status: u16, sdp: &str) {
        let sdp = (!sdp.is_empty()).then(|| sdp.into());
        let respond = Respond { status, sdp, ..Respond::default() };
        let dialog = self.dialogs[dialog];
        let within = self.does(|it, now, out| it.respond_within(now, dialog, respond.clone(), out));
        if within.is_err() {
            self.does(|it, now, out| it.respond(now, dialog, respond, out)).unwrap();
        }
    }

    pub(in crate::sip) fn calls(&mut self, target: Target) {
        let invite = Invite {
            target,
            from_user: "1230".into(),
            from_display: "Bürgertelefon".into(),
            sdp: Some("offer".into()),
            headers: vec![("Alert-Info".into(), "<x>;info=alert-autoanswer".into())],
            hops: None,
        };
        let dialog = self.does(|it, now, out| it.invite(now, invite, out)).unwrap();
        self.dialogs.push(dialog);
    }

    pub(in crate::sip) fn calls_phone(&mut self, phone: u32) {
        self.calls(Target::Phone(PhoneNo::first(phone)));
    }

    pub(in crate::sip) fn calls_uri(&mut self, uri: &str, remote: &str) {
        let remote = remote.parse().unwrap();
        self.calls(Target::Uri { uri: uri.into(), transport: self.transport, remote });
    }

    /// The last request of ours with that method.
    pub(in crate::sip) fn asked(&self, method: &str) -> (Peer, Request) {
        let method = Method::read(method).unwrap();
        let is_it = |it: &&(Peer, Message)| matches!(&it.1, Message::Request(request) if request.method == method);
        match self.sent.iter().rev().find(is_it) {
            Some((peer, Message::Request(request))) => (*peer, request.clone()),
            _ => panic!("no {method} was sent:{}", self.told),
        }
    }

    /// The far side answers our last request of that method, as `tag`, with `lines` more.
    pub(in crate::sip) fn answers(&mut self, method: &str, status: u16, tag: &str, lines: &str) {
        let (peer, request) = self.asked(method);
        self.answers_to(peer, &request, status, tag, lines);
    }

    pub(in crate::sip) fn answers_to(
        &mut self,
        peer: Peer,
        request: &Request,
        status: u16,
        tag: &str,
        lines: &str,
    ) {
        let mut response = request.answer(status);
        if !tag.is_empty() {
            response = response.with_to_tag(tag);
        }
        let mut bytes = vec![];
        response.write(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("Content-Length").next().unwrap().replace('\r', "");
        self.hears(&peer.remote.to_string(), &format!("{head}{lines}"));
    }

    /// Our tag in the last response we sent.
    pub(in crate::sip) fn our_tag(&self) -> String {
        let tag = self.sent.iter().rev().find_map(|(_, message)| match message {
            Message::Response(response) => Some(response.headers.to().ok()?.tag()?.to_owned()),
            Message::Request(_) => None,
        });
        tag.unwrap()
    }

    pub(in crate::sip) fn our_tag_or_none(&self) -> String {
        let any = self.sent.iter().any(|(_, message)| matches!(message, Message::Response(_)));
        if any { self.our_tag() } else { "none".into() }
    }

    /// Nothing is left: no dialog, no transaction, no deadline but those of bindings.
    pub(in crate::sip) fn is_quiet(&self) -> bool {
        let counts = self.endpoint.counts();
        counts.dialogs == 0 && counts.transactions == 0 && self.endpoint.is_empty()
    }

    fn drain(&mut self) {
        let out = std::mem::take(&mut self.out);
        let second = self.now.0 / 1_000_000;
        let tenth = self.now.0 / 100_000 % 10;
        for departure in &out.departures {
            let bytes = &out.bytes[departure.start..departure.end];
            let message = match read(bytes, departure.peer.transport, &Limits::default()) {
                Ok(message) => message,
                // A request whose headers make no sense gets them back with its 400.
                Err(_) if bytes.starts_with(b"SIP/2.0 400 ") => {
                    writeln!(self.told, "{second:>2}.{tenth} > {} 400", departure.peer.remote)
                        .unwrap();
                    continue;
                }
                Err(why) => panic!("{why:?}\n{}", String::from_utf8_lossy(bytes)),
            };
            let what = match &message {
                Message::Request(request) => format!("{} {}", request.method, request.uri),
                Message::Response(response) => {
                    let method = response.headers.cseq().unwrap().method;
                    format!("{} {} ({method})", response.status, response.reason)
                }
            };
            let flow = if departure.peer.flow == Peer::NO_FLOW
                && departure.peer.transport == Transport::Tcp
            {
                " (new connection)"
            } else {
                ""
            };
            write!(self.told, "{second:>2}.{tenth} > {}{flow} {what}", departure.peer.remote)
                .unwrap();
            for name in &self.shown {
                for value in message.headers().all(name) {
                    write!(self.told, " | {name}: {value}").unwrap();
                }
            }
            if !message.body().is_empty() {
                write!(self.told, " | {}", String::from_utf8_lossy(message.body())).unwrap();
            }
            self.told.push('\n');
            self.sent.push((departure.peer, message));
        }
        for event in &out.events {
            if let Event::Invited(invited) = event {
                self.dialogs.push(invited.dialog);
                let it = &**invited;
                writeln!(
                    self.told,
                    "{second:>2}.{tenth} * Invited by {:?}: {} calls {}",
                    it.origin,
                    it.from_user.unmask(),
                    it.request_user
                )
                .unwrap();
                continue;
            }
            let text = format!("{event:?}");
            // Bodies are bytes; the stories' are text.
            let text = match event {
                Event::Acked { sdp, .. } => format!("Acked{}", shown(sdp.as_ref())),
                Event::Progressed { status, sdp, .. } => {
                    format!("Progressed {status}{}", shown(sdp.as_ref()))
                }
                Event::Answered { sdp, .. } => format!("Answered{}", shown(sdp.as_ref())),
                Event::Reoffered { sdp, .. } => format!("Reoffered{}", shown(sdp.as_ref())),
                Event::Reanswered { status, sdp, .. } => {
                    format!("Reanswered {status}{}", shown(sdp.as_ref()))
                }
                Event::Rejected { status, reason, .. } => format!("Rejected {status} {reason}"),
                Event::Cancelled { .. } => "Cancelled".into(),
                Event::HungUp { .. } => "HungUp".into(),
                Event::Lost { .. } => "Lost".into(),
                Event::NeverAcked { .. } => "NeverAcked".into(),
                Event::RefreshDue { .. } => "RefreshDue".into(),
                // Where the INVITE goes, and the 200 to REGISTER, say it already.
                Event::Routed { .. } | Event::Bound { .. } => continue,
                Event::TrunkUp { trunk } => format!("{trunk} up"),
                Event::TrunkDown { trunk, why } => format!("{trunk} down: {why}"),
                Event::Pressed { press, .. } => format!("Pressed {}", press.key),
                Event::Referred(it) => format!("Referred to {}, for {:?}", it.to, it.replaces),
                Event::PhoneUp { .. } | Event::PhoneDown { .. } | Event::Invited(_) => text,
            };
            writeln!(self.told, "{second:>2}.{tenth} * {text}").unwrap();
        }
    }
}

fn shown(sdp: Option<&Vec<u8>>) -> String {
    sdp.map(|it| format!(" {}", String::from_utf8_lossy(it))).unwrap_or_default()
}
