//! What the SIP machine tells: that which needs a person or a plan.
//!
//! What the RFC settles is settled by the machine and stands not here.

use std::fmt;

use crate::{
    base::{
        masked::Masked,
        numbers::{DialogNo, PhoneNo, TrunkNo},
    },
    sip::{
        binding::Binding,
        message::{header::reason::Reason, identity::History, info::Press, uri::Uri},
        wire::Peer,
    },
};

/// What needs a person or a plan.
#[derive(Clone, Debug)]
pub enum Event {
    /// An INVITE for a new dialog. `100` is sent. Answer by [`Endpoint::respond`](crate::sip::endpoint::Endpoint::respond).
    Invited(Box<Invited>),
    /// The caller gave up before a final answer; CANCEL is answered and 487 sent.
    Cancelled {
        /// Which.
        dialog: DialogNo,
        /// Why, if they say so (RFC 3326).
        reason: Option<Reason>,
    },
    /// The ACK to our 2xx is here: the dialog stands. Or, before that, the PRACK to a reliable
    /// provisional response of ours that carried the offer.
    Acked {
        /// Which.
        dialog: DialogNo,
        /// The answer, if we made the offer.
        sdp: Option<Vec<u8>>,
    },
    /// No ACK came in 64*T1 (RFC 3261 13.3.1.4); BYE is sent.
    NeverAcked {
        /// Which.
        dialog: DialogNo,
    },
    /// Our INVITE goes out by that trunk now.
    Routed {
        /// Which.
        dialog: DialogNo,
        /// By which.
        trunk: TrunkNo,
    },
    /// A provisional answer to our INVITE. 100 says only that somebody is there.
    Progressed {
        /// Which.
        dialog: DialogNo,
        /// 100, 180, 183 …
        status: u16,
        /// Early media's answer, if any.
        sdp: Option<Vec<u8>>,
    },
    /// 2xx to our INVITE. ACK is sent; other branches of a fork are cancelled or ended.
    Answered {
        /// Which.
        dialog: DialogNo,
        /// The answer (or the offer, if our INVITE had none).
        sdp: Option<Vec<u8>>,
    },
    /// Our INVITE came to nothing: a final answer of 300 or more, timer B (408), no way (503),
    /// no binding (480), or our own CANCEL (487). For a fork: the best of all (RFC 3261 16.7).
    Rejected {
        /// Which.
        dialog: DialogNo,
        /// The status.
        status: u16,
        /// Its reason phrase.
        reason: String,
        /// The cause of Q.850 behind it, if they name one (RFC 6432).
        cause: Option<u8>,
    },
    /// A re-INVITE, UPDATE or PRACK with an offer (or none: then we must offer), in a dialog that
    /// stands or is about to. Answer by
    /// [`Endpoint::respond_within`](crate::sip::endpoint::Endpoint::respond_within).
    Reoffered {
        /// Which.
        dialog: DialogNo,
        /// The offer, if there is one.
        sdp: Option<Vec<u8>>,
    },
    /// The answer to our re-INVITE: 2xx with its SDP, or a refusal that changes nothing.
    Reanswered {
        /// Which.
        dialog: DialogNo,
        /// The status.
        status: u16,
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// The far side sent BYE (answered).
    HungUp {
        /// Which.
        dialog: DialogNo,
        /// Why, if they say so (RFC 3326).
        reason: Option<Reason>,
    },
    /// The session is to be refreshed by us, and the far side knows no UPDATE: offer once more
    /// what was agreed, by [`Endpoint::reinvite`](crate::sip::endpoint::Endpoint::reinvite).
    RefreshDue {
        /// Which.
        dialog: DialogNo,
    },
    /// The far side does not know the dialog any more, or is not there (481, 408 in dialog; RFC
    /// 3261 12.2.1.2), or has not refreshed the session in time (RFC 4028 10). It is over.
    Lost {
        /// Which.
        dialog: DialogNo,
    },
    /// A REFER in a standing dialog: the far side wants its call to go elsewhere. Answer by
    /// [`Endpoint::respond_to_refer`](crate::sip::endpoint::Endpoint::respond_to_refer).
    Referred(Box<Referred>),
    /// A trunk can be used: its carrier knows us, or answers.
    TrunkUp {
        /// Which.
        trunk: TrunkNo,
    },
    /// A trunk can no longer be used, or could not from the start.
    TrunkDown {
        /// Which.
        trunk: TrunkNo,
        /// Why.
        why: Trouble,
    },
    /// A key was pressed at the far side, which told of it by INFO.
    Pressed {
        /// Which.
        dialog: DialogNo,
        /// The key.
        press: Press,
    },
    /// A phone's bindings are these from now on.
    Bound {
        /// Whose.
        phone: PhoneNo,
        /// All of them.
        bindings: Vec<Binding>,
    },
    /// A phone can be reached: its first binding came.
    PhoneUp {
        /// Whose.
        phone: PhoneNo,
    },
    /// A phone can no longer be reached: its last binding lapsed, was withdrawn, or its
    /// connection broke.
    PhoneDown {
        /// Whose.
        phone: PhoneNo,
    },
}

/// Why a trunk cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// None of its addresses is known.
    Nowhere,
    /// Nobody answers there.
    Silent,
    /// The connection broke.
    Cut,
    /// The password is wrong, or none is configured.
    Password,
    /// It refuses us with that status.
    Refused(u16),
    /// We have withdrawn.
    Left,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("no address of it is known (see trunk.proxy)"),
            Self::Silent => f.write_str("it does not answer (see trunk.proxy)"),
            Self::Cut => f.write_str("the connection broke"),
            Self::Password => f.write_str("user or password are wrong (see trunk.user, password)"),
            Self::Refused(status) => write!(f, "it refuses us with {status}"),
            Self::Left => f.write_str("we have withdrawn"),
        }
    }
}

