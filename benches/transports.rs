//! What secrecy costs: TLS handshakes a second, and calls a second by UDP, TCP and TLS.
//!
//! Both ends run in one thread of this process, so a figure is what both of them cost together.
//! A call is seven messages of 600 bytes, as INVITE, 100, 180, 200, ACK, BYE and 200 are; fifty
//! calls are under way at once. Ratios within one run are what counts.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use lotse::{
    base::{numbers::TrunkNo, time::Span},
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
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, SignatureAlgorithm,
};

const HOME: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const GREETINGS: u32 = 400;
const CALLS: u32 = 20_000;
const AT_ONCE: u32 = 50;
const MESSAGES: u32 = 7;

fn main() {
    let folder = std::env::temp_dir().join(format!("lotse-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, algorithm) in
        [("P-256", &PKCS_ECDSA_P256_SHA256), ("P-384", &PKCS_ECDSA_P384_SHA384)]
    {
        let tls = papers(&folder, algorithm);
        for (kind, fresh) in [("full", true), ("resumed", false)] {
            println!("handshakes, {name} {kind:<7} {:>8.0} /s", handshakes(&tls, fresh));
        }
    }
    let tls = papers(&folder, &PKCS_ECDSA_P256_SHA256);
    let udp = calls(&tls, Transport::Udp);
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
        let rate = calls(&tls, transport);
        println!("calls by {:<4} {rate:>25.0} /s {:>6.2} of UDP", transport.name(), rate / udp);
    }
    fs::remove_dir_all(folder).unwrap();
}

/// One who shows a certificate of that kind, and trusts whoever shows one of that kind.
fn papers(folder: &Path, algorithm: &'static SignatureAlgorithm) -> tls::Settings {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate_for(algorithm).unwrap();
    let params = CertificateParams::new(["example.de".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let file = |name: &str, text: String| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name)
    };
    let roots = Some(file("ca.pem", authority.pem()));
    let own = Identity {
        certificate: file("own.pem", certificate.pem()),
        key: file("own.key", key.serialize_pem()),
    };
    tls::Settings {
        own: Some(own),
        takes_tls12: true,
        clients: vec![],
        trunks: vec![Some(Trust { roots, own: None })],
    }
}

fn open(tls: &Arc<Tls>) -> Sockets {
    let listen = [Transport::Udp, Transport::Tcp, Transport::Tls].map(|it| (it, HOME));
    let settings = Settings {
        dscp: 0,
        connections_max: 10_000,
        connections_from_one: 10_000,
        handshakes_max: 1_000,
        connection_idle: Span::secs(600),
        keep_alive: None,
        unsent_max: 1 << 24,
        message_max: 65_536,
    };
    Sockets::open(&listen, settings, Arc::clone(tls)).unwrap()
}

fn load(tls: &tls::Settings) -> Arc<Tls> {
    Arc::new(Tls::load(tls, 3).unwrap())
}

fn way(to: &Sockets, transport: Transport) -> Peer {
    let (_, remote) = to.addresses().into_iter().find(|(it, _)| *it == transport).unwrap();
    Peer { transport, local: HOME, remote, flow: Peer::NO_FLOW }
}

fn aim(from: &mut Sockets, to: Peer) {
    let addresses = vec![to.remote];
    let place = Place { transport: to.transport, priority: 0, weight: 0, addresses };
    from.aim(TrunkNo::first(0), &[("example.de".to_owned(), vec![place])]);
}

fn send(sockets: &mut Sockets, clock: Clock, peers: &[Peer], text: &[u8]) {
    let departure = |&peer: &Peer| Departure { peer, start: 0, end: text.len() };
    let departures = peers.iter().map(departure).collect();
    sockets.send(clock.now(), &Output { bytes: text.into(), departures, ..Output::default() });
}

/// What came in one turn, by the ways it came.
fn turn(sockets: &mut Sockets, clock: Clock) -> Vec<Peer> {
    let mut came = vec![];
    sockets.wait(Span::ZERO).unwrap();
    sockets.receive(clock.now(), &mut |input| {
        if let Input::Arrival { peer, .. } = input {
            came.push(peer);
        }
    });
    came
}

/// Greetings a second, one after the other, each with a message behind it. `fresh`: by one who
/// never came before.
fn handshakes(tls: &tls::Settings, fresh: bool) -> f64 {
    let clock = Clock::start();
    let (here, known) = (load(tls), load(tls));
    let mut here = open(&here);
    let to = way(&here, Transport::Tls);
    let start = clock.now();
    for _ in 0..GREETINGS {
        let mut there = open(&if fresh { load(tls) } else { Arc::clone(&known) });
        aim(&mut there, to);
        send(&mut there, clock, &[to], b"A\r\nl: 0\r\n\r\n");
        while turn(&mut here, clock).is_empty() {
            turn(&mut there, clock);
        }
        // Its tickets are on their way, for the next time.
        turn(&mut there, clock);
    }
    f64::from(GREETINGS) / seconds(clock.now().since(start))
}

/// Calls a second over one connection, or one pair of UDP sockets.
fn calls(tls: &tls::Settings, transport: Transport) -> f64 {
    let clock = Clock::start();
    let tls = load(tls);
    let (mut here, mut there) = (open(&tls), open(&tls));
    let to = way(&here, transport);
    aim(&mut there, to);
    let message =
        [&b"OPTIONS sip:x SIP/2.0\r\nX: "[..], &[b'x'; 560], b"\r\nl: 0\r\n\r\n"].concat();
    let mut run = |messages: u32| {
        let start = clock.now();
        send(&mut there, clock, &vec![to; AT_ONCE as usize], &message);
        let (mut came, mut under_way) = (0, AT_ONCE);
        while under_way > 0 {
            for end in [&mut here, &mut there] {
                let heard = turn(end, clock);
                let count = u32::try_from(heard.len()).unwrap();
                came += count;
                if came < messages {
                    send(end, clock, &heard, &message);
                } else {
                    under_way = under_way.saturating_sub(count);
                }
            }
        }
        clock.now().since(start)
    };
    run(AT_ONCE * 4);
    let spent = run(CALLS * MESSAGES);
    f64::from(CALLS) / seconds(spent)
}

#[allow(clippy::cast_precision_loss)] // Microseconds of a run of a few seconds.
fn seconds(span: Span) -> f64 {
    span.0 as f64 / 1e6
}
