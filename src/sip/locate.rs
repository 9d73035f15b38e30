//! Where a domain's SIP is served (RFC 3263), and in which order those places are tried (RFC 2782).
//!
//! ```text
//! sip:192.0.2.7:5070                  that address
//! sip:sbc.example.de:5070             A, AAAA ─► that port
//! sip:example.de;transport=tls        SRV _sips._tcp.example.de ─► A, AAAA
//! sip:example.de                      NAPTR example.de ─► SRV ─► A, AAAA
//! ```
//!
//! Pure: which records to ask for, and what their answers mean. Asking is done by `net::names`.
//! Whoever calls a domain holds its [`Places`]: it tries them in order and tells which failed.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use rsip::Scheme;

use crate::{
    base::time::{Span, Timestamp},
    sip::{
        message::uri::{Host, Uri},
        wire::Transport,
    },
};

/// How long a place that failed is avoided, at least and at most (DOMAIN.md T-5). It differs from
/// time to time, so that callers do not all come back at once.
const AVOIDED: Span = Span::secs(30);
const AVOIDED_LONGER: Span = Span::secs(30);

/// Places kept of one domain; whoever serves it from more does not need all of them.
const PLACES_MAX: usize = 64;

/// One address to send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Over what.
    pub transport: Transport,
    /// Where.
    pub remote: SocketAddr,
}

/// One server of a domain: an SRV record, with the addresses of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Over what it is spoken to.
    pub transport: Transport,
    /// Lower ones are tried first. The upper half is what NAPTR says, the lower what SRV does.
    pub priority: u32,
    /// Its share among those of the same priority.
    pub weight: u16,
    /// Its addresses, in the order in which they are tried.
    pub addresses: Vec<SocketAddr>,
}

/// What to ask of DNS about a URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Nothing: the URI says it all.
    Answered(Target),
    /// The addresses of that host.
    Host {
        /// Its name.
        host: String,
        /// By which transport and port it is reached.
        transport: Transport,
        /// The port.
        port: u16,
    },
    /// The servers of that service, and if there are none the host's addresses.
    Service {
        /// The domain.
        host: String,
        /// By which transport.
        transport: Transport,
    },
    /// Which services the domain has, and if it does not tell, all that we can speak.
    Domain {
        /// The domain.
        host: String,
        /// Whether only what is secret will do (`sips:`).
        is_secret: bool,
    },
}

/// A NAPTR record (RFC 3403), as far as SIP uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naptr {
    /// Lower ones first; only if all of an order fail, the next.
    pub order: u16,
    /// Lower ones first within an order.
    pub preference: u16,
    /// `s` for a pointer to SRV records.
    pub flags: String,
    /// `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`, or what we do not speak.
    pub services: String,
    /// Where it points.
    pub replacement: String,
}

/// An SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// Lower ones first.
    pub priority: u16,
    /// Its share among those of the same priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; a single dot says that the service is not to be had.
    pub host: String,
}

/// The places of one domain, and which of them failed of late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    places: Vec<Place>,
    avoided: BTreeMap<Target, Timestamp>,
}

impl Question {
    /// What to ask about `uri` (RFC 3263 4.1, 4.2). `None`: it names no host that we could call.
    #[must_use]
    pub fn about(uri: &Uri) -> Option<Self> {
        let is_secret = uri.scheme() == Scheme::Sips;
        let is_said = uri.has_param("transport") || is_secret && uri.port().is_some();
        let transport = uri.transport();
        if matches!(transport, Transport::Ws | Transport::Wss) {
            return None; // RFC 7118 5: only browsers open them.
        }
        let host = match uri.host()? {
            Host::Address(_) => {
                return Some(Self::Answered(Target { transport, remote: uri.address()? }));
            }
            Host::Name(name) => name.trim_end_matches('.').to_owned(),
        };
        Some(match uri.port() {
            Some(port) => Self::Host { host, transport, port },
            None if is_said => Self::Service { host, transport },
            None => Self::Domain { host, is_secret },
        })
    }
}

