//! Who is calling, in one form of number, and as whom a call goes out (T-3).
//!
//! ```text
//! in:   P-Asserted-Identity of a carrier that is believed, else From ──► +493415550001, or nobody
//! out:  a call of ours         From and P-Preferred-Identity: our own number
//!       a caller sent on       From: the caller's; P-Preferred-Identity: ours;
//!                              Diversion, History-Info: whom it was for
//! ```
//!
//! A foreign number is shown for a caller that is sent on and for nobody else (§ 120 TKG), and
//! never one of a kind that nobody calls from: 110, 115, 0900, 0137.

use crate::{
    base::{
        masked::Masked,
        numbers::{PhoneNo, TrunkNo},
    },
    exchange::{
        dial,
        numbering::{Home, bare},
        plan::{Plan, Trunk},
    },
    sip::{
        event::{Invited, Origin},
        message::identity::{History, Step, Why},
        message::uri::Uri,
        verb::By,
    },
};

/// Calls that were sent on so often go in circles.
const TIMES_MAX: usize = 5;

/// How a call came to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number that was dialled, in its one form; empty for calls of ours.
    pub(super) dialled: String,
    /// Whom it was for before, numbers in their one form.
    pub(super) history: History,
    /// How many hops it may yet take, if that was said.
    pub(super) hops: Option<u8>,
}

/// Who calls (T-3): the asserted identity of a trunk that is believed, else From.
pub(super) fn of(plan: &Plan, invited: &Invited) -> (Option<TrunkNo>, Masked) {
    let trunk = match invited.origin {
        Origin::Trunk(trunk) => trunk,
        Origin::Phone(phone) => return (None, Masked::new(user_of(plan, phone))),
    };
    let known = plan.trunk(trunk);
    let from = match &invited.asserted {
        _ if invited.anonymous => Masked::default(),
        Some(asserted) if known.is_some_and(|it| it.trust_identity) => asserted.clone(),
        _ => invited.from_user.clone(),
    };
    // One form, whoever carried it, so that it can be called back.
    (Some(trunk), known.map_or(from.clone(), |known| one_form(known, &from)))
}

fn user_of(plan: &Plan, phone: PhoneNo) -> String {
    plan.phone(phone).map(|phone| phone.user.clone()).unwrap_or_default()
}

fn one_form(trunk: &Trunk, number: &Masked) -> Masked {
    Masked::new(Home::of(trunk).caller(number.unmask(), trunk.writing))
}

/// By what number the call came in, and whom it was for before.
pub(super) fn entry(plan: &Plan, invited: &Invited, dialled: &str) -> Entry {
    let Origin::Trunk(trunk) = invited.origin else {
        let dialled = Home::of_plan(plan).form(&bare(dialled));
        return Entry { dialled, history: History::default(), hops: invited.hops };
    };
    let Some(known) = plan.trunk(trunk) else { return Entry::default() };
    let step = |it: &Step| Step { user: one_form(known, &it.user), ..it.clone() };
    Entry {
        dialled: Home::of(known).form(&bare(dialled)),
        history: History(invited.history.0.iter().map(step).collect()),
        hops: invited.hops,
    }
}

impl Entry {
    /// Whether the call goes in circles: it is not to be sent on once more.
    pub(super) fn circles(&self) -> bool {
        self.history.times() >= TIMES_MAX
    }

    /// What there is to tell of a call that is sent on from here: `ours` is the number that
    /// stands for us, `written` how the receiver wants numbers.
    fn told(&self, ours: &str, why: Why, written: &dyn Fn(&str) -> String) -> History {
        let before = self.history.0.iter().cloned();
        let here = Step { user: Masked::new(ours), why, times: 1 };
        let step = |it: Step| Step { user: Masked::new(written(it.user.unmask())), ..it };
        History(before.chain([here]).map(step).collect())
    }
}

/// These ways, for a caller who is sent on because of `why`.
pub(super) fn sent_on(
    plan: &Plan,
    ways: Vec<By>,
    from: &Masked,
    entry: &Entry,
    why: Why,
) -> Vec<By> {
    let one = |by: By| {
        let Some(trunk) = plan.trunk(by.trunk) else { return by };
        let home = Home::of(trunk);
        let written = |form: &str| home.written(form, trunk.writing);
        let domain = dial::domain(plan, by.trunk);
        let target = Uri::sip_at(&by.user, domain);
        // A service's number, as 115 is, belongs to no line: our own stands for it.
        let ours = match home.service(&entry.dialled, dial::SERVICES) {
            None if entry.dialled.starts_with('+') => &entry.dialled,
            _ => &trunk.number,
        };
        let told = entry.told(ours, why, &written).told(domain, &target);
        let mut by = match from.unmask() {
            "" => hidden(by),
            number if dial::may_be_shown(&home, number) => By { from_user: written(number), ..by },
            _ => by,
        };
        by.headers.extend(told);
        by
    };
    ways.into_iter().map(one).collect()
}

/// As [`sent_on`], to an address outside that is no carrier's: the header lines that tell it.
pub(super) fn sent_to_address(
    plan: &Plan,
    uri: &str,
    from: &Masked,
    entry: &Entry,
    why: Why,
) -> Vec<(String, String)> {
    let target = uri.parse().unwrap_or_else(|_| Uri::nowhere());
    let as_it_is = |form: &str| form.to_owned();
    let mut headers = entry.told(&entry.dialled, why, &as_it_is).told(&plan.sip.realm, &target);
    if from.is_empty() {
        headers.push(PRIVACY.map(str::to_owned).into());
    }
    headers
}

/// The way, for a caller who does not want to be known (RFC 3323, RFC 3325).
pub(super) fn hidden(mut by: By) -> By {
    by.is_anonymous = true;
    by.headers.push(PRIVACY.map(str::to_owned).into());
    by
}

const PRIVACY: [&str; 2] = ["Privacy", "id"];
