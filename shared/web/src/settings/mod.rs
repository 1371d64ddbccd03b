//! Settings, read once from the environment and from files, and checked at the start. An unknown name is an error,
//! with the most similar known one, since a mistyped setting must not become a default silently. All errors are
//! reported together.

mod limits;
mod masked;
mod names;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::http::client::TrustedProxies;
use contract::text::login;
use event_store::bus::NatsSettings;
pub use limits::RateLimits;
pub use masked::without_secrets;
pub use names::{Entry, FILE_SUFFIX, NAMES};
use values::Values;
pub use values::{SettingsError, SettingsErrors};

/// Fewest and most characters of the first operator's password.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 12..=200;

/// The program that reads the settings: each needs other ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `signpost`: both services in one process, and the commands.
    Pair,
    /// `agents-service`.
    Agents,
    /// `signup-service`.
    Signup,
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
    /// NATS, where it is used.
    pub nats: Option<NatsSettings>,
    /// Copies of each stream.
    pub stream_replicas: usize,
    /// The agents-service's URL for the signup-service.
    pub agents_url: Option<String>,
    /// The signup-service's URL for the agents-service.
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
    /// Rate limits for visitors; `None` where they are off.
    pub rate_limits: Option<RateLimits>,
    /// Proxies whose statements about their clients are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Maximum age of the lookup table for deciding signups, in seconds.
    pub keys_max_age_seconds: i64,
    /// For how many days a repeated command without events is recognised.
    pub idempotency_days: i64,
    /// Seconds between two records of page views and refusals in the log.
    pub counts_seconds: u64,
    /// A font file for documents, for what the font inside does not have.
    pub statement_font: Option<PathBuf>,
    /// Whether webhooks may go to http and to private addresses.
    pub webhook_allow_private: bool,
    /// Logging filter.
    pub log: String,
    /// Every setting for display.
    pub entries: Vec<Entry>,
}

impl Settings {
    /// From the process's environment, for this program.
    pub fn from_env(program: Program) -> Result<Self, SettingsErrors> {
        let mut values = Values::from_env();
        let settings = read(&mut values);
        check_program(&mut values, &settings, program);
        values.into_result(settings)
    }

