//! Every key that may stand in the file, with its kind, its default and its reason.
//!
//! This table is the configuration's one truth: files are checked against it, and
//! `docs/CONFIGURATION.md`, the JSON schema and the test of `config/example.toml` are read off it.
//! A key once released keeps its name and meaning.

mod process;
mod row;

use self::{
    process::{DIGEST, HTTP, LIMITS, LISTENER, LOG, RTP, SERVER, SIP, TLS, TRACE},
    row::{DAY, HOUR, MINUTE, SECOND, key},
};
use crate::{
    base::time::Span,
    config::schema::{
        Absent::{Is, May, Must},
        Key,
        Kind::{
            Code, Count, Digits, Flag, Levels, List, Listen, Name, NameOf, Need, Network, Path,
            Secret, Series, Sound, Table, Text, Time, TimeOrNever, Word,
        },
        Section,
    },
};

const fn one(name: &'static str, about: &'static str, keys: &'static [Key]) -> Section {
    Section { name, many: false, about, keys }
}

const fn many(name: &'static str, about: &'static str, keys: &'static [Key]) -> Section {
    Section { name, many: true, about, keys }
}

/// All sections, in the order in which a reader wants to meet them.
pub const SECTIONS: &[Section] = &[
    many("queue", "A waiting line with its promise.", QUEUE),
    many("number", "A number that may be dialled, and where it leads.", NUMBER),
    many("menu", "A question to callers, and where each answer leads.", MENU),
    many("trunk", "A carrier's line: calls from its addresses are citizens'.", TRUNK),
    many("skill", "Something that calls may need and agents may have.", SKILL),
    many("agent", "Someone who answers calls.", AGENT),
    many("phone", "A telephone on a desk, or one that runs as a program.", PHONE),
    many("reason", "Why an agent may be away.", REASON),
    one("codes", "What phones may dial to tell about their agent.", CODES),
    one(
        "outgoing",
        "Calls out over a trunk: nothing, unless it is allowed here. 110 and 112 always are.",
        OUTGOING,
    ),
    one("sip", "Signalling.", SIP),
    many("listener", "Another place where SIP is spoken, kept for trunks or for phones.", LISTENER),
    one("tls", "Signalling that nobody can read along: who we are to those who connect.", TLS),
    one("rtp", "Sound.", RTP),
    one("http", "REST, events, metrics and pages.", HTTP),
    one("trace", "SIP messages kept for a while, to be looked at when a call went wrong.", TRACE),
    one("limits", "How much is taken in at once.", LIMITS),
    one("server", "The process.", SERVER),
    one("log", "What is logged; to the standard error.", LOG),
];

/// What may stand in a `[[queue]]`; simulations take the same.
pub const QUEUE: &[Key] = &[
    key("name", Name, Must, "What it is known by in this file, the API and the figures."),
    key("display", Text, May("the name"), "The queue's name as agents' phones show it."),
    key(
        "skills",
        List(&Need),
        Is("[]"),
        "What an agent must have to be offered its calls. Levels go from 1 (some) to 10 (expert).",
    ),
    key(
        "relax",
        List(&Table(RELAX)),
        Is("[]"),
        "How these needs soften as a caller waits, so that nobody waits for the perfect agent for ever.",
    ),
    key(
        "target",
        Time(SECOND, HOUR),
        Is("20s"),
        "The promise. Among all waiting calls the one with the largest wait / target comes first.",
    ),
    key(
        "order",
        Word(&["longest-idle", "fewest-calls", "best-skill"]),
        Is("longest-idle"),
        "Which of the free agents is taken. The longest idle keeps loads equal.",
    ),
    key(
        "ring",
        Time(SECOND, Span::secs(120)),
        Is("8s"),
        "How long a phone may ring before the caller is offered to the next agent. It is part of the caller's wait.",
    ),
    key(
        "wrap_up",
        Time(Span::ZERO, HOUR),
        Is("15s"),
        "How long an agent may finish up after a call.",
    ),
    key(
        "wrap_up_extension",
        Time(Span::ZERO, HOUR),
        Is("30s"),
        "How much longer that becomes when the agent asks for it, once a call.",
    ),
    key("full", Table(FULL), Is("{}"), "What happens to a call that finds the line full."),
    key(
        "closed",
        Table(CLOSED),
        Is("{}"),
        "What happens to a call that comes while the queue is closed. Who waits then is served on.",
    ),
    key(
        "late",
        Table(LATE),
        May("callers wait as long as they like"),
        "What happens to a call that has waited too long.",
    ),
    key(
        "short_abandon",
        Time(Span::ZERO, MINUTE),
        Is("5s"),
        "Who hangs up sooner is counted apart: probably a wrong number. Never removed from the figures.",
    ),
    key(
        "greeting",
        Sound,
        Is("greeting-de"),
        "What a caller hears first. Cut short when an agent is free.",
    ),
    key("music", Sound, Is("music"), "What follows, over and over, until an agent answers."),
    key("sorry", Sound, Is("sorry-de"), "What a caller hears before \"announce\" ends the call."),
];

