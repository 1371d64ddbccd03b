//! The client: it connects to addresses that it has checked, and reads no more of an answer than it needs.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{HOST, RETRY_AFTER};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use futures::StreamExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Position, Url};

use super::address::is_public;
use super::target::TargetFault;

/// Longest time for a request, from the look-up of the name to the answer.
const TIME_LIMIT: Duration = Duration::from_secs(15);
/// Longest look-up of a name when a URL is saved; each request looks it up again.
const LOOKUP_LIMIT: Duration = Duration::from_secs(2);
/// Most bytes of an answer's head, which is the least that the HTTP library allows, and of its body.
const MAX_HEAD: usize = 8 * 1024;
const MAX_BODY: usize = 4 * 1024;
/// Longest `Retry-After` that is read.
const MAX_RETRY_AFTER: usize = 64;

/// The answer to a request, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// The header `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
}

/// Why there is no answer. No text holds a part of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Nothing is sent to such an address.
    #[error("the address is private or special")]
    Address,
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Unresolved,
    /// Nobody takes the connection.
    #[error("the connection is refused")]
    Unreachable,
    /// The certificate is not trusted, or the other side speaks no TLS.
    #[error("the encrypted connection fails")]
    Tls,
    /// There is no answer in time.
    #[error("there is no answer in time")]
    TimedOut,
    /// The answer is no HTTP, or its head is too long.
    #[error("the answer is not HTTP")]
    NotHttp,
}

/// Sends requests to foreign addresses.
#[derive(Clone)]
pub struct Outbound {
    /// Set at the first use, since reading the system's authorities takes time; `None` where it cannot be made.
    tls: Arc<OnceLock<Option<TlsConnector>>>,
    may_be_private: bool,
    limit: Duration,
}

impl Outbound {
    /// A client that trusts the system's authorities. `may_be_private` also allows http and addresses that are not public.
    pub fn new(may_be_private: bool) -> Self {
        Self { tls: Arc::default(), may_be_private, limit: TIME_LIMIT }
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// The same, trusting these authorities alone.
    #[must_use]
    pub fn trusting(self, roots: RootCertStore) -> Self {
        Self { tls: Arc::new(OnceLock::from(connector(roots))), ..self }
    }

    /// Whether it may send to http and to addresses that are not public.
    pub fn may_be_private(&self) -> bool {
        self.may_be_private
    }

    /// Refuses a URL whose name resolves to an address that nothing is sent to. A name without an address may get one later.
    pub async fn check(&self, url: &Url) -> Result<(), TargetFault> {
        let (Some(Host::Domain(name)), false) = (url.host(), self.may_be_private) else { return Ok(()) };
        let port = url.port_or_known_default().unwrap_or_default();
        let Ok(Ok(mut addresses)) = timeout(LOOKUP_LIMIT, lookup_host((name, port))).await else { return Ok(()) };
        if addresses.all(|address| is_public(address.ip())) { Ok(()) } else { Err(TargetFault::NotPublic) }
    }

    /// Posts these bytes; the answer's body is read up to a limit, and forgotten.
    pub async fn post(&self, url: &Url, headers: &[(&'static str, String)], body: String) -> Result<Answer, NotSent> {
        let deadline = Instant::now() + self.limit;
        // Ends with this function, and the connection with it.
        let mut driver = JoinSet::new();
        let head = timeout_at(deadline, self.head(url, headers, body, &mut driver)).await;
        let response = head.unwrap_or(Err(NotSent::TimedOut))?;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.filter(|text| text.len() <= MAX_RETRY_AFTER).map(str::to_owned);
        let answer = Answer { status: response.status(), retry_after };
        // The status counts, whatever becomes of the body.
        let _ = timeout_at(deadline, drain(response.into_body())).await;
        Ok(answer)
    }

    async fn head(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
        driver: &mut JoinSet<()>,
    ) -> Result<Response<Incoming>, NotSent> {
        let request = request(url, headers, body)?;
        match url.scheme() {
            "https" => {
                let tls = self.tls.get_or_init(|| connector(system_roots())).as_ref().ok_or(NotSent::Tls)?;
                let name = server_name(url)?;
                let stream = tls.connect(name, self.connect(url).await?).await.map_err(|_| NotSent::Tls)?;
                send(stream, request, driver).await
            }
            "http" if self.may_be_private => send(self.connect(url).await?, request, driver).await,
            _ => Err(NotSent::Address),
        }
    }

    /// Connects to an address that was checked here: the name is not resolved a second time.
    async fn connect(&self, url: &Url) -> Result<TcpStream, NotSent> {
        let port = url.port_or_known_default().ok_or(NotSent::Address)?;
        let mut addresses: Vec<SocketAddr> = match url.host().ok_or(NotSent::Address)? {
            Host::Ipv4(address) => vec![(address, port).into()],
            Host::Ipv6(address) => vec![(address, port).into()],
            Host::Domain(name) => lookup_host((name, port)).await.map_err(|_| NotSent::Unresolved)?.collect(),
        };
        addresses.retain(|address| self.may_be_private || is_public(address.ip()));
        if addresses.is_empty() {
            return Err(NotSent::Address);
        }
        TcpStream::connect(addresses.as_slice()).await.map_err(|_| NotSent::Unreachable)
    }
}

fn request(url: &Url, headers: &[(&'static str, String)], body: String) -> Result<Request<Body>, NotSent> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort]);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_str(value).map_err(|_| NotSent::NotHttp)?);
    }
    request.body(Body::from(body)).map_err(|_| NotSent::NotHttp)
}

/// Sends the request on a connection, which a task of `driver` keeps going.
async fn send<S>(stream: S, request: Request<Body>, driver: &mut JoinSet<()>) -> Result<Response<Incoming>, NotSent>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    let handshake = builder.max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|_| NotSent::NotHttp)?;
    driver.spawn(async move {
        // Its error is that of the request.
        let _ = connection.await;
    });
    sender.send_request(request).await.map_err(|_| NotSent::NotHttp)
}

async fn drain(body: Incoming) {
    let mut parts = Body::new(body).into_data_stream();
    let mut left = MAX_BODY;
    while let Some(Ok(part)) = parts.next().await {
        left = left.saturating_sub(part.len());
        if left == 0 {
            break;
        }
    }
}

fn server_name(url: &Url) -> Result<ServerName<'static>, NotSent> {
    match url.host().ok_or(NotSent::Address)? {
        Host::Ipv4(address) => Ok(IpAddr::V4(address).into()),
        Host::Ipv6(address) => Ok(IpAddr::V6(address).into()),
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| NotSent::Tls),
    }
}

