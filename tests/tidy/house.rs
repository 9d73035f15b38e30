//! All sources of a folder, read once; and the same with one file more, to see a rule complain.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use crate::reading::{self, Code, Taken};

/// A complaint as the rules put it: `path:line: what is wrong`.
pub(crate) type Complaint = String;

/// The files by their path from the root of the repository.
#[derive(Clone, Default)]
pub(crate) struct House {
    pub(crate) files: BTreeMap<String, Arc<Source>>,
}

pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) code: Code,
}

impl House {
    pub(crate) fn of(folders: &[&str]) -> Self {
        let mut house = Self::default();
        for folder in folders {
            house.enter(Path::new(folder));
        }
        house
    }

    /// The same house with one file more, or another one in its place.
    pub(crate) fn with(&self, path: &str, text: &str) -> Self {
        let mut house = self.clone();
        house.put(path, text.to_owned());
        house
    }

    fn enter(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.enter(&path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                self.put(path.to_str().unwrap(), fs::read_to_string(&path).unwrap());
            }
        }
    }

    fn put(&mut self, path: &str, text: String) {
        let code = reading::read(path, &text);
        self.files.insert(path.to_owned(), Arc::new(Source { text, code }));
    }

    /// The files of `src` that ship, and those read as a whole as tests left out: a module is a test if its
    /// declaration says so, and so is all that it holds.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (&str, &Source)> {
        let tests: Vec<&[String]> = self
            .files
            .values()
            .flat_map(|it| &it.code.modules)
            .filter(|it| it.in_test)
            .map(|it| it.path.as_slice())
            .collect();
        let of_src = self.files.iter().filter(|(path, _)| path.starts_with("src/"));
        of_src.map(|(path, source)| (path.as_str(), &**source)).filter(move |(path, _)| {
            let module = reading::module_of(path);
            !tests.iter().any(|test| module.starts_with(test))
        })
    }

    /// Every path that code which ships takes.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (&str, &Taken)> {
        self.shipped().flat_map(|(path, source)| {
            let taken = source.code.taken.iter().filter(|it| !it.in_test);
            taken.map(move |it| (path, it))
        })
    }
}

/// `src/sip/uri.rs` and `src/sip/mod.rs` are of the room `sip`.
pub(crate) fn room_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// `path` is `banned`, or inside it, or takes everything among which it is.
pub(crate) fn reaches(path: &[String], banned: &str) -> bool {
    let banned: Vec<&str> = banned.split("::").collect();
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.split_last() {
        Some((&"*", within)) => banned.starts_with(within) || names.starts_with(&banned),
        _ => names.starts_with(&banned),
    }
}
