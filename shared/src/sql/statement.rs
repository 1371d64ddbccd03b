//! A statement, written once for both databases, and all that differs between them.
//!
//! `{rows}` stands for a set of rows given as parameters, with the alias `r` and the named columns. `{among}` after a column
//! asks for what is in the first of them: an index is searched for it, whatever is known of the table, where a join might
//! be planned to read all of it. `{for_update}` locks the rows that a query finds, where writers are not one by one anyway.
//! After a view table's name, `~` stands for nothing, or for `_rebuild` while the view is rebuilt beside the live one.

use std::sync::{Arc, OnceLock};

/// Which database a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// The kind of a column in `{rows}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// BIGINT.
    Int,
    /// TEXT.
    Text,
}

/// A statement's text, kept in a `static`; its forms are made once, when first used.
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

    /// A statement whose one parameter is a set of rows with these columns, named `{rows}` in the text.
    /// An `INSERT ... SELECT ... FROM {rows} ON CONFLICT` needs `WHERE true` before `ON` (SQLite's grammar).
    pub const fn rows(text: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { text, columns, forms: [OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new()] }
    }

    /// The columns of `{rows}`.
    pub fn columns(&self) -> &'static [(&'static str, Kind)] {
        self.columns
    }

    /// The text for one database, for the live tables or for those of a rebuild.
    pub fn form(&self, dialect: Dialect, rebuild: bool) -> Arc<str> {
        let index = usize::from(dialect == Dialect::Sqlite) * 2 + usize::from(rebuild);
        Arc::clone(self.forms[index].get_or_init(|| self.written(dialect, rebuild, 0).into()))
    }

    /// Several statements over sets of rows as one, for PostgreSQL: the last is the one whose rows are counted, the others
    /// stand before it as common table expressions. Their parameters follow each other.
    pub fn together<'a>(statements: impl ExactSizeIterator<Item = &'a Self>, rebuild: bool) -> String {
        let last = statements.len().saturating_sub(1);
        let (mut before, mut end, mut parameters) = (Vec::new(), String::new(), 0);
        for (index, statement) in statements.enumerate() {
            let one = statement.written(Dialect::Postgres, rebuild, parameters);
            parameters += statement.columns.len();
            if index < last { before.push(format!("part_{index} AS ({one})")) } else { end = one }
        }
        if before.is_empty() { end } else { format!("WITH {} {end}", before.join(", ")) }
    }

    /// Several queries over sets of rows as one, for PostgreSQL: one row, with the rows of each as one JSON text.
    pub fn asked_together<'a>(queries: impl Iterator<Item = &'a Self>) -> String {
        let mut parameters = 0;
        let parts = queries.map(|query| {
            let one = query.written(Dialect::Postgres, false, parameters);
            parameters += query.columns.len();
            format!("(SELECT COALESCE(json_agg(q), '[]')::TEXT FROM ({one}) q)")
        });
        format!("SELECT {}", parts.collect::<Vec<_>>().join(", "))
    }

    fn written(&self, dialect: Dialect, rebuild: bool, parameters_before: usize) -> String {
        let text = self.text.replace("{rows}", &self.row_source(dialect, parameters_before));
        let text = text.replace("{among}", &self.among(dialect, parameters_before));
        let text = text.replace("{for_update}", if dialect == Dialect::Postgres { "FOR UPDATE" } else { "" });
        text.replace('~', if rebuild { "_rebuild" } else { "" })
    }

    fn among(&self, dialect: Dialect, parameters_before: usize) -> String {
        match dialect {
            Dialect::Postgres => {
                let kind = if let Some((_, Kind::Int)) = self.columns.first() { "BIGINT" } else { "TEXT" };
                format!("= ANY(${}::{kind}[])", parameters_before + 1)
            }
            Dialect::Sqlite => "IN (SELECT value->>0 FROM json_each($1))".to_owned(),
        }
    }

    fn row_source(&self, dialect: Dialect, parameters_before: usize) -> String {
        let names = self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        match dialect {
            Dialect::Postgres => {
                let arrays = self.columns.iter().enumerate().map(|(index, (_, kind))| match kind {
                    Kind::Int => format!("${}::BIGINT[]", parameters_before + index + 1),
                    Kind::Text => format!("${}::TEXT[]", parameters_before + index + 1),
                });
                format!("UNNEST({}) AS r({names})", arrays.collect::<Vec<_>>().join(", "))
            }
            Dialect::Sqlite => {
                let fields =
                    self.columns.iter().enumerate().map(|(index, (name, _))| format!("value->>{index} AS {name}"));
                format!("(SELECT {} FROM json_each($1)) AS r", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PUT: Sql =
        Sql::rows("INSERT INTO keys~ (a, b) SELECT a, b FROM {rows}", &[("a", Kind::Text), ("b", Kind::Int)]);

    #[test]
    fn statements_that_go_together_count_their_parameters_on() {
        assert_eq!(
            Sql::together([&PUT, &PUT].into_iter(), false),
            "WITH part_0 AS (INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($1::TEXT[], $2::BIGINT[]) AS r(a, b)) \
             INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($3::TEXT[], $4::BIGINT[]) AS r(a, b)"
        );
    }

    #[test]
    fn queries_that_are_asked_together_answer_in_one_row() {
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
        assert_eq!(Sql::asked_together([&find, &find].into_iter()), format!("SELECT {}, {}", part(1), part(2)));
    }

    #[test]
    fn each_database_gets_its_own_source_of_rows() {
        assert_eq!(
            &*PUT.form(Dialect::Postgres, false),
            "INSERT INTO keys (a, b) SELECT a, b FROM UNNEST($1::TEXT[], $2::BIGINT[]) AS r(a, b)"
        );
        assert_eq!(
            &*PUT.form(Dialect::Sqlite, true),
            "INSERT INTO keys_rebuild (a, b) SELECT a, b FROM (SELECT value->>0 AS a, value->>1 AS b FROM json_each($1)) AS r"
        );
    }
}
