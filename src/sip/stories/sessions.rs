//! Session timers (RFC 4028): agreed, refreshed from either side, and expired.

use super::ladder::{CARRIER, Ladder};
use crate::sip::message::header::reason::Reason;

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
{lines}"
    )
}

const OFFER: &str = "Content-Type: application/sdp\n\noffer";

/// A call of the carrier's that stands, with these lines in its INVITE.
fn standing(lines: &str) -> (Ladder, String) {
    let mut it = Ladder::new().show(&["Session-Expires", "Min-SE", "Require", "Reason"]);
    it.hears(CARRIER, &request("INVITE", 1, "", &format!("{lines}\n{OFFER}")));
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    (it, tag)
}

/// The carrier of DOMAIN 5.1 refreshes, and then it does not.
#[test]
fn a_carrier_that_refreshes_is_kept_and_one_that_stops_is_let_go() {
    let (mut it, tag) =
        standing("Supported: histinfo,timer\nSession-Expires: 3600;refresher=uac\nMin-SE: 900");
    it.until(900_000);
    let refresh = "Supported: timer\nSession-Expires: 1800;refresher=uac\n";
    it.hears(CARRIER, &request("UPDATE", 2, &tag, refresh));
    it.until(1_800_000);
    // By re-INVITE, and saying nothing of who refreshes: as before.
    let refresh = format!("Supported: timer\nSession-Expires: 1800\n{OFFER}");
    it.hears(CARRIER, &request("INVITE", 3, &tag, &refresh));
    it.responds(0, 200, "answer");
    it.hears(CARRIER, &request("ACK", 3, &tag, ""));
    it.until(3_567_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): c calls 1230
 0.0 > 192.0.2.1:5060 200 OK (INVITE) | Session-Expires: 1800;refresher=uac | Require: timer | answer
 0.0 * Acked
900.0 > 192.0.2.1:5060 200 OK (UPDATE) | Session-Expires: 1800;refresher=uac | Require: timer
1800.0 > 192.0.2.1:5060 100 Trying (INVITE)
1800.0 * Reoffered offer
1800.0 > 192.0.2.1:5060 200 OK (INVITE) | Session-Expires: 1800;refresher=uac | Require: timer | answer
"
    );
    it.until(3_568_000);
    assert_eq!(
        it.told(),
        "
3568.0 > 192.0.2.1:5060 BYE sip:carrier@192.0.2.1:5060 | Reason: Q.850;cause=102;text=\"Recovery on timer expiry\"
3568.0 * Lost
"
    );
    it.until(4_000_000);
    assert!(it.is_quiet());
}

#[test]
fn we_refresh_by_update_where_they_take_it() {
    let (mut it, tag) =
        standing("Supported: timer\nAllow: INVITE, UPDATE\nSession-Expires: 1800;refresher=uas");
    it.told();
    it.until(900_000);
    // They want it longer.
    it.answers("UPDATE", 422, "", "Min-SE: 2000\n");
    it.until(903_000);
    it.answers("UPDATE", 200, "", "Require: timer\nSession-Expires: 2000;refresher=uac\n");
    // Their hold changes nothing about who refreshes.
    let hold = format!("Supported: timer\n{OFFER}");
    it.hears(CARRIER, &request("INVITE", 2, &tag, &hold));
    it.responds(0, 200, "held");
    it.hears(CARRIER, &request("ACK", 2, &tag, ""));
    it.until(1_903_000);
    it.answers("UPDATE", 408, "", "");
    assert_eq!(
        it.told(),
        "
900.0 > 192.0.2.1:5060 UPDATE sip:carrier@192.0.2.1:5060 | Session-Expires: 1800;refresher=uac | Min-SE: 90
903.0 > 192.0.2.1:5060 UPDATE sip:carrier@192.0.2.1:5060 | Session-Expires: 2000;refresher=uac | Min-SE: 2000
903.0 > 192.0.2.1:5060 100 Trying (INVITE)
903.0 * Reoffered offer
903.0 > 192.0.2.1:5060 200 OK (INVITE) | Session-Expires: 2000;refresher=uas | held
1903.0 > 192.0.2.1:5060 UPDATE sip:carrier@192.0.2.1:5060 | Session-Expires: 2000;refresher=uac | Min-SE: 2000
1903.0 > 192.0.2.1:5060 BYE sip:carrier@192.0.2.1:5060 | Reason: SIP;cause=408;text=\"Request Timeout\"
1903.0 * Lost
"
    );
}

