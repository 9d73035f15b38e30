//! A stranger who speaks SIP by chance: requests that mostly make sense, answers to what it was
//! asked, and now and then plain bytes. What it says follows from the fuzzer's bytes alone.

use std::{collections::VecDeque, net::SocketAddr};

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lotse::{
    base::numbers::FlowNo,
    sim::world::city,
    sip::{
        message::{
            Message, Request,
            read::{Limits, read},
        },
        wire::{Peer, Transport},
    },
};

const METHODS: [&str; 9] =
    ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "UPDATE", "PRACK", "INFO"];
const STATUSES: [u16; 16] =
    [100, 180, 183, 200, 202, 302, 401, 408, 422, 480, 481, 486, 487, 491, 503, 603];
const EXTRAS: [&str; 8] = [
    "Expires: 0\r\n",
    "Contact: *\r\n",
    "Require: 100rel\r\n",
    "Supported: 100rel, timer\r\n",
    "Session-Expires: 90;refresher=uac\r\n",
    "Record-Route: <sip:10.9.0.1;lr>\r\n",
    "RAck: 1 1 INVITE\r\n",
    "Proxy-Require: gruu\r\n",
];
/// So many of our requests and tags are remembered.
const REMEMBERED: usize = 8;

/// The stranger.
#[derive(Debug, Default)]
pub struct Stranger {
    /// What we asked, and by which way.
    asked: VecDeque<(Peer, Request)>,
    /// The tags that we gave.
    tags: VecDeque<String>,
}

impl Stranger {
    /// The stranger hears what we send.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn hear(&mut self, peer: Peer, bytes: &[u8]) {
        let said = read(bytes, peer.transport, &Limits::default());
        // A Via that makes no sense goes back to who wrote it.
        if said.is_err() && bytes.starts_with(b"SIP/2.0 400 ") {
            return;
        }
        match said.unwrap_or_else(|why| panic!("{why:?}: {}", bytes.escape_ascii())) {
            Message::Request(request) => remember(&mut self.asked, (peer, request)),
            Message::Response(response) => {
                if let Some(tag) =
                    response.headers.to().ok().and_then(|to| to.tag().map(Into::into))
                {
                    remember(&mut self.tags, tag);
                }
            }
        }
    }

    /// The stranger says something, by some way.
    pub fn say(&mut self, u: &mut Unstructured<'_>) -> Result<(Peer, Vec<u8>)> {
        match u.int_in_range(0..=7)? {
            0 => {
                let (peer, length) = (way(u)?, u.arbitrary::<u8>()?);
                let length = usize::from(length).min(u.len());
                Ok((peer, u.bytes(length)?.to_vec()))
            }
            1..=3 if !self.asked.is_empty() => self.answer(u),
            _ => self.ask(u),
        }
    }

    fn answer(&mut self, u: &mut Unstructured<'_>) -> Result<(Peer, Vec<u8>)> {
        let (peer, request) = &self.asked[u.choose_index(self.asked.len())?];
        let mut response = request.answer(*u.choose(&STATUSES)?);
        if u.ratio(3, 4)? {
            response = response.with_to_tag(u.choose(&["a", "b"])?);
        }
        response = response.with("Contact", "<sip:1001@10.2.0.0:5060>");
        if u.ratio(1, 4)? {
            response = response.with("Require", "100rel").with("RSeq", "1");
        }
        if u.ratio(1, 2)? {
            response = response.with_body("application/sdp", sdp(u)?.into_bytes());
        }
        let mut bytes = vec![];
        response.write(&mut bytes);
        Ok((*peer, bytes))
    }

    fn ask(&mut self, u: &mut Unstructured<'_>) -> Result<(Peer, Vec<u8>)> {
        let peer = way(u)?;
        let method = *u.choose(&METHODS)?;
        let user = *u.choose(&["1230", "115", "1001", "1002", "*10", "", "nobody"])?;
        let from = *u.choose(&["+49341555000", "1001", "1002", "anonymous"])?;
        let tag = if !self.tags.is_empty() && u.ratio(1, 2)? {
            let place = u.choose_index(self.tags.len())?;
            format!(";tag={}", self.tags[place])
        } else {
            String::new()
        };
        let [branch, dialog, cseq] = [3, 2, 4].map(|limit| u.int_in_range(0..=limit));
        let (branch, dialog, cseq) = (branch?, dialog?, cseq?);
        let over = if peer.transport == Transport::Tcp { "TCP" } else { "UDP" };
        let body = if u.ratio(1, 2)? { sdp(u)? } else { String::new() };
        let extra = if u.ratio(1, 4)? { u.choose(&EXTRAS)? } else { "" };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let (remote, length) = (peer.remote, body.len());
        let text = format!(
            "{method} sip:{user}@192.0.2.1 SIP/2.0\r\n\
             Via: SIP/2.0/{over} {remote};branch=z9hG4bK{branch}{method};rport\r\n\
             From: <sip:{from}@{remote}>;tag=f{dialog}\r\nTo: <sip:{user}@192.0.2.1>{tag}\r\n\
             Call-ID: {dialog}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n\
             Contact: <sip:{from}@{remote}>\r\n{extra}{kind}Content-Length: {length}\r\n\r\n{body}"
        );
        Ok((peer, text.into_bytes()))
    }
}

/// A trunk, a phone, a phone that stands at a fixed address, or nobody; some by a connection.
pub fn way(u: &mut Unstructured<'_>) -> Result<Peer> {
    let remotes: [SocketAddr; 4] =
        [city::citizen(1).0, city::desk(0).0, city::desk(9).0, ([203, 0, 113, 9], 5060).into()];
    let remote = *u.choose(&remotes)?;
    let (transport, flow) = if u.ratio(1, 3)? {
        (Transport::Tcp, FlowNo::first(u.int_in_range(1..=3)?))
    } else {
        (Transport::Udp, FlowNo::first(0))
    };
    Ok(Peer { transport, local: city::EXCHANGE, remote, flow })
}

/// A session that is mostly one.
fn sdp(u: &mut Unstructured<'_>) -> Result<String> {
    let address = *u.choose(&["10.1.0.1", "0.0.0.0", "::1"])?;
    let payloads = *u.choose(&["8 101", "0", "9 8 0", "18"])?;
    let direction = *u.choose(&["sendrecv", "sendonly", "recvonly", "inactive"])?;
    let port = *u.choose(&["4000", "0"])?;
    Ok(format!(
        "v=0\r\no=- 1 1 IN IP4 10.1.0.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payloads}\r\na={direction}\r\n"
    ))
}

fn remember<T>(known: &mut VecDeque<T>, one: T) {
    if known.len() == REMEMBERED {
        known.pop_front();
    }
    known.push_back(one);
}