const RELAX: &[Key] = &[
    key("after", Time(SECOND, DAY), Must, "From this wait on."),
    key("skill", NameOf("skill"), Must, "Which of the queue's skills."),
    key("to", Count(0, 10), Is("0"), "The level needed from then on; 0: not needed at all."),
];

const THEN: crate::config::schema::Kind = Word(&["stay", "overflow", "announce", "busy"]);

const FULL: &[Key] = &[
    key("waiting", Count(1, 1_000_000), Is("200"), "So many calls may wait."),
    key(
        "then",
        THEN,
        Is("announce"),
        "Stay all the same, overflow to another place, hear the sorry sound and be ended, or get a busy tone.",
    ),
    key(
        "to",
        Text,
        May("only \"overflow\" needs it"),
        "Another queue; a number outside, \"+493415550001\", by a trunk and as [outgoing] allows; or a SIP address, \"sip:info@192.0.2.7\".",
    ),
    key("ring", Time(SECOND, Span::secs(300)), Is("60s"), "How long it may ring outside."),
];

const CLOSED: &[Key] = &[
    key("then", THEN, Is("announce"), "As for full. \"stay\": it waits all the same."),
    key(
        "sound",
        Sound,
        May("the prompt that says when the queue opens"),
        "What \"announce\" says.",
    ),
    key(
        "to",
        Text,
        May("only \"overflow\" needs it"),
        "As for full. The caller keeps its arrival time.",
    ),
    key("ring", Time(SECOND, Span::secs(300)), Is("60s"), "How long it may ring outside."),
];

const LATE: &[Key] = &[
    key("after", Time(SECOND, DAY), Must, "From this wait on."),
    key("then", THEN, Is("announce"), "As for full."),
    key(
        "to",
        Text,
        May("only \"overflow\" needs it"),
        "As for full. The caller keeps its arrival time.",
    ),
    key("ring", Time(SECOND, Span::secs(300)), Is("60s"), "How long it may ring outside."),
];

const MENU: &[Key] = &[
    key("name", Name, Must, "What it is known by in this file and the figures."),
    key("say", Sound, May("silence"), "The question, with all that may be pressed."),
    key(
        "keys",
        List(&Table(MENU_KEY)),
        Is("[]"),
        "What each key does. A key cuts the question short.",
    ),
    key(
        "tries",
        Count(1, 5),
        Is("2"),
        "How many wrong keys and silences lead to `otherwise`; before that the question is repeated.",
    ),
    key("timeout", Time(Span::secs(10), MINUTE), Is("10s"), "How long a caller may think."),
    key(
        "otherwise",
        Table(CHOICE),
        Must,
        "Where whoever presses nothing, or nothing right, is led: everything can be had without keys.",
    ),
];

