//! A statement, written once for both databases, and the placeholders for their differences.
//!
//! In the text of a statement:
//! - `{rows}` is a set of rows given as parameters, with the alias `r`; `{columns}` lists the names of their columns.
//! - `{among}` after a column matches the values of the first of them. Each value is searched in an index, where a
//!   join might be planned to read the whole table.
//! - `{for_update}` locks the rows that a query finds, on PostgreSQL (SQLite has one writer).
//! - `{text_of COLUMN}` is a UUID as text.
//! - `{shadow}` after a table's name is empty, or `_shadow` while a projection is rebuilt beside the live one.

use std::sync::{Arc, OnceLock};

use crate::sql::value::Kind;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// A statement's text, kept in a `static`; its forms are built once, on first use.
#[derive(Debug)]
pub struct Sql {
    text: &'static str,
    columns: &'static [(&'static str, Kind)],
    forms: [OnceLock<Arc<str>>; 4],
}

impl Sql {
    /// A statement with parameters `$1`, `$2` and so on.
    pub const fn new(text: &'static str) -> Self {
        Self::rows(text, &[])
    }

    /// A statement whose one parameter is a set of rows with these columns, named `{rows}` in the text. An `INSERT
    /// ... SELECT ... FROM {rows} ON CONFLICT` needs `WHERE true` before `ON` (SQLite's grammar).
    pub const fn rows(text: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { text, columns, forms: [OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new()] }
    }

    /// The columns of `{rows}`.
    pub fn columns(&self) -> &'static [(&'static str, Kind)] {
        self.columns
    }

    /// The text for one database, for the live tables or for the shadow tables of a rebuild.
    pub fn form(&self, dialect: Dialect, shadow: bool) -> Arc<str> {
        let index = usize::from(dialect == Dialect::Sqlite) * 2 + usize::from(shadow);
        let text = || self.written(dialect, Place { shadow, ..Place::default() }).into();
        Arc::clone(self.forms[index].get_or_init(text))
    }

    /// Several statements over sets of rows as one, for PostgreSQL: the rows of the last one are counted, the others
    /// precede it as common table expressions. Their parameters follow each other, those of the conditions first. If
    /// a condition finds a row, nothing is written; conditions are checked in order, up to the first that does.
    pub fn together(conditions: &[&Self], statements: &[&Self], shadow: bool) -> String {
        let mut place = Place { shadow, ..Place::default() };
        let none: Vec<String> =
            conditions.iter().map(|condition| format!("NOT EXISTS ({})", condition.next(&mut place))).collect();
        place.is_guarded = !conditions.is_empty();
        let mut parts: Vec<String> = statements.iter().map(|statement| statement.next(&mut place)).collect();
        let end = parts.pop().unwrap_or_default();
        let mut before: Vec<String> =
            parts.into_iter().enumerate().map(|(index, part)| format!("part_{index} AS ({part})")).collect();
        if place.is_guarded {
            before.insert(0, format!("guard AS MATERIALIZED (SELECT 1 WHERE {})", none.join(" AND ")));
        }
        if before.is_empty() { end } else { format!("WITH {} {end}", before.join(", ")) }
    }

    /// Several queries over sets of rows as one, for PostgreSQL: one row, with the rows of each as one JSON text.
    pub fn queries_together<'a>(queries: impl Iterator<Item = &'a Self>) -> String {
        let mut place = Place::default();
        let parts = queries
            .map(|query| format!("(SELECT COALESCE(json_agg(q), '[]')::TEXT FROM ({}) q)", query.next(&mut place)));
        format!("SELECT {}", parts.collect::<Vec<_>>().join(", "))
    }

    /// The text for PostgreSQL after other statements.
    fn next(&self, place: &mut Place) -> String {
        let text = self.written(Dialect::Postgres, *place);
        place.parameters_before += self.columns.len();
        text
    }

    fn written(&self, dialect: Dialect, place: Place) -> String {
        let names = || self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let text = self.text.replace("{rows}", &self.row_source(dialect, place, &names()));
        let text = text.replace("{columns}", &names()).replace("{among}", &self.among(dialect, place));
        let text = text.replace("{for_update}", if dialect == Dialect::Postgres { "FOR UPDATE" } else { "" });
        uuids_as_text(&text.replace("{shadow}", if place.shadow { "_shadow" } else { "" }), dialect)
    }

    fn among(&self, dialect: Dialect, place: Place) -> String {
        let kind = self.columns.first().map_or(Kind::Text, |(_, kind)| *kind);
        match dialect {
            Dialect::Postgres => {
                let guard = if place.is_guarded { " AND EXISTS (SELECT 1 FROM guard)" } else { "" };
                format!("= ANY(${}::{}[]){guard}", place.parameters_before + 1, postgres_type(kind))
            }
            Dialect::Sqlite => format!("IN (SELECT {} FROM json_each($1))", in_json(kind, 0)),
        }
    }

    fn row_source(&self, dialect: Dialect, place: Place, names: &str) -> String {
        match dialect {
            Dialect::Postgres => {
                let arrays = self.columns.iter().enumerate().map(|(index, (_, kind))| {
                    format!("${}::{}[]", place.parameters_before + index + 1, postgres_type(*kind))
                });
                let source = format!("UNNEST({}) AS r({names})", arrays.collect::<Vec<_>>().join(", "));
                if place.is_guarded {
                    format!("(SELECT r.* FROM {source} WHERE EXISTS (SELECT 1 FROM guard)) AS r")
                } else {
                    source
                }
            }
            Dialect::Sqlite => {
                let fields = self.columns.iter().enumerate();
                let fields = fields.map(|(index, (name, kind))| format!("{} AS {name}", in_json(*kind, index)));
                format!("(SELECT {} FROM json_each($1)) AS r", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A statement's place, alone or among others.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    shadow: bool,
    parameters_before: usize,
    /// The statement has an effect only where the common table expression `guard` has a row.
    is_guarded: bool,
}

fn postgres_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "BIGINT",
        Kind::Text => "TEXT",
        Kind::Uuid => "UUID",
        Kind::Bytes => "BYTEA",
        Kind::Moment => "TIMESTAMPTZ",
        Kind::Flag => "BOOLEAN",
    }
}

/// A field of a JSON row, in SQLite. Bytes are hex, since JSON has none.
fn in_json(kind: Kind, index: usize) -> String {
    match kind {
        Kind::Uuid | Kind::Bytes => format!("unhex(value->>{index})"),
        Kind::Int | Kind::Text | Kind::Moment | Kind::Flag => format!("value->>{index}"),
    }
}

/// Expands each `{text_of COLUMN}`.
fn uuids_as_text(text: &str, dialect: Dialect) -> String {
    let mut parts = text.split("{text_of ");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (column, rest) = part.split_once('}').unwrap_or((part, ""));
        written.push_str(&uuid_as_text(column, dialect));
        written.push_str(rest);
    }
    written
}

