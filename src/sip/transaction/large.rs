//! Requests that are too large for a datagram, and so go by a stream (RFC 3261 18.1.1).
//!
//! ```text
//! over 1300 bytes, UDP ──► by TCP, Via and all ──► answered: the dialog stays there
//!                               └── no connection ──► by UDP after all, and so for an hour
//! ```
//!
//! A datagram that must be cut into fragments is lost with any of them, and many a firewall lets
//! none but the first pass.

use std::net::SocketAddr;

use crate::{
    base::time::Span,
    sip::{
        ours,
        transaction::user::Request,
        turn::Turn,
        wire::{Peer, Transport},
    },
};

/// The largest request that goes by datagram where nobody knows what the path bears.
const DATAGRAM: usize = 1_300;

/// How long a far side that took no connection gets datagrams whatever their size.
const REFUSED: Span = Span::secs(3_600);

/// Far sides remembered for that; beyond, all are tried again.
const REFUSED_MAX: usize = 4_096;

/// The same request as it goes by a stream; `None` if a datagram will do, or must.
pub(super) fn streamed(turn: &Turn<'_>, request: &Request<'_>) -> Option<(Peer, Vec<u8>)> {
    let settings = &turn.shared.settings;
    let Peer { transport, remote, .. } = request.peer;
    let is_refused = turn.shared.datagrams_only.get(&remote).is_some_and(|until| turn.now < *until);
    if transport != Transport::Udp || request.bytes.len() <= DATAGRAM || is_refused {
        return None;
    }
    // Where we speak TCP ourselves: what Via says must be so.
    let by_tcp = |it: &&(Transport, SocketAddr)| {
        it.0 == Transport::Tcp && it.1.is_ipv4() == remote.is_ipv4()
    };
    let same_host = |it: &&(Transport, SocketAddr)| it.1.ip() == request.peer.local.ip();
    let mut listed = settings.listen.iter().filter(by_tcp);
    let (transport, local) = *listed.clone().find(same_host).or_else(|| listed.next())?;
    let peer = Peer { transport, local, remote, flow: Peer::NO_FLOW };
    let via = ours::via(settings, peer, request.branch);
    Some((peer, with_via(request.bytes, &via)?))
}

/// No connection could be had to there.
pub(super) fn refused(turn: &mut Turn<'_>, remote: SocketAddr) {
    let refused = &mut turn.shared.datagrams_only;
    if refused.len() >= REFUSED_MAX {
        refused.clear();
    }
    refused.insert(remote, turn.now + REFUSED);
}

/// The request with `via` in the place of its first.
fn with_via(bytes: &[u8], via: &str) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"\r\nVia: ";
    let start = bytes.windows(NAME.len()).position(|it| it == NAME)? + NAME.len();
    let rest = bytes.get(start..)?;
    let end = rest.windows(2).position(|it| it == b"\r\n")?;
    Some([bytes.get(..start)?, via.as_bytes(), rest.get(end..)?].concat())
}
