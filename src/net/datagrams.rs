//! One UDP socket that carries SIP, read and written in batches.

use std::{net::SocketAddr, os::fd::AsFd};

use mio::net::UdpSocket;

use crate::{
    base::numbers::FlowNo,
    net::{
        batch::{Inbox, Outbox},
        counts::Counts,
    },
    sip::{
        endpoint::Input,
        wire::{Peer, Transport},
    },
};

/// Datagrams taken from one socket in one system call, and at most so many a turn.
pub(super) const BATCH: usize = 64;

/// One UDP socket.
pub(super) struct Datagrams {
    socket: UdpSocket,
    pub(super) local: SocketAddr,
    outbox: Outbox,
    /// How many datagrams wait in `outbox`.
    waiting: u64,
}

impl Datagrams {
    pub(super) fn new(socket: UdpSocket, local: SocketAddr) -> Self {
        Self { socket, local, outbox: Outbox::new(BATCH), waiting: 0 }
    }

    /// Hands one batch to `tell`. Says whether there may be more.
    pub(super) fn receive(
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

    /// Lets one wait for [`flush`](Self::flush).
    pub(super) fn push(&mut self, to: SocketAddr, bytes: &[u8], counts: &mut Counts) {
        if !self.outbox.push(to, bytes) {
            self.flush(counts);
            let _ = self.outbox.push(to, bytes);
        }
        self.waiting += 1;
    }

    /// Sends all that wait.
    pub(super) fn flush(&mut self, counts: &mut Counts) {
        if self.waiting == 0 {
            return;
        }
        let sent = self.outbox.flush(self.socket.as_fd(), self.local.ip()) as u64;
        counts.datagrams_out += sent;
        counts.datagrams_lost += self.waiting.saturating_sub(sent);
        self.waiting = 0;
    }
}
