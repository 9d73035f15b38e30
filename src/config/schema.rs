//! What may stand in the file: sections, keys, kinds of values. The table itself is in
//! [`keys`](crate::config::keys); checking, documentation and the JSON schema are read off it.

use crate::base::time::Span;

/// A table of the file, `[sip]`, or a list of tables, `[[queue]]`.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// As in the brackets.
    pub name: &'static str,
    /// Whether it is a list: `[[name]]`.
    pub many: bool,
    /// What it is for.
    pub about: &'static str,
    /// What may stand in it.
    pub keys: &'static [Key],
}

/// A key that may stand in a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Left of the `=`.
    pub name: &'static str,
    /// What may stand right of it.
    pub kind: Kind,
    /// What holds if it is not written.
    pub absent: Absent,
    /// What it does, and why one would change it.
    pub about: &'static str,
}

/// What holds if a key is not written.
#[derive(Clone, Copy, Debug)]
pub enum Absent {
    /// It must be written.
    Must,
    /// Nothing is set; these words say what that comes to.
    May(&'static str),
    /// As if this had been written: TOML, but for texts without their quotes.
    Is(&'static str),
}

/// What may stand right of the `=`.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds, both included.
    Count(u64, u64),
    /// A number, perhaps with a point, within bounds, both included.
    Number(f64, f64),
    /// `"07:30"`, `"07:30:15"`: a time of day, up to `"24:00"`.
    Clock,
    /// `"15s"`, `"250ms"`, `"2m"`, `"1h"`, within bounds, both included.
    Time(Span, Span),
    /// As `Time`, or `"never"`.
    TimeOrNever(Span, Span),
    /// Words for people.
    Text,
    /// What things are known by: letters, digits, `.`, `_` and `-`.
    Name,
    /// The name of an entry of this section.
    NameOf(&'static str),
    /// One of these.
    Word(&'static [&'static str]),
    /// What is dialled: digits, perhaps a leading `+`.
    Digits,
    /// What phones dial to tell something: digits, `*` and `#`.
    Code,
    /// `"1001-1028"`: names that count up, both ends included.
    Series,
    /// An IP address.
    Host,
    /// An IP address and port.
    Address,
    /// `"udp://192.0.2.1:5060"` or `"tcp://…"`.
    Listen,
    /// `"192.0.2.0/24"` or one address.
    Network,
    /// `"20000-29999"`: the first and the last port.
    Ports,
    /// `"german"` or `"german>=3"`.
    Need,
    /// `["german"]` or `{ german = 5 }`: skills an agent has.
    Levels,
    /// `{ file = "…" }`, `{ env = "…" }`, or the secret itself.
    Secret,
    /// A builtin sound, a WAV file, or `"none"`.
    Sound,
    /// A file or folder; relative ones are looked for beside the configuration.
    Path,
    /// Several of a kind.
    List(&'static Kind),
    /// A table with these keys.
    Table(&'static [Key]),
}

impl Kind {
    /// What is allowed, for people: "a whole number from 1 to 10".
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Flag => "true or false".into(),
            Self::Count(0, u64::MAX) => "a whole number".into(),
            Self::Count(min, max) => format!("a whole number from {min} to {max}"),
            Self::Number(min, max) if max.is_infinite() => format!("a number of at least {min}"),
            Self::Number(min, max) => format!("a number from {min} to {max}"),
            Self::Clock => "a time of day such as \"07:30\" or \"07:30:15\"".into(),
            Self::Time(min, max) => format!("a time from \"{}\" to \"{}\"", word(*min), word(*max)),
            Self::TimeOrNever(min, max) => {
                format!("a time from \"{}\" to \"{}\", or \"never\"", word(*min), word(*max))
            }
            Self::Text => "text".into(),
            Self::Name => "a name of letters, digits, '.', '_' and '-'".into(),
            Self::NameOf(section) => format!("the name of a [[{section}]]"),
            Self::Word(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                match quoted.split_last() {
                    Some((last, [])) => last.clone(),
                    Some((last, others)) => format!("{} or {last}", others.join(", ")),
                    None => String::new(),
                }
            }
            Self::Digits => "digits, perhaps with a leading '+'".into(),
            Self::Code => "a code of digits, '*' and '#', such as \"*10\"".into(),
            Self::Series => "first and last of a series, such as \"1001-1028\"".into(),
            Self::Host => "an IP address".into(),
            Self::Address => "an IP address and port, such as \"127.0.0.1:8080\"".into(),
            Self::Listen => {
                "\"udp://\", \"tcp://\", \"tls://\", \"ws://\" or \"wss://\" with an IP address and port, such as \"udp://0.0.0.0:5060\""
                    .into()
            }
            Self::Network => "an IP network such as \"192.0.2.0/24\", or an IP address".into(),
            Self::Ports => "first and last port, such as \"20000-29999\"".into(),
            Self::Need => "a skill, perhaps with its least level: \"german\", \"german>=3\"".into(),
            Self::Levels => {
                "a list of skills, [\"german\"], or a table of levels 1 to 10, { german = 5 }".into()
            }
            Self::Secret => "a secret: { file = \"…\" }, { env = \"…\" }, or the secret itself".into(),
            Self::Sound => {
                "a builtin sound, the path of a .wav file, or \"none\"".into()
            }
            Self::Path => "a path".into(),
            Self::List(kind) => format!("a list, each {}", kind.allowed()),
            Self::Table(keys) => {
                let names: Vec<_> = keys.iter().map(|key| key.name).collect();
                format!("a table with {}", names.join(", "))
            }
        }
    }

    /// The keys of a table, or of the tables in a list; none for other kinds.
    #[must_use]
    pub const fn keys(&self) -> &'static [Key] {
        if let Self::Table(keys) | Self::List(&Self::Table(keys)) = *self { keys } else { &[] }
    }

    /// Whether its default stands in quotes in TOML.
    #[must_use]
    pub const fn is_quoted(&self) -> bool {
        !matches!(
            self,
            Self::Flag
                | Self::Count(..)
                | Self::Number(..)
                | Self::Levels
                | Self::List(_)
                | Self::Table(_)
        )
    }
}

impl Key {
    /// The default as TOML, if there is one.
    #[must_use]
    pub fn default(&self) -> Option<String> {
        match self.absent {
            Absent::Is(text) if self.kind.is_quoted() => Some(format!("\"{text}\"")),
            Absent::Is(text) => Some(text.to_owned()),
            Absent::Must | Absent::May(_) => None,
        }
    }
}

/// A span as one would write it: the largest unit that leaves no rest.
#[must_use]
pub fn word(span: Span) -> String {
    match span.as_millis() {
        0 => "0s".into(),
        ms if ms % 3_600_000 == 0 => format!("{}h", ms / 3_600_000),
        ms if ms % 60_000 == 0 => format!("{}m", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{}s", ms / 1_000),
        ms => format!("{ms}ms"),
    }
}
