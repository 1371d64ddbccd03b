use std::collections::BTreeSet;

use super::words::{FEWEST_DIGITS, MAX_TERMS, SearchTerms, Words};
use crate::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use contract::phone;

/// Most rows of a word for the search to start with them. A more frequent word is checked in each row of the list.
const MAX_IDS: u64 = 2_000;
/// Sorts after every word with the same beginning.
const BEHIND_ALL: char = char::MAX;

/// The result of a search in the index of words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The ids of all rows that may match; `None` where there are too many to list, or the search is empty.
    pub ids: Option<Vec<Value>>,
    /// The words that must still be checked in each row, for the parameters of [`has_words!`](crate::has_words).
    pub rest: Vec<Value>,
}

impl Found {
    /// Matches every row.
    pub fn everything() -> Self {
        Self { ids: None, rest: vec![Value::Null(Kind::Text); 2 * MAX_TERMS] }
    }

    /// The ids of all matching rows, where no word is left to check.
    pub fn all(&self) -> Option<&[Value]> {
        let is_done = self.rest.iter().all(|word| matches!(word, Value::Null(_)));
        self.ids.as_deref().filter(|_| is_done)
    }

    /// Whether no row can match.
    pub fn is_nothing(&self) -> bool {
        self.ids.as_ref().is_some_and(Vec::is_empty)
    }

    /// Matches these rows.
    pub fn these(ids: Vec<Value>) -> Self {
        Self { ids: Some(ids), ..Self::everything() }
    }
}

/// Looks words up with these statements. Each returns the ids, as `id`, of at most `$3` rows with a word from `$1` on
/// and before `$2`.
pub async fn find<T: Ord + Into<Value>>(
    database: &Database,
    tables: &[&'static Sql],
    read: impl Fn(&Row) -> Result<T, SqlError>,
    terms: &SearchTerms,
) -> Result<Found, SqlError> {
    let (mut few, mut rest) = (None::<BTreeSet<T>>, Vec::new());
    for word in &terms.0 {
        let range = [Value::from(word), format!("{word}{BEHIND_ALL}").into()];
        let mut rows = Vec::new();
        for sql in tables {
            rows.extend(database.rows(sql, &[range[0].clone(), range[1].clone(), (MAX_IDS + 1).into()]).await?);
        }
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) > MAX_IDS {
            rest.extend(range);
            continue;
        }
        let ids = rows.iter().map(&read).collect::<Result<BTreeSet<T>, _>>()?;
        few = Some(match few {
            Some(others) => others.into_iter().filter(|id| ids.contains(id)).collect(),
            None => ids,
        });
    }
    // The text holds no visible character, so nothing matches.
    let few = if terms.0.is_empty() { Some(BTreeSet::new()) } else { few };
    rest.resize(2 * MAX_TERMS, Value::Null(Kind::Text));
    Ok(Found { ids: few.map(|ids| ids.into_iter().map(Into::into).collect()), rest })
}

