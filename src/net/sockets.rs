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
    sync::Arc,
};

use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use rustls::pki_types::ServerName;

use crate::{
    base::{
        arena::Arena,
        deadlines::Deadlines,
        numbers::{FlowNo, TrunkNo},
        time::{Span, Timestamp},
    },
    net::{
        batch::Inbox,
        bind::{self, CannotListen},
        connection::{Connection, PATIENCE, Pace},
        connection_limits::{ConnectionLimits, Limits, Verdict},
        counts::Counts,
        datagrams::{BATCH, Datagrams},
        tls::Tls,
        wire::Wire,
    },
    sip::{
        endpoint::Input,
        locate::Place,
        output::Output,
        wire::{Peer, Transport},
    },
};

/// The largest datagram there is; a longer one cannot be sent (RFC 768).
const DATAGRAM_MAX: usize = 65_535;

/// Connections accepted from one listener in one turn, so that datagrams wait for no more than these.
const ACCEPTS: usize = 32;

/// Steps of TLS handshakes in one turn. Proving who we are by RSA costs a millisecond, and whoever
/// speaks already must not wait long for those who have yet to say who they are.
const HANDSHAKES: usize = 8;

/// How long a listener rests that found no file descriptor left: five looks a second cost nothing, and who waits in the
/// kernel's queue would not send its SYN again for a second (RFC 6298 2.1).
const REST: Span = Span::millis(200);

/// How long one rests while as many handshakes as may be are under way: some are over after a few round trips.
const BUSY: Span = Span::millis(20);

const WAKER: Token = Token(usize::MAX);

/// What the sockets are to be like.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The DSCP of SIP (DOMAIN.md T-11): 24, CS3.
    pub dscp: u8,
    /// Connections at once; beyond, new ones are closed unread.
    pub connections_max: usize,
    /// Those of them that one source may have: an IPv4 address, or an IPv6 network of /64.
    pub connections_from_one: usize,
    /// TLS handshakes under way at once; beyond, new connections wait in the kernel's queue.
    pub handshakes_max: usize,
    /// How long a connection may be silent before it is closed.
    pub connection_idle: Span,
    /// How often the far side is asked whether it is still there; `None`: never.
    pub keep_alive: Option<Span>,
    /// Bytes that a slow far side may leave untaken before it is closed.
    pub unsent_max: usize,
    /// The largest message taken from a stream, in bytes.
    pub message_max: usize,
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
    /// Connections that may be written to again.
    writable: BTreeSet<FlowNo>,
    /// Connections that ended, to be told.
    gone: Vec<Peer>,
    limits: Deadlines<FlowNo>,
    connection_limits: ConnectionLimits,
    tls: Arc<Tls>,
    /// Who stands at an address that is called by TLS: the name it must prove, and which trunk.
    aims: BTreeMap<SocketAddr, (ServerName<'static>, TrunkNo)>,
    inbox: Inbox,
    buffer: Vec<u8>,
    counts: Counts,
}

enum Flow {
    Datagrams(Datagrams),
    Listener { socket: TcpListener, transport: Transport, local: SocketAddr },
    Connection(Box<Connection>),
}

