//! The media thread: RTP ports, batched sockets, and the media machine between them.
//!
//! ```text
//! signal thread ── orders ──► bounded channel, waker ──► media thread ── recvmmsg, sendto ──► ports
//!               ◄─ notices ── `tell`, called there ─────────────┘
//! ```
//!
//! There is one thread. Joined legs may be any two, so with several threads either every leg
//! would have to move to its other side's, or sockets be shared; one thread relays what several
//! hundred talking calls need (docs/PERFORMANCE.md), and the signal thread has the other core.
//! More would shard by call at `Open`. Knows no SIP.

pub mod carrier;
pub mod figures;
pub mod ports;

use std::{fs, io, net::IpAddr, path::PathBuf, process, sync::Arc, thread};

use crossbeam_channel::{Sender, TrySendError};
use mio::{Poll, Waker};

use crate::{
    base::rng::Rng,
    media::{
        machine::{Machine, Output},
        order::{Notice, Order, Settings},
        sound::{Catalogue, Sound},
    },
    net::clock::Clock,
    relay::{
        carrier::{Carrier, Tell, WAKE},
        figures::Figures,
        ports::Ports,
    },
};

/// Orders that may lie unread by the media thread. It bounds the memory that a standstill costs here; what does not fit
/// is not lost, but waits with whoever [posts](Relay::post), and the log says so.
const ORDERS_MAX: usize = 65_536;

/// The media thread at work. It ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    orders: Option<Sender<Order>>,
    waker: Arc<Waker>,
    /// There are orders that the thread has not been woken for.
    unsaid: bool,
    figures: Figures,
    thread: Option<thread::JoinHandle<()>>,
}

impl Relay {
    /// Starts the thread. `sounds` are WAV files, numbered on after the built-in ones. The
    /// first notice tells which ports are ready; that none can be had is an error here.
    pub fn start(
        settings: &Settings,
        sounds: &[PathBuf],
        clock: Clock,
        tell: Tell,
    ) -> io::Result<Self> {
        let mut catalogue = Catalogue::built_in();
        for path in sounds {
            catalogue.add(load(path)?);
        }
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let mut ports = Ports::new(settings, poll.registry().try_clone()?);
        let prepared = usize::from(settings.prepared.max(1));
        let (ready, fault) = ports.prepare(prepared);
        if ready.is_empty() {
            return Err(no_ports(settings, fault));
        }
        tell(Notice::Ports { ports: ready });

        let (orders, wanted) = crossbeam_channel::bounded(ORDERS_MAX);
        let figures = Figures::default();
        let carrier = Carrier {
            poll,
            clock,
            machine: Machine::new(settings, catalogue, Rng::new(chance()?)),
            ports,
            orders: wanted,
            tell,
            figures: figures.clone(),
            prepared,
            inbox: Carrier::inbox(),
            out: Output::default(),
            unfinished: vec![],
            exhausted: false,
        };
        let thread = thread::Builder::new().name("media".into()).spawn(move || {
            let _loud = Loud;
            if let Err(error) = carrier.run() {
                tracing::error!(%error, "the media thread cannot wait for packets");
                process::exit(1);
            }
        })?;
        Ok(Self { orders: Some(orders), waker, unsaid: false, figures, thread: Some(thread) })
    }

    /// Hands over orders, in order. Never waits: what does not fit any more stays in `orders`
    /// and goes with the next call, before what is added until then. Wakes the thread if one of
    /// them is urgent; otherwise it finds them when it wakes by itself, or at a
    /// [`nudge`](Self::nudge).
    pub fn post(&mut self, orders: &mut Vec<Order>) {
        let Some(channel) = &self.orders else { return };
        if orders.is_empty() {
            return;
        }
        let mut is_urgent = false;
        let mut rest = vec![];
        let mut waiting = orders.drain(..).inspect(|it| is_urgent |= it.is_urgent());
        for order in waiting.by_ref() {
            // A thread that is gone has ended the process, or is about to.
            if let Err(TrySendError::Full(order)) = channel.try_send(order) {
                tracing::warn!("the media thread is {ORDERS_MAX} orders behind");
                rest.push(order);
                break;
            }
        }
        rest.extend(waiting);
        is_urgent |= !rest.is_empty();
        *orders = rest;
        self.unsaid = true;
        if is_urgent {
            self.nudge();
        }
    }

