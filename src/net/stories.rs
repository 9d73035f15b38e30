//! Two ends of real sockets on this machine, and what each hears of the other.
//!
//! Nothing waits for a time, only for what comes; two seconds are the end of patience.

use std::{
    fs,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use tungstenite::{Message, client::IntoClientRequest as _};

use crate::{
    base::{
        numbers::TrunkNo,
        time::{Span, Timestamp},
    },
    net::{
        clock::Clock,
        sockets::{Settings, Sockets},
        tls::{self, Identity, Tls, Trust},
    },
    sip::{
        endpoint::Input,
        locate::Place,
        output::Output,
        wire::{Departure, Peer, Transport},
    },
};

const HOME: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const LIMITS: Settings = Settings {
    dscp: 24,
    connections_max: 8,
    connections_from_one: 8,
    handshakes_max: 8,
    connection_idle: Span::secs(60),
    keep_alive: Some(Span::secs(30)),
    unsent_max: 1 << 20,
    message_max: 65_536,
};
const HELLO: &str = "A\r\nl: 0\r\n\r\n";

/// One end, and a clock that can be put forward.
struct End {
    sockets: Sockets,
    clock: Clock,
    later: Span,
}

impl End {
    fn open(tls: &tls::Settings, settings: Settings) -> Self {
        let listen = Transport::ALL.map(|it| (it, HOME));
        let tls = Arc::new(Tls::load(tls, listen.len()).unwrap());
        let listen: Vec<_> = match tls.server(0) {
            Some(_) => listen.into(),
            None => listen.into_iter().filter(|(it, _)| !it.is_secret()).collect(),
        };
        let sockets = Sockets::open(&listen, settings, tls).unwrap();
        Self { sockets, clock: Clock::start(), later: Span::ZERO }
    }

    fn bare(settings: Settings) -> Self {
        Self::open(&tls::Settings::default(), settings)
    }

    fn now(&self) -> Timestamp {
        self.clock.now() + self.later
    }

    /// The way to where it listens.
    fn at(&self, transport: Transport) -> Peer {
        let all = self.sockets.addresses();
        let (_, remote) = all.into_iter().find(|(it, _)| *it == transport).unwrap();
        Peer { transport, local: HOME, remote, flow: Peer::NO_FLOW }
    }

    fn send(&mut self, peer: Peer, text: &str) {
        let departures = vec![Departure { peer, start: 0, end: text.len() }];
        let out = Output { bytes: text.into(), departures, ..Output::default() };
        self.sockets.send(self.now(), &out);
    }

    /// One turn; what was told in it, and by which way.
    fn turn(&mut self, wait: Span) -> Vec<(String, Peer)> {
        let mut told = vec![];
        self.sockets.wait(wait).unwrap();
        self.sockets.receive(self.now(), &mut |input| match input {
            Input::Arrival { peer, bytes } => {
                let text = String::from_utf8_lossy(bytes);
                told.push((format!("{} {text}", peer.transport.name()), peer));
            }
            Input::FlowGone { peer } if peer.flow == Peer::NO_FLOW => {
                told.push(("no way".into(), peer));
            }
            Input::FlowGone { peer } => told.push(("gone".into(), peer)),
            Input::Located { .. } | Input::Tick => unreachable!("sockets tell no such thing"),
        });
        told
    }
}

/// Turns of all `ends` until the first is told something, or for two seconds.
fn told(ends: &mut [&mut End]) -> Vec<String> {
    hear(ends).into_iter().map(|(text, _)| text).collect()
}

fn hear(ends: &mut [&mut End]) -> Vec<(String, Peer)> {
    let clock = Clock::start();
    let end = clock.now() + Span::secs(2);
    while clock.now() < end {
        let [first, others @ ..] = ends else { break };
        let told = first.turn(Span::millis(2));
        if !told.is_empty() {
            return told;
        }
        for other in others {
            other.turn(Span::millis(2));
        }
    }
    vec![]
}

/// Certificates by an authority of our own, in a folder that is removed again.
struct Papers {
    folder: PathBuf,
    authority: CertifiedIssuer<'static, KeyPair>,
}

impl Papers {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lotse-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
        Self { folder, authority }
    }

    fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for those names: `sip:…` and `*.` as they stand, addresses as addresses.
    fn identity(&self, file: &str, names: &[&str]) -> Identity {
        let name = |it: &&str| match it.parse::<IpAddr>() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) if it.starts_with("sip:") => SanType::URI((*it).try_into().unwrap()),
            Err(_) => SanType::DnsName((*it).try_into().unwrap()),
        };
        let mut params = CertificateParams::new([]).unwrap();
        params.subject_alt_names = names.iter().map(name).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        let own = Identity {
            certificate: self.folder.join(format!("{file}.pem")),
            key: self.folder.join(format!("{file}.key")),
        };
        fs::write(&own.certificate, certificate.pem()).unwrap();
        fs::write(&own.key, key.serialize_pem()).unwrap();
        own
    }

    /// As one who shows `own` and trusts our authority to vouch for trunk 0.
    fn settings(&self, own: Option<Identity>, takes_tls12: bool) -> tls::Settings {
        let trust = Trust { roots: Some(self.authority()), own: None };
        tls::Settings { own, takes_tls12, clients: vec![], trunks: vec![Some(trust)] }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Lets `end` look for trunk 0, called `domain`, where `peer` leads.
fn aim(end: &mut End, domain: &str, peer: Peer) {
    let addresses = vec![peer.remote];
    let place = Place { transport: peer.transport, priority: 0, weight: 0, addresses };
    end.sockets.aim(TrunkNo::first(0), &[(domain.to_owned(), vec![place])]);
}

#[test]
fn what_is_sent_in_the_clear_comes_in_at_the_other_end() {
    let (mut here, mut there) = (End::bare(LIMITS), End::bare(LIMITS));
    there.send(here.at(Transport::Udp), "hello");
    assert_eq!(told(&mut [&mut here]), ["UDP hello"]);
    there.send(here.at(Transport::Tcp), HELLO);
    assert_eq!(told(&mut [&mut here, &mut there]), [format!("TCP {HELLO}")]);
}

#[test]
fn a_connection_that_is_refused_is_told_to_whoever_wanted_it() {
    let mut here = End::bare(LIMITS);
    let free = std::net::TcpListener::bind(HOME).unwrap().local_addr().unwrap();
    let nobody = Peer { remote: free, ..here.at(Transport::Tcp) };
    here.send(nobody, HELLO);
    assert_eq!(told(&mut [&mut here]), ["gone", "no way"]);
}

#[test]
fn a_call_by_tls_is_heard_and_answered_over_the_same_connection() {
    let papers = Papers::new("both-ways");
    let own = papers.identity("own", &["sip:example.de", "127.0.0.1"]);
    for takes_tls12 in [true, false] {
        let mut here = End::open(&papers.settings(Some(own.clone()), takes_tls12), LIMITS);
        let mut there = End::open(&papers.settings(None, true), LIMITS);
        let to = here.at(Transport::Tls);
        aim(&mut there, "example.de", to);
        there.send(to, HELLO);
        let heard = hear(&mut [&mut here, &mut there]);
        assert_eq!(heard[0].0, format!("TLS {HELLO}"));
        here.send(heard[0].1, "B\r\nl: 0\r\n\r\n");
        assert_eq!(told(&mut [&mut there, &mut here]), ["TLS B\r\nl: 0\r\n\r\n"]);
        assert_eq!(
            (here.sockets.counts().handshakes_done, there.sockets.counts().handshakes_done),
            (1, 1)
        );
    }
}

/// RFC 5922 7: which certificates make whom believe.
#[test]
fn a_carrier_must_prove_to_be_the_domain_it_was_looked_up_by() {
    let papers = Papers::new("names");
    for (names, domain, is_believed) in [
        (&["sip:example.de"][..], "example.de", true),
        (&["sip:EXAMPLE.de"], "example.de", true),
        (&["sip:other.de", "sip:example.de"], "example.de", true),
        (&["example.de"], "example.de", true),
        // Its SIP domains are what counts if it has any.
        (&["sip:other.de", "example.de"], "example.de", false),
        (&["sip:mallory@example.de"], "example.de", false),
        (&["*.example.de"], "sbc.example.de", false),
        (&["sbc1.example.de"], "example.de", false),
        (&["127.0.0.1"], "127.0.0.1", true),
        (&["127.0.0.2"], "127.0.0.1", false),
    ] {
        let own = papers.identity("own", names);
        let mut here = End::open(&papers.settings(Some(own), true), LIMITS);
        let mut there = End::open(&papers.settings(None, true), LIMITS);
        let to = here.at(Transport::Tls);
        aim(&mut there, domain, to);
        there.send(to, HELLO);
        let told = if is_believed {
            told(&mut [&mut here, &mut there])
        } else {
            told(&mut [&mut there, &mut here])
        };
        let expected = if is_believed {
            vec![format!("TLS {HELLO}")]
        } else {
            vec!["gone".into(), "no way".into()]
        };
        assert_eq!(told, expected, "{names:?} as {domain}");
    }
}

#[test]
fn an_authority_that_nobody_knows_vouches_for_nobody() {
    let (papers, others) = (Papers::new("ours"), Papers::new("theirs"));
    let own = others.identity("own", &["sip:example.de"]);
    let mut here = End::open(&others.settings(Some(own), true), LIMITS);
    let mut there = End::open(&papers.settings(None, true), LIMITS);
    let to = here.at(Transport::Tls);
    aim(&mut there, "example.de", to);
    there.send(to, HELLO);
    assert_eq!(told(&mut [&mut there, &mut here]), ["gone", "no way"]);
    assert_eq!(there.sockets.counts().handshakes_failed, 1);
}

#[test]
fn a_listener_may_want_to_know_who_connects() {
    let papers = Papers::new("mutual");
    let own = papers.identity("own", &["sip:example.de"]);
    let mut settings = papers.settings(Some(own), true);
    settings.clients = vec![Some(papers.authority()); Transport::ALL.len()];
    let shown = papers.identity("shown", &["sip:customer.de"]);
    for (own, is_let_in) in [(Some(shown), true), (None, false)] {
        let mut here = End::open(&settings, LIMITS);
        let mut client = papers.settings(None, true);
        client.trunks = vec![Some(Trust { roots: Some(papers.authority()), own })];
        let mut there = End::open(&client, LIMITS);
        let to = here.at(Transport::Tls);
        aim(&mut there, "example.de", to);
        there.send(to, HELLO);
        let expected = if is_let_in { format!("TLS {HELLO}") } else { "gone".into() };
        assert_eq!(told(&mut [&mut here, &mut there]), [expected]);
    }
}

#[test]
fn new_certificates_are_shown_to_whoever_comes_next_and_old_connections_stay() {
    let papers = Papers::new("renewed");
    let own = papers.identity("own", &["sip:old.de"]);
    let mut here = End::open(&papers.settings(Some(own), true), LIMITS);
    let mut old = End::open(&papers.settings(None, true), LIMITS);
    let to = here.at(Transport::Tls);
    aim(&mut old, "old.de", to);
    old.send(to, HELLO);
    assert_eq!(told(&mut [&mut here, &mut old]), [format!("TLS {HELLO}")]);

    let own = papers.identity("own", &["sip:new.de"]);
    let renewed = Tls::load(&papers.settings(Some(own), true), Transport::ALL.len()).unwrap();
    here.sockets.trust(Arc::new(renewed));
    let mut new = End::open(&papers.settings(None, true), LIMITS);
    aim(&mut new, "new.de", to);
    new.send(to, HELLO);
    assert_eq!(told(&mut [&mut here, &mut new]), [format!("TLS {HELLO}")]);
    old.send(to, HELLO);
    assert_eq!(told(&mut [&mut here, &mut old]), [format!("TLS {HELLO}")]);
    assert_eq!(here.sockets.counts().connections, 2);
}

#[test]
fn a_file_that_is_of_no_use_is_named_with_what_is_wrong() {
    let papers = Papers::new("faults");
    let (one, other) = (papers.identity("one", &["a.de"]), papers.identity("two", &["b.de"]));
    let fault = |own: Identity| {
        let fault = Tls::load(&papers.settings(Some(own), true), 1).unwrap_err();
        fault.to_string().replace(&format!("{}/", papers.folder.display()), "")
    };
    let swapped = Identity { key: other.key, ..one.clone() };
    assert!(fault(swapped).starts_with("two.key: this is not the key of "));
    let key = Identity { certificate: one.key.clone(), ..one.clone() };
    assert_eq!(fault(key), "one.key: there is no PEM certificate in it");
    let no_key = Identity { key: one.certificate.clone(), ..one.clone() };
    assert_eq!(fault(no_key), "one.pem: there is no PEM private key in it");
    let absent = Identity { certificate: papers.folder.join("absent"), ..one };
    assert!(fault(absent).starts_with("absent: cannot be read: No such file"));
}

/// A stranger that connects and says nothing, garbage, or half a handshake.
fn knock(to: Peer, says: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to.remote).unwrap();
    stream.write_all(says).unwrap();
    stream
}

