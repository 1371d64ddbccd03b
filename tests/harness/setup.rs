//! What a pair is to be made of, decided before anything starts.

/// The wish for a pair; `Pair::start` fulfils it.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) journey: &'static str,
    pub(crate) replicas: Option<usize>,
    pub(crate) own_postgres: bool,
    pub(crate) settings: Vec<(String, String)>,
}

impl Setup {
    /// One process with both services, on files.
    pub fn embedded(journey: &'static str) -> Self {
        Self { journey, replicas: None, own_postgres: false, settings: Vec::new() }
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

    /// One more setting for every process of the pair.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}
