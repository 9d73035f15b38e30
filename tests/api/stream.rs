//! The event stream: a beginning, what follows, going on after a break, and its end.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use lotse::{
    acd::fact::{Fact as AcdFact, Next},
    api::web::{News, Settings},
    base::time::Timestamp,
    exchange::fact::{Fact, Record},
};
use serde_json::Value;
use tokio_stream::StreamExt as _;

use crate::api::{ANNA, Api};

struct Reader {
    body: BodyDataStream,
    rest: String,
}

async fn listen(api: &Api, last: Option<&str>) -> Reader {
    let mut request = Request::get("/api/v1/events").header("authorization", "Bearer wall");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = api.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Reader { body: response.into_body().into_data_stream(), rest: String::new() }
}

impl Reader {
    /// The next event's id and JSON; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.rest.clone().split_once("\n\n") {
                self.rest = rest.into();
                let field = |name: &str| event.lines().find_map(|it| it.strip_prefix(name));
                let id = field("id: ").unwrap().to_owned();
                let json: Value = serde_json::from_str(field("data: ").unwrap()).unwrap();
                assert_eq!(json["id"], id);
                assert_eq!(json["type"], field("event: ").unwrap());
                return Some((id, json));
            }
            let more = tokio::time::timeout(Duration::from_secs(5), self.body.next()).await;
            let more = more.expect("an event, or the end, comes soon")?.unwrap();
            self.rest.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    async fn types(&mut self, count: usize) -> Vec<String> {
        let mut types = vec![];
        for _ in 0..count {
            types.push(self.next().await.unwrap().1["type"].as_str().unwrap().to_owned());
        }
        types
    }
}

#[tokio::test]
async fn a_new_reader_gets_everything_as_it_is_and_then_what_happens() {
    let mut api = Api::new(|_| None);
    api.morning();
    let mut reader = listen(&api, None).await;
    let (_, reset) = reader.next().await.unwrap();
    assert_eq!(
        (&reset["type"], &reset["data"]["why"]),
        (&"acd.stream.reset".into(), &"start".into())
    );
    let snapshot = &reset["data"]["snapshot"];
    assert_eq!(snapshot["calls"].as_array().unwrap().len(), 2);
    assert_eq!(snapshot["agents"][0]["state"], "talking");

    api.tell(60, AcdFact::NextChosen { agent: ANNA, next: Next::default() });
    api.tell(61, Fact::Draining);
    assert_eq!(reader.types(2).await, ["acd.agent.next_chosen", "acd.node.draining"]);
}

#[tokio::test]
async fn a_reader_that_comes_back_goes_on_behind_its_last_event() {
    let mut api = Api::new(|_| None);
    let mut reader = listen(&api, None).await;
    let (last, _) = reader.next().await.unwrap();
    drop(reader);
    api.tell(1, AcdFact::Ready { agent: ANNA });
    api.tell(2, AcdFact::SignedOut { agent: ANNA });
    let mut reader = listen(&api, Some(&last)).await;
    assert_eq!(reader.types(2).await, ["acd.agent.state_changed", "acd.agent.signed_out"]);
}

#[tokio::test]
async fn a_reader_that_was_away_too_long_begins_anew() {
    let settings = Settings { events_kept: 3, ..Settings::default() };
    let mut api = Api::with(settings, |_| None);
    let mut reader = listen(&api, None).await;
    let (last, _) = reader.next().await.unwrap();
    for secs in 1..9 {
        api.tell(secs, AcdFact::Ready { agent: ANNA });
    }
    // The one that stayed and was slow, the one that left, and the one from another process.
    for mut reader in [reader, listen(&api, Some(&last)).await, listen(&api, Some("1-7")).await] {
        let (_, reset) = reader.next().await.unwrap();
        assert_eq!(
            (&reset["type"], &reset["data"]["why"]),
            (&"acd.stream.reset".into(), &"gap".into())
        );
    }
}

#[tokio::test]
async fn facts_that_the_desk_itself_missed_make_every_reader_begin_anew() {
    let api = Api::new(|_| None);
    let mut reader = listen(&api, None).await;
    reader.next().await.unwrap();
    let late = Record { seq: 9, at: Timestamp(9), fact: Fact::Draining };
    api.web.tell(News::Fact(Box::new(late)));
    assert_eq!(reader.types(1).await, ["acd.stream.reset"]);
    assert!(api.get("/metrics").await.contains("acd_facts_missed_total 7"));
}

#[tokio::test]
async fn there_are_so_many_streams_and_no_more_until_one_ends() {
    let settings = Settings { streams_max: 2, ..Settings::default() };
    let api = Api::with(settings, |_| None);
    let mut readers = vec![listen(&api, None).await, listen(&api, None).await];
    for reader in &mut readers {
        reader.next().await.unwrap();
    }
    assert!(api.get("/api/v1/events").await.contains("urn:lotse:problem:busy"));
    readers.pop();
    // The place is free as soon as the stream's task has noticed.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    listen(&api, None).await.next().await.unwrap();
}

#[tokio::test]
async fn the_end_of_the_desk_is_the_end_of_its_streams() {
    let api = Api::new(|_| None);
    let mut reader = listen(&api, None).await;
    reader.next().await.unwrap();
    api.web.close();
    assert!(reader.next().await.is_none());
    assert!(api.get("/api/v1/events").await.contains("about to end"));
}
