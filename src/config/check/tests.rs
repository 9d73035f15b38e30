//! Whole files, good and bad, and files that follow one another.

use std::path::Path;

use proptest::{prelude::*, sample::Index};

use crate::{
    acd::plan::Overflow,
    base::{
        numbers::{QueueNo, TrunkNo},
        time::Timestamp,
    },
    config::{self, check::check, fault::Faults, meant::Config, show},
    exchange::plan::{Goal, Leads},
};

/// A good file, to be spoilt in one place at a time.
const GOOD: &str = r#"
[sip]
listen = ["udp://192.0.2.1:5060", "tcp://192.0.2.1:5060"]
[rtp]
ports = "20000-20999"
[[trunk]]
name = "city"
allow = ["198.51.100.0/24"]
[[number]]
digits = "1230"
queue = "q"
[[queue]]
name = "q"
skills = ["german>=3"]
[[queue]]
name = "overflow"
[[number]]
digits = "99"
queue = "overflow"
[[skill]]
name = "german"
[[skill]]
name = "english"
[[agent]]
ids = "1-3"
phone = "{id}"
skills = { german = 5 }
[[phone]]
users = "1-3"
password = { env = "CARGO_PKG_NAME" }
"#;

fn faults(text: &str) -> Faults {
    check("f", text, None).map_or_else(|errors| errors, |checked| checked.warnings)
}

fn config(text: &str, before: Option<&Config>) -> Config {
    check("f", text, before).unwrap().config
}

#[test]
fn a_good_file_has_no_faults_and_secrets_come_from_where_it_says() {
    assert_eq!(faults(GOOD).to_string(), "");
    let phones = config(GOOD, None).exchange.sip.phones;
    assert_eq!(phones[2].as_ref().unwrap().password.as_ref().unwrap().unmask(), "lotse");
}

