//! What can go wrong with a database, sorted by what its caller should do about it.

/// A database error. Its text never holds data of the rows concerned.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// No answer, no connection, a lock not had in time, a server going down: try again later.
    #[error("the database does not answer")]
    Unavailable(#[source] sqlx::Error),
    /// The data breaks a rule of the database (a constraint, a trigger): the same data will fail again.
    #[error("the database refused the data")]
    Data(#[source] sqlx::Error),
    /// What was relied on was written meanwhile: read again.
    #[error("what was relied on was written meanwhile")]
    Overtaken,
    /// A statement or a column is not as the code expects: a defect, or a database of another version.
    #[error("the database does not fit this program")]
    Mismatch(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A number or a stored text is not what its column promises.
    #[error("column {column} holds something unexpected")]
    Column {
        /// The column's name.
        column: String,
    },
    /// The URL is not one of a database that is known here.
    #[error("a database URL starts with sqlite: or postgres:")]
    UnknownUrl,
}

impl SqlError {
    /// Whether the same data would be refused again.
    pub fn is_about_data(&self) -> bool {
        matches!(self, Self::Data(_) | Self::Column { .. })
    }
}

/// SQLite's primary codes for "busy, locked, out of order for now": busy, locked, interrupted, I/O, full, cannot open.
const SQLITE_PASSING: [i64; 6] = [5, 6, 9, 10, 13, 14];
/// The constraints that say so, in `log_head` and in the table that takes nothing.
const OVERTAKEN: &str = "overtaken";
/// SQLite's primary code for a broken constraint or a raised trigger.
const SQLITE_CONSTRAINT: i64 = 19;

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                    Self::Mismatch(error)
                }
                _ => Self::Unavailable(error),
            };
        };
        if database.constraint() == Some(OVERTAKEN) {
            return Self::Overtaken;
        }
        let code = database.code().unwrap_or_default().into_owned();
        if let Ok(number) = code.parse::<i64>()
            && code.len() < 5
        {
            return match number & 0xff {
                SQLITE_CONSTRAINT => Self::Data(error),
                primary if SQLITE_PASSING.contains(&primary) => Self::Unavailable(error),
                _ => Self::Mismatch(error),
            };
        }
        // PostgreSQL, by class: 22 data, 23 integrity, P0 raised; 42 syntax or missing object, 0A unsupported.
        match code.get(..2) {
            Some("22" | "23" | "P0") => Self::Data(error),
            Some("42" | "0A" | "3F") => Self::Mismatch(error),
            _ => Self::Unavailable(error),
        }
    }
}
