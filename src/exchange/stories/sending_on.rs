//! Callers who are sent on outside, and as whom: to a number by a trunk, or to an address.

use std::net::SocketAddr;

use super::ladder::{Ladder, invite, sdp};
use crate::{
    acd::plan::Overflow,
    base::{
        numbers::{CallNo, TrunkNo},
        time::Span,
    },
    exchange::{
        example,
        fact::Fact,
        plan::{Goal, Outgoing, Outside, Plan, Writing},
        request::{Request, Ticket},
        switch::Input,
    },
    sip::wire::Transport,
};

/// The city where every line is full, and its calls go to a number in Dresden by the carrier.
fn outward() -> Plan {
    let mut plan = example::plan();
    plan.sip.trunks[0].as_mut().unwrap().carrier = Some(example::outward());
    plan.outgoing = Outgoing {
        allow: vec!["+49".into()],
        trunks: vec![TrunkNo::first(0)],
        lasts_max: Span::secs(60),
        ..Outgoing::default()
    };
    plan.outside = vec![Outside { goal: Goal::Number("+493514880".into()), ring: Span::secs(30) }];
    for queue in &mut plan.acd.queues {
        (queue.waiting_max, queue.when_full) = (0, Overflow::Outside(0));
    }
    plan
}

const WHO: &[&str] = &["From", "P-Preferred-Identity", "Privacy", "Diversion", "History-Info"];

/// The INVITE that goes out for a call with these lines.
fn sent(plan: Plan, uri: &str, lines: &str) -> String {
    let mut it = Ladder::of(plan).show(WHO);
    it.calls(uri, lines);
    let told = it.told();
    let Some((_, invite)) = told.split_once("> 192.0.2.50:5060 INVITE ") else { return told };
    invite.lines().take_while(|it| !it.starts_with('>')).collect::<Vec<_>>().join("\n")
}

const ONE: &str = "sip:1230@192.0.2.1";

#[test]
fn a_caller_who_overflows_by_a_trunk_stays_who_it_is() {
    assert_eq!(
        sent(outward(), ONE, ""),
        "\
sip:+493514880@carrier.example;user=phone
    From: <sip:+493415550001@carrier.example>
    P-Preferred-Identity: <sip:+493411230@carrier.example>
    Diversion: <sip:+493411230@carrier.example>;reason=user-busy;counter=1
    History-Info: <sip:+493411230@carrier.example>;index=1
    History-Info: <sip:+493514880@carrier.example;cause=486>;index=1.1;mp=1"
    );
}

#[test]
fn each_trunk_is_told_in_its_own_writing_and_what_was_before_comes_first() {
    let mut plan = outward();
    plan.trunks[0].as_mut().unwrap().writing = Writing::Zeros;
    assert_eq!(
        sent(plan, ONE, "From: <sip:00493415550001@c>;tag=f\nDiversion: <sip:00493411239@c>"),
        "\
sip:00493514880@carrier.example;user=phone
    From: <sip:00493415550001@carrier.example>
    P-Preferred-Identity: <sip:00493411230@carrier.example>
    Diversion: <sip:00493411230@carrier.example>;reason=user-busy;counter=1
    Diversion: <sip:00493411239@carrier.example>;reason=unknown;counter=1
    History-Info: <sip:00493411239@carrier.example>;index=1
    History-Info: <sip:00493411230@carrier.example;cause=404>;index=1.1;mp=1
    History-Info: <sip:00493514880@carrier.example;cause=486>;index=1.1.1;mp=1.1"
    );
}

#[test]
fn a_caller_who_wants_to_be_unknown_stays_so_outside() {
    let told = sent(outward(), ONE, "Privacy: id");
    assert!(
        told.contains(
            "
    From: <sip:anonymous@anonymous.invalid>
    P-Preferred-Identity: <sip:+493411230@carrier.example>
    Privacy: id
    Diversion: <sip:+493411230@carrier.example>"
        ),
        "{told}"
    );
    assert!(!told.contains("5550001"), "{told}");
}

#[test]
fn a_number_that_nobody_calls_from_is_not_shown_and_ours_is() {
    for user in ["110", "+49112", "+49341115", "0900123456", "+49137123456", "alice", "12"] {
        let told = sent(outward(), ONE, &format!("From: <sip:{user}@c>;tag=f"));
        let ours = "\n    From: <sip:+493411230@carrier.example>\n";
        assert!(told.contains(ours), "{user}: {told}");
    }
}

#[test]
fn a_service_that_belongs_to_no_line_is_diverted_from_our_number() {
    let told = sent(outward(), "sip:115@192.0.2.1", "To: <sip:115@lotse.example>");
    assert!(
        told.contains("Diversion: <sip:+493411230@carrier.example>;reason=user-busy"),
        "{told}"
    );
}

#[test]
fn a_call_that_goes_in_circles_is_not_sent_on_again() {
    let told = sent(outward(), ONE, "Diversion: <sip:1@c>;counter=4, <sip:2@c>");
    assert!(!told.contains("INVITE sip"), "{told}");
}

/// Where nobody tells who sent it on before, its hops still run out.
#[test]
fn a_call_that_is_sent_on_takes_along_how_far_it_may_go() {
    let mut it = Ladder::of(outward()).show(&["Max-Forwards"]);
    it.calls(ONE, "");
    let told = it.told();
    assert!(
        told.contains("INVITE sip:+493514880@carrier.example;user=phone\n    Max-Forwards: 69"),
        "{told}"
    );
}

