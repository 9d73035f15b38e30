//! What agents' phones do: ringing, answering, refusing, hanging up; coming and going.
//!
//! ```text
//! Offered ──► INVITE ──► 180 … 200 ──► the engine: PhoneAnswered
//!                    └─► 486 603 480 ─► the engine: PhoneLost
//! OfferLost ─► CANCEL, if it still rings
//!
//! silent, dialog lost ───────────────────► the engine: AgentLost
//! out of reach ──► 5 s ──► silent for 2 s ─┘
//! Requeued ─► BYE; the caller hears music again
//! ```
//!
//! The phone shows the queue and the caller, and is told to answer by itself where the
//! configuration says so (DOMAIN.md 5.4).

use crate::{
    acd::consult::Stage,
    acd::input::{Input, OfferLost},
    base::{
        masked::Masked,
        numbers::{AgentNo, CallNo, LegNo, PhoneNo},
        time::Span,
    },
    bridge::{
        call::{Agent, Talk},
        step::Step,
    },
    exchange::{
        agreement, calling, ending, external,
        fact::Fact,
        leg::{Leg, Role},
        plan::Phone,
        reply,
        seats::Stands,
        switch::{Exchange, Timer, Turn},
        talk, transfer,
    },
    sip::{
        message::header::reason::Reason,
        message::uri::Uri,
        verb::{Invite, Target},
        wire::Transport,
    },
};

/// A phone that goes out of reach in the middle of a call (its connection broke, say) has so
/// long to register again.
const RETURNS: Span = Span::secs(5);

/// If it does not, it is taken for dead after so short a silence.
const HUSH: Span = Span::secs(2);

/// The engine offers the call to the agent: the phone rings.
pub(super) fn ring(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, agent: AgentNo) {
    let Some(invite) = invite(x, call, agent) else {
        // The phone left the configuration, or the call the exchange, in this very turn.
        return x.raise(Input::PhoneLost { call, agent, why: OfferLost::Unreachable });
    };
    match calling::call_out(x, turn, Role::Agent(call, agent), invite) {
        Some(leg) => {
            let agent = Agent { no: agent, leg };
            let consults = x.calls.get(call).is_some_and(|it| it.bridge.agent().is_some());
            let rings = if consults { Step::RingColleague(agent) } else { Step::Ring(agent) };
            talk::step(x, turn, call, rings, Reason::Q850(16));
            // A phone that has not even said 100 by then is not there. (64*T1, as timer B has it,
            // would cost the caller half a minute.)
            let within = x.seats.phone(agent.no).and_then(|it| x.plan.phone(it));
            if let Some(within) = within.map(|it| it.answers_within) {
                x.timers.arm(Timer::Unheard(leg), turn.now + within);
            }
        }
        None => x.raise(Input::PhoneLost { call, agent, why: OfferLost::Failed }),
    }
}

/// The INVITE, as the agent's phone is to show it.
fn invite(x: &Exchange, call: CallNo, agent: AgentNo) -> Option<Invite> {
    let known = x.calls.get(call)?;
    let number = x.seats.phone(agent)?;
    let phone = x.plan.phone(number)?;
    let treatment = known.queue.and_then(|queue| x.plan.treatment(queue));
    let queue = treatment.map_or("", |treatment| treatment.display.as_str());
    // The one who is to speak with the caller may see the number (DOMAIN.md L-5).
    let (user, shown) = match known.from.unmask() {
        "" => ("anonymous", "anonym"),
        from => (from, from),
    };
    let target = match phone.fixed {
        None => Target::Phone(number),
        Some((transport, remote)) => {
            let parameter = match transport {
                Transport::Udp => String::new(),
                Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                    format!(";transport={}", transport.word())
                }
            };
            Target::Uri {
                uri: format!("sip:{}@{remote}{parameter}", phone.user),
                transport,
                remote,
            }
        }
    };
    let mut headers = headers(phone, &x.plan.sip.realm, known.entry.history.first());
    // Who of us transfers the call (RFC 3892).
    let referred_by = known.referral.as_ref().and_then(|it| it.referred_by.clone());
    headers.extend(referred_by.map(|it| ("Referred-By".to_owned(), it)));
    // A colleague who is consulted sees who asks, and in which queue's matter.
    let consulted = matches!(known.bridge.consultee(), Some((_, Stage::Ringing)));
    let asks = known.bridge.agent().filter(|_| consulted).and_then(|it| {
        let asker = x.plan.phone(x.seats.phone(it.no)?)?;
        Some((asker.user.as_str(), x.plan.agent(it.no)?.id.as_str()))
    });
    let (user, shown) = asks.unwrap_or((user, shown));
    Some(Invite {
        target,
        from_user: user.to_owned(),
        from_display: if queue.is_empty() { shown.into() } else { format!("{queue} / {shown}") },
        sdp: None,
        headers,
        hops: None,
    })
}

