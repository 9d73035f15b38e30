//! The face of the SIP machine: transactions, dialogs and registrations behind one door.
//!
//! ```text
//!   bytes ──► read ──► transaction ──► dialog / registrar ──► Event
//!   verb  ──► dialog ──► transaction ──► write ──► Departure
//! ```
//!
//! What the RFC settles is settled here and is not told: `100 Trying`, retransmission, the ACK
//! to a final answer, the answer to CANCEL, OPTIONS and REGISTER, digest challenges, 481, 482, 405.
//! What needs a person or a plan comes out as an [`Event`](crate::sip::event::Event). Knows no queue and no sound: SDP
//! passes through as bytes.

use std::net::{IpAddr, SocketAddr};

use crate::{
    base::{
        numbers::{DialogNo, PhoneNo, TrunkNo},
        time::Timestamp,
    },
    sip::{
        binding::Binding,
        core::Core,
        counts::Counts,
        locate::{Place, Places},
        message::header::reason::Reason,
        output::Output,
        settings::Settings,
        turn::{Shared, Turn},
        ua::dialog::Dialog,
        verb::{Invite, Refusal, Respond, Target},
        wire::Peer,
    },
};

/// What the endpoint is told from the wire.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One datagram, or one message cut from a stream.
    Arrival {
        /// By which way.
        peer: Peer,
        /// The message as it came.
        bytes: &'a [u8],
    },
    /// A connection is gone, or could not be opened; bindings and transactions over it too.
    FlowGone {
        /// Which connection, and where it led; for one that never stood, [`Peer::NO_FLOW`].
        peer: Peer,
    },
    /// DNS has told where a carrier is to be found, for the first time or anew.
    Located {
        /// Which carrier.
        trunk: TrunkNo,
        /// Its servers.
        places: &'a [Place],
    },
    /// Time has passed.
    Tick,
}

/// The SIP machine.
#[derive(Debug)]
pub struct Endpoint {
    shared: Shared,
    core: Core,
}

