//! Who a request says is calling, and whom it was for before it was sent on to us.
//!
//! ```text
//! caller ──► first ──► second ──► us       History-Info: <first>;index=1, <second;cause=486>;index=1.1, …
//!                                          Diversion: <second>;reason=no-answer, <first>;reason=user-busy
//! ```
//!
//! Two headers tell the same: History-Info (RFC 7044, with the causes of RFC 4458) from the
//! oldest on, Diversion (RFC 5806) from the latest on. We read either and write both (RFC 7544).
//! Knows no plan: whether a carrier is believed is decided above.

use crate::{
    base::masked::Masked,
    sip::message::{
        header::address::Address,
        headers::Headers,
        uri::{self, Uri},
    },
};

/// So many diversions are told apart; calls with more go in circles.
const STEPS_MAX: usize = 10;

/// What a call went through before, the first diversion first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(pub Vec<Step>);

/// One diversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whom the call was for: a number, or a user. Empty if that is not to be known.
    pub user: Masked,
    /// Why it was sent on from there.
    pub why: Why,
    /// How many diversions this one stands for.
    pub times: u8,
}

/// Why a call was sent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// They do not say.
    #[default]
    Unknown,
    /// It was busy, or the line was full.
    Busy,
    /// Nobody answered, or not soon.
    NoAnswer,
    /// It could not be reached.
    Unavailable,
    /// All calls are sent on.
    Unconditional,
    /// Whoever was rung sent it on.
    Deflection,
}

impl Why {
    /// Each with its word in Diversion and its cause in History-Info.
    const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Unknown, "unknown", "404"),
        (Self::Busy, "user-busy", "486"),
        (Self::NoAnswer, "no-answer", "408"),
        (Self::Unavailable, "unavailable", "503"),
        (Self::Unconditional, "unconditional", "302"),
        (Self::Deflection, "deflection", "480"),
    ];

    fn of_word(word: &str) -> Self {
        let known = Self::ALL.into_iter().find(|(_, it, _)| it.eq_ignore_ascii_case(word));
        known.map(|(why, ..)| why).unwrap_or_default()
    }

    fn of_cause(cause: &str) -> Self {
        // A phone that rang may send a call on as well.
        let cause = if cause == "487" { "480" } else { cause };
        let known = Self::ALL.into_iter().find(|(.., it)| *it == cause);
        known.map(|(why, ..)| why).unwrap_or_default()
    }

    fn words(self) -> (&'static str, &'static str) {
        let known = Self::ALL.into_iter().find(|(it, ..)| *it == self);
        known.map_or(("unknown", "404"), |(_, word, cause)| (word, cause))
    }
}

impl History {
    /// What the headers of an INVITE tell of it.
    #[must_use]
    pub fn of(headers: &Headers) -> Self {
        let mut steps = of_history_info(headers);
        if steps.is_empty() {
            steps = of_diversion(headers);
        }
        if headers.privacy().any(|it| it.eq_ignore_ascii_case("history")) {
            for step in &mut steps {
                step.user = Masked::default();
            }
        }
        Self(steps)
    }

    /// Whom the call was for at first, if it was not for us.
    #[must_use]
    pub fn first(&self) -> Option<&Masked> {
        self.0.first().map(|it| &it.user).filter(|it| !it.is_empty())
    }

    /// How often it was sent on.
    #[must_use]
    pub fn times(&self) -> usize {
        self.0.iter().map(|it| usize::from(it.times)).sum()
    }

    /// Header lines that tell all of it, and that the call goes to `target` now; our numbers
    /// are at `domain`.
    #[must_use]
    pub fn told(&self, domain: &str, target: &Uri) -> Vec<(String, String)> {
        let mut lines = vec![];
        if self.0.is_empty() {
            return lines;
        }
        for step in self.0.iter().rev() {
            let (word, _) = step.why.words();
            let uri = place(&step.user, domain);
            let hidden = if step.user.is_empty() { ";privacy=full" } else { "" };
            let value = format!("<{uri}>;reason={word};counter={}{hidden}", step.times);
            lines.push(("Diversion".to_owned(), value));
        }
        let places = self.0.iter().map(|it| place(&it.user, domain)).chain([target.clone()]);
        let causes = [None].into_iter().chain(self.0.iter().map(|it| Some(it.why.words().1)));
        let mut index = String::new();
        for (uri, cause) in places.zip(causes) {
            let uri = cause.map_or(uri.clone(), |cause| uri.with("cause", cause));
            index.push_str(if index.is_empty() { "1" } else { ".1" });
            // Which entry it was sent on from (RFC 7044 10.2): the one above.
            let from = index.strip_suffix(".1").map(|it| format!(";mp={it}")).unwrap_or_default();
            lines.push(("History-Info".to_owned(), format!("<{uri}>;index={index}{from}")));
        }
        lines
    }
}