/// The name whose SRV records tell who serves `host` by `transport` (RFC 3263 4.1).
#[must_use]
pub fn service(host: &str, transport: Transport) -> String {
    let prefix = match transport {
        Transport::Udp => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
        Transport::Ws => "_sip._ws",
        Transport::Wss => "_sips._ws",
    };
    format!("{prefix}.{host}")
}

/// What a domain offers, the best first: transport and the name of its SRV records.
#[must_use]
pub fn offered(mut records: Vec<Naptr>, is_secret: bool) -> Vec<(Transport, String)> {
    records.retain(|it| it.flags.eq_ignore_ascii_case("s"));
    records.sort_by_key(|it| (it.order, it.preference));
    let offer = |it: Naptr| {
        let transport = match it.services.to_ascii_uppercase().as_str() {
            "SIP+D2U" => Transport::Udp,
            "SIP+D2T" => Transport::Tcp,
            "SIPS+D2T" => Transport::Tls,
            _ => return None,
        };
        let fits = transport.is_secret() || !is_secret;
        fits.then(|| (transport, it.replacement.trim_end_matches('.').to_owned()))
    };
    records.into_iter().filter_map(offer).collect()
}

/// What is asked for where a domain has no NAPTR records: all that we speak, what is secret first.
#[must_use]
pub fn presumed(host: &str, is_secret: bool) -> Vec<(Transport, String)> {
    [Transport::Tls, Transport::Tcp, Transport::Udp]
        .into_iter()
        .filter(|it| it.is_secret() || !is_secret)
        .map(|it| (it, service(host, it)))
        .collect()
}

impl Srv {
    /// The place it tells of, at those addresses; `rank` is that of its transport among others.
    #[must_use]
    pub fn place(
        &self,
        transport: Transport,
        rank: u16,
        addresses: impl Iterator<Item = IpAddr>,
    ) -> Place {
        let addresses = addresses.map(|it| SocketAddr::new(it, self.port)).collect();
        let priority = u32::from(rank) << 16 | u32::from(self.priority);
        Place { transport, priority, weight: self.weight, addresses }
    }
}

impl Places {
    /// DNS says so now. What is known of failures stays, of those that are still there.
    pub fn learn(&mut self, places: Vec<Place>) {
        self.places = places;
        self.places.truncate(PLACES_MAX);
        let Self { places, avoided } = self;
        avoided.retain(|target, _| places.iter().any(|it| it.has(*target)));
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether that address is one of them.
    #[must_use]
    pub fn has(&self, remote: SocketAddr) -> bool {
        self.places.iter().any(|it| it.addresses.contains(&remote))
    }

    /// Whether one of them is at that host, by whatever port.
    #[must_use]
    pub fn holds(&self, host: IpAddr) -> bool {
        self.places.iter().flat_map(|it| &it.addresses).any(|it| it.ip().to_canonical() == host)
    }

    /// Whether all of them are reached by IPv6.
    #[must_use]
    pub fn are_ipv6(&self) -> bool {
        let mut addresses = self.places.iter().flat_map(|it| &it.addresses).peekable();
        addresses.peek().is_some() && addresses.all(SocketAddr::is_ipv6)
    }

    /// All addresses in the order in which to try them; those that failed of late come last, for
    /// they are still better than nothing. `below` throws a number below its argument.
    pub fn in_order(&self, now: Timestamp, below: &mut dyn FnMut(u64) -> u64) -> Vec<Target> {
        let mut left: Vec<&Place> = self.places.iter().collect();
        // RFC 2782: those without weight stand first, and so have a small chance too.
        left.sort_by_key(|it| (it.priority, it.weight > 0));
        let mut order = vec![];
        while let Some(first) = left.first() {
            let alike = left.iter().take_while(|it| it.priority == first.priority);
            let sum: u64 = alike.clone().map(|it| u64::from(it.weight)).sum();
            let mut thrown = below(sum + 1);
            let mut alike = alike;
            let place = alike.position(|it| match thrown.checked_sub(it.weight.into()) {
                Some(0) | None => true,
                Some(rest) => {
                    thrown = rest;
                    false
                }
            });
            let place = left.remove(place.unwrap_or_default());
            order.extend(place.targets());
        }
        order.sort_by_key(|it| self.is_avoided(now, *it));
        order
    }

    /// That one failed: no connection, no answer, or 503. It is avoided for 30 to 60 seconds.
    pub fn avoid(&mut self, now: Timestamp, target: Target, below: &mut dyn FnMut(u64) -> u64) {
        if self.places.iter().any(|it| it.has(target)) {
            let longer = Span::millis(below(AVOIDED_LONGER.as_millis() + 1));
            self.avoided.insert(target, now + AVOIDED + longer);
        }
    }

    /// Whether that one failed of late.
    #[must_use]
    pub fn is_avoided(&self, now: Timestamp, target: Target) -> bool {
        self.avoided.get(&target).is_some_and(|until| now < *until)
    }

    /// That one answers again.
    pub fn trust(&mut self, target: Target) {
        self.avoided.remove(&target);
    }
}

impl Place {
    fn has(&self, target: Target) -> bool {
        self.transport == target.transport && self.addresses.contains(&target.remote)
    }

