//! What each leg of a call should hear, and to whom it is heard: a function of how the call
//! stands, and of nothing else.
//!
//! ```text
//!              near holds   far holds
//! joined           -            -
//! music for far    x            -      and if far holds as well, until it listens again
//! music for near   -            x
//! ```
//!
//! Whoever holds the line listens to nothing, and so is told nothing new meanwhile: that is for
//! [`sound`](super::sound) to see to.

use crate::{
    acd::consult::Stage,
    base::numbers::{LegNo, SoundNo},
    bridge::call::{Call, Talk},
};

/// What a leg hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hears {
    /// Nothing.
    #[default]
    Nothing,
    /// Sounds, one after another.
    Sounds {
        /// Which.
        sounds: Vec<SoundNo>,
        /// The last one is repeated for ever.
        loop_last: bool,
    },
    /// That leg, and is heard by it.
    Other(LegNo),
    /// The two others of these, and is heard by them.
    Mix([LegNo; 3]),
}

/// How a leg's far side listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ear {
    /// The media have opened it.
    pub is_open: bool,
    /// Its sound has been agreed on with the far side.
    pub is_agreed: bool,
    /// The far side has put us on hold.
    pub holds: bool,
}

/// What every leg of the call should hear.
pub fn hears(call: &Call, ear: &impl Fn(LegNo) -> Ear) -> Vec<(LegNo, Hears)> {
    let mut scene = Scene { music: call.music, ear, rows: vec![] };
    let treatment = || sounds(&call.treatment, call.loops);
    let held = || music(call.music);
    match &call.talk {
        Talk::Announcing { sounds: said } => scene.one(call.caller, sounds(said, false)),
        Talk::Waiting => scene.one(call.caller, treatment()),
        Talk::Ringing { agent } => {
            scene.one(call.caller, treatment());
            scene.one(Some(agent.leg), Hears::Nothing);
        }
        Talk::Two { agent } => scene.two(agent.leg, call.caller, Between::Lines),
        Talk::Holding { agent } => scene.two(agent.leg, call.caller, Between::Hold),
        Talk::Consulting { agent, second: None, with, stage: Stage::Talking, swapped: false } => {
            scene.one(call.caller, held());
            scene.two(agent.leg, with.leg(), Between::Lines);
        }
        Talk::Consulting { agent, second: None, with, stage: Stage::Talking, swapped: true } => {
            scene.two(agent.leg, call.caller, Between::Lines);
            scene.one(with.leg(), held());
        }
        Talk::Consulting { agent, second: Some(second), with, stage: Stage::Talking, .. } => {
            scene.two(agent.leg, call.caller, Between::Lines);
            scene.two(*second, with.leg(), Between::Lines);
        }
        Talk::Consulting { agent, second, with, stage: Stage::Conference, .. } => {
            scene.three([call.caller, Some(second.unwrap_or(agent.leg)), with.leg()]);
            if second.is_some() {
                scene.one(Some(agent.leg), Hears::Nothing);
            }
        }
        Talk::Consulting {
            agent,
            second,
            with,
            stage: Stage::Transferring | Stage::Ringing,
            ..
        } => {
            // A phone that called by itself holds its caller by itself.
            let between = if second.is_none() { Between::Hold } else { Between::Lines };
            scene.two(agent.leg, call.caller, between);
            scene.one(*second, Hears::Nothing);
            scene.one(with.leg(), Hears::Nothing);
        }
        Talk::ExternallyTransferring { leg, .. } => {
            scene.one(call.caller, treatment());
            scene.one(Some(*leg), Hears::Nothing);
        }
        Talk::Outside { leg } if ear(*leg).is_agreed => {
            scene.two(*leg, call.caller, Between::Lines);
        }
        Talk::Outside { leg } => {
            scene.one(call.caller, treatment());
            scene.one(Some(*leg), Hears::Nothing);
        }
    }
    scene.rows
}

