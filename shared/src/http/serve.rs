//! Listening and stopping: connections are accepted until the process is asked to end, and those open are finished.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Longest time that open requests have to finish when the process ends.
pub const DRAIN: Duration = Duration::from_secs(20);

/// Tells everything in the process when to end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks everything to end.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the end is asked for.
    pub async fn asked(&self) {
        // The sender is in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }

    /// Asks for the end at SIGTERM or Ctrl-C.
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
pub async fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until `stop`, then finishes open requests, for [`DRAIN`] at most.
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) -> std::io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Small answers must not wait for more; where this cannot be set, they are only slower.
        let _ = connection.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let asked = stop.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { asked.asked().await });
    tokio::select! {
        outcome = async { serving.await } => outcome,
        () = async { stop.asked().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}
