//! Numbers outside that an agent passes its caller on to, or speaks with first: a department's, say.
//!
//! ```text
//!  INVITE to the trunk ──► rings ─┬─ 200, to take ──────► ExternalTransferAnswered: caller ◄─► outside
//!                            │    ├─ 200, to speak ─────► on the side, see consult
//!                            │    └─ refused, too late ─► the agent has its caller back
//!       the agent leaves: StartExternalTransfer
//!                            ▼
//!                  rings on ─┬─ 200 ──────► ExternalTransferAnswered
//!                            └─ refused ──► ExternalTransferFailed: first in its line again
//! ```
//!
//! As soon as someone outside has the caller, the engine lets go of the call: it was answered,
//! and ends so. What it costs stands in the ledger, and no call lasts longer than it may.
//!
//! Who is passed on is shown there as who they are, as one who is sent on; an agent who asks
//! there first shows our own number (T-3, [`identity`]).

use crate::{
    acd::input::Input,
    base::{
        masked::Masked,
        numbers::{CallNo, LegNo},
        time::Span,
    },
    exchange::{
        call::{Aside, Call, Side, Stage},
        caller, cause, consult,
        dial::{self, Way, Who},
        fact::Fact,
        hold, identity,
        leg::{self, Leg, Role},
        phone,
        request::Refused,
        sound,
        switch::{Exchange, Timer, Turn},
        transfer, treatment,
    },
    sip::{
        message::{header::reason::Reason, identity::Why},
        verb::{Invite, Target},
    },
};

/// How long a number outside may ring while a caller waits for it.
const RINGS: Span = Span::secs(60);

/// The number is called for the call.
pub(super) fn ring(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    call: CallNo,
    aside: Aside,
    way: &Way,
) -> Result<(), Refused> {
    let Some(known) = x.calls.get(call) else { return Err(Refused::Unknown(call.to_string())) };
    let Call { from, entry, .. } = known;
    let ours = dial::ways(&x.plan, way);
    let ways = match aside.side {
        Side::RingsToTake => identity::sent_on(&x.plan, ours, from, entry, Why::Deflection),
        Side::RingsToSpeak | Side::Speaks { .. } | Side::All | Side::Takes => ours,
    };
    let invite = Invite {
        target: Target::Trunks(ways),
        from_user: String::new(),
        from_display: String::new(),
        sdp: None,
        // Who of us asks for it (RFC 3892) is nobody's business out there.
        headers: vec![],
        hops: entry.hops,
    };
    let agent = aside.by;
    let Some(leg) = phone::call_out(x, turn, Role::Outside(call), invite) else {
        return Err(Refused::NoPhone("all lines are busy".to_owned()));
    };
    x.ledger.begin(leg, Who::Transfer(agent), turn.now);
    x.timers.arm(Timer::Call(call), turn.now + RINGS);
    let to = Masked::new(way.number.clone());
    let fact = Fact::OutsideRung { call, leg, agent, to: to.clone() };
    x.tell(turn, fact);
    let aside = Aside { leg: Some(leg), outside: Some(to), ..aside };
    transfer::put_aside(x, turn, call, aside);
    Ok(())
}

/// Whether the leg goes to a number outside that is on its call's side, or is yet to take it.
pub(super) fn is_aside(x: &Exchange, call: CallNo, leg: LegNo) -> bool {
    x.calls.get(call).is_some_and(|it| it.aside_leg() == Some(leg) && it.outside().is_some())
}

/// Someone answered there.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    sdp: Option<&[u8]>,
) {
    if !sound::answered(x, turn, leg, sdp) {
        return lost(x, turn, leg, call, 488);
    }
    x.timers.arm(Timer::Call(call), turn.now + x.plan.outgoing.lasts_max);
    let Some(known) = x.calls.get(call) else { return };
    if known.side() == Some(Side::RingsToSpeak)
        && let Some(Aside { by, outside: Some(to), .. }) = known.aside.clone()
    {
        x.tell(turn, Fact::OutsideConsulted { call, agent: by, to });
        return consult::stands(x, turn, call);
    }
    if take(x, turn, call).is_err() {
        lost(x, turn, leg, call, 500);
    }
}

/// Nobody took it there, or whoever did has gone before the caller was theirs.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo, status: u16) {
    if let Some(Stage::Sent { .. }) = x.calls.get(call).map(|it| it.stage) {
        gone(x, turn, leg, call, Reason::Q850(cause::of_end(status)));
        return x.raise(Input::ExternalTransferFailed { call });
    }
    // What concerns us and the trunk alone is no answer to a phone.
    let status = match status {
        401 | 407 | 408 | 494 => 503,
        status => status,
    };
    consult::over(x, turn, call, status);
}

