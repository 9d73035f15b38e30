//! Phones as they are: behind NATs, in two places at once, with habits of their own.

use super::{
    ladder::{Ladder, sdp},
    sending_on::{desk, speaking},
};
use crate::base::numbers::LegNo;
use crate::exchange::example;

const ONE: &str = "sip:1230@192.0.2.1";
const CALLER: LegNo = LegNo::first(0);

/// Where sound goes to, and where it is believed from as well.
fn sound(it: &Ladder, leg: LegNo) -> String {
    let stream = &it.streams[&leg];
    format!("{:?} {:?}", stream.remote.unwrap(), stream.second)
}

/// Neither side would hear the other: nobody finds the way to the phone's own network.
#[test]
fn sound_of_a_phone_behind_a_nat_goes_where_its_sip_came_from() {
    let mut it = speaking();
    let agent = *it.streams.keys().next_back().unwrap();
    assert_eq!(sound(&it, agent), "192.0.2.50:6000 None");
    // It moves to a telephone behind a NAT, and then names its host.
    for (cseq, line, want) in [
        (1, "IN IP4 192.168.178.20", "192.0.2.103:6000 Some(192.168.178.20:6000)"),
        (2, "IN IP4 phone.example", "192.0.2.103:6000 None"),
    ] {
        let (_, ack) = it.asked("ACK");
        let again = format!(
            "INVITE sip:lotse@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP {};branch=z9hG4bKn{cseq}\n\
             Call-ID: {}\nCSeq: {cseq} INVITE\nFrom: {}\nTo: {}\nContact: <sip:1001@192.0.2.103>\n\
             Content-Type: application/sdp\n\n{}",
            desk(),
            ack.headers.call_id().unwrap(),
            ack.headers.get("To").unwrap(),
            ack.headers.get("From").unwrap(),
            sdp(6000).replace("IN IP4 192.0.2.50", line),
        );
        it.hears(desk(), &again);
        let told = it.told();
        assert!(told.contains("200 OK (INVITE)"), "{told}");
        assert_eq!(sound(&it, agent), want);
    }
}

#[test]
fn sound_of_a_caller_behind_a_nat_goes_where_its_sip_came_from() {
    let mut it = Ladder::of(example::plan());
    let private = sdp(4000).replace("IN IP4 192.0.2.50", "IN IP4 10.1.2.3");
    it.hears(example::carrier(), &super::ladder::invite(1, ONE, "", &private));
    assert_eq!(sound(&it, CALLER), "192.0.2.50:4000 Some(10.1.2.3:4000)");
}
