//! The keys of the process around the exchange: signalling, sound, web, limits, the log.

use crate::{
    base::{time::Span, ucid::NODE_MAX},
    config::keys::row::{DAY, HOUR, MINUTE, SECOND, key},
    config::schema::{
        Absent::{Is, May, Must},
        Key,
        Kind::{
            self, Address, Count, Flag, Host, List, Listen, Name, Path, Ports, Secret, Table, Text,
            Time, TimeOrNever, Word,
        },
    },
};

/// The digest algorithms of RFC 8760 that are spoken here.
pub(super) const DIGEST: Kind = List(&Word(&["MD5", "SHA-256"]));

const DIGEST_SAYS: &str = "The digest algorithms (RFC 8760) that phones are offered here, and in which order; an answer by \
     another is not taken. Left out: MD5 alone over WebSockets and to clients that stumble over anything else, else MD5 and \
     then SHA-256 (see docs/PHONES.md).";

pub(super) const SIP: &[Key] = &[
    key(
        "listen",
        List(&Listen),
        Is("[\"udp://0.0.0.0:5060\", \"tcp://0.0.0.0:5060\"]"),
        "Where SIP is spoken, with everyone. The first of a transport is used for calls out over \
         it. \"tls://\" and \"wss://\" need a certificate (see [tls]); \"ws://\" is for a proxy that \
         has one.",
    ),
    key(
        "public_address",
        Host,
        May("the address listened on"),
        "The address that others reach us by. Needed when listening on all addresses.",
    ),
    key(
        "realm",
        Text,
        Is("lotse"),
        "The realm phones give their password for, and the host of our own addresses.",
    ),
    key("digest", DIGEST, May("as suits who asks"), DIGEST_SAYS),
    key(
        "product",
        Text,
        Is("Lotse"),
        "What User-Agent and Server say. No version, for strangers' sake.",
    ),
    key(
        "dns",
        List(&Address),
        May("those that the system uses"),
        "Name servers that tell where carriers are: NAPTR, SRV, A and AAAA (RFC 3263), asked again when their TTL is over.",
    ),
    key("dscp", Count(0, 63), Is("24"), "How the network should treat signalling: 24 is CS3."),
    key(
        "t1",
        Time(Span::millis(10), Span::secs(10)),
        Is("500ms"),
        "RFC 3261 T1: a round trip. Timers B, F and H are 64 of it.",
    ),
    key(
        "t2",
        Time(Span::millis(10), MINUTE),
        Is("4s"),
        "RFC 3261 T2: the longest gap between retransmissions.",
    ),
    key(
        "t4",
        Time(Span::millis(10), MINUTE),
        Is("5s"),
        "RFC 3261 T4: how long a message may linger in the network.",
    ),
    key("nonce_life", Time(SECOND, DAY), Is("5m"), "How long a phone may use one challenge."),
    key(
        "expires_min",
        Time(SECOND, DAY),
        Is("60s"),
        "The shortest registration; who asks for less is told so (423).",
    ),
    key(
        "expires_max",
        Time(SECOND, DAY),
        Is("1h"),
        "The longest registration; who asks for more gets this.",
    ),
    key(
        "expires_default",
        Time(SECOND, DAY),
        Is("5m"),
        "The registration of a phone that asks for no time.",
    ),
    key(
        "session_expires",
        Time(Span::secs(90), DAY),
        Is("30m"),
        "How long a call may stand without a word before each side asks whether the other is there (RFC 4028).",
    ),
    key(
        "session_expires_min",
        Time(Span::secs(90), DAY),
        Is("90s"),
        "The shortest such time granted; who asks for less is told so (422).",
    ),
    key(
        "contacts_max",
        Count(1, 100),
        Is("5"),
        "Places that one phone may be registered from; the oldest goes.",
    ),
    key("dialogs_max", Count(2, 1_000_000), Is("10000"), "Dialogs at once; beyond: 503."),
    key(
        "transactions_max",
        Count(2, 10_000_000),
        Is("50000"),
        "Transactions at once; beyond: 503. The last quarter is kept for calls that go on and for our own phones.",
    ),
    key(
        "message_max",
        Count(1_500, 65_535),
        Is("65535"),
        "The largest message in bytes; beyond: 513.",
    ),
    key(
        "failures_max",
        Count(1, 1_000_000),
        Is("20"),
        "Wrong passwords from one address in a minute before it is ignored for a while.",
    ),
    key(
        "challenges_max",
        Count(1, 1_000_000),
        Is("100"),
        "Requests without a password that are answered in a second, from one address where no phone is registered; ten times as many at once. Beyond: silence.",
    ),
    key(
        "connections_max",
        Count(1, 1_000_000),
        Is("2000"),
        "Connections at once; beyond, new ones are closed.",
    ),
    key(
        "connections_from_one",
        Count(1, 1_000_000),
        Is("1000"),
        "Those of them that one source may have: an IPv4 address, or an IPv6 network of /64.",
    ),
    key(
        "handshakes_max",
        Count(2, 10_000),
        Is("200"),
        "TLS handshakes under way at once, half of them from one source; beyond, new connections wait.",
    ),
    key(
        "unsent_max",
        Count(65_536, 67_108_864),
        Is("1048576"),
        "Bytes that a slow far side may leave untaken before its connection is closed.",
    ),
    key(
        "keep_alive",
        TimeOrNever(Span::secs(10), HOUR),
        Is("1m"),
        "How often the far side is asked whether it is still there, on connections that we opened \
         (RFC 5626) and on WebSockets. It keeps firewalls from forgetting them, too.",
    ),
    key(
        "connection_idle",
        Time(SECOND, DAY),
        Is("2h"),
        "A connection that is silent for so long is closed. Longer than expires_max.",
    ),
];

