//! Binds parameters to a statement, in each database's own types.

use std::sync::Arc;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite};

use super::moment::PgMoment;
use crate::sql::statement::Sql;
use crate::sql::value::{Kind, Value};
use contract::ids::hex;

/// A set of rows for a statement.
pub(super) type Rows = Vec<Vec<Value>>;

pub(super) type PostgresQuery = Query<'static, Postgres, PgArguments>;
pub(super) type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;

/// Binds each value as an optional one of its kind.
macro_rules! bind {
    ($query:expr, $values:expr, $moment:expr, $moment_kind:ty) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Null(Kind::Int) => query.bind(None::<i64>),
                Value::Null(Kind::Text) => query.bind(None::<String>),
                Value::Null(Kind::Uuid) => query.bind(None::<uuid::Uuid>),
                Value::Null(Kind::Bytes) => query.bind(None::<Vec<u8>>),
                Value::Null(Kind::Moment) => query.bind(None::<$moment_kind>),
                Value::Null(Kind::Flag) => query.bind(None::<bool>),
                Value::Int(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.clone()),
                Value::Uuid(id) => query.bind(*id),
                Value::Bytes(bytes) => query.bind(bytes.clone()),
                Value::Moment(moment) => query.bind($moment(*moment)),
                Value::Flag(flag) => query.bind(*flag),
            };
        }
        query
    }};
}

pub(super) fn postgres(text: Arc<str>, values: &[Value]) -> PostgresQuery {
    and_postgres(sqlx::query(AssertSqlSafe(text)), values)
}

/// Binds further values.
pub(super) fn and_postgres(query: PostgresQuery, values: &[Value]) -> PostgresQuery {
    bind!(query, values, PgMoment, PgMoment)
}

pub(super) fn sqlite(text: Arc<str>, values: &[Value]) -> SqliteQuery {
    and_sqlite(sqlx::query(AssertSqlSafe(text)), values)
}

/// Binds further values.
pub(super) fn and_sqlite(query: SqliteQuery, values: &[Value]) -> SqliteQuery {
    bind!(query, values, contract::clock::Moment::micros, i64)
}

/// SQLite gets a set of rows as one JSON text.
pub(super) fn sqlite_rows(text: Arc<str>, rows: Rows) -> SqliteQuery {
    sqlx::query(AssertSqlSafe(text)).bind(as_json(rows))
}

/// PostgreSQL gets a set of rows as one array for each column.
pub(super) fn with_arrays(mut query: PostgresQuery, (sql, rows): (&Sql, Rows)) -> PostgresQuery {
    let mut columns: Vec<Vec<Value>> = sql.columns().iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    /// The column's values of this kind; any other is NULL.
    macro_rules! array {
        ($values:expr, $variant:ident) => {
            array!($values, $variant, |value| value)
        };
        ($values:expr, $variant:ident, $into:expr) => {
            $values
                .into_iter()
                .map(|value| if let Value::$variant(value) = value { Some($into(value)) } else { None })
                .collect::<Vec<_>>()
        };
    }
    for ((_, kind), values) in sql.columns().iter().zip(columns) {
        query = match kind {
            Kind::Int => query.bind(array!(values, Int)),
            Kind::Text => query.bind(array!(values, Text)),
            Kind::Uuid => query.bind(array!(values, Uuid)),
            Kind::Bytes => query.bind(array!(values, Bytes)),
            Kind::Moment => query.bind(array!(values, Moment, PgMoment)),
            Kind::Flag => query.bind(array!(values, Flag)),
        };
    }
    query
}

fn as_json(rows: Rows) -> String {
    let rows = rows.into_iter().map(|row| {
        let row = row.into_iter().map(|value| match value {
            Value::Null(_) => serde_json::Value::Null,
            Value::Int(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Uuid(id) => id.simple().to_string().into(),
            Value::Bytes(bytes) => hex(&bytes).into(),
            Value::Moment(moment) => moment.micros().into(),
            Value::Flag(flag) => i64::from(flag).into(),
        });
        serde_json::Value::Array(row.collect())
    });
    serde_json::Value::Array(rows.collect()).to_string()
}
