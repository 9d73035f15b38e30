//! A REFER of theirs in a dialog, until they have been told what came of it (RFC 3515).

use crate::sip::{due::TransactionNo, ua::echo::Echo};

/// A REFER of theirs.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Referral {
    /// The request and the lines of its answer, until it is answered.
    pub(super) open: Option<(TransactionNo, Echo)>,
    /// What tells this subscription from another in the same dialog: the number of the REFER.
    pub(super) id: u32,
    /// Whether they want to be told how it goes on (RFC 4488).
    pub(super) is_told: bool,
}