impl Sockets {
    /// Opens everything in `listen`, in that order.
    pub fn open(
        listen: &[(Transport, SocketAddr)],
        settings: Settings,
        tls: Arc<Tls>,
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
            writable: BTreeSet::new(),
            gone: vec![],
            limits: Deadlines::default(),
            connection_limits: ConnectionLimits::new(Limits {
                from_one: settings.connections_from_one,
                handshakes: settings.handshakes_max,
            }),
            tls,
            aims: BTreeMap::new(),
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
                Flow::Datagrams(Datagrams::new(socket, local))
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

    /// Goes by these certificates from now on; connections that stand keep theirs.
    pub fn trust(&mut self, tls: Arc<Tls>) {
        self.tls = tls;
    }

    /// A carrier is at those places from now on, each behind the name that it must prove there.
    /// An address that two carriers share goes by what was said of it last.
    pub fn aim(&mut self, trunk: TrunkNo, at: &[(String, Vec<Place>)]) {
        self.aims.retain(|_, (_, other)| *other != trunk);
        for (name, places) in at {
            let Ok(name) = ServerName::try_from(name.clone()) else { continue };
            for place in places.iter().filter(|it| it.transport.is_secret()) {
                for &remote in &place.addresses {
                    self.aims.insert(remote, (name.clone(), trunk));
                }
            }
        }
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

    /// Whether all that has come was told.
    #[must_use]
    pub fn are_drained(&self) -> bool {
        self.ready.is_empty()
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
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            let flow = flow(event.token());
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.ready.insert(flow);
            }
            if event.is_writable() || event.is_error() {
                self.writable.insert(flow);
            }
        }
        Ok(())
    }

