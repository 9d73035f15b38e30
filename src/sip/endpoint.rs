//! The face of the SIP machine: transactions, dialogs and registrations behind one door.
//!
//! ```text
//!   bytes ──► read ──► transaction ──► dialog / registrar ──► Event
//!   verb  ──► dialog ──► transaction ──► write ──► Departure
//! ```
//!
//! What the RFC settles is settled here and is not told: `100 Trying`, retransmission, the ACK
//! to a final answer, the answer to CANCEL, OPTIONS and REGISTER, digest challenges, 481, 482, 405.
//! What needs a person or a plan comes out as an [`Event`]. Knows no queue and no sound: SDP
//! passes through as bytes.

use std::{collections::BTreeMap, net::IpAddr, net::SocketAddr};

use crate::{
    base::{
        masked::Masked,
        numbers::{DialogNo, FlowNo, PhoneNo, TrunkNo},
        time::{Span, Timestamp},
    },
    sip::wire::{Departure, Peer, Transport},
};

/// What the endpoint is told from the wire.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One datagram, or one message cut from a stream.
    Arrival {
        /// By which way.
        peer: Peer,
        /// The message as it came.
        bytes: &'a [u8],
    },
    /// A connection is gone, or could not be opened; bindings and transactions over it too.
    FlowGone {
        /// Which connection; for one that never stood, [`Peer::NO_FLOW`].
        flow: FlowNo,
        /// The far end.
        remote: SocketAddr,
    },
    /// Time has passed.
    Tick,
}

/// Everything that follows from an input. The caller's, and reused each turn.
#[derive(Debug, Default)]
pub struct Output {
    /// The bytes of all departures, one after another.
    pub bytes: Vec<u8>,
    /// Messages to send, in order.
    pub departures: Vec<Departure>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// What needs a person or a plan.
#[derive(Clone, Debug)]
pub enum Event {
    /// An INVITE for a new dialog. `100` is sent. Answer by [`Endpoint::respond`].
    Invited(Box<Invited>),
    /// The caller gave up before a final answer; CANCEL is answered and 487 sent.
    Cancelled {
        /// Which.
        dialog: DialogNo,
    },
    /// The ACK to our 2xx is here: the dialog stands.
    Acked {
        /// Which.
        dialog: DialogNo,
        /// The answer, if our 2xx carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// No ACK came in 64*T1 (RFC 3261 13.3.1.4); BYE is sent.
    NeverAcked {
        /// Which.
        dialog: DialogNo,
    },
    /// A provisional answer above 100 to our INVITE.
    Progressed {
        /// Which.
        dialog: DialogNo,
        /// 180, 183 …
        status: u16,
        /// Early media's answer, if any.
        sdp: Option<Vec<u8>>,
    },
    /// 2xx to our INVITE. ACK is sent; other branches of a fork are cancelled or ended.
    Answered {
        /// Which.
        dialog: DialogNo,
        /// The answer (or the offer, if our INVITE had none).
        sdp: Option<Vec<u8>>,
    },
    /// Our INVITE came to nothing: a final answer of 300 or more, timer B (408), no way (503),
    /// no binding (480), or our own CANCEL (487). For a fork: the best of all (RFC 3261 16.7).
    Rejected {
        /// Which.
        dialog: DialogNo,
        /// The status.
        status: u16,
        /// Its reason phrase.
        reason: String,
    },
    /// A re-INVITE or UPDATE with an offer (or none: then we must offer) in a standing dialog.
    /// Answer by [`Endpoint::respond`].
    Reoffered {
        /// Which.
        dialog: DialogNo,
        /// The offer, if there is one.
        sdp: Option<Vec<u8>>,
    },
    /// The answer to our re-INVITE: 2xx with its SDP, or a refusal that changes nothing.
    Reanswered {
        /// Which.
        dialog: DialogNo,
        /// The status.
        status: u16,
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// The far side sent BYE (answered), or the dialog is lost (481, 408 in dialog).
    HungUp {
        /// Which.
        dialog: DialogNo,
    },
    /// A phone can be reached: its first binding came.
    PhoneUp {
        /// Whose.
        phone: PhoneNo,
    },
    /// A phone can no longer be reached: its last binding lapsed, was withdrawn, or its
    /// connection broke.
    PhoneDown {
        /// Whose.
        phone: PhoneNo,
    },
}

/// A new INVITE.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Its dialog from now on.
    pub dialog: DialogNo,
    /// Who sent it.
    pub origin: Origin,
    /// By which way.
    pub peer: Peer,
    /// User part of the Request-URI, unescaped.
    pub request_user: String,
    /// User part of To.
    pub to_user: String,
    /// User part of P-Called-Party-ID, if there.
    pub called_party: Option<String>,
    /// User part of From and its display name.
    pub from_user: Masked,
    /// Display name in From, unquoted.
    pub from_display: Masked,
    /// User part (or tel number) of P-Asserted-Identity, if there.
    pub asserted: Option<Masked>,
    /// Privacy asks for `id`, `user`, `header` or `full`, or From is `anonymous.invalid`.
    pub anonymous: bool,
    /// The Call-ID, for logs.
    pub call_id: String,
    /// The offer, if there is one.
    pub sdp: Option<Vec<u8>>,
}

/// Who an INVITE is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A carrier: its address is allowed, and nothing says it is a phone.
    Trunk(TrunkNo),
    /// A phone: it came from a registered binding, or From names it and the digest was right.
    Phone(PhoneNo),
}

/// A call out.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Who is called.
    pub target: Target,
    /// User part of From (and of our Contact).
    pub from_user: String,
    /// Display name in From: queue and caller, for the phone's screen.
    pub from_display: String,
    /// Our offer; `None` asks the far side to offer.
    pub sdp: Option<Vec<u8>>,
    /// Header lines to add, name and value: `Alert-Info`, `Call-Info`, `Diversion`.
    pub headers: Vec<(String, String)>,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All bindings of a registered phone, at once; the first to answer has it.
    Phone(PhoneNo),
    /// A fixed address.
    Uri {
        /// As the Request-URI will be.
        uri: String,
        /// Where it is sent.
        transport: Transport,
        /// Where it is sent.
        remote: SocketAddr,
    },
}

