//! A table of the file after it was held against the schema: every key has its value or its
//! default, in its own type, and knows where it was written.
//!
//! Asking for a key that the schema does not have, or in another type than it gives there, is
//! a mistake of ours and ends in an `expect`; the tests read every key.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use crate::{
    acd::plan::Level,
    base::{masked::Masked, time::Span},
    config::file::Place,
    sip::wire::Transport,
};

/// One `[sip]`, one of the `[[queue]]`s, one `{ … }`.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its header, or its braces; empty if it was not written at all.
    pub place: Place,
    /// Every key of its schema.
    pub keys: BTreeMap<&'static str, Given>,
}

/// A value, and where it was written.
#[derive(Clone, Debug)]
pub struct Given {
    /// What it says.
    pub value: Meant,
    /// Where; for a default, where the table is.
    pub place: Place,
    /// Whether it stands in the file; else it is the default.
    pub written: bool,
}

/// A value in its own type.
#[derive(Clone, Debug)]
pub enum Meant {
    /// Not written and without a default, or written wrong.
    Nothing,
    /// `Kind::Flag`.
    Flag(bool),
    /// `Kind::Count`.
    Count(u64),
    /// `Kind::Number`.
    Number(f64),
    /// `Kind::Time`, `Kind::Clock`; `Kind::TimeOrNever` unless never.
    Time(Span),
    /// Every kind of text.
    Text(String),
    /// `Kind::Series`: all of its names.
    Series(Vec<String>),
    /// `Kind::Host`.
    Host(IpAddr),
    /// `Kind::Address`.
    Address(SocketAddr),
    /// `Kind::Listen`.
    Listen(Transport, SocketAddr),
    /// `Kind::Network`.
    Network(IpAddr, u8),
    /// `Kind::Ports`.
    Ports(u16, u16),
    /// `Kind::Need`, and the parts of `Kind::Levels`.
    Skill(String, Level),
    /// `Kind::Secret`.
    Secret(Secret),
    /// `Kind::Path`.
    Path(PathBuf),
    /// `Kind::List`, `Kind::Levels`.
    List(Vec<Given>),
    /// `Kind::Table`.
    Table(Entry),
}

/// Where a secret is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// It stands in the file.
    Here(Masked),
    /// It is what that file says, less the white space at its end.
    File(String),
    /// It is what that environment variable says.
    Env(String),
}

const IN_SCHEMA: &str = "the schema has this key, of this kind";

/// What a pattern takes out of a value, if it is one of that variant.
macro_rules! may {
    ($value:expr, $variant:pat => $taken:expr) => {
        if let $variant = &$value { Some($taken) } else { None }
    };
}

impl Meant {
    /// The IP address with port that it is, if it is one.
    #[must_use]
    pub fn as_address(&self) -> Option<SocketAddr> {
        may!(*self, Self::Address(address) => *address)
    }
}

impl Entry {
    /// The key, as given.
    #[must_use]
    pub fn given(&self, key: &str) -> &Given {
        self.keys.get(key).expect(IN_SCHEMA)
    }

    /// Where the key was written; if it was not, where the table is.
    #[must_use]
    pub fn place(&self, key: &str) -> Place {
        self.given(key).place.clone()
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        may!(self.given(key).value, Meant::Flag(flag) => *flag).unwrap_or_default()
    }

    /// A count.
    #[must_use]
    pub fn may_count(&self, key: &str) -> Option<u64> {
        may!(self.given(key).value, Meant::Count(count) => *count)
    }

    /// A count that must be there; 0 if it was written wrong.
    #[must_use]
    pub fn count<N: TryFrom<u64> + Default>(&self, key: &str) -> N {
        self.may_count(key).and_then(|it| it.try_into().ok()).unwrap_or_default()
    }

    /// A number.
    #[must_use]
    pub fn may_number(&self, key: &str) -> Option<f64> {
        may!(self.given(key).value, Meant::Number(number) => *number)
    }

    /// A number that must be there; 0 if it was written wrong.
    #[must_use]
    pub fn number(&self, key: &str) -> f64 {
        self.may_number(key).unwrap_or_default()
    }

    /// A time.
    #[must_use]
    pub fn may_time(&self, key: &str) -> Option<Span> {
        may!(self.given(key).value, Meant::Time(span) => *span)
    }

