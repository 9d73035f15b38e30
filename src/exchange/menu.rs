//! A caller at a menu: what its [`course`](crate::treatment::course) says is done, and what the
//! caller presses is told.
//!
//! ```text
//! begin ──► say, listen ◄── keys, ends of prompts, time
//!             │
//!             ├──► the engine: Arrived, with the time of the INVITE
//!             └──► the engine: NeverQueued, and the end or a place outside
//! ```

use crate::{
    acd::{
        input::{Channel, Input, Unqueued},
        plan::Needs,
    },
    base::{
        numbers::{CallNo, MenuNo, SoundNo},
        time::Span,
    },
    bridge::step::Step,
    exchange::{
        call::AtMenu,
        ending,
        fact::Fact,
        leg::Leg,
        plan::AnswerMode,
        reply,
        switch::{Exchange, Timer, Turn},
        talk,
    },
    sip::message::header::reason::Reason,
    treatment::course::{Act, Course, Event, PROMPT_MAX},
};

/// A new call leads to a menu. It is answered, or gets early media: without sound nobody chooses.
pub(super) fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    call: CallNo,
    menu: MenuNo,
    needs: Needs,
    channel: Channel,
) {
    let Some(known) = x.calls.get_mut(call) else { return };
    let (course, act) = Course::begin(&x.plan.menus, menu, known.language, needs);
    known.at_menu = Some(AtMenu { course, channel, arrived: turn.now });
    let (caller, mode) = (known.bridge.caller, known.answer);
    if let Some(caller) = caller.filter(|it| x.legs.get(*it).is_some_and(Leg::is_owed)) {
        let is_heard = match mode {
            AnswerMode::Immediate => false,
            AnswerMode::EarlyMedia | AnswerMode::WithAgent => reply::early_media(x, turn, caller),
        };
        if !is_heard {
            reply::answer(x, turn, caller, None);
        }
    }
    follow(x, turn, call, act);
}

/// Something happened that the caller's course may wait for. Without one it is nobody's business.
pub(super) fn heard(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, event: Event) {
    let Some(known) = x.calls.get_mut(call) else { return };
    let Some(at_menu) = &mut known.at_menu else { return };
    let (act, answered) = at_menu.course.hear(&x.plan.menus, event);
    known.language = at_menu.course.language();
    if let Some(answered) = answered {
        let (menu, answer) = (answered.menu, answered.answer);
        let name = x.plan.menus.menu(menu).map_or_else(|| menu.to_string(), |it| it.name.clone());
        x.tell(turn, Fact::MenuAnswered { call, menu, name, answer });
    }
    follow(x, turn, call, act);
}

fn follow(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, act: Act) {
    match act {
        Act::Nothing => (),
        Act::Say(sounds) => {
            let longest = PROMPT_MAX * u64::try_from(sounds.len()).unwrap_or(u64::MAX);
            say(x, turn, call, sounds, longest);
        }
        Act::Listen(span) => say(x, turn, call, vec![], span),
        Act::Queue { queue, needs } => {
            let planned = x.plan.acd.queues.get(queue.index());
            // A reload has taken the queue while the caller was asked.
            if planned.is_none_or(|it| it.retired) {
                return leave(x, call, Unqueued::Failed);
            }
            let Some(known) = x.calls.get_mut(call) else { return };
            let Some(at_menu) = known.at_menu.take() else { return };
            known.queue = Some(queue);
            x.timers.disarm(Timer::Call(call));
            talk::step(x, turn, call, Step::Queue, Reason::Q850(16));
            let (channel, arrived) = (at_menu.channel, at_menu.arrived);
            x.raise(Input::Arrived { call, queue, needs, channel, arrived });
        }
        Act::Outside(to) => leave(x, call, Unqueued::Outside(to)),
        Act::End => leave(x, call, Unqueued::Announced),
    }
}

/// The caller hears that, from its start, and has so long until something is to follow.
fn say(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, sounds: Vec<SoundNo>, lasts: Span) {
    if let Some(caller) = x.calls.get(call).and_then(|it| it.bridge.caller)
        && !sounds.is_empty()
    {
        x.sound.silent(caller);
    }
    talk::step(x, turn, call, Step::Announce(sounds), Reason::Q850(16));
    x.timers.arm(Timer::Call(call), turn.now + lasts);
}

/// The caller's course ends elsewhere than in a queue: its outcome is told, and what follows
/// from that.
fn leave(x: &mut Exchange, call: CallNo, how: Unqueued) {
    x.timers.disarm(Timer::Call(call));
    if let Some(at_menu) = x.calls.get_mut(call).and_then(|it| it.at_menu.take()) {
        x.raise(ending::never_queued(call, &at_menu, how));
    }
}
