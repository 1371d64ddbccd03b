//! Migrates a schema, one process at a time, and reports its state.
//!
//! All steps run in one transaction, under a lock that ends with it: a process that dies in the middle leaves nothing
//! behind, and poolers are no obstacle. The table of the steps is that of sqlx's migrator, which is not used itself
//! because its named prepared statements fail behind a pooler.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use sqlx::migrate::{Migration as Step, MigrationType};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::error::{MigrationError, SqlError, is_sqlite_busy};
use crate::sql::database::Database;
use crate::sql::row::Row;
use crate::sql::statement::{Dialect, Sql};
use crate::sql::tx::Tx;

/// Longest wait for another process that migrates the same database.
pub const LOCK_TIMEOUT: Duration = Duration::from_mins(1);
/// The number of the lock: arbitrary, but used for nothing else.
const LOCK: i64 = 0x5347_4e50_4f53_5431;
/// PostgreSQL's code for a lock that was not available in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Not by `to_regclass`, which sees the catalogue of the transaction's start, before it had the lock.
static POSTGRES_HAS_STEPS: Sql = Sql::new(
    "SELECT COUNT(*) > 0 AS there FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = '_sqlx_migrations' AND n.nspname = ANY (current_schemas(false))",
);
static SQLITE_HAS_STEPS: Sql =
    Sql::new("SELECT COUNT(*) > 0 AS there FROM sqlite_schema WHERE name = '_sqlx_migrations'");
static STEPS: Sql = Sql::new("SELECT version, description, checksum FROM _sqlx_migrations ORDER BY version");
static ADD_STEP: Sql = Sql::new(
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, true, $3, 0)",
);
/// Records the applied steps.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
)";

/// One step of a schema, written once for both databases.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order. Numbers below 1001 were used by development versions.
    pub version: i64,
    /// A short description.
    pub name: &'static str,
    /// The statements in PostgreSQL's dialect. A statement that names a table as `name{shadow}` creates its shadow
    /// table too.
    pub text: &'static str,
}

/// How a database's schema compares with the program's.
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
    /// A development version made it, whose data is no longer supported.
    Unreadable,
    /// It is another service's.
    Foreign {
        /// The owner.
        found: &'static str,
        /// The service that opened it.
        wanted: &'static str,
    },
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

