//! Facts kept in order, behind the decision: one JSON object a line, in a file that only grows.
//!
//! ```text
//! {"seq":1,"at":1795370000000000,"fact":{"Acd":{"Planned":{…}}}}
//! {"seq":2,"at":1795370004120000,"fact":{"CallOpened":{…,"caller":"***1234",…}}}
//! ```
//!
//! Each start of the server begins again at 1, so one file may hold several lives. Callers'
//! numbers are masked. Nothing waits for the journal: when its disk is full, or it has grown
//! to its limit, it ends, says so once, and calls go on.

pub mod replay;
pub mod story;

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::exchange::fact::Told;

/// The file within the data directory.
pub const FILE: &str = "journal.ndjson";

/// The most a journal may grow to, in bytes: some two million calls.
const BYTES_MAX: u64 = 4 << 30;

/// A journal being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    bytes_max: u64,
    line: Vec<u8>,
}

/// A journal could not be opened, or goes on no longer.
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
        Self::open_with_limit(directory, BYTES_MAX)
    }

    fn open_with_limit(directory: &Path, bytes_max: u64) -> Result<Self, Fault> {
        let path = directory.join(FILE);
        let open = || {
            std::fs::create_dir_all(directory)?;
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            let bytes = file.metadata()?.len();
            // A process that died in the middle of a line leaves one without an end.
            if bytes > 0 {
                let mut last = [0];
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    file.write_all(b"\n")?;
                }
            }
            Ok((BufWriter::with_capacity(1 << 16, file), bytes))
        };
        match open() {
            Ok((file, bytes)) => Ok(Self { path, file, bytes, bytes_max, line: vec![] }),
            Err(why) => Err(Fault { path, why }),
        }
    }

    /// Adds one fact. After a fault nothing more may be added: the journal would have a hole.
    pub fn append(&mut self, told: &Told) -> Result<(), Fault> {
        self.line.clear();
        let written = serde_json::to_writer(&mut self.line, told).map_err(io::Error::from);
        self.line.push(b'\n');
        let length = self.line.len() as u64;
        let added = written.and_then(|()| {
            if self.bytes + length > self.bytes_max {
                return Err(io::Error::other("it has grown to its limit; move it away"));
            }
            self.file.write_all(&self.line)
        });
        self.bytes += length;
        added.map_err(|why| self.fault(why))
    }

    /// Hands what was added to the operating system.
    pub fn flush(&mut self) -> Result<(), Fault> {
        self.file.flush().map_err(|why| self.fault(why))
    }

    fn fault(&self, why: io::Error) -> Fault {
        Fault { path: self.path.clone(), why }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot keep the journal {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.why)
    }
}
