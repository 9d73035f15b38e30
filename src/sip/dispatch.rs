//! Which room an input is for.
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
    base::numbers::PhoneNo,
    sip::{
        core::{Core, Incoming, busy},
        counts::{Kind, label},
        due::{Due, TransactionNo, Wait},
        message::{
            Message, Request, Response,
            ability::Ability,
            headers::Fault,
            method::Method,
            read::{Flaw, Limits, Unreadable, read},
        },
        token,
        transaction::{
            key::{key, key_of_cancelled},
            user::{Indication, Owner},
        },
        turn::Turn,
        wire::Peer,
    },
};
use std::net::SocketAddr;

impl Core {
    /// Bytes came.
    pub(super) fn arrival(&mut self, turn: &mut Turn<'_>, peer: Peer, bytes: &[u8]) {
        if peer.transport.is_stream() {
            turn.shared.flows.insert((peer.transport, peer.remote), peer.flow);
        }
        let limits = Limits { message: turn.shared.settings.message_max, ..Limits::default() };
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
        let indication = self.transactions.response(turn, number, response.status, to, tag);
        if let Indication::Message(owner) = indication {
            if self.is_asked_again(turn, number, owner, response, asked.as_ref()) {
                return;
            }
            match owner {
                Owner::Trunk(trunk) => self.trunk_answered(turn, trunk, number, response, asked),
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
            let indication = self.transactions.received_again(turn, number, is_ack);
            if indication != Indication::Nothing {
                self.ack(turn, &request);
            }
            return Ok(());
        }
        if request.method == Method::ACK {
            self.ack(turn, &request);
            return Ok(());
        }

        let own = self.dialogs.of_request(&request);
        let kind = match own.and_then(|number| self.dialogs.get(number)) {
            Some(dialog) => dialog.kind(),
            None => self.kind_of(turn, peer),
        };
        turn.shared.counts.request(label(&request.method), "in", kind);
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
        let max = turn.shared.settings.transactions_max;
        match (is_own, kind) {
            _ if *method == Method::CANCEL => max + self.dialogs.live(),
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

    /// Time has passed.
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        while let Some(due) = turn.shared.dues.pop_due(turn.now) {
            match due {
                Due::Transaction(number, timer) => {
                    let indication = self.transactions.due(turn, number, timer);
                    self.lost(turn, number, indication);
                }
                Due::Dialog(number, wait) => match wait {
                    Wait::Refusal => self.nowhere(turn, number),
                    Wait::Silence => self.patience_over(turn, number),
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
                Due::Trunk(trunk) => self.trunk_due(turn, trunk),
            }
        }
        self.reap();
    }

    /// A connection is gone.
    pub(super) fn flow_gone(&mut self, turn: &mut Turn<'_>, peer: Peer) {
        let Peer { transport, remote, flow, .. } = peer;
        if turn.shared.flows.get(&(transport, remote)) == Some(&flow) {
            turn.shared.flows.remove(&(transport, remote));
        }
        self.registrar.flow_gone(turn, flow);
        self.trunk_cut(turn, peer);
        if !turn.shared.flows.contains_key(&(transport, remote)) {
            for (number, indication) in self.transactions.wire_lost(turn, transport, remote) {
                self.lost(turn, number, indication);
            }
        }
        self.reap();
    }

    /// A request of ours came to nothing.
    fn lost(&mut self, turn: &mut Turn<'_>, number: TransactionNo, indication: Indication) {
        let (owner, status) = match indication {
            Indication::Nothing | Indication::Message(_) => return,
            Indication::Timeout(owner) => (owner, 408),
            Indication::WireLost(owner) => (owner, 503),
        };
        match owner {
            Owner::Trunk(trunk) => self.trunk_lost(turn, trunk, number, status),
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
        let settings = &turn.shared.settings;
        let is_gone = |phone: &PhoneNo| {
            let phone = settings.phones.get(phone.index()).and_then(Option::as_ref);
            phone.is_none_or(|it| it.password.is_none())
        };
        let gone: Vec<_> = self.registrar.bound().filter(is_gone).collect();
        for phone in gone {
            self.registrar.drop_phone(turn, phone);
        }
    }
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
