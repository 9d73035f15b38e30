//! Every path with its handler; the description of them all; the pages that lead there.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{Html, IntoResponse},
    routing::get,
};
use serde::Serialize;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{
        agents, calls, control, health,
        problem::{self, OfChange, Problem},
        queues, stream,
        token::Operator,
        trace, trunks,
        web::Web,
    },
    exchange::request::{Answer, Request},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lotse",
        description = "An automatic call distributor: queues, agents, calls and what happens to them. \
                       Times are RFC 3339 in UTC, lengths of time are in seconds, callers' numbers are masked. \
                       Errors are RFC 9457 problems, in German if Accept-Language prefers it.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "queues", description = "Who waits, and how well the promise is kept"),
        (name = "agents", description = "Who is at work, and in which state"),
        (name = "calls", description = "Calls that go on, and the last that ended"),
        (name = "trunks", description = "The carriers' lines"),
        (name = "events", description = "What happens, as it happens"),
        (name = "server", description = "The server itself"),
        (name = "watching", description = "For machines that watch; no token needed"),
    ),
)]
struct Described;

/// What there is.
#[derive(Debug, Serialize, ToSchema)]
struct Index {
    /// The program and its version.
    #[schema(example = "lotse 0.1.0")]
    server: &'static str,
    /// Where its parts are.
    links: Links,
}

/// Where the parts of the API are.
#[derive(Debug, Serialize, ToSchema)]
struct Links {
    queues: &'static str,
    agents: &'static str,
    calls: &'static str,
    trunks: &'static str,
    events: &'static str,
    openapi: &'static str,
    metrics: &'static str,
    healthz: &'static str,
    readyz: &'static str,
}

/// What there is. No token needed.
#[utoipa::path(get, path = "/api/v1", tag = "server",
    responses((status = 200, description = "Where the parts are", body = Index)))]
async fn index() -> Json<Index> {
    Json(Index {
        server: concat!("lotse ", env!("CARGO_PKG_VERSION")),
        links: Links {
            queues: "/api/v1/queues",
            agents: "/api/v1/agents",
            calls: "/api/v1/calls",
            trunks: "/api/v1/trunks",
            events: "/api/v1/events",
            openapi: "/api/v1/openapi.json",
            metrics: "/metrics",
            healthz: "/healthz",
            readyz: "/readyz",
        },
    })
}

/// Takes no new calls from now on; those inside are finished.
#[utoipa::path(post, path = "/api/v1/drain", tag = "server", security(("token" = [])),
    responses(
        (status = 202, description = "No new calls are taken"),
        OfChange,
    ))]
async fn drain(_: Operator, State(web): State<Web>) -> Result<StatusCode, Problem> {
    match web.ask(Request::Drain).await? {
        Answer::Done | Answer::Later(_) => Ok(StatusCode::ACCEPTED),
        Answer::Refused(refused) => Err(Problem::from(refused)),
    }
}

/// Every path that the description knows.
fn described() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(index))
        .routes(routes!(queues::list))
        .routes(routes!(queues::one))
        .routes(routes!(agents::list))
        .routes(routes!(agents::one))
        .routes(routes!(agents::change))
        .routes(routes!(calls::list))
        .routes(routes!(calls::one, control::end))
        .routes(routes!(trace::trace))
        .routes(routes!(trunks::list))
        .routes(routes!(control::hold))
        .routes(routes!(control::resume))
        .routes(routes!(control::transfer))
        .routes(routes!(control::hang_up))
        .routes(routes!(control::consult))
        .routes(routes!(control::complete))
        .routes(routes!(control::cancel))
        .routes(routes!(control::toggle))
        .routes(routes!(control::conference))
        .routes(routes!(stream::events))
        .routes(routes!(drain))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// The description of this API, in `OpenAPI` 3.1.
#[must_use]
pub fn openapi() -> Document {
    let mut document = described().into_openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of the configuration"))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    document
}

/// Everything that is served, for `axum::serve`. Its runtime must have time enabled.
pub fn router(web: &Web) -> Router {
    let document = openapi().to_json().expect("a description can be written");
    let serve_document =
        move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    let limit = Duration::from(web.settings().request_max);
    let (described, _) = described().split_for_parts();
    described
        .route("/api/v1/openapi.json", get(serve_document))
        .route("/", get(front_page))
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(web.settings().body_max))
        .layer(middleware::from_fn_with_state(limit, problem::speak))
        .with_state(web.clone())
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn front_page() -> impl IntoResponse {
    // Nothing on the page is loaded from anywhere, and it shows no figure of anyone.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(include_str!("front.html")))
}
