//! One dialog (RFC 3261 12): what both sides remember between a call's first word and its last.
//!
//! ```text
//!          theirs                  ours
//!        Invited                  Calling ──► (all branches refused)
//!   2xx sent │                       │ 2xx came, ACK sent
//!            ▼                       ▼
//!         Standing ◄─────────────────┘      re-INVITE, UPDATE; ACK owed or not
//!            │ BYE, theirs or ours
//!            ▼
//!          Over      kept until our last transaction in it ends, to acknowledge what still comes
//! ```
//!
//! Knows no transaction's state and sends nothing: it says what a request in it looks like.

use crate::{
    base::numbers::PhoneNo,
    sip::{
        counts::Kind,
        due::TransactionNo,
        message::{
            Request, Response,
            ability::Ability,
            header::{address::Address, reason::Reason},
            headers::Headers,
            method::Method,
            uri::Uri,
        },
        ua::echo::Echo,
        ua::{referral::Referral, reliable::Reliable, session::SessionTimer},
        wire::{Peer, Transport},
    },
};

/// One dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Dialog {
    pub(in crate::sip) stage: Stage,
    kind: Kind,
    /// Whether we made the Call-ID, and so wait longer after glare.
    is_caller: bool,
    call_id: Box<str>,
    /// Our tag: a token of ours, by which the dialog is found.
    tag: u64,
    /// Their tag; empty while we call, and with clients of RFC 2543.
    their_tag: Box<str>,
    /// Our side: the From of our requests.
    local: Box<str>,
    /// Their side: the To of our requests.
    remote: Box<str>,
    /// Where they want requests (RFC 3261 12.1.1, remote target).
    target: Uri,
    /// The proxies in between, the next first.
    routes: Box<[Uri]>,
    /// Our Contact.
    contact: Box<str>,
    /// The way to them.
    peer: Peer,
    hop: Hop,
    /// The number of our last request.
    cseq: u32,
    /// The number of theirs.
    their_cseq: Option<u32>,
    /// How many client transactions of ours live in it.
    clients: u16,
    /// The offer that is open within it, if there is one.
    renewal: Renewal,
    /// How it is refreshed.
    timer: SessionTimer,
    /// Their REFER, until they have been told what came of it.
    referral: Option<Box<Referral>>,
}

/// Where our requests go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Hop {
    /// Where that phone's came from, for it may be behind a NAT and its Contact mean nothing; and
    /// wherever it registers from later.
    Phone(PhoneNo),
    /// The first route or the remote target, where that is an address (RFC 3261 12.2.1.1).
    Target,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Stage {
    /// Their INVITE waits for our final answer.
    Invited(Invited),
    /// Our INVITE waits for theirs.
    Calling(Box<Calling>),
    /// The call stands.
    Standing(Standing),
    /// It is over.
    Over,
}

/// Their INVITE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Invited {
    pub(in crate::sip) transaction: TransactionNo,
    /// Its number.
    pub(in crate::sip) cseq: u32,
    /// Via to CSeq of our answers, as lines; and Record-Route behind them.
    pub(in crate::sip) echo: Echo,
    /// Whether it made an offer.
    pub(in crate::sip) has_offer: bool,
    /// What it asks for.
    pub(in crate::sip) asks: Ability,
    /// Our reliable provisional responses, if they know such.
    pub(in crate::sip) reliable: Option<Box<Reliable>>,
}

/// Our INVITE, to one place or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Calling {
    /// Branches without a final answer.
    pub(in crate::sip) open: Vec<TransactionNo>,
    /// The best refusal so far, and the cause behind it.
    pub(in crate::sip) best: Option<(u16, String, Option<u8>)>,
    /// Whether we have given up: whatever comes, it is 487.
    pub(in crate::sip) given_up: bool,
    /// Whether branches that have said nothing yet have had their time: they are waited for no more.
    pub(in crate::sip) is_patience_over: bool,
    /// Dialogs that provisional responses made.
    pub(in crate::sip) early: Vec<Early>,
}

/// A dialog that a provisional response with SDP, or a reliable one, made of our INVITE
/// (RFC 3261 12.1.2). A forked one makes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Early {
    /// Their tag.
    pub(in crate::sip) tag: Box<str>,
    /// The number of their last reliable response; 0: there was none.
    pub(in crate::sip) rseq: u32,
    /// Their answer, if it is here: a 2xx may well have none then.
    pub(in crate::sip) sdp: Option<Vec<u8>>,
    /// The number of their last request.
    pub(in crate::sip) their_cseq: Option<u32>,
    /// Whether they have offered anew since, so that their answer is no longer the last word.
    pub(in crate::sip) is_updated: bool,
}

