//! A call that takes the place of another (RFC 3891): an agent goes on talking at another
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
    base::numbers::DialogNo,
    bridge::step::Step,
    exchange::{
        admission::{self, Refusal},
        ending,
        leg::Role,
        reply,
        switch::{Exchange, Turn},
        talk,
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
    let (Role::Agent(call, agent) | Role::SecondLine(call, agent)) = known.role else {
        return Err(Refusal::NOT_YOURS);
    };
    let (role, like) = (known.role, known.codec);
    if x.seats.agent(phone) != Some(agent) {
        return Err(Refusal::NOT_YOURS);
    }
    let new = admission::admit_second(x, role, invited)?;
    reply::answer(x, turn, new, like);
    if !talk::step(x, turn, call, Step::Replace { old, new }, Reason::Q850(16)) {
        ending::hang_up(x, turn, new, Reason::Q850(16));
    }
    Ok(())
}
