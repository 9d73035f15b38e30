//! One turn of the exchange: one thing is told, and all that follows is done, at once.
//!
//! ```text
//! input ──► facts ──► enact ─┐
//!           events ─► hear ──┼─► raised inputs, until all is quiet ──► what has changed in what
//!           failed ─► hear ──┘                                         the legs should hear
//! ```
//!
//! Sound comes last, when the call stands as it will: nobody hears half of a change.

use crate::{
    acd,
    base::{numbers::CallNo, time::Timestamp},
    bridge::{call::Talk, hears},
    exchange::{
        control, dialled, enact, ending, external,
        fact::Fact,
        hear, menu, outside, phone,
        request::Ticket,
        route::Routes,
        switch::{Exchange, Input, Output, Timer, Turn},
        takeover, treatment,
    },
    sip::{self, message::header::reason::Reason},
    treatment::course::Event,
};

impl Exchange {
    /// One thing in, everything that follows out.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, out: &mut Output) {
        let turn = &mut Turn { now, out };
        if !self.started {
            self.started = true;
            self.planned(turn);
        }
        match input {
            Input::Sip(input) => self.endpoint.handle(now, input, &mut turn.out.sip),
            Input::Notice(notice) => hear::notice(self, turn, notice),
            Input::Request(Ticket { number, request }) => {
                let answer = control::asked(self, turn, request);
                turn.out.answers.push((number, answer));
            }
            Input::Plan(plan) => {
                self.plan = *plan;
                self.routes = Routes::new(&self.plan);
                self.calls.set_capacity(self.plan.legs_max / 2);
                self.legs.set_capacity(self.plan.legs_max);
                let settings = self.plan.sip.clone();
                self.endpoint.reconfigure(now, settings, &mut turn.out.sip);
                self.planned(turn);
            }
            Input::Leave => self.endpoint.leave(now, &mut turn.out.sip),
            Input::Tick => self.tick(turn),
        }
        self.settle(turn);
        self.settle_sound(turn);
    }

    /// The plan is this from now on: the engine is told, then the phones are looked for.
    fn planned(&mut self, turn: &mut Turn<'_>) {
        let plan = Box::new(self.plan.acd.clone());
        self.raise(acd::input::Input::Plan(plan));
        self.settle(turn);
        if let Some(handover) = self.handover.take() {
            takeover::take_over(self, turn, handover);
            self.settle(turn);
        }
        phone::look_for_all(self, turn);
    }

    /// Time has passed: first the wire's timers, then ours, then the engine's.
    fn tick(&mut self, turn: &mut Turn<'_>) {
        self.endpoint.handle(turn.now, sip::endpoint::Input::Tick, &mut turn.out.sip);
        self.settle(turn);
        while let Some(timer) = self.timers.pop_due(turn.now) {
            match timer {
                Timer::Call(call) => self.late(turn, call),
                Timer::Code(leg) => ending::hang_up(self, turn, leg, Reason::Q850(16)),
                Timer::Unheard(leg) => phone::unheard(self, leg),
                Timer::Adrift(leg) => phone::adrift(self, turn, leg),
                Timer::Drain => self.end_all(turn),
            }
            self.settle(turn);
        }
        if self.engine.next_wake().is_some_and(|due| due <= turn.now) {
            self.raise(acd::input::Input::Tick);
        }
    }

    fn late(&mut self, turn: &mut Turn<'_>, call: CallNo) {
        let Some(known) = self.calls.get(call) else { return };
        match known.bridge.talk {
            Talk::Outside { .. } if known.dialled.is_some() => dialled::late(self, turn, call),
            Talk::Outside { leg } => outside::late(self, turn, leg, call),
            Talk::Two { .. }
            | Talk::Holding { .. }
            | Talk::Consulting { .. }
            | Talk::ExternallyTransferring { .. } => external::late(self, turn, call),
            Talk::Announcing { .. } if known.at_menu.is_some() => {
                menu::heard(self, turn, call, Event::Late);
            }
            Talk::Announcing { .. } => treatment::said(self, turn, call),
            Talk::Waiting | Talk::Ringing { .. } => (),
        }
    }

    fn end_all(&mut self, turn: &mut Turn<'_>) {
        let calls: Vec<_> = self.calls.iter().map(|(call, _)| call).collect();
        for call in calls {
            ending::fail(self, turn, call, Reason::Q850(41));
        }
    }

    /// Works off what follows from what was heard, until all is quiet.
    fn settle(&mut self, turn: &mut Turn<'_>) {
        // Each deed raises at most a few inputs about its own call or agent, and none of them
        // twice: more steps than these are a loop of our own making.
        let things = self.calls.len() + self.legs.len() + self.plan.agents.len() + self.reach.len();
        let mut left = 1_000 + 50 * things;
        loop {
            self.work.events.extend(turn.out.sip.events.drain(..));
            if let Some(fact) = self.work.facts.pop_front() {
                self.tell(turn, Fact::Acd(fact.clone()));
                enact::fact(self, turn, &fact);
            } else if let Some(input) = self.work.raised.pop_front() {
                if let Err(refusal) = self.decide(turn.now, input) {
                    enact::refused(self, turn, &refusal);
                }
            } else if let Some(leg) = self.work.failed.pop_front() {
                hear::failed(self, turn, leg);
            } else if let Some(event) = self.work.events.pop_front() {
                hear::event(self, turn, event);
            } else {
                break;
            }
            left = left.checked_sub(1).expect("a turn comes to an end");
        }
    }

    /// What the legs of all calls that were touched should hear, and no longer do, is ordered.
    fn settle_sound(&mut self, turn: &mut Turn<'_>) {
        let mut touched = std::mem::take(&mut self.work.touched);
        touched.sort_unstable_by_key(|call| call.index());
        touched.dedup();
        for no in touched.drain(..) {
            let Some(call) = self.calls.get_mut(no) else { continue };
            self.sound.settle(&call.bridge, &mut turn.out.orders);
            let is_held = hears::is_held(&call.bridge, &|leg| self.sound.ear(leg));
            let was_held = std::mem::replace(&mut call.is_held, is_held);
            match (was_held, is_held) {
                // An address outside is nobody's agent, and whoever counts holds has seen the end.
                _ if !ending::is_engines(call) => (),
                (false, true) => self.tell(turn, Fact::Held { call: no }),
                (true, false) => self.tell(turn, Fact::Resumed { call: no }),
                (false, false) | (true, true) => (),
            }
        }
        self.work.touched = touched;
    }
}
