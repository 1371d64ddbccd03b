//! The settings as they are shown.

use std::collections::BTreeMap;

use contract::events::agents::{AgentsEvent, Branding, CustomerMask, FieldRule, SignupField, Terms};
use contract::zone::Zone;
use event_store::projections::EventEnvelope;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::{from_json, to_json};
use crate::domain::settings;

/// The settings.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Settings")]
pub struct Settings {
    pub customer_interface_url: String,
    /// The optional fields of the signup form; what is absent is shown.
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
    pub branding: Branding,
    /// Whose pages may show the signup form in a frame.
    pub frame_origins: Vec<String>,
    /// What agents see of who their customers are.
    pub customer_mask: CustomerMask,
    /// The company's time zone, such as `Europe/Berlin`; empty is UTC.
    pub time_zone: String,
    pub version: u64,
}

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

impl Settings {
    /// The settings out of their history.
    pub fn of(settings: settings::Settings, version: u64) -> Self {
        Self {
            customer_interface_url: settings.customer_interface_url,
            signup_fields: settings.signup_fields,
            terms: settings.terms,
            branding: settings.branding,
            frame_origins: settings.frame_origins,
            customer_mask: settings.customer_mask,
            time_zone: settings.time_zone,
            version,
        }
    }

    /// The company's time zone.
    pub fn zone(&self) -> Result<Zone, SqlError> {
        Zone::named(&self.time_zone).ok_or_else(|| SqlError::Column { column: "time_zone".to_owned() })
    }

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
pub async fn get(database: &Database) -> Result<Settings, SqlError> {
    let row = database.row(&GET, &[]).await?;
    row.as_ref().map_or_else(|| Ok(Settings::default()), Settings::read)
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
