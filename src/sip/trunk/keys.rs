//! What a carrier has asked us for, and how we answer it (digest as a client: RFC 3261 22,
//! RFC 7616 3.3, RFC 8760 2.4).
//!
//! ```text
//!   we ──── REGISTER ─────────────────────────────► carrier
//!   we ◄─── 401, WWW-Authenticate (one or several) ─ carrier      learn
//!   we ──── REGISTER, Authorization ──────────────► carrier      sign
//!   we ──── REGISTER, Authorization, nc=2 ────────► carrier      sign: known already
//! ```
//!
//! Of several challenges of one realm the first that we understand counts, which is the strongest
//! by the server's own order. One that is not stale and refuses the first answer to a challenge
//! says that the password is wrong: it is not answered again. A later answer may have been
//! refused for its old nonce alone; few carriers say `stale` then.

use std::collections::BTreeMap;

use crate::sip::{
    auth::digest::Challenge,
    message::{Request, headers::Headers},
    settings::Account,
};

/// Realms of one carrier that are remembered; more than there are.
const REALMS_MAX: usize = 8;

/// Who asks: the far end itself (401), or a proxy on the way (407).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asker {
    Server,
    Proxy,
}

/// The challenges that hold.
#[derive(Clone, Debug, Default)]
pub(in crate::sip) struct Keys {
    known: BTreeMap<(Asker, String), Key>,
}

/// A challenge, and how many requests answered it.
#[derive(Clone, Debug)]
struct Key {
    challenge: Challenge,
    count: u32,
}

impl Asker {
    const ALL: [Self; 2] = [Self::Server, Self::Proxy];

    const fn challenge(self) -> &'static str {
        match self {
            Self::Server => "WWW-Authenticate",
            Self::Proxy => "Proxy-Authenticate",
        }
    }

    const fn credentials(self) -> &'static str {
        match self {
            Self::Server => "Authorization",
            Self::Proxy => "Proxy-Authorization",
        }
    }
}

impl Keys {
    /// A refusal asks for credentials; `asked` is the request that it refuses. Says whether
    /// asking again makes sense: something new is wanted, or the old answer was only stale.
    pub(in crate::sip) fn learn(&mut self, refusal: &Headers, asked: &Headers) -> bool {
        let mut is_worth = false;
        for asker in Asker::ALL {
            let mut realms: Vec<String> = vec![];
            for challenge in refusal.all(asker.challenge()).filter_map(Challenge::read) {
                if realms.contains(&challenge.realm) {
                    continue;
                }
                realms.push(challenge.realm.clone());
                let was_answered = answers(asked, asker, &challenge.realm);
                let place = (asker, challenge.realm.clone());
                let was_used = self.known.get(&place).is_some_and(|it| it.count > 1);
                is_worth |= challenge.stale || !was_answered || was_used;
                if self.known.len() < REALMS_MAX || self.known.contains_key(&place) {
                    self.known.insert(place, Key { challenge, count: 0 });
                }
            }
        }
        is_worth
    }

    /// Puts credentials for all that is known into the request.
    pub(in crate::sip) fn sign(&mut self, request: &mut Request, account: &Account, cnonce: u64) {
        let uri = request.uri.to_string();
        for asker in Asker::ALL {
            request.headers.remove(asker.credentials());
        }
        for ((asker, _), key) in &mut self.known {
            key.count += 1;
            let value = key.challenge.credentials(
                &account.user,
                account.password.unmask(),
                &request.method,
                &uri,
                key.count,
                &format!("{cnonce:016x}"),
            );
            request.headers.push(asker.credentials(), value);
        }
    }
}

/// Whether the request answered that realm already.
fn answers(asked: &Headers, asker: Asker, realm: &str) -> bool {
    asked
        .all(asker.credentials())
        .filter_map(crate::sip::auth::digest::Credentials::read)
        .any(|it| it.realm == realm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::masked::Masked,
        sip::{auth::digest::Credentials, message::method::Method},
    };

    fn account() -> Account {
        Account { user: "acd".into(), password: Masked::new("geheim") }
    }

    fn headers(trunks: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in trunks {
            headers.push(name, *value);
        }
        headers
    }

    fn register() -> Request {
        Request::new(Method::REGISTER, "sip:carrier.example".parse().unwrap())
    }

    #[test]
    fn the_first_challenge_that_we_understand_is_answered_and_each_realm_once() {
        let mut keys = Keys::default();
        let refusal = headers(&[
            (
                "WWW-Authenticate",
                "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-512-256, qop=\"auth\"",
            ),
            (
                "WWW-Authenticate",
                "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256, qop=\"auth\"",
            ),
            ("WWW-Authenticate", "Digest realm=\"a\", nonce=\"1\", algorithm=MD5, qop=\"auth\""),
            ("Proxy-Authenticate", "Digest realm=\"b\", nonce=\"2\""),
        ]);
        let mut again = register();
        assert!(keys.learn(&refusal, &again.headers));
        keys.sign(&mut again, &account(), 7);
        let shown: Vec<String> = again
            .headers
            .iter()
            .map(|(name, value)| {
                let it = Credentials::read(value).unwrap();
                assert!(it.is_right("geheim", &Method::REGISTER));
                format!("{name} {} {:?} {:?}", it.realm, it.algorithm, it.count)
            })
            .collect();
        assert_eq!(shown, ["Authorization a Sha256 Some(1)", "Proxy-Authorization b Md5 None"]);
        keys.sign(&mut again, &account(), 8);
        let count = |name| Credentials::read(again.headers.get(name).unwrap()).unwrap().count;
        assert_eq!(count("Authorization"), Some(2), "the nonce is used on, and counted");
        assert_eq!(again.headers.all("Authorization").count(), 1);
    }

    #[test]
    fn a_wrong_password_is_not_tried_twice_but_a_stale_nonce_is() {
        let mut keys = Keys::default();
        let refusal = |stale| {
            headers(&[(
                "WWW-Authenticate",
                &format!("Digest realm=\"a\", nonce=\"{stale}\", qop=\"auth\"{stale}"),
            )])
        };
        let mut again = register();
        assert!(keys.learn(&refusal(""), &again.headers));
        keys.sign(&mut again, &account(), 7);
        assert!(!keys.learn(&refusal(""), &again.headers), "it was answered already");
        assert!(keys.learn(&refusal(", stale=true"), &again.headers));
        keys.sign(&mut again, &account(), 8);
        keys.sign(&mut again, &account(), 9);
        assert!(keys.learn(&refusal(""), &again.headers), "the nonce may have grown old");
        keys.sign(&mut again, &account(), 10);
        assert!(!keys.learn(&refusal(""), &again.headers), "and that was a new one");
        assert!(!keys.learn(&headers(&[]), &register().headers), "nothing to answer");
    }
}
