//! One waiting line: calls of a queue that need the same, first come first.
//!
//! Calls of one queue that need the same now, and will need the same later, differ only by
//! their arrival. So whatever waiting brings about (a softer need, a release, a limit) comes
//! to the head of the line first, and nobody ever has to look behind it.

use std::collections::BTreeSet;

use crate::{
    acd::{
        plan::{AgentOrder, Needs, Overflow, Plan},
        pool::{Pool, PoolNo},
    },
    base::{
        numbers::{CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// The number of a line. Kept as long as the engine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LineNo(pub(super) u32);

/// What the calls of a line have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) queue: QueueNo,
    /// What the calls need beyond the queue's needs.
    pub(super) own: Needs,
    /// How many of the queue's steps of relaxation are taken.
    pub(super) step: u8,
    /// They were late and there was nowhere to go.
    pub(super) stays: bool,
}

/// A waiting line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) key: Key,
    /// What the calls need before any relaxation: the claim on scarce agents.
    pub(super) claim: Needs,
    /// What they need now.
    pub(super) needs: Needs,
    /// `T_k`; at least a microsecond.
    pub(super) target: Span,
    pub(super) order: AgentOrder,
    pub(super) ring: Span,
    /// Pools that can serve it, with how well.
    pub(super) served_by: Vec<(PoolNo, u32)>,
    /// When the next step of relaxation comes, counted from a call's arrival.
    pub(super) relax_after: Option<Span>,
    /// When a call has waited too long, counted from its arrival.
    pub(super) late_after: Option<Span>,
    calls: BTreeSet<(Timestamp, CallNo)>,
}

/// What waiting brings to the head of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Its needs soften.
    Relax,
    /// It has waited too long.
    Late,
}

impl Line {
    /// An empty line under `plan`.
    pub(super) fn new(key: Key, plan: &Plan, pools: &[Pool]) -> Self {
        let mut line = Self {
            key,
            claim: Needs::default(),
            needs: Needs::default(),
            target: Span(1),
            order: AgentOrder::default(),
            ring: Span::ZERO,
            served_by: vec![],
            relax_after: None,
            late_after: None,
            calls: BTreeSet::new(),
        };
        line.replan(plan, pools);
        line
    }

    /// Brings the line under `plan`. Who waits in it, and since when, does not change.
    pub(super) fn replan(&mut self, plan: &Plan, pools: &[Pool]) {
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
    }

    /// The first in line.
    pub(super) fn head(&self) -> Option<(Timestamp, CallNo)> {
        self.calls.first().copied()
    }

    /// Who waits, first come first.
    pub(super) fn calls(&self) -> &BTreeSet<(Timestamp, CallNo)> {
        &self.calls
    }

    /// Lets a call take its place, which its arrival determines. Says whether it had none.
    pub(super) fn enter(&mut self, arrived: Timestamp, call: CallNo) -> bool {
        self.calls.insert((arrived, call))
    }

    /// Takes a call out. Says whether it was in.
    pub(super) fn leave(&mut self, arrived: Timestamp, call: CallNo) -> bool {
        self.calls.remove(&(arrived, call))
    }

    /// What waiting brings next to the head of this line, and when.
    pub(super) fn next_change(&self) -> Option<(Timestamp, Change, CallNo)> {
        let (arrived, call) = self.head()?;
        let relax = self.relax_after.map(|after| (arrived + after, Change::Relax, call));
        let late = self.late_after.map(|after| (arrived + after, Change::Late, call));
        relax.into_iter().chain(late).min()
    }
}
