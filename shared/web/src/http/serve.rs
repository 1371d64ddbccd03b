//! Listening and stopping: accepts connections until the process ends, and finishes open requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tower::Service;

use super::client::TrustedProxies;
use super::head_timer::HeadTimer;
use super::peers::Peers;

/// Pause when no connection can be accepted, for example without free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections that may wait to be accepted; the system may allow fewer (Linux: `net.core.somaxconn`). A client
/// beyond that retries only a second later, so the queue must hold a rush of visitors.
const BACKLOG: u32 = 4_096;

/// Most open connections; more wait to be accepted. Fewer where the process may open fewer files.
pub const MAX_CONNECTIONS: usize = 8_192;

/// Listeners of a process: two services and the admin port. Each gets a share of the files, and one share is left for
/// the databases.
const SHARES_OF_FILES: u64 = 4;

/// Longest time for a request's head to arrive, and so also between two requests. Longer than proxies keep idle
/// connections (nginx: 60 s), so that a proxy does not send a request into a connection that is being closed.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// Longest time for the first head of a connection.
pub const FIRST_HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest time that a client may leave sent data unacknowledged.
pub const UNREAD_TIMEOUT: Duration = HEAD_TIMEOUT;

/// Longest time for open requests to finish when the process ends.
pub const DRAIN: Duration = Duration::from_secs(20);

/// The signal to end the process.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Sends the signal.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Whether the signal was sent.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the signal.
    pub async fn requested(&self) {
        // The sender is in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|is_requested| *is_requested).await;
    }

    /// Sends the signal at SIGTERM or Ctrl-C.
    pub fn at_signals(&self) -> std::io::Result<()> {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let stop = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            stop.now();
        });
        Ok(())
    }
}

/// Opens a listening socket; port 0 takes a free one.
pub fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restarted process must not wait until the system forgets the old connections.
    socket.set_reuseaddr(true)?;
    // Connections inherit the time-out; other systems do not have it.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&socket).set_tcp_user_timeout(Some(UNREAD_TIMEOUT))?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until `stop`, with the client's address in each request, then finishes open requests, for [`DRAIN`] at
/// most.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: TrustedProxies,
    stop: Shutdown,
) -> std::io::Result<()> {
    let mut server = http1::Builder::new();
    // Responses are small: one buffer is sent faster than two.
    server.writev(false);
    // A client that sends nothing, or a head byte by byte, must not keep others out.
    server.header_read_timeout(HEAD_TIMEOUT);
    let open = GracefulShutdown::new();
    let peers = Peers::new(proxies.clone());
    let most = most_connections(open_files());
    let mut accepts = true;
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &open, most) => accepted,
            () = stop.requested() => break,
        };
        if accepts != accepted.is_ok() {
            accepts = accepted.is_ok();
            log_accepting(accepted.as_ref().err());
        }
        let Ok((connection, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // The connection is closed at once: waiting would take the same place.
        let Some(place) = peers.place(peer.ip()) else { continue };
        // Small responses must not wait for more data; where this cannot be set, they are only slower.
        let _ = connection.set_nodelay(true);
        let (router, proxies) = (router.clone(), proxies.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            let client = proxies.client(peer.ip(), request.headers());
            request.extensions_mut().insert(client);
            router.clone().call(request)
        });
        let connection =
            server.timer(HeadTimer::new(FIRST_HEAD_TIMEOUT)).serve_connection(TokioIo::new(connection), service);
        // How a connection ends is up to its client.
        let connection = open.watch(connection);
        tokio::spawn(async move {
            let _ended = connection.await;
            drop(place);
        });
    }
    drop(listener);
    // Connections that take longer are closed.
    let _ = tokio::time::timeout(DRAIN, open.shutdown()).await;
    Ok(())
}

/// Logs that connections cannot be accepted, and why, and that they are again.
fn log_accepting(error: Option<&std::io::Error>) {
    if let Some(error) = error {
        tracing::error!(%error, "connections cannot be accepted");
    } else {
        tracing::info!("connections are accepted again");
    }
}

