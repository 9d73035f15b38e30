//! Our side's keys in one dialog: drawn once, offered, answered with, and kept for as long as
//! the far side keeps its own.
//!
//! ```text
//! offer     one line a suite, each with a key of its own (RFC 4568 6.1)
//! answer    their first line that we can use; our key for its suite
//! again     the same key from them: ours stays, and the packets go on counting
//!           another key: ours is drawn anew too, and both sides count from the beginning
//! ```

use crate::{
    base::{key::Key, masked::Masked, secret_rng::SecretRng},
    sdp::crypto::{Crypto, Suite},
};

/// The keys of one side of one dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyring {
    suites: Vec<Suite>,
    well: SecretRng,
    /// Ours, one for each suite used so far.
    ours: Vec<Crypto>,
    /// What the far side sends with, as last agreed.
    theirs: Option<(Suite, Key)>,
}

/// What two sides protect their packets with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// How.
    pub suite: Suite,
    /// What we send with.
    pub ours: Key,
    /// What they send with.
    pub theirs: Key,
}

impl Keyring {
    /// A keyring for these suites, best first, with keys from `well`.
    #[must_use]
    pub fn new(suites: Vec<Suite>, well: SecretRng) -> Self {
        Self { suites, well, ours: vec![], theirs: None }
    }

    /// The lines of our offer.
    pub(super) fn offer(&mut self) -> Vec<Crypto> {
        for suite in self.suites.clone() {
            if !self.ours.iter().any(|it| it.suite == suite) {
                self.draw(suite);
            }
        }
        let place = |it: &Crypto| self.suites.iter().position(|suite| *suite == it.suite);
        self.ours.sort_by_key(place);
        for (tag, line) in (1..).zip(&mut self.ours) {
            line.tag = tag;
        }
        self.ours.clone()
    }

    /// The line of our answer to theirs, and the keys that are agreed with it. Of their lines,
    /// which are in the order of their liking, the first that we can use.
    pub(super) fn answer(&mut self, theirs: &[Masked]) -> Option<(Crypto, Keys)> {
        let line = self.usable(theirs)?;
        let suite = line.suite;
        let known = self.theirs.replace((suite, line.key.clone()));
        if known.is_some_and(|known| known != (suite, line.key.clone())) {
            self.ours.clear();
        }
        let ours = match self.ours.iter_mut().find(|it| it.suite == suite) {
            Some(ours) => ours,
            None => self.draw(suite),
        };
        ours.tag = line.tag;
        let keys = Keys { suite, ours: ours.key.clone(), theirs: line.key };
        Some((ours.clone(), keys))
    }

    /// The keys agreed by their answer to our offer: it names one line of ours, by its tag, and
    /// keeps the suite of that.
    pub(super) fn answered(&mut self, theirs: &[Masked]) -> Option<Keys> {
        let line = self.usable(theirs)?;
        let ours = self.ours.iter().find(|it| it.tag == line.tag && it.suite == line.suite)?;
        let keys = Keys { suite: line.suite, ours: ours.key.clone(), theirs: line.key.clone() };
        self.theirs = Some((line.suite, line.key));
        Some(keys)
    }

    /// Whether one of their lines could be answered.
    pub(super) fn usable(&self, theirs: &[Masked]) -> Option<Crypto> {
        theirs.iter().find_map(|it| Crypto::read(it.unmask(), &self.suites).ok())
    }

