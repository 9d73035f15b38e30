//! Far sides with odd habits, each message said by hand: what they get for an answer, and that
//! nothing is left of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::net::{SocketAddr, UdpSocket};

use common::{
    SOON, World,
    by_hand::{Call, Heard, Peer, agent_by_hand, sdp},
    free_port, until,
};

/// A city whose agent's phone is `phone`, and a carrier's line.
fn city() -> (World, Peer, Peer) {
    city_with(|text| text)
}

fn city_with(change: impl FnOnce(String) -> String) -> (World, Peer, Peer) {
    let sip = free_port();
    let phone = Peer::udp(sip, "127.0.0.1");
    let world = World::start_at(sip, |text| change(text + &agent_by_hand(phone.at().port())));
    until("the agent is ready", || world.agent("hand") == "ready");
    let line = Peer::udp(sip, "127.0.0.1");
    (world, phone, line)
}

/// The phone takes the call, with sound at that place.
fn answers(phone: &mut Peer, invite: &Heard, sdp: &str) -> Call {
    let contact = format!("Contact: <sip:hand@{}>\n", phone.at());
    phone.says(&invite.answer("200 OK", "hand", &contact, sdp));
    phone.hears("ACK");
    Call::answering(phone, invite, "hand")
}

/// A call that stands between the line and the phone, and each one's view of it.
fn they_talk(world: &World, phone: &mut Peer, line: &mut Peer) -> (Call, Call) {
    let mut call = line.call("1239");
    call.stands(line, &sdp(sound(), "8"));
    let invite = phone.hears("INVITE");
    let theirs = answers(phone, &invite, &sdp(sound(), "8"));
    until("they talk", || world.agent("hand") == "talking");
    (call, theirs)
}

/// A place for sound at which nobody listens.
fn sound() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// It hears a BYE, and says so.
fn is_hung_up(peer: &mut Peer) -> Heard {
    let bye = peer.hears("BYE");
    peer.says(&bye.answer("200 OK", "hand", "", ""));
    bye
}

fn hangs_up(peer: &mut Peer, call: &mut Call) {
    peer.says(&call.request("BYE", "", ""));
    peer.hears("SIP/2.0 200");
}

/// It rings, and then the call is for it no more.
fn is_cancelled(phone: &mut Peer) {
    let invite = phone.hears("INVITE");
    phone.says(&invite.answer("180 Ringing", "hand", "", ""));
    let cancel = phone.hears("CANCEL");
    phone.says(&cancel.answer("200 OK", "hand", "", ""));
    phone.says(&invite.answer("487 Request Terminated", "hand", "", ""));
    phone.hears("ACK");
}

fn nothing_is_left(world: &World) {
    until("no dialog is left", || world.metric("acd_sip_dialogs", "") == 0);
}

#[test]
fn a_caller_gets_the_first_codec_that_both_know_or_is_told_that_there_is_none() {
    let (world, _phone, mut line) = city();
    for (kinds, lines, status, sound_line) in [
        ("18 8 101", "", "200", "RTP/AVP 8 101"),
        ("18 4", "a=rtpmap:18 G729/8000\n", "488", ""),
        ("97", "a=rtpmap:97 opus/48000/2\n", "488", ""),
        ("0 8", "a=ptime:30\n", "200", "RTP/AVP 8"),
        ("0", "a=ptime:10\n", "200", "RTP/AVP 0"),
        ("8", "a=ptime:60\na=maxptime:60\n", "200", "RTP/AVP 8"),
        ("9 8 96", "a=rtpmap:96 telephone-event/8000\n", "200", "RTP/AVP 9 96"),
    ] {
        let mut call = line.call("1239");
        line.says(&call.request("INVITE", "", &(sdp(sound(), kinds) + lines)));
        let answer = line.hears(&format!("SIP/2.0 {status}"));
        let media = answer.body().lines().find(|it| it.starts_with("m=audio")).unwrap_or_default();
        assert!(media.ends_with(sound_line), "{kinds}: {media}");
        if status == "200" {
            call.learn(&answer);
            line.says(&call.request("ACK", "", ""));
            hangs_up(&mut line, &mut call);
        } else {
            call.confirms_refusal(&mut line, &answer);
        }
    }
    nothing_is_left(&world);
}

