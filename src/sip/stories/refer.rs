//! REFER: begun, refused, and told how it went (RFC 3515).

use super::ladder::{CARRIER, Ladder};

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

fn standing() -> (Ladder, String) {
    let mut it = Ladder::new().show(&["Event", "Subscription-State", "Refer-Sub"]);
    it.hears(CARRIER, &request("INVITE", 1, "", "Content-Type: application/sdp\n\noffer"));
    it.responds(0, 200, "answer");
    let tag = it.our_tag();
    it.hears(CARRIER, &request("ACK", 1, &tag, ""));
    it.told();
    (it, tag)
}

#[test]
fn who_refers_is_told_how_it_goes_on() {
    let (mut it, tag) = standing();
    let dialog = it.dialogs[0];
    it.hears(CARRIER, &request("REFER", 2, &tag, "Refer-To: <sip:115@lotse.example>\n"));
    it.does(|it, now, out| it.respond_to_refer(now, dialog, 202, out)).unwrap();
    it.answers("NOTIFY", 200, "", "");
    // One at a time.
    it.hears(CARRIER, &request("REFER", 3, &tag, "Refer-To: <sip:115@lotse.example>\n"));
    it.until(2_000);
    it.does(|it, now, out| it.tell_referrer(now, dialog, 486, out)).unwrap();
    it.answers("NOTIFY", 200, "", "");
    it.hears(
        CARRIER,
        &request("REFER", 4, &tag, "Refer-To: sip:1002@lotse.example\nRefer-Sub: false\n"),
    );
    it.does(|it, now, out| it.respond_to_refer(now, dialog, 202, out)).unwrap();
    it.does(|it, now, out| it.tell_referrer(now, dialog, 200, out)).unwrap();
    it.hears(CARRIER, &request("REFER", 5, &tag, "Refer-To: <sip:9@lotse.example>\n"));
    it.does(|it, now, out| it.respond_to_refer(now, dialog, 404, out)).unwrap();
    assert_eq!(
        it.told().replace("\r\n", ""),
        "
 0.0 * Referred to sip:115@lotse.example, for None
 0.0 > 192.0.2.1:5060 202 Accepted (REFER)
 0.0 > 192.0.2.1:5060 NOTIFY sip:carrier@192.0.2.1:5060 | Event: refer;id=2 | Subscription-State: active;expires=180 | SIP/2.0 100 Trying
 0.0 > 192.0.2.1:5060 500 Server Internal Error (REFER)
 2.0 > 192.0.2.1:5060 NOTIFY sip:carrier@192.0.2.1:5060 | Event: refer;id=2 | Subscription-State: terminated;reason=noresource | SIP/2.0 486 Busy Here
 2.0 * Referred to sip:1002@lotse.example, for None
 2.0 > 192.0.2.1:5060 202 Accepted (REFER) | Refer-Sub: false
 2.0 * Referred to sip:9@lotse.example, for None
 2.0 > 192.0.2.1:5060 404 Not Found (REFER)
"
    );
}

#[test]
fn a_refer_that_says_not_one_place_or_names_a_call_that_is_none_is_refused() {
    let (mut it, tag) = standing();
    for (number, lines) in (2..).zip([
        "",
        "Refer-To: <sip:1@x>\nRefer-To: <sip:2@x>\n",
        "Refer-To: nowhere\n",
        "Refer-To: <sip:1@x?Replaces=no%3Bto-tag%3D1%3Bfrom-tag%3D2>\n",
    ]) {
        it.hears(CARRIER, &request("REFER", number, &tag, lines));
    }
    assert_eq!(
        it.told(),
        "
 0.0 > 192.0.2.1:5060 400 Bad Request (REFER)
 0.0 > 192.0.2.1:5060 400 Bad Request (REFER)
 0.0 > 192.0.2.1:5060 400 Bad Request (REFER)
 0.0 > 192.0.2.1:5060 481 Call/Transaction Does Not Exist (REFER)
"
    );
}
