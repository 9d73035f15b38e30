//! Transactions and dialogs in any order: nothing panics, every timer passes, what is sent can be
//! read, and when all timers have passed nothing is left.

#![no_main]

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use lotse::{
    base::{
        numbers::{DialogNo, PhoneNo},
        time::{Span, Timestamp},
    },
    sim::world::city,
    sip::{
        endpoint::{Endpoint, Input},
        event::Event,
        message::header::reason::Reason,
        output::Output,
        verb::{Invite, Respond, Target},
    },
};
use lotse_fuzz::{Stranger, way};

struct World {
    now: Timestamp,
    endpoint: Endpoint,
    out: Output,
    stranger: Stranger,
    dialogs: Vec<DialogNo>,
}

impl World {
    fn settle(&mut self) {
        for event in self.out.events.drain(..) {
            match event {
                Event::Invited(invited) => self.dialogs.push(invited.dialog),
                Event::Cancelled { dialog, .. }
                | Event::HungUp { dialog, .. }
                | Event::Lost { dialog, .. }
                | Event::NeverAcked { dialog, .. }
                | Event::Rejected { dialog, .. } => self.dialogs.retain(|it| *it != dialog),
                _ => (),
            }
        }
        for departure in self.out.departures.drain(..) {
            let bytes = &self.out.bytes[departure.start..departure.end];
            self.stranger.hear(departure.peer, bytes);
        }
        self.out.bytes.clear();
    }

    fn hear(&mut self, input: Input<'_>) {
        self.endpoint.handle(self.now, input, &mut self.out);
        self.settle();
    }

    fn pass(&mut self, then: Timestamp) {
        for _ in 0..10_000 {
            let Some(due) = self.endpoint.next_wake().filter(|due| *due <= then) else {
                self.now = then;
                return;
            };
            self.now = self.now.max(due);
            self.hear(Input::Tick);
        }
        panic!("time stands still");
    }

    /// We do something with a dialog. A refusal is an answer as well.
    fn act(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let dialog = self.dialogs[u.choose_index(self.dialogs.len())?];
        let sdp = u.arbitrary::<bool>()?.then(|| b"v=0\r\n".to_vec());
        match u.int_in_range(0..=2)? {
            0 => {
                let status = *u.choose(&[180, 183, 200, 486, 603])?;
                let respond = Respond { status, sdp, ..Respond::default() };
                let _ = self.endpoint.respond(self.now, dialog, respond, &mut self.out);
            }
            1 => {
                let _ = self.endpoint.reinvite(self.now, dialog, sdp, &mut self.out);
            }
            _ => {
                let _ = self.endpoint.end(self.now, dialog, Reason::Q850(16), &mut self.out);
            }
        }
        self.settle();
        Ok(())
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=9)? {
            0..=4 => {
                let (peer, bytes) = self.stranger.say(u)?;
                self.hear(Input::Arrival { peer, bytes: &bytes });
            }
            5 => {
                let millis = *u.choose(&[0, 500, 4_000, 32_000, 600_000])?;
                self.pass(self.now + Span::millis(millis));
            }
            6 => {
                let peer = way(u)?;
                if peer.transport.is_stream() {
                    self.hear(Input::FlowGone { peer });
                }
            }
            7 => {
                let peer = way(u)?;
                let (transport, remote) = (peer.transport, peer.remote);
                let target = if u.arbitrary()? {
                    Target::Phone(PhoneNo::first(u.int_in_range(0..=2)?))
                } else {
                    Target::Uri { uri: format!("sip:x@{remote}"), transport, remote }
                };
                let invite = Invite {
                    target,
                    from_user: "1230".into(),
                    from_display: String::new(),
                    sdp: Some(b"v=0\r\n".to_vec()),
                    headers: vec![],
                    hops: None,
                };
                if let Ok(dialog) = self.endpoint.invite(self.now, invite, &mut self.out) {
                    self.dialogs.push(dialog);
                }
                self.settle();
            }
            _ if self.dialogs.is_empty() => (),
            _ => self.act(u)?,
        }
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut world = World {
        now: Timestamp(1_000_000),
        endpoint: Endpoint::new(city::plan(10).sip),
        out: Output::default(),
        stranger: Stranger::default(),
        dialogs: vec![],
    };
    let u = &mut Unstructured::new(bytes);
    while !u.is_empty() && world.step(u).is_ok() {}

    for dialog in std::mem::take(&mut world.dialogs) {
        let _ = world.endpoint.end(world.now, dialog, Reason::Q850(16), &mut world.out);
    }
    world.settle();
    world.pass(world.now + Span::secs(86_400));
    let counts = world.endpoint.counts();
    assert_eq!((counts.dialogs, counts.transactions), (0, 0), "left over");
});
