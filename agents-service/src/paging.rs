use event_store::sql::Sql;
use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; null when this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` rows from one row more; each row has the cursor of the page after it.
    pub fn of(rows: Vec<(T, String)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        let mut items: Vec<(T, String)> = rows.into_iter().take(limit).collect();
        let next = if more { items.last_mut().map(|(_, cursor)| std::mem::take(cursor)) } else { None };
        Self { items: items.into_iter().map(|(item, _)| item).collect(), next }
    }
}

/// The order of a list by the positions of its things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

impl Order {
    /// The statements of this order, of those for both: the oldest first, and the newest first.
    pub fn of(self, statements: [&'static [Sql; 2]; 2]) -> [&'static Sql; 2] {
        statements.map(|[oldest_first, newest_first]| match self {
            Self::OldestFirst => oldest_first,
            Self::NewestFirst => newest_first,
        })
    }

    /// The position that the next page is beyond; that of every thing without a cursor.
    pub fn beyond(self, after: Option<u64>) -> u64 {
        after.unwrap_or(match self {
            Self::OldestFirst => 0,
            Self::NewestFirst => u64::MAX,
        })
    }
}

/// The number of rows to read, one more than the page has, to see whether another page follows.
pub fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1
}
