//! Whether the ports that the configuration names can be had.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::Duration,
};

use super::finding::Finding;
use crate::{config::meant::Config, sip::wire::Transport};

/// Ports of the sound's range that are tried: a few, from one end to the other.
const SAMPLES: u32 = 16;

/// Where Linux says which ports it gives to whoever asks for none in particular.
const EPHEMERAL: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// A running server answers on loopback or its own network in less.
const PATIENCE: Duration = Duration::from_millis(500);

/// Every address where SIP is to be spoken.
pub(super) fn signalling(config: &Config) -> Vec<Finding> {
    let is_running = is_answering(config.http.listen);
    config
        .exchange
        .sip
        .listen
        .iter()
        .map(|&(transport, address)| {
            let what = format!("SIP over {}", transport.name());
            let bound = match transport {
                Transport::Udp => UdpSocket::bind(address).map(drop),
                Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                    TcpListener::bind(address).map(drop)
                }
            };
            verdict(what, address, bound, is_running)
        })
        .collect()
}

/// Where the API is.
pub(super) fn web(config: &Config) -> Finding {
    let address = config.http.listen;
    if is_answering(address) {
        return Finding::ok("HTTP", format!("{address}: a server is running there"));
    }
    verdict("HTTP".to_owned(), address, TcpListener::bind(address).map(drop), false)
}

/// The range for sound.
pub(super) fn sound(config: &Config) -> Vec<Finding> {
    let (first, last) = config.media.ports;
    let pairs = (u32::from(last) + 1).saturating_sub(u32::from(first)) / 2;
    let legs = config.exchange.legs_max;
    let range = format!("{first}-{last} on {}", config.media.address);
    let mut findings = vec![if (pairs as usize) < legs {
        Finding::warning(
            "sound",
            format!("{range}: {pairs} legs at once, and {legs} are allowed"),
            "widen rtp.ports, or lower limits.legs: two ports a leg, two legs a call",
        )
    } else {
        Finding::ok("sound", format!("{range}: {pairs} legs at once"))
    }];
    let step = ((u32::from(last) - u32::from(first)) / SAMPLES).max(1);
    let samples = (u32::from(first)..=u32::from(last)).step_by(step as usize);
    let tried: Vec<u16> = samples.filter_map(|port| u16::try_from(port).ok()).collect();
    let is_taken = |port: &&u16| UdpSocket::bind((config.media.address, **port)).is_err();
    let taken: Vec<String> = tried.iter().filter(is_taken).map(u16::to_string).collect();
    if !taken.is_empty() && !is_answering(config.http.listen) {
        findings.push(Finding::warning(
            "sound's ports",
            format!("taken by others: {} of {} that were tried", taken.join(", "), tried.len()),
            "they are passed over; if they are many, choose another rtp.ports",
        ));
    }
    if let Some((low, high)) = ephemeral().filter(|&(low, high)| first <= high && low <= last) {
        findings.push(Finding::warning(
            "sound's ports",
            format!("the system gives {low}-{high} to other programs, and that overlaps"),
            format!("sysctl net.ipv4.ip_local_reserved_ports={first}-{last}, or another rtp.ports"),
        ));
    }
    findings
}

fn verdict(what: String, address: SocketAddr, bound: io::Result<()>, is_running: bool) -> Finding {
    match bound {
        Ok(()) => Finding::ok(what, format!("{address} is free")),
        Err(why) if why.kind() == io::ErrorKind::AddrInUse && is_running => {
            Finding::ok(what, format!("{address} is taken, and a server is running"))
        }
        Err(why) if why.kind() == io::ErrorKind::AddrInUse => Finding::fault(
            what,
            format!("{address} is taken by another program"),
            format!("find it with: ss -lpn 'sport = :{}'", address.port()),
        ),
        Err(why) if why.kind() == io::ErrorKind::AddrNotAvailable => Finding::fault(
            what,
            format!("{} is no address of this machine", address.ip()),
            "see: ip address",
        ),
        Err(why) if why.kind() == io::ErrorKind::PermissionDenied => Finding::fault(
            what,
            format!("{address}: not allowed"),
            "ports below 1024 want CAP_NET_BIND_SERVICE (the systemd unit grants it)",
        ),
        Err(why) => {
            Finding::fault(what, format!("{address}: {why}"), "see sip.listen, http.listen")
        }
    }
}

/// Whether something that speaks TCP is there.
fn is_answering(mut address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        let home: IpAddr =
            if address.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() };
        address.set_ip(home);
    }
    TcpStream::connect_timeout(&address, PATIENCE).is_ok()
}

fn ephemeral() -> Option<(u16, u16)> {
    let text = fs::read_to_string(EPHEMERAL).ok()?;
    let mut bounds = text.split_whitespace().map(str::parse);
    Some((bounds.next()?.ok()?, bounds.next()?.ok()?))
}
