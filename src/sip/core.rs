//! The inside of the endpoint: which room an input is for.
//!
//! ```text
//!  response ─► our transaction ─► caller (INVITE)   standing (re-INVITE, BYE)
//!  request ──► their transaction, if it is known: answered again, absorbed
//!      └─────► new: CANCEL    ─► callee
//!                   To tag    ─► standing (its dialog, or 481)
//!                   INVITE    ─► callee (admission first)
//!                   REGISTER  ─► registrar
//!                   others    ─► answered here
//! ```

use crate::{
    base::{
        arena::Arena,
        numbers::{DialogNo, PhoneNo},
    },
    sip::{
        auth::authenticator::Authenticator,
        bucket::Bucket,
        counts::{Kind, label},
        due::{Due, TransactionNo, Wait},
        message::{
            Message, Request, Response,
            ability::Ability,
            headers::Fault,
            method::Method,
            read::{Flaw, Limits, Unreadable, read},
        },
        ours,
        registrar::Registrar,
        token,
        transaction::{
            key::{key, key_of_cancelled},
            table::{Owner, Told, Transactions},
        },
        trunk::{Attempts, Lines},
        turn::{Desk, Turn},
        ua::dialog::{Dialog, Hop, Renewal, Stage},
        wire::Peer,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

/// Transactions, dialogs and bindings.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) transactions: Transactions,
    pub(super) dialogs: Arena<DialogNo, Dialog>,
    /// Dialogs by our tag in them.
    pub(super) by_tag: BTreeMap<u64, DialogNo>,
    /// Dialogs with phones that register and may move.
    pub(super) by_phone: BTreeSet<(PhoneNo, DialogNo)>,
    /// Dialogs that are not over.
    pub(super) live: usize,
    pub(super) registrar: Registrar,
    pub(super) authenticator: Authenticator,
    /// New calls by trunks.
    pub(super) calls: Bucket,
    pub(super) lines: Lines,
    pub(super) attempts: Attempts,
    /// Room for the key of the request at hand.
    key: String,
}

/// A request that is new to us.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    pub(super) request: &'a Request,
    /// By which way it came.
    pub(super) peer: Peer,
    /// By which way its answers go (RFC 3261 18.2.2, RFC 3581).
    pub(super) back: Peer,
    pub(super) kind: Kind,
    pub(super) key: &'a str,
}

impl Core {
    pub(super) fn new(desk: &mut Desk, secret: [u8; 32]) -> Self {
        Self {
            transactions: Transactions::new(),
            dialogs: Arena::new(usize::MAX),
            by_tag: BTreeMap::new(),
            by_phone: BTreeSet::new(),
            live: 0,
            registrar: Registrar::default(),
            authenticator: Authenticator::new(&desk.settings, secret),
            calls: Bucket::default(),
            lines: Lines::new(desk),
            attempts: Attempts::default(),
            key: String::new(),
        }
    }

    /// Bytes came.
    pub(super) fn arrival(&mut self, turn: &mut Turn<'_>, peer: Peer, bytes: &[u8]) {
        if peer.transport.is_stream() {
            turn.desk.flows.insert((peer.transport, peer.remote), peer.flow);
        }
        let limits = Limits { message: turn.desk.settings.message_max, ..Limits::default() };
        match read(bytes, peer.transport, &limits) {
            Ok(Message::Response(response)) => self.response(turn, &response),
            Ok(Message::Request(request)) => {
                let mut key = std::mem::take(&mut self.key);
                // The reader has seen to it that nothing the key needs is missing.
                let _: Result<(), Fault> = self.request(turn, peer, request, &mut key);
                self.key = key;
            }
            Err(unreadable) => self.unreadable(turn, peer, unreadable),
        }
        self.reap();
    }

    fn unreadable(&self, turn: &mut Turn<'_>, peer: Peer, unreadable: Unreadable) {
        if unreadable.flaw == Flaw::Empty {
            return; // A keepalive.
        }
        let is_large = unreadable.flaw == Flaw::TooLarge;
        turn.reject(if is_large { "size" } else { "malformed" }, peer);
        let kind = self.kind_of(turn, peer);
        let Some(answer) = unreadable.answer.filter(|_| kind != Kind::Other) else { return };
        Self::say(turn, peer, kind, *answer);
    }

