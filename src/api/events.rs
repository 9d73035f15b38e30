//! Facts as events: `CloudEvents` 1.0 in JSON, and a ring of the last of them.
//!
//! ```text
//!   fact ──► Event { id, type, subject, time, data } ──► ring ──► streams, each at its own pace
//! ```
//!
//! The ring keeps facts, with what the board knew of them at that moment; an event is written
//! when the first reader asks for it, and once: mostly nobody listens, and writing costs more
//! than all the rest that is done with a fact. Its id is the fact's number behind the time this
//! process began to listen, so that an id of an earlier process is not taken for one of this.
//! Numbers of people are masked.

use std::{cell::OnceCell, collections::VecDeque, sync::Arc};

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    acd::fact::{Fact as AcdFact, Next},
    api::{
        decision::Decision,
        names::{self, Names},
        time::rfc3339,
        words,
    },
    base::{
        call_ref::CallRef,
        masked::Masked,
        numbers::{AgentNo, QueueNo},
        time::{Span, Timestamp},
    },
    board::{fold::Board, service::Verdict},
    exchange::fact::{Fact, Record},
};

/// What happened, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct Event {
    /// Always `1.0`.
    specversion: &'static str,
    /// Rises within a stream; send it back as `Last-Event-ID` to go on behind it.
    #[schema(example = "1795369547000-42")]
    id: String,
    /// Who says so.
    source: &'static str,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "acd.call.queued")]
    kind: &'static str,
    /// What it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "calls/1M8RQKQG0017QK00")]
    subject: Option<String>,
    /// When.
    time: String,
    /// Always `application/json`.
    datacontenttype: &'static str,
    /// More about it, by type.
    #[schema(value_type = Object)]
    data: Value,
}

/// An event as it goes over the wire.
#[derive(Debug)]
pub(super) struct Written {
    /// The number of its fact.
    pub(super) seq: u64,
    /// Its id.
    pub(super) id: String,
    /// Its type.
    pub(super) kind: &'static str,
    /// The JSON.
    pub(super) json: String,
}

/// The last events, and which process they are of.
pub(super) struct Ring {
    epoch: u64,
    max: usize,
    events: VecDeque<Kept>,
    last: u64,
}

/// A fact, and its event once someone has asked for it.
struct Kept {
    record: Box<Record>,
    about: About,
    written: OnceCell<Arc<Written>>,
}

/// What the board knew when the fact came, and may not know any more when it is written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// The call that it is about, or that its leg belongs to.
    call: Option<CallRef>,
    /// The queue of the fact's call.
    queue: Option<QueueNo>,
}

/// The events behind a reader's last one are not all here any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap;

impl Ring {
    /// A ring for so many events, of a process that began to listen then.
    pub(super) fn new(max: usize, began: Timestamp) -> Self {
        Self { epoch: began.as_millis(), max: max.max(1), events: VecDeque::new(), last: 0 }
    }

    /// Keeps `told` and what was known about it when it came.
    pub(super) fn push(&mut self, record: Box<Record>, about: About) {
        if record.seq <= self.last {
            return;
        }
        if record.seq != self.last + 1 {
            // Whoever reads on across the hole must begin anew.
            self.events.clear();
        }
        self.last = record.seq;
        self.events.push_back(Kept { record, about, written: OnceCell::new() });
        while self.events.len() > self.max {
            self.events.pop_front();
        }
    }

    /// At most `max` events behind number `seq`, with the names that `board` and `names` know.
    pub(super) fn after(
        &self,
        seq: u64,
        max: usize,
        board: &Board,
        names: &Names,
    ) -> Result<Vec<Arc<Written>>, Gap> {
        let Some(first) = self.events.front().map(|it| it.record.seq) else {
            return if seq == self.last { Ok(vec![]) } else { Err(Gap) };
        };
        if seq > self.last || seq + 1 < first {
            return Err(Gap);
        }
        let behind = usize::try_from(seq + 1 - first).map_err(|_| Gap)?;
        let write = |kept: &Kept| {
            let Record { seq, at, fact } = kept.record.as_ref();
            let (kind, subject, data) = describe(fact, kept.about, board, names);
            Arc::new(self.event(*seq, *at, kind, subject, data))
        };
        let events = self.events.iter().skip(behind).take(max);
        Ok(events.map(|kept| kept.written.get_or_init(|| write(kept)).clone()).collect())
    }

