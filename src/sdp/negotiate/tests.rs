//! Offers and answers, word for word.

use super::*;

const G722: Format = Format { name: "G722", clock: 8000, channels: 1, payload_type: 9 };
const PCMA: Format = Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 };
const PCMU: Format = Format { name: "PCMU", clock: 8000, channels: 1, payload_type: 0 };

fn ours() -> Ours {
    Ours::new(7, "192.0.2.1:20000".parse().unwrap(), vec![G722, PCMA, PCMU])
}

/// A description with these lines behind the usual ones.
fn theirs(lines: &str) -> Session {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n";
    Session::read((head.to_owned() + &lines.replace('\n', "\r\n")).as_bytes()).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[test]
fn an_offer_names_all_we_can_do() {
    assert_eq!(
        text(ours().offer()),
        "\
v=0
o=- 7 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 20000 RTP/AVP 9 8 0 101
a=rtpmap:9 G722/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp-mux
a=ptime:20
a=sendrecv
"
    );
}

#[test]
fn an_answer_has_one_codec_their_numbers_and_every_line() {
    let offer = theirs(
        "m=video 6024 RTP/AVP 107\na=rtpmap:107 H264/90000\n\
         m=audio 5004 RTP/AVP 111 0 98 110 97\na=rtpmap:111 opus/48000/2\n\
         a=rtpmap:98 pcma/8000/1\na=rtpmap:110 telephone-event/48000\n\
         a=rtpmap:97 telephone-event/8000\na=ptime:30\na=rtcp:53020 IN IP4 192.0.2.9\n\
         m=text 11000 RTP/AVP 98\nm=image 6000 udptl t38\nm=audio 5008 RTP/AVP 0\n",
    );
    let mut ours = ours();
    let (answer, agreed) = ours.answer(&offer).unwrap();
    assert_eq!(
        text(answer),
        "\
v=0
o=- 7 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=video 0 RTP/AVP 107
m=audio 20000 RTP/AVP 98 97
a=rtpmap:98 PCMA/8000
a=rtpmap:97 telephone-event/8000
a=fmtp:97 0-15
a=ptime:20
a=sendrecv
m=text 0 RTP/AVP 98
m=image 0 udptl t38
m=audio 0 RTP/AVP 0
"
    );
    let want = Agreed {
        format: PCMA,
        payload_type: 98,
        dtmf: Some(97),
        remote: "192.0.2.7:5004".parse().ok(),
        port: Some(5004),
        remote_rtcp: "192.0.2.9:53020".parse().ok(),
        send: true,
        receive: true,
        ptime: 30,
        rtcp_mux: false,
        keys: None,
    };
    assert_eq!(agreed, want);
}

/// Every way of hold, with our answer's direction and whether media flow.
#[test]
fn hold_in_all_its_ways() {
    for (lines, answer, send, receive) in [
        ("m=audio 5004 RTP/AVP 8\na=sendrecv\n", "sendrecv", true, true),
        ("m=audio 5004 RTP/AVP 8\na=sendonly\n", "recvonly", false, true),
        ("m=audio 5004 RTP/AVP 8\na=recvonly\n", "sendonly", true, false),
        ("m=audio 5004 RTP/AVP 8\na=inactive\n", "inactive", false, false),
        ("a=inactive\nm=audio 5004 RTP/AVP 8\n", "inactive", false, false),
        ("m=audio 5004 RTP/AVP 8\nc=IN IP4 0.0.0.0\n", "sendrecv", false, true),
        ("m=audio 5004 RTP/AVP 8\nc=IN IP4 0.0.0.0\na=sendonly\n", "recvonly", false, true),
    ] {
        let (text_, agreed) = ours().answer(&theirs(lines)).unwrap();
        assert!(text(text_).ends_with(&format!("a={answer}\n")), "{lines}");
        assert_eq!((agreed.send, agreed.receive), (send, receive), "{lines}");
        assert_eq!(agreed.remote.is_none(), lines.contains("0.0.0.0"), "{lines}");
    }
}

#[test]
fn a_far_side_that_we_hold_is_not_heard() {
    let mut ours = ours();
    let _ = ours.offer();
    ours.direction = Direction::SendOnly;
    assert!(text(ours.offer()).ends_with("a=sendonly\n"));
    let agreed = ours.answered(&theirs("m=audio 9 RTP/AVP 8\na=recvonly\n")).unwrap();
    assert_eq!((agreed.send, agreed.receive), (true, false));
    let (answer, _) = ours.answer(&theirs("m=audio 9 RTP/AVP 8\n")).unwrap();
    assert!(text(answer).ends_with("a=sendonly\n"));
}

#[test]
fn the_version_grows_with_each_change_and_only_then() {
    let version = |bytes: Vec<u8>| text(bytes).split(' ').nth(2).map(str::to_owned).unwrap();
    let mut ours = ours();
    let offer = theirs("m=audio 5004 RTP/AVP 8\n");
    assert_eq!(version(ours.answer(&offer).unwrap().0), "1");
    assert_eq!(version(ours.answer(&offer).unwrap().0), "1");
    let hold = theirs("m=audio 5004 RTP/AVP 8\na=sendonly\n");
    assert_eq!(version(ours.answer(&hold).unwrap().0), "2");
    assert_eq!(version(ours.answer(&offer).unwrap().0), "3");
}

/// RFC 3264 8: a line once there is there for good, and ours stays in its place.
#[test]
fn an_offer_within_the_dialog_keeps_the_lines() {
    let mut ours = ours();
    let offer = theirs(
        "m=video 6024 RTP/AVP 107\nm=audio 5004 RTP/AVP 8 96\n\
         a=rtpmap:96 telephone-event/8000\n",
    );
    ours.answer(&offer).unwrap();
    let again = text(ours.offer());
    assert!(again.contains("m=video 0 RTP/AVP 107\nm=audio 20000 RTP/AVP 9 8 0 96\n"));
}

#[test]
fn their_answer_says_what_we_speak() {
    let mut ours = ours();
    let _ = ours.offer();
    let agreed = ours
        .answered(&theirs("m=audio 5004 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\n"))
        .unwrap();
    assert_eq!((agreed.format, agreed.payload_type, agreed.dtmf), (PCMU, 0, Some(101)));
    let refused = ours.answered(&theirs("m=audio 0 RTP/AVP 8\n"));
    assert_eq!(refused, Err(Refused::NoAudio));
}

#[test]
fn no_agreement_has_a_reason() {
    for (lines, why) in [
        ("", Refused::NoAudio),
        ("m=video 5004 RTP/AVP 31\n", Refused::NoAudio),
        ("m=audio 0 RTP/AVP 8\n", Refused::NoAudio),
        ("m=audio 5004 RTP/SAVP 8\n", Refused::Protocol),
        ("m=audio 5004 RTP/AVP 18 3\n", Refused::NoCommonCodec),
        ("m=audio 5004 RTP/AVP 8\na=rtpmap:8 speex/16000\n", Refused::NoCommonCodec),
        ("m=audio 5004 RTP/AVP 8\nc=IN IP4 224.2.1.1/127\n", Refused::Address),
        ("m=audio 5004 RTP/AVP 8\nc=IN IP6 2001:db8::1\n", Refused::Address),
    ] {
        assert_eq!(ours().answer(&theirs(lines)).map(|_| ()), Err(why), "{lines}");
    }
}

#[test]
fn a_phone_on_our_own_machine_may_use_any_port_on_loopback() {
    let at = |ip: &str| {
        let address = format!("{ip}:20000").parse().unwrap();
        let ours = Ours::new(7, address, vec![PCMA]).at_home((20_000, 29_999));
        let line = format!("m=audio 25000 RTP/AVP 8\nc=IN IP4 {ip}\n");
        ours.clone().answer(&theirs(&line)).map(|_| ())
    };
    assert_eq!(at("127.0.0.1"), Ok(()));
    assert_eq!(at("192.0.2.1"), Err(Refused::Address));
}

#[test]
fn who_has_both_versions_of_ip_speaks_the_far_sides() {
    let both = || {
        let other = "2001:db8::1".parse().ok();
        Ours::new(7, "192.0.2.1:20000".parse().unwrap(), vec![PCMA]).also_at(other)
    };
    let answer = |line: &str| {
        let (answer, agreed) = both().answer(&theirs(line)).unwrap();
        (text(answer), agreed.remote.unwrap().to_string())
    };
    let (told, there) = answer("m=audio 5004 RTP/AVP 8\nc=IN IP6 2001:db8::7\n");
    assert!(told.contains("c=IN IP6 2001:db8::1\n") && told.contains("IN IP6 2001:db8::1\ns=-"));
    assert_eq!(there, "[2001:db8::7]:5004");
    let (told, there) = answer("m=audio 5004 RTP/AVP 8\nc=IN IP4 192.0.2.7\n");
    assert!(told.contains("c=IN IP4 192.0.2.1\n"), "{told}");
    assert_eq!(there, "192.0.2.7:5004");
    let offer = |ipv6| text(both().by_ipv6(ipv6).offer());
    assert!(offer(true).contains("c=IN IP6 2001:db8::1\n"));
    assert!(offer(false).contains("c=IN IP4 192.0.2.1\n"));
    // Whichever was named, our own ports are nobody else's.
    let home = theirs("m=audio 20004 RTP/AVP 8\nc=IN IP6 2001:db8::1\n");
    let refused = both().at_home((20_000, 29_999)).answer(&home).unwrap_err();
    assert_eq!(refused, Refused::Address);
}

#[test]
fn two_sides_on_ipv6_agree() {
    let mut one = Ours::new(1, "[2001:db8::1]:20000".parse().unwrap(), vec![G722, PCMA]);
    let mut two = Ours::new(2, "[2001:db8::2]:30000".parse().unwrap(), vec![PCMU, PCMA]);
    let offer = Session::read(&one.offer()).unwrap();
    let (answer, theirs) = two.answer(&offer).unwrap();
    let ours = one.answered(&Session::read(&answer).unwrap()).unwrap();
    assert_eq!((ours.format, theirs.format), (PCMA, PCMA));
    assert_eq!(ours.remote, "[2001:db8::2]:30000".parse().ok());
    assert_eq!(theirs.remote, "[2001:db8::1]:20000".parse().ok());
}
