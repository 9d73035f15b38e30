//! Opening sockets the way a telephone exchange wants them: bound, marked, roomy, never waiting.

use std::{fmt, io, net::SocketAddr};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::base::time::Span;

/// Room in the kernel for a burst of datagrams while we decide, in bytes. The kernel grants
/// what `net.core.rmem_max` allows, without a word.
const BURST: usize = 4 << 20;

/// Connections that the kernel holds until we accept them.
const BACKLOG: i32 = 1024;

/// How soon a silent TCP connection is probed. A phone that lost its power says no goodbye, and calls that come for it
/// meanwhile would ring in vain.
const PROBE: Span = Span::secs(60);

/// An address that could not be listened on.
#[derive(Debug)]
pub struct CannotListen {
    /// For what.
    pub what: &'static str,
    /// Where.
    pub address: SocketAddr,
    /// What the system said.
    pub why: io::Error,
}

/// A UDP socket for SIP.
pub fn udp(address: SocketAddr, dscp: u8) -> Result<mio::net::UdpSocket, CannotListen> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        prepare(&socket, address, dscp)?;
        // More room is a kindness of the kernel; less is no reason not to start.
        let _ = socket.set_recv_buffer_size(BURST);
        let _ = socket.set_send_buffer_size(BURST);
        socket.bind(&address.into())?;
        Ok(mio::net::UdpSocket::from_std(socket.into()))
    };
    open().map_err(|why| CannotListen { what: "SIP over UDP", address, why })
}

/// A listener for SIP over TCP.
pub fn tcp(address: SocketAddr, dscp: u8) -> Result<mio::net::TcpListener, CannotListen> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // A restart must not wait for the old connections' last packets (TIME_WAIT).
        socket.set_reuse_address(true)?;
        prepare(&socket, address, dscp)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(mio::net::TcpListener::from_std(socket.into()))
    };
    open().map_err(|why| CannotListen { what: "SIP over TCP", address, why })
}

/// A listener for HTTP; tokio's to accept from.
pub fn http(address: SocketAddr) -> Result<std::net::TcpListener, CannotListen> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    open().map_err(|why| CannotListen { what: "HTTP", address, why })
}

/// What every SIP connection gets, accepted or opened: no waiting to fill a packet, the mark,
/// and probes. None of it is worth losing the connection for.
pub(super) fn tune(stream: &mio::net::TcpStream, dscp: u8) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(PROBE.into()));
    let _ = match stream.peer_addr() {
        Ok(SocketAddr::V6(_)) => socket.set_tclass_v6(u32::from(dscp) << 2),
        Ok(SocketAddr::V4(_)) | Err(_) => socket.set_tos_v4(u32::from(dscp) << 2),
    };
}

fn prepare(socket: &Socket, address: SocketAddr, dscp: u8) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    // DSCP stands in the upper six bits of the octet (RFC 2474).
    let octet = u32::from(dscp) << 2;
    if address.is_ipv6() {
        // Otherwise `[::]` would take IPv4's port as well, and the two could not both be named.
        socket.set_only_v6(true)?;
        socket.set_tclass_v6(octet)
    } else {
        socket.set_tos_v4(octet)
    }
}

impl fmt::Display for CannotListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {} for {}", self.address, self.what)
    }
}

impl std::error::Error for CannotListen {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_with_its_address_and_what_it_was_for() {
        let first = udp("127.0.0.1:0".parse().unwrap(), 24).unwrap();
        let address = first.local_addr().unwrap();
        let fault = udp(address, 24).unwrap_err();
        assert_eq!(fault.why.kind(), io::ErrorKind::AddrInUse);
        assert_eq!(fault.to_string(), format!("cannot listen on {address} for SIP over UDP"));
    }

    #[test]
    fn sockets_carry_their_mark() {
        let socket = udp("127.0.0.1:0".parse().unwrap(), 24).unwrap();
        assert_eq!(SockRef::from(&socket).tos_v4().unwrap(), 24 << 2);
        let socket = udp("[::1]:0".parse().unwrap(), 24).unwrap();
        assert_eq!(SockRef::from(&socket).tclass_v6().unwrap(), 24 << 2);
        assert!(SockRef::from(&socket).only_v6().unwrap());
    }
}
