//! The process around the exchange: sockets, ports, timers, limits, tokens, the log.

use std::{
    fs,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
};

use tracing_subscriber::EnvFilter;

use crate::{
    base::time::Span,
    config::{
        check::{certificate, digest},
        entry::Entry,
        ground::Ground,
        meant::{Http, Identity, Log, LogFormat, Net, Role, Tls, Token, Trace, Trust},
        sections::Sections,
    },
    exchange,
    media::{self, order::Codec},
    sip::{self, settings::Serves, wire::Transport},
};

const NO_ADDRESS: &str =
    "listening on all addresses: say in `sip.public_address` which one others reach us by";

/// The SIP machine's part, still without phones and trunks.
pub fn sip(sections: &Sections, ground: &mut Ground<'_>) -> sip::settings::Settings {
    let entry = sections.one("sip");
    let limits = sections.one("limits");
    if entry.given("listen").written && entry.list("listen").is_empty() {
        let says = "SIP has to be spoken somewhere, such as \"udp://0.0.0.0:5060\"".into();
        ground.found.error("missing", &entry.place("listen"), says);
    }
    let public_host = entry.may_host("public_address");
    let mut listen = vec![];
    for (one, place) in entry.listens("listen") {
        // Defaults have no place of their own.
        let place = if entry.given("listen").written { place } else { entry.place.clone() };
        if listen.contains(&one) {
            ground.found.error("duplicate", &place, format!("{} is listened on twice", one.1));
        } else if one.1.ip().is_unspecified() && public_host.is_none() {
            ground.found.error("no-address", &place, NO_ADDRESS.into());
        }
        listen.push(one);
    }
    let mut serves = vec![Serves::Everyone; listen.len()];
    let mut digests = vec![digest::algorithms(entry, ground); listen.len()];
    for listener in sections.many("listener") {
        let Some(one) = listener.may_listen("address") else { continue };
        let place = listener.place("address");
        if listen.contains(&one) {
            ground.found.error("duplicate", &place, format!("{} is listened on twice", one.1));
        } else if one.1.ip().is_unspecified() && public_host.is_none() {
            ground.found.error("no-address", &place, NO_ADDRESS.into());
        }
        listen.push(one);
        serves.push(served(listener, ground));
        digests.push(digest::algorithms(listener, ground));
    }
    for [low, high] in [
        ["t1", "t2"],
        ["expires_min", "expires_default"],
        ["expires_default", "expires_max"],
        ["session_expires_min", "session_expires"],
    ] {
        if entry.time(low) > entry.time(high) {
            let says = format!(
                "`{low}` ({}) is more than `{high}` ({})",
                entry.time(low),
                entry.time(high)
            );
            ground.found.error("conflict", &entry.place(low), says);
        }
    }
    if entry.time("connection_idle") < entry.time("expires_max") {
        let says =
            "a phone on TCP may be silent for as long as `expires_max`, and would be cut off";
        ground.found.warning("conflict", &entry.place("connection_idle"), says.into());
    }
    let secs = |key: &str| u32::try_from(entry.time(key).as_millis() / 1_000).unwrap_or(u32::MAX);
    sip::settings::Settings {
        listen,
        serves,
        digests,
        public_host,
        realm: entry.text("realm").to_owned(),
        phones: vec![],
        trunks: vec![],
        product: entry.text("product").to_owned(),
        t1: entry.time("t1"),
        t2: entry.time("t2"),
        t4: entry.time("t4"),
        seed: [0; 32],
        nonce_life: entry.time("nonce_life"),
        expires_min: secs("expires_min"),
        session_expires: secs("session_expires"),
        session_expires_min: secs("session_expires_min"),
        expires_max: secs("expires_max"),
        expires_default: secs("expires_default"),
        contacts_max: entry.count("contacts_max"),
        dialogs_max: entry.count("dialogs_max"),
        transactions_max: entry.count("transactions_max"),
        calls_per_second: limits.count("calls_per_second"),
        message_max: entry.count("message_max"),
        failures_max: entry.count("failures_max"),
        challenges_max: entry.count("challenges_max"),
    }
}