    /// A time that must be there; zero if it was written wrong.
    #[must_use]
    pub fn time(&self, key: &str) -> Span {
        self.may_time(key).unwrap_or_default()
    }

    /// A text.
    #[must_use]
    pub fn may_text(&self, key: &str) -> Option<&str> {
        may!(self.given(key).value, Meant::Text(text) => text)
    }

    /// A text that must be there; empty if it was written wrong.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.may_text(key).unwrap_or_default()
    }

    /// The names of a series.
    #[must_use]
    pub fn series(&self, key: &str) -> &[String] {
        may!(self.given(key).value, Meant::Series(names) => names.as_slice()).unwrap_or_default()
    }

    /// An IP address.
    #[must_use]
    pub fn may_host(&self, key: &str) -> Option<IpAddr> {
        may!(self.given(key).value, Meant::Host(address) => *address)
    }

    /// An IP address with port.
    #[must_use]
    pub fn may_address(&self, key: &str) -> Option<SocketAddr> {
        may!(self.given(key).value, Meant::Address(address) => *address)
    }

    /// A transport and address.
    #[must_use]
    pub fn may_listen(&self, key: &str) -> Option<(Transport, SocketAddr)> {
        may!(self.given(key).value, Meant::Listen(transport, address) => (*transport, *address))
    }

    /// A range of ports.
    #[must_use]
    pub fn may_ports(&self, key: &str) -> Option<(u16, u16)> {
        may!(self.given(key).value, Meant::Ports(first, last) => (*first, *last))
    }

    /// Where a secret is to be had.
    #[must_use]
    pub fn may_secret(&self, key: &str) -> Option<&Secret> {
        may!(self.given(key).value, Meant::Secret(secret) => secret)
    }

    /// A path, as written.
    #[must_use]
    pub fn may_path(&self, key: &str) -> Option<&Path> {
        may!(self.given(key).value, Meant::Path(path) => path)
    }

    /// A list.
    #[must_use]
    pub fn list(&self, key: &str) -> &[Given] {
        may!(self.given(key).value, Meant::List(list) => list.as_slice()).unwrap_or_default()
    }

    /// A table.
    #[must_use]
    pub fn table(&self, key: &str) -> Option<&Self> {
        may!(self.given(key).value, Meant::Table(entry) => entry)
    }

    /// The tables in a list.
    pub fn tables(&self, key: &str) -> impl Iterator<Item = &Self> {
        self.list(key).iter().filter_map(|it| may!(it.value, Meant::Table(entry) => entry))
    }

    /// The skills in a list, each with its level and place.
    pub fn skills(&self, key: &str) -> impl Iterator<Item = (&str, Level, Place)> {
        self.list(key).iter().filter_map(|it| {
            may!(it.value, Meant::Skill(name, level) => (name.as_str(), *level, it.place.clone()))
        })
    }

    /// The texts in a list.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        self.list(key).iter().filter_map(|it| may!(it.value, Meant::Text(text) => text.as_str()))
    }

    /// The numbers in a list.
    pub fn numbers(&self, key: &str) -> impl Iterator<Item = f64> {
        self.list(key).iter().filter_map(|it| may!(it.value, Meant::Number(number) => *number))
    }

    /// The counts in a list.
    pub fn counts(&self, key: &str) -> impl Iterator<Item = u64> {
        self.list(key).iter().filter_map(|it| may!(it.value, Meant::Count(count) => *count))
    }

    /// The times in a list.
    pub fn times(&self, key: &str) -> impl Iterator<Item = Span> {
        self.list(key).iter().filter_map(|it| may!(it.value, Meant::Time(span) => *span))
    }

    /// The networks in a list, each with its place.
    pub fn networks(&self, key: &str) -> impl Iterator<Item = ((IpAddr, u8), Place)> {
        self.list(key).iter().filter_map(|it| {
            may!(it.value, Meant::Network(address, bits) => ((*address, *bits), it.place.clone()))
        })
    }

    /// The transports and addresses in a list, each with its place.
    pub fn listens(&self, key: &str) -> impl Iterator<Item = ((Transport, SocketAddr), Place)> {
        self.list(key).iter().filter_map(|it| {
            may!(it.value, Meant::Listen(transport, address) => {
                ((*transport, *address), it.place.clone())
            })
        })
    }
}
