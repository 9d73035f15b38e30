//! One SIP side of a call: its dialog, and what was said about its sound.
//!
//! The dialog may be over before the sound is: a leg keeps its number until the media have told
//! what went over it. How far its sound has come is known by [`bridge`](crate::bridge::sound).

use crate::{
    base::numbers::{AgentNo, CallNo, DialogNo},
    media::order::Codec,
    sdp::negotiate::Ours,
};

/// A leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    /// Whose side it is.
    pub(super) role: Role,
    /// The dialog; `None` once it is over.
    pub(super) dialog: Option<DialogNo>,
    /// Whether the far side still waits for our answer to its INVITE.
    pub(super) reply: Reply,
    /// As what the sound goes, once agreed.
    pub(super) codec: Option<Codec>,
    /// What we have said about our side (RFC 3264 8).
    pub(super) ours: Ours,
}

/// Whose side a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The caller's.
    Caller(CallNo),
    /// An agent's.
    Agent(CallNo, AgentNo),
    /// An agent's, by whose phone it called somebody while it has that call.
    SecondLine(CallNo, AgentNo),
    /// An address outside that a call was sent to.
    Outside(CallNo),
    /// A phone that dialled a feature code: no call, and nothing to hear.
    Code,
}

/// What we owe the far side of an incoming leg. To our own INVITEs we owe nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// A final answer. Its offer is kept for that; `None`: it asks us to offer.
    Owed(Option<Box<[u8]>>),
    /// Nothing.
    Given,
}

impl Leg {
    /// The call it belongs to.
    pub(super) fn call(&self) -> Option<CallNo> {
        match self.role {
            Role::Caller(call)
            | Role::Agent(call, _)
            | Role::SecondLine(call, _)
            | Role::Outside(call) => Some(call),
            Role::Code => None,
        }
    }

    /// Whether its far side still waits for our answer to its INVITE.
    pub(super) fn is_owed(&self) -> bool {
        matches!(self.reply, Reply::Owed(_))
    }
}
