//! A projection's table and its shadow table, in which the projection is rebuilt beside the live one.

use uuid::Uuid;

use super::step::Step;
use crate::sql::{Dialect, Kind, Sql, SqlError, Tx, Value};

/// Rows of the shadow that one statement compares, so that memory and disk use do not grow with the table.
const COMPARED_AT_ONCE: i64 = 10_000;
/// Rows of the shadow that SQLite removes in one transaction: others may write in between.
const CLEARED_AT_ONCE: i64 = 1_000;

/// The statements of a rebuild and a comparison for one table. Made by
/// [`projection_table!`](crate::projection_table).
#[derive(Debug)]
pub struct Table {
    /// The live table's name.
    pub name: &'static str,
    /// Empties the shadow at once, for PostgreSQL.
    pub clear_shadow: Sql,
    /// Removes so many rows of the shadow, for SQLite, where emptying it at once would block writers.
    pub clear_some: Sql,
    /// Swaps the names of the two tables. Their indexes keep their names: no statement uses one, and a migration
    /// changes both.
    pub switch: [Sql; 3],
    /// How many rows the live table has, and the shadow.
    pub sizes: Sql,
    /// For PostgreSQL: a digest of all rows of each table, whatever their order. Different rows have the same digest
    /// with a chance of 2^-64.
    pub digests: Sql,
    /// The kind of the column that a comparison goes along, the first of the primary key.
    pub along: Kind,
    /// Counts rows of the shadow, about `$2` of them from `$1` on, that the live table lacks or has with other
    /// values; returns the start of the next ones.
    pub missing: Sql,
    /// What a rebuild fills it by at the end of its first pass, where its rows are sums of other tables' rows.
    pub sums: &'static [Sum],
}

/// Rows that are sums of others. A rebuild writes them once from what it has folded, since adding up event by event costs more.
#[derive(Debug)]
pub struct Sum {
    /// `first` and `last`: the ends of what is summed up.
    pub ends: Sql,
    /// How much one statement sums up, so that others may write in between. No row may be a sum over the bounds of its multiples.
    pub step: i64,
    /// Adds the rows that are sums of what is from `$1` to below `$2`.
    pub add: Sql,
}

/// How a live table differs from its shadow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rows of the shadow that the live table lacks or has with other values.
    pub missing: i64,
    /// Rows of the live table that the shadow lacks or has with other values.
    pub extra: i64,
}

impl Table {
    /// The table with what its rows are sums of.
    #[must_use]
    pub fn summed_by(self, sums: &'static [Sum]) -> Self {
        Self { sums, ..self }
    }

    /// Removes rows of the shadow; returns whether there may be more.
    pub(super) async fn clear_shadow(&self, tx: &mut Tx) -> Result<bool, SqlError> {
        match tx.dialect() {
            Dialect::Postgres => tx.execute(&self.clear_shadow, &[]).await.map(|_| false),
            Dialect::Sqlite => Ok(tx.execute(&self.clear_some, &[CLEARED_AT_ONCE.into()]).await? > 0),
        }
    }

    /// Compares the two, as `tx` sees them.
    pub async fn compare(&self, tx: &mut Tx, progress: &mut impl FnMut(Step)) -> Result<Difference, SqlError> {
        let Some(sizes) = tx.row(&self.sizes, &[]).await? else { return Ok(Difference::default()) };
        let (live, shadow) = (sizes.int("live")?, sizes.int("shadow")?);
        if live == shadow && self.has_the_same_digest(tx).await? {
            progress(self.compared(shadow, shadow));
            return Ok(Difference::default());
        }
        let missing = self.missing_along_the_key(tx, shadow, progress).await?;
        // Rows are distinct by their primary key, so the number of extra rows follows from the counts.
        Ok(Difference { missing, extra: live - (shadow - missing) })
    }

    /// Most tables are equal, and a digest reads them in the order of the disk, while a comparison along the key
    /// reads rows scattered over it.
    async fn has_the_same_digest(&self, tx: &mut Tx) -> Result<bool, SqlError> {
        if tx.dialect() == Dialect::Sqlite {
            return Ok(false);
        }
        let Some(digests) = tx.row(&self.digests, &[]).await? else { return Ok(false) };
        Ok(digests.opt_text("live")? == digests.opt_text("shadow")?)
    }

