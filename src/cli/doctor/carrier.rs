//! Whether carriers are where the configuration says, and whether they find the way back.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket},
    time::Duration,
};

use super::finding::Finding;
use crate::{
    config::meant::Config,
    sip::{
        message::{
            Message, Request,
            method::Method,
            read::{Limits, read},
            uri::Uri,
        },
        settings::{Carrier, Trunk},
        wire::Transport,
    },
};

/// How long a carrier may take to answer; it is asked as often as that.
const PATIENCE: Duration = Duration::from_millis(700);
const TRIES: usize = 3;

pub(super) fn all(config: &Config) -> Vec<Finding> {
    let trunks = config.exchange.sip.trunks.iter().flatten();
    let mut findings: Vec<Finding> = trunks.flat_map(|trunk| one(config, trunk)).collect();
    findings.extend(way_back(config));
    findings
}

fn one(config: &Config, trunk: &Trunk) -> Vec<Finding> {
    let what = format!("trunk {}", trunk.name);
    let Some(carrier) = &trunk.carrier else {
        let count = trunk.allow.len();
        return vec![Finding::ok(
            what,
            format!("calls come in from {count} networks; nobody to ask"),
        )];
    };
    carrier.proxies.iter().map(|proxy| reach(config, &what, carrier, proxy)).collect()
}

/// Asks `OPTIONS` of a carrier's proxy. Any answer will do: whoever refuses, is there.
fn reach(config: &Config, what: &str, carrier: &Carrier, proxy: &Uri) -> Finding {
    let shown = proxy.to_string();
    let transport = proxy.transport();
    let port = proxy.port().unwrap_or(transport.port());
    let host = proxy.host().map_or_else(String::new, |it| it.to_string());
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut found = (host, port).to_socket_addrs().into_iter().flatten();
    let Some(address) = found.next() else {
        // A carrier may have SRV records only, which the server looks for and this does not.
        return Finding::warning(
            what,
            format!("{shown}: {host} has no address"),
            format!(
                "if the carrier says so: dig +short SRV _sip._udp.{host}; else check the name and DNS"
            ),
        );
    };
    if transport != Transport::Udp {
        let connected = std::net::TcpStream::connect_timeout(&address, PATIENCE * 3);
        return match connected {
            Ok(_) => Finding::ok(what, format!("{shown}: {address} takes connections")),
            Err(why) => Finding::fault(what, format!("{shown}: {address}: {why}"), FIREWALL),
        };
    }
    match ask(config, carrier, address) {
        Ok(status) => {
            Finding::ok(what, format!("{shown}: {address} answers OPTIONS with {status}"))
        }
        Err(why) => Finding::fault(what, format!("{shown}: {address}: {why}"), FIREWALL),
    }
}

const FIREWALL: &str = "is the way open both ways, and does the carrier know this address?";

fn ask(config: &Config, carrier: &Carrier, address: SocketAddr) -> io::Result<u16> {
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local)?;
    socket.connect(address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let here = socket.local_addr()?;
    let uri: Uri = format!("sip:{}", carrier.domain)
        .parse()
        .map_err(|_| io::Error::other("its domain is no host"))?;
    let asked = Request::new(Method::OPTIONS, uri)
        .with("Via", format!("SIP/2.0/UDP {here};rport;branch=z9hG4bKdoctor{}", here.port()))
        .with("Max-Forwards", "70")
        .with("From", format!("<sip:{}@{}>;tag=doctor", carrier.user, carrier.domain))
        .with("To", format!("<sip:{}>", carrier.domain))
        .with("Call-ID", format!("doctor-{}", here.port()))
        .with("CSeq", "1 OPTIONS")
        .with("User-Agent", config.exchange.sip.product.clone());
    let mut bytes = vec![];
    asked.write(&mut bytes);
    let mut buffer = vec![0; 65_536];
    for _ in 0..TRIES {
        socket.send(&bytes)?;
        let Ok(len) = socket.recv(&mut buffer) else { continue };
        let came = buffer.get(..len).unwrap_or_default();
        if let Ok(Message::Response(response)) = read(came, Transport::Udp, &Limits::default()) {
            return Ok(response.status);
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "no answer to OPTIONS"))
}

/// Whether the address that we are told to name is one that packets find back to.
fn way_back(config: &Config) -> Option<Finding> {
    let trunk = config.exchange.sip.trunks.iter().flatten().find(|it| !it.allow.is_empty())?;
    let (network, _) = *trunk.allow.first()?;
    let socket = UdpSocket::bind(if network.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).ok()?;
    socket.connect((network, 5060)).ok()?;
    let here = socket.local_addr().ok()?.ip();
    let named = config.exchange.sip.public_host.or_else(|| {
        let listen = config.exchange.sip.listen.iter().map(|(_, it)| it.ip());
        listen.into_iter().find(|it| !it.is_unspecified())
    })?;
    if named == here {
        return Some(Finding::ok("way back", format!("{here} towards {network}")));
    }
    let seen = format!("packets to {network} leave from {here}, and SIP names {named}");
    if is_private(here) && !is_private(network) {
        let todo = "that is right behind NAT if the NAT forwards sip.listen and rtp.ports; no SIP ALG, please";
        return Some(Finding::warning("way back", seen, todo));
    }
    Some(Finding::warning(
        "way back",
        seen,
        "sip.public_address, rtp.public_address: how others reach us",
    ))
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
    }
}
