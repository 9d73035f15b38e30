//! `/api/v1/events`: what happens, as it happens, as Server-Sent Events.
//!
//! ```text
//!   new reader ─────────────► acd.stream.reset with everything as it is ──► events …
//!   Last-Event-ID in the ring ──────────────────────────────────────────► events …
//!   Last-Event-ID too old, or the reader too slow ──► acd.stream.reset ──► events …
//! ```
//!
//! Every reader goes at its own pace and holds nothing but its place in the ring.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, KeepAliveStream, Sse},
};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use crate::api::{
    agents, calls,
    events::{self, Written},
    problem::{self, Problem, Text},
    queues,
    token::Viewer,
    web::Web,
};

/// What a stream is made of.
type Events = ReceiverStream<Result<Event, Infallible>>;

/// Events taken out of the ring at a time.
const BATCH: usize = 64;

/// How often a silent stream says that it still stands.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What happens, as it happens.
///
/// Begins with `acd.stream.reset`, whose snapshot holds queues, agents and calls as they are;
/// then every change. With `Last-Event-ID` it goes on behind that event if it can.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", security(("token" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event seen")),
    responses(
        (status = 200, description = "CloudEvents 1.0 in JSON, one an event", body = events::Event, content_type = "text/event-stream"),
        (status = 401, description = "No valid token", body = problem::Written, content_type = "application/problem+json"),
        (status = 503, description = "Too many streams, or the server is about to end", body = problem::Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn events(
    _: Viewer,
    State(web): State<Web>,
    headers: HeaderMap,
) -> Result<Sse<KeepAliveStream<Events>>, Problem> {
    let place = web.streams().clone().try_acquire_owned().map_err(|_| {
        Problem::busy(Text::new(
            "As many event streams are open as may be.",
            "Es sind so viele Ereignisströme offen wie erlaubt.",
        ))
    })?;
    let pulse = web.subscribe().ok_or_else(|| {
        Problem::busy(Text::new("The server is about to end.", "Der Server wird gerade beendet."))
    })?;
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    let last = last.and_then(|id| web.state().events.seq_of(id));
    let why = if headers.contains_key("last-event-id") { "gap" } else { "start" };

    let (sink, stream) = mpsc::channel(BATCH);
    tokio::spawn(feed(web, pulse, last.ok_or(why), sink, place));
    Ok(Sse::new(ReceiverStream::new(stream)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Sends everything behind the reader's last event, and what comes, until the reader goes or
/// the web thread ends. `last` is the number of the last event seen, or why there is none.
async fn feed(
    web: Web,
    mut pulse: watch::Receiver<u64>,
    mut last: Result<u64, &'static str>,
    sink: mpsc::Sender<Result<Event, Infallible>>,
    _place: OwnedSemaphorePermit,
) {
    loop {
        pulse.borrow_and_update();
        let events = match last {
            Ok(seq) => behind(&web, seq),
            Err(why) => vec![Arc::new(snapshot(&web, why))],
        };
        let nothing_new = events.is_empty();
        for event in events {
            last = Ok(event.seq);
            if sink.send(Ok(written(&event))).await.is_err() {
                return;
            }
        }
        if nothing_new {
            tokio::select! {
                moved = pulse.changed() => if moved.is_err() { return },
                () = sink.closed() => return,
            }
        }
    }
}

/// What the reader has not seen yet; everything as it is, if some of that is gone.
fn behind(web: &Web, seq: u64) -> Vec<Arc<Written>> {
    let events = web.state().events_after(seq, BATCH);
    events.unwrap_or_else(|events::Gap| vec![Arc::new(snapshot(web, "gap"))])
}

fn written(event: &Written) -> Event {
    Event::default().id(&event.id).event(event.kind).data(&event.json)
}

/// Everything as it is now.
fn snapshot(web: &Web, why: &str) -> Written {
    let now = web.now();
    let state = web.state();
    let snapshot = json!({
        "queues": queues::all(&state, now),
        "agents": agents::all(&state, now),
        "calls": calls::live(&state, now),
    });
    state.events.reset(now, why, &snapshot)
}
