//! What the SIP machine waits for: every deadline has a name, and all stand in one list.

use crate::{
    base::{
        deadlines::Deadlines,
        numbers::{DialogNo, PhoneNo, TrunkNo},
    },
    number,
    sip::timer::Timer,
};

number!(
    /// A transaction (RFC 3261 17).
    TransactionNo,
    "transaction"
);

/// Whose deadline, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// One of the RFC's lettered timers.
    Transaction(TransactionNo, Timer),
    /// A dialog waits.
    Dialog(DialogNo, Wait),
    /// The phone's next binding lapses.
    Binding(PhoneNo),
    /// A trunk is to be asked, or does not answer.
    Trunk(TrunkNo),
}

/// What a dialog waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wait {
    /// An `invite` that could not even be sent is refused in the next turn.
    Refusal,
    /// Of several branches, those that have said nothing have had their time: T1.
    Silence,
    /// Timer C (RFC 3261 16.6): our INVITE rings for too long without a word.
    Ringing,
    /// Our provisional response is due again (RFC 3261 13.3.1.1), for proxies give up after 3 min.
    Reminder,
    /// Our 2xx is due again: T1, doubling up to T2 (RFC 3261 13.3.1.4).
    Answer,
    /// The ACK to our 2xx is overdue: 64*T1.
    Ack,
    /// After glare our re-INVITE is tried again (RFC 3261 14.1).
    Glare,
    /// Our reliable provisional response is due again: T1, doubling (RFC 3262 3).
    Provisional,
    /// Its PRACK is overdue: 64*T1.
    Prack,
    /// The session is to be refreshed by us (RFC 4028 7.4).
    Refresh,
    /// The session was not refreshed in time (RFC 4028 10).
    Expiry,
    /// Where our INVITE was sent there is no sign of life, and another place could be tried.
    Elsewhere,
}

/// All that is waited for.
pub(super) type Dues = Deadlines<Due>;
