//! The settings of NATS: servers, encryption, login. Contradictions are refused when the program starts.

use std::path::PathBuf;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

const URL: &str = "SIGNPOST_NATS_URL";
const USER: &str = "SIGNPOST_NATS_USER";
const PASSWORD: &str = "SIGNPOST_NATS_PASSWORD";
const TOKEN: &str = "SIGNPOST_NATS_TOKEN";
const NKEY: &str = "SIGNPOST_NATS_NKEY";
const CREDENTIALS: &str = "SIGNPOST_NATS_CREDENTIALS";
pub(super) const CA: &str = "SIGNPOST_NATS_CA";
pub(super) const CLIENT_CERTIFICATE: &str = "SIGNPOST_NATS_CLIENT_CERTIFICATE";
pub(super) const CLIENT_KEY: &str = "SIGNPOST_NATS_CLIENT_KEY";

/// Settings of NATS that cannot be used. The texts never hold a value: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NatsSettingsError {
    /// Not the URLs of NATS servers.
    #[error("SIGNPOST_NATS_URL must be a list of nats:// or tls:// URLs, separated by commas")]
    Url,
    /// The servers of one list have different credentials.
    #[error("SIGNPOST_NATS_URL must name the same credentials for each server, or name them once")]
    UrlCredentials,
    /// A setting of NATS without NATS.
    #[error("set SIGNPOST_NATS_URL, or remove {0}")]
    WithoutUrl(&'static str),
    /// Two ways to sign in.
    #[error("set only one of {0} and {1}: each says how to sign in to NATS")]
    TwoWays(&'static str, &'static str),
    /// Two settings that belong together.
    #[error("set {0} and {1} together, or neither")]
    Together(&'static str, &'static str),
    /// Not the seed of an nkey.
    #[error("SIGNPOST_NATS_NKEY must be the seed of a user's nkey, which begins with SU")]
    Nkey,
}

/// How the services sign in to NATS. Without `Debug`, so that no secret is logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    Nobody,
    Password(String, String),
    Token(String),
    /// The seed.
    Nkey(String),
    /// The path of a file with a JWT and its seed.
    Credentials(PathBuf),
}

/// The NATS servers, and how the services sign in to them.
#[derive(Clone)]
pub struct NatsSettings {
    /// Without credentials.
    pub(super) servers: Vec<ServerAddr>,
    pub(super) login: Login,
    /// PEM file of the authority that signed the servers' certificates; the system's authorities without it.
    pub(super) ca: Option<PathBuf>,
    /// PEM files of the services' own certificate and its key.
    pub(super) client: Option<(PathBuf, PathBuf)>,
}

impl NatsSettings {
    /// Reads the settings of NATS; `None` without a URL.
    pub fn read(setting: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, NatsSettingsError> {
        let Some(url) = setting(URL) else {
            let others = [USER, PASSWORD, TOKEN, NKEY, CREDENTIALS, CA, CLIENT_CERTIFICATE, CLIENT_KEY];
            let given = others.into_iter().find(|name| setting(name).is_some());
            return given.map_or(Ok(None), |name| Err(NatsSettingsError::WithoutUrl(name)));
        };
        let in_url = Self::of_url(&url)?;
        let by_password = match (setting(USER), setting(PASSWORD)) {
            (Some(user), Some(password)) => Some(Login::Password(user, password)),
            (None, None) => None,
            _ => return Err(NatsSettingsError::Together(USER, PASSWORD)),
        };
        let ways = [
            (URL, Some(in_url.login).filter(|login| *login != Login::Nobody)),
            (USER, by_password),
            (TOKEN, setting(TOKEN).map(Login::Token)),
            (NKEY, setting(NKEY).map(|seed| nkey(&seed)).transpose()?),
            (CREDENTIALS, setting(CREDENTIALS).map(|path| Login::Credentials(path.into()))),
        ];
        let mut given = ways.into_iter().filter_map(|(name, login)| Some((name, login?)));
        let first = given.next();
        if let (Some((first, _)), Some((second, _))) = (&first, given.next()) {
            return Err(NatsSettingsError::TwoWays(first, second));
        }
        let client = match (setting(CLIENT_CERTIFICATE), setting(CLIENT_KEY)) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err(NatsSettingsError::Together(CLIENT_CERTIFICATE, CLIENT_KEY)),
        };
        let login = first.map_or(Login::Nobody, |(_, login)| login);
        Ok(Some(Self { servers: in_url.servers, login, ca: setting(CA).map(PathBuf::from), client }))
    }

