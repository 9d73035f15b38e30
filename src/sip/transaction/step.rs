//! What a transaction's machine asks of the table it lives in.
//!
//! The machines themselves are rows: `(State, Input) => (State, &[Do])`. They hold no bytes and
//! arm no timer; the [table](super::table) does what a row says.

use crate::sip::timer::Timer;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Send the request (clients) or the last response (servers), perhaps again.
    Send,
    /// Acknowledge the refusal that just came.
    Ack,
    /// Tell the transaction's owner what just came.
    Tell,
    /// Tell the owner that nobody answers: as good as a 408.
    TellTimeout,
    /// Tell the owner that there is no way: as good as a 503.
    TellWireLost,
    /// Let the timer run, as long as its letter and the transport say.
    Arm(Timer),
    /// Let the timer run for T2.
    ArmT2(Timer),
    /// Stop the timer.
    Disarm(Timer),
}

/// Where the machine stands next, and what is to be done. `None`: no row, so nothing.
pub type Step<State> = Option<(State, &'static [Do])>;

/// Every state against every input, a line for each row there is.
#[cfg(test)]
pub(super) fn whole_table<S: Copy + std::fmt::Debug, I: Copy + std::fmt::Debug>(
    states: &[S],
    inputs: &[I],
    step: fn(S, I) -> Step<S>,
) -> String {
    use std::fmt::Write as _;

    let mut table = String::new();
    for &state in states {
        for &input in inputs {
            if let Some((next, todo)) = step(state, input) {
                let [state, input, next] =
                    [format!("{state:?}"), format!("{input:?}"), format!("{next:?}")];
                writeln!(table, "{state:10} {input:11} -> {next:10} {todo:?}").unwrap();
            }
        }
    }
    table
}
