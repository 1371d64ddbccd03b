//! Settings: read once, from the environment, checked at start. A name that is not known is an error, with the nearest
//! one that is, since a mistyped setting must not be a silent default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::bus::{NatsSettings, NatsSettingsError};

/// Every setting, with its meaning. `README.md` lists them; a test compares.
pub const NAMES: &[(&str, &str)] = &[
    ("SIGNPOST_DATA_DIR", "folder of the embedded databases; ./data"),
    ("SIGNPOST_AGENTS_LISTEN", "address of the agents-service; 127.0.0.1:8081"),
    ("SIGNPOST_SIGNUP_LISTEN", "address of the signup-service; 127.0.0.1:8080"),
    ("SIGNPOST_ADMIN_LISTEN", "address of probes and metrics; 127.0.0.1:9090"),
    ("SIGNPOST_DATABASE_URL", "database of a service that runs alone; sqlite: under the data folder"),
    ("SIGNPOST_AGENTS_DATABASE_URL", "database of the agents-service in `signpost`"),
    ("SIGNPOST_SIGNUP_DATABASE_URL", "database of the signup-service in `signpost`"),
    ("SIGNPOST_NATS_URL", "NATS servers, separated by commas; unset: followers read the log or the replay endpoint"),
    ("SIGNPOST_NATS_CREDENTIALS", "file with a NATS user's JWT and seed; none"),
    ("SIGNPOST_NATS_USER", "NATS user; none"),
    ("SIGNPOST_NATS_PASSWORD", "NATS user's password; none"),
    ("SIGNPOST_NATS_TOKEN", "NATS token; none"),
    ("SIGNPOST_NATS_NKEY", "seed of a NATS user's nkey; none"),
    ("SIGNPOST_NATS_CA", "PEM file of the authority of the NATS servers' certificates; the system's"),
    ("SIGNPOST_NATS_CLIENT_CERTIFICATE", "PEM file of the certificate that NATS asks for; none"),
    ("SIGNPOST_NATS_CLIENT_KEY", "PEM file of that certificate's key; none"),
    ("SIGNPOST_STREAM_REPLICAS", "servers that keep a copy of each stream; 1"),
    ("SIGNPOST_AGENTS_URL", "where the signup-service reaches the agents-service"),
    ("SIGNPOST_SIGNUP_URL", "where the agents-service reaches the signup-service"),
    ("SIGNPOST_SERVICE_TOKEN", "secret with which the services ask each other; random in `signpost`"),
    ("SIGNPOST_CUSTOMER_INTERFACE_URL", "first value of the setting; the signup address"),
    ("SIGNPOST_BOOTSTRAP_LOGIN", "login of the first operator; operator"),
    ("SIGNPOST_BOOTSTRAP_PASSWORD", "password of the first operator; random, shown once"),
    ("SIGNPOST_BOOTSTRAP_TOKEN", "an API token with all scopes; none"),
    ("SIGNPOST_RATE_LIMITS", "on or off; on"),
    ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "how old the key lookup table may be before signups are refused; 900"),
    ("SIGNPOST_LOG", "what is logged, such as info or shared=debug; info"),
];

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not one of [`NAMES`].
    #[error("{name} is not a setting; did you mean {nearest}?")]
    Unknown {
        /// As it was given.
        name: String,
        /// The known name that is most like it.
        nearest: &'static str,
    },
    /// The settings of NATS contradict each other, or cannot be used.
    #[error(transparent)]
    Nats(#[from] NatsSettingsError),
    /// Its value does not read.
    #[error("{name} must be {expected}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

/// All settings. Secrets have no `Debug`, so that they cannot be logged by accident.
#[derive(Clone)]
pub struct Settings {
    /// Folder of the embedded databases.
    pub data_dir: PathBuf,
    /// Address of the agents-service.
    pub agents_listen: SocketAddr,
    /// Address of the signup-service.
    pub signup_listen: SocketAddr,
    /// Address of probes and metrics.
    pub admin_listen: SocketAddr,
    /// Database of the agents-service.
    pub agents_database_url: String,
    /// Database of the signup-service.
    pub signup_database_url: String,
    /// NATS, where there is one.
    pub nats: Option<NatsSettings>,
    /// Copies of each stream.
    pub stream_replicas: usize,
    /// The agents-service as the signup-service sees it.
    pub agents_url: Option<String>,
    /// The signup-service as the agents-service sees it.
    pub signup_url: Option<String>,
    /// The services' secret.
    pub service_token: Option<String>,
    /// First customer interface URL.
    pub customer_interface_url: Option<String>,
    /// First operator's login.
    pub bootstrap_login: String,
    /// First operator's password.
    pub bootstrap_password: Option<String>,
    /// First API token.
    pub bootstrap_token: Option<String>,
    /// Whether public calls are limited.
    pub rate_limits: bool,
    /// Oldest lookup table that signups are decided by, in seconds.
    pub keys_max_age_seconds: i64,
    /// Logging filter.
    pub log: String,
}

impl Settings {
    /// From the process's environment.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from(std::env::vars())
    }

    /// From names and values; those that do not begin with `SIGNPOST_` are of no concern, empty ones are unset.
    pub fn from(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let mut given = BTreeMap::new();
        for (name, value) in variables {
            if !name.starts_with("SIGNPOST_") {
                continue;
            }
            let Some((known, _)) = NAMES.iter().find(|(known, _)| *known == name) else {
                return Err(SettingsError::Unknown { nearest: nearest(&name), name });
            };
            if !value.is_empty() {
                given.insert(*known, value);
            }
        }
        Given(given).read()
    }
}

