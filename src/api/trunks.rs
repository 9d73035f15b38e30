//! `/api/v1/trunks`: whether calls can come and go by the carriers' lines.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        names::Mode,
        problem::Written,
        time::rfc3339,
        token::Viewer,
        web::{Web, WebState},
    },
    base::numbers::TrunkNo,
};

/// A trunk as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trunk)]
pub struct View {
    /// Its name in the configuration.
    #[schema(example = "stadtnetz")]
    pub id: String,
    /// How its carrier finds us.
    pub mode: Mode,
    /// Whether it can be used, as far as we know. One that is neither registered nor probed
    /// always can.
    pub up: bool,
    /// Since when; null if nothing was told of it yet.
    pub since: Option<String>,
    /// Why it cannot be used; empty if it can.
    pub why: String,
    /// Legs open on it, in and out.
    pub channels_in_use: usize,
}

/// All trunks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trunks)]
pub struct List {
    /// In the order of the configuration.
    pub trunks: Vec<View>,
}

fn view(state: &WebState, no: TrunkNo, name: &str, mode: Mode) -> View {
    let known = state.board.trunk(no);
    View {
        id: name.to_owned(),
        mode,
        up: known.map_or(mode != Mode::Register, |it| it.up),
        since: known.map(|it| rfc3339(it.since)),
        why: known.map(|it| it.why.clone()).unwrap_or_default(),
        channels_in_use: state.board.channels_in_use(no),
    }
}

/// All trunks.
#[utoipa::path(get, path = "/api/v1/trunks", tag = "trunks", security(("token" = [])),
    responses(
        (status = 200, description = "In the order of the configuration", body = List),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(_: Viewer, State(web): State<Web>) -> Json<List> {
    let state = web.state();
    let trunks = state.names.trunks().map(|(no, name, mode)| view(&state, no, name, mode));
    Json(List { trunks: trunks.collect() })
}
