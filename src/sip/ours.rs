//! What we say of ourselves in every message: Via, Contact, Allow, and why something ends.

use std::net::{IpAddr, SocketAddr};

use crate::sip::{
    message::{Request, Response, uri::Uri},
    settings::{Serves, Settings},
    wire::{Peer, Transport},
};

/// The methods we take (RFC 3261 20.5).
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER";

/// The extensions we know (RFC 3261 20.37).
pub(super) const SUPPORTED: &str = "100rel, norefersub, replaces, timer";

/// The same, for an INVITE to a phone: that its ringing arrives is worth no message more.
pub(super) const SUPPORTED_BY_PHONE: &str = "norefersub, replaces, timer";

/// Whether we know the extension.
pub(super) fn supports(extension: &str) -> bool {
    SUPPORTED.split(", ").any(|it| it.eq_ignore_ascii_case(extension))
}

/// The one kind of body we take.
pub(super) const SDP: &str = "application/sdp";

/// The address that `peer` knows us by: our end of the way there, or the public one where
/// that end is bound to all addresses.
pub(super) fn address(settings: &Settings, peer: Peer) -> SocketAddr {
    let ip = match settings.public_host {
        Some(public) if peer.local.ip().is_unspecified() => public,
        _ => peer.local.ip(),
    };
    SocketAddr::new(ip, peer.local.port())
}

/// Our hop (RFC 3261 8.1.1.7), asking to be answered where we send from (RFC 3581).
pub(super) fn via(settings: &Settings, peer: Peer, branch: u64) -> String {
    let transport = peer.transport.name();
    format!("SIP/2.0/{transport} {};rport;branch=z9hG4bK{branch:016x}", address(settings, peer))
}

/// How many hops a request of ours may take (RFC 3261 8.1.1.6).
pub(super) const HOPS: u8 = 70;

/// The request may take so many hops only.
pub(super) fn limit_hops(request: &mut Request, hops: Option<u8>) {
    if let Some(hops) = hops {
        request.headers.replace("Max-Forwards", hops.min(HOPS).to_string());
    }
}

/// Where the far side reaches us within the dialog.
pub(super) fn contact(settings: &Settings, peer: Peer, user: &str) -> String {
    format!("<{}>", contact_uri(settings, peer, user))
}

/// The same as a URI.
pub(super) fn contact_uri(settings: &Settings, peer: Peer, user: &str) -> Uri {
    let uri = Uri::sip(user, address(settings, peer));
    match peer.transport {
        Transport::Udp => uri,
        // RFC 7118 5.3: one word, whether others can read along or not.
        Transport::Ws | Transport::Wss => uri.with("transport", Transport::Ws.word()),
        Transport::Tcp | Transport::Tls => uri.with("transport", peer.transport.word()),
    }
}

/// Our own URI for From: at the realm if that is a host, else at our address.
pub(super) fn identity(settings: &Settings, peer: Peer, user: &str) -> Uri {
    if settings.realm.is_empty() {
        return Uri::sip_at(user, &host(address(settings, peer).ip()));
    }
    Uri::sip_at(user, &settings.realm)
}

fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// Our end for a way to `remote`, where one of `whom` stands: of those listed for its transport
/// and family the one that is kept for them, or else one that serves everyone.
pub(super) fn local(
    settings: &Settings,
    whom: Serves,
    transport: Transport,
    remote: SocketAddr,
) -> SocketAddr {
    let fits = |listed: &&(Transport, SocketAddr)| {
        listed.0 == transport && listed.1.is_ipv4() == remote.is_ipv4()
    };
    let kept_for = |whom| {
        let mut all = settings.listen.iter().filter(fits);
        all.find(|(transport, at)| settings.serves(*transport, *at) == whom)
    };
    let any = if remote.is_ipv4() {
        SocketAddr::from(([0, 0, 0, 0], 5060))
    } else {
        SocketAddr::from(([0u16; 8], 5060))
    };
    let listed = kept_for(whom).or_else(|| kept_for(Serves::Everyone));
    listed.or_else(|| settings.listen.iter().find(fits)).map_or(any, |listed| listed.1)
}

/// The response with SDP, if there is some.
pub(super) fn with_sdp(response: Response, sdp: Option<Vec<u8>>) -> Response {
    match sdp {
        Some(sdp) => response.with_body(SDP, sdp),
        None => response,
    }
}

/// The request with SDP, if there is some.
pub(super) fn request_with_sdp(request: Request, sdp: Option<Vec<u8>>) -> Request {
    match sdp {
        Some(sdp) => request.with_body(SDP, sdp),
        None => request,
    }
}
