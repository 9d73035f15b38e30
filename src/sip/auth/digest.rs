//! Digest authentication (RFC 7616, for SIP RFC 8760): who knows the password, without saying it.
//!
//! ```text
//!   us ──── 401, WWW-Authenticate: challenge ────► phone
//!   us ◄─── REGISTER, Authorization: credentials ── phone
//! ```
//!
//! MD5 and SHA-256 with `qop=auth`; what a nonce is worth is for [`nonce`](crate::sip::auth::nonce)
//! to say. Not here: `auth-int`, `-sess`, `userhash`; nobody is asked for them.

use subtle::ConstantTimeEq as _;

use crate::sip::{
    algorithm::Algorithm,
    message::{
        class::Class,
        method::Method,
        scan::{Scan, quoted, unquoted},
    },
};

/// What is asked of the one who wants in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Whose passwords are meant.
    pub realm: String,
    /// To be hashed with the password.
    pub nonce: String,
    /// How to hash.
    pub algorithm: Algorithm,
    /// Handed back as it is.
    pub opaque: Option<String>,
    /// The password was right, only the nonce was old: no need to ask the user.
    pub stale: bool,
    /// Whether `qop=auth` is wanted; only servers of RFC 2069 do not.
    pub qop: bool,
}

/// What was answered to a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub username: String,
    /// In which realm.
    pub realm: String,
    /// The nonce of the challenge.
    pub nonce: String,
    /// What was asked for, as the one who asked saw it.
    pub uri: String,
    /// How it was hashed.
    pub algorithm: Algorithm,
    /// How many requests this one has made with this nonce; `None` without `qop`.
    pub count: Option<u32>,
    /// The count as written, for the hash.
    nc: String,
    cnonce: String,
    response: String,
}

impl Challenge {
    /// A challenge with `qop=auth` and nothing special.
    #[must_use]
    pub fn new(realm: &str, nonce: String, algorithm: Algorithm) -> Self {
        let realm = realm.to_owned();
        Self { realm, nonce, algorithm, opaque: None, stale: false, qop: true }
    }

    /// The value of a WWW-Authenticate or Proxy-Authenticate header.
    #[must_use]
    pub fn value(&self) -> String {
        let mut value = format!(
            "Digest realm={}, nonce={}, algorithm={}",
            quoted(&self.realm),
            quoted(&self.nonce),
            self.algorithm.name()
        );
        if self.qop {
            value.push_str(", qop=\"auth\"");
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(", opaque=");
            value.push_str(&quoted(opaque));
        }
        if self.stale {
            value.push_str(", stale=true");
        }
        value
    }

    /// Reads such a value; `None` for what we could not answer.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        let fields = Fields::read(value)?;
        let qop = fields.get("qop");
        let offers_auth =
            qop.as_ref().map(|it| it.split(',').any(|it| it.trim().eq_ignore_ascii_case("auth")));
        Some(Self {
            realm: fields.get("realm")?,
            nonce: fields.get("nonce")?,
            algorithm: fields.algorithm()?,
            opaque: fields.get("opaque"),
            stale: fields.get("stale").is_some_and(|it| it.eq_ignore_ascii_case("true")),
            qop: match offers_auth {
                None => false,
                Some(true) => true,
                Some(false) => return None,
            },
        })
    }

    /// The value of an Authorization header that answers this challenge, as the `count`th
    /// request with its nonce.
    #[must_use]
    pub fn credentials(
        &self,
        username: &str,
        password: &str,
        method: &Method,
        uri: &str,
        count: u32,
        cnonce: &str,
    ) -> String {
        let credentials = Credentials {
            username: username.to_owned(),
            realm: self.realm.clone(),
            nonce: self.nonce.clone(),
            uri: uri.to_owned(),
            algorithm: self.algorithm,
            count: self.qop.then_some(count),
            nc: format!("{count:08x}"),
            cnonce: cnonce.to_owned(),
            response: String::new(),
        };
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\", algorithm={}",
            quoted(username),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(uri),
            credentials.expected(password, method),
            self.algorithm.name()
        );
        if self.qop {
            value.push_str(", qop=auth, nc=");
            value.push_str(&credentials.nc);
            value.push_str(", cnonce=");
            value.push_str(&quoted(cnonce));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(", opaque=");
            value.push_str(&quoted(opaque));
        }
        value
    }
}

