//! Calls out by trunk that are not decided yet, and the ways that are left to them.
//!
//! ```text
//! begin ──► place 1 ── failed ──► place 2 ──► …       left: nothing, and the refusal is told
//!              └── heard: no longer silent; rang: from now on its answer is the answer
//! ```
//!
//! Sends nothing and knows no trunk's state: it says where to go next.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    base::numbers::DialogNo,
    sip::{
        locate::Target,
        verb::{By, Invite},
    },
};

/// How often one request is sent again with what was wanted.
const TRIES: u8 = 2;

/// Calls out that may yet go another way.
#[derive(Debug, Default)]
pub(in crate::sip) struct Attempts(BTreeMap<DialogNo, Attempt>);

/// One of them.
#[derive(Debug)]
pub(super) struct Attempt {
    /// What was asked for.
    invite: Invite,
    /// The trunks and their places that were not tried yet.
    left: VecDeque<(By, Target)>,
    /// By which trunk it goes now.
    by: By,
    /// And to which of its places.
    target: Target,
    /// What that place has said.
    said: Said,
    /// The far side has rung, here or elsewhere: from now on its answer is the answer.
    rang: bool,
    /// How often credentials were sent.
    tries: u8,
}

/// Whether a place has said anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Something,
}

impl Attempts {
    /// A call begins, by the first of these ways. Says where it goes; `None`: there is no way.
    pub(super) fn begin(
        &mut self,
        dialog: DialogNo,
        invite: Invite,
        mut left: VecDeque<(By, Target)>,
    ) -> Option<Target> {
        let (by, target) = left.pop_front()?;
        let said = Said::Nothing;
        let attempt = Attempt { invite, left, by, target, said, rang: false, tries: 0 };
        self.0.insert(dialog, attempt);
        Some(target)
    }

    pub(super) fn get(&self, dialog: DialogNo) -> Option<&Attempt> {
        self.0.get(&dialog)
    }

    pub(super) fn get_mut(&mut self, dialog: DialogNo) -> Option<&mut Attempt> {
        self.0.get_mut(&dialog)
    }

    /// The place has said something; a 2xx decides the call. Says whether it was undecided.
    pub(super) fn heard(&mut self, dialog: DialogNo, status: u16) -> bool {
        let Some(attempt) = self.0.get_mut(&dialog) else { return false };
        attempt.said = Said::Something;
        attempt.rang |= (101..300).contains(&status);
        if (200..300).contains(&status) {
            self.end(dialog);
        }
        true
    }

    /// The call is decided, or given up: there is no other way any more.
    pub(in crate::sip) fn end(&mut self, dialog: DialogNo) {
        self.0.remove(&dialog);
    }

    #[cfg(test)]
    pub(in crate::sip) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Attempt {
    /// What was asked for.
    pub(super) fn invite(&self) -> &Invite {
        &self.invite
    }

    /// By which trunk it goes now.
    pub(super) fn by(&self) -> &By {
        &self.by
    }

    /// And to which of its places.
    pub(super) fn target(&self) -> Target {
        self.target
    }

    /// Whether there is no other way left.
    pub(super) fn is_last(&self) -> bool {
        self.left.is_empty()
    }

    /// Whether the place has said nothing at all, not even 100.
    pub(super) fn is_unheard(&self) -> bool {
        self.said == Said::Nothing
    }

    /// Whether what a carrier wants may be sent once more.
    pub(super) fn may_sign(&self) -> bool {
        self.tries < TRIES
    }

    /// It has been sent once more with what was wanted.
    pub(super) fn signed(&mut self) {
        self.tries += 1;
    }

    /// Whether such a refusal is the trunk's, which fails, is full, or does not want us; anything
    /// else is the callee's answer.
    pub(super) fn is_the_place(&self, status: u16) -> bool {
        !self.rang && matches!(status, 401 | 407 | 408 | 494 | 500 | 502 | 503 | 504)
    }

    /// The place failed by that status. Says where the call goes now, if there is another way.
    pub(super) fn failed(&mut self, status: u16) -> Option<Target> {
        if status != 408 && status != 503 {
            // The trunk has spoken for all of its places.
            let trunk = self.by.trunk;
            self.left.retain(|(by, _)| by.trunk != trunk);
        }
        let (by, target) = self.left.pop_front()?;
        (self.by, self.target, self.said, self.tries) = (by, target, Said::Nothing, 0);
        Some(target)
    }
}
