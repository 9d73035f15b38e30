//! What the SIP machine is asked to do: to call someone, or to answer. Why it may refuse.

use std::net::SocketAddr;

use crate::{
    base::numbers::{PhoneNo, TrunkNo},
    sip::wire::Transport,
};

/// A call out.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Who is called.
    pub target: Target,
    /// User part of From (and of our Contact).
    pub from_user: String,
    /// Display name in From: queue and caller, for the phone's screen.
    pub from_display: String,
    /// Our offer; `None` asks the far side to offer.
    pub sdp: Option<Vec<u8>>,
    /// Header lines to add, name and value: `Alert-Info`, `Call-Info`, `Diversion`.
    pub headers: Vec<(String, String)>,
    /// How many hops it may take: what a call that is sent on has left of them (RFC 7332), so
    /// that none goes round for ever. `None`: as many as any call of ours.
    pub hops: Option<u8>,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All bindings of a registered phone, at once; the first to answer has it.
    Phone(PhoneNo),
    /// A number outside, by the first of these trunks that takes the call.
    Trunks(Vec<By>),
    /// A fixed address.
    Uri {
        /// As the Request-URI will be.
        uri: String,
        /// Where it is sent.
        transport: Transport,
        /// Where it is sent.
        remote: SocketAddr,
    },
}

/// A trunk to call out by, and what is said on it. `Invite::from_user` means nothing then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Which.
    pub trunk: TrunkNo,
    /// The number, as its carrier wants it written.
    pub user: String,
    /// Our own number, or whom we call for, as its carrier wants it written.
    pub from_user: String,
    /// Whether From says nothing (RFC 3323 4.1.1.3).
    pub is_anonymous: bool,
    /// Header lines to add, name and value.
    pub headers: Vec<(String, String)>,
}

/// An answer to an INVITE or re-INVITE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Respond {
    /// 180 … 699.
    pub status: u16,
    /// Reason phrase; empty: the RFC's.
    pub reason: String,
    /// The answer (or, to an INVITE without one, our offer).
    pub sdp: Option<Vec<u8>>,
    /// Header lines to add.
    pub headers: Vec<(String, String)>,
}

/// A verb that makes no sense where the dialog stands, or that met a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such dialog (any more).
    NoDialog,
    /// The dialog is not at the point where that can be done.
    WrongState,
    /// As many dialogs or transactions as may be.
    Full,
}
