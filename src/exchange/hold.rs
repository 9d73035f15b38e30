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
//! the caller.

use crate::{
    base::numbers::{CallNo, LegNo},
    exchange::{
        call::{Between, Call, Stage},
        fact::Fact,
        leg::Leg,
        request::{Answer, Refused},
        sound,
        switch::{Exchange, Turn},
        treatment,
    },
};

/// The call's line as both sides, and whoever asked by the API, want it now.
pub(super) fn settle(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get(no) else { return };
    let Some(other) = joined(x, call) else { return };
    let (caller, was) = (call.caller, call.between);
    let holds = |leg: LegNo| x.legs.get(leg).is_some_and(|leg| leg.held);
    let now = match (holds(other) || call.kept, holds(caller)) {
        (false, false) => Between::Joined,
        (true, false) => Between::CallerWaits,
        (false, true) => Between::AgentWaits,
        (true, true) => Between::Apart,
    };
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
    let talks = matches!(call.stage, Stage::Talking { .. }) && call.passing.is_none();
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
        Stage::Waiting | Stage::Ringing { .. } | Stage::Sorry => None,
    }
}