/// Whom a listener serves.
fn served(listener: &Entry, ground: &mut Ground<'_>) -> Serves {
    let says = |word| listener.texts("serves").any(|it| it == word);
    match (says("trunks"), says("phones")) {
        (true, true) => Serves::Everyone,
        (true, false) => Serves::Trunks,
        (false, true) => Serves::Phones,
        (false, false) => {
            let says = "a listener that serves nobody: name \"trunks\", \"phones\" or both".into();
            ground.found.error("missing", &listener.place("serves"), says);
            Serves::Everyone
        }
    }
}

/// TLS: which files, and whether they can be had. What is in them is read when the server starts.
pub fn tls(sections: &Sections, sip: &sip::settings::Settings, ground: &mut Ground<'_>) -> Tls {
    let entry = sections.one("tls");
    // Phones and carriers look for our domain, or for our address (RFC 5922 7.1).
    let address = sip.public_host.map(|it| it.to_string()).unwrap_or_default();
    let called: Vec<_> = [(sip.realm.as_str(), "sip.realm"), (&address, "sip.public_address")]
        .into_iter()
        .filter(|(name, _)| name.contains(['.', ':']))
        .collect();
    let own = identity(entry, ["certificate", "key"], &called, ground);
    let is_asked = sip.listen.iter().any(|(transport, _)| transport.is_secret());
    if is_asked && own.is_none() {
        let says = "TLS needs a certificate to show: say `certificate` and `key` in [tls]".into();
        let place = sections.one("sip").place("listen");
        ground.found.error("missing", &place, says);
    }
    let own_listens = sip.listen.len() - sections.many("listener").len().min(sip.listen.len());
    let mut clients = vec![None; own_listens];
    for listener in sections.many("listener") {
        let Some((transport, _)) = listener.may_listen("address") else { continue };
        let file = authorities(listener, "clients", ground);
        if file.is_some() && !transport.is_secret() {
            let says = format!("nobody shows a certificate over {}", transport.name());
            ground.found.error("conflict", &listener.place("clients"), says);
        }
        clients.push(file);
    }
    let mut trunks = vec![None; ground.roll.trunks.len()];
    for trunk in sections.many("trunk") {
        let Some(name) = trunk.may_text("name") else { continue };
        let trust = Trust {
            name: trunk.may_text("tls_name").map(str::to_owned),
            roots: authorities(trunk, "tls_roots", ground),
            own: identity(trunk, ["tls_certificate", "tls_key"], &[], ground),
        };
        if let Some(place) = trunks.get_mut(ground.roll.trunks.place(name)) {
            *place = Some(trust);
        }
    }
    Tls { own, takes_tls12: entry.text("oldest") == "1.2", clients, trunks }
}

/// A certificate and its key: both or neither.
fn identity(
    entry: &Entry,
    [certificate, key]: [&str; 2],
    called: &[(&str, &str)],
    ground: &mut Ground<'_>,
) -> Option<Identity> {
    let files = (readable(entry, certificate, ground), readable(entry, key, ground));
    for (one, other) in [(certificate, key), (key, certificate)] {
        if entry.given(one).written && !entry.given(other).written {
            let says = format!("`{one}` is of no use without `{other}`");
            ground.found.error("missing", &entry.place(one), says);
        }
    }
    let places =
        certificate::Places { certificate: entry.place(certificate), key: entry.place(key) };
    let (Some(certificate), Some(file)) = files else { return None };
    let own = Identity { certificate, key: file };
    certificate::identity(&own, &places, called, ground);
    let mode = fs::metadata(&own.key).map_or(0, |it| it.permissions().mode());
    if mode & 0o077 != 0 {
        let says = format!("others can read {} as well: chmod 600", own.key.display());
        ground.found.warning("secret", &entry.place(key), says);
    }
    Some(own)
}

/// A file of authorities, if one is named.
fn authorities(entry: &Entry, key: &str, ground: &mut Ground<'_>) -> Option<PathBuf> {
    let file = readable(entry, key, ground)?;
    certificate::authorities(&file, &entry.place(key), ground);
    Some(file)
}

