//! Calls that phones of ours make outside: a leg to the phone, a leg to the trunk, no queue.
//!
//! ```text
//! INVITE ──► may it? (dial) ──► call, leg, INVITE to the trunk ──► 180, 183 ──► 200: joined
//!               403 404 486                        └── refused: the phone is told the same
//! ```
//!
//! The engine never hears of such a call, but for the agent whose phone is taken by it. What it
//! costs stands in the ledger; after so long it ends. Help (110, 112) knows no limit.

use crate::{
    acd,
    base::{
        masked::Masked,
        numbers::{AgentNo, CallNo, LanguageNo, LegNo, PhoneNo, TrunkNo},
        time::{Span, Timestamp},
    },
    bridge::{self, step::Step},
    exchange::{
        admission::{self, Refusal},
        agreement,
        call::{Call, Dialled},
        calling, cause,
        dial::{self, Way, Who},
        ending,
        fact::Fact,
        identity::{self, Entry},
        leg::{Leg, Role},
        plan::AnswerMode,
        reply,
        switch::{Exchange, Timer, Turn},
        talk,
    },
    sip::{
        event::Invited,
        message::header::reason::Reason,
        verb::{Invite, Target},
    },
};

/// How long a phone outside may ring.
const RINGS: Span = Span::secs(180);

/// Who calls from that phone.
fn who(x: &Exchange, phone: PhoneNo) -> (Who, Option<AgentNo>) {
    match x.seats.agent(phone) {
        Some(agent) => (Who::Agent(agent), Some(agent)),
        None => (Who::Phone(phone), None),
    }
}

/// The way to that number for whoever calls from that phone.
fn way(
    x: &Exchange,
    now: Timestamp,
    phone: PhoneNo,
    (who, number): (Who, &str),
) -> Result<Way, dial::Refusal> {
    let way = dial::may_dial(&x.plan, &x.ledger, who, number, now)?;
    if way.emergency || x.plan.proves_itself(phone) {
        return Ok(way);
    }
    Err(dial::Refusal::NotAllowed)
}

/// A phone has dialled what no queue is reached by. Says why not, if it may not.
pub(super) fn out(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    phone: PhoneNo,
    invited: &Invited,
) -> Result<(), Refusal> {
    let (who, agent) = who(x, phone);
    let way = match way(x, turn.now, phone, (who, &invited.request_user)) {
        Ok(way) => way,
        Err(refusal) => {
            x.tell(turn, Fact::DialRefused { phone: Some(phone), why: refusal.word().into() });
            return Err(Refusal::of_dialling(refusal));
        }
    };
    let (call, caller) = if way.emergency {
        admission::admit_to_the_last(x, invited)?
    } else {
        admission::admit(x, invited)?
    };
    let by = admission::own_phone(invited);
    let opened = x.calls.insert(Call {
        bridge: bridge::call::Call::waiting(Some(caller)),
        from: identity::of(&x.plan, invited).1,
        entry: Entry::default(),
        answer: AnswerMode::WithAgent,
        queue: None,
        language: LanguageNo::first(0),
        at_menu: None,
        reason: Reason::Q850(16),
        by,
        is_held: false,
        dialled: Some(Dialled { lasts_max: way.lasts_max, since: None }),
        is_taken_over: false,
        referral: None,
    });
    assert_eq!(opened, Ok(call), "calls.next just promised it");
    let id = Some(x.ids.next(turn.now));
    x.tell(
        turn,
        Fact::DialledOut {
            call,
            id,
            call_id: invited.call_id.clone(),
            phone,
            agent,
            dialled: Masked::new(way.number.clone()),
            emergency: way.emergency,
        },
    );
    if let Some(phone) = by {
        x.raise(acd::input::Input::PhoneBusy { phone });
    }
    let mut ways = dial::ways(&x.plan, &way);
    // Help must see who calls (§ 15 TDDDG).
    if invited.anonymous && !way.emergency {
        ways = ways.into_iter().map(identity::hidden).collect();
    }
    let invite = Invite {
        target: Target::Trunks(ways),
        from_user: String::new(),
        from_display: String::new(),
        sdp: None,
        headers: vec![],
        hops: invited.hops,
    };
    if let Some(outside) = calling::call_out(x, turn, Role::Outside(call), invite) {
        talk::step(x, turn, call, Step::Forward(outside), Reason::Q850(16));
        x.ledger.begin(outside, who, turn.now);
        x.timers.arm(Timer::Call(call), turn.now + RINGS);
    } else {
        reply::reject(x, turn, caller, (503, 34, "All lines are busy"));
        ending::finish(x, turn, call);
    }
    Ok(())
}

/// The far side says how far it is. Its ringing tone, if it sends one, is let through.
pub(super) fn progressed(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    (status, sdp): (u16, Option<&[u8]>),
) {
    let Some(known) = x.calls.get(call).filter(|it| it.dialled.is_some()) else { return };
    let Some(caller) = known.bridge.caller else { return };
    let is_heard = x.legs.get(caller).is_some_and(|it| it.codec.is_some());
    let Some(sdp) = sdp else {
        if status == 180 {
            reply::progress(x, turn, caller, 180, None);
        }
        return;
    };
    if !is_heard && agreement::agreed(x, turn, leg, sdp) {
        reply::early_media(x, turn, caller);
    }
}

/// The two have been joined.
pub(super) fn answered(x: &mut Exchange, turn: &Turn<'_>, call: CallNo) {
    let Some(dialled) = x.calls.get_mut(call).and_then(|it| it.dialled.as_mut()) else { return };
    dialled.since.get_or_insert(turn.now);
    if let Some(lasts) = dialled.lasts_max {
        x.timers.arm(Timer::Call(call), turn.now + lasts);
    }
}

/// Nobody took it there: the phone is told what we were told.
pub(super) fn refused(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    call: CallNo,
    status: u16,
    cause: Option<u8>,
) {
    let Some(caller) = x.calls.get(call).and_then(|it| it.bridge.caller) else { return };
    // What concerns us and the trunk alone is no answer to the phone.
    let status = match status {
        401 | 407 | 408 | 494 => 503,
        status => status,
    };
    let cause = cause.unwrap_or_else(|| cause::of_status(status));
    reply::reject(x, turn, caller, (status, cause, ""));
    ending::finish(x, turn, call);
}

/// It has rung, or lasted, long enough.
pub(super) fn late(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let dialled = x.calls.get(call).and_then(|it| it.dialled);
    if dialled.is_some_and(|it| it.since.is_none()) {
        return refused(x, turn, call, 480, Some(19));
    }
    ending::fail(x, turn, call, Reason::Q850(16));
}

/// The leg outside goes by that trunk now.
pub(super) fn routed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, trunk: TrunkNo) {
    if let Some(call) = x.legs.get(leg).and_then(Leg::call) {
        x.tell(turn, Fact::Routed { call, leg, trunk });
    }
}
