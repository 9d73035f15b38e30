//! Who may dial what over a trunk, and how long (DOMAIN.md L-13, T-9): nobody anything, unless
//! the plan allows it.
//!
//! ```text
//! 110, 112 ──────────────────────────────────► always, and nothing stands in the way
//! else: a number? allowed? open? room? minutes left? ──► Way, or Refusal
//! ```
//!
//! The longest beginning decides: `+49` allows Germany, `+49900` in `deny` takes its dear
//! numbers out again. Some beginnings are refused unless they are allowed by name. What was
//! spent stands in the [`Ledger`]. Knows no SIP: words in, a way or a reason out.

use std::{collections::BTreeMap, fmt};

use crate::{
    base::{
        numbers::{AgentNo, LegNo, PhoneNo, TrunkNo},
        time::{Span, Timestamp},
    },
    exchange::{
        numbering::{Home, bare},
        plan::Plan,
    },
    sip::{message::uri::Uri, settings::Carrier, verb::By},
};

/// Numbers that help (T-9): never refused to a person, never a place to send a caller to.
const EMERGENCY: [&str; 2] = ["110", "112"];

/// Numbers that cost their caller dearly, by their beginning: refused unless allowed by name.
const DEAR: [&str; 11] = [
    // Premium, votes, shared cost, directory enquiries in Germany.
    "+49900", "+49190", "+49137", "+49180", "118",
    // Satellites, global networks, international premium.
    "+870", "+878", "+881", "+882", "+883", "+979",
];

/// Short numbers of public services begin so, all over Germany: 110, 112, 115, 116117, 118xy.
pub(super) const SERVICES: &str = "11";

/// The longest and the shortest number of E.164, digits alone.
const E164: std::ops::RangeInclusive<usize> = 5..=15;

/// Who wants to call out, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// An agent, a call of its own.
    Agent(AgentNo),
    /// A phone at which nobody is signed in.
    Phone(PhoneNo),
    /// An agent who sends a caller on.
    Transfer(AgentNo),
    /// The plan itself: an overflow that the configuration names.
    Plan,
}

/// Whose minutes it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payer {
    /// An agent.
    Agent(AgentNo),
    /// A phone.
    Phone(PhoneNo),
    /// Nobody in particular.
    House,
}

/// How a number may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Trunks, in the order in which they are tried.
    pub trunks: Vec<TrunkNo>,
    /// The number in its one form: `+493415550001`, or a service's as it is: `115`.
    pub number: String,
    /// 110 or 112: no limit holds, and an alarm is raised.
    pub emergency: bool,
    /// How long the call may last; `None`: as long as it likes.
    pub lasts_max: Option<Span>,
}

/// Why a number may not be dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no telephone number.
    NoNumber,
    /// No rule allows it.
    NotAllowed,
    /// Nobody sends a caller to 110 or 112.
    Emergency,
    /// Not at this hour.
    Closed,
    /// This agent or phone has as many calls out as it may.
    Busy,
    /// As many calls go out as may at once.
    AllBusy,
    /// This agent or phone has used up its minutes of today.
    Spent,
    /// The minutes of today are used up.
    AllSpent,
    /// There is no trunk to call out by.
    NoTrunk,
}

/// Calls out that go on, and what those of today have cost.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    open: BTreeMap<LegNo, (Payer, Timestamp)>,
    day: i32,
    spent: BTreeMap<Payer, Span>,
}

/// What was dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Dialled {
    /// 110 or 112.
    Emergency(&'static str),
    /// Anything else, in its one form.
    Number(String),
}

impl Who {
    fn payer(self) -> Payer {
        match self {
            Self::Agent(agent) | Self::Transfer(agent) => Payer::Agent(agent),
            Self::Phone(phone) => Payer::Phone(phone),
            Self::Plan => Payer::House,
        }
    }
}

