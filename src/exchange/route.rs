//! Which queue a dialled number leads to.
//!
//! ```text
//! P-Called-Party-ID, To, Request-URI ──► one form of the number ──► longest match ──► queue
//!        in the trunk's order (T-1)        +493411230 (T-2)           or the fallback
//! ```
//!
//! Carriers write one number in many ways: `+493411230`, `00493411230`, `493411230`,
//! `03411230`, `1230`. Numbers of the plan and numbers from the wire are brought to one form,
//! so the plan may be written in any of them. Knows no call and no message: words in, a place out.

use std::collections::BTreeMap;

use crate::{
    acd::{input::Channel, plan::Needs},
    base::{
        masked::Masked,
        numbers::{LanguageNo, QueueNo, TrunkNo},
    },
    exchange::{
        numbering::{Home, bare},
        plan::{AnswerMode, DialledIn, Leads, Number, Plan, Trunk},
    },
    sip::event::Invited,
};

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Destination {
    /// Into which queue, or to which menu.
    pub(super) leads: Leads,
    /// The language that the caller hears first.
    pub(super) language: LanguageNo,
    /// What the call needs beyond its queue's needs.
    pub(super) needs: Needs,
    /// How the figures call this entry.
    pub(super) channel: Channel,
    /// When the caller is answered.
    pub(super) answer: AnswerMode,
    /// What was dialled, as the wire had it, without separators.
    pub(super) dialled: String,
}

/// All numbers, made ready for looking up: a table a trunk, and one for phones.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    trunks: Vec<Option<Table>>,
    phones: Table,
}

/// The numbers that may be dialled by one entry.
#[derive(Clone, Debug, Default)]
struct Table {
    home: Home,
    sources: Vec<DialledIn>,
    fallback: Option<QueueNo>,
    /// Digits come one by one.
    overlap: bool,
    /// By the one form of the number: whether digits may follow, and where it leads.
    numbers: BTreeMap<String, (bool, Destination)>,
}

impl Routes {
    /// Makes the plan's numbers ready.
    pub(super) fn new(plan: &Plan) -> Self {
        let trunks = (0..)
            .zip(&plan.trunks)
            .map(|(slot, trunk)| {
                let trunk = trunk.as_ref()?;
                Some(Table::of_trunk(TrunkNo::first(slot), trunk, &plan.numbers))
            })
            .collect();
        let home = Home::of_plan(plan);
        let phones = Table {
            numbers: table(&home, plan.numbers.iter().filter(|number| number.trunk.is_none())),
            home,
            sources: vec![DialledIn::RequestUri],
            fallback: None,
            overlap: false,
        };
        Self { trunks, phones }
    }

    /// Where a call that came by `trunk` goes. A citizen is never told 404 while the trunk
    /// has a fallback (T-2).
    pub(super) fn by_trunk(&self, trunk: TrunkNo, invited: &Invited) -> Option<Destination> {
        self.trunks.get(trunk.index())?.as_ref()?.lookup(invited)
    }

    /// Whether what was dialled on `trunk` is only the beginning of a number, and more digits
    /// may come (RFC 3578). One that matches as it is, is whole.
    pub(super) fn is_beginning(&self, trunk: TrunkNo, invited: &Invited) -> bool {
        let table = self.trunks.get(trunk.index()).and_then(Option::as_ref);
        table.is_some_and(|table| table.overlap && table.is_beginning(invited))
    }

    /// Where `dialled` would lead if one of our phones dialled it.
    pub(super) fn by_number(&self, dialled: &str) -> Option<Destination> {
        self.phones.matching(bare(dialled))
    }

    /// Where a call from one of our phones goes.
    pub(super) fn by_phone(&self, invited: &Invited) -> Option<Destination> {
        self.phones.lookup(invited)
    }
}

impl Table {
    fn of_trunk(no: TrunkNo, trunk: &Trunk, numbers: &[Number]) -> Self {
        let home = Home::of(trunk);
        // The trunk's own numbers come first, so they win over those of any trunk.
        let own = numbers.iter().filter(|number| number.trunk == Some(no));
        let any = numbers.iter().filter(|number| number.trunk.is_none());
        Self {
            numbers: table(&home, own.chain(any)),
            home,
            sources: trunk.dialled_in.clone(),
            fallback: trunk.fallback,
            overlap: trunk.overlap,
        }
    }

