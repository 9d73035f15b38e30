//! Who is said to call, on the agent's phone and in the facts.

use super::ladder::Ladder;
use crate::exchange::{
    example,
    fact::Fact,
    plan::{Plan, Writing},
};

/// The city where the agent at the fixed phone 1004 is at work.
fn at_work() -> Plan {
    let mut plan = example::plan();
    plan.agents[3].as_mut().unwrap().ready_on_register = true;
    plan
}

/// What the agent's phone is told of a call to `uri` with these lines.
fn shown(plan: Plan, uri: &str, lines: &str) -> String {
    let mut it = Ladder::of(plan).show(&["From", "Diversion"]);
    it.calls(uri, lines);
    let told = it.told();
    let (_, invite) = told.split_once("INVITE sip:1004@192.0.2.103:5060\n").unwrap_or(("", &told));
    let lines: Vec<_> = invite.lines().take_while(|it| it.starts_with("    ")).collect();
    let known = it.facts.iter().find_map(|it| {
        let Fact::CallOpened { caller, dialled, called_first, .. } = it else { return None };
        Some(format!("{}|{dialled}|{}", caller.unmask(), called_first.unmask()))
    });
    format!("{}\n{}", known.unwrap_or_default(), lines.join("\n"))
}

const ONE: &str = "sip:1230@192.0.2.1";

#[test]
fn a_caller_is_who_the_carrier_says_if_the_carrier_is_believed() {
    let asserted = "P-Asserted-Identity: \"X\" <sip:+493415550009@c>, <tel:+493415550009>";
    assert_eq!(
        shown(at_work(), ONE, asserted),
        "+493415550009|1230|
    From: \"Bürgertelefon / +493415550009\" <sip:+493415550009@lotse.example>"
    );
    let mut plan = at_work();
    plan.trunks[0].as_mut().unwrap().trust_identity = false;
    assert_eq!(
        shown(plan, ONE, asserted),
        "+493415550001|1230|
    From: \"Bürgertelefon / +493415550001\" <sip:+493415550001@lotse.example>"
    );
    // What a caller would like to be called is nothing that anybody vouches for.
    let preferred = "P-Preferred-Identity: <sip:+493415550009@c>";
    assert!(shown(at_work(), ONE, preferred).starts_with("+493415550001|"));
}

#[test]
fn a_caller_who_wants_to_be_unknown_is_nobody() {
    let nobody = "|1230|
    From: \"Bürgertelefon / anonym\" <sip:anonymous@lotse.example>";
    let asserted = "P-Asserted-Identity: <sip:+493415550009@c>\n";
    for lines in [
        "Privacy: id",
        "Privacy: user;critical",
        "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f",
        "From: <sip:anonymous@carrier.example>;tag=f",
    ] {
        assert_eq!(shown(at_work(), ONE, &format!("{asserted}{lines}")), nobody, "{lines}");
    }
    assert!(shown(at_work(), ONE, "Privacy: none").starts_with("+493415550001|"));
}

#[test]
fn numbers_come_as_tel_uris_as_well() {
    let told = shown(
        at_work(),
        "tel:1230;phone-context=+49341",
        "To: <tel:+49-341-123-0>\nFrom: <tel:+49-341-555-0001>;tag=f\n\
         P-Asserted-Identity: <tel:+493415550002;cpc=ordinary>",
    );
    assert!(told.starts_with("+493415550002|+493411230|\n"), "{told}");
}

#[test]
fn a_caller_has_one_form_however_the_trunk_writes() {
    for (writing, user) in [
        (Writing::Plus, "+493415550001"),
        (Writing::Plain, "493415550001"),
        (Writing::Zeros, "00493415550001"),
        (Writing::National, "03415550001"),
        (Writing::Local, "5550001"),
    ] {
        let mut plan = at_work();
        plan.trunks[0].as_mut().unwrap().writing = writing;
        let told = shown(plan, ONE, &format!("From: <sip:{user}@c;user=phone>;tag=f"));
        assert!(told.starts_with("+493415550001|"), "{writing:?} {told}");
    }
}

#[test]
fn whom_a_call_was_for_at_first_is_told_and_shown() {
    let told = shown(
        at_work(),
        ONE,
        "Diversion: <sip:+493411232@c>;reason=no-answer, <sip:00493411231@c>;reason=user-busy",
    );
    assert_eq!(
        told,
        "+493415550001|1230|+493411231
    From: \"Bürgertelefon / +493415550001\" <sip:+493415550001@lotse.example>
    Diversion: <sip:+493411231@lotse.example>"
    );
    let history = "History-Info: <sip:+493411231@c>;index=1,<sip:+493411230@c;cause=486>;index=1.1";
    assert!(shown(at_work(), ONE, history).starts_with("+493415550001|1230|+493411231\n"));
    let hidden = format!("{history}\nPrivacy: history");
    assert!(!shown(at_work(), ONE, &hidden).contains("Diversion"));
}

/// The trace of DOMAIN.md 5.1: the Request-URI is the registered number, the dialled one is in
/// To and in P-Called-Party-ID.
#[test]
fn a_telekom_call_is_for_the_number_that_was_dialled() {
    let mut plan = at_work();
    plan.numbers[0].digits = "+4934112383".into();
    let told = shown(
        plan,
        "sip:+4934112380@192.0.2.1",
        "To: <sip:+4934112383@sip-trunk.telekom.de;user=phone>\n\
         From: <sip:+493415550001@sip-trunk.telekom.de;user=phone>;tag=f\n\
         P-Called-Party-ID: <sip:+4934112383@sip-trunk.telekom.de;user=phone>\n\
         P-Asserted-Identity: <sip:+493415550001@sip-trunk.telekom.de;user=phone>\n\
         Supported: histinfo,timer\nSession-Expires: 3600;refresher=uac\nMin-SE: 900",
    );
    assert!(told.starts_with("+493415550001|+4934112383|\n"), "{told}");
}
