//! The transaction user (RFC 3261 17): whom a transaction is for, what is told to it, what it sends.

use crate::{
    base::numbers::{DialogNo, TrunkNo},
    sip::{counts::Kind, wire::Peer},
};

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Owner {
    /// Nobody waits for what comes of it.
    Nobody,
    /// An INVITE that makes this dialog, ours or theirs.
    Invite(DialogNo),
    /// An INVITE within this dialog, ours or theirs.
    Reinvite(DialogNo),
    /// An UPDATE or PRACK with an offer within this dialog, ours or theirs.
    Update(DialogNo),
    /// Our UPDATE that refreshes this dialog's session.
    Refresh(DialogNo),
    /// Our PRACK.
    Prack(DialogNo),
    /// Our NOTIFY, of what came of their REFER.
    Notify(DialogNo),
    /// Our BYE.
    Bye(DialogNo),
    /// Our REGISTER or OPTIONS to a trunk's carrier.
    Trunk(TrunkNo),
}

/// What the owner is to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Indication {
    /// Nothing new: absorbed, answered, or sent again.
    Nothing,
    /// The message that just came.
    Message(Owner),
    /// Nobody answers.
    Timeout(Owner),
    /// There is no way.
    WireLost(Owner),
}

/// Our request, about to be sent.
#[derive(Debug)]
pub(in crate::sip) struct Request<'a> {
    pub(in crate::sip) peer: Peer,
    pub(in crate::sip) kind: Kind,
    pub(in crate::sip) owner: Owner,
    /// The token in its branch.
    pub(in crate::sip) branch: u64,
    pub(in crate::sip) bytes: &'a [u8],
}
