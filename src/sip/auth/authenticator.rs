//! Who proves to be a phone of ours, and who has guessed too often (digest, L-12).
//!
//! The answer is the same whether a user exists or not. Only requests that need a password are
//! ever ignored, and never a phone's from where it is registered: one phone with a wrong
//! password must not silence its neighbours behind the same address, and a phone that is
//! registered gains no leave to guess at theirs.
//!
//! ```text
//! no password ──► a bucket for the address ──► 401, or silence
//! a wrong one ──► one for the address, and one for the user from wherever: both silence, twice as
//!                 long each time; whoever proves itself from where it did before goes on
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use crate::{
    base::{
        numbers::PhoneNo,
        time::{Span, Timestamp},
    },
    sip::{
        algorithm::Algorithm,
        auth::{
            digest::{Challenge, Credentials},
            nonce::Nonces,
            offer,
        },
        bucket::Bucket,
        message::{Request, Response, method::Method},
        settings::{Phone, Settings},
        turn::Turn,
        wire::{Peer, Transport},
    },
};

/// Nonces whose counts are remembered. A phone uses one for as long as it lives.
const NONCES: usize = 65_536;
/// Addresses, and users, that are remembered.
const SOURCES: usize = 16_384;
/// The challenges that an address may have at once are those of so long.
const AT_ONCE: Span = Span::secs(10);
/// A user is guessed at from wherever so many times as often before all guesses are ignored: one
/// address alone, which is ignored much sooner, locks nobody out.
const FROM_MANY: u32 = 5;
/// How long an address is ignored at first; each time twice as long, up to the longest.
const SILENCE: Span = Span::secs(60);
const SILENCE_MAX: Span = Span::secs(3600);

/// Phones by user, nonces, and addresses that failed.
#[derive(Debug)]
pub(in crate::sip) struct Authenticator {
    users: BTreeMap<Box<str>, PhoneNo>,
    /// Phones that prove who they are by where they stand, by that and their user.
    fixed: BTreeMap<(SocketAddr, Box<str>), PhoneNo>,
    nonces: Nonces,
    /// By the address they came from.
    failures: Failures<IpAddr>,
    /// By a token of the user they were for: many addresses may guess at one password.
    guessed: Failures<u64>,
    /// Where each phone proved itself last.
    proved: BTreeMap<PhoneNo, IpAddr>,
    challenged: Challenged,
}

/// Who sent a request, as far as it proves that.
#[derive(Debug)]
pub(in crate::sip) enum Identity {
    /// That phone.
    Proved(PhoneNo),
    /// Nobody yet: this asks for a password.
    Challenged(Box<Response>),
    /// Whoever guesses too often gets no answer.
    Ignored,
}

/// The challenges that an address has had.
#[derive(Debug, Default)]
struct Challenged(Sources<IpAddr, Bucket>);

/// Who failed how often.
#[derive(Debug)]
struct Failures<K>(Sources<K, Guesses>);

/// What is remembered of addresses or users; beyond [`SOURCES`] the one known longest is forgotten.
#[derive(Debug)]
struct Sources<K, T> {
    known: BTreeMap<K, T>,
    /// The order they were first seen in.
    seen: VecDeque<K>,
}

/// A bucket that leaks: full, it silences.
#[derive(Clone, Copy, Debug, Default)]
struct Guesses {
    /// When it would be empty.
    empty: Timestamp,
    silent_until: Timestamp,
    silence: Span,
}

impl Authenticator {
    pub(in crate::sip) fn new(settings: &Settings, secret: [u8; 32]) -> Self {
        let nonces = Nonces::new(secret, settings.nonce_life, NONCES);
        let mut authenticator = Self {
            users: BTreeMap::new(),
            fixed: BTreeMap::new(),
            nonces,
            failures: Failures::default(),
            guessed: Failures::default(),
            proved: BTreeMap::new(),
            challenged: Challenged::default(),
        };
        authenticator.reconfigure(settings);
        authenticator
    }

    pub(in crate::sip) fn reconfigure(&mut self, settings: &Settings) {
        self.nonces.set_life(settings.nonce_life);
        self.users = (0u32..)
            .zip(&settings.phones)
            .filter_map(|(place, phone)| {
                let phone = phone.as_ref().filter(|it| it.password.is_some())?;
                Some((phone.user.as_str().into(), PhoneNo::first(place)))
            })
            .collect();
        let stands = |(place, phone): (u32, &Option<Phone>)| {
            let phone = phone.as_ref().filter(|it| it.password.is_none())?;
            let (transport, at) = phone.address?;
            Some(((stood(transport, at), phone.user.as_str().into()), PhoneNo::first(place)))
        };
        self.fixed = (0u32..).zip(&settings.phones).filter_map(stands).collect();
    }

