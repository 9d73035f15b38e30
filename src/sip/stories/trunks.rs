//! Trunks: registering, probing, losing, finding again; and calls out by them.

use super::ladder::{Ladder, settings};
use crate::{
    base::{masked::Masked, numbers::TrunkNo, time::Span},
    sip::{
        auth::digest::Credentials,
        endpoint::Endpoint,
        message::{Message, header::reason::Reason, method::Method},
        settings::{Account, Carrier, Registers, Settings, Trunk},
        verb::{By, Target},
        wire::Transport,
    },
};

/// The carrier's first and second server, and another carrier's.
const FIRST: &str = "203.0.113.10:5060";
const SECOND: &str = "203.0.113.11:5060";
const OTHER: &str = "198.51.100.20:5060";

fn carrier() -> Carrier {
    Carrier {
        proxies: ["sip:203.0.113.10", "sip:203.0.113.11"].map(|it| it.parse().unwrap()).into(),
        domain: "carrier.example".into(),
        user: "+493411230".into(),
        account: Some(Account { user: "acd".into(), password: Masked::new("geheim") }),
        registers: Some(Registers { expires: 600, gin: false }),
        probe: None,
        mediasec: false,
    }
}

fn trunk(carrier: Carrier) -> Trunk {
    Trunk { name: "city".into(), allow: vec![], carrier: Some(carrier) }
}

fn with(carriers: Vec<Carrier>) -> Settings {
    let trunks = carriers.into_iter().map(|it| Some(trunk(it))).collect();
    Settings { trunks, ..settings() }
}

fn probed() -> Carrier {
    Carrier { registers: None, account: None, probe: Some(Span::secs(30)), ..carrier() }
}

/// Another carrier, that knows us and is never asked.
fn silent() -> Carrier {
    Carrier {
        proxies: vec!["sip:198.51.100.20".parse().unwrap()],
        domain: String::new(),
        probe: None,
        ..probed()
    }
}

const CHALLENGE: &str =
    "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\n";

impl Ladder {
    /// The carrier challenges, and takes what comes of it.
    fn registers_us(&mut self, expires: u32) {
        self.answers("REGISTER", 401, "r", CHALLENGE);
        self.answers("REGISTER", 200, "r", &format!("Expires: {expires}\n"));
    }

    fn calls_by(&mut self, trunks: &[u32]) {
        let by = |trunk: &u32| By {
            trunk: TrunkNo::first(*trunk),
            user: "+493415550001".into(),
            from_user: "+493411230".into(),
            is_anonymous: false,
            headers: vec![],
        };
        self.calls(Target::Trunks(trunks.iter().map(by).collect()));
    }
}

#[test]
fn a_trunk_registers_proves_who_it_is_and_refreshes_in_good_time() {
    let mut it = Ladder::with(with(vec![carrier()])).show(&["To", "Contact"]);
    it.until(0);
    it.registers_us(600);
    let (_, Message::Request(asked)) = it.sent.last().unwrap() else { panic!() };
    let credentials = Credentials::read(asked.headers.get("Authorization").unwrap()).unwrap();
    assert!(credentials.is_right("geheim", &Method::REGISTER));
    assert!(!credentials.is_right("falsch", &Method::REGISTER));
    while it.sent.len() == 2 {
        it.until(it.now.as_millis() + 100);
    }
    let (_, again) = it.asked("REGISTER");
    let credentials = Credentials::read(again.headers.get("Authorization").unwrap()).unwrap();
    assert_eq!(credentials.count, Some(2), "no need to be challenged again");
    it.answers("REGISTER", 200, "r", "Contact: <sip:+493411230@192.0.2.100:5060>;expires=600\n");
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | To: <sip:+493411230@carrier.example> | Contact: <sip:+493411230@192.0.2.100:5060>;expires=600
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | To: <sip:+493411230@carrier.example> | Contact: <sip:+493411230@192.0.2.100:5060>;expires=600
 0.0 * trunk-0 up
358.3 > 203.0.113.10:5060 REGISTER sip:carrier.example | To: <sip:+493411230@carrier.example> | Contact: <sip:+493411230@192.0.2.100:5060>;expires=600
"
    );
}

