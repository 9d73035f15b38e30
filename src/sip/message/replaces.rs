//! Replaces (RFC 3891): a call of ours, as its far side names it, whose place another is to take.
//!
//! ```text
//! REFER ?Replaces= ──► both calls are the same phone's: it brings their far sides together
//! INVITE, Replaces ──► the new call takes the place of the old one, which ends
//! ```
//!
//! Knows no dialog: what is meant is looked up elsewhere.

use crate::sip::message::uri::{Uri, unescape};

/// What a Replaces names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Replaces {
    pub(in crate::sip) call_id: String,
    /// Our tag: whoever takes another's place sees the dialog from that one's side.
    pub(in crate::sip) to_tag: String,
    pub(in crate::sip) from_tag: String,
    pub(in crate::sip) early_only: bool,
}

/// It names no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Unreadable;

impl Replaces {
    /// Reads the value of the header (RFC 3891 6.1).
    pub(in crate::sip) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let call_id = parts.next().filter(|it| !it.is_empty())?.to_owned();
        let (mut to_tag, mut from_tag, mut early_only) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if name.eq_ignore_ascii_case("to-tag") {
                to_tag = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("from-tag") {
                from_tag = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("early-only") {
                early_only = true;
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag?, early_only })
    }

    /// What a Refer-To carries, if it carries one.
    pub(in crate::sip) fn in_uri(to: &Uri) -> Result<Option<Self>, Unreadable> {
        let headers = to.headers();
        let is_it =
            |it: &&str| it.split('=').next().is_some_and(|it| it.eq_ignore_ascii_case("replaces"));
        let Some(one) = headers.split('&').find(is_it) else { return Ok(None) };
        let value = one.split_once('=').map_or("", |(_, value)| value);
        Self::read(&unescape(value)).map(Some).ok_or(Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_names_a_call_by_its_id_and_both_tags() {
        let read = |text| Replaces::read(text).map(|it| (it.call_id, it.to_tag, it.from_tag));
        let named = |id: &str| Some((id.to_owned(), "t".to_owned(), "f".to_owned()));
        assert_eq!(read("1@x;to-tag=t;from-tag=f"), named("1@x"));
        assert_eq!(read("1@x ; From-Tag=f ;TO-TAG=t;early-only;x=y"), named("1@x"));
        for half in ["", ";to-tag=t;from-tag=f", "1@x", "1@x;to-tag=t", "1@x;from-tag=f"] {
            assert_eq!(read(half), None, "{half}");
        }
        assert!(Replaces::read("1;to-tag=t;from-tag=f;early-only").unwrap().early_only);
    }

    #[test]
    fn a_refer_to_carries_it_escaped() {
        let within = |uri: &str| Replaces::in_uri(&uri.parse().unwrap());
        assert_eq!(within("sip:1002@x"), Ok(None));
        assert_eq!(within("sip:1002@x?Replaces=1"), Err(Unreadable));
        let found = within("sip:1002@x?Subject=a&replaces=1%40y%3Bto-tag%3Dt%3Bfrom-tag%3Df");
        assert_eq!(found, Ok(Replaces::read("1@y;to-tag=t;from-tag=f")));
    }
}