struct Given(BTreeMap<&'static str, String>);

impl Given {
    fn text(&self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        name: &'static str,
        default: T,
        expected: &'static str,
    ) -> Result<T, SettingsError> {
        self.0.get(name).map_or(Ok(default), |text| text.parse().map_err(|_| SettingsError::Invalid { name, expected }))
    }

    fn address(&self, name: &'static str, port: u16) -> Result<SocketAddr, SettingsError> {
        self.parsed(name, SocketAddr::from(([127, 0, 0, 1], port)), "an address such as 127.0.0.1:8080")
    }

    fn database(&self, name: &'static str, file: &str) -> String {
        let folder = self.text("SIGNPOST_DATA_DIR").unwrap_or_else(|| "./data".to_owned());
        let url = self.text(name).or_else(|| self.text("SIGNPOST_DATABASE_URL"));
        url.unwrap_or_else(|| format!("sqlite:{folder}/{file}.sqlite"))
    }

    fn read(&self) -> Result<Settings, SettingsError> {
        let rate_limits = match self.text("SIGNPOST_RATE_LIMITS").as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(_) => return Err(SettingsError::Invalid { name: "SIGNPOST_RATE_LIMITS", expected: "on or off" }),
        };
        Ok(Settings {
            data_dir: self.text("SIGNPOST_DATA_DIR").unwrap_or_else(|| "./data".to_owned()).into(),
            agents_listen: self.address("SIGNPOST_AGENTS_LISTEN", 8081)?,
            signup_listen: self.address("SIGNPOST_SIGNUP_LISTEN", 8080)?,
            admin_listen: self.address("SIGNPOST_ADMIN_LISTEN", 9090)?,
            agents_database_url: self.database("SIGNPOST_AGENTS_DATABASE_URL", "agents"),
            signup_database_url: self.database("SIGNPOST_SIGNUP_DATABASE_URL", "signups"),
            nats: NatsSettings::read(|name| self.text(name))?,
            stream_replicas: self.parsed("SIGNPOST_STREAM_REPLICAS", 1, "a number of servers: 1, 3 or 5")?,
            agents_url: self.text("SIGNPOST_AGENTS_URL"),
            signup_url: self.text("SIGNPOST_SIGNUP_URL"),
            service_token: self.text("SIGNPOST_SERVICE_TOKEN"),
            customer_interface_url: self.text("SIGNPOST_CUSTOMER_INTERFACE_URL"),
            bootstrap_login: self.text("SIGNPOST_BOOTSTRAP_LOGIN").unwrap_or_else(|| "operator".to_owned()),
            bootstrap_password: self.text("SIGNPOST_BOOTSTRAP_PASSWORD"),
            bootstrap_token: self.text("SIGNPOST_BOOTSTRAP_TOKEN"),
            rate_limits,
            keys_max_age_seconds: self.parsed("SIGNPOST_KEYS_MAX_AGE_SECONDS", 900, "a number of seconds")?,
            log: self.text("SIGNPOST_LOG").unwrap_or_else(|| "info".to_owned()),
        })
    }
}

fn nearest(name: &str) -> &'static str {
    let near = NAMES.iter().map(|(known, _)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, name));
    near.unwrap_or("SIGNPOST_DATA_DIR")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_mistyped_setting_is_refused_with_the_nearest_known_name() {
        let error = settings(&[("SIGNPOST_NAST_URL", "nats://x")]).err().unwrap();
        assert_eq!(error.to_string(), "SIGNPOST_NAST_URL is not a setting; did you mean SIGNPOST_NATS_URL?");
    }

    #[test]
    fn defaults_are_those_of_one_process_on_one_machine() {
        let settings = settings(&[("HOME", "/"), ("SIGNPOST_NATS_URL", "")]).ok().unwrap();
        assert_eq!(settings.agents_database_url, "sqlite:./data/agents.sqlite");
        assert_eq!(settings.signup_listen.port(), 8080);
        assert!(settings.nats.is_none());
        assert!(settings.rate_limits);
    }
}
