//! Calls that overflow to an address outside: rung there while the caller hears music, then joined.
//!
//! The engine has let go of such a call; from here on it lives in the exchange alone.

use crate::{
    base::numbers::{CallNo, LegNo},
    exchange::{
        call::Stage,
        caller, dialled,
        leg::{self, Role},
        phone, sound,
        switch::{Exchange, Timer, Turn},
        treatment,
    },
    sip::endpoint::{Because, Invite, Target},
};

/// Calls the address. The caller hears on what it heard, or begins to if it came straight here.
pub(super) fn forward(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: u32) {
    let Some(known) = x.calls.get(call) else { return };
    let (caller, queue, from) = (known.caller, known.queue, known.from.clone());
    let outside = usize::try_from(to).ok().and_then(|to| x.plan.outside.get(to)).cloned();
    let Some(outside) = outside else { return treatment::turn_away(x, turn, call) };

    let fresh = x.legs.get(caller).is_some_and(|leg| leg.codec.is_none());
    if fresh {
        caller::let_in(x, turn, call, queue);
    }
    let from_user = if from.is_empty() { "anonymous" } else { from.unmask() };
    let invite = Invite {
        target: Target::Uri {
            uri: outside.uri,
            transport: outside.transport,
            remote: outside.remote,
        },
        from_user: from_user.to_owned(),
        from_display: String::new(),
        sdp: None,
        // A foreign number may be shown on a forwarded call only (T-3).
        headers: vec![("Diversion".into(), diversion(x))],
    };
    match phone::call_out(x, turn, Role::Outside(call), invite) {
        Some(leg) => {
            if let Some(known) = x.calls.get_mut(call) {
                known.stage = Stage::Forwarded { leg };
            }
            x.timers.arm(Timer::Call(call), turn.now + outside.ring);
        }
        None => treatment::turn_away(x, turn, call),
    }
}

fn diversion(x: &Exchange) -> String {
    format!("<sip:{}>;reason=unavailable", x.plan.sip.realm)
}

/// The address answered: both are joined.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    sdp: Option<&[u8]>,
) {
    if !sound::answered(x, turn, leg, sdp) {
        if dialled::is_dialled(x, call) {
            return dialled::refused(x, turn, call, 488, Some(65));
        }
        return lost(x, turn, leg, call);
    }
    x.timers.disarm(Timer::Call(call));
    let Some(caller) = x.calls.get(call).map(|call| call.caller) else { return };
    let like = x.legs.get(leg).and_then(|leg| leg.codec);
    caller::answer(x, turn, caller, like);
    sound::join(x, turn, caller, leg);
}

/// Nobody took the call there: the caller is told that we are sorry.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    x.timers.disarm(Timer::Call(call));
    leg::hang_up(x, turn, leg, Because::Q850(19));
    treatment::turn_away(x, turn, call);
}
