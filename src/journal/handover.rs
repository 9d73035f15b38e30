//! The file of the [`Handover`]: written as things change, read by the next start.
//!
//! It is replaced whole, so a reader finds the old one or the new one, never half of either. A
//! disk that does not take it costs the next start its memory, and no call anything.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    base::time::{Span, Timestamp},
    exchange::{
        fact::Record,
        handover::{Handover, Shift},
    },
    journal::Fault,
};

/// The file within the data directory.
pub const FILE: &str = "handover.json";

/// However much changes, it is written once in so long.
const PAUSE: Span = Span::secs(1);

/// However little changes, it is: the next start wants to know how long nobody was there.
const SIGN_OF_LIFE: Span = Span::secs(60);

/// The handover of this life, kept up to date.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    shift: Shift,
    changed: bool,
    written: Timestamp,
}

impl Keeper {
    /// Keeps it in `directory`.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        let path = directory.join(FILE);
        Self { path, shift: Shift::default(), changed: false, written: Timestamp::EPOCH }
    }

    /// Takes note of a fact.
    pub fn fold(&mut self, record: &Record) {
        self.changed |= self.shift.fold(record);
    }

    /// When it wants to be written next.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.written + if self.changed { PAUSE } else { SIGN_OF_LIFE }
    }

    /// Writes it.
    pub fn write(&mut self, now: Timestamp) -> Result<(), Fault> {
        // Tried is tried: a disk that is full is not asked again at once.
        self.written = now;
        let text = serde_json::to_vec(&self.shift.handover(now)).expect("strings and numbers");
        let aside = self.path.with_extension("new");
        let replaced = fs::write(&aside, text).and_then(|()| fs::rename(&aside, &self.path));
        replaced.map_err(|why| Fault { path: self.path.clone(), why })?;
        self.changed = false;
        Ok(())
    }
}

/// What the life before left in `directory`, unless that is longer ago than `remember`.
pub fn read(directory: &Path, now: Timestamp, remember: Span) -> Result<Option<Handover>, Fault> {
    let path = directory.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(Fault { path, why }),
    };
    match serde_json::from_slice::<Handover>(&text) {
        Ok(handover) => Ok((now.since(handover.at) < remember).then_some(handover)),
        Err(why) => Err(Fault { path, why: why.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_for_as_long_as_it_is_remembered() {
        let folder = std::env::temp_dir().join(format!("lotse-handover-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (hour, day) = (Span::secs(3600), Span::secs(86_400));
        let now = Timestamp::EPOCH + day;
        assert_eq!(read(&folder, now, hour).unwrap(), None);

        let mut keeper = Keeper::new(&folder);
        keeper.write(now).unwrap();
        assert_eq!(keeper.due(), now + SIGN_OF_LIFE);
        assert_eq!(read(&folder, now + hour - PAUSE, hour).unwrap().map(|it| it.at), Some(now));
        assert_eq!(read(&folder, now + hour, hour).unwrap(), None);

        fs::write(folder.join(FILE), "{\"at\":1,").unwrap();
        assert!(read(&folder, now, hour).unwrap_err().to_string().contains(FILE));
        fs::remove_dir_all(&folder).unwrap();
    }
}
