//! Whether an INVITE becomes a call: is there room, and do we share a codec?
//!
//! ```text
//! INVITE ──► number? ──► room? ──► codec? ──► a number and a leg for it
//!              404        486        488
//! ```
//!
//! Nothing is kept of what is refused.

use crate::{
    base::numbers::{CallNo, LegNo, PhoneNo},
    exchange::{
        agreement, dial,
        leg::{Leg, Reply, Role},
        switch::Exchange,
    },
    sdp::negotiate::Refused,
    sip::event::{Invited, Origin},
};

/// Calls for which there is always room, if they are for help: fewer where there is little room.
const KEPT_FOR_HELP: usize = 4;

/// Why an INVITE does not become a call.
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The cause of Q.850, for the Reason header (RFC 6432).
    pub(super) cause: u8,
    /// The word in the figures.
    pub(super) why: &'static str,
    /// The reason phrase, which phones show.
    pub(super) text: &'static str,
}

impl Refusal {
    /// As many calls as may be. The node can carry no more, which is what 503 is for (T-8).
    pub(super) const CAPACITY: Self =
        Self { status: 503, cause: 42, why: "capacity", text: "All lines are busy" };
    /// Only the phone itself, on another of its instances, may take the place of its call.
    pub(super) const NOT_YOURS: Self =
        Self { status: 403, cause: 21, why: "not-yours", text: "Not your call" };
    /// More digits are to come (RFC 3578).
    pub(super) const BEGINNING: Self =
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
        let wanted = agreement::wanted_by_caller(x, invited);
        agreement::fits(x, offer, wanted).map_err(Refusal::of_sound)?;
    }
    let Some(call) = x.calls.next() else { return Err(Refusal::CAPACITY) };
    // Every caller admitted will need a second leg, as far as there are agents: keep it free.
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
pub(super) fn admit_second(
    x: &mut Exchange,
    role: Role,
    invited: &Invited,
) -> Result<LegNo, Refusal> {
    if let Some(offer) = &invited.sdp {
        let wanted = agreement::wanted_by_caller(x, invited);
        agreement::fits(x, offer, wanted).map_err(Refusal::of_sound)?;
    }
    caller_leg(x, role, invited).ok_or(Refusal::NO_PORTS)
}

/// A leg for someone who called us, with a port of its own.
pub(super) fn caller_leg(x: &mut Exchange, role: Role, invited: &Invited) -> Option<LegNo> {
    let port = x.ports.lend()?;
    let wanted = agreement::wanted_by_caller(x, invited);
    let leg = Leg {
        role,
        dialog: Some(invited.dialog),
        reply: Reply::Owed(invited.sdp.as_deref().map(Box::from)),
        codec: None,
        ours: agreement::ours(x, port, wanted),
    };
    let Ok(leg) = x.legs.insert(leg) else {
        x.ports.unused(port);
        return None;
    };
    x.sound.lend(leg, port);
    x.dialogs.insert(invited.dialog, leg);
    Some(leg)
}

/// The phone of ours that makes this call. Whoever sits there is to be offered nothing meanwhile.
pub(super) fn own_phone(invited: &Invited) -> Option<PhoneNo> {
    match invited.origin {
        Origin::Phone(phone) => Some(phone),
        Origin::Trunk(_) => None,
    }
}
