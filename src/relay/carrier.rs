//! The media thread: carries datagrams between the sockets and the media machine.
//!
//! ```text
//! wait ──► orders ──► sockets that hold something ──► tick ──► notices ──► ports ──► wait …
//!          channel    recvmmsg, handle, send
//! ```
//!
//! What one socket holds is taken with one call. Every leg has its own port, so what is sent
//! leaves by as many sockets as there are packets, and `sendmmsg` would have nothing to batch.
//!
//! Under load a round begins a millisecond after the one before at the earliest: then many
//! sockets are ready at once and one wait serves them all. With little to do nothing is
//! delayed, and with nothing to do nothing runs.

use std::{io, net::IpAddr, thread, time::Duration};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Token};

use crate::{
    base::time::{Span, Timestamp},
    media::{
        machine::{Departure, Input, Load, Machine, Output},
        order::{Notice, Order},
    },
    net::{
        batch::{Inbox, Slot, send_one},
        clock::Clock,
    },
    relay::{figures::Figures, ports::Ports},
};

/// How a notice reaches the exchange. Called on the media thread: must not wait.
pub type Tell = Box<dyn Fn(Notice) + Send>;

/// The token of the waker; a port it cannot be.
pub(super) const WAKE: Token = Token(usize::MAX);
/// Datagrams of one socket that are taken with one call: 160 ms of a leg. A socket mostly holds one.
const SLOTS: usize = 8;
/// Calls in a row that one socket gets before the others have their turn.
const CALLS: usize = 8;
/// Longer datagrams than this are not RTP of ours: Ethernet carries 1,500 bytes.
const SLOT_LEN: usize = 2_048;
/// From the beginning of a busy round to the next: a twentieth of a packet, which nobody hears.
const ROUND: Span = Span::millis(1);
/// A round that served this many sockets was busy.
const BUSY: usize = 4;
/// Orders taken in one round, so that sound is heard between.
const ORDERS_A_ROUND: usize = 256;

/// All that the media thread has.
pub(super) struct Carrier {
    pub(super) poll: Poll,
    pub(super) clock: Clock,
    pub(super) machine: Machine,
    pub(super) ports: Ports,
    pub(super) orders: Receiver<Order>,
    pub(super) tell: Tell,
    pub(super) figures: Figures,
    /// How many pairs of ports are kept in stock.
    pub(super) prepared: usize,
    pub(super) inbox: Inbox,
    pub(super) out: Output,
    /// Ports that hold more than they were allowed to bring.
    pub(super) unfinished: Vec<u16>,
    /// Whether the last try to fill up the stock fell short.
    pub(super) exhausted: bool,
}

impl Carrier {
    pub(super) fn inbox() -> Inbox {
        Inbox::new(SLOTS, SLOT_LEN)
    }

    /// Works until nobody can give orders any more.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(4_096);
        while self.round(&mut events)? {}
        Ok(())
    }

    /// One round; `false` when there will be no more orders.
    fn round(&mut self, events: &mut Events) -> io::Result<bool> {
        let patience = self.patience();
        match self.poll.poll(events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            done => done?,
        }
        let began = self.clock.now();

        // Before the packets: nobody may have been woken for the order that they are expected by.
        let open = self.obey(began);
        let unfinished = std::mem::take(&mut self.unfinished);
        for &port in &unfinished {
            self.receive(began, port);
        }
        let mut served = unfinished.len();
        for event in events.iter() {
            // Tokens are ports, but for the waker's.
            if let Ok(port) = u16::try_from(event.token().0) {
                self.receive(began, port);
                served += 1;
            }
        }

        if self.machine.next_wake().is_some_and(|due| due <= began) {
            self.machine.handle(began, Input::Tick, &mut self.out);
            self.flush();
        }
        self.refill();
        self.figures.ports(self.ports.bound(), self.machine.places_taken());
        self.figures.astray(self.machine.astray());

        if served >= BUSY {
            let rest = (began + ROUND).since(self.clock.now());
            thread::sleep(rest.into());
        }
        Ok(open)
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self) -> Option<Duration> {
        if !self.unfinished.is_empty() || !self.orders.is_empty() {
            return Some(Duration::ZERO);
        }
        self.machine.next_wake().map(|due| due.since(self.clock.now()).into())
    }

    /// Takes what a socket holds through the machine and on its way.
    fn receive(&mut self, now: Timestamp, port: u16) {
        for _ in 0..CALLS {
            let Self { inbox, machine, ports, out, figures, .. } = self;
            let Some(socket) = ports.socket(port) else { return };
            let came = match inbox.receive(socket) {
                Ok(came) => came,
                Err(error) => {
                    tracing::debug!(port, %error, "an RTP socket could not be read");
                    return;
                }
            };
            figures.received(came);
            let own = ports.address();
            for Slot { from, room, len, cut_short } in inbox.filled() {
                if cut_short {
                    figures.too_long();
                    continue;
                }
                machine.handle(now, Input::Packet { port, from, room: &mut *room, len }, out);
                send(ports, own, out, room, figures);
            }
            self.tell();
            if came < SLOTS {
                return;
            }
        }
        self.unfinished.push(port);
    }

    /// Carries out orders that wait; `false` when there will be none any more.
    fn obey(&mut self, now: Timestamp) -> bool {
        for _ in 0..ORDERS_A_ROUND {
            let order = match self.orders.try_recv() {
                Ok(order) => order,
                Err(gone) => return gone.is_empty(),
            };
            if let Order::Open { leg, port, .. } = &order
                && let Err(error) = self.ports.ensure(*port)
            {
                let why = format!("open {leg}: port {port} cannot be bound: {error}");
                (self.tell)(Notice::Failed { leg: *leg, why });
                continue;
            }
            self.machine.handle(now, Input::Order(order), &mut self.out);
            self.flush();
        }
        true
    }

    /// Sends what the machine has put out, and tells what it has to tell.
    fn flush(&mut self) {
        let Self { ports, out, figures, .. } = self;
        send(ports, ports.address(), out, &[], figures);
        self.tell();
    }

    fn tell(&mut self) {
        for notice in self.out.notices.drain(..) {
            if matches!(notice, Notice::Ports { .. }) {
                self.exhausted = false;
            }
            (self.tell)(notice);
        }
    }

    /// Binds more ports when fewer than half of the stock are left.
    fn refill(&mut self) {
        let spare = self.ports.bound().saturating_sub(self.machine.places_taken());
        if self.exhausted || spare >= self.prepared.div_ceil(2) {
            return;
        }
        let (ports, fault) = self.ports.prepare(self.prepared - spare);
        // Ports that others hold are tried again when one of ours comes back, not every round.
        self.exhausted = ports.len() < self.prepared - spare;
        if self.exhausted {
            let why = fault.map_or("the range is used up".into(), |it| it.to_string());
            tracing::warn!(spare = spare + ports.len(), %why, "RTP ports run short: see rtp.ports");
        }
        if !ports.is_empty() {
            (self.tell)(Notice::Ports { ports });
        }
    }
}

/// Sends the departures of `out`; `received` holds the packet that some of them are.
fn send(ports: &Ports, own: IpAddr, out: &mut Output, received: &[u8], figures: &Figures) {
    let Output { departures, bytes, .. } = out;
    for Departure { port, to, load } in departures.drain(..) {
        let load = match load {
            Load::Received(len) => received.get(..len).unwrap_or_default(),
            Load::Written(range) => bytes.get(range).unwrap_or_default(),
        };
        let sent = ports.socket(port).is_some_and(|socket| send_one(socket, own, to, load));
        figures.sent(sent);
    }
    bytes.clear();
}
