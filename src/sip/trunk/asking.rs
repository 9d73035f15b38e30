//! Asking a carrier to know us, or whether it is there, and what its answers mean.
//!
//! ```text
//!  200       it knows us (REGISTER), or is there (OPTIONS, as any answer but 408 and 503)
//!  401 407   with credentials, once more        423   with a longer life, once more
//!  494       with what it wants agreed, once more
//!  408 503   and no answer at all: the next place; after the last one a pause
//!  others    a pause
//! ```

use crate::{
    base::{
        numbers::TrunkNo,
        time::{Span, Timestamp},
    },
    sip::{
        core::Core,
        counts::{Kind, label},
        due::{Due, TransactionNo},
        event::{Event, Trouble},
        message::{
            Request, Response,
            header::address::{Address, Contact, named},
            method::Method,
            uri::Uri,
        },
        ours,
        settings::{Carrier, Registers},
        transaction::user::{Owner, Request as Sending},
        trunk::{Held, Stage, TrunkState, carriers, literal, pace, target_of, way_to},
        turn::Turn,
        wire::Peer,
    },
};

/// How often one place is asked again for what it wants: credentials, a longer life, an agreement.
const TRIES: u8 = 4;

/// A place that says nothing for so many T1 is left for the next one. (Timer F has 64.)
const PATIENCE: u64 = 16;

/// How long after a connection broke the carrier is asked anew, at most.
const AFRESH: Span = Span::secs(1);

/// How often a trunk is probed whose probing was switched off meanwhile.
const PROBE: Span = Span::secs(30);

/// The extensions that a registration names (RFC 3327, RFC 6140).
const SUPPORTED: &str = "path, gin, outbound";

impl Core {
    /// The configuration is another: lines that changed begin anew, those that are gone withdraw.
    pub(in crate::sip) fn plan_trunks(&mut self, turn: &mut Turn<'_>) {
        let wanted: Vec<_> = carriers(&turn.shared.settings).collect();
        let gone: Vec<_> = self
            .trunks
            .0
            .iter()
            .filter(|(no, state)| {
                !wanted.iter().any(|(it, new)| it == *no && *new == state.carrier)
            })
            .map(|(no, _)| *no)
            .collect();
        for trunk in gone {
            self.leave(turn, trunk);
            turn.shared.dues.disarm(Due::Trunk(trunk));
            turn.shared.places.remove(&trunk);
            self.trunks.0.remove(&trunk);
        }
        for (trunk, carrier) in wanted {
            if !self.trunks.0.contains_key(&trunk) {
                self.trunks.begin(turn.shared, trunk, carrier, turn.now);
            }
        }
    }

    /// DNS has told where the carrier is: one that could not be asked is asked now.
    pub(in crate::sip) fn trunk_located(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo) {
        let Some(state) = self.trunks.0.get(&trunk) else { return };
        let waits = state.stage == Stage::Resting && !state.is_up();
        if waits && (state.carrier.registers.is_some() || state.carrier.probe.is_some()) {
            turn.arm(Due::Trunk(trunk), Span::ZERO);
        }
    }

    /// The line's deadline: it is time to ask, or the place that was asked says nothing.
    pub(in crate::sip) fn trunk_due(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        match state.stage {
            Stage::Resting => {
                let in_order = turn.shared.places_of(trunk, turn.now);
                state.left = in_order.into();
                self.ask_next(turn, trunk, None);
            }
            Stage::Asking { .. } => self.unanswered(turn, trunk, 408, None),
            Stage::Leaving { .. } | Stage::Left => (),
        }
    }

