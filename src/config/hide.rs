//! Stars over secrets, so that showing a fault never shows the password beside it.

use crate::config::{
    file::{Node, Place, Says},
    keys::SECTIONS,
    schema::{Key, Kind},
};

/// The text with the secrets of its file starred out, every place as it was.
#[must_use]
pub fn secrets(file: &Node, text: &str) -> String {
    let mut places = vec![];
    if let Says::Table(top) = &file.says {
        for pair in top {
            let section = SECTIONS.iter().find(|it| it.name == pair.key);
            collect(&pair.value, section.map_or(&[], |it| it.keys), &mut places);
        }
    }
    starred(text, &places)
}

/// A file that cannot be read as TOML: whatever stands behind a key that sounds secret.
#[must_use]
pub fn secrets_of_any(text: &str) -> String {
    let mut places = vec![];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let key = line.split_once('=').map_or("", |(key, _)| key);
        if ["password", "secret", "token"].iter().any(|word| key.contains(word)) {
            places.push(start + key.len() + 1..start + line.trim_end().len());
        }
        start += line.len();
    }
    starred(text, &places)
}

fn collect(node: &Node, keys: &[Key], places: &mut Vec<Place>) {
    match &node.says {
        Says::List(nodes) => nodes.iter().for_each(|node| collect(node, keys, places)),
        Says::Table(pairs) => {
            for pair in pairs {
                let key = keys.iter().find(|key| key.name == pair.key);
                let text = matches!(pair.value.says, Says::Text(_));
                // A misspelt key may well hold a secret.
                match key.map(|key| key.kind) {
                    None | Some(Kind::Secret) if text => places.push(inside(&pair.value.place)),
                    // Where a secret is to be had is none.
                    Some(Kind::Secret) => {}
                    kind => collect(&pair.value, kind.map_or(&[], |kind| kind.keys()), places),
                }
            }
        }
        Says::Text(_) | Says::Number(_) | Says::Fraction(_) | Says::Flag(_) | Says::Other => {}
    }
}

/// A value's place without its quotes.
fn inside(place: &Place) -> Place {
    place.start + 1..place.end.saturating_sub(1)
}

/// Byte for byte, but for line ends.
fn starred(text: &str, places: &[Place]) -> String {
    let hidden = |at: usize| places.iter().any(|place| place.contains(&at));
    let star = |(at, byte): (usize, u8)| if hidden(at) && byte != b'\n' { b'*' } else { byte };
    let bytes = text.bytes().enumerate().map(star).collect();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file;

    #[test]
    fn passwords_and_what_stands_behind_misspelt_keys_become_stars() {
        let text = "[[phone]]\nuser = \"1001\"\npassword = \"pä55\"\npasword = \"x9\"\n\
                    [[http.token]]\nsecret = \"abc\"\nname = \"me\"\n";
        let shown = secrets(&file::parse(text).unwrap(), text);
        assert_eq!(
            shown,
            "[[phone]]\nuser = \"1001\"\npassword = \"*****\"\npasword = \"**\"\n\
                    [[http.token]]\nsecret = \"***\"\nname = \"me\"\n"
        );
        assert_eq!(secrets_of_any("a = 1\npassword = \"x"), "a = 1\npassword =***");
    }
}
