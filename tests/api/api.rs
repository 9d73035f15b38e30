//! The API with `config/dev.toml` and, instead of an exchange, answers as they are wanted.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{self, Response},
};
use tokio::sync::oneshot;

use lotse::{
    acd::{
        fact::{Decision, Fact as AcdFact, Outcome, Rule, Why},
        input::{Channel, OfferLost},
        plan::Needs,
    },
    api::{
        routes,
        web::{News, Settings, Web},
    },
    base::{
        masked::Masked,
        numbers::{AgentNo, CallNo, FlowNo, LegNo, PhoneNo, QueueNo, SkillNo, TrunkNo},
        time::{Span, Timestamp},
        ucid::Ucids,
    },
    config::{
        check,
        meant::{Config, Role, Token},
    },
    exchange::{
        fact::{Fact, Record},
        request::{Answer, Request, Ticket},
    },
    media::order::{Codec, Report},
    sip::wire::{Peer, Transport},
    trace::tape::{Taken, Way},
};
use tower::ServiceExt as _;

/// 2026-11-22T17:45:00Z.
pub(crate) const NOON: u64 = 1_795_369_500;

pub(crate) const ANNA: AgentNo = AgentNo::first(0);
pub(crate) const BEN: AgentNo = AgentNo::first(1);

pub(crate) struct Api {
    pub(crate) web: Web,
    pub(crate) router: Router,
    seq: u64,
}

/// What the exchange would say to a request: facts, then an answer; nothing: it is silent.
pub(crate) type Exchange = fn(&Request) -> Option<(Vec<Fact>, Answer)>;

pub(crate) fn config() -> Config {
    let text = fs::read_to_string("config/dev.toml").unwrap();
    check::check("config/dev.toml", &text, None).unwrap().config
}

impl Api {
    /// An API at the beginning: configured, and nothing has happened.
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self::with(Settings { patience: Span::millis(20), ..Settings::default() }, exchange)
    }

    pub(crate) fn with(mut settings: Settings, exchange: Exchange) -> Self {
        let config = config();
        let mut tokens = config.http.tokens.clone();
        tokens.push(Token { name: "wall".into(), role: Role::Viewer, secret: Masked::new("wall") });
        settings.tokens = tokens;

        // Requests lead back to the API that they come from.
        let behind = Arc::new(Mutex::new(None::<(Web, u64)>));
        let requests = {
            let behind = Arc::clone(&behind);
            Arc::new(move |ask: Ticket| {
                let held = behind.lock().unwrap().clone();
                let (web, mut seq) = held.unwrap();
                match exchange(&ask.request) {
                    None => Ok(()),
                    Some((facts, answer)) => {
                        for fact in facts {
                            seq += 1;
                            web.tell(News::Fact(Box::new(record(seq, 700, fact))));
                        }
                        web.tell(News::Answer(ask.number, answer));
                        *behind.lock().unwrap() = Some((web, seq));
                        Ok(())
                    }
                }
            })
        };
        let tape =
            Arc::new(|call_ids, asker: oneshot::Sender<_>| asker.send(taped(call_ids)).is_ok());
        let web =
            Web::new(settings, requests, tape, Arc::new(|| Timestamp((NOON + 1000) * 1_000_000)));
        // Facts of answers begin where no story ends.
        *behind.lock().unwrap() = Some((web.clone(), 1_000));
        let plan = Arc::new(config.exchange);
        web.tell(News::Configured(Arc::clone(&plan)));
        web.tell(News::Unready(vec![]));
        let router = routes::router(&web);
        let mut api = Self { web, router, seq: 0 };
        api.tell(0, AcdFact::Planned(Box::new(plan.acd.clone())));
        api
    }

    /// Tells a fact so many seconds after [`NOON`].
    pub(crate) fn tell(&mut self, secs: u64, fact: impl Into<Wrapped>) {
        self.seq += 1;
        self.web.tell(News::Fact(Box::new(record(self.seq, secs, fact.into().0))));
    }

    pub(crate) async fn ask(&self, request: http::Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let request = http::Request::get(path).header("authorization", "Bearer dev");
        text(self.ask(request.body(Body::empty()).unwrap()).await).await
    }

    /// A little morning: one call is spoken with, one was abandoned, one waits, and one rang out.
    pub(crate) fn morning(&mut self) {
        let phone = PhoneNo::first;
        self.tell(1, AcdFact::PhoneReach { phone: phone(0), up: true });
        for (agent, phone) in [(ANNA, phone(0)), (BEN, phone(1))] {
            self.tell(2, AcdFact::SignedIn { agent, phone });
            self.tell(2, AcdFact::Ready { agent });
        }
        self.call(0, 10);
        self.tell(10, offered(0, ANNA));
        self.tell(14, AcdFact::Answered { call: call(0), agent: ANNA, wait: Span::secs(4) });

        self.call(1, 20);
        self.tell(20, offered(1, BEN));
        let why = OfferLost::NoAnswer;
        self.tell(28, AcdFact::OfferLost { call: call(1), agent: BEN, why });
        self.tell(28, AcdFact::WentAway { agent: BEN, why: Why::Lost(why), until: None });
        self.call(2, 30);
        self.tell(
            50,
            AcdFact::Ended {
                call: call(1),
                queue: Some(QueueNo::first(0)),
                channel: Channel::City,
                outcome: Outcome::Abandoned,
                wait: Span::secs(30),
                talk: Span::ZERO,
            },
        );
        self.tell(
            51,
            Fact::LegClosed {
                leg: LegNo::first(1),
                call: Some(call(1)),
                agent: false,
                report: Report { received: 1500, sent: 1500, jitter: 0.001, ..Report::default() },
            },
        );
    }

    /// A call arrives so many seconds after [`NOON`].
    fn call(&mut self, slot: u32, secs: u64) {
        self.tell(
            secs,
            Fact::CallOpened {
                call: call(slot),
                id: Some(Ucids::new(0, 1).next(at(secs))),
                leg: LegNo::first(slot),
                trunk: Some(TrunkNo::first(0)),
                call_id: format!("cid-{slot}"),
                caller: Masked::new("+493411234567"),
                dialled: "1230".into(),
                called_first: Masked::default(),
            },
        );
        self.tell(secs, Fact::Negotiated { leg: LegNo::first(slot), codec: Codec::Pcma });
        self.tell(
            secs,
            AcdFact::Queued {
                call: call(slot),
                queue: QueueNo::first(0),
                needs: Needs(vec![(SkillNo::first(0), 1)]),
                own: Needs::default(),
                channel: Channel::City,
                arrived: at(secs),
            },
        );
    }
}

