//! What the rows of the table of keys are written with.

use crate::{
    base::time::Span,
    config::schema::{Absent, Key, Kind},
};

pub(super) const SECOND: Span = Span::secs(1);
pub(super) const MINUTE: Span = Span::secs(60);
pub(super) const HOUR: Span = Span::secs(3_600);
pub(super) const DAY: Span = Span::secs(86_400);

pub(super) const fn key(
    name: &'static str,
    kind: Kind,
    absent: Absent,
    about: &'static str,
) -> Key {
    Key { name, kind, absent, about }
}