const TO_QUEUE: Key = key("queue", NameOf("queue"), May("elsewhere"), "Into that queue.");
const TO_MENU: Key = key("menu", NameOf("menu"), May("elsewhere"), "To another question.");
const TO_OUTSIDE: Key = key(
    "to",
    Text,
    May("elsewhere"),
    "To a number outside, as [outgoing] allows, or a SIP address.",
);
const TO_END: Key = key("end", Sound, May("elsewhere"), "That is said, and the call ends.");
const ONCE_MORE: Key = key("again", Flag, Is("false"), "The same question once more.");
const NEEDS_THEN: Key =
    key("skills", List(&Need), Is("[]"), "What the call needs from then on beyond its queue's.");
const SPEAKS_THEN: Key =
    key("language", Text, May("as before"), "The language that the caller hears from then on.");
const RINGS: Key =
    key("ring", Time(SECOND, Span::secs(300)), Is("60s"), "How long it may ring outside.");

/// Where an answer leads: exactly one of the first five.
const CHOICE: &[Key] =
    &[TO_QUEUE, TO_MENU, TO_OUTSIDE, TO_END, ONCE_MORE, NEEDS_THEN, SPEAKS_THEN, RINGS];

const MENU_KEY: &[Key] = &[
    key("key", Text, Must, "One of 0-9, * and #."),
    TO_QUEUE,
    TO_MENU,
    TO_OUTSIDE,
    TO_END,
    ONCE_MORE,
    NEEDS_THEN,
    SPEAKS_THEN,
    RINGS,
];

const NUMBER: &[Key] = &[
    key("digits", Digits, Must, "What is dialled. The longest match wins."),
    key("queue", NameOf("queue"), May("`menu` says where"), "The queue that it leads to."),
    key("menu", NameOf("menu"), May("`queue` says where"), "The menu that it leads to."),
    key("language", Text, May("the first"), "The language that its callers hear first."),
    key("prefix", Flag, Is("false"), "Whether more digits may follow."),
    key("trunk", NameOf("trunk"), May("any trunk, and phones"), "Only calls by this trunk."),
    key(
        "skills",
        List(&Need),
        Is("[]"),
        "What calls by this number need beyond their queue's skills: a language, say.",
    ),
    key(
        "channel",
        Word(&["123-0", "115", "pin", "callback", "other"]),
        Is("other"),
        "How the figures call this entry.",
    ),
    key(
        "answer",
        Word(&["immediate", "early-media", "with-agent"]),
        Is("immediate"),
        "When the caller is answered: at once; with the agent but hearing sound before (free of charge; \
         carriers may cut it after a minute or three); or with the agent, hearing the ringing tone before.",
    ),
];

const SRTP: crate::config::schema::Kind = Word(&["off", "offered", "required"]);
const SRTP_SAYS: &str = "Whether sound is protected by SRTP (RFC 4568): \"offered\" if the other side can, \
     \"required\" or there is no call. The keys travel in SIP, so let that go over TLS.";

