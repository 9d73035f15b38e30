//! Calls out by trunk that are not decided yet, and the ways that are left to them.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    base::numbers::DialogNo,
    sip::{
        locate::Target,
        verb::{By, Invite},
    },
};

/// Calls out that may yet go another way.
#[derive(Debug, Default)]
pub(in crate::sip) struct Attempts(pub(super) BTreeMap<DialogNo, Attempt>);

/// One of them.
#[derive(Debug)]
pub(super) struct Attempt {
    /// What was asked for.
    pub(super) invite: Invite,
    /// The trunks and their places that were not tried yet.
    pub(super) left: VecDeque<(By, Target)>,
    /// By which trunk it goes now.
    pub(super) by: By,
    /// And to which of its places.
    pub(super) target: Target,
    /// The place has said something.
    pub(super) heard: bool,
    /// The far side has rung: from now on its answer is the answer.
    pub(super) rang: bool,
    /// How often credentials were sent.
    pub(super) tries: u8,
}

impl Attempts {
    /// The call is decided, or given up: there is no other way any more.
    pub(in crate::sip) fn end(&mut self, dialog: DialogNo) {
        self.0.remove(&dialog);
    }

    #[cfg(test)]
    pub(in crate::sip) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
