//! What becomes of a call that its queue cannot keep: at the door, and after too long a wait.
//!
//! A limit may send a call to another queue, whose own limits may send it on. Such a chain
//! ends where a queue has room, where one sends the call out, or, having led through every
//! queue, nowhere: then a call at the door is told busy, and one that waited waits on.

use crate::{
    acd::{
        fact::{Fact, Limit, Outcome},
        input::Channel,
        plan::{Needs, Overflow, Plan, Queue},
        refusal::Stood,
        rules::{call, matching},
        state::{
            State,
            line::{Key, Line},
        },
    },
    base::{
        numbers::{CallNo, QueueNo},
        time::{Span, Timestamp},
    },
};

/// A caller at the door.
pub(in crate::acd) struct Caller<'a> {
    pub(in crate::acd) call: CallNo,
    pub(in crate::acd) queue: QueueNo,
    pub(in crate::acd) own: &'a Needs,
    pub(in crate::acd) channel: Channel,
    pub(in crate::acd) arrived: Timestamp,
}

/// Where a chain of limits leads.
enum Way {
    Into(QueueNo),
    Out(Outcome),
    Nowhere,
}

/// Lets a caller in, elsewhere in, or not in.
pub(in crate::acd) fn at_the_door(
    state: &State,
    now: Timestamp,
    caller: &Caller<'_>,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    let &Caller { call, queue, own, channel, arrived } = caller;
    let plan = state.plan();
    if let Some(inside) = state.call(call) {
        return Err(Stood::Call(inside.state()));
    }
    let planned = plan.queues.get(queue.index()).filter(|queue| !queue.retired);
    let planned = planned.ok_or(Stood::NoSuchQueue)?;
    if own.0.iter().any(|(skill, _)| skill.index() >= plan.skills.len()) {
        return Err(Stood::NoSuchSkill);
    }
    if !state.has_room_for(call) {
        return Err(Stood::NumberOutOfBounds);
    }

    let own = Needs::new(own.0.iter().copied());
    let sent_off = |queue, outcome| call::sent_off(now, call, queue, channel, arrived, outcome);
    if state.inside() >= plan.calls_max as usize {
        facts.push(sent_off(None, Outcome::TurnedAway(Overflow::Busy, Limit::Capacity)));
        return Ok(());
    }
    let waited = now.since(arrived);
    let limit = match () {
        () if !state.is_open(queue) => Some((Limit::Closed, &planned.when_closed)),
        () if is_full(state, queue, &own, waited) => Some((Limit::Full, &planned.when_full)),
        () => None,
    };
    let (way, why) = match limit {
        Some((limit, rule)) => (follow(state, rule, queue, limit, &own, waited), limit),
        None => (Way::Into(queue), Limit::Full),
    };
    let needs = |queue| claim(plan, queue, &own);
    match way {
        Way::Into(to) => {
            let queued_needs = needs(queue);
            facts.push(Fact::Queued {
                call,
                queue,
                needs: queued_needs,
                own: own.clone(),
                channel,
                arrived,
            });
            if to != queue {
                facts.push(Fact::Moved { call, from: queue, to, needs: needs(to), why });
            }
        }
        Way::Out(outcome) => facts.push(sent_off(Some(queue), outcome)),
        Way::Nowhere => {
            let busy = Outcome::TurnedAway(Overflow::Busy, why);
            facts.push(sent_off(Some(queue), busy));
        }
    }
    Ok(())
}

/// The queue opens or closes. Nobody who waits is touched by it.
pub(in crate::acd) fn queue_open(
    state: &State,
    queue: QueueNo,
    open: bool,
    facts: &mut Vec<Fact>,
) -> Result<(), Stood> {
    if queue.index() >= state.plan().queues.len() {
        return Err(Stood::NoSuchQueue);
    }
    if state.is_open(queue) != open {
        facts.push(Fact::QueueOpen { queue, open });
    }
    Ok(())
}

/// What becomes of a waiting call that has waited too long.
pub(in crate::acd) fn too_late(state: &State, now: Timestamp, no: CallNo) -> Option<Fact> {
    let call = state.call(no)?;
    let line = state.line(call.line)?;
    let (from, own) = (line.key.queue, &line.key.own);
    let rule = &state.plan().queues.get(from.index())?.when_late;
    let moved = |to, needs| Fact::Moved { call: no, from, to, needs, why: Limit::Late };
    Some(match follow(state, rule, from, Limit::Late, own, now.since(call.arrived)) {
        Way::Into(to) if to != from => moved(to, claim(state.plan(), to, own)),
        Way::Into(_) | Way::Nowhere => moved(from, line.needs.clone()),
        Way::Out(outcome) => {
            call::sent_off(now, no, Some(from), call.channel, call.arrived, outcome)
        }
    })
}

/// Follows `rule` of queue `at`, and the rules of those it leads to, until it is clear where
/// the call goes. A queue is asked whether it is open, then about its limit for late calls, then
/// about that for full lines.
fn follow(
    state: &State,
    rule: &Overflow,
    at: QueueNo,
    limit: Limit,
    own: &Needs,
    waited: Span,
) -> Way {
    let queues = &state.plan().queues;
    let (mut rule, mut at) = (rule, at);
    // Whoever has been through every queue goes in circles.
    for _ in queues {
        let to = match rule {
            Overflow::Stay => return Way::Into(at),
            Overflow::Outside(to) => return Way::Out(Outcome::Overflowed(*to, limit)),
            Overflow::Announce | Overflow::Busy => {
                return Way::Out(Outcome::TurnedAway(rule.clone(), limit));
            }
            Overflow::Queue(to) => *to,
        };
        let Some(queue) = queues.get(to.index()).filter(|queue| !queue.retired) else {
            return Way::Nowhere;
        };
        at = to;
        rule = match () {
            () if !state.is_open(to) => &queue.when_closed,
            () if is_late(queue, waited) => &queue.when_late,
            () if is_full(state, to, own, waited) => &queue.when_full,
            () => return Way::Into(to),
        };
    }
    Way::Nowhere
}

fn is_late(queue: &Queue, waited: Span) -> bool {
    queue.when_late != Overflow::Stay && queue.wait_max.is_some_and(|max| waited >= max)
}

/// Whether a line has no place for a call. One that finds an agent at once needs none.
fn is_full(state: &State, no: QueueNo, own: &Needs, waited: Span) -> bool {
    let plan = state.plan();
    let max = plan.queues.get(no.index()).map_or(0, |queue| queue.waiting_max);
    if state.waiting_in(no) < max {
        return false;
    }
    let key = Key { queue: no, own: own.clone(), step: 0, stays: false };
    !matching::finds_someone(state, &Line::new(key, plan, state.pools()), waited)
}

/// What a call needs in `queue` before any relaxation.
fn claim(plan: &Plan, queue: QueueNo, own: &Needs) -> Needs {
    plan.queues.get(queue.index()).map_or_else(|| own.clone(), |queue| queue.needs.and(own))
}