/// Whether the agent's side holds the caller.
pub fn is_held(call: &Call, ear: &impl Fn(LegNo) -> Ear) -> bool {
    match &call.talk {
        Talk::Two { agent } => ear(agent.leg).holds,
        Talk::Holding { .. } => true,
        // Three who hear one another are told apart by the media.
        Talk::Consulting { stage: Stage::Conference, .. } => false,
        Talk::Consulting { agent, second: Some(_), .. } => ear(agent.leg).holds,
        Talk::Consulting { agent, second: None, stage, swapped, .. } => {
            *stage != Stage::Talking || !swapped || ear(agent.leg).holds
        }
        Talk::Announcing { .. }
        | Talk::Waiting
        | Talk::Ringing { .. }
        | Talk::ExternallyTransferring { .. }
        // Nobody outside is an agent of ours.
        | Talk::Outside { .. } => false,
    }
}

/// The leg that hears what is said at `leg`, if exactly one does: it is told of keys as well.
pub fn hears_keys_of(call: &Call, leg: LegNo, ear: &impl Fn(LegNo) -> Ear) -> Option<LegNo> {
    let heard = hears(call, ear).into_iter().find(|(it, _)| *it == leg)?.1;
    match heard {
        Hears::Other(other) => Some(other),
        Hears::Nothing | Hears::Sounds { .. } | Hears::Mix(_) => None,
    }
}

fn music(music: Option<SoundNo>) -> Hears {
    music.map_or(Hears::Nothing, |it| sounds(&[it], true))
}

fn sounds(these: &[SoundNo], loop_last: bool) -> Hears {
    if these.is_empty() {
        return Hears::Nothing;
    }
    Hears::Sounds { sounds: these.to_vec(), loop_last }
}

/// What is between two, besides what their phones say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    /// Nothing.
    Lines,
    /// The near one holds, by a request.
    Hold,
}

struct Scene<'a, E> {
    music: Option<SoundNo>,
    ear: &'a E,
    rows: Vec<(LegNo, Hears)>,
}

impl<E: Fn(LegNo) -> Ear> Scene<'_, E> {
    fn one(&mut self, leg: Option<LegNo>, hears: Hears) {
        self.rows.extend(leg.map(|leg| (leg, hears)));
    }

    /// All of them, if they are there; of three the two who are.
    fn three(&mut self, legs: [Option<LegNo>; 3]) {
        let is_open = |leg: &LegNo| (self.ear)(*leg).is_open;
        let here: Vec<_> = legs.into_iter().flatten().filter(is_open).collect();
        match here[..] {
            [a, b, c] => {
                for leg in [a, b, c] {
                    self.one(Some(leg), Hears::Mix([a, b, c]));
                }
            }
            [near, far] => self.two(near, Some(far), Between::Lines),
            _ => here.into_iter().for_each(|leg| self.one(Some(leg), Hears::Nothing)),
        }
        let absent = legs.into_iter().flatten().filter(|leg| !(self.ear)(*leg).is_open);
        self.rows.extend(absent.map(|leg| (leg, Hears::Nothing)));
    }

    fn two(&mut self, near: LegNo, far: Option<LegNo>, between: Between) {
        let Some(far) = far else { return self.one(Some(near), Hears::Nothing) };
        let (near_ear, far_ear) = ((self.ear)(near), (self.ear)(far));
        let near_holds = near_ear.holds || between == Between::Hold;
        let music = || music(self.music);
        let both_open = near_ear.is_open && far_ear.is_open;
        let (to_near, to_far) = match (near_holds, far_ear.holds) {
            (false, false) if both_open => (Hears::Other(far), Hears::Other(near)),
            (false, false) => (Hears::Nothing, Hears::Nothing),
            (true, _) => (Hears::Nothing, music()),
            (false, true) => (music(), Hears::Nothing),
        };
        self.rows.extend([(near, to_near), (far, to_far)]);
    }
}
