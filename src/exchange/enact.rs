//! A fact becomes deeds: one match, one arm a fact.
//!
//! The engine says what is so; here it is made heard. Enacting may raise one more input for the
//! engine, which waits its turn; it never calls the engine itself.

use crate::{
    acd::{
        fact::{Fact, Outcome},
        input::{Input, OfferLost},
        plan::Overflow,
        refusal::Refusal,
    },
    exchange::{
        ending, external, outside, phone,
        switch::{Exchange, Turn},
        talk, transfer, treatment,
    },
};

/// Does what follows from `fact`, outside the engine.
pub(super) fn fact(x: &mut Exchange, turn: &mut Turn<'_>, fact: &Fact) {
    x.seats.note(fact);
    match fact {
        Fact::Queued { call, queue, .. } => treatment::admit(x, turn, *call, *queue),
        Fact::Moved { call, to, .. } => treatment::moved(x, *call, *to),
        Fact::Offered { call, agent, .. } => phone::ring(x, turn, *call, *agent),
        Fact::OfferLost { call, why, .. } => phone::stop(x, turn, *call, *why),
        Fact::Answered { call, .. } => phone::join(x, turn, *call),
        Fact::Transferred { call, to, .. } => transfer::transferred(x, turn, *call, *to),
        Fact::Requeued { call, .. } => phone::part(x, turn, *call),
        Fact::Consulted { call, .. } => talk::consulted(x, turn, *call),
        // Whoever was asked has hung up, or is not needed any more.
        Fact::ConsultEnded { call, .. } => talk::released(x, turn, *call, 487),
        Fact::ExternalTransferStarted { call, .. } => external::rings_on(x, turn, *call),
        Fact::ExternalTransferFailed { call } => external::failed(x, turn, *call),
        Fact::Ended { call, outcome, .. } => match outcome {
            Outcome::Overflowed(to, limit) => outside::forward(x, turn, *call, *to, *limit),
            Outcome::TurnedAway(Overflow::Announce, _) => treatment::turn_away(x, turn, *call),
            Outcome::TurnedAway(_, _) => treatment::refuse(x, turn, *call),
            Outcome::Answered(_) if external::taken(x, turn, *call) => (),
            Outcome::Answered(_)
            | Outcome::Abandoned
            | Outcome::ShortAbandoned
            | Outcome::Announced
            | Outcome::Failed => ending::finish(x, turn, *call),
        },
        // Nobody outside the engine hears of these.
        Fact::Planned(_)
        | Fact::Relaxed { .. }
        | Fact::SignedIn { .. }
        | Fact::Ready { .. }
        | Fact::WentAway { .. }
        | Fact::WrappingUp { .. }
        | Fact::WrapUpExtended { .. }
        | Fact::NextChosen { .. }
        | Fact::SignedOut { .. }
        | Fact::PhoneReach { .. }
        | Fact::PhoneOccupied { .. }
        | Fact::QueueOpen { .. } => (),
    }
}

/// The engine refused what a deed had raised. Mostly this is a crossing: the call is over, and what
/// matters has happened before. If it is not, that is a fault of ours, and is told.
pub(super) fn refused(x: &mut Exchange, turn: &mut Turn<'_>, refusal: &Refusal) {
    match refusal.input {
        Input::Arrived { call, .. } | Input::NeverQueued { call, .. } => {
            tell(turn, refusal);
            ending::finish(x, turn, call);
        }
        Input::PhoneAnswered { call, .. } => phone::stop(x, turn, call, OfferLost::Failed),
        // A hang-up, a lost phone and a failed leg cannot be refused of a call that stands.
        Input::CallerGone { call }
        | Input::CallFailed { call }
        | Input::PhoneLost { call, .. }
        | Input::AgentHungUp { call, .. }
        | Input::AgentLost { call, .. }
        | Input::ExternalTransferAnswered { call }
        | Input::ExternalTransferFailed { call } => {
            if x.engine.state().call(call).is_some() {
                tell(turn, refusal);
            }
        }
        Input::Plan(_)
        | Input::PhoneUp { .. }
        | Input::PhoneDown { .. }
        | Input::PhoneBusy { .. }
        | Input::PhoneFree { .. }
        | Input::QueueOpen { .. }
        | Input::Tick => {
            tell(turn, refusal);
        }
        // What people want may make no sense by the time it is heard.
        Input::Transfer { .. }
        | Input::Consult { .. }
        | Input::CompleteTransfer { .. }
        | Input::EndConsult { .. }
        | Input::StartExternalTransfer { .. }
        | Input::SignIn { .. }
        | Input::SignOut { .. }
        | Input::Ready { .. }
        | Input::Away { .. }
        | Input::EndWrapUp { .. }
        | Input::ExtendWrapUp { .. } => (),
    }
}

fn tell(turn: &mut Turn<'_>, refusal: &Refusal) {
    turn.out.refused.push(refusal.to_string());
}
