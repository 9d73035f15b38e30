//! How long a call may stand without a word, and who says that word (RFC 4028).
//!
//! ```text
//!               half of the interval          a third, at most 32 s, before its end
//! 2xx ─────────────► Refresh, if it is ours ────────► Expiry: BYE
//!  ▲                     │ UPDATE, else re-INVITE
//!  └───────── 2xx ◄──────┘
//! ```
//!
//! Each leg has an interval of its own. Once agreed, the one who refreshes stays the one who
//! refreshes, whoever sends what in between: calls are lost where the roles flip (T-6).

use crate::{
    base::time::Span,
    sip::{
        message::{
            Request, Response,
            ability::{Ability, Role},
        },
        settings::Settings,
    },
};

/// What the two sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Session {
    /// The interval.
    pub(in crate::sip) seconds: u32,
    /// Who refreshes.
    pub(in crate::sip) refresher: Refresher,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Refresher {
    Us,
    Them,
}

/// Their interval is shorter than we allow: 422 (RFC 4028 9).
pub(in crate::sip) struct TooSmall;

impl Session {
    /// What we answer to a request of theirs (RFC 4028 9, table 2). `None`: no timer runs.
    pub(in crate::sip) fn answering(
        settings: &Settings,
        theirs: &Ability,
        now: Option<Self>,
    ) -> Result<Option<Self>, TooSmall> {
        let min = settings.session_expires_min;
        if theirs.timer && theirs.expires.is_some_and(|it| it < min) {
            return Err(TooSmall);
        }
        let wanted = match (theirs.expires, theirs.timer) {
            (Some(theirs), _) => theirs.min(settings.session_expires),
            (None, true) => now.map_or(settings.session_expires, |now| now.seconds),
            (None, false) => return Ok(None),
        };
        let refresher = match (theirs.timer, theirs.refresher, now) {
            (false, ..) => Refresher::Us,
            (true, Some(Role::Uac), _) => Refresher::Them,
            (true, Some(Role::Uas), _) => Refresher::Us,
            (true, None, Some(now)) => now.refresher,
            (true, None, None) if theirs.expires.is_some() => Refresher::Them,
            (true, None, None) => Refresher::Us,
        };
        Ok(Some(Self { seconds: wanted.max(theirs.min_se).max(min), refresher }))
    }

    /// What their answer to a request of ours makes of it (RFC 4028 7.2).
    pub(in crate::sip) fn answered(theirs: &Ability) -> Option<Self> {
        let refresher = match theirs.refresher {
            Some(Role::Uas) => Refresher::Them,
            Some(Role::Uac) | None => Refresher::Us,
        };
        // Shorter than this no agreement can be (RFC 4028 5).
        Some(Self { seconds: theirs.expires?.max(90), refresher })
    }

    /// The 422 to a request whose interval is shorter than we allow.
    pub(in crate::sip) fn too_small(settings: &Settings, request: &Request) -> Response {
        request.answer(422).with("Min-SE", settings.session_expires_min.to_string())
    }

    /// As a 2xx of ours says it.
    pub(in crate::sip) fn worded(self, response: Response) -> Response {
        let role = match self.refresher {
            Refresher::Us => "uas",
            Refresher::Them => "uac",
        };
        let response =
            response.with("Session-Expires", format!("{};refresher={role}", self.seconds));
        match self.refresher {
            Refresher::Us => response,
            Refresher::Them => response.with("Require", "timer"),
        }
    }

    /// When whoever refreshes does so (RFC 4028 7.4).
    pub(super) fn half(self) -> Span {
        Span::secs(u64::from(self.seconds) / 2)
    }

    /// When whoever waits for a refresh gives up (RFC 4028 10).
    pub(super) fn end(self) -> Span {
        Span::secs(u64::from(self.seconds - (self.seconds / 3).min(32)))
    }
}

/// What our INVITE, re-INVITE or UPDATE says of it: as agreed, else as we would like it.
pub(in crate::sip) fn asking(
    request: Request,
    settings: &Settings,
    session: Option<Session>,
    min_se: u32,
) -> Request {
    let min = settings.session_expires_min.max(min_se);
    let expires = match session {
        None => settings.session_expires.max(min).to_string(),
        Some(Session { seconds, refresher }) => {
            let role = match refresher {
                Refresher::Us => "uac",
                Refresher::Them => "uas",
            };
            format!("{};refresher={role}", seconds.max(min))
        }
    };
    request.with("Session-Expires", expires).with("Min-SE", min.to_string())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::sip::stories::ladder::settings;

    /// RFC 4028 9, table 2, and what was agreed before.
    #[test]
    fn who_refreshes_is_agreed_once() {
        let us = Session { seconds: 1800, refresher: Refresher::Us };
        let them = Session { seconds: 1800, refresher: Refresher::Them };
        let mut told = String::new();
        for timer in [false, true] {
            for refresher in [None, Some(Role::Uac), Some(Role::Uas)] {
                for now in [None, Some(us), Some(them)] {
                    let theirs =
                        Ability { timer, refresher, expires: Some(1800), ..Ability::default() };
                    let agreed = Session::answering(&settings(), &theirs, now);
                    let agreed = agreed.ok().flatten().map(|it| it.refresher);
                    let now = now.map(|it| it.refresher);
                    writeln!(told, "{timer} {refresher:?} {now:?}: {agreed:?}").unwrap();
                }
            }
        }
        assert_eq!(
            told,
            "\
false None None: Some(Us)
false None Some(Us): Some(Us)
false None Some(Them): Some(Us)
false Some(Uac) None: Some(Us)
false Some(Uac) Some(Us): Some(Us)
false Some(Uac) Some(Them): Some(Us)
false Some(Uas) None: Some(Us)
false Some(Uas) Some(Us): Some(Us)
false Some(Uas) Some(Them): Some(Us)
true None None: Some(Them)
true None Some(Us): Some(Us)
true None Some(Them): Some(Them)
true Some(Uac) None: Some(Them)
true Some(Uac) Some(Us): Some(Them)
true Some(Uac) Some(Them): Some(Them)
true Some(Uas) None: Some(Us)
true Some(Uas) Some(Us): Some(Us)
true Some(Uas) Some(Them): Some(Us)
"
        );
    }

    #[test]
    fn the_interval_is_theirs_within_what_both_allow() {
        let agreed = |timer, expires, min_se| {
            let theirs = Ability { timer, expires, min_se, ..Ability::default() };
            Session::answering(&settings(), &theirs, None).map(|it| it.map(|it| it.seconds))
        };
        assert_eq!(agreed(true, Some(3600), 900).ok(), Some(Some(1800)));
        assert_eq!(agreed(true, Some(3600), 2400).ok(), Some(Some(2400)));
        assert_eq!(agreed(true, Some(600), 0).ok(), Some(Some(600)));
        assert!(agreed(true, Some(60), 0).is_err());
        // A proxy's wish; the caller would not understand a 422.
        assert_eq!(agreed(false, Some(60), 0).ok(), Some(Some(90)));
        assert_eq!(agreed(true, None, 0).ok(), Some(Some(1800)));
        assert_eq!(agreed(false, None, 0).ok(), Some(None));
    }
}