/// A call that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Standing {
    /// Our 2xx that waits for its ACK.
    pub(in crate::sip) owed: Option<Owed>,
    /// `RSeq` and CSeq of a reliable provisional response that our 2xx overtook.
    pub(in crate::sip) overtaken: Option<(u32, u32)>,
}

/// An ACK that is owed to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Owed {
    /// The INVITE.
    pub(in crate::sip) transaction: TransactionNo,
    /// Its number.
    pub(in crate::sip) cseq: u32,
    /// How often the 2xx was sent.
    pub(in crate::sip) sent: u8,
    /// Whether it is the first of the dialog, or made an offer: then the ACK is told.
    pub(in crate::sip) is_told: bool,
    /// Whether we end the dialog as soon as the ACK is here.
    pub(in crate::sip) ending: Option<Reason>,
}

/// An offer within the dialog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) enum Renewal {
    /// None.
    #[default]
    Quiet,
    /// Their re-INVITE, UPDATE or PRACK waits for our answer.
    Theirs {
        transaction: TransactionNo,
        echo: Echo,
        cseq: u32,
        by: By,
        has_offer: bool,
        asks: Ability,
    },
    /// Our re-INVITE or UPDATE waits for theirs.
    Ours {
        /// The offer, in case of glare.
        sdp: Option<Vec<u8>>,
        tries: u8,
    },
    /// Ours met theirs, and is tried again soon (RFC 3261 14.1).
    Glare { sdp: Option<Vec<u8>>, tries: u8 },
}

/// What an offer within the dialog is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum By {
    Invite,
    Update,
    Prack,
}

impl Stage {
    /// Our INVITE waits for the answers of these branches.
    pub(in crate::sip) fn calling(open: Vec<TransactionNo>) -> Self {
        Self::Calling(Box::new(Calling {
            open,
            best: None,
            given_up: false,
            is_patience_over: false,
            early: vec![],
        }))
    }

    /// The call stands, and nothing is open.
    pub(in crate::sip) fn standing() -> Self {
        Self::Standing(Standing { owed: None, overtaken: None })
    }
}

impl Dialog {
    /// A dialog that we are about to make: where to, and as whom, is not decided yet.
    pub(in crate::sip) fn ours(tag: u64, call_id: &str, peer: Peer) -> Self {
        Self {
            stage: Stage::Over,
            kind: Kind::Trunk,
            is_caller: true,
            call_id: call_id.into(),
            tag,
            their_tag: "".into(),
            local: "".into(),
            remote: "".into(),
            target: Uri::nowhere(),
            routes: [].into(),
            contact: "".into(),
            peer,
            hop: Hop::Target,
            cseq: 0,
            their_cseq: None,
            clients: 0,
            renewal: Renewal::Quiet,
            timer: SessionTimer::default(),
            referral: None,
        }
    }

    /// The dialog that their INVITE makes, with that tag of ours. Where its requests go, and what
    /// becomes of the INVITE, is not decided yet.
    pub(super) fn theirs(
        invite: &Request,
        tag: u64,
        local: &str,
        contact: &str,
        target: Uri,
        peer: Peer,
    ) -> Self {
        let headers = &invite.headers;
        Self {
            is_caller: false,
            their_tag: tag_of(headers).into(),
            local: local.into(),
            remote: headers.get("From").unwrap_or_default().into(),
            target,
            routes: route_set(headers).into(),
            contact: contact.into(),
            their_cseq: headers.cseq().ok().map(|it| it.number),
            ..Self::ours(tag, headers.call_id().unwrap_or_default(), peer)
        }
    }

    /// The dialog with such a far side, whose requests go there.
    pub(in crate::sip) fn with(self, kind: Kind, hop: Hop) -> Self {
        Self { kind, hop, ..self }
    }

    /// We call: as whom, whom, at which target; and where we are reached.
    pub(in crate::sip) fn calls(&mut self, local: &str, remote: &str, target: Uri, contact: &str) {
        (self.local, self.remote) = (local.into(), remote.into());
        (self.target, self.contact) = (target, contact.into());
    }

    /// We call by that way, over these proxies.
    pub(in crate::sip) fn goes_by(&mut self, peer: Peer, routes: Vec<Uri>) {
        (self.peer, self.routes) = (peer, routes.into());
    }

    /// Their phone is reached by another way from now on.
    pub(super) fn moved(&mut self, to: Peer) {
        self.peer = to;
    }