/// The leg to the number outside is of no use any more.
pub(super) fn gone(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    because: Reason,
) {
    x.timers.disarm(Timer::Call(call));
    leg::hang_up(x, turn, leg, because);
    x.tell(turn, Fact::OutsideLost { call, leg });
}

/// It has rung, or the two have spoken, long enough.
pub(super) fn late(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    if let Some(leg) = x.calls.get(call).and_then(Call::aside_leg) {
        lost(x, turn, leg, call, 480);
    }
}

/// The agent hangs up on a caller for whom a number outside rings or speaks. Says whether it is so.
pub(super) fn left(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> bool {
    let Some(known) = x.calls.get(call).filter(|it| it.outside().is_some()) else { return false };
    let Some(aside) = &known.aside else { return false };
    if !aside.side.has_answered() {
        x.raise(Input::StartExternalTransfer { call, agent: aside.by });
        return true;
    }
    take(x, turn, call).is_ok()
}

/// The agent's phone has failed. Says whether someone outside has the caller now; one whose phone
/// only rings there is not waited for.
pub(super) fn inherits(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> bool {
    let Some(known) = x.calls.get(call).filter(|it| it.outside().is_some()) else { return false };
    match (known.side(), known.aside_leg()) {
        (Some(side), _) if side.has_answered() => take(x, turn, call).is_ok(),
        (_, Some(leg)) => {
            lost(x, turn, leg, call, 480);
            false
        }
        (_, None) => false,
    }
}

/// The engine lets go of the call: someone outside has it.
pub(super) fn take(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> Result<(), Refused> {
    transfer::decide(x, turn, call, "complete", Input::ExternalTransferAnswered { call })?;
    if let Some(aside) = x.calls.get_mut(call).and_then(|it| it.aside.as_mut()) {
        aside.side = Side::Takes;
    }
    Ok(())
}

/// Whether the engine has just let go of a call that someone outside takes.
pub(super) fn takes(x: &Exchange, call: CallNo) -> bool {
    x.calls.get(call).and_then(Call::side) == Some(Side::Takes)
}

/// The engine has let go of the call: the two are joined.
pub(super) fn taken(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let caller = call.caller;
    let main = match call.stage {
        Stage::Talking { leg } => Some(leg),
        Stage::Waiting
        | Stage::Ringing { .. }
        | Stage::Sent { .. }
        | Stage::Forwarded { .. }
        | Stage::Sorry => None,
    };
    let Some(aside) = call.aside.take() else { return };
    let Some(leg) = aside.leg else { return };
    // From here on it is nobody's agent's to hold.
    call.stage = Stage::Forwarded { leg };
    transfer::tell_referrer(x, turn, Some(&aside), 200);
    hold::over(x, turn, no, Stage::Forwarded { leg });
    let day = x.plan.outgoing.hours.day(turn.now);
    x.ledger.pass_on(leg, day, turn.now);
    if let Some(to) = aside.outside {
        x.tell(turn, Fact::PassedOutside { call: no, agent: aside.by, to });
    }
    for leg in [main, aside.own].into_iter().flatten() {
        leg::hang_up(x, turn, leg, Reason::Q850(16));
    }
    // The caller may have gone in this very turn, and the engine not have heard of it any more.
    if matches!(x.legs.get(caller), Some(Leg { dialog: Some(_), .. })) {
        sound::join(x, turn, caller, leg);
        hold::settle(x, turn, no);
    } else {
        caller::finish(x, turn, no);
    }
}

/// The engine has let the agent go, and the number outside rings on for the caller.
pub(super) fn rings_on(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Stage::Talking { leg: main } = call.stage else { return };
    let Some(aside) = &mut call.aside else { return };
    let Some(leg) = aside.leg else { return };
    aside.side = Side::RingsToTake;
    let own = aside.own.take();
    let told = aside.clone();
    aside.referrer = None;
    let (caller, hears_music) = (call.caller, call.between.is_held());
    transfer::tell_referrer(x, turn, Some(&told), 200);
    hold::over(x, turn, no, Stage::Sent { leg });
    if !hears_music {
        treatment::music(x, turn, no, caller);
    }
    for leg in [Some(main), own].into_iter().flatten() {
        leg::hang_up(x, turn, leg, Reason::Q850(16));
    }
}

/// The engine has the caller wait again.
pub(super) fn came_back(x: &mut Exchange, no: CallNo) {
    if let Some(call) = x.calls.get_mut(no) {
        call.aside = None;
        call.stage = Stage::Waiting;
    }
}
