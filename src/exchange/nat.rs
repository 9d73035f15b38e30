//! Where a far side's sound really is: its SDP may name an address that only its neighbours know.
//!
//! ```text
//! SDP names                      its SIP comes from        sound goes to     believed as well
//! an address all can reach       wherever                  it
//! a private one                  it                        it
//! a private one                  another of its network    it                where SIP comes from
//! a private one                  anywhere else (NAT)       where SIP ...     it
//! a host by name                 wherever                  where SIP ...
//! ```
//!
//! Of its own network is who may be a gateway with its sound on a machine of its own. How either is
//! believed is for [`source`](crate::media::source) to say; ports are as the SDP says.

use std::net::{IpAddr, SocketAddr};

use crate::sdp::negotiate::Agreed;

/// Where RTP and RTCP go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// Where RTP goes; `None`: nowhere, on hold by `0.0.0.0`.
    pub(super) remote: Option<SocketAddr>,
    /// Where it may be as well.
    pub(super) second: Option<SocketAddr>,
    /// Where RTCP goes, if not to the port above.
    pub(super) remote_rtcp: Option<SocketAddr>,
}

/// Where the far side is by what was agreed, if its SIP comes from `source`.
pub(super) fn whereabouts(agreed: &Agreed, source: Option<IpAddr>) -> Whereabouts {
    let source = source.map(|it| it.to_canonical());
    let as_said =
        Whereabouts { remote: agreed.remote, second: None, remote_rtcp: agreed.remote_rtcp };
    let Some(seen) = source else { return as_said };
    let (Some(port), said) = (agreed.port, agreed.remote) else { return as_said };
    let Some(said) = said else {
        let remote = Some(SocketAddr::new(seen, port));
        return Whereabouts { remote, remote_rtcp: None, ..as_said };
    };
    let is_other = said.ip() != seen && said.ip().is_ipv4() == seen.is_ipv4();
    let Some(network) = private_network(said.ip()).filter(|_| is_other) else { return as_said };
    let at_source = Some(SocketAddr::new(seen, said.port()));
    if private_network(seen) == Some(network) {
        return Whereabouts { second: at_source, ..as_said };
    }
    let remote_rtcp = agreed.remote_rtcp.map(|it| SocketAddr::new(seen, it.port()));
    Whereabouts { remote: at_source, second: Some(said), remote_rtcp }
}

/// The network of those that addresses are used in by many, each for itself (RFC 1918, RFC 6598,
/// RFC 3927, RFC 4193); loopback is one as well.
fn private_network(ip: IpAddr) -> Option<Network> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => match ip.octets() {
            [10, ..] => Some(Network::Ten),
            [172, 16..=31, ..] => Some(Network::OneSevenTwo),
            [192, 168, ..] => Some(Network::OneNineTwo),
            [100, 64..=127, ..] => Some(Network::Carrier),
            [169, 254, ..] => Some(Network::Link),
            [127, ..] => Some(Network::Host),
            _ => None,
        },
        IpAddr::V6(ip) if ip.is_loopback() => Some(Network::Host),
        IpAddr::V6(ip) if ip.is_unique_local() => Some(Network::UniqueLocal),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some(Network::Link),
        IpAddr::V6(_) => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Ten,
    OneSevenTwo,
    OneNineTwo,
    /// Behind a carrier's own NAT.
    Carrier,
    Link,
    Host,
    UniqueLocal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::negotiate::Format;

    /// Remote, second and RTCP for an SDP that names `said` with RTCP at 4001.
    fn told(said: Option<&str>, source: &str) -> String {
        let ip = |it: &str| it.parse::<IpAddr>().unwrap();
        let agreed = Agreed {
            format: Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 },
            payload_type: 8,
            dtmf: None,
            remote: said.map(|it| SocketAddr::new(ip(it), 4000)),
            port: Some(4000),
            remote_rtcp: said.map(|it| SocketAddr::new(ip(it), 4009)),
            send: true,
            receive: true,
            ptime: 20,
            rtcp_mux: false,
            keys: None,
        };
        let Whereabouts { remote, second, remote_rtcp } = whereabouts(&agreed, Some(ip(source)));
        let [remote, second, rtcp] =
            [remote, second, remote_rtcp].map(|it| it.map_or("-".to_owned(), |it| it.to_string()));
        format!("{remote} {second} {rtcp}")
    }

    #[test]
    fn every_pair_of_an_address_said_and_one_seen() {
        for (said, source, want) in [
            // All can reach it, or it is the same.
            (Some("192.0.2.9"), "198.51.100.1", "192.0.2.9:4000 - 192.0.2.9:4009"),
            (Some("192.0.2.9"), "10.0.0.1", "192.0.2.9:4000 - 192.0.2.9:4009"),
            (Some("10.0.0.1"), "10.0.0.1", "10.0.0.1:4000 - 10.0.0.1:4009"),
            (Some("10.0.0.1"), "::ffff:10.0.0.1", "10.0.0.1:4000 - 10.0.0.1:4009"),
            // Behind a NAT.
            (Some("10.0.0.9"), "192.0.2.1", "192.0.2.1:4000 10.0.0.9:4000 192.0.2.1:4009"),
            (Some("172.20.0.9"), "192.0.2.1", "192.0.2.1:4000 172.20.0.9:4000 192.0.2.1:4009"),
            (Some("192.168.1.9"), "10.8.0.1", "10.8.0.1:4000 192.168.1.9:4000 10.8.0.1:4009"),
            (Some("192.168.1.9"), "127.0.0.1", "127.0.0.1:4000 192.168.1.9:4000 127.0.0.1:4009"),
            (Some("100.64.0.9"), "192.0.2.1", "192.0.2.1:4000 100.64.0.9:4000 192.0.2.1:4009"),
            (Some("169.254.0.9"), "192.0.2.1", "192.0.2.1:4000 169.254.0.9:4000 192.0.2.1:4009"),
            (Some("127.0.0.1"), "192.0.2.1", "192.0.2.1:4000 127.0.0.1:4000 192.0.2.1:4009"),
            (
                Some("fd00::9"),
                "2001:db8::1",
                "[2001:db8::1]:4000 [fd00::9]:4000 [2001:db8::1]:4009",
            ),
            (
                Some("fe80::9"),
                "2001:db8::1",
                "[2001:db8::1]:4000 [fe80::9]:4000 [2001:db8::1]:4009",
            ),
            // A gateway with its sound on another machine of the same network.
            (Some("10.0.0.9"), "10.0.0.1", "10.0.0.9:4000 10.0.0.1:4000 10.0.0.9:4009"),
            // By the other family nothing is known of it.
            (Some("10.0.0.9"), "2001:db8::1", "10.0.0.9:4000 - 10.0.0.9:4009"),
            // Not private, if near.
            (Some("172.32.0.9"), "192.0.2.1", "172.32.0.9:4000 - 172.32.0.9:4009"),
            (Some("100.128.0.9"), "192.0.2.1", "100.128.0.9:4000 - 100.128.0.9:4009"),
            // A name.
            (None, "192.0.2.1", "192.0.2.1:4000 - -"),
        ] {
            assert_eq!(told(said, source), want, "{said:?} from {source}");
        }
    }
}
