//! What is said back to whoever called us: it rings, it is answered, it is refused.
//!
//! ```text
//!                     immediate 200 · early media 183 · with the agent 180
//! ```

use crate::{
    base::numbers::LegNo,
    exchange::{
        agreement,
        leg::{Leg, Reply},
        switch::{Exchange, Turn},
    },
    media::order::Codec,
    sip::verb::Respond,
};

/// How far it is.
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
        agreement::answer(x, turn, leg, &offer, like)
    } else {
        agreement::await_answer(x, turn, leg);
        agreement::offer(x, leg)
    };
    match sdp {
        Some(sdp) => {
            respond(x, turn, leg, Respond { status: 200, sdp: Some(sdp), ..Respond::default() });
        }
        None => x.fail_leg(leg),
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
    x.forget_dialog(leg);
}

fn respond(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, respond: Respond) {
    let Some(dialog) = x.legs.get(leg).and_then(|leg| leg.dialog) else { return };
    // It fails only if the dialog ended in this very turn: then that event is on its way.
    let _ = x.endpoint.respond(turn.now, dialog, respond, &mut turn.out.sip);
}

/// 183 with sound, if the caller made an offer; else 180. Says whether there is sound.
pub(super) fn early_media(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) -> bool {
    let Some(Leg { reply: Reply::Owed(Some(offer)), .. }) = x.legs.get(leg) else {
        progress(x, turn, leg, 180, None);
        return false;
    };
    let offer = offer.clone();
    let answer = agreement::answer(x, turn, leg, &offer, None);
    let with_sound = answer.is_some();
    progress(x, turn, leg, 183, answer);
    with_sound
}