/// Like [`find`], for a typed text: by its words, and by the end of a phone number where it is one.
pub async fn find_text<T: Ord + Into<Value>>(
    database: &Database,
    tables: &[&'static Sql],
    read: impl Fn(&Row) -> Result<T, SqlError>,
    text: &str,
) -> Result<Found, SqlError> {
    let words = find(database, tables, &read, &SearchTerms::text(text)).await?;
    let Some(digits) = phone::searched(text).filter(|digits| digits.len() >= FEWEST_DIGITS) else { return Ok(words) };
    let phones = find(database, tables, &read, &SearchTerms::phone(&digits)).await?;
    Ok(match (words.all(), phones.all()) {
        (Some(words), Some(phones)) => Found::these([words, phones].concat()),
        (_, Some(_)) => phones,
        _ => words,
    })
}

/// A table of the words that the rows of a list are found by. Made by [`words_table!`](crate::words_table).
#[derive(Debug)]
pub struct WordsTable {
    /// Adds words.
    pub insert: Sql,
    /// Removes the words of a row.
    pub delete: Sql,
    /// The rows with a word, for [`find`].
    pub find: Sql,
}

impl WordsTable {
    /// Adds the words of rows, each by its id, with what is written next.
    pub fn add(&'static self, tx: &mut Tx, rows: impl IntoIterator<Item = (Value, Words)>) {
        let of_row =
            |(id, words): (Value, Words)| words.iter().map(|word| vec![id.clone(), word.into()]).collect::<Vec<_>>();
        tx.queue(&self.insert, rows.into_iter().flat_map(of_row).collect());
    }

    /// Removes the words of a row.
    pub async fn remove(&self, tx: &mut Tx, id: Value) -> Result<(), SqlError> {
        tx.execute(&self.delete, &[id]).await.map(drop)
    }
}

/// Declares a table of words by its name and the column that is the row's id.
#[macro_export]
macro_rules! words_table {
    ($table:literal, $id:literal: $kind:ident) => {
        $crate::search::WordsTable {
            insert: $crate::sql::Sql::rows(
                concat!("INSERT INTO ", $table, "{shadow} ({columns}) SELECT {columns} FROM {rows}"),
                &[($id, $crate::sql::Kind::$kind), ("word", $crate::sql::Kind::Text)],
            ),
            delete: $crate::sql::Sql::new(concat!("DELETE FROM ", $table, "{shadow} WHERE ", $id, " = $1")),
            find: $crate::sql::Sql::new(concat!(
                "SELECT ",
                $id,
                " AS id FROM ",
                $table,
                " WHERE word >= $1 AND word < $2 LIMIT $3"
            )),
        }
    };
}

/// The condition that a row has the words between four pairs of parameters, from `$4` or from `$5` on, where they are
/// given; each table of words is named with the column of the row's id. The words are counted, so that no database reads
/// all of them.
#[macro_export]
macro_rules! has_words {
    (4, $of:tt) => {
        concat!(
            $crate::has_words!("$4", "$5", $of), $crate::has_words!("$6", "$7", $of),
            $crate::has_words!("$8", "$9", $of), $crate::has_words!("$10", "$11", $of)
        )
    };
    (5, $of:tt) => {
        concat!(
            $crate::has_words!("$5", "$6", $of), $crate::has_words!("$7", "$8", $of),
            $crate::has_words!("$9", "$10", $of), $crate::has_words!("$11", "$12", $of)
        )
    };
    ($from:literal, $to:literal, ($row:literal, $column:literal in $($table:literal),+)) => {
        concat!(
            " AND (", $from, " IS NULL OR 0 < 0",
            $(" + (SELECT COUNT(*) FROM ", $table, " w WHERE w.", $column, " = ", $row, " AND w.word >= ", $from,
              " AND w.word < ", $to, ")",)+
            ")"
        )
    };
}

/// A list in its own order, or limited to found ids: the same statement in two forms.
#[derive(Debug)]
pub struct ListQuery {
    /// The statement.
    pub sql: &'static Sql,
    /// The found ids, where there are few.
    pub ids: Option<Vec<Value>>,
    /// The other parameters: `$1` and so on, or after the ids.
    pub values: Vec<Value>,
}

impl ListQuery {
    /// The first statement, with the limit before the values, or for few ids the second, with the limit after them.
    pub fn new(sql: [&'static Sql; 2], ids: Option<Vec<Value>>, mut values: Vec<Value>, limit: u64) -> Self {
        let [all, among] = sql;
        let at = if ids.is_some() { values.len() } else { 0 };
        values.insert(at, limit.into());
        Self { sql: if ids.is_some() { among } else { all }, ids, values }
    }

    /// The rows.
    pub async fn rows(self, database: &Database) -> Result<Vec<Row>, SqlError> {
        match self.ids {
            Some(ids) => database.rows_among(self.sql, ids, &self.values).await,
            None => database.rows(self.sql, &self.values).await,
        }
    }

    /// How many rows there are, up to the limit.
    pub async fn count(self, database: &Database) -> Result<u64, SqlError> {
        database.count(self.sql, self.ids, &self.values).await
    }

    /// The database's query plan, line by line.
    pub async fn plan(self, database: &Database) -> Result<Vec<String>, SqlError> {
        database.plan(self.sql, self.ids, &self.values).await
    }
}
