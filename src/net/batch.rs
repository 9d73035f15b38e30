//! Many datagrams in one system call: `recvmmsg` and `sendmmsg` over buffers that are reused.
//!
//! ```text
//! socket ──recvmmsg──► Inbox   slots of fixed size: from, bytes, cut short?
//! bytes, to ──push───► Outbox ──sendmmsg──► socket
//! ```
//!
//! Both work on sockets that never block. Addresses are shown as their senders mean them: an
//! IPv4 peer of a dual-stack socket appears as IPv4. This is the one file of the crate that
//! talks to the kernel by pointers; it knows neither SIP nor RTP.

// The kernel fills and reads our buffers through pointers; no crate we use offers both calls.
#![allow(unsafe_code)]

use std::{
    io, mem,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::{AsRawFd, BorrowedFd},
    ptr,
};

/// The largest address we hand to the kernel.
const ADDRESS_LEN: libc::socklen_t = socklen::<libc::sockaddr_storage>();

/// Datagrams as they come from one socket, a slot each.
pub struct Inbox {
    /// All slots, one after another; never resized, the kernel holds pointers into it.
    bytes: Box<[u8]>,
    slot_len: usize,
    addresses: Box<[libc::sockaddr_storage]>,
    /// One for every slot, pointed to by `headers`.
    _pieces: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
    filled: usize,
}

/// One datagram in an [`Inbox`].
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// What was sent; to be changed in place where that helps.
    pub bytes: &'a mut [u8],
    /// Whether it was longer than the slot: `bytes` is only its beginning.
    pub cut_short: bool,
}

/// One datagram in an [`Inbox`], with its slot.
#[derive(Debug)]
pub struct Slot<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// What was sent, and the room behind it.
    pub room: &'a mut [u8],
    /// How much of `room` was sent.
    pub len: usize,
    /// Whether it was longer than the slot.
    pub cut_short: bool,
}

// SAFETY: the raw pointers inside point only into boxes owned by the same value; moving it to
// another thread moves the boxes' owner and leaves their places in memory.
unsafe impl Send for Inbox {}

impl Inbox {
    /// Room for `slots` datagrams of up to `slot_len` bytes.
    #[must_use]
    pub fn new(slots: usize, slot_len: usize) -> Self {
        let slot_len = slot_len.max(1);
        let mut bytes = vec![0; slots * slot_len].into_boxed_slice();
        // SAFETY: all-zero bytes are a valid sockaddr_storage (family AF_UNSPEC).
        let zero: libc::sockaddr_storage = unsafe { mem::zeroed() };
        let mut addresses = vec![zero; slots].into_boxed_slice();
        let mut pieces: Box<[libc::iovec]> = bytes.chunks_exact_mut(slot_len).map(piece).collect();
        let headers = addresses
            .iter_mut()
            .zip(&mut pieces)
            .map(|(address, piece)| header(ptr::from_mut(address), ADDRESS_LEN, piece))
            .collect();
        Self { bytes, slot_len, addresses, _pieces: pieces, headers, filled: 0 }
    }

    /// Takes what the socket holds, up to the number of slots, and says how many came. The
    /// datagrams of the call before are forgotten. Fewer than [`slots`](Self::slots) means the
    /// socket was empty at that moment. None is not an error.
    pub fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        // The kernel wrote the true address lengths into the slots used last time.
        for header in self.headers.iter_mut().take(self.filled) {
            header.msg_hdr.msg_namelen = ADDRESS_LEN;
        }
        self.filled = 0;
        let slots = libc::c_uint::try_from(self.headers.len()).unwrap_or(libc::c_uint::MAX);
        // SAFETY: every header points to an address and to an iovec over a slot of `bytes`, all
        // owned by `self` and alive; the count is that of the headers; no timeout is passed.
        let came = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                slots,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        match usize::try_from(came) {
            Ok(came) => {
                self.filled = came;
                Ok(came)
            }
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
                error => Err(error),
            },
        }
    }

    /// How many datagrams one call can take.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.headers.len()
    }

    /// The datagrams of the last [`receive`](Self::receive), in the order they came.
    pub fn datagrams(&mut self) -> impl Iterator<Item = Datagram<'_>> {
        self.filled().filter_map(|Slot { from, room, len, cut_short }| {
            Some(Datagram { from, bytes: room.get_mut(..len)?, cut_short })
        })
    }

    /// The same, each with the whole of its slot, for those that grow.
    pub fn filled(&mut self) -> impl Iterator<Item = Slot<'_>> {
        self.headers
            .iter()
            .zip(self.bytes.chunks_exact_mut(self.slot_len))
            .zip(&self.addresses)
            .take(self.filled)
            .filter_map(|((header, room), address)| {
                let len = header.msg_len as usize;
                let cut_short = header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
                Some(Slot { from: read_address(address)?, room, len, cut_short })
            })
    }
}

