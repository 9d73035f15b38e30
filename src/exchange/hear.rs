//! What is heard, from the wire and from the media: one match each, one arm an event.
//!
//! Whose leg it is decides what it means. An event for a leg that ended earlier in the same
//! turn finds nobody and changes nothing: the order of arrival has decided (DESIGN.md 4).

use crate::{
    base::numbers::{CallNo, DialogNo, LegNo},
    bridge::{call::Talk, hears},
    exchange::{
        agreement, caller, cause, consult, dialled, ending, external,
        fact::Fact,
        leg::{Leg, Role},
        menu, outside, phone,
        switch::{Exchange, Turn},
        transfer, treatment,
    },
    media::order::{Notice, Report},
    sip::{self, message::header::reason::Reason, message::info::Press},
    treatment::course::Event,
};

/// Something happened on the wire.
#[allow(clippy::too_many_lines)] // An arm an event.
pub(super) fn event(x: &mut Exchange, turn: &mut Turn<'_>, event: sip::event::Event) {
    use sip::event::Event;

    match event {
        Event::Invited(invited) => caller::invited(x, turn, &invited),
        Event::Cancelled { dialog, reason } | Event::HungUp { dialog, reason } => {
            over(x, turn, dialog, reason);
        }
        Event::Lost { dialog } => match whose(x, dialog) {
            Some((leg, Role::Agent(call, _))) => {
                x.forget_dialog(leg);
                phone::failed(x, turn, leg, call);
            }
            Some((_, Role::Caller(_) | Role::SecondLine(..) | Role::Outside(_) | Role::Code))
            | None => {
                over(x, turn, dialog, None);
            }
        },
        Event::NeverAcked { dialog } => over(x, turn, dialog, Some(Reason::Q850(102))),
        Event::Acked { dialog, sdp } => {
            let Some((leg, role)) = whose(x, dialog) else { return };
            // Our 200 made the offer, so this is the answer. Without one there is no sound.
            let has_sound = match (sdp, role) {
                (Some(sdp), _) => agreement::agreed(x, turn, leg, &sdp),
                (None, Role::Caller(_) | Role::SecondLine(..)) => {
                    x.legs.get(leg).is_some_and(|it| it.codec.is_some())
                }
                (None, Role::Agent(..) | Role::Outside(_) | Role::Code) => true,
            };
            if !has_sound {
                failed(x, turn, leg);
            }
        }
        // Callers have heard 180 or music already; what a phone rings like is its own affair.
        Event::Progressed { dialog, status, sdp } => match whose(x, dialog) {
            Some((leg, Role::Outside(call))) => {
                dialled::progressed(x, turn, leg, call, (status, sdp.as_deref()));
            }
            Some((leg, Role::Agent(..) | Role::Caller(_) | Role::SecondLine(..) | Role::Code)) => {
                phone::heard(x, leg);
            }
            None => (),
        },
        Event::Routed { dialog, trunk } => {
            if let Some((leg, _)) = whose(x, dialog) {
                dialled::routed(x, turn, leg, trunk);
            }
        }
        Event::Answered { dialog, sdp } => match whose(x, dialog) {
            Some((leg, Role::Agent(call, agent))) => {
                phone::answered(x, turn, leg, (call, agent), sdp.as_deref());
            }
            Some((leg, Role::Outside(call))) if external::is_external(x, call, leg) => {
                external::answered(x, turn, leg, call, sdp.as_deref());
            }
            Some((leg, Role::Outside(call))) => {
                outside::answered(x, turn, leg, call, sdp.as_deref());
                dialled::answered(x, turn, call);
            }
            Some((_, Role::Caller(_) | Role::SecondLine(..) | Role::Code)) | None => (),
        },
        Event::Rejected { dialog, status, cause, .. } => match whose(x, dialog) {
            Some((leg, Role::Agent(call, agent))) => {
                // What the network behind a gateway said is nearer the truth.
                let status = cause.and_then(cause::status).unwrap_or(status);
                phone::rejected(x, turn, leg, (call, agent), status);
            }
            Some((leg, Role::Outside(call))) if is_dialled(x, call) => {
                x.forget_dialog(leg);
                dialled::refused(x, turn, call, status, cause);
            }
            Some((leg, Role::Outside(call))) if external::is_external(x, call, leg) => {
                x.forget_dialog(leg);
                external::lost(x, turn, leg, call, status);
            }
            Some((leg, Role::Outside(call))) => {
                x.forget_dialog(leg);
                outside::lost(x, turn, leg, call);
            }
            Some((_, Role::Caller(_) | Role::SecondLine(..) | Role::Code)) | None => (),
        },
        Event::Reoffered { dialog, sdp } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            agreement::reoffered(x, turn, leg, dialog, sdp.as_deref());
        }
        Event::Referred(referred) => {
            let Some((leg, _)) = whose(x, referred.dialog) else { return };
            transfer::referred(x, turn, leg, &referred);
        }
        Event::RefreshDue { dialog } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            agreement::say_again(x, turn, leg, dialog);
        }
        Event::Reanswered { dialog, status, sdp } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            agreement::reanswered(x, turn, leg, status, sdp.as_deref());
        }
        Event::TrunkUp { trunk } => {
            let name = x.plan.trunk(trunk).map(|it| it.name.clone()).unwrap_or_default();
            x.tell(turn, Fact::TrunkUp { trunk, name });
        }
        Event::TrunkDown { trunk, why } => {
            let name = x.plan.trunk(trunk).map(|it| it.name.clone()).unwrap_or_default();
            x.tell(turn, Fact::TrunkDown { trunk, name, why: why.to_string() });
        }
        Event::Pressed { dialog, press } => {
            if let Some((leg, _)) = whose(x, dialog) {
                pressed(x, turn, leg, press);
            }
        }
        Event::Bound { phone, bindings } => {
            let user = x.plan.phone(phone).map(|it| it.user.clone()).unwrap_or_default();
            x.tell(turn, Fact::PhoneAt { phone, user, bindings });
        }
        Event::PhoneUp { phone } | Event::PhoneDown { phone } => phone::look_for(x, turn, phone),
    }
}

