//! Whether the sound of trunks and phones is protected, and whether the keys for that are.

use crate::{
    config::{entry::Entry, ground::Ground, sections::Sections},
    sdp::crypto::Policy,
    sip::{self, message::uri::Uri},
};

/// What an entry says of SRTP.
#[must_use]
pub fn policy(entry: &Entry) -> Policy {
    match entry.text("srtp") {
        "offered" => Policy::Offered,
        "required" => Policy::Required,
        _ => Policy::Off,
    }
}

/// Keys travel in SIP (RFC 4568 9.2): where that goes in the clear, they protect from few.
pub fn in_the_clear(sections: &Sections, sip: &sip::settings::Settings, ground: &mut Ground<'_>) {
    let all_clear = sip.listen.iter().all(|(transport, _)| !transport.is_secret());
    let secret = |it: &str| it.parse::<Uri>().is_ok_and(|it| it.transport().is_secret());
    let trunks = sections.many("trunk").iter().map(|entry| {
        let mut proxies = entry.texts("proxy").peekable();
        let clear = if proxies.peek().is_some() { !proxies.all(secret) } else { all_clear };
        (entry, clear)
    });
    let phones = sections.many("phone").iter().map(|entry| {
        let stands = entry.may_listen("address");
        (entry, stands.map_or(all_clear, |(transport, _)| !transport.is_secret()))
    });
    for (entry, clear) in trunks.chain(phones).filter(|(it, _)| policy(it) != Policy::Off) {
        if clear {
            let says = if sections.one("rtp").flag("keys_in_clear") {
                "the keys of SRTP travel in SIP, which is not encrypted here: who can read it can listen in"
            } else {
                "SRTP never comes about: SIP is not encrypted here, and `rtp.keys_in_clear` is false"
            };
            ground.found.warning("clear-keys", &entry.place("srtp"), says.into());
        }
    }
}