    fn targets(&self) -> impl Iterator<Item = Target> {
        let transport = self.transport;
        self.addresses.iter().map(move |&remote| Target { transport, remote })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    fn question(uri: &str) -> String {
        match Question::about(&uri.parse().unwrap()) {
            None => "none".into(),
            Some(Question::Answered(it)) => format!("{} {}", it.transport.name(), it.remote),
            Some(Question::Host { host, transport, port }) => {
                format!("{} A {host} :{port}", transport.name())
            }
            Some(Question::Service { host, transport }) => {
                format!("SRV {}", service(&host, transport))
            }
            Some(Question::Domain { host, is_secret }) => format!("NAPTR {host} {is_secret}"),
        }
    }

    /// RFC 3263 4.1 and 4.2, row by row.
    #[test]
    fn a_uri_tells_what_to_ask() {
        for (uri, asks) in [
            ("sip:192.0.2.7", "UDP 192.0.2.7:5060"),
            ("sip:192.0.2.7;transport=tls", "TLS 192.0.2.7:5061"),
            ("sips:[2001:db8::1]", "TLS [2001:db8::1]:5061"),
            ("sip:example.de:5070", "UDP A example.de :5070"),
            ("sip:example.de:5070;transport=tcp", "TCP A example.de :5070"),
            ("sips:example.de:5071", "TLS A example.de :5071"),
            ("sip:example.de;transport=udp", "SRV _sip._udp.example.de"),
            ("sip:example.de.;transport=tcp", "SRV _sip._tcp.example.de"),
            ("sip:example.de;transport=tls", "SRV _sips._tcp.example.de"),
            ("sip:example.de", "NAPTR example.de false"),
            ("sips:example.de", "NAPTR example.de true"),
            ("sip:example.de;transport=ws", "none"),
            ("tel:+493411230", "none"),
        ] {
            assert_eq!(question(uri), asks, "{uri}");
        }
    }

    #[test]
    fn a_domain_offers_what_naptr_says_in_its_order_and_nothing_we_do_not_speak() {
        let record = |order, preference, flags: &str, services: &str, to: &str| Naptr {
            order,
            preference,
            flags: flags.into(),
            services: services.into(),
            replacement: to.into(),
        };
        let records = vec![
            record(50, 50, "s", "SIP+D2U", "_sip._udp.example.de."),
            record(20, 90, "S", "sip+d2t", "_sip._tcp.example.de."),
            record(20, 10, "s", "SIPS+D2T", "_sips._tcp.tls.example.de."),
            record(10, 10, "s", "SIP+D2S", "_sip._sctp.example.de."),
            record(10, 10, "u", "E2U+sip", ""),
        ];
        let names = |offered: Vec<(Transport, String)>| -> Vec<String> {
            offered.into_iter().map(|(it, name)| format!("{} {name}", it.name())).collect()
        };
        assert_eq!(
            names(offered(records.clone(), false)),
            [
                "TLS _sips._tcp.tls.example.de",
                "TCP _sip._tcp.example.de",
                "UDP _sip._udp.example.de"
            ]
        );
        assert_eq!(names(offered(records, true)), ["TLS _sips._tcp.tls.example.de"]);
        assert_eq!(names(presumed("example.de", true)), ["TLS _sips._tcp.example.de"]);
        assert_eq!(presumed("example.de", false).len(), 3);
    }

    fn places(rows: &[(u32, u16, &[u16])]) -> Places {
        let place = |&(priority, weight, ports): &(u32, u16, &[u16])| Place {
            transport: Transport::Tcp,
            priority,
            weight,
            addresses: ports.iter().map(|&port| ([192, 0, 2, 1], port).into()).collect(),
        };
        let mut places = Places::default();
        places.learn(rows.iter().map(place).collect());
        places
    }

    fn ports(targets: &[Target]) -> Vec<u16> {
        targets.iter().map(|it| it.remote.port()).collect()
    }

    #[test]
    fn lower_priorities_come_first_and_weights_share_what_is_alike() {
        let mut rng = Rng::new(7);
        let places = places(&[(20, 0, &[9]), (10, 60, &[1]), (10, 30, &[2]), (10, 10, &[3, 4])]);
        let mut firsts = BTreeMap::<u16, u32>::new();
        for _ in 0..10_000 {
            let order = ports(&places.in_order(Timestamp::EPOCH, &mut |it| rng.below(it)));
            assert_eq!((order.len(), order.last()), (5, Some(&9)), "{order:?}");
            let third = order.iter().position(|it| *it == 3).unwrap();
            assert_eq!(order[third + 1], 4, "a host's addresses stay together: {order:?}");
            *firsts.entry(order[0]).or_default() += 1;
        }
        for (port, share) in [(1, 6_000), (2, 3_000), (3, 1_000)] {
            let count = firsts[&port];
            assert!(count.abs_diff(share) < 200, "port {port}: {count} of 10000");
        }
    }

    #[test]
    fn a_place_without_weight_is_still_tried_now_and_then() {
        let mut rng = Rng::new(7);
        let places = places(&[(1, 0, &[1]), (1, 9, &[2])]);
        let mut first = || ports(&places.in_order(Timestamp::EPOCH, &mut |it| rng.below(it)))[0];
        let small = (0..1_000).filter(|_| first() == 1).count();
        assert!((50..200).contains(&small), "{small} of 1000; a tenth is its share");
    }

    #[test]
    fn what_failed_comes_last_for_30_to_60_seconds_and_is_forgotten_when_it_answers() {
        let mut rng = Rng::new(7);
        let mut places = places(&[(1, 0, &[1]), (2, 0, &[2]), (3, 0, &[3])]);
        let target =
            |port| Target { transport: Transport::Tcp, remote: ([192, 0, 2, 1], port).into() };
        let at = |seconds| Timestamp::EPOCH + Span::secs(seconds);
        places.avoid(at(0), target(1), &mut |it| rng.below(it));
        places.avoid(at(0), target(2), &mut |it| rng.below(it));
        places.avoid(at(0), target(77), &mut |it| rng.below(it));
        let order = |places: &Places, seconds| ports(&places.in_order(at(seconds), &mut |_| 0));
        assert_eq!(order(&places, 29), [3, 1, 2]);
        assert_eq!(order(&places, 61), [1, 2, 3]);
        places.trust(target(1));
        assert_eq!(order(&places, 29), [1, 3, 2]);
        // A new answer of DNS does not make what failed any better, but forgets who is gone.
        places.learn(places.places.clone());
        assert_eq!(order(&places, 29), [1, 3, 2]);
        places.learn(vec![]);
        assert!(places.avoided.is_empty() && places.is_empty());
    }
}
