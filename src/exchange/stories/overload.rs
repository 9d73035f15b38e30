//! At the limits: whoever is new is told so at once, whoever speaks speaks on.

use super::ladder::{Ladder, sdp};
use crate::{
    base::numbers::TrunkNo,
    exchange::{example, plan::Plan, request::Request, switch::Input},
};

const ONE: &str = "sip:1230@192.0.2.1";

fn refused(plan: Plan, ports: u16) -> String {
    let mut it = Ladder::with_ports(plan, ports).show(&["Retry-After", "Reason"]);
    it.calls(ONE, "");
    assert!(it.told().contains("> 192.0.2.50:5060 200 OK (INVITE)\n"));
    it.calls(ONE, "");
    let told = it.told();
    let told = told.replace("\n> 192.0.2.50:5060 100 Trying (INVITE)\n", "");
    // The first one goes on, and hears what it said answered.
    let tag = it.tag_of_call(1);
    let hold = sdp(4000) + "a=sendonly\r\n";
    it.hears(
        example::carrier(),
        &format!(
            "INVITE {ONE} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKagain\n\
             Call-ID: call-1\nCSeq: 2 INVITE\nFrom: <sip:+493415550001@carrier.example>;tag=f\n\
             To: <sip:1230@lotse.example>;tag={tag}\nContact: <sip:c@192.0.2.50>\n\
             Content-Type: application/sdp\n\n{hold}"
        ),
    );
    assert!(it.told().contains("> 192.0.2.50:5060 200 OK (INVITE)\n"));
    told
}

#[test]
fn whoever_finds_no_room_is_told_at_once_and_calls_that_stand_go_on() {
    let full = "\
> 192.0.2.50:5060 503 All lines are busy (INVITE)
    Retry-After: 10
    Reason: Q.850;cause=42
";
    let mut plan = example::plan();
    plan.legs_max = 2;
    assert_eq!(refused(plan, 64), full, "calls");
    assert_eq!(refused(example::plan(), 1), full, "ports");
    let mut plan = example::plan();
    plan.sip.dialogs_max = 1;
    let told = refused(plan, 64);
    assert!(
        told.contains("503 Service Unavailable (INVITE)\n    Retry-After: "),
        "dialogs: {told}"
    );
}

/// T-9: nothing stands in the way of a call for help, not even that all lines are busy.
#[test]
fn help_is_reached_while_all_lines_are_busy() {
    let mut plan = example::plan();
    plan.sip.trunks[0].as_mut().unwrap().carrier = Some(example::outward());
    plan.outgoing.trunks = vec![TrunkNo::first(0)];
    plan.outgoing.allow = vec!["+49".into()];
    plan.acd.queues[0].waiting_max = 1000;
    let mut it = Ladder::with_ports(plan, 250);
    it.registers("1003", example::desk(2));
    for _ in 0..110 {
        it.calls(ONE, "");
    }
    let told = it.told();
    assert_eq!(told.matches("200 OK (INVITE)").count(), 98, "two of a hundred are kept");
    assert_eq!(told.matches("503 All lines are busy").count(), 12);
    for (number, want) in
        [("03415550001", "503 All lines are busy (INVITE)"), ("112", "INVITE sip:112@")]
    {
        let call = format!(
            "INVITE sip:{number}@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.102;branch=z9hG4bK{number}\n\
             Call-ID: {number}\nCSeq: 1 INVITE\nFrom: <sip:1003@lotse.example>;tag=p\n\
             To: <sip:{number}@lotse.example>\nContact: <sip:1003@192.0.2.102>\n\
             Content-Type: application/sdp\n\n{}",
            sdp(4000)
        );
        it.hears(example::desk(2), &call);
        let told = it.told();
        assert!(told.contains(want), "{number}: {told}");
    }
}

/// T-8: a carrier that hears 503 takes the whole trunk for failed.
#[test]
fn a_node_that_drains_and_a_queue_that_is_full_are_busy_and_not_broken() {
    let mut it = Ladder::of(example::plan()).show(&["Retry-After"]);
    it.does(Input::Request(crate::exchange::request::Ticket {
        number: 1,
        request: Request::Drain,
    }));
    it.calls(ONE, "");
    assert!(it.told().ends_with("> 192.0.2.50:5060 486 Closing (INVITE)\n"));
    let mut plan = example::plan();
    plan.acd.queues[0].waiting_max = 0;
    let mut it = Ladder::of(plan);
    it.calls(ONE, "");
    assert!(it.told().ends_with("> 192.0.2.50:5060 486 All lines are busy (INVITE)\n"));
}
