//! What may become of a call's talk: rows of `(Talk, Step) => Talk`.
//!
//! What is no row is refused and changes nothing. Whoever is no longer in the call after a step
//! has [left](Left): its leg is the caller's of this function to hang up.

use crate::{
    acd::consult::Stage,
    base::numbers::{LegNo, SoundNo},
    bridge::call::{Agent, Call, Consultee, Talk},
};

/// One thing that happens between the parties of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An agent's phone rings for the caller.
    Ring(Agent),
    /// It rings no longer.
    StopRinging,
    /// The agent whose phone rang is joined with the caller.
    Answered,
    /// The caller is held by a request.
    Hold,
    /// And no longer.
    Resume,
    /// The agent calls somebody, over a leg of its phone's own if there is one: to transfer its
    /// caller, or to consult.
    Call {
        /// The leg of a call that the agent's phone made for that.
        second: Option<LegNo>,
        /// Whom.
        with: Consultee,
        /// What for: [`Stage::Transferring`] or [`Stage::Ringing`].
        stage: Stage,
    },
    /// The colleague's phone rings.
    RingColleague(Agent),
    /// The consultee talks with the agent.
    Consulted,
    /// The agent talks with the other one of caller and consultee.
    Swap,
    /// Caller, agent and consultee hear one another.
    Conference,
    /// The consultee is released, and the agent has its caller back.
    Released,
    /// The agent is released. Its caller waits, or rings on where the consultee's phone rings.
    Requeued,
    /// The agent has left, and the number outside rings on for its caller.
    AgentLeft,
    /// Nobody outside took the caller: it waits.
    ExternalTransferFailed,
    /// Whoever is outside has the caller.
    OutsideTookOver,
    /// The caller is sent outside.
    Forward(LegNo),
    /// The caller is spoken to.
    Announce(Vec<SoundNo>),
    /// The caller, who was spoken to, waits from now on.
    Queue,
    /// A leg takes the place of another of the same party (RFC 3891).
    Replace {
        /// Which is over.
        old: LegNo,
        /// Which goes on.
        new: LegNo,
    },
    /// The caller, who was not on the line, is: it was called back.
    CallerHere(LegNo),
    /// The caller has hung up and is to be called back: it keeps its place, and has no leg.
    CallerLeft,
}

/// The step makes no sense where the call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impossible;

/// Legs that are no longer in the call.
pub type Left = Vec<LegNo>;

impl Call {
    /// Takes the step, or refuses it and changes nothing.
    pub fn step(&mut self, step: Step) -> Result<Left, Impossible> {
        let before: Vec<_> = self.legs().collect();
        let may_leave = matches!(self.talk, Talk::Waiting | Talk::Ringing { .. });
        match (step, self.caller) {
            (Step::Replace { old, new }, _) => self.replace(old, new)?,
            (Step::CallerHere(leg), None) => self.caller = Some(leg),
            (Step::CallerLeft, Some(_)) if may_leave => self.caller = None,
            (step, _) => self.talk = next(&self.talk, step)?,
        }
        // Whoever has spoken with somebody has no need of a greeting any more.
        if self.agent().is_some() {
            self.treatment = self.music.into_iter().collect();
            self.loops = true;
        }
        Ok(before.into_iter().filter(|leg| !self.legs().any(|it| it == *leg)).collect())
    }

    fn replace(&mut self, old: LegNo, new: LegNo) -> Result<(), Impossible> {
        let mut is_known = false;
        let mut swap = |leg: &mut LegNo| {
            if *leg == old {
                (*leg, is_known) = (new, true);
            }
        };
        self.caller.iter_mut().for_each(&mut swap);
        match &mut self.talk {
            Talk::Announcing { .. } | Talk::Waiting => (),
            Talk::Ringing { agent } | Talk::Two { agent } | Talk::Holding { agent } => {
                swap(&mut agent.leg);
            }
            Talk::Consulting { agent, second, with, .. } => {
                swap(&mut agent.leg);
                second.iter_mut().for_each(&mut swap);
                match with {
                    Consultee::Colleague(it) => it.iter_mut().for_each(|it| swap(&mut it.leg)),
                    Consultee::Outside { leg, .. } => swap(leg),
                }
            }
            Talk::ExternallyTransferring { leg, .. } | Talk::Outside { leg } => swap(leg),
        }
        if is_known { Ok(()) } else { Err(Impossible) }
    }
}

/// How they talk after that step.
fn next(talk: &Talk, step: Step) -> Result<Talk, Impossible> {
    use Step as S;
    use Talk as T;

    Ok(match (talk.clone(), step) {
        (T::Waiting, S::Ring(agent)) => T::Ringing { agent },
        (T::Ringing { .. }, S::StopRinging) => T::Waiting,
        (T::Ringing { agent }, S::Answered) => T::Two { agent },

        (T::Two { agent } | T::Holding { agent }, S::Hold) => T::Holding { agent },
        (T::Holding { agent }, S::Resume) => T::Two { agent },

        (T::Two { agent } | T::Holding { agent }, S::Call { second, with, stage }) => {
            T::Consulting { agent, second, with, stage, swapped: false }
        }
        (
            T::Consulting { agent, second, with: Consultee::Colleague(None), stage, swapped },
            S::RingColleague(colleague),
        ) => {
            let with = Consultee::Colleague(Some(colleague));
            T::Consulting { agent, second, with, stage, swapped }
        }
        (T::Consulting { agent, second, with, stage: Stage::Ringing, .. }, S::Consulted) => {
            T::Consulting { agent, second, with, stage: Stage::Talking, swapped: false }
        }
        // A phone with two lines of its own goes to and fro by itself, by holding one of them.
        (T::Consulting { agent, second: None, with, stage: Stage::Talking, swapped }, S::Swap) => {
            T::Consulting { agent, second: None, with, stage: Stage::Talking, swapped: !swapped }
        }
        (T::Consulting { agent, second, with, stage: Stage::Talking, .. }, S::Conference) => {
            T::Consulting { agent, second, with, stage: Stage::Conference, swapped: false }
        }
        (T::Consulting { agent, .. }, S::Released) => T::Two { agent },

        (T::Two { .. } | T::Holding { .. }, S::Requeued) => T::Waiting,
        (T::Consulting { with, .. }, S::Requeued) => match with {
            Consultee::Colleague(Some(agent)) => T::Ringing { agent },
            Consultee::Colleague(None) | Consultee::Outside { .. } => T::Waiting,
        },

        (T::Consulting { agent, with: Consultee::Outside { leg, number }, .. }, S::AgentLeft) => {
            T::ExternallyTransferring { by: agent.no, leg, number }
        }
        (T::ExternallyTransferring { .. }, S::ExternalTransferFailed) => T::Waiting,
        (
            T::Consulting { with: Consultee::Outside { leg, .. }, .. }
            | T::ExternallyTransferring { leg, .. },
            S::OutsideTookOver,
        ) => T::Outside { leg },

        (T::Waiting | T::Announcing { .. }, S::Forward(leg)) => T::Outside { leg },
        (T::Waiting | T::Outside { .. } | T::Announcing { .. }, S::Announce(sounds)) => {
            T::Announcing { sounds }
        }
        (T::Announcing { .. }, S::Queue) => T::Waiting,
        _ => return Err(Impossible),
    })
}
