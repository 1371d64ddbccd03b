use crate::nats::NatsSetup;
use crate::pgbouncer::Refuses;

/// How the services reach a private PostgreSQL server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Direct,
    Pooled(Refuses),
    /// Through a proxy that can cut connections.
    Cut,
    /// By a URL that names the server and a standby of it.
    WithStandby {
        synchronous: bool,
    },
}

/// The configuration of a pair, for `Pair::start`.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) journey: &'static str,
    pub(crate) replicas: Option<usize>,
    pub(crate) own_postgres: bool,
    pub(crate) way: Way,
    pub(crate) settings: Vec<(String, String)>,
    /// Settings of single programs.
    pub(crate) own_settings: Vec<(&'static str, String, String)>,
    pub(crate) nats: NatsSetup,
}

impl Setup {
    /// One process with both services, on SQLite files.
    pub fn embedded(journey: &'static str) -> Self {
        Self {
            journey,
            replicas: None,
            own_postgres: false,
            way: Way::Direct,
            settings: Vec::new(),
            own_settings: Vec::new(),
            nats: NatsSetup::default(),
        }
    }

    /// So many processes of each service, on PostgreSQL and NATS.
    pub fn servers(journey: &'static str, replicas: usize) -> Self {
        Self { replicas: Some(replicas), ..Self::embedded(journey) }
    }

    /// Uses a private PostgreSQL server, which the journey may kill.
    #[must_use]
    pub fn own_postgres(self) -> Self {
        Self { own_postgres: true, ..self }
    }

    /// Puts `PgBouncer` in transaction mode before a private server; it refuses unknown startup parameters.
    #[must_use]
    pub fn pooled(self) -> Self {
        Self { own_postgres: true, way: Way::Pooled(Refuses::Unknown), ..self }
    }

    /// Puts a `PgBouncer` before a private server that drops startup parameters.
    #[must_use]
    pub fn pooled_and_lenient(self) -> Self {
        Self { own_postgres: true, way: Way::Pooled(Refuses::Nothing), ..self }
    }

    /// Puts a proxy before a private server that can cut connections.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { own_postgres: true, way: Way::Cut, ..self }
    }

    /// Adds a standby of a private server to the services' URLs. A synchronous one has every acknowledged write.
    #[must_use]
    pub fn with_standby(self, synchronous: bool) -> Self {
        Self { own_postgres: true, way: Way::WithStandby { synchronous }, ..self }
    }

    /// Adds a setting for the processes of one program; `signpost` means the commands.
    #[must_use]
    pub fn with_for(mut self, program: &'static str, name: &str, value: &str) -> Self {
        self.own_settings.push((program, name.to_owned(), value.to_owned()));
        self
    }

    /// Configures the NATS server.
    #[must_use]
    pub fn nats(self, nats: NatsSetup) -> Self {
        Self { nats, ..self }
    }

    pub(crate) fn own_settings(&self, program: &str) -> Vec<(String, String)> {
        let own = self.own_settings.iter().filter(|(known, ..)| *known == program);
        own.map(|(_, name, value)| (name.clone(), value.clone())).collect()
    }

    /// Adds a setting for every process of the pair.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}
