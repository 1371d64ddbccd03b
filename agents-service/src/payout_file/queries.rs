use contract::clock::Moment;
use contract::ids::new_id;
use contract::money::{Currency, Money, Percent};
use contract::tax::VatTerms;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::agents::accounts::Details;
use crate::columns::read_word;
use crate::ledger::amount::from_column;
use crate::payout_file::plan::Approved;

/// A payout file that was made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PayoutFileMade")]
pub struct Made {
    pub message_id: String,
    /// `pain.001` or `csv`.
    pub format: String,
    /// `operator:<id>`, or `token:<id>` for an operator's program.
    pub made_by: String,
    pub made_at: Moment,
    /// How many payouts it has.
    pub payouts: u64,
}

/// Outer joins: a remittance whose agent cannot be read is an error, and is not left out.
static APPROVED: Sql = Sql::new(
    "SELECT r.remittance_id, r.agent_id, r.currency, r.amount, a.name, a.vat, a.vat_kind, c.login, c.contact, c.bank_details,
         c.bank_account, c.bank_changed_at
     FROM remittances r LEFT JOIN agents a ON a.agent_id = r.agent_id
         LEFT JOIN agent_accounts c ON c.agent_id = r.agent_id
     WHERE r.state = 'approved' ORDER BY r.position",
);
static ADD: Sql = Sql::new(
    "INSERT INTO payout_files (file_id, message_id, format, made_by, made_at, payouts) VALUES ($1, $2, $3, $4, $5, $6)",
);
static MADE: Sql = Sql::new(
    "SELECT message_id, format, made_by, made_at, payouts FROM payout_files ORDER BY made_at DESC, file_id DESC LIMIT $1",
);
static SAME: Sql = Sql::new(
    "SELECT message_id, format, made_by, made_at, payouts FROM payout_files WHERE message_id = $1 AND format = $2
     ORDER BY made_at DESC, file_id DESC LIMIT 1",
);

/// All approved remittances, oldest first.
pub async fn approved(database: &Database) -> Result<Vec<Approved>, SqlError> {
    let rows = database.rows(&APPROVED, &[]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Approved, SqlError> {
    let wrong = |column: &'static str| move |_| SqlError::Column { column: column.to_owned() };
    let currency = Currency::parse(&row.text("currency")?).map_err(wrong("currency"))?;
    Ok(Approved {
        remittance_id: row.uuid("remittance_id")?,
        agent_id: row.uuid("agent_id")?,
        amount: Money::new(from_column(row.int("amount")?, currency), currency).map_err(wrong("amount"))?,
        name: row.text("name")?,
        vat: VatTerms {
            kind: read_word(row.text("vat_kind")?, "vat_kind")?,
            percent: Percent::from_basis_points(row.int("vat")?).map_err(wrong("vat"))?,
        },
        details: Details::read(row)?,
    })
}

/// Notes that a file was made.
pub async fn add(database: &Database, made: &Made) -> Result<(), SqlError> {
    let values = [
        new_id().into(),
        (&made.message_id).into(),
        (&made.format).into(),
        (&made.made_by).into(),
        made.made_at.into(),
        made.payouts.into(),
    ];
    database.execute(&ADD, &values).await.map(drop)
}

/// The files that were made last, newest first.
pub async fn made(database: &Database, limit: u64) -> Result<Vec<Made>, SqlError> {
    database.rows(&MADE, &[limit.into()]).await?.iter().map(read_made).collect()
}

/// When the bank file with this id was made last.
pub async fn made_before(database: &Database, message_id: &str, format: &str) -> Result<Option<Made>, SqlError> {
    let row = database.row(&SAME, &[message_id.into(), format.into()]).await?;
    row.as_ref().map(read_made).transpose()
}

fn read_made(row: &Row) -> Result<Made, SqlError> {
    Ok(Made {
        message_id: row.text("message_id")?,
        format: row.text("format")?,
        made_by: row.text("made_by")?,
        made_at: row.moment("made_at")?,
        payouts: row.count("payouts")?,
    })
}