#[test]
fn a_carrier_that_wants_longer_registrations_gets_them() {
    let mut it = Ladder::with(with(vec![carrier()])).show(&["Expires"]);
    it.until(0);
    it.answers("REGISTER", 423, "r", "Min-Expires: 1800\n");
    it.answers("REGISTER", 200, "r", "Expires: 1800\n");
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 600
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 1800
 0.0 * trunk-0 up
"
    );
}

#[test]
fn many_numbers_register_at_once() {
    let gin = Registers { expires: 600, gin: true };
    let trunk = Carrier { registers: Some(gin), ..carrier() };
    let mut it = Ladder::with(with(vec![trunk])).show(&["Contact", "Require", "Proxy-Require"]);
    it.until(0);
    it.registers_us(600);
    // RFC 6140 5.2: no user part, and the parameter that says so.
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Contact: <sip:192.0.2.100:5060;bnc>;expires=600 | Require: gin | Proxy-Require: gin
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Contact: <sip:192.0.2.100:5060;bnc>;expires=600 | Require: gin | Proxy-Require: gin
 0.0 * trunk-0 up
"
    );
}

#[test]
fn a_server_that_does_not_answer_is_left_for_the_next_and_then_there_is_a_pause() {
    let mut it = Ladder::with(with(vec![carrier()]));
    it.until(0);
    it.answers("REGISTER", 503, "r", "");
    it.answers("REGISTER", 503, "r", "Retry-After: 20\n");
    it.until(22_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example
 0.0 > 203.0.113.11:5060 REGISTER sip:carrier.example
 0.0 * trunk-0 down: it refuses us with 503
20.0 > 203.0.113.10:5060 REGISTER sip:carrier.example
20.5 > 203.0.113.10:5060 REGISTER sip:carrier.example
21.5 > 203.0.113.10:5060 REGISTER sip:carrier.example
"
    );
    // It says nothing at all: after 16 T1 the other one is asked.
    it.until(28_000);
    assert_eq!(it.asked("REGISTER").0.remote.to_string(), SECOND);
    it.registers_us(600);
    assert!(it.told().ends_with("* trunk-0 up\n"));
}

#[test]
fn a_wrong_password_is_not_tried_over_and_over() {
    let mut it = Ladder::with(with(vec![carrier()]));
    it.until(0);
    it.answers("REGISTER", 401, "r", CHALLENGE);
    it.answers("REGISTER", 401, "r", CHALLENGE);
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example
 0.0 * trunk-0 down: user or password are wrong (see trunk.user, password)
"
    );
    it.until(2_000);
    assert_eq!(it.told(), "\n", "there is a pause");
}

#[test]
fn who_is_known_until_later_is_up_until_then() {
    let mut it = Ladder::with(with(vec![carrier()]));
    it.until(0);
    it.registers_us(600);
    it.told();
    // Every refresh is refused; the binding lasts 600 s all the same.
    while it.now.as_millis() < 598_000 {
        it.until(it.now.as_millis() + 1_000);
        if it.told().contains("REGISTER") {
            it.answers("REGISTER", 500, "r", "");
            assert!(!it.told().contains("down"), "{}", it.now);
        }
    }
    it.until(603_000);
    it.answers("REGISTER", 500, "r", "");
    assert!(it.told().contains("* trunk-0 down: it refuses us with 500"));
}

#[test]
fn a_broken_connection_is_registered_over_anew_at_once() {
    let stream =
        Carrier { proxies: vec!["sip:203.0.113.10;transport=tcp".parse().unwrap()], ..carrier() };
    let mut it = Ladder::with(with(vec![stream])).over_tcp();
    it.until(0);
    it.registers_us(600);
    it.told();
    it.flow_gone(FIRST);
    it.until(1_000);
    let told = it.told();
    assert!(told.starts_with("\n 0.0 * trunk-0 down: the connection broke\n"), "{told}");
    assert!(told.contains("> 203.0.113.10:5060 (new connection) REGISTER"), "{told}");
    it.registers_us(600);
    assert!(it.told().ends_with("* trunk-0 up\n"));
}

