//! Tells what happens, one line per thing, in words that need no manual.

use std::collections::BTreeMap;

use crate::{
    acd::{
        fact::{Fact as Engine, Outcome, Why},
        input::OfferLost,
    },
    base::{
        call_ref::CallRef,
        numbers::{AgentNo, CallNo, QueueNo},
        time::Timestamp,
    },
    exchange::fact::{Fact, Record},
};

/// Turns facts into lines.
#[derive(Default)]
pub(super) struct Story {
    began: Option<Timestamp>,
    queues: Vec<String>,
    agents: Vec<String>,
    /// How people may call the calls now inside: the first, the second …
    calls: BTreeMap<CallNo, u64>,
    count: u64,
}

impl Story {
    /// The line for one fact, if it is worth one.
    pub(super) fn tell(&mut self, record: &Record) -> Option<String> {
        let began = *self.began.get_or_insert(record.at);
        let says = match &record.fact {
            Fact::Acd(fact) => self.tell_engine(fact)?,
            Fact::CallOpened { call, id, dialled, .. } => {
                self.count += 1;
                self.calls.insert(*call, self.count);
                let id = CallRef::new(*call, *id);
                format!("{} a citizen calls {dialled} ({id})", self.call(*call))
            }
            Fact::CallRefused { status, why, .. } => format!("a call was refused: {status}, {why}"),
            Fact::MenuAnswered { call, name, answer, .. } => {
                format!("{} answers the menu {name}: {}", self.call(*call), answer.word())
            }
            Fact::Held { call } => format!("{} is held and hears music", self.call(*call)),
            Fact::Resumed { call } => format!("{} is taken back", self.call(*call)),
            Fact::Conferenced { call } => format!("{} is a conference now", self.call(*call)),
            Fact::OutsideRung { call, .. } => {
                format!("{} has a number outside called for it", self.call(*call))
            }
            Fact::OutsideConsulted { agent, .. } => {
                format!("{} speaks with someone outside first", self.agent(*agent))
            }
            Fact::OutsideLost { call, .. } => {
                format!("{} has nobody outside", self.call(*call))
            }
            Fact::TransferredOutside { agent, .. } => {
                format!("someone outside has {}'s caller now", self.agent(*agent))
            }
            Fact::DialledOut { .. } => "a phone calls outside".to_owned(),
            Fact::DialRefused { why, .. } => format!("a phone may not call that: {why}"),
            Fact::TrunkDown { why, .. } => format!("the trunk is down: {why}"),
            Fact::LegOpened { .. }
            | Fact::Negotiated { .. }
            | Fact::LegClosed { .. }
            | Fact::TrunkUp { .. }
            | Fact::DialEnded { .. }
            | Fact::Routed { .. }
            | Fact::PhoneAt { .. } => return None,
            Fact::Draining => "no new calls are taken".to_owned(),
        };
        Some(format!("{:8.2} s  {says}", record.at.since(began).as_secs_f64()))
    }

    fn tell_engine(&mut self, fact: &Engine) -> Option<String> {
        let line = match fact {
            Engine::Planned(plan) => {
                self.queues = plan.queues.iter().map(|it| it.name.clone()).collect();
                self.agents = plan.agents.iter().map(|it| it.id.clone()).collect();
                return None;
            }
            Engine::Queued { call, queue, .. } => {
                format!("{} waits for {}", self.call(*call), self.queue(*queue))
            }
            Engine::Relaxed { call, .. } => format!("{} needs less now", self.call(*call)),
            Engine::Moved { call, to, .. } => {
                format!("{} moves to {}", self.call(*call), self.queue(*to))
            }
            Engine::Offered { call, agent, .. } => {
                format!("{} rings at {}", self.call(*call), self.agent(*agent))
            }
            Engine::OfferLost { call, agent, why } => {
                let why = match why {
                    OfferLost::NoAnswer => "does not answer",
                    OfferLost::Refused => "declines",
                    OfferLost::Busy => "is busy",
                    OfferLost::Unreachable => "cannot be reached",
                    OfferLost::Failed => "has a phone that fails",
                };
                format!("{} waits on: {} {why}", self.call(*call), self.agent(*agent))
            }
            Engine::Answered { call, agent, wait } => format!(
                "{} speaks with {} (waited {:.1} s)",
                self.call(*call),
                self.agent(*agent),
                wait.as_secs_f64()
            ),
            Engine::Transferred { call, agent, to, .. } => {
                let (call, agent) = (self.call(*call), self.agent(*agent));
                format!("{call} is transferred to {} by {agent}", self.queue(*to))
            }
            Engine::Consulted { agent, with, .. } => {
                format!("{} speaks with {} first", self.agent(*agent), self.agent(*with))
            }
            Engine::ConsultEnded { call, agent, .. } => {
                format!("{} stays with {}", self.call(*call), self.agent(*agent))
            }
            Engine::ExternalTransferStarted { call, agent, .. } => {
                format!("{} rings outside, and {} is gone", self.call(*call), self.agent(*agent))
            }
            Engine::ExternalTransferFailed { call } => format!("{} waits again", self.call(*call)),
            Engine::Requeued { call, agent, .. } => {
                format!("{} waits again: {}'s phone died", self.call(*call), self.agent(*agent))
            }
            Engine::Ended { call, outcome, wait, talk, .. } => {
                let line = self.ended(*call, outcome, wait.as_secs_f64(), talk.as_secs_f64());
                self.calls.remove(call);
                line
            }
            Engine::SignedIn { agent, .. } => format!("{} comes to work", self.agent(*agent)),
            Engine::SignedOut { agent } => format!("{} goes home", self.agent(*agent)),
            Engine::WentAway { agent, why, .. } => match why {
                Why::Asked(what) => format!("{} is away: {what}", self.agent(*agent)),
                Why::Lost(_) => {
                    format!("{} is set away: the call was not taken", self.agent(*agent))
                }
                Why::NoPhone => format!("{} is away: no phone", self.agent(*agent)),
                Why::OwnCall => format!("{} is away: own call", self.agent(*agent)),
                Why::PhoneFailed => format!("{} is set away: the phone died", self.agent(*agent)),
            },
            Engine::WrappingUp { agent, .. } => format!("{} wraps up", self.agent(*agent)),
            // Follows from lines told already, or is of no interest to a newcomer.
            Engine::Ready { .. }
            | Engine::WrapUpExtended { .. }
            | Engine::NextChosen { .. }
            | Engine::PhoneReach { .. }
            | Engine::PhoneOccupied { .. }
            | Engine::QueueOpen { .. } => return None,
        };
        Some(line)
    }

