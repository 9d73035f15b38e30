//! Whole files, good and bad.

use std::path::Path;

use crate::config;

#[test]
fn the_file_for_developers_loads_as_others_rely_on_it() {
    let checked = config::load(Path::new("config/dev.toml")).unwrap();
    assert_eq!(checked.warnings.to_string(), "");
    let config = checked.config;
    let plan = &config.exchange;
    let sip: Vec<_> = plan.sip.listen.iter().map(|(_, at)| at.to_string()).collect();
    assert_eq!(sip, ["127.0.0.1:5060", "127.0.0.1:5060"]);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.tokens[0].secret.unmask(), "dev");
    assert_eq!(config.media.ports, (20_000, 29_999));
    assert_eq!((plan.acd.agents.len(), plan.phones.len()), (28, 28));
    assert_eq!(
        plan.sip.phones[27].as_ref().unwrap().password.as_ref().unwrap().unmask(),
        "dev-1028"
    );
    let english = plan.acd.skills.iter().position(|it| it.name == "english").unwrap();
    let speak =
        plan.acd.agents.iter().filter(|it| it.skills.iter().any(|(no, _)| no.index() == english));
    assert_eq!(speak.count(), 8);
    let leads: Vec<_> = plan
        .numbers
        .iter()
        .map(|it| (it.digits.as_str(), &plan.acd.queues[it.queue.index()].name))
        .collect();
    assert_eq!(leads, [("1230", &"buergertelefon".to_owned()), ("115", &"d115".to_owned())]);
    assert!(plan.agents.iter().flatten().all(|it| it.ready_on_register && it.phone.is_some()));
    for queue in &plan.acd.queues {
        assert_eq!((queue.ring.to_string(), queue.wrap_up.to_string()), ("8s".into(), "0s".into()));
    }
}
