//! What the machine remembers, and how anything is answered.
//!
//! Each room adds what it does as an `impl Core` of its own; which of them an input is for, the
//! `dispatch` says.

use crate::{
    base::numbers::{DialogNo, PhoneNo},
    sip::{
        auth::authenticator::{Authenticator, Identity},
        bucket::Bucket,
        counts::Kind,
        due::{Due, TransactionNo, Wait},
        message::{Request, Response, method::Method},
        registrar::bindings::Registrar,
        transaction::{table::Transactions, user::Owner},
        trunk::{Trunks, attempts::Attempts},
        turn::{Shared, Turn},
        ua::dialog::Dialog,
        ua::dialogs::Dialogs,
        wire::Peer,
    },
};

/// Transactions, dialogs and bindings.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) transactions: Transactions,
    pub(super) dialogs: Dialogs,
    pub(super) registrar: Registrar,
    pub(super) authenticator: Authenticator,
    /// New calls by trunks.
    pub(super) calls: Bucket,
    pub(super) trunks: Trunks,
    pub(super) attempts: Attempts,
    /// Room for the key of the request at hand.
    pub(super) key: String,
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
    pub(super) fn new(shared: &mut Shared, secret: [u8; 32]) -> Self {
        Self {
            transactions: Transactions::new(),
            dialogs: Dialogs::new(),
            registrar: Registrar::default(),
            authenticator: Authenticator::new(&shared.settings, secret),
            calls: Bucket::default(),
            trunks: Trunks::new(shared),
            attempts: Attempts::default(),
            key: String::new(),
        }
    }

    /// Answers without a transaction.
    pub(super) fn say(turn: &mut Turn<'_>, back: Peer, kind: Kind, response: Response) {
        turn.shared.counts.response(response.status, "out", kind);
        let response = turn.complete(response);
        let mut bytes = vec![];
        response.write(&mut bytes);
        turn.send(back, &bytes);
    }

    /// The phone that this request proves to be from. `None`: it is answered, or ignored.
    pub(super) fn identify(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
    ) -> Option<PhoneNo> {
        let Self { authenticator, registrar, .. } = self;
        let peer = incoming.peer;
        let is_bound = |phone| registrar.is_bound_at(phone, peer);
        match authenticator.identify(turn, incoming.request, peer, is_bound) {
            Identity::Proved(phone) => Some(phone),
            Identity::Challenged(response) => {
                Self::answer_at_once(turn, incoming, *response);
                None
            }
            Identity::Ignored => None,
        }
    }

    /// Refuses with that status.
    pub(super) fn refuse(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>, status: u16) {
        self.answer(turn, incoming, incoming.request.answer(status));
    }

    /// Answers and forgets (RFC 3261 8.2.7): the same request would get the same answer again,
    /// and whoever sends a flood of them fills no table of ours.
    pub(super) fn answer_at_once(turn: &mut Turn<'_>, incoming: &Incoming<'_>, response: Response) {
        let tag = format!("{:016x}", turn.shared.tokens.of(incoming.key));
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

    /// Forgets dialogs that are over, once nothing of ours lives in them.
    pub(super) fn reap(&mut self) {
        while let Some(number) = self.transactions.ended() {
            self.dialogs.transaction_ended(number);
        }
    }

    /// The dialog is over. It is forgotten now, or when our last transaction in it ends.
    pub(super) fn close(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.end(number) else { return };
        if dialog.timer().agreed().is_some() {
            turn.shared.dues.disarm(Due::Dialog(number, Wait::Refresh));
            turn.shared.dues.disarm(Due::Dialog(number, Wait::Expiry));
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
            turn.shared.dues.disarm(Due::Dialog(number, wait));
        }
        self.dialogs.forget(number);
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.dialogs.is_empty() && self.transactions.is_empty() && self.attempts.is_empty()
    }

    /// Gives the dialog a number, if there is room.
    pub(super) fn open(&mut self, turn: &Turn<'_>, dialog: Dialog) -> Option<DialogNo> {
        self.dialogs.open(dialog, turn.shared.settings.dialogs_max)
    }
}

/// 503: not now; not all of those who were told so shall come back at the same time.
pub(super) fn busy(turn: &mut Turn<'_>, request: &Request) -> Response {
    let seconds = 5 + turn.shared.tokens.below(6);
    request.answer(503).with("Retry-After", seconds.to_string())
}
