//! Opening a database that exists, without creating or migrating anything: for the commands that only look.

use sqlx::sqlite::SqliteConnectOptions;

use super::connect::{open_postgres, open_sqlite};
use super::{Database, Migration, Sql, SqlError};

/// PostgreSQL: there is no database of this name.
const UNKNOWN_DATABASE: &str = "3D000";

static APPLIED: Sql = Sql::new("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version");

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
}

impl Database {
    /// Opens the database at `url`; `None` where there is none.
    pub async fn open(url: &str) -> Result<Option<Self>, SqlError> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse()?;
            return if options.get_filename().exists() { open_sqlite(url, false).await.map(Some) } else { Ok(None) };
        }
        match open_postgres(url).await {
            Err(SqlError::Unavailable(error)) if is_unknown_database(&error) => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    /// How the schema compares with the one that these migrations lead to.
    pub async fn schema(&self, migrations: &[Migration]) -> Result<Schema, SqlError> {
        let rows = match self.rows(&APPLIED, &[]).await {
            // The table of the steps comes with the first one.
            Err(SqlError::Mismatch(_)) => return Ok(Schema::Empty),
            outcome => outcome?,
        };
        let applied = rows.iter().map(|row| row.int("version")).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = applied.last().copied() else { return Ok(Schema::Empty) };
        let known = |version: &i64| migrations.iter().any(|step| step.version == *version);
        Ok(if !applied.iter().all(known) {
            Schema::Newer(last)
        } else if migrations.iter().all(|step| applied.contains(&step.version)) {
            Schema::Current(last)
        } else {
            Schema::Older(last)
        })
    }
}

fn is_unknown_database(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == UNKNOWN_DATABASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(version: i64) -> Migration {
        Migration { version, name: "step", postgres: "SELECT 1", sqlite: "SELECT 1" }
    }

    #[tokio::test]
    async fn a_schema_is_older_current_or_newer_by_the_steps_that_were_applied() {
        let database = Database::scratch(&[step(1), step(101)]).await.unwrap();
        assert_eq!(database.schema(&[step(1), step(101)]).await.unwrap(), Schema::Current(101));
        assert_eq!(database.schema(&[step(1), step(101), step(102)]).await.unwrap(), Schema::Older(101));
        assert_eq!(database.schema(&[step(1)]).await.unwrap(), Schema::Newer(101));
    }

    #[tokio::test]
    async fn a_database_that_is_missing_is_not_created() {
        let path = std::env::temp_dir().join(format!("signpost-{}", crate::ids::new_id())).join("agents.sqlite");
        assert!(Database::open(&format!("sqlite:{}", path.display())).await.unwrap().is_none());
        assert!(!path.exists());
    }
}