    /// Answers without a transaction.
    fn say(turn: &mut Turn<'_>, back: Peer, kind: Kind, response: Response) {
        turn.desk.counts.response(response.status, "out", kind);
        let response = turn.complete(response);
        let mut bytes = vec![];
        response.write(&mut bytes);
        turn.send(back, &bytes);
    }

    fn response(&mut self, turn: &mut Turn<'_>, response: &Response) {
        let headers = &response.headers;
        let (Ok(via), Ok(cseq)) = (headers.top_via(), headers.cseq()) else { return };
        let branch = via.transaction().and_then(|it| it.get(7..)).and_then(token::read);
        let is_cancel = cseq.method == Method::CANCEL;
        let number = branch.and_then(|branch| self.transactions.find_ours(branch, is_cancel));
        // To nothing that we asked, or asked so long ago that it does not matter.
        let Some(number) = number else { return };
        let to = headers.get("To").unwrap_or_default();
        let tag = crate::sip::ua::dialog::tag(headers);
        // What asks for something of the request may well be the end of its transaction.
        let wants = matches!(response.status, 401 | 407 | 422 | 423 | 494);
        let asked = if wants { self.transactions.request_of(number) } else { None };
        let told = self.transactions.response(turn, number, response.status, to, tag);
        if let Told::Message(owner) = told {
            if self.is_asked_again(turn, number, owner, response, asked.as_ref()) {
                return;
            }
            match owner {
                Owner::Trunk(trunk) => self.line_answered(turn, trunk, number, response, asked),
                Owner::Invite(dialog) => {
                    self.invite_answered(turn, number, dialog, response, asked);
                }
                Owner::Reinvite(dialog) => self.reinvite_answered(turn, number, dialog, response),
                Owner::Update(dialog) => self.update_answered(turn, dialog, response),
                Owner::Refresh(dialog) => self.refresh_answered(turn, dialog, response),
                Owner::Nobody | Owner::Prack(_) | Owner::Notify(_) | Owner::Bye(_) => (),
            }
        }
    }

    fn request(
        &mut self,
        turn: &mut Turn<'_>,
        peer: Peer,
        mut request: Request,
        key_room: &mut String,
    ) -> Result<(), Fault> {
        request.headers.set_source(peer.remote);
        key(&request, key_room)?;
        if let Some(number) = self.transactions.find_theirs(key_room) {
            let is_ack = request.method == Method::ACK;
            let told = self.transactions.received_again(turn, number, is_ack);
            if told != Told::Nothing {
                self.ack(turn, &request);
            }
            return Ok(());
        }
        if request.method == Method::ACK {
            self.ack(turn, &request);
            return Ok(());
        }

        let own = self.dialog_of(&request);
        let kind = match own.and_then(|number| self.dialogs.get(number)) {
            Some(dialog) => dialog.kind,
            None => self.kind_of(turn, peer),
        };
        turn.desk.counts.request(label(&request.method), "in", kind);
        let back = way_back(&request, peer)?;
        let incoming = Incoming { request: &request, peer, back, kind, key: key_room };
        let room = self.room_for(turn, &request.method, own.is_some(), kind);
        if self.transactions.len() >= room {
            turn.reject("capacity", peer);
            if kind != Kind::Other {
                let busy = busy(turn, &request);
                Self::say(turn, back, kind, busy);
            }
            return Ok(());
        }
        let has_tag = request.headers.to()?.tag().is_some();
        if request.method == Method::CANCEL {
            let mut cancelled = String::new();
            key_of_cancelled(&request, &mut cancelled)?;
            let invite = self.transactions.find_theirs(&cancelled);
            self.cancel(turn, &incoming, invite);
        } else if let Some(number) = own {
            self.within(turn, &incoming, number);
        } else if kind == Kind::Other && (has_tag || !self.may_be_phone(turn, peer, &request)) {
            // Whoever knocks without a name hears nothing, and learns nothing (L-12).
            turn.reject("acl", peer);
        } else if has_tag
            || [Method::BYE, Method::UPDATE, Method::PRACK, Method::INFO].contains(&request.method)
        {
            self.refuse(turn, &incoming, 481);
        } else {
            self.outside(turn, &incoming);
        }
        Ok(())
    }

