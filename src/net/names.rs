//! Carriers looked up by name (RFC 3263), and again whenever what DNS said is too old.
//!
//! ```text
//! lookups ──► a task each: NAPTR ─► SRV ─► A, AAAA ──► Found ──► asleep until the TTL is over ─┐
//!                                   └────────────────────────────────────────────────────────┘
//! ```
//!
//! Which records are asked for, and what they mean, is settled by [`locate`].
//! A thread of its own: a name server that does not answer makes nobody wait but itself. Where
//! DNS fails, nobody is told anything: what was found before holds on.

use std::{future::Future, net::IpAddr, net::SocketAddr, time::Duration};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, Record, RecordType},
};
use tokio::{sync::mpsc, task::JoinSet, time};

use crate::{
    base::numbers::TrunkNo,
    sip::{
        locate::{self, Naptr, Place, Question, Srv},
        message::uri::{Host, Uri},
        wire::Transport,
    },
};

/// What DNS says holds at least and at most so long, whatever it says itself: a TTL of 0 must not have us ask all the
/// time, nor one of a week keep us at a server that has moved.
const TTL_MIN: Duration = Duration::from_secs(30);
const TTL_MAX: Duration = Duration::from_secs(3_600);

/// How soon it is asked again where it failed: as soon as ever.
const AGAIN: Duration = Duration::from_secs(30);

/// Hosts of one service that are looked up; a zone with more is no carrier's.
const HOSTS_MAX: usize = 16;

/// A carrier to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Whose.
    pub trunk: TrunkNo,
    /// Where it is, the most liked first.
    pub uris: Vec<Uri>,
    /// The name it must prove by TLS; `None`: the host of each URI.
    pub name: Option<String>,
}

/// What is to be looked up, and whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// The carriers.
    pub all: Vec<Lookup>,
    /// Name servers; none: those that the system uses.
    pub servers: Vec<SocketAddr>,
    /// Whether addresses of IPv4 and of IPv6 are of use.
    pub families: (bool, bool),
}

/// Where a carrier is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub trunk: TrunkNo,
    /// Its servers, never none, behind the name that they must prove by TLS.
    pub at: Vec<(String, Vec<Place>)>,
}

/// What DNS said about one name, and how long that holds.
type Said<T> = Result<(Vec<T>, Duration), NetError>;

/// Runs lookups until nobody gives any more; new ones take the place of those before.
pub fn run(mut lookups: mpsc::UnboundedReceiver<Lookups>, tell: impl Fn(Found) + Clone + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime of one thread needs nothing but memory");
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        let mut tasks = JoinSet::new();
        while let Some(given) = lookups.recv().await {
            tasks.abort_all();
            let (v4, v6) = given.families;
            let resolver = match resolver(&given.servers, v4, v6) {
                Ok(resolver) => resolver,
                Err(why) => {
                    tracing::warn!(%why, "no name can be looked up");
                    continue;
                }
            };
            for lookup in given.all {
                tasks.spawn_local(watch(resolver.clone(), lookup, tell.clone()));
            }
        }
    });
}

/// Looks one carrier up, and again, for ever.
async fn watch(resolver: TokioResolver, lookup: Lookup, tell: impl Fn(Found)) {
    loop {
        let (mut at, mut holds) = (vec![], TTL_MAX);
        for (rank, uri) in (0..).zip(&lookup.uris) {
            let (found, ttl) = match look_up(&resolver, uri, rank).await {
                Ok(said) => said,
                Err(why) => {
                    tracing::warn!(%uri, %why, "a carrier's name could not be looked up");
                    (vec![], AGAIN)
                }
            };
            if found.is_empty() {
                tracing::warn!(%uri, "DNS knows no address of this carrier");
            }
            holds = holds.min(if found.is_empty() { AGAIN } else { ttl });
            if !found.is_empty() {
                at.push((lookup.name.clone().unwrap_or_else(|| domain(uri)), found));
            }
        }
        if !at.is_empty() {
            tell(Found { trunk: lookup.trunk, at });
        }
        time::sleep(holds.clamp(TTL_MIN, TTL_MAX)).await;
    }
}

/// The domain that a URI names: what its certificate must say, whatever names DNS tells on the
/// way (RFC 5922 4).
fn domain(uri: &Uri) -> String {
    match uri.host() {
        Some(Host::Name(name)) => name.trim_end_matches('.').to_owned(),
        Some(Host::Address(ip)) => ip.to_string(),
        None => String::new(),
    }
}

