//! Passing a caller on: by a phone's REFER or by a wish, to a queue, a colleague, a number outside,
//! or to whoever the agent speaks with on the side.
//!
//! ```text
//!        ┌─ a queue ────► Transfer ───────────────────────► Transferred: NOTIFY 200, BYE
//! REFER ─┤
//!  wish  ├─ a colleague ► Transfer ► Offered: rings ─┬ 200 ► Transferred, Answered
//!        │                                       └─ lost ─► NOTIFY 486; back to the agent
//!        ├─ outside ────► see elsewhere
//!        └─ Replaces ───► CompleteTransfer: whoever is on the side has the caller (see consult)
//! ```
//!
//! While a colleague's phone rings the caller hears music and still belongs to whoever passes
//! it on. If that one hangs up meanwhile, the caller rings on; and if then nobody answers, it
//! waits again, in its old place. Whatever happens, it is one call in the figures.

use crate::{
    acd::input::{Input, OfferLost, Target},
    base::numbers::{AgentNo, CallNo, DialogNo, LegNo, QueueNo},
    exchange::{
        call::{Aside, Side, Stage},
        consult, elsewhere, hold,
        leg::{self, Leg, Role},
        request::{self, Answer, Refused},
        switch::{Exchange, Turn},
        treatment,
        whom::{self, Whom},
    },
    sip::{endpoint::Reason, event::Referred},
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
    // Callers are not asked where they would like to go, nor whoever is on the side.
    let Some(Role::Agent(call, agent)) = x.legs.get(leg).map(|leg| leg.role) else {
        return Err(603);
    };
    if holder(x, call, "transfer").is_ok_and(|(main, _)| main != leg) {
        return Err(603);
    }
    let to = referred.to.user().ok_or(404_u16)?;
    let aside = Aside {
        referrer: Some(referred.dialog),
        referred_by: referred.referred_by.clone(),
        ..Aside::new(agent, Side::RingsToTake)
    };
    begin(x, turn, call, &to, aside).map_err(|refused| refused.status())
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
    let Stage::Talking { leg: main } = known.stage else { return Err(603) };
    let Some(own) = known.own_leg() else { return Err(603) };
    let both = [Some(&leg), x.dialogs.get(&other)];
    if both != [Some(&main), Some(&own)] && both != [Some(&own), Some(&main)] {
        return Err(603);
    }
    if let Some(aside) = &mut known.aside {
        aside.referrer = Some(referrer);
    }
    consult::hand_over(x, turn, call).map_err(|refused| refused.status())
}

/// Someone asks for it by the API.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: &str) -> Answer {
    let begun = holder(x, call, "transfer")
        .and_then(|(_, agent)| begin(x, turn, call, to, Aside::new(agent, Side::RingsToTake)));
    Answer::of(begun)
}

fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    to: &str,
    aside: Aside,
) -> Result<(), Refused> {
    let (_, agent) = holder(x, no, "transfer")?;
    let input = match whom::meant(x, turn.now, to, agent)? {
        Whom::Queue(to) => Input::Transfer { call: no, agent, to: Target::Queue(to) },
        Whom::Colleague(to) => Input::Transfer { call: no, agent, to: Target::Agent(to) },
        Whom::Outside(way) => return elsewhere::ring(x, turn, no, aside, &way),
    };
    decide(x, turn, no, "transfer", input)?;
    put_aside(x, turn, no, aside);
    Ok(())
}

/// The agent's leg, and the agent whose caller it is, if the two speak and nobody is on the side.
pub(super) fn holder(x: &Exchange, no: CallNo, asked: &str) -> Result<(LegNo, AgentNo), Refused> {
    let call = x.calls.get(no).ok_or_else(|| Refused::Unknown(no.to_string()))?;
    if let (Stage::Talking { leg }, None) = (call.stage, &call.aside)
        && let Some(Leg { role: Role::Agent(_, agent), .. }) = x.legs.get(leg)
    {
        return Ok((leg, *agent));
    }
    Err(Refused::impossible(call, asked))
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
    heard.map_err(|stood| request::refused_of_call(x, no, asked, stood))
}

/// Someone is called for the call, whose caller hears music meanwhile.
pub(super) fn put_aside(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, aside: Aside) {
    if let Some(call) = x.calls.get_mut(no) {
        // A phone that called by itself holds its caller by itself.
        call.kept = aside.own.is_none();
        call.aside = Some(aside);
    }
    hold::settle(x, turn, no);
}

/// The engine has let the agent go. The caller waits in that queue, or goes on to whoever is on
/// the side: that one's phone rings, or it is joined at once.
pub(super) fn passed(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, to: QueueNo) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Stage::Talking { leg: agents } = call.stage else { return };
    call.queue = to;
    let caller = call.caller;
    let aside = call.aside.take();
    let (leg, own) = aside.as_ref().map_or((None, None), |it| (it.leg, it.own));
    tell_referrer(x, turn, aside.as_ref(), 200);
    let stage = leg.map_or(Stage::Waiting, |leg| Stage::Ringing { leg });
    hold::over(x, turn, no, stage);
    if stage == Stage::Waiting {
        treatment::music(x, turn, no, caller);
    }
    // Many phones wait for this (CLIENTS.md): they never hang up after a REFER.
    for leg in [Some(agents), own].into_iter().flatten() {
        leg::hang_up(x, turn, leg, Reason::Q850(16));
    }
}

/// The colleague did not answer: the agent has the caller back.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, why: OfferLost) {
    let status = match why {
        OfferLost::Busy => 486,
        OfferLost::Refused => 603,
        OfferLost::NoAnswer | OfferLost::Unreachable => 480,
        OfferLost::Failed => 500,
    };
    consult::over(x, turn, no, status);
}

/// Whoever asked for it by REFER is told what came of it.
pub(super) fn tell_referrer(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    aside: Option<&Aside>,
    status: u16,
) {
    if let Some(dialog) = aside.and_then(|it| it.referrer) {
        // It fails if the phone has hung up already: then nobody wants to know.
        let _ = x.endpoint.tell_referrer(turn.now, dialog, status, &mut turn.out.sip);
    }
}
