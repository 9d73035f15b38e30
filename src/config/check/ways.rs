//! Ways in: trunks, the numbers that may be dialled on them, and the codes that phones dial.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    acd::input::Channel,
    base::numbers::{LanguageNo, TrunkNo},
    config::{
        check::{carrier, menus, queues, srtp},
        entry::Entry,
        ground::{Ground, slot},
        sections::Sections,
    },
    exchange::{
        dial,
        numbering::{Home, one_form},
        plan::{AnswerMode, Codes, DialledIn, Leads, Number, Trunk, Writing},
    },
    sip,
};

/// A trunk for the exchange and for the SIP machine.
pub type TrunkParts = (Trunk, sip::settings::Trunk);

/// Takes up the names of trunks.
pub fn enter(sections: &Sections, ground: &mut Ground<'_>) {
    for entry in sections.many("trunk").iter().filter(|it| it.may_text("name").is_some()) {
        ground.enter("trunk", entry.text("name"), &entry.place("name"));
        ground.roll.trunks.place(entry.text("name"));
    }
}

/// Trunks by number.
pub fn trunks(sections: &Sections, ground: &mut Ground<'_>) -> BTreeMap<usize, TrunkParts> {
    let mut trunks = BTreeMap::new();
    let mut networks: Vec<(String, (IpAddr, u8))> = vec![];
    for entry in sections.many("trunk").iter().filter(|it| it.may_text("name").is_some()) {
        let name = entry.text("name").to_owned();
        let allow = allow(&name, entry, &mut networks, ground);
        let number = entry.text("number");
        let carrier = carrier::of(entry, number, ground);
        let speaks = entry.text("mode") == "register" || !entry.list("proxy").is_empty();
        if entry.list("allow").is_empty() && !speaks {
            let says = format!("trunk \"{name}\" allows nobody; name the carrier's addresses");
            ground.found.error("missing", &entry.place("allow"), says);
        }
        let fallback = queues::named(entry, "fallback", ground);
        let dialled_in = |it: &str| match it {
            "called-party" => DialledIn::CalledParty,
            "to" => DialledIn::To,
            "called-first" => DialledIn::CalledFirst,
            _ => DialledIn::RequestUri,
        };
        let trunk = Trunk {
            name: name.clone(),
            dialled_in: entry.texts("dialled_in").map(dialled_in).collect(),
            country: entry.text("country").to_owned(),
            area: entry.text("area").trim_start_matches('0').to_owned(),
            writing: writing(entry.text("writes")),
            number: String::new(),
            overlap: entry.flag("overlap"),
            fallback,
            trust_identity: entry.flag("trust_identity"),
            srtp: srtp::policy(entry),
        };
        let number = one_form(&trunk, number);
        if !number.is_empty() && !dial::may_be_shown(&Home::of(&trunk), &number) {
            let says = format!(
                "{number} is not a number that people call from; those we call would see it"
            );
            ground.found.warning("wrong-value", &entry.place("number"), says);
        }
        let trunk = Trunk { number, ..trunk };
        let place = ground.roll.trunks.place(&name);
        trunks.insert(place, (trunk, sip::settings::Trunk { name, allow, carrier }));
    }
    trunks
}

fn writing(word: &str) -> Writing {
    let known = Writing::ALL.into_iter().find(|(_, it)| *it == word);
    known.map(|(writing, _)| writing).unwrap_or_default()
}

fn allow(
    trunk: &str,
    entry: &Entry,
    networks: &mut Vec<(String, (IpAddr, u8))>,
    ground: &mut Ground<'_>,
) -> Vec<(IpAddr, u8)> {
    let mut allow = vec![];
    for ((address, bits), place) in entry.networks("allow") {
        let other =
            networks.iter().find(|(name, it)| name != trunk && overlap(*it, (address, bits)));
        if let Some((other, _)) = other {
            let says =
                format!("trunk \"{other}\" allows this address as well; whose call would it be?");
            ground.found.error("conflict", &place, says);
        }
        if bits == 0 {
            let says = format!("trunk \"{trunk}\" lets everybody in");
            ground.found.warning("open", &place, says);
        }
        networks.push((trunk.to_owned(), (address, bits)));
        allow.push((address, bits));
    }
    allow
}

