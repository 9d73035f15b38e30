//! A call that takes the place of another (RFC 3891): an agent goes on speaking at another
//! instance of its phone, the one at home or the one in the browser.
//!
//! ```text
//! INVITE, Replaces ──► its agent's own? ──► 200, joined; the old leg: BYE
//!                          └─ 403
//! ```
//!
//! Attended transfers need none of this: there both calls of a phone end here, and REFER brings
//! their far sides together, see [`transfer`](super::transfer). To the engine nothing happens.

use crate::{
    base::numbers::{DialogNo, LegNo},
    exchange::{
        call::{Call, Stage},
        caller::{self, Refusal},
        hold,
        leg::{self, Role},
        switch::{Exchange, Turn},
    },
    sip::{
        event::{Invited, Origin},
        message::header::reason::Reason,
    },
};

/// A phone calls to take the place of the call that is `old`.
pub(super) fn invited(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    invited: &Invited,
    old: DialogNo,
) -> Result<(), Refusal> {
    let Origin::Phone(phone) = invited.origin else { return Err(Refusal::NOT_YOURS) };
    let old = *x.dialogs.get(&old).ok_or(Refusal::NOT_YOURS)?;
    let known = x.legs.get(old).ok_or(Refusal::NOT_YOURS)?;
    let (Role::Agent(call, agent) | Role::Aside(call, agent)) = known.role else {
        return Err(Refusal::NOT_YOURS);
    };
    let (role, like) = (known.role, known.codec);
    if x.seats.agent(phone) != Some(agent) {
        return Err(Refusal::NOT_YOURS);
    }
    let new = caller::admit_aside(x, role, invited)?;
    if let Some(known) = x.calls.get_mut(call) {
        takes_place(known, old, new);
    }
    caller::answer(x, turn, new, like);
    // The call may be over by that: if nothing was agreed, say.
    if x.calls.get(call).is_some() {
        hold::anew(x, turn, call);
    }
    leg::hang_up(x, turn, old, Reason::Q850(16));
    Ok(())
}

fn takes_place(call: &mut Call, old: LegNo, new: LegNo) {
    if call.stage == (Stage::Talking { leg: old }) {
        call.stage = Stage::Talking { leg: new };
    }
    let Some(aside) = &mut call.aside else { return };
    for leg in [&mut aside.leg, &mut aside.own].into_iter().flatten().filter(|it| **it == old) {
        *leg = new;
    }
}
