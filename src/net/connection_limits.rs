//! Who is connected, from where, and whether one more may be.
//!
//! ```text
//! no room at all, or too many from there         turned away
//! too many who still prove who they are          to wait in the kernel's queue
//! ```
//!
//! A source is an IPv4 address, or the /64 that one IPv6 subscriber has. Knows no connection.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

/// How much is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Connections from one source.
    pub(super) from_one: usize,
    /// TLS handshakes under way, all together; one source may have half of them.
    pub(super) handshakes: usize,
}

/// Everyone who connected to us.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    limits: Limits,
    all: Share,
    sources: BTreeMap<IpAddr, Share>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    connections: usize,
    handshakes: usize,
}

/// What becomes of one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Come in.
    Enter,
    /// There are too many from there.
    TurnedAway,
}

impl ConnectionLimits {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, all: Share::default(), sources: BTreeMap::new() }
    }

    /// Whether so many prove who they are that others should wait for it.
    pub(super) fn is_busy(&self) -> bool {
        self.all.handshakes >= self.limits.handshakes
    }

    /// One more came from `ip`, and is let in or not. `by_tls`: it proves who it is first.
    pub(super) fn enter(&mut self, ip: IpAddr, by_tls: bool) -> Verdict {
        let share = self.sources.entry(source(ip)).or_default();
        let too_many = share.connections >= self.limits.from_one
            || by_tls && share.handshakes >= self.limits.handshakes.div_ceil(2);
        if too_many {
            return Verdict::TurnedAway;
        }
        for share in [share, &mut self.all] {
            share.connections += 1;
            share.handshakes += usize::from(by_tls);
        }
        Verdict::Enter
    }

    /// One from there has proved who it is.
    pub(super) fn handshake_over(&mut self, ip: IpAddr) {
        self.change(ip, |share| share.handshakes = share.handshakes.saturating_sub(1));
    }

    /// One from there is gone.
    pub(super) fn leave(&mut self, ip: IpAddr, in_handshake: bool) {
        self.change(ip, |share| {
            share.connections = share.connections.saturating_sub(1);
            share.handshakes = share.handshakes.saturating_sub(usize::from(in_handshake));
        });
        let source = source(ip);
        if self.sources.get(&source).is_some_and(|it| it.connections == 0) {
            self.sources.remove(&source);
        }
    }

    fn change(&mut self, ip: IpAddr, change: impl Fn(&mut Share)) {
        change(&mut self.all);
        if let Some(share) = self.sources.get_mut(&source(ip)) {
            change(share);
        }
    }
}

fn source(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_fills_neither_the_house_nor_the_door() {
        let mut limits = ConnectionLimits::new(Limits { from_one: 3, handshakes: 4 });
        let [one, same, other]: [IpAddr; 3] =
            ["2001:db8::1", "2001:db8::ffff", "192.0.2.1"].map(|it| it.parse().unwrap());
        let mut enter = |ip, by_tls| limits.enter(ip, by_tls) == Verdict::Enter;
        assert!(enter(one, true) && enter(same, true));
        assert!(!enter(one, true), "half of all handshakes");
        assert!(enter(same, false) && !enter(one, false), "three connections");
        assert!(enter(other, true) && enter(other, true));
        assert!(limits.is_busy());
        limits.handshake_over(one);
        assert!(!limits.is_busy());
        assert_eq!(limits.enter(one, true), Verdict::TurnedAway, "still three");
        limits.leave(same, true);
        assert_eq!(limits.enter(one, true), Verdict::Enter);
        for (ip, by_tls) in [(one, true), (one, false), (one, false), (other, true), (other, true)]
        {
            limits.leave(ip, by_tls);
        }
        assert_eq!((limits.sources.len(), limits.all), (0, Share::default()));
    }
}