/// The far side, or the dialog itself, is gone.
fn over(x: &mut Exchange, turn: &mut Turn<'_>, dialog: DialogNo, reason: Option<Reason>) {
    let Some((leg, role)) = whose(x, dialog) else { return };
    // The other side is told what this one said (RFC 3326).
    let call = x.legs.get(leg).and_then(Leg::call).and_then(|call| x.calls.get_mut(call));
    if let (Some(call), Some(reason @ Reason::Q850(_))) = (call, reason) {
        call.reason = reason;
    }
    match role {
        Role::Caller(call) => ending::abandoned(x, turn, leg, call),
        Role::Agent(call, agent) => phone::hung_up(x, turn, leg, call, agent),
        Role::SecondLine(call, _) => {
            x.forget_dialog(leg);
            consult::second_lost(x, turn, leg, call);
        }
        Role::Outside(call) if external::is_external(x, call, leg) => {
            x.forget_dialog(leg);
            external::lost(x, turn, leg, call, 200);
        }
        Role::Outside(call) => {
            x.forget_dialog(leg);
            ending::finish(x, turn, call);
        }
        Role::Code => {
            x.forget_dialog(leg);
            ending::hang_up(x, turn, leg, Reason::Q850(16));
        }
    }
}

fn whose(x: &Exchange, dialog: DialogNo) -> Option<(LegNo, Role)> {
    let leg = *x.dialogs.get(&dialog)?;
    Some((leg, x.legs.get(leg)?.role))
}

/// Whether a phone of ours made that call to somebody outside.
fn is_dialled(x: &Exchange, call: CallNo) -> bool {
    x.calls.get(call).is_some_and(|it| it.dialled.is_some())
}

/// Something of ours or of the media broke on this leg: it cannot go on.
pub(super) fn failed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) {
    let Some(role) = x.legs.get(leg).map(|leg| leg.role) else { return };
    match role {
        Role::Caller(call) => ending::fail(x, turn, call, Reason::Q850(31)),
        Role::Agent(call, _) => phone::failed(x, turn, leg, call),
        Role::SecondLine(call, _) => consult::second_lost(x, turn, leg, call),
        Role::Outside(call) if external::is_external(x, call, leg) => {
            external::lost(x, turn, leg, call, 500);
        }
        Role::Outside(call) => ending::fail(x, turn, call, Reason::Q850(31)),
        Role::Code => ending::hang_up(x, turn, leg, Reason::Q850(31)),
    }
}

/// A key was pressed at the leg, which told of it by INFO: a menu hears it, and whoever it talks
/// with hears it as if it had come with the sound.
fn pressed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, press: Press) {
    let Some(Leg { role, .. }) = x.legs.get(leg) else { return };
    if let Role::Caller(call) = *role {
        menu::heard(x, turn, call, Event::Key(press.key));
    }
    let Some(call) = x.legs.get(leg).and_then(|leg| x.calls.get(leg.call()?)) else { return };
    let ear = |leg| x.sound.ear(leg);
    if let Some(other) = hears::hears_keys_of(&call.bridge, leg, &ear) {
        let Press { key, length } = press;
        x.sound.press(other, key, length, &mut turn.out.orders);
    }
}

/// The media say something.
pub(super) fn notice(x: &mut Exchange, turn: &mut Turn<'_>, notice: Notice) {
    match notice {
        Notice::Ports { ports } => x.ports.prepared(&ports),
        // What never opened cannot close: that is all that there is to hear of it.
        Notice::Failed { leg, .. } if x.sound.is_closing(leg) => {
            ending::closed(x, turn, leg, Report::default());
        }
        Notice::Silent { leg } | Notice::Failed { leg, .. } => failed(x, turn, leg),
        Notice::NotPlayed { leg, .. } => {
            x.sound.silent(leg);
            played(x, turn, leg);
        }
        Notice::Played { leg } => played(x, turn, leg),
        Notice::Digit { leg, digit } => {
            let caller = x.legs.get(leg).map(|leg| leg.role);
            if let Some(Role::Caller(call)) = caller {
                menu::heard(x, turn, call, Event::Key(digit));
            }
        }
        Notice::Closed { leg, report } => ending::closed(x, turn, leg, report),
    }
}

/// All that the leg was to hear has been said, or cannot be.
fn played(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) {
    let Some(Role::Caller(call)) = x.legs.get(leg).map(|leg| leg.role) else { return };
    let Some(known) = x.calls.get(call) else { return };
    match known.bridge.talk {
        Talk::Announcing { .. } if known.at_menu.is_some() => {
            menu::heard(x, turn, call, Event::Said);
        }
        Talk::Announcing { .. } => treatment::said(x, turn, call),
        Talk::Waiting
        | Talk::Ringing { .. }
        | Talk::Two { .. }
        | Talk::Holding { .. }
        | Talk::Consulting { .. }
        | Talk::ExternallyTransferring { .. }
        | Talk::Outside { .. } => (),
    }
}
