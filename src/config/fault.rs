//! What is wrong with a configuration: where, what stands there, what is allowed, what to do.

use std::{fmt, io, ops::Range};

/// All that was found in one file. Shows itself by `Display`, one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// How people know the file.
    pub name: String,
    /// What it says, secrets starred out.
    pub text: String,
    /// What was found, from top to bottom.
    pub list: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether it stops a start.
    pub weight: Weight,
    /// Which check found it: `unknown-key`. Stable, for tools.
    pub code: &'static str,
    /// Which bytes of the text it is about.
    pub place: Range<usize>,
    /// What, which one, and what to do.
    pub says: String,
}

/// Whether a fault stops a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It does.
    Error,
    /// It does not; someone should look.
    Warning,
}

impl Faults {
    /// The file could not even be read.
    #[must_use]
    pub fn unreadable(name: &str, why: &io::Error) -> Self {
        let fault = Fault {
            weight: Weight::Error,
            code: "unreadable",
            place: 0..0,
            says: format!("cannot read it: {why}"),
        };
        Self { name: name.to_owned(), text: String::new(), list: vec![fault] }
    }

    /// The line and column of a fault, both counted from 1; the column in characters.
    #[must_use]
    pub fn line(&self, fault: &Fault) -> (usize, usize) {
        let before = self.text.get(..fault.place.start).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

/// `lotse.toml:12:9: error: ...`, one line each.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, fault) in self.list.iter().enumerate() {
            let (line, column) = self.line(fault);
            let Fault { weight, says, .. } = fault;
            let end = if count + 1 == self.list.len() { "" } else { "\n" };
            write!(f, "{}:{line}:{column}: {weight}: {says}{end}", self.name)?;
        }
        Ok(())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl std::error::Error for Faults {}