fn connector(roots: RootCertStore) -> Option<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().ok()?.with_root_certificates(roots);
    Some(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if known == 0 {
        tracing::warn!("the system has no certificate authorities, so nothing can be sent by https");
    }
    roots
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    /// A server that answers each connection with these bytes, and then keeps it open or not.
    async fn answering(answer: &'static str, then: Duration) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut head = vec![0; 4_096];
                    let _ = stream.read(&mut head).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    tokio::time::sleep(then).await;
                });
            }
        });
        url.parse().unwrap()
    }

    async fn status(answer: &'static str, then: Duration) -> Result<u16, NotSent> {
        let url = answering(answer, then).await;
        let outbound = Outbound::new(true).within(Duration::from_millis(300));
        outbound.post(&url, &[("x-test", "1".to_owned())], "{}".to_owned()).await.map(|answer| answer.status.as_u16())
    }

    #[tokio::test]
    async fn the_status_counts_and_nothing_else_of_an_answer() {
        let (at_once, late) = (Duration::ZERO, Duration::from_mins(1));
        assert_eq!(status("HTTP/1.1 204 No Content\r\n\r\n", at_once).await, Ok(204));
        // A redirect is an answer like others.
        assert_eq!(status("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n", at_once).await, Ok(302));
        // A body that never ends holds nobody up.
        assert_eq!(status("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nbegin", late).await, Ok(200));
        assert_eq!(status("", late).await, Err(NotSent::TimedOut));
        assert_eq!(status("SSH-2.0-OpenSSH_9.2\r\n", at_once).await, Err(NotSent::NotHttp));
        assert_eq!(status("", at_once).await, Err(NotSent::NotHttp));
        let endless = "HTTP/1.1 200 OK\r\nx: ".to_owned() + &"x".repeat(100_000);
        assert_eq!(status(endless.leak(), at_once).await, Err(NotSent::NotHttp));
    }

    #[tokio::test]
    async fn what_a_receiver_asks_for_is_told() {
        let url = answering("HTTP/1.1 503 Busy\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n", Duration::ZERO).await;
        let answer = Outbound::new(true).post(&url, &[], String::new()).await.unwrap();
        assert_eq!(answer, Answer { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some("120".to_owned()) });
    }

    /// A server by https, and the authority of its certificate.
    async fn encrypted() -> (Url, RootCertStore) {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let read = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(read(&authority.pem())).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![read(&certificate.pem())], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        (url.parse().unwrap(), roots)
    }

    #[tokio::test]
    async fn only_a_trusted_certificate_will_do() {
        let (url, roots) = encrypted().await;
        let trusting = Outbound::new(true).trusting(roots);
        assert_eq!(trusting.post(&url, &[], String::new()).await.unwrap().status, StatusCode::OK);
        assert_eq!(Outbound::new(true).post(&url, &[], String::new()).await, Err(NotSent::Tls));
        let plain = url.as_str().replace("https", "http").parse().unwrap();
        assert_eq!(trusting.post(&plain, &[], String::new()).await, Err(NotSent::NotHttp));
    }

    /// A URL that was saved by other means, or whose name has got another address since.
    #[tokio::test]
    async fn nothing_is_sent_to_private_and_special_addresses() {
        let url = answering("HTTP/1.1 200 OK\r\n\r\n", Duration::ZERO).await;
        let port = url.port().unwrap();
        let outbound = Outbound::new(false).within(Duration::from_secs(5));
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "127.1",
            "0",
            "0.0.0.0",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.０.０.１",
            "user@127.0.0.1",
            "localhost",
            "LOCALHOST",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "192.168.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fd00::1]",
            "[fe80::1]",
        ] {
            let url: Url = format!("https://{host}:{port}/").parse().unwrap();
            assert_eq!(outbound.post(&url, &[], String::new()).await, Err(NotSent::Address), "{host}");
        }
        // Not encrypted is not public either.
        assert_eq!(outbound.post(&url, &[], String::new()).await, Err(NotSent::Address));
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_refused_when_it_is_saved() {
        let url: Url = "https://localhost/".parse().unwrap();
        assert_eq!(Outbound::new(false).check(&url).await, Err(TargetFault::NotPublic));
        assert_eq!(Outbound::new(true).check(&url).await, Ok(()));
    }
}
