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
//!
//! The same offers may come before the call stands, by UPDATE or PRACK, once the first answer
//! has arrived in a [reliable](super::reliable) provisional response (RFC 3311 5, RFC 6337 2.2).

use crate::{
    base::{numbers::DialogNo, time::Span},
    sip::{
        core::{Core, Incoming},
        due::{Due, TransactionNo, Wait},
        event::Event,
        message::header::reason::q850_cause,
        message::{Response, ability::Ability, header::reason::Reason, info, method::Method},
        ours,
        transaction::user::Owner,
        turn::Turn,
        ua::{
            callee::worded,
            dialog::{By, Dialog, Owed, Renewal, Stage, Standing, tag_of},
            echo::Echo,
            session::Session,
        },
        verb::{Refusal, Respond},
    },
};

/// How often a re-INVITE that met theirs is tried again.
const TRIES: u8 = 5;

impl Core {
    /// A request within a dialog.
    pub(in crate::sip) fn within(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        number: DialogNo,
    ) {
        let request = incoming.request;
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = request.headers.cseq().map_or(0, |it| it.number);
        if !dialog.takes(cseq, &request.headers) {
            return self.refuse(turn, incoming, 500);
        }
        if request.method == Method::BYE {
            self.hung_up(turn, incoming, number);
        } else if request.method == Method::INVITE || request.method == Method::UPDATE {
            self.renewed(turn, incoming, number, cseq);
        } else if request.method == Method::PRACK {
            self.prack(turn, incoming, number, cseq);
        } else if request.method == Method::INFO {
            self.informed(turn, incoming, number);
        } else if request.method == Method::REFER {
            self.refer(turn, incoming, number, cseq);
        } else {
            self.other(turn, incoming);
        }
    }

    /// Their INFO: a key that was pressed, or nothing that we read (RFC 6086). We know no
    /// package of it.
    fn informed(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>, number: DialogNo) {
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        if request.headers.has("Info-Package") {
            let response = request.answer(469).with("Recv-Info", "");
            return self.answer(turn, incoming, response);
        }
        let kind = request.headers.content_type().unwrap_or_default();
        let press = match info::read(&kind, &request.body) {
            Some(press) => press,
            // Some send it to see whether we are there.
            None if request.body.is_empty() => None,
            None => {
                let response = request.answer(415).with("Accept", info::ACCEPT);
                return self.answer(turn, incoming, response);
            }
        };
        self.refuse(turn, incoming, 200);
        let stands = self.dialogs.get(number).is_some_and(|it| !matches!(it.stage, Stage::Over));
        if let Some(press) = press.filter(|_| stands) {
            turn.tell(Event::Pressed { dialog: number, press });
        }
    }

