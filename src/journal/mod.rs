//! Facts kept in order, behind the decision: one JSON object a line, in a file that only grows.
//!
//! ```text
//! {"seq":1,"at":1795370000000000,"fact":{"Acd":{"Planned":{…}}}}
//! {"seq":2,"at":1795370004120000,"fact":{"CallOpened":{…,"caller":"***1234",…}}}
//! ```
//!
//! Each start of the server begins again at 1, so one file may hold several lives. Callers'
//! numbers are masked.
//!
//! Nothing waits for the journal. While its disk is full, or the file has grown to its limit, facts
//! are held in memory and calls go on; when there is room again, or the file was moved away, they
//! follow in order. What does not even fit into memory is lost and counted, and leaves a gap in
//! the numbers. A line is on the disk whole or not at all.

pub mod handover;
pub mod replay;
pub mod story;

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::exchange::fact::Record;

/// The file within the data directory.
pub const FILE: &str = "journal.ndjson";

/// The most a journal may grow to, in bytes: some two million calls.
const BYTES_MAX: u64 = 4 << 30;

/// The most that is held in memory while nothing can be written, in bytes: some ten thousand calls.
const HELD_MAX: usize = 32 << 20;

/// A journal being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    limits: Limits,
    file: File,
    /// How long the file is: whole lines.
    bytes: u64,
    /// Whole lines that are not in the file yet.
    held: Vec<u8>,
    /// The last flush failed.
    behind: bool,
    counts: Counts,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    file: u64,
    held: usize,
}

/// How a journal fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often writing failed, a long failure once.
    pub faults: u64,
    /// Facts that are held in memory.
    pub held: u64,
    /// Facts that are lost.
    pub lost: u64,
}

/// A file could not be opened, or cannot be read or written now.
#[derive(Debug)]
pub struct Fault {
    /// Which file.
    pub path: PathBuf,
    /// What the system said.
    pub why: io::Error,
}

impl Journal {
    /// Opens the journal in `directory` to add to it.
    pub fn open(directory: &Path) -> Result<Self, Fault> {
        Self::open_with(directory, Limits { file: BYTES_MAX, held: HELD_MAX })
    }

    fn open_with(directory: &Path, limits: Limits) -> Result<Self, Fault> {
        let path = directory.join(FILE);
        match std::fs::create_dir_all(directory).and_then(|()| reopen(&path)) {
            Ok((file, bytes)) => Ok(Self {
                path,
                limits,
                file,
                bytes,
                held: vec![],
                behind: false,
                counts: Counts::default(),
            }),
            Err(why) => Err(Fault { path, why }),
        }
    }

    /// Adds one fact, to be written with the next [`flush`](Self::flush).
    pub fn append(&mut self, record: &Record) {
        let start = self.held.len();
        serde_json::to_writer(&mut self.held, record).expect("facts are strings and numbers");
        self.held.push(b'\n');
        if self.held.len() > self.limits.held {
            self.held.truncate(start);
            self.counts.lost += 1;
        } else {
            self.counts.held += 1;
        }
    }

    /// Hands what was added to the operating system. If that fails nothing of it is in the file,
    /// and the next flush tries again.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let looked = if self.behind { self.look_again() } else { Ok(()) };
        let written = looked.and_then(|()| {
            if self.bytes + self.held.len() as u64 > self.limits.file {
                return Err(io::Error::other("it has grown to its limit; move it away"));
            }
            self.file.write_all(&self.held)
        });
        match written {
            Ok(()) => {
                self.bytes += self.held.len() as u64;
                self.held.clear();
                self.held.shrink_to(1 << 16);
                self.counts.held = 0;
                self.behind = false;
                Ok(())
            }
            Err(why) => {
                // Half a line is none. Should this fail too, a reader finds it torn.
                let _ = self.file.set_len(self.bytes);
                self.counts.faults += u64::from(!self.behind);
                self.behind = true;
                Err(Fault { path: self.path.clone(), why })
            }
        }
    }

    /// Whether the last flush failed.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.behind
    }

    /// How it fares.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Opens the file anew: someone may have made room by moving it away.
    fn look_again(&mut self) -> io::Result<()> {
        (self.file, self.bytes) = reopen(&self.path)?;
        Ok(())
    }
}

/// The file, to add to, and how long it is.
fn reopen(path: &Path) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let bytes = file.metadata()?.len();
    if bytes == 0 {
        return Ok((file, 0));
    }
    // A process that died in the middle of a line leaves one without an end.
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok((file, bytes));
    }
    file.write_all(b"\n")?;
    Ok((file, bytes + 1))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot keep {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::time::Timestamp, exchange::fact::Fact};

    fn record(seq: u64) -> Record {
        Record { seq, at: Timestamp(seq), fact: Fact::Draining }
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("lotse-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn numbers(&self) -> Vec<u64> {
            let text = std::fs::read_to_string(self.0.join(FILE)).unwrap();
            let told = text.lines().map(|line| serde_json::from_str::<Record>(line).unwrap().seq);
            told.collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// `/dev/full` is a disk that is.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_costs_no_fact_and_is_one_fault() {
        let folder = Folder::new("full");
        std::os::unix::fs::symlink("/dev/full", folder.0.join(FILE)).unwrap();
        let mut journal = Journal::open(&folder.0).unwrap();
        for seq in 1..4 {
            journal.append(&record(seq));
            let why = journal.flush().unwrap_err().why;
            assert_eq!(why.kind(), io::ErrorKind::StorageFull);
        }
        assert_eq!(journal.counts(), Counts { faults: 1, held: 3, lost: 0 });

        std::fs::remove_file(folder.0.join(FILE)).unwrap();
        journal.append(&record(4));
        journal.flush().unwrap();
        assert_eq!(journal.counts(), Counts { faults: 1, held: 0, lost: 0 });
        assert_eq!((folder.numbers(), journal.is_behind()), (vec![1, 2, 3, 4], false));
    }

    #[test]
    fn a_journal_at_its_limit_goes_on_when_it_was_moved_away_and_what_did_not_fit_is_lost() {
        let folder = Folder::new("limit");
        let length = serde_json::to_vec(&record(1)).unwrap().len() + 1;
        let limits = Limits { file: 2 * length as u64, held: 2 * length };
        let mut journal = Journal::open_with(&folder.0, limits).unwrap();
        for seq in 1..=2 {
            journal.append(&record(seq));
            journal.flush().unwrap();
        }
        for seq in 3..=5 {
            journal.append(&record(seq));
            assert!(journal.flush().is_err());
        }
        assert_eq!(journal.counts(), Counts { faults: 1, held: 2, lost: 1 });
        assert_eq!(folder.numbers(), [1, 2]);

        std::fs::remove_file(folder.0.join(FILE)).unwrap();
        journal.flush().unwrap();
        assert_eq!(folder.numbers(), [3, 4]);
    }
}
