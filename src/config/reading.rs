//! One value of the file, held against its kind: either what it means, or what is wrong with it.
//!
//! ```text
//! Node ("15s" at 120..125) + Kind (Time 1s..2m) ──► Meant::Time(15 s), or a fault
//! ```
//!
//! Nothing here knows of other values: names are looked up later.

use std::net::{IpAddr, SocketAddr};

use crate::{
    acd::plan::Level,
    base::{masked::Masked, time::Span},
    config::{
        entry::{Entry, Given, Meant, Secret},
        fault::{Found, instead, near},
        file::{self, Node, Pair, Place, Says},
        schema::{Absent, Key, Kind, word},
    },
    sip::wire::Transport,
};

/// The level of a skill that an agent simply has, and the best there is.
const EXPERT: Level = 10;

/// The most names one series may stand for.
const SERIES_MAX: u64 = 10_000;

/// Reads a table: every key known and of its kind, what is missing filled in.
pub fn table(pairs: &[Pair], place: &Place, keys: &'static [Key], found: &mut Found) -> Entry {
    for pair in pairs {
        if !keys.iter().any(|key| key.name == pair.key) {
            let names = keys.iter().map(|key| key.name);
            let instead = instead(&pair.key, names);
            let says = format!("unknown key `{}`{instead}", pair.key);
            found.error("unknown-key", &pair.place, says);
        }
    }
    let keys = keys.iter().map(|key| {
        let written = pairs.iter().find(|pair| pair.key == key.name);
        let given = match written {
            None => absent(key, place, found),
            Some(pair) => {
                // What was written wrong counts as not written, so that it is reported once.
                let value = value(&pair.value, &key.kind, found).unwrap_or_else(|| default(key));
                Given { value, place: pair.value.place.clone(), written: true }
            }
        };
        (key.name, given)
    });
    Entry { place: place.clone(), keys: keys.collect() }
}

fn absent(key: &Key, place: &Place, found: &mut Found) -> Given {
    if matches!(key.absent, Absent::Must) {
        let says = format!("`{}` is missing: {}", key.name, key.kind.allowed());
        found.error("missing", place, says);
    }
    Given { value: default(key), place: place.clone(), written: false }
}

/// The default of a key, or nothing.
fn default(key: &Key) -> Meant {
    let Some(default) = key.default() else { return Meant::Nothing };
    let node = file::parse_value(&default).expect("every default is TOML, as a test shows");
    value(&node, &key.kind, &mut Found::default()).unwrap_or(Meant::Nothing)
}

/// Reads a value. What is wrong with it is put into `found`, and nothing comes back.
pub fn value(node: &Node, kind: &Kind, found: &mut Found) -> Option<Meant> {
    match (kind, &node.says) {
        (Kind::List(each), Says::List(nodes)) => {
            let given = |node: &Node| {
                let value = value(node, each, found).unwrap_or(Meant::Nothing);
                Given { value, place: node.place.clone(), written: true }
            };
            Some(Meant::List(nodes.iter().map(given).collect()))
        }
        (Kind::Table(keys), Says::Table(pairs)) => {
            Some(Meant::Table(table(pairs, &node.place, keys, found)))
        }
        (Kind::Levels, Says::Table(pairs)) => {
            let given = |pair: &Pair| {
                let Some(Meant::Count(level)) = value(&pair.value, &Kind::Count(1, 10), found)
                else {
                    return None;
                };
                let level = Level::try_from(level).unwrap_or(EXPERT);
                let value = Meant::Skill(pair.key.clone(), level);
                Some(Given { value, place: pair.place.clone(), written: true })
            };
            Some(Meant::List(pairs.iter().filter_map(given).collect()))
        }
        (Kind::Levels, Says::List(nodes)) => {
            let given = |node: &Node| {
                let Some(Meant::Text(name)) = value(node, &Kind::Name, found) else { return None };
                let value = Meant::Skill(name, EXPERT);
                Some(Given { value, place: node.place.clone(), written: true })
            };
            Some(Meant::List(nodes.iter().filter_map(given).collect()))
        }
        (Kind::Secret, Says::Table(pairs)) => secret(pairs, &node.place, found),
        (kind, says) => match plain(kind, says) {
            Ok(meant) => Some(meant),
            Err(wrong) => {
                found.error(wrong.code(), &node.place, wrong.words(kind, says));
                None
            }
        },
    }
}

