//! An agent at a telephone: registers, picks up after a while, speaks, hangs up; sometimes
//! declines, sometimes is not there, and comes back with `*10`.
//!
//! Knows nothing of queues: the telephone rings or it does not.

use crate::{
    base::{
        rng::Rng,
        time::{Span, Timestamp},
    },
    sim::world::{
        citizen::{Heard, Sent},
        handset::{Handset, Happened, Passes, Said},
        second::In,
        tone::{self, Voice},
    },
};

/// An agent.
#[derive(Debug)]
pub struct Clerk {
    handset: Handset,
    habits: Habits,
    rng: Rng,
    /// When the registration is renewed.
    renew: Option<Timestamp>,
    doing: Doing,
    /// What it does next, and when.
    plan: Option<(Timestamp, Deed)>,
    voice: Option<Voice>,
    served: u32,
}

/// What an agent is like. Chances are from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The mean time until it picks up.
    pub reaction: Span,
    /// The mean time it speaks; `None`: until the caller hangs up.
    pub talk: Option<Span>,
    /// How often it declines.
    pub declines: f64,
    /// How often it is not at its desk.
    pub absent: f64,
    /// How long after it missed or declined a call it dials `*10`.
    pub returns: Span,
    /// For how many seconds its telephone registers. 0: it stands at a fixed address.
    pub expires: u32,
    /// Whether it sends sound.
    pub sound: bool,
}

/// What an agent is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// Its telephone rings.
    Hearing,
    Speaking,
    /// In a call of its own: `*10`, say.
    Dialling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    PickUp,
    Decline,
    HangUp,
    /// Dial `*10`.
    Return,
}

impl Clerk {
    /// Sits down at that telephone, which registers if it is one that does.
    pub fn sit_down(
        now: Timestamp,
        handset: Handset,
        habits: Habits,
        rng: Rng,
        out: &mut Sent,
    ) -> Self {
        let mut clerk = Self {
            handset,
            habits,
            rng,
            renew: None,
            doing: Doing::Nothing,
            plan: None,
            voice: None,
            served: 0,
        };
        clerk.register(now, out);
        clerk
    }

    /// Hears one thing.
    pub fn handle(&mut self, now: Timestamp, heard: Heard<'_>, out: &mut Sent) {
        let mut said = Said::default();
        match heard {
            Heard::Sip(bytes) => self.handset.hear(now, bytes, &mut said),
            Heard::Sound(_) => (),
            Heard::Tick => {
                self.handset.tick(now, &mut said);
                if self.renew.is_some_and(|at| at <= now) {
                    self.register(now, out);
                }
                self.act(now, &mut said);
                self.speak(now, out);
            }
        }
        for happened in said.happened.drain(..) {
            self.happened(now, &happened);
        }
        out.sip.append(&mut said.sip);
    }

