/// Every setting: its name, its default, its meaning. `deploy/README.md` lists them; a test compares.
pub const NAMES: &[(&str, &str, &str)] = &[
    ("SIGNPOST_DATA_DIR", "./data", "folder of the embedded databases"),
    ("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:8081", "address of the agents-service"),
    ("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:8080", "address of the signup-service"),
    ("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:9090", "address of the probes and the metrics"),
    ("SIGNPOST_DATABASE_URL", "a file in the data folder", "database of a service alone: sqlite: or postgres:"),
    ("SIGNPOST_AGENTS_DATABASE_URL", "a file in the data folder", "database of the agents-service in `signpost`"),
    ("SIGNPOST_SIGNUP_DATABASE_URL", "a file in the data folder", "database of the signup-service in `signpost`"),
    ("SIGNPOST_NATS_URL", "unset", "NATS JetStream; without it the services read each other's log"),
    ("SIGNPOST_NATS_CREDENTIALS", "unset", "path of a .creds file for NATS"),
    ("SIGNPOST_NATS_USER", "unset", "user for NATS"),
    ("SIGNPOST_NATS_PASSWORD", "unset", "password for NATS"),
    ("SIGNPOST_NATS_TOKEN", "unset", "token for NATS"),
    ("SIGNPOST_NATS_NKEY", "unset", "seed of an nkey for NATS"),
    ("SIGNPOST_NATS_CA", "the system's authorities", "path of the PEM file with NATS's certificate authority"),
    ("SIGNPOST_NATS_CLIENT_CERTIFICATE", "unset", "path of the PEM file with the client certificate for NATS"),
    ("SIGNPOST_NATS_CLIENT_KEY", "unset", "path of the PEM file with its private key"),
    ("SIGNPOST_STREAM_REPLICAS", "1", "servers that keep a copy of each stream: 1, 3 or 5"),
    ("SIGNPOST_AGENTS_URL", "unset", "where the signup-service reaches the agents-service"),
    ("SIGNPOST_SIGNUP_URL", "unset", "where the agents-service reaches the signup-service"),
    ("SIGNPOST_SERVICE_TOKEN", "unset; in `signpost` random", "secret that the services show each other"),
    ("SIGNPOST_CUSTOMER_INTERFACE_URL", "the signup address", "first value of the customer interface URL"),
    ("SIGNPOST_BOOTSTRAP_LOGIN", "operator", "login of the first operator"),
    ("SIGNPOST_BOOTSTRAP_PASSWORD", "random, printed once", "password of the first operator: 12 to 200 characters"),
    ("SIGNPOST_BOOTSTRAP_TOKEN", "none", "first API token, with all scopes"),
    ("SIGNPOST_RATE_LIMITS", "on", "limits on public calls: on or off"),
    ("SIGNPOST_RATE_LIMIT_PAGES", "240", "pages and lookups of one address in a minute"),
    ("SIGNPOST_RATE_LIMIT_SIGNUPS", "20", "signups from one address in a minute"),
    ("SIGNPOST_RATE_LIMIT_SIGNUPS_PER_KEY", "600", "signups through one key in a minute"),
    ("SIGNPOST_RATE_LIMIT_BURST_PERCENT", "100", "percentage of a limit that may come at once"),
    ("SIGNPOST_RATE_LIMIT_REPLICAS", "1", "replicas of the service that share the limits"),
    ("SIGNPOST_TRUSTED_PROXIES", "127.0.0.0/8, ::1", "networks of the proxies in front that are believed"),
    ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "900", "age of the key lookup table from which signups are refused"),
    ("SIGNPOST_IDEMPOTENCY_DAYS", "30", "days for which a repeated request is known at least"),
    ("SIGNPOST_COUNTS_SECONDS", "30", "seconds between two records of page views and refusals in the log"),
    ("SIGNPOST_STATEMENT_FONT", "unset", "path of a font file for statements as PDF, for other scripts"),
    ("SIGNPOST_WEBHOOK_ALLOW_PRIVATE", "off", "webhooks to http and to private addresses: on or off"),
    ("SIGNPOST_LOG", "info", "what is logged, such as info or event_store=debug"),
];

/// Suffix of a setting that holds the path of a file with the value.
pub const FILE_SUFFIX: &str = "_FILE";

/// One setting for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its value, with secrets masked, or a description of the default.
    pub value: String,
    /// `default`, `environment`, or `file` and its path.
    pub source: String,
}