    /// How many transactions there may be for this request to be heard. What ends something is
    /// always heard (a dialog is ended once, so that has a limit too); who speaks in a dialog, and
    /// our own phones, as long as there is room; others until a quarter is left, so that a flood of
    /// new calls never costs one that stands.
    fn room_for(&self, turn: &Turn<'_>, method: &Method, is_own: bool, kind: Kind) -> usize {
        let max = turn.desk.settings.transactions_max;
        match (is_own, kind) {
            _ if *method == Method::CANCEL => max + self.live,
            (true, _) if *method == Method::BYE => usize::MAX,
            (true, _) | (false, Kind::Phone) => max,
            (false, Kind::Trunk | Kind::Other) => max - max / 4,
        }
    }

    /// A request outside of any dialog.
    fn outside(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        let method = &incoming.request.method;
        if *method == Method::INVITE {
            self.invited(turn, incoming);
        } else if *method == Method::REGISTER {
            self.register(turn, incoming);
        } else {
            self.other(turn, incoming);
        }
    }

    /// OPTIONS, and what we do not do, within a dialog or without.
    pub(super) fn other(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        let response = if request.method == Method::OPTIONS {
            request.answer(200).with("Accept", ours::SDP).with("Supported", ours::SUPPORTED)
        } else if [Method::SUBSCRIBE, Method::NOTIFY].contains(&request.method) {
            request.answer(489)
        } else if matches!(request.method, Method::Extension(_)) {
            request.answer(501)
        } else {
            request.answer(405)
        };
        self.answer(turn, incoming, response.with("Allow", ours::ALLOW));
    }

    /// Refuses what asks for an extension or a body that we lack (RFC 3261 8.2.2.3, 8.2.3), or
    /// wants an answer of a kind that we do not give (20.1).
    pub(super) fn lacks(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) -> bool {
        let request = incoming.request;
        let lacking: Vec<&str> =
            request.headers.require().filter(|it| !ours::supports(it)).collect();
        if !lacking.is_empty() {
            let unsupported = lacking.join(", ");
            self.answer(turn, incoming, request.answer(420).with("Unsupported", unsupported));
            return true;
        }
        if request.method == Method::INVITE && !takes_sdp(request) {
            self.answer(turn, incoming, request.answer(406).with("Accept", ours::SDP));
            return true;
        }
        let reads_body = [Method::INVITE, Method::UPDATE, Method::PRACK].contains(&request.method);
        if !reads_body || request.body.is_empty() {
            return false;
        }
        let is_sdp = request.headers.content_type().is_none_or(|it| it == ours::SDP);
        let encoding = request.headers.get("Content-Encoding").unwrap_or("identity");
        if is_sdp && encoding.eq_ignore_ascii_case("identity") {
            return false;
        }
        let response =
            request.answer(415).with("Accept", ours::SDP).with("Accept-Encoding", "identity");
        self.answer(turn, incoming, response);
        true
    }

    /// Refuses with that status.
    pub(super) fn refuse(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>, status: u16) {
        self.answer(turn, incoming, incoming.request.answer(status));
    }

    /// Answers and forgets (RFC 3261 8.2.7): the same request would get the same answer again,
    /// and whoever sends a flood of them fills no table of ours.
    pub(super) fn answer_at_once(turn: &mut Turn<'_>, incoming: &Incoming<'_>, response: Response) {
        let tag = format!("{:016x}", turn.desk.tokens.of(incoming.key));
        Self::say(turn, incoming.back, incoming.kind, response.with_to_tag(&tag));
    }

