//! For machines that watch: is it alive, should it get traffic, what are its figures. No token.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::web::Web;

/// Whether this process should get traffic.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// It should.
    ready: bool,
    /// Why not, a sentence each.
    #[schema(example = json!(["draining: no new calls are taken"]))]
    reasons: Vec<String>,
}

/// The process lives and its web thread answers.
#[utoipa::path(get, path = "/healthz", tag = "watching",
    responses((status = 200, description = "It lives", body = str, content_type = "text/plain")))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// New calls are welcome, or the reasons why not.
#[utoipa::path(get, path = "/readyz", tag = "watching",
    responses(
        (status = 200, description = "New calls are welcome", body = Readiness),
        (status = 503, description = "They are not, for these reasons", body = Readiness),
    ))]
pub(super) async fn readyz(State(web): State<Web>) -> impl IntoResponse {
    let reasons = web.state().unready();
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reasons.is_empty(), reasons }))
}

/// The figures, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "watching",
    responses((status = 200, description = "Prometheus text format 0.0.4", body = str, content_type = "text/plain")))]
pub(super) async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    let now = web.now();
    let text = web.state().metrics(now);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
