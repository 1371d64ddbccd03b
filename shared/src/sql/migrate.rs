//! Bringing a schema up to date, one process at a time, and telling how it stands.
//!
//! All steps run in one transaction, under a lock that ends with it: so a process that dies in the middle leaves nothing behind,
//! and poolers are no obstacle.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration as Step, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr};

use super::{Database, Dialect, SqlError};

/// Longest wait for another process that migrates the same database.
pub const LOCK_TIMEOUT: Duration = Duration::from_mins(1);
/// The number of the lock: any that nobody else uses.
const LOCK: i64 = 0x5347_4e50_4f53_5431;
/// PostgreSQL's code for a lock that was not had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Where the steps that were done are noted.
const TABLE: &str = "_sqlx_migrations";
const POSTGRES_HAS_STEPS: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
const SQLITE_HAS_STEPS: &str = "SELECT COUNT(*) > 0 FROM sqlite_schema WHERE name = '_sqlx_migrations'";

/// One step of a schema, written once for both databases.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order. Numbers below 1001 were used by development versions.
    pub version: i64,
    /// What it does.
    pub name: &'static str,
    /// In the words of PostgreSQL. A statement that names a table as `name{shadow}` makes its shadow table too.
    pub text: &'static str,
}

/// How a database's schema compares with the one that a program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// There are no tables yet.
    Empty,
    /// Steps are missing; this is the last one that was applied.
    Older(i64),
    /// It is the program's own.
    Current(i64),
    /// A newer program has changed it; this is the last step that was applied.
    Newer(i64),
    /// A development version made it, whose data is not read any more.
    Unreadable,
}

/// A schema that is not this program's.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No tables at all.
    #[error("the database is empty: run `migrate`, or start the service")]
    Missing,
    /// The program is older than the schema.
    #[error(
        "the database's schema is newer than this program: use the version that it was migrated by, or a newer one"
    )]
    Newer,
    /// Data of a development version.
    #[error(
        "an earlier development version made this database, and its data cannot be read any more: use an empty database"
    )]
    Unreadable,
    /// Another process holds the lock.
    #[error("another process has been migrating the database for {} s: wait until it is done, then start again", LOCK_TIMEOUT.as_secs())]
    Locked,
    /// A step failed.
    #[error("the schema could not be brought up to date")]
    Failed(#[source] MigrateError),
}

impl Migration {
    /// The text for one database, with the shadow tables.
    fn form(&self, dialect: Dialect) -> String {
        let statements = self.text.split_inclusive(";\n").map(|statement| {
            let live = statement.replace("{shadow}", "");
            let shadow = statement.contains("{shadow}").then(|| statement.replace("{shadow}", "_shadow"));
            live + &shadow.unwrap_or_default()
        });
        let text: String = statements.collect();
        if dialect == Dialect::Postgres { text } else { in_sqlite(&text) }
    }

    fn step(&self, dialect: Dialect) -> Step {
        let text = AssertSqlSafe(self.form(dialect)).into_sql_str();
        Step::new(self.version, Cow::Borrowed(self.name), MigrationType::Simple, text, false)
    }
}

/// The same in SQLite's words: identifiers and hashes are BLOB, moments and flags INTEGER, and texts are compared byte by byte
/// anyway.
fn in_sqlite(text: &str) -> String {
    let kinds = [
        ("BIGINT", "INTEGER"),
        ("UUID", "BLOB"),
        ("BYTEA", "BLOB"),
        ("TIMESTAMPTZ", "INTEGER"),
        ("BOOLEAN", "INTEGER"),
    ];
    kinds.iter().fold(text.replace(" COLLATE \"C\"", ""), |text, (postgres, sqlite)| text.replace(postgres, sqlite))
}