const TRUNK: &[Key] = &[
    key("name", Name, Must, "What it is known by in this file and the figures."),
    key(
        "allow",
        List(&Network),
        Is("[]"),
        "The carrier's addresses. A call from anywhere else gets no answer at all, but for where `proxy` is.",
    ),
    key(
        "mode",
        Word(&["static", "register"]),
        Is("static"),
        "Whether the carrier knows where we are, or is told so by REGISTER.",
    ),
    key(
        "proxy",
        List(&Text),
        May(
            "where `domain` is, for a trunk that registers; else nothing is sent to the carrier first",
        ),
        "Where requests are sent, the most liked first: \"sip:192.0.2.7\", \"sip:sbc.example;transport=tls\".",
    ),
    key(
        "domain",
        Text,
        May("the address of `proxy`"),
        "The carrier's domain: what is registered with, and the host of numbers that are called.",
    ),
    key(
        "user",
        Text,
        May("number"),
        "What the carrier knows us by: the user of our address there.",
    ),
    key("auth_user", Text, May("user"), "Whom the password is of."),
    key(
        "password",
        Secret,
        May("the carrier believes our address"),
        "What registrations and calls out are answered for with.",
    ),
    key("gin", Flag, Is("false"), "Register once for all numbers (RFC 6140)."),
    key(
        "expires",
        Time(MINUTE, DAY),
        Is("10m"),
        "How long a registration is asked for. It is refreshed after 50 to 80 % of what is granted.",
    ),
    key(
        "probe",
        TimeOrNever(SECOND, HOUR),
        Is("30s"),
        "How often a trunk that does not register is looked after (OPTIONS). Two in a row decide.",
    ),
    key(
        "mediasec",
        Flag,
        Is("false"),
        "Agree on encrypted sound by headers (RFC 3329), as Telekom's CompanyFlex wants it.",
    ),
    key(
        "tls_name",
        Text,
        May("the host of `proxy`"),
        "The SIP domain that the carrier's certificate must name, if we connect by TLS.",
    ),
    key(
        "tls_roots",
        Path,
        May("those that the system trusts"),
        "The authorities, PEM, one of which must vouch for it.",
    ),
    key(
        "tls_certificate",
        Path,
        May("none"),
        "What we show if the carrier asks who we are by TLS, PEM.",
    ),
    key("tls_key", Path, May("with tls_certificate"), "Its private key, PEM."),
    key(
        "dialled_in",
        List(&Word(&["called-party", "to", "request-uri", "called-first"])),
        Is("[\"called-party\", \"to\", \"request-uri\"]"),
        "Where the dialled number stands; the first that is there counts. Trunks that register \
         for many numbers put it into the request URI. \"called-first\" is whom the call was for before it was sent on \
         to us (Diversion, History-Info).",
    ),
    key("country", Digits, Is("+49"), "The country code of numbers that have none."),
    key(
        "area",
        Digits,
        May("numbers without an area code stay as they are"),
        "The area code, without its zero, of numbers that have none.",
    ),
    key(
        "writes",
        Word(&["+49", "49", "0049", "national", "local"]),
        Is("+49"),
        "How the carrier writes numbers, and wants them: +493411230, 493411230, 00493411230, 03411230, or 1230 in town.",
    ),
    key(
        "number",
        Digits,
        May("calls out by it show no number"),
        "Our own number on it: what those we call see. Others are shown only for callers that are sent on.",
    ),
    key(
        "overlap",
        Flag,
        Is("false"),
        "Whether digits come one by one: what is only the beginning of a number is then told so (484), and dialled on.",
    ),
    key(
        "fallback",
        NameOf("queue"),
        May("404"),
        "Where a number leads that matches nothing. A citizen should not be told 404.",
    ),
    key(
        "trust_identity",
        Flag,
        Is("true"),
        "Whether P-Asserted-Identity is believed, which the carrier vouches for.",
    ),
    key("srtp", SRTP, Is("off"), SRTP_SAYS),
];

/// What may stand in a `[[skill]]`; simulations take the same.
pub const SKILL: &[Key] = &[
    key("name", Name, Must, "What it is known by."),
    key(
        "reserve",
        Count(0, 10_000),
        Is("0"),
        "For a scarce skill: keep so many idle agents who have it for calls that need it.",
    ),
    key(
        "release",
        Time(Span::ZERO, HOUR),
        Is("16s"),
        "Others may take one of the reserve after this wait: a little before their target.",
    ),
];

const AGENT: &[Key] = &[
    key("id", Name, May("ids"), "What the agent is known by. Never a label in the figures."),
    key("ids", Series, May("id"), "Instead of id: one agent for each of a series, \"1001-1028\"."),
    key(
        "phone",
        Text,
        May("the agent says where when signing in"),
        "The user of the phone that the agent usually sits at. \"{id}\" stands for the agent's own.",
    ),
    key(
        "skills",
        Levels,
        Is("[]"),
        "What the agent can do. In a list each skill counts 10; a table tells the levels.",
    ),
    key(
        "ready_on_register",
        Flag,
        Is("false"),
        "Sign in and be ready as soon as that phone registers; for one at a fixed address, at the start.",
    ),
];