/// A file that must be there to be read, if it is named.
fn readable(entry: &Entry, key: &str, ground: &mut Ground<'_>) -> Option<PathBuf> {
    let file = ground.folder.join(entry.may_path(key)?);
    if let Err(why) = fs::File::open(&file) {
        let says = format!("cannot read {}: {why}", file.display());
        ground.found.error("unreadable", &entry.place(key), says);
        return None;
    }
    Some(file)
}

/// The part of the sockets that carry SIP.
#[must_use]
pub fn net(sections: &Sections) -> Net {
    let entry = sections.one("sip");
    let dns = entry.list("dns").iter();
    Net {
        dns: dns.filter_map(|it| it.value.as_address()).collect(),
        dscp: entry.count("dscp"),
        connections_max: entry.count("connections_max"),
        connections_from_one: entry.count("connections_from_one"),
        handshakes_max: entry.count("handshakes_max"),
        keep_alive: entry.may_time("keep_alive"),
        unsent_max: entry.count("unsent_max"),
        connection_idle: entry.time("connection_idle"),
    }
}

/// The media threads' part, and the exchange's of it.
pub fn rtp(
    sections: &Sections,
    sip: &sip::settings::Settings,
    ground: &mut Ground<'_>,
) -> (media::order::Settings, exchange::plan::Media) {
    let entry = sections.one("rtp");
    let first = sip.listen.first().map(|(_, it)| it.ip());
    let unknown = IpAddr::from([127, 0, 0, 1]);
    let address = entry.may_host("address").or(first).unwrap_or(unknown);
    let listened = |ipv6: bool| {
        let mut all = sip.listen.iter().map(|(_, it)| it.ip());
        all.find(|it| !it.is_unspecified() && it.is_ipv6() == ipv6)
    };
    let named = entry.may_host("public_address").or(sip.public_host);
    let public = match named {
        Some(named) => named,
        None if address.is_unspecified() => {
            listened(false).or_else(|| listened(true)).unwrap_or(address)
        }
        None => address,
    };
    let sounds_by_both = address == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let other_address = listened(!public.is_ipv6()).filter(|_| sounds_by_both);
    if !address.is_unspecified() && listened(!address.is_ipv6()).is_some() {
        let says = format!(
            "SIP is spoken by both versions of IP, and sound goes by {address} alone: who speaks the \
             other hears nothing. `rtp.address = \"::\"` sounds by both"
        );
        ground.found.warning("conflict", &entry.place("address"), says);
    }
    if entry.given("codecs").written && entry.list("codecs").is_empty() {
        let says = "at least one codec".into();
        ground.found.error("missing", &entry.place("codecs"), says);
    }
    let (low, high) = entry.may_ports("ports").unwrap_or_default();
    let inside = |it: &SocketAddr| {
        let same = it.ip() == address || it.ip().is_unspecified() || address.is_unspecified();
        same && (low..=high).contains(&it.port())
    };
    for (transport, at) in &sip.listen {
        if *transport == Transport::Udp && inside(at) {
            let says = format!("the range holds {at}, where SIP is spoken");
            ground.found.error("conflict", &entry.place("ports"), says);
        }
    }
    let settings = media::order::Settings {
        address,
        ports: (low, high),
        prepared: entry.count::<u16>("prepared").min(pairs((low, high))),
        drain: entry.time("drain"),
        dscp: entry.count("dscp"),
    };
    let codec = |name: &str| Codec::ALL.into_iter().find(|it| it.name() == name);
    let media = exchange::plan::Media {
        codecs: entry.texts("codecs").filter_map(codec).collect(),
        address: public,
        other_address,
        ports: (low, high),
        silence: entry.may_time("silence"),
        keys_in_clear: entry.flag("keys_in_clear"),
    };
    (settings, media)
}

/// How many legs a range has ports for: RTP takes even ones, RTCP the next.
#[must_use]
pub fn pairs((first, last): (u16, u16)) -> u16 {
    let first = u32::from(first).next_multiple_of(2);
    u16::try_from((u32::from(last) + 1).saturating_sub(first) / 2).unwrap_or(u16::MAX)
}