    /// The phone of that user that stands there.
    pub(in crate::sip) fn standing_at(&self, peer: Peer, user: &str) -> Option<PhoneNo> {
        self.fixed.get(&(stood(peer.transport, peer.remote), user.into())).copied()
    }

    /// Whether any phone stands there.
    pub(in crate::sip) fn is_any_standing_at(&self, peer: Peer) -> bool {
        let at = stood(peer.transport, peer.remote);
        self.fixed.range((at, "".into())..).next().is_some_and(|((it, _), _)| *it == at)
    }

    /// The phone of that user that may register.
    pub(in crate::sip) fn phone_of(&self, user: &str) -> Option<PhoneNo> {
        self.users.get(user).copied()
    }

    fn challenges(
        &mut self,
        turn: &Turn<'_>,
        stale: bool,
        algorithms: &[Algorithm],
    ) -> Vec<String> {
        let nonce = self.nonces.make(turn.now);
        let realm = &turn.shared.settings.realm;
        let challenge = |&algorithm| {
            Challenge { stale, ..Challenge::new(realm, nonce.clone(), algorithm) }.value()
        };
        algorithms.iter().map(challenge).collect()
    }
}

impl<K, T> Default for Sources<K, T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), seen: VecDeque::new() }
    }
}

impl<K> Default for Failures<K> {
    fn default() -> Self {
        Self(Sources::default())
    }
}

impl<K: Copy + Ord, T> Sources<K, T> {
    /// What `change` makes of what is known of the source, or of `fresh`.
    fn with<R>(&mut self, source: K, fresh: T, change: impl FnOnce(&mut T) -> R) -> R {
        let known = self.known.entry(source).or_insert_with(|| {
            self.seen.push_back(source);
            fresh
        });
        let changed = change(known);
        if self.seen.len() > SOURCES
            && let Some(oldest) = self.seen.pop_front()
        {
            self.known.remove(&oldest);
        }
        changed
    }
}

impl Challenged {
    /// Whether the address may have one more: `per_second` of them, and at once as many as in
    /// ten seconds, since all phones behind an address come back when its power does.
    fn take(&mut self, now: Timestamp, ip: IpAddr, per_second: u32) -> bool {
        self.0.with(network(ip), Bucket::empty(now), |it| it.take(now, per_second, AT_ONCE))
    }
}

impl<K: Copy + Ord> Failures<K> {
    fn is_silenced(&self, now: Timestamp, source: K) -> bool {
        self.0.known.get(&source).is_some_and(|it| now < it.silent_until)
    }

    /// One more failure; `per_minute` of them are borne.
    fn add(&mut self, now: Timestamp, source: K, per_minute: u32) {
        let minute = Span::secs(60);
        let drop = Span(minute.0 / u64::from(per_minute.max(1)));
        let fresh = Guesses { empty: now, silent_until: now, silence: SILENCE };
        self.0.with(source, fresh, |bucket| {
            // An hour without a failure is forgiven.
            if now.since(bucket.empty) > SILENCE_MAX {
                bucket.silence = SILENCE;
            }
            bucket.empty = bucket.empty.max(now) + drop;
            if bucket.empty.since(now) >= minute {
                bucket.silent_until = now + bucket.silence;
                bucket.empty = bucket.silent_until;
                bucket.silence = (bucket.silence * 2).min(SILENCE_MAX);
            }
        });
    }
}

/// Where a phone is known to stand: over a connection at its host, by whatever port.
fn stood(transport: Transport, at: SocketAddr) -> SocketAddr {
    let port = if transport.is_stream() { 0 } else { at.port() };
    SocketAddr::new(at.ip().to_canonical(), port)
}

/// Who has one address of IPv6 has 2^64 of them.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