#[test]
fn who_goes_withdraws() {
    let mut it = Ladder::with(with(vec![carrier()])).show(&["Expires", "Contact"]);
    it.until(0);
    it.registers_us(600);
    it.told();
    it.does(Endpoint::leave);
    it.answers(
        "REGISTER",
        401,
        "r",
        &CHALLENGE.replace("n1", "n2").replace("MD5", "MD5, stale=true"),
    );
    it.answers("REGISTER", 200, "r", "");
    it.until(4_000_000);
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0 | Contact: <sip:+493411230@192.0.2.100:5060>;expires=0
 0.0 * trunk-0 down: we have withdrawn
 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0 | Contact: <sip:+493411230@192.0.2.100:5060>;expires=0
"
    );
}

#[test]
fn a_changed_account_registers_anew_and_one_that_is_gone_withdraws() {
    let mut it = Ladder::with(with(vec![carrier()])).show(&["Expires"]);
    it.until(0);
    it.registers_us(600);
    it.told();
    let same = with(vec![carrier()]);
    it.does(|it, now, out| it.reconfigure(now, same, out));
    assert_eq!(it.told(), "\n", "nothing has changed");
    let other = with(vec![Carrier { user: "+493411231".into(), ..carrier() }]);
    it.does(|it, now, out| it.reconfigure(now, other, out));
    it.until(100);
    it.does(|it, now, out| it.reconfigure(now, with(vec![]), out));
    it.until(500_000);
    let told = it.told();
    let lines: Vec<_> = told
        .lines()
        .filter(|it| {
            !it.contains("> 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 600")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "",
            " 0.0 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            " 0.0 * trunk-0 down: we have withdrawn",
            " 0.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            " 1.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            " 3.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            " 7.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "11.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "15.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "19.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "23.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "27.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
            "31.5 > 203.0.113.10:5060 REGISTER sip:carrier.example | Expires: 0",
        ]
    );
}

#[test]
fn a_static_trunk_is_looked_after_and_one_lost_probe_takes_it_not_down() {
    let one = Carrier { proxies: vec!["sip:203.0.113.10".parse().unwrap()], ..probed() };
    let mut it = Ladder::with(with(vec![one]));
    it.until(0);
    // Whatever it says, it is there.
    it.answers("OPTIONS", 404, "o", "");
    it.until(30_000);
    it.answers("OPTIONS", 200, "o", "");
    it.until(60_000);
    it.answers("OPTIONS", 503, "o", "");
    it.until(65_000);
    it.answers("OPTIONS", 503, "o", "");
    it.until(95_000);
    it.answers("OPTIONS", 200, "o", "");
    it.until(100_000);
    it.answers("OPTIONS", 200, "o", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
 0.0 * trunk-0 up
30.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
60.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
65.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
65.0 * trunk-0 down: it refuses us with 503
95.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
100.0 > 203.0.113.10:5060 OPTIONS sip:carrier.example
100.0 * trunk-0 up
"
    );
}

#[test]
fn calls_come_in_from_where_we_registered_and_from_nobody_else() {
    let mut it =
        Ladder::with(with(vec![carrier(), Carrier { user: "+493411231".into(), ..carrier() }]));
    it.until(0);
    it.told();
    let invite = |user: &str, branch: u32| {
        format!(
            "\
INVITE sip:{user}@192.0.2.100 SIP/2.0
Via: SIP/2.0/UDP 203.0.113.10;branch=z9hG4bK{branch}
From: <sip:+4930123@carrier.example>;tag={branch}
To: <sip:{user}@carrier.example>
Call-ID: {branch}
CSeq: 1 INVITE
Contact: <sip:203.0.113.10>
"
        )
    };
    // Two trunks of one carrier: whom it means is what it calls us by.
    it.hears(FIRST, &invite("+493411230", 1));
    it.hears(SECOND, &invite("+493411231", 2));
    it.hears(OTHER, &invite("+493411230", 3));
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 0 }): +4930123 calls +493411230
 0.0 > 203.0.113.11:5060 100 Trying (INVITE)
 0.0 * Invited by Trunk(TrunkNo { turn: 0, slot: 1 }): +4930123 calls +493411231
"
    );
    assert_eq!(it.endpoint.counts().rejected["acl"], 1);
}

