//! Our side of the trunks: whether each can be used, and what its carrier knows of us.
//!
//! ```text
//!                due                     200
//!  Resting ────────────► Asking ──────────────────► Resting, up: again at 50-80 % of the life
//!     ▲                   │  │ 401 407 423 494       granted, or after the probe's interval
//!     │ pause, jitter     │  └──► asked again, with what was wanted
//!     └───────────────────┘ no answer, 503: the next place, if there is one
//! ```
//!
//! A trunk with a registration asks by REGISTER (RFC 3261 10.2, RFC 6140 for many numbers), one
//! without by OPTIONS. Where its places are is for [`locate`](crate::sip::locate) to say; when
//! it asks, for [`pace`]; what is done, for [`asking`]. Calls out by it are [`calling`]'s.

mod asking;
pub(super) mod attempts;
mod calling;
mod keys;
mod mediasec;
mod pace;

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
};

use crate::{
    base::{numbers::TrunkNo, time::Timestamp},
    sip::{
        due::{Due, TransactionNo},
        locate::{Place, Places, Question, Target},
        message::uri::Uri,
        settings::{Carrier, Serves, Settings},
        turn::Shared,
        wire::Peer,
    },
};

use self::{keys::Keys, mediasec::Mediasec, pace::Pulse};

/// All trunks that we have a side of.
#[derive(Debug, Default)]
pub(super) struct Trunks(BTreeMap<TrunkNo, TrunkState>);

/// Our side of one trunk.
#[derive(Debug)]
pub(super) struct TrunkState {
    /// As configured when we began.
    carrier: Carrier,
    stage: Stage,
    /// The Call-ID of its REGISTERs or probes, our tag in them, and the number of the last.
    call_id: Box<str>,
    tag: u64,
    cseq: u32,
    keys: Keys,
    mediasec: Mediasec,
    /// Proxies that the registrar wants on the way (RFC 3608), the next first.
    routes: Vec<Uri>,
    /// The life we ask for, in seconds: what is configured, or the least they grant (423).
    expires: u32,
    /// What holds our registration, or answered our last probe.
    held: Option<Held>,
    pulse: Pulse,
    /// Whether anything has been told of it yet.
    was_told: bool,
    /// Rounds that came to nothing, in a row.
    failures: u32,
    /// Places not tried yet in this round.
    left: VecDeque<Target>,
}

/// A carrier that knows us.
#[derive(Clone, Copy, Debug)]
struct Held {
    peer: Peer,
    /// When it forgets us.
    until: Timestamp,
}

/// Where a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until its deadline.
    Resting,
    /// A request is on its way there.
    Asking { transaction: TransactionNo, target: Target, tries: u8 },
    /// We withdraw: an answer is waited for, but nothing hangs on it.
    Leaving { transaction: TransactionNo },
    /// Withdrawn.
    Left,
}

impl Trunks {
    /// Trunks for what is configured, each to begin at once.
    pub(super) fn new(shared: &mut Shared) -> Self {
        let mut trunks = Self::default();
        let carriers: Vec<_> = carriers(&shared.settings).collect();
        for (trunk, carrier) in carriers {
            trunks.begin(shared, trunk, carrier, Timestamp::EPOCH);
        }
        trunks
    }

    /// Begins a trunk.
    fn begin(&mut self, shared: &mut Shared, trunk: TrunkNo, carrier: Carrier, now: Timestamp) {
        shared.located(trunk, &literal(&carrier.proxies));
        let asks = carrier.registers.is_some() || carrier.probe.is_some();
        if asks {
            shared.dues.arm(Due::Trunk(trunk), now);
        }
        let call_id = format!("{:016x}{:016x}", shared.tokens.draw(), shared.tokens.draw());
        let state = TrunkState {
            expires: carrier.registers.map_or(0, |it| it.expires),
            carrier,
            stage: Stage::Resting,
            call_id: call_id.into(),
            tag: shared.tokens.draw(),
            cseq: 0,
            keys: Keys::default(),
            mediasec: Mediasec::default(),
            routes: vec![],
            held: None,
            pulse: Pulse::default(),
            was_told: false,
            failures: 0,
            left: VecDeque::new(),
        };
        self.0.insert(trunk, state);
    }

    /// Whether that trunk can be used, as far as we know. One that is never asked always can.
    pub(super) fn is_up(&self, trunk: TrunkNo) -> bool {
        self.0.get(&trunk).is_none_or(TrunkState::is_up)
    }

    /// The trunks whose carrier sends from that address, by its places or our registration.
    pub(super) fn at<'a>(
        &'a self,
        places: &'a BTreeMap<TrunkNo, Places>,
        ip: IpAddr,
    ) -> impl Iterator<Item = TrunkNo> + 'a {
        let ip = ip.to_canonical();
        self.0.iter().filter_map(move |(trunk, state)| {
            let holds = state.held.is_some_and(|it| it.peer.remote.ip().to_canonical() == ip);
            let is_place = || places.get(trunk).is_some_and(|it| it.holds(ip));
            (holds || is_place()).then_some(*trunk)
        })
    }

    /// Whether `user` is what the carrier of `trunk` calls us by.
    pub(super) fn is_called(&self, trunk: TrunkNo, user: &str) -> bool {
        self.0.get(&trunk).is_some_and(|it| it.carrier.user == user)
    }
}

impl TrunkState {
    fn is_up(&self) -> bool {
        if self.carrier.registers.is_some() {
            return self.held.is_some();
        }
        self.carrier.probe.is_none() || self.pulse.is_up.unwrap_or(true)
    }
}

/// The carriers of all trunks that calls can go out by.
fn carriers(settings: &Settings) -> impl Iterator<Item = (TrunkNo, Carrier)> {
    (0u32..)
        .zip(&settings.trunks)
        .filter_map(|(slot, trunk)| Some((TrunkNo::first(slot), trunk.as_ref()?.carrier.clone()?)))
}

/// The proxies whose address needs no asking; those of a higher place in the list come first.
pub(super) fn literal(proxies: &[Uri]) -> Vec<Place> {
    let place = |(rank, uri): (u32, &Uri)| match Question::about(uri)? {
        Question::Answered(Target { transport, remote }) => {
            Some(Place { transport, priority: rank << 16, weight: 0, addresses: vec![remote] })
        }
        Question::Host { .. } | Question::Service { .. } | Question::Domain { .. } => None,
    };
    (0u32..).zip(proxies).filter_map(place).collect()
}

/// The way to a place.
fn way_to(settings: &Settings, target: Target) -> Peer {
    let Target { transport, remote } = target;
    let local = crate::sip::ours::local(settings, Serves::Trunks, transport, remote);
    Peer { transport, local, remote, flow: Peer::NO_FLOW }
}

/// Where that way leads.
fn target_of(peer: Peer) -> Target {
    Target { transport: peer.transport, remote: peer.remote }
}