    /// The number that a reader's `Last-Event-ID` stands for, if it is of this process.
    pub(super) fn seq_of(&self, id: &str) -> Option<u64> {
        let (epoch, seq) = id.split_once('-')?;
        let seq = seq.parse().ok()?;
        (epoch.parse() == Ok(self.epoch)).then_some(seq)
    }

    /// An event that is no fact: a stream begins (anew) with everything as it is.
    pub(super) fn reset(&self, at: Timestamp, why: &str, snapshot: &Value) -> Written {
        let data = json!({ "why": why, "snapshot": snapshot });
        self.event(self.last, at, "acd.stream.reset", None, data)
    }

    fn event(
        &self,
        seq: u64,
        at: Timestamp,
        kind: &'static str,
        subject: Option<String>,
        data: Value,
    ) -> Written {
        let id = format!("{}-{seq}", self.epoch);
        let event = Event {
            specversion: "1.0",
            id: id.clone(),
            source: "/lotse",
            kind,
            subject,
            time: rfc3339(at),
            datacontenttype: "application/json",
            data,
        };
        let json = serde_json::to_string(&event).expect("strings and numbers can be written");
        Written { seq, id, kind, json }
    }
}

impl About {
    /// What `board`, which does not know `fact` yet, knows about it.
    pub(super) fn of(fact: &Fact, board: &Board) -> Self {
        let call = match fact {
            // The board is about to learn their ids.
            Fact::CallOpened { call, id, .. } | Fact::DialledOut { call, id, .. } => {
                return Self { call: Some(CallRef::new(*call, *id)), queue: None };
            }
            Fact::CallRefused { id, .. } => {
                return Self { call: id.map(CallRef::Id), queue: None };
            }
            Fact::Acd(fact) => fact.call(),
            Fact::LegOpened { call, .. }
            | Fact::MenuAnswered { call, .. }
            | Fact::Held { call }
            | Fact::Resumed { call }
            | Fact::Conferenced { call }
            | Fact::OutsideRung { call, .. }
            | Fact::OutsideConsulted { call, .. }
            | Fact::OutsideLost { call, .. }
            | Fact::TransferredOutside { call, .. } => Some(*call),
            Fact::Negotiated { leg, .. } => board.call_of(*leg),
            Fact::LegClosed { leg, call, .. } => call.or_else(|| board.call_of(*leg)),
            Fact::DialEnded { call, .. } | Fact::Routed { call, .. } => Some(*call),
            Fact::DialRefused { .. }
            | Fact::TrunkUp { .. }
            | Fact::TrunkDown { .. }
            | Fact::PhoneAt { .. }
            | Fact::Draining => None,
        };
        let queue = call.and_then(|call| board.call(call)).and_then(|it| it.queue);
        Self { call: call.map(|call| board.name_of(call)), queue }
    }

    /// The call, as an event's subject.
    fn subject(self) -> Option<String> {
        self.call.map(|call| format!("calls/{call}"))
    }
}

