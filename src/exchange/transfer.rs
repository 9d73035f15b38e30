//! Passing a caller on: by a phone's REFER or by a wish, to a colleague or to a queue.
//!
//! ```text
//!        ┌─ a queue ────► Pass ───────────────────────────► Passed: NOTIFY 200, BYE
//! REFER ─┤
//!  wish  └─ a colleague ► Ask ─► Offered: rings ─┬─ 200 ──► Passed, Answered
//!                                                └─ lost ─► NOTIFY 486; back to the agent
//! ```
//!
//! While a colleague's phone rings the caller hears music and still belongs to whoever passes
//! it on. If that one hangs up meanwhile, the caller rings on; and if then nobody answers, it
//! waits again, in its old place. Whatever happens, it is one call in the figures.

use crate::{
    acd::input::{Input, OfferLost},
    base::numbers::{AgentNo, CallNo, DialogNo, LegNo, PhoneNo, QueueNo},
    exchange::{
        call::{Passing, Stage},
        hold,
        leg::{self, Leg, Role},
        phone,
        request::{self, Answer, Refused},
        switch::{Exchange, Turn},
        treatment,
    },
    sip::{endpoint::Because, event::Referred},
};

/// Where a caller is passed on to.
enum To {
    Queue(QueueNo),
    Colleague(AgentNo),
}

/// A phone asks for it (RFC 3515).
pub(super) fn referred(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, referred: &Referred) {
    let dialog = referred.dialog;
    let call = match x.legs.get(leg).map(|leg| leg.role) {
        Some(Role::Agent(call, _)) => Some(call),
        // Callers are not asked where they would like to go.
        Some(Role::Caller(_) | Role::Outside(_) | Role::Code) | None => None,
    };
    let status = match (call, referred.to.user()) {
        (Some(call), Some(to)) => match begin(x, turn, call, &to, Some(dialog)) {
            Ok(()) => 202,
            Err(Refused::Unknown(_)) => 404,
            Err(Refused::NoPhone(_)) => 480,
            Err(Refused::Impossible { .. }) => 486,
        },
        (Some(_), None) => 404,
        (None, _) => 603,
    };
    // It fails only if the dialog ended in this very turn.
    let _ = x.endpoint.respond_to_refer(turn.now, dialog, status, &mut turn.out.sip);
}

/// Someone asks for it by the API.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: &str) -> Answer {
    match begin(x, turn, call, to, None) {
        Ok(()) => Answer::Done,
        Err(refused) => Answer::Refused(refused),
    }
}

fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    to: &str,
    referrer: Option<DialogNo>,
) -> Result<(), Refused> {
    let call = x.calls.get(no).ok_or_else(|| Refused::Unknown(no.to_string()))?;
    let impossible = Refused::impossible(call, "transfer");
    let Stage::Talking { leg } = call.stage else { return Err(impossible) };
    let Some(Leg { role: Role::Agent(_, agent), .. }) = x.legs.get(leg) else {
        return Err(impossible);
    };
    if call.passing.is_some() {
        return Err(impossible);
    }
    let agent = *agent;
    let to = find(x, to)?;
    if let Some(call) = x.calls.get_mut(no) {
        call.passing = Some(Passing { leg: None, referrer });
    }
    let input = match to {
        To::Queue(to) => Input::Pass { call: no, agent, to },
        To::Colleague(of) => Input::Ask { call: no, agent, of },
    };
    let heard = x.decide(turn.now, input).map(|_| ()).map_err(|refusal| refusal.stood);
    if let Err(stood) = heard {
        if let Some(call) = x.calls.get_mut(no) {
            call.passing = None;
        }
        return Err(request::refused(x, "transfer", stood));
    }
    if let Some(call) = x.calls.get_mut(no) {
        call.kept = true;
    }
    hold::settle(x, turn, no);
    Ok(())
}

/// Whom that word means: a queue by its name, an agent by its own or by a phone's, or whatever
/// a phone that dials it would reach.
fn find(x: &Exchange, word: &str) -> Result<To, Refused> {
    let queues = (0..).map(QueueNo::first).zip(&x.plan.acd.queues);
    let queue = queues.into_iter().find(|(_, it)| it.name == word && !it.retired);
    if let Some((queue, _)) = queue {
        return Ok(To::Queue(queue));
    }
    let agents = (0..).map(AgentNo::first).zip(&x.plan.agents);
    let agent = agents.into_iter().find(|(_, it)| it.as_ref().is_some_and(|it| it.id == word));
    if let Some((agent, _)) = agent {
        return Ok(To::Colleague(agent));
    }
    let phones = (0..).map(PhoneNo::first).zip(&x.plan.phones);
    let phone = phones.into_iter().find(|(_, it)| it.as_ref().is_some_and(|it| it.user == word));
    if let Some((phone, _)) = phone {
        let nobody = || Refused::NoPhone(format!("nobody sits at the phone {word}"));
        return x.seats.agent(phone).map(To::Colleague).ok_or_else(nobody);
    }
    match x.routes.by_number(word) {
        Some(destination) => Ok(To::Queue(destination.queue)),
        None => Err(Refused::Unknown(format!("agent, phone, queue or number \"{word}\""))),
    }
}

/// The engine has let the agent go. The caller waits in that queue, or rings on at a colleague's.
pub(super) fn passed(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, to: QueueNo) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Stage::Talking { leg: agents } = call.stage else { return };
    call.queue = to;
    let caller = call.caller;
    let passing = call.passing.take().unwrap_or_default();
    if let Some(dialog) = passing.referrer {
        // It fails if the phone has hung up already: then nobody wants to know.
        let _ = x.endpoint.tell_referrer(turn.now, dialog, 200, &mut turn.out.sip);
    }
    let stage = passing.leg.map_or(Stage::Waiting, |leg| Stage::Ringing { leg });
    hold::over(x, turn, no, stage);
    if stage == Stage::Waiting {
        treatment::music(x, turn, no, caller);
    }
    // Many phones wait for this (CLIENTS.md): they never hang up after a REFER.
    leg::hang_up(x, turn, agents, Because::Q850(16));
}

/// The colleague did not take the call: the agent has it back.
pub(super) fn lost(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, why: OfferLost) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Some(passing) = call.passing.take() else { return };
    call.kept = false;
    if let Some(leg) = passing.leg {
        leg::hang_up(x, turn, leg, Because::Q850(phone::cause(why)));
    }
    if let Some(dialog) = passing.referrer {
        let status = match why {
            OfferLost::Busy => 486,
            OfferLost::Refused => 603,
            OfferLost::NoAnswer | OfferLost::Unreachable => 480,
            OfferLost::Failed => 500,
        };
        let _ = x.endpoint.tell_referrer(turn.now, dialog, status, &mut turn.out.sip);
    }
    hold::settle(x, turn, no);
}
