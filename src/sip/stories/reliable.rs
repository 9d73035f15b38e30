//! Provisional responses that have to arrive (RFC 3262), ours and theirs, and offers before the
//! call stands (RFC 3311).

use super::ladder::{CARRIER, Ladder};
use crate::sip::message::{Request, header::reason::Reason};

/// A request of the carrier's call, with these lines more.
fn request(method: &str, number: u32, tag: &str, lines: &str) -> String {
    let tag = if tag.is_empty() { String::new() } else { format!(";tag={tag}") };
    format!(
        "\
{method} sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{method}{number}
From: <sip:c@d>;tag=c1
To: <sip:1230@192.0.2.100>{tag}
Call-ID: call-1
CSeq: {number} {method}
Contact: <sip:carrier@192.0.2.1:5060>
Content-Type: application/sdp
{lines}"
    )
}

/// The carrier calls, and hears 183 with sound.
fn early(extension: &str) -> (Ladder, String, u32) {
    let mut it = Ladder::new().show(&["Require"]);
    it.hears(CARRIER, &request("INVITE", 1, "", &format!("{extension}\n\noffer")));
    it.responds(0, 183, "answer");
    let tag = it.our_tag();
    let rseq = it.sent.iter().rev().find_map(|(_, it)| it.headers().rseq());
    (it, tag, rseq.unwrap_or_default())
}

fn rack(rseq: u32) -> String {
    format!("RAck: {rseq} 1 INVITE\n\n")
}

#[test]
fn our_183_comes_again_until_it_is_acknowledged_and_the_200_waits_for_that() {
    let (mut it, tag, rseq) = early("Supported: 100rel");
    it.until(1_000);
    // The agent has answered.
    it.responds(0, 200, "answer");
    it.until(1_600);
    it.hears(CARRIER, &request("PRACK", 2, &tag, &rack(rseq + 1)));
    it.hears(CARRIER, &request("PRACK", 3, &tag, &rack(rseq)));
    it.hears(CARRIER, &request("PRACK", 4, &tag, &rack(rseq)));
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): c calls 1230
 0.0 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 0.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 1.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 1.6 > 192.0.2.1:5060 481 Call/Transaction Does Not Exist (PRACK)
 1.6 > 192.0.2.1:5060 200 OK (PRACK)
 1.6 > 192.0.2.1:5060 200 OK (INVITE)
 1.6 > 192.0.2.1:5060 481 Call/Transaction Does Not Exist (PRACK)
 1.6 * Acked
"
    );
}

#[test]
fn a_183_that_nobody_acknowledges_ends_the_call() {
    let (mut it, _, _) = early("Supported: 100rel");
    it.told();
    it.until(40_000);
    assert_eq!(
        it.told(),
        "
 0.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 1.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 3.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 7.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
15.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
31.5 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
32.0 > 192.0.2.1:5060 504 Server Time-out (INVITE)
32.0 * Cancelled
32.5 > 192.0.2.1:5060 504 Server Time-out (INVITE)
33.5 > 192.0.2.1:5060 504 Server Time-out (INVITE)
35.5 > 192.0.2.1:5060 504 Server Time-out (INVITE)
39.5 > 192.0.2.1:5060 504 Server Time-out (INVITE)
"
    );
    it.until(70_000);
    assert!(it.is_quiet());
}