/// What is replaced in [`GOOD`], by what, and all that is then said.
const SPOILT: &[(&str, &str, &str)] = &[
    ("[sip]", "[sip", "2:5: error: unclosed table, expected `]`"),
    ("\"q\"\nskills", "\"q\"\nname = \"q\"\nskills", "14:1: error: duplicate key"),
    (
        r#"queue = "overflow""#,
        r#"queue = "overflw""#,
        "19:9: error: no queue is called \"overflw\", did you mean `overflow`?",
    ),
    (
        r#"ports = "20000-20999""#,
        "port = 5",
        "5:1: error: unknown key `port`, did you mean `ports`?",
    ),
    (
        r#"digits = "1230""#,
        "",
        "9:1: error: `digits` is missing: digits, perhaps with a leading '+'",
    ),
    (r#"digits = "99""#, r#"digits = "1230""#, "18:10: error: number \"1230\" is here twice"),
    ("[[trunk]]", "[trunk]", "6:1: error: there may be several: write [[trunk]], not [trunk]"),
    ("[sip]", "[[sip]]", "2:1: error: there is only one: write [sip], not [[sip]]"),
    (
        "[sip]",
        "sip = 5\n[log]",
        "2:7: error: `sip` is a section: write [sip]\n4:1: error: unknown key `listen` (known: filter, format)",
    ),
    (
        r#"name = "overflow""#,
        "name = \"overflow\"\nfull = { then = \"overflow\", to = \"overflow\" }",
        "17:34: error: queue \"overflow\" overflows to itself",
    ),
    (
        r#"name = "overflow""#,
        "name = \"overflow\"\nfull = { then = \"overflow\", to = \"q\" }\nlate = { after = \"9s\", then = \"overflow\", to = \"sip:x@example.org\" }",
        "18:48: error: \"sip:x@example.org\": the host must be an IP address; names are not looked up",
    ),
    (
        "name = \"overflow\"",
        "name = \"overflow\"\nlate = { after = \"9s\", then = \"overflow\", to = \"q\" }\n[queue.full]\nthen = \"stay\"\n[[queue]]\nname = \"third\"\n[[number]]\ndigits = \"3\"\nqueue = \"third\"",
        "",
    ),
    (
        "skills = [\"german>=3\"]\n[[queue]]\nname = \"overflow\"",
        "full = { then = \"overflow\", to = \"overflow\" }\n[[queue]]\nname = \"overflow\"\nlate = { after = \"9s\", then = \"overflow\", to = \"q\" }",
        "14:34: error: overflowing to \"overflow\" leads back here: a call would go in circles\n17:48: error: overflowing to \"q\" leads back here: a call would go in circles",
    ),
    (
        "skills = [\"german>=3\"]",
        "skills = [\"german>=6\"]",
        "14:10: warning: queue \"q\": no agent has skill \"german\" at level 6 or better - see agent.skills",
    ),
    (
        "skills = [\"german>=3\"]",
        "skills = [\"german\", \"english\"]",
        "14:10: warning: queue \"q\": no agent has skill \"english\" at level 1 or better - see agent.skills",
    ),
    (
        "digits = \"99\"",
        "digits = \"99\"\nskills = [\"english\"]",
        "19:10: warning: number \"99\": no agent has skill \"english\" at level 1 or better - see agent.skills",
    ),
    (
        "skills = [\"german>=3\"]",
        "skills = [\"german>=3\", \"german\"]",
        "14:24: error: skill \"german\" is named twice here",
    ),
    (
        "skills = [\"german>=3\"]",
        "skills = [\"german>=3\"]\nrelax = [{ after = \"9s\", skill = \"english\" }]",
        "15:34: error: the queue does not need skill \"english\", so it cannot be relaxed",
    ),
    (
        "skills = [\"german>=3\"]",
        "skills = [\"german>=3\"]\nrelax = [{ after = \"9s\", skill = \"german\", to = 3 }]",
        "15:49: error: skill \"german\" is needed at level 3; 3 does not relax it",
    ),
    (
        "digits = \"99\"\nqueue = \"overflow\"",
        "digits = \"99\"\nqueue = \"q\"",
        "16:8: warning: nothing leads to queue \"overflow\": no number, fallback or overflow",
    ),
    (
        r#"ports = "20000-20999""#,
        r#"ports = "5000-5999""#,
        "5:9: error: the range holds 192.0.2.1:5060, where SIP is spoken",
    ),
    (
        r#"ports = "20000-20999""#,
        r#"ports = "20001-20003""#,
        "5:9: error: too few ports for one call: it takes four, from an even one on",
    ),
    (
        r#"ports = "20000-20999""#,
        r#"ports = "20000-20003""#,
        "5:9: warning: 3 agents talking at once take 6 legs; there are 2",
    ),
    (
        r#"ports = "20000-20999""#,
        "ports = \"20000-20999\"\n[limits]\nlegs = 501",
        "7:8: error: 501 legs need 1002 ports; `rtp.ports` has 500 pairs",
    ),
    (
        "tcp://192.0.2.1:5060",
        "udp://192.0.2.1:5060",
        "3:35: error: 192.0.2.1:5060 is listened on twice",
    ),
    (
        "tcp://192.0.2.1:5060",
        "tcp://0.0.0.0:5061",
        "3:35: error: listening on all addresses: say in `sip.public_address` which one others reach us by",
    ),
    (
        "[rtp]",
        "[http]\nlisten = \"0.0.0.0:5060\"\n[rtp]",
        "5:10: error: 0.0.0.0:5060 is SIP's over TCP",
    ),
    ("[rtp]", "t1 = \"5s\"\n[rtp]", "4:6: error: `t1` (5s) is more than `t2` (4s)"),
    (
        "[rtp]",
        "[log]\nfilter = \"info,=x=\"\n[rtp]",
        "5:10: error: \"info,=x=\": invalid filter directive",
    ),
    (
        "[[number]]\ndigits = \"99\"",
        "[[trunk]]\nname = \"b\"\nallow = [\"198.51.100.7\"]\n[[number]]\ndigits = \"99\"",
        "19:10: error: trunk \"city\" allows this address as well; whose call would it be?",
    ),
    (
        r#"allow = ["198.51.100.0/24"]"#,
        "allow = []",
        "8:9: error: trunk \"city\" allows nobody; name the carrier's addresses",
    ),
    (
        r#"allow = ["198.51.100.0/24"]"#,
        r#"allow = ["0.0.0.0/0"]"#,
        "8:10: warning: trunk \"city\" lets everybody in",
    ),
    (
        "phone = \"{id}\"",
        "phone = \"1\"",
        "26:9: error: phone \"1\" is agent \"1\"'s; who shares a desk signs in there by code",
    ),
    (
        "phone = \"{id}\"",
        "phone = \"desk\"",
        "26:9: error: no phone is called \"desk\" (known: 1, 2, 3)",
    ),
    (
        "phone = \"{id}\"",
        "ready_on_register = true",
        "26:21: error: `ready_on_register` needs a `phone` that registers",
    ),
    (
        "ids = \"1-3\"",
        "ids = \"1-3\"\nid = \"x\"",
        "25:7: error: either `id` or `ids`, not both\n27:9: error: no phone is called \"x\" (known: 1, 2, 3)",
    ),
    (
        "password = { env = \"CARGO_PKG_NAME\" }",
        "",
        "28:1: error: a phone needs a `password`, to register with, or an `address`, to be found at",
    ),
    (
        "{ env = \"CARGO_PKG_NAME\" }",
        "{ env = \"LOTSE_IS_NOT_SET_{user}\" }",
        "30:12: error: environment variable LOTSE_IS_NOT_SET_1 is not set",
    ),
    (
        "{ env = \"CARGO_PKG_NAME\" }",
        "{ file = \"/nowhere/{user}\" }",
        "30:12: error: cannot read /nowhere/1: No such file or directory (os error 2)",
    ),
    (
        "{ env = \"CARGO_PKG_NAME\" }",
        "\"geheim\"",
        "30:12: warning: a secret in the file: whoever reads it has it. Better { file = \"…\" } or { env = \"…\" }",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "allow = [\"198.51.100.0/24\"]\nsrtp = \"offered\"",
        "9:8: warning: the keys of SRTP travel in SIP, which is not encrypted here: who can read it can listen in",
    ),
    (
        "users = \"1-3\"",
        "srtp = \"on\"\nusers = \"1-3\"",
        "29:8: error: \"on\" is not \"off\", \"offered\" or \"required\"",
    ),
    (
        "[rtp]",
        "[codes]\nready = \"*1\"\n[rtp]",
        "4:1: error: `ready` *1 and `away` *11 cannot be told apart while dialling",
    ),
    (
        "name = \"overflow\"",
        "name = \"overflow\"\nmusic = \"jazz.wav\"",
        "17:9: error: cannot read jazz.wav: No such file or directory (os error 2)",
    ),
    (
        "name = \"overflow\"",
        "name = \"overflow\"\nmusic = \"musik\"",
        "17:9: error: \"musik\" is neither a builtin sound nor a .wav file, did you mean `music`?",
    ),
    (
        "[[skill]]\nname = \"english\"",
        "reserve = 3\n[[skill]]\nname = \"english\"",
        "22:11: warning: all 3 agents with skill \"german\" are kept back; others reach them only after `release`",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "mode = \"register\"",
        "8:8: error: trunk \"city\" registers: say with which `domain`, such as \"sip.carrier.example\"",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "mode = \"register\"\ndomain = \"carrier.example\"",
        "8:8: error: trunk \"city\" registers: say as which `user` or `number`",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "mode = \"register\"\ndomain = \"carrier.example\"\nnumber = \"1230\"",
        "8:8: warning: trunk \"city\" registers without a `password`",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "proxy = [\"198.51.100.2\"]\ngin = true",
        "8:10: error: \"198.51.100.2\" is no SIP address; one is \"sip:192.0.2.7;transport=tcp\"\n9:7: error: `gin` means nothing with `mode = \"static\"`",
    ),
    (
        "allow = [\"198.51.100.0/24\"]",
        "proxy = [\"sip:198.51.100.2\"]\nmediasec = true",
        "8:9: warning: `mediasec` is for encrypted signalling: \";transport=tls\" is missing here",
    ),
    (
        "[rtp]",
        "[outgoing]\nallow = [\"112\"]\n[rtp]",
        "5:9: warning: 112 is always allowed and needs no rule",
    ),
    (
        "[rtp]",
        "[outgoing]\ntrunks = [\"city\", \"city\", \"citty\"]\n[rtp]",
        "5:19: error: trunk \"city\" is named twice here\n5:27: error: no trunk is called \"citty\", did you mean `city`?",
    ),
    (
        "[rtp]",
        "[outgoing]\nhours = [\"always\"]\nzone = \"Leipzig\"\n[rtp]",
        "5:10: error: \"always\": hours are written \"mon-fri 07:00-19:00\"\n6:8: error: no time zone is called \"Leipzig\"; one is \"Europe/Berlin\"",
    ),
];

#[test]
fn every_way_of_being_wrong_says_what_which_one_and_what_to_do() {
    for (from, to, expected) in SPOILT {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let found = faults(&text).to_string().replace("f:", "");
        assert_eq!(found, *expected, "{from} -> {to}");
    }
}

#[test]
fn a_file_with_many_faults_shows_them_all_under_their_lines_and_no_secret() {
    let text = include_str!("../../../tests/config/faults.toml");
    let errors = check("lotse.toml", text, None).unwrap_err();
    assert!(errors.list.len() > 20, "{}", errors.list.len());
    let drawn = show::drawn(&errors, false);
    assert!(!drawn.contains("geheim"), "{drawn}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/config/faults.txt", &drawn).unwrap();
    }
    let expected = std::fs::read_to_string("tests/config/faults.txt").unwrap();
    assert!(drawn == expected, "BLESS=1 writes it anew; now it is\n{drawn}");
}

