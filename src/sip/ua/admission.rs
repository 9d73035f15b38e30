//! Who may call: a registered phone, one that proves who it is, a carrier's address; nobody else.
//!
//! ```text
//! from a binding's address      ─► that phone
//! from where a phone without a
//! password stands, in its name  ─► that phone
//! From names a phone of ours    ─► challenged; right: that phone
//! from an address of a trunk    ─► that trunk
//! else                          ─► nothing at all (L-12)
//! phone at the trunks' listener,
//! trunk at the phones'          ─► nothing at all
//! ```
//!
//! A stranger is challenged only if it shows a password or stands beside a registered phone, and
//! then whoever it says it is: from answers to some names and silence to others it would learn
//! which phones there are.

use std::net::IpAddr;

use crate::{
    base::numbers::TrunkNo,
    sip::{
        core::{Core, Incoming},
        counts::Kind,
        event::Origin,
        message::{Request, method::Method},
        settings::Settings,
        turn::Turn,
        wire::Peer,
    },
};

impl Core {
    /// Who sends from there, as far as the address tells.
    pub(in crate::sip) fn kind_of(&self, turn: &Turn<'_>, peer: Peer) -> Kind {
        let serves = turn.shared.settings.serves(peer.transport, peer.local);
        let is_phone = self.registrar.phones_at(peer).next().is_some()
            || self.authenticator.is_any_standing_at(peer);
        if serves.phones() && is_phone {
            Kind::Phone
        } else if serves.trunks() && self.trunk_called(turn, peer.remote.ip(), "").is_some() {
            Kind::Trunk
        } else {
            Kind::Other
        }
    }

    /// The trunk whose carrier sends from `ip` and means us by `user`. Of several at one address
    /// it is the one that we registered as that, else the first.
    pub(in crate::sip) fn trunk_called(
        &self,
        turn: &Turn<'_>,
        ip: IpAddr,
        user: &str,
    ) -> Option<TrunkNo> {
        let first = trunk_at(&turn.shared.settings, ip);
        let known = || self.trunks.at(&turn.shared.places, ip);
        let meant = || known().find(|it| self.trunks.is_called(*it, user));
        if user.is_empty() {
            return first.or_else(|| known().next());
        }
        first.or_else(meant).or_else(|| known().next())
    }

    /// Whether a stranger may say who it is: to register, or as a phone that calls. Without a
    /// password only beside phones that are registered, behind the same address.
    pub(in crate::sip) fn may_be_phone(
        &self,
        turn: &Turn<'_>,
        peer: Peer,
        request: &Request,
    ) -> bool {
        let is_call = request.method == Method::INVITE && self.may_ask(peer, request);
        let serves = turn.shared.settings.serves(peer.transport, peer.local);
        serves.phones() && (request.method == Method::REGISTER || is_call)
    }

    /// Whether a stranger that calls is asked who it is.
    fn may_ask(&self, peer: Peer, request: &Request) -> bool {
        request.headers.has("Authorization") || self.registrar.is_any_at(peer.remote.ip())
    }

    /// Who this INVITE is from. `None`: it has been challenged, or is nobody's.
    pub(in crate::sip) fn admit(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
    ) -> Option<(Origin, Kind)> {
        let serves = turn.shared.settings.serves(incoming.peer.transport, incoming.peer.local);
        // The phone that From names: without a password it is one by where it stands.
        let user = incoming.request.headers.from().ok().and_then(|it| it.user());
        let user = user.filter(|_| serves.phones());
        if let Some(phone) =
            user.as_ref().and_then(|user| self.authenticator.standing_at(incoming.peer, user))
        {
            return Some((Origin::Phone(phone), Kind::Phone));
        }
        let named = user.and_then(|user| self.authenticator.phone_of(&user));
        let mut bound = self.registrar.phones_at(incoming.peer);
        let first = bound.next();
        let is_bound = named.is_some() && (first == named || bound.any(|it| Some(it) == named));
        drop(bound);
        match (named, first) {
            _ if !serves.phones() => (),
            (Some(phone), _) if is_bound => return Some((Origin::Phone(phone), Kind::Phone)),
            (None, Some(phone)) => return Some((Origin::Phone(phone), Kind::Phone)),
            (Some(_), _) => {
                let phone = self.identify(turn, incoming)?;
                return Some((Origin::Phone(phone), Kind::Phone));
            }
            (None, None) => (),
        }
        let is_stranger = incoming.kind == Kind::Other;
        if is_stranger && self.may_ask(incoming.peer, incoming.request) {
            let phone = self.identify(turn, incoming)?;
            return Some((Origin::Phone(phone), Kind::Phone));
        }
        let called = incoming.request.uri.user().unwrap_or_default();
        if serves.trunks()
            && let Some(trunk) = self.trunk_called(turn, incoming.peer.remote.ip(), &called)
        {
            return Some((Origin::Trunk(trunk), Kind::Trunk));
        }
        turn.reject("acl", incoming.peer);
        None
    }
}

/// The trunk that may call from `ip`.
pub(in crate::sip) fn trunk_at(settings: &Settings, ip: IpAddr) -> Option<TrunkNo> {
    let ip = ip.to_canonical();
    let allows = |(net, length): &(IpAddr, u8)| is_within(ip, net.to_canonical(), *length);
    let place = settings
        .trunks
        .iter()
        .position(|trunk| trunk.as_ref().is_some_and(|trunk| trunk.allow.iter().any(allows)))?;
    u32::try_from(place).ok().map(TrunkNo::first)
}

/// Whether the first `length` bits are the same.
fn is_within(ip: IpAddr, net: IpAddr, length: u8) -> bool {
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            let differ = u32::from(ip) ^ u32::from(net);
            differ.leading_zeros() >= u32::from(length.min(32))
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            let differ = u128::from(ip) ^ u128::from(net);
            differ.leading_zeros() >= u32::from(length.min(128))
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_own_and_no_more() {
        for (ip, net, length, holds) in [
            ("192.0.2.77", "192.0.2.0", 24, true),
            ("192.0.3.1", "192.0.2.0", 24, false),
            ("192.0.2.77", "192.0.2.77", 32, true),
            ("192.0.2.78", "192.0.2.77", 32, false),
            ("8.8.8.8", "0.0.0.0", 0, true),
            ("2001:db8::9", "2001:db8::", 32, true),
            ("2001:db9::9", "2001:db8::", 32, false),
            ("192.0.2.1", "::", 0, false),
        ] {
            let [ip, net]: [IpAddr; 2] = [ip.parse().unwrap(), net.parse().unwrap()];
            assert_eq!(is_within(ip, net, length), holds, "{ip} in {net}/{length}");
        }
    }
}
