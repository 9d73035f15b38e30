//! A user agent's transactions (RFC 3261 17), small: says a request again until it is answered, an answer again
//! when it is asked again, and hears nothing twice.
//!
//! Small and independent of [`Endpoint`](crate::sip::endpoint): what it has in common with
//! that are the RFC and the reader of messages, so each holds the other to the RFC. It talks
//! to one far side only, over datagrams or a connection.

use std::{collections::VecDeque, net::SocketAddr};

use crate::{
    base::{
        rng::Rng,
        time::{Span, Timestamp},
    },
    sip::{
        message::{
            Message, Request, Response,
            method::Method,
            read::{self, Limits},
        },
        wire::Transport,
    },
};

const T1: Span = Span::millis(500);
const T2: Span = Span::secs(4);
/// 64*T1: after that nobody is waited for.
const GIVE_UP: Span = Span::secs(32);
/// Answers kept to be said again. A user agent here has one call at a time.
const KEPT: usize = 32;

/// All transactions of one telephone.
#[derive(Debug)]
pub struct Transactions {
    /// Where we are.
    pub here: SocketAddr,
    /// Where the exchange is.
    pub there: SocketAddr,
    /// Over what.
    pub transport: Transport,
    rng: Rng,
    /// Requests without a final answer yet.
    asked: Vec<Pending>,
    /// The last answers by branch and method, oldest first.
    answered: VecDeque<(String, Vec<u8>)>,
    /// A 2xx to an INVITE, said again until its ACK comes.
    owed: Option<Repeat>,
}

#[derive(Debug)]
struct Pending {
    request: Request,
    branch: String,
    wait: Wait,
}

/// What a request still waits for.
#[derive(Debug)]
enum Wait {
    /// Any answer; it is said again meanwhile.
    Answer(Repeat),
    /// The final answer: someone is at it.
    Final,
    /// The 487 that its CANCEL is to bring, no longer than that.
    Cancelled(Timestamp),
    /// Nothing. An INVITE is kept, so that repeated final answers get their ACK.
    Over,
}

#[derive(Debug)]
struct Repeat {
    bytes: Vec<u8>,
    at: Timestamp,
    gap: Span,
    until: Timestamp,
}

/// What is heard for the first time.
#[derive(Debug)]
pub enum Incoming {
    /// The far side asks.
    Asked(Request),
    /// An answer to our request of that method and `CSeq`.
    Answered(Box<Request>, Response),
    /// No answer came to our request.
    Nothing(Box<Request>),
}

impl Transactions {
    /// None yet, of a telephone at `here` with an exchange at `there`.
    #[must_use]
    pub fn new(here: SocketAddr, there: SocketAddr, rng: Rng) -> Self {
        let transport = Transport::Udp;
        Self { here, there, transport, rng, asked: vec![], answered: VecDeque::new(), owed: None }
    }

    /// A word that nobody else has: for tags, branches, Call-IDs.
    pub fn word(&mut self) -> String {
        format!("{:016x}", self.rng.bits())
    }

    /// Sends a request, with Via and Max-Forwards put on top, until it is answered.
    pub fn ask(&mut self, now: Timestamp, request: Request, out: &mut Vec<Vec<u8>>) {
        let branch = format!("z9hG4bK{}", self.word());
        let bytes = self.send(&request, &branch, out);
        if request.method == Method::ACK {
            return;
        }
        let wait = Wait::Answer(self.until_answered(now, bytes));
        self.asked.push(Pending { request, branch, wait });
    }

    /// Takes back our INVITE: a CANCEL by the same branch (RFC 3261 9.1). Says whether there
    /// was one to take back.
    pub fn cancel(&mut self, now: Timestamp, out: &mut Vec<Vec<u8>>) -> bool {
        let Some(asked) = self
            .asked
            .iter_mut()
            .rev()
            .find(|it| it.request.method == Method::INVITE && !matches!(it.wait, Wait::Over))
        else {
            return false;
        };
        asked.wait = Wait::Cancelled(now + GIVE_UP);
        let (branch, invite) = (asked.branch.clone(), asked.request.clone());
        let number = invite.headers.cseq().map_or(1, |cseq| cseq.number);
        let mut cancel = Request::new(Method::CANCEL, invite.uri.clone());
        for name in ["From", "To", "Call-ID"] {
            cancel.headers.copy(name, &invite.headers);
        }
        let cancel = cancel.with("CSeq", format!("{number} CANCEL"));
        let bytes = self.send(&cancel, &branch, out);
        let wait = Wait::Answer(self.until_answered(now, bytes));
        self.asked.push(Pending { request: cancel, branch, wait });
        true
    }

    /// Answers a request, and again whenever it is asked again.
    pub fn answer(
        &mut self,
        now: Timestamp,
        request: &Request,
        response: &Response,
        out: &mut Vec<Vec<u8>>,
    ) {
        let mut bytes = vec![];
        response.write(&mut bytes);
        if request.method == Method::INVITE && response.is_success() {
            self.owed = Some(Repeat::new(now, bytes.clone()));
        }
        let key = key(request);
        self.answered.retain(|(known, _)| *known != key);
        if self.answered.len() >= KEPT {
            self.answered.pop_front();
        }
        self.answered.push_back((key, bytes.clone()));
        out.push(bytes);
    }