/// Whom the call was for at first, which phones show. And asks one to answer by itself, if it is
/// to, in every dialect at once: harmless to those who speak none.
fn headers(phone: &Phone, realm: &str, first: Option<&Masked>) -> Vec<(String, String)> {
    let diverted = first.map(|first| {
        let value = format!("<{}>", Uri::sip_at(first.unmask(), realm));
        ("Diversion".to_owned(), value)
    });
    if !phone.auto_answer {
        return diverted.into_iter().collect();
    }
    [
        ("Call-Info", format!("<sip:{realm}>;answer-after=0")),
        ("Alert-Info", "<http://www.notused.com>;info=alert-autoanswer;delay=0".into()),
        ("Answer-Mode", "Auto".into()),
        ("P-Auto-Answer", "normal".into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .chain(diverted)
    .collect()
}

/// The phone has said something: it is there.
pub(super) fn heard(x: &mut Exchange, leg: LegNo) {
    x.timers.disarm(Timer::Unheard(leg));
}

/// The phone has said nothing: the next one is tried, and the agent of this one is left alone
/// until it can be reached.
pub(super) fn unheard(x: &mut Exchange, leg: LegNo) {
    if let Some(Role::Agent(call, agent)) = x.legs.get(leg).map(|leg| leg.role) {
        x.raise(Input::PhoneLost { call, agent, why: OfferLost::Unreachable });
    }
}

/// 200 from the phone: the engine joins the two, if the offer still stands.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    (call, agent): (CallNo, AgentNo),
    sdp: Option<&[u8]>,
) {
    heard(x, leg);
    if agreement::answered(x, turn, leg, sdp) {
        x.raise(Input::PhoneAnswered { call, agent });
    } else {
        ending::hang_up(x, turn, leg, Reason::Q850(65));
        x.raise(Input::PhoneLost { call, agent, why: OfferLost::Failed });
    }
}

/// The engine has joined caller and agent.
pub(super) fn join(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    if !talk::step(x, turn, call, Step::Answered, Reason::Q850(16)) {
        return;
    }
    let Some(known) = x.calls.get(call) else { return };
    let like = known.bridge.agent().and_then(|it| x.legs.get(it.leg)?.codec);
    if let Some(caller) = known.bridge.caller {
        reply::answer(x, turn, caller, like);
    }
}

/// The phone refused, or nobody was there.
pub(super) fn rejected(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    (call, agent): (CallNo, AgentNo),
    status: u16,
) {
    x.forget_dialog(leg);
    ending::hang_up(x, turn, leg, Reason::Q850(16));
    x.raise(Input::PhoneLost { call, agent, why: why(status) });
}

/// What a refusal means for the agent.
const fn why(status: u16) -> OfferLost {
    match status {
        486 | 600 => OfferLost::Busy,
        603 | 607 => OfferLost::Refused,
        // No registration, no route, nobody there, timers B and C, the connection gone.
        404 | 408 | 410 | 480 | 502 | 503 | 504 | 604 => OfferLost::Unreachable,
        _ => OfferLost::Failed,
    }
}

/// The offer came to nothing: whatever still rings is told so.
pub(super) fn stop(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, why: OfferLost) {
    if !talk::step(x, turn, call, Step::StopRinging, Reason::Q850(cause(why))) {
        transfer::lost(x, turn, call, why);
    }
}

/// Why a phone that rang in vain is told that it need not any more.
pub(super) const fn cause(why: OfferLost) -> u8 {
    match why {
        OfferLost::NoAnswer => 19,
        OfferLost::Refused => 21,
        OfferLost::Busy => 17,
        OfferLost::Unreachable => 20,
        OfferLost::Failed => 31,
    }
}

/// The agent's side hung up. Its dialog is over.
pub(super) fn hung_up(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    call: CallNo,
    agent: AgentNo,
) {
    x.forget_dialog(leg);
    let agents = x.calls.get(call).and_then(|it| it.bridge.agent());
    let has_caller = agents.is_some_and(|it| it.leg == leg);
    if !has_caller || !external::agent_left(x, turn, call) {
        x.raise(Input::AgentHungUp { call, agent });
    }
}

/// The engine has the caller wait again: its agent's phone failed. A colleague's phone may ring
/// already: then the caller rings on there. Or the colleague talks: then the caller is about to
/// be joined with it.
pub(super) fn part(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    if let Some(call) = x.calls.get_mut(call) {
        call.referral = None;
    }
    talk::step(x, turn, call, Step::Requeued, Reason::Q850(27));
}

/// The agent's side broke: the caller waits on, or waits again.
pub(super) fn failed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    let Some(Role::Agent(_, agent)) = x.legs.get(leg).map(|leg| leg.role) else { return };
    let Some(known) = x.calls.get(call) else {
        return ending::hang_up(x, turn, leg, Reason::Q850(31));
    };
    let consultee = known.bridge.consultee();
    let consulted = consultee.filter(|(with, _)| with.leg() == Some(leg)).map(|(_, stage)| stage);
    match (&known.bridge.talk, consulted) {
        (Talk::Ringing { .. }, _) | (_, Some(Stage::Transferring | Stage::Ringing)) => {
            x.raise(Input::PhoneLost { call, agent, why: OfferLost::Failed });
        }
        (_, Some(Stage::Talking | Stage::Conference)) => x.raise(Input::AgentLost { call, agent }),
        (Talk::Two { .. } | Talk::Holding { .. } | Talk::Consulting { .. }, None) => {
            if !external::inherits(x, turn, call) {
                x.raise(Input::AgentLost { call, agent });
            }
        }
        (
            Talk::Waiting
            | Talk::Announcing { .. }
            | Talk::ExternallyTransferring { .. }
            | Talk::Outside { .. },
            None,
        ) => ending::hang_up(x, turn, leg, Reason::Q850(31)),
    }
}

