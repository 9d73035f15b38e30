//! A virtual city's configuration: one trunk, 1230 and 115, agents of whom a quarter speak English.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::{
    acd::{
        input::Channel,
        plan::{self as acd, AgentOrder, Needs, Overflow, Relax},
    },
    base::{
        masked::Masked,
        numbers::{AgentNo, LanguageNo, PhoneNo, QueueNo, SkillNo, SoundNo, TrunkNo},
        time::Span,
    },
    exchange::plan::{
        Agent, AnswerMode, Codes, DialledIn, Goal, Leads, Media, Number, Outgoing, Outside, Phone,
        Plan, Treatment, Trunk, Writing,
    },
    media::order::Codec,
    sdp::crypto::Policy,
    sip::{
        settings::{self, Carrier, Settings},
        wire::Transport,
    },
    treatment,
};

/// Where the exchange is.
pub const EXCHANGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 5060);
/// Who takes calls that overflow.
pub const OUTSIDE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 3, 0, 1)), 5060);

/// The skill that every agent has.
const GERMAN: SkillNo = SkillNo::first(0);
/// The skill of every fourth.
const ENGLISH: SkillNo = SkillNo::first(1);

/// Numbers a citizen may dial, and what they are for.
pub const NUMBERS: [&str; 4] = ["1230", "115", "12301", "12302"];

/// Where the `n`th citizen calls from: SIP, and sound.
#[must_use]
pub fn citizen(n: u16) -> (SocketAddr, SocketAddr) {
    let [high, low] = n.to_be_bytes();
    (SocketAddr::from(([10, 1, high, low], 5060)), SocketAddr::from(([10, 1, high, low], 4000)))
}

/// Where the `n`th agent's telephone stands: SIP, and sound.
#[must_use]
pub fn desk(n: u16) -> (SocketAddr, SocketAddr) {
    let [high, low] = n.to_be_bytes();
    (SocketAddr::from(([10, 2, high, low], 5060)), SocketAddr::from(([10, 2, high, low], 4000)))
}

/// The name of the `n`th agent, and the user part of its telephone.
#[must_use]
pub fn name(n: u16) -> String {
    (1001 + u32::from(n)).to_string()
}

/// The password of a telephone.
#[must_use]
pub fn password(user: &str) -> String {
    format!("dev-{user}")
}

/// A city with so many agents. Every tenth telephone stands at a fixed address.
#[must_use]
pub fn plan(agents: u16) -> Plan {
    let every = || 0..agents;
    let is_fixed = |n: u16| n % 10 == 9;
    Plan {
        node: 0,
        acd: engine(agents),
        sip: settings(agents),
        trunks: vec![Some(Trunk {
            name: "city".into(),
            dialled_in: vec![DialledIn::CalledParty, DialledIn::To, DialledIn::RequestUri],
            country: "+49".into(),
            area: "341".into(),
            writing: Writing::Plus,
            number: String::new(),
            overlap: false,
            fallback: Some(QueueNo::first(0)),
            trust_identity: true,
            srtp: Policy::Off,
        })],
        phones: every()
            .map(|n| {
                Some(Phone {
                    user: name(n),
                    fixed: is_fixed(n).then(|| (Transport::Udp, desk(n).0)),
                    auto_answer: n % 2 == 0,
                    answers_within: Span::secs(4),
                    srtp: Policy::Off,
                    agent: Some(AgentNo::first(n.into())),
                })
            })
            .collect(),
        agents: every()
            .map(|n| {
                Some(Agent {
                    id: name(n),
                    phone: Some(PhoneNo::first(n.into())),
                    ready_on_register: true,
                })
            })
            .collect(),
        treatments: vec![
            Treatment {
                greeting: Some(SoundNo::first(0)),
                music: Some(SoundNo::first(1)),
                announcement: Some(SoundNo::first(2)),
                closed: None,
                display: "Bürgertelefon".into(),
            },
            Treatment {
                greeting: None,
                music: Some(SoundNo::first(1)),
                announcement: None,
                closed: None,
                display: "115".into(),
            },
        ],
        menus: treatment::plan::Plan::default(),
        numbers: numbers(),
        codes: Codes {
            ready: "*10".into(),
            away: "*11".into(),
            away_reasons: vec![],
            sign_out: "*12".into(),
            end_wrap_up: "*13".into(),
            extend_wrap_up: "*14".into(),
        },
        outgoing: Outgoing::default(),
        outside: vec![Outside {
            goal: Goal::Address {
                uri: format!("sip:+49341999@{OUTSIDE}"),
                transport: Transport::Udp,
                remote: OUTSIDE,
            },
            ring: Span::secs(20),
        }],
        media: Media {
            codecs: vec![Codec::G722, Codec::Pcma, Codec::Pcmu],
            address: EXCHANGE.ip(),
            other_address: None,
            ports: (20_000, 29_999),
            silence: Some(Span::secs(30)),
            keys_in_clear: true,
        },
        legs_max: 2_000,
        drain: Span::secs(120),
    }
}