#[test]
fn a_caller_who_offers_nothing_is_offered_sound_and_let_go_if_it_takes_none() {
    let (world, mut phone, mut line) = city();
    let mut call = line.call("1239");
    line.says(&call.request("INVITE", "", ""));
    let offer = line.hears("SIP/2.0 200");
    assert!(offer.body().contains("m=audio"), "{}", offer.0);
    call.learn(&offer);
    line.says(&call.request("ACK", "", &sdp(sound(), "8 101")));
    let invite = phone.hears("INVITE");
    let mut theirs = answers(&mut phone, &invite, &sdp(sound(), "8"));
    until("they talk", || world.agent("hand") == "talking");
    hangs_up(&mut phone, &mut theirs);
    is_hung_up(&mut line);

    let mut call = line.call("1239");
    line.says(&call.request("INVITE", "", ""));
    call.learn(&line.hears("SIP/2.0 200"));
    line.says(&call.request("ACK", "", ""));
    is_hung_up(&mut line);
    is_cancelled(&mut phone);
    nothing_is_left(&world);
}

/// Behind a NAT an SDP names an address that only its neighbours know: both sides are heard all the
/// same, and a phone's NAT may send by another port than its SDP names.
#[test]
fn sound_finds_the_way_behind_a_nat() {
    let private = |at: SocketAddr| sdp(at, "8").replace("IN IP4 127.0.0.1", "IN IP4 10.77.66.55");
    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(SOON)).unwrap();
        socket
    };
    let (world, mut phone, mut line) = city();
    let [desk, mapped, citizen] = [socket(), socket(), socket()];
    let mut call = line.call("1239");
    call.stands(&mut line, &private(citizen.local_addr().unwrap()));
    let mut packet = [0; 512];
    let (_, waits_at) = citizen.recv_from(&mut packet).expect("music");
    let invite = phone.hears("INVITE");
    answers(&mut phone, &invite, &private(desk.local_addr().unwrap()));
    until("they talk", || world.agent("hand") == "talking");
    // The caller's sound arrives at the desk's port as its SDP names it, until the desk has shown
    // by which port its NAT sends.
    let rtp = |sequence: u8, mark: u8| {
        let mut packet = vec![0x80, 8, 0, sequence, 0, 0, sequence, 0, 0, 0, 0, mark];
        packet.extend([mark; 160]);
        packet
    };
    let heard = |at: &UdpSocket, mark: u8| {
        let mut packet = [0; 512];
        (0..100).any(|_| at.recv_from(&mut packet).is_ok() && packet[100] == mark)
    };
    citizen.send_to(&rtp(1, 0x55), waits_at).unwrap();
    let (_, speaks_at) = desk.recv_from(&mut packet).expect("the caller");
    for sequence in 1..=12 {
        mapped.send_to(&rtp(sequence, 0x66), speaks_at).unwrap();
    }
    assert!(heard(&citizen, 0x66), "the caller hears the agent");
    for sequence in 2..=9 {
        citizen.send_to(&rtp(sequence, 0x55), waits_at).unwrap();
    }
    assert!(heard(&mapped, 0x55), "the agent hears the caller where its NAT sends");
}

/// CANCEL in the very next datagram, and a phone that picks up before it hears of it.
#[test]
fn a_caller_who_cancels_at_once_leaves_nothing_behind() {
    let with_agent = "digits = \"1239\"\nanswer = \"with-agent\"";
    let (world, mut phone, mut line) =
        city_with(|text| text.replace("digits = \"1239\"", with_agent));
    for picks_up in [false, true] {
        let mut call = line.call("1239");
        let invite = call.request("INVITE", "", &sdp(sound(), "8"));
        let cancel = call.request("CANCEL", "", "");
        line.says(&invite);
        line.says(&cancel);
        let refusal = line.hears("SIP/2.0 487");
        call.confirms_refusal(&mut line, &refusal);
        if picks_up {
            let invite = phone.hears("INVITE");
            answers(&mut phone, &invite, &sdp(sound(), "8"));
            is_hung_up(&mut phone);
        } else {
            is_cancelled(&mut phone);
        }
        until("the agent is ready", || world.agent("hand") == "ready");
    }
    nothing_is_left(&world);
}

#[test]
fn who_hangs_up_twice_or_at_the_same_time_is_answered() {
    let (world, mut phone, mut line) = city();
    let (mut call, mut theirs) = they_talk(&world, &mut phone, &mut line);
    hangs_up(&mut line, &mut call);
    line.says(&call.request("BYE", "", ""));
    line.hears("SIP/2.0 481");
    phone.says(&theirs.request("BYE", "", ""));
    phone.hears("SIP/2.0 200");
    nothing_is_left(&world);
}

