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
    /// How many there are in all, where that was asked for: counted to 10,000, and 10,001 where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` rows from one row more; each row has the cursor of the page after it.
    pub fn of(rows: Vec<(T, String)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        let mut items: Vec<(T, String)> = rows.into_iter().take(limit).collect();
        let next = if more { items.last_mut().map(|(_, cursor)| std::mem::take(cursor)) } else { None };
        Self { items: items.into_iter().map(|(item, _)| item).collect(), next, total: None }
    }
}

/// The order of a list; by position, `Ascending` is the oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Ascending,
    Descending,
}

impl Order {
    /// The statements of this order, of those for both.
    pub fn of(self, statements: [&'static [Sql; 2]; 2]) -> [&'static Sql; 2] {
        statements.map(|both| self.one_of(both))
    }

    /// The statement of this order, of both.
    pub fn one_of(self, [up, down]: &'static [Sql; 2]) -> &'static Sql {
        match self {
            Self::Ascending => up,
            Self::Descending => down,
        }
    }

    /// The position that the next page is beyond; that of every thing without a cursor.
    pub fn beyond(self, after: Option<u64>) -> u64 {
        after.unwrap_or(match self {
            Self::Ascending => 0,
            Self::Descending => u64::MAX,
        })
    }
}

/// The statements of a list by position, up and down: what begins them, the position, what else must hold, and the limit. `$1` is the
/// position that the page is beyond.
macro_rules! by_position {
    ($begin:expr, $position:literal, $more:literal, $limit:literal) => {
        [
            Sql::new(concat!($begin, $position, " > $1", $more, " ORDER BY ", $position, " LIMIT ", $limit)),
            Sql::new(concat!($begin, $position, " < $1", $more, " ORDER BY ", $position, " DESC LIMIT ", $limit)),
        ]
    };
}
pub(crate) use by_position;

/// The number of rows to read, one more than the page has, to see whether another page follows.
pub fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1
}
