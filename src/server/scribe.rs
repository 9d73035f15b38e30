//! Writes down what became so: the journal, and a line of the log each.
//!
//! A thread of its own, because a terminal, a pipe or a disk may make its writer wait. At
//! `info` the log names no agent: who took which call is nobody's statistic (DOMAIN.md L-3);
//! at `debug` it does, for the one who looks for a fault.

use std::thread;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use crate::{
    acd::{
        self,
        fact::{Outcome, Why},
    },
    api::web::News,
    base::{
        call_ref::CallRef,
        numbers::CallNo,
        time::{Span, Timestamp},
    },
    board::ids::Ids,
    exchange::fact::{Fact, Record},
    journal::{Journal, handover::Keeper},
    net::clock::Clock,
    server::readers::REST,
};

/// How soon a journal that cannot be written is tried again.
const RETRY: Span = Span::secs(1);

/// What is written into the data directory.
pub(super) struct Files {
    pub(super) journal: Journal,
    pub(super) keeper: Keeper,
}

/// Writes until every sender of facts is gone.
pub(super) fn run(
    facts: &Receiver<Record>,
    mut files: Option<Files>,
    clock: Clock,
    web: &mpsc::Sender<News>,
) {
    let mut names = Names::default();
    loop {
        // With no fact there is nothing to write, unless something is held back.
        let heard = match &files {
            Some(files) => facts.recv_timeout(files.patience(clock.now()).into()),
            None => facts.recv().map_err(RecvTimeoutError::from),
        };
        if heard == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        for record in heard.into_iter().chain(facts.try_iter()) {
            names.log(&record);
            if let Some(Files { journal, keeper }) = &mut files {
                journal.append(&record);
                keeper.fold(&record);
            }
        }
        // One system call for a burst, none kept back when it is over.
        if let Some(Files { journal, keeper }) = &mut files {
            keep(journal, web);
            let now = clock.now();
            if keeper.due() <= now
                && let Err(fault) = keeper.write(now)
            {
                warn!("{fault}: the next start will not know who is at work");
            }
        }
        thread::sleep(REST);
    }
    let Some(Files { journal, keeper }) = &mut files else { return };
    if let Err(fault) = journal.flush() {
        error!("{fault}: the last facts are lost");
    }
    if let Err(fault) = keeper.write(clock.now()) {
        warn!("{fault}: the next start will not know who is at work");
    }
}

impl Files {
    /// How long there is nothing to write, if no fact comes.
    fn patience(&self, now: Timestamp) -> Span {
        let due = self.keeper.due().since(now);
        if self.journal.is_behind() { due.min(RETRY) } else { due }
    }
}

/// Writes what was added, and says once that it cannot, and once that it can again.
fn keep(journal: &mut Journal, web: &mpsc::Sender<News>) {
    let (before, was_behind) = (journal.counts(), journal.is_behind());
    match journal.flush() {
        Ok(()) if was_behind => {
            let lost = journal.counts().lost;
            info!(written = before.held, lost, "the journal goes on");
        }
        Ok(()) => (),
        Err(fault) if !was_behind => {
            error!("{fault}; calls go on, and facts are held in memory until there is room");
        }
        Err(_) => (),
    }
    let counts = journal.counts();
    if was_behind || journal.is_behind() {
        // A web thread so far behind hears of it the next time.
        let _ = web.try_send(News::Journal(counts));
    }
}

/// The names behind numbers: queues', so that a log can be read without the configuration, and
/// calls', so that one grep tells one call's story.
#[derive(Default)]
struct Names {
    queues: Vec<String>,
    calls: Ids,
}

impl Names {
    fn log(&mut self, record: &Record) {
        self.calls.fold(&record.fact);
        match &record.fact {
            Fact::Acd(fact) => self.log_engine(fact),
            Fact::CallOpened { call, leg, call_id, caller, dialled, .. } => {
                info!(call = %self.call(*call), number = %call, %leg, call_id, %caller, dialled, "call came in");
            }
            Fact::CallRefused { id, call_id, status, why, .. } => {
                let call = id.map(tracing::field::display);
                info!(call, call_id, status, why, "call refused");
            }
            Fact::LegOpened { call, leg, call_id } => {
                debug!(call = %self.call(*call), %leg, call_id, "calling out");
            }
            Fact::Held { call } => info!(call = %self.call(*call), "caller held"),
            Fact::Resumed { call } => info!(call = %self.call(*call), "caller taken back"),
            Fact::Conferenced { call } => info!(call = %self.call(*call), "conference"),
            Fact::OutsideRung { call, leg, agent, to, stage: _ } => {
                info!(call = %self.call(*call), %leg, %to, "a number outside is called for the caller");
                debug!(call = %self.call(*call), %agent, "for that agent's caller");
            }
            Fact::OutsideConsulted { call, to, .. } => {
                info!(call = %self.call(*call), %to, "the agent speaks with a number outside");
            }
            Fact::OutsideLost { call, .. } => {
                info!(call = %self.call(*call), "nobody outside has the caller");
            }
            Fact::TransferredOutside { call, to, .. } => {
                info!(call = %self.call(*call), %to, "call passed on outside");
            }
            Fact::Negotiated { leg, codec } => debug!(%leg, codec = codec.name(), "sound agreed"),
            Fact::LegClosed { leg, agent, report, .. } => {
                debug!(%leg, agent, received = report.received, sent = report.sent,
                    lost = report.lost, refused = report.refused, "leg closed");
            }
            Fact::TrunkUp { name, .. } => info!(trunk = name, "trunk is up"),
            Fact::TrunkDown { name, why, .. } => warn!(trunk = name, why, "trunk is down"),
            Fact::DialledOut { call, call_id, emergency: true, .. } => {
                warn!(call = %self.call(*call), call_id, "EMERGENCY CALL: someone here called 110 or 112");
            }
            Fact::DialledOut { call, call_id, dialled, .. } => {
                info!(call = %self.call(*call), number = %call, call_id, %dialled, "call goes out");
            }
            Fact::DialRefused { why, .. } => info!(why, "call out refused"),
            Fact::DialEnded { call, talk } => {
                info!(call = %self.call(*call), talk = talk.map(Span::as_secs_f64), "call out ended");
            }
            Fact::Routed { call, leg, trunk } => {
                debug!(call = %self.call(*call), %leg, %trunk, "by trunk");
            }
            Fact::PhoneAt { phone, bindings, .. } => {
                debug!(%phone, places = bindings.len(), "phone registered");
            }
            Fact::Draining => info!("no new calls are taken"),
        }
    }