fn resolver(servers: &[SocketAddr], v4: bool, v6: bool) -> Result<TokioResolver, NetError> {
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let server = |at: &SocketAddr| {
            let ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut way| {
                way.port = at.port();
                way
            });
            NameServerConfig::new(at.ip(), true, ways.into())
        };
        let config = ResolverConfig::from_name_servers(servers.iter().map(server).collect());
        Resolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(ResolverOpts::default())
    };
    let options = builder.options_mut();
    options.ip_strategy = match (v4, v6) {
        (true, false) => LookupIpStrategy::Ipv4Only,
        (false, true) => LookupIpStrategy::Ipv6Only,
        (true, true) | (false, false) => LookupIpStrategy::Ipv4AndIpv6,
    };
    // A name is asked for again when its answer is too old, and not before.
    options.cache_size = 0;
    options.timeout = Duration::from_secs(2);
    builder.build()
}

/// All places of `uri`, and how long that holds (RFC 3263 4).
async fn look_up(resolver: &TokioResolver, uri: &Uri, rank: u16) -> Said<Place> {
    // Whatever one URI's NAPTR says comes before the next URI.
    let rank = rank * 16;
    match Question::about(uri) {
        None => Ok((vec![], TTL_MAX)),
        Some(Question::Answered(target)) => {
            let record =
                Srv { priority: 0, weight: 0, port: target.remote.port(), host: String::new() };
            let place = record.place(target.transport, rank, [target.remote.ip()].into_iter());
            Ok((vec![place], TTL_MAX))
        }
        Some(Question::Host { host, transport, port }) => {
            at_host(resolver, host, transport, port, rank).await
        }
        Some(Question::Service { host, transport }) => {
            let found =
                served(resolver, &locate::service(&host, transport), transport, rank).await?;
            if !found.0.is_empty() {
                return Ok(found);
            }
            at_host(resolver, host, transport, transport.port(), rank).await
        }
        Some(Question::Domain { host, is_secret }) => {
            let (records, mut holds) = naptr(resolver, &host).await?;
            let mut offers = locate::offered(records, is_secret);
            if offers.is_empty() {
                offers = locate::presumed(&host, is_secret);
            }
            let mut places = vec![];
            for (step, (transport, name)) in (0..16).zip(offers) {
                let (found, ttl) = served(resolver, &name, transport, rank + step).await?;
                if !found.is_empty() {
                    holds = holds.min(ttl);
                }
                places.extend(found);
            }
            if !places.is_empty() {
                return Ok((places, holds));
            }
            let transport = if is_secret { Transport::Tls } else { Transport::Udp };
            at_host(resolver, host, transport, transport.port(), rank).await
        }
    }
}

/// The places that SRV tells of.
async fn served(
    resolver: &TokioResolver,
    name: &str,
    transport: Transport,
    rank: u16,
) -> Said<Place> {
    let (records, mut holds) = said(resolver.lookup(absolute(name), RecordType::SRV), |data| {
        let RData::SRV(it) = data else { return None };
        let host = it.target.to_ascii();
        Some(Srv { priority: it.priority, weight: it.weight, port: it.port, host })
    })
    .await?;
    let mut places = vec![];
    // A single dot: the service is decidedly not to be had here (RFC 2782).
    for record in records.iter().filter(|it| it.host != ".").take(HOSTS_MAX) {
        // One host that is not known must not hide the others.
        let Ok((addresses, ttl)) = addresses(resolver, &record.host).await else { continue };
        if addresses.is_empty() {
            continue;
        }
        holds = holds.min(ttl);
        places.push(record.place(transport, rank, addresses.into_iter()));
    }
    Ok((places, holds))
}

/// The one place at a host that says its port itself.
async fn at_host(
    resolver: &TokioResolver,
    host: String,
    transport: Transport,
    port: u16,
    rank: u16,
) -> Said<Place> {
    let (addresses, holds) = addresses(resolver, &host).await?;
    if addresses.is_empty() {
        return Ok((vec![], holds));
    }
    let record = Srv { priority: 0, weight: 0, port, host };
    Ok((vec![record.place(transport, rank, addresses.into_iter())], holds))
}

