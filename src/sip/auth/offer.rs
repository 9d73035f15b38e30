//! Which digest algorithms are offered to whom, and in which order (RFC 8760).
//!
//! RFC 8760 2.3 wants the strongest first, and a client is to skip a challenge that it does not
//! know (RFC 3261 20.27). Clients are not like that:
//!
//! ```text
//! SIPp 3.6                    looks at the first challenge only, and knows MD5
//! Twinkle, JsSIP, SIP.js      keep the last one, and know MD5
//! baresip before 2            gives up at one that it does not know, wherever it stands
//! ```
//!
//! So what nobody has configured depends on who asks: MD5 alone to those, and where browsers speak;
//! MD5 and then SHA-256 to all others. Whoever could exploit MD5 on the way could take SHA-256 out
//! as well, so little is lost.

use crate::base::numbers::PhoneNo;
use crate::sip::{
    algorithm::Algorithm,
    settings::Settings,
    wire::{Peer, Transport},
};

/// To clients that know MD5 only, and are led astray by anything else.
const MD5: &[Algorithm] = &[Algorithm::Md5];
/// To all others.
const BOTH: &[Algorithm] = &[Algorithm::Md5, Algorithm::Sha256];
/// Those clients, by how their User-Agent begins.
const SIMPLE: [&str; 5] = ["baresip v0.", "baresip v1.", "Twinkle/", "JsSIP", "SIP.js"];

/// What is offered to whoever came by that way, says that it is that phone, and calls itself so.
pub(super) fn offered<'a>(
    settings: &'a Settings,
    peer: Peer,
    phone: Option<PhoneNo>,
    user_agent: &str,
) -> &'a [Algorithm] {
    match configured(settings, peer, phone) {
        Some(configured) => configured,
        None if matches!(peer.transport, Transport::Ws | Transport::Wss) => MD5,
        None if SIMPLE.iter().any(|it| user_agent.starts_with(it)) => MD5,
        None => BOTH,
    }
}

/// Whether an answer made with that algorithm is taken from there: what is configured is all there
/// is, and what is not offered without being excluded does no harm.
pub(super) fn is_taken(
    settings: &Settings,
    peer: Peer,
    phone: Option<PhoneNo>,
    algorithm: Algorithm,
) -> bool {
    configured(settings, peer, phone).is_none_or(|it| it.contains(&algorithm))
}

/// What the configuration says: of the phone, else of the listener.
fn configured(settings: &Settings, peer: Peer, phone: Option<PhoneNo>) -> Option<&[Algorithm]> {
    let phone = phone.and_then(|it| settings.phones.get(it.index())?.as_ref());
    let of_phone = phone.map(|it| it.digest.as_slice()).unwrap_or_default();
    [of_phone, settings.digest(peer.transport, peer.local)].into_iter().find(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{masked::Masked, numbers::FlowNo},
        sip::{settings::Phone, stories::ladder::settings},
    };

    fn told(settings: &Settings, transport: Transport, phone: u32, user_agent: &str) -> String {
        let local = ([192, 0, 2, 1], if transport == Transport::Udp { 5060 } else { 443 }).into();
        let remote = ([192, 0, 2, 9], 5060).into();
        let peer = Peer { transport, local, remote, flow: FlowNo::first(0) };
        let offered = offered(settings, peer, Some(PhoneNo::first(phone)), user_agent);
        offered.iter().map(|it| it.name()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_offered_to_whom() {
        use Transport::{Tcp, Tls, Udp, Ws, Wss};
        let usual = settings();
        for (transport, user_agent, want) in [
            (Udp, "", "MD5 SHA-256"),
            (Tcp, "Yealink SIP-T46S 66.85.0.5", "MD5 SHA-256"),
            (Tls, "baresip v3.10.1 (x86_64/linux)", "MD5 SHA-256"),
            (Tls, "baresip v1.0.0 (x86_64/linux)", "MD5"),
            (Udp, "Twinkle/1.10.3", "MD5"),
            (Ws, "", "MD5"),
            (Wss, "JsSIP 3.10.0", "MD5"),
            (Tcp, "SIP.js/0.21.2", "MD5"),
        ] {
            assert_eq!(told(&usual, transport, 0, user_agent), want, "{transport:?} {user_agent}");
        }
    }

    #[test]
    fn a_listener_says_otherwise_and_a_phone_has_the_last_word() {
        let phone = |digest: &[Algorithm]| {
            let password = Some(Masked::new("secret"));
            Some(Phone { user: "u".into(), password, address: None, digest: digest.to_vec() })
        };
        let sha256 = Algorithm::Sha256;
        let settings = Settings {
            listen: vec![
                (Transport::Udp, ([192, 0, 2, 1], 5060).into()),
                (Transport::Ws, ([192, 0, 2, 1], 443).into()),
            ],
            digests: vec![vec![], vec![sha256, Algorithm::Md5]],
            phones: vec![phone(&[]), phone(&[sha256])],
            ..settings()
        };
        for (transport, phone, want) in [
            (Transport::Udp, 0, "MD5"),
            (Transport::Udp, 1, "SHA-256"),
            (Transport::Ws, 0, "SHA-256 MD5"),
            (Transport::Ws, 1, "SHA-256"),
        ] {
            assert_eq!(
                told(&settings, transport, phone, "Twinkle/1"),
                want,
                "{transport:?} {phone}"
            );
        }
    }
}
