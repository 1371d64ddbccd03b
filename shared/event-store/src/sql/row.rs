//! A row of a result, read by the kind of each column.

use serde_json::{Map, Value as Json};
use sqlx::Row as _;
use uuid::Uuid;

use super::moment::PgMoment;
use crate::sql::error::SqlError;
use contract::clock::Moment;

/// A row of a result.
#[derive(Debug)]
pub enum Row {
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL, by one of several queries that were sent together.
    Json(Map<String, Json>),
}

/// A type that a column can be read as.
trait Stored: Sized {
    fn in_postgres(row: &sqlx::postgres::PgRow, column: &str) -> Result<Option<Self>, sqlx::Error>;
    fn in_sqlite(row: &sqlx::sqlite::SqliteRow, column: &str) -> Result<Option<Self>, sqlx::Error>;
    fn in_json(value: &Json) -> Option<Self>;
}

/// Types that sqlx reads from both databases by itself.
macro_rules! stored {
    ($($kind:ty, $json:expr;)+) => { $(impl Stored for $kind {
        fn in_postgres(row: &sqlx::postgres::PgRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
            row.try_get(column)
        }

        fn in_sqlite(row: &sqlx::sqlite::SqliteRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
            row.try_get(column)
        }

        fn in_json(value: &Json) -> Option<Self> {
            ($json)(value)
        }
    })+ };
}
stored! {
    i64, |value: &Json| value.as_i64();
    String, |value: &Json| value.as_str().map(str::to_owned);
    Uuid, |value: &Json| value.as_str()?.parse().ok();
    Vec<u8>, |value: &Json| contract::ids::from_hex(value.as_str()?.strip_prefix("\\x")?);
}

impl Stored for bool {
    fn in_postgres(row: &sqlx::postgres::PgRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
        row.try_get(column)
    }

    fn in_sqlite(row: &sqlx::sqlite::SqliteRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(|number| number != 0))
    }

    fn in_json(value: &Json) -> Option<Self> {
        value.as_bool()
    }
}

impl Stored for Moment {
    fn in_postgres(row: &sqlx::postgres::PgRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(row.try_get::<Option<PgMoment>, _>(column)?.map(|PgMoment(moment)| moment))
    }

    fn in_sqlite(row: &sqlx::sqlite::SqliteRow, column: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(Self::from_micros))
    }

    fn in_json(value: &Json) -> Option<Self> {
        Self::parse(value.as_str()?).ok()
    }
}

/// Methods for a column of one kind, NULL excluded or allowed.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident, $optional:ident: $kind:ty;)+) => { $(
        $(#[$doc])*
        pub fn $name(&self, column: &str) -> Result<$kind, SqlError> {
            self.$optional(column)?.ok_or_else(|| unexpected(column))
        }

        /// Like the method before, or NULL.
        pub fn $optional(&self, column: &str) -> Result<Option<$kind>, SqlError> {
            self.read(column)
        }
    )+ };
}

impl Row {
    /// Reads rows that came as one JSON text.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>, SqlError> {
        let rows: Vec<Map<String, Json>> = serde_json::from_str(text).map_err(|_| unexpected("json"))?;
        Ok(rows.into_iter().map(Self::Json).collect())
    }

    fn read<T: Stored>(&self, column: &str) -> Result<Option<T>, SqlError> {
        Ok(match self {
            Self::Postgres(row) => T::in_postgres(row, column)?,
            Self::Sqlite(row) => T::in_sqlite(row, column)?,
            Self::Json(row) => match row.get(column) {
                None => return Err(unexpected(column)),
                Some(Json::Null) => None,
                Some(value) => Some(T::in_json(value).ok_or_else(|| unexpected(column))?),
            },
        })
    }

    columns! {
        /// A number.
        int, opt_int: i64;
        /// A text.
        text, opt_text: String;
        /// A UUID.
        uuid, opt_uuid: Uuid;
        /// Bytes.
        bytes, opt_bytes: Vec<u8>;
        /// A moment.
        moment, opt_moment: Moment;
        /// A boolean.
        flag, opt_flag: bool;
    }

    /// A position, version or count.
    pub fn count(&self, column: &str) -> Result<u64, SqlError> {
        u64::try_from(self.int(column)?).map_err(|_| unexpected(column))
    }

    /// A count, or NULL.
    pub fn opt_count(&self, column: &str) -> Result<Option<u64>, SqlError> {
        self.opt_int(column)?.map(|number| u64::try_from(number).map_err(|_| unexpected(column))).transpose()
    }

    /// Bytes of a fixed length: a hash, a digest.
    pub fn array<const LENGTH: usize>(&self, column: &str) -> Result<[u8; LENGTH], SqlError> {
        self.bytes(column)?.try_into().map_err(|_| unexpected(column))
    }

    /// Bytes of a fixed length, or NULL.
    pub fn opt_array<const LENGTH: usize>(&self, column: &str) -> Result<Option<[u8; LENGTH]>, SqlError> {
        self.opt_bytes(column)?.map(|bytes| bytes.try_into().map_err(|_| unexpected(column))).transpose()
    }

    /// A text that is parsed: a percentage, a code.
    pub fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, SqlError> {
        self.text(column)?.parse().map_err(|_| unexpected(column))
    }
}

fn unexpected(column: &str) -> SqlError {
    SqlError::Column { column: column.to_owned() }
}
