//! An encrypted connection to NATS with certificates on both sides.

use harness::nats::CA_FILE;
use harness::pair::servers_are_here;
use harness::{Context, Nats, NatsSetup, Result, Standalone, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::{about_nats, has_state};

const CONFIG: &str = "tls { cert_file: \"{folder}/server.pem\", key_file: \"{folder}/server.key\", ca_file: \"{folder}/ca.pem\", verify: true }";

/// An authority, and the certificates and keys that it signed for the server and the services.
fn files() -> Result<Vec<(String, String)>> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "journey");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let mut files = vec![(CA_FILE.to_owned(), authority.pem())];
    for (name, host) in [("server", "127.0.0.1"), ("client", "signpost")] {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([host.to_owned()])?.signed_by(&key, &authority)?;
        files.push((format!("{name}.pem"), certificate.pem()));
        files.push((format!("{name}.key"), key.serialize_pem()));
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_certificates_is_used_and_one_that_cannot_be_trusted_is_not() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::encryption";
    let nats = Nats::begin(journey, NatsSetup { config: CONFIG.to_owned(), files: files()?, ..NatsSetup::default() })?;
    let path = |name: &str| {
        let path = nats.folder().join(name);
        path.to_str().map(str::to_owned).context("the temporary folder has a plain name")
    };
    let (ca, certificate, key) = (path(CA_FILE)?, path("client.pem")?, path("client.key")?);
    let url = nats.url().replace("nats://", "tls://");
    let trusting = [
        ("SIGNPOST_NATS_URL", url.as_str()),
        ("SIGNPOST_NATS_CA", &ca),
        ("SIGNPOST_NATS_CLIENT_CERTIFICATE", &certificate),
        ("SIGNPOST_NATS_CLIENT_KEY", &key),
    ];
    let standalone = Standalone::start(journey, &trusting)?;
    has_state(&standalone, "relay", 0).await?;
    harness::eventually(harness::seconds(30), async || {
        let (status, output) = standalone.command(&["verify"])?;
        ensure!(status == 0 && output.contains("stream AGENTS:"), "verify ended with {status}:\n{output}");
        Ok(())
    })
    .await?;
    let unknown_authority = &trusting[..1];
    let no_certificate = &trusting[..2];
    for settings in [unknown_authority, no_certificate] {
        let standalone = Standalone::start(journey, settings)?;
        has_state(&standalone, "nats", 1).await?;
        let output = about_nats(&standalone);
        ensure!(output.len() == 1 && output[0].contains("cannot be reached"), "{output:#?}");
    }
    Ok(())
}
