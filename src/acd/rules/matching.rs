//! Who gets whom: the routing rule of the house, as pure functions of the state.
//!
//! ```text
//! the call with the largest (age + head start) / target for whom an agent is allowed
//!     └─ of the agents allowed for it, the first in its queue's order;
//!        those whom a reserve would keep, but has released, after all others
//! ```
//!
//! The head start is for calls that few can serve. If such a call is passed over, its next chance
//! is further off: with `n` agents at work who can serve it, one of them frees every `h / n`, `h`
//! being how long people speak. The head start is how much longer that is than for the waiting call
//! that most can serve, so it is nothing where all can serve all. It goes by what a call needed
//! before any relaxation, so it is the same for all calls of a queue that bring the same needs, at
//! whatever step: first in, first out is kept among them. It looks at what lies ahead of a call and
//! never at whether its target is missed.
//!
//! An agent is allowed for a call if it has what the call needs now, and is not held back for
//! others. An agent of a scarce group is held back from a call that does not need the skill
//! while no more than the reserve of that group are idle and nobody in the call's line has waited
//! as long as the release time (a *soft* reserve, so that no call waits longer for it than that).
//! An agent is released to a line, and whoever is first in it has the agent: a call that had an agent
//! before is older than it has waited, and keeps its place all the same.
//!
//! Whoever just missed a call comes last for that call, but does come: if nobody else is there and
//! the agent is ready again, by hand or after a rest, waiting would help nobody.
//!
//! Only heads of lines and firsts of pools are looked at, so the cost grows with how many
//! different needs and skills there are, not with callers or agents.

use std::cmp::Reverse;

use crate::{
    acd::{
        fact::{Decision, Fact, Rule},
        state::{
            State,
            line::Line,
            pool::{Candidate, Pool},
        },
    },
    base::{
        numbers::{AgentNo, CallNo},
        time::{Span, Timestamp},
    },
};

/// The next pair, if any is allowed. `fresh` is the call that came this very moment.
pub(in crate::acd) fn next(state: &State, now: Timestamp, fresh: Option<CallNo>) -> Option<Fact> {
    if state.idle() == 0 || state.waiting() == 0 {
        return None;
    }
    let chances = Chances::of(state);
    let mut best: Option<(Claim, &Line, Choice)> = None;
    for (_, line) in state.occupied() {
        let Some((arrived, call)) = line.waiters().head() else { continue };
        let (age, target) = (now.since(arrived), line.target);
        let claim =
            Claim { age, head_start: chances.head_start(state, line), target, arrived, call };
        if best.as_ref().is_some_and(|(leading, ..)| !claim.comes_before(leading)) {
            continue;
        }
        let missed_by = state.call(call).and_then(|call| call.missed_by);
        if let Some(choice) = choose(state, line, line.longest(now), missed_by) {
            best = Some((claim, line, choice));
        }
    }
    let (claim, line, choice) = best?;
    let rule = match choice.hold {
        ReserveHold::OutOfReserve => Rule::ReserveHold,
        ReserveHold::Released => Rule::ReserveRelease,
        ReserveHold::Free | ReserveHold::Held(_) if fresh == Some(claim.call) => Rule::Direct,
        ReserveHold::Free | ReserveHold::Held(_) => Rule::Hldr,
    };
    let decision = Decision {
        rule,
        age: claim.age,
        head_start: claim.head_start,
        idle: now.since(choice.candidate.idle_since),
        waiting: state.waiting(),
        idle_agents: state.idle(),
    };
    let agent = choice.candidate.agent;
    Some(Fact::Offered { call: claim.call, agent, until: now + line.ring, decision })
}

/// Whether a call in `line` that has waited so long would find an agent.
pub(in crate::acd) fn finds_someone(state: &State, line: &Line, waited: Span) -> bool {
    state.idle() > 0 && choose(state, line, waited, None).is_some()
}

/// Whom `line` would give a call that came just now.
pub(in crate::acd) fn first_free(state: &State, line: &Line) -> Option<AgentNo> {
    Some(choose(state, line, Span::ZERO, None)?.candidate.agent)
}

/// When the wait of a call next releases an agent who is held back from it.
pub(in crate::acd) fn next_release(state: &State) -> Option<Timestamp> {
    if state.idle() == 0 {
        return None;
    }
    let releases = state.occupied().filter_map(|(_, line)| {
        let (since, _) = line.waiters().longest()?;
        let releases = idle_pools(state, line).filter_map(|(pool, _)| {
            match reserve_hold(state, pool, line, Span::ZERO) {
                ReserveHold::Held(until) => Some(until),
                ReserveHold::Free | ReserveHold::OutOfReserve | ReserveHold::Released => None,
            }
        });
        releases.min().map(|after| since + after)
    });
    releases.min()
}