impl Endpoint {
    /// An endpoint that has heard nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let mut shared = Shared::new(settings);
        let secret = shared.tokens.secret();
        let core = Core::new(&mut shared, secret);
        Self { shared, core }
    }

    /// The configuration is this from now on. Standing dialogs and bindings stay, but for
    /// phones that are gone from it.
    pub fn reconfigure(&mut self, now: Timestamp, settings: Settings, out: &mut Output) {
        self.shared.settings = settings;
        self.turn(now, out, |core, turn| {
            core.authenticator.reconfigure(&turn.shared.settings);
            core.drop_phones(turn);
            core.plan_trunks(turn);
        });
    }

    /// One thing in, everything that follows out.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, out: &mut Output) {
        self.turn(now, out, |core, turn| match input {
            Input::Arrival { peer, bytes } => core.arrival(turn, peer, bytes),
            Input::FlowGone { peer } => core.flow_gone(turn, peer),
            Input::Located { trunk, places } => {
                turn.shared.located(trunk, places);
                core.trunk_located(turn, trunk);
            }
            Input::Tick => core.tick(turn),
        });
    }

    /// When to be told [`Input::Tick`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shared.dues.next_due()
    }

    /// Calls someone. What comes of it are events of this dialog, never within this call.
    pub fn invite(
        &mut self,
        now: Timestamp,
        invite: Invite,
        out: &mut Output,
    ) -> Result<DialogNo, Refusal> {
        self.turn(now, out, |core, turn| core.invite(turn, invite))
    }

    /// Answers an INVITE. Where the far side knows reliable provisional responses (RFC 3262),
    /// one with SDP is sent again until it has arrived, and what comes after it waits for that.
    pub fn respond(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        respond: Respond,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.respond(turn, dialog, respond))
    }

    /// Answers the re-INVITE, UPDATE or PRACK that is open in the dialog.
    pub fn respond_within(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        respond: Respond,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.respond_within(turn, dialog, respond))
    }

    /// Answers a REFER: 202 if it is begun, of which the far side is told at once; else why not.
    pub fn respond_to_refer(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        status: u16,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.respond_to_refer(turn, dialog, status))
    }

    /// Tells whoever sent a REFER what came of it, by NOTIFY. It is the last word about it.
    pub fn tell_referrer(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        status: u16,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.tell_referrer(turn, dialog, status))
    }

    /// Offers anew in a standing dialog (or, by UPDATE, in one whose early answer has arrived);
    /// glare (491) is waited out and tried again (RFC 3261 14.1).
    pub fn reinvite(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        sdp: Option<Vec<u8>>,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.reinvite(turn, dialog, sdp))
    }

    /// Ends the dialog in whatever state: CANCEL (at once, or with the first 1xx) for our own
    /// INVITE, a final 487 for theirs, BYE where it stands (after the ACK, where one is owed).
    /// A 2xx that crosses our CANCEL gets ACK and BYE, and no event but `Rejected` with 487.
    /// After this no event of the dialog comes but that `Rejected`.
    pub fn end(
        &mut self,
        now: Timestamp,
        dialog: DialogNo,
        reason: Reason,
        out: &mut Output,
    ) -> Result<(), Refusal> {
        self.turn(now, out, |core, turn| core.end(turn, dialog, reason))
    }

    /// Withdraws our registrations with carriers: no more calls are to come by them.
    pub fn leave(&mut self, now: Timestamp, out: &mut Output) {
        self.turn(now, out, Core::leave_all);
    }

    /// Goes on with the bindings that the phone had before we began: those that have not lapsed
    /// and need no connection. Told as events, like any.
    pub fn rebind(
        &mut self,
        now: Timestamp,
        phone: PhoneNo,
        bindings: Vec<Binding>,
        out: &mut Output,
    ) {
        self.turn(now, out, |core, turn| core.registrar.rebind(turn, phone, bindings));
    }

    /// Whether the phone has a binding.
    #[must_use]
    pub fn is_registered(&self, phone: PhoneNo) -> bool {
        self.core.registrar.is_bound(phone)
    }

    /// Whether nobody on the way to the phone can read along, wherever it is bound.
    #[must_use]
    pub fn is_reached_in_secret(&self, phone: PhoneNo) -> bool {
        self.core.registrar.is_bound_in_secret(phone)
    }

    /// Whether a call there goes by IPv6: to the first place of a phone, to all of a carrier's.
    #[must_use]
    pub fn goes_by_ipv6(&self, target: &Target) -> bool {
        let is_ipv6 = |remote: SocketAddr| remote.ip().to_canonical().is_ipv6();
        match target {
            Target::Phone(phone) => {
                let first = self.core.registrar.bindings(*phone).next();
                first.is_some_and(|(_, peer)| is_ipv6(peer.remote))
            }
            Target::Trunks(ways) => {
                let first = ways.first().and_then(|by| self.shared.places.get(&by.trunk));
                first.is_some_and(Places::are_ipv6)
            }
            Target::Uri { remote, .. } => is_ipv6(*remote),
        }
    }

    /// The Call-ID of a dialog that still stands.
    #[must_use]
    pub fn call_id(&self, dialog: DialogNo) -> Option<&str> {
        self.core.dialogs.get(dialog).map(Dialog::call_id)
    }

    /// The host that the SIP of a dialog's far side comes from.
    #[must_use]
    pub fn source(&self, dialog: DialogNo) -> Option<IpAddr> {
        self.core.dialogs.get(dialog).map(|it| it.peer().remote.ip())
    }

    /// The figures so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// Whether nothing is remembered but bindings.
    #[cfg(test)]
    pub(in crate::sip) fn is_empty(&self) -> bool {
        self.core.is_empty()
    }

    /// What is left, for a test to show.
    #[cfg(test)]
    pub(in crate::sip) fn left(&self) -> String {
        let Core { dialogs, transactions, .. } = &self.core;
        format!("{dialogs:#?}{transactions:#?}{:?}", self.shared.dues)
    }

    fn turn<T>(
        &mut self,
        now: Timestamp,
        out: &mut Output,
        work: impl FnOnce(&mut Core, &mut Turn<'_>) -> T,
    ) -> T {
        let Self { shared, core } = self;
        let done = work(core, &mut Turn { now, shared, out });
        core.reap();
        shared.counts.dialogs = core.dialogs.live() as u64;
        shared.counts.transactions = core.transactions.len() as u64;
        done
    }
}
