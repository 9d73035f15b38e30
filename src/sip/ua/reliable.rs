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

use crate::{
    base::numbers::DialogNo,
    sip::{
        core::{Core, Incoming},
        due::{Due, TransactionNo, Wait},
        event::Event,
        message::{Response, method::Method},
        transaction::table::Owner,
        turn::Turn,
        ua::dialog::{By, Dialog, Early, Renewal, Stage, Standing},
        verb::Respond,
    },
};

/// Early dialogs of one call of ours; what forks further goes on without provisional words.
const EARLY_MAX: usize = 8;

/// Our reliable provisional responses to one INVITE.
#[derive(Clone, Debug)]
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
    pub(in crate::sip) is_described: bool,
}

#[derive(Clone, Copy, Debug)]
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

    /// The number of the response that waits for its PRACK.
    pub(in crate::sip) fn waits_for(&self) -> Option<u32> {
        self.pending.map(|_| self.rseq)
    }
}

// Their calls: what we say has to arrive.
impl Core {
    /// Our response went out under a number: it goes again until it is acknowledged.
    pub(in crate::sip) fn expect_prack(turn: &mut Turn<'_>, number: DialogNo) {
        let times = turn.desk.times();
        turn.arm(Due::Dialog(number, Wait::Provisional), times.t1);
        turn.arm(Due::Dialog(number, Wait::Prack), times.patience());
    }

    pub(in crate::sip) fn expect_prack_no_more(turn: &mut Turn<'_>, number: DialogNo) {
        turn.desk.dues.disarm(Due::Dialog(number, Wait::Provisional));
        turn.desk.dues.disarm(Due::Dialog(number, Wait::Prack));
    }

    /// Our provisional response goes out again. Its gaps double without end (RFC 3262 3).
    pub(in crate::sip) fn provisional_again(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Invited(waiting) = &mut dialog.stage else { return };
        let transaction = waiting.transaction;
        let Some(pending) = waiting.reliable.as_mut().and_then(|it| it.pending.as_mut()) else {
            return;
        };
        pending.sent = pending.sent.saturating_add(1);
        let span = turn.desk.times().doubled(pending.sent);
        self.transactions.respond_again(turn, transaction);
        turn.arm(Due::Dialog(number, Wait::Provisional), span);
    }

    /// Nobody acknowledges it: the call cannot come about.
    pub(in crate::sip) fn never_pracked(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        self.refuse_invite(turn, number, &Response::new(504));
        turn.tell(Event::Cancelled { dialog: number, because: None });
    }

    /// Their PRACK.
    pub(in crate::sip) fn prack(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        number: DialogNo,
        cseq: u32,
    ) {
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        let rack = request.headers.rack();
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let (local, is_quiet) = (dialog.local.clone(), matches!(dialog.renewal, Renewal::Quiet));
        let mut is_answer = false;
        match &mut dialog.stage {
            Stage::Invited(waiting) => {
                let invite = waiting.cseq;
                let Some(reliable) = &mut waiting.reliable else {
                    return self.refuse(turn, incoming, 481);
                };
                let expected = reliable.waits_for().map(|rseq| (rseq, invite));
                if expected.is_none() || rack != expected {
                    return self.refuse(turn, incoming, 481);
                }
                let had_sdp = reliable.pending.take().is_some_and(|it| it.has_sdp);
                reliable.is_described |= had_sdp;
                is_answer = had_sdp && !waiting.has_offer;
                Self::expect_prack_no_more(turn, number);
            }
            // Our 2xx was faster.
            Stage::Standing(Standing { overtaken, .. }) if overtaken.is_some() => {
                if *overtaken != rack {
                    return self.refuse(turn, incoming, 481);
                }
                *overtaken = None;
            }
            Stage::Standing(_) | Stage::Calling(_) | Stage::Over => {
                return self.refuse(turn, incoming, 481);
            }
        }
        let sdp = (!request.body.is_empty()).then(|| request.body.clone());
        if sdp.is_some() && !is_answer && is_quiet {
            return self.offered(turn, incoming, number, By::Prack, cseq, &local);
        }
        self.refuse(turn, incoming, 200);
        if is_answer {
            turn.tell(Event::Acked { dialog: number, sdp });
        }
        self.say_next(turn, number);
    }

    /// What had to wait for their PRACK is said now.
    pub(in crate::sip) fn say_next(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(Dialog { stage: Stage::Invited(waiting), .. }) = self.dialogs.get_mut(number)
        else {
            return;
        };
        let next = waiting.reliable.as_mut().and_then(|it| it.next.take());
        if let Some(next) = next {
            // It was sensible when it was asked for, and nothing has changed.
            let _ = self.respond(turn, number, next);
        }
    }

    /// The caller is told again that it waits, where a number may not come twice.
    pub(in crate::sip) fn remind_anew(&mut self, turn: &mut Turn<'_>, number: DialogNo) -> bool {
        let Some(Dialog { stage: Stage::Invited(waiting), .. }) = self.dialogs.get(number) else {
            return false;
        };
        let is_numbered = waiting
            .reliable
            .as_ref()
            .is_some_and(|it| it.is_required || it.is_described || it.pending.is_some());
        if is_numbered {
            let _ = self.respond(turn, number, Respond { status: 183, ..Respond::default() });
        }
        is_numbered
    }
}

// Our calls: what they say is acknowledged.
impl Core {
    /// A provisional response to our INVITE. Says whether it is news: one that came before, or
    /// before its turn, is not (RFC 3262 4).
    pub(in crate::sip) fn provisional(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
    ) -> bool {
        let headers = &response.headers;
        let rseq = if headers.has_in("Require", "100rel") { headers.rseq() } else { None };
        let tag = crate::sip::ua::dialog::tag(headers);
        if (rseq.is_none() && response.body.is_empty()) || tag.is_empty() {
            return true;
        }
        let Some(dialog) = self.dialogs.get_mut(number) else { return false };
        let Stage::Calling(calling) = &mut dialog.stage else { return false };
        let early = &mut calling.early;
        let place = match early.iter().position(|it| *it.tag == *tag) {
            Some(place) => place,
            None if early.len() >= EARLY_MAX => return false,
            None => {
                early.push(Early {
                    tag: tag.into(),
                    rseq: 0,
                    sdp: None,
                    their_cseq: None,
                    is_updated: false,
                });
                early.len() - 1
            }
        };
        let Some(early) = early.get_mut(place) else { return false };
        if let Some(rseq) = rseq {
            if early.rseq != 0 && rseq != early.rseq.wrapping_add(1) {
                return false;
            }
            early.rseq = rseq;
        }
        if !response.body.is_empty() && !early.is_updated {
            early.sdp = Some(response.body.clone());
        }
        if let Some(rseq) = rseq {
            self.send_prack(turn, branch, number, response, rseq);
        }
        true
    }

    /// PRACK, to the Contact of the response and along its route.
    fn send_prack(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
        rseq: u32,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        dialog.cseq = dialog.cseq.saturating_add(1);
        let mut early = dialog.clone();
        early.learn(response, self.transactions.peer(branch).unwrap_or(early.peer));
        let invite = response.headers.cseq().map_or(1, |it| it.number);
        let prack = early
            .request_numbered(Method::PRACK, early.cseq)
            .with("RAck", format!("{rseq} {invite} INVITE"));
        self.send_in(turn, number, prack, early.way(), Owner::Prack(number));
    }
}
