//! How a request finds the transaction it belongs to (RFC 3261 17.2.3).
//!
//! A branch with the magic cookie names the transaction, together with who sent it. Clients of
//! RFC 2543 have no such branch: there the whole of what a retransmission repeats is the key.

use std::fmt::Write as _;

use crate::sip::message::{Request, headers::Fault, method::Method};

/// Writes the key of the transaction `request` belongs to; an ACK belongs to its INVITE.
pub(in crate::sip) fn key(request: &Request, key: &mut String) -> Result<(), Fault> {
    key_as(request, &request.method, key)
}

/// Writes the key of the INVITE that a CANCEL is for (RFC 3261 9.2).
pub(in crate::sip) fn key_of_cancelled(request: &Request, key: &mut String) -> Result<(), Fault> {
    key_as(request, &Method::INVITE, key)
}

fn key_as(request: &Request, method: &Method, key: &mut String) -> Result<(), Fault> {
    key.clear();
    let method = if *method == Method::ACK { &Method::INVITE } else { method };
    let via = request.headers.top_via()?;
    // Writing to a String cannot fail.
    if let Some(branch) = via.transaction() {
        let _ = write!(key, "{branch} {}:{} {method}", via.host, via.port.unwrap_or(5060));
        return Ok(());
    }
    let from = request.headers.from()?.tag().unwrap_or_default();
    let call_id = request.headers.call_id()?;
    let number = request.headers.cseq()?.number;
    let via = request.headers.get("Via").unwrap_or_default();
    let _ = write!(key, "{} {from} {call_id} {number} {via} {method}", request.uri);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(method: Method, via: &str, to: &str) -> String {
        let number = format!("7 {method}");
        let request = Request::new(method, "sip:1230@example.org".parse().unwrap())
            .with("Via", via)
            .with("From", "<sip:a@b>;tag=1")
            .with("To", to)
            .with("Call-ID", "c")
            .with("CSeq", number);
        let mut key = String::new();
        super::key(&request, &mut key).unwrap();
        key
    }

    #[test]
    fn an_ack_belongs_to_its_invite_and_a_bye_does_not() {
        let via = "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx";
        let invite = key_of(Method::INVITE, via, "<sip:c@d>");
        assert_eq!(invite, "z9hG4bKx 192.0.2.1:5060 INVITE");
        assert_eq!(key_of(Method::ACK, via, "<sip:c@d>;tag=2"), invite);
        assert_ne!(key_of(Method::BYE, via, "<sip:c@d>;tag=2"), invite);
        // The same branch by someone else is something else.
        assert_ne!(key_of(Method::INVITE, "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx", ""), invite);
    }

    #[test]
    fn without_the_cookie_all_that_is_repeated_is_the_key() {
        let via = "SIP/2.0/UDP 192.0.2.1;branch=1";
        let invite = key_of(Method::INVITE, via, "<sip:c@d>");
        assert_eq!(invite, "sip:1230@example.org 1 c 7 SIP/2.0/UDP 192.0.2.1;branch=1 INVITE");
        assert_eq!(key_of(Method::ACK, via, "<sip:c@d>;tag=2"), invite);
    }
}
