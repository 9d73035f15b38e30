//! What went wrong, as RFC 9457 has it: for machines a `type`, for people a sentence, in English
//! or German as the request's `Accept-Language` prefers.
//!
//! A handler returns a [`Problem`]; [`speak`] writes it. Whatever the router answers by itself
//! (no such path, wrong method, too long a body) is made a problem there too, so that every
//! error of this API has one form.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::exchange::request::Refused;

/// The kinds of problem: each with its `type`, status and title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not JSON, or a query that cannot be read.
    Malformed,
    /// No token, or not a valid one.
    NoToken,
    /// The token does not open this.
    NotAllowed,
    /// There is no such path, agent, queue or call.
    NotFound,
    /// The path is there and does not do that.
    MethodNotAllowed,
    /// The request did not come to its end in time.
    TooSlow,
    /// It makes no sense where the agent or call stands.
    NotPossible,
    /// The body is too long.
    TooLarge,
    /// The body is of a kind that is not read here.
    NotJson,
    /// JSON, but not what is wanted; `errors` says where.
    Invalid,
    /// There is no room for this request now.
    Busy,
    /// The exchange did not answer in time; whether it did as asked is not known.
    TimedOut,
    /// A fault of ours.
    Fault,
}

/// A sentence in the languages that we speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// German.
    pub de: String,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: Text,
    errors: Vec<(String, Text)>,
    also: Map<String, Value>,
    retry_after_secs: Option<u64>,
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Written {
    /// Which kind of problem: `urn:lotse:problem:not-possible`. Stable; compare this.
    #[serde(rename = "type")]
    #[schema(example = "urn:lotse:problem:not-possible")]
    kind: String,
    /// The kind in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, which one, and what to do.
    detail: String,
    /// Where the body is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<At>,
    /// More that belongs to the kind: `state` and `asked` of a `not-possible`.
    #[serde(flatten)]
    also: Map<String, Value>,
}

/// One place of a body that is wrong.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProblemAt)]
pub struct At {
    /// A JSON pointer (RFC 6901): `/state`.
    pointer: String,
    /// What is wrong there.
    detail: String,
}

/// The problems that any change may meet, for the description.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code)] // Only its description is used.
pub(super) enum OfChange {
    #[response(
        status = 401,
        description = "No valid token",
        content_type = "application/problem+json"
    )]
    NoToken(Written),
    #[response(
        status = 403,
        description = "The token may only read",
        content_type = "application/problem+json"
    )]
    NotAllowed(Written),
    #[response(
        status = 503,
        description = "Too many requests wait",
        content_type = "application/problem+json"
    )]
    Busy(Written),
    #[response(
        status = 504,
        description = "The exchange did not answer in time",
        content_type = "application/problem+json"
    )]
    TimedOut(Written),
}

#[derive(Clone, Copy)]
enum Language {
    English,
    German,
}

impl Kind {
    const fn row(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => {
                (S::BAD_REQUEST, "malformed", "Unreadable request", "Unlesbare Anfrage")
            }
            Self::NoToken => (S::UNAUTHORIZED, "no-token", "Token needed", "Token fehlt"),
            Self::NotAllowed => (S::FORBIDDEN, "not-allowed", "Not allowed", "Nicht erlaubt"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found", "Nicht gefunden"),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
                "Methode nicht erlaubt",
            ),
            Self::TooSlow => {
                (S::REQUEST_TIMEOUT, "too-slow", "Request too slow", "Anfrage zu langsam")
            }
            Self::NotPossible => {
                (S::CONFLICT, "not-possible", "Not possible now", "Jetzt nicht möglich")
            }
            Self::TooLarge => {
                (S::PAYLOAD_TOO_LARGE, "too-large", "Body too long", "Inhalt zu lang")
            }
            Self::NotJson => {
                (S::UNSUPPORTED_MEDIA_TYPE, "not-json", "JSON wanted", "JSON erwartet")
            }
            Self::Invalid => {
                (S::UNPROCESSABLE_ENTITY, "invalid", "Invalid body", "Ungültiger Inhalt")
            }
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", "Too busy", "Ausgelastet"),
            Self::TimedOut => {
                (S::GATEWAY_TIMEOUT, "timed-out", "No answer in time", "Keine Antwort")
            }
            Self::Fault => (S::INTERNAL_SERVER_ERROR, "fault", "A fault of ours", "Fehler bei uns"),
        }
    }

    /// The status of this kind.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().0
    }
}

impl Text {
    /// A sentence in English and in German.
    pub fn new(en: impl Into<String>, de: impl Into<String>) -> Self {
        Self { en: en.into(), de: de.into() }
    }

    fn into_language(self, language: Language) -> String {
        match language {
            Language::English => self.en,
            Language::German => self.de,
        }
    }
}

impl Problem {
    /// A problem of that kind.
    #[must_use]
    pub fn new(kind: Kind, detail: Text) -> Self {
        Self { kind, detail, errors: vec![], also: Map::new(), retry_after_secs: None }
    }

    /// There is no such thing: `("agent", "Agent", "1009")`.
    #[must_use]
    pub fn no_such(en: &str, de: &str, name: &str) -> Self {
        let detail = Text::new(
            format!("There is no {en} \"{name}\"."),
            format!("{de} „{name}“ gibt es nicht."),
        );
        Self::new(Kind::NotFound, detail)
    }

