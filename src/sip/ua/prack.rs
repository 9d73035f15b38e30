//! PRACK, theirs and ours: what acknowledges a reliable provisional response (RFC 3262).

use crate::{
    base::numbers::DialogNo,
    sip::{
        core::{Core, Incoming},
        due::{Due, TransactionNo, Wait},
        event::Event,
        message::{Response, method::Method},
        transaction::user::Owner,
        turn::Turn,
        ua::dialog::{By, Dialog, Early, Stage, Standing},
        verb::Respond,
    },
};

/// Early dialogs of one call of ours; what forks further goes on without provisional words.
const EARLY_MAX: usize = 8;

// Their calls: what we say has to arrive.
impl Core {
    /// Our response went out under a number: it goes again until it is acknowledged.
    pub(in crate::sip) fn expect_prack(turn: &mut Turn<'_>, number: DialogNo) {
        let times = turn.shared.times();
        turn.arm(Due::Dialog(number, Wait::Provisional), times.t1);
        turn.arm(Due::Dialog(number, Wait::Prack), times.patience());
    }

    pub(in crate::sip) fn expect_prack_no_more(turn: &mut Turn<'_>, number: DialogNo) {
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Provisional));
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Prack));
    }

    /// Our provisional response goes out again. Its gaps double without end (RFC 3262 3).
    pub(in crate::sip) fn provisional_again(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Invited(waiting) = &mut dialog.stage else { return };
        let transaction = waiting.transaction;
        let Some(sent) = waiting.reliable.as_mut().and_then(|it| it.sent_again()) else {
            return;
        };
        let span = turn.shared.times().doubled(sent);
        self.transactions.respond_again(turn, transaction);
        turn.arm(Due::Dialog(number, Wait::Provisional), span);
    }

    /// Nobody acknowledges it: the call cannot come about.
    pub(in crate::sip) fn never_pracked(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        self.refuse_invite(turn, number, &Response::new(504));
        turn.tell(Event::Cancelled { dialog: number, reason: None });
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
        let (local, is_quiet) = (Box::<str>::from(dialog.local()), dialog.is_quiet());
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
                let had_sdp = reliable.acknowledged();
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
        let next = waiting.reliable.as_mut().and_then(|it| it.take_next());
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
        let is_numbered = waiting.reliable.as_ref().is_some_and(|it| it.is_numbered());
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
        let cseq = dialog.next_cseq();
        let mut early = dialog.clone();
        early.learn(response, self.transactions.peer(branch).unwrap_or(early.peer()));
        let invite = response.headers.cseq().map_or(1, |it| it.number);
        let prack = early
            .request_numbered(Method::PRACK, cseq)
            .with("RAck", format!("{rseq} {invite} INVITE"));
        self.send_in(turn, number, prack, early.way(), Owner::Prack(number));
    }
}
