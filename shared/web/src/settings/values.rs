//! The values of settings, from the environment or from files, and all their errors.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::str::FromStr;

use super::masked::masked;
use super::names::{Entry, FILE_SUFFIX, NAMES};
use event_store::sql::hosts;
use url::Url;

/// Largest file with a value, in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Fewest characters of a secret that is sent in a header, and how many of them must differ.
const TOKEN_LENGTH: usize = 16;
const DIFFERENT_CHARACTERS: usize = 6;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not one of [`NAMES`].
    #[error("{name} is not a setting; did you mean {nearest}?")]
    Unknown {
        /// As it was given.
        name: String,
        /// The most similar known name.
        nearest: &'static str,
    },
    /// Its value is malformed.
    #[error("{name} must be {expected}")]
    Invalid {
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The setting has a value and a file.
    #[error("{name} and {name}_FILE are both set; unset one of them")]
    Both { name: &'static str },
    /// The file with its value cannot be read.
    #[error("{name}_FILE: cannot read {path}: {cause}")]
    Unreadable { name: &'static str, path: String, cause: String },
    /// Two settings contradict each other, or one is missing.
    #[error("{0}")]
    Contradiction(String),
}

/// All errors of the settings, each on a line of its own.
#[derive(Debug)]
pub struct SettingsErrors(pub Vec<SettingsError>);

impl std::fmt::Display for SettingsErrors {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            write!(formatter, "{}{error}", if number == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsErrors {}

/// A value and its source.
struct Value {
    text: String,
    source: String,
}

/// Values by name, and the errors so far.
#[derive(Default)]
pub(super) struct Values {
    values: BTreeMap<&'static str, Value>,
    errors: Vec<SettingsError>,
}

impl Values {
    /// From the process's environment.
    pub(super) fn from_env() -> Self {
        Self::from_raw(std::env::vars_os())
    }

    /// From names and values.
    pub(super) fn from(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::from_raw(variables.into_iter().map(|(name, value)| (name.into(), value.into())))
    }

    fn from_raw(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut values = Self::default();
        let mut files = Vec::new();
        for (name, value) in variables {
            let name = name.to_string_lossy().into_owned();
            if !name.starts_with("SIGNPOST_") {
                continue;
            }
            let file = name.strip_suffix(FILE_SUFFIX).and_then(known);
            let Some(setting) = known(&name).or(file) else {
                values.errors.push(SettingsError::Unknown { nearest: nearest(&name), name });
                continue;
            };
            let Ok(value) = value.into_string() else {
                values.errors.push(SettingsError::Invalid { name: setting, expected: "UTF-8 text" });
                continue;
            };
            match file {
                Some(setting) if !value.is_empty() => files.push((setting, value)),
                Some(_) => {}
                None => values.put(setting, value, "environment".to_owned()),
            }
        }
        for (name, path) in files {
            values.read_file(name, path);
        }
        values
    }

    fn put(&mut self, name: &'static str, text: String, source: String) {
        // An empty secret is a mistake; any other empty value counts as unset.
        if text.is_empty() && name != "SIGNPOST_SERVICE_TOKEN" {
            return;
        }
        self.values.insert(name, Value { text, source });
    }

    fn read_file(&mut self, name: &'static str, path: String) {
        if self.values.contains_key(name) {
            self.errors.push(SettingsError::Both { name });
            return;
        }
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
        let cause = match read {
            Ok(_) if text.trim_end_matches(['\r', '\n']).is_empty() => "it is empty".to_owned(),
            Ok(_) => {
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                self.put(name, text, format!("file {path}"));
                return;
            }
            Err(error) => error.to_string(),
        };
        self.errors.push(SettingsError::Unreadable { name, path, cause });
    }

    /// Adds an error between settings.
    pub(super) fn refuse(&mut self, text: String) {
        self.errors.push(SettingsError::Contradiction(text));
    }

    /// The settings, or all errors.
    pub(super) fn into_result<T>(self, settings: T) -> Result<T, SettingsErrors> {
        if self.errors.is_empty() { Ok(settings) } else { Err(SettingsErrors(self.errors)) }
    }

    /// The value as text.
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.values.get(name).map(|value| value.text.clone())
    }

    /// The value, if it passes a check.
    pub(super) fn checked(
        &mut self,
        name: &'static str,
        expected: &'static str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let text = self.text(name)?;
        if is_right(&text) {
            return Some(text);
        }
        self.errors.push(SettingsError::Invalid { name, expected });
        None
    }

    /// The value as a number, if it passes a check.
    pub(super) fn number<T: FromStr>(
        &mut self,
        name: &'static str,
        default: T,
        expected: &'static str,
        is_right: impl Fn(&T) -> bool,
    ) -> T {
        let read = |text: &str| text.parse().ok().filter(|number| is_right(number));
        self.checked(name, expected, |text| read(text).is_some()).and_then(|text| read(&text)).unwrap_or(default)
    }

    /// Whether the value is "on"; the default is off.
    pub(super) fn switch(&mut self, name: &'static str) -> bool {
        self.checked(name, "on or off", |word| matches!(word, "on" | "off")).as_deref() == Some("on")
    }

    /// The value as an address to listen at; the default is on this machine alone.
    pub(super) fn address(&mut self, name: &'static str, port: u16) -> SocketAddr {
        let default = SocketAddr::from(([127, 0, 0, 1], port));
        self.number(name, default, "an address and a port, such as 127.0.0.1:8080", |_| true)
    }

    /// The value as a database URL; one of PostgreSQL may name several hosts.
    pub(super) fn database(&mut self, name: &'static str) -> Option<String> {
        let expected = "a sqlite: or postgres: URL; percent-encode special characters of the password";
        self.checked(name, expected, |text| match text.split_once(':') {
            Some(("sqlite", file)) => !file.is_empty(),
            Some(("postgres" | "postgresql", _)) => {
                let is_url = |url: &String| Url::parse(url).is_ok_and(|url| url.fragment().is_none());
                hosts(text).iter().all(is_url)
            }
            _ => false,
        })
    }

    /// The value as a base URL of HTTP.
    pub(super) fn http_url(&mut self, name: &'static str) -> Option<String> {
        self.checked(name, "an http or https URL, such as https://signup.example.com", |text| {
            Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        })
    }

    /// The value as a base URL that is published with a path added: it may hold no secret, query or fragment.
    pub(super) fn public_url(&mut self, name: &'static str) -> Option<String> {
        let url = self.http_url(name)?;
        let is_plain = Url::parse(&url).is_ok_and(|url| {
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none()
        });
        if !is_plain {
            self.errors
                .push(SettingsError::Invalid { name, expected: "a URL without user, password, query and fragment" });
        }
        is_plain.then_some(url)
    }

    /// The value as a secret that is sent in a header.
    pub(super) fn token(&mut self, name: &'static str) -> Option<String> {
        self.checked(name, "16 or more printable ASCII characters that nobody can guess", |text| {
            let different: BTreeSet<u8> = text.bytes().collect();
            let is_printable = text.trim() == text && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            is_printable && text.len() >= TOKEN_LENGTH && different.len() >= DIFFERENT_CHARACTERS
        })
    }

    /// Every setting for display.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |(name, default, _): &(&'static str, &'static str, &'static str)| match self.values.get(name) {
            Some(value) => Entry { name, value: masked(name, &value.text), source: value.source.clone() },
            None => Entry { name, value: (*default).to_owned(), source: "default".to_owned() },
        };
        NAMES.iter().map(entry).collect()
    }
}

fn known(name: &str) -> Option<&'static str> {
    NAMES.iter().map(|(known, ..)| *known).find(|known| *known == name)
}