async fn naptr(resolver: &TokioResolver, host: &str) -> Said<Naptr> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    said(resolver.lookup(absolute(host), RecordType::NAPTR), |data| {
        let RData::NAPTR(it) = data else { return None };
        Some(Naptr {
            order: it.order,
            preference: it.preference,
            flags: text(&it.flags),
            services: text(&it.services),
            replacement: it.replacement.to_ascii(),
        })
    })
    .await
}

async fn addresses(resolver: &TokioResolver, host: &str) -> Said<IpAddr> {
    match resolver.lookup_ip(absolute(host)).await {
        Ok(found) => Ok((found.iter().collect(), ttl(found.as_lookup().answers()))),
        Err(why) if why.is_no_records_found() => Ok((vec![], AGAIN)),
        Err(why) => Err(why),
    }
}

/// What a question led to; that there is nothing is an answer too.
async fn said<T>(
    asked: impl Future<Output = Result<hickory_resolver::lookup::Lookup, NetError>>,
    read: impl Fn(&RData) -> Option<T>,
) -> Said<T> {
    match asked.await {
        Ok(found) => {
            let records = found.answers();
            Ok((records.iter().filter_map(|it| read(&it.data)).collect(), ttl(records)))
        }
        Err(why) if why.is_no_records_found() => Ok((vec![], TTL_MAX)),
        Err(why) => Err(why),
    }
}

fn ttl(records: &[Record]) -> Duration {
    let least = records.iter().map(|it| it.ttl).min();
    least.map_or(TTL_MAX, |seconds| Duration::from_secs(seconds.into()))
}

