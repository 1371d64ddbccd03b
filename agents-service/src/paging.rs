//! Pages of lists.

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
    /// Makes a page of up to `limit` rows out of one more than that; each row knows where the page behind it begins.
    pub fn of(rows: Vec<(T, String)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        let mut items: Vec<(T, String)> = rows.into_iter().take(limit).collect();
        let next = if more { items.last_mut().map(|(_, cursor)| std::mem::take(cursor)) } else { None };
        Self { items: items.into_iter().map(|(item, _)| item).collect(), next }
    }
}

/// The number of rows to ask for, to see whether there is a page behind this one.
pub fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1
}
