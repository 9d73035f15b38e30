//! One SIP side of a call: its dialog, its port, and how far its sound has come.
//!
//! ```text
//!           Order::Open           Order::Close           Notice::Closed
//! Lent ───────────────────► Open ───────────────► Closing ─────────────► gone
//!   └── never opened: the port goes back at once
//! ```
//!
//! The dialog may be over before the sound is. A leg keeps its number until the media have
//! told what went over it.

use crate::{
    base::numbers::{AgentNo, CallNo, DialogNo, LegNo},
    exchange::{
        fact::Fact,
        switch::{Exchange, Timer, Turn},
    },
    media::order::{Codec, Order, Report, Stream},
    sdp::negotiate::Ours,
    sip::message::header::reason::Reason,
};

/// A leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    /// Whose side it is.
    pub(super) role: Role,
    /// The dialog; `None` once it is over.
    pub(super) dialog: Option<DialogNo>,
    /// Our RTP port.
    pub(super) port: u16,
    /// How far the sound has come.
    pub(super) sound: Sound,
    /// Whether the far side still waits for our answer to its INVITE.
    pub(super) reply: Reply,
    /// As what the sound goes, once agreed.
    pub(super) codec: Option<Codec>,
    /// How the media were last told that it goes.
    pub(super) stream: Option<Stream>,
    /// What we have said about our side (RFC 3264 8).
    pub(super) ours: Ours,
    /// The far side has put us on hold.
    pub(super) held: bool,
}

/// Whose side a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The caller's.
    Caller(CallNo),
    /// An agent's.
    Agent(CallNo, AgentNo),
    /// An agent's, by whose phone it called somebody while it has that call.
    Aside(CallNo, AgentNo),
    /// An address outside that a call was sent to.
    Outside(CallNo),
    /// A phone that dialled a feature code: no call, and nothing to hear.
    Code,
}

/// How far a leg's sound has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// A port is lent, and the media know nothing yet.
    Lent,
    /// The media have opened it.
    Open,
    /// The media have been asked to close it.
    Closing,
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
            | Role::Aside(call, _)
            | Role::Outside(call) => Some(call),
            Role::Code => None,
        }
    }
}

/// Ends the leg: its dialog if it stands, its sound if it was opened.
pub(super) fn hang_up(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, because: Reason) {
    x.timers.disarm(Timer::Unheard(no));
    x.timers.disarm(Timer::Code(no));
    x.timers.disarm(Timer::Adrift(no));
    let Some(leg) = x.legs.get_mut(no) else { return };
    if let Some(dialog) = leg.dialog.take() {
        x.dialogs.remove(&dialog);
        // It fails only if the dialog is over, which is what we want.
        let _ = x.endpoint.end(turn.now, dialog, because, &mut turn.out.sip);
    }
    // Whoever hangs up may dial again at once, though its sound takes a moment to close.
    x.ledger.end(no, x.plan.outgoing.hours.day(turn.now), turn.now);
    match leg.sound {
        Sound::Lent => {
            x.ports.unused(leg.port);
            closed(x, turn, no, Report::default());
        }
        Sound::Open => {
            leg.sound = Sound::Closing;
            turn.out.orders.push(Order::Close { leg: no });
        }
        Sound::Closing => (),
    }
}

/// The leg's dialog is over by itself.
pub(super) fn forget_dialog(x: &mut Exchange, no: LegNo) {
    if let Some(dialog) = x.legs.get_mut(no).and_then(|leg| leg.dialog.take()) {
        x.dialogs.remove(&dialog);
    }
}

/// Whether the media have been asked to close the leg.
pub(super) fn is_closing(x: &Exchange, no: LegNo) -> bool {
    x.legs.get(no).is_some_and(|leg| leg.sound == Sound::Closing)
}

/// The leg's sound is over too: nothing is left of it.
pub(super) fn closed(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, report: Report) {
    if let Some(leg) = x.legs.remove(no) {
        let agent = matches!(leg.role, Role::Agent(..) | Role::Aside(..));
        x.tell(turn, Fact::LegClosed { leg: no, call: leg.call(), agent, report });
    }
}
