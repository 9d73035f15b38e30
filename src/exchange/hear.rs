//! What is heard, from the wire and from the media: one match each, one arm an event.
//!
//! Whose leg it is decides what it means. An event for a leg that ended earlier in the same
//! turn finds nobody and changes nothing: the order of arrival has decided (DESIGN.md 4).

use crate::{
    base::numbers::{DialogNo, LegNo},
    exchange::{
        call::Stage,
        caller, cause, consult, dialled, elsewhere,
        fact::Fact,
        leg::{self, Leg, Role},
        outside, phone, sound,
        switch::{Exchange, Turn},
        transfer, treatment,
    },
    media::order::{Notice, Report},
    sip::{event::Event, message::header::reason::Reason},
};

/// Something happened on the wire.
#[allow(clippy::too_many_lines)] // An arm an event.
pub(super) fn event(x: &mut Exchange, turn: &mut Turn<'_>, event: Event) {
    match event {
        Event::Invited(invited) => caller::invited(x, turn, &invited),
        Event::Cancelled { dialog, reason } | Event::HungUp { dialog, reason } => {
            over(x, turn, dialog, reason);
        }
        Event::Lost { dialog } => match whose(x, dialog) {
            Some((leg, Role::Agent(call, _))) => {
                leg::forget_dialog(x, leg);
                phone::failed(x, turn, leg, call);
            }
            Some((_, Role::Caller(_) | Role::Aside(..) | Role::Outside(_) | Role::Code)) | None => {
                over(x, turn, dialog, None);
            }
        },
        Event::NeverAcked { dialog } => over(x, turn, dialog, Some(Reason::Q850(102))),
        Event::Acked { dialog, sdp } => {
            let Some((leg, role)) = whose(x, dialog) else { return };
            // Our 200 made the offer, so this is the answer. Without one there is no sound.
            let has_sound = match (sdp, role) {
                (Some(sdp), _) => sound::agreed(x, turn, leg, &sdp),
                (None, Role::Caller(_) | Role::Aside(..)) => {
                    x.legs.get(leg).is_some_and(|it| it.codec.is_some())
                }
                (None, Role::Agent(..) | Role::Outside(_) | Role::Code) => true,
            };
            if !has_sound {
                caller::failed(x, turn, leg);
            }
        }
        // Callers have heard 180 or music already; what a phone rings like is its own affair.
        Event::Progressed { dialog, status, sdp } => match whose(x, dialog) {
            Some((leg, Role::Outside(call))) => {
                dialled::progressed(x, turn, leg, call, (status, sdp.as_deref()));
            }
            Some((leg, Role::Agent(..) | Role::Caller(_) | Role::Aside(..) | Role::Code)) => {
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
            Some((leg, Role::Outside(call))) if elsewhere::is_aside(x, call, leg) => {
                elsewhere::answered(x, turn, leg, call, sdp.as_deref());
            }
            Some((leg, Role::Outside(call))) => {
                outside::answered(x, turn, leg, call, sdp.as_deref());
                dialled::answered(x, turn, call);
            }
            Some((_, Role::Caller(_) | Role::Aside(..) | Role::Code)) | None => (),
        },
        Event::Rejected { dialog, status, cause, .. } => match whose(x, dialog) {
            Some((leg, Role::Agent(call, agent))) => {
                // What the network behind a gateway said is nearer the truth.
                let status = cause.and_then(cause::status).unwrap_or(status);
                phone::rejected(x, turn, leg, (call, agent), status);
            }
            Some((leg, Role::Outside(call))) if dialled::is_dialled(x, call) => {
                leg::forget_dialog(x, leg);
                dialled::refused(x, turn, call, status, cause);
            }
            Some((leg, Role::Outside(call))) if elsewhere::is_aside(x, call, leg) => {
                leg::forget_dialog(x, leg);
                elsewhere::lost(x, turn, leg, call, status);
            }
            Some((leg, Role::Outside(call))) => {
                leg::forget_dialog(x, leg);
                outside::lost(x, turn, leg, call);
            }
            Some((_, Role::Caller(_) | Role::Aside(..) | Role::Code)) | None => (),
        },
        Event::Reoffered { dialog, sdp } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            sound::reoffered(x, turn, leg, dialog, sdp.as_deref());
        }
        Event::Referred(referred) => {
            let Some((leg, _)) = whose(x, referred.dialog) else { return };
            transfer::referred(x, turn, leg, &referred);
        }
        Event::RefreshDue { dialog } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            sound::say_again(x, turn, leg, dialog);
        }
        Event::Reanswered { dialog, status, sdp } => {
            let Some((leg, _)) = whose(x, dialog) else { return };
            sound::reanswered(x, turn, leg, status, sdp.as_deref());
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
                sound::pressed(x, turn, leg, press);
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
fn over(x: &mut Exchange, turn: &mut Turn<'_>, dialog: DialogNo, because: Option<Reason>) {
    let Some((leg, role)) = whose(x, dialog) else { return };
    // The other side is told what this one said (RFC 3326).
    let call = x.legs.get(leg).and_then(Leg::call).and_then(|call| x.calls.get_mut(call));
    if let (Some(call), Some(because @ Reason::Q850(_))) = (call, because) {
        call.because = because;
    }
    match role {
        Role::Caller(call) => caller::gone(x, turn, leg, call),
        Role::Agent(call, agent) => phone::hung_up(x, turn, leg, call, agent),
        Role::Aside(call, _) => {
            leg::forget_dialog(x, leg);
            consult::left(x, turn, leg, call);
        }
        Role::Outside(call) if elsewhere::is_aside(x, call, leg) => {
            leg::forget_dialog(x, leg);
            elsewhere::lost(x, turn, leg, call, 200);
        }
        Role::Outside(call) => {
            leg::forget_dialog(x, leg);
            caller::finish(x, turn, call);
        }
        Role::Code => {
            leg::forget_dialog(x, leg);
            leg::hang_up(x, turn, leg, Reason::Q850(16));
        }
    }
}

fn whose(x: &Exchange, dialog: DialogNo) -> Option<(LegNo, Role)> {
    let leg = *x.dialogs.get(&dialog)?;
    Some((leg, x.legs.get(leg)?.role))
}

/// The media say something.
pub(super) fn notice(x: &mut Exchange, turn: &mut Turn<'_>, notice: Notice) {
    match notice {
        Notice::Ports { ports } => x.ports.prepared(&ports),
        // What never opened cannot close: that is all that there is to hear of it.
        Notice::Failed { leg, .. } if leg::is_closing(x, leg) => {
            leg::closed(x, turn, leg, Report::default());
        }
        Notice::Silent { leg } | Notice::Failed { leg, .. } => caller::failed(x, turn, leg),
        Notice::Played { leg } => {
            let Some(Role::Caller(call)) = x.legs.get(leg).map(|leg| leg.role) else { return };
            if x.calls.get(call).is_some_and(|call| call.stage == Stage::Sorry) {
                treatment::said(x, turn, call);
            }
        }
        // Menus come with their own issue.
        Notice::Digit { .. } => (),
        Notice::Closed { leg, report } if leg::is_closing(x, leg) => {
            leg::closed(x, turn, leg, report);
        }
        Notice::Closed { .. } => (),
    }
}
