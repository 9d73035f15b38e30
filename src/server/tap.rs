//! Where SIP messages are looked at on their way between the sockets and the exchange: they are
//! kept on a tape, and a collector gets a copy if the configuration names one.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

use crate::{
    base::time::Timestamp,
    config::meant::Trace,
    sip::{endpoint::Input, output::Output, wire::Peer},
    trace::{
        hep,
        mask::Numbers,
        shown::Shown,
        tape::{Taken, Tape, Way},
    },
};

/// The tape, and the way to the collector.
#[derive(Debug)]
pub(super) struct Tap {
    tape: Tape,
    collector: Option<Collector>,
}

#[derive(Debug)]
struct Collector {
    socket: UdpSocket,
    sender: hep::Sender,
    datagram: Vec<u8>,
}

impl Tap {
    pub(super) fn open(trace: &Trace) -> io::Result<Self> {
        let collector = trace.hep.map(|address| Collector::open(address, trace)).transpose()?;
        Ok(Self { tape: Tape::new(trace.bytes), collector })
    }

    /// What came from the sockets.
    pub(super) fn hear(&mut self, now: Timestamp, input: &Input<'_>) {
        match input {
            Input::Arrival { peer, bytes } => self.record(now, Way::Received, *peer, bytes),
            Input::FlowGone { .. } | Input::Located { .. } | Input::Tick => (),
        }
    }

    /// What goes to them.
    pub(super) fn see_off(&mut self, now: Timestamp, out: &Output) {
        for departure in &out.departures {
            let bytes = out.bytes.get(departure.start..departure.end).unwrap_or_default();
            self.record(now, Way::Sent, departure.peer, bytes);
        }
    }

    /// All that is left of the messages with one of these Call-IDs.
    pub(super) fn recall(&self, call_ids: &[String]) -> Vec<Taken> {
        self.tape.of(call_ids)
    }

    fn record(&mut self, now: Timestamp, way: Way, peer: Peer, bytes: &[u8]) {
        self.tape.record(now, way, peer, bytes);
        if let Some(collector) = &mut self.collector {
            collector.send(&Taken { at: now, way, peer, bytes: bytes.to_vec() });
        }
    }
}

impl Collector {
    fn open(address: SocketAddr, trace: &Trace) -> io::Result<Self> {
        let here: SocketAddr = if address.is_ipv4() {
            (Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let socket = UdpSocket::bind(here)?;
        socket.set_nonblocking(true)?;
        socket.connect(address)?;
        let sender = hep::Sender { id: trace.hep_id, key: trace.hep_key.unmask().to_owned() };
        Ok(Self { socket, sender, datagram: vec![] })
    }

    fn send(&mut self, taken: &Taken) {
        self.datagram.clear();
        hep::write(&Shown::of(taken, Numbers::Clear), &self.sender, &mut self.datagram);
        // A collector that is away misses messages; nobody waits for it.
        let _ = self.socket.send(&self.datagram);
    }
}
