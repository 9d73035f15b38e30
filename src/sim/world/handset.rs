//! A telephone with a line, and a second one to ask somebody: registers, calls, is called, passes
//! callers on, hangs up. It decides nothing; whoever holds it does, see [`citizen`](super::citizen) and [`clerk`](super::clerk).
//!
//! ```text
//!        call()         2xx                    hang_up(), BYE
//! Idle ─────────► Calling ─────► Speaking ◄──┐ ─────────► Idle
//!   │ INVITE                                 │ ACK
//!   └───────────► Ringing ── pick_up() ──────┘
//! ```
//!
//! Bytes and time in, bytes out: the simulated network carries them, or real sockets do.

use std::net::{Ipv4Addr, SocketAddr};

use md5::{Digest, Md5};

use crate::{
    base::{rng::Rng, time::Timestamp},
    sim::world::transactions::{Incoming, Transactions},
    sip::{
        message::{Request, Response, headers::Headers, method::Method, uri::Uri},
        wire::Transport,
    },
};

/// A telephone.
#[derive(Debug)]
pub struct Handset {
    pub(super) transactions: Transactions,
    pub(super) user: String,
    password: Option<String>,
    /// Our address for sound, as our SDP says it.
    sound: SocketAddr,
    cseq: u32,
    pub(super) hook: Hook,
    /// The second line.
    pub(super) aside: Hook,
    /// What our SDP lets pass.
    pub(super) passes: Passes,
    /// Dead: hears nothing, says nothing.
    dead: bool,
}

/// What a telephone lets pass, by its own description; all but the first are ways to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// Sound both ways.
    All,
    /// `sendonly`: it would play music, if it had some.
    Ours,
    /// `inactive`.
    Nothing,
    /// Sound to `0.0.0.0`, as RFC 2543 had it.
    Nowhere,
}

/// Where a telephone stands.
#[derive(Debug)]
pub(super) enum Hook {
    Idle,
    Calling(Dialog),
    Ringing(Box<Request>, Dialog),
    Speaking(Dialog),
}

/// Our side of a dialog (RFC 3261 12).
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    pub(super) call_id: String,
    /// Our From or To with our tag.
    pub(super) local: String,
    /// Theirs, with their tag once there is one.
    pub(super) remote: String,
    /// Where requests within the dialog go.
    pub(super) target: Uri,
    /// Where their SDP wants sound.
    pub(super) sound: Option<SocketAddr>,
}

/// What happened to a telephone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The exchange took our registration.
    Registered,
    /// The exchange did not.
    NotRegistered(u16),
    /// It rings. From's display name says who.
    Rings(String),
    /// The far side is at it.
    Progress(u16),
    /// Both sides stand: sound goes to that address.
    Speaks(Option<SocketAddr>),
    /// Our call came to nothing; 408 if nobody said so.
    Refused(u16),
    /// The far side hung up or took its call back.
    HungUp,
    /// Both sides stand on the second line.
    AsideSpeaks,
    /// There is nobody on the second line, or no more.
    AsideOver,
}

/// What a telephone says: datagrams to the exchange, and what happened.
#[derive(Debug, Default)]
pub struct Said {
    /// Datagrams of SIP, in order.
    pub sip: Vec<Vec<u8>>,
    /// What happened, in order.
    pub happened: Vec<Happened>,
}

impl Handset {
    /// A telephone of `user` at `here`, with its sound at `sound`, for an exchange at `there`.
    /// Without a password it is a carrier's line and never registers.
    #[must_use]
    pub fn new(
        user: &str,
        password: Option<&str>,
        (here, sound): (SocketAddr, SocketAddr),
        there: SocketAddr,
        rng: Rng,
    ) -> Self {
        Self {
            transactions: Transactions::new(here, there, rng),
            user: user.to_owned(),
            password: password.map(str::to_owned),
            sound,
            cseq: 0,
            hook: Hook::Idle,
            aside: Hook::Idle,
            passes: Passes::All,
            dead: false,
        }
    }

    /// The same telephone, speaking SIP over a connection.
    #[must_use]
    pub fn over_tcp(mut self) -> Self {
        self.transactions.transport = Transport::Tcp;
        self
    }

