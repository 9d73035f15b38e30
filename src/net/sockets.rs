//! All sockets that carry SIP, behind one door: what came, what is to go, and when to look again.
//!
//! ```text
//! wait ──► receive: gone connections, datagrams in batches, messages cut from streams
//!          send:    datagrams in batches, bytes into connections, opened where none stands
//! ```
//!
//! A flow's number is its place in the list of what we listen on; connections come after those.
//! Nothing that a far side does is an error here: it is counted, and at most one connection ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, SocketAddr},
    os::fd::AsFd,
    sync::Arc,
};

use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream, UdpSocket},
};

use crate::{
    base::{
        arena::Arena,
        deadlines::Deadlines,
        numbers::FlowNo,
        time::{Span, Timestamp},
    },
    net::{
        batch::{Inbox, Outbox},
        bind::{self, CannotListen},
        connection::{Connection, PATIENCE, Pace},
    },
    sip::{
        endpoint::{Input, Output},
        wire::{Peer, Transport},
    },
};

/// Datagrams taken from one socket in one system call, and at most so many a turn.
const BATCH: usize = 64;

/// The largest datagram there is; a longer one cannot be sent (RFC 768).
const DATAGRAM_MAX: usize = 65_535;

/// Connections accepted from one listener in one turn.
const ACCEPTS: usize = 32;

/// How long a listener rests that found no file descriptor left.
const REST: Span = Span::millis(200);

const WAKER: Token = Token(usize::MAX);

/// What the sockets are to be like.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The DSCP of SIP (DOMAIN.md T-11): 24, CS3.
    pub dscp: u8,
    /// TCP connections at once; beyond, new ones are closed unread.
    pub connections_max: usize,
    /// How long a TCP connection may be silent before it is closed.
    pub connection_idle: Span,
    /// The largest message taken from a stream, in bytes.
    pub message_max: usize,
}

/// What the sockets have seen, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams that the kernel took for sending.
    pub datagrams_out: u64,
    /// Datagrams that the kernel refused to send: no way there, no room.
    pub datagrams_lost: u64,
    /// Receiving or accepting failed: no memory, no file descriptor.
    pub faults: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections closed unread, for want of room.
    pub turned_away: u64,
    /// Connections opened by us.
    pub opened: u64,
    /// Connections closed for being silent or slow.
    pub timed_out: u64,
}

/// All sockets that carry SIP.
pub struct Sockets {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    settings: Settings,
    flows: Arena<FlowNo, Flow>,
    /// How many of `flows` are listed ones, and never go.
    listed: usize,
    /// Connections of ours by where they lead.
    opened: BTreeMap<(Transport, SocketAddr), FlowNo>,
    /// Flows that may have something to read. Epoll tells once, so we remember.
    ready: BTreeSet<FlowNo>,
    /// Connections that ended, to be told.
    gone: Vec<Peer>,
    limits: Deadlines<FlowNo>,
    inbox: Inbox,
    buffer: Vec<u8>,
    counts: Counts,
}

enum Flow {
    Datagrams(Datagrams),
    Listener { socket: TcpListener, transport: Transport, local: SocketAddr },
    Connection(Box<Connection>),
}

struct Datagrams {
    socket: UdpSocket,
    local: SocketAddr,
    outbox: Outbox,
    /// How many datagrams wait in `outbox`.
    waiting: u64,
}