    fn dialled<'a>(&'a self, invited: &'a Invited) -> impl Iterator<Item = String> + Clone + 'a {
        self.sources
            .iter()
            .filter_map(|source| match source {
                DialledIn::CalledParty => invited.called_party.as_deref(),
                DialledIn::To => Some(invited.to_user.as_str()),
                DialledIn::RequestUri => Some(invited.request_user.as_str()),
                DialledIn::CalledFirst => invited.history.first().map(Masked::unmask),
            })
            .map(bare)
            .filter(|digits| !digits.is_empty())
    }

    fn is_beginning(&self, invited: &Invited) -> bool {
        let begins = |form: &String| {
            let next = self.numbers.range::<String, _>(form..).next();
            next.is_some_and(|(number, _)| number.starts_with(form.as_str()))
        };
        let is_whole = self.dialled(invited).any(|digits| self.matching(digits).is_some());
        !is_whole && self.dialled(invited).any(|digits| self.home.forms(&digits).iter().any(begins))
    }

    fn lookup(&self, invited: &Invited) -> Option<Destination> {
        let mut dialled = self.dialled(invited);
        let first = dialled.clone().next().unwrap_or_default();
        dialled.find_map(|digits| self.matching(digits)).or_else(|| {
            Some(Destination {
                leads: Leads::Queue(self.fallback?),
                language: LanguageNo::first(0),
                needs: Needs::default(),
                channel: Channel::Other,
                answer: AnswerMode::default(),
                dialled: first,
            })
        })
    }

    /// The longest number of the table that is, or begins, what was dialled.
    fn matching(&self, dialled: String) -> Option<Destination> {
        let (_, found) = self
            .home
            .forms(&dialled)
            .into_iter()
            .filter_map(|form| self.longest(&form))
            // The first of equals: forms are in order of likelihood.
            .reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        Some(Destination { dialled, ..found.clone() })
    }

    fn longest(&self, form: &str) -> Option<(usize, &Destination)> {
        (1..=form.len()).rev().find_map(|length| {
            let (more, found) = self.numbers.get(form.get(..length)?)?;
            (length == form.len() || *more).then_some((length, found))
        })
    }
}