/// An answer to an INVITE or re-INVITE.
#[derive(Clone, Debug, Default)]
pub struct Respond {
    /// 180 … 699.
    pub status: u16,
    /// Reason phrase; empty: the RFC's.
    pub reason: String,
    /// The answer (or, to an INVITE without one, our offer).
    pub sdp: Option<Vec<u8>>,
    /// Header lines to add.
    pub headers: Vec<(String, String)>,
}

/// Why we end something: the Reason header (RFC 3326), always sent on BYE and CANCEL (T-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// `Q.850;cause=N`: 16 normal, 19 no answer, 31 unspecified …
    Q850(u8),
    /// `SIP;cause=N`: 200 "Call completed elsewhere" keeps phones from showing a missed call.
    Sip(u16),
}

/// What the endpoint knows by configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where we listen; the first of a transport is used for calls out over it, if its family fits.
    pub listen: Vec<(Transport, SocketAddr)>,
    /// The host put into Contact and Via when a socket is bound to all addresses.
    pub public_host: Option<IpAddr>,
    /// The digest realm, and the host of our own URIs.
    pub realm: String,
    /// Phones by [`PhoneNo`]; `None` in the place of one that is no longer in the file.
    pub phones: Vec<Option<Phone>>,
    /// Trunks by [`TrunkNo`].
    pub trunks: Vec<Option<Trunk>>,
    /// `User-Agent` and `Server`.
    pub product: String,
    /// RFC 3261 timers: T1 (500 ms), T2 (4 s), T4 (5 s).
    pub t1: Span,
    /// The longest gap between retransmissions of non-INVITE requests and responses.
    pub t2: Span,
    /// How long a message may linger in the network.
    pub t4: Span,
    /// A seed from the operating system, for tags, branches and nonces.
    pub seed: [u8; 32],
    /// How long a nonce is good.
    pub nonce_life: Span,
    /// Shortest registration granted (423 below), longest (capped) and the default, in seconds.
    pub expires_min: u32,
    /// The longest registration granted.
    pub expires_max: u32,
    /// Granted when the phone names none.
    pub expires_default: u32,
    /// Contacts a phone may have at once; the oldest goes when one more comes.
    pub contacts_max: usize,
    /// Dialogs at once; beyond: 503 with Retry-After.
    pub dialogs_max: usize,
    /// Transactions at once; beyond: 503 stateless.
    pub transactions_max: usize,
    /// The largest message, in bytes; beyond: 513.
    pub message_max: usize,
    /// Wrong passwords from one address in a minute before it is ignored for a while (L-12).
    pub failures_max: u32,
}