    /// What the far side is.
    pub(in crate::sip) fn kind(&self) -> Kind {
        self.kind
    }

    /// What names the call.
    pub(in crate::sip) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Our tag.
    pub(in crate::sip) fn tag(&self) -> u64 {
        self.tag
    }

    /// Their tag; empty while we call, and with clients of RFC 2543.
    pub(super) fn their_tag(&self) -> &str {
        &self.their_tag
    }

    /// Our side, with our tag.
    pub(super) fn local(&self) -> &str {
        &self.local
    }

    /// Where they want requests.
    pub(super) fn target(&self) -> &Uri {
        &self.target
    }

    /// Our Contact.
    pub(in crate::sip) fn contact(&self) -> &str {
        &self.contact
    }

    /// The way to them.
    pub(in crate::sip) fn peer(&self) -> Peer {
        self.peer
    }

    /// Where our requests go.
    pub(super) fn hop(&self) -> Hop {
        self.hop
    }

    /// How it is refreshed.
    pub(in crate::sip) fn timer(&self) -> &SessionTimer {
        &self.timer
    }

    /// How it is refreshed, for what a message says of that.
    pub(super) fn timer_mut(&mut self) -> &mut SessionTimer {
        &mut self.timer
    }

    /// The offer that is open within it, if there is one.
    pub(super) fn renewal(&self) -> &Renewal {
        &self.renewal
    }

