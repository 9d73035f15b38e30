//! Lists that may be long: a page at a time, by the key of the last row seen.

use std::error::Error as _;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::api::problem::{Kind, Problem, Text};

/// The most rows that one answer holds.
const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// How many rows, 1 to 1000; 100 if not said.
    pub limit: Option<usize>,
    /// The id behind which to go on: `next` of the page before.
    pub after: Option<String>,
}

impl Page {
    /// The rows of this page, and the key of the last one if there are more. A key that is
    /// gone from the list begins it anew: better a row twice than a row never.
    pub(super) fn cut<T>(
        &self,
        rows: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
        let mut rows: Vec<T> = rows.collect();
        if let Some(after) = &self.after
            && let Some(place) = rows.iter().position(|row| key(row) == *after)
        {
            rows.drain(..=place);
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        (rows, next)
    }
}

/// A query, or a problem that says what of it cannot be read.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(fault) => {
                let why = fault.source().map_or_else(|| fault.body_text(), ToString::to_string);
                let text = Text::new(
                    format!("The query cannot be read: {why}."),
                    format!("Die Abfrage ist nicht zu lesen: {why}."),
                );
                Err(Problem::new(Kind::Malformed, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let mut page = Page { limit: Some(2), after: None };
        let mut seen = vec![];
        loop {
            let (rows, next) = page.cut(1..=5, ToString::to_string);
            seen.push(rows);
            if next.is_none() {
                break;
            }
            page.after = next;
        }
        assert_eq!(seen, [vec![1, 2], vec![3, 4], vec![5]]);
        page.after = Some("gone".to_owned());
        assert_eq!(page.cut(1..=5, ToString::to_string).0, [1, 2]);
    }
}
