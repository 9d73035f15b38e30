//! A citizen who calls: waits as long as patience lasts, speaks, hangs up.
//!
//! ```text
//! call() ──► Waiting ──► Speaking ──► Served
//!               ├── patience over ──► GaveUp
//!               ├── 4xx … 6xx ──────► Refused
//!               └── BYE ────────────► SentOff
//! ```
//!
//! It learns that someone speaks by hearing an agent's voice in its sound, or by being told
//! ([`Citizen::is_spoken_to`]) where the sound is not simulated.

use std::net::SocketAddr;

use crate::{
    base::time::{Span, Timestamp},
    sim::world::{
        handset::{Handset, Happened, Passes, Said},
        tone::{self, Ear, Voice},
    },
};

/// A caller.
#[derive(Debug)]
pub struct Citizen {
    handset: Handset,
    habits: Habits,
    called: Timestamp,
    /// When it next does something by itself: loses patience, or has said all it wanted.
    due: Option<Timestamp>,
    voice: Option<Voice>,
    ear: Ear,
    /// An agent has spoken.
    heard: bool,
    fate: Fate,
}

/// What a caller is like.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// How long it waits for an agent.
    pub patience: Span,
    /// How long it speaks before it hangs up; `None`: until the agent does.
    pub talk: Option<Span>,
    /// Whether it sends sound and listens; a simulation without media spares itself that.
    pub sound: bool,
}

/// What became of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Waits for an agent.
    Waiting,
    /// Speaks with one.
    Speaking {
        /// From its call until it heard the agent.
        wait: Span,
    },
    /// Has spoken with one, and the call is over.
    Served {
        /// From its call until it heard the agent.
        wait: Span,
    },
    /// Lost patience.
    GaveUp,
    /// Was refused: busy, no such number.
    Refused(u16),
    /// The exchange ended the call before an agent spoke.
    SentOff,
}

/// What a caller or agent hears.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// A datagram of SIP.
    Sip(&'a [u8]),
    /// A packet of sound.
    Sound(&'a [u8]),
    /// Nothing, and time passes.
    Tick,
}

/// What a caller or agent sends.
#[derive(Debug, Default)]
pub struct Sent {
    /// Datagrams to the exchange's SIP address.
    pub sip: Vec<Vec<u8>>,
    /// Packets of sound, and where to.
    pub sound: Vec<(SocketAddr, Vec<u8>)>,
}

impl Citizen {
    /// Calls `number` with that telephone.
    pub fn call(
        now: Timestamp,
        mut handset: Handset,
        number: &str,
        habits: Habits,
        out: &mut Sent,
    ) -> Self {
        let mut said = Said::default();
        handset.call(now, number, &mut said);
        out.sip.append(&mut said.sip);
        Self {
            handset,
            habits,
            called: now,
            due: Some(now + habits.patience),
            voice: None,
            ear: Ear::new(tone::AGENT),
            heard: false,
            fate: Fate::Waiting,
        }
    }

    /// Hears one thing.
    pub fn handle(&mut self, now: Timestamp, heard: Heard<'_>, out: &mut Sent) {
        let mut said = Said::default();
        match heard {
            Heard::Sip(bytes) => self.handset.hear(now, bytes, &mut said),
            Heard::Sound(packet) => {
                if self.habits.sound && self.ear.hear(packet) {
                    self.is_spoken_to(now);
                }
            }
            Heard::Tick => {
                self.handset.tick(now, &mut said);
                self.act(now, &mut said);
                self.speak(now, out);
            }
        }
        for happened in said.happened.drain(..) {
            self.happened(now, &happened);
        }
        out.sip.append(&mut said.sip);
    }

    /// An agent speaks: now, or as soon as the answer that is under way is here.
    pub fn is_spoken_to(&mut self, now: Timestamp) {
        self.heard = true;
        if self.fate == Fate::Waiting && self.handset.is_speaking() {
            self.fate = Fate::Speaking { wait: now.since(self.called) };
            self.due = self.habits.talk.map(|talk| now + talk);
        }
    }

    /// What became of it so far.
    #[must_use]
    pub fn fate(&self) -> Fate {
        self.fate
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(self.fate, Fate::Waiting | Fate::Speaking { .. })
            && self.handset.is_idle()
            && self.handset.next_wake().is_none()
    }

    /// When to be told the time.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let voice = self.voice.as_ref().map(Voice::next_wake);
        [self.handset.next_wake(), self.due, voice].into_iter().flatten().min()
    }

    /// Puts whoever speaks with it on hold, or takes them back.
    pub fn hold(&mut self, now: Timestamp, passes: Passes, out: &mut Sent) {
        let mut said = Said::default();
        self.handset.hold(now, passes, &mut said);
        out.sip.append(&mut said.sip);
    }

    /// The telephone, to look at.
    #[must_use]
    pub fn handset(&self) -> &Handset {
        &self.handset
    }

    fn act(&mut self, now: Timestamp, said: &mut Said) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        self.due = None;
        self.voice = None;
        self.handset.hang_up(now, said);
        self.fate = match self.fate {
            Fate::Waiting => Fate::GaveUp,
            Fate::Speaking { wait } => Fate::Served { wait },
            Fate::Served { .. } | Fate::GaveUp | Fate::Refused(_) | Fate::SentOff => return,
        };
    }

    fn happened(&mut self, now: Timestamp, happened: &Happened) {
        match happened {
            // It lost patience while the answer was on its way: CANCEL came too late, so BYE.
            Happened::Speaks(_) if self.fate == Fate::GaveUp => self.due = Some(now),
            Happened::Speaks(_) if self.habits.sound => {
                // Callers of one simulation differ by their port.
                let ssrc = 0xC171_0000 | u32::from(self.handset.here().port());
                self.voice = Some(Voice::new(tone::CITIZEN, ssrc, now));
            }
            Happened::Speaks(_) if self.heard => self.is_spoken_to(now),
            Happened::Speaks(_) => (),
            Happened::Refused(status) => self.over(Fate::Refused(*status)),
            Happened::HungUp => self.over(Fate::SentOff),
            Happened::Registered
            | Happened::NotRegistered(_)
            | Happened::Rings(_)
            | Happened::Progress(_)
            | Happened::AsideSpeaks
            | Happened::AsideOver => (),
        }
    }

    /// The call is over, and it was not our doing.
    fn over(&mut self, unheard: Fate) {
        self.due = None;
        self.voice = None;
        self.fate = match self.fate {
            Fate::Waiting => unheard,
            Fate::Speaking { wait } => Fate::Served { wait },
            Fate::Served { .. } | Fate::GaveUp | Fate::Refused(_) | Fate::SentOff => return,
        };
    }

    fn speak(&mut self, now: Timestamp, out: &mut Sent) {
        let Some((voice, to)) = self.voice.as_mut().zip(self.handset.far_sound()) else { return };
        while let Some(packet) = voice.speak(now) {
            out.sound.push((to, packet));
        }
    }
}
