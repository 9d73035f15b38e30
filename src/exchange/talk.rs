//! What all changes of a call's talk have in common: the engine is asked, a step is taken, whoever
//! has left by it is hung up, and whoever asked by REFER is told.

use crate::{
    acd::consult::Stage,
    acd::input::Input,
    base::numbers::{CallNo, LegNo},
    bridge::{
        call::{Agent, Consultee, Talk},
        step::Step,
    },
    exchange::{
        call::Call,
        cause, ending,
        fact::Fact,
        leg::Leg,
        refusal, reply,
        request::Refused,
        switch::{Exchange, Timer, Turn},
    },
    sip::message::header::reason::Reason,
};

/// Takes the step and hangs up whoever has left by it. Says whether the step made sense.
pub(super) fn step(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    call: CallNo,
    step: Step,
    reason: Reason,
) -> bool {
    let Ok(left) = x.step(call, step) else { return false };
    for leg in left {
        ending::hang_up(x, turn, leg, reason);
    }
    true
}

/// The agent who talks with the caller, or holds it, and with nobody else.
pub(super) fn holder(x: &Exchange, no: CallNo, asked: &str) -> Result<Agent, Refused> {
    let call = known(x, no)?;
    match &call.bridge.talk {
        Talk::Two { agent } | Talk::Holding { agent } => Ok(*agent),
        Talk::Announcing { .. }
        | Talk::Waiting
        | Talk::Ringing { .. }
        | Talk::Consulting { .. }
        | Talk::ExternallyTransferring { .. }
        | Talk::Outside { .. } => Err(Refused::impossible(x.word(call), asked)),
    }
}

/// The agent whose caller it is, and the consultee, if there is one.
pub(super) fn consulting<'a>(
    x: &'a Exchange,
    no: CallNo,
    asked: &str,
) -> Result<(Agent, &'a Consultee, Stage), Refused> {
    let call = known(x, no)?;
    match (call.bridge.agent(), call.bridge.consultee()) {
        (Some(agent), Some((with, stage))) => Ok((agent, with, stage)),
        _ => Err(Refused::impossible(x.word(call), asked)),
    }
}

fn known(x: &Exchange, no: CallNo) -> Result<&Call, Refused> {
    x.calls.get(no).ok_or_else(|| Refused::Unknown(no.to_string()))
}

/// The engine is told, and its refusal is worded.
pub(super) fn decide(
    x: &mut Exchange,
    turn: &Turn<'_>,
    no: CallNo,
    asked: &str,
    input: Input,
) -> Result<(), Refused> {
    let heard = x.decide(turn.now, input).map(|_| ()).map_err(|refusal| refusal.stood);
    heard.map_err(|stood| refusal::refused_of_call(x, no, asked, stood))
}

/// The consultee has answered, and is to talk with the agent.
pub(super) fn consulted(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    if !step(x, turn, no, Step::Consulted, Reason::Q850(16)) {
        return;
    }
    let Some(call) = x.calls.get(no) else { return };
    let far = call.bridge.consultee().and_then(|(with, _)| with.leg());
    let like = far.and_then(|leg| x.legs.get(leg)).and_then(|leg| leg.codec);
    if let Some(second) = call.bridge.second() {
        reply::answer(x, turn, second, like);
    }
}

/// The consultee is released, or could not be had: the agent has its caller back.
pub(super) fn released(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, status: u16) {
    let Some(call) = x.calls.get(no) else { return };
    let outside = call.bridge.outside().map(|(leg, _)| leg);
    if let Some(second) = call.bridge.second()
        && x.legs.get(second).is_some_and(Leg::is_owed)
    {
        reply::reject(x, turn, second, (status, cause::of_status(status), ""));
    }
    if !step(x, turn, no, Step::Released, Reason::Q850(cause::of_end(status))) {
        return;
    }
    if let Some(leg) = outside {
        outside_lost(x, turn, no, leg);
    }
    tell_referrer(x, turn, no, status);
}

/// The leg to a number outside is of no use any more.
pub(super) fn outside_lost(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, leg: LegNo) {
    x.timers.disarm(Timer::Call(call));
    x.tell(turn, Fact::OutsideLost { call, leg });
}

/// Whoever asked by REFER is told what came of it.
pub(super) fn tell_referrer(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, status: u16) {
    let Some(referral) = x.calls.get_mut(no).and_then(|it| it.referral.take()) else { return };
    // It fails if the phone has hung up already: then nobody wants to know.
    let _ = x.endpoint.tell_referrer(turn.now, referral.dialog, status, &mut turn.out.sip);
}
