//! Settings: read once, from the environment, checked at start. A name that is not known is an error, with the nearest
//! one that is, since a mistyped setting must not be a silent default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Every setting: its name, its default, its meaning. `README.md` lists them; a test compares.
pub const NAMES: &[(&str, &str, &str)] = &[
    ("SIGNPOST_DATA_DIR", "./data", "folder of the embedded databases"),
    ("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:8081", "address of the agents-service"),
    ("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:8080", "address of the signup-service"),
    ("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:9090", "address of the probes and the metrics"),
    ("SIGNPOST_DATABASE_URL", "a file in the data folder", "database of a service alone: sqlite: or postgres:"),
    ("SIGNPOST_AGENTS_DATABASE_URL", "a file in the data folder", "database of the agents-service in `signpost`"),
    ("SIGNPOST_SIGNUP_DATABASE_URL", "a file in the data folder", "database of the signup-service in `signpost`"),
    ("SIGNPOST_NATS_URL", "unset", "NATS JetStream; without it the services read each other's log"),
    ("SIGNPOST_STREAM_REPLICAS", "1", "servers that keep a copy of each stream: 1, 3 or 5"),
    ("SIGNPOST_AGENTS_URL", "unset", "where the signup-service reaches the agents-service"),
    ("SIGNPOST_SIGNUP_URL", "unset", "where the agents-service reaches the signup-service"),
    ("SIGNPOST_SERVICE_TOKEN", "unset; in `signpost` random", "secret that the services show each other"),
    ("SIGNPOST_CUSTOMER_INTERFACE_URL", "the signup address", "first value of the customer interface URL"),
    ("SIGNPOST_BOOTSTRAP_LOGIN", "operator", "login of the first operator"),
    ("SIGNPOST_BOOTSTRAP_PASSWORD", "random, printed once", "password of the first operator: 12 to 200 characters"),
    ("SIGNPOST_BOOTSTRAP_TOKEN", "none", "first API token, with all scopes"),
    ("SIGNPOST_RATE_LIMITS", "on", "limits on public calls: on or off"),
    ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "900", "age of the key lookup table from which signups are refused"),
    ("SIGNPOST_LOG", "info", "what is logged, such as info or shared=debug"),
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
    pub nats_url: Option<String>,
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
            let Some((known, ..)) = NAMES.iter().find(|(known, ..)| *known == name) else {
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
            nats_url: self.text("SIGNPOST_NATS_URL"),
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
    let near = NAMES.iter().map(|(known, ..)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, name));
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
        assert!(settings.nats_url.is_none());
        assert!(settings.rate_limits);
    }
}
