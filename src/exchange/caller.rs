//! What callers' SIP asks for: a call, a feature code, a number outside.
//!
//! ```text
//! INVITE ──► whose is it, and what is dialled? ──► admission ──► call ──► the engine: Arrived
//!                                                            │              │ Queued
//!                                                            ▼              ▼
//!                                                          menu: 200    treatment: 200, 183 or 180
//! ```
//!
//! What follows for the caller comes back as facts, see [`enact`](super::enact).

use crate::{
    acd,
    base::numbers::PhoneNo,
    bridge,
    exchange::{
        admission::{self, Refusal},
        call::Call,
        codes, consult, control, dial, dialled,
        fact::Fact,
        identity, menu,
        plan::Leads,
        replace,
        route::Destination,
        switch::{Exchange, Turn},
    },
    sip::{
        event::{Invited, Origin},
        message::header::reason::Reason,
        verb::Respond,
    },
};

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
            Some(code) => return control::dialled(x, turn, phone, code, invited),
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
    // A queue that a reload has retired serves who is in it, and takes nobody new.
    let is_open = |it: &Destination| match it.leads {
        Leads::Queue(queue) => {
            x.plan.acd.queues.get(queue.index()).is_some_and(|queue| !queue.retired)
        }
        Leads::Menu(menu) => x.plan.menus.menu(menu).is_some(),
    };
    let destination = destination.filter(is_open);
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

/// Opens a call, or says why not. Nothing is kept of a call that is refused.
fn open(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    invited: &Invited,
    destination: Destination,
) -> Result<(), Refusal> {
    let (call, leg) = admission::admit(x, invited)?;

    let (trunk, from) = identity::of(&x.plan, invited);
    let entry = identity::entry(&x.plan, invited, &destination.dialled);
    let called_first = entry.history.first().cloned().unwrap_or_default();
    let by = admission::own_phone(invited);
    let opened = x.calls.insert(Call {
        bridge: bridge::call::Call::waiting(Some(leg)),
        from: from.clone(),
        entry,
        answer: destination.answer,
        queue: match destination.leads {
            Leads::Queue(queue) => Some(queue),
            Leads::Menu(_) => None,
        },
        language: destination.language,
        at_menu: None,
        reason: Reason::Q850(16),
        by,
        is_held: false,
        dialled: None,
        is_taken_over: false,
        referral: None,
    });
    assert_eq!(opened, Ok(call), "calls.next just promised it");

    let id = Some(x.ids.next(turn.now));
    x.tell(
        turn,
        Fact::CallOpened {
            call,
            id,
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
    let (needs, channel, arrived) = (destination.needs, destination.channel, turn.now);
    match destination.leads {
        Leads::Queue(queue) => {
            x.raise(acd::input::Input::Arrived { call, queue, needs, channel, arrived });
        }
        Leads::Menu(to) => menu::begin(x, turn, call, to, needs, channel),
    }
    Ok(())
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
    let (id, call_id) = (Some(x.ids.next(turn.now)), invited.call_id.clone());
    let (status, why) = (refusal.status, refusal.why.into());
    x.tell(turn, Fact::CallRefused { id, call_id, trunk, status, why });
}