fn secret(pairs: &[Pair], place: &Place, found: &mut Found) -> Option<Meant> {
    const KEYS: &[Key] = &[
        Key { name: "file", kind: Kind::Text, absent: Absent::May("env"), about: "" },
        Key { name: "env", kind: Kind::Text, absent: Absent::May("file"), about: "" },
    ];
    let entry = table(pairs, place, KEYS, found);
    match (entry.may_text("file"), entry.may_text("env")) {
        (Some(path), None) => Some(Meant::Secret(Secret::File(path.to_owned()))),
        (None, Some(name)) => Some(Meant::Secret(Secret::Env(name.to_owned()))),
        (Some(_), Some(_)) => {
            found.error("conflict", place, "either `file` or `env`, not both".into());
            None
        }
        (None, None) => {
            found.error("missing", place, format!("expected {}", Kind::Secret.allowed()));
            None
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    /// It is of another type, or cannot be read as what it should be.
    Kind,
    /// It could be meant, but is out of bounds.
    Less(String),
    /// As `Less`, at the other end.
    More(String),
    /// It is no such word; perhaps this one was meant.
    Word(Option<&'static str>),
    /// Something of its own.
    Own(&'static str),
}

impl Wrong {
    const fn code(&self) -> &'static str {
        match self {
            Self::Kind | Self::Own(_) => "wrong-value",
            Self::Less(_) | Self::More(_) => "out-of-range",
            Self::Word(_) => "unknown-word",
        }
    }

    fn words(&self, kind: &Kind, says: &Says) -> String {
        let shown = shown(kind, says);
        match self {
            Self::Kind => format!("{shown} is not {}", kind.allowed()),
            Self::Less(least) => format!("{shown} is less than the minimum of {least}"),
            Self::More(most) => format!("{shown} is greater than the maximum of {most}"),
            Self::Word(near) => {
                let near = near.map(|it| format!(", did you mean \"{it}\"?")).unwrap_or_default();
                format!("{shown} is not {}{near}", kind.allowed())
            }
            Self::Own(why) => format!("{shown}: {why}"),
        }
    }
}

fn shown(kind: &Kind, says: &Says) -> String {
    match (kind, says) {
        (Kind::Secret, _) => "this".into(),
        (_, Says::Text(text)) => format!("{text:?}"),
        (_, Says::Number(number)) => number.to_string(),
        (_, Says::Flag(flag)) => flag.to_string(),
        (_, Says::Fraction(number)) => number.to_string(),
        (_, Says::Other) => "a date".into(),
        (_, Says::List(_)) => "a list".into(),
        (_, Says::Table(_)) => "a table".into(),
    }
}

/// Kinds that are not made of others.
fn plain(kind: &Kind, says: &Says) -> Result<Meant, Wrong> {
    match (kind, says) {
        (Kind::Flag, Says::Flag(flag)) => Ok(Meant::Flag(*flag)),
        (Kind::Count(min, max), Says::Number(number)) => match u64::try_from(*number) {
            Ok(count) if count > *max => Err(Wrong::More(max.to_string())),
            Ok(count) if count >= *min => Ok(Meant::Count(count)),
            _ => Err(Wrong::Less(min.to_string())),
        },
        #[allow(clippy::cast_precision_loss)] // Beyond 2^53 nobody counts exactly.
        (Kind::Number(min, max), Says::Number(number)) => number_within(*number as f64, *min, *max),
        (Kind::Number(min, max), Says::Fraction(number)) => number_within(*number, *min, *max),
        (Kind::TimeOrNever(..), Says::Text(text)) if text == "never" => Ok(Meant::Nothing),
        (Kind::Time(min, max) | Kind::TimeOrNever(min, max), Says::Text(text)) => {
            match time(text).ok_or(Wrong::Kind)? {
                span if span > *max => Err(Wrong::More(word(*max))),
                span if span < *min => Err(Wrong::Less(word(*min))),
                span => Ok(Meant::Time(span)),
            }
        }
        (Kind::Time(..) | Kind::TimeOrNever(..), Says::Number(_)) => {
            Err(Wrong::Own("a time needs its unit, in quotes: \"15s\", \"250ms\", \"2m\", \"1h\""))
        }
        (Kind::Secret, Says::Text(text)) if !text.is_empty() => {
            Ok(Meant::Secret(Secret::Here(Masked::new(text))))
        }
        (Kind::Path, Says::Text(text)) if !text.is_empty() => Ok(Meant::Path(text.into())),
        (_, Says::Text(text)) => from_text(kind, text),
        _ => Err(Wrong::Kind),
    }
}

fn from_text(kind: &Kind, text: &str) -> Result<Meant, Wrong> {
    let all = |good: fn(char) -> bool| !text.is_empty() && text.chars().all(good);
    let as_text = |good: bool| good.then(|| Meant::Text(text.to_owned())).ok_or(Wrong::Kind);
    match kind {
        Kind::Text | Kind::Sound => as_text(all(|it| !it.is_control())),
        Kind::Name => as_text(all(is_of_a_name) && text.len() <= 64),
        // Looked up later; anything may be asked for.
        Kind::NameOf(_) => as_text(true),
        Kind::Word(words) => match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Meant::Text((*word).to_owned())),
            None => Err(Wrong::Word(near(text, words.iter().copied()))),
        },
        Kind::Digits => {
            let digits = text.strip_prefix('+').unwrap_or(text);
            as_text(!digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()))
        }
        Kind::Code => as_text(all(|it| it.is_ascii_digit() || it == '*' || it == '#')),
        Kind::Clock => clock(text).map(Meant::Time).ok_or(Wrong::Kind),
        Kind::Series => series(text),
        Kind::Host => text.parse().map(Meant::Host).map_err(|_| Wrong::Kind),
        Kind::Address => text.parse().map(Meant::Address).map_err(|_| Wrong::Kind),
        Kind::Listen => listen(text).ok_or(Wrong::Kind),
        Kind::Network => network(text),
        Kind::Ports => ports(text),
        Kind::Need => need(text).ok_or(Wrong::Kind),
        Kind::Flag
        | Kind::Count(..)
        | Kind::Number(..)
        | Kind::Time(..)
        | Kind::TimeOrNever(..)
        | Kind::Levels
        | Kind::Secret
        | Kind::Path
        | Kind::List(_)
        | Kind::Table(_) => Err(Wrong::Kind),
    }
}

