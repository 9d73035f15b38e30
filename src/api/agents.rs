//! `/api/v1/agents`: who is at work and in which state; and the way to change that.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    acd::{
        fact::{Next, OWN_CALL, Why},
        plan,
    },
    api::{
        list::{Asked, Page},
        problem::{Problem, Written},
        queues::Need,
        time::rfc3339,
        token::{Operator, Viewer},
        web::{Books, Web},
        wish::{self, StateChange},
    },
    base::{numbers::AgentNo, time::Timestamp},
    board::agent::{Agent, State as AgentState},
    exchange::request::Answer,
};

/// An agent as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct View {
    /// As the configuration names them.
    #[schema(example = "1001")]
    pub id: String,
    /// No longer in the configuration.
    pub retired: bool,
    /// `signed-out`, `ready`, `ringing`, `talking`, `wrap-up` or `away`.
    #[schema(example = "talking")]
    pub state: &'static str,
    /// Since when; null before the first time.
    pub since: Option<String>,
    /// How long.
    pub state_seconds: Option<f64>,
    /// Why, if away: what the agent said, or `no-answer`, `refused`, `busy`, `unreachable`,
    /// `failed`, `no-phone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lunch")]
    pub reason: Option<String>,
    /// When the state ends by itself, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The phone the agent signed in at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1001")]
    pub phone: Option<String>,
    /// Whether that phone can be rung.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_up: Option<bool>,
    /// The call in hand, one being wrapped up included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "call-7")]
    pub call: Option<String>,
    /// What follows the call in hand: `away` or `signed-out`; absent: ready for the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<&'static str>,
    /// What the agent can do.
    pub skills: Vec<Need>,
}

/// Some of the agents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agents)]
pub struct List {
    /// In the order of the configuration.
    pub agents: Vec<View>,
    /// Where to go on: `?after=` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// All agents, as they stand at `now`.
pub(super) fn all(books: &Books, now: Timestamp) -> Vec<View> {
    books.board.agents().map(|(_, plan, agent)| view(books, now, plan, agent)).collect()
}

fn view(books: &Books, now: Timestamp, plan: &plan::Agent, agent: &Agent) -> View {
    let known = agent.since > Timestamp::EPOCH;
    let skill = |place: usize| {
        let skill = books.board.plan().skills.get(place);
        skill.map_or_else(String::new, |it| it.name.clone())
    };
    View {
        id: plan.id.clone(),
        retired: plan.retired,
        state: agent.state.word(),
        since: known.then(|| rfc3339(agent.since)),
        state_seconds: known.then(|| now.since(agent.since).as_secs_f64()),
        reason: match &agent.state {
            AgentState::Away { why, .. } => Some(reason(why)),
            AgentState::SignedOut
            | AgentState::Ready
            | AgentState::Ringing { .. }
            | AgentState::Talking { .. }
            | AgentState::WrapUp { .. } => None,
        },
        until: agent.state.until().map(rfc3339),
        phone: agent.phone.map(|phone| books.names.phone(phone)),
        phone_up: agent.phone.and_then(|phone| books.board.phone_up(phone)),
        call: agent.state.call().map(|call| call.to_string()),
        next: match agent.next {
            Next::Ready => None,
            Next::Away(_) => Some("away"),
            Next::SignedOut => Some("signed-out"),
        },
        skills: plan
            .skills
            .iter()
            .map(|&(no, level)| Need { skill: skill(no.index()), level })
            .collect(),
    }
}

/// Why an agent is away, in a word.
pub(super) fn reason(why: &Why) -> String {
    match why {
        Why::Asked(what) => what.clone(),
        Why::Lost(lost) => lost.word().to_owned(),
        Why::NoPhone => "no-phone".to_owned(),
        Why::OwnCall => OWN_CALL.to_owned(),
        Why::PhoneFailed => "phone-failed".to_owned(),
    }
}

fn find<'a>(books: &'a Books, id: &str) -> Result<(AgentNo, &'a plan::Agent, &'a Agent), Problem> {
    let found = books.board.agents().find(|(_, plan, _)| plan.id == id);
    found.ok_or_else(|| Problem::no_such("agent", "Eine Agentin oder einen Agenten", id))
}

/// All agents, page by page.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", security(("token" = [])),
    params(Page),
    responses(
        (status = 200, description = "In the order of the configuration", body = List),
        (status = 400, description = "The query cannot be read", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(
    _: Viewer,
    State(web): State<Web>,
    Asked(page): Asked<Page>,
) -> Json<List> {
    let now = web.now();
    let books = web.books();
    let (rows, next) = page.cut(books.board.agents(), |(_, plan, _)| plan.id.clone());
    let agents = rows.into_iter().map(|(_, plan, agent)| view(&books, now, plan, agent)).collect();
    Json(List { agents, next })
}

/// One agent.
#[utoipa::path(get, path = "/api/v1/agents/{id}", tag = "agents", security(("token" = [])),
    params(("id" = String, Path, description = "As the configuration names them", example = "1001")),
    responses(
        (status = 200, description = "As they stand", body = View),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such agent", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn one(
    _: Viewer,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Json<View>, Problem> {
    let now = web.now();
    let books = web.books();
    let (_, plan, agent) = find(&books, &id)?;
    Ok(Json(view(&books, now, plan, agent)))
}

/// Changes an agent's state: signs in and out, ready and away, ends or extends a wrap-up.
///
/// While the agent talks, `away` and `signed-out` take effect after the call: 202. To sign in
/// at another phone, name it.
#[utoipa::path(post, path = "/api/v1/agents/{id}/state", tag = "agents", security(("token" = [])),
    params(("id" = String, Path, description = "As the configuration names them", example = "1001")),
    request_body = StateChange,
    responses(
        (status = 200, description = "It is so", body = View),
        (status = 202, description = "It will be so after the call in hand", body = View),
        (status = 400, description = "Not JSON", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such agent", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "Not possible where the agent stands: `state` says where", body = Written, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The body is not application/json", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "JSON, but not what is wanted: `errors` says where", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn change(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let wishes = {
        let books = web.books();
        let (agent, _, known) = find(&books, &id)?;
        let change = wish::read(&headers, &body, &books.names)?;
        wish::wishes(agent, known, change)
    };
    let mut status = StatusCode::OK;
    for wish in wishes {
        match web.ask(wish).await? {
            Answer::Done => (),
            Answer::Later(_) => status = StatusCode::ACCEPTED,
            Answer::Refused(refused) => return Err(Problem::from(refused)),
        }
    }
    let now = web.now();
    let books = web.books();
    let (_, plan, agent) = find(&books, &id)?;
    Ok((status, Json(view(&books, now, plan, agent))).into_response())
}
