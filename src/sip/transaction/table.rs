//! All transactions that live, with their bytes, keys and timers.
//!
//! The machines say what is to be done; here it is done. Ours are found by the token in the
//! branch we made up, theirs by the [key](super::key) of the request. Nothing is ever scanned.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use crate::{
    base::{
        arena::{Arena, Number as _},
        numbers::DialogNo,
        time::Span,
    },
    sip::{
        counts::Kind,
        due::{Due, TransactionNo},
        message::{
            self, Message,
            header::reason::Reason,
            read::{Limits, read},
        },
        timer::{Timer, Wire},
        transaction::{
            derive::{Derived, derive},
            invite_client, invite_server, large,
            one::{Ack, Branch, Cancel, Input, Instead, Machine, Transaction},
            other_client, other_server,
            step::Do,
            user::{Indication, Owner, Request},
        },
        turn::Turn,
        wire::{Peer, Transport},
    },
};

/// All transactions that live.
#[derive(Debug)]
pub(in crate::sip) struct Transactions {
    places: Arena<TransactionNo, Transaction>,
    theirs: BTreeMap<Box<str>, TransactionNo>,
    ours: BTreeMap<Branch, TransactionNo>,
    /// Those over streams, so that a broken connection finds its own.
    streams: BTreeSet<(Transport, SocketAddr, TransactionNo)>,
    /// Their INVITEs by what stays the same when they are forked on the way and come twice.
    merging: BTreeMap<Box<str>, TransactionNo>,
    /// Dialogs that lost one of our transactions since they were last [asked](Self::ended).
    ended: Vec<DialogNo>,
}

impl Transactions {
    pub(in crate::sip) fn new() -> Self {
        Self {
            places: Arena::new(usize::MAX),
            theirs: BTreeMap::new(),
            ours: BTreeMap::new(),
            streams: BTreeSet::new(),
            merging: BTreeMap::new(),
            ended: vec![],
        }
    }

    /// How many live.
    pub(in crate::sip) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing is left, in any of the tables.
    #[cfg(test)]
    pub(in crate::sip) fn is_empty(&self) -> bool {
        self.places.is_empty()
            && self.theirs.is_empty()
            && self.ours.is_empty()
            && self.streams.is_empty()
            && self.merging.is_empty()
    }

    /// Takes the next dialog that lost one of our transactions.
    pub(in crate::sip) fn ended(&mut self) -> Option<DialogNo> {
        self.ended.pop()
    }

    /// What the transaction is for.
    pub(in crate::sip) fn owner(&self, number: TransactionNo) -> Owner {
        self.places.get(number).map_or(Owner::Nobody, |it| it.owner)
    }

    /// Where its messages go.
    pub(in crate::sip) fn peer(&self, number: TransactionNo) -> Option<Peer> {
        self.places.get(number).map(|it| it.peer)
    }

    /// Its far side has moved from one address to another: what is sent from here on goes there. Over a
    /// connection a transaction ends with it instead.
    pub(in crate::sip) fn redirect(&mut self, number: TransactionNo, from: Peer, to: Peer) {
        if let Some(it) = self.places.get_mut(number).filter(|it| it.peer == from)
            && !from.transport.is_stream()
            && !to.transport.is_stream()
        {
            it.peer = to;
        }
    }

    /// Our request of that transaction as it was sent, and where to.
    pub(in crate::sip) fn request_of(
        &self,
        number: TransactionNo,
    ) -> Option<(Peer, message::Request)> {
        let it = self.places.get(number)?;
        match read(&it.bytes, it.peer.transport, &Limits::default()) {
            Ok(Message::Request(request)) => Some((it.peer, request)),
            Ok(Message::Response(_)) | Err(_) => None,
        }
    }

    /// Whether an INVITE came already that is the same by another way (RFC 3261 8.2.2.2).
    pub(in crate::sip) fn is_merged(&self, merge: &str) -> bool {
        self.merging.contains_key(merge)
    }

    /// Lets their INVITE be known as `merge`.
    pub(in crate::sip) fn mark(&mut self, number: TransactionNo, name: &str) {
        if let Some(Transaction { machine: Machine::InviteServer { merge, .. }, .. }) =
            self.places.get_mut(number)
        {
            *merge = name.into();
            self.merging.insert(name.into(), number);
        }
    }