fn uuid_as_text(column: &str, dialect: Dialect) -> String {
    let piece = |from, length| format!("substr(hex({column}), {from}, {length})");
    match dialect {
        Dialect::Postgres => format!("{column}::TEXT"),
        Dialect::Sqlite => {
            let pieces = [piece(1, 8), piece(9, 4), piece(13, 4), piece(17, 4), piece(21, 12)];
            format!("lower({})", pieces.join(" || '-' || "))
        }
    }
}

/// Declares a statement over a set of rows, and the function that builds one of its rows: each column once, with its
/// kind and its value.
#[macro_export]
macro_rules! sql_rows {
    ($(#[$doc:meta])* $visibility:vis static $sql:ident = $text:expr;
     $(#[$row_doc:meta])* $row_visibility:vis fn $row:ident($from:ident: $type:ty) {
        $($column:ident: $kind:ident = $value:expr,)+
     }) => {
        $(#[$doc])*
        $visibility static $sql: $crate::sql::Sql =
            $crate::sql::Sql::rows($text, &[$((stringify!($column), $crate::sql::Kind::$kind)),+]);

        $(#[$row_doc])*
        $row_visibility fn $row($from: $type) -> Vec<$crate::sql::Value> {
            vec![$($crate::sql::Value::from($value)),+]
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    static PUT: Sql = Sql::rows(
        "INSERT INTO keys{shadow} ({columns}) SELECT {columns} FROM {rows}",
        &[("a", Kind::Text), ("b", Kind::Int)],
    );

    #[test]
    fn statements_that_go_together_count_their_parameters_on() {
        assert_eq!(
            Sql::together(&[], &[&PUT, &PUT], false),
            "WITH part_0 AS (INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($1::TEXT[], $2::BIGINT[]) AS r(a, b)) \
             INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($3::TEXT[], $4::BIGINT[]) AS r(a, b)"
        );
    }

    #[test]
    fn nothing_is_written_where_a_condition_finds_a_row() {
        let taken: Sql = Sql::rows("SELECT 1 FROM keys WHERE a {among}", &[("a", Kind::Uuid)]);
        assert_eq!(
            Sql::together(&[&taken], &[&PUT], false),
            "WITH guard AS MATERIALIZED (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE a = ANY($1::UUID[]))) \
             INSERT INTO keys (a, b) SELECT a, b FROM (SELECT r.* FROM UNNEST($2::TEXT[], $3::BIGINT[]) AS r(a, b) \
             WHERE EXISTS (SELECT 1 FROM guard)) AS r"
        );
    }

    #[test]
    fn uuids_are_written_as_text_on_both_databases() {
        let sql: Sql = Sql::new("SELECT 'agent-' || {text_of k.agent_id} AS stream FROM k");
        assert_eq!(&*sql.form(Dialect::Postgres, false), "SELECT 'agent-' || k.agent_id::TEXT AS stream FROM k");
        assert!(sql.form(Dialect::Sqlite, false).contains("lower(substr(hex(k.agent_id), 1, 8) || '-' || substr"));
    }

    #[test]
    fn queries_that_are_queries_together_answer_in_one_row() {
        let find: Sql = Sql::rows("SELECT a FROM keys WHERE a {among}", &[("a", Kind::Text)]);
        let part = |number| {
            format!(
                "(SELECT COALESCE(json_agg(q), '[]')::TEXT FROM (SELECT a FROM keys WHERE a = ANY(${number}::TEXT[])) q)"
            )
        };
        assert_eq!(
            &*find.form(Dialect::Sqlite, false),
            "SELECT a FROM keys WHERE a IN (SELECT value->>0 FROM json_each($1))"
        );
        assert_eq!(Sql::queries_together([&find, &find].into_iter()), format!("SELECT {}, {}", part(1), part(2)));
    }

    #[test]
    fn each_database_gets_its_own_source_of_rows() {
        assert_eq!(
            &*PUT.form(Dialect::Postgres, false),
            "INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($1::TEXT[], $2::BIGINT[]) AS r(a, b)"
        );
        assert_eq!(
            &*PUT.form(Dialect::Sqlite, true),
            "INSERT INTO keys_shadow (a, b) SELECT a, b FROM (SELECT value->>0 AS a, value->>1 AS b FROM json_each($1)) AS r"
        );
    }
}