    /// Answers for good, in a transaction of its own.
    pub(super) fn answer(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        response: Response,
    ) {
        let number = self.receive(turn, incoming, Owner::Nobody);
        let response = turn.complete(response);
        let mut bytes = vec![];
        response.write(&mut bytes);
        self.transactions.respond(turn, number, response.status, &bytes);
    }

    /// Knows the request from now on.
    pub(super) fn receive(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        owner: Owner,
    ) -> TransactionNo {
        let is_invite = incoming.request.method == Method::INVITE;
        let (key, kind) = (incoming.key, incoming.kind);
        self.transactions.receive(turn, key, is_invite, incoming.back, kind, owner)
    }

    /// The dialog that a request names by our tag, if it is one.
    pub(super) fn dialog_of(&self, request: &Request) -> Option<DialogNo> {
        let tag = token::read(request.headers.to().ok()?.tag()?)?;
        let number = *self.by_tag.get(&tag)?;
        let dialog = self.dialogs.get(number)?;
        dialog.is_of(&request.headers).then_some(number)
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        while let Some(due) = turn.desk.dues.pop_due(turn.now) {
            match due {
                Due::Transaction(number, timer) => {
                    let told = self.transactions.due(turn, number, timer);
                    self.lost(turn, number, told);
                }
                Due::Dialog(number, wait) => match wait {
                    Wait::Refusal => self.nowhere(turn, number),
                    Wait::Ringing => self.rang_out(turn, number),
                    Wait::Reminder => self.remind(turn, number),
                    Wait::Answer => self.answer_again(turn, number),
                    Wait::Ack => self.never_acked(turn, number),
                    Wait::Glare => self.reinvite_again(turn, number),
                    Wait::Provisional => self.provisional_again(turn, number),
                    Wait::Prack => self.never_pracked(turn, number),
                    Wait::Refresh => self.refresh(turn, number),
                    Wait::Expiry => self.expired(turn, number),
                    Wait::Elsewhere => self.unheard(turn, number),
                },
                Due::Binding(phone) => self.registrar.lapse(turn, phone),
                Due::Trunk(trunk) => self.line_due(turn, trunk),
            }
        }
        self.reap();
    }

    /// A connection is gone.
    pub(super) fn flow_gone(&mut self, turn: &mut Turn<'_>, peer: Peer) {
        let Peer { transport, remote, flow, .. } = peer;
        if turn.desk.flows.get(&(transport, remote)) == Some(&flow) {
            turn.desk.flows.remove(&(transport, remote));
        }
        self.registrar.flow_gone(turn, flow);
        self.line_cut(turn, peer);
        if !turn.desk.flows.contains_key(&(transport, remote)) {
            for (number, told) in self.transactions.wire_lost(turn, transport, remote) {
                self.lost(turn, number, told);
            }
        }
        self.reap();
    }

    /// A request of ours came to nothing.
    fn lost(&mut self, turn: &mut Turn<'_>, number: TransactionNo, told: Told) {
        let (owner, status) = match told {
            Told::Nothing | Told::Message(_) => return,
            Told::Timeout(owner) => (owner, 408),
            Told::WireLost(owner) => (owner, 503),
        };
        match owner {
            Owner::Trunk(trunk) => self.line_lost(turn, trunk, number, status),
            Owner::Invite(dialog) => {
                if self.goes_elsewhere(turn, number, dialog, status) {
                    return;
                }
                let reason = crate::sip::message::reason(status);
                self.branch_refused(turn, number, dialog, (status, reason), None);
            }
            Owner::Reinvite(dialog) | Owner::Update(dialog) => {
                self.reinvite_refused(turn, dialog, status, &Ability::default());
            }
            Owner::Refresh(dialog) => {
                self.not_refreshed(turn, dialog, status, &Ability::default());
            }
            Owner::Nobody | Owner::Prack(_) | Owner::Notify(_) | Owner::Bye(_) => (),
        }
    }