impl Authenticator {
    /// The phone that this request proves to be from: To names it in a REGISTER, else From.
    /// `is_bound` says whether a phone is registered where the request came from.
    pub(in crate::sip) fn identify(
        &mut self,
        turn: &mut Turn<'_>,
        request: &Request,
        peer: Peer,
        is_bound: impl Fn(PhoneNo) -> bool,
    ) -> Identity {
        let ip = network(peer.remote.ip());
        let is_register = request.method == Method::REGISTER;
        let who = if is_register { request.headers.to() } else { request.headers.from() };
        let user = who.ok().and_then(|it| it.user()).unwrap_or_default();
        let phone = self.phone_of(&user);
        let is_known = phone.is_some_and(is_bound);
        if !is_known && self.failures.is_silenced(turn.now, ip) {
            turn.reject("rate", peer);
            return Identity::Ignored;
        }
        let whom = turn.shared.tokens.of(&user);
        let is_proved = phone.is_some_and(|it| self.proved.get(&it) == Some(&ip));
        if !is_known && !is_proved && self.guessed.is_silenced(turn.now, whom) {
            turn.reject("user", peer);
            return Identity::Ignored;
        }
        let realm = &turn.shared.settings.realm;
        let credentials = request
            .headers
            .all("Authorization")
            .filter_map(Credentials::read)
            .filter(|it| it.realm == *realm)
            .find(|it| offer::is_taken(&turn.shared.settings, peer, phone, it.algorithm));
        let Some(credentials) = credentials else {
            // One address may ask for so many; a flood from it, or in its name, gets no more.
            let per_second = turn.shared.settings.challenges_max;
            if !is_known && !self.challenged.take(turn.now, ip, per_second) {
                turn.reject("rate", peer);
                return Identity::Ignored;
            }
            return self.challenge(turn, request, (peer, phone), false);
        };

        let phone = phone.filter(|_| credentials.username == user);
        let password = phone
            .and_then(|phone| turn.shared.settings.phones.get(phone.index())?.as_ref())
            .and_then(|phone| phone.password.as_ref())
            .map_or("", |it| it.unmask());
        // Reckoned for strangers too, so that time does not tell who is known.
        let is_right = credentials.is_right(password, &request.method);
        let Some(phone) = phone.filter(|_| is_right) else {
            turn.reject("auth", peer);
            let failures_max = turn.shared.settings.failures_max;
            self.failures.add(turn.now, ip, failures_max);
            self.guessed.add(turn.now, whom, failures_max.saturating_mul(FROM_MANY));
            return self.challenge(turn, request, (peer, phone), false);
        };
        // The password is right, so whatever is wrong with the nonce, a new one will do.
        if self.nonces.spend(turn.now, &credentials.nonce, credentials.count).is_err() {
            return self.challenge(turn, request, (peer, Some(phone)), true);
        }
        self.proved.insert(phone, ip);
        Identity::Proved(phone)
    }

    fn challenge(
        &mut self,
        turn: &Turn<'_>,
        request: &Request,
        (peer, phone): (Peer, Option<PhoneNo>),
        stale: bool,
    ) -> Identity {
        let mut response = request.answer(401);
        let user_agent = request.headers.get("User-Agent").unwrap_or_default();
        let algorithms = offer::offered(&turn.shared.settings, peer, phone, user_agent);
        for challenge in self.challenges(turn, stale, algorithms) {
            response.headers.push("WWW-Authenticate", challenge);
        }
        Identity::Challenged(Box::new(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_too_often_is_silenced_twice_as_long_each_time() {
        let mut failures = Failures::default();
        let ip = network("2001:db8::1".parse().unwrap());
        let neighbour = network("2001:db8::2".parse().unwrap());
        let mut now = Timestamp(0);
        let mut spans = vec![];
        for _ in 0..8 {
            let mut guesses = 0;
            while !failures.is_silenced(now, neighbour) {
                failures.add(now, ip, 5);
                guesses += 1;
            }
            let until = failures.0.known[&ip].silent_until;
            spans.push((guesses, until.since(now).as_millis() / 1000));
            now = until;
        }
        let told = format!("{spans:?}");
        assert_eq!(
            told,
            "[(5, 60), (5, 120), (5, 240), (5, 480), (5, 960), (5, 1920), (5, 3600), (5, 3600)]"
        );
        assert!(!failures.is_silenced(Timestamp(0), "192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn an_address_gets_a_burst_of_challenges_and_then_so_many_a_second() {
        let mut challenged = Challenged::default();
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let mut count = |now, ip| (0..5_000).filter(|_| challenged.take(now, ip, 100)).count();
        let start = Timestamp(0);
        assert_eq!(count(start, ip), 1_000);
        assert_eq!(count(start + Span::secs(1), ip), 100);
        assert_eq!(count(start + Span::secs(1), "192.0.2.2".parse().unwrap()), 1_000);
        assert_eq!(count(start + Span::secs(60), ip), 1_000);
        for bits in 0..40_000u32 {
            challenged.take(start, IpAddr::V4(bits.into()), 100);
        }
        assert_eq!((challenged.0.known.len(), challenged.0.seen.len()), (SOURCES, SOURCES));
    }

    #[test]
    fn slow_mistakes_are_borne_and_memory_is_bounded() {
        let mut failures = Failures::default();
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        for minute in 0..100 {
            let now = Timestamp::EPOCH + Span::secs(60 * minute);
            (0..4).for_each(|_| failures.add(now, ip, 5));
            assert!(!failures.is_silenced(now, ip));
        }
        for bits in 0..40_000u32 {
            failures.add(Timestamp(0), IpAddr::V4(bits.into()), 5);
        }
        assert_eq!((failures.0.known.len(), failures.0.seen.len()), (SOURCES, SOURCES));
    }
}
