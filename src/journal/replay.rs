//! Reads a journal again: folds its facts to the state they tell of, and finds what is wrong.
//!
//! ```text
//! line ──► fact ──► numbers without a gap? ──► State::apply ──► what must always hold
//! ```
//!
//! Whoever wants to know more than that looks on, moment by moment.

use std::{fmt, io::BufRead};

use crate::{
    acd::{invariants, state::State},
    base::time::Timestamp,
    exchange::fact::{Fact, Record},
};

/// What was found in a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Facts folded.
    pub facts: u64,
    /// Starts of a server.
    pub lives: u64,
    /// Calls that were inside when the last life ended.
    pub calls_inside: usize,
    /// Calls over, of all lives.
    pub calls_over: u64,
    /// What is wrong, from top to bottom; the first [`FLAWS_MAX`].
    pub flaws: Vec<Flaw>,
}

/// As many flaws as anyone wants to read.
pub const FLAWS_MAX: usize = 100;

/// Something wrong, and the line it was found at, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub line: u64,
    /// What.
    pub says: String,
}

/// Folds a journal from its first line to its last, and holds every moment against what must
/// always be so.
pub fn verify(journal: impl BufRead, each: impl FnMut(&Moment<'_>)) -> Found {
    fold(journal, Care::Check, each)
}

/// Folds a journal, and believes it.
pub fn read(journal: impl BufRead, each: impl FnMut(&Moment<'_>)) -> Found {
    fold(journal, Care::Believe, each)
}

/// A fact about to be folded, and what stood before it; or the end, and what stands there.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Which start of the server, counted from 1.
    pub life: u64,
    /// What the engine knew.
    pub state: &'a State,
    /// When the fact before it was written.
    pub before: Timestamp,
    /// The fact. `None`: the journal ends here.
    pub record: Option<&'a Record>,
}

/// How much is asked of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    Check,
    Believe,
}

fn fold(journal: impl BufRead, care: Care, mut each: impl FnMut(&Moment<'_>)) -> Found {
    let mut found = Found::default();
    let mut life = Life::default();
    let mut number = 0;
    for line in journal.lines() {
        number += 1;
        match line.map_err(|why| why.to_string()).and_then(|line| parse(&line)) {
            Ok(record) => {
                life.begin(number, &record, care, &mut found);
                let (life_no, state, before) = (found.lives, &life.state, life.at);
                each(&Moment { life: life_no, state, before, record: Some(&record) });
                life.fold(&record, &mut found);
            }
            Err(says) => found.flaw(number, says),
        }
    }
    if care == Care::Check {
        life.check(number, &mut found);
    }
    found.calls_inside = life.state.inside();
    let Life { state, at, .. } = &life;
    each(&Moment { life: found.lives, state, before: *at, record: None });
    found
}

fn parse(line: &str) -> Result<Record, String> {
    serde_json::from_str(line).map_err(|why| format!("not a fact: {why}"))
}

/// One start of a server, as far as it was folded.
#[derive(Default)]
struct Life {
    state: State,
    seq: u64,
    at: Timestamp,
}

impl Life {
    /// Looks at what was so until `record`, which may be the first of another life.
    fn begin(&mut self, line: u64, record: &Record, care: Care, found: &mut Found) {
        let checks = care == Care::Check;
        if record.seq == 1 {
            if checks {
                self.check(line, found);
            }
            *self = Self { at: record.at, ..Self::default() };
            found.lives += 1;
        } else if record.seq != self.seq + 1 {
            found.flaw(line, format!("fact {} follows fact {}", record.seq, self.seq));
        }
        if record.at < self.at {
            found.flaw(line, format!("told at {}, after {}", record.at, self.at));
        } else if checks && record.at > self.at {
            // What must always hold may be on its way between two facts of one moment.
            self.check(line, found);
        }
    }

    fn fold(&mut self, record: &Record, found: &mut Found) {
        (self.seq, self.at) = (record.seq, record.at);
        if let Fact::Acd(fact) = &record.fact {
            self.state.apply(record.at, fact);
            let is_end = matches!(fact, crate::acd::fact::Fact::Ended { .. });
            found.calls_over += u64::from(is_end);
        }
        found.facts += 1;
    }

    fn check(&self, line: u64, found: &mut Found) {
        if let Err(broken) = invariants::check(&self.state, self.at) {
            found.flaw(line, format!("before this line: {broken}"));
        }
    }
}

impl Found {
    fn flaw(&mut self, line: u64, says: String) {
        if self.flaws.len() < FLAWS_MAX {
            self.flaws.push(Flaw { line, says });
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acd,
        journal::{FILE, Journal},
    };

    fn record(seq: u64, at: u64) -> Record {
        let fact = Fact::Acd(acd::fact::Fact::Planned(Box::default()));
        Record { seq, at: Timestamp(at), fact }
    }

    #[test]
    fn what_was_appended_is_folded_again_over_two_lives_and_a_torn_line() {
        let directory = std::env::temp_dir().join(format!("lotse-journal-{}", std::process::id()));
        let path = directory.join(FILE);
        for _ in 0..2 {
            let mut journal = Journal::open(&directory).unwrap();
            journal.append(&record(1, 10));
            journal.append(&record(2, 20));
            journal.flush().unwrap();
            let mut text = std::fs::read(&path).unwrap();
            text.extend(b"{\"seq\":3,");
            std::fs::write(&path, text).unwrap();
        }
        let text = std::fs::read(&path).unwrap();
        std::fs::remove_dir_all(&directory).unwrap();

        let found = verify(text.as_slice(), |_| ());
        assert_eq!((found.facts, found.lives), (4, 2));
        let lines: Vec<_> = found.flaws.iter().map(|flaw| flaw.line).collect();
        assert_eq!(lines, [3, 6], "{:?}", found.flaws);
    }

    #[test]
    fn a_gap_and_a_clock_that_runs_backwards_are_found() {
        let lines =
            [record(1, 10), record(3, 5)].map(|record| serde_json::to_string(&record).unwrap());
        let found = verify(lines.join("\n").as_bytes(), |_| ());
        let flaws: Vec<_> = found.flaws.iter().map(ToString::to_string).collect();
        assert_eq!(
            flaws,
            ["2: fact 3 follows fact 1", "2: told at 00:00:00.000, after 00:00:00.000"]
        );
    }

    #[test]
    fn a_journal_from_before_calls_had_ids_is_read() {
        let facts = [
            r#"{"CallOpened":{"call":7,"leg":0,"trunk":null,"call_id":"a","caller":"***1234","dialled":"1230"}}"#,
            r#"{"CallRefused":{"trunk":null,"status":486,"why":"draining"}}"#,
            r#"{"DialledOut":{"call":8,"phone":0,"agent":null,"dialled":"***4711","emergency":false}}"#,
        ];
        let line = |(seq, fact)| format!("{{\"seq\":{seq},\"at\":9,\"fact\":{fact}}}");
        let journal = (1..=3).zip(facts).map(line).collect::<Vec<_>>().join("\n");
        let found = verify(journal.as_bytes(), |_| ());
        assert_eq!((found.facts, found.flaws), (3, vec![]));
    }
}
