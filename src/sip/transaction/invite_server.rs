//! The INVITE server transaction (RFC 3261 17.2.1, with RFC 6026 7.1).
//!
//! ```text
//!                300-699               ACK
//! Proceeding ─────────────► Completed ─────► Confirmed ──I──► Terminated
//!    │                       G: again
//!    │ 2xx                   H: given up
//!    ▼
//! Accepted ──L──► Terminated          sending the 2xx again is the dialog's (13.3.1.4)
//! ```

use crate::sip::{
    timer::Timer,
    transaction::step::{Do, Step},
};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The INVITE is here and has no final answer.
    Proceeding,
    /// It is refused, and the ACK has not come.
    Completed,
    /// The refusal is acknowledged.
    Confirmed,
    /// It is answered with a 2xx (RFC 6026).
    Accepted,
    /// Done.
    Terminated,
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The INVITE came again.
    Request,
    /// An ACK came.
    Ack,
    /// We answer 100-199.
    Provisional,
    /// We answer 200-299, or do so again.
    Success,
    /// We answer 300-699.
    Failure,
    /// A timer fires.
    Due(Timer),
}

/// What follows. `None`: nothing, and nothing changes.
#[must_use]
pub fn step(state: State, input: Input) -> Step<State> {
    use Input as I;
    use State as S;
    use Timer::{G, H, I as TimerI, L};

    let row: (State, &'static [Do]) = match (state, input) {
        (S::Proceeding, I::Request) => (S::Proceeding, &[Do::Send]),
        (S::Proceeding, I::Provisional) => (S::Proceeding, &[Do::Send]),
        (S::Proceeding, I::Success) => (S::Accepted, &[Do::Send, Do::Arm(L)]),
        (S::Proceeding, I::Failure) => (S::Completed, &[Do::Send, Do::Arm(G), Do::Arm(H)]),

        (S::Completed, I::Request) => (S::Completed, &[Do::Send]),
        (S::Completed, I::Ack) => (S::Confirmed, &[Do::Disarm(G), Do::Disarm(H), Do::Arm(TimerI)]),
        (S::Completed, I::Due(G)) => (S::Completed, &[Do::Send, Do::Arm(G)]),
        // The other side has given up as well: there is no dialog that could be lost.
        (S::Completed, I::Due(H)) => (S::Terminated, &[]),

        (S::Confirmed, I::Due(TimerI)) => (S::Terminated, &[]),

        (S::Accepted, I::Ack) => (S::Accepted, &[Do::Tell]),
        (S::Accepted, I::Success) => (S::Accepted, &[Do::Send]),
        (S::Accepted, I::Due(L)) => (S::Terminated, &[]),

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
            State::Proceeding,
            State::Completed,
            State::Confirmed,
            State::Accepted,
            State::Terminated,
        ];
        let inputs = [
            Input::Request,
            Input::Ack,
            Input::Provisional,
            Input::Success,
            Input::Failure,
            Input::Due(Timer::G),
            Input::Due(Timer::H),
            Input::Due(Timer::I),
            Input::Due(Timer::L),
        ];
        assert_eq!(
            whole_table(&states, &inputs, step),
            "\
Proceeding Request     -> Proceeding [Send]
Proceeding Provisional -> Proceeding [Send]
Proceeding Success     -> Accepted   [Send, Arm(L)]
Proceeding Failure     -> Completed  [Send, Arm(G), Arm(H)]
Completed  Request     -> Completed  [Send]
Completed  Ack         -> Confirmed  [Disarm(G), Disarm(H), Arm(I)]
Completed  Due(G)      -> Completed  [Send, Arm(G)]
Completed  Due(H)      -> Terminated []
Confirmed  Due(I)      -> Terminated []
Accepted   Ack         -> Accepted   [Tell]
Accepted   Success     -> Accepted   [Send]
Accepted   Due(L)      -> Terminated []
"
        );
    }
}
