//! TLS for SIP: our certificate, whom we trust, and who a carrier must prove to be.
//!
//! ```text
//! files ──load──► Tls ──► one ServerConfig a listener     (with or without clients' certificates)
//!                     └─► one ClientConfig a carrier      (its own authorities, our name to it)
//! ```
//!
//! TLS 1.3, and 1.2 with ECDHE and AES-GCM only, which carriers still need (BSI TR-02102,
//! DOMAIN.md L-9). Loaded anew at each reload; connections that stand keep what they began with.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct, RootCertStore,
    ServerConfig, SignatureScheme, SupportedProtocolVersion,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::{ParsedCertificate, WebPkiClientVerifier},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use crate::base::numbers::TrunkNo;

/// Which files say who we are and whom we trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Who we are, to those who connect.
    pub own: Option<Identity>,
    /// Whether TLS 1.2 is spoken besides 1.3.
    pub takes_tls12: bool,
    /// By place in the list of listeners: the authorities that must have signed the certificate
    /// of whoever connects there. `None`, or no entry: nobody is asked for one.
    pub clients: Vec<Option<PathBuf>>,
    /// By trunk.
    pub trunks: Vec<Option<Trust>>,
}

/// A certificate with the chain behind it, and its key; both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Ours first, then those who vouch for it.
    pub certificate: PathBuf,
    /// To be read by us alone.
    pub key: PathBuf,
}

/// Whom we trust to be a carrier, and who we are to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// The authorities that may vouch for it; `None`: those that the system trusts.
    pub roots: Option<PathBuf>,
    /// What we show if it asks who we are.
    pub own: Option<Identity>,
}

/// What was made of the files.
#[derive(Clone, Debug)]
pub struct Tls {
    /// By place in the list of listeners; empty without a certificate of our own.
    servers: Vec<Arc<ServerConfig>>,
    trunks: Vec<Option<Arc<ClientConfig>>>,
    others: Arc<ClientConfig>,
}

/// A file that is of no use.
#[derive(Debug)]
pub struct Fault {
    /// Which.
    pub file: PathBuf,
    /// Why.
    pub why: String,
}

/// Lets every part of the process that speaks TLS use the same cryptography. Once, at the start.
pub fn install_provider() {
    // Somebody was quicker: then it is installed.
    let _ = provider().install_default();
}

/// `ring`, with the ciphers of TLS 1.3, and of TLS 1.2 those with ECDHE and AES-GCM.
fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.retain(|it| {
        !matches!(
            it.suite(),
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
                | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        )
    });
    provider
}

impl Tls {
    /// Reads all files. `listeners` is how many there are.
    pub fn load(settings: &Settings, listeners: usize) -> Result<Self, Fault> {
        let provider = Arc::new(provider());
        let versions = if settings.takes_tls12 { BOTH } else { NEWEST };
        let maker = Maker { provider, versions };
        let mut servers = vec![];
        if let Some(own) = &settings.own {
            let own = Arc::new(certified(own, &maker.provider)?);
            for place in 0..listeners {
                let clients = settings.clients.get(place).and_then(Option::as_deref);
                servers.push(maker.server(&own, clients)?);
            }
        }
        let system = maker.client(&Trust::default())?;
        let trunk = |trust: &Option<Trust>| match trust {
            Some(trust) if *trust != Trust::default() => maker.client(trust).map(Some),
            Some(_) | None => Ok(None),
        };
        let trunks = settings.trunks.iter().map(trunk).collect::<Result<_, _>>()?;
        Ok(Self { servers, trunks, others: system })
    }

    /// For whoever connects to that listener; `None` if we have no certificate to show.
    pub(super) fn server(&self, place: usize) -> Option<Arc<ServerConfig>> {
        self.servers.get(place).cloned()
    }

    /// For a connection to that carrier, or to someone else.
    pub(super) fn client(&self, trunk: Option<TrunkNo>) -> Arc<ClientConfig> {
        let own = trunk.and_then(|it| self.trunks.get(it.index())).cloned().flatten();
        own.unwrap_or_else(|| Arc::clone(&self.others))
    }
}

const NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];
const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

struct Maker {
    provider: Arc<CryptoProvider>,
    versions: &'static [&'static SupportedProtocolVersion],
}

const OURS: &str = "ring has these versions and ciphers";

