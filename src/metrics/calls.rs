//! Figures of calls and queues: offered, finished, in time, how long, and by which rule.

use prometheus::{GaugeVec, HistogramVec, IntCounterVec, IntGaugeVec};

use crate::{
    acd::{
        fact::{Fact, Rule},
        input::{Channel, OfferLost},
        plan::Plan,
    },
    base::{
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
    },
    board::{
        agent,
        call::{self, Call},
        fold::Board,
        service::{TARGETS, Verdict},
    },
    metrics::make::{Make, whole},
};

/// The queue of calls that never came into one.
const NO_QUEUE: &str = "none";

/// The words of the label `outcome`, those of [`Verdict`] and two that are to come.
const OUTCOMES: [&str; 9] = [
    "answered",
    "abandoned",
    "short_abandoned",
    "overflow",
    "rejected_capacity",
    "closed",
    "callback_accepted",
    "failed",
    "moved",
];

/// How ringing at an agent's phone ended.
const RESULTS: [&str; 7] =
    ["answered", "no_answer", "refused", "busy", "unreachable", "failed", "caller_gone"];

/// Edges for waits. 20 and 30 must be edges: the promise is read there.
const WAITS: [f64; 16] = [
    1.0, 2.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0,
];

/// Edges for talking, holding and wrapping up.
const TALKS: [f64; 12] =
    [15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0];

/// Edges for ringing.
const RINGS: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0];

/// The figures of calls and queues.
pub(super) struct Calls {
    offered: IntCounterVec,
    finished: IntCounterVec,
    in_target: IntCounterVec,
    wait: HistogramVec,
    returned: IntCounterVec,
    passed: IntCounterVec,
    return_wait: HistogramVec,
    talk: HistogramVec,
    hold: HistogramVec,
    wrap_up: HistogramVec,
    ring: HistogramVec,
    waiting: IntGaugeVec,
    oldest: GaugeVec,
    rona: IntCounterVec,
    decisions: IntCounterVec,
}