pub(crate) fn call(slot: u32) -> CallNo {
    CallNo::first(slot)
}

fn offered(slot: u32, agent: AgentNo) -> AcdFact {
    let decision = Decision {
        rule: Rule::Direct,
        age: Span::ZERO,
        head_start: Span::ZERO,
        idle: Span::secs(8),
        waiting: 1,
        idle_agents: 2,
    };
    AcdFact::Offered { call: call(slot), agent, until: at(60), decision }
}

fn at(secs: u64) -> Timestamp {
    Timestamp((NOON + secs) * 1_000_000)
}

fn record(seq: u64, secs: u64, fact: Fact) -> Record {
    Record { seq, at: at(secs), fact }
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A fact, of the engine or of the exchange.
pub(crate) struct Wrapped(Fact);

impl From<Fact> for Wrapped {
    fn from(fact: Fact) -> Self {
        Self(fact)
    }
}

impl From<AcdFact> for Wrapped {
    fn from(fact: AcdFact) -> Self {
        Self(Fact::Acd(fact))
    }
}

/// A tape that holds one message of every call asked for.
fn taped(call_ids: Vec<String>) -> Vec<Taken> {
    let peer = Peer {
        transport: Transport::Udp,
        local: "192.0.2.10:5060".parse().unwrap(),
        remote: "192.0.2.77:5060".parse().unwrap(),
        flow: FlowNo::first(0),
    };
    let message = |id| {
        format!(
            "BYE sip:+4934198765432@192.0.2.10 SIP/2.0\r\nCall-ID: {id}\r\nAuthorization: Digest secret\r\n\r\n"
        )
    };
    let take = |id| Taken { at: Timestamp(7), way: Way::Received, peer, bytes: message(id).into() };
    call_ids.into_iter().map(take).collect()
}