    /// Their transaction of that key.
    pub(in crate::sip) fn find_theirs(&self, key: &str) -> Option<TransactionNo> {
        self.theirs.get(key).copied()
    }

    /// Our transaction of that branch.
    pub(in crate::sip) fn find_ours(&self, branch: u64, is_cancel: bool) -> Option<TransactionNo> {
        self.ours.get(&(branch, is_cancel)).copied()
    }

    /// Sends our INVITE.
    pub(in crate::sip) fn invite(
        &mut self,
        turn: &mut Turn<'_>,
        request: &Request<'_>,
    ) -> TransactionNo {
        let branch = request.branch;
        let machine = Machine::InviteClient {
            state: invite_client::State::Calling,
            branch,
            cancel: Cancel::No,
            acks: vec![],
        };
        let number = self.open_ours(turn, request, machine);
        self.ours.insert((branch, false), number);
        self.feed(turn, number, Input::InviteClient(invite_client::Input::Begin), "");
        number
    }

    /// Sends any other request of ours but ACK.
    pub(in crate::sip) fn request(
        &mut self,
        turn: &mut Turn<'_>,
        request: &Request<'_>,
    ) -> TransactionNo {
        self.request_on(turn, request, (request.branch, false))
    }

    fn request_on(
        &mut self,
        turn: &mut Turn<'_>,
        request: &Request<'_>,
        branch: Branch,
    ) -> TransactionNo {
        let machine = Machine::OtherClient { state: other_client::State::Trying, branch };
        let number = self.open_ours(turn, request, machine);
        self.ours.insert(branch, number);
        self.feed(turn, number, Input::OtherClient(other_client::Input::Begin), "");
        number
    }

    /// Knows their request from now on.
    pub(in crate::sip) fn receive(
        &mut self,
        turn: &mut Turn<'_>,
        key: &str,
        is_invite: bool,
        peer: Peer,
        kind: Kind,
        owner: Owner,
    ) -> TransactionNo {
        let boxed: Box<str> = key.into();
        let machine = if is_invite {
            Machine::InviteServer {
                state: invite_server::State::Proceeding,
                key: boxed.clone(),
                merge: Box::default(),
            }
        } else {
            Machine::OtherServer { state: other_server::State::Trying, key: boxed.clone() }
        };
        let request = Request { peer, kind, owner, branch: 0, bytes: &[] };
        let number = self.open(&request, machine);
        self.theirs.insert(boxed, number);
        if !is_invite {
            self.feed(turn, number, Input::OtherServer(other_server::Input::Begin), "");
        }
        number
    }

    /// Their request came again, or the ACK to our final answer.
    pub(in crate::sip) fn received_again(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        is_ack: bool,
    ) -> Indication {
        let input = match self.places.get(number).map(|it| &it.machine) {
            Some(Machine::InviteServer { .. }) if is_ack => {
                Input::InviteServer(invite_server::Input::Ack)
            }
            Some(Machine::InviteServer { .. }) => {
                Input::InviteServer(invite_server::Input::Request)
            }
            _ => Input::OtherServer(other_server::Input::Request),
        };
        self.feed(turn, number, input, "")
    }

    /// Whether their request still waits for its final answer.
    pub(in crate::sip) fn is_unanswered(&self, number: TransactionNo) -> bool {
        matches!(
            self.places.get(number).map(|it| &it.machine),
            Some(
                Machine::InviteServer { state: invite_server::State::Proceeding, .. }
                    | Machine::OtherServer { state: other_server::State::Trying, .. }
            )
        )
    }

