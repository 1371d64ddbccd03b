use contract::bank::PayoutBlockDays;
use contract::canned_answers::CannedAnswer;
use contract::events::agents::{Branding, CustomerMask, Terms};
use event_store::projections::parked;
use event_store::sql::{Database, Row, Sql, SqlError};

use crate::columns::{from_json, opt_from_json, read_word};
use crate::projection::AgentsProjection;
use crate::settings::model::STREAM;
use crate::settings::snapshot::SettingsSnapshot;

static GET: Sql = Sql::new(
    "SELECT version, customer_interface_url, signup_fields, terms_version, terms_text, branding_name, branding_colour,
         branding_logo, frame_origins, customer_mask, time_zone, hold_days, four_eyes,
         payout_account, unknown_bic, payout_block_days, statements, terms_language,
         terms_translations, new_agents, signup_challenge FROM settings WHERE id = 1",
);

static CANNED_ANSWERS: Sql = Sql::new("SELECT canned_answers FROM settings WHERE id = 1");
static BRAND: Sql = Sql::new(
    "SELECT branding_name, branding_colour, CASE WHEN branding_logo = '' THEN NULL ELSE version END AS logo_version
     FROM settings WHERE id = 1",
);
static LOGO: Sql = Sql::new("SELECT branding_logo FROM settings WHERE id = 1 AND version = $1");

/// What the pages need of the branding.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// Empty where the company has none.
    pub name: String,
    /// Empty where the company has none.
    pub colour: String,
    /// The version of the settings that the logo is from; none without a logo.
    pub logo_version: Option<u64>,
}

/// The branding, without the picture.
pub async fn brand(database: &Database) -> Result<Brand, SqlError> {
    let Some(row) = database.row(&BRAND, &[]).await? else { return Ok(Brand::default()) };
    Ok(Brand {
        name: row.text("branding_name")?,
        colour: row.text("branding_colour")?,
        logo_version: row.opt_count("logo_version")?,
    })
}

/// The logo in base64, if the settings still have this version.
pub async fn logo(database: &Database, version: u64) -> Result<Option<String>, SqlError> {
    let row = database.row(&LOGO, &[version.into()]).await?;
    row.map(|row| row.text("branding_logo")).transpose()
}

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
        signup_challenge: read_word(row.text("signup_challenge")?, "signup_challenge")?,
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