fn place(user: &Masked, domain: &str) -> Uri {
    if user.is_empty() { Uri::nowhere() } else { Uri::sip_at(user.unmask(), domain) }
}

/// Who is at that place, if that is to be known.
fn user(place: &Address<'_>) -> Masked {
    let user = place.user().filter(|_| !is_hidden(place));
    user.map_or(Masked::default(), Masked::new)
}

fn of_diversion(headers: &Headers) -> Vec<Step> {
    let Ok(diversions) = headers.diversions() else { return vec![] };
    let step = |it: &Address<'_>| {
        let privacy = it.params.plain("privacy").unwrap_or_default();
        let is_hidden = ["full", "uri"].iter().any(|word| privacy.eq_ignore_ascii_case(word));
        Step {
            user: if is_hidden { Masked::default() } else { user(it) },
            why: Why::of_word(&it.params.plain("reason").unwrap_or_default()),
            times: it.params.get("counter").and_then(|it| it.parse().ok()).unwrap_or(1).max(1),
        }
    };
    let mut steps: Vec<_> = diversions.iter().take(STEPS_MAX).map(step).collect();
    steps.reverse();
    steps
}

/// An entry is one that the call was sent on from if the one after it says why (RFC 4458), or it
/// says so itself (RFC 7044 9.1). Others only tell of proxies on the way.
fn of_history_info(headers: &Headers) -> Vec<Step> {
    let Ok(entries) = headers.history() else { return vec![] };
    let pairs = entries.iter().zip(entries.iter().skip(1)).take(STEPS_MAX);
    let step = |(from, to): (&Address<'_>, &Address<'_>)| {
        let uri = from.uri();
        let cause = to.uri().param("cause").or_else(|| own_cause(&uri))?;
        let is_hidden = uri::unescape(uri.headers()).to_ascii_lowercase().contains("privacy=");
        let user = if is_hidden { Masked::default() } else { user(from) };
        Some(Step { user, why: Why::of_cause(&cause), times: 1 })
    };
    pairs.filter_map(step).collect()
}

/// `?Reason=SIP%3Bcause%3D486`
fn own_cause(uri: &Uri) -> Option<String> {
    let mut said = uri.headers().split('&').filter_map(|it| it.split_once('='));
    let (_, reason) = said.find(|(name, _)| name.eq_ignore_ascii_case("Reason"))?;
    let reason = uri::unescape(reason);
    let digits = reason.split_once("cause=")?.1;
    Some(digits.chars().take_while(char::is_ascii_digit).collect())
}

/// Who the carrier says is calling (RFC 3325).
pub(in crate::sip) fn asserted(headers: &Headers) -> Option<Masked> {
    let identities = headers.asserted_identities().ok()?;
    identities.iter().find_map(Address::user).map(Masked::new)
}

/// Whether the address names nobody (RFC 3323 4.1.1.3).
fn is_hidden(address: &Address<'_>) -> bool {
    let host = address.uri().host().map(|it| it.to_string()).unwrap_or_default();
    let user = address.user().unwrap_or_default();
    host.eq_ignore_ascii_case("anonymous.invalid") || user.eq_ignore_ascii_case("anonymous")
}

