//! The connection to NATS, and events as NATS messages. Nothing waits for NATS: the log is the truth, and the stream
//! catches up.

mod connection;
mod message;
mod settings;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::{ConnectOptions, jetstream};

use tokio::sync::watch;

use connection::Connection;
pub use message::{event, headers};
use settings::Login;
pub use settings::{NatsSettings, NatsSettingsError};

use crate::health::{Dependency, Status};

/// Oldest server that supports what the relay relies on.
pub const OLDEST_SERVER: (i64, i64, i64) = (2, 10, 0);
/// Longest wait for a server's response.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer each attempt to connect waits than the one before, and the longest wait.
const RECONNECT_PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A connection to NATS JetStream that reconnects by itself.
#[derive(Clone, Debug)]
pub struct Bus {
    /// The plain connection.
    pub client: async_nats::Client,
    /// JetStream on it.
    pub jetstream: jetstream::Context,
    connection: Arc<Connection>,
}

/// A connection that cannot be attempted.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// A file named by a setting cannot be read.
    #[error("cannot read {path}, which {setting} names")]
    File {
        setting: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The NATS client rejects its options.
    #[error("cannot connect to NATS")]
    Connect(#[source] async_nats::ConnectError),
}

impl Bus {
    /// Starts to connect and returns immediately, whether or not the server is reachable.
    pub async fn connect(settings: &NatsSettings, name: &str) -> Result<Self, BusError> {
        let connection = Arc::new(Connection::new(settings.addresses()));
        let reported = Arc::clone(&connection);
        let options = ConnectOptions::new()
            .name(format!("signpost {name}"))
            .retry_on_initial_connect()
            .request_timeout(Some(REQUEST_TIMEOUT))
            .reconnect_delay_callback(|attempts| {
                let pause = RECONNECT_PAUSE.0.saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX));
                pause.min(RECONNECT_PAUSE.1)
            })
            .event_callback(move |event| {
                reported.handle(&event);
                std::future::ready(())
            });
        let options = encrypted(signed_in(options, &settings.login).await?, settings)?;
        let client = options.connect(settings.servers.clone()).await.map_err(BusError::Connect)?;
        // Lost acknowledgements must not delay the relay for long: it reads the stream's state instead.
        let builder = jetstream::context::ContextBuilder::new().timeout(REQUEST_TIMEOUT).ack_timeout(REQUEST_TIMEOUT);
        Ok(Self { jetstream: builder.build(client.clone()), client, connection })
    }

    /// A connection where there are settings of a server.
    pub async fn connect_to(settings: Option<&NatsSettings>, name: &str) -> Result<Option<Self>, BusError> {
        match settings {
            Some(settings) => Self::connect(settings, name).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reports the connection's state to this dependency from now on.
    pub fn report_to(&self, dependency: Dependency) {
        self.connection.report_to(dependency);
    }

    /// The state of the connection.
    pub fn status(&self) -> Status {
        self.connection.status()
    }

    /// Call after a server's response: its earlier complaint no longer holds.
    pub fn has_responded(&self) {
        self.connection.has_responded();
    }

    /// Changes whenever the connection is lost: responses to earlier requests will not come.
    pub fn losses(&self) -> watch::Receiver<u64> {
        self.connection.losses()
    }

    /// Whether the connection is open.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Whether the server is new enough; true while there is no connection.
    pub fn is_new_enough(&self) -> bool {
        let (major, minor, patch) = OLDEST_SERVER;
        !self.is_connected() || self.client.is_server_compatible(major, minor, patch)
    }
}

async fn signed_in(options: ConnectOptions, login: &Login) -> Result<ConnectOptions, BusError> {
    Ok(match login.clone() {
        Login::Nobody => options,
        Login::Password(user, password) => options.user_and_password(user, password),
        Login::Token(token) => options.token(token),
        Login::Nkey(seed) => options.nkey(seed),
        Login::Credentials(path) => {
            let read = options.credentials_file(&path).await;
            read.map_err(|source| BusError::File { setting: "SIGNPOST_NATS_CREDENTIALS", path, source })?
        }
    })
}

fn encrypted(mut options: ConnectOptions, settings: &NatsSettings) -> Result<ConnectOptions, BusError> {
    if let Some(path) = &settings.ca {
        readable(settings::CA, path)?;
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &settings.client {
        readable(settings::CLIENT_CERTIFICATE, certificate)?;
        readable(settings::CLIENT_KEY, key)?;
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options.require_tls(settings.is_tls()))
}

/// Checks the file early: the client reads it on each attempt to connect, and would only fail again and again.
fn readable(setting: &'static str, path: &Path) -> Result<(), BusError> {
    let opened = std::fs::File::open(path).map(drop);
    opened.map_err(|source| BusError::File { setting, path: path.to_path_buf(), source })
}
