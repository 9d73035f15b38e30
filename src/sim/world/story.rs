//! What happened, one line each, as a person would tell it: for stories in tests and for whoever
//! wants to know what a seed was about.

use crate::{
    acd::fact::Fact as Engine,
    exchange::fact::Fact,
    media::order::Order,
    sip::{
        message::{
            Message,
            method::Method,
            read::{self, Limits},
        },
        wire::Transport,
    },
};

/// A fact, if it is one that a story tells.
#[must_use]
pub fn fact(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Acd(fact) => return engine(fact),
        Fact::CallOpened { call, dialled, .. } => format!("{call} opened: {dialled}"),
        Fact::CallRefused { status, why, .. } => format!("refused: {status} {why}"),
        Fact::Negotiated { leg, codec } => format!("{leg} speaks {}", codec.name()),
        Fact::TrunkUp { trunk, .. } => format!("{trunk} up"),
        Fact::TrunkDown { trunk, why, .. } => format!("{trunk} down: {why}"),
        Fact::DialledOut { call, phone, dialled, emergency, .. } => {
            let alarm = if *emergency { ", an emergency" } else { "" };
            format!("{call}: {phone} calls {}{alarm}", dialled.unmask())
        }
        Fact::DialRefused { phone: Some(phone), why } => {
            format!("{phone} may not call that: {why}")
        }
        Fact::DialRefused { phone: None, why } => format!("nobody is called there: {why}"),
        Fact::DialEnded { call, talk: Some(talk) } => format!("{call} over, spoke for {talk}"),
        Fact::DialEnded { call, talk: None } => format!("{call} over, never spoke"),
        Fact::Routed { call, trunk, .. } => format!("{call} goes by {trunk}"),
        Fact::Held { call } => format!("{call} held"),
        Fact::Resumed { call } => format!("{call} resumed"),
        Fact::Conferenced { call } => format!("{call} is a conference"),
        Fact::OutsideRung { call, agent, to, .. } => {
            format!("{call}: {agent} has {} called", to.unmask())
        }
        Fact::OutsideConsulted { call, agent, to } => {
            format!("{call}: {agent} consults {}", to.unmask())
        }
        Fact::OutsideLost { call, .. } => format!("{call} has nobody outside"),
        Fact::TransferredOutside { call, agent, to } => {
            format!("{call} transferred to {} by {agent}", to.unmask())
        }
        Fact::LegOpened { .. } | Fact::LegClosed { .. } | Fact::PhoneAt { .. } => return None,
        Fact::Draining => "draining".to_owned(),
    })
}

fn engine(fact: &Engine) -> Option<String> {
    Some(match fact {
        Engine::Queued { call, queue, .. } => format!("{call} waits in {queue}"),
        Engine::Moved { call, to, .. } => format!("{call} moved to {to}"),
        Engine::Offered { call, agent, .. } => format!("{call} offered to {agent}"),
        Engine::OfferLost { call, agent, why } => format!("{call} not taken by {agent}: {why:?}"),
        Engine::Answered { call, agent, wait } => {
            format!("{call} answered by {agent} after {wait}")
        }
        Engine::Transferred { call, agent, to, .. } => {
            format!("{call} transferred to {to} by {agent}")
        }
        Engine::Consulted { call, agent, with } => {
            format!("{call}: {agent} consults {with}")
        }
        Engine::ConsultEnded { call, with, .. } => format!("{call}: the consult with {with} ends"),
        Engine::ExternalTransferStarted { call, agent, .. } => {
            format!("{call} left by {agent}, rings outside")
        }
        Engine::ExternalTransferFailed { call } => format!("{call} came back"),
        Engine::Requeued { call, agent, talk } => {
            format!("{call} returned by {agent} after {talk}")
        }
        Engine::Ended { call, outcome, .. } => format!("{call} ended: {}", short(outcome)),
        Engine::SignedIn { agent, phone } => format!("{agent} signed in at {phone}"),
        Engine::Ready { agent } => format!("{agent} ready"),
        Engine::WentAway { agent, why, .. } => format!("{agent} away: {why:?}"),
        Engine::WrappingUp { agent, .. } => format!("{agent} wraps up"),
        Engine::NextChosen { agent, next } => format!("{agent} afterwards: {next:?}"),
        Engine::SignedOut { agent } => format!("{agent} signed out"),
        Engine::Planned(_)
        | Engine::Relaxed { .. }
        | Engine::WrapUpExtended { .. }
        | Engine::PhoneReach { .. }
        | Engine::PhoneOccupied { .. } => return None,
    })
}

fn short(outcome: &crate::acd::fact::Outcome) -> String {
    use crate::acd::fact::Outcome as O;
    match outcome {
        O::Answered(agent) => format!("answered by {agent}"),
        O::Abandoned => "abandoned".to_owned(),
        O::ShortAbandoned => "abandoned soon".to_owned(),
        O::Overflowed(to, limit) => format!("sent outside to {to}: {limit:?}"),
        O::TurnedAway(how, limit) => format!("turned away by {how:?}: {limit:?}"),
        O::Failed => "failed".to_owned(),
    }
}

/// An order to the media.
#[must_use]
pub fn order(order: &Order) -> String {
    match order {
        Order::Open { leg, .. } => format!("open {leg}"),
        Order::Change { leg, .. } => format!("change {leg}"),
        Order::Play { leg, sounds, loop_last } => {
            let sounds: Vec<_> = sounds.iter().map(ToString::to_string).collect();
            let looped = if *loop_last { ", the last for ever" } else { "" };
            format!("play {} to {leg}{looped}", sounds.join(", "))
        }
        Order::Stop { leg } => format!("stop {leg}"),
        Order::Join { a, b } => format!("join {a} and {b}"),
        Order::Mix { legs } => {
            let legs: Vec<_> = legs.iter().map(ToString::to_string).collect();
            format!("mix {}", legs.join(", "))
        }
        Order::Part { leg } => format!("part {leg}"),
        Order::Press { leg, key, .. } => format!("press {key} for {leg}"),
        Order::Close { leg } => format!("close {leg}"),
    }
}

/// A message on the wire: `INVITE`, `200 (INVITE)`, and the Reason if it gives one. What only
/// keeps the protocol going, `100` and ACK, is no part of a story.
#[must_use]
pub fn message(bytes: &[u8]) -> Option<String> {
    let Ok(message) = read::read(bytes, Transport::Udp, &Limits::default()) else {
        return Some("something unreadable".to_owned());
    };
    let method = message.headers().cseq().map(|it| it.method.as_str().to_owned());
    let what = match &message {
        Message::Request(request) if request.method == Method::ACK => return None,
        Message::Response(response) if response.status == 100 => return None,
        Message::Request(request) => request.method.as_str().to_owned(),
        Message::Response(it) if it.status < 300 => {
            format!("{} ({})", it.status, method.unwrap_or_default())
        }
        Message::Response(it) => format!("{} {}", it.status, it.reason),
    };
    Some(match message.headers().get("Reason") {
        Some(reason) => format!("{what}, {reason}"),
        None => what,
    })
}
