//! An agent speaks with somebody on the side, before it decides what becomes of its caller: by a
//! second call of its phone, or by a wish.
//!
//! ```text
//!  phone: INVITE ─┐                                   ┌─ REFER Replaces ─► caller ◄─► colleague
//!                 ├─► Consult, or outside: rings ─ 200┤  hand over
//!  wish: consult ─┘             │                     ├─ caller, agent, colleague: conference
//!                               └─ lost, cancelled ◄──┴─ BYE ─► caller ◄─► agent
//! ```
//!
//! A phone that calls by itself has a second leg here, and holds its caller by itself; by a wish
//! the agent speaks over the one leg it has, and the caller hears music. What the caller must
//! never be is lost: if the agent hangs up on it while the two confer, whoever is on the side has
//! it; if that one's phone still rings, it rings on for the caller, and if in vain, the caller is
//! first in its line again. If whoever is on the side goes, the agent has its caller back.

use crate::{
    acd::input::{Input, Target},
    base::numbers::{AgentNo, CallNo, LegNo, PhoneNo},
    exchange::{
        call::{Aside, Call, Side, Stage},
        caller::{self, Refusal},
        cause, dial, elsewhere,
        fact::Fact,
        hold,
        leg::{self, Leg, Reply, Role},
        request::{Answer, Refused},
        seats::Stands,
        sound,
        switch::{Exchange, Turn},
        transfer,
        whom::{self, Whom},
    },
    media::order::Order,
    sip::endpoint::{Invited, Reason},
};

/// The call in which an agent speaks at that phone, and the agent: whoever it calls now, it calls
/// on the side.
pub(super) fn caller_of(x: &Exchange, phone: PhoneNo) -> Option<(CallNo, AgentNo)> {
    let agent = x.seats.agent(phone)?;
    let Some(Stands::InCall(call)) = x.seats.stands(agent) else { return None };
    let Stage::Talking { leg } = x.calls.get(call)?.stage else { return None };
    (x.legs.get(leg)?.role == Role::Agent(call, agent)).then_some((call, agent))
}

/// An agent's phone that has a caller calls somebody.
pub(super) fn dialled(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    (call, agent): (CallNo, AgentNo),
    invited: &Invited,
) -> Result<(), Refusal> {
    let own = caller::admit_aside(x, Role::Aside(call, agent), invited)?;
    let aside = Aside { own: Some(own), ..Aside::new(agent, Side::RingsToSpeak) };
    match begin(x, turn, call, &invited.request_user, aside) {
        Ok(()) => caller::progress(x, turn, own, 180, None),
        Err(refused) => {
            let status = refused.status();
            let text = refused.to_string();
            caller::reject(x, turn, own, (status, cause::of_status(status), &text));
            leg::hang_up(x, turn, own, Reason::Q850(16));
        }
    }
    Ok(())
}

/// Someone asks for it by the API.
pub(super) fn asked(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, to: &str) -> Answer {
    let begun = transfer::holder(x, call, "consult")
        .and_then(|(_, agent)| begin(x, turn, call, to, Aside::new(agent, Side::RingsToSpeak)));
    Answer::of(begun)
}

fn begin(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    no: CallNo,
    to: &str,
    aside: Aside,
) -> Result<(), Refused> {
    let (_, agent) = transfer::holder(x, no, "consult")?;
    let with = match whom::meant(x, turn.now, to, agent)? {
        Whom::Queue(queue) => Target::Queue(queue),
        Whom::Colleague(colleague) => Target::Agent(colleague),
        Whom::Outside(_) if aside.own.is_some() && !proves_itself(x, agent) => {
            return Err(Refused::NotAllowed(dial::Refusal::NotAllowed));
        }
        Whom::Outside(way) => return elsewhere::ring(x, turn, no, aside, &way),
    };
    transfer::decide(x, turn, no, "consult", Input::Consult { call: no, agent, with })?;
    transfer::put_aside(x, turn, no, aside);
    Ok(())
}

/// Whether the agent's phone has a password.
fn proves_itself(x: &Exchange, agent: AgentNo) -> bool {
    x.seats.phone(agent).is_some_and(|phone| x.plan.proves_itself(phone))
}

/// Whoever is on the side has answered, and is to speak with the agent.
pub(super) fn stands(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some((near, far)) = x.calls.get_mut(no).and_then(|call| {
        let Stage::Talking { leg: main } = call.stage else { return None };
        let aside = call.aside.as_mut()?;
        aside.side = Side::SPEAKS;
        Some((aside.own.unwrap_or(main), aside.leg?))
    }) else {
        return;
    };
    let like = x.legs.get(far).and_then(|leg| leg.codec);
    caller::answer(x, turn, near, like);
    sound::join(x, turn, near, far);
    hold::settle(x, turn, no);
}

