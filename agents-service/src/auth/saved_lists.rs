//! Lists that an account has saved by a name: beside the log, since nobody else is concerned.

use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use uuid::Uuid;

/// Most lists that an account can save.
pub const MOST: u64 = 50;

static OF_PLACE: Sql =
    Sql::new("SELECT place, name, query FROM saved_lists WHERE account_id = $1 AND place = $2 ORDER BY name");
static ALL: Sql = Sql::new("SELECT place, name, query FROM saved_lists WHERE account_id = $1 ORDER BY place, name");
static COUNT_OTHERS: Sql =
    Sql::new("SELECT COUNT(*) AS n FROM saved_lists WHERE account_id = $1 AND NOT (place = $2 AND name = $3)");
static SAVE: Sql = Sql::new(
    "INSERT INTO saved_lists (account_id, place, name, query) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, place, name) DO UPDATE SET query = excluded.query",
);
static FORGET: Sql = Sql::new("DELETE FROM saved_lists WHERE account_id = $1 AND place = $2 AND name = $3");
static ERASE: Sql = Sql::new("DELETE FROM saved_lists WHERE account_id = $1");

/// A list with its filters, order and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedList {
    /// The path of the list.
    pub place: String,
    pub name: String,
    /// The query of its address.
    pub query: String,
}

impl SavedList {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { place: row.text("place")?, name: row.text("name")?, query: row.text("query")? })
    }

    /// Its address.
    pub fn href(&self) -> String {
        if self.query.is_empty() { self.place.clone() } else { format!("{}?{}", self.place, self.query) }
    }
}

/// The lists that an account saved at one path, by name.
pub async fn of_place(database: &Database, account_id: Uuid, place: &str) -> Result<Vec<SavedList>, SqlError> {
    database.rows(&OF_PLACE, &[account_id.into(), place.into()]).await?.iter().map(SavedList::read).collect()
}

/// All that an account saved, by path and name.
pub async fn all(database: &Database, account_id: Uuid) -> Result<Vec<SavedList>, SqlError> {
    database.rows(&ALL, &[account_id.into()]).await?.iter().map(SavedList::read).collect()
}

/// Saves a list, in the place of one with the same name; false where the account has too many.
pub async fn save(database: &Database, account_id: Uuid, list: &SavedList) -> Result<bool, SqlError> {
    let key = [account_id.into(), list.place.as_str().into(), list.name.as_str().into()];
    let others = database.row(&COUNT_OTHERS, &key).await?.map_or(Ok(0), |row| row.count("n"))?;
    if others >= MOST {
        return Ok(false);
    }
    let [account, place, name] = key;
    database.execute(&SAVE, &[account, place, name, list.query.as_str().into()]).await?;
    Ok(true)
}

/// Forgets a list.
pub async fn forget(database: &Database, account_id: Uuid, place: &str, name: &str) -> Result<(), SqlError> {
    database.execute(&FORGET, &[account_id.into(), place.into(), name.into()]).await.map(drop)
}

/// Forgets what an account saved: it was typed by a person.
pub async fn erase(tx: &mut Tx, account_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&ERASE, &[account_id.into()]).await.map(drop)
}
