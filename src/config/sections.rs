//! The whole file against the schema: which sections there are, each read into its entries.

use std::collections::BTreeMap;

use crate::config::{
    entry::Entry,
    fault::{Found, instead},
    file::{Node, Pair, Place, Says},
    reading,
    schema::Section,
};

/// Every section of the schema: one entry, or as many as were written.
#[derive(Clone, Debug)]
pub struct Sections(BTreeMap<&'static str, Vec<Entry>>);

const IN_SCHEMA: &str = "the schema has this section";

impl Sections {
    /// Holds a file against `schema`.
    pub fn read(file: &Node, schema: &'static [Section], found: &mut Found) -> Self {
        let top: &[Pair] = if let Says::Table(pairs) = &file.says { pairs } else { &[] };
        for pair in top.iter().filter(|pair| schema.iter().all(|it| it.name != pair.key)) {
            let instead = instead(&pair.key, schema.iter().map(|it| it.name));
            found.error(
                "unknown-section",
                &pair.place,
                format!("unknown section `{}`{instead}", pair.key),
            );
        }
        let entries = |section: &'static Section| {
            let written = top.iter().find(|pair| pair.key == section.name);
            (section.name, entries(section, written.map(|pair| &pair.value), found))
        };
        Self(schema.iter().map(entries).collect())
    }

    /// The entry of a section that there is one of.
    #[must_use]
    pub fn one(&self, name: &str) -> &Entry {
        self.many(name).first().expect(IN_SCHEMA)
    }

    /// The entries of a section that there may be many of.
    #[must_use]
    pub fn many(&self, name: &str) -> &[Entry] {
        self.0.get(name).expect(IN_SCHEMA)
    }
}

fn entries(section: &Section, written: Option<&Node>, found: &mut Found) -> Vec<Entry> {
    match (section.many, written.map(|it| (&it.says, &it.place))) {
        (true, None) => vec![],
        (false, None) => vec![one(section, &[], &Place::default(), found)],
        (false, Some((Says::Table(pairs), place))) => vec![one(section, pairs, place, found)],
        (true, Some((Says::List(nodes), _))) => {
            let tables = nodes.iter().filter_map(|node| {
                if let Says::Table(pairs) = &node.says {
                    return Some(one(section, pairs, &node.place, found));
                }
                let says = format!("[[{}]] expects tables", section.name);
                found.error("wrong-value", &node.place, says);
                None
            });
            tables.collect()
        }
        (true, Some((Says::Table(pairs), place))) => {
            let says = format!("there may be several: write [[{}]], not [{0}]", section.name);
            let entry = one(section, pairs, place, found);
            found.error("wrong-value", place, says);
            vec![entry]
        }
        (false, Some((Says::List(_), place))) => {
            let says = format!("there is only one: write [{}], not [[{0}]]", section.name);
            let entry = one(section, &[], place, found);
            found.error("wrong-value", place, says);
            vec![entry]
        }
        (many, Some((_, place))) => {
            let says = format!("`{}` is a section: write [{0}]", section.name);
            let entry = one(section, &[], place, found);
            found.error("wrong-value", place, says);
            if many { vec![] } else { vec![entry] }
        }
    }
}

fn one(section: &Section, pairs: &[Pair], place: &Place, found: &mut Found) -> Entry {
    reading::table(pairs, place, section.keys, found)
}
