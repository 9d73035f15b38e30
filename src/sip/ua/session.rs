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
    seconds: u32,
    /// Who refreshes.
    refresher: Refresher,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresher {
    Us,
    Them,
}

/// The session timer of one dialog: what was agreed, and what the next request has to heed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) struct SessionTimer {
    /// The interval in which it is refreshed. `None`: no timer runs.
    agreed: Option<Session>,
    /// The shortest interval that a 422 of theirs allows.
    min_se: u32,
    /// Whether they take UPDATE.
    takes_update: bool,
}

/// What becomes of a session whose refresh came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unrefreshed {
    /// They do not know the dialog, or are not there: it is lost (RFC 3261 12.2.1.2).
    Lost,
    /// It is tried again.
    Again,
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

    /// Whether the refresh is ours.
    pub(super) fn is_ours(self) -> bool {
        self.refresher == Refresher::Us
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

impl SessionTimer {
    /// What was agreed. `None`: no timer runs.
    pub(in crate::sip) fn agreed(&self) -> Option<Session> {
        self.agreed
    }

    /// Whether they take UPDATE.
    pub(super) fn takes_update(&self) -> bool {
        self.takes_update
    }

    /// A message of theirs says what they can.
    pub(super) fn heard(&mut self, theirs: &Ability) {
        self.takes_update |= theirs.update;
    }

    /// This holds from now on. Says whether a timer ran or runs, and is to be wound anew.
    pub(super) fn agree(&mut self, session: Option<Session>) -> bool {
        let had = std::mem::replace(&mut self.agreed, session);
        had.is_some() || session.is_some()
    }

    /// Whether a 422 asks for more than we said.
    pub(super) fn is_short_of(&self, settings: &Settings, min_se: u32) -> bool {
        min_se > self.min_se.max(settings.session_expires_min)
    }

    /// Their 422: the next request asks for no shorter an interval (RFC 4028 7.3).
    pub(super) fn too_small_for_them(&mut self, min_se: u32) {
        self.min_se = self.min_se.max(min_se);
    }

    /// Our refresh was refused by that status. `None`: no timer runs.
    pub(super) fn refused(&mut self, status: u16, theirs: &Ability) -> Option<Unrefreshed> {
        let session = self.agreed.as_mut()?;
        match status {
            408 | 481 => return Some(Unrefreshed::Lost),
            // Longer than we asked for; agreed anew by the next try (RFC 4028 7.4).
            422 => {
                self.min_se = self.min_se.max(theirs.min_se);
                session.seconds = session.seconds.max(theirs.min_se);
            }
            405 | 420 | 501 => self.takes_update = false,
            _ => (),
        }
        Some(Unrefreshed::Again)
    }

    /// What our re-INVITE or UPDATE says of it: as agreed, else as we would like it.
    pub(super) fn asking(&self, request: Request, settings: &Settings) -> Request {
        let Some(Session { seconds, refresher }) = self.agreed else {
            return self.asking_first(request, settings);
        };
        let role = match refresher {
            Refresher::Us => "uac",
            Refresher::Them => "uas",
        };
        let min = settings.session_expires_min.max(self.min_se);
        let expires = format!("{};refresher={role}", seconds.max(min));
        request.with("Session-Expires", expires).with("Min-SE", min.to_string())
    }

    /// What our INVITE says of it: as we would like it.
    pub(in crate::sip) fn asking_first(&self, request: Request, settings: &Settings) -> Request {
        let min = settings.session_expires_min.max(self.min_se);
        let expires = settings.session_expires.max(min).to_string();
        request.with("Session-Expires", expires).with("Min-SE", min.to_string())
    }
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
