//! What can go wrong in a day, or merely happens while calls go on: telephones die, sound breaks
//! off, agents go home, hold the line and change their minds, operators interfere, the
//! configuration is read again.

use crate::{
    base::{
        dice::Dice,
        numbers::{AgentNo, CallNo},
        time::{Span, Timestamp},
    },
    exchange::{plan::Plan, request::Wish},
    sim::city,
};

/// One thing that happens to an agent, a call or the whole.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// That agent's telephone dies.
    Die(u16),
    /// The agent sits down, at a telephone that is new if the old one died.
    SitDown(u16),
    /// The agent withdraws its registration.
    GoHome(u16),
    /// That telephone's sound breaks off.
    Silence(u16),
    /// The agent puts its caller on hold.
    Hold(u16),
    /// The agent takes its caller back.
    Resume(u16),
    /// Someone asks the exchange for something.
    Wish(Wish),
    /// The configuration is read again, without that agent.
    ReloadWithout(u16),
    /// The configuration is read again, as it was.
    Reload,
}

/// A day's trouble for so many agents, not in order.
#[must_use]
pub fn plan(
    agents: u16,
    span: Span,
    start: Timestamp,
    dice: &mut Dice,
) -> Vec<(Timestamp, Trouble)> {
    let mut plan = vec![];
    for n in 0..agents {
        let mut at = || start + Span::micros(dice.below(span.0));
        let (leaves, silence, hold, wish) = (at(), at(), at(), at());
        let back = leaves + Span::secs(60 + dice.below(300));
        let leaving = if dice.chance(0.5) { Trouble::Die(n) } else { Trouble::GoHome(n) };
        plan.push((leaves, leaving));
        plan.push((back, Trouble::SitDown(n)));
        plan.push((silence, Trouble::Silence(n)));
        plan.push((hold, Trouble::Hold(n)));
        plan.push((hold + Span::secs(dice.below(30)), Trouble::Resume(n)));
        plan.extend((0..10).map(|nth| {
            let at = wish + Span::secs(nth * dice.below(60));
            (at, Trouble::Wish(any_wish(AgentNo::first(n.into()), dice)))
        }));
    }
    let reload = start + Span::micros(dice.below(span.0));
    let without = u16::try_from(dice.below(agents.into())).unwrap_or(0);
    plan.push((reload, Trouble::ReloadWithout(without)));
    plan.push((reload + Span::secs(200), Trouble::Reload));
    plan
}

/// Whatever comes to someone's mind, sensible or not.
fn any_wish(agent: AgentNo, dice: &mut Dice) -> Wish {
    match dice.below(8) {
        0 => Wish::Away { agent, reason: "break".into() },
        1 => Wish::SignOut(agent),
        2 => Wish::EndWrapUp(agent),
        3 => Wish::ExtendWrapUp(agent),
        4 => Wish::HangUp(CallNo::first(u32::try_from(dice.below(8)).unwrap_or(0))),
        5 => Wish::SignIn { agent, phone: None, ready: false },
        // Twice as likely as the others: else nobody is left at work.
        6 => Wish::SignIn { agent, phone: None, ready: true },
        _ => Wish::Ready(agent),
    }
}

/// The city's configuration without that agent and its telephone.
#[must_use]
pub fn without(n: u16, agents: u16) -> Plan {
    let mut plan = city::plan(agents);
    let place = usize::from(n);
    if let Some(agent) = plan.acd.agents.get_mut(place) {
        agent.retired = true;
    }
    if let Some(agent) = plan.agents.get_mut(place) {
        *agent = None;
    }
    if let Some(phone) = plan.phones.get_mut(place) {
        *phone = None;
    }
    if let Some(phone) = plan.sip.phones.get_mut(place) {
        *phone = None;
    }
    plan
}