    /// Asks the next place of this round, or pauses if there is none.
    fn ask_next(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo, why: Option<(u16, Option<u32>)>) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        if let Some(target) = state.left.pop_front() {
            let peer = way_to(&turn.shared.settings, target);
            self.ask(turn, trunk, peer, 0);
        } else {
            let (status, asked) = why.unwrap_or((0, None));
            self.failed(turn, trunk, status, asked);
        }
    }

    fn ask(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo, peer: Peer, tries: u8) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        let request = match state.carrier.registers {
            Some(registers) => register(turn, state, registers, peer, state.expires),
            None => options(state),
        };
        let transaction = self.send_for(turn, trunk, request, peer);
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        state.stage = Stage::Asking { transaction, target: target_of(peer), tries };
        turn.arm(Due::Trunk(trunk), turn.shared.settings.t1 * PATIENCE);
    }

    fn send_for(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: TrunkNo,
        request: Request,
        peer: Peer,
    ) -> TransactionNo {
        turn.shared.counts.request(label(&request.method), "out", Kind::Trunk);
        let (branch, bytes) = turn.seal(request, peer);
        let owner = Owner::Trunk(trunk);
        let sending = Sending { peer, kind: Kind::Trunk, owner, branch, bytes: &bytes };
        self.transactions.request(turn, &sending)
    }

    /// A response to what we asked.
    pub(in crate::sip) fn trunk_answered(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: TrunkNo,
        transaction: TransactionNo,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        if response.status < 200 {
            return;
        }
        let (target, tries) = match state.stage {
            Stage::Asking { transaction: it, target, tries } if it == transaction => {
                (target, tries)
            }
            Stage::Leaving { transaction: it } if it == transaction => {
                return self.left(turn, trunk, response, asked);
            }
            // Too late to matter: another place has been asked since.
            Stage::Asking { .. } | Stage::Leaving { .. } | Stage::Resting | Stage::Left => return,
        };
        state.mediasec.learn(&response.headers);
        let is_worth = match response.status {
            401 | 407 => {
                let is_worth =
                    asked.is_some_and(|(_, it)| state.keys.learn(&response.headers, &it.headers));
                is_worth && state.carrier.account.is_some()
            }
            423 => {
                let least = response.headers.min_expires().unwrap_or(0);
                let is_more = least > state.expires;
                state.expires = state.expires.max(least);
                is_more
            }
            494 => state.carrier.mediasec,
            _ => false,
        };
        let peer = way_to(&turn.shared.settings, target);
        if is_worth && tries < TRIES {
            return self.ask(turn, trunk, peer, tries + 1);
        }
        let is_probe = state.carrier.registers.is_none();
        match response.status {
            408 | 503 => {
                let asked = response.headers.retry_after();
                self.unanswered(turn, trunk, response.status, asked);
            }
            // Whoever answers a probe is there, whatever it thinks of it.
            _ if is_probe => self.answered(turn, trunk, peer, None),
            200..300 => self.answered(turn, trunk, peer, Some(response)),
            status => {
                state.left.clear();
                let asked = response.headers.retry_after();
                self.failed(turn, trunk, status, asked);
            }
        }
    }

    /// What we asked came to nothing: no answer, or no connection.
    pub(in crate::sip) fn trunk_lost(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: TrunkNo,
        transaction: TransactionNo,
        status: u16,
    ) {
        let Some(state) = self.trunks.0.get(&trunk) else { return };
        if matches!(state.stage, Stage::Asking { transaction: it, .. } if it == transaction) {
            self.unanswered(turn, trunk, status, None);
        }
    }

    /// The place that was asked is of no use now: the next one.
    fn unanswered(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo, status: u16, asked: Option<u32>) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        if let Stage::Asking { target, .. } = state.stage {
            turn.shared.avoid(trunk, turn.now, target);
        }
        self.ask_next(turn, trunk, Some((status, asked)));
    }

    /// It knows us, or is there.
    fn answered(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: TrunkNo,
        peer: Peer,
        registered: Option<&Response>,
    ) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        turn.shared.trust(trunk, target_of(peer));
        let was_up = state.is_up();
        state.stage = Stage::Resting;
        state.failures = 0;
        state.left.clear();
        let next = if let Some(response) = registered {
            let granted = granted(response, state.expires, turn, peer, &state.carrier);
            state.routes = service_route(response);
            let until = turn.now + Span::secs(granted.into());
            state.held = Some(Held { peer, until });
            pace::refresh(granted, &mut |it| turn.shared.tokens.below(it))
        } else {
            state.held = Some(Held { peer, until: Timestamp(u64::MAX) });
            state.pulse.feel(true);
            state.pulse.next(state.carrier.probe.unwrap_or(PROBE))
        };
        let is_first = !std::mem::replace(&mut state.was_told, true);
        if state.is_up() && (!was_up || is_first) {
            turn.tell(Event::TrunkUp { trunk });
        }
        turn.arm(Due::Trunk(trunk), next);
    }

    /// A round came to nothing.
    fn failed(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo, status: u16, asked: Option<u32>) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        let was_up = state.is_up();
        state.stage = Stage::Resting;
        state.failures = state.failures.saturating_add(1);
        let next = if state.carrier.registers.is_some() {
            let pause = pace::pause(state.failures, asked, &mut |it| turn.shared.tokens.below(it));
            match state.held {
                // The carrier knows us until then, whatever it says now.
                Some(held) if turn.now < held.until => pause.min(held.until.since(turn.now)),
                Some(_) | None => {
                    state.held = None;
                    pause
                }
            }
        } else {
            state.pulse.feel(false);
            if state.pulse.is_up == Some(false) {
                state.held = None;
            }
            state.pulse.next(state.carrier.probe.unwrap_or(PROBE))
        };
        let is_first = !std::mem::replace(&mut state.was_told, true);
        if !state.is_up() && (was_up || is_first) {
            turn.tell(Event::TrunkDown { trunk, why: trouble(status) });
        }
        turn.arm(Due::Trunk(trunk), next);
    }

    /// A connection broke: whoever registered over it registers anew at once (T-5).
    pub(in crate::sip) fn trunk_cut(&mut self, turn: &mut Turn<'_>, gone: Peer) {
        for (trunk, state) in &mut self.trunks.0 {
            let is_it = state.held.is_some_and(|it| {
                it.peer.transport.is_stream() && target_of(it.peer) == target_of(gone)
            });
            if is_it && state.stage == Stage::Resting && state.carrier.registers.is_some() {
                state.held = None;
                turn.tell(Event::TrunkDown { trunk: *trunk, why: Trouble::Cut });
                let jitter = turn.shared.tokens.below(AFRESH.as_millis());
                turn.arm(Due::Trunk(*trunk), Span::millis(jitter));
            }
        }
    }

    /// Withdraws all registrations: we are going.
    pub(in crate::sip) fn leave_all(&mut self, turn: &mut Turn<'_>) {
        let trunks: Vec<_> = self.trunks.0.keys().copied().collect();
        for trunk in trunks {
            self.leave(turn, trunk);
        }
    }

    fn leave(&mut self, turn: &mut Turn<'_>, trunk: TrunkNo) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        turn.shared.dues.disarm(Due::Trunk(trunk));
        let was_up = state.is_up();
        state.stage = Stage::Left;
        let Some((held, registers)) = state.held.take().zip(state.carrier.registers) else {
            return;
        };
        let request = register(turn, state, registers, held.peer, 0);
        let transaction = self.send_for(turn, trunk, request, held.peer);
        if let Some(state) = self.trunks.0.get_mut(&trunk) {
            state.stage = Stage::Leaving { transaction };
        }
        if was_up {
            turn.tell(Event::TrunkDown { trunk, why: Trouble::Left });
        }
    }

    /// The carrier's answer to our leaving.
    fn left(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: TrunkNo,
        response: &Response,
        asked: Option<(Peer, Request)>,
    ) {
        let Some(state) = self.trunks.0.get_mut(&trunk) else { return };
        state.stage = Stage::Left;
        let Some((peer, asked)) = asked else { return };
        let wants_more = matches!(response.status, 401 | 407)
            && state.keys.learn(&response.headers, &asked.headers);
        let Some(registers) = state.carrier.registers.filter(|_| wants_more) else { return };
        let request = register(turn, state, registers, peer, 0);
        let transaction = self.send_for(turn, trunk, request, peer);
        if let Some(state) = self.trunks.0.get_mut(&trunk) {
            state.stage = Stage::Leaving { transaction };
        }
    }
}

