//! A small city for the tests of this room: one trunk, two queues, four agents at four phones.

use std::net::SocketAddr;

use crate::{
    acd::{self, input::Channel, plan::Needs},
    base::{
        masked::Masked,
        numbers::{
            AgentNo, DialogNo, FlowNo, LanguageNo, PhoneNo, QueueNo, SkillNo, SoundNo, TrunkNo,
        },
        time::Span,
    },
    exchange::plan::{
        Agent, AnswerMode, Codes, DialledIn, Goal, Leads, Media, Number, Outgoing, Outside, Phone,
        Plan, Treatment, Trunk, Writing,
    },
    media::order::Codec,
    sdp::crypto::Policy,
    sip::{
        self,
        event::{Invited, Origin},
        message::identity::History,
        wire::{Peer, Transport},
    },
    treatment,
};

/// The exchange's own address.
pub(super) fn here() -> SocketAddr {
    ([192, 0, 2, 1], 5060).into()
}

/// The carrier's address.
pub(super) fn carrier() -> SocketAddr {
    ([192, 0, 2, 50], 5060).into()
}

/// Where agent `n`'s phone stands.
pub(super) fn desk(n: u8) -> SocketAddr {
    ([192, 0, 2, 100 + n], 5060).into()
}

/// 1230 leads to queue 0, 115 to queue 1; phones and agents 1001 … 1004, of which 1004's phone
/// stands at a fixed address.
pub(super) fn plan() -> Plan {
    let number = |digits: &str, queue: u32, channel: Channel| Number {
        digits: digits.into(),
        prefix: false,
        trunk: None,
        leads: Leads::Queue(QueueNo::first(queue)),
        language: LanguageNo::first(0),
        needs: Needs::default(),
        channel,
        answer: AnswerMode::Immediate,
    };
    let names = ["1001", "1002", "1003", "1004"];
    Plan {
        node: 0,
        acd: engine(&names),
        sip: settings(&names),
        trunks: vec![Some(Trunk {
            name: "city".into(),
            dialled_in: vec![DialledIn::CalledParty, DialledIn::To, DialledIn::RequestUri],
            country: "+49".into(),
            area: "341".into(),
            writing: Writing::Plus,
            number: "+493411230".into(),
            overlap: false,
            fallback: None,
            trust_identity: true,
            srtp: Policy::Off,
        })],
        phones: (0u8..)
            .zip(names)
            .map(|(n, user)| {
                Some(Phone {
                    user: user.into(),
                    fixed: (n == 3).then(|| (Transport::Udp, desk(n))),
                    auto_answer: n == 1,
                    answers_within: Span::secs(4),
                    srtp: Policy::Off,
                    agent: Some(AgentNo::first(n.into())),
                })
            })
            .collect(),
        agents: (0u32..)
            .zip(names)
            .map(|(n, id)| {
                Some(Agent {
                    id: id.into(),
                    phone: Some(PhoneNo::first(n)),
                    ready_on_register: n < 2,
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
                music: Some(SoundNo::first(3)),
                display: "115".into(),
                ..Treatment::default()
            },
        ],
        menus: treatment::plan::Plan::default(),
        numbers: vec![number("1230", 0, Channel::City), number("115", 1, Channel::Federal)],
        codes: Codes {
            ready: "*10".into(),
            away: "*11".into(),
            away_reasons: vec![('1', "break".into()), ('2', "training".into())],
            sign_out: "*12".into(),
            end_wrap_up: "*13".into(),
            extend_wrap_up: "*14".into(),
        },
        outside: vec![Outside {
            goal: Goal::Address {
                uri: "sip:+493412345@192.0.2.60".into(),
                transport: Transport::Udp,
                remote: ([192, 0, 2, 60], 5060).into(),
            },
            ring: Span::secs(30),
        }],
        outgoing: Outgoing::default(),
        media: Media {
            codecs: vec![Codec::G722, Codec::Pcma, Codec::Pcmu],
            address: here().ip(),
            other_address: None,
            ports: (20_000, 29_999),
            silence: Some(Span::secs(30)),
            keys_in_clear: true,
        },
        legs_max: 200,
        drain: Span::secs(120),
    }
}

fn engine(names: &[&str]) -> acd::plan::Plan {
    let german = SkillNo::first(0);
    let queue = |name: &str| acd::plan::Queue {
        name: name.into(),
        needs: Needs(vec![(german, 1)]),
        relax: vec![],
        target: Span::secs(20),
        order: acd::plan::AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::secs(10),
        wrap_up_extension: Span::secs(30),
        waiting_max: 3,
        when_full: acd::plan::Overflow::Busy,
        wait_max: Some(Span::secs(600)),
        when_late: acd::plan::Overflow::Announce,
        when_closed: acd::plan::Overflow::Announce,
        short_abandon: Span::secs(5),
        retired: false,
    };
    acd::plan::Plan {
        skills: vec![acd::plan::Skill { name: "german".into(), reserve: 0, release: Span::ZERO }],
        queues: vec![queue("buergertelefon"), queue("d115")],
        agents: names
            .iter()
            .map(|id| acd::plan::Agent {
                id: (*id).into(),
                skills: vec![(german, 5)],
                retired: false,
            })
            .collect(),
        calls_max: 100,
    }
}

fn settings(phones: &[&str]) -> sip::settings::Settings {
    sip::settings::Settings {
        listen: vec![(Transport::Udp, here())],
        serves: vec![],
        digests: vec![],
        public_host: None,
        realm: "lotse.example".into(),
        phones: phones
            .iter()
            .map(|user| {
                Some(sip::settings::Phone {
                    user: (*user).into(),
                    password: Some(Masked::new(format!("secret-{user}"))),
                    digest: vec![],
                    address: None,
                })
            })
            .collect(),
        trunks: vec![Some(sip::settings::Trunk {
            name: "city".into(),
            allow: vec![(carrier().ip(), 32)],
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
        dialogs_max: 400,
        transactions_max: 2000,
        calls_per_second: 1000,
        message_max: 65_535,
        failures_max: 20,
        challenges_max: 100,
    }
}

/// The carrier, as far as calls go out by it.
pub(super) fn outward() -> sip::settings::Carrier {
    sip::settings::Carrier {
        proxies: vec![format!("sip:{}", carrier()).parse().unwrap()],
        domain: "carrier.example".into(),
        user: "city".into(),
        account: None,
        registers: None,
        probe: None,
        mediasec: false,
    }
}

/// An INVITE by the trunk, for whom nothing in particular was dialled.
pub(super) fn invited() -> Invited {
    Invited {
        dialog: DialogNo::first(0),
        origin: Origin::Trunk(TrunkNo::first(0)),
        peer: Peer {
            transport: Transport::Udp,
            local: here(),
            remote: carrier(),
            flow: FlowNo::first(0),
        },
        request_user: String::new(),
        to_user: String::new(),
        called_party: None,
        from_user: Masked::new("+493415550001"),
        from_display: Masked::default(),
        asserted: None,
        anonymous: false,
        history: History::default(),
        hops: None,
        call_id: "a84b4c76e66710@192.0.2.50".into(),
        sdp: None,
        replaces: None,
    }
}
