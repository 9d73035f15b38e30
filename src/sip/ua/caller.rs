//! Calls of ours: INVITE to one place or to all of a phone's, and what comes back (RFC 3261
//! 13.2, 16.7).
//!
//! A phone's bindings are called at once, each by an INVITE of the same Call-ID, From tag and
//! CSeq, as a forking proxy would. The first 2xx has it; the other branches are cancelled, and
//! those that crossed it are acknowledged and ended. Without one, a 6xx decides at once, else the
//! best refusal when all have answered that said anything: a phone that lost its power has a
//! binding for as long as it asked for, and must not keep its neighbour's *busy* from the caller.

use crate::{
    base::{numbers::DialogNo, time::Span},
    sip::{
        core::Core,
        counts::Kind,
        due::{Due, TransactionNo, Wait},
        event::Event,
        message::header::reason::q850_cause,
        message::{
            Request, Response,
            ability::Ability,
            header::{address::named, reason::Reason},
            method::Method,
            uri::Uri,
        },
        ours,
        settings::Serves,
        transaction::user::{Owner, Request as Sending},
        turn::Turn,
        ua::{
            admission::trunk_at,
            dialog::{Dialog, Hop, Stage},
        },
        verb::{Invite, Refusal, Target},
        wire::Peer,
    },
};

/// Timer C (RFC 3261 16.6): more than three minutes.
const RINGING: Span = Span::secs(181);

/// One place to call.
struct Branch {
    uri: Uri,
    peer: Peer,
}