proptest! {
    #[test]
    fn whatever_a_tired_editor_makes_of_a_file_is_answered(
        cut in any::<(Index, Index)>(),
        typed in "[a-z0-9\\[\\]{}=\",.# \n-]{0,8}",
    ) {
        let text = include_str!("../../../config/example.toml");
        let mark = |at: Index| boundary(text, at.index(text.len()));
        let (from, to) = (mark(cut.0), mark(cut.1));
        // Half of the time a lot is cut out, half of the time something is typed over.
        let to = if typed.len() % 2 == 0 { to.max(from) } else { boundary(text, from + typed.len()).max(from) };
        let spoilt = format!("{}{typed}{}", &text[..from], &text[to..]);
        match check("config/example.toml", &spoilt, None) {
            Ok(checked) => prop_assert!(!checked.config.exchange.sip.listen.is_empty()),
            Err(errors) => {
                prop_assert!(!errors.list.is_empty());
                prop_assert!(!show::drawn(&errors, false).is_empty());
            }
        }
    }
}

/// The last place between two characters that is not after `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[test]
fn tools_read_the_same_faults_as_json_and_as_annotations() {
    let faults = faults(&GOOD.replace("[rtp]", "[rpt]"));
    let json: serde_json::Value = serde_json::from_str(&show::json(&[&faults])).unwrap();
    let expected = serde_json::json!({
        "severity": "error", "code": "unknown-section", "file": "f", "line": 4, "column": 2,
        "message": "unknown section `rpt`, did you mean `rtp`?",
    });
    assert_eq!(json["faults"][0], expected);
    assert_eq!(
        show::github(&[&faults]),
        "::error file=f,line=4,col=2::unknown section `rpt`, did you mean `rtp`?\n"
    );
}

