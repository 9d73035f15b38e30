//! `/api/v1/queues`: who waits, who could serve, and how well the promise is kept.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    acd::plan,
    api::{
        problem::{Problem, Written},
        time::rfc3339,
        token::Viewer,
        web::{Web, WebState},
    },
    base::{numbers::QueueNo, time::Timestamp},
    board::{
        agent::Group,
        queue::{self, Queue},
        service::{FORMULA, TARGETS, Tally},
    },
};

/// A queue as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct View {
    /// Its name in the configuration.
    #[schema(example = "buergertelefon")]
    pub id: String,
    /// No longer in the configuration; those inside are served to the end.
    pub retired: bool,
    /// Callers waiting, those that ring at a phone included.
    pub waiting: usize,
    /// How long the first in line has waited.
    pub oldest_wait_seconds: f64,
    /// Which skills, at which level, its calls need.
    pub needs: Vec<Need>,
    /// Agents at work who have these skills, by state.
    pub agents: Able,
    /// The target that callers are ordered by.
    pub target_seconds: f64,
    /// Everything since the start.
    pub total: Level,
    /// By half hour of arrival: the last two. The last one changes until its calls are over.
    pub intervals: Vec<Interval>,
}

/// A skill and its level.
#[derive(Debug, Serialize, ToSchema)]
pub struct Need {
    /// The skill's name.
    #[schema(example = "german")]
    pub skill: String,
    /// 1 (some) to 10 (expert).
    pub level: u8,
}

/// Agents at work, by state.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Able {
    /// To be offered calls.
    pub available: usize,
    /// Being rung.
    pub ringing: usize,
    /// Speaking with callers, of whatever queue.
    pub talking: usize,
    /// Finishing up.
    pub wrap_up: usize,
    /// Away.
    pub away: usize,
}

/// How well the promise is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceLevel)]
pub struct Level {
    /// By which formula: F3 is answered within the target, over everyone who wanted an agent.
    pub sl_formula: &'static str,
    /// The share who spoke with an agent within 20 s of their INVITE; null before anyone did.
    pub service_level_20s: Option<f64>,
    /// The same within 30 s.
    pub service_level_30s: Option<f64>,
    /// Callers who spoke with an agent.
    pub answered: u64,
    /// Of these, within 20 s.
    pub answered_within_20s: u64,
    /// Of these, within 30 s.
    pub answered_within_30s: u64,
    /// Callers who gave up, short ones not among them.
    pub abandoned: u64,
    /// Callers who gave up at once.
    pub short_abandoned: u64,
    /// Calls sent outside.
    pub overflowed: u64,
    /// Calls told busy, or ended with an announcement.
    pub turned_away: u64,
    /// Calls that failed; outside the formula.
    pub failed: u64,
    /// Calls that went on to wait in another queue, whose calls they are; outside the formula.
    pub moved: u64,
    /// The mean wait of the answered.
    pub wait_mean_seconds: Option<f64>,
    /// The longest wait, of those who gave up too.
    pub wait_max_seconds: f64,
}

/// The calls that arrived in one half hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interval {
    /// Its beginning.
    #[schema(example = "2026-11-22T17:30:00.000Z")]
    pub from: String,
    /// How well the promise was kept to them.
    #[serde(flatten)]
    pub level: Level,
}

/// All queues.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queues)]
pub struct List {
    /// In the order of the configuration.
    pub queues: Vec<View>,
}

impl From<&Tally> for Level {
    fn from(tally: &Tally) -> Self {
        let [within_20s, within_30s] = tally.answered_within;
        // The fields are named for the targets; a third one would need a third field.
        debug_assert_eq!(TARGETS.map(|(_, word)| word), ["20s", "30s"]);
        Self {
            sl_formula: FORMULA,
            service_level_20s: tally.level(0),
            service_level_30s: tally.level(1),
            answered: tally.answered,
            answered_within_20s: within_20s,
            answered_within_30s: within_30s,
            abandoned: tally.abandoned,
            short_abandoned: tally.short_abandoned,
            overflowed: tally.overflowed,
            turned_away: tally.turned_away,
            failed: tally.failed,
            moved: tally.moved,
            wait_mean_seconds: tally.wait_mean(),
            wait_max_seconds: tally.longest.as_secs_f64(),
        }
    }
}

/// All queues, as they stand at `now`.
pub(super) fn all(state: &WebState, now: Timestamp) -> Vec<View> {
    state.board.queues().map(|(no, plan, queue)| view(state, now, no, plan, queue)).collect()
}

fn view(state: &WebState, now: Timestamp, no: QueueNo, plan: &plan::Queue, queue: &Queue) -> View {
    let board = &state.board;
    let mut able = Able::default();
    for (_, agent_plan, agent) in board.agents() {
        if agent_plan.retired || !queue::can_serve(&agent_plan.skills, &plan.needs) {
            continue;
        }
        let count = match agent.state.group() {
            None => continue,
            Some(Group::Available) => &mut able.available,
            Some(Group::Ringing) => &mut able.ringing,
            Some(Group::Talking) => &mut able.talking,
            Some(Group::WrapUp) => &mut able.wrap_up,
            Some(Group::NotReady) => &mut able.away,
        };
        *count += 1;
    }
    let skill = |skill: usize| {
        board.plan().skills.get(skill).map_or_else(String::new, |it| it.name.clone())
    };
    let intervals = board.levels().intervals().rev().take(2).map(|interval| Interval {
        from: rfc3339(interval.from),
        level: Level::from(interval.queues.get(&no).unwrap_or(&Tally::default())),
    });
    let mut intervals: Vec<_> = intervals.collect();
    intervals.reverse();
    View {
        id: plan.name.clone(),
        retired: plan.retired,
        waiting: queue.waiting(),
        oldest_wait_seconds: queue.oldest_wait(now).as_secs_f64(),
        needs: plan
            .needs
            .0
            .iter()
            .map(|&(no, level)| Need { skill: skill(no.index()), level })
            .collect(),
        agents: able,
        target_seconds: plan.target.as_secs_f64(),
        total: Level::from(&board.levels().of_queue(no)),
        intervals,
    }
}

/// All queues.
#[utoipa::path(get, path = "/api/v1/queues", tag = "queues", security(("token" = [])),
    responses(
        (status = 200, description = "In the order of the configuration", body = List),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(_: Viewer, State(web): State<Web>) -> Json<List> {
    let now = web.now();
    Json(List { queues: all(&web.state(), now) })
}

/// One queue.
#[utoipa::path(get, path = "/api/v1/queues/{id}", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "Its name in the configuration", example = "buergertelefon")),
    responses(
        (status = 200, description = "As it stands", body = View),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such queue", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn one(
    _: Viewer,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Json<View>, Problem> {
    let now = web.now();
    let state = web.state();
    let found = state.board.queues().find(|(_, plan, _)| plan.name == id);
    let (no, plan, queue) =
        found.ok_or_else(|| Problem::no_such("queue", "Eine Warteschlange", &id))?;
    Ok(Json(view(&state, now, no, plan, queue)))
}