impl Core {
    /// Calls someone.
    pub(in crate::sip) fn invite(
        &mut self,
        turn: &mut Turn<'_>,
        invite: Invite,
    ) -> Result<DialogNo, Refusal> {
        if self.transactions.len() >= turn.shared.settings.transactions_max {
            return Err(Refusal::Full);
        }
        if let Target::Trunks(ways) = &invite.target {
            let ways = ways.clone();
            return self.invite_by_trunk(turn, ways, invite);
        }
        let Invite { target, from_user, from_display, sdp, headers, hops } = invite;
        let (branches, kind, hop) = self.branches(turn, &target);
        let way = branches.first().map_or_else(|| turn.nowhere(), |first| first.peer);
        let uri = branches.first().map_or_else(Uri::nowhere, |first| first.uri.clone());
        let local = ours::identity(&turn.shared.settings, way, &from_user);
        let remote = phone_named(turn, &target, way).unwrap_or_else(|| uri.clone());
        let tag = turn.shared.tokens.draw();
        let call_id =
            format!("{:016x}{:016x}", turn.shared.tokens.draw(), turn.shared.tokens.draw());
        let mut dialog = Dialog::ours(tag, &call_id, way).with(kind, hop);
        let local = named(&from_display, &local, &format!("{tag:016x}"));
        let contact = ours::contact(&turn.shared.settings, way, &from_user);
        dialog.calls(&local, &named("", &remote, ""), uri, &contact);
        // An offer in a reliable provisional response would want an answer that nobody has yet.
        let supported = match kind {
            Kind::Trunk | Kind::Other if sdp.is_some() => ours::SUPPORTED,
            Kind::Trunk | Kind::Other | Kind::Phone => ours::SUPPORTED_BY_PHONE,
        };
        let request =
            dialog.request(Method::INVITE).with("Allow", ours::ALLOW).with("Supported", supported);
        let mut request = dialog.timer().asking_first(request, &turn.shared.settings);
        ours::limit_hops(&mut request, hops);
        for (name, value) in headers {
            request.headers.push(&name, value);
        }
        let request = ours::request_with_sdp(request, sdp);

        let number = self.open(turn, dialog).ok_or(Refusal::Full)?;
        let mut open = Vec::with_capacity(branches.len());
        for Branch { uri, peer } in branches {
            let contact = ours::contact(&turn.shared.settings, peer, &from_user);
            let branch = Request { uri, ..request.clone() }.with("Contact", contact);
            open.push(self.send_in(turn, number, branch, peer, Owner::Invite(number)));
        }
        if open.len() > 1 {
            turn.arm(Due::Dialog(number, Wait::Silence), turn.shared.settings.t1);
        }
        let is_nowhere = open.is_empty();
        let (wait, span) =
            if is_nowhere { (Wait::Refusal, Span::ZERO) } else { (Wait::Ringing, RINGING) };
        turn.arm(Due::Dialog(number, wait), span);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            dialog.stage = Stage::calling(open);
        }
        Ok(number)
    }

    fn branches(&self, turn: &Turn<'_>, target: &Target) -> (Vec<Branch>, Kind, Hop) {
        match target {
            Target::Phone(phone) => {
                let bindings = self.registrar.bindings(*phone);
                let branches =
                    bindings.map(|(uri, peer)| Branch { uri: uri.clone(), peer }).collect();
                (branches, Kind::Phone, Hop::Phone(*phone))
            }
            Target::Trunks(_) => (vec![], Kind::Trunk, Hop::Target),
            Target::Uri { uri, transport, remote } => {
                let settings = &turn.shared.settings;
                let is_trunk = trunk_at(settings, remote.ip()).is_some();
                let whom = if is_trunk { Serves::Trunks } else { Serves::Phones };
                let local = ours::local(settings, whom, *transport, *remote);
                let flow = Peer::NO_FLOW;
                let peer = Peer { transport: *transport, local, remote: *remote, flow };
                let branches = uri.parse().ok().map(|uri| Branch { uri, peer });
                (branches.into_iter().collect(), self.kind_of(turn, peer), Hop::Target)
            }
        }
    }

    /// Sends a request of the dialog in a transaction of its own.
    pub(in crate::sip) fn send_in(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        request: Request,
        peer: Peer,
        owner: Owner,
    ) -> TransactionNo {
        let dialog = self.dialogs.get_mut(number).expect("who sends in a dialog has it");
        dialog.transaction_began();
        let kind = dialog.kind();
        let is_invite = request.method == Method::INVITE;
        turn.shared.counts.request(crate::sip::counts::label(&request.method), "out", kind);
        let (branch, bytes) = turn.seal(request, peer);
        let sending = Sending { peer, kind, owner, branch, bytes: &bytes };
        if is_invite {
            self.transactions.invite(turn, &sending)
        } else {
            self.transactions.request(turn, &sending)
        }
    }

    /// Our INVITE is on its way, and may ring for so long.
    pub(in crate::sip) fn call_rings(turn: &mut Turn<'_>, number: DialogNo) {
        turn.arm(Due::Dialog(number, Wait::Ringing), RINGING);
    }

    /// There is no way at all: told in the next turn.
    pub(in crate::sip) fn call_nowhere(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        turn.arm(Due::Dialog(number, Wait::Refusal), Span::ZERO);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            dialog.stage = Stage::calling(vec![]);
        }
    }

    /// There was no place to call.
    pub(in crate::sip) fn nowhere(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Stage::Calling(calling) = &dialog.stage else { return };
        let status = if calling.given_up { 487 } else { 480 };
        self.rejected(turn, number, (status, crate::sip::message::reason(status)), None);
    }

    /// Timer C: they ring without a word for so long that nobody believes in it any more.
    pub(in crate::sip) fn rang_out(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        if calling.best.is_none() {
            calling.best = Some((408, "Request Timeout".into(), None));
        }
        for branch in calling.open.clone() {
            self.transactions.cancel(turn, branch, Reason::Sip(408));
        }
    }

    /// A response to our INVITE, also when the call has been decided already.
    pub(in crate::sip) fn invite_answered(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let waits = match &dialog.stage {
            // A branch that was left for another has nothing to say any more.
            Stage::Calling(calling) => !calling.given_up && calling.open.contains(&branch),
            Stage::Invited(_) | Stage::Standing(_) | Stage::Over => false,
        };
        let sdp = (!response.body.is_empty()).then(|| response.body.clone());
        self.heard_from_trunk(turn, number, response.status);
        match response.status {
            // No more than that somebody is there (RFC 3261 21.1.1).
            ..=100 => {
                if waits {
                    turn.tell(Event::Progressed { dialog: number, status: 100, sdp: None });
                }
            }
            101..200 => {
                if waits && self.provisional(turn, branch, number, response) {
                    turn.arm(Due::Dialog(number, Wait::Ringing), RINGING);
                    let status = response.status;
                    turn.tell(Event::Progressed { dialog: number, status, sdp });
                }
            }
            200..300 if waits => self.won(turn, branch, number, response, sdp),
            200..300 => self.too_late(turn, branch, number, response),
            422 if waits => self.called_too_small(turn, branch, number, response, asked),
            _ if self.goes_on(turn, branch, number, response, asked) => (),
            status => {
                let refused = (status, response.reason.as_str());
                self.branch_refused(turn, branch, number, refused, q850_cause(&response.headers));
            }
        }
    }

    /// 422: they want a longer interval, and get it (RFC 4028 7.3).
    fn called_too_small(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) {
        let theirs = Ability::of(&response.headers).min_se;
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if !dialog.timer().is_short_of(&turn.shared.settings, theirs) {
            // We asked for no less: whatever they mean, asking again will not help.
            return self.branch_refused(turn, branch, number, (422, &response.reason), None);
        }
        dialog.timer_mut().too_small_for_them(theirs);
        let expires = turn.shared.settings.session_expires.max(theirs);
        self.invite_again(turn, branch, number, asked, |invite| {
            invite.headers.replace("Session-Expires", expires.to_string());
            invite.headers.replace("Min-SE", theirs.to_string());
        });
    }

    /// The first 2xx: it has the call.
    fn won(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
        sdp: Option<Vec<u8>>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let stage = std::mem::replace(&mut dialog.stage, Stage::standing());
        let Stage::Calling(calling) = stage else { return };
        let peer = self.transactions.peer(branch).unwrap_or(dialog.peer());
        dialog.learn(response, peer);
        let invite = response.headers.cseq().map_or(dialog.cseq(), |it| it.number);
        let ack = dialog.request_numbered(Method::ACK, invite);
        let (tag, way) = (Box::<str>::from(dialog.their_tag()), dialog.way());
        let mut sdp = sdp;
        if let Some(early) = calling.early.into_iter().find(|it| it.tag == tag) {
            dialog.goes_on_from(&early);
            // Said once reliably, it need not be said again (RFC 3262 5, RFC 6337 2.2).
            sdp = sdp.or(early.sdp.filter(|_| !early.is_updated));
        }
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Ringing));
        let (_, ack) = turn.seal(ack, way);
        self.transactions.acknowledge(turn, branch, &tag, way, &ack);
        for other in calling.open {
            if other != branch {
                self.transactions.cancel(turn, other, Reason::Sip(200));
            }
        }
        self.session_answered(turn, number, &Ability::of(&response.headers));
        turn.tell(Event::Answered { dialog: number, sdp });
    }

    /// A 2xx that comes too late: of another branch or fork, or after our CANCEL. It is
    /// acknowledged, and its call ended (RFC 3261 13.2.2.4, 15).
    fn too_late(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
    ) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let was_decided = !matches!(dialog.stage, Stage::Calling(_));
        let mut stray = dialog.clone();
        let invite = response.headers.cseq().map_or(stray.cseq(), |it| it.number);
        stray.learn(response, self.transactions.peer(branch).unwrap_or(stray.peer()));
        let way = stray.way();
        let (_, ack) = turn.seal(stray.request_numbered(Method::ACK, invite), way);
        self.transactions.acknowledge(turn, branch, stray.their_tag(), way, &ack);
        let reason = if was_decided { Reason::Sip(200) } else { Reason::Sip(487) };
        let bye = stray.request(Method::BYE).with("Reason", reason.value());
        self.send_in(turn, number, bye, way, Owner::Bye(number));
        if !was_decided {
            self.branch_refused(turn, branch, number, (487, "Request Terminated"), None);
        }
    }

    /// A branch came to nothing. When the last one has that said anything, the best refusal is told.
    pub(in crate::sip) fn branch_refused(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        (status, reason): (u16, &str),
        cause: Option<u8>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.open.retain(|it| *it != branch);
        if calling.best.as_ref().is_none_or(|(best, ..)| rank(status) < rank(*best)) {
            calling.best = Some((status, reason.to_owned(), cause));
        }
        self.decide_refusal(turn, number);
    }

    /// The branches that have said nothing yet are not waited for any more: they are dead, or so
    /// far away that their person would come too late.
    pub(in crate::sip) fn patience_over(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.is_patience_over = true;
        if calling.best.is_some() {
            self.decide_refusal(turn, number);
        }
    }

    /// Tells the best refusal, if nothing better is to be expected.
    fn decide_refusal(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        // Whoever says 6xx says it for everyone (RFC 3261 16.7, step 5).
        let is_final = calling.best.as_ref().is_some_and(|(best, ..)| *best >= 600);
        let is_hopeful = |branch: &TransactionNo| {
            !calling.is_patience_over || self.transactions.has_spoken(*branch)
        };
        if !is_final && calling.open.iter().any(is_hopeful) {
            return;
        }
        let others = std::mem::take(&mut calling.open);
        let (status, reason, cause) = match (calling.given_up, calling.best.take()) {
            (false, Some(best)) => best,
            (true, _) | (false, None) => (487, "Request Terminated".to_owned(), None),
        };
        for other in others {
            self.transactions.cancel(turn, other, Reason::Sip(status));
        }
        self.rejected(turn, number, (status, &reason), cause);
    }

    /// Sends a refused INVITE of ours once more, changed, in a new transaction of its branch.
    pub(in crate::sip) fn invite_again(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        asked: Option<(Peer, Request)>,
        change: impl FnOnce(&mut Request),
    ) {
        let Some((peer, mut invite)) = asked else { return };
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let cseq = dialog.next_cseq();
        for ours in ["Via", "User-Agent"] {
            invite.headers.remove(ours);
        }
        invite.headers.replace("CSeq", format!("{cseq} INVITE"));
        change(&mut invite);
        let again = self.send_in(turn, number, invite, peer, Owner::Invite(number));
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if let Stage::Calling(calling) = &mut dialog.stage {
            calling.open.retain(|it| *it != branch);
            calling.open.push(again);
        }
    }

    fn rejected(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        (status, reason): (u16, &str),
        cause: Option<u8>,
    ) {
        self.refuse_renewal(turn, number, 487);
        self.close(turn, number);
        turn.tell(Event::Rejected { dialog: number, status, reason: reason.to_owned(), cause });
    }

    /// Gives our INVITE up.
    pub(in crate::sip) fn give_up(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        reason: Reason,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.given_up = true;
        self.attempts.end(number);
        for branch in calling.open.clone() {
            self.transactions.cancel(turn, branch, reason);
        }
    }
}

/// The better a refusal, the lower (RFC 3261 16.7, step 6): 6xx, then the lowest class; in it
/// those that say what to do, then *busy*, which is its person's, and those by a phone before those
/// by us, who heard nothing.
fn rank(status: u16) -> u16 {
    let within = match status {
        401 | 407 | 415 | 420 | 484 => 0,
        486 => 1,
        408 | 487 | 503 => 3,
        _ => 2,
    };
    let class = match status {
        600.. => 0,
        _ => status / 100,
    };
    class * 10 + within
}

/// Whom we call by the name we gave it: a phone of ours.
fn phone_named(turn: &Turn<'_>, target: &Target, way: Peer) -> Option<Uri> {
    let Target::Phone(phone) = target else { return None };
    let settings = &turn.shared.settings;
    let phone = settings.phones.get(phone.index())?.as_ref()?;
    Some(ours::identity(settings, way, &phone.user))
}
