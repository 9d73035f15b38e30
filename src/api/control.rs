//! `POST /api/v1/calls/{id}/…`: what an operator's hand may do with a call that goes on.
//!
//! Each verb is one request. What cannot be done where the call stands is a 409 that says where.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{
        calls::{no_such, number_of},
        problem::{Kind, OfChange, Problem, Text, Written},
        token::Operator,
        web::Web,
    },
    base::numbers::CallNo,
    exchange::request::{Answer, Request},
};

/// Lets the caller hear music, and the agent nothing, until the call is resumed.
#[utoipa::path(post, path = "/api/v1/calls/{id}/hold", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "The caller is held"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It does not speak with an agent", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn hold(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Hold).await
}

/// Joins caller and agent again, after a hold by this API.
#[utoipa::path(post, path = "/api/v1/calls/{id}/resume", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "They hear each other, unless the agent's phone holds as well"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "Nobody holds it by this API", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn resume(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Resume).await
}

/// Where a caller is transferred to.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Transfer)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// A queue's name, an agent's id, a phone's user, or a number as a phone would dial it.
    #[schema(example = "115")]
    to: String,
}

/// Passes the caller on: to a queue at once, to a colleague or a number outside if that one answers.
/// If not, the agent has the caller back.
#[utoipa::path(post, path = "/api/v1/calls/{id}/transfer", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    request_body = Target,
    responses(
        (status = 202, description = "The caller waits, or rings at the phone of the colleague or outside"),
        (status = 400, description = "The body is not JSON", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or no such place to go", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It does not speak with an agent, the colleague is not free, or the number may not be called", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "JSON, but not what is wanted", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn transfer(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let Target { to } = target(&body)?;
    ask(&web, &id, |call| Request::Transfer { call, to: to.clone() }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Calls somebody for the agent, who wants to speak with that one before it decides what becomes of
/// its caller. The caller hears music meanwhile.
#[utoipa::path(post, path = "/api/v1/calls/{id}/consult", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    request_body = Target,
    responses(
        (status = 202, description = "It rings there; of a queue, at whomever it would give the caller now"),
        (status = 400, description = "The body is not JSON", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or nobody of that name or number", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It does not speak with an agent, a consult is open already, nobody is free there, or the number may not be called", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "JSON, but not what is wanted", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn consult(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let Target { to } = target(&body)?;
    ask(&web, &id, |call| Request::Consult { call, to: to.clone() }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Leaves the caller to the consultee; the agent is done with the call. If it still rings
/// there, it rings on for the caller.
#[utoipa::path(post, path = "/api/v1/calls/{id}/complete", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "The two are joined, or it rings on"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "There is no consult", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn complete(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Complete).await
}

/// Releases the consultee, or whoever is being called: the agent has its caller back.
#[utoipa::path(post, path = "/api/v1/calls/{id}/cancel", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "Caller and agent hear each other, unless the agent's phone holds"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "There is no consult, open or being called", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn cancel(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Cancel).await
}

/// Lets the agent speak with its caller while the consultee waits with music; the next
/// time, the other way round.
#[utoipa::path(post, path = "/api/v1/calls/{id}/toggle", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "They have changed places"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The agent does not speak with a consultee over its one line", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn toggle(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Toggle).await
}

/// Lets caller, agent and the consultee hear one another, until one leaves.
#[utoipa::path(post, path = "/api/v1/calls/{id}/conference", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "All three hear one another"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The agent does not speak with a consultee", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn conference(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Conference).await
}

/// Ends the call; `DELETE` of it does the same.
#[utoipa::path(post, path = "/api/v1/calls/{id}/hangup", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "Both sides are told the end"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn hang_up(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::HangUp).await
}

/// Ends a call, by an operator's hand.
#[utoipa::path(delete, path = "/api/v1/calls/{id}", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "Both sides are told the end"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        OfChange,
    ))]
pub(super) async fn end(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::HangUp).await
}

/// Reads where to, or says what is wrong with it.
fn target(body: &[u8]) -> Result<Target, Problem> {
    serde_json::from_slice(body).map_err(|why| {
        let (en, de) = (
            format!("The body is not what is wanted: {why}."),
            format!("Der Inhalt passt hier nicht: {why}."),
        );
        let kind = if why.is_data() { Kind::Invalid } else { Kind::Malformed };
        Problem::new(kind, Text::new(en, de))
    })
}

/// Asks that of a call which goes on.
async fn ask(
    web: &Web,
    id: &str,
    request: impl Fn(CallNo) -> Request,
) -> Result<StatusCode, Problem> {
    let no = {
        let board = &web.state().board;
        let no = number_of(board, id)?;
        board.call(no).map(|it| it.no).ok_or_else(|| no_such(id))?
    };
    match web.ask(request(no)).await? {
        Answer::Done | Answer::Later(_) => Ok(StatusCode::NO_CONTENT),
        Answer::Refused(refused) => Err(Problem::from(refused)),
    }
}
