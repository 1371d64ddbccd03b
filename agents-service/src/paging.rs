use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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

/// The number of rows to read, one more than the page has, to see whether another page follows.
pub fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1
}