/// The way to `number` for `who`, or why there is none.
pub fn may_dial(
    plan: &Plan,
    ledger: &Ledger,
    who: Who,
    number: &str,
    now: Timestamp,
) -> Result<Way, Refusal> {
    let rules = &plan.outgoing;
    let trunks: Vec<_> =
        rules.trunks.iter().copied().filter(|trunk| carrier(plan, *trunk).is_some()).collect();
    let number = match read(plan, number)? {
        Dialled::Emergency(number) => {
            return match who {
                Who::Agent(_) | Who::Phone(_) if trunks.is_empty() => Err(Refusal::NoTrunk),
                Who::Agent(_) | Who::Phone(_) => {
                    Ok(Way { trunks, number: number.to_owned(), emergency: true, lasts_max: None })
                }
                Who::Transfer(_) | Who::Plan => Err(Refusal::Emergency),
            };
        }
        Dialled::Number(number) => number,
    };
    let (payer, day) = (who.payer(), rules.hours.day(now));
    let (open, spent) = ledger.of(payer, day, now);
    let (all_open, all_spent) = ledger.of_all(day, now);
    // Each row: what must not hold, and what it is called if it does.
    let hurdles = [
        (!is_allowed(plan, &number), Refusal::NotAllowed),
        (trunks.is_empty(), Refusal::NoTrunk),
        (!rules.hours.are_open(now), Refusal::Closed),
        (open >= rules.calls_each_max && payer != Payer::House, Refusal::Busy),
        (all_open >= rules.calls_max, Refusal::AllBusy),
        (spent >= rules.day_each_max && payer != Payer::House, Refusal::Spent),
        (all_spent >= rules.day_max, Refusal::AllSpent),
    ];
    match hurdles.into_iter().find(|(stands, _)| *stands) {
        Some((_, refusal)) => Err(refusal),
        None => Ok(Way { trunks, number, emergency: false, lasts_max: Some(rules.lasts_max) }),
    }
}

/// That way, as the SIP machine is to try it: as each trunk's carrier wants numbers written, and
/// with our own number as the caller's (T-3).
#[must_use]
pub fn ways(plan: &Plan, way: &Way) -> Vec<By> {
    let by = |no: &TrunkNo| {
        let trunk = plan.trunk(*no)?;
        let carrier = carrier(plan, *no)?;
        let home = Home::of(trunk);
        let own = match trunk.number.as_str() {
            "" => carrier.user.clone(),
            number => home.written(number, trunk.writing),
        };
        let domain = carrier.domain.as_str();
        let preferred = (!domain.is_empty() && !own.is_empty()).then(|| {
            ("P-Preferred-Identity".to_owned(), format!("<{}>", Uri::sip_at(&own, domain)))
        });
        Some(By {
            trunk: *no,
            user: home.written(&way.number, trunk.writing),
            from_user: own,
            is_anonymous: false,
            headers: preferred.into_iter().collect(),
        })
    };
    way.trunks.iter().filter_map(by).collect()
}

/// Why the plan itself can never send a call to `number`, whatever the hour and however many go
/// out: for whoever checks a configuration.
#[must_use]
pub fn never(plan: &Plan, number: &str) -> Option<Refusal> {
    match read(plan, number) {
        Err(refusal) => Some(refusal),
        Ok(Dialled::Emergency(_)) => Some(Refusal::Emergency),
        Ok(Dialled::Number(number)) if !is_allowed(plan, &number) => Some(Refusal::NotAllowed),
        Ok(Dialled::Number(_)) => None,
    }
}

/// Whether somebody may be said to call from `number`: one in its one form, and of a kind that
/// people call from (T-3).
#[must_use]
pub fn may_be_shown(home: &Home, number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    E164.contains(&digits.len())
        && digits.bytes().all(|it| it.is_ascii_digit())
        && !DEAR.iter().any(|it| number.starts_with(it))
        && home.service(number, SERVICES).is_none()
}

