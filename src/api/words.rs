//! The API's words for why: why an agent is away, and which limit a call met.

use crate::acd::fact::{Limit, OWN_CALL, Outcome, Why};

/// Why an agent is away, in a word.
pub(super) fn reason(why: &Why) -> String {
    match why {
        Why::Asked(what) => what.clone(),
        Why::Lost(lost) => lost.word().to_owned(),
        Why::NoPhone => "no-phone".to_owned(),
        Why::OwnCall => OWN_CALL.to_owned(),
        Why::PhoneFailed => "phone-failed".to_owned(),
    }
}

/// Which limit a call met that was not served.
pub(super) const fn limit(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Overflowed(_, limit) | Outcome::TurnedAway(_, limit) => Some(match limit {
            Limit::Full => "full",
            Limit::Late => "late",
            Limit::Capacity => "capacity",
            Limit::Closed => "closed",
            Limit::Chosen => "chosen",
        }),
        Outcome::Answered(_)
        | Outcome::Abandoned
        | Outcome::ShortAbandoned
        | Outcome::Announced
        | Outcome::Failed => None,
    }
}
