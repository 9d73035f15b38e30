//! The INVITE client transaction (RFC 3261 17.1.1, with RFC 6026 7.2).
//!
//! ```text
//!            1xx                300-699
//! Calling ─────────► Proceeding ─────────► Completed ──D──► Terminated
//!    │ A: again           │ 2xx            ACK each
//!    │ B: 408             ▼
//!    └───── 2xx ────► Accepted ──M──► Terminated
//! ```

use crate::sip::{
    timer::Timer,
    transaction::step::{Do, Step},
};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The INVITE is out; nothing came back.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A refusal came and is acknowledged each time it comes again.
    Completed,
    /// A 2xx came; further ones, also of other forks, are still told (RFC 6026).
    Accepted,
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
    /// 200-299 came.
    Success,
    /// 300-699 came.
    Failure,
    /// Who does not answer soon is given up, as after our CANCEL (RFC 3261 9.1).
    Abandon,
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
    use Timer::{A, B, D, M};

    let row: (State, &'static [Do]) = match (state, input) {
        (S::Calling, I::Begin) => (S::Calling, &[Do::Send, Do::Arm(A), Do::Arm(B)]),
        (S::Calling, I::Due(A)) => (S::Calling, &[Do::Send, Do::Arm(A)]),
        (S::Calling, I::Due(B)) => (S::Terminated, &[Do::TellTimeout]),
        (S::Calling, I::Provisional) => (S::Proceeding, &[Do::Disarm(A), Do::Disarm(B), Do::Tell]),
        (S::Calling, I::Success) => {
            (S::Accepted, &[Do::Disarm(A), Do::Disarm(B), Do::Arm(M), Do::Tell])
        }
        (S::Calling, I::Failure) => {
            (S::Completed, &[Do::Disarm(A), Do::Disarm(B), Do::Ack, Do::Tell, Do::Arm(D)])
        }

        (S::Proceeding, I::Provisional) => (S::Proceeding, &[Do::Tell]),
        (S::Proceeding, I::Success) => (S::Accepted, &[Do::Disarm(B), Do::Arm(M), Do::Tell]),
        (S::Proceeding, I::Failure) => {
            (S::Completed, &[Do::Disarm(B), Do::Ack, Do::Tell, Do::Arm(D)])
        }
        (S::Proceeding, I::Abandon) => (S::Proceeding, &[Do::Arm(B)]),
        (S::Proceeding, I::Due(B)) => (S::Terminated, &[Do::TellTimeout]),

        (S::Completed, I::Failure) => (S::Completed, &[Do::Ack]),
        (S::Completed, I::Due(D)) => (S::Terminated, &[]),

        (S::Accepted, I::Success) => (S::Accepted, &[Do::Tell]),
        (S::Accepted, I::Due(M)) => (S::Terminated, &[]),

        (S::Calling | S::Proceeding, I::WireLost) => (S::Terminated, &[Do::TellWireLost]),
        // What is left to do would be sent into the void.
        (S::Completed | S::Accepted, I::WireLost) => (S::Terminated, &[]),

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
        let states = [
            State::Calling,
            State::Proceeding,
            State::Completed,
            State::Accepted,
            State::Terminated,
        ];
        let inputs = [
            Input::Begin,
            Input::Provisional,
            Input::Success,
            Input::Failure,
            Input::Abandon,
            Input::Due(Timer::A),
            Input::Due(Timer::B),
            Input::Due(Timer::D),
            Input::Due(Timer::M),
            Input::WireLost,
        ];
        assert_eq!(
            whole_table(&states, &inputs, step),
            "\
Calling    Begin       -> Calling    [Send, Arm(A), Arm(B)]
Calling    Provisional -> Proceeding [Disarm(A), Disarm(B), Tell]
Calling    Success     -> Accepted   [Disarm(A), Disarm(B), Arm(M), Tell]
Calling    Failure     -> Completed  [Disarm(A), Disarm(B), Ack, Tell, Arm(D)]
Calling    Due(A)      -> Calling    [Send, Arm(A)]
Calling    Due(B)      -> Terminated [TellTimeout]
Calling    WireLost    -> Terminated [TellWireLost]
Proceeding Provisional -> Proceeding [Tell]
Proceeding Success     -> Accepted   [Disarm(B), Arm(M), Tell]
Proceeding Failure     -> Completed  [Disarm(B), Ack, Tell, Arm(D)]
Proceeding Abandon     -> Proceeding [Arm(B)]
Proceeding Due(B)      -> Terminated [TellTimeout]
Proceeding WireLost    -> Terminated [TellWireLost]
Completed  Failure     -> Completed  [Ack]
Completed  Due(D)      -> Terminated []
Completed  WireLost    -> Terminated []
Accepted   Success     -> Accepted   [Tell]
Accepted   Due(M)      -> Terminated []
Accepted   WireLost    -> Terminated []
"
        );
    }
}
