//! Requests within a dialog: BYE, re-INVITE, UPDATE, theirs and ours (RFC 3261 12.2, 14, 15;
//! RFC 3311).
//!
//! ```text
//!                their re-INVITE meets            our verb meets
//! Quiet          Reoffered                        sent
//! Theirs         500, Retry-After (14.2)          WrongState
//! Ours, Glare    491 (14.2)                       WrongState
//! ACK owed       491                              WrongState
//! ```

use crate::{
    base::{numbers::DialogNo, time::Span},
    sip::{
        callee::worded,
        caller::sealed,
        core::{Core, Incoming},
        dialog::{Echo, Owed, Renewal, Stage, Standing},
        due::{Due, TransactionNo, Wait},
        endpoint::{Because, Refusal, Respond},
        event::Event,
        message::Response,
        method::Method,
        ours,
        transaction::table::Owner,
        turn::Turn,
    },
};

/// How often a re-INVITE that met theirs is tried again.
const TRIES: u8 = 5;

impl Core {
    /// A request within a dialog.
    pub(super) fn within(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        number: DialogNo,
    ) {
        let request = incoming.request;
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = request.headers.cseq().map_or(0, |it| it.number);
        if !dialog.takes(cseq) {
            return self.refuse(turn, incoming, 500);
        }
        if request.method == Method::BYE {
            self.hung_up(turn, incoming, number);
        } else if request.method == Method::INVITE || request.method == Method::UPDATE {
            self.renewed(turn, incoming, number, cseq);
        } else {
            self.other(turn, incoming);
        }
    }

    /// Their BYE.
    fn hung_up(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>, number: DialogNo) {
        self.refuse(turn, incoming, 200);
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        match &mut dialog.stage {
            // It crossed ours.
            Stage::Over => (),
            // The caller gives up what was not answered yet (RFC 3261 15).
            Stage::Invited(_) => {
                self.refuse_invite(turn, number, &Response::new(487));
                turn.tell(Event::Cancelled { dialog: number });
            }
            // Their 2xx, which this BYE ends, has not reached us.
            Stage::Calling(_) => {
                let because = Because::Sip(487);
                self.give_up(turn, number, because);
                self.close(turn, number);
                let reason = "Request Terminated".to_owned();
                turn.tell(Event::Rejected { dialog: number, status: 487, reason });
            }
            Stage::Standing(standing) => {
                let is_ending = standing.owed.as_ref().is_some_and(|it| it.ending.is_some());
                self.refuse_renewal(turn, number, 487);
                self.close(turn, number);
                if !is_ending {
                    turn.tell(Event::HungUp { dialog: number });
                }
            }
        }
    }

    /// Their re-INVITE or UPDATE.
    fn renewed(
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
        let is_invite = request.method == Method::INVITE;
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let standing = match &mut dialog.stage {
            Stage::Over => return self.refuse(turn, incoming, 481),
            // The first offer is still open.
            Stage::Invited(_) | Stage::Calling(_) => return self.later(turn, incoming),
            Stage::Standing(standing) => standing,
        };
        match (&standing.renewal, &standing.owed) {
            (Renewal::Theirs { .. }, _) => return self.later(turn, incoming),
            (Renewal::Ours { .. }, _) => return self.refuse(turn, incoming, 491),
            (Renewal::Quiet | Renewal::Glare { .. }, Some(_)) if is_invite => {
                return self.refuse(turn, incoming, 491);
            }
            (Renewal::Quiet | Renewal::Glare { .. }, _) => (),
        }
        let ends = standing.owed.as_ref().is_some_and(|it| it.ending.is_some());
        dialog.refresh(&request.headers);
        let has_offer = !request.body.is_empty();
        if ends || (!is_invite && !has_offer) {
            // A new target and nothing more.
            let contact = dialog.contact.clone();
            let ok = request.answer(200).with("Contact", &*contact).with("Allow", ours::ALLOW);
            return self.answer(turn, incoming, ok);
        }
        let local = dialog.local.clone();
        let owner = if is_invite { Owner::Reinvite(number) } else { Owner::Update(number) };
        let transaction = self.receive(turn, incoming, owner);
        let echo = Echo::of(request, &local);
        if is_invite {
            let trying = echo.write(&Response::new(100));
            self.transactions.respond(turn, transaction, 100, &trying);
        }
        // Theirs came first: ours, which waited out a glare, waits no longer.
        let abandoned = self
            .set_renewal(number, Renewal::Theirs { transaction, echo, cseq, is_invite, has_offer });
        let sdp = has_offer.then(|| request.body.clone());
        turn.tell(Event::Reoffered { dialog: number, sdp });
        if let Some(Renewal::Glare { .. }) = abandoned {
            turn.desk.dues.disarm(Due::Dialog(number, Wait::Glare));
            turn.tell(Event::Reanswered { dialog: number, status: 491, sdp: None });
        }
    }

