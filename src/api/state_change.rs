//! The body of a state change: read with care, all faults at once, and made into requests.

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        names::Names,
        problem::{Kind, Problem, Text},
    },
    base::numbers::{AgentNo, PhoneNo},
    board::agent::{Agent, State},
    exchange::request::Request,
};

/// What an agent shall be.
// It is [`read`] by hand, for all its faults at once; serde's words are for the description.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateChange {
    /// What of it.
    #[schema(example = "away")]
    pub state: Target,
    /// What for; with `away` only. At most 80 characters.
    #[schema(example = "lunch", max_length = 80)]
    pub reason: Option<String>,
    /// The phone to sign in at, by its user part; with `ready` and `away` only. Without it, an
    /// agent who is signed out signs in at the phone of the configuration.
    #[schema(value_type = Option<String>, example = "1001")]
    pub phone: Option<PhoneNo>,
}

/// The words for what an agent shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AgentTarget)]
pub enum Target {
    /// To be offered calls.
    Ready,
    /// At work, but not to be offered calls.
    Away,
    /// Not at work.
    SignedOut,
    /// Done with the wrap-up.
    WrapUpEnd,
    /// In need of a longer wrap-up.
    WrapUpExtend,
}

/// The longest reason, in characters.
const REASON_MAX: usize = 80;

/// What is kept when no reason is given.
const NO_REASON: &str = "away";

const KEYS: [&str; 3] = ["state", "reason", "phone"];

impl Target {
    const ALL: [Self; 5] =
        [Self::Ready, Self::Away, Self::SignedOut, Self::WrapUpEnd, Self::WrapUpExtend];

    const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Away => "away",
            Self::SignedOut => "signed-out",
            Self::WrapUpEnd => "wrap-up-end",
            Self::WrapUpExtend => "wrap-up-extend",
        }
    }
}

/// Reads the body, or says everything that is wrong with it.
pub(super) fn read(
    headers: &HeaderMap,
    body: &[u8],
    names: &Names,
) -> Result<StateChange, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            Kind::NotJson,
            Text::new(
                "Send the body as Content-Type: application/json.",
                "Der Inhalt muss als Content-Type: application/json kommen.",
            ),
        ));
    }
    let body: Value = serde_json::from_slice(body).map_err(|fault| {
        Problem::new(
            Kind::Malformed,
            Text::new(format!("The body is not JSON: {fault}."), format!("Kein JSON: {fault}.")),
        )
    })?;
    let Value::Object(body) = body else {
        let text = Text::new(
            "An object is wanted: {\"state\": \"ready\"}.",
            "Ein Objekt wird erwartet: {\"state\": \"ready\"}.",
        );
        return Err(Problem::invalid(vec![(String::new(), text)]));
    };

    let mut faults = Faults::default();
    for key in body.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let _: Option<()> = faults.unknown(&pointer(key), key, &KEYS);
    }
    let state = state(&body, &mut faults);
    let reason = reason(&body, state, &mut faults);
    let phone = phone(&body, state, names, &mut faults);
    match state {
        Some(state) if faults.0.is_empty() => Ok(StateChange { state, reason, phone }),
        _ => Err(Problem::invalid(faults.0)),
    }
}

fn state(body: &Map<String, Value>, faults: &mut Faults) -> Option<Target> {
    let words = Target::ALL.map(Target::word);
    match body.get("state") {
        Some(Value::String(word)) => {
            let found = Target::ALL.into_iter().find(|it| it.word() == word);
            found.or_else(|| faults.unknown("/state", word, &words))
        }
        Some(_) => faults.add("/state", "A string is wanted.", "Eine Zeichenkette wird erwartet."),
        None => faults.add(
            "/state",
            format!("It is missing: one of {}.", words.join(", ")),
            format!("Es fehlt: eines von {}.", words.join(", ")),
        ),
    }
}