/// RFC 3323 4.1.1.3 and 4.2: the caller does not want to be known.
pub(in crate::sip) fn is_anonymous(headers: &Headers) -> bool {
    let asks = |it: &str| {
        ["id", "user", "header", "full"].iter().any(|word| it.eq_ignore_ascii_case(word))
    };
    headers.privacy().any(asks) || headers.from().is_ok_and(|it| is_hidden(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        headers
    }

    fn told(lines: &[(&str, &str)]) -> String {
        let steps = History::of(&headers(lines)).0;
        let step = |it: &Step| format!("{} {:?} {}", it.user.unmask(), it.why, it.times);
        steps.iter().map(step).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn whom_a_call_was_for_is_read_from_either_header() {
        for (lines, want) in [
            (&[("Diversion", "<sip:+49341555@c>;reason=user-busy")][..], "+49341555 Busy 1"),
            (
                &[
                    ("Diversion", "<tel:+492>;reason=\"no-answer\";counter=3, <sip:+491@c>"),
                    ("Diversion", "\"X\" <sip:+490@c>;reason=follow-me;privacy=off"),
                ],
                "+490 Unknown 1, +491 Unknown 1, +492 NoAnswer 3",
            ),
            (&[("Diversion", "<sip:+491@c>;reason=away;privacy=full")], " Unknown 1"),
            (
                &[("History-Info", "<sip:1@c>;index=1,<sip:2@c;cause=302>;index=1.1;mp=1")],
                "1 Unconditional 1",
            ),
            (
                &[
                    ("History-Info", "<sip:1@c?Reason=SIP%3Bcause%3D486%3Btext%3D%22x%22>;index=1"),
                    ("History-Info", "<sip:2@c>;index=1.1, <sip:3@c;cause=487>;index=1.1.1"),
                    ("Diversion", "<sip:9@c>"),
                ],
                "1 Busy 1, 2 Deflection 1",
            ),
            (
                &[(
                    "History-Info",
                    "<sip:1@c?Privacy=history>;index=1,<sip:2@c;cause=408>;index=1.1",
                )],
                " NoAnswer 1",
            ),
            // A proxy on the way is no diversion; the other header may still know of one.
            (
                &[
                    ("History-Info", "<sip:1@c>;index=1,<sip:1@10.0.0.1>;index=1.1;rc=1"),
                    ("Diversion", "<sip:9@c>;reason=time-of-day"),
                ],
                "9 Unknown 1",
            ),
            (&[("Diversion", "<sip:9@c>"), ("Privacy", "history")], " Unknown 1"),
            (&[("Diversion", "nonsense"), ("History-Info", "<<>>")], ""),
            (&[("Diversion", "<sip:9@c>;counter=4711")], "9 Unknown 1"),
        ] {
            assert_eq!(told(lines), want, "{lines:?}");
        }
        let many = "<sip:9@c>;counter=200, ".repeat(300);
        let history = History::of(&headers(&[("Diversion", many.trim_end_matches([',', ' ']))]));
        assert_eq!((history.0.len(), history.times()), (10, 2000));
    }

    #[test]
    fn what_is_written_reads_back_the_same_from_both() {
        let step = |user: &str, why| Step { user: Masked::new(user), why, times: 1 };
        let history = History(vec![
            step("+4934155", Why::Busy),
            step("", Why::Unconditional),
            step("+493411230", Why::NoAnswer),
        ]);
        let lines = history.told("carrier.example", &"sip:+49351@carrier.example".parse().unwrap());
        let told: Vec<_> = lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        assert_eq!(
            told.concat(),
            "\
Diversion: <sip:+493411230@carrier.example>;reason=no-answer;counter=1
Diversion: <sip:anonymous@anonymous.invalid>;reason=unconditional;counter=1;privacy=full
Diversion: <sip:+4934155@carrier.example>;reason=user-busy;counter=1
History-Info: <sip:+4934155@carrier.example>;index=1
History-Info: <sip:anonymous@anonymous.invalid;cause=486>;index=1.1;mp=1
History-Info: <sip:+493411230@carrier.example;cause=302>;index=1.1.1;mp=1.1
History-Info: <sip:+49351@carrier.example;cause=408>;index=1.1.1.1;mp=1.1.1
"
        );
        let mut both = Headers::default();
        for (name, value) in &lines {
            both.push(name, value.as_str());
        }
        let mut only = both.clone();
        only.remove("History-Info");
        assert_eq!(History::of(&only), history);
        both.remove("Diversion");
        assert_eq!(History::of(&both), history);
    }

    #[test]
    fn who_wants_to_be_unknown_is() {
        for (lines, want) in [
            (&[("From", "<sip:+491@c>")][..], false),
            (&[("From", "<sip:+491@c>"), ("Privacy", "none")], false),
            (&[("From", "<sip:+491@c>"), ("Privacy", "critical; ID")], true),
            (&[("From", "<sip:+491@c>"), ("Privacy", "user,critical")], true),
            (&[("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1")], true),
            (&[("From", "<sip:Anonymous@carrier.example>;tag=1")], true),
            (&[("From", "<tel:+491>;tag=1")], false),
            (&[], false),
        ] {
            assert_eq!(is_anonymous(&headers(lines)), want, "{lines:?}");
        }
    }
}