    fn log_engine(&mut self, fact: &acd::fact::Fact) {
        use acd::fact::Fact as F;

        match fact {
            F::Planned(plan) => {
                self.queues = plan.queues.iter().map(|queue| queue.name.clone()).collect();
                info!(
                    queues = plan.queues.len(),
                    agents = plan.agents.len(),
                    "configuration in force"
                );
            }
            F::Queued { call, queue, .. } => {
                info!(call = %self.call(*call), queue = self.queue(queue.index()), "call waits");
            }
            F::Relaxed { call, step, .. } => {
                debug!(call = %self.call(*call), step, "call needs less now");
            }
            F::Moved { call, to, why, .. } => {
                info!(call = %self.call(*call), to = self.queue(to.index()), ?why, "call moved");
            }
            F::Offered { call, agent, decision, .. } => {
                info!(call = %self.call(*call), rule = ?decision.rule, age = %decision.age, "call rings");
                debug!(call = %self.call(*call), %agent, waiting = decision.waiting, idle = decision.idle_agents, "offered");
            }
            F::OfferLost { call, agent, why } => {
                info!(call = %self.call(*call), ?why, "call was not taken and waits on");
                debug!(call = %self.call(*call), %agent, ?why, "offer lost");
            }
            F::Answered { call, agent, wait } => {
                info!(call = %self.call(*call), %wait, "call answered");
                debug!(call = %self.call(*call), %agent, "joined");
            }
            F::Transferred { call, agent, to, talk, .. } => {
                info!(call = %self.call(*call), to = self.queue(to.index()), %talk, "call passed on");
                debug!(call = %self.call(*call), %agent, "parted");
            }
            F::Consulted { call, agent, with } => {
                info!(call = %self.call(*call), "agent consults a colleague");
                debug!(call = %self.call(*call), %agent, %with, "consulted");
            }
            F::ConsultEnded { call, with, .. } => {
                info!(call = %self.call(*call), "the consult ends");
                debug!(call = %self.call(*call), %with, "consult ended");
            }
            F::ExternalTransferStarted { call, agent, talk } => {
                info!(call = %self.call(*call), %talk, "its agent has left the call, it rings outside");
                debug!(call = %self.call(*call), %agent, "parted");
            }
            F::ExternalTransferFailed { call } => {
                info!(call = %self.call(*call), "nobody outside took the call: it waits again in its old place");
            }
            F::Requeued { call, agent, talk } => {
                info!(call = %self.call(*call), %talk, "agent's phone failed: call waits again in its old place");
                debug!(call = %self.call(*call), %agent, "parted");
            }
            F::Ended { call, outcome, wait, talk, .. } => {
                info!(call = %self.call(*call), outcome = word(outcome), %wait, %talk, "call ended");
            }
            F::SignedIn { agent, phone } => debug!(%agent, %phone, "agent signed in"),
            F::Ready { agent } => debug!(%agent, "agent ready"),
            F::WentAway { agent, why: Why::Lost(lost), .. } => {
                debug!(%agent, ?lost, "agent away: the phone did not take the call");
            }
            F::WentAway { agent, why, .. } => debug!(%agent, ?why, "agent away"),
            F::WrappingUp { agent, call, .. } => {
                debug!(%agent, call = %self.call(*call), "agent wraps up");
            }
            F::WrapUpExtended { agent, .. } => debug!(%agent, "wrap-up extended"),
            F::NextChosen { agent, next } => debug!(%agent, ?next, "next state chosen"),
            F::SignedOut { agent } => debug!(%agent, "agent signed out"),
            F::PhoneReach { phone, up } => debug!(%phone, up, "phone"),
            F::PhoneOccupied { phone, occupied } => debug!(%phone, occupied, "phone"),
        }
    }

    fn call(&self, call: CallNo) -> CallRef {
        self.calls.name(call)
    }

    fn queue(&self, index: usize) -> &str {
        self.queues.get(index).map_or("?", String::as_str)
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered(_) => "answered",
        Outcome::Abandoned => "abandoned",
        Outcome::ShortAbandoned => "short_abandoned",
        Outcome::Overflowed(..) => "overflow",
        Outcome::TurnedAway(..) => "turned_away",
        Outcome::Failed => "failed",
    }
}
