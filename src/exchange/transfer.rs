//! Transferring a caller: by a phone's REFER or by request, to a queue, a colleague, a number
//! outside, or to whomever the agent consults.
//!
//! ```text
//!            ┌─ a queue ────► Transfer ─────────────────────► Transferred: NOTIFY 200, BYE
//! REFER ─────┤
//!  request ──├─ a colleague ► Transfer ► Offered: rings ─┬─ 200 ──► Transferred, Answered
//!            │                                           └─ lost ─► NOTIFY 486; back to the agent
//!            ├─ outside ────► see external
//!            └─ Replaces ───► CompleteTransfer: the consultee has the caller (see consult)
//! ```
//!
//! While a colleague's phone rings the caller hears music and still belongs to whoever transfers
//! it. If that one hangs up meanwhile, the caller rings on; and if then nobody answers, it
//! waits again, in its old place. Whatever happens, it is one call in the figures.

use crate::{
    acd::consult::Stage,
    acd::input::{Input, OfferLost, Target},
    base::numbers::{CallNo, DialogNo, LegNo, QueueNo},
    bridge::{call::Consultee, step::Step},
    exchange::{
        call::Referral,
        consult, external,
        leg::{Leg, Role},
        request::{Answer, Refused},
        switch::{Exchange, Turn},
        talk, treatment,
        whom::{self, Whom},
    },
    sip::{event::Referred, message::header::reason::Reason},
};

/// A phone asks for it (RFC 3515).
pub(super) fn referred(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, referred: &Referred) {
    let dialog = referred.dialog;
    let begun = match referred.replaces {
        Some(other) => attended(x, turn, leg, dialog, other),
        None => blind(x, turn, leg, referred),
    };
    // It fails only if the dialog ended in this very turn.
    let _ = x.endpoint.respond_to_refer(
        turn.now,
        dialog,
        begun.err().unwrap_or(202),
        &mut turn.out.sip,
    );
}

/// To whoever is named, of whom nobody has heard yet.
fn blind(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    referred: &Referred,
) -> Result<(), u16> {
    // Callers are not asked where they would like to go, nor is a consultee.
    let Some(Role::Agent(call, _)) = x.legs.get(leg).map(|leg| leg.role) else {
        return Err(603);
    };
    if talk::holder(x, call, "transfer").is_ok_and(|agent| agent.leg != leg) {
        return Err(603);
    }
    let to = referred.to.user().ok_or(404_u16)?;
    let referral = Referral { dialog: referred.dialog, referred_by: referred.referred_by.clone() };
    begin(x, turn, call, &to, Some(referral)).map_err(|refused| refused.status())
}

/// To whoever the phone speaks with on its other line (RFC 3891). Phones ask by either of the two.
fn attended(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    referrer: DialogNo,
    other: DialogNo,
) -> Result<(), u16> {
    let call = x.legs.get(leg).and_then(Leg::call).ok_or(603_u16)?;
    let known = x.calls.get_mut(call).ok_or(603_u16)?;
    let (Some(agent), Some(second)) = (known.bridge.agent(), known.bridge.second()) else {
        return Err(603);
    };
    let both = [Some(&leg), x.dialogs.get(&other)];
    if both != [Some(&agent.leg), Some(&second)] && both != [Some(&second), Some(&agent.leg)] {
        return Err(603);
    }
    known.referral = Some(Referral { dialog: referrer, referred_by: None });
    consult::complete(x, turn, call).map_err(|refused| refused.status())
}

/// Someone asks for it by the API.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: &str) -> Answer {
    Answer::of(begin(x, turn, call, to, None))
}

fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    to: &str,
    referral: Option<Referral>,
) -> Result<(), Refused> {
    let agent = talk::holder(x, no, "transfer")?;
    let input = match whom::meant(x, turn.now, to, agent.no)? {
        Whom::Queue(to) => Input::Transfer { call: no, agent: agent.no, to: Target::Queue(to) },
        Whom::Colleague(to) => Input::Transfer { call: no, agent: agent.no, to: Target::Agent(to) },
        Whom::Outside(way) => {
            external::ring(x, turn, no, (agent, None), Stage::Transferring, &way)?;
            refers(x, no, referral);
            return Ok(());
        }
    };
    let to_queue = matches!(input, Input::Transfer { to: Target::Queue(_), .. });
    talk::decide(x, turn, no, "transfer", input)?;
    if !to_queue {
        let (second, with) = (None, Consultee::Colleague(None));
        let stage = Stage::Transferring;
        talk::step(x, turn, no, Step::Call { second, with, stage }, Reason::Q850(16));
    }
    refers(x, no, referral);
    Ok(())
}

/// Whoever asked for it by REFER will want to be told what comes of it.
fn refers(x: &mut Exchange, no: CallNo, referral: Option<Referral>) {
    if let Some(call) = x.calls.get_mut(no) {
        call.referral = referral;
    }
}

/// The engine has released the agent. The caller waits in that queue, or goes on to the colleague:
/// that one's phone rings, or the two are joined at once.
pub(super) fn transferred(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, to: QueueNo) {
    treatment::moved(x, no, to);
    talk::tell_referrer(x, turn, no, 200);
    // Many phones wait for this (CLIENTS.md): they never hang up after a REFER.
    talk::step(x, turn, no, Step::Requeued, Reason::Q850(16));
}

/// The colleague did not answer: the agent has the caller back.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, why: OfferLost) {
    let status = match why {
        OfferLost::Busy => 486,
        OfferLost::Refused => 603,
        OfferLost::NoAnswer | OfferLost::Unreachable => 480,
        OfferLost::Failed => 500,
    };
    talk::released(x, turn, no, status);
}