#[test]
fn a_call_out_answers_the_carriers_challenge_and_keeps_its_dialog() {
    let quiet = Carrier { account: carrier().account, probe: None, ..probed() };
    let mut it = Ladder::with(with(vec![quiet])).show(&["CSeq", "Contact"]);
    it.calls_by(&[0]);
    it.answers("INVITE", 407, "p", &CHALLENGE.replace("WWW-Authenticate", "Proxy-Authenticate"));
    let (_, invite) = it.asked("INVITE");
    let credentials = invite.headers.get("Proxy-Authorization").unwrap();
    assert!(Credentials::read(credentials).unwrap().is_right("geheim", &Method::INVITE));
    assert_eq!(invite.body, b"offer");
    it.answers("INVITE", 180, "t", "");
    it.answers("INVITE", 200, "t", "Contact: <sip:gw@203.0.113.10>\n");
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    it.answers(
        "BYE",
        407,
        "t",
        &CHALLENGE.replace("WWW-Authenticate", "Proxy-Authenticate").replace("n1", "n2"),
    );
    it.answers("BYE", 200, "t", "");
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.10:5060 INVITE sip:+493415550001@carrier.example;user=phone | CSeq: 1 INVITE | Contact: <sip:+493411230@192.0.2.100:5060> | offer
 0.0 > 203.0.113.10:5060 ACK sip:+493415550001@carrier.example;user=phone | CSeq: 1 ACK
 0.0 > 203.0.113.10:5060 INVITE sip:+493415550001@carrier.example;user=phone | CSeq: 2 INVITE | Contact: <sip:+493411230@192.0.2.100:5060> | offer
 0.0 * Progressed 180
 0.0 > 203.0.113.10:5060 ACK sip:gw@203.0.113.10 | CSeq: 2 ACK
 0.0 * Answered
 0.0 > 203.0.113.10:5060 BYE sip:gw@203.0.113.10 | CSeq: 3 BYE
 0.0 > 203.0.113.10:5060 BYE sip:gw@203.0.113.10 | CSeq: 4 BYE
"
    );
    it.until(60_000);
    assert!(it.is_quiet(), "{}", it.endpoint.left());
}

#[test]
fn a_call_goes_to_the_next_server_and_then_to_the_next_trunk() {
    let quiet = Carrier { probe: None, ..probed() };
    let mut it = Ladder::with(with(vec![quiet, silent()]));
    it.calls_by(&[0, 1]);
    it.answers("INVITE", 503, "a", "");
    // The second server says nothing: after 8 T1 the other carrier is tried.
    it.until(4_000);
    let (other, invite) = it.asked("INVITE");
    it.answers_to(other, &invite, 100, "", "");
    it.until(10_000);
    it.answers_to(other, &invite, 486, "c", "");
    let told = it.told();
    let shown: Vec<_> = told.lines().filter(|it| !it.contains(".11:5060")).collect();
    assert_eq!(
        shown.join("\n"),
        "
 0.0 > 203.0.113.10:5060 INVITE sip:+493415550001@carrier.example;user=phone | offer
 0.0 > 203.0.113.10:5060 ACK sip:+493415550001@carrier.example;user=phone
 4.0 > 198.51.100.20:5060 INVITE sip:+493415550001@198.51.100.20:5060;user=phone | offer
 4.0 * Progressed 100
10.0 > 198.51.100.20:5060 ACK sip:+493415550001@198.51.100.20:5060;user=phone
10.0 * Rejected 486 Busy Here"
    );
    // What failed is avoided for a while.
    it.calls_by(&[0]);
    it.until(11_000);
    it.answers("INVITE", 486, "d", "");
    assert!(it.told().contains("10.0 > 203.0.113.1"));
}

#[test]
fn a_call_that_rang_is_not_tried_elsewhere_and_neither_is_one_given_up() {
    let quiet = || Carrier { probe: None, ..probed() };
    let mut it = Ladder::with(with(vec![quiet()]));
    it.calls_by(&[0]);
    it.answers("INVITE", 180, "a", "");
    it.answers("INVITE", 503, "a", "");
    assert!(it.told().ends_with("* Rejected 503 Service Unavailable\n"));

    let mut it = Ladder::with(with(vec![quiet()]));
    it.calls_by(&[0]);
    it.answers("INVITE", 100, "", "");
    let dialog = it.dialogs[0];
    it.does(|it, now, out| it.end(now, dialog, Reason::Q850(16), out)).unwrap();
    it.answers("INVITE", 503, "a", "");
    assert!(it.told().ends_with("* Rejected 487 Request Terminated\n"));
    it.until(60_000);
    assert!(it.is_quiet());
}

