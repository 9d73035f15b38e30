//! The schema as documentation: tables for `docs/CONFIGURATION.md`, and a JSON Schema for editors
//! (`lotse config schema`).

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::config::{
    file::{self, Node, Says},
    keys::SECTIONS,
    schema::{Absent, Key, Kind, Section},
};

/// Every section with its keys, as Markdown.
#[must_use]
pub fn markdown(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        let Section { about, keys, .. } = section;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "## `{}`\n\n{about}\n", header(section));
        let _ = writeln!(text, "| key | what is allowed | if absent | what it does |");
        let _ = writeln!(text, "|---|---|---|---|");
        rows("", keys, &mut text);
        text.push('\n');
    }
    text
}

fn header(section: &Section) -> String {
    if section.many { format!("[[{}]]", section.name) } else { format!("[{}]", section.name) }
}

fn rows(before: &str, keys: &[Key], text: &mut String) {
    for key in keys {
        let name = format!("{before}{}", key.name);
        let list = matches!(key.kind, Kind::List(_));
        let allowed = match key.kind.keys() {
            [] => key.kind.allowed(),
            _ if list => "a list of tables".to_owned(),
            _ => "a table".to_owned(),
        };
        let absent = match (key.absent, key.default()) {
            (_, Some(default)) => format!("`{default}`"),
            (Absent::May(words), None) => words.to_owned(),
            (_, None) => "**must be there**".to_owned(),
        };
        let about = key.about;
        let _ = writeln!(text, "| `{name}` | {allowed} | {absent} | {about} |");
        rows(&format!("{name}{}.", if list { "[]" } else { "" }), key.kind.keys(), text);
    }
}

/// A JSON Schema (2020-12) of the file.
#[must_use]
pub fn json_schema() -> Value {
    let section = |section: &Section| {
        let table = table(section.keys);
        let mut schema =
            if section.many { json!({"type": "array", "items": table}) } else { table };
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), section.about.into());
        }
        (section.name.to_owned(), schema)
    };
    let sections: Map<String, Value> = SECTIONS.iter().map(section).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of Lotse",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

fn table(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut schema = kind(&key.kind);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), key.about.into());
            let default = key.default().and_then(|it| file::parse_value(&it).ok());
            if let Some(default) = default {
                schema.insert("default".into(), plain(&default));
            }
        }
        (key.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let must = keys.iter().filter(|it| matches!(it.absent, Absent::Must)).map(|it| it.name);
    let required: Vec<&str> = must.collect();
    json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Count(min, max) => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Number(min, max) if max.is_infinite() => json!({"type": "number", "minimum": min}),
        Kind::Number(min, max) => json!({"type": "number", "minimum": min, "maximum": max}),
        Kind::Clock => json!({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$"}),
        Kind::Time(..) => json!({"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h)$"}),
        Kind::TimeOrNever(..) => {
            json!({"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h)|never)$"})
        }
        Kind::Word(words) => json!({"enum": words}),
        Kind::Name => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
        Kind::Digits => json!({"type": "string", "pattern": r"^\+?\d+$"}),
        Kind::Code => json!({"type": "string", "pattern": r"^[0-9*#]+$"}),
        Kind::Listen => json!({"type": "string", "pattern": "^(udp|tcp|tls|ws|wss)://"}),
        Kind::Need => json!({"type": "string", "pattern": r"^[A-Za-z0-9._-]+(\s*>=\s*\d+)?$"}),
        Kind::Ports | Kind::Series => json!({"type": "string", "pattern": "^.+-.+$"}),
        Kind::Levels => {
            let level = json!({"type": "integer", "minimum": 1, "maximum": 10});
            json!({"anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": level},
            ]})
        }
        Kind::Secret => {
            let from = |key: &str| {
                json!({
                    "type": "object", "properties": {key: {"type": "string"}},
                    "required": [key], "additionalProperties": false,
                })
            };
            json!({"anyOf": [{"type": "string"}, from("file"), from("env")]})
        }
        Kind::Text
        | Kind::NameOf(_)
        | Kind::Host
        | Kind::Address
        | Kind::Network
        | Kind::Sound
        | Kind::Path => json!({"type": "string"}),
        Kind::List(each) => json!({"type": "array", "items": self::kind(each)}),
        Kind::Table(keys) => table(keys),
    }
}

