//! The registrar (RFC 3261 10.3): where each phone can be reached, and until when.
//!
//! A phone may have several bindings. Each keeps the way its REGISTER came by, for that is
//! where the phone is called: over its connection, or at its UDP source, whatever host its
//! Contact names behind a NAT.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
};

use crate::{
    base::{
        arena::Number as _,
        numbers::{FlowNo, PhoneNo},
        time::Span,
    },
    sip::{
        binding::Binding,
        due::Due,
        event::Event,
        message::{
            Request,
            header::address::{Address, Contact},
            headers::Headers,
            uri::Uri,
        },
        settings::Settings,
        turn::Turn,
        wire::{Peer, Transport},
    },
};

/// All bindings.
#[derive(Debug, Default)]
pub(in crate::sip) struct Registrar {
    phones: BTreeMap<PhoneNo, Vec<Binding>>,
    /// Phones by the far end they registered from.
    sources: BTreeSet<(Source, PhoneNo)>,
    /// Phones by the connection they registered over.
    flows: BTreeSet<(FlowNo, PhoneNo)>,
}

/// A far end: transport and address.
type Source = (Transport, SocketAddr);

/// One Contact of a REGISTER.
#[derive(Debug)]
pub(in crate::sip) struct RequestedBinding {
    uri: Uri,
    instance: Option<Box<str>>,
    /// In seconds; zero withdraws.
    expires: u32,
}

/// What a REGISTER asks for.
#[derive(Debug)]
pub(in crate::sip) enum Registration {
    /// Tell all bindings.
    Fetch,
    /// Withdraw all.
    RemoveAll,
    /// Change these.
    Update(Vec<RequestedBinding>),
}

impl Registrar {
    /// Where `phone` can be reached.
    pub(in crate::sip) fn bindings(&self, phone: PhoneNo) -> impl Iterator<Item = (&Uri, Peer)> {
        self.phones.get(&phone).into_iter().flatten().map(|it| (&it.uri, it.peer))
    }

    /// All that is known of where `phone` is.
    pub(in crate::sip) fn known(&self, phone: PhoneNo) -> &[Binding] {
        self.phones.get(&phone).map_or(&[], |it| it)
    }

    /// Whether `phone` can be reached.
    pub(in crate::sip) fn is_bound(&self, phone: PhoneNo) -> bool {
        self.phones.contains_key(&phone)
    }

    /// Whether all bindings of `phone` are by ways that nobody else reads.
    pub(in crate::sip) fn is_bound_in_secret(&self, phone: PhoneNo) -> bool {
        self.phones.get(&phone).is_some_and(|it| it.iter().all(|it| it.peer.transport.is_secret()))
    }

    /// Whether `phone` registered from there.
    pub(in crate::sip) fn is_bound_at(&self, phone: PhoneNo, peer: Peer) -> bool {
        self.sources.contains(&((peer.transport, peer.remote), phone))
    }

    /// The phones that registered from there.
    pub(in crate::sip) fn phones_at(&self, peer: Peer) -> impl Iterator<Item = PhoneNo> {
        let source = (peer.transport, peer.remote);
        let first = PhoneNo::new(0, 0);
        let last = PhoneNo::new(u32::MAX, u32::MAX);
        self.sources.range((source, first)..=(source, last)).map(|&(_, phone)| phone)
    }

    /// Whether any phone registered from that address, by whatever port.
    pub(in crate::sip) fn is_any_at(&self, ip: IpAddr) -> bool {
        let first = PhoneNo::new(0, 0);
        let last = PhoneNo::new(u32::MAX, u32::MAX);
        Transport::ALL.into_iter().any(|transport| {
            let from = ((transport, SocketAddr::new(ip, 0)), first);
            let to = ((transport, SocketAddr::new(ip, u16::MAX)), last);
            self.sources.range(from..=to).next().is_some()
        })
    }

    /// Phones whose bindings lapsed lose them.
    pub(in crate::sip) fn lapse(&mut self, turn: &mut Turn<'_>, phone: PhoneNo) {
        let now = turn.now;
        self.keep(turn, phone, |it| it.lapses > now);
    }

    /// Bindings over a connection go with it.
    pub(in crate::sip) fn flow_gone(&mut self, turn: &mut Turn<'_>, flow: FlowNo) {
        let (first, last) = (PhoneNo::new(0, 0), PhoneNo::new(u32::MAX, u32::MAX));
        let phones: Vec<_> =
            self.flows.range((flow, first)..=(flow, last)).map(|&(_, phone)| phone).collect();
        for phone in phones {
            self.keep(turn, phone, |it| !it.peer.transport.is_stream() || it.peer.flow != flow);
        }
    }

    /// The phone was bound so before we began, and still is, as far as that can be: by datagrams
    /// to a socket that is open again.
    pub(in crate::sip) fn rebind(
        &mut self,
        turn: &mut Turn<'_>,
        phone: PhoneNo,
        bindings: Vec<Binding>,
    ) {
        let now = turn.now;
        let settings = &turn.shared.settings;
        let open_again = |mut it: Binding| {
            let here = (it.peer.transport, it.peer.local);
            let place = settings.listen.iter().position(|listen| *listen == here)?;
            it.peer.flow = FlowNo::first(u32::try_from(place).ok()?);
            (it.outlives_us() && it.lapses > now).then_some(it)
        };
        let most = settings.contacts_max.max(1);
        let bindings = bindings.into_iter().filter_map(open_again).take(most).collect();
        self.set(turn, phone, bindings);
    }

