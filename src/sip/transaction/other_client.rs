//! The client transaction of every method but INVITE (RFC 3261 17.1.2).
//!
//! ```text
//!          1xx                200-699
//! Trying ───────► Proceeding ─────────► Completed ──K──► Terminated
//!    E: again         E: again, by T2
//!    F: 408           F: 408
//! ```

use crate::sip::{
    timer::Timer,
    transaction::step::{Do, Step},
};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request is out; nothing came back.
    Trying,
    /// A provisional response came.
    Proceeding,
    /// The final response came; further ones are absorbed.
    Completed,
    /// Done.
    Terminated,
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It is made.
    Begin,
    /// 100-199 came.
    Provisional,
    /// 200-699 came.
    Final,
    /// A timer fires.
    Due(Timer),
    /// The connection broke.
    WireLost,
}

/// What follows. `None`: nothing, and nothing changes.
#[must_use]
pub fn step(state: State, input: Input) -> Step<State> {
    use Input as I;
    use State as S;
    use Timer::{E, F, K};

    let row: (State, &'static [Do]) = match (state, input) {
        (S::Trying, I::Begin) => (S::Trying, &[Do::Send, Do::Arm(E), Do::Arm(F)]),
        (S::Trying, I::Due(E)) => (S::Trying, &[Do::Send, Do::Arm(E)]),
        (S::Trying, I::Provisional) => (S::Proceeding, &[Do::ArmT2(E)]),

        (S::Proceeding, I::Due(E)) => (S::Proceeding, &[Do::Send, Do::ArmT2(E)]),

        (S::Trying | S::Proceeding, I::Final) => {
            (S::Completed, &[Do::Disarm(E), Do::Disarm(F), Do::Tell, Do::Arm(K)])
        }
        (S::Trying | S::Proceeding, I::Due(F)) => (S::Terminated, &[Do::TellTimeout]),
        (S::Trying | S::Proceeding, I::WireLost) => (S::Terminated, &[Do::TellWireLost]),

        (S::Completed, I::Due(K)) => (S::Terminated, &[]),

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
        let states = [State::Trying, State::Proceeding, State::Completed, State::Terminated];
        let inputs = [
            Input::Begin,
            Input::Provisional,
            Input::Final,
            Input::Due(Timer::E),
            Input::Due(Timer::F),
            Input::Due(Timer::K),
            Input::WireLost,
        ];
        assert_eq!(
            whole_table(&states, &inputs, step),
            "\
Trying     Begin       -> Trying     [Send, Arm(E), Arm(F)]
Trying     Provisional -> Proceeding [ArmT2(E)]
Trying     Final       -> Completed  [Disarm(E), Disarm(F), Tell, Arm(K)]
Trying     Due(E)      -> Trying     [Send, Arm(E)]
Trying     Due(F)      -> Terminated [TellTimeout]
Trying     WireLost    -> Terminated [TellWireLost]
Proceeding Final       -> Completed  [Disarm(E), Disarm(F), Tell, Arm(K)]
Proceeding Due(E)      -> Proceeding [Send, ArmT2(E)]
Proceeding Due(F)      -> Terminated [TellTimeout]
Proceeding WireLost    -> Terminated [TellWireLost]
Completed  Due(K)      -> Terminated []
"
        );
    }
}
