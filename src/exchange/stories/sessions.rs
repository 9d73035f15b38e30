//! What two sides say of their sound, first and in mid-call, and what comes of it.

use super::ladder::{Ladder, sdp};
use crate::{
    exchange::{example, fact::Fact, plan::Number},
    media::order::Codec,
};

const ONE: &str = "sip:1230@192.0.2.1";

/// A request in the carrier's first call.
fn within(it: &Ladder, method: &str, number: u32, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!(
        "{method} {ONE} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{method}{number}\n\
         Call-ID: call-1\nCSeq: {number} {method}\nFrom: <sip:+493415550001@carrier.example>;tag=f\n\
         To: <sip:1230@lotse.example>;tag={}\nContact: <sip:c@192.0.2.50>\n{kind}\n{body}",
        it.tag_of_call(1)
    )
}

/// The codecs that legs went over, in order.
fn spoken(it: &Ladder) -> Vec<Codec> {
    let codec = |fact: &Fact| {
        let Fact::Negotiated { codec, .. } = fact else { return None };
        Some(*codec)
    };
    it.facts.iter().filter_map(codec).collect()
}

#[test]
fn a_caller_without_an_offer_gets_ours_and_answers_in_its_ack() {
    let mut it = Ladder::of(example::plan());
    it.acknowledges = false;
    it.hears(example::carrier(), &super::ladder::invite(1, ONE, "", ""));
    let offers = it.sent.iter().filter(|(_, it)| it.body().starts_with(b"v=0")).count();
    assert_eq!((offers, spoken(&it)), (1, vec![]), "nothing is agreed on yet");
    let ack = within(&it, "ACK", 1, &sdp(4000));
    it.hears(example::carrier(), &ack);
    assert_eq!(spoken(&it), [Codec::Pcma]);
}

/// An agent would speak to nobody.
#[test]
fn a_caller_without_an_offer_that_takes_none_of_ours_is_let_go() {
    let mut it = Ladder::of(example::plan());
    it.acknowledges = false;
    it.hears(example::carrier(), &super::ladder::invite(1, ONE, "", ""));
    let ack = within(&it, "ACK", 1, "");
    it.hears(example::carrier(), &ack);
    it.asked("BYE");
    assert_eq!(it.x.status().calls, 0);
}

#[test]
fn a_call_changes_its_codec_and_keeps_it_where_it_cannot() {
    let mut it = Ladder::of(example::plan());
    it.calls(ONE, "");
    let other = sdp(4000).replace("RTP/AVP 8", "RTP/AVP 0").replace("8 PCMA", "0 PCMU");
    let again = within(&it, "INVITE", 2, &other);
    it.hears(example::carrier(), &again);
    assert_eq!(spoken(&it), [Codec::Pcma, Codec::Pcmu]);
    // A fax machine that wants T.38 is told no, and the call goes on as it was.
    let fax = sdp(4000).replace("m=audio 4000 RTP/AVP 8 101", "m=image 4000 udptl t38");
    it.told();
    let again = within(&it, "INVITE", 3, &fax);
    it.hears(example::carrier(), &again);
    assert!(it.told().ends_with("488 Not Acceptable Here (INVITE)\n"));
    let again = within(&it, "UPDATE", 4, &other);
    it.hears(example::carrier(), &again);
    assert!(it.told().ends_with("200 OK (UPDATE)\n"));
    assert_eq!((spoken(&it).len(), it.x.status().calls), (2, 1));
}

/// RFC 3578: the beginning of a number is told so, and dialled on in an INVITE of its own.
#[test]
fn a_number_dialled_digit_by_digit_arrives_when_it_is_whole() {
    let mut plan = example::plan();
    plan.trunks[0].as_mut().unwrap().overlap = true;
    plan.numbers[0] = Number { digits: "+493411230".into(), ..plan.numbers[0].clone() };
    let mut it = Ladder::of(plan).show(&["Reason"]);
    for digits in ["+49341", "+4934112", "+493411230"] {
        let to = format!("To: <sip:{digits}@lotse.example>");
        it.calls(&format!("sip:{digits}@192.0.2.1"), &to);
    }
    let told = it.told();
    let more = "484 Address Incomplete (INVITE)\n    Reason: Q.850;cause=28\n";
    assert_eq!(told.matches(more).count(), 2, "{told}");
    assert!(told.ends_with("200 OK (INVITE)\n"), "{told}");
}