/// Tells the engine of every phone whose reach has changed, and signs in whom the
/// configuration wants at work. At the start and after a reload: of all phones.
pub(super) fn look_for_all(x: &mut Exchange, turn: &mut Turn<'_>) {
    for slot in 0..u32::try_from(x.plan.phones.len()).unwrap_or(u32::MAX) {
        look_for(x, turn, PhoneNo::first(slot));
    }
}

/// As [`look_for_all`], of one phone.
pub(super) fn look_for(x: &mut Exchange, turn: &mut Turn<'_>, phone: PhoneNo) {
    let is_found = find(x, turn, phone);
    let Some(agent) = x.plan.phone(phone).and_then(|it| it.agent) else { return };
    if is_found
        && x.seats.phone(agent).is_none()
        && x.seats.agent(phone).is_none()
        && x.plan.agent(agent).is_some_and(|it| it.ready_on_register)
    {
        x.raise(Input::SignIn { agent, phone, ready: true });
    }
}

/// Tells the engine if the phone's reach has changed. Returns whether it can be reached only now.
pub(super) fn find(x: &mut Exchange, turn: &mut Turn<'_>, phone: PhoneNo) -> bool {
    let known = x.plan.phone(phone);
    let is_fixed = known.is_some_and(|it| it.fixed.is_some());
    let up = is_fixed || known.is_some() && x.endpoint.is_registered(phone);
    if x.reach.len() <= phone.index() {
        x.reach.resize(phone.index() + 1, false);
    }
    let Some(was) = x.reach.get_mut(phone.index()) else { return false };
    if std::mem::replace(was, up) == up {
        return false;
    }
    if !up {
        if let Some(leg) = talks_at(x, phone) {
            x.timers.arm(Timer::Adrift(leg), turn.now + RETURNS);
        }
        x.raise(Input::PhoneDown { phone });
        return false;
    }
    if let Some(leg) = talks_at(x, phone)
        && !x.timers.disarm(Timer::Adrift(leg))
    {
        // It came back late: its silence is borne as before.
        x.sound.lift_silence(leg, &mut turn.out.orders);
    }
    if is_fixed {
        let user = x.plan.phone(phone).map(|it| it.user.clone()).unwrap_or_default();
        x.tell(turn, Fact::PhoneAt { phone, user, bindings: vec![] });
    }
    x.raise(Input::PhoneUp { phone });
    true
}

/// The leg over which whoever sits at that phone speaks with a caller, or with its agent.
fn talks_at(x: &Exchange, phone: PhoneNo) -> Option<LegNo> {
    let agent = x.seats.agent(phone)?;
    let Some(Stands::InCall(no)) = x.seats.stands(agent) else { return None };
    let bridge = &x.calls.get(no)?.bridge;
    let is_theirs =
        |leg: &LegNo| x.legs.get(*leg).is_some_and(|leg| leg.role == Role::Agent(no, agent));
    let consultee = bridge.consultee().and_then(|(with, _)| with.leg());
    [Some(bridge.agent()?.leg), consultee].into_iter().flatten().find(is_theirs)
}

/// The phone went out of reach in the middle of a call and has not come back. Whether it is
/// still there its sound must tell now, and soon; on hold there is none that could.
pub(super) fn adrift(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) {
    let Some(call) = x.legs.get(leg).and_then(Leg::call) else { return };
    if !x.sound.limit_silence(leg, HUSH, &mut turn.out.orders) {
        failed(x, turn, leg, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_refusal_of_a_phone_means() {
        let told: String = [404, 408, 480, 486, 487, 488, 500, 503, 600, 603, 606]
            .map(|status| format!("{status} {:?}\n", why(status)))
            .concat();
        assert_eq!(
            told,
            "\
404 Unreachable
408 Unreachable
480 Unreachable
486 Busy
487 Failed
488 Failed
500 Failed
503 Unreachable
600 Busy
603 Refused
606 Failed
"
        );
    }
}