/// The same in SQLite's dialect: identifiers and hashes are BLOB, moments and flags INTEGER; SQLite compares texts
/// byte by byte anyway.
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
    /// Migrates the schema. Processes that start together do so one after the other.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), SqlError> {
        self.migrate_within(LOCK_TIMEOUT, migrations).await
    }

    /// Migrates the schema, with another limit to the wait for other processes.
    pub async fn migrate_within(&self, limit: Duration, migrations: &[Migration]) -> Result<(), SqlError> {
        if is_current(self.schema(migrations).await?)? {
            return Ok(());
        }
        let mut tx = self.begin_to_migrate(limit).await?;
        let steps = steps(migrations, tx.dialect());
        let applied = applied(&mut tx).await?;
        // Another process may have migrated before this one got the lock.
        if is_current(state(&applied, &steps))? {
            return Ok(());
        }
        let table = if tx.dialect() == Dialect::Postgres { TABLE.to_owned() } else { in_sqlite(TABLE) };
        tx.run(table).await?;
        for step in steps.iter().filter(|step| !applied.iter().any(|applied| applied.version == step.version)) {
            let failed = |source| MigrationError::Failed { version: step.version, source: Box::new(source) };
            apply(&mut tx, step).await.map_err(failed)?;
        }
        tx.commit().await
    }

    /// Begins a transaction under the lock for migrations, which ends with the transaction.
    pub async fn begin_to_migrate(&self, limit: Duration) -> Result<Tx, SqlError> {
        let waits_since = Instant::now();
        let lock = format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
             SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({LOCK})",
            limit.as_millis()
        );
        loop {
            match self.patient().begin_write(&lock).await {
                Err(error) if is_locked(&error) => {
                    if waits_since.elapsed() >= limit {
                        return Err(MigrationError::Locked(limit).into());
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// The state of the schema.
    pub async fn schema(&self, migrations: &[Migration]) -> Result<Schema, SqlError> {
        let mut tx = self.begin_snapshot().await?;
        let applied = applied(&mut tx).await?;
        tx.commit().await?;
        Ok(state(&applied, &steps(migrations, self.dialect())))
    }
}

/// An applied step.
struct Applied {
    version: i64,
    name: String,
    /// The digest of its text.
    checksum: Vec<u8>,
}

/// The services by the names of the steps that create their own tables, which have the same number.
const OWNERS: [(&str, &str); 2] = [("agents", "agents-service"), ("signups", "signup-service")];

fn steps(migrations: &[Migration], dialect: Dialect) -> Vec<Step> {
    let mut steps: Vec<Step> = migrations.iter().map(|migration| migration.step(dialect)).collect();
    steps.sort_by_key(|step| step.version);
    steps
}

async fn applied(tx: &mut Tx) -> Result<Vec<Applied>, SqlError> {
    let has_steps = if tx.dialect() == Dialect::Postgres { &POSTGRES_HAS_STEPS } else { &SQLITE_HAS_STEPS };
    let there = tx.row(has_steps, &[]).await?.map(|row| row.flag("there")).transpose()?;
    if there != Some(true) {
        return Ok(Vec::new());
    }
    let step = |row: &Row| {
        let (version, name) = (row.int("version")?, row.text("description")?);
        Ok(Applied { version, name, checksum: row.bytes("checksum")? })
    };
    tx.rows(&STEPS, &[]).await?.iter().map(step).collect()
}

async fn apply(tx: &mut Tx, step: &Step) -> Result<(), SqlError> {
    tx.run(step.sql.as_str().to_owned()).await?;
    let row = [step.version.into(), (&*step.description).into(), (&*step.checksum).into()];
    tx.execute(&ADD_STEP, &row).await.map(drop)
}

/// Whether all steps are applied; fails where the program cannot migrate the schema.
fn is_current(schema: Schema) -> Result<bool, MigrationError> {
    match schema {
        Schema::Current(_) => Ok(true),
        Schema::Empty | Schema::Older(_) => Ok(false),
        Schema::Newer(_) => Err(MigrationError::Newer),
        Schema::Unreadable => Err(MigrationError::Unreadable),
        Schema::Foreign { found, wanted } => Err(MigrationError::Foreign { found, wanted }),
    }
}

fn state(applied: &[Applied], steps: &[Step]) -> Schema {
    let newest = steps.last().map_or(0, |step| step.version);
    let is_known = |applied: &Applied| {
        steps.iter().any(|step| step.version == applied.version && *step.checksum == *applied.checksum)
    };
    let Some(last) = applied.last().map(|applied| applied.version) else { return Schema::Empty };
    let found = applied.iter().find_map(|applied| owner(&applied.name));
    let wanted = steps.iter().find_map(|step| owner(&step.description));
    if let (Some(found), Some(wanted)) = (found, wanted)
        && found != wanted
    {
        Schema::Foreign { found, wanted }
    } else if last > newest {
        Schema::Newer(last)
    } else if !applied.iter().all(is_known) {
        Schema::Unreadable
    } else if applied.len() < steps.len() {
        Schema::Older(last)
    } else {
        Schema::Current(last)
    }
}

fn owner(step: &str) -> Option<&'static str> {
    OWNERS.iter().find(|(name, _)| *name == step).map(|(_, service)| *service)
}

/// Whether another process holds the lock (SQLite: the one writer).
pub(super) fn is_locked(error: &SqlError) -> bool {
    let SqlError::Unavailable(error) = error else { return false };
    let Some(error) = error.as_database_error() else { return false };
    let code = error.code().unwrap_or_default();
    code == LOCK_NOT_AVAILABLE || is_sqlite_busy(&code)
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
    async fn the_wait_for_another_process_that_migrates_a_file_ends_with_an_error() {
        let url = format!("sqlite:{}", std::env::temp_dir().join(contract::ids::new_id().to_string()).display());
        let one = Database::connect(&url, &[]).await.unwrap();
        let other = Database::connect(&url, &[]).await.unwrap();
        let held = one.begin_to_migrate(LOCK_TIMEOUT).await.unwrap();
        let limit = Duration::from_millis(100);
        let error = other.migrate_within(limit, &[STEP]).await.unwrap_err();
        assert!(matches!(error, SqlError::Migration(MigrationError::Locked(_))), "{error:?}");
        drop(held);
        other.migrate_within(limit, &[STEP]).await.unwrap();
        assert_eq!(one.schema(&[STEP]).await.unwrap(), Schema::Current(1_001));
    }

    #[tokio::test]
    async fn a_schema_is_recognised_by_its_steps() {
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

    #[tokio::test]
    async fn the_other_services_database_is_recognised_by_a_steps_name() {
        let agents = Migration { name: "agents", ..STEP };
        let signups = Migration { name: "signups", text: "CREATE TABLE customers (id BIGINT);\n", ..STEP };
        let database = Database::scratch(&[signups]).await.unwrap();
        let error = database.migrate(&[agents]).await.unwrap_err().to_string();
        assert!(error.starts_with("this is the database of the signup-service, not of the agents-service"), "{error}");
        database.migrate(&[signups]).await.unwrap();
    }
}
