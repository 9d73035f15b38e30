//! What people call a call: by its id, or by its number if it has none.

use std::{fmt, str::FromStr};

use crate::base::{
    numbers::CallNo,
    ucid::{NotAnUcid, Ucid},
};

/// A call as it is shown and asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallRef {
    /// By its id. Good for ever.
    Id(Ucid),
    /// By its number. Good as long as the process that gave it lives.
    Number(CallNo),
}

impl CallRef {
    /// The id, if there is one.
    #[must_use]
    pub fn new(number: CallNo, id: Option<Ucid>) -> Self {
        id.map_or(Self::Number(number), Self::Id)
    }
}

impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// Reads what `Display` writes.
impl FromStr for CallRef {
    type Err = NotAnUcid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => text.parse().map(Self::Id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_asked_for_by_its_id_or_by_its_number() {
        for text in ["1M8RQKQG0017QK00", "call-7", "call-7.2"] {
            assert_eq!(text.parse::<CallRef>().unwrap().to_string(), text);
        }
        for wrong in ["", "17", "leg-7", "call-", "1M8RQKQG0017QK0"] {
            assert_eq!(wrong.parse::<CallRef>(), Err(NotAnUcid), "{wrong}");
        }
    }
}