#[test]
fn who_knows_no_reliable_responses_hears_none_and_who_requires_them_no_others() {
    let (mut it, _, rseq) = early("Supported: timer");
    assert_eq!(rseq, 0);
    it.responds(0, 200, "answer");
    assert!(it.told().ends_with("200 OK (INVITE) | answer\n"));

    let mut it = Ladder::new().show(&["Require"]);
    it.hears(CARRIER, &request("INVITE", 1, "", "Require: 100rel\n\noffer"));
    it.responds(0, 180, "");
    it.responds(0, 183, "answer");
    let first = it.sent.iter().rev().find_map(|(_, it)| it.headers().rseq()).unwrap();
    let tag = it.our_tag();
    it.told();
    it.hears(CARRIER, &request("PRACK", 2, &tag, &rack(first)));
    it.hears(CARRIER, &request("PRACK", 3, &tag, &rack(first + 1)));
    it.responds(0, 200, "answer");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 200 OK (PRACK)
 0.0 > 192.0.2.1:5060 183 Session Progress (INVITE) | Require: 100rel | answer
 0.0 > 192.0.2.1:5060 200 OK (PRACK)
 0.0 > 192.0.2.1:5060 200 OK (INVITE)
"
    );
}

#[test]
fn a_ringing_that_was_overtaken_by_the_answer_is_still_acknowledged() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, "", "Require: 100rel\n\noffer"));
    it.responds(0, 180, "");
    let rseq = it.sent.iter().rev().find_map(|(_, it)| it.headers().rseq()).unwrap();
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.told();
    it.hears(CARRIER, &request("PRACK", 2, &tag, &rack(rseq)));
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    it.until(5_000);
    assert_eq!(it.told(), "\n 0.0 > 192.0.2.1:5060 200 OK (PRACK)\n 0.0 * Acked\n");
}

#[test]
fn a_caller_without_an_offer_answers_ours_in_its_prack() {
    let mut it = Ladder::new();
    it.hears(CARRIER, &request("INVITE", 1, "", "Supported: 100rel\n"));
    it.responds(0, 183, "our offer");
    let rseq = it.sent.iter().rev().find_map(|(_, it)| it.headers().rseq()).unwrap();
    let tag = it.our_tag();
    it.told();
    it.hears(CARRIER, &request("PRACK", 2, &tag, &(rack(rseq) + "their answer")));
    it.responds(0, 200, "our offer");
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 200 OK (PRACK)
 0.0 * Acked their answer
 0.0 > 192.0.2.1:5060 200 OK (INVITE)
 0.0 * Acked
"
    );
}

#[test]
fn offers_come_and_go_before_the_call_stands() {
    let (mut it, tag, rseq) = early("Supported: 100rel\nAllow: UPDATE");
    it.told();
    // The first answer has not arrived.
    it.hears(CARRIER, &request("UPDATE", 2, &tag, "\nanother offer"));
    it.hears(CARRIER, &request("PRACK", 3, &tag, &(rack(rseq) + "second offer")));
    it.hears(CARRIER, &request("UPDATE", 4, &tag, "\nthird offer"));
    it.responds(0, 200, "second answer");
    it.hears(CARRIER, &request("UPDATE", 5, &tag, "\nfourth offer"));
    it.responds(0, 488, "");
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, Some(b"ours".to_vec()), out)).unwrap();
    it.hears(CARRIER, &request("UPDATE", 6, &tag, "\nfifth offer"));
    it.answers("UPDATE", 200, "", "Content-Type: application/sdp\n\ntheirs");
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 500 Server Internal Error (UPDATE)
 0.0 * Reoffered second offer
 0.0 > 192.0.2.1:5060 500 Server Internal Error (UPDATE)
 0.0 > 192.0.2.1:5060 200 OK (PRACK) | second answer
 0.0 * Reoffered fourth offer
 0.0 > 192.0.2.1:5060 488 Not Acceptable Here (UPDATE)
 0.0 > 192.0.2.1:5060 UPDATE sip:carrier@192.0.2.1:5060 | ours
 0.0 > 192.0.2.1:5060 491 Request Pending (UPDATE)
 0.0 * Reanswered 200 theirs
 0.0 > 192.0.2.1:5060 487 Request Terminated (INVITE)
"
    );
}

/// 183 or so of the carrier, from one place of a fork.
fn progress(rseq: u32, place: &str, sdp: &str) -> String {
    let body = if sdp.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/sdp\n\n{sdp}")
    };
    format!("Require: 100rel\nRSeq: {rseq}\nContact: <sip:{place}@192.0.2.1:5070>\n{body}")
}