    /// Hears a datagram. What was heard before is answered as before and not told.
    pub fn hear(&mut self, bytes: &[u8], out: &mut Vec<Vec<u8>>) -> Option<Incoming> {
        match read::read(bytes, self.transport, &Limits::default()).ok()? {
            Message::Request(request) => self.asked(request, out),
            Message::Response(response) => self.said(response, out),
        }
    }

    fn asked(&mut self, request: Request, out: &mut Vec<Vec<u8>>) -> Option<Incoming> {
        if request.method == Method::ACK {
            self.owed = None;
            return Some(Incoming::Asked(request));
        }
        let key = key(&request);
        match self.answered.iter().find(|(known, _)| *known == key) {
            Some((_, bytes)) => {
                out.push(bytes.clone());
                None
            }
            None => Some(Incoming::Asked(request)),
        }
    }

    fn said(&mut self, response: Response, out: &mut Vec<Vec<u8>>) -> Option<Incoming> {
        let branch = response.headers.top_via().ok()?.branch()?.to_owned();
        let method = response.headers.cseq().ok()?.method;
        let place =
            self.asked.iter().position(|it| it.branch == branch && it.request.method == method)?;
        let asked = self.asked.get_mut(place)?;
        let request = Box::new(asked.request.clone());
        if method != Method::INVITE {
            if !response.is_provisional() {
                self.asked.remove(place);
            }
        } else if response.is_provisional() {
            if let Wait::Answer(_) = asked.wait {
                asked.wait = Wait::Final;
            }
        } else {
            let first = !matches!(asked.wait, Wait::Over);
            asked.wait = Wait::Over;
            if !response.is_success() {
                self.acknowledge(&request, &branch, &response, out);
                if !first {
                    return None;
                }
            }
        }
        Some(Incoming::Answered(request, response))
    }

    /// The ACK to a refusal goes by the INVITE's own branch (RFC 3261 17.1.1.3).
    fn acknowledge(
        &mut self,
        invite: &Request,
        branch: &str,
        response: &Response,
        out: &mut Vec<Vec<u8>>,
    ) {
        let number = invite.headers.cseq().map_or(1, |cseq| cseq.number);
        let mut ack = Request::new(Method::ACK, invite.uri.clone());
        for name in ["From", "Call-ID"] {
            ack.headers.copy(name, &invite.headers);
        }
        ack.headers.copy("To", &response.headers);
        self.send(&ack.with("CSeq", format!("{number} ACK")), branch, out);
    }

    fn send(&mut self, request: &Request, branch: &str, out: &mut Vec<Vec<u8>>) -> Vec<u8> {
        let mut request = request.clone();
        request.headers.prepend("Max-Forwards", "70");
        let over = if self.transport == Transport::Tcp { "TCP" } else { "UDP" };
        let via = format!("SIP/2.0/{over} {};rport;branch={branch}", self.here);
        request.headers.prepend("Via", via);
        let mut bytes = vec![];
        request.write(&mut bytes);
        out.push(bytes.clone());
        bytes
    }

    /// A request is said again over datagrams; a connection delivers it, or breaks.
    fn until_answered(&self, now: Timestamp, bytes: Vec<u8>) -> Repeat {
        let repeat = Repeat::new(now, bytes);
        if self.transport.is_stream() { Repeat { at: repeat.until, ..repeat } } else { repeat }
    }

    /// Forgets the finished INVITE: a new one is about to begin.
    pub fn forget(&mut self) {
        self.asked.retain(|it| !matches!(it.wait, Wait::Over));
    }

    /// Says again what is due to be said again. Tells of a request that nobody answered.
    pub fn tick(&mut self, now: Timestamp, out: &mut Vec<Vec<u8>>) -> Option<Incoming> {
        if let Some(owed) = &mut self.owed
            && !owed.say(now, out)
        {
            self.owed = None;
        }
        let lost = self.asked.iter_mut().position(|it| match &mut it.wait {
            Wait::Answer(repeat) => !repeat.say(now, out),
            Wait::Cancelled(until) => *until <= now,
            Wait::Final | Wait::Over => false,
        })?;
        Some(Incoming::Nothing(Box::new(self.asked.remove(lost).request)))
    }

    /// When to be told the time.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let asked = self.asked.iter().filter_map(|it| match &it.wait {
            Wait::Answer(repeat) => Some(repeat.due()),
            Wait::Cancelled(until) => Some(*until),
            Wait::Final | Wait::Over => None,
        });
        asked.chain(self.owed.as_ref().map(Repeat::due)).min()
    }
}

impl Repeat {
    fn new(now: Timestamp, bytes: Vec<u8>) -> Self {
        Self { bytes, at: now + T1, gap: T1, until: now + GIVE_UP }
    }

    fn due(&self) -> Timestamp {
        self.at.min(self.until)
    }

    /// Says it again if it is time. `false`: it has been said long enough.
    fn say(&mut self, now: Timestamp, out: &mut Vec<Vec<u8>>) -> bool {
        if self.at <= now && now < self.until {
            out.push(self.bytes.clone());
            self.gap = (self.gap * 2).min(T2);
            self.at = now + self.gap;
        }
        now < self.until
    }
}

fn key(request: &Request) -> String {
    let branch = request.headers.top_via().ok().and_then(|via| via.branch().map(str::to_owned));
    format!("{} {}", request.method.as_str(), branch.unwrap_or_default())
}
