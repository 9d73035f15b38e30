//! `/api/v1/calls`: the calls that go on and the last that ended; and an operator's hand to end one.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    acd::{
        consult::Consultee,
        fact::{self, Limit, Outcome, Rule},
    },
    api::{
        control,
        list::{Asked, Page},
        problem::{Problem, Written},
        queues::Need,
        time::rfc3339,
        token::{Operator, Viewer},
        web::{Books, Web},
    },
    base::{
        numbers::{AgentNo, CallNo, QueueNo},
        time::{Span, Timestamp},
    },
    board::{
        call::{Call, Ended, State as CallState},
        fold::Board,
        service::Verdict,
    },
    exchange::request::Request,
    media::order::{Codec, Report},
};

/// A call as it stands, or as it ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct View {
    /// Its number.
    #[schema(example = "call-7")]
    pub id: String,
    /// `opened`, `waiting`, `ringing`, `talking`, `held`, `consulting`, `conference`, `outside` or
    /// `ended`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// When its INVITE came; its place in the line.
    pub arrived: String,
    /// The queue it is, or was last, in.
    #[schema(example = "buergertelefon")]
    pub queue: Option<String>,
    /// The entry it came by: `123-0`, `115`, `pin`, `callback` or `other`.
    pub channel: &'static str,
    /// What it needs now.
    pub needs: Vec<Need>,
    /// How many steps its needs have softened.
    pub relaxed: u8,
    /// From the INVITE until an agent, the end, or now.
    pub wait_seconds: f64,
    /// Who is rung, or speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// With whom the agent speaks on the side: an agent's id, or a number, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "b.schmidt")]
    pub aside: Option<String>,
    /// When the offer lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_until: Option<String>,
    /// By which rule the agent was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Offers that came to nothing.
    pub offers_lost: u32,
    /// How often it had to wait again, because its agent's phone failed.
    pub returned: u32,
    /// How often an agent passed it on.
    pub passed: u32,
    /// Who calls, masked; empty if anonymous.
    #[schema(example = "***4567")]
    pub caller: Option<String>,
    /// What was dialled.
    #[schema(example = "1230")]
    pub dialled: Option<String>,
    /// Whom it was for before it was sent on to us, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "***4711")]
    pub called_first: Option<String>,
    /// The trunk it came by; absent for a phone of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// The SIP Call-ID, for the log.
    pub sip_call_id: Option<String>,
    /// The codec of the caller's leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<&'static str>,
    /// How well it was heard, leg by leg, once a leg is over.
    #[serde(skip_serializing_if = "Heard::is_nothing")]
    pub sound: Heard,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Which limit it met, if it was turned away or sent outside: `full`, `late`, `capacity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// How long caller and agent spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub talk_seconds: Option<f64>,
    /// How long the caller was held, all holds together; absent if it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_seconds: Option<f64>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// How well a call was heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heard {
    /// What came from the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Quality>,
    /// What came from the agent who took the call last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Quality>,
}

/// How well one far side was heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quality {
    /// RTP packets that came.
    pub packets_received: u64,
    /// RTP packets that never came; negative with duplicates.
    pub packets_lost: i64,
    /// Jitter at the end (RFC 3550 A.8).
    pub jitter_seconds: f64,
    /// There and back by RTCP, if it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_seconds: Option<f64>,
    /// What listeners would say, 1 (bad) to 4.5 (excellent), as ITU-T G.107 estimates it; absent
    /// if nothing came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mos: Option<f64>,
}

impl Heard {
    fn is_nothing(&self) -> bool {
        self.caller.is_none() && self.agent.is_none()
    }
}

impl From<&Report> for Quality {
    fn from(report: &Report) -> Self {
        Self {
            packets_received: report.received,
            packets_lost: report.lost,
            jitter_seconds: report.jitter,
            round_trip_seconds: report.round_trip,
            mos: report.mos(),
        }
    }
}

/// By which rule a pair was chosen, and on what grounds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// `direct`, `hldr`, `reserve_hold` or `reserve_release`; `transfer` or `consult` by a colleague.
    #[schema(value_type = String, example = "direct")]
    pub rule: Rule,
    /// How long the call had waited.
    pub waited_seconds: f64,
    /// How long the agent had been idle.
    pub idle_seconds: f64,
    /// How many calls waited, this one included.
    pub waiting: u32,
    /// How many agents were idle, this one included.
    pub idle_agents: u32,
}

/// Some of the calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calls)]
pub struct List {
    /// Those that go on; then, the last first, those that ended.
    pub calls: Vec<View>,
    /// Where to go on: `?after=` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which calls.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only those in this state; all that go on if not said.
    #[param(inline, example = "waiting")]
    state: Option<InState>,
    /// Only those of this queue.
    #[param(example = "buergertelefon")]
    queue: Option<String>,
    /// How many rows, 1 to 1000; 100 if not said.
    limit: Option<usize>,
    /// The id behind which to go on: `next` of the page before.
    after: Option<String>,
}

/// The words for where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum InState {
    Opened,
    Waiting,
    Ringing,
    Talking,
    Held,
    Consulting,
    Conference,
    Outside,
    Ended,
}

impl InState {
    const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Waiting => "waiting",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::Held => "held",
            Self::Consulting => "consulting",
            Self::Conference => "conference",
            Self::Outside => "outside",
            Self::Ended => "ended",
        }
    }
}

/// All calls that go on, as they stand at `now`.
pub(super) fn live(books: &Books, now: Timestamp) -> Vec<View> {
    books.board.calls().map(|call| live_view(books, now, call)).collect()
}

fn live_view(books: &Books, now: Timestamp, call: &Call) -> View {
    let plan = books.board.plan();
    let skill =
        |place: usize| plan.skills.get(place).map_or_else(String::new, |it| it.name.clone());
    let (offered_until, decision) = match &call.state {
        CallState::Ringing { until, decision, .. } => (Some(rfc3339(*until)), Some(*decision)),
        CallState::Opened | CallState::Waiting | CallState::Talking { .. } | CallState::Outside => {
            (None, None)
        }
    };
    let from = call.from.as_ref();
    View {
        id: call.no.to_string(),
        state: call.word(),
        since: rfc3339(call.held.unwrap_or(call.since)),
        arrived: rfc3339(call.arrived),
        queue: call.queue.map(|queue| queue_name(&books.board, queue)),
        channel: call.channel.word(),
        needs: call
            .needs
            .0
            .iter()
            .map(|&(no, level)| Need { skill: skill(no.index()), level })
            .collect(),
        relaxed: call.relaxed,
        wait_seconds: call.wait.unwrap_or_else(|| now.since(call.arrived)).as_secs_f64(),
        agent: call.state.agent().map(|agent| agent_id(&books.board, agent)),
        aside: call.consult.as_ref().map(|it| match &it.with {
            Consultee::Agent(agent) => agent_id(&books.board, *agent),
            Consultee::Outside(number) => number.clone(),
        }),
        offered_until,
        decision: decision.map(Decision::from),
        offers_lost: call.offers_lost,
        returned: call.returned,
        passed: call.passed,
        caller: from.map(|it| it.caller.clone()),
        dialled: from.map(|it| it.dialled.clone()),
        called_first: from.map(|it| it.called_first.clone()).filter(|it| !it.is_empty()),
        trunk: from.and_then(|it| it.trunk).map(|trunk| books.names.trunk(trunk)),
        sip_call_id: from.map(|it| it.call_id.clone()),
        codec: from.and_then(|it| it.codec).map(Codec::name),
        sound: Heard {
            caller: call.sound.caller.as_ref().map(Quality::from),
            agent: call.sound.agent.as_ref().map(Quality::from),
        },
        outcome: None,
        limit: None,
        talk_seconds: None,
        held_seconds: call.held_by(now).map(Span::as_secs_f64),
        ended: None,
    }
}

fn ended_view(books: &Books, ended: &Ended) -> View {
    let agent = match &ended.outcome {
        Outcome::Answered(agent) => Some(agent_id(&books.board, *agent)),
        Outcome::Abandoned
        | Outcome::ShortAbandoned
        | Outcome::Overflowed(..)
        | Outcome::TurnedAway(..)
        | Outcome::Failed => None,
    };
    View {
        state: "ended",
        since: rfc3339(ended.at),
        agent,
        aside: None,
        offered_until: None,
        decision: None,
        outcome: Some(Verdict::of(&ended.outcome).word()),
        limit: limit(&ended.outcome),
        talk_seconds: ended.call.wait.map(|_| ended.talk.as_secs_f64()),
        ended: Some(rfc3339(ended.at)),
        ..live_view(books, ended.at, &ended.call)
    }
}

/// Which limit a call met that was not served.
pub(super) const fn limit(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Overflowed(_, limit) | Outcome::TurnedAway(_, limit) => Some(match limit {
            Limit::Full => "full",
            Limit::Late => "late",
            Limit::Capacity => "capacity",
        }),
        Outcome::Answered(_) | Outcome::Abandoned | Outcome::ShortAbandoned | Outcome::Failed => {
            None
        }
    }
}

/// A queue's name.
pub(super) fn queue_name(board: &Board, queue: QueueNo) -> String {
    let plan = board.plan().queues.get(queue.index());
    plan.map_or_else(|| queue.to_string(), |plan| plan.name.clone())
}

/// An agent's id.
pub(super) fn agent_id(board: &Board, agent: AgentNo) -> String {
    let plan = board.plan().agents.get(agent.index());
    plan.map_or_else(|| agent.to_string(), |plan| plan.id.clone())
}

impl From<fact::Decision> for Decision {
    fn from(decision: fact::Decision) -> Self {
        Self {
            rule: decision.rule,
            waited_seconds: decision.waited.as_secs_f64(),
            idle_seconds: decision.idle.as_secs_f64(),
            waiting: decision.waiting,
            idle_agents: decision.idle_agents,
        }
    }
}

/// Calls, page by page.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", security(("token" = [])),
    params(Which),
    responses(
        (status = 200, description = "Those that go on, or those asked for", body = List),
        (status = 400, description = "The query cannot be read", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(
    _: Viewer,
    State(web): State<Web>,
    Asked(which): Asked<Which>,
) -> Result<Json<List>, Problem> {
    let now = web.now();
    let books = web.books();
    let page = Page { limit: which.limit, after: which.after };
    let of_queue = |queue: Option<QueueNo>| match &which.queue {
        None => true,
        Some(name) => queue.is_some_and(|queue| queue_name(&books.board, queue) == *name),
    };
    let key = |call: &CallNo| call.to_string();
    let (calls, next) = if which.state == Some(InState::Ended) {
        let rows = books.board.ended().filter(|it| of_queue(it.call.queue)).map(|it| it.call.no);
        let (rows, next) = page.cut(rows, key);
        let found = rows.into_iter().filter_map(|no| books.board.ended_call(no));
        (found.map(|it| ended_view(&books, it)).collect(), next)
    } else {
        let in_state = |call: &&Call| which.state.is_none_or(|it| it.word() == call.word());
        let rows = books.board.calls().filter(in_state).filter(|it| of_queue(it.queue));
        let (rows, next) = page.cut(rows.map(|it| it.no), key);
        let found = rows.into_iter().filter_map(|no| books.board.call(no));
        (found.map(|it| live_view(&books, now, it)).collect(), next)
    };
    Ok(Json(List { calls, next }))
}

/// One call.
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its number", example = "call-7")),
    responses(
        (status = 200, description = "As it stands, or as it ended", body = View),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is long over", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn one(
    _: Viewer,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Json<View>, Problem> {
    let no: CallNo = id.parse().map_err(|_| no_such(&id))?;
    let now = web.now();
    let books = web.books();
    match (books.board.call(no), books.board.ended_call(no)) {
        (Some(call), _) => Ok(Json(live_view(&books, now, call))),
        (None, Some(ended)) => Ok(Json(ended_view(&books, ended))),
        (None, None) => Err(no_such(&id)),
    }
}

/// Ends a call, by an operator's hand.
#[utoipa::path(delete, path = "/api/v1/calls/{id}", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its number", example = "call-7")),
    responses(
        (status = 204, description = "Both sides are told the end"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn end(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    control::ask(&web, &id, Request::HangUp).await
}

pub(super) fn no_such(id: &str) -> Problem {
    Problem::no_such("call", "Einen Anruf", id)
}
