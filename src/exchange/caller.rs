//! What callers' SIP does, and what is said back to them.
//!
//! ```text
//! INVITE ──► number? ──► room? ──► codec? ──► call ──► the engine: Arrived
//!              404        486        488                   │ Queued
//!                                                          ▼
//!                     immediate 200 · early media 183 · with the agent 180
//! ```
//!
//! Whatever a caller does goes to the engine as what it means: `Arrived`, `CallerGone`,
//! `CallFailed`. What follows for the caller comes back as facts, see [`enact`](super::enact).

use crate::{
    acd,
    base::numbers::{CallNo, LegNo, PhoneNo, QueueNo},
    exchange::{
        call::{Between, Call, Stage},
        codes, consult, dial, dialled, elsewhere,
        fact::Fact,
        identity,
        leg::{self, Leg, Reply, Role, Sound},
        phone,
        plan::AnswerMode,
        replace, request,
        route::Destination,
        sound,
        switch::{Exchange, Timer, Turn},
        treatment,
    },
    media::order::Codec,
    sdp::negotiate::Refused,
    sip::endpoint::{Invited, Origin, Reason, Respond},
};

/// Calls for which there is always room, if they are for help: fewer where there is little room.
const KEPT_FOR_HELP: usize = 4;

/// Seconds after which whoever found no room may try again.
const RETRY_AFTER: u8 = 10;

/// An INVITE for a new call, or for a feature code.
pub(super) fn invited(x: &mut Exchange, turn: &mut Turn<'_>, invited: &Invited) {
    if let Some(old) = invited.replaces {
        if let Err(refusal) = replace::invited(x, turn, invited, old) {
            answer_refusal(x, turn, invited, &refusal);
        }
        return;
    }
    let destination = match invited.origin {
        Origin::Trunk(trunk) if x.routes.is_beginning(trunk, invited) && !x.draining => {
            return refuse(x, turn, invited, &Refusal::BEGINNING);
        }
        Origin::Trunk(trunk) => x.routes.by_trunk(trunk, invited),
        // Help before all else (T-9), whatever is configured and even while draining.
        Origin::Phone(phone) if dial::is_emergency(&x.plan, &invited.request_user) => {
            return dial_out(x, turn, phone, invited);
        }
        Origin::Phone(phone) => match codes::read(&x.plan.codes, &invited.request_user) {
            Some(code) => return request::dialled(x, turn, phone, code, invited),
            None if let Some(of) = consult::caller_of(x, phone) => {
                if let Err(refusal) = consult::dialled(x, turn, of, invited) {
                    answer_refusal(x, turn, invited, &refusal);
                }
                return;
            }
            None => match x.routes.by_phone(invited) {
                None if !x.draining && !x.plan.outgoing.allow.is_empty() => {
                    return dial_out(x, turn, phone, invited);
                }
                found => found,
            },
        },
    };
    let refusal = match destination {
        // No 503: carriers would take the whole trunk for failed, its calls that go on too (T-8).
        _ if x.draining => Refusal { status: 486, cause: 17, why: "draining", text: "Closing" },
        None => Refusal { status: 404, cause: 1, why: "no-number", text: "No such number" },
        Some(destination) => match open(x, turn, invited, destination) {
            Ok(()) => return,
            Err(refusal) => refusal,
        },
    };
    refuse(x, turn, invited, &refusal);
}

fn dial_out(x: &mut Exchange, turn: &mut Turn<'_>, phone: PhoneNo, invited: &Invited) {
    if let Err(refusal) = dialled::out(x, turn, phone, invited) {
        answer_refusal(x, turn, invited, &refusal);
    }
}

/// Why an INVITE does not become a call.
pub(super) struct Refusal {
    status: u16,
    /// The cause of Q.850, for the Reason header (RFC 6432).
    cause: u8,
    /// The word in the figures.
    why: &'static str,
    /// The reason phrase, which phones show.
    text: &'static str,
}