/// How strongly a call asks to be next.
pub(in crate::acd) struct Claim {
    pub(in crate::acd) age: Span,
    pub(in crate::acd) head_start: Span,
    pub(in crate::acd) target: Span,
    pub(in crate::acd) arrived: Timestamp,
    pub(in crate::acd) call: CallNo,
}

impl Claim {
    /// The larger (age + head start) / target comes first; ties: the older, then the smaller
    /// number. The ratios are compared by cross-multiplication, which is exact.
    pub(in crate::acd) fn comes_before(&self, other: &Self) -> bool {
        let ratio = self.due() * u128::from(other.target.0);
        let others = other.due() * u128::from(self.target.0);
        (Reverse(ratio), self.arrived, self.call) < (Reverse(others), other.arrived, other.call)
    }

    fn due(&self) -> u128 {
        u128::from(self.age.0) + u128::from(self.head_start.0)
    }
}

/// How soon agents at work will have time for whom.
pub(in crate::acd) struct Chances {
    /// How many can serve the waiting call that most can serve.
    most: u32,
    /// How long people speak.
    talk: Span,
}

impl Chances {
    pub(in crate::acd) fn of(state: &State) -> Self {
        let servers = state.occupied().map(|(_, line)| servers(state, line));
        Self { most: servers.max().unwrap_or_default(), talk: state.talk() }
    }

    /// How much longer than others a call of `line` would wait for its next chance. Nothing while
    /// nobody at work can serve it at all.
    pub(in crate::acd) fn head_start(&self, state: &State, line: &Line) -> Span {
        let servers = servers(state, line);
        if servers == 0 || servers >= self.most {
            return Span::ZERO;
        }
        Span(self.talk.0 / u64::from(servers) - self.talk.0 / u64::from(self.most))
    }
}

/// How many at work can serve `line` as it was before any relaxation, whatever they are doing.
fn servers(state: &State, line: &Line) -> u32 {
    let pools = line.claimed.iter().filter_map(|&no| state.pool(no));
    pools.map(|pool| pool.at_work).sum()
}

/// An agent for a call.
struct Choice {
    candidate: Candidate,
    hold: ReserveHold,
}

/// How the reserves of scarce skills hold an agent back from a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acd) enum ReserveHold {
    /// Not at all.
    Free,
    /// They would, but the call needs the skill.
    OutOfReserve,
    /// They would, but the call has waited long enough.
    Released,
    /// Until the call has waited so long.
    Held(Span),
}

/// The first in turn of all agents allowed for a call of `line`.
fn choose(state: &State, line: &Line, waited: Span, missed_by: Option<AgentNo>) -> Option<Choice> {
    let choices = idle_pools(state, line).filter_map(|(pool, score)| {
        let hold = reserve_hold(state, pool, line, waited);
        match hold {
            ReserveHold::Held(_) => None,
            ReserveHold::Free | ReserveHold::OutOfReserve | ReserveHold::Released => {
                Some(Choice { candidate: pool.next(line.order, score, missed_by)?, hold })
            }
        }
    });
    let comes_last = |choice: &Choice| choice.hold == ReserveHold::Released;
    choices.min_by_key(|choice| (choice.candidate.missed_it, comes_last(choice), choice.candidate))
}

/// Pools that can serve `line` and have someone idle, with how well they serve it.
pub(in crate::acd) fn idle_pools<'a>(
    state: &'a State,
    line: &'a Line,
) -> impl Iterator<Item = (&'a Pool, u32)> {
    line.served_by
        .iter()
        .filter_map(|&(no, score)| Some((state.pool(no)?, score)))
        .filter(|(pool, _)| !pool.idle().is_empty())
}

/// What the reserves say to an agent of `pool` taking a call of `line`. A need that was relaxed
/// away is still a claim on those who have the skill.
pub(in crate::acd) fn reserve_hold(
    state: &State,
    pool: &Pool,
    line: &Line,
    waited: Span,
) -> ReserveHold {
    let mut hold = ReserveHold::Free;
    for &skill in &pool.scarce {
        let Some(scarce) = state.plan().skills.get(skill.index()) else { continue };
        if state.idle_with(skill) > scarce.reserve {
            continue;
        }
        hold = match hold {
            _ if !line.claim.name(skill) && waited < scarce.release => match hold {
                ReserveHold::Held(until) => ReserveHold::Held(until.max(scarce.release)),
                ReserveHold::Free | ReserveHold::OutOfReserve | ReserveHold::Released => {
                    ReserveHold::Held(scarce.release)
                }
            },
            ReserveHold::Held(until) => ReserveHold::Held(until),
            ReserveHold::Released => ReserveHold::Released,
            ReserveHold::Free | ReserveHold::OutOfReserve if line.claim.name(skill) => {
                ReserveHold::OutOfReserve
            }
            ReserveHold::Free | ReserveHold::OutOfReserve => ReserveHold::Released,
        };
    }
    hold
}
