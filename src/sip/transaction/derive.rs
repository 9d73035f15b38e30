//! CANCEL and the ACK to a refusal, made from the INVITE they belong to.
//!
//! Both repeat its Request-URI, Via, From, Call-ID and Route, with the number of its CSeq
//! (RFC 3261 9.1, 17.1.1.3). The INVITE is our own, one header a line, so lines are copied.

/// The method that is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived<'a> {
    /// With the To of the refusal, which has the tag.
    Ack {
        /// The value of the refusal's To.
        to: &'a str,
    },
    /// With the To of the INVITE.
    Cancel {
        /// The value of its Reason header (RFC 3326).
        reason: &'a str,
    },
}

/// Writes the request that belongs to `invite`.
#[must_use]
pub fn derive(invite: &[u8], derived: Derived<'_>) -> Box<[u8]> {
    let method = match derived {
        Derived::Ack { .. } => "ACK",
        Derived::Cancel { .. } => "CANCEL",
    };
    let head = invite.split(|&it| it == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut bytes = Vec::with_capacity(512);
    for line in head.take_while(|line| !line.is_empty()) {
        let name = line.split(|&it| it == b':').next().unwrap_or_default();
        match (name, derived) {
            (b"Via" | b"Route" | b"From" | b"Call-ID" | b"Max-Forwards", _)
            | (b"To", Derived::Cancel { .. }) => bytes.extend_from_slice(line),
            (b"To", Derived::Ack { to }) => {
                bytes.extend_from_slice(b"To: ");
                bytes.extend_from_slice(to.as_bytes());
            }
            (b"CSeq", _) => {
                bytes.extend_from_slice(line.strip_suffix(b"INVITE").unwrap_or(line));
                bytes.extend_from_slice(method.as_bytes());
            }
            _ if bytes.is_empty() => {
                bytes.extend_from_slice(method.as_bytes());
                bytes.extend_from_slice(line.strip_prefix(b"INVITE").unwrap_or(line));
            }
            _ => continue,
        }
        bytes.extend_from_slice(b"\r\n");
    }
    if let Derived::Cancel { reason } = derived {
        bytes.extend_from_slice(b"Reason: ");
        bytes.extend_from_slice(reason.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"Content-Length: 0\r\n\r\n");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "\
INVITE sip:1001@192.0.2.9 SIP/2.0\r
Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK1\r
Max-Forwards: 70\r
Route: <sip:192.0.2.2;lr>\r
From: \"To: INVITE\" <sip:a@b>;tag=1\r
To: <sip:1001@c>\r
Call-ID: x\r
CSeq: 7 INVITE\r
Contact: <sip:a@192.0.2.1>\r
Content-Type: application/sdp\r
Content-Length: 5\r
\r
v=0\r
";

    #[test]
    fn an_ack_has_the_tag_of_the_refusal_and_the_branch_of_the_invite() {
        let ack = derive(INVITE.as_bytes(), Derived::Ack { to: "<sip:1001@c>;tag=9" });
        assert_eq!(
            String::from_utf8_lossy(&ack),
            "\
ACK sip:1001@192.0.2.9 SIP/2.0\r
Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK1\r
Max-Forwards: 70\r
Route: <sip:192.0.2.2;lr>\r
From: \"To: INVITE\" <sip:a@b>;tag=1\r
To: <sip:1001@c>;tag=9\r
Call-ID: x\r
CSeq: 7 ACK\r
Content-Length: 0\r
\r
"
        );
    }

    #[test]
    fn a_cancel_says_why() {
        let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
        let cancel = derive(INVITE.as_bytes(), Derived::Cancel { reason });
        let cancel = String::from_utf8_lossy(&cancel);
        assert!(cancel.starts_with("CANCEL sip:1001@192.0.2.9 SIP/2.0\r\nVia: "), "{cancel}");
        assert!(
            cancel.contains("\r\nTo: <sip:1001@c>\r\nCall-ID: x\r\nCSeq: 7 CANCEL\r\nReason: SIP;")
        );
        assert!(cancel.ends_with("elsewhere\"\r\nContent-Length: 0\r\n\r\n"), "{cancel}");
    }
}