fn reason(body: &Map<String, Value>, state: Option<Target>, faults: &mut Faults) -> Option<String> {
    match body.get("reason")? {
        Value::Null => None,
        _ if state.is_some_and(|it| it != Target::Away) => faults.add(
            "/reason",
            "A reason belongs to \"away\" only.",
            "Ein Grund gehört nur zu „away“.",
        ),
        Value::String(reason) if reason.chars().any(char::is_control) => {
            faults.add("/reason", "No control characters, please.", "Bitte keine Steuerzeichen.")
        }
        Value::String(reason) if reason.chars().count() > REASON_MAX => faults.add(
            "/reason",
            format!("At most {REASON_MAX} characters."),
            format!("Höchstens {REASON_MAX} Zeichen."),
        ),
        Value::String(reason) => Some(reason.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            faults.add("/reason", "A string is wanted.", "Eine Zeichenkette wird erwartet.")
        }
    }
}

fn phone(
    body: &Map<String, Value>,
    state: Option<Target>,
    names: &Names,
    faults: &mut Faults,
) -> Option<PhoneNo> {
    match body.get("phone")? {
        Value::Null => None,
        _ if state.is_some_and(|it| !matches!(it, Target::Ready | Target::Away)) => faults.add(
            "/phone",
            "A phone belongs to \"ready\" and \"away\" only.",
            "Ein Telefon gehört nur zu „ready“ und „away“.",
        ),
        Value::String(user) => match names.phone_of(user) {
            Some(phone) => Some(phone),
            None => faults.unknown("/phone", user, &names.phones().collect::<Vec<_>>()),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            faults.add("/phone", "A string is wanted.", "Eine Zeichenkette wird erwartet.")
        }
    }
}

/// What to ask of the exchange so that the agent, who stands as `known`, becomes that.
pub(super) fn requests(agent: AgentNo, known: &Agent, change: StateChange) -> Vec<Request> {
    let StateChange { state, reason, phone } = change;
    let signs_in = known.state == State::SignedOut || phone.is_some();
    let away = |reason: Option<String>| {
        let reason = reason.filter(|it| !it.is_empty()).unwrap_or_else(|| NO_REASON.to_owned());
        Request::Away { agent, reason }
    };
    match state {
        Target::Ready if signs_in => vec![Request::SignIn { agent, phone, ready: true }],
        Target::Ready => vec![Request::Ready(agent)],
        Target::Away if signs_in => {
            vec![Request::SignIn { agent, phone, ready: false }, away(reason)]
        }
        Target::Away => vec![away(reason)],
        Target::SignedOut => vec![Request::SignOut(agent)],
        Target::WrapUpEnd => vec![Request::EndWrapUp(agent)],
        Target::WrapUpExtend => vec![Request::ExtendWrapUp(agent)],
    }
}

/// What is wrong with a body, place by place.
#[derive(Default)]
struct Faults(Vec<(String, Text)>);

impl Faults {
    /// Notes a fault; there is no value then.
    fn add<T>(&mut self, pointer: &str, en: impl Into<String>, de: impl Into<String>) -> Option<T> {
        self.0.push((pointer.to_owned(), Text::new(en, de)));
        None
    }

    /// Notes a word that is none of those known, with the nearest if one is near.
    fn unknown<T>(&mut self, pointer: &str, word: &str, known: &[&str]) -> Option<T> {
        let shown: String = word.chars().take(40).collect();
        let near = known
            .iter()
            .map(|known| (strsim::jaro_winkler(&shown, known), *known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let few = if known.len() <= 8 { known.join(", ") } else { String::new() };
        let (en, de) = match (near, few.as_str()) {
            (Some((_, near)), _) => {
                (format!("did you mean \"{near}\"?"), format!("gemeint ist vielleicht „{near}“"))
            }
            (None, "") => ("it is not known here".to_owned(), "hier nicht bekannt".to_owned()),
            (None, few) => (format!("known are {few}"), format!("bekannt sind {few}")),
        };
        self.add(pointer, format!("\"{shown}\" is unknown: {en}"), format!("„{shown}“: {de}"))
    }
}

/// A key as a JSON pointer (RFC 6901 3).
fn pointer(key: &str) -> String {
    let key: String = key.chars().take(40).collect();
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}
