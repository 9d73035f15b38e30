//! Calls to us: their INVITE, our answers to it, their ACK or CANCEL (RFC 3261 13.3, 9.2).

use crate::{
    base::{masked::Masked, numbers::DialogNo, time::Span},
    sip::{
        core::{Core, Incoming, busy},
        counts::Kind,
        due::{Due, TransactionNo, Wait},
        event::{Event, Invited, Origin},
        message::{
            Request, Response,
            ability::{self, Ability},
            header::reason::Reason,
            headers::Headers,
            identity::{self, History},
            uri::Uri,
        },
        ours,
        transaction::user::Owner,
        turn::Turn,
        ua::{
            dialog::{Dialog, Hop, Invited as Waiting, Owed, Stage, Standing},
            echo::Echo,
            reliable::{Reliable, Say},
            session::Session,
        },
        verb::{Refusal, Respond},
    },
};

/// How often a caller that waits is told so again (RFC 3261 13.3.1.1).
const REMINDER: Span = Span::secs(60);

/// Dialogs that trunks leave to our own phones, where there are many.
const KEPT: usize = 8;

/// New calls at once are those of so long.
const AT_ONCE: Span = Span::secs(3);

impl Core {
    /// An INVITE that makes a dialog.
    pub(in crate::sip) fn invited(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        let Some((origin, kind)) = self.admit(turn, incoming) else { return };
        let incoming = &Incoming { kind, ..*incoming };
        let request = incoming.request;
        let per_second = turn.shared.settings.calls_per_second;
        // Before anything is done for it: more would come than can be carried.
        if let Origin::Trunk(_) = origin
            && !self.calls.take(turn.now, per_second, AT_ONCE)
        {
            turn.reject("overload", incoming.peer);
            let busy = busy(turn, request);
            return self.answer(turn, incoming, busy);
        }
        let merge = Core::merge_key(request);
        if self.transactions.is_merged(&merge) {
            return self.refuse(turn, incoming, 482);
        }
        if request.headers.max_forwards() == Ok(Some(0)) {
            return self.refuse(turn, incoming, 483);
        }
        if self.lacks(turn, incoming) {
            return;
        }
        let replaces = match self.replaced(&request.headers) {
            Ok(replaces) => replaces,
            Err(status) => return self.refuse(turn, incoming, status),
        };
        let asks = Ability::of(&request.headers);
        if Session::answering(&turn.shared.settings, &asks, None).is_err() {
            let response = Session::too_small(&turn.shared.settings, request);
            return self.answer(turn, incoming, response);
        }
        let Some(target) = target(&request.headers) else {
            let response = request.answer(400).with_reason("Missing Contact");
            return self.answer(turn, incoming, response);
        };
        let hop = match origin {
            Origin::Phone(phone) => Hop::Phone(phone),
            Origin::Trunk(_) => Hop::Target,
        };
        let dialog = Self::dialog_of_invite(turn, incoming, target, hop);
        let local: Box<str> = dialog.local().into();
        // The last are for our own phones: someone there may need help.
        let dialogs_max = turn.shared.settings.dialogs_max;
        let kept = match origin {
            Origin::Trunk(_) => (dialogs_max / 100).min(KEPT),
            Origin::Phone(_) => 0,
        };
        let is_full = self.dialogs.live() + kept >= dialogs_max;
        let opened = if is_full { None } else { self.open(turn, dialog) };
        let Some(number) = opened else {
            turn.reject("capacity", incoming.peer);
            let busy = busy(turn, request);
            return self.answer(turn, incoming, busy);
        };
        let transaction = self.receive(turn, incoming, Owner::Invite(number));
        self.transactions.mark(transaction, &merge);
        let echo = Echo::of(request, &local);
        let trying = echo.write(&Response::new(100));
        let has_offer = !request.body.is_empty();
        let reliable = Self::reliable(turn, &asks);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            let cseq = dialog.their_cseq().unwrap_or_default();
            dialog.timer_mut().heard(&asks);
            dialog.stage =
                Stage::Invited(Waiting { transaction, cseq, echo, has_offer, asks, reliable });
        }
        self.transactions.respond(turn, transaction, 100, &trying);
        turn.tell(Event::Invited(Box::new(told(incoming, number, origin, replaces))));
    }

    fn dialog_of_invite(
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        target: Uri,
        hop: Hop,
    ) -> Dialog {
        let headers = &incoming.request.headers;
        let tag = turn.shared.tokens.draw();
        let to = headers.get("To").unwrap_or_default();
        let user = incoming.request.uri.user().unwrap_or_default();
        let local = format!("{to};tag={tag:016x}");
        let contact = ours::contact(&turn.shared.settings, incoming.peer, &user);
        Dialog::theirs(incoming.request, tag, &local, &contact, target, incoming.peer)
            .with(incoming.kind, hop)
    }

    /// Room for provisional responses that have to arrive, for who knows such.
    fn reliable(turn: &mut Turn<'_>, asks: &Ability) -> Option<Box<Reliable>> {
        let is_required = match asks.reliable {
            ability::Reliable::Unknown => return None,
            ability::Reliable::Supported => false,
            ability::Reliable::Required => true,
        };
        let chance = u32::try_from(turn.shared.tokens.below(1 << 30)).unwrap_or_default();
        Some(Box::new(Reliable::new(is_required, chance)))
    }

    /// What makes two INVITEs the same though they came by different ways (RFC 3261 8.2.2.2).
    fn merge_key(request: &Request) -> String {
        let headers = &request.headers;
        let from = headers.from().ok().and_then(|it| it.tag()).unwrap_or_default();
        let number = headers.cseq().map_or(0, |it| it.number);
        format!("{} {number} {from}", headers.call_id().unwrap_or_default())
    }

    /// A CANCEL; `invite` is what it is for, if that is known.
    pub(in crate::sip) fn cancel(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        invite: Option<TransactionNo>,
    ) {
        let Some(invite) = invite else {
            if incoming.kind != Kind::Other {
                self.refuse(turn, incoming, 481);
            }
            return;
        };
        let owner = self.transactions.owner(invite);
        let mut ok = incoming.request.answer(200);
        if let Owner::Invite(number) = owner
            && let Some(dialog) = self.dialogs.get(number)
        {
            ok = ok.with_to_tag(&format!("{:016x}", dialog.tag()));
        }
        self.answer(turn, incoming, ok);
        if !self.transactions.is_unanswered(invite) {
            return; // It crossed our final answer, and has no effect (RFC 3261 9.2).
        }
        match owner {
            Owner::Invite(number) => {
                self.refuse_invite(turn, number, &Response::new(487));
                let reason = Reason::of(&incoming.request.headers);
                turn.tell(Event::Cancelled { dialog: number, reason });
            }
            Owner::Reinvite(number) => self.refuse_renewal(turn, number, 487),
            Owner::Nobody
            | Owner::Update(_)
            | Owner::Refresh(_)
            | Owner::Prack(_)
            | Owner::Notify(_)
            | Owner::Bye(_)
            | Owner::Trunk(_) => (),
        }
    }

    /// Our answer to their INVITE.
    pub(in crate::sip) fn respond(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        respond: Respond,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        let waiting = match &mut dialog.stage {
            Stage::Invited(waiting) if (101..700).contains(&respond.status) => waiting,
            Stage::Invited(_) | Stage::Calling(_) | Stage::Standing(_) => {
                return Err(Refusal::WrongState);
            }
            Stage::Over => return Err(Refusal::NoDialog),
        };
        let status = respond.status;
        if status >= 300 {
            let response = worded(turn, respond, dialog.contact());
            self.refuse_invite(turn, number, &response);
            return Ok(());
        }
        let say = match &mut waiting.reliable {
            None => Say::Plainly(respond),
            Some(reliable) => reliable.say(respond),
        };
        let (respond, rseq) = match say {
            Say::Later => return Ok(()),
            Say::Plainly(respond) => (respond, None),
            Say::Reliably(respond, rseq) => (respond, Some(rseq)),
        };
        let Stage::Invited(waiting) = &dialog.stage else { return Err(Refusal::WrongState) };
        let transaction = waiting.transaction;
        let mut response = worded(turn, respond, dialog.contact());
        if status < 200 {
            if let Some(rseq) = rseq {
                response = response.with("Require", "100rel").with("RSeq", rseq.to_string());
                Self::expect_prack(turn, number);
            }
            let bytes = waiting.echo.write(&response);
            turn.arm(Due::Dialog(number, Wait::Reminder), REMINDER);
            self.transactions.respond(turn, transaction, status, &bytes);
            return Ok(());
        }
        let asks = waiting.asks;
        let session = Session::answering(&turn.shared.settings, &asks, None).ok().flatten();
        response = response.with("Supported", ours::SUPPORTED);
        if let Some(session) = session {
            response = session.worded(response);
        }
        let bytes = waiting.echo.write(&response);
        let overtaken = waiting.reliable.as_ref().and_then(|it| it.waits_for());
        let overtaken = overtaken.map(|rseq| (rseq, waiting.cseq));
        let owed = Owed { transaction, cseq: waiting.cseq, sent: 1, is_told: true, ending: None };
        dialog.stage = Stage::Standing(Standing { owed: Some(owed), overtaken });
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Reminder));
        if overtaken.is_some() {
            Self::expect_prack_no_more(turn, number);
        }
        if dialog.timer_mut().agree(session) {
            self.keep_session(turn, number);
        }
        Self::expect_ack(turn, number);
        self.transactions.respond(turn, transaction, status, &bytes);
        Ok(())
    }

    /// Refuses their INVITE; the dialog is over.
    pub(in crate::sip) fn refuse_invite(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        response: &Response,
    ) {
        self.refuse_renewal(turn, number, 487);
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Stage::Invited(waiting) = &dialog.stage else { return };
        let transaction = waiting.transaction;
        let bytes = waiting.echo.write(response);
        if waiting.reliable.is_some() {
            Self::expect_prack_no_more(turn, number);
        }
        self.close(turn, number);
        self.transactions.respond(turn, transaction, response.status, &bytes);
    }

    /// Our 2xx is on its way: it is sent again until the ACK is here (RFC 3261 13.3.1.4).
    pub(in crate::sip) fn expect_ack(turn: &mut Turn<'_>, number: DialogNo) {
        let times = turn.shared.times();
        turn.arm(Due::Dialog(number, Wait::Answer), times.doubled_to_t2(1));
        turn.arm(Due::Dialog(number, Wait::Ack), times.patience());
    }

    /// The ACK to a 2xx of ours.
    pub(in crate::sip) fn ack(&mut self, turn: &mut Turn<'_>, request: &Request) {
        // An ACK that belongs nowhere is absorbed: there is no answer to it.
        let Some(number) = self.dialogs.of_request(request) else { return };
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = request.headers.cseq().map_or(0, |it| it.number);
        let Stage::Standing(standing) = &mut dialog.stage else { return };
        let Some(owed) = standing.owed.take_if(|it| it.cseq == cseq) else { return };
        turn.shared.counts.request("ACK", "in", dialog.kind());
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Answer));
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Ack));
        if let Some(reason) = owed.ending {
            self.bye(turn, number, reason);
        } else if owed.is_told {
            let sdp = (!request.body.is_empty()).then(|| request.body.clone());
            turn.tell(Event::Acked { dialog: number, sdp });
        }
    }

    /// The caller is told again that it waits.
    pub(in crate::sip) fn remind(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        if self.remind_anew(turn, number) {
            return;
        }
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Stage::Invited(waiting) = &dialog.stage else { return };
        self.transactions.respond_again(turn, waiting.transaction);
        turn.arm(Due::Dialog(number, Wait::Reminder), REMINDER);
    }

    /// Our 2xx goes out again.
    pub(in crate::sip) fn answer_again(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Standing(Standing { owed: Some(owed), .. }) = &mut dialog.stage else { return };
        owed.sent = owed.sent.saturating_add(1);
        let span = turn.shared.times().doubled_to_t2(owed.sent);
        self.transactions.respond_again(turn, owed.transaction);
        turn.arm(Due::Dialog(number, Wait::Answer), span);
    }

    /// Nobody acknowledges our 2xx: the call cannot stand.
    pub(in crate::sip) fn never_acked(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Standing(standing) = &mut dialog.stage else { return };
        let Some(owed) = standing.owed.take() else { return };
        self.bye(turn, number, owed.ending.unwrap_or(Reason::Q850(102)));
        if owed.ending.is_none() {
            turn.tell(Event::NeverAcked { dialog: number });
        }
    }
}