impl Refusal {
    /// As many calls as may be. The node can carry no more, which is what 503 is for (T-8).
    pub(super) const CAPACITY: Self =
        Self { status: 503, cause: 42, why: "capacity", text: "All lines are busy" };
    /// Only the phone itself, on another of its instances, may take the place of its call.
    pub(super) const NOT_YOURS: Self =
        Self { status: 403, cause: 21, why: "not-yours", text: "Not your call" };
    /// More digits are to come (RFC 3578).
    const BEGINNING: Self =
        Self { status: 484, cause: 28, why: "incomplete", text: "Address Incomplete" };
    /// No RTP port is left.
    pub(super) const NO_PORTS: Self =
        Self { status: 503, cause: 42, why: "no-ports", text: "All lines are busy" };
    /// We share no codec, or the offer is not one.
    pub(super) const NO_CODEC: Self =
        Self { status: 488, cause: 65, why: "no-codec", text: "No common codec" };
    /// We share no way to protect the sound, or must and may not.
    const NO_SRTP: Self = Self { status: 488, cause: 65, why: "no-srtp", text: "No common SRTP" };

    /// A phone may not call what it dialled.
    pub(super) fn of_dialling(refusal: dial::Refusal) -> Self {
        let (status, cause) = refusal.status();
        Self { status, cause, why: refusal.word(), text: refusal.text() }
    }

    /// The two sides cannot agree on their sound.
    fn of_sound(refused: Refused) -> Self {
        match refused {
            Refused::NoAudio | Refused::NoCommonCodec | Refused::Address => Self::NO_CODEC,
            Refused::Protocol | Refused::Unprotected | Refused::NoCommonCrypto => Self::NO_SRTP,
        }
    }
}

/// Opens a call, or says why not. Nothing is kept of a call that is refused.
fn open(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    invited: &Invited,
    destination: Destination,
) -> Result<(), Refusal> {
    let (call, leg) = admit(x, invited)?;

    let (trunk, from) = identity::of(x, invited);
    let entry = identity::entry(x, invited, &destination.dialled);
    let called_first = entry.history.first().cloned().unwrap_or_default();
    let by = own_phone(invited);
    let opened = x.calls.insert(Call {
        caller: leg,
        from: from.clone(),
        entry,
        answer: destination.answer,
        queue: destination.queue,
        stage: Stage::Waiting,
        because: Reason::Q850(16),
        by,
        between: Between::default(),
        kept: false,
        aside: None,
    });
    assert_eq!(opened, Ok(call), "calls.next just promised it");

    x.tell(
        turn,
        Fact::CallOpened {
            call,
            leg,
            trunk,
            call_id: invited.call_id.clone(),
            caller: from,
            dialled: destination.dialled,
            called_first,
        },
    );
    if let Some(phone) = by {
        x.raise(acd::input::Input::PhoneBusy { phone });
    }
    x.raise(acd::input::Input::Arrived {
        call,
        queue: destination.queue,
        needs: destination.needs,
        channel: destination.channel,
        arrived: turn.now,
    });
    Ok(())
}

/// A number and a leg for a new call, if there is room for it and we share a codec.
pub(super) fn admit(x: &mut Exchange, invited: &Invited) -> Result<(CallNo, LegNo), Refusal> {
    // Somebody may need help while all lines are busy (T-9).
    let kept = (x.plan.legs_max / 100).min(KEPT_FOR_HELP);
    if x.calls.len() + kept >= x.plan.legs_max / 2 || x.legs.len() + 2 * kept >= x.plan.legs_max {
        return Err(Refusal::CAPACITY);
    }
    admit_to_the_last(x, invited)
}

/// The same for a call for help, which may have what is kept for such.
pub(super) fn admit_to_the_last(
    x: &mut Exchange,
    invited: &Invited,
) -> Result<(CallNo, LegNo), Refusal> {
    if let Some(offer) = &invited.sdp {
        let wanted = sound::wanted_by_caller(x, invited);
        sound::fits(x, offer, wanted).map_err(Refusal::of_sound)?;
    }
    let Some(call) = x.calls.next() else { return Err(Refusal::CAPACITY) };
    // Every caller let in will need a second leg, as far as there are agents: keep it free.
    let others = x.legs.len().saturating_sub(x.calls.len());
    let owed = (x.calls.len() + 1).min(x.seats.taken()).saturating_sub(others);
    if x.ports.free() <= owed {
        return Err(Refusal::NO_PORTS);
    }
    if x.legs.len() + owed >= x.plan.legs_max {
        return Err(Refusal::CAPACITY);
    }
    let leg = caller_leg(x, Role::Caller(call), invited).ok_or(Refusal::NO_PORTS)?;
    Ok((call, leg))
}

