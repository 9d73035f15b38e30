//! Conversations as a client would have them: `tests/scenarios/api.txt` holds both sides.
//!
//! ```text
//! > METHOD path            a request; lines behind it up to an empty one are headers,
//! > header: value          `token`, `lang` and `body` are short for the usual ones
//! < status                 the answer: its telling headers, and the body
//! ```
//!
//! `UPDATE_GOLDENS=1` writes what was answered into the file; read the difference.

use std::{fmt::Write as _, fs};

use axum::{
    body::Body,
    http::{self, Response, header},
};
use lotse::{
    acd::fact::{Fact as AcdFact, Next, Why},
    exchange::{
        dial,
        fact::Fact,
        request::{Answer, Refused, Request},
    },
};
use serde_json::Value;

use crate::api::{ANNA, Api, BEN, text};

const FILE: &str = "tests/scenarios/api.txt";

/// An exchange where 1001 talks, 1002 is away, 1003 is signed out, and 1004 is never heard of.
fn exchange(request: &Request) -> Option<(Vec<Fact>, Answer)> {
    let impossible = |asked: &str| {
        let (state, asked) = ("talking".into(), asked.into());
        Some((vec![], Answer::Refused(Refused::Impossible { state, asked })))
    };
    let done = |fact| Some((vec![Fact::Acd(fact)], Answer::Done));
    match request.clone() {
        Request::EndWrapUp(_) => impossible("wrap-up-end"),
        Request::ExtendWrapUp(_) => impossible("wrap-up-extend"),
        Request::Away { agent, reason } if agent == ANNA => {
            let next = Next::Away(reason);
            let chosen = AcdFact::NextChosen { agent, next: next.clone() };
            Some((vec![Fact::Acd(chosen)], Answer::Later(next)))
        }
        Request::Away { agent, reason } => {
            done(AcdFact::WentAway { agent, why: Why::Asked(reason), until: None })
        }
        Request::Ready(agent) => done(AcdFact::Ready { agent }),
        Request::SignIn { agent, phone, ready } => {
            let Some(phone) = phone else {
                let why = "agent 1003 has no phone".into();
                return Some((vec![], Answer::Refused(Refused::NoPhone(why))));
            };
            let mut facts = vec![Fact::Acd(AcdFact::SignedIn { agent, phone })];
            if ready {
                facts.push(Fact::Acd(AcdFact::Ready { agent }));
            }
            Some((facts, Answer::Done))
        }
        Request::SignOut(_) => None,
        Request::Transfer { to, .. } if to == "115" => Some((vec![], Answer::Done)),
        Request::Transfer { .. } => impossible("transfer"),
        Request::Consult { to, .. } if to == "1002" => {
            let (who, state) = ("that colleague is away".into(), "talking".into());
            let asked = "consult".into();
            Some((vec![], Answer::Refused(Refused::NotFree { who, state, asked })))
        }
        Request::Consult { to, .. } if to == "112" => {
            let why = dial::Refusal::Emergency;
            Some((vec![], Answer::Refused(Refused::NotAllowed(why))))
        }
        Request::Consult { call, .. } => {
            let aside = AcdFact::Consulted { call, agent: ANNA, with: BEN };
            Some((vec![Fact::Acd(aside)], Answer::Done))
        }
        Request::Conference(call) => Some((vec![Fact::Conferenced { call }], Answer::Done)),
        Request::Toggle(_) => impossible("toggle"),
        Request::Cancel(_) => Some((vec![], Answer::Done)),
        Request::Complete(_) => impossible("complete"),
        Request::HangUp(_) => Some((vec![], Answer::Done)),
        Request::Hold(call) => Some((vec![Fact::Held { call }], Answer::Done)),
        Request::Resume(call) => Some((vec![Fact::Resumed { call }], Answer::Done)),
        Request::Drain => Some((vec![Fact::Draining], Answer::Done)),
    }
}

#[tokio::test]
async fn every_request_is_answered_as_it_always_was() {
    let script = fs::read_to_string(FILE).unwrap();
    let mut api = Api::new(exchange);
    api.morning();

    let mut written = String::new();
    let mut request: Vec<&str> = vec![];
    for line in script.lines().chain([""]) {
        if let Some(asked) = line.strip_prefix("> ") {
            request.push(asked);
        } else if line.starts_with('#') {
            writeln!(written, "{line}\n").unwrap();
        }
        // Only what was asked is taken from the file; the answers are anew.
        if !line.starts_with("> ") && !request.is_empty() {
            for line in &request {
                writeln!(written, "> {line}").unwrap();
            }
            let response = api.ask(read(&request)).await;
            written.push_str(&write(response).await);
            written.push('\n');
            request.clear();
        }
    }
    crate::goldens::hold(FILE, &format!("{}\n", written.trim_end()));
}

fn read(lines: &[&str]) -> http::Request<Body> {
    let (method, path) = lines[0].split_once(' ').unwrap();
    let mut request = http::Request::builder().method(method).uri(path);
    let mut body = Body::empty();
    for line in &lines[1..] {
        let (name, value) = line.split_once(": ").unwrap();
        match name {
            "token" => request = request.header("authorization", format!("Bearer {value}")),
            "lang" => request = request.header("accept-language", value),
            "body" => {
                if !lines.iter().any(|it| it.starts_with("content-type")) {
                    request = request.header("content-type", "application/json");
                }
                body = Body::from(match value {
                    "a megabyte" => "x".repeat(1 << 20),
                    text => text.to_owned(),
                });
            }
            _ => request = request.header(name, value),
        }
    }
    request.body(body).unwrap()
}

async fn write(response: Response<Body>) -> String {
    let mut written = format!("< {}", response.status().as_u16());
    for name in [
        header::CONTENT_TYPE,
        header::CONTENT_LANGUAGE,
        header::ALLOW,
        header::WWW_AUTHENTICATE,
        header::RETRY_AFTER,
    ] {
        if let Some(value) = response.headers().get(&name) {
            write!(written, " · {}", value.to_str().unwrap()).unwrap();
        }
    }
    written.push('\n');
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().ends_with(b"json"));
    let body = text(response).await;
    if json && !body.is_empty() {
        let value: Value = serde_json::from_str(&body).unwrap();
        written.push_str(&serde_json::to_string_pretty(&value).unwrap());
        written.push('\n');
    }
    written
}
