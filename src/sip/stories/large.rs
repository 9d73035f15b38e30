//! Requests that are too large for a datagram.

use super::ladder::{CARRIER, Ladder, settings};
use crate::sip::{
    verb::{Invite, Target},
    wire::Transport,
};

impl Ladder {
    /// Calls the carrier with an offer of that many bytes; how it went out, and its Via.
    fn offers(&mut self, bytes: usize) -> (Transport, String, String) {
        let remote = CARRIER.parse().unwrap();
        let uri = format!("sip:1@{CARRIER}");
        let invite = Invite {
            target: Target::Uri { uri, transport: Transport::Udp, remote },
            from_user: "1230".into(),
            from_display: String::new(),
            sdp: Some(vec![b'x'; bytes]),
            headers: vec![],
            hops: None,
        };
        let dialog = self.does(|it, now, out| it.invite(now, invite, out)).unwrap();
        self.dialogs.push(dialog);
        self.went()
    }

    /// How the last INVITE went out: its way, what Via says of it, and its branch.
    fn went(&self) -> (Transport, String, String) {
        let (peer, request) = self.asked("INVITE");
        let via = request.headers.top_via().unwrap();
        let says = format!("{} {}", via.transport, peer.local);
        (peer.transport, says, via.branch().unwrap().to_owned())
    }
}

const UDP: &str = "UDP 192.0.2.100:5060";
const TCP: &str = "TCP 192.0.2.100:5060";

#[test]
fn a_large_invite_goes_by_tcp_and_a_small_one_by_udp() {
    let mut it = Ladder::new();
    let (way, via, _) = it.offers(500);
    assert_eq!((way, via.as_str()), (Transport::Udp, UDP));
    let (way, via, _) = it.offers(1_300);
    assert_eq!((way, via.as_str()), (Transport::Tcp, TCP));
}

#[test]
fn whoever_takes_no_connection_gets_the_large_one_by_udp_and_so_for_an_hour() {
    let mut it = Ladder::new();
    let (_, _, first) = it.offers(1_300);
    it.no_way(CARRIER);
    let (way, via, again) = it.went();
    assert_eq!((way, via.as_str()), (Transport::Udp, UDP));
    assert_eq!(first, again, "it is the same transaction");
    // And is sent again, as datagrams are.
    let sent = it.sent.len();
    it.until(600);
    assert_eq!(it.sent.len(), sent + 1);
    it.answers("INVITE", 486, "t", "");
    assert!(it.told().ends_with("Rejected 486 Busy Here\n"));

    assert_eq!(it.offers(1_300).0, Transport::Udp);
    it.until(3_700_000);
    assert_eq!(it.offers(1_300).0, Transport::Tcp);
}

#[test]
fn without_a_tcp_listener_of_ours_all_goes_by_udp() {
    let mut settings = settings();
    settings.listen.retain(|(transport, _)| *transport == Transport::Udp);
    assert_eq!(Ladder::with(settings).offers(1_300).0, Transport::Udp);
}
