//! The small city that `lotse dev` makes: the one of `config/dev.toml`, on ports that are free.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};

use crate::{
    cli::failure::Failure,
    config::{check, meant::Config},
    sip::wire::Transport,
};

/// The same file that `lotse serve` is shown with.
const FILE: &str = include_str!("../../../config/dev.toml");

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The ports the city would like, as its file has them.
const SIP: u16 = 5060;
const HTTP: u16 = 8080;

/// How often a port is asked for that is free for UDP and TCP alike.
const TRIES: usize = 16;

/// A city, and what is odd about it.
pub(super) struct City {
    pub(super) config: Config,
    /// Ports of the file that another program holds, to be told.
    pub(super) taken: Vec<u16>,
}

/// The city of the file, on its ports or, where those are taken, on others.
pub(super) fn found() -> Result<City, Failure> {
    let checked = check::check("dev.toml", FILE, None).map_err(|faults| {
        Failure::Failed(format!("the file of the city is not valid: {faults}"))
    })?;
    let mut config = checked.config;
    let none = |why| Failure::TryAgain(format!("no port is free on {HOME}: {why}"));
    let sip = sip_port().map_err(none)?;
    let http = http_port().map_err(none)?;
    let sip_address = SocketAddr::new(HOME, sip);
    config.exchange.sip.listen = vec![(Transport::Udp, sip_address), (Transport::Tcp, sip_address)];
    config.http.listen = SocketAddr::new(HOME, http);
    let taken = [(SIP, sip), (HTTP, http)];
    let taken =
        taken.into_iter().filter(|(wanted, got)| wanted != got).map(|(wanted, _)| wanted).collect();
    Ok(City { config, taken })
}

fn sip_port() -> io::Result<u16> {
    let free = |port| {
        let udp = UdpSocket::bind((HOME, port))?;
        let port = udp.local_addr()?.port();
        TcpListener::bind((HOME, port)).map(|_| port)
    };
    let mut found = free(SIP);
    for _ in 0..TRIES {
        if found.is_ok() {
            break;
        }
        found = free(0);
    }
    found
}

fn http_port() -> io::Result<u16> {
    let free = |port| TcpListener::bind((HOME, port))?.local_addr().map(|it| it.port());
    free(HTTP).or_else(|_| free(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_finds_its_place_even_when_others_sit_there() {
        let _others = (UdpSocket::bind((HOME, SIP)), TcpListener::bind((HOME, HTTP)));
        let city = found().unwrap();
        assert_eq!(city.taken, [SIP, HTTP]);
        let sip: Vec<_> = city.config.exchange.sip.listen.iter().map(|(_, at)| *at).collect();
        assert_eq!(sip.len(), 2);
        assert!(sip.iter().all(|at| at.ip() == HOME && at.port() != SIP));
    }
}
