//! A running server, asked from the command line over its REST API.

use std::{io, time::Duration};

use clap::{Args, ValueEnum};
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

use crate::cli::failure::Failure;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the server is, and how its answers are shown.
#[derive(Debug, Args)]
pub(super) struct Remote {
    /// The server's HTTP address.
    #[arg(long, global = true, env = "LOTSE_SERVER", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8080")]
    server: String,
    /// A token of that server's configuration; better given by the environment.
    #[arg(long, global = true, env = "LOTSE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// How answers are shown.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For eyes.
    Table,
    /// For machines: as the API says it.
    Json,
}

/// A column of a table: its heading, and what stands in it.
pub(super) type Column = (&'static str, fn(&Value) -> String);

impl Remote {
    /// All rows under `key` at `path`, page by page.
    pub(super) fn rows(&self, path: &str, key: &str) -> Result<Vec<Value>, Failure> {
        self.rows_of(path, "", key)
    }

    /// The rows under `key` at `path` that `only` lets through: a part of a query, or nothing.
    pub(super) fn rows_of(&self, path: &str, only: &str, key: &str) -> Result<Vec<Value>, Failure> {
        let mut rows = vec![];
        let mut after = None::<String>;
        loop {
            let query = after.map_or(String::new(), |after| format!("&after={}", escaped(&after)));
            let mut page = self.get(&format!("{path}?limit=1000{only}{query}"))?;
            match page.get_mut(key).map(Value::take) {
                Some(Value::Array(more)) => rows.extend(more),
                _ => return Err(Failure::Failed(format!("{path}: the answer has no {key:?}"))),
            }
            match page.get("next").and_then(Value::as_str) {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(rows),
            }
        }
    }

    /// What is at `path`.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        let mut request = agent().get(self.url(path));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.understand(request.call())
    }

    /// What comes of sending `body` to `path`.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut request = agent().post(self.url(path));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.understand(request.send_json(body))
    }

    /// Ends what is at `path`.
    pub(super) fn delete(&self, path: &str) -> Result<Value, Failure> {
        let mut request = agent().delete(self.url(path));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.understand(request.call())
    }

    /// Whether answers are to be shown as the API says them.
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Shows rows, as a table or as they came.
    pub(super) fn show(&self, rows: &[Value], columns: &[Column]) {
        match self.format {
            Format::Json => println!("{:#}", Value::from(rows)),
            Format::Table => print!("{}", table(rows, columns)),
        }
    }

    /// Shows one thing, as a list of its fields or as it came.
    pub(super) fn show_one(&self, thing: &Value, columns: &[Column]) {
        match self.format {
            Format::Json => println!("{thing:#}"),
            Format::Table => {
                let width = columns.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
                for (name, of) in columns {
                    let text = of(thing);
                    if !text.is_empty() {
                        println!("{name:width$}  {text}");
                    }
                }
            }
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.trim_end_matches('/'))
    }

    fn understand(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Value, Failure> {
        let mut answer = answer.map_err(|why| self.unreachable(&why))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(|why| self.unreachable(&why))?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(body);
        }
        // A problem (RFC 9457), or what `/readyz` says.
        let detail = match (body.get("detail"), body.get("reasons")) {
            (Some(Value::String(detail)), _) => detail.clone(),
            (_, Some(Value::Array(reasons))) => {
                reasons.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
            }
            _ => "no reason was given".to_owned(),
        };
        Err(match status {
            401 | 403 => Failure::NotAllowed(format!("{detail} (see --token, LOTSE_TOKEN)")),
            502..=504 => Failure::Unreachable(format!("{status}: {detail}")),
            _ => Failure::Failed(detail),
        })
    }

    fn unreachable(&self, why: &ureq::Error) -> Failure {
        let server = &self.server;
        if let ureq::Error::BadUri(why) = why {
            return Failure::Failed(format!("{server} is no address of a server: {why}"));
        }
        let refused = io::ErrorKind::ConnectionRefused;
        if matches!(why, ureq::Error::Io(why) if why.kind() == refused) {
            let hint = "is it running? (see --server, LOTSE_SERVER)";
            return Failure::Unreachable(format!("no server answers at {server}: {hint}"));
        }
        Failure::Unreachable(format!("{server}: {why}"))
    }
}

fn agent() -> Agent {
    // A refusal has a body that says why, so it is no error yet.
    let config =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
    config.into()
}

/// A field as people read it; nothing for one that is not there.
pub(super) fn field(thing: &Value, name: &str) -> String {
    match thing.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A field of seconds, to the whole second.
pub(super) fn seconds(thing: &Value, name: &str) -> String {
    let seconds = thing.get(name).and_then(Value::as_f64);
    seconds.map_or(String::new(), |seconds| format!("{seconds:.0} s"))
}

/// A share, in percent.
pub(super) fn percent(thing: &Value, name: &str) -> String {
    let share = thing.get(name).and_then(Value::as_f64);
    share.map_or(String::new(), |share| format!("{:.1} %", share * 100.0))
}

fn table(rows: &[Value], columns: &[Column]) -> String {
    let heading = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let cells = |row| columns.iter().map(|(_, of)| of(row)).collect::<Vec<String>>();
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    lines.iter().fold(String::new(), |text, line| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text + cells.collect::<Vec<_>>().join("  ").trim_end() + "\n"
    })
}

/// As a part of a path or query (RFC 3986 2.1).
pub(super) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |text, byte| {
        if plain(byte) {
            text + &char::from(byte).to_string()
        } else {
            text + &format!("%{byte:02X}")
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_has_its_columns_under_one_another() {
        let rows =
            [json!({"id": "1001", "state": "talking"}), json!({"id": "zwölf", "state": null})];
        let columns: [Column; 2] =
            [("AGENT", |row| field(row, "id")), ("STATE", |row| field(row, "state"))];
        assert_eq!(table(&rows, &columns), "AGENT  STATE\n1001   talking\nzwölf\n");
    }

    #[test]
    fn an_odd_name_stays_one_part_of_the_path() {
        assert_eq!(escaped("a/b ü?"), "a%2Fb%20%C3%BC%3F");
    }
}
