//! What the exchange knows by configuration: trunks, numbers, phones, what callers hear.
//!
//! Made by `config::check` with every name already turned into a number; numbers are positions
//! in these lists and are kept across reloads (what is gone leaves its place `None` or retired).

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::{
    acd::{self, input::Channel, plan::Needs},
    base::{
        numbers::{AgentNo, LanguageNo, MenuNo, PhoneNo, QueueNo, SoundNo, TrunkNo},
        time::Span,
    },
    exchange::hours::Hours,
    media::order::Codec,
    sdp::crypto::Policy,
    sip::{self, wire::Transport},
    treatment,
};

/// Everything that the exchange knows by configuration.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which of several nodes this is: a part of every call's id.
    pub node: u16,
    /// For the engine.
    pub acd: acd::plan::Plan,
    /// For the SIP machine.
    pub sip: sip::settings::Settings,
    /// Trunks by [`TrunkNo`].
    pub trunks: Vec<Option<Trunk>>,
    /// Phones by [`PhoneNo`].
    pub phones: Vec<Option<Phone>>,
    /// Agents by [`AgentNo`].
    pub agents: Vec<Option<Agent>>,
    /// What is heard, by [`QueueNo`].
    pub treatments: Vec<Treatment>,
    /// Menus, and what is said at them.
    pub menus: treatment::plan::Plan,
    /// Dialled numbers and where they lead. Longest match wins; see [`Number`].
    pub numbers: Vec<Number>,
    /// Feature codes that phones may dial.
    pub codes: Codes,
    /// Places outside that calls overflow to, by the number in
    /// [`Overflow::Outside`](crate::acd::plan::Overflow::Outside).
    pub outside: Vec<Outside>,
    /// What may be dialled outside.
    pub outgoing: Outgoing,
    /// Sound.
    pub media: Media,
    /// Legs at once; half of them callers at most.
    pub legs_max: usize,
    /// After a request to drain: how long calls may go on.
    pub drain: Span,
}

/// A carrier's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// As the configuration names it: a label of the figures.
    pub name: String,
    /// Where the dialled number stands: tried in this order (T-1).
    pub dialled_in: Vec<DialledIn>,
    /// Country and area of numbers without: `+49`, `341`; used to bring numbers to one form.
    pub country: String,
    /// The area code without its zero.
    pub area: String,
    /// How the carrier writes numbers, and wants them written.
    pub writing: Writing,
    /// Our own number on it, in its one form: what those we call see. Empty: none.
    pub number: String,
    /// A number that is only the beginning of one is answered 484, and dialled on (RFC 3578).
    pub overlap: bool,
    /// Where a number that matches nothing leads (never 404 a citizen, T-2); `None`: 404.
    pub fallback: Option<QueueNo>,
    /// Whether P-Asserted-Identity is believed (T-3).
    pub trust_identity: bool,
    /// Whether its sound is protected.
    pub srtp: Policy,
}

/// How a carrier, or a phone's screen, has its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writing {
    /// `+493411230`
    #[default]
    Plus,
    /// `493411230`
    Plain,
    /// `00493411230`
    Zeros,
    /// `03411230`; other countries by `00`.
    National,
    /// `1230` within the area; elsewhere as `National`.
    Local,
}

impl Writing {
    /// All of them with their words in the configuration.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Plus, "+49"),
        (Self::Plain, "49"),
        (Self::Zeros, "0049"),
        (Self::National, "national"),
        (Self::Local, "local"),
    ];
}

/// Where the dialled number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialledIn {
    /// The P-Called-Party-ID header (RFC 7315).
    CalledParty,
    /// The To header.
    To,
    /// The Request-URI.
    RequestUri,
    /// Whom the call was for before it was sent on to us (Diversion, History-Info).
    CalledFirst,
}

/// A number that may be dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Digits, perhaps with a leading `+`: `1230`, `+493411230`, `115`.
    pub digits: String,
    /// Whether digits may follow.
    pub prefix: bool,
    /// Only on this trunk; `None`: on any, and from phones.
    pub trunk: Option<TrunkNo>,
    /// Where it leads.
    pub leads: Leads,
    /// The language that its callers hear first.
    pub language: LanguageNo,
    /// What a call by this number needs beyond its queue's needs.
    pub needs: Needs,
    /// How the figures call this entry.
    pub channel: Channel,
    /// When the caller is answered (T-4).
    pub answer: AnswerMode,
}

/// Where a number leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Into a queue.
    Queue(QueueNo),
    /// To a menu.
    Menu(MenuNo),
}

/// When the caller is answered (T-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerMode {
    /// 200 at once.
    #[default]
    Immediate,
    /// 183 with sound; 200 with the agent.
    EarlyMedia,
    /// 180 without sound; 200 with the agent.
    WithAgent,
}

/// A phone, seen from the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// The user part.
    pub user: String,
    /// Where it stands, if it does not register.
    pub fixed: Option<(Transport, SocketAddr)>,
    /// Whether it is sent the auto-answer headers of DOMAIN.md 5.4.
    pub auto_answer: bool,
    /// Within which time it answers an INVITE with anything, if only 100; or it is not there.
    pub answers_within: Span,
    /// Whether its sound is protected.
    pub srtp: Policy,
    /// Whose phone it usually is: codes dialled from it are that agent's, if nobody else
    /// signed in there.
    pub agent: Option<AgentNo>,
}

