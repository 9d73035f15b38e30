//! One agent that takes call after call and times how soon the next one comes.

use std::{
    net::UdpSocket,
    thread,
    time::{Duration, Instant},
};

/// Takes `rounds` calls on `port`; the time from each BYE to the next INVITE, sorted.
pub(crate) fn reactions(port: u16, rounds: usize) -> Vec<Duration> {
    let socket = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let mut buffer = vec![0; 65_536];
    let mut freed: Option<Instant> = None;
    let mut times = vec![];
    while times.len() < rounds {
        let (length, from) = socket.recv_from(&mut buffer).expect("a call comes");
        let at = now();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.starts_with("INVITE ") {
            if let Some(freed) = freed.take() {
                times.push(at - freed);
            }
            socket.send_to(answer(&text, port).as_bytes(), from).unwrap();
        } else if text.starts_with("ACK ") {
            thread::sleep(Duration::from_millis(5));
            freed = Some(now());
            socket.send_to(bye(&text, port, times.len()).as_bytes(), from).unwrap();
        }
    }
    times.sort();
    times
}

/// The same journey of a bare datagram: there and back between two threads, sorted.
pub(crate) fn floor(rounds: usize) -> Vec<Duration> {
    let there = UdpSocket::bind("127.0.0.1:0").unwrap();
    let back = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = there.local_addr().unwrap();
    let echo = thread::spawn(move || {
        let mut buffer = [0; 2048];
        for _ in 0..rounds {
            let (length, from) = there.recv_from(&mut buffer).unwrap();
            there.send_to(&buffer[..length], from).unwrap();
        }
    });
    let mut buffer = [0; 2048];
    let mut times: Vec<_> = (0..rounds)
        .map(|_| {
            let sent = now();
            back.send_to(&[0; 900], target).unwrap();
            back.recv_from(&mut buffer).unwrap();
            now() - sent
        })
        .collect();
    echo.join().unwrap();
    times.sort();
    times
}

#[allow(clippy::disallowed_methods)] // A measurement from outside has a clock of its own.
fn now() -> Instant {
    Instant::now()
}

/// 200 to an INVITE.
fn answer(invite: &str, port: u16) -> String {
    let keep = |name: &str| lines(invite, name).collect::<Vec<_>>().join("\r\n");
    let body = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";
    format!(
        "SIP/2.0 200 OK\r\n{}\r\n{}\r\n{};tag=a\r\n{}\r\n{}\r\nContact: <sip:agent@127.0.0.1:{port}>\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        keep("Via"),
        keep("From"),
        keep("To"),
        keep("Call-ID"),
        keep("CSeq"),
        body.len()
    )
}

/// BYE in the dialog of an ACK: the two sides' roles turned round.
fn bye(ack: &str, port: u16, round: usize) -> String {
    let value =
        |name: &str| lines(ack, name).next().unwrap().split_once(':').unwrap().1.trim().to_owned();
    let to = value("From");
    let uri = to.split_once('<').unwrap().1.split_once('>').unwrap().0.to_owned();
    format!(
        "BYE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bKb{}\r\nFrom: {}\r\nTo: {to}\r\n\
         Call-ID: {}\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        round,
        value("To"),
        value("Call-ID"),
    )
}

fn lines<'a>(message: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    message.lines().filter(move |line| {
        line.split_once(':').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case(name))
    })
}