    /// The settings of a list of URLs, with their credentials.
    pub fn of_url(url: &str) -> Result<Self, NatsSettingsError> {
        let mut login = Login::Nobody;
        let mut servers = Vec::new();
        for server in url.split(',') {
            let (server, here) = server_of(server.trim()).ok_or(NatsSettingsError::Url)?;
            servers.push(server);
            if here != Login::Nobody {
                if login != Login::Nobody && login != here {
                    return Err(NatsSettingsError::UrlCredentials);
                }
                login = here;
            }
        }
        Ok(Self { servers, login, ca: None, client: None })
    }

    /// The servers without credentials, for logs.
    pub fn addresses(&self) -> String {
        let shown =
            self.servers.iter().map(|server| format!("{}://{}:{}", server.scheme(), server.host(), server.port()));
        shown.collect::<Vec<_>>().join(",")
    }

    /// Whether every connection must be encrypted.
    pub(super) fn is_tls(&self) -> bool {
        self.ca.is_some() || self.client.is_some() || self.servers.iter().any(ServerAddr::tls_required)
    }
}

/// A server's address and its credentials.
fn server_of(text: &str) -> Option<(ServerAddr, Login)> {
    let mut url = text.parse::<ServerAddr>().ok()?.into_inner();
    if !["nats", "tls"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    let user = decoded(url.username())?;
    let login = match url.password() {
        Some(password) => Login::Password(user, decoded(password)?),
        None if user.is_empty() => Login::Nobody,
        None => Login::Token(user),
    };
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some((ServerAddr::from_url(url).ok()?, login))
}

fn nkey(seed: &str) -> Result<Login, NatsSettingsError> {
    let seed = seed.trim();
    let is_seed = seed.starts_with("SU") && nkeys::KeyPair::from_seed(seed).is_ok();
    if is_seed { Ok(Login::Nkey(seed.to_owned())) } else { Err(NatsSettingsError::Nkey) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<NatsSettings>, NatsSettingsError> {
        let value = |name: &'static str| pairs.iter().find(|(known, _)| *known == name);
        NatsSettings::read(|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn credentials_may_be_in_the_first_url_of_several_and_are_never_shown() {
        let nats = read(&[(URL, "nats://signpost:p%40ss@one:4333, two")]).ok().flatten().unwrap();
        assert!(nats.login == Login::Password("signpost".to_owned(), "p@ss".to_owned()));
        assert_eq!(nats.addresses(), "nats://one:4333,nats://two:4222");
        assert!(!format!("{:?}", nats.servers).contains("signpost"));
        let token = NatsSettings::of_url("tls://s3cr3t@one").ok().unwrap();
        assert!(token.login == Login::Token("s3cr3t".to_owned()) && token.is_tls());
    }

    #[test]
    fn contradictions_are_refused_with_a_sentence() {
        let refused = |pairs: &[(&str, &str)]| read(pairs).err().map(|error| error.to_string()).unwrap_or_default();
        for url in ["http://nats:4222", "", "nats://", "nats://a,,nats://b"] {
            assert_eq!(refused(&[(URL, url)]), NatsSettingsError::Url.to_string(), "{url}");
        }
        assert_eq!(refused(&[(TOKEN, "x")]), "set SIGNPOST_NATS_URL, or remove SIGNPOST_NATS_TOKEN");
        assert_eq!(
            refused(&[(URL, "nats://a:b@one"), (TOKEN, "x")]),
            "set only one of SIGNPOST_NATS_URL and SIGNPOST_NATS_TOKEN: each says how to sign in to NATS"
        );
        assert!(refused(&[(URL, "one"), (USER, "a")]).contains("SIGNPOST_NATS_PASSWORD together"));
        assert!(refused(&[(URL, "one"), (CLIENT_KEY, "a")]).contains("SIGNPOST_NATS_CLIENT_CERTIFICATE"));
        assert!(refused(&[(URL, "nats://a:b@one,nats://c:d@two")]).contains("same credentials"));
        let public = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
        assert!(refused(&[(URL, "one"), (NKEY, public)]).contains("begins with SU"));
    }
}