/// The host of numbers on that trunk: its carrier's domain, or ours where it has none.
pub(super) fn domain(plan: &Plan, trunk: TrunkNo) -> &str {
    let domain = carrier(plan, trunk).map(|it| it.domain.as_str()).unwrap_or_default();
    if domain.is_empty() { &plan.sip.realm } else { domain }
}

/// Whether `number` is one that helps, with or without what is dialled for an outside line.
#[must_use]
pub fn is_emergency(plan: &Plan, number: &str) -> bool {
    matches!(read(plan, number), Ok(Dialled::Emergency(_)))
}

fn read(plan: &Plan, number: &str) -> Result<Dialled, Refusal> {
    let home = Home::of_plan(plan);
    let dialled = bare(number);
    let prefix = plan.outgoing.prefix.as_str();
    let outside = dialled.strip_prefix(prefix).filter(|_| !prefix.is_empty());
    let helps = |digits: &str| {
        let short = home.service(digits, SERVICES)?;
        EMERGENCY.into_iter().find(|it| *it == short)
    };
    // Someone in need may forget the prefix, or add it.
    let found = helps(&dialled).or_else(|| outside.and_then(helps)).or_else(|| {
        let digits = dialled.strip_prefix('0')?;
        EMERGENCY.into_iter().find(|it| *it == digits)
    });
    if let Some(number) = found {
        return Ok(Dialled::Emergency(number));
    }
    let digits = if prefix.is_empty() || dialled.starts_with('+') {
        dialled.as_str()
    } else {
        outside.ok_or(Refusal::NotAllowed)?
    };
    if let Some(service) = home.service(digits, SERVICES) {
        return Ok(Dialled::Number(service));
    }
    if digits.is_empty() {
        return Err(Refusal::NoNumber);
    }
    let form = home.form(digits);
    let bare = form.strip_prefix('+').ok_or(Refusal::NoNumber)?;
    let is_number = E164.contains(&bare.len()) && bare.bytes().all(|it| it.is_ascii_digit());
    if is_number { Ok(Dialled::Number(form)) } else { Err(Refusal::NoNumber) }
}

/// The carrier of a trunk that calls can go out by.
fn carrier(plan: &Plan, trunk: TrunkNo) -> Option<&Carrier> {
    plan.sip.trunks.get(trunk.index())?.as_ref()?.carrier.as_ref()
}

/// The longest beginning decides; where rules are equally long, the one that refuses.
fn is_allowed(plan: &Plan, number: &str) -> bool {
    let longest = |rules: &mut dyn Iterator<Item = &str>| {
        rules.filter(|rule| number.starts_with(rule)).map(str::len).max()
    };
    let allowed = longest(&mut plan.outgoing.allow.iter().map(String::as_str));
    let denied = longest(&mut plan.outgoing.deny.iter().map(String::as_str));
    let is_dear = longest(&mut DEAR.into_iter());
    allowed.is_some() && allowed > denied && allowed >= is_dear
}

impl Ledger {
    /// A call goes out.
    pub fn begin(&mut self, leg: LegNo, who: Who, now: Timestamp) {
        self.open.insert(leg, (who.payer(), now));
    }

    /// Whether it is a call out that goes on.
    #[must_use]
    pub fn has(&self, leg: LegNo) -> bool {
        self.open.contains_key(&leg)
    }

    /// Whoever paid for it has passed it on, and nobody in particular pays from here on.
    pub fn pass_on(&mut self, leg: LegNo, day: i32, now: Timestamp) {
        if self.open.contains_key(&leg) {
            self.end(leg, day, now);
            self.begin(leg, Who::Plan, now);
        }
    }

    /// It is over; a leg that was no call out changes nothing.
    pub fn end(&mut self, leg: LegNo, day: i32, now: Timestamp) {
        let Some((payer, since)) = self.open.remove(&leg) else { return };
        if self.day != day {
            self.day = day;
            self.spent.clear();
        }
        let spent = self.spent.entry(payer).or_default();
        *spent = *spent + now.since(since);
    }