impl Calls {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let calls = Self {
            offered: make.counters(
                "acd_calls_offered_total",
                "Calls that came into a queue, out of another one too, or were refused at its door: the sum of all outcomes, and of calls that wait",
                &["queue", "channel"],
            ),
            finished: make.counters(
                "acd_calls_finished_total",
                "Calls whose wait in a queue is over, by how it ended; an answered call counts when it is answered, one that moved goes on in another queue",
                &["queue", "channel", "outcome"],
            ),
            in_target: make.counters(
                "acd_calls_answered_in_target_total",
                "Calls joined with an agent within the target, counted from the INVITE, edge included: the numerator of F3",
                &["queue", "channel", "target"],
            ),
            wait: make.histograms(
                "acd_call_wait_seconds",
                "From the INVITE to both sides joined, or to the caller giving up",
                &["queue", "outcome"],
                &WAITS,
            ),
            passed: make.counters(
                "acd_calls_passed_total",
                "Answered calls that their agent transferred, by the queue they left",
                &["queue"],
            ),
            returned: make.counters(
                "acd_calls_returned_total",
                "Answered calls that had to wait again, because their agent's phone failed",
                &["queue"],
            ),
            return_wait: make.histograms(
                "acd_call_return_wait_seconds",
                "How long calls waited again that were requeued or transferred, until the next agent or the end; no part of acd_call_wait_seconds",
                &["queue", "outcome"],
                &WAITS,
            ),
            talk: make.histograms(
                "acd_call_talk_seconds",
                "How long caller and agent spoke, without holding",
                &["queue"],
                &TALKS,
            ),
            hold: make.histograms(
                "acd_call_hold_seconds",
                "How long a caller was held by its agent, all holds of the call together",
                &["queue"],
                &TALKS,
            ),
            wrap_up: make.histograms(
                "acd_call_wrapup_seconds",
                "How long agents finished up after a call",
                &["queue"],
                &TALKS,
            ),
            ring: make.histograms(
                "acd_agent_ring_seconds",
                "How long an agent's phone rang, by how that ended",
                &["queue", "result"],
                &RINGS,
            ),
            waiting: make.gauges(
                "acd_queue_calls",
                "Callers waiting now, those that ring at a phone included",
                &["queue"],
            ),
            oldest: make.measures(
                "acd_queue_oldest_wait_seconds",
                "How long someone has waited at most; whoever had an agent before waits anew",
                &["queue"],
            ),
            rona: make.counters(
                "acd_rona_total",
                "Phones that rang to the limit and were not answered",
                &["queue"],
            ),
            decisions: make.counters(
                "acd_routing_decisions_total",
                "Offers made, by the rule that chose the pair",
                &["rule"],
            ),
        };
        for rule in Rule::ALL {
            calls.decisions.with_label_values(&[rule.word()]);
        }
        calls.prepare_entries(NO_QUEUE);
        calls
    }

    /// Every queue of the plan gets every figure, at zero.
    pub(super) fn prepare(&self, plan: &Plan) {
        for queue in &plan.queues {
            let name = queue.name.as_str();
            self.prepare_entries(name);
            for channel in Channel::ALL {
                for (_, target) in TARGETS {
                    self.in_target.with_label_values(&[name, channel.word(), target]);
                }
            }
            for outcome in [Verdict::Answered, Verdict::Abandoned] {
                self.wait.with_label_values(&[name, outcome.word()]);
                self.return_wait.with_label_values(&[name, outcome.word()]);
            }
            for result in RESULTS {
                self.ring.with_label_values(&[name, result]);
            }
            for lengths in [&self.talk, &self.hold, &self.wrap_up] {
                lengths.with_label_values(&[name]);
            }
            self.waiting.with_label_values(&[name]);
            self.oldest.with_label_values(&[name]);
            self.rona.with_label_values(&[name]);
            self.returned.with_label_values(&[name]);
            self.passed.with_label_values(&[name]);
        }
    }

    fn prepare_entries(&self, queue: &str) {
        for channel in Channel::ALL {
            self.offered.with_label_values(&[queue, channel.word()]);
            for outcome in OUTCOMES {
                self.finished.with_label_values(&[queue, channel.word(), outcome]);
            }
        }
    }

    /// Counts one fact; `before` is the board without it.
    pub(super) fn fold(&self, at: Timestamp, fact: &Fact, before: &Board) {
        match fact {
            Fact::Queued { queue, channel, .. } => {
                self.offered.with_label_values(&[name(before, Some(*queue)), channel.word()]).inc();
            }
            // It met a limit and stays all the same.
            Fact::Moved { from, to, .. } if from == to => (),
            // One that was served before has its end already, in the queue that served it.
            Fact::Moved { call, from, to, .. } => {
                if let Some(known) = before.call(*call).filter(|it| it.wait.is_none()) {
                    let (from, to) = (name(before, Some(*from)), name(before, Some(*to)));
                    self.finish(from, known.channel, Verdict::Moved, at.since(known.arrived));
                    self.offered.with_label_values(&[to, known.channel.word()]).inc();
                }
            }
            Fact::Offered { decision, .. } => {
                self.decisions.with_label_values(&[decision.rule.word()]).inc();
            }
            Fact::OfferLost { call, agent: _, why } => {
                self.rang(at, *call, lost_word(*why), before);
                if *why == OfferLost::NoAnswer {
                    let queue = before.call(*call).and_then(|it| it.queue);
                    self.rona.with_label_values(&[name(before, queue)]).inc();
                }
            }
            Fact::Answered { call, agent: _, wait } => {
                self.rang(at, *call, "answered", before);
                let Some(known) = before.call(*call) else { return };
                let queue = name(before, known.queue);
                if known.wait.is_none() {
                    self.finish(queue, known.channel, Verdict::Answered, *wait);
                } else {
                    self.waited_again(queue, Verdict::Answered, *wait);
                }
            }
            Fact::Requeued { call, .. } => {
                let queue = before.call(*call).and_then(|it| it.queue);
                self.returned.with_label_values(&[name(before, queue)]).inc();
            }
            Fact::Transferred { call, .. } => {
                let queue = before.call(*call).and_then(|it| it.queue);
                self.passed.with_label_values(&[name(before, queue)]).inc();
            }
            Fact::Ended { call, queue, channel, outcome, wait, talk } => {
                self.rang(at, *call, "caller_gone", before);
                let queue = name(before, *queue);
                let known = before.call(*call);
                if let Some(known) = known.filter(|it| it.wait.is_some()) {
                    let held = known.held_by(at);
                    let spoken = talk.as_secs_f64() - held.unwrap_or_default().as_secs_f64();
                    self.talk.with_label_values(&[queue]).observe(spoken.max(0.0));
                    if let Some(held) = held {
                        self.hold.with_label_values(&[queue]).observe(held.as_secs_f64());
                    }
                    if known.state.waits() {
                        self.waited_again(queue, Verdict::Abandoned, at.since(known.again));
                    }
                } else {
                    // A call that no queue let in was wanted all the same.
                    if known.is_none_or(|it| it.queue.is_none()) {
                        self.offered.with_label_values(&[queue, channel.word()]).inc();
                    }
                    self.finish(queue, *channel, Verdict::of(outcome), *wait);
                }
            }
            Fact::Ready { agent } | Fact::WentAway { agent, .. } | Fact::SignedOut { agent } => {
                self.wrapped_up(at, *agent, before);
            }
            Fact::Planned(_)
            | Fact::Consulted { .. }
            | Fact::ConsultEnded { .. }
            | Fact::ExternalTransferStarted { .. }
            | Fact::ExternalTransferFailed { .. }
            | Fact::Relaxed { .. }
            | Fact::SignedIn { .. }
            | Fact::WrappingUp { .. }
            | Fact::WrapUpExtended { .. }
            | Fact::NextChosen { .. }
            | Fact::PhoneReach { .. }
            | Fact::PhoneOccupied { .. } => (),
        }
    }

    /// Someone outside has a caller. The engine has ended that call just before.
    pub(super) fn passed_outside(&self, call: CallNo, before: &Board) {
        let queue = match before.call(call) {
            Some(known) => known.queue,
            None => before.ended_call(call).and_then(|it| it.call.queue),
        };
        self.passed.with_label_values(&[name(before, queue)]).inc();
    }

    /// An INVITE was refused before it became a call. A number that leads nowhere is nobody's
    /// call; a want of room is, and counts against the service level.
    pub(super) fn refused(&self, why: &str) {
        let verdict = match why {
            "no-number" => return,
            "no-codec" | "no-srtp" => Verdict::Failed,
            _ => Verdict::TurnedAway,
        };
        self.offered.with_label_values(&[NO_QUEUE, Channel::Other.word()]).inc();
        self.finish(NO_QUEUE, Channel::Other, verdict, Span::ZERO);
    }

    /// What stands still until it is looked at.
    pub(super) fn show(&self, board: &Board, now: Timestamp) {
        for (_, plan, queue) in board.queues() {
            self.waiting.with_label_values(&[&plan.name]).set(whole(queue.waiting()));
            let oldest = queue.oldest_wait(now).as_secs_f64();
            self.oldest.with_label_values(&[&plan.name]).set(oldest);
        }
    }

    fn finish(&self, queue: &str, channel: Channel, verdict: Verdict, wait: Span) {
        let channel = channel.word();
        self.finished.with_label_values(&[queue, channel, verdict.word()]).inc();
        match verdict {
            Verdict::Answered => {
                self.wait.with_label_values(&[queue, "answered"]).observe(wait.as_secs_f64());
                for (_, word) in TARGETS.iter().filter(|(target, _)| wait <= *target) {
                    self.in_target.with_label_values(&[queue, channel, word]).inc();
                }
            }
            Verdict::Abandoned | Verdict::ShortAbandoned => {
                self.wait.with_label_values(&[queue, "abandoned"]).observe(wait.as_secs_f64());
            }
            Verdict::Overflowed | Verdict::TurnedAway | Verdict::Failed | Verdict::Moved => (),
        }
    }

    fn waited_again(&self, queue: &str, verdict: Verdict, wait: Span) {
        let waits = self.return_wait.with_label_values(&[queue, verdict.word()]);
        waits.observe(wait.as_secs_f64());
    }

    /// If the call was ringing at a phone, that is over.
    fn rang(&self, at: Timestamp, call: CallNo, result: &str, before: &Board) {
        let Some(Call { state: call::State::Ringing { .. }, since, queue, .. }) = before.call(call)
        else {
            return;
        };
        let queue = name(before, *queue);
        self.ring.with_label_values(&[queue, result]).observe(at.since(*since).as_secs_f64());
    }

    /// If the agent was wrapping up, that is over.
    fn wrapped_up(&self, at: Timestamp, agent: AgentNo, before: &Board) {
        let Some(known) = before.agent(agent) else { return };
        if let agent::State::WrapUp { queue, .. } = known.state {
            let queue = name(before, queue);
            self.wrap_up.with_label_values(&[queue]).observe(at.since(known.since).as_secs_f64());
        }
    }
}

