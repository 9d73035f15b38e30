//! Sound that breaks: ports that cannot be had, far sides that fall silent. Whoever hears nothing
//! any more is ended, and nothing is left of it.

use super::{
    ladder::{Ladder, sdp},
    sending_on::{desk, speaking},
};
use crate::{
    base::{numbers::LegNo, time::Span},
    bridge::call::Talk,
    exchange::{check, example, switch::Input},
    media::order::{Notice, Report},
};

const CALLER: LegNo = LegNo::first(0);
const SECOND_LINE: LegNo = LegNo::first(2);

fn left_over(it: &mut Ladder) -> Vec<String> {
    it.answers("BYE", 200, "");
    it.until(100_000);
    check::left_over(&it.x)
}

#[test]
fn a_port_that_cannot_be_had_ends_its_call_and_is_forgotten() {
    let mut it = Ladder::of(example::plan());
    it.opens_nothing = true;
    it.calls("sip:1230@192.0.2.1", "");
    it.told();
    let why = "open leg-0: port 20000 cannot be bound".into();
    it.does(Input::Notice(Notice::Failed { leg: CALLER, why }));
    assert!(it.told().contains("> 192.0.2.50:5060 BYE"));
    assert_eq!(left_over(&mut it), Vec::<String>::new());
}

#[test]
fn a_leg_that_stands_is_not_closed_by_a_word_out_of_turn() {
    let mut it = Ladder::of(example::plan());
    it.calls("sip:1230@192.0.2.1", "");
    it.told();
    it.does(Input::Notice(Notice::Closed { leg: CALLER, report: Report::default() }));
    assert_eq!(it.told(), "\n");
}

/// The agent's caller is not touched by it.
#[test]
fn an_agents_second_line_that_falls_silent_is_hung_up_on_both_sides() {
    let mut it = speaking();
    it.hears(
        desk(),
        &format!(
            "INVITE sip:03514880@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP {0};branch=z9hG4bKsecond\n\
             Call-ID: second\nCSeq: 1 INVITE\nFrom: <sip:1001@lotse.example>;tag=s\n\
             To: <sip:03514880@lotse.example>\nContact: <sip:second@{0}>\n\
             Content-Type: application/sdp\n\n{1}",
            desk(),
            sdp(6002)
        ),
    );
    let answer =
        format!("Contact: <sip:d@192.0.2.50>\nContent-Type: application/sdp\n\n{}", sdp(5000));
    it.answers("INVITE", 200, &answer);
    let told = it.told();
    assert!(told.contains("> 192.0.2.103:5060 200 OK (INVITE)"), "{told}");
    it.does(Input::Notice(Notice::Silent { leg: SECOND_LINE }));
    let told = it.told();
    assert!(told.contains("> 192.0.2.103:5060 BYE sip:second@192.0.2.103:5060"), "{told}");
    assert!(told.contains("> 192.0.2.50:5060 BYE sip:d@192.0.2.50"), "{told}");
    assert_eq!(told.matches("BYE").count(), 2, "{told}");
}

/// Whether the phone of the one agent, which says 100 or nothing at all, still rings so long after
/// it was called.
fn rings_on(answers_within: Span, trying: bool, millis: u64) -> bool {
    let mut plan = example::plan();
    for queue in &mut plan.acd.queues {
        (queue.waiting_max, queue.ring) = (10, Span::secs(20));
    }
    plan.agents[0].as_mut().unwrap().ready_on_register = true;
    plan.phones[0].as_mut().unwrap().answers_within = answers_within;
    let mut it = Ladder::of(plan);
    it.registers("1001", desk());
    it.calls("sip:1230@192.0.2.1", "");
    if trying {
        it.answers("INVITE", 100, "");
    }
    it.until(it.now.0 / 1_000 + millis);
    it.x.calls.iter().any(|(_, call)| matches!(call.bridge.talk, Talk::Ringing { .. }))
}

#[test]
fn a_phone_that_says_nothing_is_given_up_when_it_should_have_and_one_that_says_100_rings_on() {
    let usual = Span::secs(4);
    assert!(rings_on(usual, false, 3_900));
    assert!(!rings_on(usual, false, 4_100));
    assert!(rings_on(usual, true, 15_000));
    assert!(rings_on(Span::secs(12), false, 11_900));
    assert!(!rings_on(Span::secs(12), false, 12_100));
}