#[test]
fn a_phone_without_a_password_dials_feature_codes_from_where_it_stands() {
    let (world, mut phone, _line) = city();
    for (code, state) in [("*11", "away"), ("*10", "ready")] {
        phone.call_from("hand", code).stands(&mut phone, &sdp(sound(), "8"));
        is_hung_up(&mut phone);
        until(state, || world.agent("hand") == state);
    }
    nothing_is_left(&world);
}

#[test]
fn a_flood_of_offers_within_a_call_does_not_end_it() {
    let (world, mut phone, mut line) = city();
    let (mut call, mut theirs) = they_talk(&world, &mut phone, &mut line);
    let place = sound();
    for _ in 0..200 {
        line.says(&call.request("INVITE", "", &sdp(place, "8")));
    }
    let first = line.hears("SIP/2.0 200");
    call.confirms(&mut line, &first);
    let pending = line.hears("SIP/2.0 491");
    call.confirms_refusal(&mut line, &pending);
    assert_eq!(world.agent("hand"), "talking");
    hangs_up(&mut phone, &mut theirs);
    is_hung_up(&mut line);
    until("the agent is ready", || world.agent("hand") == "ready");
}

/// A phone that sends us elsewhere, or answers by what is no sound: its agent is away for a
/// while, and the caller waits for the next.
#[test]
fn a_phone_that_answers_nonsense_costs_the_caller_nothing_but_time() {
    let none = sdp(sound(), "18");
    let refused = none.replace(&format!("m=audio {}", sound().port()), "m=audio 0");
    for (status, body) in [
        ("302 Moved Temporarily", ""),
        ("200 OK", "garbage"),
        ("200 OK", ""),
        ("200 OK", &none),
        ("200 OK", &refused),
        ("699 What", ""),
    ] {
        let (world, mut phone, mut line) = city();
        let mut call = line.call("1239");
        call.stands(&mut line, &sdp(sound(), "8"));
        let invite = phone.hears("INVITE");
        let contact = format!("Contact: <sip:hand@{}>\n", phone.at());
        phone.says(&invite.answer(status, "hand", &contact, body));
        phone.hears("ACK");
        if status.starts_with('2') {
            is_hung_up(&mut phone);
        }
        until("the agent is away", || world.agent("hand") == "away");
        assert!(world.get("/api/v1/calls").contains("\"waiting\""), "{status} {body}");
        hangs_up(&mut line, &mut call);
        nothing_is_left(&world);
    }
}

/// Its Contact and its SDP name an address that nobody else can reach.
#[test]
fn a_phone_behind_a_router_is_reached_by_the_way_it_registered() {
    let (world, _, mut line) = city();
    let mut phone = Peer::udp(world.sip, "127.0.0.1");
    phone.registers("1001", "<sip:1001@192.168.178.20:5060>;expires=600");
    until("the agent is ready", || world.agent("1001") == "ready");
    let mut call = line.call("1230");
    call.stands(&mut line, &sdp(sound(), "8"));
    let invite = phone.hears("INVITE sip:1001@192.168.178.20:5060");
    let contact = "Contact: <sip:1001@192.168.178.20:5060>\n";
    let elsewhere = sdp("192.168.178.20:4000".parse().unwrap(), "8 101");
    phone.says(&invite.answer("200 OK", "hand", contact, &elsewhere));
    phone.hears("ACK");
    until("they talk", || world.agent("1001") == "talking");
    hangs_up(&mut line, &mut call);
    is_hung_up(&mut phone);
    nothing_is_left(&world);
}

#[test]
fn a_phone_whose_connection_breaks_is_away_until_it_registers_again() {
    let (world, _, mut line) = city();
    for _ in 0..2 {
        let mut phone = Peer::tcp(world.sip);
        let contact = format!("<sip:1001@{};transport=tcp>;expires=600", phone.at());
        phone.registers("1001", &contact);
        until("the agent is ready", || world.agent("1001") == "ready");
        drop(phone);
        until("the agent is away", || world.agent("1001") == "away");
    }
    // In the middle of its ringing: the caller waits on.
    let mut phone = Peer::tcp(world.sip);
    let contact = format!("<sip:1001@{};transport=tcp>;expires=600", phone.at());
    phone.registers("1001", &contact);
    until("the agent is ready", || world.agent("1001") == "ready");
    let mut call = line.call("1230");
    call.stands(&mut line, &sdp(sound(), "8"));
    phone.hears("INVITE");
    drop(phone);
    until("the agent is away", || world.agent("1001") == "away");
    assert!(world.get("/api/v1/calls").contains("\"waiting\""));
    hangs_up(&mut line, &mut call);
    nothing_is_left(&world);
}

