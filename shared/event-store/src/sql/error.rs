//! Database errors, classified by what the caller should do.

use std::error::Error;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

use super::suspicion::suspect_connections;

/// A database error. Its text never holds data of the rows concerned.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// No response, no connection, no lock in time, a server that shuts down or is read-only: retry later.
    #[error("the database cannot be used now")]
    Unavailable(#[source] sqlx::Error),
    /// The data breaks a rule of the database (a constraint, a trigger): the same data will fail again.
    #[error("the database refused the data")]
    Data(#[source] sqlx::Error),
    /// A condition of the transaction did not hold, so nothing was written: read again.
    #[error("the data that the transaction depends on has changed")]
    Conflict,
    /// A statement or a column does not match the code: a defect, or a database of another version.
    #[error("the database does not fit this program")]
    Mismatch(#[source] sqlx::Error),
    /// The schema is not this program's, or the migration failed.
    #[error("{0}")]
    Migration(#[from] MigrationError),
    /// A number or a stored text does not fit its column's type.
    #[error("column {column} holds something unexpected")]
    Column {
        /// The column's name.
        column: String,
    },
    /// The URL is not that of a supported database.
    #[error("a database URL starts with sqlite: or postgres:")]
    UnknownUrl,
}

/// A schema that does not match this program.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database is empty.
    #[error("the database is empty: run `migrate`, or start the service")]
    Missing,
    /// The program is older than the schema.
    #[error(
        "the database's schema is newer than this program: use the version that it was migrated by, or a newer one"
    )]
    Newer,
    /// A development version made the data.
    #[error(
        "an earlier development version made this database, and its data cannot be read any more: use an empty database"
    )]
    Unreadable,
    /// The data belongs to another service.
    #[error("this is the database of the {found}, not of the {wanted}: check the two database URLs")]
    Foreign {
        /// The owner of the data.
        found: &'static str,
        /// The service that opened it.
        wanted: &'static str,
    },
    /// Another process holds the lock.
    #[error("another process has been migrating the database for {} s: wait until it is done, then start again", .0.as_secs())]
    Locked(Duration),
    /// A step failed.
    #[error("the schema could not be brought up to date: step {version} failed")]
    Failed {
        /// The step's number.
        version: i64,
        #[source]
        source: Box<SqlError>,
    },
}

impl MigrationError {
    /// Whether another database, or another version of this program, is needed.
    fn is_misfit(&self) -> bool {
        matches!(self, Self::Missing | Self::Newer | Self::Unreadable | Self::Foreign { .. })
    }
}

/// Whether an error, or one of its causes, says that the program cannot use this database, or that its URL is wrong.
pub fn is_unusable(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(MigrationError::is_misfit) || error.downcast_ref().is_some_and(is_refused_login)
}

impl SqlError {
    /// Whether the same data would be refused again.
    pub fn is_about_data(&self) -> bool {
        matches!(self, Self::Data(_) | Self::Column { .. })
    }
}

/// PostgreSQL's codes have this length; SQLite's are shorter numbers.
const POSTGRES_CODE_LENGTH: usize = 5;
/// SQLite's primary codes of temporary failures: busy, locked, read-only, interrupted, I/O, full, cannot open.
const SQLITE_PASSING: [i64; 7] = [5, 6, 8, 9, 10, 13, 14];
/// SQLite's primary code for a file that another process writes to.
const SQLITE_BUSY: i64 = 5;
/// SQLite's primary code for a broken constraint or a raised trigger.
const SQLITE_CONSTRAINT: i64 = 19;

/// PostgreSQL: there is no database of this name.
const UNKNOWN_DATABASE: &str = "3D000";
/// PostgreSQL: the role does not exist, or may not sign in from here.
const UNKNOWN_ROLE: &str = "28000";
const WRONG_PASSWORD: &str = "28P01";

/// Whether SQLite's code says that another process writes to the file.
pub(super) fn is_sqlite_busy(code: &str) -> bool {
    code.len() < POSTGRES_CODE_LENGTH && code.parse::<i64>().is_ok_and(|number| number & 0xff == SQLITE_BUSY)
}

/// Whether a server reports that it has no database of this name.
pub(super) fn is_unknown_database(error: &sqlx::Error) -> bool {
    has_code(error, &[UNKNOWN_DATABASE])
}

/// Whether a server reports that the URL's role, password or database is wrong.
fn is_refused_login(error: &sqlx::Error) -> bool {
    has_code(error, &[UNKNOWN_DATABASE, UNKNOWN_ROLE, WRONG_PASSWORD])
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| codes.contains(&&*code))
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                    Self::Mismatch(error)
                }
                _ => unavailable(error),
            };
        };
        let code = database.code().unwrap_or_default().into_owned();
        if let Ok(number) = code.parse::<i64>()
            && code.len() < POSTGRES_CODE_LENGTH
        {
            return match number & 0xff {
                SQLITE_CONSTRAINT => Self::Data(error),
                primary if SQLITE_PASSING.contains(&primary) => unavailable(error),
                _ => Self::Mismatch(error),
            };
        }
        // PostgreSQL, by class: 22 data, 23 integrity, P0 raised; 42 syntax or missing object, 0A unsupported.
        match code.get(..2) {
            Some("22" | "23" | "P0") => Self::Data(error),
            Some("42" | "0A" | "3F") => Self::Mismatch(error),
            _ => unavailable(error),
        }
    }
}

/// Counts temporary failures of all databases of this process.
static FAILURES: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::Sender::new(0));

/// Changes at each temporary failure of a database in this process.
pub fn failures() -> watch::Receiver<u64> {
    FAILURES.subscribe()
}

/// The connection may be broken, or lead to a server that has become a standby; the disk may be full.
fn unavailable(error: sqlx::Error) -> SqlError {
    suspect_connections();
    FAILURES.send_modify(|count| *count += 1);
    SqlError::Unavailable(error)
}
