//! Calls out by trunk: which way, with which credentials, and the next one when it fails.
//!
//! ```text
//!  trunk A ─ place 1 ── 503, no answer ──► place 2 ── 503 ──► trunk B ─ place 1 ──► …
//!       └── 401 407 494 ──► the same once more, with what was wanted
//! ```
//!
//! One dialog for all of it: whoever asked for the call hears of the way that led somewhere, or
//! of the last refusal. A far side that has rung, or says that its user is busy, is not failing.

use std::collections::VecDeque;

use crate::{
    base::numbers::DialogNo,
    sip::{
        core::Core,
        due::{Due, TransactionNo, Wait},
        event::Event,
        locate::Target,
        message::{
            Request, Response,
            header::address::{Address, named},
            method::Method,
            scan::Scan,
            uri::Uri,
        },
        ours,
        settings::Carrier,
        transaction::user::Owner,
        trunk::{attempts::Attempt, target_of, way_to},
        turn::Turn,
        ua::dialog::{Dialog, Stage},
        verb::{By, Invite, Refusal},
        wire::Peer,
    },
};

/// A place that says nothing at all to an INVITE, not even 100, for so many T1 is left for the
/// next one. Without another one timer B decides.
const UNHEARD: u64 = 8;

impl Core {
    /// Calls out by the first trunk that can be used; those that are down come last, for they
    /// are still better than nothing.
    pub(in crate::sip) fn invite_by_trunk(
        &mut self,
        turn: &mut Turn<'_>,
        ways: Vec<By>,
        invite: Invite,
    ) -> Result<DialogNo, Refusal> {
        let (up, down): (Vec<_>, Vec<_>) =
            ways.into_iter().partition(|by| self.trunks.is_up(by.trunk));
        let mut left = VecDeque::new();
        for by in up.into_iter().chain(down) {
            if turn.shared.carrier(by.trunk).is_none() {
                continue;
            }
            for target in self.places_for_calls(turn, &by) {
                left.push_back((by.clone(), target));
            }
        }
        let dialog = dialog(turn);
        let number = self.open(turn, dialog).ok_or(Refusal::Full)?;
        match self.attempts.begin(number, invite, left) {
            Some(target) => self.attempt(turn, number, target),
            None => self.call_nowhere(turn, number),
        }
        Ok(number)
    }

    /// A registered trunk is called out by where it is registered, if that place is not failing.
    fn places_for_calls(&mut self, turn: &mut Turn<'_>, by: &By) -> Vec<Target> {
        let mut places = turn.shared.places_of(by.trunk, turn.now);
        let held = self.trunks.0.get(&by.trunk).and_then(|state| state.held);
        if let Some(held) = held.map(|it| target_of(it.peer)) {
            let at = places.iter().position(|it| *it == held);
            if let Some(at) = at.filter(|_| turn.shared.is_trusted(by.trunk, turn.now, held)) {
                places.remove(at);
                places.insert(0, held);
            }
        }
        places
    }

    /// Sends the INVITE there.
    fn attempt(&mut self, turn: &mut Turn<'_>, number: DialogNo, target: Target) {
        let Some(attempt) = self.attempts.get(number) else { return };
        let (by, invite) = (attempt.by().clone(), attempt.invite().clone());
        let is_last = attempt.is_last();
        let Some(carrier) = turn.shared.carrier(by.trunk).cloned() else { return };
        let peer = way_to(&turn.shared.settings, target);
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let domain = domain(&carrier, peer);
        let callee = Uri::sip_at(&by.user, &domain).with("user", "phone");
        let caller =
            if by.is_anonymous { Uri::nowhere() } else { Uri::sip_at(&by.from_user, &domain) };
        // Where we registered, we are reached by what we registered.
        let contact_user = if carrier.user.is_empty() { &by.from_user } else { &carrier.user };
        let local = named(&invite.from_display, &caller, &format!("{:016x}", dialog.tag()));
        let contact = ours::contact(&turn.shared.settings, peer, contact_user);
        dialog.calls(&local, &named("", &callee, ""), callee, &contact);
        let routes = self.trunks.0.get(&by.trunk).map(|state| state.routes.clone());
        dialog.goes_by(peer, routes.unwrap_or_default());
        // An offer in a reliable provisional response would want an answer that nobody has yet.
        let has_offer = invite.sdp.is_some();
        let supported = if has_offer { ours::SUPPORTED } else { ours::SUPPORTED_BY_PHONE };
        let request = dialog
            .request(Method::INVITE)
            .with("Contact", contact)
            .with("Allow", ours::ALLOW)
            .with("Supported", supported);
        let mut request = dialog.timer().asking_first(request, &turn.shared.settings);
        ours::limit_hops(&mut request, invite.hops);
        for (name, value) in invite.headers.iter().chain(&by.headers) {
            request.headers.push(name, value.as_str());
        }
        let request = self.signed(turn, &by, ours::request_with_sdp(request, invite.sdp));
        let transaction = self.send_in(turn, number, request, peer, Owner::Invite(number));
        if let Some(dialog) = self.dialogs.get_mut(number) {
            dialog.stage = Stage::calling(vec![transaction]);
        }
        turn.tell(Event::Routed { dialog: number, trunk: by.trunk });
        Self::call_rings(turn, number);
        if !is_last {
            turn.arm(Due::Dialog(number, Wait::Elsewhere), turn.shared.settings.t1 * UNHEARD);
        }
    }

    /// The request with what its carrier wants in every one, as far as we know it.
    fn signed(&mut self, turn: &mut Turn<'_>, by: &By, mut request: Request) -> Request {
        let Some(state) = self.trunks.0.get_mut(&by.trunk) else { return request };
        if state.carrier.mediasec {
            state.mediasec.mark(&mut request);
        }
        if let Some(account) = &state.carrier.account {
            let cnonce = turn.shared.tokens.draw();
            state.keys.sign(&mut request, account, cnonce);
        }
        request
    }

