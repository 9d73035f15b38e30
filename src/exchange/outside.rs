//! Calls that overflow to a place outside: rung there while the caller hears music, then joined.
//!
//! ```text
//! Ended: Overflowed ──► an address ────────────────────► INVITE there
//!                  └──► a number ──► may it? (dial) ──► INVITE by a trunk, or the next one
//!                                      └── no: the caller hears an announcement
//! ```
//!
//! The engine has released such a call; from here on it lives in the exchange alone.

use crate::{
    acd::fact::Limit,
    base::numbers::{CallNo, LegNo},
    bridge::step::Step,
    exchange::{
        agreement,
        call::Call,
        calling,
        dial::{self, Refusal, Who},
        dialled, ending,
        fact::Fact,
        identity,
        leg::Role,
        plan::Goal,
        reply,
        switch::{Exchange, Timer, Turn},
        talk, treatment,
    },
    sip::{
        message::header::reason::Reason,
        message::identity::Why,
        verb::{Invite, Target},
    },
};

/// Calls there. The caller hears on what it heard, or begins to if it came straight here.
pub(super) fn forward(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: u32, limit: Limit) {
    let Some(known) = x.calls.get(call) else { return };
    let outside = usize::try_from(to).ok().and_then(|to| x.plan.outside.get(to)).cloned();
    let Some(outside) = outside.filter(|_| !known.entry.circles()) else {
        return treatment::turn_away(x, turn, call);
    };
    let invite = match invite(x, turn, known, &outside.goal, why(limit)) {
        Ok(invite) => invite,
        Err(refusal) => {
            x.tell(turn, Fact::DialRefused { phone: None, why: refusal.word().into() });
            return treatment::turn_away(x, turn, call);
        }
    };
    let (caller, queue) = (known.bridge.caller, known.queue);
    let is_new = caller.and_then(|it| x.legs.get(it)).is_some_and(|leg| leg.codec.is_none());
    if let Some(queue) = queue.filter(|_| is_new) {
        treatment::admit(x, turn, call, queue);
    }
    match calling::call_out(x, turn, Role::Outside(call), invite) {
        Some(leg) => {
            talk::step(x, turn, call, Step::Forward(leg), Reason::Q850(16));
            if let Goal::Number(_) = outside.goal {
                x.ledger.begin(leg, Who::Plan, turn.now);
            }
            x.timers.arm(Timer::Call(call), turn.now + outside.ring);
        }
        None => treatment::turn_away(x, turn, call),
    }
}

/// Why the call does not stay here, in the words of other networks.
const fn why(limit: Limit) -> Why {
    match limit {
        Limit::Full => Why::Busy,
        Limit::Late => Why::NoAnswer,
        Limit::Capacity | Limit::Closed => Why::Unavailable,
        Limit::Chosen => Why::Deflection,
    }
}

/// The INVITE: a foreign number may be shown, for this call is sent on (T-3).
fn invite(
    x: &Exchange,
    turn: &Turn<'_>,
    known: &Call,
    goal: &Goal,
    why: Why,
) -> Result<Invite, Refusal> {
    let Call { from, entry, .. } = known;
    let mut invite = Invite {
        target: Target::Trunks(vec![]),
        from_user: String::new(),
        from_display: String::new(),
        sdp: None,
        headers: vec![],
        hops: entry.hops,
    };
    match goal {
        Goal::Address { uri, transport, remote } => {
            let who = if from.is_empty() { "anonymous" } else { from.unmask() };
            who.clone_into(&mut invite.from_user);
            invite.headers = identity::sent_to_address(&x.plan, uri, from, entry, why);
            invite.target =
                Target::Uri { uri: uri.clone(), transport: *transport, remote: *remote };
        }
        Goal::Number(number) => {
            let way = dial::may_dial(&x.plan, &x.ledger, Who::Plan, number, turn.now)?;
            let ways = dial::ways(&x.plan, &way);
            invite.target = Target::Trunks(identity::sent_on(&x.plan, ways, from, entry, why));
        }
    }
    Ok(invite)
}

/// It has rung there, or lasted, long enough.
pub(super) fn late(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    if x.legs.get(leg).is_some_and(|leg| leg.codec.is_some()) {
        return ending::fail(x, turn, call, Reason::Q850(16));
    }
    lost(x, turn, leg, call);
}

/// Somebody answered there: both are joined.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    sdp: Option<&[u8]>,
) {
    if !agreement::answered(x, turn, leg, sdp) {
        if x.calls.get(call).is_some_and(|it| it.dialled.is_some()) {
            return dialled::refused(x, turn, call, 488, Some(65));
        }
        return lost(x, turn, leg, call);
    }
    x.timers.disarm(Timer::Call(call));
    let Some(known) = x.calls.get(call) else { return };
    // Those that phones of ours dial have a limit of their own, or none.
    if x.ledger.has(leg) && known.dialled.is_none() {
        x.timers.arm(Timer::Call(call), turn.now + x.plan.outgoing.lasts_max);
    }
    let like = x.legs.get(leg).and_then(|leg| leg.codec);
    if let Some(caller) = known.bridge.caller {
        reply::answer(x, turn, caller, like);
    }
    x.touch(call);
}

/// Nobody took the call there: the caller hears an announcement.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    x.timers.disarm(Timer::Call(call));
    ending::hang_up(x, turn, leg, Reason::Q850(19));
    treatment::turn_away(x, turn, call);
}
