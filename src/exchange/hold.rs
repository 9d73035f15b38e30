//! Holding the line: by a phone's key, from the trunk's side, or by a wish from the API.
//!
//! ```text
//!                 agent holds              agent is back
//! Joined ──────────────────► CallerWaits ───────────────► Joined
//!    │ caller holds               │ caller holds
//!    ▼                            ▼
//! AgentWaits ◄─────────────►    Apart
//! ```
//!
//! Whoever is held hears the queue's music. A hold is between us and the side that asks for
//! it: the other side's SIP is left alone. Only what the agent's side does counts as holding
//! the caller. With whoever is on the side of a call it is the same once more.

use crate::{
    base::numbers::{CallNo, LegNo},
    exchange::{
        call::{Aside, Between, Call, Side, Stage},
        consult,
        fact::Fact,
        leg::Leg,
        request::{Answer, Refused},
        sound,
        switch::{Exchange, Turn},
        treatment,
    },
};

/// The call's line as all sides, and whoever asked by the API, want it now.
pub(super) fn settle(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    // Three who hear one another are told apart by the media: who is held neither speaks nor hears.
    if x.calls.get(no).is_some_and(|call| call.side() != Some(Side::All)) {
        settle_caller(x, turn, no);
        settle_aside(x, turn, no);
    }
}

/// As [`settle`], where a leg is new, and nobody has been joined with it yet.
pub(super) fn anew(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Stage::Talking { leg: main } = call.stage else { return };
    let (caller, kept) = (call.caller, call.kept);
    if call.side() == Some(Side::All) {
        return consult::mix(x, turn, no);
    }
    if !kept {
        sound::join(x, turn, caller, main);
        stands(x, turn, no, Between::Joined);
    }
    if let Some(Aside {
        side: Side::Speaks { between, waits: false }, leg: Some(far), own, ..
    }) = x.calls.get_mut(no).and_then(|call| call.aside.as_mut())
    {
        *between = Between::Joined;
        let (near, far) = (own.unwrap_or(main), *far);
        sound::join(x, turn, near, far);
    }
    settle(x, turn, no);
}

/// What is between the agent and whoever is on the side.
fn settle_aside(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get(no) else { return };
    let (Stage::Talking { leg: main }, Some(aside)) = (call.stage, &call.aside) else { return };
    let Aside { side: Side::Speaks { between: was, waits }, leg: Some(far), own, .. } = *aside
    else {
        return;
    };
    let near = own.unwrap_or(main);
    let holds = |leg: LegNo| x.legs.get(leg).is_some_and(|leg| leg.held);
    let now = Between::of(holds(near) || waits, holds(far));
    match now {
        _ if now == was => return,
        Between::Joined => sound::join(x, turn, near, far),
        Between::CallerWaits => treatment::music(x, turn, no, far),
        Between::AgentWaits => treatment::music(x, turn, no, near),
        Between::Apart => (),
    }
    if let Some(aside) = x.calls.get_mut(no).and_then(|call| call.aside.as_mut()) {
        aside.side = Side::Speaks { between: now, waits };
    }
}

/// What is between the caller and its agent.
fn settle_caller(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get(no) else { return };
    let Some(other) = joined(x, call) else { return };
    let (caller, was) = (call.caller, call.between);
    let holds = |leg: LegNo| x.legs.get(leg).is_some_and(|leg| leg.held);
    let now = Between::of(holds(other) || call.kept, holds(caller));
    if now == was {
        return;
    }
    match now {
        Between::Joined => sound::join(x, turn, caller, other),
        Between::CallerWaits => treatment::music(x, turn, no, caller),
        Between::AgentWaits => treatment::music(x, turn, no, other),
        Between::Apart => (),
    }
    stands(x, turn, no, now);
}

/// The two are parted: what was between them is over, and the call stands there.
pub(super) fn over(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, stage: Stage) {
    stands(x, turn, no, Between::Joined);
    if let Some(call) = x.calls.get_mut(no) {
        call.kept = false;
        call.stage = stage;
    }
}

/// Caller, agent and whoever is on the side are about to hear one another.
pub(super) fn together(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    stands(x, turn, no, Between::Joined);
    if let Some(call) = x.calls.get_mut(no) {
        call.kept = false;
    }
}

/// Of the three, the caller and its agent are left.
pub(super) fn apart(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get(no) else { return };
    let caller = call.caller;
    if let Stage::Talking { leg } = call.stage {
        sound::join(x, turn, caller, leg);
    }
}

fn stands(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, now: Between) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let was = std::mem::replace(&mut call.between, now);
    // An address outside is nobody's agent, and the engine has let go of the call.
    let counts = matches!(call.stage, Stage::Talking { .. });
    match (was.is_held(), now.is_held()) {
        (false, true) if counts => x.tell(turn, Fact::Held { call: no }),
        (true, false) if counts => x.tell(turn, Fact::Resumed { call: no }),
        _ => (),
    }
}

/// Someone asks for the caller to be held.
pub(super) fn keep(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    asked(x, turn, no, "hold", |_| true)
}

/// Someone who asked for the caller to be held wants it back.
pub(super) fn take_back(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    asked(x, turn, no, "resume", |call| call.kept)
}

/// The wish turns [`Call::kept`] over, unless it makes no sense here or is fulfilled.
fn asked(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    asked: &str,
    makes_sense: impl Fn(&Call) -> bool,
) -> Answer {
    let Some(call) = x.calls.get_mut(no) else {
        return Answer::Refused(Refused::Unknown(no.to_string()));
    };
    let talks = matches!(call.stage, Stage::Talking { .. }) && call.aside.is_none();
    if !talks || !makes_sense(call) {
        return Answer::Refused(Refused::impossible(call, asked));
    }
    call.kept = asked == "hold";
    settle(x, turn, no);
    Answer::Done
}

/// The leg that the caller's is joined with.
pub(super) fn joined(x: &Exchange, call: &Call) -> Option<LegNo> {
    match call.stage {
        Stage::Talking { leg } => Some(leg),
        // Joined as soon as the outside has answered.
        Stage::Forwarded { leg } => {
            matches!(x.legs.get(leg), Some(Leg { codec: Some(_), .. })).then_some(leg)
        }
        Stage::Waiting | Stage::Ringing { .. } | Stage::Sent { .. } | Stage::Sorry => None,
    }
}
