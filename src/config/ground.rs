//! What every part of the check stands on: the names there are, the faults so far, where secrets
//! and sounds are looked for.

use std::{
    collections::BTreeMap,
    env::VarError,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    acd::plan::{Level, Needs},
    base::{
        masked::Masked,
        numbers::{LanguageNo, SkillNo, SoundNo},
        time::Timestamp,
    },
    config::{
        entry::{Entry, Secret},
        fault::{Found, instead},
        file::Place,
        roll::Roll,
    },
    media::sound::BUILT_IN,
};

/// The languages that there are prompts in.
pub const LANGUAGES: [&str; 3] = ["de", "en", "tr"];

/// What the parts of the check share.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The file's text, for telling lines.
    pub text: &'a str,
    /// The folder that relative paths start from.
    pub folder: &'a Path,
    /// What time it is; `None`: nobody asks about time.
    pub now: Option<Timestamp>,
    /// What is wrong so far.
    pub found: Found,
    /// Numbers of names, those of before included.
    pub roll: Roll,
    /// Secrets that stand in the file itself.
    pub literals: Vec<Place>,
    /// Names in the file, by section, with the place where each was first seen.
    names: BTreeMap<&'static str, BTreeMap<String, Place>>,
}

impl<'a> Ground<'a> {
    /// Ground with nothing on it but the numbers of before.
    #[must_use]
    pub fn new(text: &'a str, folder: &'a Path, roll: Roll) -> Self {
        let (now, found, literals, names) = Default::default();
        Self { text, folder, now, found, roll, literals, names }
    }

    /// Takes up a name of `section`. False, and a fault, if it is there already.
    pub fn enter(&mut self, section: &'static str, name: &str, place: &Place) -> bool {
        let names = self.names.entry(section).or_default();
        if let Some(first) = names.get(name) {
            let line = self.text.get(..first.start).unwrap_or_default().matches('\n').count() + 1;
            let says = format!("{section} \"{name}\" is here twice, first on line {line}");
            self.found.error("duplicate", place, says);
            return false;
        }
        names.insert(name.to_owned(), place.clone());
        true
    }

    /// Whether `section` has `name`. A fault if it has not; no fault for an empty name, which
    /// is what a value that was written wrong leaves behind.
    pub fn look_up(&mut self, section: &'static str, name: &str, place: &Place) -> bool {
        let none = BTreeMap::new();
        let names = self.names.get(section).unwrap_or(&none);
        if names.contains_key(name) || name.is_empty() {
            return !name.is_empty();
        }
        let instead = instead(name, names.keys().map(String::as_str));
        let says = format!("no {section} is called \"{name}\"{instead}");
        self.found.error("unknown-name", place, says);
        false
    }

    /// Skills of a list as needs: by number, each once.
    pub fn needs(&mut self, entry: &Entry, key: &str) -> Needs {
        Needs(self.skills(entry, key))
    }

    /// Skills of a list by number, each once, in the order of numbers.
    pub fn skills(&mut self, entry: &Entry, key: &str) -> Vec<(SkillNo, Level)> {
        let mut skills: Vec<(SkillNo, Level)> = vec![];
        for (name, level, place) in entry.skills(key) {
            if !self.look_up("skill", name, &place) {
                continue;
            }
            let skill = SkillNo::first(slot(self.roll.skills.place(name)));
            if skills.iter().any(|(it, _)| *it == skill) {
                let says = format!("skill \"{name}\" is named twice here");
                self.found.error("duplicate", &place, says);
                continue;
            }
            skills.push((skill, level));
        }
        skills.sort_unstable();
        skills
    }

    /// A secret, with `{name}` in it, or in the name of its file or variable, filled in.
    pub fn secret(&mut self, entry: &Entry, key: &str, fill: (&str, &str)) -> Option<Masked> {
        let secret = entry.may_secret(key)?;
        let place = entry.place(key);
        let filled = |text: &str| text.replace(fill.0, fill.1);
        let read = match secret {
            Secret::Here(literal) => {
                if !self.literals.contains(&place) {
                    self.literals.push(place);
                }
                return Some(Masked::new(filled(literal.unmask())));
            }
            Secret::File(path) => {
                let path = self.folder.join(filled(path));
                first_of(&path).map_err(|why| format!("cannot read {}: {why}", path.display()))
            }
            Secret::Env(name) => {
                let name = filled(name);
                std::env::var(&name).map_err(|why| match why {
                    VarError::NotPresent => format!("environment variable {name} is not set"),
                    VarError::NotUnicode(_) => format!("environment variable {name} is not UTF-8"),
                })
            }
        };
        let says = match read.map(|text| text.trim_end().to_owned()) {
            Ok(text) if !text.is_empty() => return Some(Masked::new(text)),
            Ok(_) => "the secret there is empty".to_owned(),
            Err(why) => why,
        };
        self.found.error("secret", &place, says);
        None
    }

    /// The language that an entry names.
    pub fn language(&mut self, entry: &Entry) -> Option<LanguageNo> {
        let name = entry.may_text("language")?;
        if let Some(no) = LANGUAGES.iter().position(|it| *it == name) {
            return Some(LanguageNo::first(slot(no)));
        }
        let says = format!("no prompts speak \"{name}\"{}", instead(name, LANGUAGES.into_iter()));
        self.found.error("unknown-word", &entry.place("language"), says);
        None
    }

    /// The number of a sound; `None` for `"none"`.
    pub fn sound(&mut self, entry: &Entry, key: &str) -> Option<SoundNo> {
        let name = entry.may_text(key).filter(|it| *it != "none")?;
        if let Some(no) = BUILT_IN.iter().position(|it| *it == name) {
            return Some(SoundNo::first(slot(no)));
        }
        let place = entry.place(key);
        if !Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case("wav")) {
            let instead = instead(name, BUILT_IN.into_iter().chain(["none"]));
            let says = format!("\"{name}\" is neither a builtin sound nor a .wav file{instead}");
            self.found.error("unknown-word", &place, says);
            return None;
        }
        let path: PathBuf = self.folder.join(name);
        if let Err(why) = fs::File::open(&path) {
            let says = format!("cannot read {}: {why}", path.display());
            self.found.error("unreadable", &place, says);
            return None;
        }
        let no = self.roll.sounds.place(&path.to_string_lossy());
        Some(SoundNo::first(slot(BUILT_IN.len() + no)))
    }
}

/// The first 64 KB of a file: no secret is longer, and `/dev/zero` has no end.
fn first_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(65_536).read_to_string(&mut text)?;
    Ok(text)
}

/// A place in a list as the slot of a number.
#[must_use]
pub fn slot(place: usize) -> u32 {
    u32::try_from(place).expect("the file has fewer than four billion names")
}