/// An agent, seen from the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// As the configuration names it.
    pub id: String,
    /// The phone it usually sits at.
    pub phone: Option<PhoneNo>,
    /// Signs in, ready, as soon as that phone registers (or, for a fixed phone, at the start).
    pub ready_on_register: bool,
}

/// What a caller of a queue hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Treatment {
    /// Once, at the start. Never delays a free agent.
    pub greeting: Option<SoundNo>,
    /// Looped until an agent is there.
    pub music: Option<SoundNo>,
    /// Before the end when the queue is full, or the wait too long, and `Announce` is chosen.
    pub announcement: Option<SoundNo>,
    /// Before the end of a call that came while the queue was closed, if `Announce` is chosen.
    pub closed: Option<SoundNo>,
    /// The queue's name as the agent's phone shows it.
    pub display: String,
}

/// What phones may dial to tell about their agent: each a full dialled string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Sign in if need be, and be ready: `*10`. Followed by `*ID`: sign that agent in here.
    pub ready: String,
    /// Away: `*11`, with a reason as configured for the digit that may follow.
    pub away: String,
    /// Reasons by the digit that may follow `away`.
    pub away_reasons: Vec<(char, String)>,
    /// Sign out: `*12`.
    pub sign_out: String,
    /// End the wrap-up: `*13`.
    pub end_wrap_up: String,
    /// Extend the wrap-up: `*14`.
    pub extend_wrap_up: String,
}

/// A place outside that calls overflow to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Where.
    pub goal: Goal,
    /// How long it may ring.
    pub ring: Span,
}

/// Where a call is sent outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A SIP address, which is called as it is.
    Address {
        /// The Request-URI.
        uri: String,
        /// Over what.
        transport: Transport,
        /// Where it is sent.
        remote: SocketAddr,
    },
    /// A number with its country, by a trunk and under the rules for calls out.
    Number(String),
}

/// What may be dialled outside, by whom and how long (L-13). By default nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Beginnings of numbers that are allowed, in their one form, and services: `+49`, `115`.
    pub allow: Vec<String>,
    /// Beginnings that are not, though a shorter one is allowed.
    pub deny: Vec<String>,
    /// Trunks to call out by, in the order in which they are tried.
    pub trunks: Vec<TrunkNo>,
    /// What phones dial before an outside number; empty: nothing.
    pub prefix: String,
    /// When.
    pub hours: Hours,
    /// Calls out at once.
    pub calls_max: usize,
    /// Calls out at once, of one agent or phone.
    pub calls_each_max: usize,
    /// How long all calls of a day may last together.
    pub day_max: Span,
    /// How long those of one agent or phone may.
    pub day_each_max: Span,
    /// How long one call may last.
    pub lasts_max: Span,
}

impl Default for Outgoing {
    /// Nothing may be dialled, and there is no trunk to do it by.
    fn default() -> Self {
        Self {
            allow: vec![],
            deny: vec![],
            trunks: vec![],
            prefix: String::new(),
            hours: Hours::default(),
            calls_max: 10,
            calls_each_max: 1,
            day_max: Span::secs(36_000),
            day_each_max: Span::secs(7_200),
            lasts_max: Span::secs(3_600),
        }
    }
}

/// Sound.
#[derive(Clone, Debug)]
pub struct Media {
    /// In order of liking.
    pub codecs: Vec<Codec>,
    /// The address in our SDP.
    pub address: std::net::IpAddr,
    /// The address in it for those who speak the other version of IP, if we do.
    pub other_address: Option<std::net::IpAddr>,
    /// The ports there, first and last: nobody else's sound comes from them.
    pub ports: (u16, u16),
    /// How long a far side may be silent before its call ends; `None`: for ever.
    pub silence: Option<Span>,
    /// Whether keys of SRTP may travel over SIP that others can read.
    pub keys_in_clear: bool,
}

impl Plan {
    /// The trunk of that number, unless it is gone.
    #[must_use]
    pub fn trunk(&self, trunk: TrunkNo) -> Option<&Trunk> {
        self.trunks.get(trunk.index())?.as_ref()
    }

    /// The phone of that number, unless it is gone.
    #[must_use]
    pub fn phone(&self, phone: PhoneNo) -> Option<&Phone> {
        self.phones.get(phone.index())?.as_ref()
    }

    /// Whether the phone proves by a password who it is. One that does not is known by its address
    /// alone, which others can write on their letters too: it calls nothing that costs.
    #[must_use]
    pub fn proves_itself(&self, phone: PhoneNo) -> bool {
        let known = self.sip.phones.get(phone.index()).and_then(Option::as_ref);
        known.is_some_and(|it| it.password.is_some())
    }

    /// The agent of that number, unless it is gone.
    #[must_use]
    pub fn agent(&self, agent: AgentNo) -> Option<&Agent> {
        self.agents.get(agent.index())?.as_ref()
    }

    /// What callers of that queue hear.
    #[must_use]
    pub fn treatment(&self, queue: QueueNo) -> Option<&Treatment> {
        self.treatments.get(queue.index())
    }
}
