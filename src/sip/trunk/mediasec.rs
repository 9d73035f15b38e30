//! The agreement on encrypted sound that German carriers want (RFC 3329 with `mediasec`,
//! 3GPP TS 24.229 7.2A.7, DOMAIN.md 5.1).
//!
//! ```text
//! REGISTER   Security-Client: sdes-srtp;mediasec     Require, Proxy-Require: mediasec
//! 401        Security-Server: sdes-srtp;mediasec
//! REGISTER   Security-Verify: sdes-srtp;mediasec     and so on every request from then on
//! ```
//!
//! What is said of it in SDP (`a=3ge2ae:requested`) is said by who writes the SDP.

use crate::sip::message::{Request, headers::Headers};

/// What we can do.
const OURS: &str = "sdes-srtp;mediasec";
const MEDIASEC: &str = "mediasec";

/// What was agreed with one carrier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) struct Mediasec {
    /// What it said in `Security-Server`, to be given back as it is (RFC 3329 2.3.1).
    server: Vec<String>,
}

impl Mediasec {
    /// Takes note of what a response says. Says whether that is new.
    pub(in crate::sip) fn learn(&mut self, headers: &Headers) -> bool {
        let said: Vec<String> = headers
            .list("Security-Server")
            .filter(|it| it.split(';').any(|it| it.trim().eq_ignore_ascii_case(MEDIASEC)))
            .map(str::to_owned)
            .collect();
        if said.is_empty() || said == self.server {
            return false;
        }
        self.server = said;
        true
    }

    /// Puts what is agreed into the request, or what we propose.
    pub(in crate::sip) fn mark(&self, request: &mut Request) {
        let headers = &mut request.headers;
        for name in ["Security-Client", "Security-Verify"] {
            headers.remove(name);
        }
        headers.push("Security-Client", OURS);
        for said in &self.server {
            headers.push("Security-Verify", said.as_str());
        }
        for name in ["Require", "Proxy-Require"] {
            if !headers.has_in(name, MEDIASEC) {
                headers.push(name, MEDIASEC);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::message::method::Method;

    #[test]
    fn what_the_carrier_offers_is_given_back_as_it_is() {
        let mut agreed = Mediasec::default();
        let shown = |agreed: &Mediasec| {
            let uri = "sip:tel.t-online.de".parse().unwrap();
            let mut request = Request::new(Method::REGISTER, uri).with("Require", "gin");
            agreed.mark(&mut request);
            agreed.mark(&mut request);
            let trunks = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
            trunks.collect::<String>()
        };
        assert_eq!(
            shown(&agreed),
            "Require: gin\nRequire: mediasec\nProxy-Require: mediasec\nSecurity-Client: sdes-srtp;mediasec\n"
        );
        let mut answer = Headers::default();
        answer.push("Security-Server", "msrp-tls;mediasec, sdes-srtp;mediasec");
        answer.push("Security-Server", "dtls-srtp;mediasec");
        answer.push("Security-Server", "tls;q=0.1");
        assert!(agreed.learn(&answer));
        assert!(!agreed.learn(&answer), "nothing new");
        assert!(!agreed.learn(&Headers::default()));
        assert_eq!(
            shown(&agreed),
            "Require: gin\nRequire: mediasec\nProxy-Require: mediasec\nSecurity-Client: sdes-srtp;mediasec\n\
             Security-Verify: msrp-tls;mediasec\nSecurity-Verify: sdes-srtp;mediasec\nSecurity-Verify: dtls-srtp;mediasec\n"
        );
    }
}
