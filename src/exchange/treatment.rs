//! What a caller hears while nobody speaks with it: a greeting once, music until an agent is
//! there, and at worst an announcement of why it cannot be served.
//!
//! Nothing here is waited for: an agent's phone rings while the greeting plays, and whoever
//! answers cuts it short (DOMAIN.md 2.1).

use crate::{
    base::{
        numbers::{CallNo, QueueNo},
        time::Span,
    },
    bridge::step::Step,
    exchange::{
        call::Call,
        ending,
        leg::Leg,
        plan::{AnswerMode, Plan},
        reply,
        switch::{Exchange, Timer, Turn},
    },
    sip::message::header::reason::Reason,
};

/// An announcement that has not ended by then is taken for ended: longer ones nobody hears out.
const ANNOUNCEMENT_MAX: Span = Span::secs(60);

/// The engine has admitted the call: it waits in `queue`, and hears so.
pub(super) fn admit(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, queue: QueueNo) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.queue = Some(queue);
    begin(&x.plan, known, queue);
    let (caller, mode) = (known.bridge.caller, known.answer);
    x.touch(call);
    let Some(caller) = caller else { return };
    match mode {
        AnswerMode::Immediate => reply::answer(x, turn, caller, None),
        AnswerMode::EarlyMedia => {
            reply::early_media(x, turn, caller);
        }
        AnswerMode::WithAgent => reply::progress(x, turn, caller, 180, None),
    }
}

/// The caller is to hear the queue's greeting, then its music.
fn begin(plan: &Plan, call: &mut Call, queue: QueueNo) {
    let Some(treatment) = plan.treatment(queue) else { return };
    call.bridge.music = treatment.music;
    call.bridge.treatment = [treatment.greeting, treatment.music].into_iter().flatten().collect();
    // Without music the greeting is not to be heard again and again.
    call.bridge.loops = treatment.music.is_some();
}

/// The call waits in another queue. Its music follows, if it is another.
pub(super) fn moved(x: &mut Exchange, call: CallNo, to: QueueNo) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.queue = Some(to);
    let Some(music) = x.plan.treatment(to).and_then(|it| it.music) else { return };
    if known.bridge.music != Some(music) {
        known.bridge.music = Some(music);
        known.bridge.treatment = vec![music];
        known.bridge.loops = true;
        x.touch(call);
    }
}

/// The engine turned the call away: the caller is told so and is released.
pub(super) fn turn_away(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(known) = x.calls.get(call) else { return };
    let (caller, mode) = (known.bridge.caller, known.answer);
    let treatment = known.queue.and_then(|queue| x.plan.treatment(queue));
    let announcement = treatment.and_then(|treatment| treatment.announcement);
    let (Some(announcement), Some(caller)) = (announcement, caller) else {
        return busy(x, turn, call);
    };
    if x.legs.get(caller).is_some_and(Leg::is_owed) {
        match mode {
            AnswerMode::Immediate => reply::answer(x, turn, caller, None),
            // An announcement before the answer costs the caller nothing.
            AnswerMode::EarlyMedia | AnswerMode::WithAgent => {
                if !reply::early_media(x, turn, caller) {
                    return busy(x, turn, call);
                }
            }
        }
    }
    match x.step(call, Step::Announce(vec![announcement])) {
        Ok(left) => {
            for leg in left {
                ending::hang_up(x, turn, leg, Reason::Q850(19));
            }
            x.timers.arm(Timer::Call(call), turn.now + ANNOUNCEMENT_MAX);
        }
        Err(_) => busy(x, turn, call),
    }
}

/// The engine finds the line busy: 486 if nothing was answered yet; after that a caller can
/// only be told by voice.
pub(super) fn refuse(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let caller = x.calls.get(call).and_then(|call| call.bridge.caller);
    match caller.and_then(|caller| x.legs.get(caller)) {
        Some(leg) if !leg.is_owed() => turn_away(x, turn, call),
        Some(_) | None => busy(x, turn, call),
    }
}

/// The end of a call that could not be kept: 486 if nothing was answered yet, else BYE.
fn busy(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.reason = Reason::Q850(17);
    if let Some(caller) = known.bridge.caller
        && x.legs.get(caller).is_some_and(Leg::is_owed)
    {
        reply::reject(x, turn, caller, (486, 17, "All lines are busy"));
    }
    ending::finish(x, turn, call);
}

/// The announcement is over, and with it the call.
pub(super) fn said(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    busy(x, turn, call);
}