/// A leg for an agent's phone that calls besides the call it has, if we share a codec.
pub(super) fn admit_aside(
    x: &mut Exchange,
    role: Role,
    invited: &Invited,
) -> Result<LegNo, Refusal> {
    if let Some(offer) = &invited.sdp {
        let wanted = sound::wanted_by_caller(x, invited);
        sound::fits(x, offer, wanted).map_err(Refusal::of_sound)?;
    }
    caller_leg(x, role, invited).ok_or(Refusal::NO_PORTS)
}

/// A leg for someone who called us, with a port of its own.
pub(super) fn caller_leg(x: &mut Exchange, role: Role, invited: &Invited) -> Option<LegNo> {
    let port = x.ports.lend()?;
    let wanted = sound::wanted_by_caller(x, invited);
    let leg = Leg {
        role,
        dialog: Some(invited.dialog),
        port,
        sound: Sound::Lent,
        reply: Reply::Owed(invited.sdp.as_deref().map(Box::from)),
        codec: None,
        stream: None,
        ours: sound::ours(x, port, wanted),
        held: false,
    };
    match x.legs.insert(leg) {
        Ok(leg) => {
            x.dialogs.insert(invited.dialog, leg);
            Some(leg)
        }
        Err(leg) => {
            x.ports.unused(leg.port);
            None
        }
    }
}

/// Tells whoever called why not.
fn answer_refusal(x: &mut Exchange, turn: &mut Turn<'_>, invited: &Invited, refusal: &Refusal) {
    let mut headers = vec![("Reason".into(), format!("Q.850;cause={}", refusal.cause))];
    if refusal.status == 503 {
        headers.push(("Retry-After".into(), RETRY_AFTER.to_string()));
    }
    let respond =
        Respond { status: refusal.status, reason: refusal.text.into(), sdp: None, headers };
    // It fails only if the caller has gone in this very turn: then it is answered already.
    let _ = x.endpoint.respond(turn.now, invited.dialog, respond, &mut turn.out.sip);
}

/// Refuses an INVITE that did not become a call.
fn refuse(x: &mut Exchange, turn: &mut Turn<'_>, invited: &Invited, refusal: &Refusal) {
    answer_refusal(x, turn, invited, refusal);
    let trunk = match invited.origin {
        Origin::Trunk(trunk) => Some(trunk),
        Origin::Phone(_) => None,
    };
    x.tell(turn, Fact::CallRefused { trunk, status: refusal.status, why: refusal.why.into() });
}

/// The phone of ours that makes this call. Whoever sits there is to be offered nothing meanwhile.
pub(super) fn own_phone(invited: &Invited) -> Option<PhoneNo> {
    match invited.origin {
        Origin::Phone(phone) => Some(phone),
        Origin::Trunk(_) => None,
    }
}

/// The engine has let the call in: it waits in `queue`, and hears so.
pub(super) fn let_in(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, queue: QueueNo) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.queue = queue;
    let (caller, mode) = (known.caller, known.answer);
    match mode {
        AnswerMode::Immediate => {
            answer(x, turn, caller, None);
            treatment::begin(x, turn, call);
        }
        AnswerMode::EarlyMedia => {
            if early_media(x, turn, caller) {
                treatment::begin(x, turn, call);
            }
        }
        AnswerMode::WithAgent => progress(x, turn, caller, 180, None),
    }
}

/// 183 with sound, if the caller made an offer; else 180. Says whether there is sound.
pub(super) fn early_media(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) -> bool {
    let Some(Leg { reply: Reply::Owed(Some(offer)), .. }) = x.legs.get(leg) else {
        progress(x, turn, leg, 180, None);
        return false;
    };
    let offer = offer.clone();
    let answer = sound::answer(x, turn, leg, &offer, None);
    let with_sound = answer.is_some();
    progress(x, turn, leg, 183, answer);
    with_sound
}

pub(super) fn progress(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    status: u16,
    sdp: Option<Vec<u8>>,
) {
    respond(x, turn, leg, Respond { status, sdp, ..Respond::default() });
}