/// Rules for calls out hold for calls that are sent on as well, and they cost minutes.
#[test]
fn the_rules_for_calls_out_hold_for_overflow() {
    let refused = |plan: Plan| {
        let mut it = Ladder::of(plan);
        it.calls(ONE, "");
        it.facts.iter().find_map(|it| {
            let Fact::DialRefused { phone: None, why } = it else { return None };
            Some(why.clone())
        })
    };
    assert_eq!(refused(outward()), None);
    let mut plan = outward();
    plan.outgoing.allow.clear();
    assert_eq!(refused(plan).as_deref(), Some("not-allowed"));
    let mut plan = outward();
    plan.outgoing.calls_max = 0;
    assert_eq!(refused(plan).as_deref(), Some("calls"));
    let mut plan = outward();
    plan.outside[0].goal = Goal::Number("+49112".into());
    assert_eq!(refused(plan).as_deref(), Some("emergency"));
}

#[test]
fn a_call_sent_on_is_joined_and_ends_when_it_has_lasted_long_enough() {
    let mut plan = outward();
    plan.outgoing.calls_max = 1;
    let mut it = Ladder::of(plan).show(&["Reason"]);
    it.calls(ONE, "");
    it.answers("INVITE", 180, "");
    let answer =
        format!("Contact: <sip:d@192.0.2.50>\nContent-Type: application/sdp\n\n{}", sdp(5000));
    it.answers("INVITE", 200, &answer);
    it.calls(ONE, "");
    it.until(62_000);
    let told = it.told();
    assert!(told.contains("> 192.0.2.50:5060 ACK sip:d@192.0.2.50\n"), "{told}");
    assert_eq!(told.matches("INVITE sip:").count(), 1, "only one at once: {told}");
    assert!(told.contains("BYE sip:d@192.0.2.50\n    Reason: Q.850;cause=16"), "{told}");
    it.answers("BYE", 200, "");
    it.calls(ONE, "");
    assert!(it.told().contains("INVITE sip:+493514880"), "the next one may go out");
}

#[test]
fn an_address_outside_is_told_the_same() {
    let mut plan = outward();
    plan.outside = example::plan().outside;
    let mut it = Ladder::of(plan).show(WHO);
    it.calls(ONE, "Privacy: id");
    let told = it.told();
    let (_, invite) = told.split_once("> 192.0.2.60:5060 INVITE ").unwrap();
    assert_eq!(
        invite.trim_end(),
        "\
sip:+493412345@192.0.2.60
    From: <sip:anonymous@lotse.example>
    Privacy: id
    Diversion: <sip:+493411230@lotse.example>;reason=user-busy;counter=1
    History-Info: <sip:+493411230@lotse.example>;index=1
    History-Info: <sip:+493412345@192.0.2.60;cause=486>;index=1.1;mp=1"
    );
}

/// Where the phone 1001 stands.
pub(super) fn desk() -> SocketAddr {
    ([192, 0, 2, 103], 5060).into()
}

/// The agent at the phone 1001 has a caller, and may call outside.
pub(super) fn speaking() -> Ladder {
    let mut plan = outward();
    for queue in &mut plan.acd.queues {
        queue.waiting_max = 10;
    }
    plan.agents[0].as_mut().unwrap().ready_on_register = true;
    let mut it = Ladder::of(plan).show(WHO);
    it.registers("1001", desk());
    it.calls(ONE, "");
    let answer =
        format!("Contact: <sip:1001@192.0.2.103>\nContent-Type: application/sdp\n\n{}", sdp(6000));
    it.answers("INVITE", 200, &answer);
    it.told();
    it
}

/// What goes out when the agent who has the caller wishes for a number outside.
fn wished(wish: impl FnOnce(CallNo, String) -> Request) -> String {
    let mut it = speaking();
    let wish = wish(CallNo::first(0), "03514880".into());
    it.does(Input::Request(Ticket { number: 1, request: wish }));
    let told = it.told();
    let (_, invite) = told.split_once("> 192.0.2.50:5060 INVITE ").unwrap_or(("", &told));
    invite.lines().take_while(|it| !it.starts_with('>')).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_caller_whom_an_agent_passes_on_stays_who_it_is() {
    assert_eq!(
        wished(|call, to| Request::Transfer { call, to }),
        "\
sip:+493514880@carrier.example;user=phone
    From: <sip:+493415550001@carrier.example>
    P-Preferred-Identity: <sip:+493411230@carrier.example>
    Diversion: <sip:+493411230@carrier.example>;reason=deflection;counter=1
    History-Info: <sip:+493411230@carrier.example>;index=1
    History-Info: <sip:+493514880@carrier.example;cause=480>;index=1.1;mp=1"
    );
}

#[test]
fn an_agent_who_asks_outside_first_shows_our_own_number() {
    assert_eq!(
        wished(|call, to| Request::Consult { call, to }),
        "\
sip:+493514880@carrier.example;user=phone
    From: <sip:+493411230@carrier.example>
    P-Preferred-Identity: <sip:+493411230@carrier.example>"
    );
}

/// A phone without a password is known by its address alone, which is no proof.
#[test]
fn a_phone_without_a_password_calls_nothing_that_costs() {
    let mut plan = outward();
    let door = plan.sip.phones[3].as_mut().unwrap();
    (door.password, door.address) = (None, Some((Transport::Udp, desk())));
    let mut it = Ladder::of(plan);
    let mut dials = |call: u32, number: &str| {
        let from = "From: <sip:1004@lotse.example>;tag=d";
        it.hears(desk(), &invite(call, &format!("sip:{number}@192.0.2.1"), from, &sdp(6000)));
        it.told()
    };
    assert!(dials(90, "03514880").contains(" 403 "));
    assert!(dials(91, "112").contains("> 192.0.2.50:5060 INVITE sip:112@"));
}
