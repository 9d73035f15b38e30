//! One call, from its INVITE to its end: who calls, by which number, and for which queue.
//!
//! Who takes part and how they talk is its [`bridge`](crate::bridge::call). While that is
//! `Outside` or `Announcing` the engine has released the call or has not heard of it yet, and the
//! caller is here.

use crate::{
    acd::input::Channel,
    base::{
        masked::Masked,
        numbers::{DialogNo, LanguageNo, PhoneNo, QueueNo},
        time::{Span, Timestamp},
    },
    bridge,
    exchange::{identity::Entry, plan::AnswerMode},
    sip::message::header::reason::Reason,
    treatment::course::Course,
};

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Who takes part, and how they talk.
    pub(super) bridge: bridge::call::Call,
    /// Who calls, as the agent's phone shows it; empty if anonymous.
    pub(super) from: Masked,
    /// By which number it came in, and whom it was for before.
    pub(super) entry: Entry,
    /// When the caller is answered.
    pub(super) answer: AnswerMode,
    /// The queue it is for, is in, or was last in; `None`: it is at a menu, or for none.
    pub(super) queue: Option<QueueNo>,
    /// The language that the caller hears.
    pub(super) language: LanguageNo,
    /// Where the caller is before it comes into a queue; the engine has not heard of it then.
    pub(super) at_menu: Option<AtMenu>,
    /// What the far sides are told when it ends.
    pub(super) reason: Reason,
    /// The phone of ours it came from: whoever sits there is offered nothing meanwhile.
    pub(super) by: Option<PhoneNo>,
    /// It was last said that the caller is held.
    pub(super) is_held: bool,
    /// What is remembered of it if a phone of ours made it to somebody outside.
    pub(super) dialled: Option<Dialled>,
    /// Somebody outside has it, as soon as the engine says that it has released it.
    pub(super) is_taken_over: bool,
    /// Who asked by REFER for what goes on now.
    pub(super) referral: Option<Referral>,
}

/// A caller at a menu, and how it is to come into a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AtMenu {
    /// Its way through the menus.
    pub(super) course: Course,
    /// How the figures call the entry.
    pub(super) channel: Channel,
    /// When its INVITE came: its place, in whatever queue it comes.
    pub(super) arrived: Timestamp,
}

/// What is remembered of a call that a phone of ours made to somebody outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialled {
    /// How long it may last.
    pub(super) lasts_max: Option<Span>,
    /// Since when the two talk.
    pub(super) since: Option<Timestamp>,
}

/// A REFER whose sender wants to be told what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Referral {
    /// The dialog it came in.
    pub(super) dialog: DialogNo,
    /// Who that was, in its own words (RFC 3892).
    pub(super) referred_by: Option<String>,
}