    /// The body is JSON and not what is wanted, at these places.
    #[must_use]
    pub fn invalid(errors: Vec<(String, Text)>) -> Self {
        let detail = Text::new(
            "The body is not what is wanted here; see errors.",
            "Der Inhalt passt hier nicht; siehe errors.",
        );
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    /// There is no room now; there may be soon.
    #[must_use]
    pub fn busy(detail: Text) -> Self {
        Self { retry_after_secs: Some(1), ..Self::new(Kind::Busy, detail) }
    }

    /// What the router says by a bare status.
    fn of_status(status: StatusCode) -> Self {
        let (kind, en, de) = match status {
            StatusCode::NOT_FOUND => (
                Kind::NotFound,
                "There is nothing at this path; /api/v1 lists what there is.",
                "Unter diesem Pfad ist nichts; /api/v1 nennt, was es gibt.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => (
                Kind::MethodNotAllowed,
                "This path takes only the methods named in Allow.",
                "Dieser Pfad nimmt nur die in Allow genannten Methoden.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (
                Kind::TooLarge,
                "The body is longer than is read here.",
                "Der Inhalt ist länger, als hier gelesen wird.",
            ),
            status if status.is_client_error() => (
                Kind::Malformed,
                "The request cannot be read as it is.",
                "Die Anfrage ist so nicht lesbar.",
            ),
            _ => (
                Kind::Fault,
                "Something went wrong here; the log says more.",
                "Hier ist etwas schiefgegangen; das Protokoll sagt mehr.",
            ),
        };
        Self::new(kind, Text::new(en, de))
    }

    fn write(self, language: Language) -> Response {
        let (status, word, title_en, title_de) = self.kind.row();
        let (title, tongue) = match language {
            Language::English => (title_en, "en"),
            Language::German => (title_de, "de"),
        };
        let place =
            |(pointer, text): (String, Text)| At { pointer, detail: text.into_language(language) };
        let written = Written {
            kind: format!("urn:lotse:problem:{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.into_language(language),
            errors: self.errors.into_iter().map(place).collect(),
            also: self.also,
        };
        let mut response = (status, Json(written)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tongue));
        if self.kind == Kind::NoToken {
            // RFC 6750 3.
            let challenge = HeaderValue::from_static("Bearer realm=\"lotse\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// 404, or 409 with where the agent or call stands.
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let en = format!("{refused}.");
        match refused {
            Refused::Unknown(what) => {
                let de = format!("„{what}“ gibt es nicht (mehr).");
                Self::new(Kind::NotFound, Text::new(capital(&en), de))
            }
            Refused::Impossible { state, asked } => {
                let de = format!("„{asked}“ ist im Zustand „{state}“ nicht möglich.");
                let mut problem = Self::new(Kind::NotPossible, Text::new(capital(&en), de));
                problem.also.insert("state".to_owned(), Value::String(state));
                problem.also.insert("asked".to_owned(), Value::String(asked));
                problem
            }
            Refused::NotFree { state, asked, .. } => {
                let de = format!("„{asked}“ ist nicht möglich: Dort ist gerade niemand frei.");
                let mut problem = Self::new(Kind::NotPossible, Text::new(capital(&en), de));
                problem.also.insert("state".to_owned(), Value::String(state));
                problem.also.insert("asked".to_owned(), Value::String(asked));
                problem
            }
            Refused::NotAllowed(why) => {
                let de = format!("Diese Nummer darf nicht gewählt werden ({}).", why.word());
                let mut problem = Self::new(Kind::NotPossible, Text::new(capital(&en), de));
                problem.also.insert("why".to_owned(), Value::from(why.word()));
                problem
            }
            Refused::NoPhone(_) => {
                let de =
                    "Das Telefon ist von jemand anderem belegt, oder es ist keines zugeordnet.";
                Self::new(Kind::NotPossible, Text::new(capital(&en), de))
            }
        }
    }
}

/// A problem travels beside an empty body until [`speak`] writes it in the asker's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The outermost layer: writes every problem, and makes one of every bare error and of a
/// request that has not come to its end after `limit`.
pub async fn speak(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let Ok(mut response) = tokio::time::timeout(limit, next.run(request)).await else {
        let text = Text::new(
            "The request did not come to its end in time.",
            "Die Anfrage ist nicht rechtzeitig vollständig angekommen.",
        );
        return Problem::new(Kind::TooSlow, text).write(language);
    };
    let status = response.status();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.write(language);
    }
    if status.is_client_error() || status.is_server_error() {
        let own = response.headers().get(header::CONTENT_TYPE);
        if own.is_some_and(|it| it.as_bytes().starts_with(b"application/")) {
            return response;
        }
        let mut written = Problem::of_status(status).write(language);
        *written.status_mut() = status;
        if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
            written.headers_mut().insert(header::ALLOW, allow);
        }
        return written;
    }
    response
}

/// German if it is wanted more than English; English otherwise (RFC 9110 12.5.4).
fn language(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let (mut english, mut german) = (0.0f32, 0.0f32);
    for range in wanted.unwrap_or_default().split(',').take(32) {
        let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |it| it.parse().ok());
        let Some(weight) = weight else { continue };
        match tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => german = german.max(weight),
            "en" => english = english.max(weight),
            _ => (),
        }
    }
    if german > english { Language::German } else { Language::English }
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_is_spoken_to_whoever_likes_it_better() {
        for (header, german) in [
            ("", false),
            ("de", true),
            ("de-AT, en;q=0.8", true),
            ("en-GB,en;q=0.9,de;q=0.8", false),
            ("fr, de;q=0.1", true),
            ("DE;q=nonsense", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(matches!(language(&headers), Language::German), german, "{header}");
        }
    }

    #[test]
    fn a_refusal_says_where_the_agent_stood() {
        let refused = Refused::Impossible { state: "talking".into(), asked: "wrap-up-end".into() };
        let problem = Problem::from(refused);
        assert_eq!(problem.kind.status(), StatusCode::CONFLICT);
        assert_eq!(problem.detail.en, "Wrap-up-end is not possible while talking.");
        assert_eq!(problem.also.get("state"), Some(&Value::from("talking")));
    }
}
