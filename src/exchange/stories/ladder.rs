//! An exchange whose wire is a page of text.
//!
//! `>` is what it sends, with the headers that a story asked to [show](Ladder::show). Media obey
//! at once: there are ports, and what is to be closed is closed. Whoever hears a 200 to its INVITE
//! acknowledges it.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr};

use crate::{
    base::{
        numbers::{FlowNo, LegNo, SoundNo},
        time::{Span, Timestamp},
    },
    exchange::{
        check, example,
        fact::Fact,
        plan::Plan,
        switch::{Exchange, Input, Output},
    },
    media::order::{Notice, Order, Report, Stream},
    sip::{
        self,
        auth::digest::Challenge,
        message::{
            Message, Request, Response,
            method::Method,
            read::{Limits, read},
        },
        wire::{Peer, Transport},
    },
};

/// Sound at that port of the carrier's.
pub(super) fn sdp(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

pub(super) struct Ladder {
    pub(super) x: Exchange,
    pub(super) now: Timestamp,
    out: Output,
    told: String,
    pub(super) sent: Vec<(Peer, Message)>,
    pub(super) facts: Vec<Fact>,
    /// What legs were ordered to hear, one order after another; nothing: silence.
    pub(super) heard: Vec<Vec<SoundNo>>,
    /// What each leg's far side was last said to be like.
    pub(super) streams: BTreeMap<LegNo, Stream>,
    shown: Vec<&'static str>,
    calls: u32,
    /// Whether whoever hears a 200 acknowledges it by itself.
    pub(super) acknowledges: bool,
    /// Whether the media could open no leg, and so have none to close.
    pub(super) opens_nothing: bool,
}

impl Ladder {
    /// The example's city, with 64 ports for sound.
    pub(super) fn of(plan: Plan) -> Self {
        Self::with_ports(plan, 64)
    }

    pub(super) fn with_ports(plan: Plan, ports: u16) -> Self {
        let mut it = Self {
            x: Exchange::new(plan),
            now: Timestamp::EPOCH + Span::secs(1),
            out: Output::default(),
            told: "\n".into(),
            sent: vec![],
            facts: vec![],
            heard: vec![],
            streams: BTreeMap::new(),
            shown: vec![],
            calls: 0,
            acknowledges: true,
            opens_nothing: false,
        };
        let ports = (0..ports).map(|it| 20_000 + 2 * it).collect();
        it.does(Input::Notice(Notice::Ports { ports }));
        it.told();
        it
    }

    /// These headers are shown behind what is sent.
    pub(super) fn show(mut self, names: &[&'static str]) -> Self {
        self.shown = names.to_vec();
        self
    }

    /// What was sent since this was last asked.
    pub(super) fn told(&mut self) -> String {
        std::mem::replace(&mut self.told, "\n".into())
    }

    /// One thing is told, and all that follows is carried out.
    pub(super) fn does(&mut self, input: Input<'_>) {
        self.x.handle(self.now, input, &mut self.out);
        self.drain();
        assert_eq!(check::broken(&self.x), Vec::<String>::new());
    }

    pub(super) fn peer(remote: SocketAddr) -> Peer {
        let (transport, flow) = (Transport::Udp, FlowNo::first(0));
        Peer { transport, local: example::here(), remote, flow }
    }

    /// Bytes come from there.
    pub(super) fn hears_bytes(&mut self, from: SocketAddr, bytes: &[u8]) {
        let peer = Self::peer(from);
        self.does(Input::Sip(sip::endpoint::Input::Arrival { peer, bytes }));
    }

    /// A message comes; its lines are ended as they should be, and its body is measured.
    pub(super) fn hears(&mut self, from: SocketAddr, text: &str) {
        self.hears_bytes(from, &framed(text));
    }

    /// The carrier calls `uri`, with these header lines and its sound; From and To may be in them.
    pub(super) fn calls(&mut self, uri: &str, lines: &str) {
        self.calls += 1;
        let invite = invite(self.calls, uri, lines, &sdp(4000));
        self.hears(example::carrier(), &invite);
    }

    /// That phone registers from there.
    pub(super) fn registers(&mut self, user: &str, from: SocketAddr) {
        let register = |number: u32, lines: &str| {
            format!(
                "REGISTER sip:lotse.example SIP/2.0\nVia: SIP/2.0/UDP {from};branch=z9hG4bKr{number}\n\
                 Call-ID: {user}\nCSeq: {number} REGISTER\nFrom: <sip:{user}@lotse.example>;tag=r\n\
                 To: <sip:{user}@lotse.example>\nContact: <sip:{user}@{from}>\n{lines}"
            )
        };
        self.hears(from, &register(1, ""));
        let Some((_, Message::Response(response))) = self.sent.last() else { panic!() };
        let challenge = response.headers.all("WWW-Authenticate").find_map(Challenge::read).unwrap();
        let (uri, password) = ("sip:lotse.example", format!("secret-{user}"));
        let shown = challenge.credentials(user, &password, &Method::REGISTER, uri, 1, "c");
        self.hears(from, &register(2, &format!("Authorization: {shown}")));
        let told = self.told();
        assert!(told.contains("200 OK (REGISTER)"), "{told}");
    }

    /// Our tag in the dialog of the carrier's `number`th call.
    pub(super) fn tag_of_call(&self, number: u32) -> String {
        let call_id = format!("call-{number}");
        let found = self.sent.iter().find_map(|(_, it)| match it {
            Message::Response(it) if it.status > 100 && it.headers.call_id() == Ok(&*call_id) => {
                Some(it.headers.to().ok()?.tag()?.to_owned())
            }
            Message::Request(_) | Message::Response(_) => None,
        });
        found.unwrap_or_else(|| panic!("{call_id} was not answered:{}", self.told))
    }

    /// Time passes, with a tick whenever one is wanted.
    pub(super) fn until(&mut self, millis: u64) {
        let end = Timestamp::EPOCH + Span::millis(millis);
        while let Some(wake) = self.x.next_wake().filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.does(Input::Tick);
        }
        self.now = end;
    }

    /// The last request of ours with that method.
    pub(super) fn asked(&self, method: &str) -> (Peer, Request) {
        let method = Method::read(method).unwrap();
        let found = self.sent.iter().rev().find_map(|(peer, it)| match it {
            Message::Request(request) if request.method == method => Some((*peer, request.clone())),
            Message::Request(_) | Message::Response(_) => None,
        });
        found.unwrap_or_else(|| panic!("no {method} was sent:{}", self.told))
    }

    /// Whoever we asked answers our last request of that method, with these lines and, behind an
    /// empty one, its sound.
    pub(super) fn answers(&mut self, method: &str, status: u16, lines: &str) {
        let (peer, request) = self.asked(method);
        let mut bytes = vec![];
        request.answer(status).with_to_tag("them").write(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("Content-Length").next().unwrap().replace('\r', "");
        self.hears(peer.remote, &format!("{head}{lines}"));
    }

    fn drain(&mut self) {
        // Media obey at once, and what they say may lead to more.
        loop {
            let orders: Vec<_> = self.out.orders.drain(..).collect();
            for order in &orders {
                if let Order::Play { sounds, .. } = order {
                    self.heard.push(sounds.clone());
                } else if let Order::Stop { .. } = order {
                    self.heard.push(vec![]);
                } else if let Order::Open { leg, stream, .. } | Order::Change { leg, stream } =
                    order
                {
                    self.streams.insert(*leg, stream.clone());
                }
            }
            let closed: Vec<_> = orders
                .into_iter()
                .filter_map(|it| if let Order::Close { leg } = it { Some(leg) } else { None })
                .collect();
            if closed.is_empty() {
                break;
            }
            for leg in closed {
                let notice = if self.opens_nothing {
                    Notice::Failed { leg, why: format!("close {leg}: there is none") }
                } else {
                    Notice::Closed { leg, report: Report::default() }
                };
                self.x.handle(self.now, Input::Notice(notice), &mut self.out);
            }
        }
        self.facts.extend(self.out.facts.drain(..).map(|it| it.fact));
        self.out.sip.rejected.clear();
        let out = std::mem::take(&mut self.out.sip);
        let mut acks = vec![];
        for departure in &out.departures {
            let bytes = &out.bytes[departure.start..departure.end];
            let Ok(message) = read(bytes, departure.peer.transport, &Limits::default()) else {
                // What was not understood is given back with its 400.
                let line = String::from_utf8_lossy(bytes).lines().next().map(str::to_owned);
                writeln!(self.told, "> {} {}", departure.peer.remote, line.unwrap_or_default())
                    .unwrap();
                continue;
            };
            let what = match &message {
                Message::Request(request) => format!("{} {}", request.method, request.uri),
                Message::Response(response) => {
                    let method = response.headers.cseq().unwrap().method;
                    format!("{} {} ({method})", response.status, response.reason)
                }
            };
            writeln!(self.told, "> {} {what}", departure.peer.remote).unwrap();
            for name in &self.shown {
                for value in message.headers().all(name) {
                    let value = value.split(";tag=").next().unwrap_or_default();
                    writeln!(self.told, "    {name}: {value}").unwrap();
                }
            }
            if let Message::Response(response) = &message
                && self.acknowledges
            {
                acks.extend(ack(response).map(|ack| (departure.peer, ack)));
            }
            self.sent.push((departure.peer, message));
        }
        for (peer, ack) in acks {
            let mut bytes = vec![];
            ack.write(&mut bytes);
            let input = Input::Sip(sip::endpoint::Input::Arrival { peer, bytes: &bytes });
            self.x.handle(self.now, input, &mut self.out);
            self.drain();
        }
    }
}

/// The ACK to a 200 of ours.
fn ack(response: &Response) -> Option<Request> {
    let cseq = response.headers.cseq().ok()?;
    let is_it = response.status == 200 && cseq.method == Method::INVITE;
    let target = response.headers.contact().ok().filter(|_| is_it)?.uri();
    let mut ack = Request::new(Method::ACK, target)
        .with("Via", "SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKack")
        .with("CSeq", format!("{} ACK", cseq.number));
    for name in ["From", "To", "Call-ID"] {
        ack.headers.copy(name, &response.headers);
    }
    Some(ack)
}

/// A message as bytes: its lines are ended as they should be, and its body is measured.
pub(super) fn framed(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let head = head.trim().replace('\n', "\r\n");
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// An INVITE of the carrier's; From, To and Contact are as usual if the lines do not say them.
pub(super) fn invite(number: u32, uri: &str, lines: &str, sdp: &str) -> String {
    let mut text = format!(
        "INVITE {uri} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKc{number}\n\
         Call-ID: call-{number}\nCSeq: 1 INVITE\nMax-Forwards: 70\n"
    );
    for (name, usual) in [
        ("From", "<sip:+493415550001@carrier.example>;tag=f"),
        ("To", "<sip:1230@lotse.example>"),
        ("Contact", "<sip:c@192.0.2.50>"),
    ] {
        let is_said = lines.lines().any(|it| it.starts_with(&format!("{name}:")));
        if !is_said {
            writeln!(text, "{name}: {usual}").unwrap();
        }
    }
    text.push_str(lines);
    if !lines.is_empty() && !lines.ends_with('\n') {
        text.push('\n');
    }
    if !sdp.is_empty() {
        writeln!(text, "Content-Type: application/sdp\n\n{sdp}").unwrap();
    }
    text
}