/// Whether two networks have an address in common: they do if they agree in the shorter prefix.
fn overlap(a: (IpAddr, u8), b: (IpAddr, u8)) -> bool {
    let bits = a.1.min(b.1);
    let (a, b, all) = match (a.0, b.0) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(u32::from(a)), u128::from(u32::from(b)), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    (a ^ b).checked_shr(all - u32::from(bits)).unwrap_or(0) == 0
}

/// Numbers in the order of the file.
pub fn numbers(sections: &Sections, ground: &mut Ground<'_>) -> Vec<Number> {
    let mut numbers: Vec<Number> = vec![];
    for entry in sections.many("number") {
        let needs = ground.needs(entry, "skills");
        let trunk = entry.may_text("trunk").and_then(|name| {
            let known = ground.look_up("trunk", name, &entry.place("trunk"));
            known.then(|| TrunkNo::first(slot(ground.roll.trunks.place(name))))
        });
        let leads = leads(entry, ground);
        let language = ground.language(entry).unwrap_or(LanguageNo::first(0));
        let (Some(digits), Some(leads)) = (entry.may_text("digits"), leads) else { continue };
        let prefix = entry.flag("prefix");
        let same =
            |it: &&Number| (it.digits.as_str(), it.prefix, it.trunk) == (digits, prefix, trunk);
        if numbers.iter().find(same).is_some() {
            let says = format!("number \"{digits}\" is here twice");
            ground.found.error("duplicate", &entry.place("digits"), says);
        }
        let channel = Channel::ALL.into_iter().find(|it| it.word() == entry.text("channel"));
        let answer = match entry.text("answer") {
            "early-media" => AnswerMode::EarlyMedia,
            "with-agent" => AnswerMode::WithAgent,
            _ => AnswerMode::Immediate,
        };
        let (digits, channel) = (digits.to_owned(), channel.unwrap_or_default());
        numbers.push(Number { digits, prefix, trunk, leads, language, needs, channel, answer });
    }
    numbers
}

/// A number leads to one place.
fn leads(entry: &Entry, ground: &mut Ground<'_>) -> Option<Leads> {
    let place = entry.place("queue");
    match (entry.given("queue").written, entry.given("menu").written) {
        (true, true) => {
            let says = "`queue` and `menu`: a number leads to one of them".to_owned();
            ground.found.error("conflict", &place, says);
            None
        }
        (false, false) => {
            let says = "a number leads to a `queue` or to a `menu`".to_owned();
            ground.found.error("missing", &place, says);
            None
        }
        (true, false) => queues::named(entry, "queue", ground).map(Leads::Queue),
        (false, true) => menus::named(entry, ground).map(Leads::Menu),
    }
}

/// Codes, none of them the beginning of another.
pub fn codes(sections: &Sections, ground: &mut Ground<'_>) -> Codes {
    const KEYS: [&str; 5] = ["ready", "away", "sign_out", "end_wrap_up", "extend_wrap_up"];
    let entry = sections.one("codes");
    for (count, key) in KEYS.iter().enumerate() {
        for other in KEYS.iter().skip(count + 1) {
            let (a, b) = (entry.text(key), entry.text(other));
            if a.starts_with(b) || b.starts_with(a) {
                let says =
                    format!("`{key}` {a} and `{other}` {b} cannot be told apart while dialling");
                ground.found.error("conflict", &entry.place(other), says);
            }
        }
    }
    let code = |key| entry.text(key).to_owned();
    Codes {
        ready: code("ready"),
        away: code("away"),
        away_reasons: reasons(sections, ground),
        sign_out: code("sign_out"),
        end_wrap_up: code("end_wrap_up"),
        extend_wrap_up: code("extend_wrap_up"),
    }
}

fn reasons(sections: &Sections, ground: &mut Ground<'_>) -> Vec<(char, String)> {
    let mut reasons: Vec<(char, String)> = vec![];
    for entry in sections.many("reason").iter().filter(|it| it.may_text("name").is_some()) {
        ground.enter("reason", entry.text("name"), &entry.place("name"));
        let digit = entry.may_count("digit").and_then(|it| u32::try_from(it).ok());
        let Some(digit) = digit.and_then(|it| char::from_digit(it, 10)) else { continue };
        if let Some((_, other)) = reasons.iter().find(|(it, _)| *it == digit) {
            let says = format!("digit {digit} is reason \"{other}\" already");
            ground.found.error("duplicate", &entry.place("digit"), says);
        }
        reasons.push((digit, entry.text("name").to_owned()));
    }
    reasons
}