/// A new INVITE.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Its dialog from now on.
    pub dialog: DialogNo,
    /// Who sent it.
    pub origin: Origin,
    /// By which way.
    pub peer: Peer,
    /// User part of the Request-URI, unescaped.
    pub request_user: String,
    /// User part of To.
    pub to_user: String,
    /// User part of P-Called-Party-ID, if there.
    pub called_party: Option<String>,
    /// User part of From and its display name.
    pub from_user: Masked,
    /// Display name in From, unquoted.
    pub from_display: Masked,
    /// User part (or tel number) of P-Asserted-Identity, if there.
    pub asserted: Option<Masked>,
    /// Privacy asks for `id`, `user`, `header` or `full`, or From is anonymous.
    pub anonymous: bool,
    /// Whom it was for before it was sent on to us (RFC 5806, RFC 7044).
    pub history: History,
    /// How many hops it may yet take (Max-Forwards, of which we are one), if it says so.
    pub hops: Option<u8>,
    /// The Call-ID, for logs.
    pub call_id: String,
    /// The offer, if there is one.
    pub sdp: Option<Vec<u8>>,
    /// The dialog whose place this one is to take (RFC 3891), if it is to take one.
    pub replaces: Option<DialogNo>,
}

/// A REFER.
#[derive(Clone, Debug)]
pub struct Referred {
    /// In which dialog it came.
    pub dialog: DialogNo,
    /// Where the call is to go.
    pub to: Uri,
    /// The dialog of ours with whose far side it is to be joined (RFC 3891), if one is named.
    pub replaces: Option<DialogNo>,
    /// Who wants it (RFC 3892), as they say it.
    pub referred_by: Option<String>,
}

/// Who an INVITE is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A carrier: its address is allowed, and nothing says it is a phone.
    Trunk(TrunkNo),
    /// A phone: it came from a registered binding, or From names it and the digest was right.
    Phone(PhoneNo),
}
