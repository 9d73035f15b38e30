//! Certificates and keys: whether they can be read, belong together, are in force, and name whom
//! they must.
//!
//! What cannot be used is an error. What has expired, or soon will, is a warning: a server that is
//! started again at night must not stay down for it, and `lotse check --deny warnings` says so.
//!
//! Whoever checks without a clock is told nothing of time.

use std::{fmt::Write as _, path::Path};

use jiff::tz::TimeZone;
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    sign::CertifiedKey,
};
use webpki::{EndEntityCert, KeyUsage};

use crate::{
    base::time::{Span, Timestamp},
    config::{file::Place, ground::Ground, meant::Identity},
};

/// So long before its end a certificate is worth a warning: time to order a new one.
const SOON: Span = Span::secs(30 * 86_400);

/// A time that no certificate lives to see: the year 9999.
const NEVER: UnixTime = UnixTime::since_unix_epoch(std::time::Duration::from_secs(253_402_300_799));

/// Where in the file certificate and key are named.
#[derive(Clone, Debug)]
pub struct Places {
    /// The certificate.
    pub certificate: Place,
    /// Its key.
    pub key: Place,
}

/// Looks into a certificate and its key. `called`: names of which it should have one, each with
/// the key of the configuration that says so; none: it may be called as it likes.
pub fn identity(own: &Identity, places: &Places, called: &[(&str, &str)], ground: &mut Ground<'_>) {
    let chain = chain(&own.certificate, &places.certificate, ground);
    let key = PrivateKeyDer::from_pem_file(&own.key);
    if let Err(why) = &key {
        let says = format!("{}: there is no PEM private key in it ({why})", own.key.display());
        ground.found.error("unreadable", &places.key, says);
    }
    let Some(first) = chain.first() else { return };
    in_force(&own.certificate, first, &places.certificate, ground);
    named(&own.certificate, first, called, &places.certificate, ground);
    let Ok(key) = key else { return };
    if let Err(why) = CertifiedKey::from_der(chain, key, &ring::default_provider()) {
        let says = if let rustls::Error::InconsistentKeys(_) = why {
            format!("{} is not the key of {}", own.key.display(), own.certificate.display())
        } else {
            format!("{}: {why}", own.key.display())
        };
        ground.found.error("conflict", &places.key, says);
    }
}

/// Looks into a file of authorities.
pub fn authorities(file: &Path, place: &Place, ground: &mut Ground<'_>) {
    for certificate in chain(file, place, ground) {
        in_force(file, &certificate, place, ground);
    }
}

fn chain(file: &Path, place: &Place, ground: &mut Ground<'_>) -> Vec<CertificateDer<'static>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let says = match read {
        Ok(chain) if !chain.is_empty() => return chain,
        Ok(_) => format!("{}: there is no PEM certificate in it", file.display()),
        Err(why) => format!("{}: {why}", file.display()),
    };
    ground.found.error("unreadable", place, says);
    vec![]
}

/// Whether it counts now, and for how long still.
fn in_force(file: &Path, certificate: &CertificateDer<'_>, place: &Place, ground: &mut Ground<'_>) {
    let (Some(now), Ok(parsed)) = (ground.now, EndEntityCert::try_from(certificate)) else {
        return;
    };
    let file = file.display();
    let says = match (until(&parsed), begin(&parsed)) {
        (_, Some(begin)) if begin > now => format!("{file} counts from {} on only", day(begin)),
        (Some(end), _) if end < now => format!("{file} has expired on {}", day(end)),
        (Some(end), _) if end < now + SOON => {
            format!("{file} expires on {}: order a new one", day(end))
        }
        _ => return,
    };
    ground.found.warning("expiry", place, says);
}

/// Its last moment. A certificate is asked whether it counts, and says when it does not: there is
/// no other way to that time in the library that verifies it.
fn until(certificate: &EndEntityCert<'_>) -> Option<Timestamp> {
    let webpki::Error::CertExpired { not_after, .. } = refusal(certificate, NEVER)? else {
        return None;
    };
    Some(moment(not_after))
}

/// Its first moment.
fn begin(certificate: &EndEntityCert<'_>) -> Option<Timestamp> {
    let origin = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
    let webpki::Error::CertNotValidYet { not_before, .. } = refusal(certificate, origin)? else {
        return None;
    };
    Some(moment(not_before))
}

/// Why it does not count at that time. Its time is looked at before everything else.
fn refusal(certificate: &EndEntityCert<'_>, at: UnixTime) -> Option<webpki::Error> {
    certificate.verify_for_usage(&[], &[], &[], at, KeyUsage::server_auth(), None, None).err()
}

fn moment(at: UnixTime) -> Timestamp {
    Timestamp::EPOCH + Span::secs(at.as_secs())
}

fn day(at: Timestamp) -> String {
    let secs = i64::try_from(at.as_millis() / 1_000).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_second(secs).unwrap_or(jiff::Timestamp::MAX);
    at.to_zoned(TimeZone::UTC).date().to_string()
}