    /// Answers their request with `bytes`.
    pub(in crate::sip) fn respond(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        status: u16,
        bytes: &[u8],
    ) {
        if !self.is_unanswered(number) {
            return;
        }
        let Some(it) = self.places.get_mut(number) else { return };
        it.bytes = bytes.into();
        it.sent = 0;
        let kind = it.kind;
        let input = match (&it.machine, status) {
            (Machine::InviteServer { .. }, 100..200) => {
                Input::InviteServer(invite_server::Input::Provisional)
            }
            (Machine::InviteServer { .. }, 200..300) => {
                Input::InviteServer(invite_server::Input::Success)
            }
            (Machine::InviteServer { .. }, _) => Input::InviteServer(invite_server::Input::Failure),
            _ => Input::OtherServer(other_server::Input::Final),
        };
        turn.shared.counts.response(status, "out", kind);
        self.feed(turn, number, input, "");
    }

    /// Sends our 2xx to their INVITE again (RFC 3261 13.3.1.4), or the last provisional response.
    pub(in crate::sip) fn respond_again(&mut self, turn: &mut Turn<'_>, number: TransactionNo) {
        let input = match self.places.get(number).map(|it| &it.machine) {
            Some(Machine::InviteServer { state: invite_server::State::Accepted, .. }) => {
                invite_server::Input::Success
            }
            _ => invite_server::Input::Provisional,
        };
        self.feed(turn, number, Input::InviteServer(input), "");
    }

    /// A response to our request came. `to` is the value of its To, `tag` the tag in it.
    pub(in crate::sip) fn response(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        status: u16,
        to: &str,
        tag: &str,
    ) -> Indication {
        let Some(it) = self.places.get_mut(number) else { return Indication::Nothing };
        turn.shared.counts.response(status, "in", it.kind);
        let input = match (&it.machine, status) {
            (Machine::InviteClient { acks, .. }, 200..300) => {
                if let Some(ack) = acks.iter().find(|ack| *ack.tag == *tag) {
                    turn.shared.counts.retransmissions += 1;
                    turn.send(ack.peer, &ack.bytes);
                    return Indication::Nothing;
                }
                Input::InviteClient(invite_client::Input::Success)
            }
            (Machine::InviteClient { .. }, 100..200) => {
                Input::InviteClient(invite_client::Input::Provisional)
            }
            (Machine::InviteClient { .. }, _) => Input::InviteClient(invite_client::Input::Failure),
            (_, 100..200) => Input::OtherClient(other_client::Input::Provisional),
            _ => Input::OtherClient(other_client::Input::Final),
        };
        let indication = self.feed(turn, number, input, to);
        if let Some(Transaction {
            machine:
                Machine::InviteClient {
                    state: invite_client::State::Proceeding,
                    cancel: Cancel::Held(reason),
                    ..
                },
            ..
        }) = self.places.get(number)
        {
            let reason = *reason;
            self.send_cancel(turn, number, reason);
        }
        indication
    }

    /// Sends the ACK to a 2xx, and again whenever that 2xx comes again.
    pub(in crate::sip) fn acknowledge(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        tag: &str,
        peer: Peer,
        ack: &[u8],
    ) {
        turn.send(peer, ack);
        let Some(it) = self.places.get_mut(number) else { return };
        turn.shared.counts.request("ACK", "out", it.kind);
        if let Machine::InviteClient { acks, .. } = &mut it.machine {
            acks.push(Ack { tag: tag.into(), peer, bytes: ack.into() });
            // The INVITE itself will not be needed again.
            it.bytes = Box::default();
        }
    }

    /// Cancels our INVITE: at once if it rings, else with the first provisional response. If
    /// it is decided already, nothing (RFC 3261 9.1).
    pub(in crate::sip) fn cancel(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        reason: Reason,
    ) {
        let Some(it) = self.places.get_mut(number) else { return };
        let Machine::InviteClient { state, cancel, .. } = &mut it.machine else { return };
        match (state, &cancel) {
            (invite_client::State::Calling, Cancel::No) => *cancel = Cancel::Held(reason),
            (invite_client::State::Proceeding, Cancel::No) => {
                self.send_cancel(turn, number, reason);
            }
            _ => (),
        }
    }

    /// Whether anything at all has come back to our INVITE.
    pub(in crate::sip) fn has_spoken(&self, number: TransactionNo) -> bool {
        self.places.get(number).is_some_and(|it| {
            let Machine::InviteClient { state, .. } = &it.machine else { return false };
            *state != invite_client::State::Calling
        })
    }

