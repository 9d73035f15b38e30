//! What the SIP machine knows by configuration.

use std::net::{IpAddr, SocketAddr};

use crate::{
    base::{masked::Masked, time::Span},
    sip::{algorithm::Algorithm, message::uri::Uri, wire::Transport},
};

/// What the endpoint knows by configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where we listen; the first of a transport is used for calls out over it, if its family fits.
    pub listen: Vec<(Transport, SocketAddr)>,
    /// Whom each of `listen` serves, by place; those without an entry serve everyone.
    pub serves: Vec<Serves>,
    /// Which digest algorithms phones are offered at each of `listen`, by place, in that order;
    /// empty, or without an entry: as suits who asks.
    pub digests: Vec<Vec<Algorithm>>,
    /// The host put into Contact and Via when a socket is bound to all addresses.
    pub public_host: Option<IpAddr>,
    /// The digest realm, and the host of our own URIs.
    pub realm: String,
    /// Phones by [`PhoneNo`](crate::base::numbers::PhoneNo); `None` in the place of one that is no longer in the file.
    pub phones: Vec<Option<Phone>>,
    /// Trunks by [`TrunkNo`](crate::base::numbers::TrunkNo).
    pub trunks: Vec<Option<Trunk>>,
    /// `User-Agent` and `Server`.
    pub product: String,
    /// RFC 3261 timers: T1 (500 ms), T2 (4 s), T4 (5 s).
    pub t1: Span,
    /// The longest gap between retransmissions of non-INVITE requests and responses.
    pub t2: Span,
    /// How long a message may linger in the network.
    pub t4: Span,
    /// A seed from the operating system, for tags, branches and nonces.
    pub seed: [u8; 32],
    /// How long a nonce is good.
    pub nonce_life: Span,
    /// Shortest registration granted (423 below), longest (capped) and the default, in seconds.
    pub expires_min: u32,
    /// The longest registration granted.
    pub expires_max: u32,
    /// Granted when the phone names none.
    pub expires_default: u32,
    /// How long a call may stand without a word before it is refreshed or given up (RFC 4028),
    /// in seconds, if the far side wants it no shorter.
    pub session_expires: u32,
    /// The shortest such interval granted (422 below), in seconds.
    pub session_expires_min: u32,
    /// Contacts a phone may have at once; the oldest goes when one more comes.
    pub contacts_max: usize,
    /// Dialogs at once; beyond: 503 with Retry-After.
    pub dialogs_max: usize,
    /// Transactions at once; beyond: 503 stateless. The last quarter is kept for calls that stand.
    pub transactions_max: usize,
    /// New calls by trunks in a second, and what was saved up in three; beyond: 503 with Retry-After.
    pub calls_per_second: u32,
    /// The largest message, in bytes; beyond: 513.
    pub message_max: usize,
    /// Wrong passwords from one address in a minute before it is ignored for a while (L-12).
    pub failures_max: u32,
    /// Challenges a second for one address that no phone is registered from; at once, ten times
    /// as many. Beyond: silence.
    pub challenges_max: u32,
}

/// Whom a listener serves. To it, everyone else is a stranger (BSI NET.4.2: networks apart).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Serves {
    /// Carriers and phones.
    #[default]
    Everyone,
    /// Carriers only.
    Trunks,
    /// Phones only.
    Phones,
}

impl Serves {
    /// Whether a carrier may be at the other end.
    #[must_use]
    pub const fn trunks(self) -> bool {
        matches!(self, Self::Everyone | Self::Trunks)
    }

    /// Whether a phone may.
    #[must_use]
    pub const fn phones(self) -> bool {
        matches!(self, Self::Everyone | Self::Phones)
    }
}

impl Settings {
    /// Whom the listener at `local` serves. What we opened ourselves has none of them.
    #[must_use]
    pub fn serves(&self, transport: Transport, local: SocketAddr) -> Serves {
        self.place(transport, local).and_then(|it| self.serves.get(it)).copied().unwrap_or_default()
    }

    /// Which digest algorithms are configured for the listener at `local`.
    #[must_use]
    pub fn digest(&self, transport: Transport, local: SocketAddr) -> &[Algorithm] {
        let digest = self.place(transport, local).and_then(|it| self.digests.get(it));
        digest.map(Vec::as_slice).unwrap_or_default()
    }

    fn place(&self, transport: Transport, local: SocketAddr) -> Option<usize> {
        self.listen.iter().position(|it| *it == (transport, local))
    }
}

/// A phone that may register, or that stands at a fixed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// The user part and digest user name.
    pub user: String,
    /// The digest password; `None`: it never registers.
    pub password: Option<Masked>,
    /// Which digest algorithms it is offered, in that order; empty: as its listener says.
    pub digest: Vec<Algorithm>,
    /// Where it stands, if that is fixed. Without a password what comes from there in its name is
    /// its own.
    pub address: Option<(Transport, SocketAddr)>,
}

/// A carrier, known by its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// As the configuration names it.
    pub name: String,
    /// Address and prefix length of each allowed network.
    pub allow: Vec<(IpAddr, u8)>,
    /// The carrier, as far as we speak to it first; `None`: calls only come in.
    pub carrier: Option<Carrier>,
}

/// A carrier that we register with, probe, and call out by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Where requests are sent, the most liked first: `sip:192.0.2.7`, `sip:sbc.example;transport=tls`.
    pub proxies: Vec<Uri>,
    /// Its domain: the host of our identity there, and of the numbers that we call.
    pub domain: String,
    /// The user part of our identity there.
    pub user: String,
    /// What we prove that by; `None`: the carrier believes our address.
    pub account: Option<Account>,
    /// How we register; `None`: it knows where we are.
    pub registers: Option<Registers>,
    /// How often we look whether it is there, if we do not register; `None`: never.
    pub probe: Option<Span>,
    /// Whether it wants encrypted sound agreed on by headers (RFC 3329, DOMAIN.md 5.1).
    pub mediasec: bool,
}

/// What a carrier knows us by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The digest user name.
    pub user: String,
    /// The digest password.
    pub password: Masked,
}

/// How we register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// For how long, in seconds, if the carrier grants it.
    pub expires: u32,
    /// For all numbers at once (RFC 6140).
    pub gin: bool,
}