const fn is_of_a_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-')
}

fn number_within(number: f64, min: f64, max: f64) -> Result<Meant, Wrong> {
    match number {
        _ if number > max => Err(Wrong::More(max.to_string())),
        _ if number >= min => Ok(Meant::Number(number)),
        _ if number.is_nan() => Err(Wrong::Kind),
        _ => Err(Wrong::Less(min.to_string())),
    }
}

/// `07:30`, `07:30:15`, and `24:00` for the end of a day: the time since midnight.
fn clock(text: &str) -> Option<Span> {
    let mut parts = text.split(':');
    let mut part = |most: u64| {
        let digits = parts.next().filter(|it| it.len() == 2)?;
        digits.parse::<u64>().ok().filter(|it| *it <= most)
    };
    let (hours, minutes) = (part(24)?, part(59)?);
    let seconds = if text.len() > 5 { part(59)? } else { 0 };
    let span = Span::secs(hours * 3_600 + minutes * 60 + seconds);
    (parts.next().is_none() && span <= Span::secs(86_400)).then_some(span)
}

/// `15s`, `250ms`, `2m`, `1h`, `1.5s`.
fn time(text: &str) -> Option<Span> {
    let unit_at = text.find(|it: char| !it.is_ascii_digit() && it != '.')?;
    let (number, unit) = text.split_at_checked(unit_at)?;
    let unit: u64 = match unit {
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    // Six digits of a fraction are microseconds when the unit is a second; more tell nothing.
    if fraction.is_empty() || fraction.len() > 6 {
        return None;
    }
    let parts = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(unit)? / parts;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(fraction).map(Span::micros)
}

/// `1001-1028`: the part that counts stands at the end, and keeps its width.
fn series(text: &str) -> Result<Meant, Wrong> {
    let (first, last) = text.split_once('-').ok_or(Wrong::Kind)?;
    let stem = first.trim_end_matches(|it: char| it.is_ascii_digit());
    let digits = |name: &str| name.strip_prefix(stem).map(str::to_owned).ok_or(Wrong::Kind);
    let (from, to) = (digits(first)?, digits(last)?);
    if !first.chars().chain(last.chars()).all(is_of_a_name) || from.len() != to.len() {
        return Err(Wrong::Kind);
    }
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| Wrong::Kind);
    let (low, high) = (number(&from)?, number(&to)?);
    if low > high {
        return Err(Wrong::Own("the first of a series comes before its last"));
    }
    if high - low >= SERIES_MAX {
        return Err(Wrong::Own("a series of more than 10000 names"));
    }
    let width = from.len();
    Ok(Meant::Series((low..=high).map(|it| format!("{stem}{it:0width$}")).collect()))
}

