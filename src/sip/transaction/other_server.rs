//! The server transaction of every method but INVITE (RFC 3261 17.2.2, with RFC 4320).
//!
//! ```text
//!          200-699
//! Trying ───────────► Completed ──J──► Terminated
//!    F: too late
//! ```
//!
//! The RFC's `Proceeding` is missing on purpose: a provisional response to anything but INVITE
//! helps nobody (RFC 4320 4.1), and we are never the ones who take long.

use crate::sip::{
    timer::Timer,
    transaction::step::{Do, Step},
};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request is here and has no answer.
    Trying,
    /// It is answered; the answer is given again as often as it is asked for.
    Completed,
    /// Done.
    Terminated,
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It is made.
    Begin,
    /// The request came again.
    Request,
    /// We answer 200-699.
    Final,
    /// A timer fires.
    Due(Timer),
}

/// What follows. `None`: nothing, and nothing changes.
#[must_use]
pub fn step(state: State, input: Input) -> Step<State> {
    use Input as I;
    use State as S;
    use Timer::{F, J};

    let row: (State, &'static [Do]) = match (state, input) {
        (S::Trying, I::Begin) => (S::Trying, &[Do::Arm(F)]),
        (S::Trying, I::Final) => (S::Completed, &[Do::Disarm(F), Do::Send, Do::Arm(J)]),
        // No 408: the client has timed out by now, and would take it for a fault of ours (RFC 4320 4.2).
        (S::Trying, I::Due(F)) => (S::Terminated, &[]),

        (S::Completed, I::Request) => (S::Completed, &[Do::Send]),
        (S::Completed, I::Due(J)) => (S::Terminated, &[]),

        _ => return None,
    };
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::step::whole_table;

    #[test]
    fn the_whole_table() {
        let states = [State::Trying, State::Completed, State::Terminated];
        let inputs = [
            Input::Begin,
            Input::Request,
            Input::Final,
            Input::Due(Timer::F),
            Input::Due(Timer::J),
        ];
        assert_eq!(
            whole_table(&states, &inputs, step),
            "\
Trying     Begin       -> Trying     [Arm(F)]
Trying     Final       -> Completed  [Disarm(F), Send, Arm(J)]
Trying     Due(F)      -> Terminated []
Completed  Request     -> Completed  [Send]
Completed  Due(J)      -> Terminated []
"
        );
    }
}