    /// Gives our INVITE another 64*T1, then up: nobody rings a phone by a re-INVITE.
    pub(in crate::sip) fn hurry(&mut self, turn: &mut Turn<'_>, number: TransactionNo) {
        self.feed(turn, number, Input::InviteClient(invite_client::Input::Abandon), "");
    }

    fn send_cancel(&mut self, turn: &mut Turn<'_>, number: TransactionNo, reason: Reason) {
        let Some(it) = self.places.get_mut(number) else { return };
        let Machine::InviteClient { cancel, branch, .. } = &mut it.machine else { return };
        *cancel = Cancel::Sent;
        let branch = (*branch, true);
        let bytes = derive(&it.bytes, Derived::Cancel { reason: &reason.value() });
        turn.shared.counts.request("CANCEL", "out", it.kind);
        let request = Request {
            peer: it.peer,
            kind: it.kind,
            owner: Owner::Nobody,
            branch: branch.0,
            bytes: &bytes,
        };
        self.request_on(turn, &request, branch);
        self.feed(turn, number, Input::InviteClient(invite_client::Input::Abandon), "");
    }

    /// A timer fires.
    pub(in crate::sip) fn due(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        timer: Timer,
    ) -> Indication {
        let input = match self.places.get(number).map(|it| &it.machine) {
            Some(Machine::InviteClient { .. }) => {
                Input::InviteClient(invite_client::Input::Due(timer))
            }
            Some(Machine::InviteServer { .. }) => {
                Input::InviteServer(invite_server::Input::Due(timer))
            }
            Some(Machine::OtherClient { .. }) => {
                Input::OtherClient(other_client::Input::Due(timer))
            }
            Some(Machine::OtherServer { .. }) => {
                Input::OtherServer(other_server::Input::Due(timer))
            }
            None => return Indication::Nothing,
        };
        self.feed(turn, number, input, "")
    }

    /// The way to `remote` broke. What that means is told one by one, until `None`.
    pub(in crate::sip) fn wire_lost(
        &mut self,
        turn: &mut Turn<'_>,
        transport: Transport,
        remote: SocketAddr,
    ) -> Vec<(TransactionNo, Indication)> {
        let (first, last) = (TransactionNo::new(0, 0), TransactionNo::new(u32::MAX, u32::MAX));
        let all = (transport, remote, first)..=(transport, remote, last);
        let numbers: Vec<_> = self.streams.range(all).map(|&(_, _, number)| number).collect();
        let mut indication = vec![];
        for number in numbers {
            if self.goes_by_datagram(turn, number) {
                continue;
            }
            let input = match self.places.get(number).map(|it| &it.machine) {
                Some(Machine::InviteClient { .. }) => {
                    Input::InviteClient(invite_client::Input::WireLost)
                }
                Some(Machine::OtherClient { .. }) => {
                    Input::OtherClient(other_client::Input::WireLost)
                }
                // A response finds another connection, or none; the request is not lost by that.
                _ => continue,
            };
            indication.push((number, self.feed(turn, number, input, "")));
        }
        indication
    }

    /// Ours, by a stream if it is too large for a datagram.
    fn open_ours(
        &mut self,
        turn: &Turn<'_>,
        request: &Request<'_>,
        machine: Machine,
    ) -> TransactionNo {
        let Some((peer, bytes)) = large::streamed(turn, request) else {
            return self.open(request, machine);
        };
        let number = self.open(&Request { peer, bytes: &bytes, ..*request }, machine);
        if let Some(it) = self.places.get_mut(number) {
            let (peer, bytes) = (request.peer, request.bytes.into());
            it.instead = Some(Box::new(Instead { peer, bytes }));
        }
        number
    }

