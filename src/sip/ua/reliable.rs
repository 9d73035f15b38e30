//! Provisional responses that have to arrive (RFC 3262): ours until their PRACK, theirs by ours.
//!
//! ```text
//! 183 ──► pending ── again after T1, 2*T1 … ──► 64*T1: 504
//!            │ PRACK
//!            ▼
//!          quiet ──► the next one; the 2xx, which has no SDP if a 183 brought it
//! ```
//!
//! Only what matters goes this way: a response with SDP, or each one if they require it.

use crate::sip::verb::Respond;

/// Our reliable provisional responses to one INVITE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Reliable {
    /// They take no others.
    is_required: bool,
    /// The number of the last one, or one less than that of the first.
    rseq: u32,
    /// The last one has not been acknowledged.
    pending: Option<Pending>,
    /// What is to be said after that.
    next: Option<Respond>,
    /// Our session description has arrived.
    is_described: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    sent: u8,
    has_sdp: bool,
}

/// What becomes of a response that is to be sent.
pub(in crate::sip) enum Say {
    /// It goes as it is.
    Plainly(Respond),
    /// It goes under this number until it has arrived.
    Reliably(Respond, u32),
    /// It has to wait for a PRACK.
    Later,
}

impl Reliable {
    /// `chance` is below 2^31, where the first number has to be (RFC 3262 3).
    pub(in crate::sip) fn new(is_required: bool, chance: u32) -> Self {
        Self { is_required, rseq: chance, pending: None, next: None, is_described: false }
    }

    /// What becomes of this response, which is no refusal.
    pub(in crate::sip) fn say(&mut self, mut respond: Respond) -> Say {
        let has_sdp = respond.sdp.is_some();
        if respond.status >= 200 {
            // What we said must have arrived before we say that it holds (RFC 3262 3).
            if self.pending.is_some_and(|it| it.has_sdp) {
                self.next = Some(respond);
                return Say::Later;
            }
            if self.is_described {
                respond.sdp = None;
            }
            return Say::Plainly(respond);
        }
        if self.pending.is_some() {
            if self.next.as_ref().is_none_or(|it| it.status < 200) {
                self.next = Some(respond);
            }
            return Say::Later;
        }
        if !self.is_required && (!has_sdp || self.is_described) {
            return Say::Plainly(respond);
        }
        self.rseq += 1;
        self.pending = Some(Pending { sent: 1, has_sdp });
        Say::Reliably(respond, self.rseq)
    }

    /// It goes out once more. Says how often it went, if one waits for its PRACK.
    pub(super) fn sent_again(&mut self) -> Option<u8> {
        let pending = self.pending.as_mut()?;
        pending.sent = pending.sent.saturating_add(1);
        Some(pending.sent)
    }

    /// Its PRACK came. Says whether it brought our session description.
    pub(super) fn acknowledged(&mut self) -> bool {
        let had_sdp = self.pending.take().is_some_and(|it| it.has_sdp);
        self.is_described |= had_sdp;
        had_sdp
    }

    /// What had to wait for that PRACK.
    pub(super) fn take_next(&mut self) -> Option<Respond> {
        self.next.take()
    }

    /// Whether our session description has arrived.
    pub(super) fn is_described(&self) -> bool {
        self.is_described
    }

    /// Whether what is said again needs a number of its own.
    pub(super) fn is_numbered(&self) -> bool {
        self.is_required || self.is_described || self.pending.is_some()
    }

    /// The number of the response that waits for its PRACK.
    pub(in crate::sip) fn waits_for(&self) -> Option<u32> {
        self.pending.map(|_| self.rseq)
    }
}