#[test]
fn where_update_is_unknown_the_same_is_offered_once_more() {
    let (mut it, _) = standing("Supported: timer\nSession-Expires: 600;refresher=uas");
    it.told();
    it.until(300_000);
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.reinvite(now, dialog, Some(b"same".to_vec()), out)).unwrap();
    it.answers("INVITE", 200, "", "Session-Expires: 600;refresher=uac\n");
    // Something is wrong over there: it is tried again until time is up.
    it.until(600_000);
    it.does(|it, now, out| it.reinvite(now, dialog, Some(b"same".to_vec()), out)).unwrap();
    it.answers("INVITE", 500, "", "");
    it.until(603_000);
    assert_eq!(
        it.told(),
        "
300.0 * RefreshDue
300.0 > 192.0.2.1:5060 INVITE sip:carrier@192.0.2.1:5060 | Session-Expires: 600;refresher=uac | Min-SE: 90 | same
300.0 > 192.0.2.1:5060 ACK sip:carrier@192.0.2.1:5060
300.0 * Reanswered 200
600.0 * RefreshDue
600.0 > 192.0.2.1:5060 INVITE sip:carrier@192.0.2.1:5060 | Session-Expires: 600;refresher=uac | Min-SE: 90 | same
600.0 > 192.0.2.1:5060 ACK sip:carrier@192.0.2.1:5060
600.0 * Reanswered 500
603.0 * RefreshDue
"
    );
    it.until(868_000);
    assert!(it.told().ends_with("868.0 * Lost\n"));
}

#[test]
fn our_call_that_is_too_short_for_them_is_made_longer() {
    let mut it = Ladder::new().show(&["Session-Expires", "Min-SE", "CSeq"]);
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 422, "x", "Min-SE: 3600\n");
    it.answers(
        "INVITE",
        200,
        "y",
        "Contact: <sip:y@192.0.2.1>\nSession-Expires: 3600;refresher=uas\n\nhi",
    );
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | Session-Expires: 1800 | Min-SE: 90 | CSeq: 1 INVITE | offer
 0.0 > 192.0.2.1:5060 ACK sip:5@192.0.2.1 | CSeq: 1 ACK
 0.0 > 192.0.2.1:5060 INVITE sip:5@192.0.2.1 | Session-Expires: 3600 | Min-SE: 3600 | CSeq: 2 INVITE | offer
 0.0 > 192.0.2.1:5060 ACK sip:y@192.0.2.1 | CSeq: 2 ACK
 0.0 * Answered hi
"
    );
    // They refresh, or else.
    it.until(3_567_999);
    assert_eq!(it.told(), "\n");
    it.until(3_568_000);
    assert!(it.told().contains("BYE"));

    // Who finds no length long enough is not asked for ever.
    let mut it = Ladder::new();
    it.calls_uri("sip:5@192.0.2.1", CARRIER);
    it.answers("INVITE", 422, "x", "Min-SE: 90\n");
    assert!(it.told().ends_with("Rejected 422 Session Interval Too Small\n"));
}

#[test]
fn a_call_without_timers_stands_as_long_as_it_likes() {
    let (mut it, _) = standing("");
    it.until(100_000_000);
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    assert!(it.told().contains(" * Acked\n100000.0 > "), "nothing in between");
}
