//! What the names of one file stand for: its imports, and the modules that it declares.

use std::collections::{BTreeMap, BTreeSet};

/// So many names may stand for one another; two that name each other would go on for ever.
const NAMES_IN_A_ROW: u8 = 8;

#[derive(Default)]
pub(crate) struct Names {
    /// Two scopes of a file may each mean their own.
    imports: BTreeMap<String, BTreeSet<Import>>,
    /// Modules of ours of which everything is imported.
    globs: BTreeSet<Import>,
    modules: BTreeSet<Vec<String>>,
}

/// What a `use` brings. One that stands in the tests means nothing outside them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    path: Vec<String>,
    in_test: bool,
}

impl Names {
    pub(crate) fn import(&mut self, name: String, path: Vec<String>, in_test: bool) {
        // `use serde;` says nothing new.
        if path != [name.clone()] {
            self.imports.entry(name).or_default().insert(Import { path, in_test });
        }
    }

    pub(crate) fn import_all(&mut self, path: Vec<String>, in_test: bool) {
        if path.first().is_some_and(|it| it == "crate") {
            self.globs.insert(Import { path, in_test });
        }
    }

    pub(crate) fn declare(&mut self, module: Vec<String>) {
        self.modules.insert(module);
    }

    /// Every meaning that a path which stands in `module` may have.
    pub(crate) fn meanings(
        &self,
        module: &[String],
        path: &[String],
        in_test: bool,
    ) -> Vec<Vec<String>> {
        let mut all = self.followed(module, absolute(module, path), in_test);
        for first in all.iter_mut().filter_map(|it| it.first_mut()) {
            // One library under three names.
            if first == "core" || first == "alloc" {
                *first = "std".into();
            }
        }
        all
    }

    fn followed(&self, module: &[String], path: Vec<String>, in_test: bool) -> Vec<Vec<String>> {
        let [first, rest @ ..] = path.as_slice() else { return vec![] };
        if first == "crate" {
            return vec![path];
        }
        let meant = self.imported(first, rest, in_test, NAMES_IN_A_ROW);
        if !meant.is_empty() {
            return meant;
        }
        let child = [module, std::slice::from_ref(first)].concat();
        if self.modules.contains(&child) {
            return vec![[child.as_slice(), rest].concat()];
        }
        // A name alone is as good as the import of everything, which has been seen.
        let seen = |it: &&Import| !rest.is_empty() && (in_test || !it.in_test);
        let through = self.globs.iter().filter(seen);
        let mut all: Vec<_> =
            through.map(|it| [it.path.as_slice(), path.as_slice()].concat()).collect();
        all.push(path);
        all
    }

    /// What an imported name stands for, and what the first name of that does: `use a as b; use b::c as d`.
    fn imported(
        &self,
        name: &String,
        rest: &[String],
        in_test: bool,
        in_a_row: u8,
    ) -> Vec<Vec<String>> {
        let imports = self.imports.get(name).into_iter().flatten();
        let seen = imports.filter(|it| in_test || !it.in_test);
        let whole = seen.map(|it| [it.path.as_slice(), rest].concat());
        whole
            .flat_map(|path| match path.as_slice() {
                [first, rest @ ..] if first != name && in_a_row > 0 => {
                    let further = self.imported(first, rest, in_test, in_a_row - 1);
                    if further.is_empty() { vec![path] } else { further }
                }
                _ => vec![path],
            })
            .collect()
    }
}

/// `self`, `super` and `crate` written out; anything else stays as it is.
pub(crate) fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let mut at = module.to_vec();
    let mut rest = path;
    while let [first, more @ ..] = rest {
        match first.as_str() {
            "crate" => at.truncate(1),
            "super" => at.truncate(at.len().saturating_sub(1).max(1)),
            "self" => {}
            _ if rest.len() == path.len() => return path.to_vec(),
            _ => break,
        }
        rest = more;
    }
    [at.as_slice(), rest].concat()
}
