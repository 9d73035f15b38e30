//! RTP ports: pairs of sockets, bound ahead of need, RTP on the even port and RTCP above it.
//!
//! Binding takes two system calls and may fail, and a call must not wait for either; so there
//! are always some pairs in stock. A port that someone else holds is skipped. Pairs stay bound
//! once they are: the range of the configuration is the limit.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};

use mio::{Interest, Registry, Token, unix::SourceFd};
use socket2::{Domain, Protocol, Socket, Type};

use crate::media::order::Settings;

/// The sockets of the range that are bound.
#[derive(Debug)]
pub struct Ports {
    address: IpAddr,
    dscp: u8,
    first: u16,
    /// By place: first port, first port + 2, …
    pairs: Vec<Option<Pair>>,
    bound: usize,
    /// The place to try next.
    next: usize,
    registry: Registry,
}

/// RTP below, RTCP above.
#[derive(Debug)]
struct Pair {
    rtp: UdpSocket,
    rtcp: UdpSocket,
}

impl Ports {
    /// The range of `settings`, nothing bound yet. Sockets will be read through `registry`,
    /// each under a token that is its port.
    #[must_use]
    pub fn new(settings: &Settings, registry: Registry) -> Self {
        let (first, last) = settings.ports;
        let first = first.saturating_add(first % 2);
        let count = usize::from(last.saturating_add(1).saturating_sub(first) / 2);
        Self {
            address: settings.address,
            dscp: settings.dscp,
            first,
            pairs: (0..count).map(|_| None).collect(),
            bound: 0,
            next: 0,
            registry,
        }
    }

    /// How many pairs are bound.
    #[must_use]
    pub fn bound(&self) -> usize {
        self.bound
    }

    /// The address they are bound to.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Binds up to `wanted` more pairs and says which. Fewer: the range is used up, or others
    /// hold the rest. The error is the last one met, if any was.
    pub fn prepare(&mut self, wanted: usize) -> (Vec<u16>, Option<io::Error>) {
        let mut ready = vec![];
        let mut fault = None;
        for _ in 0..self.pairs.len() {
            if ready.len() >= wanted {
                break;
            }
            let place = self.next;
            self.next = (place + 1) % self.pairs.len();
            let port = self.port_of(place);
            if self.pairs.get(place).is_some_and(Option::is_none) {
                match self.bind(port) {
                    Ok(()) => ready.push(port),
                    Err(error) => {
                        tracing::debug!(port, %error, "an RTP port is not to be had");
                        fault = Some(error);
                    }
                }
            }
        }
        (ready, fault)
    }

    /// Binds the pair of that port, if it is not bound: a leg of before a restart comes back
    /// to the port it had.
    pub fn ensure(&mut self, port: u16) -> io::Result<()> {
        match self.pair(port) {
            Some(Some(_)) => Ok(()),
            Some(None) if port.is_multiple_of(2) => self.bind(port),
            Some(None) | None => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not an RTP port of the configured range",
            )),
        }
    }

    /// The socket of a port, if it is bound.
    #[must_use]
    pub fn socket(&self, port: u16) -> Option<BorrowedFd<'_>> {
        let pair = self.pair(port)?.as_ref()?;
        Some(if port.is_multiple_of(2) { pair.rtp.as_fd() } else { pair.rtcp.as_fd() })
    }

    fn pair(&self, port: u16) -> Option<&Option<Pair>> {
        self.pairs.get(usize::from(port.checked_sub(self.first)? / 2))
    }

    fn port_of(&self, place: usize) -> u16 {
        // Places are made from a range of ports.
        self.first + 2 * u16::try_from(place).unwrap_or_default()
    }

    fn bind(&mut self, port: u16) -> io::Result<()> {
        let rtp = self.open(port)?;
        let rtcp = self.open(port + 1)?;
        for (socket, port) in [(&rtp, port), (&rtcp, port + 1)] {
            self.registry.register(
                &mut SourceFd(&socket.as_raw_fd()),
                Token(usize::from(port)),
                Interest::READABLE,
            )?;
        }
        let place = usize::from((port - self.first) / 2);
        if let Some(pair) = self.pairs.get_mut(place) {
            *pair = Some(Pair { rtp, rtcp });
            self.bound += 1;
        }
        Ok(())
    }

    fn open(&self, port: u16) -> io::Result<UdpSocket> {
        let address = SocketAddr::new(self.address, port);
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        let traffic_class = u32::from(self.dscp) << 2;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
            socket.set_tclass_v6(traffic_class)?;
            // What goes to IPv4 from here wants its own; not every kernel has it.
            let _ = socket.set_tos_v4(traffic_class);
        } else {
            socket.set_tos_v4(traffic_class)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Ok(socket.into())
    }
}

/// So many ports from an even one on that nobody holds, another range each time. Below those
/// that the system hands out by itself, so that no test's phone sits down on one.
#[cfg(test)]
pub(super) fn free_range(ports: u16) -> (u16, u16) {
    use std::{
        net::Ipv4Addr,
        sync::atomic::{AtomicU16, Ordering::Relaxed},
    };
    static NEXT: AtomicU16 = AtomicU16::new(11_000);
    let is_free = |port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (0..100)
        .map(|_| NEXT.fetch_add(64, Relaxed))
        .map(|first| (first, first + ports - 1))
        .find(|&(first, last)| (first..=last).all(is_free))
        .expect("a free range of ports")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use mio::Poll;
    use socket2::SockRef;

    use super::*;
    use crate::base::time::Span;

    fn settings(ports: (u16, u16)) -> Settings {
        Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            ports,
            prepared: 4,
            drain: Span::secs(1),
            dscp: 46,
        }
    }

    #[test]
    fn a_port_that_someone_holds_is_skipped_and_the_range_is_the_limit() {
        let poll = Poll::new().unwrap();
        // Three pairs; a stranger sits on the RTCP port of the second.
        let (first, _) = free_range(8);
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, first + 3)).unwrap();
        // A range that begins and ends oddly: only whole pairs count.
        let range = (first - 1, first + 6);
        let mut ports = Ports::new(&settings(range), poll.registry().try_clone().unwrap());
        assert_eq!(ports.prepare(1).0, [first]);
        let (ready, fault) = ports.prepare(5);
        assert_eq!(ready, [first + 4]);
        assert_eq!(fault.unwrap().kind(), io::ErrorKind::AddrInUse);
        drop(stranger);
        assert_eq!(ports.prepare(5).0, [first + 2]);
        assert_eq!((ports.prepare(5).0.len(), ports.bound()), (0, 3));

        assert!(ports.ensure(first).is_ok());
        assert!(ports.ensure(first + 6).is_err());
        let socket = SockRef::from(&ports.socket(first + 3).unwrap()).tos_v4().unwrap();
        assert_eq!(socket, 46 << 2);
        assert!(ports.socket(first + 7).is_none());
    }
}