    fn ended(&self, call: CallNo, outcome: &Outcome, wait: f64, talk: f64) -> String {
        let call = self.call(call);
        match outcome {
            Outcome::Answered(_) => format!("{call} is over (spoke {talk:.1} s)"),
            Outcome::Abandoned | Outcome::ShortAbandoned => {
                format!("{call} gave up (waited {wait:.1} s)")
            }
            Outcome::Overflowed(..) => format!("{call} was sent on"),
            Outcome::TurnedAway(..) => format!("{call} was turned away"),
            Outcome::Announced => format!("{call} has heard what there was to say"),
            Outcome::Failed => format!("{call} failed"),
        }
    }

    fn call(&self, call: CallNo) -> String {
        self.calls.get(&call).map_or_else(|| call.to_string(), |count| format!("call {count}:"))
    }

    fn queue(&self, queue: QueueNo) -> &str {
        self.queues.get(queue.index()).map_or("a queue", String::as_str)
    }

    fn agent(&self, agent: AgentNo) -> &str {
        self.agents.get(agent.index()).map_or("an agent", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acd::{
            fact::{Decision, Rule},
            input::Channel,
            plan::Plan,
        },
        base::{masked::Masked, numbers::LegNo, time::Span},
    };

    #[test]
    fn a_call_reads_like_a_story() {
        let (call, agent) = (CallNo::first(0), AgentNo::first(0));
        let wait = Span::millis(400);
        let who = crate::acd::plan::Agent { id: "1003".into(), skills: vec![], retired: false };
        let plan = Plan { agents: vec![who], ..Plan::default() };
        let decision = Decision {
            rule: Rule::Direct,
            age: wait,
            head_start: Span::ZERO,
            idle: wait,
            waiting: 1,
            idle_agents: 1,
        };
        let ended = Engine::Ended {
            call,
            queue: None,
            channel: Channel::City,
            outcome: Outcome::Answered(agent),
            wait,
            talk: Span::secs(2),
        };
        let facts = [
            Fact::Acd(Engine::Planned(Box::new(plan))),
            Fact::CallOpened {
                call,
                id: "1M8RQKQG0017QK00".parse().ok(),
                leg: LegNo::first(0),
                trunk: None,
                call_id: "abc".into(),
                caller: Masked::new("034199998000"),
                dialled: "1230".into(),
                called_first: Masked::default(),
            },
            Fact::Acd(Engine::Offered { call, agent, until: Timestamp(0), decision }),
            Fact::Acd(Engine::Answered { call, agent, wait }),
            Fact::Acd(ended),
        ];
        let mut story = Story::default();
        let lines: Vec<String> = (1..)
            .zip(facts)
            .filter_map(|(seq, fact)| {
                story.tell(&Record { seq, at: Timestamp(seq * 100_000), fact })
            })
            .collect();
        assert_eq!(
            lines,
            [
                "    0.10 s  call 1: a citizen calls 1230 (1M8RQKQG0017QK00)",
                "    0.20 s  call 1: rings at 1003",
                "    0.30 s  call 1: speaks with 1003 (waited 0.4 s)",
                "    0.40 s  call 1: is over (spoke 2.0 s)",
            ]
        );
    }
}