    /// 500: an earlier one is not answered yet (RFC 3261 14.2).
    fn later(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        let seconds = turn.desk.tokens.below(11).to_string();
        let response = incoming.request.answer(500).with("Retry-After", seconds);
        self.answer(turn, incoming, response);
    }

    fn set_renewal(&mut self, number: DialogNo, renewal: Renewal) -> Option<Renewal> {
        match &mut self.dialogs.get_mut(number)?.stage {
            Stage::Standing(standing) => Some(std::mem::replace(&mut standing.renewal, renewal)),
            Stage::Invited(_) | Stage::Calling(_) | Stage::Over => None,
        }
    }

    /// Our answer to their re-INVITE or UPDATE.
    pub(super) fn respond_to_renewal(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        respond: Respond,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        let Stage::Standing(standing) = &mut dialog.stage else {
            return Err(Refusal::WrongState);
        };
        let Renewal::Theirs { transaction, echo, cseq, is_invite, has_offer } = &standing.renewal
        else {
            return Err(Refusal::WrongState);
        };
        let (transaction, cseq, is_invite) = (*transaction, *cseq, *is_invite);
        let has_offer = *has_offer;
        let status = respond.status;
        if status < 200 {
            // A provisional answer to what is answered at once helps nobody.
            return Ok(());
        }
        let bytes = echo.write(&worded(turn, respond, &dialog.contact));
        standing.renewal = Renewal::Quiet;
        let waits = is_invite && status < 300;
        if waits {
            let is_told = !has_offer;
            standing.owed = Some(Owed { transaction, cseq, sent: 1, is_told, ending: None });
            Self::expect_ack(turn, number);
        }
        self.transactions.respond(turn, transaction, status, &bytes);
        Ok(())
    }

    /// Refuses their open re-INVITE or UPDATE, if there is one.
    pub(super) fn refuse_renewal(&mut self, turn: &mut Turn<'_>, number: DialogNo, status: u16) {
        let renewal = self.set_renewal(number, Renewal::Quiet);
        if let Some(Renewal::Theirs { transaction, echo, .. }) = renewal {
            let bytes = echo.write(&Response::new(status));
            self.transactions.respond(turn, transaction, status, &bytes);
        } else if let Some(renewal) = renewal {
            self.set_renewal(number, renewal);
        }
    }

    /// Offers anew.
    pub(super) fn reinvite(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        sdp: Option<Vec<u8>>,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get(number).ok_or(Refusal::NoDialog)?;
        match &dialog.stage {
            Stage::Standing(Standing { owed: None, renewal: Renewal::Quiet }) => (),
            Stage::Standing(_) | Stage::Invited(_) | Stage::Calling(_) => {
                return Err(Refusal::WrongState);
            }
            Stage::Over => return Err(Refusal::NoDialog),
        }
        if self.transactions.len() >= turn.desk.settings.transactions_max {
            return Err(Refusal::Full);
        }
        self.send_reinvite(turn, number, sdp, 1);
        Ok(())
    }

    fn send_reinvite(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        sdp: Option<Vec<u8>>,
        tries: u8,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let request = dialog
            .request(Method::INVITE)
            .with("Contact", &*dialog.contact)
            .with("Allow", ours::ALLOW);
        let request = ours::request_with_sdp(request, sdp.clone());
        let way = dialog.way();
        self.send_in(turn, number, request, way, Owner::Reinvite(number));
        self.set_renewal(number, Renewal::Ours { sdp, tries });
    }