#[test]
fn whoever_does_not_finish_its_handshake_is_let_go_and_counted() {
    let papers = Papers::new("slow");
    let own = papers.identity("own", &["sip:example.de"]);
    let mut here = End::open(&papers.settings(Some(own), true), LIMITS);
    let to = here.at(Transport::Tls);
    let _plain = knock(to, b"REGISTER sip:example.de SIP/2.0\r\n\r\n");
    assert_eq!(told(&mut [&mut here]), ["gone"]);
    // Four of eight handshakes is what one source may have.
    let knocking: Vec<_> = (0..5).map(|_| knock(to, &[22, 3, 1])).collect();
    while here.sockets.counts().turned_away == 0 {
        here.turn(Span::millis(2));
    }
    assert_eq!(here.sockets.counts().connections, 4);
    here.later = Span::secs(11);
    assert_eq!(told(&mut [&mut here]).len(), 4);
    let counts = here.sockets.counts();
    assert_eq!((counts.timed_out, counts.handshakes_failed, counts.connections), (4, 5, 0));
    drop(knocking);
}

#[test]
fn one_source_cannot_take_all_connections() {
    let mut here = End::bare(Settings { connections_from_one: 2, ..LIMITS });
    let to = here.at(Transport::Tcp);
    let _knocking: Vec<_> = (0..3).map(|_| knock(to, b"")).collect();
    while here.sockets.counts().turned_away == 0 {
        here.turn(Span::millis(2));
    }
    assert_eq!((here.sockets.counts().connections, here.sockets.counts().accepted), (2, 2));
}