impl Maker {
    fn server(
        &self,
        own: &Arc<CertifiedKey>,
        clients: Option<&Path>,
    ) -> Result<Arc<ServerConfig>, Fault> {
        let maker = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(self.versions)
            .expect(OURS);
        let maker = match clients {
            None => maker.with_no_client_auth(),
            Some(file) => {
                let roots = Arc::new(roots(file)?);
                let provider = Arc::clone(&self.provider);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .build()
                    .map_err(|why| Fault::of(file, why))?;
                maker.with_client_cert_verifier(verifier)
            }
        };
        let mut server = maker.with_cert_resolver(Arc::new(Always(Arc::clone(own))));
        // A phone that comes back shows its ticket and is spared the signature.
        if let Ok(tickets) = ring::Ticketer::new() {
            server.ticketer = tickets;
        }
        Ok(Arc::new(server))
    }

    fn client(&self, trust: &Trust) -> Result<Arc<ClientConfig>, Fault> {
        let roots = match &trust.roots {
            Some(file) => roots(file)?,
            None => system_roots(),
        };
        let verifier = Carrier::new(roots, &self.provider);
        let maker = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(self.versions)
            .expect(OURS)
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let client = match &trust.own {
            None => maker.with_no_client_auth(),
            Some(own) => {
                let key = Arc::new(certified(own, &self.provider)?);
                maker.with_client_cert_resolver(Arc::new(Always(key)))
            }
        };
        Ok(Arc::new(client))
    }
}

/// The certificate we show, whoever asks.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl rustls::server::ResolvesServerCert for Always {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl rustls::client::ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Whether a server is the SIP domain that it is called as (RFC 5922 7).
#[derive(Debug)]
struct Carrier {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    /// For those who are called by an address, not a name.
    by_address: Option<Arc<WebPkiServerVerifier>>,
}

impl Carrier {
    fn new(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Self {
        let (roots, provider) = (Arc::new(roots), Arc::clone(provider));
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        // Without any root there is no verifier, and nobody to be trusted either.
        Self { roots, provider, by_address: verifier.build().ok() }
    }
}

impl ServerCertVerifier for Carrier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ServerName::DnsName(domain) = server_name else {
            let unknown = rustls::Error::from(CertificateError::UnknownIssuer);
            let verifier = self.by_address.as_ref().ok_or(unknown)?;
            return verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp, now);
        };
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let roots = &self.roots;
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        let certificate = webpki::EndEntityCert::try_from(end_entity)
            .map_err(|_| CertificateError::BadEncoding)?;
        if is_domain(&certificate, domain.as_ref()) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::NotValidForName.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// RFC 5922 7.1, 7.2: the certificate's SIP URIs are its domains; only if it has none, its DNS
/// names are. No wildcard counts. A common name does not either: no authority goes by it today.
fn is_domain(certificate: &webpki::EndEntityCert<'_>, domain: &str) -> bool {
    let mut domains = certificate.valid_uri_names().filter_map(sip_domain).peekable();
    if domains.peek().is_some() {
        return domains.any(|it| it.eq_ignore_ascii_case(domain));
    }
    certificate.valid_dns_names().any(|it| it.eq_ignore_ascii_case(domain))
}

/// The domain of `sip:domain`; none of a URI that names a user, which speaks for that user only.
fn sip_domain(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_sip = scheme.eq_ignore_ascii_case("sip") && !rest.contains('@');
    is_sip.then(|| rest.split([';', '?', ':']).next()).flatten()
}

fn certified(own: &Identity, provider: &CryptoProvider) -> Result<CertifiedKey, Fault> {
    let chain = certificates(&own.certificate)?;
    let key =
        PrivateKeyDer::from_pem_file(&own.key).map_err(|why| Fault::of(&own.key, told(why)))?;
    CertifiedKey::from_der(chain, key, provider).map_err(|why| {
        if let rustls::Error::InconsistentKeys(_) = why {
            let says = format!("this is not the key of {}", own.certificate.display());
            return Fault::of(&own.key, says);
        }
        Fault::of(&own.key, why)
    })
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let chain: Vec<_> = read.map_err(|why| Fault::of(file, told(why)))?;
    if chain.is_empty() {
        return Err(Fault::of(file, "there is no PEM certificate in it"));
    }
    Ok(chain)
}

fn roots(file: &Path) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|why| Fault::of(file, why))?;
    }
    Ok(roots)
}

/// Those that the system trusts. Reading some of them may fail; the others still count.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn told(why: rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error;
    if let Error::Io(why) = why {
        return format!("cannot be read: {why}");
    }
    if let Error::NoItemsFound = why {
        return "there is no PEM private key in it".to_owned();
    }
    why.to_string()
}

impl Fault {
    fn of(file: &Path, why: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), why: why.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.why)
    }
}

impl std::error::Error for Fault {}
