//! Whatever is sent, there is an answer, it is never a fault of ours, and an error is a problem.

use axum::{body::Body, http::Request};
use lotse::{api::web::Settings, base::time::Span};
use proptest::prelude::*;

use crate::api::{Api, text};

fn any_path() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("api".to_owned()),
        Just("v1".to_owned()),
        Just("agents".to_owned()),
        Just("1001".to_owned()),
        Just("state".to_owned()),
        Just("calls".to_owned()),
        Just("call-0".to_owned()),
        Just("call-4294967296.9".to_owned()),
        Just("queues".to_owned()),
        Just("%ff%00%2e%2e".to_owned()),
        Just("%F0%9F%98%80".to_owned()),
        "[a-zA-Z0-9._~%-]{0,12}",
    ];
    let query = prop_oneof![
        Just(String::new()),
        Just("?limit=0&after=".to_owned()),
        Just("?limit=-1".to_owned()),
        Just("?limit=99999999999999999999".to_owned()),
        Just("?state=ended&queue=%FF".to_owned()),
        "\\?[a-z=&%0-9]{0,20}",
    ];
    (proptest::collection::vec(piece, 0..6), query)
        .prop_map(|(pieces, query)| format!("/{}{query}", pieces.join("/")))
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        Just(b"{\"state\":\"ready\"}trailing".to_vec()),
        Just("[".repeat(10_000).into_bytes()),
        Just(b"{\"state\":\"\\ud800\"}".to_vec()),
        Just(b"{\"state\":\"ready\",\"state\":7}".to_vec()),
        Just(vec![b'{'; 20_000]),
        "\\{\"state\":\"[a-z-]{0,12}\",\"[a-z/~]{0,8}\":(null|1e999|\"\u{202e}\"|\\[\\])\\}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_is_sent_there_is_an_answer(
        method in prop_oneof!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "[A-Z]{1,9}"],
        path in any_path(),
        body in any_body(),
        json in any::<bool>(),
    ) {
        let Ok(request) = Request::builder()
            .method(method.as_str())
            .uri(&path)
            .header("authorization", "Bearer dev")
            .header("content-type", if json { "application/json" } else { "text/plain" })
            .body(Body::from(body))
        else {
            return Ok(());
        };
        // An endless stream is an answer too, and has tests of its own.
        if path.contains("events") {
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut api = Api::new(|_| Some((vec![], lotse::exchange::request::Answer::Done)));
            api.morning();
            let response = api.ask(request).await;
            let status = response.status().as_u16();
            prop_assert!(status < 500, "{status} to {method} {path}");
            if status >= 400 {
                let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
                prop_assert_eq!(kind, "application/problem+json");
                let body = text(response).await;
                if method != "HEAD" {
                    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
                    prop_assert_eq!(problem["status"].as_u64(), Some(u64::from(status)));
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let settings = Settings { request_max: Span::millis(30), ..Settings::default() };
    let api = Api::with(settings, |_| None);
    let endless = tokio_stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/api/v1/agents/1001/state")
        .header("authorization", "Bearer dev")
        .body(Body::from_stream(endless))
        .unwrap();
    let response = api.ask(request).await;
    assert_eq!(response.status(), 408);
    assert!(text(response).await.contains("urn:lotse:problem:too-slow"));
}