/// A request of the line outside of any dialog, without its Via.
fn request(state: &mut TrunkState, method: Method, uri: Uri) -> Request {
    state.cseq = state.cseq.saturating_add(1);
    let us = Uri::sip_at(&state.carrier.user, &state.carrier.domain);
    let number = format!("{} {method}", state.cseq);
    let is_register = method == Method::REGISTER;
    let to = if is_register { us.clone() } else { uri.clone() };
    let mut request = Request::new(method, uri).with("Max-Forwards", "70");
    if !is_register {
        for route in &state.routes {
            request.headers.push("Route", format!("<{route}>"));
        }
    }
    request
        .with("From", named("", &us, &format!("{:016x}", state.tag)))
        .with("To", named("", &to, ""))
        .with("Call-ID", &*state.call_id)
        .with("CSeq", number)
}

fn options(state: &mut TrunkState) -> Request {
    let uri = Uri::sip_at("", &state.carrier.domain);
    request(state, Method::OPTIONS, uri).with("Accept", ours::SDP)
}

/// A REGISTER (RFC 3261 10.2) for one number, or for all of them (RFC 6140 5.2).
fn register(
    turn: &mut Turn<'_>,
    state: &mut TrunkState,
    registers: Registers,
    peer: Peer,
    expires: u32,
) -> Request {
    let uri = Uri::sip_at("", &state.carrier.domain);
    let contact = our_contact(turn, peer, &state.carrier, registers);
    let mut request = request(state, Method::REGISTER, uri)
        .with("Contact", format!("<{contact}>;expires={expires}"))
        .with("Expires", expires.to_string())
        .with("Allow", ours::ALLOW)
        .with("Supported", SUPPORTED);
    if registers.gin {
        request = request.with("Require", "gin").with("Proxy-Require", "gin");
    }
    if state.carrier.mediasec {
        state.mediasec.mark(&mut request);
    }
    if let Some(account) = &state.carrier.account {
        let cnonce = turn.shared.tokens.draw();
        state.keys.sign(&mut request, account, cnonce);
    }
    request
}