impl Sockets {
    /// Opens everything in `listen`, in that order.
    pub fn open(
        listen: &[(Transport, SocketAddr)],
        settings: Settings,
    ) -> Result<Self, CannotListen> {
        let nowhere = SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0);
        let polling = |why| CannotListen { what: "events", address: nowhere, why };
        let poll = Poll::new().map_err(polling)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(polling)?);
        let mut sockets = Self {
            poll,
            events: Events::with_capacity(1024),
            waker,
            settings,
            flows: Arena::new(listen.len() + settings.connections_max),
            listed: listen.len(),
            opened: BTreeMap::new(),
            ready: BTreeSet::new(),
            gone: vec![],
            limits: Deadlines::default(),
            inbox: Inbox::new(BATCH, DATAGRAM_MAX),
            buffer: vec![0; DATAGRAM_MAX],
            counts: Counts::default(),
        };
        for &(transport, address) in listen {
            sockets.listen(transport, address)?;
        }
        Ok(sockets)
    }

    fn listen(&mut self, transport: Transport, address: SocketAddr) -> Result<(), CannotListen> {
        let what = transport.name();
        let fault = |why| CannotListen { what, address, why };
        let token = token(self.flows.next().expect("there is room for all that is listed"));
        let registry = self.poll.registry();
        let flow = match transport {
            Transport::Udp => {
                let mut socket = bind::udp(address, self.settings.dscp)?;
                let local = socket.local_addr().map_err(fault)?;
                registry.register(&mut socket, token, Interest::READABLE).map_err(fault)?;
                Flow::Datagrams(Datagrams { socket, local, outbox: Outbox::new(BATCH), waiting: 0 })
            }
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                let mut socket = bind::tcp(address, self.settings.dscp)?;
                let local = socket.local_addr().map_err(fault)?;
                registry.register(&mut socket, token, Interest::READABLE).map_err(fault)?;
                Flow::Listener { socket, transport, local }
            }
        };
        let _ = self.flows.insert(flow);
        Ok(())
    }

    /// Where we listen, in the order asked for; a port asked for as 0 is now the one given.
    #[must_use]
    pub fn addresses(&self) -> Vec<(Transport, SocketAddr)> {
        let listed = self.flows.iter().take(self.listed);
        listed
            .filter_map(|(_, flow)| match flow {
                Flow::Datagrams(it) => Some((Transport::Udp, it.local)),
                Flow::Listener { transport, local, .. } => Some((*transport, *local)),
                Flow::Connection(_) => None,
            })
            .collect()
    }

    /// Ends a [`wait`](Self::wait) from another thread.
    #[must_use]
    pub fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// What was seen so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// When connections want to be looked at again.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.limits.next_due()
    }

    /// Waits until something came, someone wakes us, or `patience` is over.
    pub fn wait(&mut self, patience: Span) -> io::Result<()> {
        let something = !self.ready.is_empty() || !self.gone.is_empty();
        let patience = if something { Span::ZERO } else { patience };
        match self.poll.poll(&mut self.events, Some(patience.into())) {
            Ok(()) => (),
            Err(why) if why.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(why) => return Err(why),
        }
        let mut writable = vec![];
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            let flow = flow(event.token());
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.ready.insert(flow);
            }
            if event.is_writable() || event.is_error() {
                writable.push(flow);
            }
        }
        for flow in writable {
            if let Some(Flow::Connection(connection)) = self.flows.get_mut(flow)
                && connection.writable() == Pace::Gone
            {
                self.close(flow);
            }
        }
        Ok(())
    }

    /// Tells what came, at most one batch a socket; the rest comes with the next turn.
    pub fn receive(&mut self, now: Timestamp, tell: &mut dyn FnMut(Input<'_>)) {
        self.end_the_slow(now);
        let Self { flows, inbox, buffer, ready, counts, .. } = self;
        let mut closing = vec![];
        let mut accepting = vec![];
        ready.retain(|&number| match flows.get_mut(number) {
            Some(Flow::Datagrams(it)) => it.receive(number, inbox, counts, tell),
            Some(Flow::Listener { .. }) => {
                accepting.push(number);
                false
            }
            Some(Flow::Connection(connection)) => {
                let mut pass = |peer, bytes: &[u8]| tell(Input::Arrival { peer, bytes });
                match connection.read(now, buffer, &mut pass) {
                    Pace::More => true,
                    Pace::Drained => false,
                    Pace::Gone => {
                        closing.push(number);
                        false
                    }
                }
            }
            None => false,
        });
        for flow in accepting {
            self.accept(now, flow);
        }
        for flow in closing {
            self.close(flow);
        }
        // Behind what they said last.
        for peer in std::mem::take(&mut self.gone) {
            tell(Input::FlowGone { peer });
        }
    }

    /// Sends all departures. What cannot be sent is counted, or told as a flow gone next turn.
    pub fn send(&mut self, now: Timestamp, out: &Output) {
        for departure in &out.departures {
            let bytes = out.bytes.get(departure.start..departure.end).unwrap_or_default();
            match departure.peer.transport {
                Transport::Udp => self.send_datagram(departure.peer, bytes),
                Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                    self.send_stream(now, departure.peer, bytes);
                }
            }
        }
        let listed = self.listed;
        for slot in 0..u32::try_from(listed).unwrap_or(u32::MAX) {
            if let Some(Flow::Datagrams(it)) = self.flows.get_mut(FlowNo::first(slot)) {
                it.flush(&mut self.counts);
            }
        }
    }

    fn send_datagram(&mut self, peer: Peer, bytes: &[u8]) {
        let named = matches!(self.flows.get(peer.flow), Some(Flow::Datagrams(_)));
        let by = if named { Some(peer.flow) } else { self.datagrams_towards(peer) };
        match by.and_then(|flow| self.flows.get_mut(flow)) {
            Some(Flow::Datagrams(it)) => it.push(peer.remote, bytes, &mut self.counts),
            _ => self.counts.datagrams_lost += 1,
        }
    }

    /// The socket for datagrams that no flow is named for: the one bound to `local`, or else
    /// the first of the remote's family.
    fn datagrams_towards(&self, peer: Peer) -> Option<FlowNo> {
        let sockets = || {
            self.flows.iter().take(self.listed).filter_map(|(number, flow)| match flow {
                Flow::Datagrams(it) => Some((number, it.local)),
                Flow::Listener { .. } | Flow::Connection(_) => None,
            })
        };
        sockets()
            .find(|&(_, local)| local == peer.local)
            .or_else(|| sockets().find(|(_, local)| local.is_ipv4() == peer.remote.is_ipv4()))
            .map(|(number, _)| number)
    }

    fn send_stream(&mut self, now: Timestamp, peer: Peer, bytes: &[u8]) {
        let flow = if peer.flow == Peer::NO_FLOW {
            let standing = self.opened.get(&(peer.transport, peer.remote)).copied();
            standing.or_else(|| self.connect(now, peer))
        } else {
            Some(peer.flow)
        };
        let Some(flow) = flow else {
            self.gone.push(Peer { flow: Peer::NO_FLOW, ..peer });
            return;
        };
        match self.flows.get_mut(flow) {
            Some(Flow::Connection(connection)) => {
                if connection.write(bytes) == Pace::Gone {
                    self.close(flow);
                }
            }
            _ => self.gone.push(Peer { flow, ..peer }),
        }
    }

    fn connect(&mut self, now: Timestamp, peer: Peer) -> Option<FlowNo> {
        let stream = TcpStream::connect(peer.remote).ok()?;
        let flow = self.keep(now, stream, peer, true)?;
        self.opened.insert((peer.transport, peer.remote), flow);
        self.counts.opened += 1;
        Some(flow)
    }

    fn accept(&mut self, now: Timestamp, listener: FlowNo) {
        for _ in 0..ACCEPTS {
            let Some(Flow::Listener { socket, transport, local }) = self.flows.get(listener) else {
                return;
            };
            let (transport, local) = (*transport, *local);
            match socket.accept() {
                Ok((stream, remote)) => {
                    let peer = Peer { transport, local, remote, flow: listener };
                    match self.keep(now, stream, peer, false) {
                        Some(_) => self.counts.accepted += 1,
                        None => self.counts.turned_away += 1,
                    }
                }
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => return,
                // That one caller hung up between the kernel's accept and ours.
                Err(why) if why.kind() == io::ErrorKind::ConnectionAborted => (),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => (),
                Err(_) => {
                    // No file descriptor left. Trying again at once would only burn the core.
                    self.counts.faults += 1;
                    self.limits.arm(listener, now + REST);
                    return;
                }
            }
        }
        self.ready.insert(listener);
    }

    /// Gives a connection its place, if there is one.
    fn keep(
        &mut self,
        now: Timestamp,
        stream: TcpStream,
        peer: Peer,
        ours: bool,
    ) -> Option<FlowNo> {
        let flow = self.flows.next()?;
        let peer = Peer { flow, ..peer };
        bind::tune(&stream, self.settings.dscp);
        let mut connection = Connection::new(now, stream, peer, ours, self.settings.message_max);
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut connection.socket, token(flow), both).ok()?;
        self.flows.insert(Flow::Connection(Box::new(connection))).ok()?;
        self.limits.arm(flow, now + PATIENCE);
        Some(flow)
    }

    fn close(&mut self, flow: FlowNo) {
        let Some(Flow::Connection(mut connection)) = self.flows.remove(flow) else { return };
        let _ = self.poll.registry().deregister(&mut connection.socket);
        let peer = connection.peer;
        self.limits.disarm(flow);
        self.ready.remove(&flow);
        self.gone.push(peer);
        if connection.ours && self.opened.remove(&(peer.transport, peer.remote)).is_some() {
            // Whoever sent by it before hearing back knows it by no other number.
            self.gone.push(Peer { flow: Peer::NO_FLOW, ..peer });
        }
    }

    fn end_the_slow(&mut self, now: Timestamp) {
        while let Some(flow) = self.limits.pop_due(now) {
            match self.flows.get(flow) {
                Some(Flow::Connection(connection)) => {
                    let until = connection.until(self.settings.connection_idle);
                    if until <= now {
                        self.counts.timed_out += 1;
                        self.close(flow);
                    } else {
                        self.limits.arm(flow, until.min(now + PATIENCE));
                    }
                }
                Some(Flow::Listener { .. }) => drop(self.ready.insert(flow)),
                Some(Flow::Datagrams(_)) | None => (),
            }
        }
    }
}

