//! One waiting line: calls of a queue that need the same, first come first.
//!
//! Calls of one queue that need the same now, and will need the same later, differ only by
//! their arrival, which is their place, and by since when they wait, which is the same for all
//! that never had an agent. Whatever waiting brings about (a softer need, a release, a limit)
//! comes first to whoever has waited longest, so nobody ever has to look behind the first of
//! the two orders.

use crate::{
    acd::{
        plan::{AgentOrder, Needs, Overflow, Plan},
        state::{
            pool::{Pool, PoolNo},
            waiters::{Place, Waiters},
        },
    },
    base::{
        numbers::{CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// The number of a line. Kept as long as the engine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::acd) struct LineNo(pub(in crate::acd) u32);

/// What the calls of a line have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::acd) struct Key {
    pub(in crate::acd) queue: QueueNo,
    /// What the calls need beyond the queue's needs.
    pub(in crate::acd) own: Needs,
    /// How many of the queue's steps of relaxation are taken.
    pub(in crate::acd) step: u8,
    /// They were late and there was nowhere to go.
    pub(in crate::acd) stays: bool,
}

/// A waiting line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::acd) struct Line {
    pub(in crate::acd) key: Key,
    /// What the calls need before any relaxation: the claim on scarce agents.
    pub(in crate::acd) claim: Needs,
    /// What they need now.
    pub(in crate::acd) needs: Needs,
    /// `T_k`; at least a microsecond.
    pub(in crate::acd) target: Span,
    pub(in crate::acd) order: AgentOrder,
    pub(in crate::acd) ring: Span,
    /// Pools that can serve it, with how well.
    pub(in crate::acd) served_by: Vec<(PoolNo, u32)>,
    /// Pools that could serve it before any relaxation. The same for all calls of a queue that
    /// bring the same needs, at whatever step.
    pub(in crate::acd) claimed: Vec<PoolNo>,
    /// When the next step of relaxation comes, counted from when a call began to wait.
    pub(in crate::acd) relax_after: Option<Span>,
    /// When a call has waited too long, counted from when it began to wait.
    pub(in crate::acd) late_after: Option<Span>,
    waiters: Waiters,
}

/// What waiting brings to whoever has waited longest in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::acd) enum Change {
    /// Its needs soften.
    Relax,
    /// It has waited too long.
    Late,
}

impl Line {
    /// An empty line under `plan`.
    pub(in crate::acd) fn new(key: Key, plan: &Plan, pools: &[Pool]) -> Self {
        let mut line = Self {
            key,
            claim: Needs::default(),
            needs: Needs::default(),
            target: Span(1),
            order: AgentOrder::default(),
            ring: Span::ZERO,
            served_by: vec![],
            claimed: vec![],
            relax_after: None,
            late_after: None,
            waiters: Waiters::default(),
        };
        line.replan(plan, pools);
        line
    }

    /// Brings the line under `plan`. Who waits in it, and since when, does not change.
    pub(in crate::acd) fn replan(&mut self, plan: &Plan, pools: &[Pool]) {
        let Some(queue) = plan.queues.get(self.key.queue.index()) else { return };
        let step = usize::from(self.key.step).min(queue.relax.len());
        let (taken, to_come) = queue.relax.split_at(step);
        self.claim = queue.needs.and(&self.key.own);
        self.needs = self.claim.relaxed(taken);
        self.target = queue.target.max(Span(1));
        self.order = queue.order;
        self.ring = queue.ring;
        self.relax_after = to_come.first().map(|next| next.after);
        self.late_after = match queue.when_late {
            Overflow::Stay => None,
            _ if self.key.stays => None,
            Overflow::Queue(_) | Overflow::Outside(_) | Overflow::Announce | Overflow::Busy => {
                queue.wait_max
            }
        };
        self.served_by = (0..)
            .zip(pools)
            .filter(|(_, pool)| self.needs.met_by(&pool.skills))
            .map(|(no, pool)| (PoolNo(no), self.claim.score(&pool.skills)))
            .collect();
        self.claimed = (0..)
            .zip(pools)
            .filter(|(_, pool)| self.claim.met_by(&pool.skills))
            .map(|(no, _)| PoolNo(no))
            .collect();
    }

    /// Who waits.
    pub(in crate::acd) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// How long someone has waited here by `now`, at most.
    pub(in crate::acd) fn longest(&self, now: Timestamp) -> Span {
        self.waiters.longest().map_or(Span::ZERO, |(since, _)| now.since(since))
    }

    /// Lets a call take its place, which its arrival determines. Says whether it had none.
    pub(in crate::acd) fn enter(&mut self, place: Place, call: CallNo) -> bool {
        self.waiters.enter(place, call)
    }

    /// Takes a call out. Says whether it was in.
    pub(in crate::acd) fn leave(&mut self, place: Place, call: CallNo) -> bool {
        self.waiters.leave(place, call)
    }

    /// What waiting brings next to someone in this line, and when.
    pub(in crate::acd) fn next_change(&self) -> Option<(Timestamp, Change, CallNo)> {
        let (since, call) = self.waiters.longest()?;
        let relax = self.relax_after.map(|after| (since + after, Change::Relax, call));
        let late = self.late_after.map(|after| (since + after, Change::Late, call));
        relax.into_iter().chain(late).min()
    }
}