/// A phone that may register, or that stands at a fixed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// The user part and digest user name.
    pub user: String,
    /// The digest password; `None`: it never registers.
    pub password: Option<Masked>,
}

/// A carrier, known by its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// As the configuration names it.
    pub name: String,
    /// Address and prefix length of each allowed network.
    pub allow: Vec<(IpAddr, u8)>,
}

/// What went over the wire, for the figures. All counted from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests by method, direction (`in`, `out`) and kind of peer (`trunk`, `phone`, `other`).
    pub requests: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    /// Final and provisional responses by status, direction and kind of peer.
    pub responses: BTreeMap<(u16, &'static str, &'static str), u64>,
    /// Messages answered with a refusal or dropped, by reason: `acl`, `rate`, `auth`,
    /// `malformed`, `scanner`, `size`, `capacity`.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Transactions that timed out (timers B and F).
    pub timeouts: u64,
    /// Requests and responses sent again.
    pub retransmissions: u64,
    /// Bindings now.
    pub bindings: u64,
    /// Dialogs now.
    pub dialogs: u64,
    /// Transactions now.
    pub transactions: u64,
}

/// A verb that makes no sense where the dialog stands, or that met a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such dialog (any more).
    NoDialog,
    /// The dialog is not at the point where that can be done.
    WrongState,
    /// As many dialogs or transactions as may be.
    Full,
}

/// The SIP machine.
#[derive(Debug)]
pub struct Endpoint {
    settings: Settings,
}

impl Endpoint {
    /// An endpoint that has heard nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// The configuration is this from now on. Standing dialogs and bindings stay, but for
    /// phones that are gone from it.
    pub fn reconfigure(&mut self, _now: Timestamp, settings: Settings, _out: &mut Output) {
        self.settings = settings;
    }

    /// One thing in, everything that follows out.
    pub fn handle(&mut self, _now: Timestamp, _input: Input<'_>, _out: &mut Output) {
        todo!()
    }

    /// When to be told [`Input::Tick`].
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        todo!()
    }

    /// Calls someone. What comes of it are events of this dialog, never within this call.
    pub fn invite(
        &mut self,
        _now: Timestamp,
        _invite: Invite,
        _out: &mut Output,
    ) -> Result<DialogNo, Refusal> {
        todo!()
    }

    /// Answers an INVITE, or the re-INVITE or UPDATE now open in the dialog.
    pub fn respond(
        &mut self,
        _now: Timestamp,
        _dialog: DialogNo,
        _respond: Respond,
        _out: &mut Output,
    ) -> Result<(), Refusal> {
        todo!()
    }

    /// Offers anew in a standing dialog; glare (491) is waited out and tried again (RFC 3261 14.1).
    pub fn reinvite(
        &mut self,
        _now: Timestamp,
        _dialog: DialogNo,
        _sdp: Option<Vec<u8>>,
        _out: &mut Output,
    ) -> Result<(), Refusal> {
        todo!()
    }

    /// Ends the dialog in whatever state: CANCEL (at once, or with the first 1xx) for our own
    /// INVITE, a final 487 for theirs, BYE where it stands (after the ACK, where one is owed).
    /// A 2xx that crosses our CANCEL gets ACK and BYE, and no event but `Rejected` with 487.
    /// After this no event of the dialog comes but that `Rejected`.
    pub fn end(
        &mut self,
        _now: Timestamp,
        _dialog: DialogNo,
        _because: Because,
        _out: &mut Output,
    ) -> Result<(), Refusal> {
        todo!()
    }

    /// Whether the phone has a binding.
    #[must_use]
    pub fn is_registered(&self, _phone: PhoneNo) -> bool {
        todo!()
    }

    /// The figures so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        todo!()
    }
}