    /// The glare has been waited out.
    pub(super) fn reinvite_again(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Stage::Standing(Standing { owed, renewal: Renewal::Glare { sdp, tries } }) =
            &dialog.stage
        else {
            return;
        };
        if owed.is_some() {
            turn.arm(Due::Dialog(number, Wait::Glare), turn.desk.settings.t1);
            return;
        }
        let (sdp, tries) = (sdp.clone(), tries + 1);
        self.send_reinvite(turn, number, sdp, tries);
    }

    /// A response to our re-INVITE.
    pub(super) fn reinvite_answered(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
    ) {
        if response.status < 200 {
            return self.transactions.hurry(turn, branch);
        }
        if response.status >= 300 {
            return self.reinvite_refused(turn, number, response.status);
        }
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = response.headers.cseq().map_or(dialog.cseq, |it| it.number);
        dialog.refresh(&response.headers);
        let way = dialog.way();
        let (_, ack) = sealed(turn, dialog.request_numbered(Method::ACK, cseq), way);
        let tag = crate::sip::dialog::tag(&response.headers);
        self.transactions.acknowledge(turn, branch, tag, way, &ack);
        if let Some(Renewal::Ours { .. }) = self.set_renewal(number, Renewal::Quiet) {
            let sdp = (!response.body.is_empty()).then(|| response.body.clone());
            let status = response.status;
            turn.tell(Event::Reanswered { dialog: number, status, sdp });
        }
    }

    /// Our re-INVITE came to nothing.
    pub(super) fn reinvite_refused(&mut self, turn: &mut Turn<'_>, number: DialogNo, status: u16) {
        let Some(renewal) = self.set_renewal(number, Renewal::Quiet) else { return };
        let Renewal::Ours { sdp, tries } = renewal else { return };
        match status {
            // They do not know the dialog, or are not there: it is lost (RFC 3261 12.2.1.2).
            408 | 481 => {
                self.bye(turn, number, Because::Sip(status));
                turn.tell(Event::Lost { dialog: number });
            }
            491 if tries < TRIES => {
                let wait = self.glare(turn, number);
                self.set_renewal(number, Renewal::Glare { sdp, tries });
                turn.arm(Due::Dialog(number, Wait::Glare), wait);
            }
            _ => turn.tell(Event::Reanswered { dialog: number, status, sdp: None }),
        }
    }

    /// How long to wait after glare: 2.1 to 4 s for who made the Call-ID, else 0 to 2 s, in
    /// steps of 10 ms (RFC 3261 14.1).
    fn glare(&self, turn: &mut Turn<'_>, number: DialogNo) -> Span {
        let is_ours = self.dialogs.get(number).is_some_and(|it| it.is_caller);
        let steps =
            if is_ours { 210 + turn.desk.tokens.below(191) } else { turn.desk.tokens.below(201) };
        Span::millis(steps * 10)
    }

    /// Ends the dialog by BYE; events of it come no more.
    pub(super) fn bye(&mut self, turn: &mut Turn<'_>, number: DialogNo, because: Because) {
        self.refuse_renewal(turn, number, 487);
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let bye = dialog.request(Method::BYE).with("Reason", ours::reason(because));
        let way = dialog.way();
        self.send_in(turn, number, bye, way, Owner::Bye(number));
        self.close(turn, number);
    }

    /// Ends the dialog wherever it stands.
    pub(super) fn end(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        because: Because,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        match &mut dialog.stage {
            Stage::Invited(_) => {
                let refusal = Response::new(487).with("Reason", ours::reason(because));
                self.refuse_invite(turn, number, &refusal);
            }
            Stage::Calling(calling) if calling.given_up => return Err(Refusal::WrongState),
            Stage::Calling(_) => self.give_up(turn, number, because),
            Stage::Standing(Standing { owed: Some(owed), .. }) => {
                if owed.ending.is_some() {
                    return Err(Refusal::WrongState);
                }
                owed.ending = Some(because);
                self.refuse_renewal(turn, number, 487);
            }
            Stage::Standing(_) => self.bye(turn, number, because),
            Stage::Over => return Err(Refusal::NoDialog),
        }
        Ok(())
    }
}