impl Credentials {
    /// Reads the value of an Authorization or Proxy-Authorization header; `None` for another
    /// scheme or algorithm, or when something is missing or said twice.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        let fields = Fields::read(value)?;
        let (count, nc, cnonce) = match fields.get("qop") {
            None => (None, String::new(), String::new()),
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let nc = fields.get("nc")?;
                let is_count = nc.len() == 8 && nc.bytes().all(|it| it.is_ascii_hexdigit());
                let count = is_count.then(|| u32::from_str_radix(&nc, 16).ok())??;
                (Some(count), nc, fields.get("cnonce")?)
            }
            Some(_) => return None,
        };
        Some(Self {
            username: fields.get("username")?,
            realm: fields.get("realm")?,
            nonce: fields.get("nonce")?,
            uri: fields.get("uri")?,
            algorithm: fields.algorithm()?,
            count,
            nc,
            cnonce,
            response: fields.get("response")?,
        })
    }

    /// Whether whoever made these knows the password. Takes as long for a wrong answer as for
    /// one that is almost right.
    #[must_use]
    pub fn is_right(&self, password: &str, method: &Method) -> bool {
        let expected = self.expected(password, method);
        let given = self.response.to_ascii_lowercase();
        expected.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// RFC 7616 3.4.1; without `qop`, as RFC 2069 had it.
    fn expected(&self, password: &str, method: &Method) -> String {
        let hash = |parts: &[&str]| self.algorithm.hash(parts);
        let who = hash(&[&self.username, &self.realm, password]);
        let what = hash(&[method.as_str(), &self.uri]);
        match self.count {
            Some(_) => hash(&[&who, &self.nonce, &self.nc, &self.cnonce, "auth", &what]),
            None => hash(&[&who, &self.nonce, &what]),
        }
    }
}

/// The fields behind `Digest`, as written.
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    fn read(value: &'a str) -> Option<Self> {
        let mut scan = Scan::new(value.trim());
        if !scan.token()?.eq_ignore_ascii_case("Digest") {
            return None;
        }
        scan.skip_space();
        let mut fields: Vec<(&str, &str)> = vec![];
        loop {
            let name = scan.token()?;
            if !scan.separator(b'=') {
                return None;
            }
            // `uri` without quotes has been seen, and other things that are no tokens.
            let value =
                if scan.peek() == Some(b'"') { scan.quoted()? } else { scan.run(Class::VALUE) };
            // A field said twice could mean one thing to us and another to who comes next.
            // Twenty are more than there are, so the search stays short.
            let is_twice = fields.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
            if is_twice || fields.len() >= 20 {
                return None;
            }
            fields.push((name, value));
            if !scan.separator(b',') {
                scan.skip_space();
                return scan.is_done().then_some(Self(fields));
            }
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        Some(unquoted(value))
    }

    /// MD5 if it does not say (RFC 7616 3.3).
    fn algorithm(&self) -> Option<Algorithm> {
        self.get("algorithm").map_or(Some(Algorithm::Md5), |it| Algorithm::read(&it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 3.9.1: the same request answered with either hash.
    #[test]
    fn the_rfcs_own_examples_are_right() {
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let value = format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 uri=\"/dir/index.html\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
                 response=\"{response}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let credentials = Credentials::read(&value).unwrap();
            let get = Method::read("GET").unwrap();
            assert!(credentials.is_right("Circle of Life", &get), "{algorithm}");
            assert!(!credentials.is_right("circle of life", &get), "{algorithm}");
            assert!(!credentials.is_right("Circle of Life", &Method::INVITE), "{algorithm}");
            assert_eq!(credentials.count, Some(1));
        }
    }

    /// RFC 2617 3.5 with `qop`, and RFC 2069's formula without, over its data.
    #[test]
    fn the_older_example_is_right_too() {
        let value = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, \
            nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", \
            opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let get = Method::read("GET").unwrap();
        assert!(Credentials::read(value).unwrap().is_right("Circle Of Life", &get));
        let old = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", \
            response=\"670fd8c2df070c60b045671b8b24ff02\"";
        let old = Credentials::read(old).unwrap();
        assert!(old.is_right("Circle Of Life", &get));
        assert_eq!(old.count, None);
    }

    #[test]
    fn what_we_answer_to_our_own_challenge_is_right() {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let mut challenge = Challenge::new("stadt \"L\"", "abc".into(), algorithm);
            challenge.stale = true;
            challenge.opaque = Some("o".into());
            assert_eq!(Challenge::read(&challenge.value()), Some(challenge.clone()));
            let value = challenge.credentials("1001", "pw", &Method::REGISTER, "sip:x", 17, "c");
            let credentials = Credentials::read(&value).unwrap();
            assert!(credentials.is_right("pw", &Method::REGISTER));
            assert!(!credentials.is_right("pv", &Method::REGISTER));
            assert_eq!((credentials.count, credentials.username.as_str()), (Some(17), "1001"));
        }
    }

    #[test]
    fn what_is_no_credentials_is_refused() {
        let good = "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"";
        assert!(Credentials::read(good).is_some());
        for bad in [
            "",
            "Digest",
            "NoOneKnowsThisScheme opaque-data=here",
            "Digest username=\"a\", realm=\"b\"",
            &format!("{good}, username=\"z\""),
            &format!("{good}, algorithm=SHA-512-256"),
            &format!("{good}, qop=auth-int, nc=00000001, cnonce=\"x\""),
            &format!("{good}, qop=auth, nc=1, cnonce=\"x\""),
            &format!("{good}, qop=auth, nc=+0000001, cnonce=\"x\""),
            &format!("{good} x"),
            &format!("{good}, x=\""),
        ] {
            assert_eq!(Credentials::read(bad), None, "{bad}");
        }
    }
}
