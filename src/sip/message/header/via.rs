//! Via (RFC 3261 20.42): where a request has been, and so where its answer goes.
//!
//! `rsip` has a typed Via, but its transport is one of seven; RFC 3261 lets it be any token,
//! and a response must carry every Via back whatever it says. This one borrows the text.

use std::net::IpAddr;

use crate::sip::message::{header::params::Params, scan::Scan, uri};

/// One hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via<'a> {
    /// `2.0`; another only in a request that is answered 505.
    pub version: &'a str,
    /// `UDP`, `TCP`, `TLS`, or any other token.
    pub transport: &'a str,
    /// The sender's name for itself, as written.
    pub host: &'a str,
    /// The sender's port, if it says one.
    pub port: Option<u16>,
    /// What follows.
    pub params: Params<'a>,
}

/// How a transaction's branch must begin (RFC 3261 8.1.1.7).
pub const MAGIC: &str = "z9hG4bK";

impl<'a> Via<'a> {
    /// Reads one hop; stops before a comma.
    pub(in crate::sip) fn read(scan: &mut Scan<'a>) -> Option<Self> {
        let protocol = scan.token()?;
        let version = scan.separator(b'/').then(|| scan.token())??;
        let transport = scan.separator(b'/').then(|| scan.token())??;
        if !protocol.eq_ignore_ascii_case("SIP") {
            return None;
        }
        scan.skip_space();
        let host = uri::host_text(scan)?;
        let port = if scan.separator(b':') { Some(scan.number()?) } else { None };
        let params = Params::read(scan)?;
        Some(Self { version, transport, host, port, params })
    }

    /// The hop's name for the transaction.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        self.params.get("branch")
    }

    /// The transaction's name, if it is one by RFC 3261 (17.2.3): the magic cookie and more.
    #[must_use]
    pub fn transaction(&self) -> Option<&'a str> {
        self.branch().filter(|it| it.len() > MAGIC.len() && it.starts_with(MAGIC))
    }

    /// Where the request really came from (RFC 3261 18.2.1), with or without brackets (RFC
    /// 5118 4.5).
    #[must_use]
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.get("received")?;
        text.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// RFC 3581: `None` not asked for, `Some(None)` asked for, `Some(Some(port))` filled in.
    #[must_use]
    pub fn rport(&self) -> Option<Option<u16>> {
        let (_, value) = self.params.iter().find(|(name, _)| name.eq_ignore_ascii_case("rport"))?;
        Some(value.and_then(|port| port.parse().ok()))
    }

    /// The multicast time to live, if there is one.
    #[must_use]
    pub fn ttl(&self) -> Option<u8> {
        self.params.get("ttl")?.parse().ok()
    }

    /// The address the answer is to go to instead (RFC 3261 18.2.2), if there is one.
    #[must_use]
    pub fn maddr(&self) -> Option<&'a str> {
        self.params.get("maddr")
    }

    /// This hop with `received` and, if it asked for it, `rport` filled in.
    #[must_use]
    pub fn with_source(&self, address: IpAddr, port: u16) -> String {
        let mut line = format!("SIP/{}/{} {}", self.version, self.transport, self.host);
        if let Some(port) = self.port {
            line.push(':');
            line.push_str(&port.to_string());
        }
        for (name, value) in self.params.iter() {
            let is = |other| name.eq_ignore_ascii_case(other);
            if is("received") || is("rport") {
                continue;
            }
            line.push(';');
            line.push_str(name);
            if let Some(value) = value {
                line.push('=');
                line.push_str(value);
            }
        }
        line.push_str(";received=");
        line.push_str(&address.to_string());
        if self.rport().is_some() {
            line.push_str(";rport=");
            line.push_str(&port.to_string());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Via<'_>> {
        let mut scan = Scan::new(text);
        Via::read(&mut scan).filter(|_| scan.is_done())
    }

    #[test]
    fn a_hop_is_read_with_space_wherever_the_rfc_lets_it() {
        let via =
            read("SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9hG4bK9ikj8").unwrap();
        assert_eq!(via.transport, "TCP");
        assert_eq!(via.host, "spindle.example.com");
        assert_eq!(via.transaction(), Some("z9hG4bK9ikj8"));
        let via =
            read("SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255];rport").unwrap();
        assert_eq!(via.host, "[2001:db8::9:1]");
        assert_eq!(via.port, Some(6050));
        assert_eq!(via.received(), "2001:db8::9:255".parse().ok());
        assert_eq!(via.rport(), Some(None));
        assert_eq!(read("SIP/2.0/UDP a;branch=z9hG4bK").unwrap().transaction(), None);
    }

    #[test]
    fn the_source_is_written_once_and_the_port_only_where_asked_for() {
        let from = "192.0.2.7".parse().unwrap();
        for (before, after) in [
            (
                "SIP/2.0/UDP a:1;rport;branch=b",
                "SIP/2.0/UDP a:1;branch=b;received=192.0.2.7;rport=9",
            ),
            ("SIP/2.0/UDP a;received=x;branch=b", "SIP/2.0/UDP a;branch=b;received=192.0.2.7"),
        ] {
            assert_eq!(read(before).unwrap().with_source(from, 9), after);
        }
    }

    #[test]
    fn what_is_no_hop_is_refused() {
        for text in [
            "",
            "SIP/2.0/UDP",
            "SIP/2.0 a",
            "HTTP/2.0/UDP a",
            "SIP/2.0/UDP a:99999",
            "SIP/2.0/UDP 192.0.2.15;;,;,,",
            "SIP/2.0/UDP [::1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
