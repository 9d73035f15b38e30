//! Numbers outside that an agent transfers its caller to, or consults first: a department's, say.
//!
//! ```text
//!  INVITE to the trunk ──► rings ─┬─ 200, to take ─────► ExternalTransferAnswered: caller ◄─► outside
//!                            │    ├─ 200, to consult ──► agent ◄─► outside
//!                            │    └─ refused, too late ─► the agent has its caller back
//!       the agent leaves: StartExternalTransfer
//!                            ▼
//!                  rings on ─┬─ 200 ──────► ExternalTransferAnswered
//!                            └─ refused ──► ExternalTransferFailed: first in its line again
//! ```
//!
//! As soon as someone outside has the caller, the engine releases the call: it was answered, and
//! ends so. What it costs stands in the ledger, and no call lasts longer than it may.
//!
//! Who is transferred is shown there as who they are, as one who is sent on; an agent who asks
//! there first shows our own number (T-3, [`identity`]).

use crate::{
    acd::consult::Stage,
    acd::input::Input,
    base::{
        masked::Masked,
        numbers::{CallNo, LegNo},
        time::Span,
    },
    bridge::{
        call::{Agent, Consultee, Talk},
        step::Step,
    },
    exchange::{
        agreement, calling, cause,
        dial::{self, Way, Who},
        ending,
        fact::Fact,
        identity,
        leg::Role,
        request::Refused,
        switch::{Exchange, Timer, Turn},
        talk,
    },
    sip::{
        message::header::reason::Reason,
        message::identity::Why,
        verb::{Invite, Target},
    },
};

/// How long a number outside may ring while a caller waits for it: people give up after a minute.
const RINGS: Span = Span::secs(60);

/// The number is called for the agent, over `second` if its phone made a call of its own for that.
pub(super) fn ring(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    call: CallNo,
    (agent, second): (Agent, Option<LegNo>),
    stage: Stage,
    way: &Way,
) -> Result<(), Refused> {
    let Some(known) = x.calls.get(call) else { return Err(Refused::Unknown(call.to_string())) };
    let (from, entry) = (&known.from, &known.entry);
    let ours = dial::ways(&x.plan, way);
    let ways = match stage {
        Stage::Transferring => identity::sent_on(&x.plan, ours, from, entry, Why::Deflection),
        Stage::Ringing | Stage::Talking | Stage::Conference => ours,
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
    let Some(leg) = calling::call_out(x, turn, Role::Outside(call), invite) else {
        return Err(Refused::NoPhone("all lines are busy".to_owned()));
    };
    x.ledger.begin(leg, Who::Transfer(agent.no), turn.now);
    x.timers.arm(Timer::Call(call), turn.now + RINGS);
    let number = Masked::new(way.number.clone());
    let fact = Fact::OutsideRung { call, leg, agent: agent.no, to: number.clone(), stage };
    x.tell(turn, fact);
    let with = Consultee::Outside { leg, number };
    talk::step(x, turn, call, Step::Call { second, with, stage }, Reason::Q850(16));
    Ok(())
}

/// Whether the leg goes to a number outside that a call's agent consults or transfers it to.
pub(super) fn is_external(x: &Exchange, call: CallNo, leg: LegNo) -> bool {
    x.calls.get(call).and_then(|it| it.bridge.outside()).is_some_and(|(it, _)| it == leg)
}

/// Someone answered there.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    sdp: Option<&[u8]>,
) {
    if !agreement::answered(x, turn, leg, sdp) {
        return lost(x, turn, leg, call, 488);
    }
    x.timers.arm(Timer::Call(call), turn.now + x.plan.outgoing.lasts_max);
    let Some(known) = x.calls.get(call) else { return };
    if let (Some(agent), Some((_, Stage::Ringing)), Some((_, number))) =
        (known.bridge.agent(), known.bridge.consultee(), known.bridge.outside())
    {
        let to = number.clone();
        x.tell(turn, Fact::OutsideConsulted { call, agent: agent.no, to });
        return talk::consulted(x, turn, call);
    }
    if take(x, turn, call).is_err() {
        lost(x, turn, leg, call, 500);
    }
}