fn nearest(name: &str) -> &'static str {
    let near = NAMES.iter().map(|(known, ..)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, name));
    near.unwrap_or("SIGNPOST_DATA_DIR")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values::from(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let name = "SIGNPOST_SERVICE_TOKEN";
        for weak in
            ["", "x", "abc", "123456789012345", "aaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababab", " 0123456789abcdef"]
        {
            assert_eq!(values(&[(name, weak)]).token(name), None, "{weak}");
        }
        assert!(values(&[(name, "0123456789abcdef")]).token(name).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = |text: &[u8]| OsString::from_vec(text.to_vec());
        let variables = [
            (bytes(b"SIGNPOST_LOG"), bytes(b"in\xfffo")),
            (bytes(b"SIGNPOST_DATA_DIR_FILE"), bytes(b"\xff")),
            (bytes(b"SIGNPOST_\xff"), bytes(b"1")),
            (bytes(b"OTHER_\xff"), bytes(b"\xff")),
        ];
        let errors = Values::from_raw(variables).into_result(()).unwrap_err();
        assert_eq!(errors.0.len(), 3, "{errors}");
    }

    #[test]
    fn a_value_may_be_in_a_file_and_loses_its_line_end() {
        let path = std::env::temp_dir().join(format!("signpost-{}.secret", contract::ids::new_id()));
        std::fs::write(&path, "from a file\r\n").unwrap();
        let path = path.display().to_string();
        let read = values(&[("SIGNPOST_BOOTSTRAP_PASSWORD_FILE", &path)]);
        assert_eq!(read.text("SIGNPOST_BOOTSTRAP_PASSWORD").as_deref(), Some("from a file"));
        let both = [("SIGNPOST_BOOTSTRAP_PASSWORD_FILE", path.as_str()), ("SIGNPOST_BOOTSTRAP_PASSWORD", "as well")];
        assert!(matches!(values(&both).errors[..], [SettingsError::Both { .. }]));
        std::fs::remove_file(&path).unwrap();
        let gone = values(&[("SIGNPOST_BOOTSTRAP_PASSWORD_FILE", &path)]).into_result(()).unwrap_err().to_string();
        assert!(gone.contains(&path) && gone.contains("No such file"), "{gone}");
    }
}