    fn draw(&mut self, suite: Suite) -> &mut Crypto {
        let mut octets = vec![0; suite.octets];
        self.well.draw(&mut octets);
        let key = Key::new(&octets).expect("no suite has more octets than a key holds");
        self.ours.push(Crypto { tag: 1, suite, key });
        self.ours.last_mut().expect("it was pushed just now")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{
        crypto::Policy,
        negotiate::{Agreed, Format, Ours, Refused},
        session::Session,
    };

    const PCMA: Format = Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 };
    const GCM: Suite = Suite { name: "AEAD_AES_128_GCM", octets: 28 };
    const CM: Suite = Suite { name: "AES_CM_128_HMAC_SHA1_80", octets: 30 };
    const KEY: &str = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    const OTHER_KEY: &str = "inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn side(policy: Policy, seed: u8) -> Ours {
        let keyring = Keyring::new(vec![GCM, CM], SecretRng::new(&[seed; 32], "test"));
        let address = format!("192.0.2.{seed}:20000").parse().unwrap();
        Ours::new(7, address, vec![PCMA]).protected(policy, keyring)
    }

    /// A description with these lines behind the usual ones.
    fn theirs(lines: &str) -> Session {
        let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n";
        Session::read((head.to_owned() + &lines.replace('\n', "\r\n")).as_bytes()).unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The media line, and the tags and suites of the crypto lines.
    fn shown(sdp: &[u8]) -> String {
        let shown = text(sdp);
        let lines = shown.lines().filter(|it| it.starts_with("m=") || it.starts_with("a=crypto"));
        lines.map(|it| it.split(" inline").next().unwrap()).collect::<Vec<_>>().join("\n")
    }

    /// Whether two sides of these policies agree, and whether on SRTP.
    fn meet(offerer: Policy, answerer: Policy) -> Result<bool, Refused> {
        let (mut one, mut two) = (side(offerer, 1), side(answerer, 2));
        let offer = Session::read(&one.offer()).unwrap();
        let (answer, there) = two.answer(&offer)?;
        let here = one.answered(&Session::read(&answer).unwrap())?;
        if let (Some(here), Some(there)) = (&here.keys, &there.keys) {
            assert_eq!((here.suite, &here.ours, &here.theirs), (GCM, &there.theirs, &there.ours));
            assert_ne!(here.ours, here.theirs);
        }
        assert_eq!(here.keys.is_some(), there.keys.is_some());
        Ok(here.keys.is_some())
    }

    #[test]
    fn every_policy_meets_every_other() {
        use Policy::{Off, Offered, Required};
        for (offerer, answerer, outcome) in [
            (Off, Off, Ok(false)),
            (Off, Offered, Ok(false)),
            (Off, Required, Err(Refused::Unprotected)),
            (Offered, Off, Ok(false)),
            (Offered, Offered, Ok(true)),
            (Offered, Required, Ok(true)),
            (Required, Off, Err(Refused::Protocol)),
            (Required, Offered, Ok(true)),
            (Required, Required, Ok(true)),
        ] {
            assert_eq!(meet(offerer, answerer), outcome, "{offerer} meets {answerer}");
        }
    }

    #[test]
    fn an_offer_has_a_key_for_each_suite_and_keeps_them() {
        for (policy, proto) in [(Policy::Offered, "RTP/AVP"), (Policy::Required, "RTP/SAVP")] {
            let mut ours = side(policy, 1);
            let first = ours.offer();
            assert_eq!(
                shown(&first),
                format!(
                    "m=audio 20000 {proto} 8 101\na=crypto:1 AEAD_AES_128_GCM\n\
                     a=crypto:2 AES_CM_128_HMAC_SHA1_80"
                )
            );
            assert_eq!(ours.offer(), first);
            assert!(!format!("{ours:?}").contains("inline"), "{ours:?}");
        }
    }

    #[test]
    fn a_carrier_that_asks_for_mediasec_is_told_so_beside_the_keys() {
        let offer = text(&side(Policy::Required, 1).to_edge().offer());
        assert!(offer.contains("a=3ge2ae:requested\r\n"), "{offer}");
        let offer = text(&side(Policy::Off, 1).to_edge().offer());
        assert!(!offer.contains("3ge2ae"), "{offer}");
    }

    /// Where keys would be overheard there are none: what may go without goes plain.
    #[test]
    fn without_keys_there_is_no_srtp() {
        let bare = |policy| {
            Ours::new(7, "192.0.2.1:20000".parse().unwrap(), vec![PCMA])
                .protected(policy, Keyring::new(vec![], SecretRng::new(&[1; 32], "test")))
        };
        assert_eq!(shown(&bare(Policy::Offered).offer()), "m=audio 20000 RTP/AVP 8 101");
        for (offer, required, offered) in [
            ("m=audio 5004 RTP/AVP 8\n", Err(Refused::Unprotected), Ok(())),
            (
                "m=audio 5004 RTP/SAVP 8\n",
                Err(Refused::NoCommonCrypto),
                Err(Refused::NoCommonCrypto),
            ),
        ] {
            let offer = theirs(&format!("{offer}a=crypto:1 {} {KEY}\n", CM.name));
            assert_eq!(bare(Policy::Required).answer(&offer).map(|_| ()), required);
            assert_eq!(bare(Policy::Offered).answer(&offer).map(|_| ()), offered);
        }
    }

    /// What phones have been seen to offer, and what each policy makes of it.
    #[test]
    fn an_answer_takes_their_first_line_that_it_can_use_with_its_tag() {
        let useless = format!("a=crypto:1 AES_256_CM_HMAC_SHA1_80 {KEY}\n");
        let unencrypted = format!("a=crypto:2 {} {KEY} UNENCRYPTED_SRTP\n", CM.name);
        let useful = format!("a=crypto:7 {} {KEY}|2^31\n", CM.name);
        let another = format!("a=crypto:8 {} {OTHER_KEY}\n", CM.name);
        let savp = "m=audio 5004 RTP/SAVP 8\n";
        let avp = "m=audio 5004 RTP/AVP 8\n";
        let took = |proto: &str| Ok(format!("m=audio 20000 {proto} 8\na=crypto:7 {}", CM.name));
        let plain = || Ok("m=audio 20000 RTP/AVP 8".to_owned());
        let all = format!("{useless}{unencrypted}{useful}{another}");
        for (lines, required, offered, off) in [
            (format!("{savp}{all}"), took("RTP/SAVP"), took("RTP/SAVP"), Err(Refused::Protocol)),
            (format!("{avp}{all}"), took("RTP/AVP"), took("RTP/AVP"), plain()),
            (avp.to_owned(), Err(Refused::Unprotected), plain(), plain()),
            (format!("{avp}{useless}"), Err(Refused::Unprotected), plain(), plain()),
            (
                format!("{savp}{useless}{unencrypted}"),
                Err(Refused::NoCommonCrypto),
                Err(Refused::NoCommonCrypto),
                Err(Refused::Protocol),
            ),
            (
                savp.to_owned(),
                Err(Refused::NoCommonCrypto),
                Err(Refused::NoCommonCrypto),
                Err(Refused::Protocol),
            ),
        ] {
            for (policy, outcome) in
                [(Policy::Required, required), (Policy::Offered, offered), (Policy::Off, off)]
            {
                let answer = side(policy, 1).answer(&theirs(&lines)).map(|it| shown(&it.0));
                assert_eq!(answer, outcome, "{policy}: {lines}");
            }
        }
    }

    #[test]
    fn of_two_lines_the_protected_one_is_taken_wherever_it_stands() {
        let plain = "m=audio 5004 RTP/AVP 8\n";
        let protected = format!("m=audio 5006 RTP/SAVP 8\na=crypto:1 {} {KEY}\n", CM.name);
        for (lines, port) in
            [(format!("{plain}{protected}"), 5006), (format!("{protected}{plain}"), 5006)]
        {
            for (policy, port) in
                [(Policy::Offered, port), (Policy::Required, 5006), (Policy::Off, 5004)]
            {
                let (_, agreed) = side(policy, 1).answer(&theirs(&lines)).unwrap();
                assert_eq!(agreed.remote.unwrap().port(), port, "{policy}");
            }
        }
    }

    #[test]
    fn an_answer_that_names_no_line_of_ours_is_refused() {
        let agreed = |lines: &str| {
            let mut ours = side(Policy::Offered, 1);
            let _ = ours.offer();
            ours.answered(&theirs(lines)).map(|it| it.keys.is_some())
        };
        let line = |tag: u8, suite: Suite| format!("a=crypto:{tag} {} {KEY}\n", suite.name);
        let avp = "m=audio 5004 RTP/AVP 8\n";
        assert_eq!(agreed(avp), Ok(false));
        assert_eq!(agreed(&format!("{avp}{}", line(2, CM))), Ok(true));
        // Another suite than that of the tag, or a tag that we never gave.
        for tag in [1, 3] {
            assert_eq!(agreed(&format!("{avp}{}", line(tag, CM))), Err(Refused::NoCommonCrypto));
        }
        assert_eq!(agreed("m=audio 5004 RTP/SAVP 8\n"), Err(Refused::NoCommonCrypto));
    }

    #[test]
    fn keys_stay_through_a_hold_and_change_when_theirs_do() {
        let mut ours = side(Policy::Required, 1);
        let mut answered = |key: &str, more: &str| -> Agreed {
            let lines = format!("m=audio 5004 RTP/SAVP 8\na=crypto:1 {} {key}\n{more}", CM.name);
            ours.answer(&theirs(&lines)).unwrap().1
        };
        let first = answered(KEY, "").keys.unwrap();
        assert_eq!(answered(KEY, "a=sendonly\n").keys.unwrap(), first);
        let renewed = answered(OTHER_KEY, "").keys.unwrap();
        assert_ne!(renewed.ours, first.ours);
        assert_eq!(answered(OTHER_KEY, "").keys.unwrap(), renewed);
        // Our own offer in that dialog names the key in use, on a line of the same kind.
        let offer = text(&ours.offer());
        let key = text(
            &ours
                .answer(&theirs(&format!(
                    "m=audio 5004 RTP/SAVP 8\na=crypto:1 {} {OTHER_KEY}\n",
                    CM.name
                )))
                .unwrap()
                .0,
        );
        let used = key.lines().find_map(|it| it.split_once("inline:")).unwrap().1.to_owned();
        assert!(offer.contains("RTP/SAVP") && offer.contains(&used), "{offer}");
    }
}