#[test]
fn a_connection_of_ours_is_pinged_and_one_that_stops_answering_is_gone() {
    let patient = Settings { connection_idle: Span::secs(600), ..LIMITS };
    let (mut here, mut there) = (End::bare(LIMITS), End::bare(patient));
    there.send(here.at(Transport::Tcp), HELLO);
    assert_eq!(told(&mut [&mut here, &mut there]), [format!("TCP {HELLO}")]);
    // Thirty seconds later it asks, and is answered.
    there.later = Span::secs(33);
    there.turn(Span::ZERO);
    for _ in 0..20 {
        here.turn(Span::millis(2));
        there.turn(Span::millis(2));
    }
    // Thirty more, and nobody answers: ten seconds are given.
    there.later = Span::secs(67);
    there.turn(Span::ZERO);
    there.later = Span::secs(76);
    assert_eq!(there.turn(Span::ZERO), []);
    there.later = Span::secs(78);
    let told: Vec<_> = told(&mut [&mut there]);
    assert_eq!(told, ["gone", "no way"]);
    assert_eq!(there.sockets.counts().timed_out, 1);
}

/// What a browser's end hears, and what is heard of it.
#[test]
fn a_browser_speaks_sip_by_frames_in_the_clear_and_by_tls() {
    let papers = Papers::new("browser");
    let own = papers.identity("own", &["sip:example.de"]);
    let mut here = End::open(&papers.settings(Some(own), true), LIMITS);
    let to = here.at(Transport::Ws);
    let browser = thread::spawn(move || {
        let stream = TcpStream::connect(to.remote).unwrap();
        let mut request = format!("ws://{}/any", to.remote).into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "sip".parse().unwrap());
        let (mut web, response) = tungstenite::client(request, stream).unwrap();
        let protocol = response.headers().get("Sec-WebSocket-Protocol").unwrap();
        assert_eq!(protocol, "sip");
        web.send(Message::text("no length")).unwrap();
        let mut heard = vec![web.read().unwrap().to_string()];
        web.send(Message::Ping("x".into())).unwrap();
        web.send(Message::text("\r\n\r\n")).unwrap();
        heard.push(format!("{:?}", web.read().unwrap()));
        heard.push(format!("{:?}", web.read().unwrap()));
        // A message in three frames is one message.
        let stream = web.get_mut();
        for (first, text) in [(1u8, &b"in "[..]), (0, b"three "), (128, b"parts")] {
            let length = u8::try_from(text.len()).unwrap();
            stream.write_all(&[first, 128 | length, 0, 0, 0, 0]).unwrap();
            stream.write_all(text).unwrap();
        }
        web.close(None).unwrap();
        while web.read().is_ok() {}
        heard
    });
    let heard = hear(&mut [&mut here]);
    assert_eq!(heard[0].0, "WS no length");
    here.send(heard[0].1, "answer");
    let mut told = told(&mut [&mut here]);
    if told.len() == 1 {
        told.extend(self::told(&mut [&mut here]));
    }
    assert_eq!(told, ["WS in three parts", "gone"]);
    let heard = browser.join().unwrap();
    assert_eq!(heard, ["answer", "Pong(b\"x\")", "Text(Utf8Bytes(b\"\\r\\n\"))"]);
}