/// The caller goes to whoever is on the side, and the agent leaves.
pub(super) fn hand_over(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Result<(), Refused> {
    let (call, agent) = aside_of(x, no, "complete")?;
    match (call.side(), call.outside()) {
        (Some(Side::RingsToTake | Side::Takes) | None, _) => {
            Err(Refused::impossible(call, "complete"))
        }
        (Some(side), Some(_)) if side.has_answered() => elsewhere::take(x, turn, no),
        (Some(_), Some(_)) => {
            let left = Input::StartExternalTransfer { call: no, agent };
            transfer::decide(x, turn, no, "complete", left)
        }
        (Some(_), None) => {
            transfer::decide(x, turn, no, "complete", Input::CompleteTransfer { call: no, agent })
        }
    }
}

/// As [`hand_over`], asked for by the API.
pub(super) fn complete(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    Answer::of(hand_over(x, turn, no))
}

/// Whoever is on the side, or is being called, is let go: the agent keeps its caller.
pub(super) fn cancel(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    let ended = aside_of(x, no, "cancel").map(|(call, agent)| (call.outside().is_some(), agent));
    Answer::of(ended.and_then(|(is_outside, agent)| {
        if is_outside {
            over(x, turn, no, 487);
            return Ok(());
        }
        transfer::decide(x, turn, no, "cancel", Input::EndConsult { call: no, agent })
    }))
}

/// The agent speaks with its caller while whoever is on the side waits, or the other way round.
pub(super) fn toggle(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    let Some(call) = x.calls.get_mut(no) else {
        return Answer::Refused(Refused::Unknown(no.to_string()));
    };
    // A phone that called by itself goes to and fro by itself, by holding one and the other.
    match &mut call.aside {
        Some(Aside { side: Side::Speaks { waits, .. }, own: None, .. }) => {
            *waits = !*waits;
            call.kept = !*waits;
        }
        _ => return Answer::Refused(Refused::impossible(call, "toggle")),
    }
    hold::settle(x, turn, no);
    Answer::Done
}

/// Caller, agent and whoever is on the side hear one another.
pub(super) fn conference(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo) -> Answer {
    let Some(call) = x.calls.get_mut(no) else {
        return Answer::Refused(Refused::Unknown(no.to_string()));
    };
    let impossible = Refused::impossible(call, "conference");
    match &mut call.aside {
        Some(aside) if matches!(aside.side, Side::Speaks { .. }) => aside.side = Side::All,
        _ => return Answer::Refused(impossible),
    }
    hold::together(x, turn, no);
    mix(x, turn, no);
    x.tell(turn, Fact::Conferenced { call: no });
    Answer::Done
}

/// The three hear one another.
pub(super) fn mix(x: &Exchange, turn: &mut Turn<'_>, no: CallNo) {
    let Some(call) = x.calls.get(no) else { return };
    let (Stage::Talking { leg: main }, Some(far)) = (call.stage, call.aside_leg()) else { return };
    let near = call.own_leg().unwrap_or(main);
    turn.out.orders.push(Order::Mix { legs: [call.caller, near, far] });
}

/// The agent's own leg to the side is of no use any more: it has hung up there, or its phone has
/// failed.
pub(super) fn left(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, no: CallNo) {
    match aside_of(x, no, "cancel") {
        Ok((call, agent)) if call.own_leg() == Some(leg) => {
            let is_outside = call.outside().is_some();
            let ends = Input::EndConsult { call: no, agent };
            if is_outside || transfer::decide(x, turn, no, "cancel", ends).is_err() {
                over(x, turn, no, 487);
            }
        }
        Ok(_) | Err(_) => leg::hang_up(x, turn, leg, Reason::Q850(16)),
    }
}

/// Nobody is on the side any more: the agent has its caller back.
pub(super) fn over(x: &mut Exchange, turn: &mut Turn<'_>, no: CallNo, status: u16) {
    let Some(call) = x.calls.get_mut(no) else { return };
    let Some(aside) = call.aside.take() else { return };
    call.kept = false;
    let because = Reason::Q850(cause::of_end(status));
    match aside.leg {
        Some(leg) if aside.outside.is_some() => elsewhere::gone(x, turn, leg, no, because),
        Some(leg) => leg::hang_up(x, turn, leg, because),
        None => (),
    }
    if let Some(own) = aside.own {
        let is_owed = matches!(x.legs.get(own), Some(Leg { reply: Reply::Owed(_), .. }));
        if is_owed {
            caller::reject(x, turn, own, (status, cause::of_status(status), ""));
        }
        leg::hang_up(x, turn, own, because);
    }
    transfer::tell_referrer(x, turn, Some(&aside), status);
    if aside.side == Side::All {
        hold::apart(x, turn, no);
    }
    hold::settle(x, turn, no);
}

/// The call and the agent whose caller it is, if somebody is on its side.
fn aside_of<'a>(x: &'a Exchange, no: CallNo, asked: &str) -> Result<(&'a Call, AgentNo), Refused> {
    let call = x.calls.get(no).ok_or_else(|| Refused::Unknown(no.to_string()))?;
    match (&call.aside, call.stage) {
        (Some(aside), Stage::Talking { .. }) => Ok((call, aside.by)),
        _ => Err(Refused::impossible(call, asked)),
    }
}