impl Datagrams {
    /// Tells one batch. Says whether there may be more.
    fn receive(
        &mut self,
        flow: FlowNo,
        inbox: &mut Inbox,
        counts: &mut Counts,
        tell: &mut dyn FnMut(Input<'_>),
    ) -> bool {
        let Ok(came) = inbox.receive(self.socket.as_fd()) else {
            // A refusal that some earlier datagram met (ICMP), or no memory: the socket is well.
            counts.faults += 1;
            return true;
        };
        counts.datagrams_in += came as u64;
        for datagram in inbox.datagrams() {
            let remote = datagram.from;
            let peer = Peer { transport: Transport::Udp, local: self.local, remote, flow };
            tell(Input::Arrival { peer, bytes: datagram.bytes });
        }
        came == inbox.slots()
    }

    fn push(&mut self, to: SocketAddr, bytes: &[u8], counts: &mut Counts) {
        if !self.outbox.push(to, bytes) {
            self.flush(counts);
            let _ = self.outbox.push(to, bytes);
        }
        self.waiting += 1;
    }

    fn flush(&mut self, counts: &mut Counts) {
        if self.waiting == 0 {
            return;
        }
        let sent = self.outbox.flush(self.socket.as_fd(), self.local.ip()) as u64;
        counts.datagrams_out += sent;
        counts.datagrams_lost += self.waiting.saturating_sub(sent);
        self.waiting = 0;
    }
}
/// A flow's number packed into mio's; [`WAKER`] is no flow's: no slot is given out that often.
fn token(flow: FlowNo) -> Token {
    Token(usize::try_from(u64::from(flow)).unwrap_or(usize::MAX))
}

fn flow(token: Token) -> FlowNo {
    FlowNo::from(token.0 as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{net::clock::Clock, sip::wire::Departure};

    const HOME: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
    const LIMITS: Settings = Settings {
        dscp: 24,
        connections_max: 1,
        connection_idle: Span::secs(60),
        message_max: 65_536,
    };

    fn open() -> (Sockets, Peer, Peer) {
        let listen = [(Transport::Udp, HOME), (Transport::Tcp, HOME)];
        let sockets = Sockets::open(&listen, LIMITS).unwrap();
        let to = sockets.addresses();
        let peer = |place: usize| {
            let (transport, remote) = to[place];
            Peer { transport, local: HOME, remote, flow: Peer::NO_FLOW }
        };
        let peers = (peer(0), peer(1));
        (sockets, peers.0, peers.1)
    }

    fn send(sockets: &mut Sockets, clock: &Clock, peer: Peer, text: &str) {
        let departures = vec![Departure { peer, start: 0, end: text.len() }];
        let out = Output { bytes: text.into(), departures, ..Output::default() };
        sockets.send(clock.now(), &out);
    }

    /// What is told until something is, or for two seconds.
    fn told(sockets: &mut Sockets, clock: &Clock) -> Vec<String> {
        let (mut told, end) = (vec![], clock.now() + Span::secs(2));
        while told.is_empty() && clock.now() < end {
            sockets.wait(Span::millis(100)).unwrap();
            sockets.receive(clock.now(), &mut |input| {
                told.push(match input {
                    Input::Arrival { peer, bytes } => {
                        format!("{:?} {}", peer.transport, String::from_utf8_lossy(bytes))
                    }
                    Input::FlowGone { peer } if peer.flow == Peer::NO_FLOW => "no way".to_owned(),
                    Input::FlowGone { .. } => "gone".to_owned(),
                    Input::Located { .. } | Input::Tick => "nothing of ours".to_owned(),
                });
            });
        }
        told
    }

    #[test]
    fn what_is_sent_by_either_transport_comes_in_at_the_other_end() {
        let clock = Clock::start();
        let ((mut here, udp, tcp), (mut there, ..)) = (open(), open());
        send(&mut there, &clock, udp, "hello");
        assert_eq!(told(&mut here, &clock), ["Udp hello"]);
        send(&mut there, &clock, tcp, "A\r\nl: 0\r\n\r\n");
        there.wait(Span::millis(100)).unwrap();
        assert_eq!(told(&mut here, &clock), ["Tcp A\r\nl: 0\r\n\r\n"]);
    }

    #[test]
    fn a_connection_that_is_refused_is_told_to_whoever_wanted_it() {
        let clock = Clock::start();
        let (mut here, _, tcp) = open();
        let free = std::net::TcpListener::bind(HOME).unwrap().local_addr().unwrap();
        send(&mut here, &clock, Peer { remote: free, ..tcp }, "A\r\nl: 0\r\n\r\n");
        assert_eq!(told(&mut here, &clock), ["gone", "no way"]);
    }
}