    fn of(&self, payer: Payer, day: i32, now: Timestamp) -> (usize, Span) {
        let mine = || self.open.values().filter(move |(it, _)| *it == payer);
        let before = self.spent.get(&payer).copied().filter(|_| self.day == day);
        let running = mine().map(|(_, since)| now.since(*since));
        (mine().count(), running.fold(before.unwrap_or_default(), |sum, it| sum + it))
    }

    fn of_all(&self, day: i32, now: Timestamp) -> (usize, Span) {
        let before = self.spent.values().filter(|_| self.day == day).copied();
        let running = self.open.values().map(|(_, since)| now.since(*since));
        (self.open.len(), before.chain(running).fold(Span::ZERO, |sum, it| sum + it))
    }
}

impl Refusal {
    /// The word in facts and figures.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoNumber => "no-number",
            Self::NotAllowed => "not-allowed",
            Self::Emergency => "emergency",
            Self::Closed => "closed",
            Self::Busy | Self::AllBusy => "calls",
            Self::Spent | Self::AllSpent => "minutes",
            Self::NoTrunk => "no-trunk",
        }
    }

    /// The status, and the cause of Q.850 for its Reason header.
    #[must_use]
    pub const fn status(self) -> (u16, u8) {
        match self {
            Self::NoNumber => (484, 28),
            Self::NotAllowed | Self::Emergency | Self::Closed => (403, 21),
            Self::Busy | Self::AllBusy => (486, 34),
            Self::Spent | Self::AllSpent => (403, 50),
            Self::NoTrunk => (404, 3),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Refusal {
    /// What a phone shows.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoNumber => "that is no telephone number",
            Self::NotAllowed => "calls to that number are not allowed (see [outgoing])",
            Self::Emergency => "nobody sends a caller to 110 or 112",
            Self::Closed => "calls outside are not allowed at this hour (see outgoing.hours)",
            Self::Busy => "no more calls outside at once from here (see outgoing.calls_each)",
            Self::AllBusy => "no more calls outside at once (see outgoing.calls)",
            Self::Spent => "today's time for calls outside is used up (see outgoing.day_each)",
            Self::AllSpent => "everybody's time for calls outside is used up (see outgoing.day)",
            Self::NoTrunk => "there is no trunk to call out by (see outgoing.trunks)",
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{example, plan::Outgoing};

    const NOON: Timestamp = Timestamp(1_784_541_600_000_000); // A Monday in July.

    fn city() -> Plan {
        let mut plan = example::plan();
        plan.sip.trunks[0].as_mut().unwrap().carrier = Some(example::outward());
        plan.outgoing = Outgoing {
            allow: ["+49", "+431", "115", "116117", "+49180"].map(str::to_owned).into(),
            deny: vec!["+493419".into()],
            trunks: vec![TrunkNo::first(0)],
            calls_max: 2,
            calls_each_max: 1,
            day_max: Span::secs(3_600),
            day_each_max: Span::secs(600),
            ..Outgoing::default()
        };
        plan
    }

    fn told(plan: &Plan, who: Who, numbers: &[&str]) -> String {
        let tell = |number: &&str| match may_dial(plan, &Ledger::default(), who, number, NOON) {
            Ok(way) if way.emergency => format!("{number} -> {} at any cost\n", way.number),
            Ok(way) => format!("{number} -> {}\n", way.number),
            Err(refusal) => format!("{number} -> {}\n", refusal.word()),
        };
        numbers.iter().map(tell).collect()
    }

    #[test]
    fn the_longest_beginning_decides_and_what_is_dear_must_be_allowed_by_name() {
        let plan = city();
        let numbers = [
            "5550001",
            "0341 555-0001",
            "+493415550001",
            "004315550001",
            "+4322",
            "+15550001",
            "03419999",
            "0900123456",
            "0137123456",
            "0180123456",
            "11833",
            "+4911833",
            "115",
            "0341115",
            "+49115",
            "116117",
            "+8816123456",
            "01701234567",
            "12",
            "alice",
            "",
        ];
        let agent = Who::Agent(AgentNo::first(0));
        assert_eq!(
            told(&plan, agent, &numbers),
            "\
5550001 -> +493415550001
0341 555-0001 -> +493415550001
+493415550001 -> +493415550001
004315550001 -> +4315550001
+4322 -> no-number
+15550001 -> not-allowed
03419999 -> not-allowed
0900123456 -> not-allowed
0137123456 -> not-allowed
0180123456 -> +49180123456
11833 -> not-allowed
+4911833 -> not-allowed
115 -> 115
0341115 -> 115
+49115 -> 115
116117 -> 116117
+8816123456 -> not-allowed
01701234567 -> +491701234567
12 -> +4934112
alice -> no-number
 -> no-number
"
        );
    }

    #[test]
    fn help_can_always_be_called_and_nobody_is_sent_there() {
        // Nothing is allowed, it is closed, and a prefix is asked for.
        let mut plan = city();
        plan.outgoing = Outgoing {
            trunks: plan.outgoing.trunks,
            prefix: "9".into(),
            hours: crate::exchange::hours::Hours {
                windows: vec!["sun 00:00-00:01".parse().unwrap()],
                ..Default::default()
            },
            ..Outgoing::default()
        };
        let numbers = ["110", "112", "0112", "9112", "+49112", "0341112", "1120", "9115"];
        assert_eq!(
            told(&plan, Who::Phone(PhoneNo::first(0)), &numbers),
            "\
110 -> 110 at any cost
112 -> 112 at any cost
0112 -> 112 at any cost
9112 -> 112 at any cost
+49112 -> 112 at any cost
0341112 -> 112 at any cost
1120 -> not-allowed
9115 -> not-allowed
"
        );
        for who in [Who::Transfer(AgentNo::first(0)), Who::Plan] {
            assert_eq!(told(&plan, who, &["112"]), "112 -> emergency\n");
        }
    }

    #[test]
    fn without_rules_nothing_goes_out() {
        let plan = example::plan();
        let told = told(&plan, Who::Agent(AgentNo::first(0)), &["03415550001", "115"]);
        assert_eq!(told, "03415550001 -> not-allowed\n115 -> not-allowed\n");
    }

    #[test]
    fn calls_and_minutes_have_limits_that_a_new_day_renews() {
        let mut plan = city();
        plan.outgoing.hours.windows = vec!["mon 07:00-19:00".parse().unwrap()];
        let day = |at: Timestamp| plan.outgoing.hours.day(at);
        let mut ledger = Ledger::default();
        let [one, two, three] = [0, 1, 2].map(|it| Who::Agent(AgentNo::first(it)));
        let [a, b] = [0, 1].map(LegNo::first);
        let may = |ledger: &Ledger, who, at| {
            may_dial(&plan, ledger, who, "5550001", at).map(|_| ()).map_err(Refusal::word)
        };
        assert_eq!(may(&ledger, one, NOON), Ok(()));
        ledger.begin(a, one, NOON);
        assert_eq!(may(&ledger, one, NOON), Err("calls"), "one at a time each");
        ledger.begin(b, two, NOON);
        assert_eq!(may(&ledger, three, NOON), Err("calls"), "two at a time in all");

        let later = NOON + Span::secs(601);
        ledger.end(a, day(later), later);
        assert_eq!(may(&ledger, one, later), Err("minutes"), "ten minutes each");
        assert_eq!(may(&ledger, three, later), Ok(()));
        let much_later = NOON + Span::secs(3_600);
        assert_eq!(
            may(&ledger, three, much_later),
            Err("minutes"),
            "an hour in all, b still talks"
        );
        ledger.end(b, day(much_later), much_later);
        assert_eq!(may(&ledger, three, NOON + Span::secs(36_000)), Err("closed"));
        let next_week = NOON + Span::secs(7 * 86_400);
        assert_eq!(may(&ledger, one, next_week), Ok(()));
    }
}