/// The HTTP answer to `request`.
fn answer(here: &mut End, request: &str) -> String {
    let to = here.at(Transport::Ws);
    let mut stream = knock(to, request.as_bytes());
    while told(&mut [here]) != ["gone"] {}
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn who_asks_for_anything_but_sip_is_told_so() {
    let mut here = End::bare(LIMITS);
    let upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "426 Upgrade Required"),
        ("POST / HTTP/1.1\r\n\r\n".to_owned(), "405 Method Not Allowed"),
        ("INVITE sip:x SIP/2.0\r\n\r\n".to_owned(), "400 Bad Request"),
        (format!("GET / HTTP/1.1\r\n{upgrade}{key}\r\n"), "400 Bad Request"),
        (
            format!("GET / HTTP/1.1\r\n{upgrade}{key}Sec-WebSocket-Protocol: chat\r\n\r\n"),
            "400 Bad Request",
        ),
        (
            format!("GET / HTTP/1.1\r\n{upgrade}Sec-WebSocket-Protocol: sip\r\n\r\n"),
            "400 Bad Request",
        ),
        (
            format!("GET / HTTP/1.1\r\nCookie: {}\r\n", "x".repeat(20_000)),
            "431 Request Header Fields Too Large",
        ),
    ] {
        assert_eq!(answer(&mut here, &request), format!("HTTP/1.1 {status}"), "{request:.60}");
    }
}

#[test]
fn a_frame_larger_than_a_message_may_be_ends_the_connection() {
    let mut here = End::bare(Settings { message_max: 1_500, ..LIMITS });
    let to = here.at(Transport::Ws);
    let request = "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, sip\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut stream = knock(to, request.as_bytes());
    // A frame of text that says to be a gigabyte long.
    stream.write_all(&[129, 255, 0, 0, 0, 0, 64, 0, 0, 0, 1, 2, 3, 4]).unwrap();
    assert_eq!(told(&mut [&mut here]), ["gone"]);
}

#[test]
fn nobody_can_be_called_back_over_a_websocket_that_is_gone() {
    let mut here = End::bare(LIMITS);
    let browser = Peer { remote: ([127, 0, 0, 1], 9).into(), ..here.at(Transport::Ws) };
    here.send(browser, HELLO);
    assert_eq!(told(&mut [&mut here]), ["no way"]);
}