/// Nobody took it there, or whoever did has gone before the caller was theirs.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo, status: u16) {
    let is_left = x
        .calls
        .get(call)
        .is_some_and(|it| matches!(it.bridge.talk, Talk::ExternallyTransferring { .. }));
    if is_left {
        ending::hang_up(x, turn, leg, Reason::Q850(cause::of_end(status)));
        talk::outside_lost(x, turn, call, leg);
        return x.raise(Input::ExternalTransferFailed { call });
    }
    // What concerns us and the trunk alone is no answer to a phone.
    let status = match status {
        401 | 407 | 408 | 494 => 503,
        status => status,
    };
    talk::released(x, turn, call, status);
}

/// It has rung, or the two have talked, long enough.
pub(super) fn late(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let outside = x.calls.get(call).and_then(|it| it.bridge.outside()).map(|(leg, _)| leg);
    if let Some(leg) = outside {
        lost(x, turn, leg, call, 480);
    }
}

/// The agent hangs up on a caller for whom a number outside rings or talks. Says whether it is so.
pub(super) fn agent_left(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> bool {
    let Some(known) = x.calls.get(call) else { return false };
    let (Some(agent), Some((Consultee::Outside { .. }, stage))) =
        (known.bridge.agent(), known.bridge.consultee())
    else {
        return false;
    };
    if !stage.has_answered() {
        x.raise(Input::StartExternalTransfer { call, agent: agent.no });
        return true;
    }
    take(x, turn, call).is_ok()
}

/// The agent's phone has failed. Says whether someone outside has the caller now; one whose phone
/// only rings there is not waited for.
pub(super) fn inherits(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> bool {
    let Some(known) = x.calls.get(call) else { return false };
    let Some((&Consultee::Outside { leg, .. }, stage)) = known.bridge.consultee() else {
        return false;
    };
    if stage.has_answered() {
        return take(x, turn, call).is_ok();
    }
    lost(x, turn, leg, call, 480);
    false
}

/// The engine releases the call: someone outside has it.
pub(super) fn take(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) -> Result<(), Refused> {
    talk::decide(x, turn, call, "complete", Input::ExternalTransferAnswered { call })?;
    if let Some(known) = x.calls.get_mut(call) {
        known.is_taken_over = true;
    }
    Ok(())
}

/// The engine has released the call. Says whether that was because someone outside has it: then
/// the two are joined.
pub(super) fn taken(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> bool {
    let Some(call) = x.calls.get_mut(no).filter(|it| it.is_taken_over) else { return false };
    call.is_taken_over = false;
    let caller = call.bridge.caller;
    let outside = call.bridge.outside().map(|(leg, number)| (leg, number.clone()));
    let (Some(agent), Some((leg, to))) = (call.bridge.transferor(), outside) else { return false };
    talk::tell_referrer(x, turn, no, 200);
    let day = x.plan.outgoing.hours.day(turn.now);
    x.ledger.pass_on(leg, day, turn.now);
    x.tell(turn, Fact::TransferredOutside { call: no, agent, to });
    talk::step(x, turn, no, Step::OutsideTookOver, Reason::Q850(16));
    // The caller may have gone in this very turn, and the engine not have heard of it any more.
    let is_here = caller.and_then(|leg| x.legs.get(leg)).is_some_and(|it| it.dialog.is_some());
    if !is_here {
        ending::finish(x, turn, no);
    }
    true
}

/// The engine has released the agent, and the number outside rings on for the caller.
pub(super) fn rings_on(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    talk::tell_referrer(x, turn, no, 200);
    talk::step(x, turn, no, Step::AgentLeft, Reason::Q850(16));
}

/// The engine has the caller wait again.
pub(super) fn failed(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    talk::step(x, turn, no, Step::ExternalTransferFailed, Reason::Q850(16));
}