/// Type, subject and data of a fact.
#[allow(clippy::too_many_lines)] // An arm a fact.
fn describe(
    fact: &Fact,
    about: About,
    board: &Board,
    names: &Names,
) -> (&'static str, Option<String>, Value) {
    let of_trunk = |trunk| Some(format!("trunks/{}", names.trunk(trunk)));
    match fact {
        Fact::Acd(fact) => describe_acd(fact, about, board, names),
        Fact::CallOpened { trunk, call_id, caller, dialled, called_first, .. } => {
            let shown = |it: &Masked| if it.is_empty() { String::new() } else { it.to_string() };
            let data = json!({
                "trunk": trunk.map(|it| names.trunk(it)),
                "sip_call_id": call_id,
                "caller": shown(caller),
                "dialled": dialled,
                "called_first": Some(shown(called_first)).filter(|it| !it.is_empty()),
            });
            ("acd.call.offered", about.subject(), data)
        }
        Fact::CallRefused { call_id, trunk, status, why, .. } => {
            let data = json!({
                "trunk": trunk.map(|it| names.trunk(it)),
                "sip_call_id": call_id,
                "sip_status": status,
                "why": why,
            });
            ("acd.call.refused", about.subject(), data)
        }
        Fact::MenuAnswered { name, answer, .. } => {
            let data = json!({ "menu": name, "key": answer.word() });
            ("acd.call.menu_answered", about.subject(), data)
        }
        Fact::LegOpened { leg, call_id, .. } => {
            let data = json!({ "leg": leg.to_string(), "sip_call_id": call_id });
            ("acd.call.leg_opened", about.subject(), data)
        }
        Fact::Held { .. } => ("acd.call.held", about.subject(), json!({})),
        Fact::Resumed { .. } => ("acd.call.resumed", about.subject(), json!({})),
        Fact::Conferenced { .. } => ("acd.call.conferenced", about.subject(), json!({})),
        Fact::OutsideRung { leg, agent, to, .. } => {
            let data = json!({
                "leg": leg.to_string(),
                "agent": names::agent_id(board, *agent),
                "to": to.to_string(),
            });
            ("acd.call.external_ringing", about.subject(), data)
        }
        Fact::OutsideConsulted { agent, to, .. } => {
            let data = json!({ "agent": names::agent_id(board, *agent), "to": to.to_string() });
            ("acd.call.consulted", about.subject(), data)
        }
        Fact::OutsideLost { leg, .. } => {
            let data = json!({ "leg": leg.to_string() });
            ("acd.call.external_ended", about.subject(), data)
        }
        Fact::TransferredOutside { agent, to, .. } => {
            let data = json!({ "agent": names::agent_id(board, *agent), "to": to.to_string() });
            ("acd.call.transferred", about.subject(), data)
        }
        Fact::Negotiated { leg, codec } => {
            let data = json!({ "leg": leg.to_string(), "codec": codec.name() });
            ("acd.call.negotiated", about.subject(), data)
        }
        Fact::LegClosed { leg, agent, report, .. } => {
            let data = json!({
                "leg": leg.to_string(),
                "side": if *agent { "agent" } else { "caller" },
                "rtp_packets_received": report.received,
                "rtp_packets_sent": report.sent,
                "rtp_packets_lost": report.lost,
                "rtp_packets_refused": report.refused,
                "jitter_seconds": report.jitter,
                "round_trip_seconds": report.round_trip,
                "mos": report.mos(),
            });
            ("acd.call.quality", about.subject(), data)
        }
        Fact::TrunkUp { trunk, .. } => ("acd.trunk.up", of_trunk(*trunk), json!({})),
        Fact::TrunkDown { trunk, why, .. } => {
            ("acd.trunk.down", of_trunk(*trunk), json!({ "why": why }))
        }
        Fact::DialledOut { call_id, phone, agent, dialled, emergency, .. } => {
            let kind = if *emergency { "acd.alarm.emergency_call" } else { "acd.call.dialled" };
            let data = json!({
                "sip_call_id": call_id,
                "phone": names.phone(*phone),
                "agent": agent.map(|it| names::agent_id(board, it)),
                "dialled": if *emergency { dialled.unmask().to_owned() } else { dialled.to_string() },
            });
            (kind, about.subject(), data)
        }
        Fact::DialRefused { phone, why } => {
            let subject = phone.map(|it| format!("phones/{}", names.phone(it)));
            ("acd.call.dial_refused", subject, json!({ "why": why }))
        }
        Fact::DialEnded { talk, .. } => {
            let data = json!({ "talk_seconds": talk.map(Span::as_secs_f64) });
            ("acd.call.dial_ended", about.subject(), data)
        }
        Fact::Routed { leg, trunk, .. } => {
            let data = json!({ "leg": leg.to_string(), "trunk": names.trunk(*trunk) });
            ("acd.call.routed", about.subject(), data)
        }
        Fact::PhoneAt { user, bindings, .. } => {
            let subject = Some(format!("phones/{user}"));
            ("acd.phone.registered", subject, json!({ "places": bindings.len() }))
        }
        Fact::Draining => ("acd.node.draining", None, json!({})),
    }
}

