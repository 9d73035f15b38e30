//! CSeq (RFC 3261 20.16): which request of a dialog this is.

use crate::sip::message::{method::Method, scan::Scan};

/// A sequence number and the method it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number, below 2^31 (RFC 3261 8.1.1.5).
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

impl CSeq {
    /// `1*DIGIT LWS Method`.
    pub(in crate::sip) fn read(value: &str) -> Option<Self> {
        let mut scan = Scan::new(value);
        let number = scan.number().filter(|it| *it < 1 << 31)?;
        if !matches!(scan.peek(), Some(b' ' | b'\t')) {
            return None;
        }
        scan.skip_space();
        let method = Method::read(scan.token()?)?;
        scan.is_done().then_some(Self { number, method })
    }
}

impl std::fmt::Display for CSeq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_limits_and_a_method_behind_them() {
        let read = |value| CSeq::read(value).map(|cseq| cseq.to_string());
        assert_eq!(read("0009   INVITE").as_deref(), Some("9 INVITE"));
        assert_eq!(read("36893488147419103232 REGISTER"), None);
        assert_eq!(read("2147483647 BYE").as_deref(), Some("2147483647 BYE"));
        assert_eq!(read("2147483648 BYE"), None);
        assert_eq!(read("-1 INVITE"), None);
        assert_eq!(read("1INVITE"), None);
        assert_eq!(read("1 INVITE x"), None);
        assert_eq!(read("1"), None);
    }
}
