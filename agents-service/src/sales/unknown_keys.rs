//! Texts that visitors typed instead of a key, by day: a misprinted or cut link appears here.

use contract::clock::Day;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::paging::{Page, one_more};
use crate::sales::summary::Filter;

/// Refusals at one unknown key on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnknownKey {
    /// As in `2026-01-31` (UTC).
    pub day: String,
    /// As it was typed; absent where those of several texts are counted together: texts that can be no key or may be personal, and
    /// those beyond what is told apart.
    pub key: Option<String>,
    /// How often somebody was refused at it.
    pub count: u64,
    /// The known key that is most like it: one letter differs, or an end is cut off or glued on.
    pub nearest_key: Option<String>,
}

static LIST: Sql = Sql::new(
    "SELECT day, key, nearest_key, refusals FROM unknown_keys
     WHERE day BETWEEN $1 AND $2 AND (day, key) < ($3, $4) ORDER BY day DESC, key DESC LIMIT $5",
);

/// A page of unknown keys, the newest day first.
pub async fn list(
    database: &Database,
    filter: &Filter,
    after: Option<(i64, String)>,
    limit: usize,
) -> Result<Page<UnknownKey>, SqlError> {
    let (day, key) = after.unwrap_or((i64::MAX, String::new()));
    let mut values = filter.days();
    values.extend([day.into(), key.into(), one_more(limit).into()]);
    let rows = database.rows(&LIST, &values).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, format!("{}:{}", row.int("day")?, row.text("key")?))));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

/// Parses a cursor.
pub fn cursor(text: &str) -> Option<(i64, String)> {
    let (day, key) = text.split_once(':')?;
    Some((day.parse().ok()?, key.to_owned()))
}

fn read(row: &Row) -> Result<UnknownKey, SqlError> {
    Ok(UnknownKey {
        day: Day::from_number(row.int("day")?).to_string(),
        key: Some(row.text("key")?).filter(|key| !key.is_empty()),
        count: row.count("refusals")?,
        nearest_key: row.opt_text("nearest_key")?,
    })
}
