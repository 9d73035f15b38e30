//! Whom a word means, when an agent passes a caller on or wants to ask somebody first.
//!
//! ```text
//! a queue's name ► an agent's id ► a phone's user ► a number of ours ► a number outside
//! ```
//!
//! The last one only as far as the rules for calls outside let the agent (L-13), and never 110
//! or 112 (T-9).

use crate::{
    base::{
        numbers::{AgentNo, PhoneNo, QueueNo},
        time::Timestamp,
    },
    exchange::{
        dial::{self, Way, Who},
        plan::Leads,
        request::Refused,
        switch::Exchange,
    },
};

/// Whom a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// A queue.
    Queue(QueueNo),
    /// A colleague.
    Colleague(AgentNo),
    /// A number outside.
    Outside(Way),
}

/// Whom that word of an agent's means.
pub(super) fn meant(
    x: &Exchange,
    now: Timestamp,
    word: &str,
    by: AgentNo,
) -> Result<Whom, Refused> {
    let queues = (0..).map(QueueNo::first).zip(&x.plan.acd.queues);
    let queue = queues.into_iter().find(|(_, it)| it.name == word && !it.retired);
    if let Some((queue, _)) = queue {
        return Ok(Whom::Queue(queue));
    }
    let agents = (0..).map(AgentNo::first).zip(&x.plan.agents);
    let agent = agents.into_iter().find(|(_, it)| it.as_ref().is_some_and(|it| it.id == word));
    if let Some((agent, _)) = agent {
        return Ok(Whom::Colleague(agent));
    }
    let phones = (0..).map(PhoneNo::first).zip(&x.plan.phones);
    let phone = phones.into_iter().find(|(_, it)| it.as_ref().is_some_and(|it| it.user == word));
    if let Some((phone, _)) = phone {
        let nobody = || Refused::NoPhone(format!("nobody sits at the phone {word}"));
        return x.seats.agent(phone).map(Whom::Colleague).ok_or_else(nobody);
    }
    match x.routes.by_number(word).map(|it| it.leads) {
        Some(Leads::Queue(queue)) => return Ok(Whom::Queue(queue)),
        // Nobody with a caller on the line is to press keys for it.
        Some(Leads::Menu(_)) => {
            return Err(Refused::NoPhone(format!("{word} leads to a menu, not to a queue")));
        }
        None => (),
    }
    let unknown = || Refused::Unknown(format!("agent, phone, queue or number \"{word}\""));
    match dial::may_dial(&x.plan, &x.ledger, Who::Transfer(by), word, now) {
        Ok(way) => Ok(Whom::Outside(way)),
        Err(why @ dial::Refusal::Emergency) => Err(Refused::NotAllowed(why)),
        // Where nothing may be dialled at all, nobody needs to hear of rules.
        Err(_) if x.plan.outgoing.allow.is_empty() => Err(unknown()),
        Err(dial::Refusal::NoNumber) => Err(unknown()),
        Err(why) => Err(Refused::NotAllowed(why)),
    }
}