/// Whether it is for one of the names that we go by.
fn named(
    file: &Path,
    certificate: &CertificateDer<'_>,
    called: &[(&str, &str)],
    place: &Place,
    ground: &mut Ground<'_>,
) {
    let Ok(parsed) = EndEntityCert::try_from(certificate) else {
        let says = format!("{}: what is in it is no certificate", file.display());
        ground.found.error("unreadable", place, says);
        return;
    };
    let fits = |name: &str| {
        let name = rustls::pki_types::ServerName::try_from(name);
        let sip = |uri: &str| {
            uri.split_once(':').is_some_and(|(_, it)| {
                name.as_ref().is_ok_and(|name| it.eq_ignore_ascii_case(&name.to_str()))
            })
        };
        name.as_ref().is_ok_and(|name| parsed.verify_is_valid_for_subject_name(name).is_ok())
            || parsed.valid_uri_names().any(sip)
    };
    if called.is_empty() || called.iter().any(|(name, _)| fits(name)) {
        return;
    }
    let names: Vec<_> = parsed.valid_dns_names().chain(parsed.valid_uri_names()).collect();
    let mut says = format!("{} is for ", file.display());
    says.push_str(&if names.is_empty() { "nobody".to_owned() } else { names.join(", ") });
    for (count, (name, key)) in called.iter().enumerate() {
        let _ = write!(says, "{} {name} ({key})", if count == 0 { ", not for" } else { " or" });
    }
    ground.found.warning("wrong-name", place, says + ": who calls us so will not believe it");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use crate::{
        base::time::{Span, Timestamp},
        config::check::check_at,
    };

    /// The first of June 2026.
    const NOW: Timestamp = Timestamp(1_780_272_000_000_000);

    /// A certificate for `name` that ends on that day of June 2026, in a folder of the test's own.
    fn made(folder: &std::path::Path, name: &str, ends: u8) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 6 + ends / 100, ends % 100);
        let key = KeyPair::generate().unwrap();
        let (pem, own) =
            (folder.join(format!("{name}-{ends}.pem")), folder.join(format!("{name}-{ends}.key")));
        fs::write(&pem, params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(&own, key.serialize_pem()).unwrap();
        fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        (pem, own)
    }

    /// What is said of these files.
    fn told(certificate: &std::path::Path, key: &std::path::Path) -> String {
        let text = format!(
            "[sip]\nlisten = [\"tls://192.0.2.1:5061\"]\nrealm = \"lotse.example\"\n[tls]\n\
             certificate = \"{}\"\nkey = \"{}\"\n",
            certificate.display(),
            key.display()
        );
        let faults = check_at("f", &text, None, Some(NOW)).map_or_else(|it| it, |it| it.warnings);
        let folder = certificate.parent().unwrap().display().to_string() + "/";
        let told = faults.to_string().replace(&folder, "").replace("f:", "");
        let about = |it: &&str| it.starts_with("5:") || it.starts_with("6:");
        told.lines().filter(about).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_before_it_is_needed() {
        let folder =
            std::env::temp_dir().join(format!("lotse-certificates-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (good, key) = made(&folder, "lotse.example", 130);
        assert_eq!(told(&good, &key), "");
        let (soon, key_of_soon) = made(&folder, "lotse.example", 20);
        assert_eq!(
            told(&soon, &key_of_soon),
            "5:15: warning: lotse.example-20.pem expires on 2026-06-20: order a new one"
        );
        assert_eq!(
            told(&soon, &key),
            "6:7: error: lotse.example-130.key is not the key of lotse.example-20.pem"
        );
        assert_eq!(
            told(&key, &key),
            "5:15: error: lotse.example-130.key: there is no PEM certificate in it"
        );
        let (other, key_of_other) = made(&folder, "other.example", 130);
        assert_eq!(
            told(&other, &key_of_other),
            "5:15: warning: other.example-130.pem is for other.example, not for lotse.example (sip.realm): who calls us so will not believe it"
        );
        assert!(
            told(&good, &good).starts_with(
                "6:7: error: lotse.example-130.pem: there is no PEM private key in it"
            )
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_certificate_that_has_expired_or_does_not_count_yet_is_a_warning() {
        let folder = std::env::temp_dir().join(format!("lotse-expired-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (good, key) = made(&folder, "lotse.example", 130);
        let at = |now| {
            let text = format!(
                "[sip]\nlisten = [\"tls://192.0.2.1:5061\"]\n[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
                good.display(),
                key.display()
            );
            let told = check_at("f", &text, None, now).unwrap().warnings.to_string();
            told.replace(&(folder.display().to_string() + "/"), "")
        };
        assert!(at(Some(NOW + Span::secs(86_400 * 100))).contains("has expired on 2026-07-30"));
        assert!(at(Some(Timestamp::EPOCH)).contains("counts from 2026-01-01 on only"));
        assert!(!at(None).contains("2026"), "without a clock nothing is said of time");
        fs::remove_dir_all(folder).unwrap();
    }
}