/// With the dot at its end: no search list is tried, which would ask strangers.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Write as _, net::UdpSocket, thread};

    use super::*;

    /// A name server that knows what stands in its table: name and kind, then the answers' bytes,
    /// each with its TTL. What does not stand there does not exist.
    type Zone = BTreeMap<(&'static str, u16), Vec<(u32, Vec<u8>)>>;

    const A: u16 = 1;
    const SRV: u16 = 33;
    const NAPTR: u16 = 35;

    struct Server {
        at: SocketAddr,
    }

    impl Server {
        fn start(zone: Zone) -> Self {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let at = socket.local_addr().unwrap();
            thread::spawn(move || {
                let mut room = [0; 1500];
                loop {
                    let (came, from) = socket.recv_from(&mut room).unwrap();
                    if came == 0 {
                        return;
                    }
                    socket.send_to(&answer(&zone, &room[..came]), from).unwrap();
                }
            });
            Self { at }
        }

        fn ask(&self, uri: &str) -> String {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            let said = runtime.block_on(async {
                let resolver = resolver(&[self.at], true, false).unwrap();
                look_up(&resolver, &uri.parse().unwrap(), 0).await
            });
            let (places, holds) = said.unwrap();
            let mut told = format!("{}s", holds.as_secs());
            for Place { transport, priority, weight, addresses } in places {
                let name = transport.name();
                write!(told, " | {priority:x} {weight} {name} {addresses:?}").unwrap();
            }
            told
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"", self.at);
        }
    }

    /// RFC 1035 4.1: the header, the question as it came, and the answers.
    fn answer(zone: &Zone, query: &[u8]) -> Vec<u8> {
        let (mut labels, mut at) = (vec![], 12);
        while query[at] > 0 {
            let end = at + 1 + usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
            at = end;
        }
        let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
        let name = labels.join(".");
        let found = zone.iter().find(|((it, of), _)| *it == name && *of == kind);
        let found = found.map(|(_, answers)| answers.as_slice()).unwrap_or_default();
        let exists = zone.keys().any(|(it, _)| *it == name);
        let mut bytes = query[..2].to_vec();
        bytes.extend([0x85, if exists { 0x80 } else { 0x83 }, 0, 1, 0]);
        bytes.extend([u8::try_from(found.len()).unwrap(), 0, 0, 0, 0]);
        bytes.extend(&query[12..at + 5]);
        for (ttl, data) in found {
            bytes.extend([0xC0, 12]);
            bytes.extend(kind.to_be_bytes());
            bytes.extend([0, 1]);
            bytes.extend(ttl.to_be_bytes());
            bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(data);
        }
        bytes
    }

    fn name(name: &str) -> Vec<u8> {
        let labels = name.split('.').filter(|it| !it.is_empty());
        let mut bytes: Vec<u8> = labels.flat_map(text).collect();
        bytes.push(0);
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn a(ttl: u32, last: u8) -> (u32, Vec<u8>) {
        (ttl, vec![192, 0, 2, last])
    }

    fn srv(ttl: u32, [priority, weight, port]: [u16; 3], host: &str) -> (u32, Vec<u8>) {
        let numbers = [priority, weight, port].map(u16::to_be_bytes).concat();
        (ttl, [numbers, name(host)].concat())
    }

    fn pointer(ttl: u32, order: u16, services: &str, to: &str) -> (u32, Vec<u8>) {
        let numbers = [order.to_be_bytes(), 1u16.to_be_bytes()].concat();
        (ttl, [numbers, text("s"), text(services), text(""), name(to)].concat())
    }

    /// A zone as carriers have them: no address at the domain itself (DOMAIN.md 5.1).
    fn carrier() -> Zone {
        BTreeMap::from([
            (
                ("carrier.example", NAPTR),
                vec![
                    pointer(600, 20, "SIP+D2T", "_sip._tcp.carrier.example"),
                    pointer(600, 10, "SIPS+D2T", "_sips._tcp.carrier.example"),
                    pointer(600, 30, "SIP+D2S", "_sip._sctp.carrier.example"),
                ],
            ),
            (
                ("_sips._tcp.carrier.example", SRV),
                vec![
                    srv(300, [10, 5, 5061], "one.carrier.example"),
                    srv(300, [20, 0, 5071], "two.carrier.example"),
                    srv(300, [30, 0, 5061], "gone.carrier.example"),
                ],
            ),
            (
                ("_sip._tcp.carrier.example", SRV),
                vec![srv(300, [0, 0, 5060], "two.carrier.example")],
            ),
            (("one.carrier.example", A), vec![a(120, 1), a(60, 2)]),
            (("two.carrier.example", A), vec![a(900, 3)]),
            (("_sip._udp.closed.example", SRV), vec![srv(300, [0, 0, 0], ".")]),
            (("plain.example", A), vec![a(5, 9)]),
        ])
    }

    #[test]
    fn a_carrier_is_found_by_naptr_srv_and_address_as_long_as_dns_says() {
        let server = Server::start(carrier());
        let one = "[192.0.2.1:5061, 192.0.2.2:5061]";
        for (uri, found) in [
            (
                "sip:carrier.example",
                format!(
                    "60s | a 5 TLS {one} | 14 0 TLS [192.0.2.3:5071] | 10000 0 TCP [192.0.2.3:5060]"
                ),
            ),
            ("sips:carrier.example", format!("60s | a 5 TLS {one} | 14 0 TLS [192.0.2.3:5071]")),
            ("sip:carrier.example;transport=tcp", "300s | 0 0 TCP [192.0.2.3:5060]".into()),
            ("sip:two.carrier.example:5070", "900s | 0 0 UDP [192.0.2.3:5070]".into()),
            // Without any record of services, the host itself.
            ("sip:plain.example", "5s | 0 0 UDP [192.0.2.9:5060]".into()),
            ("sip:plain.example;transport=tls", "5s | 0 0 TLS [192.0.2.9:5061]".into()),
            ("sip:closed.example;transport=udp", "30s".into()),
            ("sip:192.0.2.7;transport=tcp", "3600s | 0 0 TCP [192.0.2.7:5060]".into()),
        ] {
            assert_eq!(server.ask(uri), found, "{uri}");
        }
    }

    #[test]
    fn every_carrier_is_told_once_found_and_new_lookups_take_the_place_of_old() {
        let server = Server::start(carrier());
        let (give, lookups) = mpsc::unbounded_channel();
        let (tell, told) = crossbeam_channel::unbounded();
        let thread =
            thread::spawn(move || run(lookups, move |found: Found| drop(tell.send(found))));
        for (slot, uri) in [(0, "sip:plain.example"), (1, "sip:two.carrier.example:5070")] {
            let uris = vec!["sip:nowhere.example".parse().unwrap(), uri.parse().unwrap()];
            let all = vec![Lookup { trunk: TrunkNo::first(slot), uris, name: None }];
            give.send(Lookups { all, servers: vec![server.at], families: (true, false) }).unwrap();
            let found = told.recv_timeout(Duration::from_secs(5)).unwrap();
            assert_eq!((found.trunk, found.at.len()), (TrunkNo::first(slot), 1));
        }
        drop(give);
        thread.join().unwrap();
    }
}