    /// A request that no connection could be had for goes by datagram after all, if it was only
    /// too large for one (RFC 3261 18.1.1).
    fn goes_by_datagram(&mut self, turn: &mut Turn<'_>, number: TransactionNo) -> bool {
        let Some(it) = self.places.get_mut(number) else { return false };
        let begin = match &it.machine {
            Machine::InviteClient { state: invite_client::State::Calling, .. } => {
                Input::InviteClient(invite_client::Input::Begin)
            }
            Machine::OtherClient { state: other_client::State::Trying, .. } => {
                Input::OtherClient(other_client::Input::Begin)
            }
            Machine::InviteClient { .. }
            | Machine::OtherClient { .. }
            | Machine::InviteServer { .. }
            | Machine::OtherServer { .. } => return false,
        };
        let Some(instead) = it.instead.take() else { return false };
        self.streams.remove(&(it.peer.transport, it.peer.remote, number));
        large::refused(turn, it.peer.remote);
        it.peer = instead.peer;
        it.bytes = instead.bytes;
        it.sent = 0;
        self.feed(turn, number, begin, "");
        true
    }

    fn open(&mut self, request: &Request<'_>, machine: Machine) -> TransactionNo {
        let transaction = Transaction {
            machine,
            peer: request.peer,
            kind: request.kind,
            owner: request.owner,
            sent: 0,
            bytes: request.bytes.into(),
            instead: None,
        };
        let number = self.places.insert(transaction).expect("limits are kept by whoever opens");
        if request.peer.transport.is_stream() {
            self.streams.insert((request.peer.transport, request.peer.remote, number));
        }
        number
    }

    /// One input to one machine, and all that follows. `to` is the To of a response that came.
    fn feed(
        &mut self,
        turn: &mut Turn<'_>,
        number: TransactionNo,
        input: Input,
        to: &str,
    ) -> Indication {
        let mut indication = Indication::Nothing;
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Some(it) = self.places.get_mut(number) else { break };
            let Some((todo, is_over)) = it.machine.step(input) else { break };
            for &todo in todo {
                match todo {
                    Do::Send => it.send(turn),
                    Do::Ack => {
                        let ack = derive(&it.bytes, Derived::Ack { to });
                        turn.send(it.peer, &ack);
                        turn.shared.counts.request("ACK", "out", it.kind);
                    }
                    Do::Tell => indication = Indication::Message(it.owner),
                    Do::TellTimeout => {
                        turn.shared.counts.timeouts += 1;
                        indication = Indication::Timeout(it.owner);
                    }
                    Do::TellWireLost => indication = Indication::WireLost(it.owner),
                    Do::Arm(timer) => match turn.shared.times().span(timer, it.sent, it.wire()) {
                        None => (),
                        // Over a stream nothing comes late: what would linger ends at once.
                        Some(Span::ZERO) => next = Some(it.machine.due(timer)),
                        Some(span) => turn.arm(Due::Transaction(number, timer), span),
                    },
                    Do::ArmT2(timer) => {
                        if it.wire() == Wire::Unreliable {
                            let span = turn.shared.settings.t2;
                            turn.arm(Due::Transaction(number, timer), span);
                        }
                    }
                    Do::Disarm(timer) => {
                        turn.shared.dues.disarm(Due::Transaction(number, timer));
                    }
                }
            }
            if is_over {
                self.close(turn, number);
            }
        }
        indication
    }

    fn close(&mut self, turn: &mut Turn<'_>, number: TransactionNo) {
        let Some(it) = self.places.remove(number) else { return };
        for &timer in it.machine.timers() {
            turn.shared.dues.disarm(Due::Transaction(number, timer));
        }
        if it.peer.transport.is_stream() {
            self.streams.remove(&(it.peer.transport, it.peer.remote, number));
        }
        match it.machine {
            Machine::InviteClient { branch, .. } => {
                self.ours.remove(&(branch, false));
            }
            Machine::OtherClient { branch, .. } => {
                self.ours.remove(&branch);
            }
            Machine::InviteServer { key, merge, .. } => {
                self.theirs.remove(&key);
                self.merging.remove(&merge);
                return;
            }
            Machine::OtherServer { key, .. } => {
                self.theirs.remove(&key);
                return;
            }
        }
        match it.owner {
            Owner::Nobody | Owner::Trunk(_) => (),
            Owner::Invite(dialog)
            | Owner::Reinvite(dialog)
            | Owner::Update(dialog)
            | Owner::Refresh(dialog)
            | Owner::Prack(dialog)
            | Owner::Notify(dialog)
            | Owner::Bye(dialog) => self.ended.push(dialog),
        }
    }
}
