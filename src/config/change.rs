//! From one configuration to the next: numbers stay, and what the file no longer names goes
//! into retirement at its place, so that calls in hand are finished by the rules they know.

use std::collections::BTreeMap;

use crate::{
    acd::plan::{Agent, Queue, Skill},
    config::{check::people, ground::Ground, meant::Config},
    exchange::plan::{Outside, Plan, Treatment},
};

/// Every place that ever was, with what is there now, or else with what `retired` makes of what
/// was there before.
fn places<T: Clone>(
    count: usize,
    mut now: BTreeMap<usize, T>,
    old: Option<&[T]>,
    retired: impl Fn(T) -> T,
) -> Vec<T> {
    let place = |it: usize| {
        let before = || old.and_then(|old| old.get(it)).cloned().map(&retired);
        now.remove(&it).or_else(before)
    };
    (0..count).map_while(place).collect()
}

/// Skills: nobody is kept back any more for one that is gone.
#[must_use]
pub fn skills(now: BTreeMap<usize, Skill>, old: Option<&Plan>, ground: &Ground<'_>) -> Vec<Skill> {
    let old = old.map(|it| it.acd.skills.as_slice());
    places(ground.roll.skills.len(), now, old, |it| Skill { reserve: 0, ..it })
}

/// Queues: those inside are served to the end.
#[must_use]
pub fn queues(now: BTreeMap<usize, Queue>, old: Option<&Plan>, ground: &Ground<'_>) -> Vec<Queue> {
    let old = old.map(|it| it.acd.queues.as_slice());
    places(ground.roll.queues.len(), now, old, |it| Queue { retired: true, ..it })
}

/// Agents: a call in hand is finished.
#[must_use]
pub fn agents(
    now: &BTreeMap<usize, people::Agent>,
    old: Option<&Plan>,
    ground: &Ground<'_>,
) -> Vec<Agent> {
    let now = now.iter().map(|(place, agent)| (*place, agent.acd.clone())).collect();
    let old = old.map(|it| it.acd.agents.as_slice());
    places(ground.roll.agents.len(), now, old, |it| Agent { retired: true, ..it })
}

/// What is heard: as before.
#[must_use]
pub fn treatments(
    now: BTreeMap<usize, Treatment>,
    old: Option<&Plan>,
    ground: &Ground<'_>,
) -> Vec<Treatment> {
    places(ground.roll.queues.len(), now, old.map(|it| it.treatments.as_slice()), |it| it)
}

/// Addresses outside: as before.
#[must_use]
pub fn outside(
    now: BTreeMap<usize, Outside>,
    old: Option<&Plan>,
    ground: &Ground<'_>,
) -> Vec<Outside> {
    places(ground.roll.outside.len(), now, old.map(|it| it.outside.as_slice()), |it| it)
}

/// Keys that changed but only take effect at the next start: what they name is bound or open.
#[must_use]
pub fn at_next_start(old: &Config, new: &Config) -> Vec<&'static str> {
    let rows = [
        ("sip.listen", old.exchange.sip.listen == new.exchange.sip.listen),
        ("listener.serves", old.exchange.sip.serves == new.exchange.sip.serves),
        ("listener.clients", old.tls.clients == new.tls.clients),
        ("sip.dscp", old.net.dscp == new.net.dscp),
        ("sip.connections_max", old.net.connections_max == new.net.connections_max),
        ("sip.connections_from_one", old.net.connections_from_one == new.net.connections_from_one),
        ("sip.handshakes_max", old.net.handshakes_max == new.net.handshakes_max),
        ("sip.unsent_max", old.net.unsent_max == new.net.unsent_max),
        ("sip.keep_alive", old.net.keep_alive == new.net.keep_alive),
        ("sip.connection_idle", old.net.connection_idle == new.net.connection_idle),
        ("rtp.address", old.media.address == new.media.address),
        ("rtp.ports", old.media.ports == new.media.ports),
        ("rtp.dscp", old.media.dscp == new.media.dscp),
        ("http.connections_max", old.http.connections_max == new.http.connections_max),
        ("http.listen", old.http.listen == new.http.listen),
        ("limits.legs", old.exchange.legs_max == new.exchange.legs_max),
        ("limits.calls", old.exchange.acd.calls_max == new.exchange.acd.calls_max),
        ("server.remember", old.remember == new.remember),
        ("server.node", old.exchange.node == new.exchange.node),
        ("server.data_dir", old.data_dir == new.data_dir),
        ("log.format", old.log.format == new.log.format),
    ];
    rows.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
}
