//! The whole exchange, whatever strangers, media, operators and the clock say: nothing panics, no
//! rule is broken, and what is sent can be read.

#![no_main]

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use lotse::{
    acd::invariants::Watch,
    base::{
        arena::Number,
        numbers::{AgentNo, CallNo, LegNo},
        time::{Span, Timestamp},
    },
    exchange::{
        check,
        fact::Fact,
        request::{Request, Ticket},
        switch::{Exchange, Input, Output},
    },
    media::order::{Notice, Order, Report},
    sim::{traffic::trouble, world::city},
    sip::endpoint,
};
use lotse_fuzz::{Stranger, way};

const AGENTS: u16 = 10;

struct World {
    now: Timestamp,
    exchange: Exchange,
    out: Output,
    watch: Watch,
    stranger: Stranger,
    /// Legs that the media hold.
    open: Vec<LegNo>,
}

impl World {
    fn tell(&mut self, input: Input<'_>) {
        self.exchange.handle(self.now, input, &mut self.out);
        let facts: Vec<_> = self.out.facts.drain(..).collect();
        let said: Vec<_> = facts
            .into_iter()
            .filter_map(|told| if let Fact::Acd(fact) = told.fact { Some(fact) } else { None })
            .collect();
        for order in self.out.orders.drain(..) {
            match order {
                Order::Open { leg, .. } => self.open.push(leg),
                Order::Close { leg } => self.open.retain(|it| *it != leg),
                _ => (),
            }
        }
        for departure in self.out.sip.departures.drain(..) {
            let bytes = &self.out.sip.bytes[departure.start..departure.end];
            self.stranger.hear(departure.peer, bytes);
        }
        self.out.sip.bytes.clear();
        self.out.answers.clear();
        self.watch.hear(self.now, &said, self.exchange.engine()).expect("the engine's rules hold");
        assert_eq!(check::broken(&self.exchange), Vec::<String>::new());
    }

    /// The world goes on until `then`, with every timer at its time.
    fn pass(&mut self, then: Timestamp) {
        for _ in 0..10_000 {
            let Some(due) = self.exchange.next_wake().filter(|due| *due <= then) else {
                self.now = then;
                return;
            };
            self.now = self.now.max(due);
            self.tell(Input::Tick);
        }
        panic!("time stands still");
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=9)? {
            0..=4 => {
                let (peer, bytes) = self.stranger.say(u)?;
                self.tell(Input::Sip(endpoint::Input::Arrival { peer, bytes: &bytes }));
            }
            5 => {
                let secs = *u.choose(&[0, 1, 4, 9, 32, 600])?;
                self.pass(self.now + Span::secs(secs));
            }
            6 => {
                let peer = way(u)?;
                if peer.transport.is_stream() {
                    self.tell(Input::Sip(endpoint::Input::FlowGone { peer }));
                }
            }
            7 if !self.open.is_empty() => {
                let leg = *u.choose(&self.open)?;
                let notice = match u.int_in_range(0..=2)? {
                    0 => Notice::Silent { leg },
                    1 => Notice::Played { leg },
                    _ => Notice::Failed { leg, why: "chance".into() },
                };
                self.tell(Input::Notice(notice));
            }
            7 => {
                // A leg that closed: its report, and a port anew.
                let leg = LegNo::new(u.int_in_range(0..=7)?, u.int_in_range(0..=1)?);
                if !self.open.contains(&leg) {
                    self.tell(Input::Notice(Notice::Closed { leg, report: Report::default() }));
                }
            }
            8 => {
                let agent = AgentNo::first(u.int_in_range(0..=u32::from(AGENTS))?);
                let call = CallNo::first(u.int_in_range(0..=3)?);
                let to = city::name(u.int_in_range(0..=AGENTS)?);
                let request = match u.int_in_range(0..=12)? {
                    0 => Request::SignIn { agent, phone: None, ready: u.arbitrary()? },
                    1 => Request::Ready(agent),
                    2 => Request::Away { agent, reason: String::new() },
                    3 => Request::SignOut(agent),
                    4 => Request::EndWrapUp(agent),
                    5 => Request::ExtendWrapUp(agent),
                    6 => Request::Transfer { call, to },
                    7 | 8 => Request::Consult { call, to },
                    9 => Request::Complete(call),
                    10 => Request::Cancel(call),
                    11 => Request::Conference(call),
                    _ => Request::HangUp(call),
                };
                self.tell(Input::Request(Ticket { number: 0, request }));
            }
            _ => {
                let plan = trouble::retuned(AGENTS, u.arbitrary()?);
                self.tell(Input::Plan(Box::new(plan)));
            }
        }
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut world = World {
        now: Timestamp(1_000_000),
        exchange: Exchange::new(city::plan(AGENTS)),
        out: Output::default(),
        watch: Watch::default(),
        stranger: Stranger::default(),
        open: vec![],
    };
    world.tell(Input::Notice(Notice::Ports { ports: (20_000..20_064).step_by(2).collect() }));
    let u = &mut Unstructured::new(bytes);
    while !u.is_empty() && world.step(u).is_ok() {}
});
