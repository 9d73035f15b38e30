//! A trunk's carrier, as far as we speak to it first: registering, probing, calling out.

use crate::{
    config::{
        entry::{Entry, Meant},
        ground::Ground,
    },
    sip::{
        locate::Question,
        message::uri::Uri,
        settings::{Account, Carrier, Registers},
    },
};

/// The carrier of a `[[trunk]]`; `None` if we never speak first.
pub fn of(entry: &Entry, number: &str, ground: &mut Ground<'_>) -> Option<Carrier> {
    let name = entry.text("name");
    let is_registered = entry.text("mode") == "register";
    let domain = entry.may_text("domain").unwrap_or_default().to_owned();
    let mut proxies = proxies(entry, ground);
    if is_registered && domain.is_empty() {
        let says = format!(
            "trunk \"{name}\" registers: say with which `domain`, such as \"sip.carrier.example\""
        );
        ground.found.error("missing", &entry.place("mode"), says);
    }
    if !is_registered {
        for key in ["gin", "expires"] {
            if entry.given(key).written {
                let says = format!("`{key}` means nothing with `mode = \"static\"`");
                ground.found.error("conflict", &entry.place(key), says);
            }
        }
    }
    if proxies.is_empty() && is_registered && !domain.is_empty() {
        let named = format!("sip:{domain}").parse::<Uri>().ok();
        if let Some(uri) = named.filter(|it| Question::about(it).is_some()) {
            proxies.push(uri);
        } else {
            let says = format!("\"{domain}\" is no domain");
            ground.found.error("wrong-value", &entry.place("domain"), says);
        }
    }
    if proxies.is_empty() {
        return None;
    }
    let user = entry.may_text("user").unwrap_or(number).to_owned();
    if is_registered && user.is_empty() {
        let says = format!("trunk \"{name}\" registers: say as which `user` or `number`");
        ground.found.error("missing", &entry.place("mode"), says);
    }
    let account = account(entry, &user, ground);
    if is_registered && account.is_none() && !entry.given("password").written {
        let says = format!("trunk \"{name}\" registers without a `password`");
        ground.found.warning("secret", &entry.place("mode"), says);
    }
    let mediasec = entry.flag("mediasec");
    if mediasec
        && proxies.iter().any(|it| !it.transport().is_secret())
        && entry.given("proxy").written
    {
        let says = "`mediasec` is for encrypted signalling: \";transport=tls\" is missing here";
        ground.found.warning("conflict", &entry.place("proxy"), says.to_owned());
    }
    let seconds = u32::try_from(entry.time("expires").as_millis() / 1_000).unwrap_or(u32::MAX);
    Some(Carrier {
        proxies,
        domain,
        user,
        account,
        registers: is_registered.then_some(Registers { expires: seconds, gin: entry.flag("gin") }),
        probe: if is_registered { None } else { entry.may_time("probe") },
        mediasec,
    })
}

fn proxies(entry: &Entry, ground: &mut Ground<'_>) -> Vec<Uri> {
    let mut proxies = vec![];
    for given in entry.list("proxy") {
        let Meant::Text(text) = &given.value else { continue };
        if let Some(uri) = text.parse::<Uri>().ok().filter(|it| Question::about(it).is_some()) {
            proxies.push(uri);
        } else {
            {
                let says =
                    format!("\"{text}\" is no SIP address; one is \"sip:192.0.2.7;transport=tcp\"");
                ground.found.error("wrong-value", &given.place, says);
            }
        }
    }
    proxies
}

fn account(entry: &Entry, user: &str, ground: &mut Ground<'_>) -> Option<Account> {
    let name = entry.text("name");
    let password = ground.secret(entry, "password", ("{name}", name))?;
    let user = entry.may_text("auth_user").unwrap_or(user).to_owned();
    Some(Account { user, password })
}
