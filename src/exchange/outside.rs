//! Calls that overflow to a place outside: rung there while the caller hears music, then joined.
//!
//! ```text
//! Ended: Overflowed ──► an address ────────────────────► INVITE there
//!                  └──► a number ──► may it? (dial) ──► INVITE by a trunk, or the next one
//!                                      └── no: the caller is told that we are sorry
//! ```
//!
//! The engine has let go of such a call; from here on it lives in the exchange alone.

use crate::{
    acd::fact::Limit,
    base::numbers::{CallNo, LegNo},
    exchange::{
        call::{Call, Stage},
        caller,
        dial::{self, Refusal, Who},
        dialled,
        fact::Fact,
        identity,
        leg::{self, Role},
        phone,
        plan::Goal,
        sound,
        switch::{Exchange, Timer, Turn},
        treatment,
    },
    sip::{
        message::{header::reason::Reason, identity::Why},
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
    let (caller, queue) = (known.caller, known.queue);
    let fresh = x.legs.get(caller).is_some_and(|leg| leg.codec.is_none());
    if fresh {
        caller::let_in(x, turn, call, queue);
    }
    match phone::call_out(x, turn, Role::Outside(call), invite) {
        Some(leg) => {
            if let Some(known) = x.calls.get_mut(call) {
                known.stage = Stage::Forwarded { leg };
            }
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
        Limit::Capacity => Why::Unavailable,
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
        return caller::fail(x, turn, call, Reason::Q850(16));
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
    if !sound::answered(x, turn, leg, sdp) {
        if dialled::is_dialled(x, call) {
            return dialled::refused(x, turn, call, 488, Some(65));
        }
        return lost(x, turn, leg, call);
    }
    x.timers.disarm(Timer::Call(call));
    // Those that phones of ours dial have a limit of their own, or none.
    if x.ledger.has(leg) && !dialled::is_dialled(x, call) {
        x.timers.arm(Timer::Call(call), turn.now + x.plan.outgoing.lasts_max);
    }
    let Some(caller) = x.calls.get(call).map(|call| call.caller) else { return };
    let like = x.legs.get(leg).and_then(|leg| leg.codec);
    caller::answer(x, turn, caller, like);
    sound::join(x, turn, caller, leg);
}

/// Nobody took the call there: the caller is told that we are sorry.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    x.timers.disarm(Timer::Call(call));
    leg::hang_up(x, turn, leg, Reason::Q850(19));
    treatment::turn_away(x, turn, call);
}