fn plain(node: &Node) -> Value {
    match &node.says {
        Says::Text(text) => json!(text),
        Says::Number(number) => json!(number),
        Says::Fraction(number) => json!(number),
        Says::Flag(flag) => json!(flag),
        Says::Other => Value::Null,
        Says::List(nodes) => nodes.iter().map(plain).collect(),
        Says::Table(pairs) => {
            Value::Object(pairs.iter().map(|it| (it.key.clone(), plain(&it.value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{check::check, fault::Found, file::Pair, reading};

    #[test]
    fn every_default_is_of_its_key_s_own_kind_and_every_sentence_is_one() {
        fn walk(keys: &[Key]) {
            for key in keys {
                assert!(key.about.ends_with('.'), "{}: {}", key.name, key.about);
                if let Some(default) = key.default() {
                    let node = file::parse_value(&default).expect(key.name);
                    let mut found = Found::default();
                    let _ = reading::value(&node, &key.kind, &mut found);
                    assert!(found.list.is_empty(), "{}: {:?}", key.name, found.list);
                }
                walk(key.kind.keys());
            }
        }
        for section in SECTIONS {
            walk(section.keys);
        }
    }

    #[test]
    fn the_documentation_holds_every_key_as_it_is() {
        const MARK: &str =
            "<!-- From here on written by the tests; BLESS=1 writes it anew. -->\n\n";
        const PATH: &str = "docs/CONFIGURATION.md";
        let text = std::fs::read_to_string(PATH).unwrap();
        let (told, _) = text.split_once(MARK).expect("the mark is there");
        let expected = format!("{told}{MARK}{}", markdown(SECTIONS));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(PATH, &expected).unwrap();
        } else {
            assert!(text == expected, "{PATH} is not what the schema says; BLESS=1 writes it anew");
        }
    }

    /// In the example a line that begins with `#` and no space is a key with its default.
    #[test]
    fn the_example_names_every_key_with_the_default_that_it_has() {
        let text = include_str!("../../config/example.toml");
        let default = |line: &str| {
            let key = line.strip_prefix('#').filter(|it| it.starts_with(char::is_alphabetic));
            key.or(Some(line).filter(|it| it.starts_with('['))).map(|it| it.to_owned() + "\n")
        };
        let defaults: String = text.lines().filter_map(default).collect();
        let written = [file::parse(text).unwrap(), file::parse(&defaults).unwrap()];
        let mut faults = vec![];
        for section in SECTIONS {
            let sections: Vec<&Node> = written
                .iter()
                .flat_map(tables)
                .flatten()
                .filter(|it| it.key == section.name)
                .map(|it| &it.value)
                .collect();
            compare(section.name, section.keys, &sections, &mut faults);
        }
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    fn compare(name: &str, keys: &[Key], nodes: &[&Node], faults: &mut Vec<String>) {
        let tables: Vec<&[Pair]> = nodes.iter().flat_map(|it| tables(it)).collect();
        for key in keys {
            let name = format!("{name}.{}", key.name);
            let written: Vec<&Node> = tables
                .iter()
                .flat_map(|it| it.iter())
                .filter(|it| it.key == key.name)
                .map(|it| &it.value)
                .collect();
            if written.is_empty() {
                faults.push(format!("{name} is not there"));
            }
            if !key.kind.keys().is_empty() {
                compare(&name, key.kind.keys(), &written, faults);
            } else if let Some(default) = key.default() {
                let default = plain(&file::parse_value(&default).unwrap());
                if !written.iter().any(|it| plain(it) == default) {
                    faults.push(format!("{name}: the default {default} is not shown"));
                }
            }
        }
    }

    fn tables(node: &Node) -> Vec<&[Pair]> {
        match &node.says {
            Says::Table(pairs) => vec![pairs],
            Says::List(nodes) => nodes.iter().flat_map(tables).collect(),
            Says::Text(_) | Says::Number(_) | Says::Fraction(_) | Says::Flag(_) | Says::Other => {
                vec![]
            }
        }
    }

    #[test]
    fn the_files_that_we_ship_are_good() {
        for (name, text) in [
            ("config/example.toml", include_str!("../../config/example.toml")),
            ("config/dev.toml", include_str!("../../config/dev.toml")),
        ] {
            let checked = check(name, text, None).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!(checked.warnings.to_string(), "");
        }
        for (name, text) in [
            ("companyflex", include_str!("../../config/trunks/companyflex.toml")),
            ("single", include_str!("../../config/trunks/single.toml")),
            ("static", include_str!("../../config/trunks/static.toml")),
        ] {
            let text = ["COMPANYFLEX_PASSWORD", "TRUNK_PASSWORD", "PHONE_PASSWORD"]
                .iter()
                .fold(text.to_owned(), |text, it| text.replace(it, "CARGO_PKG_NAME"));
            let checked = check(name, &text, None).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!(checked.warnings.to_string(), "");
        }
        // Its only fault is that the password is not in the environment of this test.
        let minimal = include_str!("../../config/minimal.toml");
        let minimal = minimal.replace("PHONE_1001", "CARGO_PKG_NAME");
        let checked = check("config/minimal.toml", &minimal, None);
        assert_eq!(checked.unwrap_or_else(|faults| panic!("{faults}")).warnings.to_string(), "");
    }

    #[test]
    fn editors_get_a_schema_that_names_every_section() {
        let schema = json_schema();
        assert_eq!(schema["properties"].as_object().unwrap().len(), SECTIONS.len());
        assert_eq!(schema["properties"]["queue"]["items"]["required"], json!(["name"]));
        assert_eq!(schema["properties"]["sip"]["properties"]["t1"]["default"], "500ms");
    }
}
