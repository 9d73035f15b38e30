//! What a caller hears while nobody speaks: a greeting once, music until an agent is there, and at
//! worst that we are sorry.
//!
//! Nothing here is waited for: an agent's phone rings while the greeting plays, and whoever
//! answers cuts it short (DOMAIN.md 2.1).

use crate::{
    base::{
        numbers::{CallNo, LegNo, QueueNo, SoundNo},
        time::Span,
    },
    exchange::{
        call::Stage,
        caller,
        leg::{Leg, Reply},
        plan::AnswerMode,
        switch::{Exchange, Timer, Turn},
    },
    media::order::Order,
    sip::message::header::reason::Reason,
};

/// An announcement that has not ended by then is taken for ended.
const SORRY_MAX: Span = Span::secs(60);

/// The caller hears the queue's greeting, then its music.
pub(super) fn begin(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some((caller, greeting, music)) = heard(x, call) else { return };
    let sounds: Vec<_> = [greeting, music].into_iter().flatten().collect();
    play(turn, caller, sounds, music.is_some());
}

/// The caller hears the queue's music: it waits again, or its agent holds the line.
pub(super) fn music(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, leg: LegNo) {
    let Some((_, _, Some(music))) = heard(x, call) else {
        turn.out.orders.push(Order::Part { leg });
        return;
    };
    play(turn, leg, vec![music], true);
}

/// The call waits in another queue. Its music follows, if it is another.
pub(super) fn moved(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: QueueNo) {
    let before = heard(x, call);
    if let Some(known) = x.calls.get_mut(call) {
        known.queue = to;
    }
    let Some((caller, _, Some(music))) = heard(x, call) else { return };
    let with_sound = x.legs.get(caller).is_some_and(|leg| leg.codec.is_some());
    if with_sound && before.is_none_or(|(_, _, old)| old != Some(music)) {
        play(turn, caller, vec![music], true);
    }
}

/// The engine turned the call away: the caller is told so and is let go.
pub(super) fn turn_away(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(known) = x.calls.get(call) else { return };
    let (caller, mode) = (known.caller, known.answer);
    let sorry = x.plan.treatment(known.queue).and_then(|treatment| treatment.sorry);
    let owed = matches!(x.legs.get(caller), Some(Leg { reply: Reply::Owed(_), .. }));
    let Some(sorry) = sorry else {
        return busy(x, turn, call);
    };
    if owed {
        match mode {
            AnswerMode::Immediate => caller::answer(x, turn, caller, None),
            // An announcement before the answer costs the caller nothing.
            AnswerMode::EarlyMedia | AnswerMode::WithAgent => {
                if !caller::early_media(x, turn, caller) {
                    return busy(x, turn, call);
                }
            }
        }
    }
    if let Some(known) = x.calls.get_mut(call) {
        known.stage = Stage::Sorry;
    }
    play(turn, caller, vec![sorry], false);
    x.timers.arm(Timer::Call(call), turn.now + SORRY_MAX);
}

/// The engine finds the line busy: 486 if nothing was answered yet; after that a caller can
/// only be told by voice.
pub(super) fn refuse(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let caller = x.calls.get(call).map(|call| call.caller);
    match caller.and_then(|caller| x.legs.get(caller)).map(|leg| &leg.reply) {
        Some(Reply::Given) => turn_away(x, turn, call),
        Some(Reply::Owed(_)) | None => busy(x, turn, call),
    }
}

/// The end of a call that could not be kept: 486 if nothing was answered yet, else BYE.
fn busy(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.because = Reason::Q850(17);
    let caller = known.caller;
    let owed = matches!(x.legs.get(caller), Some(Leg { reply: Reply::Owed(_), .. }));
    if owed {
        caller::reject(x, turn, caller, (486, 17, "All lines are busy"));
    }
    caller::finish(x, turn, call);
}

/// The announcement is over, and with it the call.
pub(super) fn said(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(known) = x.calls.get(call) else { return };
    if known.stage == Stage::Sorry {
        busy(x, turn, call);
    }
}

/// The caller's leg with the greeting and music of its queue.
fn heard(x: &Exchange, call: CallNo) -> Option<(LegNo, Option<SoundNo>, Option<SoundNo>)> {
    let known = x.calls.get(call)?;
    let treatment = x.plan.treatment(known.queue)?;
    Some((known.caller, treatment.greeting, treatment.music))
}

fn play(turn: &mut Turn<'_>, leg: LegNo, sounds: Vec<SoundNo>, loop_last: bool) {
    if !sounds.is_empty() {
        turn.out.orders.push(Order::Play { leg, sounds, loop_last });
    }
}
