//! What goes into a statement and what comes out of a row: whole numbers, texts, or nothing.

use serde_json::{Map, Value as Json};
use sqlx::Row as _;

use super::SqlError;

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL, in a text column.
    Null,
    /// NULL, in a number column.
    NullInt,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
}

impl Value {
    pub(super) fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    pub(super) fn into_text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl From<u64> for Value {
    /// Positions, versions and counts stay far below 2^63; what does not is stored as the largest.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<crate::clock::Moment> for Value {
    fn from(moment: crate::clock::Moment) -> Self {
        Self::Int(moment.micros())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<uuid::Uuid> for Value {
    fn from(id: uuid::Uuid) -> Self {
        Self::Text(id.to_string())
    }
}

macro_rules! optional {
    ($($kind:ty => $null:ident),+) => { $(impl From<Option<$kind>> for Value {
        fn from(value: Option<$kind>) -> Self {
            value.map_or(Self::$null, Self::from)
        }
    })+ };
}
optional!(i64 => NullInt, u64 => NullInt, crate::clock::Moment => NullInt, String => Null, &str => Null, uuid::Uuid => Null);

/// One row of an answer.
#[derive(Debug)]
pub enum Row {
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL, asked together with others.
    Json(Map<String, Json>),
}

impl Row {
    /// Reads rows that came as one JSON text.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>, SqlError> {
        let rows: Vec<Map<String, Json>> =
            serde_json::from_str(text).map_err(|_| SqlError::Column { column: "json".to_owned() })?;
        Ok(rows.into_iter().map(Self::Json).collect())
    }

    /// A number that is there.
    pub fn int(&self, column: &str) -> Result<i64, SqlError> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(column)?,
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Json(row) => in_json(row, column, Json::as_i64)?,
        })
    }

    /// A number, or NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, SqlError> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(column)?,
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Json(row) => in_json(row, column, |json| json.is_null().then_some(None).or(json.as_i64().map(Some)))?,
        })
    }

    /// A text that is there.
    pub fn text(&self, column: &str) -> Result<String, SqlError> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(column)?,
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Json(row) => in_json(row, column, |json| json.as_str().map(str::to_owned))?,
        })
    }

    /// A text, or NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, SqlError> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(column)?,
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Json(row) => in_json(row, column, |json| {
                json.is_null().then_some(None).or(json.as_str().map(|text| Some(text.to_owned())))
            })?,
        })
    }

    /// 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, SqlError> {
        Ok(self.int(column)? != 0)
    }

    /// A position, version or count.
    pub fn count(&self, column: &str) -> Result<u64, SqlError> {
        u64::try_from(self.int(column)?).map_err(|_| SqlError::Column { column: column.to_owned() })
    }

    /// A text that reads as something: an id, a percentage, a code.
    pub fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, SqlError> {
        self.text(column)?.parse().map_err(|_| SqlError::Column { column: column.to_owned() })
    }

    /// The same, or NULL.
    pub fn opt_parsed<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, SqlError> {
        let text = self.opt_text(column)?;
        text.map(|text| text.parse().map_err(|_| SqlError::Column { column: column.to_owned() })).transpose()
    }

    /// A moment.
    pub fn moment(&self, column: &str) -> Result<crate::clock::Moment, SqlError> {
        self.int(column).map(crate::clock::Moment::from_micros)
    }

    /// A moment, or NULL.
    pub fn opt_moment(&self, column: &str) -> Result<Option<crate::clock::Moment>, SqlError> {
        Ok(self.opt_int(column)?.map(crate::clock::Moment::from_micros))
    }
}

fn in_json<T>(row: &Map<String, Json>, column: &str, read: impl Fn(&Json) -> Option<T>) -> Result<T, SqlError> {
    row.get(column).and_then(read).ok_or_else(|| SqlError::Column { column: column.to_owned() })
}