/// The response as the caller of `respond` words it.
pub(in crate::sip) fn worded(turn: &Turn<'_>, respond: Respond, contact: &str) -> Response {
    let mut response = Response::new(respond.status).with_reason(&respond.reason);
    if respond.status < 300 {
        response = response.with("Contact", contact).with("Allow", ours::ALLOW);
    }
    for (name, value) in respond.headers {
        response.headers.push(&name, value);
    }
    let response = response.with("Server", turn.shared.settings.product.clone());
    ours::with_sdp(response, respond.sdp)
}

/// Where requests of this dialog are to go. Those of RFC 2543, known by a Via without our cookie,
/// may name no Contact: they are reached where From says they are.
fn target(headers: &Headers) -> Option<Uri> {
    if headers.has("Contact") {
        return Some(headers.contact().ok()?.uri());
    }
    let is_old = headers.top_via().ok()?.transaction().is_none();
    if is_old { Some(headers.from().ok()?.uri()) } else { None }
}

/// What the INVITE says, for whoever decides what becomes of it.
fn told(
    incoming: &Incoming<'_>,
    dialog: DialogNo,
    origin: Origin,
    replaces: Option<DialogNo>,
) -> Invited {
    let request = incoming.request;
    let headers = &request.headers;
    let from = headers.from().ok();
    let user = |it: Option<String>| it.unwrap_or_default();
    Invited {
        dialog,
        origin,
        peer: incoming.peer,
        request_user: user(request.uri.user()),
        to_user: user(headers.to().ok().and_then(|it| it.user())),
        called_party: headers.called_party().and_then(|it| it.user()),
        from_user: Masked::new(user(from.and_then(|it| it.user()))),
        from_display: Masked::new(from.map(|it| it.display()).unwrap_or_default()),
        asserted: identity::asserted(headers),
        anonymous: identity::is_anonymous(headers),
        history: History::of(headers),
        hops: headers.max_forwards().ok().flatten().map(|hops| hops.saturating_sub(1)),
        call_id: headers.call_id().unwrap_or_default().to_owned(),
        sdp: (!request.body.is_empty()).then(|| request.body.clone()),
        replaces,
    }
}
