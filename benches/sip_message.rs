//! What it costs to read and write a SIP message.
//!
//! The reader is to stay under 1.5 µs for an INVITE of a phone. `copy` is the cost of moving the
//! bytes alone, so that the figures mean something on any machine.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lotse::{
    sdp::{
        negotiate::{Format, Ours},
        session::Session,
    },
    sip::{
        message::{
            Message,
            read::{Limits, read},
            stream::{Framer, Piece},
        },
        wire::Transport,
    },
};

/// An INVITE of a softphone, without its body.
const PHONE: &str = "INVITE sip:1230@192.0.2.10 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.33:5060;branch=z9hG4bK6bbf1ce8d3f8d6a9;rport\r\n\
    Max-Forwards: 70\r\n\
    From: \"Anna\" <sip:1001@192.0.2.10>;tag=9fxced76sl\r\n\
    To: <sip:1230@192.0.2.10>\r\n\
    Call-ID: 3848276298220188511\r\n\
    CSeq: 20714 INVITE\r\n\
    Contact: <sip:1001@192.0.2.33:5060>\r\n\
    User-Agent: baresip v2.0\r\n\
    Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,INFO,MESSAGE,UPDATE,REFER\r\n\
    Supported: gruu\r\n\
    Content-Type: application/sdp\r\n\
    Content-Length: 253\r\n\r\n";
/// An INVITE from a German carrier's trunk, as far as headers go (DOMAIN.md 5.1).
const INVITE: &str = "INVITE sip:+493411230@192.0.2.10:5060;transport=udp SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKg3Zqkv7i02p8ohmvdk7ld3ahb;rport\r\n\
    Max-Forwards: 61\r\n\
    Record-Route: <sip:192.0.2.77:5060;transport=udp;lr>\r\n\
    From: <sip:+4934198765432@carrier.example.net;user=phone>;tag=h7g4Esbg_p65547t1605\r\n\
    To: <sip:+493411230@carrier.example.net;user=phone>\r\n\
    Call-ID: p65547t1605m314159c27182s2-1234567890\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: <sip:sgc_c@192.0.2.77:5060;transport=udp>;+g.3gpp.icsi-ref=\"urn%3Aurn-7\"\r\n\
    P-Asserted-Identity: <sip:+4934198765432@carrier.example.net;user=phone>\r\n\
    P-Called-Party-ID: <sip:+493411230@carrier.example.net>\r\n\
    Allow: REGISTER, REFER, NOTIFY, SUBSCRIBE, UPDATE, PRACK, INFO, INVITE, ACK, OPTIONS, CANCEL, BYE\r\n\
    Supported: histinfo, timer, 100rel\r\n\
    Session-Expires: 3600;refresher=uac\r\n\
    Min-SE: 900\r\n\
    Accept: application/sdp, application/dtmf-relay\r\n\
    Content-Type: application/sdp\r\n\
    Content-Length: 253\r\n\r\n";
const SDP: &str = "v=0\r\n\
    o=- 1815849 0 IN IP4 192.0.2.78\r\n\
    s=Cisco SDP 0\r\n\
    c=IN IP4 192.0.2.78\r\n\
    t=0 0\r\n\
    m=audio 20062 RTP/AVP 9 8 0 101\r\n\
    a=rtpmap:9 G722/8000\r\n\
    a=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\n\
    a=fmtp:101 0-15\r\n\
    a=ptime:20\r\n\
    a=sendrecv\r\n";

fn messages(criterion: &mut Criterion) {
    let with_body = |head: &str| head.replace("253", &SDP.len().to_string()) + SDP;
    let phone = with_body(PHONE).into_bytes();
    let invite = with_body(INVITE).into_bytes();
    let limits = Limits::default();
    let parse = |bytes: &[u8]| read(bytes, Transport::Udp, &limits).unwrap();
    let Message::Request(request) = parse(&invite) else { panic!("an INVITE is a request") };
    let mut out = Vec::with_capacity(4096);
    request.answer(180).with_to_tag("1").write(&mut out);
    let ringing = out.clone();

    let mut group = criterion.benchmark_group("sip");
    group.throughput(Throughput::Bytes(invite.len() as u64));
    group.bench_function("copy", |it| it.iter(|| black_box(invite.as_slice()).to_vec()));
    group.bench_function("read/phone_invite", |it| it.iter(|| parse(black_box(&phone))));
    group.bench_function("read/carrier_invite", |it| it.iter(|| parse(black_box(&invite))));
    group.bench_function("read/180", |it| it.iter(|| parse(black_box(&ringing))));
    let garbage = vec![b'\0'; 65_535];
    group.bench_function("read/garbage_64k", |it| {
        it.iter(|| read(black_box(&garbage), Transport::Udp, &limits).unwrap_err());
    });
    group.bench_function("write/invite", |it| {
        it.iter(|| {
            out.clear();
            black_box(&request).write(&mut out);
        });
    });
    group.bench_function("answer/180", |it| {
        it.iter(|| {
            out.clear();
            black_box(&request).answer(180).with_to_tag("a6c85cf").write(&mut out);
        });
    });
    group.bench_function("look/dialog", |it| {
        it.iter(|| {
            let headers = &black_box(&request).headers;
            let via = headers.top_via().unwrap().branch();
            let (from, to) = (headers.from().unwrap().tag(), headers.to().unwrap().tag());
            black_box((via, from, to, headers.call_id().unwrap(), headers.cseq().unwrap()));
        });
    });
    group.bench_function("frame/invite", |it| {
        let mut framer = Framer::new(65_536);
        it.iter(|| {
            framer.push(black_box(&invite));
            assert!(matches!(framer.next(), Piece::Message(_)));
        });
    });
    group.finish();

    let formats = vec![
        Format { name: "G722", clock: 8000, channels: 1, payload_type: 9 },
        Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 },
    ];
    let ours = Ours::new(7, "192.0.2.1:20000".parse().unwrap(), formats);
    let mut group = criterion.benchmark_group("sdp");
    group
        .bench_function("read", |it| it.iter(|| Session::read(black_box(SDP.as_bytes())).unwrap()));
    let offer = Session::read(SDP.as_bytes()).unwrap();
    group
        .bench_function("answer", |it| it.iter(|| ours.clone().answer(black_box(&offer)).unwrap()));
    group.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
