//! A message as it is shown: masked, in words that travel.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::{
    base::time::Timestamp,
    sip::wire::Transport,
    trace::{
        mask::{Numbers, mask},
        tape::{Taken, Way},
    },
};

/// A message, for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When, in microseconds since 1970.
    pub at: Timestamp,
    /// Which way.
    pub way: Way,
    /// Over what.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// Their end.
    pub remote: SocketAddr,
    /// What, as far as it may be seen.
    pub text: String,
}

impl Shown {
    /// `taken`, masked.
    #[must_use]
    pub fn of(taken: &Taken, numbers: Numbers) -> Self {
        let Taken { at, way, peer, bytes } = taken;
        Self {
            at: *at,
            way: *way,
            transport: peer.transport,
            local: peer.local,
            remote: peer.remote,
            text: mask(bytes, numbers),
        }
    }

    /// From where and to where it went. A socket bound to every address is shown as loopback of
    /// the other side's family, since a packet has to come from somewhere.
    #[must_use]
    pub fn ends(&self) -> (SocketAddr, SocketAddr) {
        let here = match (self.local.ip().is_unspecified(), self.remote.ip()) {
            (true, IpAddr::V4(_)) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.local.port()),
            (true, IpAddr::V6(_)) => {
                SocketAddr::new([0, 0, 0, 0, 0, 0, 0, 1].into(), self.local.port())
            }
            (false, _) => self.local,
        };
        match self.way {
            Way::Received => (self.remote, here),
            Way::Sent => (here, self.remote),
        }
    }

    /// What an arrow is labelled with: `INVITE (SDP)`, `200 OK (INVITE, SDP)`.
    #[must_use]
    pub fn label(&self) -> String {
        let first = self.text.lines().next().unwrap_or_default();
        let has_sdp = self.header("Content-Type", "c").is_some_and(|it| it.contains("sdp"));
        let sdp = if has_sdp { "SDP" } else { "" };
        let Some(answer) = first.strip_prefix("SIP/2.0 ") else {
            let method = first.split(' ').next().unwrap_or_default();
            return if has_sdp { format!("{method} ({sdp})") } else { method.to_owned() };
        };
        let cseq = self.header("CSeq", "CSeq").unwrap_or_default();
        let method = cseq.split_whitespace().nth(1).unwrap_or_default();
        let what = if has_sdp { format!("{method}, {sdp}") } else { method.to_owned() };
        format!("{answer} ({what})")
    }

    /// The first value of a header, by its name or its compact name.
    fn header(&self, name: &str, compact: &str) -> Option<&str> {
        let lines = self.text.lines().skip(1).take_while(|line| !line.is_empty());
        let mut fields = lines.filter_map(|line| line.split_once(':'));
        let is = |it: &str| it.eq_ignore_ascii_case(name) || it.eq_ignore_ascii_case(compact);
        fields.find(|(it, _)| is(it.trim())).map(|(_, value)| value.trim())
    }
}

/// An address as IPv6 has it.
pub(super) fn sixteen(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}