    /// Wakes the thread if there are orders that it may not have seen.
    pub fn nudge(&mut self) {
        if std::mem::take(&mut self.unsaid) {
            let _ = self.waker.wake();
        }
    }

    /// What is counted.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.figures.clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Ends the process when the media thread panics: calls without sound help nobody, and a
/// process that is gone is started again.
struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!("the media thread failed: this process ends");
            process::exit(1);
        }
    }
}

fn load(path: &PathBuf) -> io::Result<Sound> {
    let told = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
    let name = path.display().to_string();
    let file = fs::read(path).map_err(|it| io::Error::new(it.kind(), format!("{name}: {it}")))?;
    Sound::from_wav(name.clone(), &file).map_err(|it| told(format!("{name}: {it}")))
}

fn no_ports(settings: &Settings, fault: Option<io::Error>) -> io::Error {
    let (first, last) = settings.ports;
    let address: IpAddr = settings.address;
    let (kind, why) = fault.map_or_else(
        || (io::ErrorKind::InvalidInput, "the range holds no even port with one above".into()),
        |it| (it.kind(), it.to_string()),
    );
    io::Error::new(kind, format!("no RTP port of {first}-{last} on {address} can be bound: {why}"))
}

/// A seed that nobody can guess: SSRCs and first numbers are drawn from it (RFC 3550 5.1).
fn chance() -> io::Result<u64> {
    Ok(getrandom::u64()?)
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv4Addr, SocketAddr, UdpSocket},
        time::Duration,
    };

    use crossbeam_channel::Receiver;

    use super::*;
    use crate::{
        base::{
            numbers::{LegNo, SoundNo},
            time::Span,
        },
        media::order::{Codec, Stream},
        relay::ports::free_range,
        rtp::packet::{self, Head, Ssrc},
    };

    const CALLER: LegNo = LegNo::first(1);
    const AGENT: LegNo = LegNo::first(2);

    /// A relay on loopback with its own range of ports, and what it says.
    fn relay() -> (Relay, Receiver<Notice>, Vec<u16>) {
        let ports = free_range(20);
        let (tell, told) = crossbeam_channel::unbounded();
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            ports,
            prepared: 4,
            drain: Span::millis(50),
            dscp: 46,
        };
        let tell = Box::new(move |it| tell.send(it).unwrap());
        let relay = Relay::start(&settings, &[], Clock::start(), tell).unwrap();
        let ports = ports_of(&told);
        (relay, told, ports)
    }

    fn ports_of(told: &Receiver<Notice>) -> Vec<u16> {
        let notice = told.recv_timeout(Duration::from_secs(5)).unwrap();
        let Notice::Ports { ports } = notice else { panic!("{notice:?}") };
        ports
    }

    fn phone() -> UdpSocket {
        let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
        phone.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        phone
    }

    fn stream(phone: &UdpSocket) -> Stream {
        Stream {
            remote: Some(phone.local_addr().unwrap()),
            second: None,
            remote_rtcp: None,
            rtcp_mux: false,
            protection: None,
            codec: Codec::Pcma,
            payload_type: 8,
            dtmf: Some(101),
            send: true,
            receive: true,
            silence: None,
        }
    }

    /// The next packet that comes, unless the phone loses patience.
    fn hear(phone: &UdpSocket) -> Option<(Head, Vec<u8>)> {
        let mut bytes = [0; 2_048];
        let len = phone.recv(&mut bytes).ok()?;
        let (head, payload) = packet::read(&bytes[..len]).unwrap();
        Some((head, bytes[payload].to_vec()))
    }

    #[test]
    fn a_caller_hears_music_then_an_agent_over_real_sockets() {
        let (mut relay, told, ports) = relay();
        let (caller, agent) = (phone(), phone());
        relay.post(&mut vec![
            Order::Open { leg: CALLER, port: ports[0], stream: stream(&caller) },
            Order::Play { leg: CALLER, sounds: vec![SoundNo::first(0)], loop_last: true },
        ]);
        let music = Catalogue::built_in();
        let music = music.get(SoundNo::first(0)).unwrap();
        let (first, sound) = hear(&caller).unwrap();
        assert_eq!(sound, music.frame(Codec::Pcma, 0).unwrap());
        assert!(first.marker);
        let (second, _) = hear(&caller).unwrap();
        assert_eq!(second.timestamp, first.timestamp.wrapping_add(160));

        relay.post(&mut vec![
            Order::Open { leg: AGENT, port: ports[1], stream: stream(&agent) },
            Order::Join { a: CALLER, b: AGENT },
        ]);
        let mut bytes = vec![];
        let head = Head { payload_type: 8, sequence: 7, ssrc: Ssrc(9), ..Head::default() };
        packet::write(&mut bytes, head, &[0x2A; 160]);
        let goal = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), ports[1]);
        // Until the join is done, packets are heard by nobody: say it until one arrives.
        caller.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let (head, sound) = (0..250)
            .find_map(|_| {
                agent.send_to(&bytes, goal).unwrap();
                hear(&caller).filter(|(_, sound)| sound == &[0x2A; 160])
            })
            .unwrap();
        assert_eq!((head.ssrc, head.marker, sound.len()), (first.ssrc, true, 160));

        relay.post(&mut vec![Order::Close { leg: CALLER }, Order::Close { leg: AGENT }]);
        relay.nudge();
        let mut closed = vec![];
        let mut free = vec![];
        while free.len() < 2 {
            let notice = told.recv_timeout(Duration::from_secs(5)).unwrap();
            if let Notice::Closed { leg, report } = notice {
                closed.push((leg, report.sent > 0));
            } else if let Notice::Ports { ports } = notice {
                free.extend(ports);
            } else {
                panic!("{notice:?}");
            }
        }
        assert_eq!(closed, [(CALLER, true), (AGENT, false)]);
    }

    #[test]
    fn ports_are_prepared_anew_before_they_run_out() {
        let (mut relay, told, ports) = relay();
        assert_eq!(ports.len(), 4);
        let phone = phone();
        let mut orders = ports.iter().zip(10..).map(|(&port, leg)| Order::Open {
            leg: LegNo::first(leg),
            port,
            stream: stream(&phone),
        });
        relay.post(&mut orders.by_ref().take(3).collect());
        relay.nudge();
        let more = ports_of(&told);
        assert_eq!(more.len(), 3);
        assert!(more.iter().all(|port| !ports.contains(port)), "{more:?}");
        assert_eq!(relay.figures().read().ports_bound, 7);
    }

    #[test]
    fn a_range_that_others_hold_is_an_error_that_names_it() {
        let (first, last) = free_range(2);
        let _stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            ports: (first, last),
            prepared: 4,
            drain: Span::ZERO,
            dscp: 0,
        };
        let error = Relay::start(&settings, &[], Clock::start(), Box::new(|_| ())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let says = format!("no RTP port of {first}-{last} on 127.0.0.1");
        assert!(error.to_string().starts_with(&says), "{error}");
    }

    #[test]
    fn a_sound_that_cannot_be_read_is_an_error_that_names_it() {
        let error = load(&PathBuf::from("no/such.wav")).unwrap_err();
        assert!(error.to_string().starts_with("no/such.wav: "), "{error}");
    }
}
