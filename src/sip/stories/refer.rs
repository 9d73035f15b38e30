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

#[test]
fn an_invite_that_replaces_what_is_none_is_over_or_is_not_to_be_had_is_refused() {
    let (mut it, tag) = standing();
    let replaces = |number: u32, lines: &str| {
        let invite = request("INVITE", number, "", lines);
        invite.replace("Call-ID: call-1", &format!("Call-ID: call-{number}"))
    };
    let named = |call: &str, to: &str, more: &str| {
        format!("Replaces: {call};to-tag={to};from-tag=c1{more}\n")
    };
    it.hears(CARRIER, &replaces(2, &named("call-1", "0000000000000001", "")));
    it.hears(CARRIER, &replaces(3, &named("call-9", &tag, "")));
    it.hears(CARRIER, &replaces(4, "Replaces: call-1\n"));
    it.hears(
        CARRIER,
        &replaces(5, &[named("call-1", &tag, ""), named("call-1", &tag, "")].concat()),
    );
    it.hears(CARRIER, &replaces(6, &named("call-1", &tag, ";early-only")));
    it.hears(CARRIER, &replaces(7, &format!("Require: replaces\n{}", named("call-1", &tag, ""))));
    it.hears(CARRIER, &request("BYE", 8, &tag, ""));
    it.hears(CARRIER, &replaces(9, &named("call-1", &tag, "")));
    let told = it.told();
    let statuses: Vec<_> = told
        .lines()
        .filter(|line| line.ends_with("(INVITE)"))
        .filter_map(|line| line.split(' ').nth(4))
        .filter(|status| *status != "100")
        .collect();
    // The sixth would be let in, and is told.
    assert_eq!(statuses, ["481", "481", "400", "400", "486", "481"], "{told}");
    assert_eq!(it.dialogs.len(), 2);
}