fn listen(text: &str) -> Option<Meant> {
    let (transport, address) = text.split_once("://")?;
    let transport = Transport::ALL.into_iter().find(|it| it.word() == transport)?;
    Some(Meant::Listen(transport, address.parse::<SocketAddr>().ok()?))
}

fn network(text: &str) -> Result<Meant, Wrong> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().map_err(|_| Wrong::Kind)?;
    let (all, value) = match address {
        IpAddr::V4(v4) => (32, u128::from(u32::from(v4)) << 96),
        IpAddr::V6(v6) => (128, u128::from(v6)),
    };
    let bits: u8 = match bits {
        None => all,
        Some(bits) => bits.parse().map_err(|_| Wrong::Kind)?,
    };
    if bits > all {
        return Err(Wrong::More(format!("/{all}")));
    }
    let within = value.checked_shl(u32::from(bits)).unwrap_or(0);
    if within != 0 {
        return Err(Wrong::Own("the address has bits beyond the prefix; which network is meant?"));
    }
    Ok(Meant::Network(address, bits))
}

fn ports(text: &str) -> Result<Meant, Wrong> {
    let (first, last) = text.split_once('-').ok_or(Wrong::Kind)?;
    let port = |text: &str| text.trim().parse::<u16>().map_err(|_| Wrong::Kind);
    let (first, last) = (port(first)?, port(last)?);
    if first < 1_024 {
        return Err(Wrong::Own("ports below 1024 belong to the system"));
    }
    if last <= first {
        return Err(Wrong::Own("the first port comes before the last"));
    }
    Ok(Meant::Ports(first, last))
}