    /// Over what it speaks SIP.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transactions.transport
    }

    /// Who it is.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Where it is.
    #[must_use]
    pub fn here(&self) -> SocketAddr {
        self.transactions.here
    }

    /// Whether it is in no call.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!((&self.hook, &self.aside), (Hook::Idle, Hook::Idle))
    }

    /// Whether someone calls it and waits for it to be picked up.
    #[must_use]
    pub fn is_ringing(&self) -> bool {
        matches!(self.hook, Hook::Ringing(..))
    }

    /// Whether both sides stand.
    #[must_use]
    pub fn is_speaking(&self) -> bool {
        matches!(self.hook, Hook::Speaking(_))
    }

    /// Pulls the plug: from now on it is silent and deaf.
    pub fn die(&mut self) {
        self.dead = true;
    }

    /// Registers for `expires` seconds; 0 withdraws.
    pub fn register(&mut self, now: Timestamp, expires: u32, out: &mut Said) {
        let uri = Uri::sip_at("", &self.transactions.there.to_string());
        let us = format!("<{}>", Uri::sip(&self.user, self.transactions.there));
        let request = Request::new(Method::REGISTER, uri)
            .with("From", format!("{us};tag={}", self.transactions.word()))
            .with("To", us)
            .with("Call-ID", self.transactions.word())
            .with("CSeq", format!("{} REGISTER", self.next_cseq()))
            .with("Contact", self.contact())
            .with("Expires", expires.to_string());
        self.ask(now, request, out);
    }

    /// Calls `number`.
    pub fn call(&mut self, now: Timestamp, number: &str, out: &mut Said) {
        self.transactions.forget();
        self.passes = Passes::All;
        let target = Uri::sip(number, self.transactions.there);
        let us = Uri::sip(&self.user, self.transactions.here);
        let dialog = Dialog {
            call_id: self.transactions.word(),
            local: format!("<{us}>;tag={}", self.transactions.word()),
            remote: format!("<{target}>"),
            target,
            sound: None,
        };
        let invite = self.within(&dialog, Method::INVITE);
        self.hook = Hook::Calling(dialog);
        let invite = invite.with_body("application/sdp", self.session());
        self.ask(now, invite, out);
    }

    /// Picks up.
    pub fn pick_up(&mut self, now: Timestamp, out: &mut Said) {
        let Hook::Ringing(invite, dialog) = std::mem::replace(&mut self.hook, Hook::Idle) else {
            return;
        };
        let ok = self.reply(&invite, &dialog, 200).with_body("application/sdp", self.session());
        self.answer(now, &invite, &ok, out);
        self.hook = Hook::Speaking(dialog);
    }

    /// Will not pick up: 486, 603 …
    pub fn refuse(&mut self, now: Timestamp, status: u16, out: &mut Said) {
        let Hook::Ringing(invite, dialog) = std::mem::replace(&mut self.hook, Hook::Idle) else {
            return;
        };
        let no = self.reply(&invite, &dialog, status);
        self.answer(now, &invite, &no, out);
    }

    /// Ends the call, whatever it is doing: CANCEL, 603 or BYE.
    pub fn hang_up(&mut self, now: Timestamp, out: &mut Said) {
        match &self.hook {
            Hook::Idle => (),
            // What comes of it is told by the INVITE's final answer.
            Hook::Calling(_) => {
                let mut sip = vec![];
                self.transactions.cancel(now, &mut sip);
                self.flush(sip, out);
            }
            Hook::Ringing(..) => self.refuse(now, 603, out),
            Hook::Speaking(dialog) => {
                let dialog = dialog.clone();
                let bye = self.within(&dialog, Method::BYE);
                self.hook = Hook::Idle;
                self.ask(now, bye, out);
            }
        }
    }

    /// Asks the exchange to pass the far side on (RFC 3515).
    pub fn refer(&mut self, now: Timestamp, to: &str, out: &mut Said) {
        let Hook::Speaking(dialog) = &self.hook else { return };
        let dialog = dialog.clone();
        let target = Uri::sip(to, self.transactions.there);
        let refer = self.within(&dialog, Method::REFER).with("Refer-To", format!("<{target}>"));
        self.ask(now, refer, out);
    }

    /// Puts the far side on hold in that way, or takes it back.
    pub fn hold(&mut self, now: Timestamp, passes: Passes, out: &mut Said) {
        let Hook::Speaking(dialog) = &self.hook else { return };
        let dialog = dialog.clone();
        self.passes = passes;
        self.transactions.forget();
        let invite = self.within(&dialog, Method::INVITE);
        let invite = invite.with_body("application/sdp", self.session());
        self.ask(now, invite, out);
    }

    /// Hears a datagram.
    pub fn hear(&mut self, now: Timestamp, bytes: &[u8], out: &mut Said) {
        if self.dead {
            return;
        }
        let mut sip = vec![];
        let heard = self.transactions.hear(bytes, &mut sip);
        self.flush(sip, out);
        if let Some(heard) = heard {
            self.heard(now, heard, out);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Timestamp, out: &mut Said) {
        if self.dead {
            return;
        }
        let mut sip = vec![];
        let heard = self.transactions.tick(now, &mut sip);
        self.flush(sip, out);
        if let Some(heard) = heard {
            self.heard(now, heard, out);
        }
    }

    /// When to be told the time.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        if self.dead { None } else { self.transactions.next_wake() }
    }

    fn heard(&mut self, now: Timestamp, incoming: Incoming, out: &mut Said) {
        match incoming {
            Incoming::Asked(request) if request.method == Method::INVITE => {
                self.invited(now, request, out);
            }
            Incoming::Asked(request) if request.method == Method::ACK => (),
            Incoming::Asked(request) if request.method == Method::CANCEL => {
                self.cancelled(now, &request, out);
            }
            Incoming::Asked(request) if request.method == Method::BYE => {
                let is_of = |it: Option<&Dialog>| it.is_some_and(|it| it.is_of(&request.headers));
                let (first, second) = (is_of(self.dialog()), is_of(self.aside_dialog()));
                let status = if first || second { 200 } else { 481 };
                self.answer(now, &request, &request.answer(status), out);
                if first {
                    self.hook = Hook::Idle;
                    out.happened.push(Happened::HungUp);
                } else if second {
                    self.aside = Hook::Idle;
                    out.happened.push(Happened::AsideOver);
                }
            }
            Incoming::Asked(request) => self.answer(now, &request, &request.answer(200), out),
            Incoming::Answered(request, response) => self.answered(now, &request, &response, out),
            Incoming::Nothing(request) => {
                self.answered(now, &request, &request.answer(408), out);
            }
        }
    }

    fn invited(&mut self, now: Timestamp, invite: Request, out: &mut Said) {
        if self.dialog().is_some_and(|it| it.is_of(&invite.headers)) {
            // A re-INVITE: what we said before still holds.
            if let Hook::Speaking(dialog) = &mut self.hook {
                dialog.sound = media(&invite.body).or(dialog.sound);
                let dialog = dialog.clone();
                let ok =
                    self.reply(&invite, &dialog, 200).with_body("application/sdp", self.session());
                self.answer(now, &invite, &ok, out);
            }
            return;
        }
        if !self.is_idle() {
            let busy = invite.answer(486).with_to_tag(&self.transactions.word());
            return self.answer(now, &invite, &busy, out);
        }
        self.passes = Passes::All;
        let tag = self.transactions.word();
        let headers = &invite.headers;
        let dialog = Dialog {
            call_id: headers.get("Call-ID").unwrap_or_default().to_owned(),
            local: format!("{};tag={tag}", headers.get("To").unwrap_or_default()),
            remote: headers.get("From").unwrap_or_default().to_owned(),
            target: headers.contact().map_or_else(|_| invite.uri.clone(), |it| it.uri()),
            sound: media(&invite.body),
        };
        let ringing = self.reply(&invite, &dialog, 180);
        self.answer(now, &invite, &ringing, out);
        let who = headers.from().map(|from| from.display()).unwrap_or_default();
        out.happened.push(Happened::Rings(who));
        self.hook = Hook::Ringing(Box::new(invite), dialog);
    }

    fn cancelled(&mut self, now: Timestamp, cancel: &Request, out: &mut Said) {
        match std::mem::replace(&mut self.hook, Hook::Idle) {
            Hook::Ringing(invite, dialog) if dialog.is_of(&cancel.headers) => {
                self.answer(now, cancel, &cancel.answer(200), out);
                let gone = self.reply(&invite, &dialog, 487);
                self.answer(now, &invite, &gone, out);
                out.happened.push(Happened::HungUp);
            }
            // It crossed our answer: the answer holds (RFC 3261 9.2).
            Hook::Speaking(dialog) if dialog.is_of(&cancel.headers) => {
                self.hook = Hook::Speaking(dialog);
                self.answer(now, cancel, &cancel.answer(200), out);
            }
            hook @ (Hook::Idle | Hook::Calling(_) | Hook::Ringing(..) | Hook::Speaking(_)) => {
                self.hook = hook;
                self.answer(now, cancel, &cancel.answer(481), out);
            }
        }
    }

    fn answered(&mut self, now: Timestamp, request: &Request, response: &Response, out: &mut Said) {
        match &request.method {
            method if *method == Method::REGISTER => self.registered(now, request, response, out),
            method if *method == Method::INVITE => self.called(now, request, response, out),
            _ => (),
        }
    }

    fn registered(
        &mut self,
        now: Timestamp,
        request: &Request,
        response: &Response,
        out: &mut Said,
    ) {
        match (response.status, challenge(&response.headers, "WWW-Authenticate")) {
            (0..200, _) => (),
            (200..300, _) => out.happened.push(Happened::Registered),
            // One more try, also with a new nonce for a stale one; not a third.
            (401, Some(challenge)) if self.may_retry(request, challenge) => {
                let proof = self.proof(request, challenge);
                let again = self.again(request, "Authorization", proof);
                self.ask(now, again, out);
            }
            (status, _) => out.happened.push(Happened::NotRegistered(status)),
        }
    }

    fn called(&mut self, now: Timestamp, invite: &Request, response: &Response, out: &mut Said) {
        let challenge = ["WWW-Authenticate", "Proxy-Authenticate"]
            .into_iter()
            .find_map(|name| Some((name, challenge(&response.headers, name)?)));
        match (response.status, challenge) {
            (100, _) => (),
            (101..200, _) => out.happened.push(Happened::Progress(response.status)),
            (200..300, _) => self.taken(now, response, out),
            (401 | 407, Some((name, challenge))) if self.may_retry(invite, challenge) => {
                let proof = self.proof(invite, challenge);
                let header =
                    if name.starts_with('P') { "Proxy-Authorization" } else { "Authorization" };
                let again = self.again(invite, header, proof);
                self.transactions.forget();
                self.ask(now, again, out);
            }
            (status, _) => {
                let is_of =
                    |hook: &Hook| matches!(hook, Hook::Calling(it) if it.is_of(&invite.headers));
                if is_of(&self.hook) {
                    self.hook = Hook::Idle;
                    out.happened.push(Happened::Refused(status));
                } else if is_of(&self.aside) {
                    self.aside = Hook::Idle;
                    out.happened.push(Happened::AsideOver);
                }
            }
        }
    }

    /// 2xx to our INVITE, perhaps not the first: it gets its ACK each time.
    fn taken(&mut self, now: Timestamp, response: &Response, out: &mut Said) {
        let headers = &response.headers;
        let of = |hook: &Hook| match hook {
            Hook::Calling(dialog) if dialog.is_of(headers) => Some((dialog.clone(), true)),
            Hook::Speaking(dialog) if dialog.is_of(headers) => Some((dialog.clone(), false)),
            Hook::Idle | Hook::Ringing(..) | Hook::Calling(_) | Hook::Speaking(_) => None,
        };
        let (first, second) = (of(&self.hook), of(&self.aside));
        let is_aside = second.is_some();
        let Some((mut dialog, first)) = first.or(second) else { return };
        headers.get("To").unwrap_or_default().clone_into(&mut dialog.remote);
        dialog.target = headers.contact().map_or(dialog.target, |it| it.uri());
        dialog.sound = media(&response.body);
        let number = headers.cseq().map_or(1, |cseq| cseq.number);
        let ack = self.numbered(&dialog, Method::ACK, number);
        self.ask(now, ack, out);
        let sound = dialog.sound;
        if is_aside {
            self.aside = Hook::Speaking(dialog);
            if first {
                out.happened.push(Happened::AsideSpeaks);
            }
            return;
        }
        self.hook = Hook::Speaking(dialog);
        if first {
            out.happened.push(Happened::Speaks(sound));
        }
    }

    fn dialog(&self) -> Option<&Dialog> {
        self.hook.dialog()
    }

    pub(super) fn aside_dialog(&self) -> Option<&Dialog> {
        self.aside.dialog()
    }

    /// Where the far side of a standing call wants sound.
    #[must_use]
    pub fn far_sound(&self) -> Option<SocketAddr> {
        self.dialog()?.sound
    }

    fn next_cseq(&mut self) -> u32 {
        self.cseq += 1;
        self.cseq
    }

    fn contact(&self) -> String {
        let over =
            if self.transactions.transport == Transport::Tcp { ";transport=tcp" } else { "" };
        format!("<{}{over}>", Uri::sip(&self.user, self.transactions.here))
    }

    pub(super) fn within(&mut self, dialog: &Dialog, method: Method) -> Request {
        let number = self.next_cseq();
        self.numbered(dialog, method, number)
    }

    fn numbered(&self, dialog: &Dialog, method: Method, number: u32) -> Request {
        let cseq = format!("{number} {}", method.as_str());
        Request::new(method, dialog.target.clone())
            .with("From", dialog.local.clone())
            .with("To", dialog.remote.clone())
            .with("Call-ID", dialog.call_id.clone())
            .with("CSeq", cseq)
            .with("Contact", self.contact())
    }

    fn reply(&self, request: &Request, dialog: &Dialog, status: u16) -> Response {
        let mut response = request.answer(status).with("Contact", self.contact());
        response.headers.replace("To", dialog.local.clone());
        response
    }

    pub(super) fn ask(&mut self, now: Timestamp, request: Request, out: &mut Said) {
        let mut sip = vec![];
        self.transactions.ask(now, request, &mut sip);
        self.flush(sip, out);
    }

    fn answer(&mut self, now: Timestamp, request: &Request, response: &Response, out: &mut Said) {
        let mut sip = vec![];
        self.transactions.answer(now, request, response, &mut sip);
        self.flush(sip, out);
    }

    pub(super) fn flush(&self, mut sip: Vec<Vec<u8>>, out: &mut Said) {
        if !self.dead {
            out.sip.append(&mut sip);
        }
    }

    /// A-law alone: what every exchange of Europe has.
    pub(super) fn session(&self) -> Vec<u8> {
        let (address, port) = (self.sound.ip(), self.sound.port());
        let family = if address.is_ipv4() { "IP4" } else { "IP6" };
        let (address, direction) = match self.passes {
            Passes::All => (address, "sendrecv"),
            Passes::Ours => (address, "sendonly"),
            Passes::Nothing => (address, "inactive"),
            Passes::Nowhere => (Ipv4Addr::UNSPECIFIED.into(), "sendrecv"),
        };
        format!(
            "v=0\r\no=- 1 1 IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n\
             a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na={direction}\r\n"
        )
        .into_bytes()
    }

    /// Whether a challenge is worth another try: the first one, or a new nonce for a stale one.
    fn may_retry(&self, request: &Request, challenge: &str) -> bool {
        let tried =
            request.headers.has("Authorization") || request.headers.has("Proxy-Authorization");
        self.password.is_some() && (!tried || challenge.contains("stale=true"))
    }

    /// The same request with one more number and our proof.
    fn again(&mut self, request: &Request, header: &str, proof: String) -> Request {
        let mut again = request.clone();
        let cseq = format!("{} {}", self.next_cseq(), request.method.as_str());
        again.headers.replace("CSeq", cseq);
        again.headers.replace(header, proof);
        again
    }

    /// Digest with MD5 and qop=auth (RFC 7616 3.4), which every phone can.
    fn proof(&mut self, request: &Request, challenge: &str) -> String {
        let realm = value(challenge, "realm");
        let nonce = value(challenge, "nonce");
        let cnonce = self.transactions.word();
        let password = self.password.as_deref().unwrap_or_default();
        let uri = request.uri.as_str();
        let secret = md5(&format!("{}:{realm}:{password}", self.user));
        let asked = md5(&format!("{}:{uri}", request.method.as_str()));
        let response = md5(&format!("{secret}:{nonce}:00000001:{cnonce}:auth:{asked}"));
        format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"{cnonce}\"",
            self.user
        )
    }
}

impl Hook {
    fn dialog(&self) -> Option<&Dialog> {
        match self {
            Self::Idle => None,
            Self::Calling(dialog) | Self::Ringing(_, dialog) | Self::Speaking(dialog) => {
                Some(dialog)
            }
        }
    }
}

impl Dialog {
    fn is_of(&self, headers: &Headers) -> bool {
        headers.get("Call-ID") == Some(&self.call_id)
    }
}

fn md5(text: &str) -> String {
    use std::fmt::Write as _;
    Md5::digest(text.as_bytes()).iter().fold(String::with_capacity(32), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}

/// The challenge that we can meet: of several, the one for MD5.
fn challenge<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    headers.all(name).find(|it| !it.contains("SHA-"))
}

/// The quoted value of `name` in a challenge.
fn value<'a>(challenge: &'a str, name: &str) -> &'a str {
    let start = format!("{name}=\"");
    challenge.split_once(start.as_str()).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("")
}

/// Where an SDP wants sound: its first `c=` and the port of its `m=audio`.
fn media(body: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(body).ok()?;
    let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
    let address = line("c=IN IP4 ").or_else(|| line("c=IN IP6 "))?.trim().parse().ok()?;
    let port = line("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(address, port))
}