    /// Their BYE.
    fn hung_up(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>, number: DialogNo) {
        self.refuse(turn, incoming, 200);
        let reason = Reason::of(&incoming.request.headers);
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        match &mut dialog.stage {
            // It crossed ours.
            Stage::Over => (),
            // The caller gives up what was not answered yet (RFC 3261 15).
            Stage::Invited(_) => {
                self.refuse_invite(turn, number, &Response::new(487));
                turn.tell(Event::Cancelled { dialog: number, reason });
            }
            // Their 2xx, which this BYE ends, has not reached us.
            Stage::Calling(_) => {
                self.give_up(turn, number, Reason::Sip(487));
                self.refuse_renewal(turn, number, 487);
                self.close(turn, number);
                let reason = "Request Terminated".to_owned();
                let cause = q850_cause(&incoming.request.headers);
                turn.tell(Event::Rejected { dialog: number, status: 487, reason, cause });
            }
            Stage::Standing(standing) => {
                let is_ending = standing.owed.as_ref().is_some_and(|it| it.ending.is_some());
                self.refuse_renewal(turn, number, 487);
                self.close(turn, number);
                if !is_ending {
                    turn.tell(Event::HungUp { dialog: number, reason });
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
        let by = if request.method == Method::INVITE { By::Invite } else { By::Update };
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let has_offer = !request.body.is_empty();
        let mut ends = false;
        match &mut dialog.stage {
            Stage::Over => return self.refuse(turn, incoming, 481),
            Stage::Calling(calling) if calling.given_up => {
                return self.refuse(turn, incoming, 481);
            }
            Stage::Standing(standing) => {
                if standing.owed.is_some() && by == By::Invite {
                    return self.refuse(turn, incoming, 491);
                }
                ends = standing.owed.as_ref().is_some_and(|it| it.ending.is_some());
            }
            // The first offer is still open, unless its answer has arrived before the 2xx
            // (RFC 3311 5.2).
            Stage::Invited(waiting) => {
                let is_described = waiting.reliable.as_ref().is_some_and(|it| it.is_described());
                if by == By::Invite || (has_offer && !is_described) {
                    return self.later(turn, incoming);
                }
            }
            Stage::Calling(calling) => {
                let tag = tag_of(&request.headers);
                let early = calling.early.iter_mut().find(|it| *it.tag == *tag);
                match early {
                    _ if by == By::Invite => return self.later(turn, incoming),
                    Some(early) if early.sdp.is_some() => early.is_updated |= has_offer,
                    _ if has_offer => return self.refuse(turn, incoming, 491),
                    _ => (),
                }
            }
        }
        match dialog.renewal() {
            Renewal::Theirs { .. } => return self.later(turn, incoming),
            Renewal::Ours { .. } if by == By::Invite || has_offer => {
                return self.refuse(turn, incoming, 491);
            }
            Renewal::Ours { .. } | Renewal::Quiet | Renewal::Glare { .. } => (),
        }
        let asks = Ability::of(&request.headers);
        let settings = &turn.shared.settings;
        let Ok(session) = Session::answering(settings, &asks, dialog.timer().agreed()) else {
            return self.answer(turn, incoming, Session::too_small(settings, request));
        };
        let is_standing = matches!(dialog.stage, Stage::Standing(_));
        if !matches!(dialog.stage, Stage::Calling(_)) {
            dialog.refresh(&request.headers);
        }
        dialog.timer_mut().heard(&asks);
        if ends || (by == By::Update && !has_offer) {
            // A new target, a session refreshed, and nothing more.
            let ok = request.answer(200).with("Contact", dialog.contact());
            let mut ok = ok.with("Allow", ours::ALLOW);
            if is_standing {
                if let Some(session) = session {
                    ok = session.worded(ok.with("Supported", ours::SUPPORTED));
                }
                self.session_renewed(turn, number, session);
            }
            return self.answer(turn, incoming, ok);
        }
        let local: Box<str> = dialog.local().into();
        self.offered(turn, incoming, number, by, cseq, &local);
    }

    /// Their offer within the dialog, or their wish for one of ours, is told.
    pub(in crate::sip) fn offered(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        number: DialogNo,
        by: By,
        cseq: u32,
        local: &str,
    ) {
        let request = incoming.request;
        let owner = if by == By::Invite { Owner::Reinvite(number) } else { Owner::Update(number) };
        let transaction = self.receive(turn, incoming, owner);
        let echo = Echo::of(request, local);
        if by == By::Invite {
            let trying = echo.write(&Response::new(100));
            self.transactions.respond(turn, transaction, 100, &trying);
        }
        let asks = Ability::of(&request.headers);
        let has_offer = !request.body.is_empty();
        // Theirs came first: ours, which waited out a glare, waits no longer.
        let theirs = Renewal::Theirs { transaction, echo, cseq, by, has_offer, asks };
        let abandoned = self.dialogs.get_mut(number).is_some_and(|it| it.offer_received(theirs));
        let sdp = has_offer.then(|| request.body.clone());
        turn.tell(Event::Reoffered { dialog: number, sdp });
        if abandoned {
            turn.shared.dues.disarm(Due::Dialog(number, Wait::Glare));
            turn.tell(Event::Reanswered { dialog: number, status: 491, sdp: None });
        }
    }

    /// A request of theirs has said how the session goes on.
    fn session_renewed(&mut self, turn: &mut Turn<'_>, number: DialogNo, session: Option<Session>) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if dialog.timer_mut().agree(session) {
            self.keep_session(turn, number);
        }
    }

    /// 500: an earlier one is not answered yet (RFC 3261 14.2).
    pub(in crate::sip) fn later(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        let seconds = turn.shared.tokens.below(11).to_string();
        let response = incoming.request.answer(500).with("Retry-After", seconds);
        self.answer(turn, incoming, response);
    }

    /// Our answer to their re-INVITE, UPDATE or PRACK.
    pub(in crate::sip) fn respond_within(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        respond: Respond,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        let Renewal::Theirs { transaction, echo, cseq, by, has_offer, asks } = dialog.renewal()
        else {
            return Err(Refusal::WrongState);
        };
        let (transaction, cseq, by, has_offer) = (*transaction, *cseq, *by, *has_offer);
        let status = respond.status;
        if status < 200 {
            // A provisional answer to what is answered at once helps nobody.
            return Ok(());
        }
        let settings = &turn.shared.settings;
        let session = Session::answering(settings, asks, dialog.timer().agreed()).ok().flatten();
        let mut response = worded(turn, respond, dialog.contact());
        let renews = status < 300 && by != By::Prack;
        if let Some(session) = session.filter(|_| renews) {
            response = session.worded(response.with("Supported", ours::SUPPORTED));
        }
        let bytes = echo.write(&response);
        dialog.offer_answered();
        if let Stage::Standing(standing) = &mut dialog.stage {
            if by == By::Invite && status < 300 {
                let is_told = !has_offer;
                standing.owed = Some(Owed { transaction, cseq, sent: 1, is_told, ending: None });
                Self::expect_ack(turn, number);
            }
            if renews {
                self.session_renewed(turn, number, session);
            }
        }
        self.transactions.respond(turn, transaction, status, &bytes);
        self.say_next(turn, number);
        Ok(())
    }

    /// Refuses their open re-INVITE, UPDATE or PRACK, if there is one.
    pub(in crate::sip) fn refuse_renewal(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if let Renewal::Theirs { transaction, echo, .. } = dialog.renewal() {
            let (transaction, bytes) = (*transaction, echo.write(&Response::new(status)));
            dialog.offer_answered();
            self.transactions.respond(turn, transaction, status, &bytes);
        }
    }

    /// Offers anew.
    pub(in crate::sip) fn reinvite(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        sdp: Option<Vec<u8>>,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get(number).ok_or(Refusal::NoDialog)?;
        let may = match &dialog.stage {
            Stage::Standing(standing) => standing.owed.is_none(),
            Stage::Invited(waiting) => {
                let is_described = waiting.reliable.as_ref().is_some_and(|it| it.is_described());
                is_described && dialog.timer().takes_update() && sdp.is_some()
            }
            Stage::Calling(_) => false,
            Stage::Over => return Err(Refusal::NoDialog),
        };
        if !may || !dialog.is_quiet() {
            return Err(Refusal::WrongState);
        }
        if self.transactions.len() >= turn.shared.settings.transactions_max {
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
        // Before the call stands there is only UPDATE (RFC 3311 5.1).
        let (method, owner) = match dialog.stage {
            Stage::Standing(_) => (Method::INVITE, Owner::Reinvite(number)),
            Stage::Invited(_) | Stage::Calling(_) | Stage::Over => {
                (Method::UPDATE, Owner::Update(number))
            }
        };
        let mut request = dialog
            .request(method)
            .with("Contact", dialog.contact())
            .with("Allow", ours::ALLOW)
            .with("Supported", ours::SUPPORTED);
        if matches!(dialog.stage, Stage::Standing(_)) {
            request = dialog.timer().asking(request, &turn.shared.settings);
        }
        let request = ours::request_with_sdp(request, sdp.clone());
        let way = dialog.way();
        self.send_in(turn, number, request, way, owner);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            dialog.offer_sent(sdp, tries);
        }
    }

    /// The glare has been waited out.
    pub(in crate::sip) fn reinvite_again(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Renewal::Glare { sdp, tries } = dialog.renewal() else { return };
        if let Stage::Standing(Standing { owed: Some(_), .. }) = &dialog.stage {
            turn.arm(Due::Dialog(number, Wait::Glare), turn.shared.settings.t1);
            return;
        }
        let (sdp, tries) = (sdp.clone(), tries + 1);
        self.send_reinvite(turn, number, sdp, tries);
    }

    /// A response to our re-INVITE.
    pub(in crate::sip) fn reinvite_answered(
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
            let theirs = Ability::of(&response.headers);
            return self.reinvite_refused(turn, number, response.status, &theirs);
        }
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = response.headers.cseq().map_or(dialog.cseq(), |it| it.number);
        dialog.refresh(&response.headers);
        let way = dialog.way();
        let (_, ack) = turn.seal(dialog.request_numbered(Method::ACK, cseq), way);
        let tag = crate::sip::ua::dialog::tag(&response.headers);
        self.transactions.acknowledge(turn, branch, tag, way, &ack);
        if matches!(dialog.stage, Stage::Standing(_)) {
            self.session_answered(turn, number, &Ability::of(&response.headers));
        }
        self.reanswered(turn, number, response);
    }

    /// A response to our UPDATE with an offer.
    pub(in crate::sip) fn update_answered(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        response: &Response,
    ) {
        if response.status >= 300 {
            let theirs = Ability::of(&response.headers);
            self.reinvite_refused(turn, number, response.status, &theirs);
        } else if response.status >= 200 {
            self.reanswered(turn, number, response);
        }
    }

    fn reanswered(&mut self, turn: &mut Turn<'_>, number: DialogNo, response: &Response) {
        let was = self.dialogs.get_mut(number).map(Dialog::offer_answered);
        if let Some(Renewal::Ours { .. }) = was {
            let sdp = (!response.body.is_empty()).then(|| response.body.clone());
            let status = response.status;
            turn.tell(Event::Reanswered { dialog: number, status, sdp });
        }
    }

    /// Our re-INVITE came to nothing.
    pub(in crate::sip) fn reinvite_refused(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
        theirs: &Ability,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Renewal::Ours { sdp, tries } = dialog.offer_answered() else { return };
        let is_standing = |it: &Dialog| matches!(it.stage, Stage::Standing(_));
        if !self.dialogs.get(number).is_some_and(is_standing) {
            turn.tell(Event::Reanswered { dialog: number, status, sdp: None });
            return;
        }
        match status {
            422 if tries < TRIES => {
                if let Some(dialog) = self.dialogs.get_mut(number) {
                    dialog.timer_mut().too_small_for_them(theirs.min_se);
                }
                self.send_reinvite(turn, number, sdp, tries + 1);
            }
            // They do not know the dialog, or are not there: it is lost (RFC 3261 12.2.1.2).
            408 | 481 => {
                self.bye(turn, number, Reason::Sip(status));
                turn.tell(Event::Lost { dialog: number });
            }
            491 if tries < TRIES => {
                let wait = self.glare(turn, number);
                if let Some(dialog) = self.dialogs.get_mut(number) {
                    dialog.offers_met(sdp, tries);
                }
                turn.arm(Due::Dialog(number, Wait::Glare), wait);
            }
            _ => {
                // It may have been there to refresh the session.
                self.not_refreshed(turn, number, status, theirs);
                turn.tell(Event::Reanswered { dialog: number, status, sdp: None });
            }
        }
    }

    /// How long to wait after glare: 2.1 to 4 s for who made the Call-ID, else 0 to 2 s, in
    /// steps of 10 ms (RFC 3261 14.1).
    fn glare(&self, turn: &mut Turn<'_>, number: DialogNo) -> Span {
        let is_ours = self.dialogs.get(number).is_some_and(Dialog::is_caller);
        let steps = if is_ours {
            210 + turn.shared.tokens.below(191)
        } else {
            turn.shared.tokens.below(201)
        };
        Span::millis(steps * 10)
    }

    /// Ends the dialog by BYE; events of it come no more.
    pub(in crate::sip) fn bye(&mut self, turn: &mut Turn<'_>, number: DialogNo, reason: Reason) {
        self.refuse_renewal(turn, number, 487);
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let bye = dialog.request(Method::BYE).with("Reason", reason.value());
        let way = dialog.way();
        self.send_in(turn, number, bye, way, Owner::Bye(number));
        self.close(turn, number);
    }

    /// Ends the dialog wherever it stands.
    pub(in crate::sip) fn end(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        reason: Reason,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        match &mut dialog.stage {
            Stage::Invited(_) => {
                let refusal = Response::new(487).with("Reason", reason.value());
                self.refuse_invite(turn, number, &refusal);
            }
            Stage::Calling(calling) if calling.given_up => return Err(Refusal::WrongState),
            Stage::Calling(_) => self.give_up(turn, number, reason),
            Stage::Standing(Standing { owed: Some(owed), .. }) => {
                if owed.ending.is_some() {
                    return Err(Refusal::WrongState);
                }
                owed.ending = Some(reason);
                self.refuse_renewal(turn, number, 487);
            }
            Stage::Standing(_) => self.bye(turn, number, reason),
            Stage::Over => return Err(Refusal::NoDialog),
        }
        Ok(())
    }
}