fn need(text: &str) -> Option<Meant> {
    let (name, level) = text.split_once(">=").unwrap_or((text, "1"));
    let (name, level) = (name.trim(), level.trim().parse::<Level>().ok()?);
    let good = !name.is_empty() && name.chars().all(is_of_a_name) && (1..=EXPERT).contains(&level);
    good.then(|| Meant::Skill(name.to_owned(), level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(kind: Kind, toml: &str) -> String {
        let mut found = Found::default();
        let node = file::parse_value(toml).unwrap();
        match value(&node, &kind, &mut found) {
            Some(meant) => format!("{meant:?}"),
            None => found.list.iter().map(|it| it.says.clone()).collect::<Vec<_>>().join("; "),
        }
    }

    #[test]
    fn each_kind_reads_what_it_should_and_says_what_it_would_have_liked() {
        const TIME: Kind = Kind::Time(Span::secs(1), Span::secs(120));
        for (kind, toml, expected) in [
            (TIME, r#""15s""#, "Time(Span(15000000))"),
            (TIME, r#""1.5s""#, "Time(Span(1500000))"),
            (TIME, r#""2m""#, "Time(Span(120000000))"),
            (TIME, r#""3m""#, "\"3m\" is greater than the maximum of 2m"),
            (TIME, r#""250ms""#, "\"250ms\" is less than the minimum of 1s"),
            (TIME, r#""15""#, "\"15\" is not a time from \"1s\" to \"2m\""),
            (
                TIME,
                r#""99999999999999999999h""#,
                "\"99999999999999999999h\" is not a time from \"1s\" to \"2m\"",
            ),
            (
                TIME,
                "15",
                "15: a time needs its unit, in quotes: \"15s\", \"250ms\", \"2m\", \"1h\"",
            ),
            (Kind::TimeOrNever(Span::ZERO, Span::secs(9)), r#""never""#, "Nothing"),
            (Kind::Count(1, 10), "10", "Count(10)"),
            (Kind::Count(1, 10), "11", "11 is greater than the maximum of 10"),
            (Kind::Count(1, 10), "-1", "-1 is less than the minimum of 1"),
            (Kind::Flag, r#""yes""#, "\"yes\" is not true or false"),
            (
                Kind::Word(&["longest", "c"]),
                r#""longset""#,
                "\"longset\" is not \"longest\" or \"c\", did you mean \"longest\"?",
            ),
            (Kind::Series, r#""1001-1003""#, r#"Series(["1001", "1002", "1003"])"#),
            (Kind::Series, r#""desk08-desk10""#, r#"Series(["desk08", "desk09", "desk10"])"#),
            (
                Kind::Series,
                r#""1003-1001""#,
                "\"1003-1001\": the first of a series comes before its last",
            ),
            (
                Kind::Series,
                r#""1-99999""#,
                "\"1-99999\" is not first and last of a series, such as \"1001-1028\"",
            ),
            (
                Kind::Series,
                r#""00001-99999""#,
                "\"00001-99999\": a series of more than 10000 names",
            ),
            (Kind::Listen, r#""udp://[::1]:5060""#, "Listen(Udp, [::1]:5060)"),
            (Kind::Network, r#""10.0.0.0/8""#, "Network(10.0.0.0, 8)"),
            (Kind::Network, r#""2001:db8::/32""#, "Network(2001:db8::, 32)"),
            (Kind::Network, r#""0.0.0.0/0""#, "Network(0.0.0.0, 0)"),
            (Kind::Network, r#""192.0.2.7""#, "Network(192.0.2.7, 32)"),
            (
                Kind::Network,
                r#""192.0.2.7/24""#,
                "\"192.0.2.7/24\": the address has bits beyond the prefix; which network is meant?",
            ),
            (
                Kind::Network,
                r#""192.0.2.0/33""#,
                "\"192.0.2.0/33\" is greater than the maximum of /32",
            ),
            (Kind::Ports, r#""20000-20999""#, "Ports(20000, 20999)"),
            (
                Kind::Ports,
                r#""20999-20000""#,
                "\"20999-20000\": the first port comes before the last",
            ),
            (Kind::Need, r#""german >= 3""#, "Skill(\"german\", 3)"),
            (Kind::Need, r#""german""#, "Skill(\"german\", 1)"),
            (
                Kind::Need,
                r#""german>=11""#,
                "\"german>=11\" is not a skill, perhaps with its least level: \"german\", \"german>=3\"",
            ),
            (
                Kind::Levels,
                "{ german = 5 }",
                "List([Given { value: Skill(\"german\", 5), place: 0..0, written: true }])",
            ),
            (Kind::Secret, r#""s3cret""#, "Secret(Here(***))"),
            (Kind::Secret, "{ file = \"a\", env = \"b\" }", "either `file` or `env`, not both"),
            (
                Kind::Secret,
                "7",
                "this is not a secret: { file = \"…\" }, { env = \"…\" }, or the secret itself",
            ),
            (
                Kind::Name,
                r#""two words""#,
                "\"two words\" is not a name of letters, digits, '.', '_' and '-'",
            ),
            (Kind::Digits, r#""+493411230""#, "Text(\"+493411230\")"),
        ] {
            assert_eq!(says(kind, toml), expected, "{toml}");
        }
    }

    #[test]
    fn times_of_day_and_fractions_are_read_too() {
        for (kind, toml, expected) in [
            (Kind::Clock, r#""07:30""#, "Time(Span(27000000000))"),
            (Kind::Clock, r#""24:00""#, "Time(Span(86400000000))"),
            (
                Kind::Clock,
                r#""7:30""#,
                "\"7:30\" is not a time of day such as \"07:30\" or \"07:30:15\"",
            ),
            (Kind::Number(0.0, 1.0), "0.25", "Number(0.25)"),
            (Kind::Number(0.0, 1.0), "1", "Number(1.0)"),
            (Kind::Number(0.0, 1.0), "1.5", "1.5 is greater than the maximum of 1"),
            (Kind::Number(0.0, f64::INFINITY), "nan", "NaN is not a number of at least 0"),
        ] {
            assert_eq!(says(kind, toml), expected, "{toml}");
        }
    }
}