/// The carrier's UPDATE in the dialog that its `place` made of our call.
fn update(it: &Ladder, place: &str, number: u32, body: &str) -> String {
    let (_, invite): (_, Request) = it.asked("INVITE");
    let headers = &invite.headers;
    format!(
        "\
UPDATE sip:1230@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{place}{number}
From: {};tag={place}
To: {}
Call-ID: {}
CSeq: {number} UPDATE
Contact: <sip:{place}@192.0.2.1:5070>
Content-Type: application/sdp

{body}",
        headers.get("To").unwrap(),
        headers.get("From").unwrap(),
        headers.call_id().unwrap()
    )
}

#[test]
fn their_183_is_acknowledged_where_it_came_from_and_its_sound_holds() {
    let mut it = Ladder::new().show(&["RAck", "Supported"]);
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 183, "a", &progress(7, "a", "early answer"));
    // Again, and one that is ahead of its turn.
    it.answers("INVITE", 183, "a", &progress(7, "a", "early answer"));
    it.answers("INVITE", 180, "a", &progress(9, "a", ""));
    it.answers("PRACK", 200, "a", "");
    it.answers("INVITE", 180, "a", &progress(8, "a", ""));
    it.answers("INVITE", 200, "a", "Contact: <sip:a@192.0.2.1:5070>\n");
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | Supported: 100rel, norefersub, replaces, timer | offer
 0.0 > 192.0.2.1:5070 PRACK sip:a@192.0.2.1:5070 | RAck: 7 1 INVITE
 0.0 * Progressed 183 early answer
 0.0 > 192.0.2.1:5070 PRACK sip:a@192.0.2.1:5070 | RAck: 8 1 INVITE
 0.0 * Progressed 180
 0.0 > 192.0.2.1:5070 ACK sip:a@192.0.2.1:5070
 0.0 * Answered early answer
"
    );
    assert_eq!(it.asked("ACK").1.headers.cseq().unwrap().number, 1);
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert_eq!(it.asked("BYE").1.headers.cseq().unwrap().number, 4);
}

#[test]
fn a_fork_is_acknowledged_at_each_place_and_the_first_to_answer_has_it() {
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 183, "a", &progress(1, "a", "answer of a"));
    it.answers("INVITE", 183, "b", &progress(501, "b", "answer of b"));
    it.told();
    // Each place counts its own requests; c has answered nothing yet.
    it.hears(CARRIER, &update(&it, "a", 1, "a moves"));
    it.responds(0, 200, "moved");
    it.hears(CARRIER, &update(&it, "b", 1, "b moves"));
    it.responds(0, 200, "moved too");
    it.hears(CARRIER, &update(&it, "b", 1, "b moves").replace("bKb1", "bKb2"));
    it.hears(CARRIER, &update(&it, "c", 1, "c moves"));
    let invite = it.asked("INVITE");
    it.answers("INVITE", 200, "b", "Contact: <sip:b@192.0.2.1:5070>\n");
    it.answers_to(invite.0, &invite.1, 200, "a", "Contact: <sip:a@192.0.2.1:5070>\n");
    assert_eq!(
        it.told(),
        "
 0.0 * Reoffered a moves
 0.0 > 192.0.2.1:5060 200 OK (UPDATE) | moved
 0.0 * Reoffered b moves
 0.0 > 192.0.2.1:5060 200 OK (UPDATE) | moved too
 0.0 > 192.0.2.1:5060 500 Server Internal Error (UPDATE)
 0.0 > 192.0.2.1:5060 491 Request Pending (UPDATE)
 0.0 > 192.0.2.1:5070 ACK sip:b@192.0.2.1:5070
 0.0 * Answered
 0.0 > 192.0.2.1:5070 ACK sip:a@192.0.2.1:5070
 0.0 > 192.0.2.1:5070 BYE sip:a@192.0.2.1:5070
"
    );
}