/// Calls and legs at once.
pub fn limits(sections: &Sections, ports: (u16, u16), ground: &mut Ground<'_>) -> (u32, usize) {
    let entry = sections.one("limits");
    let (calls, pairs) = (entry.count::<u32>("calls"), usize::from(pairs(ports)));
    let legs = usize::try_from(u64::from(calls) * 2).unwrap_or(usize::MAX);
    let asked = entry.may_count("legs").and_then(|it| usize::try_from(it).ok());
    if let Some(asked) = asked.filter(|it| *it > pairs) {
        let says = format!("{asked} legs need {} ports; `rtp.ports` has {pairs} pairs", asked * 2);
        ground.found.error("out-of-range", &entry.place("legs"), says);
    }
    if pairs < 2 {
        let says = "too few ports for one call: it takes four, from an even one on".into();
        ground.found.error("out-of-range", &sections.one("rtp").place("ports"), says);
    }
    (calls, asked.unwrap_or_else(|| legs.min(pairs)))
}

/// REST, events, pages.
pub fn http(sections: &Sections, sip: &sip::settings::Settings, ground: &mut Ground<'_>) -> Http {
    let entry = sections.one("http");
    let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
    let listen = entry.may_address("listen").unwrap_or(unknown);
    let taken = sip.listen.iter().find(|(transport, at)| {
        let same =
            at.ip() == listen.ip() || at.ip().is_unspecified() || listen.ip().is_unspecified();
        transport.is_stream() && same && at.port() == listen.port() && listen.port() != 0
    });
    if let Some((transport, _)) = taken {
        let says = format!("{listen} is SIP's over {}", transport.name());
        ground.found.error("conflict", &entry.place("listen"), says);
    }
    let mut tokens: Vec<Token> = vec![];
    for token in entry.tables("token") {
        let name = token.text("name").to_owned();
        let role = if token.text("role") == "operator" { Role::Operator } else { Role::Viewer };
        if tokens.iter().any(|it| it.name == name) {
            let says = format!("token \"{name}\" is here twice");
            ground.found.error("duplicate", &token.place("name"), says);
        }
        let Some(secret) = ground.secret(token, "secret", ("{name}", &name)) else { continue };
        if !listen.ip().is_loopback() && secret.unmask().len() < 16 {
            let says = "a token this short can be guessed; 16 characters or more".into();
            ground.found.warning("secret", &token.place("secret"), says);
        }
        tokens.push(Token { name, role, secret });
    }
    Http {
        listen,
        tokens,
        connections_max: entry.count("connections_max"),
        streams_max: entry.count("streams_max"),
        body_max: entry.count("body_max"),
    }
}

/// Which SIP messages are kept, and who gets a copy.
pub fn trace(sections: &Sections, ground: &mut Ground<'_>) -> Trace {
    let entry = sections.one("trace");
    let hep_key = ground.secret(entry, "hep_key", ("{}", "")).unwrap_or_default();
    if !hep_key.is_empty() && entry.may_address("hep").is_none() {
        let says = "a password for a collector, but no `hep` that says where it is".to_owned();
        ground.found.warning("never", &entry.place("hep_key"), says);
    }
    Trace {
        bytes: entry.count("bytes"),
        hep: entry.may_address("hep"),
        hep_id: entry.count("hep_id"),
        hep_key,
    }
}

/// What is logged, and how.
pub fn log(sections: &Sections, ground: &mut Ground<'_>) -> Log {
    let entry = sections.one("log");
    let filter = entry.text("filter").to_owned();
    if let Err(why) = EnvFilter::try_new(&filter) {
        ground.found.error("wrong-value", &entry.place("filter"), format!("{filter:?}: {why}"));
    }
    let json = entry.text("format") == "json";
    Log { filter, format: if json { LogFormat::Json } else { LogFormat::Text } }
}

/// After an end: how long the next start knows of it.
#[must_use]
pub fn remember(sections: &Sections) -> Span {
    sections.one("server").time("remember")
}

/// Which node this is.
#[must_use]
pub fn node(sections: &Sections) -> u16 {
    sections.one("server").count("node")
}

/// After a request to drain.
#[must_use]
pub fn drain(sections: &Sections) -> Span {
    sections.one("server").time("drain")
}