    async fn missing_along_the_key(
        &self,
        tx: &mut Tx,
        shadow: i64,
        progress: &mut impl FnMut(Step),
    ) -> Result<i64, SqlError> {
        let mut next = Some(match self.along {
            Kind::Int | Kind::Moment | Kind::Flag => Value::Int(i64::MIN),
            Kind::Text => Value::Text(String::new()),
            Kind::Uuid => Value::Uuid(Uuid::nil()),
            Kind::Bytes => Value::Bytes(Vec::new()),
        });
        let (mut missing, mut done) = (0, 0);
        while let Some(from) = next {
            let Some(page) = tx.row(&self.missing, &[from, COMPARED_AT_ONCE.into()]).await? else { break };
            missing += page.int("missing")?;
            next = match self.along {
                Kind::Int | Kind::Moment | Kind::Flag => page.opt_int("next")?.map(Value::Int),
                Kind::Text => page.opt_text("next")?.map(Value::Text),
                Kind::Uuid => page.opt_uuid("next")?.map(Value::Uuid),
                Kind::Bytes => page.opt_bytes("next")?.map(Value::Bytes),
            };
            done = shadow.min(done + COMPARED_AT_ONCE);
            progress(self.compared(done, shadow));
        }
        Ok(missing)
    }

    fn compared(&self, rows: i64, of: i64) -> Step {
        Step::Compared { table: self.name, rows: rows.unsigned_abs(), of: of.unsigned_abs() }
    }
}

/// Declares a projection's table by its name and the first column of its primary key; a last text names the compared
/// columns, where not all.
#[macro_export]
macro_rules! projection_table {
    ($name:literal, $along:literal: $kind:ident) => {
        $crate::projection_table!($name, $along: $kind, "*")
    };
    ($name:literal, $along:literal: $kind:ident, $columns:literal) => {
        $crate::projections::Table {
            name: $name,
            clear_shadow: $crate::sql::Sql::new(concat!("TRUNCATE ", $name, "_shadow")),
            clear_some: $crate::sql::Sql::new(concat!(
                "DELETE FROM ", $name, "_shadow WHERE rowid IN (SELECT rowid FROM ", $name, "_shadow LIMIT $1)"
            )),
            switch: [
                $crate::sql::Sql::new(concat!("ALTER TABLE ", $name, " RENAME TO ", $name, "_before")),
                $crate::sql::Sql::new(concat!("ALTER TABLE ", $name, "_shadow RENAME TO ", $name)),
                $crate::sql::Sql::new(concat!("ALTER TABLE ", $name, "_before RENAME TO ", $name, "_shadow")),
            ],
            sizes: $crate::sql::Sql::new(concat!(
                "SELECT (SELECT COUNT(*) FROM ", $name, ") AS live, (SELECT COUNT(*) FROM ", $name, "_shadow) AS shadow"
            )),
            digests: $crate::sql::Sql::new(concat!(
                "SELECT (SELECT SUM(hashtextextended(t::TEXT, 0)::NUMERIC)::TEXT FROM (SELECT ", $columns, " FROM ", $name, ") AS t) AS live,
                     (SELECT SUM(hashtextextended(t::TEXT, 0)::NUMERIC)::TEXT FROM (SELECT ", $columns, " FROM ", $name, "_shadow) AS t) AS shadow"
            )),
            along: $crate::sql::Kind::$kind,
            missing: $crate::sql::Sql::new(concat!(
                "WITH page AS (SELECT p.at AS last FROM
                     (SELECT ", $along, " AS at FROM ", $name, "_shadow WHERE ", $along, " >= $1
                      ORDER BY ", $along, " LIMIT $2) AS p ORDER BY p.at DESC LIMIT 1)
                 SELECT (SELECT COUNT(*) FROM
                     (SELECT ", $columns, " FROM ", $name, "_shadow
                      WHERE ", $along, " BETWEEN $1 AND (SELECT last FROM page)
                      EXCEPT SELECT ", $columns, " FROM ", $name, "
                      WHERE ", $along, " BETWEEN $1 AND (SELECT last FROM page)) AS d) AS missing,
                     (SELECT ", $along, " FROM ", $name, "_shadow
                      WHERE ", $along, " > (SELECT last FROM page) ORDER BY ", $along, " LIMIT 1) AS next"
            )),
            sums: &[],
        }
    };
}
