//! The settings as they are shown.

use contract::events::agents::{AgentsEvent, Branding, Terms};
use event_store::projections::EventEnvelope;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};

use crate::columns::{from_json, to_json};
use crate::settings::snapshot::SettingsSnapshot;

static PUT: Sql = Sql::new(
    "INSERT INTO settings{shadow} (id, version, customer_interface_url, signup_fields, terms_version, terms_text, branding_name,
         branding_colour, branding_logo, frame_origins, customer_mask, time_zone)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version,
         customer_interface_url = excluded.customer_interface_url, signup_fields = excluded.signup_fields,
         terms_version = excluded.terms_version, terms_text = excluded.terms_text,
         branding_name = excluded.branding_name, branding_colour = excluded.branding_colour,
         branding_logo = excluded.branding_logo, frame_origins = excluded.frame_origins,
         customer_mask = excluded.customer_mask, time_zone = excluded.time_zone",
);
static GET: Sql = Sql::new(
    "SELECT version, customer_interface_url, signup_fields, terms_version, terms_text, branding_name, branding_colour,
         branding_logo, frame_origins, customer_mask, time_zone FROM settings WHERE id = 1",
);

impl SettingsSnapshot {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            customer_interface_url: row.text("customer_interface_url")?,
            signup_fields: from_json(row, "signup_fields")?,
            terms: Terms { version: row.text("terms_version")?, text: row.text("terms_text")? },
            branding: Branding {
                name: row.text("branding_name")?,
                colour: row.text("branding_colour")?,
                logo: row.text("branding_logo")?,
            },
            frame_origins: from_json(row, "frame_origins")?,
            customer_mask: from_json(row, "customer_mask")?,
            time_zone: row.text("time_zone")?,
            version: row.count("version")?,
        })
    }
}

/// The settings; empty before they were ever set.
pub async fn get(database: &Database) -> Result<SettingsSnapshot, SqlError> {
    let row = database.row(&GET, &[]).await?;
    row.as_ref().map_or_else(|| Ok(SettingsSnapshot::default()), SettingsSnapshot::read)
}

pub(super) async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    if let AgentsEvent::SettingsChanged(event) = &followed.event {
        let values = [
            followed.version.into(),
            Value::from(&event.customer_interface_url),
            to_json(&event.signup_fields)?.into(),
            Value::from(&event.terms.version),
            Value::from(&event.terms.text),
            Value::from(&event.branding.name),
            Value::from(&event.branding.colour),
            Value::from(&event.branding.logo),
            to_json(&event.frame_origins)?.into(),
            to_json(&event.customer_mask)?.into(),
            Value::from(&event.time_zone),
        ];
        tx.execute(&PUT, &values).await?;
    }
    Ok(())
}