/// Files that this process may open; each connection is one.
fn open_files() -> u64 {
    rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(u64::MAX, |(soft, _hard)| soft)
}

/// Most connections of one listener in a process with this limit of files.
fn most_connections(open_files: u64) -> usize {
    usize::try_from(open_files / SHARES_OF_FILES).map_or(MAX_CONNECTIONS, |share| share.min(MAX_CONNECTIONS))
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    open: &GracefulShutdown,
    most: usize,
) -> std::io::Result<(TcpStream, SocketAddr)> {
    while open.count() >= most {
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
    listener.accept().await
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::super::peers::MAX_CONNECTIONS_OF_ONE;
    use super::*;

    /// More than the default backlog of libraries, and few enough for any limit of files.
    const RUSH: usize = 400;

    #[tokio::test]
    async fn a_rush_of_connections_finds_room_before_they_are_accepted() {
        let (_listener, address) = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(500));
        let rush: Result<Vec<_>, _> = (0..RUSH).map(|_| connect()).collect();
        assert_eq!(rush.unwrap().len(), RUSH);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn connections_without_a_reader_end() {
        let (listener, address) = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (connection, _) = listener.accept().await.unwrap();
        let time = socket2::SockRef::from(&connection).tcp_user_timeout().unwrap();
        assert_eq!(time, Some(UNREAD_TIMEOUT));
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_all_connections_taken_waits_until_one_ends() {
        let (listener, address) = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let open = GracefulShutdown::new();
        let mut taken: Vec<_> = (0..MAX_CONNECTIONS).map(|_| open.watcher()).collect();
        let accept = |listener, open| accept(listener, open, MAX_CONNECTIONS);
        let a_while = ACCEPT_PAUSE * 100;
        assert!(tokio::time::timeout(a_while, accept(&listener, &open)).await.is_err());
        taken.pop();
        tokio::time::timeout(a_while, accept(&listener, &open)).await.unwrap().unwrap();
    }

    #[test]
    fn no_listener_takes_the_files_of_the_others() {
        assert_eq!(most_connections(1_024), 256);
        assert_eq!(most_connections(1_048_576), MAX_CONNECTIONS);
        assert_eq!(most_connections(u64::MAX), MAX_CONNECTIONS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_finish_a_head_is_disconnected() {
        let (listener, address) = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        tokio::spawn(serve(listener, router, TrustedProxies::nobody(), Shutdown::default()));
        for begun in ["", "GET / HTTP/1.1\r\nHost: a\r\nX-", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let mut connection = TcpStream::connect(address).await.unwrap();
            connection.write_all(begun.as_bytes()).await.unwrap();
            let since = Instant::now();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            let is_whole = begun.ends_with("\r\n\r\n");
            let limit = if is_whole { HEAD_TIMEOUT } else { FIRST_HEAD_TIMEOUT };
            assert!(since.elapsed() >= limit && since.elapsed() < limit * 2, "{begun}: {:?}", since.elapsed());
            assert_eq!(answer.ends_with("here"), is_whole, "{answer}");
        }
    }

    #[tokio::test]
    async fn one_client_cannot_take_all_connections() {
        let (listener, address) = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        tokio::spawn(serve(listener, router, TrustedProxies::nobody(), Shutdown::default()));
        let mut taken = Vec::new();
        for _ in 0..MAX_CONNECTIONS_OF_ONE {
            taken.push(TcpStream::connect(address).await.unwrap());
        }
        let answer = async || {
            let mut connection = TcpStream::connect(address).await?;
            connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.map(|_| answer)
        };
        assert!(answer().await.unwrap_or_default().is_empty(), "one more was let in");
        taken.truncate(MAX_CONNECTIONS_OF_ONE / 2);
        for _ in 0..100 {
            if answer().await.is_ok_and(|answer| answer.ends_with("here")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no place became free");
    }
}
