//! A fact becomes deeds: one match, one arm a fact.
//!
//! The engine says what is so; here it is made heard. Enacting may raise one more input for the
//! engine, which waits its turn; it never calls the engine itself.

use crate::{
    acd::{
        fact::{Fact, Outcome},
        input::{Input, OfferLost},
        plan::Overflow,
    },
    exchange::{
        caller, consult, elsewhere, outside, phone,
        switch::{Exchange, Turn},
        transfer, treatment,
    },
};

/// Does what follows from `fact`, outside the engine.
pub(super) fn fact(x: &mut Exchange, turn: &mut Turn<'_>, fact: &Fact) {
    x.seats.note(fact);
    match fact {
        Fact::Queued { call, queue, .. } => caller::let_in(x, turn, *call, *queue),
        Fact::Moved { call, to, .. } => treatment::moved(x, turn, *call, *to),
        Fact::Offered { call, agent, .. } => phone::ring(x, turn, *call, *agent),
        Fact::OfferLost { call, why, .. } => phone::stop(x, turn, *call, *why),
        Fact::Answered { call, .. } => phone::join(x, turn, *call),
        Fact::Transferred { call, to, .. } => transfer::passed(x, turn, *call, *to),
        Fact::Requeued { call, .. } => phone::part(x, turn, *call),
        Fact::Consulted { call, .. } => consult::stands(x, turn, *call),
        // Whoever was asked has hung up, or is not needed any more.
        Fact::ConsultEnded { call, .. } => consult::over(x, turn, *call, 487),
        Fact::ExternalTransferStarted { call, .. } => elsewhere::rings_on(x, turn, *call),
        Fact::ExternalTransferFailed { call } => elsewhere::came_back(x, *call),
        Fact::Ended { call, outcome, .. } => match outcome {
            Outcome::Overflowed(to, limit) => outside::forward(x, turn, *call, *to, *limit),
            Outcome::TurnedAway(Overflow::Announce, _) => treatment::turn_away(x, turn, *call),
            Outcome::TurnedAway(_, _) => treatment::refuse(x, turn, *call),
            Outcome::Answered(_) if elsewhere::takes(x, *call) => elsewhere::taken(x, turn, *call),
            Outcome::Answered(_)
            | Outcome::Abandoned
            | Outcome::ShortAbandoned
            | Outcome::Failed => caller::finish(x, turn, *call),
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
        | Fact::PhoneOccupied { .. } => (),
    }
}

/// The engine refused what a deed had raised. Mostly this is a crossing, and what matters has
/// happened before; a leg or a call that hangs on it is let go.
pub(super) fn refused(x: &mut Exchange, turn: &mut Turn<'_>, input: &Input) {
    match input {
        Input::Arrived { call, .. } => caller::finish(x, turn, *call),
        Input::PhoneAnswered { call, .. } => phone::stop(x, turn, *call, OfferLost::Failed),
        Input::Plan(_)
        | Input::CallerGone { .. }
        | Input::CallFailed { .. }
        | Input::PhoneLost { .. }
        | Input::AgentHungUp { .. }
        | Input::Transfer { .. }
        | Input::Consult { .. }
        | Input::CompleteTransfer { .. }
        | Input::EndConsult { .. }
        | Input::StartExternalTransfer { .. }
        | Input::ExternalTransferAnswered { .. }
        | Input::ExternalTransferFailed { .. }
        | Input::AgentLost { .. }
        | Input::SignIn { .. }
        | Input::SignOut { .. }
        | Input::Ready { .. }
        | Input::Away { .. }
        | Input::EndWrapUp { .. }
        | Input::ExtendWrapUp { .. }
        | Input::PhoneUp { .. }
        | Input::PhoneDown { .. }
        | Input::PhoneBusy { .. }
        | Input::PhoneFree { .. }
        | Input::Tick => (),
    }
}