/// 200, unless it was sent before. `like`: the codec to take if the caller can.
pub(super) fn answer(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, like: Option<Codec>) {
    let Some(known) = x.legs.get_mut(leg) else { return };
    let Reply::Owed(offer) = std::mem::replace(&mut known.reply, Reply::Given) else { return };
    let sdp = if let Some(offer) = offer {
        sound::answer(x, turn, leg, &offer, like)
    } else {
        sound::await_answer(x, turn, leg);
        sound::offer(x, leg)
    };
    match sdp {
        Some(sdp) => {
            respond(x, turn, leg, Respond { status: 200, sdp: Some(sdp), ..Respond::default() });
        }
        None => failed(x, turn, leg),
    }
}

/// A final refusal to a caller whose call was open but never answered.
pub(super) fn reject(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    (status, cause, text): (u16, u8, &str),
) {
    let headers = vec![("Reason".into(), format!("Q.850;cause={cause}"))];
    respond(x, turn, leg, Respond { status, reason: text.into(), sdp: None, headers });
    leg::forget_dialog(x, leg);
}

fn respond(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, respond: Respond) {
    let Some(dialog) = x.legs.get(leg).and_then(|leg| leg.dialog) else { return };
    // It fails only if the dialog ended in this very turn: then that event is on its way.
    let _ = x.endpoint.respond(turn.now, dialog, respond, &mut turn.out.sip);
}

/// The caller gave up or hung up. Its dialog is over.
pub(super) fn gone(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, call: CallNo) {
    leg::forget_dialog(x, leg);
    match x.calls.get(call).map(|call| call.stage) {
        Some(Stage::Waiting | Stage::Ringing { .. } | Stage::Talking { .. }) => {
            x.raise(acd::input::Input::CallerGone { call });
        }
        Some(Stage::Sent { .. }) => x.raise(acd::input::Input::CallerGone { call }),
        // The engine has let go of it before.
        Some(Stage::Forwarded { .. } | Stage::Sorry) => finish(x, turn, call),
        None => (),
    }
}

/// Something of ours or of the media broke on this leg: the call cannot go on.
pub(super) fn failed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) {
    let Some(role) = x.legs.get(leg).map(|leg| leg.role) else { return };
    match role {
        Role::Caller(call) => fail(x, turn, call, Reason::Q850(31)),
        Role::Agent(call, _) => phone::failed(x, turn, leg, call),
        Role::Aside(call, _) => consult::left(x, turn, leg, call),
        Role::Outside(call) if elsewhere::is_aside(x, call, leg) => {
            elsewhere::lost(x, turn, leg, call, 500);
        }
        Role::Outside(call) => fail(x, turn, call, Reason::Q850(31)),
        Role::Code => leg::hang_up(x, turn, leg, Reason::Q850(31)),
    }
}

/// Ends a call that is not to go on, whatever it was doing.
pub(super) fn fail(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo, because: Reason) {
    let Some(known) = x.calls.get_mut(call) else { return };
    known.because = because;
    match known.stage {
        Stage::Waiting | Stage::Ringing { .. } | Stage::Talking { .. } | Stage::Sent { .. } => {
            x.raise(acd::input::Input::CallFailed { call });
        }
        Stage::Forwarded { .. } | Stage::Sorry => finish(x, turn, call),
    }
}

/// The call is over: both sides end, and its number is free.
pub(super) fn finish(x: &mut Exchange, turn: &mut Turn<'_>, call: CallNo) {
    let Some(over) = x.calls.remove(call) else { return };
    dialled::ended(x, turn, call);
    x.timers.disarm(Timer::Call(call));
    let unanswered = matches!(x.legs.get(over.caller), Some(Leg { reply: Reply::Owed(_), .. }));
    if unanswered {
        reject(x, turn, over.caller, (480, 31, ""));
    }
    let legs = [Some(over.caller), over.other(), over.aside_leg(), over.own_leg()];
    for leg in legs.into_iter().flatten() {
        leg::hang_up(x, turn, leg, over.because);
    }
    // A phone with two lines may still be in the other one's call.
    if let Some(phone) = over.by
        && !x.calls.iter().any(|(_, call)| call.by == Some(phone))
    {
        x.raise(acd::input::Input::PhoneFree { phone });
    }
}