/// The next packet of sound, of 20 ms, that is not music.
fn hears_sound(ear: &UdpSocket, tone: u8) -> bool {
    let mut packet = [0; 1500];
    (0..100).any(|_| ear.recv(&mut packet).is_ok_and(|len| packet[12..len] == [tone; 160]))
}

/// 20 ms of nothing but that, said at the port of ours that a description names.
fn says_sound(mouth: &UdpSocket, description: &str, number: u8, tone: u8) {
    let (_, port) = description.split_once("m=audio ").unwrap();
    let port: u16 = port.split(' ').next().unwrap().parse().unwrap();
    let mut packet = vec![0x80, 8, 0, number, 0, 0, number, 0, 0, 0, 0, tone];
    packet.extend([tone; 160]);
    mouth.send_to(&packet, (mouth.local_addr().unwrap().ip(), port)).unwrap();
}

#[test]
fn a_carrier_on_ipv4_and_a_phone_on_ipv6_hear_each_other() {
    let sip = free_port();
    let world = World::start_at(sip, |text| {
        let listen = format!("[\"udp://127.0.0.1:{sip}\"");
        text.replace(&listen, &format!("{listen}, \"udp://[::1]:{sip}\""))
            .replace("[rtp]\n", "[rtp]\naddress = \"::\"\n")
    });
    let mut phone = Peer::udp(sip, "::1");
    let contact = format!("<sip:1001@{}>;expires=600", phone.at());
    phone.registers("1001", &contact);
    until("the agent is ready", || world.agent("1001") == "ready");
    let sound = |ip: &str| {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(SOON)).unwrap();
        socket
    };
    let (citizen, agent) = (sound("127.0.0.1"), sound("::1"));
    let mut line = Peer::udp(sip, "127.0.0.1");
    let mut call = line.call("1230");
    let answer = call.stands(&mut line, &sdp(citizen.local_addr().unwrap(), "8"));
    assert!(answer.body().contains("c=IN IP4 127.0.0.1"), "{}", answer.0);
    let invite = phone.hears("INVITE");
    assert!(invite.body().contains("c=IN IP6 ::1"), "{}", invite.0);
    let mut theirs = answers(&mut phone, &invite, &sdp(agent.local_addr().unwrap(), "8"));
    until("they talk", || world.agent("1001") == "talking");
    for number in 0..20 {
        says_sound(&citizen, answer.body(), number, 0x11);
        says_sound(&agent, invite.body(), number, 0x22);
    }
    assert!(hears_sound(&citizen, 0x22), "the citizen hears the agent");
    assert!(hears_sound(&agent, 0x11), "the agent hears the citizen");
    hangs_up(&mut phone, &mut theirs);
    is_hung_up(&mut line);
    nothing_is_left(&world);
}

#[test]
fn a_carrier_and_a_phone_meet_over_ipv6() {
    let sip = free_port();
    let world = World::start_at(sip, |text| {
        let listen = format!("[\"udp://127.0.0.1:{sip}\"");
        text.replace(&listen, &format!("[\"udp://[::1]:{sip}\""))
            .replace("allow = [\"127.0.0.1\"]", "allow = [\"::1\"]")
            .replace("[rtp]\n", "[rtp]\naddress = \"::1\"\n")
    });
    let mut phone = Peer::udp(sip, "::1");
    let contact = format!("<sip:1001@{}>;expires=600", phone.at());
    phone.registers("1001", &contact);
    until("the agent is ready", || world.agent("1001") == "ready");
    let mut line = Peer::udp(sip, "::1");
    let mut call = line.call("1230");
    let ear = UdpSocket::bind("[::1]:0").unwrap();
    let place = ear.local_addr().unwrap();
    let answer = call.stands(&mut line, &sdp(place, "8"));
    assert!(answer.body().contains("c=IN IP6 ::1"), "{}", answer.0);
    ear.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(ear.recv(&mut [0; 1500]).unwrap(), 172, "the greeting is heard");
    let invite = phone.hears("INVITE");
    let mut theirs = answers(&mut phone, &invite, &sdp(place, "8"));
    until("they talk", || world.agent("1001") == "talking");
    hangs_up(&mut phone, &mut theirs);
    is_hung_up(&mut line);
    nothing_is_left(&world);
}
