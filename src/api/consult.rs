//! `POST /api/v1/calls/{id}/…`: the agent of a call speaks with somebody on the side, and what
//! becomes of the three.
//!
//! ```text
//! consult ─► rings ─► on the side ─┬─ complete ──► caller and colleague
//!                        ▲         ├─ cancel ────► caller and agent
//!                        └ toggle ─┴─ conference ► all three
//! ```

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};

use crate::{
    api::{
        control::{Target, ask, target},
        problem::{Problem, Written},
        token::Operator,
        web::Web,
    },
    exchange::request::Request,
};

/// Calls somebody for the agent, who wants to speak with that one before it decides what becomes of
/// its caller. The caller hears music meanwhile.
#[utoipa::path(post, path = "/api/v1/calls/{id}/consult", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    request_body = Target,
    responses(
        (status = 202, description = "It rings there; of a queue, at whomever it would give the caller now"),
        (status = 400, description = "The body is not JSON", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or nobody of that name or number", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It does not speak with an agent, somebody is on its side already, nobody is free there, or the number may not be called", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "JSON, but not what is wanted", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
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

/// Leaves the caller to whoever is on the side; the agent is done with the call. If it still rings
/// there, it rings on for the caller.
#[utoipa::path(post, path = "/api/v1/calls/{id}/complete", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "The two are joined, or it rings on"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "Nobody is on its side", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn complete(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Complete).await
}

/// Lets whoever is on the side, or is being called, go: the agent has its caller back.
#[utoipa::path(post, path = "/api/v1/calls/{id}/cancel", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "Caller and agent hear each other, unless the agent's phone holds"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "Nobody is on its side, nor being called", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn cancel(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Cancel).await
}

/// Lets the agent speak with its caller while whoever is on the side waits with music; the next
/// time, the other way round.
#[utoipa::path(post, path = "/api/v1/calls/{id}/toggle", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "They have changed places"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The agent does not speak with anybody on the side over its one line", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn toggle(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Toggle).await
}

/// Lets caller, agent and whoever is on the side hear one another, until one leaves.
#[utoipa::path(post, path = "/api/v1/calls/{id}/conference", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 204, description = "All three hear one another"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is over", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The agent does not speak with anybody on the side", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn conference(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&web, &id, Request::Conference).await
}
