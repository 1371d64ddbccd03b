//! How an account wants times, numbers and colours: beside the log, since nobody else is concerned.

use event_store::sql::{Database, Sql, SqlError};

use crate::auth::sessions::Account;

static GET: Sql = Sql::new(
    "SELECT a.time_zone, a.numbers, a.theme, COALESCE((SELECT s.time_zone FROM settings s WHERE s.id = 1), '') AS company FROM (
         SELECT time_zone, numbers, theme FROM operator_accounts WHERE operator_id = $1
         UNION ALL SELECT time_zone, numbers, theme FROM agent_accounts WHERE agent_id = $1) a",
);
static SET_OF_OPERATOR: Sql =
    Sql::new("UPDATE operator_accounts SET time_zone = $2, numbers = $3, theme = $4 WHERE operator_id = $1");
static SET_OF_AGENT: Sql =
    Sql::new("UPDATE agent_accounts SET time_zone = $2, numbers = $3, theme = $4 WHERE agent_id = $1");

pub const THEMES: [&str; 2] = ["light", "dark"];

/// What an account has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The name of a time zone; empty for the company's.
    pub time_zone: String,
    /// A word of [`Numbers`]; empty for the way of the browser's language.
    ///
    /// [`Numbers`]: crate::ui::numbers::Numbers
    pub numbers: String,
    /// One of [`THEMES`]; empty for what the system has.
    pub theme: String,
    /// The company's time zone.
    pub company: String,
}

/// What an account has chosen, and the company's time zone.
pub async fn get(database: &Database, account: Account) -> Result<Preferences, SqlError> {
    let row = database.row(&GET, &[account.id().into()]).await?;
    let Some(row) = row else { return Ok(Preferences::default()) };
    Ok(Preferences {
        time_zone: row.text("time_zone")?,
        numbers: row.text("numbers")?,
        theme: row.text("theme")?,
        company: row.text("company")?,
    })
}

/// Keeps what an account chooses.
pub async fn set(database: &Database, account: Account, chosen: &Preferences) -> Result<(), SqlError> {
    let sql = match account {
        Account::Operator(_) => &SET_OF_OPERATOR,
        Account::Agent(_) => &SET_OF_AGENT,
    };
    let Preferences { time_zone, numbers, theme, .. } = chosen;
    let values = [account.id().into(), time_zone.into(), numbers.into(), theme.into()];
    database.execute(sql, &values).await.map(drop)
}