/// Datagrams on their way out of one socket, copied in and sent together.
pub struct Outbox {
    bytes: Vec<u8>,
    waiting: Vec<Waiting>,
    addresses: Vec<libc::sockaddr_storage>,
    pieces: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    limit: usize,
}

/// Where a waiting datagram ends in `bytes` (it starts where the one before ends), and its goal.
struct Waiting {
    end: usize,
    to: SocketAddr,
}

// SAFETY: the raw pointers in `pieces` and `headers` are made anew in every `flush` and never
// followed outside it.
unsafe impl Send for Outbox {}

impl Outbox {
    /// An outbox that holds at most `limit` datagrams.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: vec![],
            waiting: Vec::with_capacity(limit),
            addresses: Vec::with_capacity(limit),
            pieces: Vec::with_capacity(limit),
            headers: Vec::with_capacity(limit),
            limit,
        }
    }

    /// Lets `bytes` wait for the next [`flush`](Self::flush). Says `false`, and takes nothing,
    /// when it is full.
    #[must_use]
    pub fn push(&mut self, to: SocketAddr, bytes: &[u8]) -> bool {
        if self.waiting.len() >= self.limit {
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        self.waiting.push(Waiting { end: self.bytes.len(), to });
        true
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Sends all that waits and says how many the kernel took. A datagram that it refuses
    /// (unreachable, forbidden, no room) is lost, as datagrams may be, and those after it
    /// still go. `socket` is of the family `own`, which decides how addresses are written.
    pub fn flush(&mut self, socket: BorrowedFd<'_>, own: IpAddr) -> usize {
        self.addresses.clear();
        self.pieces.clear();
        self.headers.clear();
        let mut start = 0;
        for waiting in &self.waiting {
            let bytes = self.bytes.get_mut(start..waiting.end).unwrap_or_default();
            start = waiting.end;
            self.pieces.push(piece(bytes));
            // SAFETY: as in `Inbox::new`.
            self.addresses.push(unsafe { mem::zeroed() });
        }
        // Only now do the vectors keep their places, so only now may they be pointed to.
        for ((waiting, address), piece) in
            self.waiting.iter().zip(&mut self.addresses).zip(&mut self.pieces)
        {
            let len = write_address(waiting.to, own, address);
            self.headers.push(header(ptr::from_mut(address), len, piece));
        }
        let sent = send_all(socket, &mut self.headers);
        self.waiting.clear();
        self.bytes.clear();
        sent
    }
}

/// Sends one datagram at once, without copying it. `false`: the kernel refused it.
#[must_use]
pub fn send_one(socket: BorrowedFd<'_>, own: IpAddr, to: SocketAddr, bytes: &[u8]) -> bool {
    // SAFETY: as in `Inbox::new`.
    let mut address: libc::sockaddr_storage = unsafe { mem::zeroed() };
    let len = write_address(to, own, &mut address);
    // SAFETY: `bytes` and `address` live through the call, with the lengths given.
    let sent = unsafe {
        libc::sendto(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            ptr::from_ref(&address).cast(),
            len,
        )
    };
    sent >= 0
}

/// Sends every header's datagram, stepping over those the kernel refuses.
fn send_all(socket: BorrowedFd<'_>, headers: &mut [libc::mmsghdr]) -> usize {
    let mut rest = headers;
    let mut sent = 0;
    while !rest.is_empty() {
        let count = libc::c_uint::try_from(rest.len()).unwrap_or(libc::c_uint::MAX);
        // SAFETY: every header points to an address and an iovec that live in the outbox and
        // were laid out just before; the count is that of the headers.
        let took = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                rest.as_mut_ptr(),
                count,
                libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            )
        };
        // An error is about the first of the rest: that one is lost.
        let done = match usize::try_from(took) {
            Ok(took) => {
                sent += took;
                took.max(1)
            }
            Err(_) => 1,
        };
        rest = rest.get_mut(done..).unwrap_or_default();
    }
    sent
}

const fn socklen<T>() -> libc::socklen_t {
    #[allow(clippy::cast_possible_truncation)] // At most 128 bytes.
    {
        mem::size_of::<T>() as libc::socklen_t
    }
}

fn piece(bytes: &mut [u8]) -> libc::iovec {
    libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() }
}

fn header(
    address: *mut libc::sockaddr_storage,
    address_len: libc::socklen_t,
    piece: &mut libc::iovec,
) -> libc::mmsghdr {
    // SAFETY: all-zero bytes are a valid mmsghdr: no address, no pieces, no control data.
    let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
    header.msg_hdr.msg_name = address.cast();
    header.msg_hdr.msg_namelen = address_len;
    header.msg_hdr.msg_iov = ptr::from_mut(piece);
    header.msg_hdr.msg_iovlen = 1;
    header
}