pub(super) const LISTENER: &[Key] = &[
    key("address", Listen, Must, "Where, as in sip.listen."),
    key(
        "serves",
        List(&Word(&["trunks", "phones"])),
        Is("[\"trunks\", \"phones\"]"),
        "Whom. Anyone else is a stranger there: a carrier's call on the phones' listener gets no \
         answer, nor does a phone on the trunks'.",
    ),
    key("digest", DIGEST, May("as suits who asks"), DIGEST_SAYS),
    key(
        "clients",
        Path,
        May("nobody is asked for a certificate"),
        "The authorities, PEM, one of which must have signed the certificate of whoever connects \
         here by TLS.",
    ),
];

pub(super) const TLS: &[Key] = &[
    key(
        "certificate",
        Path,
        May("no TLS is accepted"),
        "Our certificate and those that vouch for it, PEM. Read again at each reload.",
    ),
    key("key", Path, May("with certificate"), "Its private key, PEM, to be read by us alone."),
    key(
        "oldest",
        Word(&["1.2", "1.3"]),
        Is("1.2"),
        "The oldest version spoken. 1.2 only with ECDHE and AES-GCM; German carriers need it still.",
    ),
];

pub(super) const RTP: &[Key] = &[
    key(
        "address",
        Host,
        May("the first that SIP listens on"),
        "Where sound is sent from and received. \"::\" is all addresses, of both versions of IP.",
    ),
    key(
        "public_address",
        Host,
        May("sip.public_address, or the address itself, or where SIP listens"),
        "The address in our SDP. Who speaks the other version of IP is told where SIP listens by that.",
    ),
    key(
        "ports",
        Ports,
        Is("20000-29999"),
        "Two for each leg of a call. Open them in the firewall.",
    ),
    key(
        "prepared",
        Count(1, 10_000),
        Is("512"),
        "Pairs of ports that are open ahead of need: a burst of so many calls is met at once.",
    ),
    key(
        "drain",
        Time(Span::ZERO, MINUTE),
        Is("2s"),
        "How long a port rests after a call, so that nobody hears a stranger's last words.",
    ),
    key(
        "dscp",
        Count(0, 63),
        Is("46"),
        "How the network should treat sound: 46 is Expedited Forwarding.",
    ),
    key(
        "codecs",
        List(&Word(&["G722", "PCMA", "PCMU"])),
        Is("[\"G722\", \"PCMA\", \"PCMU\"]"),
        "Which codecs, the most liked first.",
    ),
    key(
        "silence",
        TimeOrNever(SECOND, DAY),
        Is("30s"),
        "A far side that is silent for so long is dead: a caller's call is ended, an agent's caller waits again, first in line. One that was never heard is given ten times as long.",
    ),
    key(
        "keys_in_clear",
        Flag,
        Is("true"),
        "Whether keys of SRTP may travel over SIP that is not encrypted. If not, `srtp` counts over TLS alone.",
    ),
];