    /// The phone is no longer in the configuration.
    pub(in crate::sip) fn drop_phone(&mut self, turn: &mut Turn<'_>, phone: PhoneNo) {
        self.keep(turn, phone, |_| false);
    }

    /// All phones that can be reached.
    pub(in crate::sip) fn bound(&self) -> impl Iterator<Item = PhoneNo> {
        self.phones.keys().copied()
    }

    fn keep(&mut self, turn: &mut Turn<'_>, phone: PhoneNo, keeps: impl Fn(&Binding) -> bool) {
        let Some(bindings) = self.phones.get(&phone) else { return };
        let kept = bindings.iter().filter(|it| keeps(it)).cloned().collect();
        self.set(turn, phone, kept);
    }

    /// These are the phone's bindings from now on.
    pub(in crate::sip) fn set(
        &mut self,
        turn: &mut Turn<'_>,
        phone: PhoneNo,
        bindings: Vec<Binding>,
    ) {
        let before = self.phones.remove(&phone).unwrap_or_default();
        for it in &before {
            self.sources.remove(&(it.source(), phone));
            self.flows.remove(&(it.peer.flow, phone));
        }
        for it in &bindings {
            self.sources.insert((it.source(), phone));
            if it.peer.transport.is_stream() {
                self.flows.insert((it.peer.flow, phone));
            }
        }
        let counted = turn.shared.counts.bindings + bindings.len() as u64;
        turn.shared.counts.bindings = counted.saturating_sub(before.len() as u64);
        match bindings.iter().map(|it| it.lapses).min() {
            Some(next) => turn.shared.dues.arm(Due::Binding(phone), next),
            None => {
                turn.shared.dues.disarm(Due::Binding(phone));
            }
        }
        match (before.is_empty(), bindings.is_empty()) {
            (true, false) => turn.tell(Event::PhoneUp { phone }),
            (false, true) => turn.tell(Event::PhoneDown { phone }),
            (true, true) | (false, false) => (),
        }
        if before != bindings {
            turn.tell(Event::Bound { phone, bindings: bindings.clone() });
        }
        if !bindings.is_empty() {
            self.phones.insert(phone, bindings);
        }
    }

    /// What becomes of the phone's bindings, or why not: all of it or nothing (10.3, step 7).
    pub(in crate::sip) fn changed(
        &self,
        turn: &Turn<'_>,
        phone: PhoneNo,
        registration: Registration,
        stamp: &Stamp<'_>,
    ) -> Result<Vec<Binding>, Refused> {
        let mut bindings = self.phones.get(&phone).cloned().unwrap_or_default();
        let in_order = |it: &Binding| *it.call_id != *stamp.call_id || it.cseq < stamp.cseq;
        let asked = match registration {
            Registration::Fetch => return Ok(bindings),
            Registration::RemoveAll => {
                let all_in_order = bindings.iter().all(in_order);
                return if all_in_order { Ok(vec![]) } else { Err(Refused::OutOfOrder) };
            }
            Registration::Update(asked) => asked,
        };
        let settings = &turn.shared.settings;
        for asked in asked {
            let is_it = |it: &Binding| it.is_of(&asked.uri, asked.instance.as_deref());
            if !bindings.iter().filter(|it| is_it(it)).all(in_order) {
                return Err(Refused::OutOfOrder);
            }
            bindings.retain(|it| !is_it(it));
            if asked.expires == 0 {
                continue;
            }
            if asked.expires < settings.expires_min {
                return Err(Refused::TooBrief);
            }
            let seconds = asked.expires.min(settings.expires_max);
            bindings.push(Binding {
                uri: asked.uri,
                instance: asked.instance,
                call_id: stamp.call_id.into(),
                cseq: stamp.cseq,
                lapses: turn.now + Span::secs(seconds.into()),
                peer: stamp.peer,
            });
        }
        // The oldest are the least likely to be there still.
        let surplus = bindings.len().saturating_sub(settings.contacts_max.max(1));
        bindings.drain(..surplus);
        Ok(bindings)
    }
}

/// Which REGISTER a binding is from.
#[derive(Debug)]
pub(in crate::sip) struct Stamp<'a> {
    pub(in crate::sip) call_id: &'a str,
    pub(in crate::sip) cseq: u32,
    pub(in crate::sip) peer: Peer,
}

/// Why nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Refused {
    /// An older REGISTER came later (RFC 3261 10.3, step 7).
    OutOfOrder,
    /// Shorter than is granted: 423.
    TooBrief,
    /// Contacts that make no sense together.
    Nonsense,
}

pub(in crate::sip) fn registration(
    request: &Request,
    settings: &Settings,
) -> Result<Registration, Refused> {
    let headers: &Headers = &request.headers;
    let contacts = headers.contacts().map_err(|_| Refused::Nonsense)?;
    let overall = headers.expires();
    let mut asked = vec![];
    for contact in &contacts {
        match contact {
            Contact::All if contacts.len() == 1 && overall == Some(0) => {
                return Ok(Registration::RemoveAll);
            }
            Contact::All => return Err(Refused::Nonsense),
            Contact::At(address) => asked.push(RequestedBinding {
                uri: address.uri(),
                instance: address.instance().map(String::into_boxed_str),
                expires: expires(address, overall, settings),
            }),
        }
    }
    Ok(if asked.is_empty() { Registration::Fetch } else { Registration::Update(asked) })
}

fn expires(address: &Address<'_>, overall: Option<u32>, settings: &Settings) -> u32 {
    address.expires().or(overall).unwrap_or(settings.expires_default)
}