/// The same city, which may call Germany by a trunk that ends where calls overflow to.
#[must_use]
pub fn reaching_out(mut plan: Plan) -> Plan {
    if let Some(Some(trunk)) = plan.sip.trunks.first_mut() {
        trunk.carrier = Some(Carrier {
            proxies: format!("sip:{OUTSIDE}").parse().into_iter().collect(),
            domain: "carrier.example".into(),
            user: "city".into(),
            account: None,
            registers: None,
            probe: None,
            mediasec: false,
        });
    }
    plan.outgoing = Outgoing {
        allow: vec!["+49".into()],
        trunks: vec![TrunkNo::first(0)],
        lasts_max: Span::secs(60),
        ..Outgoing::default()
    };
    plan
}

fn numbers() -> Vec<Number> {
    let number = |digits: &str, queue, channel, answer, needs| Number {
        digits: digits.into(),
        prefix: false,
        trunk: None,
        leads: Leads::Queue(QueueNo::first(queue)),
        language: LanguageNo::first(0),
        needs: Needs(needs),
        channel,
        answer,
    };
    let [city, federal, english, late] = NUMBERS;
    vec![
        number(city, 0, Channel::City, AnswerMode::Immediate, vec![]),
        number(federal, 1, Channel::Federal, AnswerMode::EarlyMedia, vec![]),
        number(english, 0, Channel::City, AnswerMode::Immediate, vec![(ENGLISH, 1)]),
        number(late, 0, Channel::Other, AnswerMode::WithAgent, vec![]),
    ]
}

fn engine(agents: u16) -> acd::Plan {
    let queue = |name: &str, when_full, when_late| acd::Queue {
        name: name.into(),
        needs: Needs(vec![(GERMAN, 1)]),
        relax: vec![Relax { after: Span::secs(60), skill: GERMAN, to: 0 }],
        target: Span::secs(20),
        order: AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::secs(20),
        wrap_up_extension: Span::secs(30),
        waiting_max: 30,
        when_full,
        wait_max: Some(Span::secs(300)),
        when_late,
        when_closed: acd::Overflow::Announce,
        short_abandon: Span::secs(5),
        retired: false,
    };
    acd::Plan {
        skills: vec![
            acd::Skill { name: "german".into(), reserve: 0, release: Span::ZERO },
            acd::Skill { name: "english".into(), reserve: 1, release: Span::secs(16) },
        ],
        queues: vec![
            queue("buergertelefon", Overflow::Announce, Overflow::Announce),
            queue("d115", Overflow::Busy, Overflow::Outside(0)),
        ],
        agents: (0..agents)
            .map(|n| {
                let mut skills = vec![(GERMAN, 5)];
                if n % 4 == 0 {
                    skills.push((ENGLISH, 3));
                }
                acd::Agent { id: name(n), skills, retired: false }
            })
            .collect(),
        calls_max: 500,
    }
}

fn settings(agents: u16) -> Settings {
    Settings {
        listen: vec![(Transport::Udp, EXCHANGE)],
        serves: vec![],
        digests: vec![],
        public_host: None,
        realm: "lotse.example".into(),
        phones: (0..agents)
            .map(|n| {
                let user = name(n);
                let password = Some(Masked::new(password(&user)));
                Some(settings::Phone { user, password, digest: vec![], address: None })
            })
            .collect(),
        trunks: vec![Some(settings::Trunk {
            name: "city".into(),
            allow: vec![(Ipv4Addr::new(10, 1, 0, 0).into(), 16)],
            carrier: None,
        })],
        product: "Lotse".into(),
        t1: Span::millis(500),
        t2: Span::secs(4),
        t4: Span::secs(5),
        seed: [7; 32],
        nonce_life: Span::secs(300),
        expires_min: 60,
        session_expires: 1800,
        session_expires_min: 90,
        expires_max: 3600,
        expires_default: 600,
        contacts_max: 3,
        dialogs_max: 4_000,
        transactions_max: 20_000,
        calls_per_second: 1_000,
        message_max: 65_535,
        failures_max: 1_000,
        challenges_max: 100,
    }
}