    /// Goes home: withdraws its registration.
    pub fn go_home(&mut self, now: Timestamp, out: &mut Sent) {
        let mut said = Said::default();
        self.renew = None;
        self.handset.register(now, 0, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Registers again, as a telephone does whose connection broke.
    pub fn come_back(&mut self, now: Timestamp, out: &mut Sent) {
        self.register(now, out);
    }

    /// Leaves its desk, or is back at it: its telephone rings in vain meanwhile.
    pub fn is_absent(&mut self, chance: f64) {
        self.habits.absent = chance;
    }

    /// Its telephone dies in the middle of whatever it does.
    pub fn die(&mut self) {
        self.handset.die();
        (self.plan, self.renew, self.voice) = (None, None, None);
    }

    /// Puts the caller on hold, or takes it back.
    pub fn hold(&mut self, now: Timestamp, passes: Passes, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.hold(now, passes, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Passes the caller on to that number, and hangs up when told how it went or not at all.
    pub fn refer(&mut self, now: Timestamp, to: &str, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.refer(now, to, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Holds the caller and calls somebody on the second line.
    pub fn ask(&mut self, now: Timestamp, number: &str, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.call_aside(now, number, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Brings the far sides of both lines together, by a REFER on one of them.
    pub fn bring_together(&mut self, now: Timestamp, within: In, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.refer_aside(now, within, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Hangs up on whoever was asked, or is being called.
    pub fn hang_up_aside(&mut self, now: Timestamp, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.hang_up_aside(now, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Goes on at another instance of its telephone.
    pub fn replace(&mut self, now: Timestamp, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.replace(now, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Dials a number: 1230, or a feature code.
    pub fn dial(&mut self, now: Timestamp, number: &str, out: &mut Sent) {
        let mut said = Said::default();
        self.doing = Doing::Dialling;
        self.handset.call(now, number, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// Hangs up whatever its telephone does.
    pub fn hang_up(&mut self, now: Timestamp, out: &mut Sent) {
        let mut said = Said::default();
        (self.doing, self.plan, self.voice) = (Doing::Nothing, None, None);
        self.handset.hang_up(now, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// When to be told the time.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let plan = self.plan.map(|(at, _)| at);
        let voice = self.voice.as_ref().map(Voice::next_wake);
        [self.handset.next_wake(), self.renew, plan, voice].into_iter().flatten().min()
    }

    /// How many calls it has spoken in.
    #[must_use]
    pub fn served(&self) -> u32 {
        self.served
    }

    /// The telephone, to look at.
    #[must_use]
    pub fn handset(&self) -> &Handset {
        &self.handset
    }

    fn register(&mut self, now: Timestamp, out: &mut Sent) {
        self.renew = None;
        if self.habits.expires == 0 {
            return;
        }
        let mut said = Said::default();
        self.handset.register(now, self.habits.expires, &mut said);
        out.sip.append(&mut said.sip);
        // At half its time, as phones do.
        self.renew = Some(now + Span::millis(u64::from(self.habits.expires) * 500));
    }

    fn act(&mut self, now: Timestamp, said: &mut Said) {
        let Some((_, deed)) = self.plan.filter(|(at, _)| *at <= now) else { return };
        self.plan = None;
        match deed {
            Deed::PickUp if self.handset.is_ringing() => self.pick_up(now, said),
            Deed::Decline if self.handset.is_ringing() => {
                self.handset.refuse(now, 603, said);
                self.miss(now);
            }
            Deed::HangUp => {
                (self.doing, self.voice) = (Doing::Nothing, None);
                self.handset.hang_up(now, said);
            }
            Deed::Return if self.handset.is_idle() => {
                self.doing = Doing::Dialling;
                self.handset.call(now, "*10", said);
            }
            // It rings just now; later.
            Deed::Return => self.miss(now),
            Deed::PickUp | Deed::Decline => (),
        }
    }

    /// A call was not taken, for which the exchange may have sent it away.
    fn miss(&mut self, now: Timestamp) {
        (self.doing, self.voice) = (Doing::Nothing, None);
        self.plan = Some((now + self.habits.returns, Deed::Return));
    }

    fn pick_up(&mut self, now: Timestamp, said: &mut Said) {
        self.handset.pick_up(now, said);
        self.served += 1;
        self.doing = Doing::Speaking;
        let talk = self.habits.talk.map(|mean| self.about(mean));
        self.plan = talk.map(|talk| (now + talk, Deed::HangUp));
        if self.habits.sound {
            let ssrc = 0xA6E7_0000 | u32::from(self.handset.here().port());
            self.voice = Some(Voice::new(tone::AGENT, ssrc, now));
        }
    }

    fn happened(&mut self, now: Timestamp, happened: &Happened) {
        match happened {
            Happened::Rings(_) => {
                let face = self.rng.fraction();
                let after = now + self.about(self.habits.reaction);
                self.doing = Doing::Hearing;
                self.plan = if face < self.habits.declines {
                    Some((after, Deed::Decline))
                } else if face < self.habits.declines + self.habits.absent {
                    None
                } else {
                    Some((after, Deed::PickUp))
                };
            }
            Happened::HungUp | Happened::Refused(_) => match self.doing {
                Doing::Hearing => self.miss(now),
                // The answer to `*10` ends by itself. A refusal says that there was no need.
                Doing::Speaking | Doing::Dialling | Doing::Nothing => {
                    (self.doing, self.plan, self.voice) = (Doing::Nothing, None, None);
                }
            },
            Happened::NotRegistered(_) => {
                // Some of what was said got lost; soon again.
                self.renew = Some(now + Span::secs(5));
            }
            Happened::Registered
            | Happened::Speaks(_)
            | Happened::Progress(_)
            | Happened::AsideSpeaks
            | Happened::AsideOver => (),
        }
    }

    /// An exponential time of that mean.
    fn about(&mut self, mean: Span) -> Span {
        let secs = self.rng.exponential(mean.as_secs_f64());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // Positive, and hours at most.
        Span::micros((secs * 1e6) as u64)
    }

    fn speak(&mut self, now: Timestamp, out: &mut Sent) {
        let Some((voice, to)) = self.voice.as_mut().zip(self.handset.far_sound()) else { return };
        while let Some(packet) = voice.speak(now) {
            out.sound.push((to, packet));
        }
    }
}
