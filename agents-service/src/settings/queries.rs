use contract::bank::PayoutBlockDays;
use contract::canned_answers::CannedAnswer;
use contract::events::agents::{Branding, CustomerMask, Terms};
use event_store::projections::parked;
use event_store::sql::{Database, Row, Sql, SqlError};

use crate::columns::{from_json, opt_from_json};
use crate::projection::AgentsProjection;
use crate::settings::model::STREAM;
use crate::settings::snapshot::SettingsSnapshot;

static GET: Sql = Sql::new(
    "SELECT version, customer_interface_url, signup_fields, terms_version, terms_text, branding_name, branding_colour,
         branding_logo, frame_origins, customer_mask, time_zone, hold_days, four_eyes,
         payout_account, unknown_bic, payout_block_days, statements, terms_language,
         terms_translations, new_agents FROM settings WHERE id = 1",
);

static CANNED_ANSWERS: Sql = Sql::new("SELECT canned_answers FROM settings WHERE id = 1");

fn read(row: &Row) -> Result<SettingsSnapshot, SqlError> {
    Ok(SettingsSnapshot {
        customer_interface_url: row.text("customer_interface_url")?,
        signup_fields: from_json(row, "signup_fields")?,
        terms: Terms {
            version: row.text("terms_version")?,
            text: row.text("terms_text")?,
            language: row.text("terms_language")?,
            translations: from_json(row, "terms_translations")?,
        },
        branding: Branding {
            name: row.text("branding_name")?,
            colour: row.text("branding_colour")?,
            logo: row.text("branding_logo")?,
        },
        frame_origins: from_json(row, "frame_origins")?,
        customer_mask: from_json(row, "customer_mask")?,
        time_zone: row.text("time_zone")?,
        four_eyes: row.flag("four_eyes")?,
        hold_days: u16::try_from(row.int("hold_days")?)
            .map_err(|_| SqlError::Column { column: "hold_days".to_owned() })?,
        payout_account: opt_from_json(row, "payout_account")?,
        unknown_bic: from_json(row, "unknown_bic")?,
        payout_block_days: u16::try_from(row.int("payout_block_days")?)
            .map(PayoutBlockDays)
            .map_err(|_| SqlError::Column { column: "payout_block_days".to_owned() })?,
        statements: from_json(row, "statements")?,
        new_agents: from_json(row, "new_agents")?,
        canned_answers: Vec::new(),
        version: row.count("version")?,
    })
}

/// Texts that operators answer agents with.
pub async fn canned_answers(database: &Database) -> Result<Vec<CannedAnswer>, SqlError> {
    let row = database.row(&CANNED_ANSWERS, &[]).await?;
    row.as_ref().map_or_else(|| Ok(Vec::new()), |row| from_json(row, "canned_answers"))
}

/// The settings; empty before the first change. Most pages need no canned answers, which are read by [`canned_answers`].
pub async fn get(database: &Database) -> Result<SettingsSnapshot, SqlError> {
    let row = database.row(&GET, &[]).await?;
    row.as_ref().map_or_else(|| Ok(SettingsSnapshot::default()), read)
}

/// The masking of customers; the strictest while a parked event may hold another one.
pub async fn customer_mask(database: &Database) -> Result<CustomerMask, SqlError> {
    if parked::may_lack::<AgentsProjection>(database, STREAM).await? {
        return Ok(CustomerMask::NumberOnly);
    }
    Ok(get(database).await?.customer_mask)
}