impl Database {
    /// Brings the schema up to date. Processes that start at once do it one after the other.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), SqlError> {
        match self.schema(migrations).await? {
            Schema::Current(_) => return Ok(()),
            Schema::Newer(_) => return Err(MigrationError::Newer.into()),
            Schema::Unreadable => return Err(MigrationError::Unreadable.into()),
            Schema::Empty | Schema::Older(_) => {}
        }
        let mut migrator = Migrator::with_migrations(steps(migrations, self.dialect()));
        // The lock below ends with the transaction, whatever becomes of this process.
        migrator.set_locking(false);
        match self {
            Self::Postgres(pools) => {
                let mut connection = pools.writer().await?;
                connection.close_on_drop();
                let timeout_ms = LOCK_TIMEOUT.as_millis();
                let begin = format!(
                    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
                     SET LOCAL lock_timeout = {timeout_ms}; SELECT pg_advisory_xact_lock({LOCK})"
                );
                let mut tx = connection.begin_with(AssertSqlSafe(begin)).await.map_err(locked)?;
                migrator.run(&mut *tx).await.map_err(MigrationError::Failed)?;
                tx.commit().await?;
            }
            Self::Sqlite { write, .. } => {
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                migrator.run(&mut *tx).await.map_err(MigrationError::Failed)?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// How the schema stands.
    pub async fn schema(&self, migrations: &[Migration]) -> Result<Schema, SqlError> {
        let applied = match self {
            Self::Postgres(pools) => {
                let mut connection = pools.reader().await?;
                let there: bool = sqlx::query_scalar(POSTGRES_HAS_STEPS).fetch_one(connection.get()?).await?;
                if there { applied(connection.get()?).await? } else { Vec::new() }
            }
            Self::Sqlite { read, .. } => {
                let mut connection = read.acquire().await?;
                let there: bool = sqlx::query_scalar(SQLITE_HAS_STEPS).fetch_one(&mut *connection).await?;
                if there { applied(&mut *connection).await? } else { Vec::new() }
            }
        };
        Ok(state(&applied, &steps(migrations, self.dialect())))
    }
}

fn steps(migrations: &[Migration], dialect: Dialect) -> Vec<Step> {
    migrations.iter().map(|migration| migration.step(dialect)).collect()
}

async fn applied<C: Migrate>(connection: &mut C) -> Result<Vec<AppliedMigration>, SqlError> {
    Ok(connection.list_applied_migrations(TABLE).await.map_err(MigrationError::Failed)?)
}

fn state(applied: &[AppliedMigration], steps: &[Step]) -> Schema {
    let newest = steps.iter().map(|step| step.version).max().unwrap_or(0);
    let step_of = |version| steps.iter().find(|step: &&Step| step.version == version);
    let Some(last) = applied.iter().map(|done| done.version).max() else { return Schema::Empty };
    if last > newest {
        Schema::Newer(last)
    } else if applied.iter().any(|done| step_of(done.version).is_none_or(|step| step.checksum != done.checksum)) {
        Schema::Unreadable
    } else if applied.len() < steps.len() {
        Schema::Older(last)
    } else {
        Schema::Current(last)
    }
}

/// The lock was not had in time, or the database has another trouble.
fn locked(error: sqlx::Error) -> SqlError {
    let is_lock = error.as_database_error().is_some_and(|error| error.code().as_deref() == Some(LOCK_NOT_AVAILABLE));
    if is_lock { MigrationError::Locked.into() } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Migration = Migration {
        version: 1_001,
        name: "keys",
        text: "CREATE TABLE keys{shadow} (\n    id UUID PRIMARY KEY,\n    name TEXT COLLATE \"C\" NOT NULL\n);\nCREATE INDEX k ON keys (name);\n",
    };

    #[test]
    fn a_table_with_a_shadow_is_declared_once() {
        let sqlite = STEP.form(Dialect::Sqlite);
        assert_eq!(
            sqlite.matches("CREATE TABLE keys_shadow (\n    id BLOB PRIMARY KEY,\n    name TEXT NOT NULL").count(),
            1
        );
        assert_eq!((sqlite.matches("CREATE TABLE").count(), sqlite.matches("CREATE INDEX").count()), (2, 1));
        assert!(STEP.form(Dialect::Postgres).contains("name TEXT COLLATE \"C\" NOT NULL"));
    }

    #[tokio::test]
    async fn a_schema_is_told_by_its_steps() {
        let newer = Migration { version: 1_002, name: "later", text: "CREATE TABLE later (id BIGINT);\n" };
        let changed = Migration { text: "CREATE TABLE other (id BIGINT);\n", ..STEP };
        let database = Database::scratch(&[]).await.unwrap();
        assert_eq!(database.schema(&[STEP]).await.unwrap(), Schema::Empty);
        database.migrate(&[STEP]).await.unwrap();
        assert_eq!(database.schema(&[STEP]).await.unwrap(), Schema::Current(1_001));
        assert_eq!(database.schema(&[STEP, newer]).await.unwrap(), Schema::Older(1_001));
        assert_eq!(database.schema(&[changed]).await.unwrap(), Schema::Unreadable);
        database.migrate(&[STEP, newer]).await.unwrap();
        assert_eq!(database.schema(&[STEP]).await.unwrap(), Schema::Newer(1_002));
        assert!(matches!(database.migrate(&[STEP]).await, Err(SqlError::Migration(MigrationError::Newer))));
    }
}