    /// Whether no offer is open within it.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.renewal, Renewal::Quiet)
    }

    /// Their offer, or their wish for one of ours, waits for our answer. Says whether it came
    /// before ours, which waited out a glare and waits no longer.
    pub(super) fn offer_received(&mut self, theirs: Renewal) -> bool {
        let before = std::mem::replace(&mut self.renewal, theirs);
        matches!(before, Renewal::Glare { .. })
    }

    /// Our offer has been sent, for the so-manieth time.
    pub(super) fn offer_sent(&mut self, sdp: Option<Vec<u8>>, tries: u8) {
        self.renewal = Renewal::Ours { sdp, tries };
    }

    /// Our offer met theirs, and is sent again later (RFC 3261 14.1).
    pub(super) fn offers_met(&mut self, sdp: Option<Vec<u8>>, tries: u8) {
        self.renewal = Renewal::Glare { sdp, tries };
    }

    /// What was offered is answered. Gives what was open.
    pub(super) fn offer_answered(&mut self) -> Renewal {
        std::mem::take(&mut self.renewal)
    }

    /// Their REFER waits for our answer.
    pub(super) fn referred(&mut self, referral: Referral) {
        self.referral = Some(Box::new(referral));
    }

    /// Their REFER, until they have been told what came of it.
    pub(super) fn referral(&self) -> Option<&Referral> {
        self.referral.as_deref()
    }

    /// Their REFER, to be answered.
    pub(super) fn referral_mut(&mut self) -> Option<&mut Referral> {
        self.referral.as_deref_mut()
    }

    /// They have been told what came of their REFER.
    pub(super) fn referral_ended(&mut self) {
        self.referral = None;
    }

    /// Whether we made the Call-ID.
    pub(super) fn is_caller(&self) -> bool {
        self.is_caller
    }

    /// The number of our last request.
    pub(super) fn cseq(&self) -> u32 {
        self.cseq
    }

    /// The number of theirs.
    pub(super) fn their_cseq(&self) -> Option<u32> {
        self.their_cseq
    }

    /// The fork with that early dialog has the call: its numbers count from now on.
    pub(super) fn goes_on_from(&mut self, early: &Early) {
        self.their_cseq = early.their_cseq;
    }

    /// It is over, and nothing within it is open any more.
    pub(super) fn end(&mut self) {
        self.stage = Stage::Over;
        self.renewal = Renewal::Quiet;
        self.referral = None;
    }

    /// A client transaction of ours begins in it.
    pub(super) fn transaction_began(&mut self) {
        self.clients += 1;
    }

    /// A client transaction of ours in it has ended.
    pub(super) fn transaction_ended(&mut self) {
        self.clients = self.clients.saturating_sub(1);
    }

    /// Whether it is over, and nothing of ours lives in it.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Over) && self.clients == 0
    }

    /// The number for our next request.
    pub(in crate::sip) fn next_cseq(&mut self) -> u32 {
        self.cseq = self.cseq.saturating_add(1);
        self.cseq
    }

    /// A request of ours within the dialog (RFC 3261 12.2.1.1), without its Via.
    pub(in crate::sip) fn request(&mut self, method: Method) -> Request {
        let cseq = self.next_cseq();
        self.request_numbered(method, cseq)
    }

    /// As [`request`](Self::request), with that number: an ACK has its INVITE's.
    pub(in crate::sip) fn request_numbered(&self, method: Method, cseq: u32) -> Request {
        let number = format!("{cseq} {method}");
        let strict = self.routes.first().filter(|first| !first.has_param("lr"));
        let mut request =
            Request::new(method, strict.unwrap_or(&self.target).clone()).with("Max-Forwards", "70");
        // A proxy that routes strictly is the Request-URI, and the target goes to the end.
        let skipped = usize::from(strict.is_some());
        let last = strict.map(|_| &self.target);
        for route in self.routes.iter().skip(skipped).chain(last) {
            request.headers.push("Route", format!("<{route}>"));
        }
        request
            .with("From", &*self.local)
            .with("To", &*self.remote)
            .with("Call-ID", &*self.call_id)
            .with("CSeq", number)
    }

    /// The way for our next request.
    pub(in crate::sip) fn way(&self) -> Peer {
        if let Hop::Phone(_) = self.hop {
            return self.peer;
        }
        let next = self.routes.first().unwrap_or(&self.target);
        let over = next.param("transport").and_then(|it| Transport::of(&it));
        let over = over.unwrap_or(self.peer.transport);
        let Some(remote) = next.address().filter(|_| over == self.peer.transport) else {
            return self.peer;
        };
        match self.peer.transport {
            Transport::Udp if remote.is_ipv4() != self.peer.remote.is_ipv4() => self.peer,
            Transport::Udp => Peer { remote, ..self.peer },
            // Over a stream we stay on the connection that stands to that host.
            Transport::Tcp if remote.ip() == self.peer.remote.ip() => self.peer,
            Transport::Tcp => Peer { remote, flow: Peer::NO_FLOW, ..self.peer },
            // Who is at the other end was proven for this connection, and for no other address;
            // a browser cannot be called back at all.
            Transport::Tls | Transport::Ws | Transport::Wss => self.peer,
        }
    }

    /// Their request of that number comes in order (RFC 3261 12.2.2). While we call, each of
    /// the dialogs of a fork counts for itself.
    pub(in crate::sip) fn takes(&mut self, cseq: u32, headers: &Headers) -> bool {
        let last = match &mut self.stage {
            Stage::Calling(calling) => {
                let tag = tag_of(headers);
                match calling.early.iter_mut().find(|it| *it.tag == *tag) {
                    Some(early) => &mut early.their_cseq,
                    None => return true,
                }
            }
            Stage::Invited(_) | Stage::Standing(_) | Stage::Over => &mut self.their_cseq,
        };
        if last.is_some_and(|last| cseq <= last) {
            return false;
        }
        *last = Some(cseq);
        true
    }

    /// Their new remote target, if they name one (RFC 3261 12.2.1.2, 12.2.2).
    pub(in crate::sip) fn refresh(&mut self, headers: &Headers) {
        if let Ok(contact) = headers.contact() {
            self.target = contact.uri();
        }
    }

    /// The dialog as a 2xx to our INVITE makes it (RFC 3261 12.1.2).
    pub(in crate::sip) fn learn(&mut self, response: &Response, peer: Peer) {
        let headers = &response.headers;
        self.their_tag = tag(headers).into();
        self.remote = headers.get("To").unwrap_or_default().into();
        let mut routes = route_set(headers);
        routes.reverse();
        self.routes = routes.into();
        self.peer = peer;
        self.refresh(headers);
    }

    /// Whether a request with that Call-ID and From tag is of this dialog.
    pub(in crate::sip) fn is_of(&self, headers: &Headers) -> bool {
        let from = tag_of(headers);
        let is_ours = headers.call_id().is_ok_and(|call_id| *call_id == *self.call_id);
        // While we call, we do not know their tag: any of a fork may speak.
        is_ours && (*from == *self.their_tag || matches!(self.stage, Stage::Calling(_)))
    }
}

/// The route set in Record-Route, as it stands there.
pub(in crate::sip) fn route_set(headers: &Headers) -> Vec<Uri> {
    headers.record_routes().unwrap_or_default().iter().map(Address::uri).collect()
}

/// The tag in From: of whoever sent the request. Empty if there is none.
pub(in crate::sip) fn tag_of(headers: &Headers) -> &str {
    headers.from().ok().and_then(|from| from.tag()).unwrap_or_default()
}

/// The tag in To; empty if there is none.
pub(in crate::sip) fn tag(headers: &Headers) -> &str {
    headers.to().ok().and_then(|to| to.tag()).unwrap_or_default()
}