    /// The place has said something to our INVITE.
    pub(in crate::sip) fn heard_from_trunk(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
    ) {
        if self.attempts.heard(number, status) {
            turn.shared.dues.disarm(Due::Dialog(number, Wait::Elsewhere));
        }
    }

    /// A refusal of our INVITE. Says whether it goes on: with credentials, or elsewhere.
    pub(in crate::sip) fn goes_on(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) -> bool {
        let may = matches!(response.status, 401 | 407 | 494)
            && self.attempts.get(number).is_some_and(Attempt::may_sign);
        if may && self.again(turn, branch, Owner::Invite(number), response, asked) {
            if let Some(attempt) = self.attempts.get_mut(number) {
                attempt.signed();
            }
            return true;
        }
        self.goes_elsewhere(turn, branch, number, response.status)
    }

    /// Our INVITE failed where it was sent. Says whether it is tried elsewhere.
    pub(in crate::sip) fn goes_elsewhere(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        number: DialogNo,
        status: u16,
    ) -> bool {
        let is_current = self.dialogs.get(number).is_some_and(|dialog| {
            matches!(&dialog.stage, Stage::Calling(it) if !it.given_up && it.open.contains(&branch))
        });
        let Some(attempt) = self.attempts.get_mut(number).filter(|_| is_current) else {
            return false;
        };
        if !attempt.is_the_place(status) {
            return false;
        }
        if matches!(status, 408 | 503 | 504) {
            turn.shared.avoid(attempt.by().trunk, turn.now, attempt.target());
        }
        let Some(target) = attempt.failed(status) else { return false };
        self.attempt(turn, number, target);
        true
    }

    /// The place has said nothing at all, and there is another one.
    pub(in crate::sip) fn unheard(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(attempt) = self.attempts.get(number) else { return };
        let Some(Stage::Calling(calling)) = self.dialogs.get(number).map(|it| &it.stage) else {
            return;
        };
        let Some(branch) = calling.open.first().copied().filter(|_| attempt.is_unheard()) else {
            return;
        };
        if self.goes_elsewhere(turn, branch, number, 408) {
            // Should it wake up after all, its user is not to be bothered.
            let reason = crate::sip::message::header::reason::Reason::Sip(408);
            self.transactions.cancel(turn, branch, reason);
        }
    }

    /// A refusal of any other request of ours in a dialog of a trunk. Says whether it is sent
    /// once more with what was wanted.
    pub(in crate::sip) fn is_asked_again(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        owner: Owner,
        response: &Response,
        asked: Option<&(Peer, Request)>,
    ) -> bool {
        !matches!(owner, Owner::Nobody | Owner::Trunk(_) | Owner::Invite(_))
            && matches!(response.status, 401 | 407 | 494)
            && self.again(turn, branch, owner, response, asked.cloned())
    }

    /// Sends a refused request of ours once more, with what was wanted, if that makes sense.
    fn again(
        &mut self,
        turn: &mut Turn<'_>,
        branch: TransactionNo,
        owner: Owner,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) -> bool {
        let Some((peer, mut request)) = asked else { return false };
        let (Owner::Invite(number)
        | Owner::Reinvite(number)
        | Owner::Update(number)
        | Owner::Refresh(number)
        | Owner::Prack(number)
        | Owner::Bye(number)) = owner
        else {
            return false;
        };
        let by = self.attempts.get(number).map(|it| it.by().trunk);
        let Some(dialog) = self.dialogs.get(number) else { return false };
        let contact = Address::read(&mut Scan::new(dialog.contact()));
        let user = contact.and_then(|it| it.user()).unwrap_or_default();
        let found = by.or_else(|| self.trunk_called(turn, peer.remote.ip(), &user));
        let Some(trunk) = found else { return false };
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return false };
        let is_new = state.mediasec.learn(&response.headers);
        let is_worth = match response.status {
            494 => is_new && state.carrier.mediasec,
            _ => {
                state.keys.learn(&response.headers, &request.headers)
                    && state.carrier.account.is_some()
            }
        };
        if !is_worth {
            return false;
        }
        let Some(dialog) = self.dialogs.get_mut(number) else { return false };
        let cseq = format!("{} {}", dialog.next_cseq(), request.method);
        for ours in ["Via", "User-Agent"] {
            request.headers.remove(ours);
        }
        request.headers.replace("CSeq", cseq);
        if state.carrier.mediasec {
            state.mediasec.mark(&mut request);
        }
        if let Some(account) = &state.carrier.account {
            let cnonce = turn.shared.tokens.draw();
            state.keys.sign(&mut request, account, cnonce);
        }
        let again = self.send_in(turn, number, request, peer, owner);
        if let Some(dialog) = self.dialogs.get_mut(number)
            && let Stage::Calling(calling) = &mut dialog.stage
        {
            calling.open.retain(|it| *it != branch);
            calling.open.push(again);
        }
        true
    }
}

/// A dialog that has no way yet.
fn dialog(turn: &mut Turn<'_>) -> Dialog {
    let tokens = &mut turn.shared.tokens;
    let call_id = format!("{:016x}{:016x}", tokens.draw(), tokens.draw());
    Dialog::ours(tokens.draw(), &call_id, turn.nowhere())
}

/// The host of the numbers we call and of our own: the carrier's domain, else its address.
fn domain(carrier: &Carrier, peer: Peer) -> String {
    if carrier.domain.is_empty() { peer.remote.to_string() } else { carrier.domain.clone() }
}