#[allow(clippy::too_many_lines)] // A row a fact.
fn describe_acd(
    fact: &AcdFact,
    about: About,
    board: &Board,
    names: &Names,
) -> (&'static str, Option<String>, Value) {
    let agent_id = |agent: AgentNo| names::agent_id(board, agent);
    let queue_name = |queue: QueueNo| names::queue_name(board, queue);
    let of_agent = |agent: &AgentNo| Some(format!("agents/{}", agent_id(*agent)));
    let queue = || about.queue.map(queue_name);
    let became = |state: &str| json!({ "state": state });
    match fact {
        AcdFact::Planned(plan) => {
            let data = json!({
                "queues": plan.queues.iter().filter(|it| !it.retired).count(),
                "agents": plan.agents.iter().filter(|it| !it.retired).count(),
            });
            ("acd.config.reloaded", None, data)
        }
        AcdFact::Queued { queue, channel, arrived, .. } => {
            let data = json!({
                "queue": queue_name(*queue),
                "channel": channel.word(),
                "arrived": rfc3339(*arrived),
            });
            ("acd.call.queued", about.subject(), data)
        }
        AcdFact::Relaxed { step, .. } => {
            let data = json!({ "queue": queue(), "step": step });
            ("acd.call.skill.relaxed", about.subject(), data)
        }
        AcdFact::Moved { from, to, why, .. } => {
            let data = json!({ "from": queue_name(*from), "to": queue_name(*to), "why": why });
            let kind = if from == to { "acd.call.kept" } else { "acd.call.overflowed" };
            (kind, about.subject(), data)
        }
        AcdFact::Offered { agent, until, decision, .. } => {
            let data = json!({
                "queue": queue(),
                "agent": agent_id(*agent),
                "until": rfc3339(*until),
                "decision": Decision::from(*decision),
            });
            ("acd.call.ringing", about.subject(), data)
        }
        AcdFact::OfferLost { agent, why, .. } => {
            let data = json!({
                "queue": queue(),
                "agent": agent_id(*agent),
                "why": why.word(),
            });
            ("acd.call.offer_missed", about.subject(), data)
        }
        AcdFact::Answered { agent, wait, .. } => {
            let data = json!({
                "queue": queue(),
                "agent": agent_id(*agent),
                "wait_seconds": wait.as_secs_f64(),
            });
            ("acd.call.connected", about.subject(), data)
        }
        AcdFact::Transferred { agent, to, talk, .. } => {
            let data = json!({
                "agent": agent_id(*agent),
                "queue": queue_name(*to),
                "talk_seconds": talk.as_secs_f64(),
            });
            ("acd.call.transferred", about.subject(), data)
        }
        AcdFact::Consulted { agent, with, .. } => {
            let data = json!({ "agent": agent_id(*agent), "with": agent_id(*with) });
            ("acd.call.consulted", about.subject(), data)
        }
        AcdFact::ConsultEnded { agent, with, .. } => {
            let data = json!({ "agent": agent_id(*agent), "with": agent_id(*with) });
            ("acd.call.consult_ended", about.subject(), data)
        }
        AcdFact::ExternalTransferStarted { agent, talk, .. } => {
            let data = json!({
                "queue": queue(),
                "agent": agent_id(*agent),
                "talk_seconds": talk.as_secs_f64(),
            });
            ("acd.call.external_transfer_started", about.subject(), data)
        }
        AcdFact::ExternalTransferFailed { .. } => {
            ("acd.call.external_transfer_failed", about.subject(), json!({ "queue": queue() }))
        }
        AcdFact::Requeued { agent, talk, .. } => {
            let data = json!({
                "queue": queue(),
                "agent": agent_id(*agent),
                "talk_seconds": talk.as_secs_f64(),
            });
            ("acd.call.requeued", about.subject(), data)
        }
        AcdFact::Ended { queue, channel, outcome, wait, talk, .. } => {
            let data = json!({
                "queue": queue.map(queue_name),
                "channel": channel.word(),
                "outcome": Verdict::of(outcome).word(),
                "limit": words::limit(outcome),
                "wait_seconds": wait.as_secs_f64(),
                "talk_seconds": talk.as_secs_f64(),
            });
            ("acd.call.ended", about.subject(), data)
        }
        AcdFact::SignedIn { agent, phone } => {
            ("acd.agent.signed_in", of_agent(agent), json!({ "phone": names.phone(*phone) }))
        }
        AcdFact::Ready { agent } => ("acd.agent.state_changed", of_agent(agent), became("ready")),
        AcdFact::WentAway { agent, why, until } => {
            let data = json!({
                "state": "away",
                "reason": words::reason(why),
                "until": until.map(rfc3339),
            });
            ("acd.agent.state_changed", of_agent(agent), data)
        }
        AcdFact::WrappingUp { agent, until, .. } => {
            let data = json!({
                "state": "wrap-up",
                "call": about.call.map(|it| it.to_string()),
                "until": rfc3339(*until),
            });
            ("acd.agent.state_changed", of_agent(agent), data)
        }
        AcdFact::WrapUpExtended { agent, until } => {
            let data = json!({ "state": "wrap-up", "until": rfc3339(*until) });
            ("acd.agent.state_changed", of_agent(agent), data)
        }
        AcdFact::NextChosen { agent, next } => {
            let next = match next {
                Next::Ready => "ready",
                Next::Away(_) => "away",
                Next::SignedOut => "signed-out",
            };
            ("acd.agent.next_chosen", of_agent(agent), json!({ "next": next }))
        }
        AcdFact::SignedOut { agent } => {
            ("acd.agent.signed_out", of_agent(agent), became("signed-out"))
        }
        AcdFact::PhoneReach { phone, up } => {
            let kind = if *up { "acd.phone.up" } else { "acd.phone.down" };
            (kind, Some(format!("phones/{}", names.phone(*phone))), json!({}))
        }
        AcdFact::PhoneOccupied { phone, occupied } => {
            let kind = if *occupied { "acd.phone.busy" } else { "acd.phone.free" };
            (kind, Some(format!("phones/{}", names.phone(*phone))), json!({}))
        }
        AcdFact::QueueOpen { queue, open } => {
            let kind = if *open { "acd.queue.opened" } else { "acd.queue.closed" };
            (kind, Some(format!("queues/{}", names::queue_name(board, *queue))), json!({}))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells facts of these numbers to a ring of three.
    fn ring(numbers: &[u64]) -> Ring {
        let mut ring = Ring::new(3, Timestamp(7_000));
        let board = Board::new(1);
        for &seq in numbers {
            let record = Record { seq, at: Timestamp(seq), fact: Fact::Draining };
            let about = About::of(&record.fact, &board);
            ring.push(Box::new(record), about);
        }
        ring
    }

    fn seqs(ring: &Ring, after: u64, max: usize) -> Result<Vec<u64>, Gap> {
        let events = ring.after(after, max, &Board::new(1), &Names::default());
        events.map(|events| events.iter().map(|it| it.seq).collect())
    }

    #[test]
    fn a_reader_goes_on_behind_its_last_event_or_is_told_of_the_gap() {
        let ring = ring(&[1, 2, 3, 4, 5]);
        assert_eq!(seqs(&ring, 3, 9), Ok(vec![4, 5]));
        assert_eq!(seqs(&ring, 2, 2), Ok(vec![3, 4]));
        assert_eq!(seqs(&ring, 5, 9), Ok(vec![]));
        for (gone, why) in [(1, "fell out of the ring"), (6, "never was")] {
            assert_eq!(seqs(&ring, gone, 9), Err(Gap), "{why}");
        }
        assert_eq!(seqs(&super::tests::ring(&[]), 0, 9), Ok(vec![]));
    }

    #[test]
    fn facts_that_were_missed_are_a_gap_for_everyone() {
        let ring = ring(&[1, 2, 5, 6, 6]);
        assert_eq!(seqs(&ring, 2, 9), Err(Gap));
        assert_eq!(seqs(&ring, 4, 9), Ok(vec![5, 6]));
    }

    #[test]
    fn an_id_of_another_process_is_not_taken_for_one_of_this() {
        let ring = ring(&[1]);
        assert_eq!(ring.seq_of("7-1"), Some(1));
        for id in ["8-1", "1", "", "7-", "7-x", "-1", "7-99999999999999999999"] {
            assert_eq!(ring.seq_of(id), None, "{id}");
        }
    }

    #[test]
    fn an_event_is_a_cloud_event() {
        let ring = ring(&[1]);
        let event = ring.after(0, 1, &Board::new(1), &Names::default()).unwrap().remove(0);
        assert_eq!(
            event.json,
            "{\"specversion\":\"1.0\",\"id\":\"7-1\",\"source\":\"/lotse\",\
             \"type\":\"acd.node.draining\",\"time\":\"1970-01-01T00:00:00.000Z\",\
             \"datacontenttype\":\"application/json\",\"data\":{}}"
        );
    }
}