/// The address the kernel wrote, IPv4 shown as IPv4. `None` for families we never open.
fn read_address(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says that this storage holds a sockaddr_in, which is smaller
            // and no stricter aligned.
            let it = unsafe { &*ptr::from_ref(storage).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(it.sin_addr.s_addr));
            Some(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(it.sin_port))))
        }
        libc::AF_INET6 => {
            // SAFETY: as above, for sockaddr_in6.
            let it = unsafe { &*ptr::from_ref(storage).cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(it.sin6_addr.s6_addr);
            let port = u16::from_be(it.sin6_port);
            Some(match ip.to_ipv4_mapped() {
                Some(ip) => SocketAddr::V4(SocketAddrV4::new(ip, port)),
                None => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, it.sin6_scope_id)),
            })
        }
        _ => None,
    }
}

/// Writes `to` as a socket of the family of `own` wants it, and says how long it is.
fn write_address(
    to: SocketAddr,
    own: IpAddr,
    storage: &mut libc::sockaddr_storage,
) -> libc::socklen_t {
    let (ip, scope) = match (to, own) {
        (SocketAddr::V4(to), IpAddr::V4(_)) => {
            // SAFETY: a sockaddr_storage is large and aligned enough for every address, and its
            // bytes are all set.
            let it = unsafe { &mut *ptr::from_mut(storage).cast::<libc::sockaddr_in>() };
            it.sin_family = family(libc::AF_INET);
            it.sin_port = to.port().to_be();
            it.sin_addr.s_addr = u32::from(*to.ip()).to_be();
            return socklen::<libc::sockaddr_in>();
        }
        (SocketAddr::V4(to), IpAddr::V6(_)) => (to.ip().to_ipv6_mapped(), 0),
        (SocketAddr::V6(to), _) => (*to.ip(), to.scope_id()),
    };
    // SAFETY: as above.
    let it = unsafe { &mut *ptr::from_mut(storage).cast::<libc::sockaddr_in6>() };
    it.sin6_family = family(libc::AF_INET6);
    it.sin6_port = to.port().to_be();
    it.sin6_addr.s6_addr = ip.octets();
    it.sin6_scope_id = scope;
    socklen::<libc::sockaddr_in6>()
}

fn family(family: i32) -> libc::sa_family_t {
    libc::sa_family_t::try_from(family).expect("address families are small numbers")
}

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, os::fd::AsFd};

    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn socket(address: &str) -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind(address).unwrap();
        let own = socket.local_addr().unwrap();
        (socket, own)
    }

    /// Loopback delivers before `send` returns, so nothing here has to wait.
    #[test]
    fn datagrams_come_in_order_and_a_long_one_is_marked() {
        let (here, to) = socket("127.0.0.1:0");
        let (there, from) = socket("127.0.0.1:0");
        let mut outbox = Outbox::new(8);
        for bytes in [&b"one"[..], b"", b"a long one"] {
            assert!(outbox.push(to, bytes));
        }
        assert_eq!(outbox.flush(there.as_fd(), LOCAL), 3);
        assert!(outbox.is_empty());

        let mut inbox = Inbox::new(2, 6);
        let mut told = vec![];
        for _ in 0..3 {
            let came = inbox.receive(here.as_fd()).unwrap();
            told.push(came.to_string());
            for datagram in inbox.datagrams() {
                assert_eq!(datagram.from, from);
                let text = String::from_utf8(datagram.bytes.to_vec()).unwrap();
                told.push(format!("{text:?} {}", datagram.cut_short));
            }
        }
        assert_eq!(told, ["2", "\"one\" false", "\"\" false", "1", "\"a long\" true", "0"]);
    }

    #[test]
    fn a_full_outbox_takes_nothing_and_one_bad_goal_does_not_stop_the_others() {
        let (here, to) = socket("127.0.0.1:0");
        let (there, _) = socket("127.0.0.1:0");
        let mut outbox = Outbox::new(2);
        // An IPv6 goal cannot be reached through an IPv4 socket.
        assert!(outbox.push("[::1]:9".parse().unwrap(), b"lost"));
        assert!(outbox.push(to, b"kept"));
        assert!(!outbox.push(to, b"refused"));
        assert_eq!(outbox.flush(there.as_fd(), LOCAL), 1);

        let mut inbox = Inbox::new(4, 64);
        assert_eq!(inbox.receive(here.as_fd()).unwrap(), 1);
        assert_eq!(inbox.datagrams().next().unwrap().bytes, b"kept");
    }

    #[test]
    fn an_ipv4_peer_of_a_dual_stack_socket_is_shown_as_ipv4() {
        let Ok(here) = UdpSocket::bind("[::]:0") else { return };
        let port = here.local_addr().unwrap().port();
        let (there, from) = socket("127.0.0.1:0");
        assert!(send_one(there.as_fd(), LOCAL, SocketAddr::new(LOCAL, port), b"hello"));
        let mut inbox = Inbox::new(4, 64);
        inbox.receive(here.as_fd()).unwrap();
        assert_eq!(inbox.datagrams().next().unwrap().from, from);

        let own = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        assert!(send_one(here.as_fd(), own, from, b"and back"));
        let mut buffer = [0; 16];
        assert_eq!(there.recv(&mut buffer).unwrap(), 8);
    }
}