#[test]
fn names_keep_their_numbers_over_a_reload_and_what_is_gone_retires() {
    let before = config(GOOD, None);
    let text = GOOD
        .replace("name = \"q\"", "name = \"new\"")
        .replace("queue = \"q\"", "queue = \"new\"")
        .replace("\"1-3\"", "\"3-4\"");
    let after = config(&text, Some(&before));
    let plan = &after.exchange;
    let queues: Vec<_> = plan.acd.queues.iter().map(|it| (it.name.as_str(), it.retired)).collect();
    assert_eq!(queues, [("q", true), ("overflow", false), ("new", false)]);
    let agents: Vec<_> = plan.acd.agents.iter().map(|it| (it.id.as_str(), it.retired)).collect();
    assert_eq!(agents, [("1", true), ("2", true), ("3", false), ("4", false)]);
    let phones: Vec<_> =
        plan.phones.iter().map(|it| it.as_ref().map(|it| it.user.as_str())).collect();
    assert_eq!(phones, [None, None, Some("3"), Some("4")]);
    assert_eq!(plan.agents[2].as_ref().unwrap().phone.unwrap().index(), 2);
    assert_eq!(plan.numbers[0].leads, Leads::Queue(QueueNo::first(2)));
    assert_eq!(plan.treatments.len(), 3);

    let again = config(GOOD, Some(&after)).exchange;
    let queues: Vec<_> = again.acd.queues.iter().map(|it| (it.name.as_str(), it.retired)).collect();
    assert_eq!(queues, [("q", false), ("overflow", false), ("new", true)]);
    assert_eq!(again.acd.agents[0].id, "1");
    assert!(!again.acd.agents[0].retired && again.acd.agents[3].retired);
}

