//! Numbers of people, and secrets, which print as stars until a line unmasks them by name.
//!
//! `grep -r unmask src/` lists every place where a caller's number or a password leaves its
//! wrapping (invariant 10, DOMAIN.md L-5). Nothing takes it out by accident:
//!
//! ```compile_fail
//! let number: String = lotse::base::masked::Masked::new("+493411231234").into();
//! ```

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// A text that logs, facts and answers show only by its last digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call of this is a decision that someone can find.
    #[must_use]
    pub fn unmask(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `***1234` for numbers of at least seven digits; shorter ones, which would be given away by four,
/// show nothing. What was written down masked, and read again, shows as it was.
impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_mask = self.0.strip_prefix("***").is_some_and(|rest| rest.len() == 4);
        if is_mask && self.0.chars().skip(3).all(|c| c.is_ascii_digit()) {
            return f.write_str(&self.0);
        }
        let digits = self.0.chars().filter(char::is_ascii_digit).count();
        let all_digits = self.0.chars().all(|c| c.is_ascii_digit() || c == '+');
        if digits < 7 || !all_digits {
            return f.write_str("***");
        }
        let start = self.0.len() - 4;
        write!(f, "***{}", self.0.get(start..).unwrap_or_default())
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is written down is the mask, not the number.
impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_its_last_four_and_a_secret_nothing() {
        let shown = |text: &str| format!("{0} {0:?}", Masked::new(text));
        assert_eq!(shown("+493411231234"), "***1234 ***1234");
        assert_eq!(shown("1001"), "*** ***");
        assert_eq!(shown("***1234"), "***1234 ***1234");
        assert_eq!(shown("***12345"), "*** ***");
        assert_eq!(shown("dev-1001-secret-99"), "*** ***");
        assert_eq!(Masked::new("+493411231234").unmask(), "+493411231234");
    }
}