/// Where the carrier is to reach us: with the number that it calls us by, or, for many numbers,
/// with none and the parameter that says so (RFC 6140 5.2).
fn our_contact(turn: &Turn<'_>, peer: Peer, carrier: &Carrier, registers: Registers) -> Uri {
    let user = if registers.gin { "" } else { carrier.user.as_str() };
    let contact = ours::contact_uri(&turn.shared.settings, peer, user);
    if registers.gin { contact.with("bnc", "") } else { contact }
}

/// For how long: what stands at our Contact, else in Expires, else what we asked for.
fn granted(response: &Response, asked: u32, turn: &Turn<'_>, peer: Peer, carrier: &Carrier) -> u32 {
    let registers = carrier.registers.unwrap_or(Registers { expires: asked, gin: false });
    let ours = our_contact(turn, peer, carrier, registers);
    let contacts = response.headers.contacts().unwrap_or_default();
    let at_ours = contacts.iter().find_map(|contact| match contact {
        Contact::At(address) if address.uri().is_same(&ours) => address.expires(),
        Contact::At(_) | Contact::All => None,
    });
    let only = || match contacts.as_slice() {
        [Contact::At(address)] => address.expires(),
        _ => None,
    };
    at_ours.or_else(only).or_else(|| response.headers.expires()).unwrap_or(asked)
}

/// The proxies that our requests are to go by from now on (RFC 3608).
fn service_route(response: &Response) -> Vec<Uri> {
    response.headers.service_routes().unwrap_or_default().iter().map(Address::uri).collect()
}

const fn trouble(status: u16) -> Trouble {
    match status {
        0 => Trouble::Nowhere,
        408 => Trouble::Silent,
        401 | 407 => Trouble::Password,
        status => Trouble::Refused(status),
    }
}

/// The literal places of a trunk, for those who ask DNS about the rest.
impl Carrier {
    /// Places that are known without asking.
    #[must_use]
    pub fn literal_places(&self) -> Vec<crate::sip::locate::Place> {
        literal(&self.proxies)
    }
}