#[test]
fn a_reload_says_what_waits_for_the_next_start() {
    let before = config(GOOD, None);
    let after = config(&GOOD.replace("20000-20999", "30000-30999"), Some(&before));
    assert_eq!(config::change::at_next_start(&before, &after), ["rtp.ports"]);
    assert_eq!(config::change::at_next_start(&before, &before), [""; 0]);
}

#[test]
fn overflow_goes_to_a_queue_or_to_an_address_outside() {
    let text = GOOD.replacen(
        "skills = [\"german>=3\"]",
        "full = { waiting = 7, then = \"overflow\", to = \"overflow\" }\n\
         late = { after = \"2m\", then = \"overflow\", to = \"sip:info@[2001:db8::7];transport=tcp\" }",
        1,
    );
    let plan = config(&text, None).exchange;
    let queue = &plan.acd.queues[0];
    assert_eq!((queue.waiting_max, &queue.when_full), (7, &Overflow::Queue(QueueNo::first(1))));
    assert_eq!(queue.when_late, Overflow::Outside(0));
    let Goal::Address { remote, .. } = &plan.outside[0].goal else { panic!() };
    assert_eq!(remote.to_string(), "[2001:db8::7]:5060");
}

/// What is said of a queue that overflows there, with a carrier and these rules.
fn overflowing(to: &str, rules: &str) -> String {
    let line = format!(
        "late = {{ after = \"2m\", then = \"overflow\", to = \"{to}\" }}\n[outgoing]\n{rules}\n[[queue]]\nname = \"overflow\""
    );
    let trunk = "[[trunk]]\narea = \"341\"\nnumber = \"1230\"\nproxy = [\"sip:198.51.100.1\"]";
    let text =
        GOOD.replacen("[[queue]]\nname = \"overflow\"", &line, 1).replacen("[[trunk]]", trunk, 1);
    let told = faults(&text).to_string();
    told.split_once("error: ").map_or(told.clone(), |(_, it)| it.to_owned())
}

