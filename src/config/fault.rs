//! What is wrong with a configuration: where, what stands there, what is allowed, what to do.

use std::{fmt, io};

use crate::config::file::Place;

/// All that was found in one file. Shows itself by `Display`, one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// What kind of file it is.
    pub of: Subject,
    /// How people know the file.
    pub name: String,
    /// What it says, secrets starred out.
    pub text: String,
    /// What was found, from top to bottom.
    pub list: Vec<Fault>,
}

/// What kind of file it is that something is wrong with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// A server's configuration.
    #[default]
    Configuration,
    /// A day to be simulated.
    Scenario,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether it stops a start.
    pub weight: Weight,
    /// Which check found it: `unknown-key`. Stable, for tools.
    pub code: &'static str,
    /// Which bytes of the text it is about.
    pub place: Place,
    /// What, which one, and what to do.
    pub says: String,
}

/// Faults as they are found, in any order.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// So far.
    pub list: Vec<Fault>,
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
        let of = Subject::default();
        Self { of, name: name.to_owned(), text: String::new(), list: vec![fault] }
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

impl Found {
    /// Something that stops a start.
    pub fn error(&mut self, code: &'static str, place: &Place, says: String) {
        self.list.push(Fault { weight: Weight::Error, code, place: place.clone(), says });
    }

    /// Something that is allowed but probably not wanted.
    pub fn warning(&mut self, code: &'static str, place: &Place, says: String) {
        self.list.push(Fault { weight: Weight::Warning, code, place: place.clone(), says });
    }

    /// Sorts what was found: errors apart from warnings, each from top to bottom. A second fault
    /// at the very place of another is its echo (28 agents of a series without a phone, say)
    /// and is left out; but a table may well lack several keys.
    #[must_use]
    pub fn sorted(mut self, name: &str, text: &str) -> (Faults, Faults) {
        self.list.sort_by_key(|it| (it.place.start, it.place.end));
        self.list.dedup_by(|next, it| next.place == it.place && next.code != "missing");
        let (errors, warnings) = self.list.into_iter().partition(|it| it.weight == Weight::Error);
        let faults = |list| Faults {
            of: Subject::default(),
            name: name.to_owned(),
            text: text.to_owned(),
            list,
        };
        (faults(errors), faults(warnings))
    }
}

/// The nearest of `words`, if one is near enough to be meant: alike by and large, or one slip
/// of the finger away.
pub fn near<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    let rate = |word: &'a str| {
        let lower = word.to_lowercase();
        let slip = text.len() > 2 && strsim::damerau_levenshtein(&text, &lower) == 1;
        let rate = strsim::jaro_winkler(&text, &lower);
        (if slip { rate.max(0.9) } else { rate }, word)
    };
    let best = words.map(rate).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(rate, _)| *rate > 0.8).map(|(_, word)| word)
}

/// "did you mean" the nearest, or else all there are, if they are few.
pub fn instead<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.collect();
    match (near(text, words.iter().copied()), words.as_slice()) {
        (Some(word), _) => format!(", did you mean `{word}`?"),
        (None, few @ [_, ..]) if few.len() <= 16 => format!(" (known: {})", few.join(", ")),
        (None, _) => String::new(),
    }
}

impl Subject {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Scenario => "scenario",
        }
    }

    /// Where every key is explained.
    #[must_use]
    pub const fn explained_in(self) -> &'static str {
        match self {
            Self::Configuration => "docs/CONFIGURATION.md",
            Self::Scenario => "docs/SIMULATION.md",
        }
    }
}

/// `lotse.toml:12:9: error: ...`, one line each.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, fault) in self.list.iter().enumerate() {
            let end = if count + 1 == self.list.len() { "" } else { "\n" };
            let Fault { weight, says, .. } = fault;
            if self.text.is_empty() {
                write!(f, "{}: {weight}: {says}{end}", self.name)?;
                continue;
            }
            let (line, column) = self.line(fault);
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
