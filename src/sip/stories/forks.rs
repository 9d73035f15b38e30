//! One phone in several places: what becomes of a call when some refuse it, and others are dead.

use super::ladder::Ladder;
use crate::sip::{
    message::{Message, Request, method::Method},
    wire::Peer,
};

const HERE: &str = "198.51.100.7:1";
const THERE: &str = "198.51.100.7:2";

/// A call that rings in two places, and the INVITE to each.
fn rings_in_two_places() -> (Ladder, [(Peer, Request); 2]) {
    let mut it = Ladder::new();
    it.registers(HERE, 1, "<sip:1001@10.0.0.7>", "dev-1001");
    it.registers(THERE, 3, "<sip:1001@10.0.0.8>", "dev-1001");
    it.calls_phone(0);
    let invites: Vec<_> = it
        .sent
        .iter()
        .filter_map(|(peer, message)| match message {
            Message::Request(it) if it.method == Method::INVITE => Some((*peer, it.clone())),
            Message::Request(_) | Message::Response(_) => None,
        })
        .collect();
    it.told();
    let [here, there] = invites.try_into().unwrap();
    (it, [here, there])
}

/// When the call is refused, and how, if each place says these at these milliseconds.
fn refused(says: &[(u64, usize, u16)]) -> String {
    let (mut it, invites) = rings_in_two_places();
    for &(at, place, status) in says {
        it.until(at);
        let (peer, invite) = &invites[place];
        it.answers_to(*peer, invite, status, ["here", "there"][place], "");
    }
    it.until(200_000);
    let told = it.told();
    assert!(it.is_quiet(), "{told}");
    let is_it = |line: &&str| line.contains(" * Rejected");
    told.lines().find(is_it).unwrap_or("never").trim().to_owned()
}

/// A phone that lost its power has a binding for as long as it asked for. Nobody waits for it.
#[test]
fn the_best_refusal_decides_when_all_that_spoke_have_answered() {
    for (says, want) in [
        // The other is dead.
        (&[(2_000, 0, 486)][..], "2.0 * Rejected 486 Busy Here"),
        (&[(300, 0, 180), (3_000, 0, 603)], "3.0 * Rejected 603 Decline"),
        // It might only be slow, as long as a round trip may take.
        (&[(100, 0, 486)], "0.5 * Rejected 486 Busy Here"),
        (&[(100, 0, 486), (400, 1, 180), (5_000, 1, 480)], "5.0 * Rejected 486 Busy Here"),
        (&[(100, 0, 480), (400, 1, 180), (5_000, 1, 486)], "5.0 * Rejected 486 Busy Here"),
        // Whoever refuses does so for the other place, too, be it dead, slow or ringing.
        (&[(100, 0, 603)], "0.1 * Rejected 603 Decline"),
        (
            &[(100, 0, 180), (200, 1, 180), (3_000, 1, 603), (3_100, 0, 487)],
            "3.0 * Rejected 603 Decline",
        ),
        // Both are dead.
        (&[], "32.0 * Rejected 408 Request Timeout"),
    ] {
        assert_eq!(refused(says), want, "{says:?}");
    }
}

/// The late one gets CANCEL as soon as it says a word, and BYE if that is a 200.
#[test]
fn a_place_that_wakes_up_when_all_is_decided_does_not_ring_on() {
    let (mut it, [(here, first), (there, second)]) = rings_in_two_places();
    it.until(2_000);
    it.answers_to(here, &first, 486, "here", "");
    it.told();
    it.until(5_000);
    it.answers_to(there, &second, 180, "there", "");
    let told = it.told();
    assert!(told.contains("> 198.51.100.7:2 CANCEL sip:1001@10.0.0.8"), "{told}");
    it.answers_to(there, &second, 200, "there", "Contact: <sip:1001@10.0.0.8>\n");
    let told = it.told();
    assert!(told.contains("> 198.51.100.7:2 ACK") && told.contains("BYE"), "{told}");
    assert!(!told.contains('*'), "{told}");
}
