//! One turn of the SIP machine: the time it is, what all rooms share, and where messages and events go.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    base::{
        numbers::{FlowNo, TrunkNo},
        time::{Span, Timestamp},
    },
    sip::{
        counts::Counts,
        due::{Due, Dues},
        event::Event,
        locate::{Place, Places, Target},
        message::{Request, Response},
        ours,
        output::{Output, Rejected},
        settings::{Carrier, Serves, Settings},
        timer::Times,
        token::Tokens,
        wire::{Departure, Peer, Transport},
    },
};

/// Rejections of one turn that are told one by one; the rest is only counted.
const REJECTED_MAX: usize = 16;

/// What all rooms of the machine share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) dues: Dues,
    pub(super) counts: Counts,
    pub(super) tokens: Tokens,
    /// Far sides that take no connection, until when that is believed.
    pub(super) datagrams_only: BTreeMap<SocketAddr, Timestamp>,
    /// Where carriers are to be found.
    pub(super) places: BTreeMap<TrunkNo, Places>,
    /// The standing connections, by their far end.
    pub(super) flows: BTreeMap<(Transport, SocketAddr), FlowNo>,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        let tokens = Tokens::new(settings.seed);
        Self {
            settings,
            dues: Dues::default(),
            counts: Counts::default(),
            tokens,
            datagrams_only: BTreeMap::new(),
            places: BTreeMap::new(),
            flows: BTreeMap::new(),
        }
    }

    /// A carrier is to be found there from now on.
    pub(super) fn located(&mut self, trunk: TrunkNo, places: &[Place]) {
        self.places.entry(trunk).or_default().learn(places.to_vec());
    }

    /// Where to try the carrier, in order.
    pub(super) fn places_of(&mut self, trunk: TrunkNo, now: Timestamp) -> Vec<Target> {
        let Self { places, tokens, .. } = self;
        places.get(&trunk).map_or(vec![], |it| it.in_order(now, &mut |limit| tokens.below(limit)))
    }

    /// The carrier is of no use there for a while.
    pub(super) fn avoid(&mut self, trunk: TrunkNo, now: Timestamp, target: Target) {
        let Self { places, tokens, .. } = self;
        if let Some(places) = places.get_mut(&trunk) {
            places.avoid(now, target, &mut |limit| tokens.below(limit));
        }
    }

    /// Whether it has not failed there of late.
    pub(super) fn is_trusted(&self, trunk: TrunkNo, now: Timestamp, target: Target) -> bool {
        self.places.get(&trunk).is_none_or(|it| !it.is_avoided(now, target))
    }

    /// The carrier of that trunk, if we speak to it first.
    pub(super) fn carrier(&self, trunk: TrunkNo) -> Option<&Carrier> {
        self.settings.trunks.get(trunk.index())?.as_ref()?.carrier.as_ref()
    }

    /// The carrier answers there.
    pub(super) fn trust(&mut self, trunk: TrunkNo, target: Target) {
        if let Some(places) = self.places.get_mut(&trunk) {
            places.trust(target);
        }
    }

    pub(super) fn times(&self) -> Times {
        Times { t1: self.settings.t1, t2: self.settings.t2, t4: self.settings.t4 }
    }
}

/// One input or verb being worked on.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) now: Timestamp,
    pub(super) shared: &'a mut Shared,
    pub(super) out: &'a mut Output,
}

impl Turn<'_> {
    /// Sends `bytes` over the connection that stands, if there is one.
    pub(super) fn send(&mut self, peer: Peer, bytes: &[u8]) {
        let start = self.out.bytes.len();
        self.out.bytes.extend_from_slice(bytes);
        let end = self.out.bytes.len();
        let flow = if peer.transport.is_stream() {
            let standing = self.shared.flows.get(&(peer.transport, peer.remote)).copied();
            standing.unwrap_or(Peer::NO_FLOW)
        } else {
            peer.flow
        };
        self.out.departures.push(Departure { peer: Peer { flow, ..peer }, start, end });
    }

    /// The response with what each of ours has: a tag in To, and our name.
    pub(super) fn complete(&mut self, response: Response) -> Response {
        let response = response.with("Server", self.shared.settings.product.clone());
        if response.status == 100 {
            return response;
        }
        let tag = format!("{:016x}", self.shared.tokens.draw());
        response.with_to_tag(&tag)
    }

    /// A message from there was refused or dropped.
    pub(super) fn reject(&mut self, why: &'static str, peer: Peer) {
        self.shared.counts.rejected(why);
        if self.out.rejected.len() < REJECTED_MAX {
            self.out.rejected.push(Rejected { why, from: peer.remote });
        }
    }

    /// Something happened that needs a person or a plan.
    pub(super) fn tell(&mut self, event: Event) {
        self.out.events.push(event);
    }

    /// Lets `due` be due after `span`.
    pub(super) fn arm(&mut self, due: Due, span: Span) {
        self.shared.dues.arm(due, self.now + span);
    }

    /// A way to nobody, for a call that has no place to go to.
    pub(super) fn nowhere(&self) -> Peer {
        let remote = SocketAddr::from(([0, 0, 0, 0], 0));
        let transport = Transport::Udp;
        let local = ours::local(&self.shared.settings, Serves::Everyone, transport, remote);
        Peer { transport, local, remote, flow: Peer::NO_FLOW }
    }

    /// The request with Via and our name, as bytes, and the token in its branch.
    pub(super) fn seal(&mut self, request: Request, peer: Peer) -> (u64, Vec<u8>) {
        let branch = self.shared.tokens.draw();
        let settings = &self.shared.settings;
        let mut request = request.with("User-Agent", settings.product.clone());
        request.headers.prepend("Via", ours::via(settings, peer, branch));
        let mut bytes = Vec::with_capacity(1024);
        request.write(&mut bytes);
        (branch, bytes)
    }
}