const PHONE: &[Key] = &[
    key("user", Name, May("users"), "What it registers as, and where it is reached."),
    key(
        "users",
        Series,
        May("user"),
        "Instead of user: one phone for each of a series, \"1001-1028\".",
    ),
    key(
        "password",
        Secret,
        May("it does not register"),
        "What it registers with. \"{user}\" stands for its user, also in the name of a file or variable.",
    ),
    key(
        "address",
        Listen,
        May("where it registers from"),
        "Where it stands, if it does not register: \"udp://192.0.2.20:5060\". Without a password, calls from there in its name are its own.",
    ),
    key("auto_answer", Flag, Is("false"), "Ask it to answer by itself, with a tone for the agent."),
    key(
        "answers_within",
        Time(SECOND, Span::secs(32)),
        Is("4s"),
        "If it says nothing within this time when it is called, not even 100, it is not there and the next agent is tried. More for phones behind gateways, and mobile ones that have to be woken.",
    ),
    key("srtp", SRTP, Is("off"), SRTP_SAYS),
    key(
        "digest",
        DIGEST,
        May("as its listener says"),
        "The digest algorithms that it is offered, and in which order, where it cannot do with what its listener offers. Strangers can tell by it that there is such a phone.",
    ),
];

const REASON: &[Key] = &[
    key("name", Name, Must, "As the API and the figures call it."),
    key("digit", Count(0, 9), May("not by phone"), "What is dialled after the code for away."),
];

const CODES: &[Key] = &[
    key(
        "ready",
        Code,
        Is("*10"),
        "Sign in if need be, and be ready. Followed by *ID: sign that agent in here.",
    ),
    key("away", Code, Is("*11"), "Be away. A digit that follows tells the reason."),
    key("sign_out", Code, Is("*12"), "Sign out."),
    key("end_wrap_up", Code, Is("*13"), "Have finished wrapping up."),
    key("extend_wrap_up", Code, Is("*14"), "Need longer to wrap up."),
];

const OUTGOING: &[Key] = &[
    key(
        "allow",
        List(&Digits),
        Is("[]"),
        "Beginnings of numbers that may be called: \"+49\", \"0341\", or a service such as \"115\". What \
         is dear (0900, 0137, 0180, 118, satellites) only if its own beginning is here.",
    ),
    key(
        "deny",
        List(&Digits),
        Is("[]"),
        "Beginnings that may not, though a shorter one is allowed. The longest decides.",
    ),
    key(
        "trunks",
        List(&NameOf("trunk")),
        May("all, in the order of the file"),
        "Trunks to call out by. The next is tried when one is down, full or failing.",
    ),
    key(
        "prefix",
        Digits,
        May("nothing"),
        "What phones dial before an outside number: \"0\". Help is reached without it too.",
    ),
    key("hours", List(&Text), Is("[]"), "When: \"mon-fri 07:00-19:00\". Without any, at any time."),
    key(
        "zone",
        Text,
        Is("Europe/Berlin"),
        "By which clock; a day's minutes begin anew at its midnight.",
    ),
    key("calls", Count(0, 100_000), Is("10"), "Calls out at once."),
    key("calls_each", Count(0, 100_000), Is("1"), "Calls out at once, of one agent or phone."),
    key(
        "day",
        Time(Span::ZERO, Span::secs(31_536_000)),
        Is("10h"),
        "How long all calls out of a day may last together.",
    ),
    key(
        "day_each",
        Time(Span::ZERO, Span::secs(31_536_000)),
        Is("2h"),
        "How long those of one agent or phone may.",
    ),
    key("lasts", Time(SECOND, DAY), Is("1h"), "How long one call out may last."),
];
