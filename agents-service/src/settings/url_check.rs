//! Checks the customer interface URL from this machine. An operator could make this machine call internal addresses
//! by it, so responses are read up to a limit, each host is resolved once and called at exactly the resolved
//! addresses, and internal addresses are called only after a warning.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use crate::settings::signup_url::address_fault;

const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of a response that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
const MAX_REDIRECTS: usize = 3;
/// A key that cannot exist: too short.
const NO_KEY: &str = "0";
/// The signup pages' response for such a key.
const SIGN_OF_SIGNUP_PAGES: &str = "urn:signpost:problem:key-unusable";

const NO_CONNECTION: &str = "no connection is made";
/// The result for https, whose certificates only visitors' browsers can judge.
const LISTENS: &str =
    "A server takes connections there. Open the URL in a browser to see whether its certificate and pages are right.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The result in a sentence.
    Text(String),
    /// Nothing was called yet: the host has this internal address.
    Internal(IpAddr),
}

/// Checks whether the signup pages respond at a URL. The URL may have an internal address only after a warning; a
/// redirect may not lead to one, unless host and port stay the same.
pub async fn check(url: &str, was_warned: bool) -> Found {
    let no_response = |text: &str| Found::Text(format!("Nothing answers there: {text}."));
    match timeout(CHECK_TIMEOUT, follow(url, was_warned)).await {
        Ok(Ok(found)) => found,
        Ok(Err(fault)) => no_response(fault),
        Err(_) => no_response("it takes too long"),
    }
}

async fn follow(url: &str, was_warned: bool) -> Result<Found, &'static str> {
    const NO_URL: &str = "it is not a URL";
    let base = Url::parse(url.trim()).map_err(|_| NO_URL)?;
    let target = format!("{}/api/v1/signup-keys/{NO_KEY}", url.trim().trim_end_matches('/'));
    let mut next = Url::parse(&target).map_err(|_| NO_URL)?;
    for hop in 0..=MAX_REDIRECTS {
        let addresses = addresses(&next).await?;
        let inside = addresses.iter().map(SocketAddr::ip).find(|address| address_fault(*address).is_some());
        match inside {
            Some(address) if hop == 0 && !was_warned => return Ok(Found::Internal(address)),
            Some(_) if hop > 0 && !(was_warned && next.origin() == base.origin()) => {
                return Ok(Found::Text("It redirects into a private network, which is not followed.".to_owned()));
            }
            _ => {}
        }
        if next.scheme() == "https" {
            TcpStream::connect(addresses.as_slice()).await.map_err(|_| NO_CONNECTION)?;
            return Ok(Found::Text(LISTENS.to_owned()));
        }
        let answer = send(&next, &addresses).await?;
        match redirected(&next, &answer) {
            Some(further) => next = further,
            None => return Ok(Found::Text(read(answer).await)),
        }
    }
    Ok(Found::Text(format!("It redirects more than {MAX_REDIRECTS} times.")))
}

/// The addresses of a host, resolved once.
async fn addresses(url: &Url) -> Result<Vec<SocketAddr>, &'static str> {
    let is_known = matches!(url.scheme(), "http" | "https");
    let (Some(host), Some(port), true) = (url.host_str(), url.port_or_known_default(), is_known) else {
        return Err("it is not a URL");
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = lookup_host((host, port)).await.map_err(|_| "the host has no address")?.collect();
    if found.is_empty() { Err("the host has no address") } else { Ok(found) }
}

async fn send(url: &Url, addresses: &[SocketAddr]) -> Result<Response, &'static str> {
    let client = Client::builder().no_proxy().redirect(Policy::none());
    let client = client.resolve_to_addrs(url.host_str().unwrap_or_default(), addresses);
    let sent = client.build().map_err(|_| "this machine cannot ask")?.get(url.clone()).send().await;
    sent.map_err(|error| if error.is_connect() { NO_CONNECTION } else { "the connection broke" })
}