fn name(board: &Board, queue: Option<QueueNo>) -> &str {
    let plan = queue.and_then(|queue| board.plan().queues.get(queue.index()));
    plan.map_or(NO_QUEUE, |plan| plan.name.as_str())
}

const fn lost_word(why: OfferLost) -> &'static str {
    match why {
        OfferLost::NoAnswer => "no_answer",
        OfferLost::Refused => "refused",
        OfferLost::Busy => "busy",
        OfferLost::Unreachable => "unreachable",
        OfferLost::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::{
        acd::{fact::Outcome, plan::Needs, stories::chaos},
        exchange::fact::{Fact as Said, Record},
        metrics::figures::Figures,
        sim::world::city,
    };

    #[test]
    fn a_call_that_returns_is_offered_and_answered_once_and_its_second_wait_stands_apart() {
        let (call, agent, queue) = (CallNo::first(0), AgentNo::first(0), QueueNo::first(0));
        let (channel, second) = (Channel::City, Timestamp(1_000_000));
        let facts = [
            Fact::Planned(Box::new(city::plan(1).acd)),
            Fact::Queued {
                call,
                queue,
                needs: Needs::default(),
                own: Needs::default(),
                channel,
                arrived: second,
            },
            Fact::Answered { call, agent, wait: Span::secs(4) },
            Fact::Requeued { call, agent, talk: Span::secs(1) },
            Fact::Answered { call, agent, wait: Span::secs(1) },
            Fact::Requeued { call, agent, talk: Span::secs(1) },
            Fact::Ended {
                call,
                queue: Some(queue),
                channel,
                outcome: Outcome::Answered(agent),
                wait: Span::secs(4),
                talk: Span::secs(2),
            },
        ];
        let (mut figures, mut board) = (Figures::new(), Board::new(1));
        for (seq, fact) in (1..).zip(facts) {
            let record = Record { seq, at: Timestamp(seq * 1_000_000), fact: Said::Acd(fact) };
            figures.fold(&record, &board);
            board.fold(&record);
        }
        let text = figures.render(&board, second);
        let told = text.lines().filter(|line| {
            let counts = ["acd_calls_", "_wait_seconds_sum", "_wait_seconds_count"];
            counts.iter().any(|it| line.contains(it)) && !line.ends_with(" 0")
        });
        let told: Vec<_> = told.filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            told.join("\n"),
            r#"acd_call_return_wait_seconds_sum{outcome="abandoned",queue="buergertelefon"} 1
acd_call_return_wait_seconds_count{outcome="abandoned",queue="buergertelefon"} 1
acd_call_return_wait_seconds_sum{outcome="answered",queue="buergertelefon"} 1
acd_call_return_wait_seconds_count{outcome="answered",queue="buergertelefon"} 1
acd_call_wait_seconds_sum{outcome="answered",queue="buergertelefon"} 4
acd_call_wait_seconds_count{outcome="answered",queue="buergertelefon"} 1
acd_calls_answered_in_target_total{channel="123-0",queue="buergertelefon",target="20s"} 1
acd_calls_answered_in_target_total{channel="123-0",queue="buergertelefon",target="30s"} 1
acd_calls_finished_total{channel="123-0",outcome="answered",queue="buergertelefon"} 1
acd_calls_offered_total{channel="123-0",queue="buergertelefon"} 1
acd_calls_returned_total{queue="buergertelefon"} 2"#
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        /// However calls move, are transferred, come back and end: what came into a queue is what
        /// left it and what still waits for its first agent there.
        #[test]
        fn what_a_queue_was_offered_is_the_sum_of_its_outcomes(
            mut plan in chaos::a_plan(),
            steps in prop::collection::vec(chaos::a_step(), 1..300),
        ) {
            for (queue, no) in plan.queues.iter_mut().zip(0..) {
                queue.name = format!("queue-{no}");
            }
            let names: Vec<_> = plan.queues.iter().map(|queue| queue.name.clone()).collect();
            let (mut figures, mut board) = (Figures::new(), Board::new(1));
            for (seq, (at, mut fact)) in (1..).zip(chaos::live(&plan, &steps)) {
                // Plans in the middle of the day have no names.
                if let Fact::Planned(plan) = &mut fact {
                    for (queue, name) in plan.queues.iter_mut().zip(&names) {
                        queue.name.clone_from(name);
                    }
                }
                let told = Record { seq, at, fact: Said::Acd(fact) };
                figures.fold(&told, &board);
                board.fold(&told);
            }
            let text = figures.render(&board, board.at());
            let sum = |figure: &str, queue: &str| {
                let queue = format!("queue=\"{queue}\"");
                let lines = text.lines().filter(|it| it.starts_with(figure) && it.contains(&queue));
                lines.filter_map(|it| it.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
            };
            for (no, name) in (0..).map(QueueNo::first).zip(&names) {
                let waits = board.calls().filter(|it| it.wait.is_none() && it.queue == Some(no));
                let waits = waits.count() as u64;
                let finished = sum("acd_calls_finished_total{", name);
                prop_assert_eq!(sum("acd_calls_offered_total{", name), finished + waits);
                prop_assert_eq!(board.levels().of_queue(no).offered(), finished);
            }
        }
    }
}