    /// Tells what came, at most one batch a socket; the rest comes with the next turn.
    pub fn receive(&mut self, now: Timestamp, tell: &mut dyn FnMut(Input<'_>)) {
        self.end_the_slow(now);
        for flow in std::mem::take(&mut self.writable) {
            if let Some(Flow::Connection(connection)) = self.flows.get_mut(flow)
                && connection.writable(now) == Pace::Gone
            {
                self.close(flow);
            }
        }
        let Self {
            flows, inbox, buffer, ready, counts, connection_limits, limits, settings, ..
        } = self;
        let mut closing = vec![];
        let mut accepting = vec![];
        let mut handshakes = HANDSHAKES;
        ready.retain(|&number| match flows.get_mut(number) {
            Some(Flow::Datagrams(it)) => it.receive(number, inbox, counts, tell),
            Some(Flow::Listener { .. }) => {
                accepting.push(number);
                false
            }
            Some(Flow::Connection(connection)) => {
                let was_in_handshake = connection.in_handshake();
                if was_in_handshake {
                    let Some(left) = handshakes.checked_sub(1) else { return true };
                    handshakes = left;
                }
                let mut pass = |peer, bytes: &[u8]| tell(Input::Arrival { peer, bytes });
                let pace = connection.read(now, buffer, &mut pass);
                if was_in_handshake && !connection.in_handshake() {
                    counts.handshakes_done += 1;
                    if !connection.ours {
                        connection_limits.handshake_over(connection.peer.remote.ip());
                    }
                }
                match pace {
                    Pace::More => true,
                    Pace::Drained if connection.is_lost() => {
                        limits.arm(number, connection.until(settings.connection_idle));
                        false
                    }
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
                if connection.write(now, bytes) == Pace::Gone {
                    self.close(flow);
                }
            }
            _ => self.gone.push(Peer { flow, ..peer }),
        }
    }

    fn connect(&mut self, now: Timestamp, peer: Peer) -> Option<FlowNo> {
        let unsent_max = self.settings.unsent_max;
        let wire = match peer.transport {
            Transport::Tcp => Wire::plain(unsent_max),
            Transport::Tls => {
                let aim = self.aims.get(&peer.remote).cloned();
                let config = self.tls.client(aim.as_ref().map(|(_, trunk)| *trunk));
                let by_address = || ServerName::from(peer.remote.ip());
                let name = aim.map_or_else(by_address, |(name, _)| name);
                Wire::towards(name, config, unsent_max)?
            }
            // A browser cannot be called back (RFC 7118 5).
            Transport::Udp | Transport::Ws | Transport::Wss => return None,
        };
        let stream = TcpStream::connect(peer.remote).ok()?;
        let flow = self.keep(now, stream, wire, peer, true)?;
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
            if transport.is_secret() && self.connection_limits.is_busy() {
                self.limits.arm(listener, now + BUSY);
                return;
            }
            match socket.accept() {
                Ok((stream, remote)) => {
                    let peer = Peer { transport, local, remote, flow: listener };
                    match self.let_in(now, stream, peer) {
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

    /// Lets in one that came to the listener `peer` still names as its flow.
    fn let_in(&mut self, now: Timestamp, stream: TcpStream, peer: Peer) -> Option<FlowNo> {
        let (ip, is_secret) = (peer.remote.ip(), peer.transport.is_secret());
        let unsent_max = self.settings.unsent_max;
        let wire = if is_secret {
            let config = self.tls.server(peer.flow.index())?;
            Wire::accepted(config, unsent_max)?
        } else {
            Wire::plain(unsent_max)
        };
        match self.connection_limits.enter(ip, is_secret) {
            Verdict::TurnedAway => None,
            Verdict::Enter => {
                let kept = self.keep(now, stream, wire, peer, false);
                if kept.is_none() {
                    self.connection_limits.leave(ip, is_secret);
                }
                kept
            }
        }
    }

    /// Gives a connection its place, if there is one.
    fn keep(
        &mut self,
        now: Timestamp,
        stream: TcpStream,
        wire: Wire,
        peer: Peer,
        ours: bool,
    ) -> Option<FlowNo> {
        let flow = self.flows.next()?;
        let peer = Peer { flow, ..peer };
        bind::tune(&stream, self.settings.dscp);
        let message_max = self.settings.message_max;
        let mut connection = Connection::new(now, stream, wire, peer, ours, message_max);
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut connection.socket, token(flow), both).ok()?;
        let until = connection.until(self.settings.connection_idle);
        self.flows.insert(Flow::Connection(Box::new(connection))).ok()?;
        self.limits.arm(flow, until.min(now + PATIENCE));
        self.counts.connections += 1;
        Some(flow)
    }

    fn close(&mut self, flow: FlowNo) {
        let Some(Flow::Connection(mut connection)) = self.flows.remove(flow) else { return };
        connection.take_leave();
        let _ = self.poll.registry().deregister(&mut connection.socket);
        let peer = connection.peer;
        let in_handshake = connection.in_handshake();
        self.counts.handshakes_failed += u64::from(in_handshake);
        self.counts.connections = self.counts.connections.saturating_sub(1);
        if !connection.ours {
            self.connection_limits.leave(peer.remote.ip(), in_handshake);
        }
        self.limits.disarm(flow);
        self.ready.remove(&flow);
        self.gone.push(peer);
        if connection.ours && self.opened.remove(&(peer.transport, peer.remote)).is_some() {
            // Whoever sent by it before hearing back knows it by no other number.
            self.gone.push(Peer { flow: Peer::NO_FLOW, ..peer });
        }
    }

    fn end_the_slow(&mut self, now: Timestamp) {
        let Settings { connection_idle, keep_alive, .. } = self.settings;
        while let Some(flow) = self.limits.pop_due(now) {
            match self.flows.get_mut(flow) {
                Some(Flow::Connection(connection)) => {
                    let until = connection.until(connection_idle);
                    let asks = connection.next_ping(keep_alive).is_some_and(|it| it <= now);
                    if until <= now || asks && connection.ping(now) == Pace::Gone {
                        self.counts.timed_out += 1;
                        self.close(flow);
                    } else {
                        let ping = connection.next_ping(keep_alive).unwrap_or(until);
                        self.limits.arm(flow, until.min(ping).min(now + PATIENCE));
                    }
                }
                Some(Flow::Listener { .. }) => drop(self.ready.insert(flow)),
                Some(Flow::Datagrams(_)) | None => (),
            }
        }
    }
}

/// A flow's number packed into mio's; [`WAKER`] is no flow's: no slot is given out that often.
fn token(flow: FlowNo) -> Token {
    Token(usize::try_from(u64::from(flow)).unwrap_or(usize::MAX))
}

fn flow(token: Token) -> FlowNo {
    FlowNo::from(token.0 as u64)
}
