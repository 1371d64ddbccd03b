use crate::settings::without_secrets;
use event_store::log::Log;
use event_store::sql::{Database, Migration, MigrationError, Schema, SqlError};

/// A service's data for the commands.
pub struct ServiceData {
    /// The name of the service and its log.
    pub name: &'static str,
    /// The URL of its database.
    pub url: String,
    /// The migrations of its schema.
    pub migrations: Vec<Migration>,
    /// Each projection in its database, and the service whose log it follows.
    pub projections: &'static [(&'static str, &'static str)],
}

/// A database that a command cannot use as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It does not exist, or is empty.
    #[error("{service}: there is no database at {url}; correct the URL, or run `signpost migrate`")]
    Missing {
        service: &'static str,
        /// The database's URL, without secrets.
        url: String,
    },
    /// It must be migrated first.
    #[error("{service}: the database has schema {found}, this program needs {needed}; run `signpost migrate`")]
    Older {
        service: &'static str,
        /// The last applied step.
        found: i64,
        /// The program's last step.
        needed: i64,
    },
    /// A newer program has migrated it.
    #[error("{service}: this program is older than its data (schema {found}, known {known}); use the newer program")]
    Newer {
        service: &'static str,
        /// The last applied step.
        found: i64,
        /// The program's last step.
        known: i64,
    },
    /// It cannot be read.
    #[error("{service}: the database cannot be read")]
    Sql {
        service: &'static str,
        #[source]
        source: SqlError,
    },
}

impl ServiceData {
    /// The version of the schema that this program knows.
    pub fn schema_version(&self) -> i64 {
        schema_version(&self.migrations)
    }

    /// The database's URL without secrets.
    pub fn shown_url(&self) -> String {
        without_secrets(&self.url)
    }

    /// Opens the database and the log without migrating; refuses a schema that is not this program's.
    pub async fn open(&self) -> Result<(Database, Log), OpenError> {
        let (service, known) = (self.name, self.schema_version());
        let (database, schema) = self.inspect().await?;
        match schema {
            Schema::Empty => Err(self.missing()),
            Schema::Older(found) => Err(OpenError::Older { service, found, needed: known }),
            Schema::Newer(found) => Err(OpenError::Newer { service, found, known }),
            Schema::Unreadable => Err(OpenError::Sql { service, source: MigrationError::Unreadable.into() }),
            Schema::Foreign { found, wanted } => {
                Err(OpenError::Sql { service, source: MigrationError::Foreign { found, wanted }.into() })
            }
            Schema::Current(_) => {
                let log = Log::existing(database.clone(), service).await;
                Ok((database, log.map_err(|source| OpenError::Sql { service, source })?))
            }
        }
    }

    /// Opens the database with any schema.
    pub async fn inspect(&self) -> Result<(Database, Schema), OpenError> {
        let failed = |source| OpenError::Sql { service: self.name, source };
        let database = Database::open(&self.url).await.map_err(failed)?.ok_or_else(|| self.missing())?;
        let schema = database.schema(&self.migrations).await.map_err(failed)?;
        Ok((database, schema))
    }

    /// Creates the database if needed and migrates it.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let failed = |source| OpenError::Sql { service: self.name, source };
        let database = Database::connect(&self.url, &self.migrations).await.map_err(failed)?;
        Log::open(database, self.name).await.map_err(failed)?;
        println!("{}: the schema is {}, that of this program", self.name, self.schema_version());
        Ok(())
    }

    fn missing(&self) -> OpenError {
        OpenError::Missing { service: self.name, url: self.shown_url() }
    }
}

/// The version of the schema that these migrations lead to.
pub fn schema_version(migrations: &[Migration]) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}
