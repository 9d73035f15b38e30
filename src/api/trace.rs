//! `/api/v1/calls/{id}/trace`: a call's SIP messages, secrets masked.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        calls,
        list::Parameters,
        problem::{Problem, Written},
        token::Operator,
        web::Web,
    },
    trace::{mask::Numbers, shown::Shown},
};

/// A call's SIP messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Trace {
    /// The call.
    #[schema(example = "1M8RQKQG0017QK00")]
    call: String,
    /// The Call-IDs of its legs, the caller's first.
    sip_call_ids: Vec<String>,
    /// Its messages in order, as far as they are still kept.
    #[schema(value_type = Vec<Message>)]
    messages: Vec<Shown>,
}

/// A SIP message.
#[derive(Debug, ToSchema)]
#[allow(dead_code)] // The description of `Shown`, which is made where no API is known.
pub(super) struct Message {
    /// When, in microseconds since 1970.
    at: u64,
    /// `received` or `sent`.
    way: String,
    /// `udp`, `tcp`, `tls`, `ws` or `wss`.
    transport: String,
    /// Our end.
    #[schema(example = "192.0.2.10:5060")]
    local: String,
    /// Their end.
    #[schema(example = "192.0.2.77:5060")]
    remote: String,
    /// The message; passwords' digests, keys and dialled digits are never in it.
    text: String,
}

/// How much is shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// `clear` shows people's numbers and names; otherwise they are masked.
    #[serde(default)]
    #[param(inline)]
    numbers: Shade,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Shade {
    #[default]
    Masked,
    Clear,
}

/// A call's SIP messages, as far as they are still kept (`trace.bytes`).
#[utoipa::path(get, path = "/api/v1/calls/{id}/trace", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00"), How),
    responses(
        (status = 200, description = "Its messages", body = Trace),
        (status = 400, description = "The query cannot be read", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 403, description = "The token may only read figures", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is long over", body = Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many requests wait", body = Written, content_type = "application/problem+json"),
        (status = 504, description = "The exchange did not answer in time", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn trace(
    _: Operator,
    State(web): State<Web>,
    Path(id): Path<String>,
    Parameters(how): Parameters<How>,
) -> Result<Json<Trace>, Problem> {
    let (name, sip_call_ids) = {
        let state = web.state();
        let no = calls::number_of(&state.board, &id)?;
        let live = state.board.call(no);
        let call = live.or_else(|| state.board.ended_call(no).map(|it| &it.call));
        let call = call.ok_or_else(|| calls::no_such(&id))?;
        let first = call.from.iter().map(|it| it.call_id.clone());
        let all: Vec<_> = first.chain(call.call_ids.iter().cloned()).collect();
        (call.name().to_string(), all)
    };
    let numbers = match how.numbers {
        Shade::Masked => Numbers::Masked,
        Shade::Clear => {
            // Somebody's numbers were looked at: that leaves a line (DOMAIN.md L-3, L-5).
            tracing::info!(call = name, "a call's messages are shown with numbers");
            Numbers::Clear
        }
    };
    let taken = web.recall(sip_call_ids.clone()).await?;
    let messages = taken.iter().map(|it| Shown::of(it, numbers)).collect();
    Ok(Json(Trace { call: name, sip_call_ids, messages }))
}