#[test]
fn overflow_to_a_number_goes_by_the_rules_for_calls_out() {
    for (to, rules, want) in [
        ("+49 351 488-0", "allow = [\"+49\"]", ""),
        ("tel:+493514880", "allow = [\"+49\"]", ""),
        (
            "tel:03514880",
            "allow = [\"+49\"]",
            "\"tel:03514880\": say its country too, as in \"+493415550001\"",
        ),
        ("+493514880", "", "+493514880: calls to that number are not allowed (see [outgoing])"),
        (
            "+49900123",
            "allow = [\"+49\"]",
            "+49900123: calls to that number are not allowed (see [outgoing])",
        ),
        ("+49110", "allow = [\"+49\"]", "+49110: nobody sends a caller to 110 or 112"),
        (
            "+493411230",
            "allow = [\"+49\"]",
            "+493411230 is a [[number]] of ours: a call would go in circles",
        ),
    ] {
        assert_eq!(overflowing(to, rules), want, "{to}");
    }
}

#[test]
fn rules_for_calls_out_are_brought_to_one_form() {
    let rules =
        "[outgoing]\nallow = [\"0341\", \"0043\", \"115\", \"555\"]\ndeny = [\"+49900\"]\n[rtp]";
    let text = GOOD.replacen("[rtp]", rules, 1).replacen(
        "[[trunk]]",
        "[[trunk]]\narea = \"0341\"\nnumber = \"1230\"",
        1,
    );
    let plan = config(&text, None).exchange;
    assert_eq!(plan.outgoing.allow, ["+49341", "+43", "115", "+49341555"]);
    assert_eq!(plan.outgoing.deny, ["+49900"]);
    assert_eq!(plan.outgoing.trunks, [TrunkNo::first(0)], "all, if none is named");
    assert_eq!(plan.trunks[0].as_ref().unwrap().number, "+493411230");
}

#[test]
fn the_file_for_developers_loads_as_others_rely_on_it() {
    let checked = config::load(Path::new("config/dev.toml"), Timestamp::EPOCH).unwrap();
    assert_eq!(checked.warnings.to_string(), "");
    let config = checked.config;
    let plan = &config.exchange;
    let sip: Vec<_> = plan.sip.listen.iter().map(|(_, at)| at.to_string()).collect();
    assert_eq!(sip, ["127.0.0.1:5060", "127.0.0.1:5060"]);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.tokens[0].secret.unmask(), "dev");
    assert_eq!(config.media.ports, (20_000, 29_999));
    assert_eq!((plan.acd.agents.len(), plan.phones.len()), (28, 28));
    let last = plan.sip.phones[27].as_ref().unwrap();
    assert_eq!(last.password.as_ref().unwrap().unmask(), "dev-1028");
    let english = plan.acd.skills.iter().position(|it| it.name == "english").unwrap();
    let speaks = |skills: &[(_, _)]| {
        skills.iter().any(|(no, _): &(crate::base::numbers::SkillNo, u8)| no.index() == english)
    };
    assert_eq!(plan.acd.agents.iter().filter(|it| speaks(&it.skills)).count(), 8);
    let name = |leads: &Leads| match leads {
        Leads::Queue(no) => plan.acd.queues[no.index()].name.as_str(),
        Leads::Menu(no) => plan.menus.menu(*no).unwrap().name.as_str(),
    };
    let leads: Vec<_> =
        plan.numbers.iter().map(|it| (it.digits.as_str(), name(&it.leads))).collect();
    assert_eq!(leads, [("1230", "buergertelefon"), ("115", "d115")]);
    assert!(plan.agents.iter().flatten().all(|it| it.ready_on_register && it.phone.is_some()));
    for queue in &plan.acd.queues {
        assert_eq!((queue.ring.to_string(), queue.wrap_up.to_string()), ("8s".into(), "0s".into()));
    }
}
