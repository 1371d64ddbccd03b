//! What a pair consists of, chosen before anything starts.

use crate::nats::NatsSetup;
use crate::pgbouncer::Refuses;

/// How the services reach an own PostgreSQL server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Direct,
    /// Through `PgBouncer` in transaction mode.
    Pooled(Refuses),
    /// Through a relay that cuts connections when it is told to.
    Cut,
    /// By a URL that names the server and a standby of it.
    WithStandby {
        synchronous: bool,
    },
}

/// The wish for a pair; `Pair::start` fulfils it.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) journey: &'static str,
    pub(crate) replicas: Option<usize>,
    pub(crate) own_postgres: bool,
    pub(crate) way: Way,
    pub(crate) settings: Vec<(String, String)>,
    /// Programs, and settings of theirs alone.
    pub(crate) own_settings: Vec<(&'static str, String, String)>,
    pub(crate) nats: NatsSetup,
}

impl Setup {
    /// One process with both services, on files.
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

    /// That many processes of each service, on PostgreSQL and NATS.
    pub fn servers(journey: &'static str, replicas: usize) -> Self {
        Self { replicas: Some(replicas), ..Self::embedded(journey) }
    }

    /// A PostgreSQL server that the journey may kill.
    #[must_use]
    pub fn own_postgres(self) -> Self {
        Self { own_postgres: true, ..self }
    }

    /// An own PostgreSQL server behind a `PgBouncer` in transaction mode, which refuses unknown startup parameters.
    #[must_use]
    pub fn pooled(self) -> Self {
        Self { own_postgres: true, way: Way::Pooled(Refuses::Unknown), ..self }
    }

    /// The same with a `PgBouncer` that drops the startup parameters instead.
    #[must_use]
    pub fn pooled_and_lenient(self) -> Self {
        Self { own_postgres: true, way: Way::Pooled(Refuses::Nothing), ..self }
    }

    /// An own PostgreSQL server behind a relay that cuts connections when it is told to.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { own_postgres: true, way: Way::Cut, ..self }
    }

    /// An own PostgreSQL server with a standby, both in the services' URLs. A synchronous one has all that is acknowledged.
    #[must_use]
    pub fn with_standby(self, synchronous: bool) -> Self {
        Self { own_postgres: true, way: Way::WithStandby { synchronous }, ..self }
    }

    /// One more setting for the processes of one program; `signpost` stands for the commands.
    #[must_use]
    pub fn with_for(mut self, program: &'static str, name: &str, value: &str) -> Self {
        self.own_settings.push((program, name.to_owned(), value.to_owned()));
        self
    }

    /// A NATS server that is configured so.
    #[must_use]
    pub fn nats(self, nats: NatsSetup) -> Self {
        Self { nats, ..self }
    }

    pub(crate) fn own_settings(&self, program: &str) -> Vec<(String, String)> {
        let own = self.own_settings.iter().filter(|(known, ..)| *known == program);
        own.map(|(_, name, value)| (name.clone(), value.clone())).collect()
    }

    /// One more setting for every process of the pair.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}