pub(super) const HTTP: &[Key] = &[
    key(
        "listen",
        Address,
        Is("127.0.0.1:8080"),
        "Where. Not encrypted: put a proxy before it, or keep it on loopback.",
    ),
    key(
        "token",
        List(&Table(TOKEN)),
        Is("[]"),
        "Who may use the API. Without any, only /metrics, /healthz and /readyz answer.",
    ),
    key(
        "connections_max",
        Count(1, 1_000_000),
        Is("1000"),
        "Connections at once; beyond: 503. One that takes longer than ten seconds to say what it \
         wants is closed.",
    ),
    key("streams_max", Count(1, 100_000), Is("100"), "Event streams at once; beyond: 503."),
    key(
        "body_max",
        Count(1_024, 16_777_216),
        Is("65536"),
        "The longest request body in bytes; beyond: 413.",
    ),
];

const TOKEN: &[Key] = &[
    key("name", Name, Must, "Who holds it, for the log."),
    key(
        "role",
        Word(&["viewer", "operator"]),
        Is("viewer"),
        "A viewer reads; an operator also acts.",
    ),
    key("secret", Secret, Must, "What follows \"Authorization: Bearer\"."),
];

pub(super) const TRACE: &[Key] = &[
    key(
        "bytes",
        Count(0, 1_073_741_824),
        Is("8388608"),
        "How many bytes of SIP messages are kept in memory for `lotse calls trace`; the oldest go first. 8 MB are about 400 calls. With 0, none.",
    ),
    key(
        "hep",
        Address,
        May("nobody"),
        "A Homer collector that gets a copy of every SIP message (HEP version 3, UDP), secrets masked and numbers not.",
    ),
    key(
        "hep_id",
        Count(0, 4_294_967_295),
        Is("2001"),
        "Tells several senders of one collector apart.",
    ),
    key("hep_key", Secret, May("none"), "The collector's password."),
];

pub(super) const LIMITS: &[Key] = &[
    key(
        "calls",
        Count(1, 1_000_000),
        Is("2000"),
        "Calls inside at once: waiting, ringing, talking. Beyond: 503 with Retry-After, whereupon carriers try another node.",
    ),
    key(
        "calls_per_second",
        Count(1, 1_000_000),
        Is("1000"),
        "New calls by trunks in a second; what was saved up in three may come at once. Beyond: 503 with Retry-After, before anything is done for them.",
    ),
    key(
        "legs",
        Count(2, 2_000_000),
        May("twice the calls, as far as there are ports"),
        "Legs at once: one for each caller, one for each phone.",
    ),
];

pub(super) const SERVER: &[Key] = &[
    key(
        "data_dir",
        Path,
        May("facts are kept in memory and end with the process"),
        "Where the journal is kept.",
    ),
    key(
        "drain",
        Time(Span::ZERO, DAY),
        Is("10m"),
        "After SIGTERM: how long calls may go on. No new ones are taken.",
    ),
    key(
        "node",
        Count(0, NODE_MAX as u64),
        Is("0"),
        "Which of several nodes this is: a part of every call's id. No two may have the same.",
    ),
    key(
        "remember",
        Time(Span::ZERO, DAY),
        Is("30m"),
        "After an end of whatever kind: how long a new start still knows who was at work, and where \
         phones are. With data_dir only.",
    ),
];

pub(super) const LOG: &[Key] = &[
    key("filter", Text, Is("info"), "How much, perhaps by room: \"info,lotse::sip=debug\"."),
    key("format", Word(&["text", "json"]), Is("text"), "For eyes, or one JSON object a line."),
];