/// The table of `numbers` as someone at `home` may dial them.
fn table<'a>(
    home: &Home,
    numbers: impl Iterator<Item = &'a Number>,
) -> BTreeMap<String, (bool, Destination)> {
    let mut table = BTreeMap::new();
    for number in numbers {
        let found = Destination {
            leads: number.leads,
            language: number.language,
            needs: number.needs.clone(),
            channel: number.channel,
            answer: number.answer,
            dialled: String::new(),
        };
        let form = home.form(&bare(&number.digits));
        table.entry(form).or_insert((number.prefix, found));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exchange::example,
        sip::message::identity::{History, Step, Why},
    };

    fn queue(found: &Destination) -> QueueNo {
        let Leads::Queue(queue) = found.leads else { panic!("{found:?}") };
        queue
    }

    /// What each way of writing leads to, on a trunk that ends in Leipzig.
    fn table(fallback: Option<QueueNo>, written: &[&str]) -> String {
        let mut plan = example::plan();
        let trunk = plan.trunks[0].as_mut().unwrap();
        trunk.fallback = fallback;
        let number = |digits: &str, prefix, queue| Number {
            digits: digits.into(),
            prefix,
            trunk: None,
            leads: Leads::Queue(QueueNo::first(queue)),
            language: LanguageNo::first(0),
            needs: Needs::default(),
            channel: Channel::City,
            answer: AnswerMode::Immediate,
        };
        plan.numbers = vec![
            number("1230", true, 0),
            number("+49341123", true, 1),
            number("115", false, 2),
            number("0341 49 77", false, 3),
        ];
        let routes = Routes::new(&plan);
        written
            .iter()
            .map(|user| {
                let invited = Invited { request_user: (*user).into(), ..example::invited() };
                match routes.by_trunk(TrunkNo::first(0), &invited) {
                    Some(found) => format!("{user} -> {}\n", queue(&found)),
                    None => format!("{user} -> 404\n"),
                }
            })
            .collect()
    }

    #[test]
    fn a_number_is_found_however_the_carrier_writes_it() {
        let told = table(
            None,
            &[
                "1230",
                "03411230",
                "+493411230",
                "00493411230",
                "493411230",
                "+49-341-123-0;phone-context=example.org",
                "12305678",
                "1234",
                "+493411234",
                "115",
                "0341115",
                "+49341115",
                "+49115",
                "1151",
                "4977",
                "+493414977",
                "112",
                "",
            ],
        );
        assert_eq!(
            told,
            "\
1230 -> queue-0
03411230 -> queue-0
+493411230 -> queue-0
00493411230 -> queue-0
493411230 -> queue-0
+49-341-123-0;phone-context=example.org -> queue-0
12305678 -> queue-0
1234 -> queue-1
+493411234 -> queue-1
115 -> queue-2
0341115 -> queue-2
+49341115 -> queue-2
+49115 -> queue-2
1151 -> 404
4977 -> queue-3
+493414977 -> queue-3
112 -> 404
 -> 404
"
        );
    }

    #[test]
    fn a_citizen_who_dials_nonsense_meets_the_fallback() {
        let told = table(Some(QueueNo::first(1)), &["999", ""]);
        assert_eq!(told, "999 -> queue-1\n -> queue-1\n");
    }

    #[test]
    fn the_beginning_of_a_number_is_told_from_nonsense_where_digits_come_one_by_one() {
        let mut plan = example::plan();
        plan.trunks[0].as_mut().unwrap().overlap = true;
        plan.numbers[0].digits = "1230".into();
        plan.numbers[0].prefix = true;
        let routes = Routes::new(&plan);
        let told: String = ["1", "123", "+49341123", "1230", "12301", "124", "11", "115"]
            .map(|user| {
                let invited = Invited { request_user: user.into(), ..example::invited() };
                format!("{user} {}\n", routes.is_beginning(TrunkNo::first(0), &invited))
            })
            .concat();
        assert_eq!(
            told,
            "1 true\n123 true\n+49341123 true\n1230 false\n12301 false\n124 false\n11 true\n115 false\n"
        );
        plan.trunks[0].as_mut().unwrap().overlap = false;
        let invited = Invited { request_user: "123".into(), ..example::invited() };
        assert!(!Routes::new(&plan).is_beginning(TrunkNo::first(0), &invited));
    }

    #[test]
    fn the_trunk_says_where_the_dialled_number_stands() {
        let mut plan = example::plan();
        let dialled = |plan: &Plan| {
            let invited = Invited {
                request_user: "+493419999".into(),
                to_user: "115".into(),
                called_party: Some("1230".into()),
                ..example::invited()
            };
            Routes::new(plan).by_trunk(TrunkNo::first(0), &invited).unwrap().dialled
        };
        assert_eq!(dialled(&plan), "1230");
        plan.trunks[0].as_mut().unwrap().dialled_in = vec![DialledIn::RequestUri, DialledIn::To];
        assert_eq!(dialled(&plan), "115", "the first source that matches is believed");
    }

    #[test]
    fn whom_a_call_was_for_before_may_say_where_it_leads() {
        let mut plan = example::plan();
        let was_for = |plan: &Plan, user: &str| {
            let step = Step { user: Masked::new(user), why: Why::Busy, times: 1 };
            let history = History(vec![step]);
            let invited = Invited { request_user: "1230".into(), history, ..example::invited() };
            Routes::new(plan).by_trunk(TrunkNo::first(0), &invited).map(|it| queue(&it))
        };
        assert_eq!(was_for(&plan, "+49341115"), Some(QueueNo::first(0)));
        plan.trunks[0].as_mut().unwrap().dialled_in.insert(0, DialledIn::CalledFirst);
        assert_eq!(was_for(&plan, "+49341115"), Some(QueueNo::first(1)));
        assert_eq!(
            was_for(&plan, "+4934199"),
            Some(QueueNo::first(0)),
            "else what was dialled counts"
        );
    }

    #[test]
    fn a_trunks_own_number_wins_over_everyones() {
        let mut plan = example::plan();
        let mut own = plan.numbers[0].clone();
        (own.trunk, own.leads) = (Some(TrunkNo::first(0)), Leads::Queue(QueueNo::first(1)));
        plan.numbers.push(own);
        let routes = Routes::new(&plan);
        let invited = Invited { request_user: "1230".into(), ..example::invited() };
        let queue = |found: Option<Destination>| queue(&found.unwrap());
        assert_eq!(queue(routes.by_trunk(TrunkNo::first(0), &invited)), QueueNo::first(1));
        assert_eq!(queue(routes.by_phone(&invited)), QueueNo::first(0));
    }
}
