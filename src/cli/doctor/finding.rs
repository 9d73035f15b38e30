//! What one check of this machine found, and what to do about it.

use serde::Serialize;

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) what: String,
    /// How it is.
    pub(super) verdict: Verdict,
    /// What was seen.
    pub(super) seen: String,
    /// What to do about it; empty if nothing.
    pub(super) todo: String,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// It will work, but not well, or not for ever; or it could not be told.
    Warning,
    /// Calls will fail.
    Fault,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>, seen: impl Into<String>) -> Self {
        let todo = String::new();
        Self { what: what.into(), verdict: Verdict::Ok, seen: seen.into(), todo }
    }

    pub(super) fn warning(
        what: impl Into<String>,
        seen: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        let (what, seen, todo) = (what.into(), seen.into(), todo.into());
        Self { what, verdict: Verdict::Warning, seen, todo }
    }

    pub(super) fn fault(
        what: impl Into<String>,
        seen: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fault, ..Self::warning(what, seen, todo) }
    }
}
