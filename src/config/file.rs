//! The file as it was written: TOML as a tree in which every value knows its place in the text.
//!
//! A tree of our own, because `[queue.full]`, `full = { … }` and `full.waiting = 60` are three
//! spellings of one thing, and whoever checks should see one.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, TomlError, Value};

/// Which bytes of the text.
pub type Place = Range<usize>;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it says.
    pub says: Says,
    /// Where: the value; for a table with a header, the header.
    pub place: Place,
}

/// What a value says.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// `"…"`
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Flag(bool),
    /// A number with a point.
    Fraction(f64),
    /// Dates and times: we have no use for them.
    Other,
    /// `[…]`, or the tables under one `[[…]]`.
    List(Vec<Node>),
    /// `{…}`, or what stands under a `[…]`; in the order written.
    Table(Vec<Pair>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The key's name.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// Reads TOML. The error is the parser's first; it has a message and a place.
pub fn parse(text: &str) -> Result<Node, TomlError> {
    let document = Document::parse(text)?;
    Ok(Node { says: Says::Table(pairs(document.as_table())), place: 0..0 })
}

/// Reads one TOML value. Without places.
pub fn parse_value(text: &str) -> Result<Node, TomlError> {
    Ok(value(&text.parse::<Value>()?, &(0..0)))
}

fn pairs(table: &dyn TableLike) -> Vec<Pair> {
    let keys = table.iter().filter_map(|(name, _)| table.get_key_value(name));
    keys.map(|(key, item)| {
        let place = key.span().unwrap_or_default();
        let value = node(item, &place);
        Pair { key: key.get().to_owned(), place, value }
    })
    .collect()
}

/// What has no place of its own, as a table made by dotted keys, stands where its key stands.
fn node(item: &Item, key: &Place) -> Node {
    let place = item.span().unwrap_or_else(|| key.clone());
    match item {
        Item::None => Node { says: Says::Other, place },
        Item::Value(it) => value(it, key),
        Item::Table(table) => Node { says: Says::Table(pairs(table)), place },
        Item::ArrayOfTables(tables) => {
            let entry = |table: &toml_edit::Table| {
                let place = table.span().unwrap_or_else(|| key.clone());
                Node { says: Says::Table(pairs(table)), place }
            };
            Node { says: Says::List(tables.iter().map(entry).collect()), place }
        }
    }
}

fn value(value: &Value, key: &Place) -> Node {
    let place = value.span().unwrap_or_else(|| key.clone());
    let says = match value {
        Value::String(text) => Says::Text(text.value().clone()),
        Value::Integer(number) => Says::Number(*number.value()),
        Value::Boolean(flag) => Says::Flag(*flag.value()),
        Value::Float(fraction) => Says::Fraction(*fraction.value()),
        Value::Datetime(_) => Says::Other,
        Value::Array(list) => Says::List(list.iter().map(|it| self::value(it, key)).collect()),
        Value::InlineTable(table) => Says::Table(pairs(table)),
    };
    Node { says, place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_table_is_the_same_tree_and_knows_its_places() {
        let full = |text: &str| {
            let Says::Table(top) = parse(text).unwrap().says else { panic!("a table") };
            let Says::List(queues) = &top[0].value.says else { panic!("a list") };
            let Says::Table(queue) = &queues[0].says else { panic!("a table") };
            let Says::Table(full) = &queue[0].value.says else { panic!("a table") };
            (
                full[0].value.says.clone(),
                text[full[0].place.clone()].to_owned(),
                queues[0].place.clone(),
            )
        };
        let expected = (Says::Number(60), "waiting".to_owned(), 0..9);
        for text in [
            "[[queue]]\nfull = { waiting = 60 }",
            "[[queue]]\nfull.waiting = 60",
            "[[queue]]\n[queue.full]\nwaiting = 60",
        ] {
            assert_eq!(full(text), expected, "{text}");
        }
    }
}
