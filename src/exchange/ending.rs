//! The end of legs and calls. Whoever ends, nothing of it is left.
//!
//! ```text
//! abandoned, failed ──► does the engine have it? ── yes ──► told so; finish follows as a fact
//!                                                 └─ no ──► finish
//! ```

use crate::{
    acd::input::{Input, Unqueued},
    base::numbers::{CallNo, LegNo},
    bridge::{call::Talk, sound::Closed},
    exchange::{
        call::{AtMenu, Call},
        fact::Fact,
        leg::{Leg, Role},
        reply,
        switch::{Exchange, Timer, Turn},
    },
    media::order::Report,
    sip::message::header::reason::Reason,
};

/// Ends the leg: its dialog if it stands, its sound if it was opened.
pub(super) fn hang_up(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, reason: Reason) {
    x.timers.disarm(Timer::Unheard(no));
    x.timers.disarm(Timer::Code(no));
    x.timers.disarm(Timer::Adrift(no));
    let Some(leg) = x.legs.get_mut(no) else { return };
    if let Some(dialog) = leg.dialog.take() {
        x.dialogs.remove(&dialog);
        // It fails only if the dialog is over, which is what we want.
        let _ = x.endpoint.end(turn.now, dialog, reason, &mut turn.out.sip);
    }
    // Whoever hangs up may dial again at once, though its sound takes a moment to close.
    x.ledger.end(no, x.plan.outgoing.hours.day(turn.now), turn.now);
    match x.sound.close(no, &mut turn.out.orders) {
        Closed::AtOnce { port } => {
            x.ports.unused(port);
            forget(x, turn, no, Report::default());
        }
        Closed::Soon | Closed::Already => (),
    }
}

/// The media have closed the leg, or never had it, if they were asked to.
pub(super) fn closed(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, report: Report) {
    if x.sound.closed(no) {
        forget(x, turn, no, report);
    }
}

/// The leg's sound is over too: nothing is left of it.
fn forget(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, report: Report) {
    if let Some(leg) = x.legs.remove(no) {
        let agent = matches!(leg.role, Role::Agent(..) | Role::SecondLine(..));
        x.tell(turn, Fact::LegClosed { leg: no, call: leg.call(), agent, report });
    }
}

/// Whether the engine has the call. It has released one that is outside, or hears why it cannot
/// be served.
pub(super) fn is_engines(call: &Call) -> bool {
    match call.bridge.talk {
        Talk::Waiting
        | Talk::Ringing { .. }
        | Talk::Two { .. }
        | Talk::Holding { .. }
        | Talk::Consulting { .. }
        | Talk::ExternallyTransferring { .. } => true,
        Talk::Outside { .. } | Talk::Announcing { .. } => false,
    }
}

/// The caller gave up or hung up. Its dialog is over.
pub(super) fn abandoned(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    x.forget_dialog(leg);
    let Some(known) = x.calls.get_mut(call) else { return };
    if is_engines(known) {
        x.raise(Input::CallerGone { call });
    } else if let Some(at_menu) = known.at_menu.take() {
        x.raise(never_queued(call, &at_menu, Unqueued::Abandoned));
    } else {
        finish(x, turn, call);
    }
}

/// A call ends that never came into a queue.
pub(super) fn never_queued(call: CallNo, at_menu: &AtMenu, how: Unqueued) -> Input {
    let (channel, arrived) = (at_menu.channel, at_menu.arrived);
    Input::NeverQueued { call, channel, arrived, how }
}

/// Ends a call that is not to go on, whatever it was doing.
pub(super) fn fail(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, reason: Reason) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.reason = reason;
    if is_engines(known) {
        x.raise(Input::CallFailed { call });
    } else if let Some(at_menu) = known.at_menu.take() {
        x.raise(never_queued(call, &at_menu, Unqueued::Failed));
    } else {
        finish(x, turn, call);
    }
}

/// The call is over: all sides end, and its number is free.
pub(super) fn finish(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(over) = x.calls.remove(call) else { return };
    if let Some(dialled) = over.dialled {
        let talk = dialled.since.map(|since| turn.now.since(since));
        x.tell(turn, Fact::DialEnded { call, talk });
    }
    x.timers.disarm(Timer::Call(call));
    if let Some(caller) = over.bridge.caller
        && x.legs.get(caller).is_some_and(Leg::is_owed)
    {
        reply::reject(x, turn, caller, (480, 31, ""));
    }
    for leg in over.bridge.legs() {
        hang_up(x, turn, leg, over.reason);
    }
    // A phone with two lines may still be in the other one's call.
    if let Some(phone) = over.by
        && !x.calls.iter().any(|(_, call)| call.by == Some(phone))
    {
        x.raise(Input::PhoneFree { phone });
    }
}