    /// From names and values; names without the prefix `SIGNPOST_` are ignored, empty values are unset.
    pub fn from(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, SettingsErrors> {
        let mut values = Values::from(variables);
        let settings = read(&mut values);
        values.into_result(settings)
    }
}

fn read(values: &mut Values) -> Settings {
    let data_dir = values.text("SIGNPOST_DATA_DIR").unwrap_or_else(|| "./data".to_owned());
    let database = values.database("SIGNPOST_DATABASE_URL");
    let mut database_of = |name, file: &str| {
        let own = values.database(name).or_else(|| database.clone());
        own.unwrap_or_else(|| format!("sqlite:{data_dir}/{file}.sqlite"))
    };
    let agents_database_url = database_of("SIGNPOST_AGENTS_DATABASE_URL", "agents");
    let signup_database_url = database_of("SIGNPOST_SIGNUP_DATABASE_URL", "signups");
    let nats = match NatsSettings::read(|name| values.text(name)) {
        Ok(nats) => nats,
        Err(error) => {
            values.refuse(error.to_string());
            None
        }
    };
    Settings {
        agents_listen: values.address("SIGNPOST_AGENTS_LISTEN", 8081),
        signup_listen: values.address("SIGNPOST_SIGNUP_LISTEN", 8080),
        admin_listen: values.address("SIGNPOST_ADMIN_LISTEN", 9090),
        data_dir: data_dir.into(),
        agents_database_url,
        signup_database_url,
        nats,
        stream_replicas: values.number("SIGNPOST_STREAM_REPLICAS", 1, "1, 3 or 5", |copies| [1, 3, 5].contains(copies)),
        agents_url: values.http_url("SIGNPOST_AGENTS_URL"),
        signup_url: values.http_url("SIGNPOST_SIGNUP_URL"),
        service_token: values.token("SIGNPOST_SERVICE_TOKEN"),
        customer_interface_url: values.public_url("SIGNPOST_CUSTOMER_INTERFACE_URL"),
        bootstrap_login: values
            .checked("SIGNPOST_BOOTSTRAP_LOGIN", "one word of 4 to 100 letters of one script", |text| {
                login(text).is_ok()
            })
            .and_then(|text| login(&text).ok())
            .unwrap_or_else(|| "operator".to_owned()),
        bootstrap_password: values.checked("SIGNPOST_BOOTSTRAP_PASSWORD", "12 to 200 characters long", |password| {
            PASSWORD_LENGTH.contains(&password.chars().count())
        }),
        bootstrap_token: values.token("SIGNPOST_BOOTSTRAP_TOKEN"),
        rate_limits: RateLimits::read(values),
        trusted_proxies: values
            .checked("SIGNPOST_TRUSTED_PROXIES", "a list of networks such as 10.0.0.0/8, 192.0.2.7", |text| {
                TrustedProxies::parse(text).is_some()
            })
            .and_then(|text| TrustedProxies::parse(&text))
            .unwrap_or_else(TrustedProxies::loopback),
        keys_max_age_seconds: values.number(
            "SIGNPOST_KEYS_MAX_AGE_SECONDS",
            900,
            "a number of seconds above 0",
            |age| *age > 0,
        ),
        idempotency_days: values.number("SIGNPOST_IDEMPOTENCY_DAYS", 30, "a number of days from 1 to 3650", |days| {
            (1..=3_650).contains(days)
        }),
        counts_seconds: values.number("SIGNPOST_COUNTS_SECONDS", 30, "a number of seconds from 1 to 3600", |seconds| {
            (1..=3_600).contains(seconds)
        }),
        statement_font: values.text("SIGNPOST_STATEMENT_FONT").map(PathBuf::from),
        webhook_allow_private: values.switch("SIGNPOST_WEBHOOK_ALLOW_PRIVATE"),
        log: values
            .checked("SIGNPOST_LOG", "a level (error, warn, info, debug, trace) or target=level", is_filter)
            .unwrap_or_else(|| "info".to_owned()),
        entries: values.entries(),
    }
}

/// Checks the settings that one program alone needs.
fn check_program(values: &mut Values, settings: &Settings, program: Program) {
    let agents = ("SIGNPOST_AGENTS_LISTEN", settings.agents_listen);
    let signup = ("SIGNPOST_SIGNUP_LISTEN", settings.signup_listen);
    let admin = ("SIGNPOST_ADMIN_LISTEN", settings.admin_listen);
    let pairs = match program {
        Program::Pair => vec![(agents, signup), (agents, admin), (signup, admin)],
        Program::Agents => vec![(agents, admin)],
        Program::Signup => vec![(signup, admin)],
    };
    for ((one, address), (other, taken)) in pairs {
        if address == taken && address.port() != 0 {
            values.refuse(format!("{one} and {other} must be different addresses"));
        }
    }
    if program == Program::Pair {
        if values.text("SIGNPOST_DATABASE_URL").is_some() {
            let names = "set SIGNPOST_AGENTS_DATABASE_URL and SIGNPOST_SIGNUP_DATABASE_URL";
            values.refuse(format!("SIGNPOST_DATABASE_URL is for a service that runs alone; {names}"));
        } else if settings.agents_database_url == settings.signup_database_url {
            values.refuse(
                "SIGNPOST_AGENTS_DATABASE_URL and SIGNPOST_SIGNUP_DATABASE_URL must be two databases".to_owned(),
            );
        }
    }
    let replay = settings.agents_url.is_some() && settings.service_token.is_some();
    if program == Program::Signup && settings.nats.is_none() && !replay {
        let names = "set SIGNPOST_NATS_URL, or SIGNPOST_AGENTS_URL and SIGNPOST_SERVICE_TOKEN";
        values.refuse(format!("the agents' events cannot be reached; {names}"));
    }
}

/// Whether a text filters what is logged. A word that is no level would be read as the name of a module, and log
/// nothing.
fn is_filter(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let level = |part: &str| {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        LEVELS.iter().any(|known| level.trim().eq_ignore_ascii_case(known))
    };
    text.split(',').all(level) && tracing_subscriber::EnvFilter::try_new(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, SettingsErrors> {
        Settings::from(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn refused(pairs: &[(&str, &str)]) -> String {
        settings(pairs).err().map(|errors| errors.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_mistyped_setting_is_refused_with_the_nearest_known_name() {
        let error = refused(&[("SIGNPOST_NAST_URL", "nats://x")]);
        assert_eq!(error, "SIGNPOST_NAST_URL is not a setting; did you mean SIGNPOST_NATS_URL?");
    }

    #[test]
    fn defaults_are_those_of_one_process_on_one_machine() {
        let settings = settings(&[("HOME", "/"), ("SIGNPOST_NATS_URL", "")]).ok().unwrap();
        assert_eq!(settings.agents_database_url, "sqlite:./data/agents.sqlite");
        assert_eq!(settings.signup_listen.port(), 8080);
        assert!(settings.nats.is_none());
        assert_eq!(settings.rate_limits.map(|limits| limits.pages.per_minute.get()), Some(240));
    }

    #[test]
    fn impossible_values_are_refused_all_at_once_and_never_shown() {
        let wrong = [
            ("SIGNPOST_STREAM_REPLICAS", "2"),
            ("SIGNPOST_TRUSTED_PROXIES", "proxy.example"),
            ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "-5"),
            ("SIGNPOST_IDEMPOTENCY_DAYS", "0"),
            ("SIGNPOST_COUNTS_SECONDS", "0"),
            ("SIGNPOST_LOG", "verbose"),
            ("SIGNPOST_AGENTS_DATABASE_URL", "mysql://root:hunter22@db/signpost"),
            ("SIGNPOST_SIGNUP_DATABASE_URL", "postgres://signup:hun#ter22@db/signpost"),
            ("SIGNPOST_ADMIN_LISTEN", "localhost"),
            ("SIGNPOST_AGENTS_URL", "ftp://agents"),
            ("SIGNPOST_SIGNUP_URL", "signup:8080"),
            ("SIGNPOST_CUSTOMER_INTERFACE_URL", "https://admin:hun1ter22@my.example.com"),
            ("SIGNPOST_SERVICE_TOKEN", "x"),
            ("SIGNPOST_BOOTSTRAP_LOGIN", "\u{430}dmin"),
            ("SIGNPOST_BOOTSTRAP_PASSWORD", "hunter22"),
            ("SIGNPOST_BOOTSTRAP_TOKEN", "two\nlines"),
            ("SIGNPOST_RATE_LIMITS", "yes"),
            ("SIGNPOST_RATE_LIMIT_PAGES", "0"),
            ("SIGNPOST_RATE_LIMIT_BURST_PERCENT", "101"),
        ];
        let text = refused(&wrong);
        assert_eq!(text.lines().count(), wrong.len(), "{text}");
        for (name, value) in wrong {
            assert!(text.contains(name), "{name} is missing: {text}");
            assert!(value.len() < 5 || !text.contains(value), "{value} is shown: {text}");
        }
        assert!(!text.contains("ter22"), "a password is shown: {text}");
    }

    #[test]
    fn replicas_share_a_limit_and_each_allows_its_part_at_once() {
        let values = [
            ("SIGNPOST_RATE_LIMIT_SIGNUPS", "40"),
            ("SIGNPOST_RATE_LIMIT_BURST_PERCENT", "50"),
            ("SIGNPOST_RATE_LIMIT_REPLICAS", "4"),
        ];
        let signups = settings(&values).ok().and_then(|settings| settings.rate_limits).unwrap().signups;
        assert_eq!((signups.per_minute.get(), signups.burst.get()), (10, 5));
        assert!(settings(&[("SIGNPOST_RATE_LIMITS", "off")]).ok().unwrap().rate_limits.is_none());
    }

    #[test]
    fn a_database_may_have_several_hosts() {
        let url = "postgres://signup:hunter22@one:5432,two/signups";
        let settings = settings(&[("SIGNPOST_SIGNUP_DATABASE_URL", url)]).ok().unwrap();
        assert_eq!(settings.signup_database_url, url);
        assert!(!refused(&[("SIGNPOST_SIGNUP_DATABASE_URL", "postgres://one:5432,two:port/signups")]).is_empty());
    }

    #[test]
    fn a_filter_of_real_levels_is_taken() {
        for filter in ["info", "INFO", "off", "web=debug", "warn,event_store::relay=trace"] {
            assert!(is_filter(filter), "{filter}");
        }
        for filter in ["verbose", "info, web=debug", "web", "web=loud", "", "info,"] {
            assert!(!is_filter(filter), "{filter}");
        }
    }
}