fn redirected(from: &Url, answer: &Response) -> Option<Url> {
    let location = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection())?;
    from.join(location.to_str().ok()?).ok()
}

async fn read(mut answer: Response) -> String {
    let (status, mut text) = (answer.status().as_u16(), Vec::new());
    while let Ok(Some(part)) = answer.chunk().await {
        text.extend_from_slice(&part);
        if text.len() >= MAX_ANSWER_BYTES {
            break;
        }
    }
    text.truncate(MAX_ANSWER_BYTES);
    if String::from_utf8_lossy(&text).contains(SIGN_OF_SIGNUP_PAGES) {
        "The signup pages answer.".to_owned()
    } else {
        format!("Something answers, but not the signup pages (status {status}).")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that sends this to every client, the last part for ever if `endless`; returns its address, and the
    /// number of bytes that it sent.
    async fn server(head: String, endless: bool) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, sent) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = [0; 4_096];
                let _ = connection.read(&mut request).await;
                let mut part = head.clone().into_bytes();
                loop {
                    count.fetch_add(part.len(), Ordering::Relaxed);
                    if connection.write_all(&part).await.is_err() || !endless {
                        break;
                    }
                    part = vec![b'x'; 65_536];
                }
            }
        });
        (address, sent)
    }

    fn text_of(found: Found) -> String {
        let Found::Text(text) = found else { panic!("{found:?}") };
        text
    }

    fn redirect(to: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    #[tokio::test]
    async fn an_internal_address_is_not_called_before_a_warning() {
        let (address, sent) = server(redirect("/"), false).await;
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
            let url = format!("http://{host}:{}", address.port());
            assert!(
                matches!(check(&url, false).await, Found::Internal(address) if address.to_canonical().is_loopback()),
                "{host}"
            );
        }
        assert_eq!(sent.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn an_endless_answer_is_read_up_to_a_limit() {
        let (address, sent) = server("HTTP/1.1 200 OK\r\n\r\n".to_owned(), true).await;
        let found = text_of(check(&format!("http://{address}"), true).await);
        assert!(found.contains("not the signup pages (status 200)"), "{found}");
        // The operating system's buffers add to it.
        assert!(sent.load(Ordering::Relaxed) < 16 * 1024 * 1024);
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_not_waited_for() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let began = std::time::Instant::now();
        assert!(text_of(check(&url, true).await).contains("too long"));
        assert!(began.elapsed() < 2 * CHECK_TIMEOUT);
    }

    #[tokio::test]
    async fn redirects_are_bounded_and_none_leads_inside() {
        let (inner, sent) = server(redirect("/"), false).await;
        for host in ["[::ffff:127.0.0.1]", "127.0.0.1", "localhost"] {
            let (outer, _) = server(redirect(&format!("http://{host}:{}/x", inner.port())), false).await;
            let found = text_of(check(&format!("http://{outer}"), true).await);
            assert!(found.contains("redirects into a private network"), "{host}: {found}");
        }
        assert_eq!(sent.load(Ordering::Relaxed), 0);
        let (circle, sent) = server(redirect("/again"), false).await;
        assert!(text_of(check(&format!("http://{circle}"), true).await).contains("more than 3 times"));
        assert_eq!(sent.load(Ordering::Relaxed), (MAX_REDIRECTS + 1) * redirect("/again").len());
        let (elsewhere, _) = server(redirect("ftp://example.com/"), false).await;
        assert!(text_of(check(&format!("http://{elsewhere}"), true).await).contains("not a URL"));
    }

    #[tokio::test]
    async fn a_failed_request_is_explained() {
        let (address, _) = server(redirect("/"), false).await;
        let encrypted = format!("https://{address}");
        for (url, word) in [
            (encrypted.as_str(), "takes connections"),
            ("", "not a URL"),
            ("ftp://127.0.0.1", "not a URL"),
            ("http://127.0.0.1:1", "no connection"),
        ] {
            let found = text_of(check(url, true).await);
            assert!(found.contains(word), "{url}: {found}");
        }
    }
}