    /// Phones that are no longer in the configuration lose their bindings.
    pub(super) fn drop_phones(&mut self, turn: &mut Turn<'_>) {
        let settings = &turn.desk.settings;
        let is_gone = |phone: &PhoneNo| {
            let phone = settings.phones.get(phone.index()).and_then(Option::as_ref);
            phone.is_none_or(|it| it.password.is_none())
        };
        let gone: Vec<_> = self.registrar.bound().filter(is_gone).collect();
        for phone in gone {
            self.registrar.drop_phone(turn, phone);
        }
    }

    /// Forgets dialogs that are over, once nothing of ours lives in them.
    pub(super) fn reap(&mut self) {
        while let Some(number) = self.transactions.ended() {
            let Some(dialog) = self.dialogs.get_mut(number) else { continue };
            dialog.clients = dialog.clients.saturating_sub(1);
            self.forget(number);
        }
    }

    /// The dialog is over. It is forgotten now, or when our last transaction in it ends.
    pub(super) fn close(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if matches!(dialog.stage, Stage::Over) {
            return;
        }
        dialog.stage = Stage::Over;
        dialog.renewal = Renewal::Quiet;
        dialog.referral = None;
        self.live -= 1;
        if dialog.session.is_some() {
            turn.desk.dues.disarm(Due::Dialog(number, Wait::Refresh));
            turn.desk.dues.disarm(Due::Dialog(number, Wait::Expiry));
        }
        self.attempts.end(number);
        for wait in [
            Wait::Refusal,
            Wait::Ringing,
            Wait::Reminder,
            Wait::Answer,
            Wait::Ack,
            Wait::Glare,
            Wait::Elsewhere,
        ] {
            turn.desk.dues.disarm(Due::Dialog(number, wait));
        }
        self.forget(number);
    }

    fn forget(&mut self, number: DialogNo) {
        let is_done = |it: &Dialog| matches!(it.stage, Stage::Over) && it.clients == 0;
        if self.dialogs.get(number).is_some_and(is_done)
            && let Some(dialog) = self.dialogs.remove(number)
        {
            self.by_tag.remove(&dialog.tag);
            if let Hop::Phone(phone) = dialog.hop {
                self.by_phone.remove(&(phone, number));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.dialogs.is_empty()
            && self.by_tag.is_empty()
            && self.by_phone.is_empty()
            && self.transactions.is_empty()
            && self.attempts.is_empty()
    }

    /// Gives the dialog a number, if there is room.
    pub(super) fn open(&mut self, turn: &Turn<'_>, dialog: Dialog) -> Option<DialogNo> {
        if self.live >= turn.desk.settings.dialogs_max {
            return None;
        }
        let (tag, hop) = (dialog.tag, dialog.hop);
        let number = self.dialogs.insert(dialog).ok()?;
        if let Hop::Phone(phone) = hop {
            self.by_phone.insert((phone, number));
        }
        self.by_tag.insert(tag, number);
        self.live += 1;
        Some(number)
    }
}

/// Whether SDP is among what may answer it; without Accept it is (RFC 3261 20.1).
fn takes_sdp(request: &Request) -> bool {
    let takes = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim();
        [ours::SDP, "application/*", "*/*"].iter().any(|it| kind.eq_ignore_ascii_case(it))
    };
    !request.headers.has("Accept") || request.headers.list("Accept").any(takes)
}

/// 503: not now; not all of those who were told so shall come back at the same time.
pub(super) fn busy(turn: &mut Turn<'_>, request: &Request) -> Response {
    let seconds = 5 + turn.desk.tokens.below(6);
    request.answer(503).with("Retry-After", seconds.to_string())
}

/// Where the answers to `request` go: back over its connection; over UDP to where it came
/// from, at the port it asks for (RFC 3261 18.2.2), or its source if it asks that (RFC 3581).
fn way_back(request: &Request, peer: Peer) -> Result<Peer, Fault> {
    let via = request.headers.top_via()?;
    if peer.transport.is_stream() || via.rport().is_some() {
        return Ok(peer);
    }
    let remote = SocketAddr::new(peer.remote.ip(), via.port.unwrap_or(5060));
    Ok(Peer { remote, ..peer })
}