#[test]
fn a_server_that_wakes_up_late_does_not_get_the_call() {
    let mut it = Ladder::with(with(vec![Carrier { probe: None, ..probed() }]));
    it.calls_by(&[0]);
    let (first, invite) = it.asked("INVITE");
    it.until(4_000);
    assert_ne!(it.asked("INVITE").0.remote, first.remote);
    it.answers_to(first, &invite, 180, "late", "");
    it.answers_to(first, &invite, 200, "late", "Contact: <sip:late@203.0.113.10>\n");
    assert!(!it.told().contains("Answered"));
    it.answers("BYE", 200, "late", "");
    it.answers("INVITE", 200, "b", "Contact: <sip:b@203.0.113.11>\n");
    assert!(it.told().ends_with("* Answered\n"));
}

#[test]
fn calls_go_out_where_we_are_registered_by_the_proxies_it_wants() {
    let mut it = Ladder::with(with(vec![carrier()])).show(&["Route"]);
    it.until(0);
    it.answers("REGISTER", 503, "r", "");
    it.answers(
        "REGISTER",
        200,
        "r",
        "Expires: 600\nService-Route: <sip:core.carrier.example;lr>\n",
    );
    it.told();
    it.calls_by(&[0]);
    assert_eq!(
        it.told(),
        "
 0.0 > 203.0.113.11:5060 INVITE sip:+493415550001@carrier.example;user=phone | Route: <sip:core.carrier.example;lr> | offer
"
    );
}

/// DOMAIN.md 5.1: what Telekom's `CompanyFlex` wants to hear, and what it says.
#[test]
fn companyflex_agrees_on_encrypted_sound_in_its_headers() {
    let flex = Carrier {
        proxies: vec!["sip:203.0.113.10;transport=tls".parse().unwrap()],
        domain: "tel.t-online.de".into(),
        user: "+4919912345".into(),
        mediasec: true,
        ..carrier()
    };
    let mut settings = with(vec![flex]);
    settings.listen.push((Transport::Tls, "192.0.2.100:5061".parse().unwrap()));
    let shown = ["Security-Client", "Security-Verify", "Require", "Proxy-Require"];
    let mut it = Ladder::with(settings).over(Transport::Tls).show(&shown);
    it.until(0);
    it.answers("REGISTER", 401, "r", &format!("Security-Server: sdes-srtp;mediasec\n{CHALLENGE}"));
    it.answers("REGISTER", 200, "r", "Expires: 600\n");
    it.calls_by(&[0]);
    it.answers("INVITE", 494, "i", "Security-Server: sdes-srtp;mediasec;x=2\n");
    let told = it.told();
    let lines: Vec<_> = told.lines().map(|it| it.replace(" (new connection)", "")).collect();
    assert_eq!(
        lines.join("\n"),
        "
 0.0 > 203.0.113.10:5061 REGISTER sip:tel.t-online.de | Security-Client: sdes-srtp;mediasec | Require: mediasec | Proxy-Require: mediasec
 0.0 > 203.0.113.10:5061 REGISTER sip:tel.t-online.de | Security-Client: sdes-srtp;mediasec | Security-Verify: sdes-srtp;mediasec | Require: mediasec | Proxy-Require: mediasec
 0.0 * trunk-0 up
 0.0 > 203.0.113.10:5061 INVITE sip:+493415550001@tel.t-online.de;user=phone | Security-Client: sdes-srtp;mediasec | Security-Verify: sdes-srtp;mediasec | Require: mediasec | Proxy-Require: mediasec | offer
 0.0 > 203.0.113.10:5061 ACK sip:+493415550001@tel.t-online.de;user=phone
 0.0 > 203.0.113.10:5061 INVITE sip:+493415550001@tel.t-online.de;user=phone | Security-Client: sdes-srtp;mediasec | Security-Verify: sdes-srtp;mediasec;x=2 | Require: mediasec | Proxy-Require: mediasec | offer"
    );
}
